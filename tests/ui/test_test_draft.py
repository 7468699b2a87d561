"""What is filled in to test a state, and the request it makes."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.values import Failure
from studio.exec.performers.mock import Returned
from studio.exec.views.state_input import Source
from studio.ui.test_draft import ROLE, Draft, refused, request, to_keep

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


def test_another_source_brings_its_result_unless_the_mock_was_edited() -> None:
    first, second = Source("run", "1", "{}", result='{"a":1}'), Source("run", "2", "{}", result='{"a":2}')
    draft = Draft()
    draft.take(first)
    draft.mock(None, first.result, perform=True, skeleton={})
    draft.take(second)
    assert draft.result == '{\n  "a": 2\n}'
    draft.result = "{}"
    draft.take(first)
    assert draft.result == "{}"


def test_a_test_is_stale_once_something_else_would_be_sent() -> None:
    draft = Draft(mode="result", result="{}", reveal=True)
    sent: Any = ({"StartAt": "A"}, "A", "DEBUG")
    assert not draft.stale(*sent)  # nothing was tested yet
    draft.sent, draft.answer = request(draft, *sent), {"status": "SUCCEEDED"}
    assert not draft.stale(*sent)
    assert draft.stale({"StartAt": "B"}, "A", "DEBUG")
    assert draft.stale({"StartAt": "A"}, "A", "TRACE")
    draft.input = "{"
    assert draft.stale(*sent)


def test_secrets_are_revealed_only_at_trace_and_without_a_mock() -> None:
    told = [request(Draft(mode=mode, error="E", reveal=True), {}, "A", level).get("revealSecrets") for mode, level in REVEALS]
    assert told == [True, None, None, None]


REVEALS = [("perform", "TRACE"), ("perform", "DEBUG"), ("result", "TRACE"), ("error", "TRACE")]


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("TestState does not support Context when a mock is not specified.", "mock"),
        ("Invalid Context object provided: Field 'Pokedex' is not allowed", "context"),
        ("Mock result schema validation error: Field 'S' must be a string", "mock"),
        ("The variables must be a JSON object", "variables"),
        ("MapItemReaderData must be a JSON array", "reader"),
        ("Invalid State Machine Execution Input: 'Input exceeds the maximum size of 262144 bytes.'", "input"),
        ("RoleArn must be specified when testing a Task state", None),
    ],
)
def test_a_refusal_leads_to_the_field_it_is_about(message: str, field: str | None) -> None:
    found, hint = refused(message)
    assert (found, bool(hint)) == (field, field is not None)


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
        ({"status": "FAILED", "error": "Studio.NoMock", "inspectionData": {"afterParameters": "{}"}}, None),
        ({"status": "FAILED", "error": "States.ParameterPathFailure", "inspectionData": {"input": "{}"}}, None),
        ({"status": "SUCCEEDED", "output": "1"}, None),
        (None, None),
    ],
)
def test_what_is_kept_is_what_the_task_answered(answer: Any, kept: Any) -> None:
    assert to_keep(Draft(answer=answer)) == kept
