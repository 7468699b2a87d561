"""Where a state of a run leads to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from studio.exec.views.links import Call, Link, calls_of, links_in, links_of
from studio.exec.views.run import Visit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS: list[dict[str, Any]] = [
    {"id": 1, "type": "MapRunStarted", "mapRunStartedEventDetails": {"mapRunArn": "arn:map-run"}},
    {"id": 2, "type": "TaskSubmitted", "taskSubmittedEventDetails": {"resourceType": "states", "output": '{"ExecutionArn": "arn:child"}'}},
    {"id": 3, "type": "TaskSucceeded", "taskSucceededEventDetails": {"resourceType": "states", "output": '{"ExecutionArn": "arn:child"}'}},
    {"id": 4, "type": "TaskSucceeded", "taskSucceededEventDetails": {"resourceType": "lambda", "output": '{"ExecutionArn": "arn:no"}'}},
    {"id": 5, "type": "TaskSucceeded", "taskSucceededEventDetails": {"resourceType": "states", "output": "cut of"}},
]


def test_links() -> None:
    visit = Visit("A", "Task", (), 1, NOW, None, events=[1, 2, 3, 4, 5, 9])
    assert links_of(visit, EVENTS) == [Link("Map Run", "arn:map-run", ""), Link("Execution it started", "arn:child", "")]


def test_links_of_a_whole_history_name_the_states() -> None:
    """Branches mix in a history: an event belongs to the state that its line of `previousEventId` entered last."""
    sdk = {"resourceType": "aws-sdk:sfn", "resource": "startExecution", "output": '{"ExecutionArn": "arn:sdk"}'}
    other = {"resourceType": "aws-sdk:sfn", "resource": "describeExecution", "output": '{"ExecutionArn": "arn:no"}'}
    rows = [
        ("ParallelStateEntered", 0, {"name": "Both"}),
        ("TaskStateEntered", 1, {"name": "A"}),
        ("MapStateEntered", 1, {"name": "B"}),
        ("TaskScheduled", 2, {"resourceType": "aws-sdk:sfn"}),
        ("MapRunStarted", 3, {"mapRunArn": "arn:map-run"}),
        ("TaskSucceeded", 4, other),
        ("TaskSucceeded", 4, sdk),
    ]
    events = [
        {
            "id": number,
            "previousEventId": before,
            "type": kind,
            ("stateEnteredEventDetails" if kind.endswith("Entered") else f"{kind[:1].lower()}{kind[1:]}EventDetails"): told,
        }
        for number, (kind, before, told) in enumerate(rows, 1)
    ]
    assert links_in(events) == [Link("Map Run", "arn:map-run", "B"), Link("Execution it started", "arn:sdk", "A")]


ID = "0f1e2d3c-1111-2222-3333-444455556666"
INVOKE = {"resourceType": "lambda", "resource": "invoke"}


def of(*rows: tuple[str, dict[str, Any]]) -> list[Call]:
    events = [{"id": n, "type": kind, f"{kind[:1].lower()}{kind[1:]}EventDetails": told} for n, (kind, told) in enumerate(rows, 1)]
    return calls_of(Visit("A", "Task", (), 1, NOW, None, events=list(range(1, len(events) + 2))), events)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("charge", "charge"),
        ("charge:live", "charge"),
        ("arn:aws:lambda:us-east-1:123456789012:function:charge:3", "charge"),
        ("123456789012:function:charge", "charge"),
        ("", None),
        (7, None),
    ],
)
def test_the_name_of_a_called_function(name: Any, function: str | None) -> None:
    scheduled = ("TaskScheduled", {**INVOKE, "parameters": json.dumps({"FunctionName": name})})
    direct = ("LambdaFunctionScheduled", {"resource": name})
    assert [call.function for call in (*of(scheduled), *of(direct))] == ([function] * 2 if function else [])


def test_calls_of_lambda_functions_by_attempt() -> None:
    scheduled = ("TaskScheduled", {**INVOKE, "parameters": '{"FunctionName":"charge"}'})
    assert of(
        scheduled,
        ("TaskFailed", {**INVOKE, "error": "E", "cause": f'{{"errorMessage":"no","requestId":"{ID}"}}'}),
        scheduled,
        ("TaskTimedOut", {**INVOKE, "error": "States.Timeout"}),
        scheduled,
        ("TaskSucceeded", {**INVOKE, "output": f'{{"SdkResponseMetadata":{{"RequestId":"{ID}"}}}}'}),
    ) == [Call(1, "charge", ID), Call(2, "charge"), Call(3, "charge", ID)]
    assert of(("TaskScheduled", {"resourceType": "sqs", "parameters": '{"QueueUrl":"q"}'})) == []
    assert of(("TaskScheduled", {**INVOKE, "parameters": '{"Function'})) == []
    assert of(scheduled, ("TaskSucceeded", {**INVOKE, "output": "[1]"})) == [Call(1, "charge")]
