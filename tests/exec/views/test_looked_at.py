"""Which of the stays in a state is looked at."""

from __future__ import annotations

from typing import Any

import pytest

from studio.exec.views.looked_at import looked_at, where
from studio.exec.views.run import project
from tests.exec.views.histories import SCHEDULED, history

EACH = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}
MAP = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": EACH, "End": True}}}
VIEW = project(
    MAP,
    history(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("MapStateEntered", 0, {"name": "M", "input": "[0, 1, 2]"}),
        ("MapStateStarted", 2, {"length": 3}),
        ("MapIterationStarted", 3, {"name": "M", "index": 0}),
        ("PassStateEntered", 4, {"name": "A", "input": "0"}),  # 5
        ("PassStateExited", 5, {"name": "A", "output": "0"}),
        ("PassStateEntered", 6, {"name": "A", "input": "0"}),  # 7
        ("PassStateExited", 7, {"name": "A", "output": "0"}),
        ("MapIterationSucceeded", 8, {"name": "M", "index": 0}),
        ("MapIterationStarted", 3, {"name": "M", "index": 1}),
        ("TaskStateEntered", 10, {"name": "A", "input": "1"}),  # 11
        ("TaskScheduled", 11, SCHEDULED),
        ("TaskFailed", 12, {"error": "E"}),
        ("MapIterationFailed", 13, {"name": "M", "index": 1}),
        ("MapIterationStarted", 3, {"name": "M", "index": 2}),
    ),
)


@pytest.mark.parametrize(
    ("name", "frame", "index", "entered"),
    [
        ("A", {}, 1, [11]),  # the one that failed
        ("A", {"M": 0}, 0, [5, 7]),
        ("A", {"M": 2}, 2, []),
        ("A", {"M": 99}, 1, [11]),
        ("M", {}, None, [2]),
        ("M", {"M": 2}, 2, [2]),
        ("Nowhere", {}, None, []),
        (None, {}, None, []),
    ],
)
def test_the_iteration_that_was_chosen_else_the_one_of_interest(
    name: str | None, frame: dict[str, int], index: int | None, entered: list[int]
) -> None:
    seen = looked_at(VIEW, name, frame)
    statuses: dict[int, Any] = {0: "succeeded", 1: "failed", 2: "running"}
    assert seen.levels == ((("M", statuses, index),) if name in {"A", "M"} else ())
    assert [visit.entered_id for visit in seen.visits] == entered
    last = seen.visit()
    assert where(seen.visits[0]) == (f", in iteration {index} of M" if name == "A" else "") if seen.visits else True
    assert (last.entered_id if last else None) == (entered[-1] if entered else None)


def test_the_visit_of_an_event_is_taken_where_it_is_among_them() -> None:
    first, second, failed = VIEW.states["A"].visits
    seen = looked_at(VIEW, "A", {"M": 0})
    assert (seen.visit(first), seen.visit(second), seen.visit(failed), seen.visit(None)) == (first, second, second, second)
