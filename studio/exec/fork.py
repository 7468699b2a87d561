"""Run from here: where a new run begins inside the history of another one. Pure.

Theory of operation: the new run's log begins with a copy of all events before the chosen state was entered; their times are moved so
that the last of them happens now. `_Forked`, an event of ours, follows: what else was under way (branches, iterations) begins its state
anew, as after a redrive, and the chosen state may get another input.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from studio.asl.tree import Pointer
from studio.errors import ServiceError
from studio.exec.events import Event
from studio.exec.machine import Machine, Scope

FORKED = "_Forked"


def beginning(events: list[Event], entered: int) -> tuple[list[Event], Event]:
    """The events before the public event `entered` (an id from 1), and that event. ServiceError where it enters no state."""
    number = 0
    for index, event in enumerate(events):
        if event[0][0] == "_":
            continue
        number += 1
        if number == entered:
            if not event[0].endswith("StateEntered"):
                break
            return [e for e in events[:index] if e[0] not in {"_Held", "_Released"} or (e[4] or {}).get("_input") is not None], event
    raise ServiceError(
        "InvalidEvent", f"The event {entered} of the history does not enter a state: choose one whose type ends with StateEntered."
    )


def last_entry(events: list[Event], state: str) -> int:
    """The id of the event that entered a state last. ServiceError where none did."""
    found = number = 0
    for kind, _, _, _, details in events:
        if kind[0] == "_":
            continue
        number += 1
        if kind.endswith("StateEntered") and (details or {}).get("name") == state:
            found = number
    if not found:
        raise ServiceError("InvalidEvent", f"The run never entered the state '{state}'.")
    return found


def shifted(events: list[Event], now: float) -> list[Event]:
    """The events with their times moved: the last happens `now`. Instants that details hold (the end of a wait) move along."""
    by = now - events[-1][2]
    return [(kind, previous, round(time + by, 3), frame, _later(details, by)) for kind, previous, time, frame, details in events]


def _later(details: dict[str, Any] | None, by: float) -> dict[str, Any] | None:
    if not details or not ("_until" in details or details.get("_retry")):
        return details
    moved = dict(details)
    if "_until" in moved:
        moved["_until"] += by
    if moved.get("_retry"):
        moved["_retry"] = [moved["_retry"][0], moved["_retry"][1] + by]
    return moved


def misfit(old: Machine, new: Machine, events: list[Event]) -> str | None:
    """Why a changed definition cannot take over the events; None where it can."""
    before, after = states(old.scope), states(new.scope)
    for kind, _, _, _, details in events:
        name = (details or {}).get("name")
        if not kind.endswith("StateEntered") or not isinstance(name, str):
            continue
        if name not in after or after[name].place != before[name].place:
            return f"The run went through the state '{name}', which the definition does not have there any more"
        if after[name] != before[name]:
            return f"The run went through '{name}', which is another kind of state now, or has other branches"
    return None


class _Kind(NamedTuple):
    place: Pointer
    type: str
    branches: int
    distributed: bool


def states(scope: Scope) -> dict[str, _Kind]:
    """What a log's frames need to know of each state, by name."""
    found: dict[str, _Kind] = {}
    for name, state in scope.states.items():
        found[name] = _Kind(scope.pointer, state.type, len(state.branches), state.distributed)
        for branch in state.branches:
            found |= states(branch)
    return found


class Plan(NamedTuple):
    """What *run from here* will do: `reused` are the names of the states whose results are kept, `again` of those that begin anew."""

    state: str
    reused: tuple[str, ...]
    again: tuple[str, ...]

    def __str__(self) -> str:
        kept = f"Reuses the results of {len(self.reused)} state{'s' * (len(self.reused) != 1)}" if self.reused else "Reuses no results"
        beside = f"; {', '.join(self.again)} {'begins' if len(self.again) == 1 else 'begin'} again beside it" if self.again else ""
        return f"{kept}, runs {self.state} and everything after it{beside}."


def plan(events: list[Event], entered: int) -> Plan:
    """What a run from the event `entered` would reuse and do again."""
    prefix, target = beginning(events, entered)
    open_, left = dict[int, str](), dict[str, None]()
    for kind, _, _, frame, details in prefix:
        name = (details or {}).get("name")
        if kind.endswith("StateEntered"):
            open_[frame] = str(name)
        elif kind.endswith("StateExited"):
            left[str(name)] = None
            open_.pop(frame, None)
    around = {e[3] for e in prefix if e[0] in {"ParallelStateStarted", "MapStateStarted"}}
    state = str((target[4] or {})["name"])
    again = [name for frame, name in sorted(open_.items()) if frame not in around and frame != target[3]]
    return Plan(state, tuple(left), tuple(dict.fromkeys(again)))
