"""The inputs a state may be tested with, out of runs it was in."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.graph import build
from studio.exec.performers.mock import Mocks
from studio.exec.rehearsal import after_the_state_before, rehearse
from studio.exec.views.state_input import Source, of_run, skeleton

LAMBDA = "arn:aws:states:::lambda:invoke"
EACH: dict[str, Any] = {
    "StartAt": "Set",
    "States": {
        "Set": {"Type": "Pass", "Assign": {"rate": 2, "name.$": "$.name"}, "Next": "Both"},
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Left",
                    "States": {
                        "Left": {"Type": "Pass", "Assign": {"left": 1}, "Next": "Left end"},
                        "Left end": {"Type": "Pass", "End": True},
                    },
                },
                {
                    "StartAt": "Right",
                    "States": {
                        "Right": {"Type": "Pass", "Assign": {"right": 1}, "Next": "Right end"},
                        "Right end": {"Type": "Pass", "End": True},
                    },
                },
            ],
            "ResultPath": None,
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {
                "StartAt": "Price",
                "States": {
                    "Price": {"Type": "Pass", "Assign": {"price.$": "$"}, "Next": "Pay"},
                    "Pay": {"Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "pay", "Payload.$": "$"}, "End": True},
                },
            },
            "Assign": {"rate": 3},
            "Next": "Last",
        },
        "Last": {"Type": "Pass", "End": True},
    },
}
MOCKS = Mocks.load(
    {"StateMachines": {"m": {"TestCases": {"Happy": {"Pay": "paid"}}}}, "MockedResponses": {"paid": {"0-9": {"Return": {"ok": True}}}}}
)


def sources(name: str) -> list[tuple[str, dict[str, Any], Any, str | None]]:
    view = rehearse(EACH, '{"name": "n", "items": [10, 20]}', MOCKS)
    assert view is not None
    return [(one.input, one.variables, one.frame, one.result) for one in of_run(view, build(EACH), name, "run")]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Set", {}),
        ("Left end", {"rate": 2, "name": "n", "left": 1}),
        ("Right end", {"rate": 2, "name": "n", "right": 1}),
        ("Each", {"rate": 2, "name": "n"}),
        ("Last", {"rate": 3, "name": "n"}),
    ],
)
def test_variables_are_those_of_the_scope_and_the_scopes_around(state: str, expected: dict[str, Any]) -> None:
    assert [variables for _, variables, _, _ in sources(state)] == [expected]


def test_each_iteration_has_its_own() -> None:
    assert sources("Pay") == [
        ("20", {"rate": 2, "name": "n", "price": 20}, (("Each", 1),), '{"ok":true}'),
        ("10", {"rate": 2, "name": "n", "price": 10}, (("Each", 0),), '{"ok":true}'),
    ]


def test_a_rehearsal_stops_at_a_task_without_a_mock() -> None:
    none = Mocks.load({"StateMachines": {}, "MockedResponses": {}})
    view = rehearse(EACH, '{"name": "n", "items": [10]}', none)
    assert view is not None
    assert (view.status, view.error) == ("FAILED", "Studio.NoMock")
    assert [one.input for one in of_run(view, build(EACH), "Pay", "run")] == ["10"]
    assert of_run(view, build(EACH), "Last", "run") == []


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        (EACH, "not JSON"),
        ({"StartAt": "X", "States": {}}, "{}"),
        ({"StartAt": "X", "States": {"X": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": True}}}, "{}"),
    ],
)
def test_what_cannot_be_rehearsed(definition: Any, text: str) -> None:
    assert rehearse(definition, text, MOCKS) is None


def test_the_mock_of_the_state_before_goes_through_that_states_own_fields() -> None:
    task = {"Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "pay"}, "ResultPath": "$.payment", "Next": "B"}
    graph = build({"StartAt": "Pay", "States": {"Pay": task, "B": {"Type": "Pass", "End": True}}})
    assert after_the_state_before(graph, graph.by_name("B"), MOCKS) == [Source("mock", "Pay", '{"payment":{"ok":true}}')]  # type: ignore[arg-type]
    assert after_the_state_before(graph, graph.by_name("Pay"), MOCKS) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Pass"}, {}),
        ({"Type": "Pass", "InputPath": None, "Parameters": {"a.$": "$"}}, {}),
        ({"Type": "Wait", "SecondsPath": "$.delay.seconds"}, {"delay": {"seconds": None}}),
        (
            {
                "Type": "Choice",
                "Choices": [{"And": [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.b[1]", "NumericLessThanPath": "$.a"}]}],
            },
            {"a": None, "b": [None, None]},
        ),
        (
            {
                "Type": "Task",
                "InputPath": "$.o",
                "Parameters": {"x.$": "States.Format('{}{}', $.id, $var)"},
                "ResultSelector": {"r.$": "$.no"},
            },
            {"o": {"id": None}},
        ),
        ({"Type": "Map", "ItemsPath": "$.all", "ItemProcessor": {"States": {"I": {"Type": "Pass", "InputPath": "$.not"}}}}, {"all": None}),
        (
            {"QueryLanguage": "JSONata", "Type": "Pass", "Output": "{% $states.input.a.b & $states.context.State.Name %}"},
            {"a": {"b": None}},
        ),
    ],
)
def test_the_skeleton_has_what_the_state_reads(state: Any, expected: Any) -> None:
    graph = build({"StartAt": "S", "States": {"S": {**state, "End": True}}})
    assert skeleton(graph.by_name("S")) == expected  # type: ignore[arg-type]
