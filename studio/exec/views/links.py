"""What a visit of a state leads to: the Map Run of a Distributed Map, the execution that a nested task started. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from studio.exec.views.run import Visit


def links_of(visit: Visit, events: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """`(what it is, ARN)`, in the order they came; `events` is the whole history."""
    found: dict[str, str] = {}
    for number in visit.events:
        event = events[number - 1] if 0 < number <= len(events) else {}
        match event.get("type"):
            case "MapRunStarted":
                found[event["mapRunStartedEventDetails"]["mapRunArn"]] = "Map Run"
            case "TaskSubmitted" | "TaskSucceeded":
                details = event.get(f"{event['type'][:1].lower()}{event['type'][1:]}EventDetails", {})
                if details.get("resourceType") == "states" and (arn := _execution(details.get("output"))):
                    found[arn] = "Execution it started"
            case _:
                pass
    return [(what, arn) for arn, what in found.items()]


def _execution(output: str | None) -> str | None:
    try:
        value: Any = json.loads(output or "null")
    except ValueError:
        return None
    arn: Any = cast("dict[str, Any]", value).get("ExecutionArn") if isinstance(value, dict) else None
    return arn if isinstance(arn, str) else None
