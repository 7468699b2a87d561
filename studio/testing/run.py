"""A finished run as a test looks at it: plain values, parsed from the history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from studio.asl.tree import Json
from studio.exec.events import Event, Texts, to_aws
from studio.exec.views.run import RunView, Visit, project

Taken = tuple[str, str, bool]
"""A transition that was taken: source, target, and whether a catcher led there."""


@dataclass(frozen=True, slots=True)
class State:
    """One stay in a state. `errors` holds the error name of each attempt that failed, `arguments` what the task was called with."""

    name: str
    type: str
    status: str
    """`succeeded`, `failed`, `caught`, `timed-out` or `stopped`."""
    input: Json
    output: Json
    error: str | None
    cause: str | None
    attempts: int
    errors: tuple[str, ...]
    arguments: Json
    result: Json
    """What the task returned, before the state made its output of it."""
    assigned: dict[str, Json]
    iteration: tuple[tuple[str, int], ...]
    """The iterations around it: `(("Each order", 2),)`."""

    @property
    def retries(self) -> int:
        """How often it was tried again."""
        return max(0, self.attempts - 1)


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has ended. Errors: AssertionError, with the run's story, for the output of a run that failed and for states that were
    not entered; the test that asked has its reason.
    """

    workflow: str
    status: str
    """`SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`."""
    error: str | None
    cause: str | None
    visits: tuple[State, ...]
    """Every stay in a state, in the order of entering; those of a Distributed Map's children after them."""
    path: list[str]
    """The states of the workflow itself, in the order of entering; those inside a Map or Parallel are in `entered`."""
    events: list[dict[str, Any]] = field(repr=False)
    """The history, as `GetExecutionHistory` gives it."""
    children: tuple[Run, ...] = ()
    """The executions that this one started: of its Distributed Maps, of nested workflows."""
    taken: frozenset[Taken] = frozenset()
    returned: Json = None
    names: frozenset[str] = frozenset()
    """The states that the definition has."""

    @property
    def output(self) -> Json:
        if self.status != "SUCCEEDED":
            raise AssertionError(f"The run has no output.\n{self}")
        return self.returned

    @property
    def entered(self) -> list[str]:
        """Every state that was entered, in order, inside Maps and Parallels too."""
        return [visit.name for visit in self.visits]

    @property
    def seconds(self) -> float:
        """How long the execution took in its own (virtual) time: waits and backoffs count in full."""
        return (self.events[-1]["timestamp"] - self.events[0]["timestamp"]).total_seconds()

    def state(self, name: str, index: int | None = None) -> State:
        """The only stay in a state, or the one at `index` (negative counts from the end)."""
        found = self.states(name)
        if not found:
            known = "" if name in self.names else " The workflow has no state of that name."
            raise AssertionError(f"The state '{name}' was not entered.{known}\n{self}")
        if index is None:
            if len(found) > 1:
                raise AssertionError(
                    f"The state '{name}' was entered {len(found)} times: say which, state({name!r}, 0), or take states({name!r}).\n{self}"
                )
            index = 0
        if not -len(found) <= index < len(found):
            raise AssertionError(f"The state '{name}' was entered {len(found)} times; there is no number {index}.\n{self}")
        return found[index]

    def states(self, name: str) -> list[State]:
        """Every stay in a state, in order."""
        return [visit for visit in self.visits if visit.name == name]

    def __str__(self) -> str:
        """The story of the run: how it ended, and each state with its attempts."""
        ended = self.status if self.status == "SUCCEEDED" else f"{self.status} {self.error or ''}: {self.cause or ''}".rstrip(": ")
        lines = [f"{self.workflow}: {ended}"]
        for visit in self.visits[:100]:
            where = "".join(f" [{name} {index}]" for name, index in visit.iteration)
            tried = f", {visit.attempts} attempts" if visit.attempts > 1 else ""
            failed = f": {', '.join(visit.errors) or visit.error}" if visit.error or visit.errors else ""
            lines.append(f"  {visit.name}{where}: {visit.status}{tried}{failed}")
        if len(self.visits) > 100:
            lines.append(f"  … and {len(self.visits) - 100} more")
        return "\n".join(lines)

    __repr__ = __str__


def finished(workflow: str, definition: Json, compact: Sequence[Event], children: Sequence[tuple[Run, bool]] = ()) -> Run:
    """A run out of its events. `children`: the executions it started, and whether they are a Distributed Map's."""
    public = [event for event in compact if event[0][0] != "_"]
    texts = Texts.of(public[0])
    events = [to_aws(number, event, texts) for number, event in enumerate(public, 1)]
    view = project(definition, events)
    stays = sorted((visit for state in view.states.values() for visit in state.visits), key=lambda visit: visit.entered_id)
    mapped = [child for child, own in children if own]
    return Run(
        workflow=workflow,
        status=view.status,
        error=view.error,
        cause=view.cause,
        visits=(*map(_state, stays), *(visit for child in mapped for visit in child.visits)),
        path=[visit.name for visit in stays if visit.owner is None],
        events=events,
        children=tuple(child for child, _ in children),
        taken=_taken(public, view) | {step for child in mapped for step in child.taken},
        returned=_json(view.output),
        names=frozenset(view.states) | {name for child in mapped for name in child.names},
    )


def _state(visit: Visit) -> State:
    return State(
        name=visit.name,
        type=visit.type,
        status=visit.status,
        input=_json(visit.input),
        output=_json(visit.output),
        error=visit.error,
        cause=visit.cause,
        attempts=max(1, len(visit.attempts)),
        errors=tuple(attempt.error for attempt in visit.attempts if attempt.error),
        arguments=_json(visit.parameters),
        result=_json(visit.result),
        assigned={name: _json(cast("str", text)) for name, text in visit.assigned.items()},
        iteration=visit.frame,
    )


def _json(text: str | None) -> Json:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:  # parameters of an activity or a Lambda function may be any text
        return text


def _taken(public: Sequence[Event], view: RunView) -> frozenset[Taken]:
    caught = {visit.exited_id: visit.status == "caught" for state in view.states.values() for visit in state.visits}
    return frozenset(
        (details["name"], details["_next"], caught.get(number, False))
        for number, (kind, _, _, _, details) in enumerate(public, 1)
        if kind.endswith("StateExited") and details and details.get("_next")
    )
