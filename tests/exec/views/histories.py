"""Histories for the tests of the views: AWS's recorded ones, and small ones written by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parents[2] / "conformance" / "cases"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def recorded() -> list[Any]:
    """Definition and events of every recorded execution, as parameters of a test."""
    found = []
    for path in sorted(CASES.glob("*.json")):
        case = json.loads(path.read_text())
        if case["kind"] != "execution" or not isinstance(case.get("definition"), dict):
            continue
        for key, answer in case["expected"].items():
            events = answer.get("events") if isinstance(answer, dict) else None
            if events and all(isinstance(e["id"], int) for e in events):
                found.append(pytest.param(case["definition"], events, id=f"{path.stem}-{key}"))
                break
    return found


def dated(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Recorded events (their times are cut away) a second apart."""
    return [{**e, "timestamp": BEGAN + timedelta(seconds=e["id"])} for e in events]


def history(*rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    """(type, previous, details) with ids from 1, a second apart."""
    events: list[dict[str, Any]] = []
    for number, (kind, previous, *details) in enumerate(rows, 1):
        event: dict[str, Any] = {"id": number, "previousEventId": previous, "type": kind, "timestamp": BEGAN + timedelta(seconds=number)}
        if details:
            key = (
                "stateEntered"
                if kind.endswith("StateEntered")
                else "stateExited"
                if kind.endswith("StateExited")
                else kind[0].lower() + kind[1:]
            )
            event[f"{key}EventDetails"] = details[0]
        events.append(event)
    return events


SCHEDULED = {"parameters": "{}", "resource": "invoke", "resourceType": "lambda"}
TASK = {
    "StartAt": "T",
    "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Retry": [{"ErrorEquals": ["E"]}], "End": True}},
}
RETRIED = history(
    ("ExecutionStarted", 0, {"input": "{}"}),
    ("TaskStateEntered", 0, {"name": "T", "input": "{}"}),
    ("TaskScheduled", 2, SCHEDULED),
    ("TaskFailed", 3, {"error": "E", "cause": "no"}),
    ("TaskScheduled", 4, SCHEDULED),
    ("TaskSucceeded", 5, {"output": "1"}),
    ("TaskStateExited", 6, {"name": "T", "output": "1"}),
    ("ExecutionSucceeded", 7, {"output": "1"}),
)
MAP = {
    "StartAt": "M",
    "States": {
        "M": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}}},
            "End": True,
        }
    },
}


def mapped(count: int, *, failed: frozenset[int] = frozenset()) -> list[dict[str, Any]]:
    """A Map of so many iterations, one after the other, of which some fail."""
    rows: list[tuple[Any, ...]] = [
        ("ExecutionStarted", 0, {"input": "[]"}),
        ("MapStateEntered", 0, {"name": "M", "input": "[]"}),
        ("MapStateStarted", 2, {"length": count}),
    ]
    for index in range(count):
        rows += [("MapIterationStarted", 3, {"name": "M", "index": index})]
        rows += [("PassStateEntered", len(rows), {"name": "A", "input": str(index)})]
        rows += [("PassStateExited", len(rows), {"name": "A", "output": str(index)})]
        end = "MapIterationFailed" if index in failed else "MapIterationSucceeded"
        rows += [(end, len(rows), {"name": "M", "index": index})]
    return history(*rows)
