"""History events: compact while running and in the log, shaped as AWS's `GetExecutionHistory` when read.

A compact event is a tuple `(type, previous, time, frame, details)`; its id is its place in the history, from 1. `time` is in
seconds since the epoch, rounded to milliseconds; `frame` says which part of the run it belongs to (0 = the machine itself).
`details` holds AWS's members with payloads as values, not text, and members of ours that begin with `_` (what evolve needs to
rebuild a run from its log: the next state, the end of a backoff); those are never shown.

Spec: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeAlias

from studio.asl.tree import Json
from studio.asl.values import to_aws_text

Details: TypeAlias = dict[str, Any]
Event: TypeAlias = tuple[str, int, float, int, Details | None]

_STATES = ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
_KEYS: dict[str, str] = {
    **{f"{kind}StateEntered": "stateEnteredEventDetails" for kind in _STATES},
    **{f"{kind}StateExited": "stateExitedEventDetails" for kind in _STATES if kind != "Fail"},
}
_PAYLOADS = frozenset({"input", "output", "parameters"})
_DETAILED = frozenset({"input", "output"})
"""Payload members that AWS accompanies with `inputDetails`/`outputDetails`."""

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


def text_of(value: Json) -> str:
    """A payload as AWS prints it into a history."""
    return to_aws_text(value)


class Raw(str):
    """A payload that is already text: shown as it is (the input as the caller wrote it)."""

    __slots__ = ()


def to_aws(number: int, event: Event, *, include_data: bool = True) -> dict[str, Any]:
    """One event as boto3 returns it. Without `include_data` payloads stay away, as with `includeExecutionData=False`."""
    kind, previous, time, _, details = event
    shown: dict[str, Any] = {
        "timestamp": datetime.fromtimestamp(time, UTC),
        "type": kind,
        "id": number,
        "previousEventId": previous,
    }
    if kind in BARE and not details:
        return shown
    inner: dict[str, Any] = {}
    for member, value in (details or {}).items():
        if member.startswith("_") and member != "_text":
            continue
        if member in _PAYLOADS:
            if not include_data:
                continue
            raw = (details or {}).get("_text")
            inner[member] = raw if raw is not None else value if kind.startswith("Activity") and isinstance(value, Raw) else text_of(value)
            if member in _DETAILED:
                inner[f"{member}Details"] = {"truncated": False}
        elif member != "_text":
            inner[member] = value
    if inner or kind not in BARE:
        shown[details_key(kind)] = inner
    return shown
