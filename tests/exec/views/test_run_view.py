"""The projection of a history: recorded ones of AWS, and small ones written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from histories import MAP, TASK, dated, history, recorded

from studio.exec.views.run import Projector, project


@pytest.mark.parametrize(("definition", "events"), recorded())
def test_a_recorded_history_is_projected_whole(definition: dict[str, Any], events: list[dict[str, Any]]) -> None:
    view = project(definition, dated(events))
    last = events[-1]["type"]
    assert view.status == {"ExecutionSucceeded": "SUCCEEDED", "ExecutionFailed": "FAILED", "ExecutionTimedOut": "TIMED_OUT"}[last]
    entered = [e for e in events if e["type"].endswith("StateEntered")]
    assert sum(len(s.visits) for s in view.states.values()) == len(entered)
    assert [v.name for s in view.states.values() for v in s.visits if v.open] == []
    exited = {e["stateExitedEventDetails"]["name"] for e in events if e["type"].endswith("StateExited")}
    assert {n for n, s in view.states.items() if any(v.status in {"succeeded", "caught"} for v in s.visits)} == exited


def test_retries_are_attempts_of_one_visit() -> None:
    events = history(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("TaskStateEntered", 0, {"name": "T", "input": "{}"}),
        ("TaskScheduled", 2, {"parameters": "{}", "resource": "invoke", "resourceType": "lambda"}),
        ("TaskStarted", 3, {}),
        ("TaskFailed", 4, {"error": "E", "cause": "no"}),
        ("TaskScheduled", 5, {"parameters": "{}", "resource": "invoke", "resourceType": "lambda"}),
        ("TaskStarted", 6, {}),
        ("TaskSucceeded", 7, {"output": "1"}),
        ("TaskStateExited", 8, {"name": "T", "output": "1"}),
        ("ExecutionSucceeded", 9, {"output": "1"}),
    )
    projector = Projector(TASK)
    projector.feed(events[:5])
    assert projector.view.states["T"].status == "retrying"
    projector.feed(events[5:7])
    assert projector.view.states["T"].status == "running"
    assert projector.feed(events[7:]) == {"T"}
    state = projector.view.states["T"]
    assert (state.status, state.counts) == ("succeeded", {"succeeded": 1})
    assert [(a.number, a.status, a.error) for a in state.visits[0].attempts] == [(1, "failed", "E"), (2, "succeeded", None)]
    assert projector.view.transitions_taken == {("__start__", "T"), ("T", "__end__")}


TWO_UNDER_WAY: list[Any] = [
    ("ExecutionStarted", 0, {"input": "[1,2]"}),
    ("MapStateEntered", 0, {"name": "M", "input": "[1,2]"}),
    ("MapStateStarted", 2, {"length": 2}),
    ("MapIterationStarted", 3, {"name": "M", "index": 0}),
    ("MapIterationStarted", 3, {"name": "M", "index": 1}),
    ("PassStateEntered", 4, {"name": "A", "input": "1"}),
    ("PassStateEntered", 5, {"name": "A", "input": "2"}),
]
"""Of `MAP`, with both its iterations in their state."""


def test_interleaved_iterations_keep_apart() -> None:
    view = project(
        MAP,
        history(
            *TWO_UNDER_WAY,
            ("PassStateExited", 7, {"name": "A", "output": "2"}),
            ("PassStateExited", 6, {"name": "A", "output": "1"}),
            ("PassStateEntered", 8, {"name": "B", "input": "2"}),
            ("PassStateExited", 10, {"name": "B", "output": "2"}),
            ("MapIterationSucceeded", 11, {"name": "M", "index": 1}),
        ),
    )
    assert [(v.frame, v.input, v.status) for v in view.states["A"].visits] == [
        ((("M", 0),), "1", "succeeded"),
        ((("M", 1),), "2", "succeeded"),
    ]
    assert [(v.frame, v.output) for v in view.states["B"].visits] == [((("M", 1),), "2")]
    assert view.states["M"].visits[0].iterations == {0: "running", 1: "succeeded"}
    assert (view.states["M"].status, view.status) == ("running", "RUNNING")


def test_a_redrive_goes_on_with_what_failed() -> None:
    inner = {"StartAt": "T", "States": {"T": {**TASK["States"]["T"], "Retry": []}}}
    definition = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "Next": "Z"}, "Z": {"Type": "Succeed"}}}
    given = {"resource": "invoke", "resourceType": "lambda"}
    events = history(
        ("ExecutionStarted", 0, {"input": "[0,1]"}),
        ("MapStateEntered", 0, {"name": "M", "input": "[0,1]"}),
        ("MapStateStarted", 2, {"length": 2}),
        ("MapIterationStarted", 3, {"name": "M", "index": 0}),
        ("TaskStateEntered", 4, {"name": "T", "input": "0"}),
        ("TaskScheduled", 5, given | {"parameters": "0"}),
        ("MapIterationStarted", 3, {"name": "M", "index": 1}),
        ("TaskStateEntered", 7, {"name": "T", "input": "1"}),
        ("TaskScheduled", 8, given | {"parameters": "1"}),
        ("TaskFailed", 9, {"error": "E"}),
        ("MapIterationFailed", 10, {"name": "M", "index": 1}),
        ("MapIterationAborted", 6, {"name": "M", "index": 0}),
        ("MapStateFailed", 10),
        ("ExecutionFailed", 13, {"error": "E"}),
        ("ExecutionRedriven", 14, {"redriveCount": 1}),
        ("TaskScheduled", 15, given | {"parameters": "1"}),
        ("TaskScheduled", 15, given | {"parameters": "0"}),
        ("TaskSucceeded", 17, {"output": "10"}),
        ("TaskStateExited", 18, {"name": "T", "output": "10"}),
        ("MapIterationSucceeded", 19, {"name": "M", "index": 0}),
    )
    projector = Projector(definition)
    projector.feed(events[:15])
    assert {name: state.status for name, state in projector.view.states.items()} == {"M": "running", "T": "running", "Z": "not-reached"}
    projector.feed(events[15:])
    assert [(v.frame[0][1], v.status, v.output) for v in projector.view.states["T"].visits] == [
        (0, "succeeded", "10"),
        (1, "running", None),
    ]
    assert [a.redriven for a in projector.view.states["T"].visits[0].attempts] == [False, True]
    rest = history(
        *[("X", 0)] * 20,
        ("TaskSucceeded", 16, {"output": "11"}),
        ("TaskStateExited", 21, {"name": "T", "output": "11"}),
        ("MapIterationSucceeded", 22, {"name": "M", "index": 1}),
        ("MapStateSucceeded", 23),
        ("MapStateExited", 23, {"name": "M", "output": "[10,11]"}),
        ("SucceedStateEntered", 25, {"name": "Z", "input": "[10,11]"}),
        ("SucceedStateExited", 26, {"name": "Z", "output": "[10,11]"}),
        ("ExecutionSucceeded", 27, {"output": "[10,11]"}),
    )[20:]
    projector.feed(rest)
    view = projector.view
    assert {name: (state.status, state.counts) for name, state in view.states.items()} == {
        "M": ("succeeded", {"succeeded": 1}),
        "T": ("succeeded", {"succeeded": 2}),
        "Z": ("succeeded", {"succeeded": 1}),
    }
    assert (view.status, view.redrives, view.states["M"].visits[0].iterations) == ("SUCCEEDED", 1, {0: "succeeded", 1: "succeeded"})
    assert [(a.status, a.redriven) for a in view.states["M"].visits[0].attempts] == [("failed", False), ("succeeded", True)]


def test_a_stopped_run_leaves_nothing_open() -> None:
    view = project(
        TASK,
        history(
            ("ExecutionStarted", 0, {"input": "{}"}),
            ("TaskStateEntered", 0, {"name": "T", "input": "{}"}),
            ("TaskScheduled", 2, {"parameters": "{}", "resource": "invoke", "resourceType": "lambda"}),
            ("ExecutionAborted", 3, {}),
        ),
    )
    assert (view.status, view.states["T"].status) == ("ABORTED", "stopped")


def test_states_never_entered_are_not_reached() -> None:
    assert {n: s.status for n, s in project(MAP, []).states.items()} == {"M": "not-reached", "A": "not-reached", "B": "not-reached"}


@pytest.mark.parametrize(
    ("fall", "iterations"),
    [
        (("ExecutionFailed", 6, {"error": "States.Runtime", "cause": "no"}), {0: "failed", 1: "stopped"}),
        (("ExecutionAborted", 0, {}), {0: "stopped", 1: "stopped"}),
        (("ExecutionTimedOut", 0, {"error": "States.Timeout"}), {0: "timed-out", 1: "timed-out"}),
    ],
)
def test_an_end_that_is_told_alone_ends_everything_below_it(fall: tuple[str, int, dict[str, Any]], iterations: dict[int, str]) -> None:
    view = project(
        MAP,
        history(
            *TWO_UNDER_WAY,
            fall,
        ),
    )
    (visit,) = view.states["M"].visits
    assert (visit.iterations, [v.status for v in view.states["A"].visits]) == (iterations, list(iterations.values()))
