"""The inputs a state may be tested with, out of runs it was in."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.graph import build
from studio.exec.performers.mock import Mocks
from studio.exec.rehearsal import after_the_state_before, rehearse
from studio.exec.views.state_input import Source, after_the_states_before, assigned_in, of_run

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
    ],
)
def test_what_cannot_be_rehearsed(definition: Any, text: str) -> None:
    assert rehearse(definition, text, MOCKS) is None


def test_the_mock_of_the_state_before_goes_through_that_states_own_fields() -> None:
    task = {"Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "pay"}, "ResultPath": "$.payment", "Next": "B"}
    graph = build({"StartAt": "Pay", "States": {"Pay": task, "B": {"Type": "Pass", "End": True}}})
    assert after_the_state_before(graph, graph.by_name("B"), MOCKS) == [Source("mock", "Pay", '{"payment":{"ok":true}}')]  # type: ignore[arg-type]
    assert after_the_state_before(graph, graph.by_name("Pay"), MOCKS) == []  # type: ignore[arg-type]


ELSEWHERE: dict[str, Any] = {
    "StartAt": "Set",
    "States": {
        "Set": {"Type": "Pass", "Parameters": {"n": 1}, "Assign": {"rate": 2}, "Next": "Pay"},
        "Pay": {
            "Type": "Task",
            "Resource": LAMBDA,
            "Parameters": {"FunctionName": "pay"},
            "ResultPath": "$.payment",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}],
            "Next": "Big?",
        },
        "Big?": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 2, "Next": "Wait"}], "Default": "Last"},
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Last"},
        "Last": {"Type": "Pass", "End": True},
        "Sorry": {"Type": "Fail"},
    },
}


def test_a_state_that_a_run_went_by_has_the_output_of_the_state_before_it() -> None:
    view, graph = rehearse(ELSEWHERE, "{}", MOCKS), build(ELSEWHERE)
    assert view is not None
    found = [after_the_states_before(view, graph, graph.by_name(name), "run") for name in ("Wait", "Last", "Sorry")]  # type: ignore[arg-type]
    told = [[(one.after, one.input, one.variables) for one in each] for each in found]
    output = '{"n":1,"payment":{"ok":true}}'
    assert told == [[("Big?", output, {"rate": 2})], [("Big?", output, {"rate": 2})], []]
    assert assigned_in(view) == {"rate": 2}


STARTS = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": "a"}, "Next": "After"}
DISTRIBUTED = {
    "Type": "Map",
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "In",
        "States": {"In": STARTS | {"Next": "X"}, "X": {"Type": "Pass", "End": True}},
    },
    "Next": "After",
}


@pytest.mark.parametrize("state", [STARTS, DISTRIBUTED], ids=["nested", "distributed"])
def test_a_rehearsal_goes_as_far_as_a_state_that_would_start_executions(state: dict[str, Any]) -> None:
    definition = {
        "StartAt": "Set",
        "States": {"Set": {"Type": "Pass", "Result": [1], "Next": "Start"}, "Start": state, "After": {"Type": "Pass", "End": True}},
    }
    view = rehearse(definition, "{}", Mocks({}))
    assert view is not None
    assert (view.status, view.error) == ("FAILED", "Studio.NotRehearsed")
    assert [one.input for one in of_run(view, build(definition), "Start", "run")] == ["[1]"]
