"""Express executions on AWS: Step Functions keeps nothing of them, their history is in the log group of the state machine.

Every event is a log entry, a JSON object in which all numbers are texts:

    {"id": "2", "type": "PassStateEntered", "details": {"input": "{}", "inputDetails": {"truncated": "false"}, "name": "A"},
     "previous_event_id": "0", "event_timestamp": "1721188274143", "execution_arn": "arn:…:express:…", "redrive_count": "0"}

`event_of` makes GetExecutionHistory's event of it. Entries come late and in any order, and of a logging level below ALL some never
come: `in_order` puts them in order, numbered without gaps, as the views expect a history.

Errors: ServiceError `LoggingOff` (with what to switch on), `ExecutionDoesNotExist` where the log group has nothing of the execution.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from studio.errors import ServiceError
from studio.exec.events import ENDS, details_key

_NUMBERS = frozenset({"index", "length", "timeoutInSeconds", "heartbeatInSeconds", "redriveCount"})
WINDOWS = (3 * 3600, 14 * 86400, None)
"""Seconds back from now that are searched for an execution, one after the other; None: all there is. An Express execution lasts five
minutes at most, and who looks at one mostly looks at a recent one."""
LISTED = 3 * 3600
"""Seconds back from now in which executions are listed, as AWS's console does at first: logs are paid for by what is read."""
PAGES = 200
"""Pages of a search; a log group with more in the window is told."""


class Logs(Protocol):
    async def filter_log_events(self, **request: Any) -> dict[str, Any]: ...


def event_of(message: str) -> dict[str, Any] | None:
    """A log entry as GetExecutionHistory's event, with `_arn` (the execution's); None for an entry that is none of ours."""
    try:
        entry: Any = json.loads(message)
        told = cast("dict[str, Any]", entry)
        event: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(int(told["event_timestamp"]) / 1000, UTC),
            "type": str(told["type"]),
            "id": int(told["id"]),
            "previousEventId": int(told.get("previous_event_id") or 0),
            "_arn": str(told["execution_arn"]),
        }
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    inner: Any = told.get("details")
    if isinstance(inner, dict):
        event[details_key(event["type"])] = {name: _typed(name, value) for name, value in cast("dict[str, Any]", inner).items()}
    return event


def _typed(name: str, value: Any) -> Any:
    """A member of the details with the type that the API gives it."""
    if name in _NUMBERS and isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    if name in {"inputDetails", "outputDetails"} and isinstance(value, dict):
        told = cast("dict[str, Any]", value)
        return {**told, "truncated": str(told.get("truncated", "")).lower() == "true"}
    return cast("Any", value)


def in_order(events: Iterable[dict[str, Any]], *, settled: bool) -> list[dict[str, Any]]:
    """A history of events in any order, some perhaps twice. What comes after a gap waits for what is missing, unless the logs are
    `settled`: then nothing more comes, and the events are numbered anew without the gaps.
    """
    known = {event["id"]: event for event in events}
    ordered = [known[number] for number in sorted(known)]
    if not settled:
        return [event for place, event in enumerate(ordered, 1) if event["id"] == place]
    places: dict[int, int] = {}
    made: list[dict[str, Any]] = []
    for place, event in enumerate(ordered, 1):
        places[event["id"]] = place
        before = event["previousEventId"]
        nearest = places.get(before) if before in places else max((p for number, p in places.items() if number < before), default=0)
        made.append({**event, "id": place, "previousEventId": nearest or 0})
    return made


