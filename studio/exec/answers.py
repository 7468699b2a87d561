"""What DescribeExecution and ListExecutions answer about a row of the log, and whether it is one that may be asked."""

from __future__ import annotations

from typing import Any

from studio.exec.redrive import why_not
from studio.exec.requests import check_arn, when
from studio.exec.service import Response
from studio.store.eventlog import Row

_ARNS = {"version": "stateMachineVersionArn", "alias": "stateMachineAliasArn"}


def only_standard(row: Row, *, children: bool = False) -> None:
    """What is asked of Standard executions only, or also of Express `children` of a Map Run; those that run a file of the workspace may
    be asked here all the same. ServiceError `InvalidArn`.
    """
    if row.kind == "EXPRESS" and not row.meta.get("workflow") and not (children and row.map_run):
        check_arn(row.arn, "execution")


def described(row: Row, now: float) -> Response:
    """DescribeExecution's answer at `now` (seconds); `workflow` is ours: the file it was run from."""
    answer: Response = {
        "executionArn": row.arn,
        "stateMachineArn": row.machine,
        "name": row.name,
        "status": row.status,
        "startDate": when(row.started),
        "input": row.input,
        "inputDetails": {"included": True},
        "redriveCount": row.meta.get("redrives", 0),
        **_redrivable(row, now),
        **({"mapRunArn": row.map_run} if row.map_run else {}),
    }
    if row.meta.get("redriven"):
        answer["redriveDate"] = when(row.meta["redriven"])
    answer |= {ours: row.meta[name] for name, ours in _ARNS.items() if row.meta.get(name)}
    for ours in ("workflow", "parent", "begun", "imported"):  # the file it was run from, what it came out of and how, its source
        if row.meta.get(ours):
            answer[ours] = row.meta[ours]
    if row.ended is not None:
        answer["stopDate"] = when(row.ended)
    if row.output is not None:
        answer |= {"output": row.output, "outputDetails": {"included": True}}
    return answer | {k: v for k, v in (("error", row.error), ("cause", row.cause)) if v is not None}


def _redrivable(row: Row, now: float) -> dict[str, Any]:
    reason = not_redrivable(row, now)
    if reason is not None:
        return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    return {"redriveStatus": "REDRIVABLE_BY_MAP_RUN" if row.map_run else "REDRIVABLE"}


def not_redrivable(row: Row, now: float) -> str | None:
    """Why an execution cannot be redriven at `now`; None where it can."""
    if row.meta.get("imported"):
        return "Execution was imported: its history is here, what the engine needs to go on with it is not. Replay it: a new run with what its tasks answered"
    return why_not(row.status, row.kind, row.ended, row.events, now)


def summary(row: Row) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "executionArn": row.arn,
        "stateMachineArn": row.machine,
        "name": row.name,
        "status": row.status,
        "startDate": when(row.started),
        "redriveCount": row.meta.get("redrives", 0),
        "workflow": row.meta.get("workflow"),
    }
    shown |= {theirs: row.meta[name] for name, theirs in _ARNS.items() if row.meta.get(name)}
    if row.map_run:
        shown["mapRunArn"] = row.map_run
    if row.meta.get("begun"):
        shown["begun"] = row.meta["begun"]
    if row.meta.get("redriven"):
        shown["redriveDate"] = when(row.meta["redriven"])
    if row.ended is not None:
        shown["stopDate"] = when(row.ended)
    return shown
