"""What states tell in the history, and how they fail: siblings of the recorded cases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from studio.exec.driver import run_once
from studio.exec.events import Event

ROLE = "arn:aws:iam::123456789012:role/other"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:echo"
INVOKE: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "echo"}, "End": True}


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    (tmp_path / "echo.py").write_text("def handler(event, context):\n    return event\n")
    return tmp_path


def events_of(state: dict[str, Any], given: Any, functions: Path | None = None) -> list[Event]:
    """The events of a workflow with one state."""
    told: list[Event] = []
    run_once({"StartAt": "A", "States": {"A": state}}, given, functions=functions, progress=told.extend)
    return told


def details(events: list[Event], kind: str) -> dict[str, Any]:
    return next(event[4] for event in events if event[0] == kind and event[4] is not None)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (INVOKE | {"Credentials": {"RoleArn": ROLE}}, "TaskScheduled"),
        (INVOKE | {"Credentials": {"RoleArn.$": "$.role"}}, "TaskScheduled"),
        (INVOKE | {"Credentials": {"RoleArn.$": "States.Format('{}', $.role)"}}, "TaskScheduled"),
        (INVOKE | {"InputPath": "$.in", "Credentials": {"RoleArn.$": "$.role"}}, "TaskScheduled"),
        ({"Type": "Task", "Resource": FUNCTION, "Credentials": {"RoleArn.$": "$.role"}, "End": True}, "LambdaFunctionScheduled"),
        (
            {
                "Type": "Task",
                "QueryLanguage": "JSONata",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": "echo"},
                "Credentials": {"RoleArn": "{% $states.input.role %}"},
                "End": True,
            },
            "TaskScheduled",
        ),
    ],
)
def test_the_role_a_task_takes_on_is_told(state: dict[str, Any], kind: str, functions: Path) -> None:
    given = {"role": ROLE, "in": {"role": ROLE}}
    assert details(events_of(state, given, functions), kind)["taskCredentials"] == {"roleArn": ROLE}


@pytest.mark.parametrize(
    ("state", "error", "cause"),
    [
        (
            INVOKE | {"Credentials": {"RoleArn.$": "$.absent"}},
            "States.Runtime",
            "The JSONPath '$.absent' specified for the field 'RoleArn.$' could not be found in the input '{\"n\":1}'",
        ),
        (
            {
                "Type": "Task",
                "QueryLanguage": "JSONata",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": "echo"},
                "Credentials": {"RoleArn": "{% $states.input.absent %}"},
                "End": True,
            },
            "States.QueryEvaluationError",
            "The JSONata expression '$states.input.absent' specified for the field 'Credentials/RoleArn' returned nothing (undefined).",
        ),
    ],
)
def test_a_role_that_is_not_there_fails_the_task(state: dict[str, Any], error: str, cause: str, functions: Path) -> None:
    events = events_of(state, {"n": 1}, functions)
    where = "An error occurred while executing the state 'A' (entered at the event id #2). "
    assert details(events, "ExecutionFailed") == {"error": error, "cause": where + cause}
    assert not any(event[0].endswith("Scheduled") for event in events)


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (
            "Hello",
            "Unrecognized token 'Hello': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n"
            ' at [Source: (byte[])"Hello"; line: 1, column: 6]',
        ),
        (
            "{a",
            "Unexpected character ('a' (code 97)): was expecting double-quote to start field name\n"
            ' at [Source: (byte[])"{a"; line: 1, column: 2]',
        ),
    ],
)
def test_a_payload_that_is_no_json_text_is_refused_by_lambda(payload: str, problem: str, functions: Path) -> None:
    state = INVOKE | {"Parameters": {"FunctionName": "echo", "Payload.$": "$"}}
    failed = details(events_of(state, payload, functions), "TaskFailed")
    said, _, detail = failed["cause"].rpartition(" (Service: ")
    assert (failed["error"], said) == (
        "Lambda.InvalidRequestContentException",
        f"Could not parse request body into json: Could not parse payload into json: {problem}",
    )
    assert re.fullmatch(r"AWSLambda; Status Code: 400; Error Code: InvalidRequestContentException; Request ID: \S+; Proxy: null\)", detail)
