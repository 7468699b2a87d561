"""The timeline: every recorded history has one; attempts, backoffs, waits, Parallels and Maps as bars and rows."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from histories import MAP, RETRIED, SCHEDULED, TASK, dated, history, mapped, recorded

from studio.exec.views.run import Status, project
from studio.exec.views.timeline import Bar, Row, density, timeline, told


@pytest.mark.parametrize(("definition", "events"), recorded())
def test_a_recorded_history_has_a_row_for_all_that_happened(definition: dict[str, Any], events: list[dict[str, Any]]) -> None:
    view = project(definition, dated(events))
    folded = timeline(view)
    everything = frozenset(key for row in _all(view, frozenset()) for key in [row.key])
    rows = _all(view, everything)
    assert {row.state for row in rows} >= {name for name, state in view.states.items() if state.visits}
    assert {row.key for row in folded.rows} <= {row.key for row in rows}
    assert len({row.key for row in rows}) == len(rows)
    assert {row.status for row in rows} <= set(get_args(Status))
    for bar in (bar for row in rows for bar in row.bars):
        assert bar.end is not None
        assert 0 <= bar.start <= bar.end <= folded.seconds
    assert folded.open is False


def _all(view: Any, opened: frozenset[str]) -> tuple[Row, ...]:
    """The rows with everything unfolded that can be."""
    while True:
        rows = timeline(view, opened).rows
        more = opened | {row.key for row in rows if row.opened is not None}
        if more == opened:
            return rows
        opened = more


def test_events_of_a_later_aws_do_no_harm() -> None:
    events = [
        *RETRIED[:4],
        {**RETRIED[4], "type": "TaskPondered", "taskPonderedEventDetails": {"depth": 3}},
        *({**e, "id": e["id"] + 1, "previousEventId": e["previousEventId"] + 1} for e in RETRIED[4:]),
    ]
    assert [(b.kind, b.status) for b in timeline(project(TASK, events)).rows[0].bars] == [
        ("attempt", "failed"),
        ("backoff", "retrying"),
        ("attempt", "succeeded"),
    ]
    only = [{**event, "type": "Future" + event["type"]} for event in RETRIED]
    assert timeline(project(TASK, only)).rows == ()


def test_attempts_are_bars_with_backoffs_between_them() -> None:
    found = timeline(project(TASK, RETRIED))
    assert found.rows == (
        Row(
            "T",
            "T",
            "Task",
            0,
            (),
            "succeeded",
            (
                Bar("attempt", 2.0, 3.0, "failed", 1, 3),
                Bar("backoff", 3.0, 4.0, "retrying", 2, 2),
                Bar("attempt", 4.0, 5.0, "succeeded", 2, 5),
            ),
        ),
    )
    assert (found.seconds, found.open) == (7.0, False)


def test_what_goes_on_has_no_end() -> None:
    assert timeline(project(TASK, RETRIED[:4])).rows[0].bars[-1] == Bar("backoff", 3.0, None, "retrying", 2, 2)
    assert timeline(project(TASK, RETRIED[:3])).rows[0].bars == (Bar("attempt", 2.0, None, "running", 1, 3),)
    assert timeline(project(TASK, [])) == type(timeline(project(TASK, [])))((), 0.0, open=True)


def test_waiting_is_told_from_working() -> None:
    callback = history(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("TaskStateEntered", 0, {"name": "T", "input": "{}"}),
        ("TaskScheduled", 2, SCHEDULED | {"resource": "invoke.waitForTaskToken"}),
        ("TaskSucceeded", 3, {"output": "1"}),
    )
    assert [b.kind for b in timeline(project(TASK, callback)).rows[0].bars] == ["waiting"]
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}}
    events = history(("ExecutionStarted", 0, {"input": "{}"}), ("WaitStateEntered", 0, {"name": "W", "input": "{}"}))
    assert timeline(project(wait, events)).rows[0].bars == (Bar("waiting", 1.0, None, "waiting", 0, 2),)


def test_a_task_that_answered_well_may_fail_after_it() -> None:
    events = history(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("TaskStateEntered", 0, {"name": "T", "input": "{}"}),
        ("TaskScheduled", 2, SCHEDULED),
        ("TaskSucceeded", 3, {"output": "1"}),
        ("EvaluationFailed", 4, {"state": "T", "error": "States.QueryEvaluationError", "location": "Output"}),
        ("ExecutionFailed", 5, {"error": "States.QueryEvaluationError"}),
    )
    definition = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}}}
    assert [(b.kind, b.status) for b in timeline(project(definition, events)).rows[0].bars] == [
        ("attempt", "succeeded"),
        ("work", "failed"),
    ]


def test_a_map_is_one_row_until_it_is_opened() -> None:
    view = project(MAP, mapped(4, failed=frozenset({2})))
    (row,) = timeline(view).rows
    assert (row.key, row.opened, row.note) == ("M", False, "1 failed · 3 ok")
    assert row.density == (("succeeded", 1), ("succeeded", 1), ("failed", 1), ("succeeded", 1))
    opened = timeline(view, frozenset({"M", "M[2]"})).rows
    assert [(r.key, r.depth, r.index, r.status) for r in opened] == [
        ("M", 0, None, "running"),
        ("M[2]", 1, 2, "failed"),
        ("M[2]/A", 2, None, "succeeded"),
        ("M[0]", 1, 0, "succeeded"),
        ("M[1]", 1, 1, "succeeded"),
        ("M[3]", 1, 3, "succeeded"),
    ]
    assert opened[2].frame == (("M", 2),)


def test_a_map_of_thousands_shows_some_and_counts_the_rest() -> None:
    view = project(MAP, mapped(1000, failed=frozenset({900})))
    rows = timeline(view, frozenset({"M"}), {"M": 700}).rows
    assert [row.index for row in rows[1:3]] == [900, 0]
    assert [row.index for row in rows[-2:]] == [700, None]
    assert len(rows) == 1 + 101 + 1
    assert rows[-1].note == "899 more: 899 ok"
    assert len(rows[0].density) == 100
    assert rows[0].density[90] == ("failed", 10)


def test_branches_are_one_deeper() -> None:
    branch = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    other = {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}}
    definition = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [branch, other], "End": True}}}
    events = history(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("ParallelStateEntered", 0, {"name": "P", "input": "{}"}),
        ("ParallelStateStarted", 2),
        ("PassStateEntered", 3, {"name": "A", "input": "{}"}),
        ("PassStateEntered", 3, {"name": "B", "input": "{}"}),
    )
    assert [(r.key, r.depth) for r in timeline(project(definition, events)).rows] == [("P", 0), ("P/A", 1), ("P/B", 1)]


@pytest.mark.parametrize(
    ("iterations", "length", "words"),
    [
        ({}, 5, "5 items"),
        ({}, None, ""),
        ({0: "succeeded", 1: "running"}, 1000, "1 running · 1 ok of 1,000"),
        ({0: "timed-out", 1: "failed", 2: "stopped"}, 3, "1 failed · 1 timed out · 1 stopped"),
    ],
)
def test_iterations_in_words(iterations: dict[int, Status], length: int | None, words: str) -> None:
    assert told(iterations, length) == words


def test_density_of_nothing_is_nothing() -> None:
    assert density({}) == ()
