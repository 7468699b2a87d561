"""History events: compact while running and in the log, shaped as AWS's `GetExecutionHistory` when read.

A compact event is a tuple `(type, previous, time, frame, details)`; its id is its place in the history, from 1. `time` is in
seconds since the epoch, rounded to milliseconds; `frame` says which part of the run it belongs to (0 = the machine itself).
`details` holds AWS's members with payloads as values, not text, and members of ours that begin with `_` (what evolve needs to
rebuild a run from its log: the next state, the end of a backoff); those are never shown.

Spec: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

from studio.asl.tree import MISSING, Json
from studio.asl.values import to_aws_text

Details: TypeAlias = dict[str, Any]
Event: TypeAlias = tuple[str, int, float, int, Details | None]

_STATES = ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
_KEYS: dict[str, str] = {
    **{f"{kind}StateEntered": "stateEnteredEventDetails" for kind in _STATES},
    **{f"{kind}StateExited": "stateExitedEventDetails" for kind in _STATES if kind != "Fail"},
}
_PAYLOADS = frozenset({"input", "output", "parameters"})
_DETAILED = {"input": "inputDetails", "output": "outputDetails"}
"""Payload members that AWS accompanies with another."""

ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
"""The last event of an execution -> its status."""

# Events whose details member AWS leaves out when it would be empty.
BARE = frozenset(
    {
        "ParallelStateStarted",
        "ParallelStateSucceeded",
        "ParallelStateFailed",
        "ParallelStateAborted",
        "MapStateSucceeded",
        "MapStateFailed",
        "MapStateAborted",
        "TaskStateAborted",
        "WaitStateAborted",
        "LambdaFunctionStarted",
        "MapRunSucceeded",
        "MapRunAborted",
    }
)


def details_key(kind: str) -> str:
    """The member that holds an event's details: `TaskFailed` -> `taskFailedEventDetails`."""
    found = _KEYS.get(kind)
    if found is None:
        found = _KEYS[kind] = f"{kind[:1].lower()}{kind[1:]}EventDetails"
    return found


def details_of(event: dict[str, Any]) -> dict[str, Any]:
    """The one member of an event that holds its details; empty for a type without any."""
    found = event.get(details_key(event.get("type", "")))
    if found is None:
        found = next((value for key, value in event.items() if key.endswith("EventDetails")), None)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


@functools.lru_cache(maxsize=256)
def moment(time: float) -> datetime:
    """Seconds since the epoch as AWS's SDK tells them; the events of a batch often share one."""
    return datetime.fromtimestamp(time, UTC)


class Texts:
    """How payloads are printed: as AWS does, the execution's input in the caller's own spelling wherever it is passed on untouched
    (`[1, 2]` keeps its blank). Texts are kept, for values are shared between events.
    """

    __slots__ = ("_input", "_known", "_text")

    def __init__(self, value: Json = None, text: str | None = None) -> None:
        own = text is not None and isinstance(value, dict | list) and text != to_aws_text(value)
        self._input: Json = value if own else MISSING  # type: ignore[assignment]
        self._text = text if own else None
        self._known: dict[int, tuple[Any, str]] = {}

    @classmethod
    def of(cls, first: Event) -> Texts:
        """The texts of a history, given its first event."""
        details = first[4] or {}
        return cls(details.get("input"), details.get("_text"))

    def __call__(self, value: Json) -> str:
        if not isinstance(value, dict | list):
            return to_aws_text(value)
        known = self._known.get(id(value))
        if known is None:
            if len(self._known) >= 4096:
                self._known.clear()
            text = to_aws_text(value) if self._text is None else self._spelled(value)
            known = self._known[id(value)] = (value, text)
        return known[1]

    def _spelled(self, value: Json) -> str:
        if value is self._input:
            assert self._text is not None
            return self._text
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if not any(isinstance(each, dict | list) for each in inside):
            return to_aws_text(value)  # the input is a container: it cannot be in there
        if isinstance(value, list):
            return f"[{','.join(map(self._spelled, value))}]"
        if isinstance(value, dict):
            return f"{{{','.join(f'{to_aws_text(k)}:{self._spelled(v)}' for k, v in value.items())}}}"
        return to_aws_text(value)


def to_aws(number: int, event: Event, texts: Callable[[Json], str] = to_aws_text, *, include_data: bool = True) -> dict[str, Any]:
    """One event as boto3 returns it. Without `include_data` payloads stay away, as with `includeExecutionData=False`."""
    kind, previous, time, _, details = event
    shown: dict[str, Any] = {
        "timestamp": moment(time),
        "type": kind,
        "id": number,
        "previousEventId": previous,
    }
    if kind in BARE and not details:
        return shown
    inner: dict[str, Any] = {}
    for member, value in (details or {}).items():
        if member in _PAYLOADS:
            if not include_data:
                continue
            inner[member] = texts(value)
            if (detailed := _DETAILED.get(member)) is not None:
                inner[detailed] = {"truncated": False}
        elif member[0] != "_":
            inner[member] = value
    if inner or kind not in BARE:
        shown[details_key(kind)] = inner
    return shown