class ExpressLogs:
    """The executions of Express state machines, out of the logs. `describe` is DescribeStateMachine, `now` the time in seconds."""

    def __init__(self, describe: Callable[..., Awaitable[dict[str, Any]]], logs: Logs, now: Callable[[], float]) -> None:
        self._describe, self._logs, self._now = describe, logs, now
        self._seen: dict[str, int] = {}
        """How many events the last look at an execution found: logs that did not grow are settled."""

    async def machine(self, arn: str) -> dict[str, Any]:
        """DescribeStateMachine's answer for the state machine of an execution, as it is now."""
        return await self._describe(stateMachineArn=machine_of(arn))

    async def history(self, arn: str) -> list[dict[str, Any]]:
        """The events so far."""
        machine = await self.machine(arn)
        level = str(machine.get("loggingConfiguration", {}).get("level", "OFF"))
        group = _group(machine)
        found: list[dict[str, Any]] = []
        for window in WINDOWS:
            found = [event for event in await self._search(group, f'{{ $.execution_arn = "{arn}" }}', window) if event["_arn"] == arn]
            if any(event["id"] == 1 for event in found) or (found and level != "ALL"):
                break
        if not found:
            raise ServiceError(
                "ExecutionDoesNotExist",
                f"The log group {group} has no event of this execution{'' if level == 'ALL' else f': its logging level is {level}, which leaves out what went well'}.",
            )
        count = len({event["id"] for event in found})
        settled = level != "ALL" or (self._seen.get(arn) == count and any(event["type"] in ENDS for event in found))
        whole = count == max(event["id"] for event in found)
        self._seen[arn] = count
        return [{k: v for k, v in event.items() if k != "_arn"} for event in in_order(found, settled=settled or whole)]

    async def describe(self, arn: str) -> dict[str, Any]:
        """What DescribeExecution would say, as far as the logs say it."""
        return described(arn, await self.history(arn))

    async def executions(self, machine_arn: str, status: str = "", limit: int = 200) -> list[dict[str, Any]]:
        """The executions that began in the last hours, newest first."""
        machine = await self._describe(stateMachineArn=machine_arn)
        names = ("ExecutionStarted", *ENDS)
        pattern = "{ " + " || ".join(f'($.type = "{name}")' for name in names) + " }"
        by_arn: dict[str, list[dict[str, Any]]] = {}
        for event in await self._search(_group(machine), pattern, LISTED):
            if event["type"] in names and machine_of(event["_arn"]) == _unqualified(machine_arn):
                by_arn.setdefault(event["_arn"], []).append(event)
        rows = [described(arn, sorted(events, key=lambda event: event["id"])) for arn, events in by_arn.items()]
        wanted = [row for row in rows if not status or row["status"] == status]
        return sorted(wanted, key=lambda row: row["startDate"], reverse=True)[:limit]

    async def _search(self, group: str, pattern: str, window: int | None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        since = {} if window is None else {"startTime": int((self._now() - window) * 1000)}
        token: dict[str, Any] = {}
        for _ in range(PAGES):
            answer = await self._logs.filter_log_events(logGroupName=group, filterPattern=pattern, **since, **token)
            found += [event for entry in answer["events"] if (event := event_of(entry["message"])) is not None]
            if not answer.get("nextToken"):
                return found
            token = {"nextToken": answer["nextToken"]}
        raise ServiceError("LogsTooLarge", f"The log group {group} has more entries than are searched here: use CloudWatch Logs Insights.")


def machine_of(arn: str) -> str:
    """`arn:aws:states:R:A:express:Orders:name:uuid` -> `arn:aws:states:R:A:stateMachine:Orders`."""
    parts = arn.split(":")
    return ":".join([*parts[:5], "stateMachine", parts[6]])


def _unqualified(arn: str) -> str:
    """Without a version or alias."""
    return ":".join(arn.split(":")[:7])


def described(arn: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    """DescribeExecution's answer out of a history, or of its first and last events."""
    parts = arn.split(":")
    started, last = events[0], events[-1]
    begun: dict[str, Any] = started.get("executionStartedEventDetails", {})
    answer: dict[str, Any] = {
        "executionArn": arn,
        "stateMachineArn": machine_of(arn),
        "name": parts[7] if len(parts) > 7 else arn,
        "status": ENDS.get(last["type"], "RUNNING"),
        "startDate": started["timestamp"],
        "redriveCount": 0,
        "note": "AWS keeps no definition of an Express execution: shown is that of the state machine as it is now, which may be another.",
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Express executions cannot be redriven. Run the workflow again, or replay this run here.",
    }
    if "input" in begun:
        answer["input"] = begun["input"]
    if answer["status"] != "RUNNING":
        answer["stopDate"] = last["timestamp"]
        told: dict[str, Any] = last.get(details_key(last["type"]), {})
        answer |= {name: told[name] for name in ("output", "error", "cause") if name in told}
    return answer


def _group(machine: dict[str, Any]) -> str:
    """The name of the log group a state machine writes to."""
    logging: dict[str, Any] = machine.get("loggingConfiguration") or {}
    arns = [place.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "") for place in logging.get("destinations") or ()]
    if logging.get("level", "OFF") == "OFF" or not arns or not arns[0]:
        raise ServiceError(
            "LoggingOff",
            f"AWS keeps no history of Express executions, and the logging of {machine.get('name', 'this state machine')} is off: nothing is known of them. "
            "Switch its logging on (level ALL, with execution data) to see those to come.",
        )
    return str(arns[0]).partition(":log-group:")[2].removesuffix(":*")
