"""A run as one JSON value, to be kept, sent and looked at elsewhere: taken from any Step Functions, put into a local event log.

    {"format": "asl-studio/run/1", "execution": DescribeExecution's answer, "definition": "…", "events": [GetExecutionHistory's events]}

Times are ISO 8601 texts. A run that was put into a log is looked at, compared and searched like one of the workspace; it is never
moved on, for its history lacks what the engine keeps for that.

Errors: StudioError where a value is no exported run; ServiceError of whom is asked.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast

from studio.asl.tree import Json
from studio.asl.values import to_aws_text
from studio.errors import StudioError
from studio.exec.events import ENDS, Event
from studio.exec.service import StepFunctions
from studio.store.eventlog import EventLog, Row

FORMAT = "asl-studio/run/1"
PAGE = 1000
"""Events asked for at once: AWS's most."""
_PAYLOADS = ("input", "output", "parameters")


async def whole_history(service: StepFunctions, arn: str, *, include_data: bool = True) -> list[dict[str, Any]]:
    """Every event of an execution, as boto3 returns them."""
    events: list[dict[str, Any]] = []
    token: dict[str, Any] = {}
    while True:
        answer = await service.get_execution_history(executionArn=arn, maxResults=PAGE, includeExecutionData=include_data, **token)
        events += answer["events"]
        if not answer.get("nextToken"):
            return events
        token = {"nextToken": answer["nextToken"]}


async def export(service: StepFunctions, arn: str) -> dict[str, Any]:
    """The exported run of an execution; of an Express one on AWS what its logs hold (`exec.express_logs`)."""
    described = await service.describe_execution(executionArn=arn)
    machine = await service.describe_state_machine_for_execution(executionArn=arn)
    return {
        "format": FORMAT,
        "execution": jsonable({name: value for name, value in described.items() if name != "imported"}),
        "definition": machine["definition"],
        "events": jsonable(await whole_history(service, arn)),
    }


def jsonable(value: Any) -> Any:
    """A boto3 answer as JSON: its times as ISO 8601 texts in UTC."""
    match value:
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case dict():
            return {str(k): jsonable(v) for k, v in cast("dict[Any, Any]", value).items()}
        case list():
            return [jsonable(v) for v in cast("list[Any]", value)]
        case _:
            return value


def is_exported(value: Any) -> bool:
    return isinstance(value, dict) and str(cast("dict[str, Any]", value).get("format", "")).startswith("asl-studio/run/")


def check(run: dict[str, Any]) -> None:
    """StudioError where an exported run lacks what it must have."""
    if run.get("format") != FORMAT:
        raise StudioError(f"This run was exported in the form {run.get('format')!r}; this studio reads {FORMAT!r}.", "Use a newer studio.")
    execution: Any = run.get("execution")
    events: Any = run.get("events")
    if not isinstance(execution, dict) or not isinstance(run.get("definition"), str) or not isinstance(events, list) or not events:
        raise StudioError("An exported run has an 'execution', a 'definition' (text) and 'events'.", "Export it anew.")
    told = cast("dict[str, Any]", execution)
    missing = [name for name in ("executionArn", "stateMachineArn", "name", "status", "startDate") if not told.get(name)]
    if missing:
        raise StudioError(f"The exported run's 'execution' has no {', '.join(missing)}.", "Export it anew.")
    for event in cast("list[Any]", events):
        if not isinstance(event, dict) or not {"id", "type", "timestamp"} <= cast("dict[str, Any]", event).keys():
            raise StudioError(
                f"An event of the exported run has no id, type or timestamp: {str(cast('object', event))[:120]}", "Export it anew."
            )


def keep(log: EventLog, run: dict[str, Any], *, workflow: str | None = None, source: str = "") -> bool:
    """Put an exported run into a log; False where an execution of that ARN is there already. `workflow`: the file of the workspace
    it belongs to; `source`: where it came from. Errors: StudioError for a run that has not ended.
    """
    check(run)
    execution: dict[str, Any] = run["execution"]
    arn, status = execution["executionArn"], execution["status"]
    if log.get(arn) is not None:
        return False
    events = _events(run["events"])
    if status not in ENDS.values() or events[-1][0] not in ENDS:
        raise StudioError(f"The execution {execution['name']} has not ended ({status}).", "Import it when it has.")
    origin = {name: execution[name] for name in ("parent", "begun") if name in execution}
    row = Row(
        arn=arn,
        name=execution["name"],
        machine=execution["stateMachineArn"],
        kind="EXPRESS" if ":express:" in arn else "STANDARD",
        status="RUNNING",
        started=_seconds(execution["startDate"]),
        definition=run["definition"],
        input=execution.get("input") or "{}",
        meta={"workflow": workflow, "imported": source or arn, "redrives": execution.get("redriveCount", 0), **origin},
        events=max(1, len(events) - 1),
    )
    end = {"status": status, "ended": _seconds(execution.get("stopDate") or run["events"][-1]["timestamp"])}
    end |= {name: execution.get(name) for name in ("output", "error", "cause")}
    log.create(row, events[:-1])
    log.append(arn, 1, len(events), len(events), events[-1:], end)
    return True


def _events(events: list[dict[str, Any]]) -> list[Event]:
    """Compact events of AWS-shaped ones; equal payloads are one value, so that the log holds them once."""
    values: dict[str, Json] = {}
    return [_event(event, values) for event in sorted(events, key=lambda event: event["id"])]


def _event(event: dict[str, Any], values: dict[str, Json]) -> Event:
    details: dict[str, Any] = {}
    for key, value in event.items():
        if key.endswith("EventDetails") and isinstance(value, dict):
            details = {k: v for k, v in cast("dict[str, Any]", value).items() if k not in {"inputDetails", "outputDetails"}}
            break
    for name in _PAYLOADS:
        text = details.get(name)
        if isinstance(text, str):
            if text not in values:
                values[text] = _value(text)
            details[name] = values[text]
            if event["type"] == "ExecutionStarted" and name == "input" and text != to_aws_text(values[text]):
                details["_text"] = text
    return event["type"], int(event.get("previousEventId", 0)), _seconds(event["timestamp"]), 0, details or None


def _value(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # truncated by AWS (`inputDetails.truncated`), or no JSON: kept as the text it is
        return text


def _seconds(value: Any) -> float:
    try:
        if isinstance(value, datetime):
            return value.timestamp()
        return float(value) if isinstance(value, int | float) else datetime.fromisoformat(str(value)).timestamp()
    except ValueError as error:
        raise StudioError(f"The exported run has a time that is none: {str(value)[:60]!r}.", "Export it anew.") from error
