"""Mocked answers as a test writes them, turned into Step Functions Local's configuration.

{"Pay": {"paid": True}}                              every invocation returns this
{"Pay": fails("Busy", "try later")}                  every invocation fails
{"Pay": answers(fails("Busy"), {"paid": True})}      one after the other; there is no answer for a third

Errors: StudioError for an answer that is not JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.asl.values import Failure
from studio.errors import StudioError
from studio.exec.performers.mock import Mocks

_ALWAYS = "0-999999999"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the invocations of a state answer, in the order of the invocations of one execution."""

    each: tuple[Any, ...]


def answers(*each: Any) -> Answers:
    """One answer per invocation: results, or `fails(…)`."""
    return Answers(each)


def fails(error: str, cause: str = "") -> Failure:
    """A task that fails with this error name, as `Throw` of a mocks file."""
    return Failure(error, cause)


def overlaid(base: Mocks | None, given: Mapping[str, Any], machine: str) -> Mocks:
    """The mocks of a case with those of a test in their place. Errors: StudioError for a result that is not JSON."""
    case = base.case if base is not None else ""
    config: dict[str, Any] = json.loads(json.dumps(base.config)) if base is not None else {}
    machine = base.machine if base is not None and base.machine else machine
    case = case or "Test"
    chosen: dict[str, str] = config.setdefault("StateMachines", {}).setdefault(machine, {}).setdefault("TestCases", {}).setdefault(case, {})
    responses: dict[str, Any] = config.setdefault("MockedResponses", {})
    for state, answer in given.items():
        name = f"{state} (in the test)"
        chosen[state] = name
        responses[name] = (
            {str(i): _written(state, one) for i, one in enumerate(answer.each)}
            if isinstance(answer, Answers)
            else {_ALWAYS: _written(state, answer)}
        )
    return Mocks.load(config, machine=machine, case=case)


def _written(state: str, answer: Any) -> dict[str, Any]:
    match answer:
        case Failure():
            return {"Throw": {"Error": answer.error, "Cause": answer.cause}}
        case Answers():
            raise StudioError(f"The mock of '{state}' has answers(…) inside answers(…).")
        case _:
            try:
                json.dumps(answer, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise StudioError(
                    f"The mock of the state '{state}' is not JSON: {error}.", "Give a dict, list, str, number, bool or None."
                ) from error
            return {"Return": answer}
