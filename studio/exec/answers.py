"""What DescribeExecution and ListExecutions answer about a row of the log."""

from __future__ import annotations

from typing import Any

from studio.exec.requests import when
from studio.exec.service import Response
from studio.store.eventlog import Row


def described(row: Row) -> Response:
    """DescribeExecution's answer; `workflow` is ours: the file it was run from."""
    answer: Response = {
        "executionArn": row.arn,
        "stateMachineArn": row.machine,
        "name": row.name,
        "status": row.status,
        "startDate": when(row.started),
        "input": row.input,
        "inputDetails": {"included": True},
        "redriveCount": row.meta.get("redrives", 0),
        **_redrivable(row),
        **({"mapRunArn": row.map_run} if row.map_run else {}),
    }
    if row.meta.get("workflow"):
        answer["workflow"] = row.meta["workflow"]  # ours: the file it was run from
    if row.ended is not None:
        answer["stopDate"] = when(row.ended)
    if row.output is not None:
        answer |= {"output": row.output, "outputDetails": {"included": True}}
    return answer | {k: v for k, v in (("error", row.error), ("cause", row.cause)) if v is not None}


def _redrivable(row: Row) -> dict[str, Any]:
    if row.status in {"SUCCEEDED", "RUNNING"}:
        return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": f"Execution is {row.status} and cannot be redriven"}
    return {"redriveStatus": "REDRIVABLE"}


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
    if row.ended is not None:
        shown["stopDate"] = when(row.ended)
    return shown
