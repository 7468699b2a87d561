"""What a visit of a state leads to: the Map Run of a Distributed Map, the execution that a nested task started, the logs of the Lambda
functions it called. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from studio.exec.events import details_of
from studio.exec.views.run import Visit


class Link(NamedTuple):
    """`what`: `Map Run` or `Execution it started`; `state`: the one that did."""

    what: str
    arn: str
    state: str


def links_of(visit: Visit, events: Sequence[dict[str, Any]]) -> list[Link]:
    """What the visit led to, in the order it came; `events` is the whole history."""
    return links_in(events[number - 1] for number in visit.events if 0 < number <= len(events))


def links_in(events: Iterable[dict[str, Any]]) -> list[Link]:
    """The same of a history from its start, or of one visit's events."""
    found: dict[str, Link] = {}
    states: dict[int, str] = {}
    for event in events:
        kind, details = str(event.get("type", "")), details_of(event)
        entered: Any = details.get("name") if kind.endswith("StateEntered") else None
        state = states[event.get("id", 0)] = str(entered or states.get(event.get("previousEventId", 0), ""))
        if kind == "MapRunStarted":
            found.setdefault(details["mapRunArn"], Link("Map Run", details["mapRunArn"], state))
        elif kind in {"TaskSubmitted", "TaskSucceeded"} and _starts(details) and (arn := _execution(details.get("output"))):
            found.setdefault(arn, Link("Execution it started", arn, state))
    return list(found.values())


def _starts(details: dict[str, Any]) -> bool:
    """Whether a task's answer is that of a started execution."""
    kind = details.get("resourceType")
    return kind == "states" or (
        kind == "aws-sdk:sfn" and str(details.get("resource", "")).startswith(("startExecution", "startSyncExecution"))
    )


def _execution(output: str | None) -> str | None:
    try:
        value: Any = json.loads(output or "null")
    except ValueError:
        return None
    arn: Any = cast("dict[str, Any]", value).get("ExecutionArn") if isinstance(value, dict) else None
    return arn if isinstance(arn, str) else None


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a Lambda function: by which attempt, of which function, and the id of its request where the history tells it."""

    attempt: int
    function: str
    request: str | None = None


_REQUEST = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
_SCHEDULED = {"TaskScheduled", "LambdaFunctionScheduled"}


def calls_of(visit: Visit, events: Sequence[dict[str, Any]]) -> list[Call]:
    """The calls of Lambda functions in a visit, an attempt each."""
    found: list[Call] = []
    attempt = 0
    for number in visit.events:
        event = events[number - 1] if 0 < number <= len(events) else {}
        kind = str(event.get("type", ""))
        details = details_of(event)
        if kind in _SCHEDULED:
            attempt += 1
            name = _function(kind, details)
            if name:
                found.append(Call(attempt, name))
        elif found and found[-1].attempt == attempt and found[-1].request is None:
            if kind == "TaskSucceeded":
                request = _member(_member(_read(details.get("output")), "SdkResponseMetadata"), "RequestId")
            else:
                cause = _REQUEST.search(str(details.get("cause") or "")) if kind.endswith("Failed") else None
                request = cause[0] if cause else None
            if isinstance(request, str):
                found[-1] = Call(attempt, found[-1].function, request)
    return found


def _function(kind: str, details: dict[str, Any]) -> str | None:
    """The name of the function that a scheduled task calls; None where it calls none."""
    if kind == "LambdaFunctionScheduled":
        named: Any = details.get("resource")
    elif details.get("resourceType") == "lambda":
        named = _member(_read(details.get("parameters")), "FunctionName")
    else:
        return None
    if not isinstance(named, str) or not named:
        return None
    return (named.split(":function:")[-1] if ":function:" in named else named).split(":")[0]


def _member(value: Any, name: str) -> Any:
    return cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else None


def _read(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
