"""One iteration looked at, states whose work is elsewhere, and where a run failed."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.graph import END, START, build
from studio.exec.views.framed import failing_of, in_children, taken_of
from studio.exec.views.run import project
from tests.exec.views.histories import SCHEDULED, history

EACH = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Task", "Resource": "arn:aws:states:::x", "End": True}},
}
CAUGHT = {
    "StartAt": "M",
    "States": {
        "M": {"Type": "Map", "ItemProcessor": EACH, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "No"}], "Next": "Yes"},
        "No": {"Type": "Fail", "Error": "Refused"},
        "Yes": {"Type": "Succeed"},
    },
}


def both(end: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """A Map of which iteration 0 goes to its end and iteration 1 fails in B; then what `end` says."""
    return history(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("MapStateEntered", 0, {"name": "M", "input": "[0, 1]"}),
        ("MapStateStarted", 2, {"length": 2}),
        ("MapIterationStarted", 3, {"name": "M", "index": 0}),
        ("PassStateEntered", 4, {"name": "A", "input": "0"}),
        ("PassStateExited", 5, {"name": "A", "output": "0"}),
        ("TaskStateEntered", 6, {"name": "B", "input": "0"}),
        ("TaskScheduled", 7, SCHEDULED),
        ("TaskSucceeded", 8, {"output": "0"}),
        ("TaskStateExited", 9, {"name": "B", "output": "0"}),
        ("MapIterationSucceeded", 10, {"name": "M", "index": 0}),
        ("MapIterationStarted", 3, {"name": "M", "index": 1}),
        ("PassStateEntered", 12, {"name": "A", "input": "1"}),
        ("PassStateExited", 13, {"name": "A", "output": "1"}),
        ("TaskStateEntered", 14, {"name": "B", "input": "1"}),
        ("TaskScheduled", 15, SCHEDULED),
        ("TaskFailed", 16, {"error": "Busy", "cause": "no"}),
        ("MapIterationFailed", 17, {"name": "M", "index": 1}),
        ("MapStateFailed", 18),
        *end,
    )


UNCAUGHT = both([("ExecutionFailed", 19, {"error": "Busy", "cause": "no"})])
TAKEN_IN = both(
    [
        ("MapStateExited", 19, {"name": "M", "output": "{}"}),
        ("FailStateEntered", 20, {"name": "No", "input": "{}"}),
        ("ExecutionFailed", 21, {"error": "Refused"}),
    ]
)


@pytest.mark.parametrize(("events", "state", "error"), [(UNCAUGHT, "B", "Busy"), (TAKEN_IN, "No", "Refused")], ids=["uncaught", "caught"])
def test_a_run_failed_where_nothing_took_the_failure_in(events: list[dict[str, Any]], state: str, error: str) -> None:
    found = failing_of(project(CAUGHT, events))
    assert found is not None
    assert (found[0], found[1].error) == (state, error)


def test_a_run_that_goes_on_has_failed_nowhere() -> None:
    assert failing_of(project(CAUGHT, UNCAUGHT[:16])) is None


@pytest.mark.parametrize(
    ("frame", "inside"),
    [
        ({}, {(START, "A"), ("A", "B"), ("B", END)}),
        ({"M": 0}, {(START, "A"), ("A", "B"), ("B", END)}),
        ({"M": 1}, {(START, "A"), ("A", "B")}),
        ({"M": 7}, set[tuple[str, str]]()),
    ],
)
def test_the_transitions_of_one_iteration(frame: dict[str, int], inside: set[tuple[str, str]]) -> None:
    taken = taken_of(project(CAUGHT, TAKEN_IN), frame)
    assert taken == {(START, "M"), ("M", "No"), *inside}


def test_states_whose_work_is_in_child_executions() -> None:
    inner = {"Type": "Map", "ItemProcessor": EACH, "End": True}
    one = {
        "Type": "Map",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "I", "States": {"I": inner}},
        "End": True,
    }
    assert in_children(build({"StartAt": "D", "States": {"D": one}})) == {"I": "D", "A": "D", "B": "D"}
    assert in_children(build(CAUGHT)) == {}
