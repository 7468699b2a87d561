"""The table of states: every recorded history has one; order, resources, sums, spans."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from histories import MAP, RETRIED, TASK, dated, mapped, recorded

from studio.asl.graph import build
from studio.exec.views.run import Status, project
from studio.exec.views.table import SPANS, StateRow, resource, table


@pytest.mark.parametrize(("definition", "events"), recorded())
def test_a_recorded_history_has_a_row_for_every_state(definition: dict[str, Any], events: list[dict[str, Any]]) -> None:
    view, graph = project(definition, dated(events)), build(definition)
    rows = table(view, graph)
    assert len(rows) == len(graph.states)
    assert {row.status for row in rows} <= set(get_args(Status))
    top = [row.visits > 0 for row in rows if row.depth == 0]
    assert top == sorted(top, reverse=True)
    for row in rows:
        assert (row.started is None) == (row.visits == 0) == (row.status == "not-reached") == (row.spans == ())
        assert all(0 <= start <= end <= 1 for start, end, _ in row.spans)


def test_a_task_in_one_row() -> None:
    assert table(project(TASK, RETRIED), build(TASK)) == (
        StateRow("T", "Task", 0, "succeeded", "lambda:invoke", 1.0, 5.0, 1, 1, None, ((1 / 7, 6 / 7, "succeeded"),)),
    )


def test_a_chosen_iteration_only() -> None:
    view, graph = project(MAP, mapped(3, failed=frozenset({1}))), build(MAP)
    assert [(r.name, r.depth, r.visits) for r in table(view, graph)] == [("M", 0, 1), ("A", 1, 3), ("B", 1, 0)]
    assert [(r.name, r.visits, r.status) for r in table(view, graph, {"M": 1})] == [
        ("M", 1, "running"),
        ("A", 1, "succeeded"),
        ("B", 0, "not-reached"),
    ]


def test_many_visits_are_drawn_as_few_spans() -> None:
    rows = table(project(MAP, mapped(500)), build(MAP), until=2001.0)
    assert len(rows[1].spans) <= SPANS
    assert rows[1].visits == 500


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "pay"}}, "lambda:invoke pay"),
        (
            {"Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "arn:aws:lambda:eu-west-1:1:function:pay:7"}},
            "lambda:invoke pay",
        ),
        ({"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}, "sqs:sendMessage.waitForTaskToken"),
        ({"Resource": "arn:aws:lambda:eu-west-1:123456789012:function:pay"}, "lambda pay"),
        ({"Resource": "arn:aws:states:eu-west-1:123456789012:activity:approve"}, "states approve"),
        ({"Resource": "${Function}"}, "${Function}"),
        ({"Resource": 7}, ""),
        ({"Type": "Pass"}, ""),
    ],
)
def test_a_resource_in_short(state: dict[str, Any], words: str) -> None:
    assert resource(state) == words
