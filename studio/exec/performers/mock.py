"""Mocked task results, in AWS Step Functions Local's `MockConfigFile.json` format.

    {"StateMachines": {NAME: {"TestCases": {CASE: {STATE: RESPONSE}}}},
     "MockedResponses": {RESPONSE: {"0": {"Return": …}, "1-2": {"Throw": {"Error": …, "Cause": …}}}}}

Ordinals count the state's tasks in an execution in the order they are scheduled, from 0.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from studio.asl.tree import Json
from studio.asl.values import Failure
from studio.errors import StudioError

_LIKE_THIS = (
    'For example {"StateMachines": {"order": {"TestCases": {"Happy": {"Charge": "charged"}}}}, '
    '"MockedResponses": {"charged": {"0": {"Return": {}}}}}.'
)
_RANGE = r"(\d+)(?:-(\d+))?"


class MockError(StudioError):
    """A mocks file that cannot be used."""


class Returned(NamedTuple):
    value: Json


Answer = Returned | Failure


class Response(NamedTuple):
    """One mocked response: what each range of ordinals answers."""

    name: str
    ranges: tuple[tuple[int, int, Answer], ...]

    def at(self, ordinal: int) -> Answer | None:
        return next((answer for low, high, answer in self.ranges if low <= ordinal <= high), None)


class Mocks(NamedTuple):
    """The responses of one test case by state name. `everything` holds all cases of the file."""

    everything: Mapping[str, Mapping[str, Mapping[str, Response]]]
    machine: str = ""
    case: str = ""
    config: Json = None
    """The file's content, kept with a run so that it goes on after a restart with the same answers."""

    @staticmethod
    def load(config: Json, *, machine: str | None = None, case: str | None = None) -> Mocks:
        """Read a mock configuration. MockError says what is wrong and where. Without `machine` the first is taken, without
        `case` the case `Happy`, else the first.
        """
        if not isinstance(config, dict):
            raise MockError("A mocks file holds an object with 'StateMachines' and 'MockedResponses'.")
        responses = {name: _response(name, raw) for name, raw in _object(config, "MockedResponses", "the mocks file").items()}
        everything: dict[str, dict[str, dict[str, Response]]] = {}
        for name, machine_config in _object(config, "StateMachines", "the mocks file", needed=True).items():
            cases = _object(machine_config, "TestCases", f"StateMachines/{name}", needed=True)
            everything[name] = {}
            for title in cases:
                everything[name][title] = {}
                for state, response in _object(cases, title, f"StateMachines/{name}/TestCases").items():
                    if not isinstance(response, str) or response not in responses:
                        raise MockError(
                            f"StateMachines/{name}/TestCases/{title}/{state} names the response {response!r}, which 'MockedResponses' does not have.",
                            hint=f'Add MockedResponses/{response}, for example {{"0": {{"Return": {{}}}}}}.',
                        )
                    everything[name][title][state] = responses[response]
        mocks = Mocks(everything, config=config)
        return mocks.choose(machine, case)

    def choose(self, machine: str | None = None, case: str | None = None) -> Mocks:
        """The same file with another test case. MockError where there is none of that name."""
        if machine is None or machine not in self.everything:
            machine = self.machine or next(iter(self.everything), "")
        cases = self.everything.get(machine, {})
        if case is None:
            case = "Happy" if "Happy" in cases else next(iter(cases), "")
        elif case not in cases:
            known = ", ".join(cases) or "none"
            raise MockError(f"The mocks file has no test case '{case}' for '{machine}'.", hint=f"It has: {known}.")
        return Mocks(self.everything, machine, case, self.config)

    def cases(self) -> list[str]:
        return list(self.everything.get(self.machine, {}))

    def states(self) -> list[str]:
        """The states the chosen case mocks."""
        return list(self.everything.get(self.machine, {}).get(self.case, {}))

    def answer(self, state: str, ordinal: int) -> Answer | None:
        """What the state's task number `ordinal` answers; None where the case does not mock the state. A mocked state without
        an answer for this ordinal fails, so that a wrong count is seen.
        """
        response = self.everything.get(self.machine, {}).get(self.case, {}).get(state)
        if response is None:
            return None
        found = response.at(ordinal)
        if found is not None:
            return found
        last = max((high for _, high, _ in response.ranges), default=-1)
        return Failure(
            "Studio.NoMock",
            f"The mocked response '{response.name}' of the state '{state}' has no answer for invocation {ordinal}: its last is {last}. "
            f'Add "{ordinal}" to MockedResponses/{response.name}.',
        )


def no_mock(state: str, resource: str, instead: str | None = None) -> Failure:
    """The failure of a task that nothing answers, and how to answer it; `instead`: what to do rather than mock it."""
    instead = instead or "For a Lambda function write functions/NAME.py with handler(event, context) instead."
    return Failure(
        "Studio.NoMock",
        f"The task '{state}' ({resource}) has no mock and nothing on this machine answers it. Add to the workflow's mocks file, under "
        f'StateMachines/<name>/TestCases/<case>: "{state}": "{state} result", and under MockedResponses: '
        f'"{state} result": {{"0": {{"Return": {{}}}}}}. {instead}',
    )


def _object(config: Any, key: str, where: str, *, needed: bool = False) -> dict[str, Any]:
    """A member that is an object; where it is `needed`, whoever says anything says that, too."""
    if needed and config and isinstance(config, dict) and key not in config:
        there = ", ".join(map(repr, list(config)[:5]))  # type: ignore[arg-type]
        raise MockError(f"There is no '{key}' in {where}, but {there}.", hint=_LIKE_THIS)
    found = config.get(key, {}) if isinstance(config, dict) else None  # type: ignore[union-attr]
    if not isinstance(found, dict):
        raise MockError(f"'{key}' in {where} must be an object.")
    return found  # type: ignore[return-value]


def _response(name: str, raw: Any) -> Response:
    answers: dict[str, Any] | None = raw if isinstance(raw, dict) else None  # type: ignore[assignment]
    if answers is None:
        raise MockError(f"MockedResponses/{name} must map ordinals to answers.", hint='For example {"0": {"Return": {}}}.')
    ranges: list[tuple[int, int, Answer]] = []
    for key, answer in answers.items():
        found = re.fullmatch(_RANGE, key)
        if not found:
            raise MockError(f"MockedResponses/{name}/{key} is not an ordinal.", hint='Write "0" or a range "1-3".')
        low = int(found[1])
        ranges.append((low, int(found[2] or low), _answer(f"MockedResponses/{name}/{key}", answer)))
    return Response(name, tuple(ranges))


def _answer(where: str, raw: Any) -> Answer:
    match raw:
        case {"Return": value}:
            return Returned(value)
        case {"Throw": {"Error": str(error), **rest}}:
            return Failure(error, str(rest.get("Cause", "")))
        case _:
            raise MockError(f'{where} must be {{"Return": …}} or {{"Throw": {{"Error": …, "Cause": …}}}}.')
