"""What is filled in to test a state, and the request it makes."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.values import Failure
from studio.exec.performers.mock import Returned
from studio.exec.views.state_input import Source
from studio.ui.test_draft import ROLE, Draft, request, to_keep

PLAIN = {"definition": '{"StartAt": "A"}', "stateName": "A", "inspectionLevel": "DEBUG", "roleArn": ROLE}


@pytest.mark.parametrize(
    ("draft", "more"),
    [
        (Draft(), {"input": "{}"}),
        (Draft(input='{\n  "a": 1.0\n}'), {"input": '{"a":1.0}'}),
        (Draft(variables='{"x": "é"}', context="  "), {"input": "{}", "variables": '{"x":"é"}'}),
        (Draft(mode="result", result="", validation="NONE"), {"input": "{}", "mock": {"result": "{}", "fieldValidationMode": "NONE"}}),
        (
            Draft(mode="error", error=" E ", cause="c", context='{"State": {"Name": "n"}}', retries="2"),
            {
                "input": "{}",
                "mock": {"errorOutput": {"error": "E", "cause": "c"}},
                "context": '{"State":{"Name":"n"}}',
                "stateConfiguration": {"retrierRetryCount": 2},
            },
        ),
        (
            Draft(mode="result", result="[1]", failed="1", reader="[1, 2]"),
            {
                "input": "{}",
                "mock": {"result": "[1]", "fieldValidationMode": "STRICT"},
                "stateConfiguration": {"mapIterationFailureCount": 1, "mapItemReaderData": "[1,2]"},
            },
        ),
    ],
)
def test_the_request(draft: Draft, more: dict[str, Any]) -> None:
    assert request(draft, {"StartAt": "A"}, "A", "DEBUG") == PLAIN | more


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft(input="{a}"), r"^The input is not JSON\. Line 1, column 2: [^.]*\.?$"),
        (Draft(mode="result", result="["), r"^The mocked result is not JSON\. "),
        (Draft(retries="-1"), r"^Retries made already: '-1' is no whole number\. Give 0, 1, 2 …$"),
        (Draft(variables="["), r"^The variables are not JSON\. "),
        (Draft(mode="error", error=" "), r"^The mocked error has no name\. "),
    ],
)
def test_what_cannot_be_read_is_named(draft: Draft, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        request(draft, {}, "A", "DEBUG")


@pytest.mark.parametrize(
    ("answer", "recorded", "perform", "expected"),
    [
        (Returned({"a": 1}), '{"b":2}', True, ("result", '{\n  "a": 1\n}', "", "")),
        (Failure("E", "c"), None, True, ("error", "", "E", "c")),
        (None, '{"b":2}', True, ("result", '{\n  "b": 2\n}', "", "")),
        (None, None, True, ("perform", "", "", "")),
        (None, None, False, ("result", "[]", "", "")),
    ],
)
def test_the_mock_to_begin_with(answer: Any, recorded: str | None, perform: bool, expected: tuple[str, ...]) -> None:
    draft = Draft()
    draft.mock(answer, recorded, perform=perform, skeleton=[])
    assert (draft.mode, draft.result, draft.error, draft.cause) == expected


def test_an_input_is_edited_once_it_is_no_longer_the_sources() -> None:
    draft = Draft()
    draft.take(Source("run", "r", '{"a":1}', {"x": 1}))
    assert (draft.input, draft.variables, draft.edited) == ('{\n  "a": 1\n}', '{\n  "x": 1\n}', False)
    draft.variables = ""
    assert draft.edited


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ({"status": "SUCCEEDED", "output": "1", "inspectionData": {"input": "{}", "result": '{"a":1}'}}, {"Return": {"a": 1}}),
        (
            {"status": "FAILED", "error": "States.ResultPathMatchFailure", "inspectionData": {"afterParameters": "{}", "result": "7"}},
            {"Return": 7},
        ),
        (
            {"status": "RETRIABLE", "error": "E", "cause": "c", "inspectionData": {"afterArguments": "{}"}},
            {"Throw": {"Error": "E", "Cause": "c"}},
        ),
        ({"status": "FAILED", "error": "States.ParameterPathFailure", "inspectionData": {"input": "{}"}}, None),
        ({"status": "SUCCEEDED", "output": "1"}, None),
        (None, None),
    ],
)
def test_what_is_kept_is_what_the_task_answered(answer: Any, kept: Any) -> None:
    assert to_keep(Draft(answer=answer)) == kept
