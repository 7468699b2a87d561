"""What the marks on the graph count."""

from __future__ import annotations

from typing import Any

import pytest
from histories import MAP, RETRIED, SCHEDULED, TASK, history, mapped

from studio.asl.graph import build
from studio.exec.views.counts import counts_of
from studio.exec.views.run import project

SIX = {
    "StartAt": "T",
    "States": {"T": {**TASK["States"]["T"], "Retry": [{"ErrorEquals": ["X"], "MaxAttempts": 1}, {"ErrorEquals": ["E"], "MaxAttempts": 6}]}},
}  # type: ignore[dict-item]
PARALLEL = {
    "StartAt": "P",
    "States": {
        "P": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}},
                {"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 1, "End": True}}},
            ],
            "End": True,
        }
    },
}
LOOP = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}
BEGUN = (("ExecutionStarted", 0, {"input": "{}"}), ("TaskStateEntered", 0, {"name": "T", "input": "{}"}), ("TaskScheduled", 2, SCHEDULED))
BOTH = history(
    ("ExecutionStarted", 0, {"input": "{}"}),
    ("ParallelStateEntered", 0, {"name": "P", "input": "{}"}),
    ("ParallelStateStarted", 2),
    ("PassStateEntered", 3, {"name": "A", "input": "{}"}),
    ("PassStateExited", 4, {"name": "A", "output": "{}"}),
    ("WaitStateEntered", 3, {"name": "B", "input": "{}"}),
)
ENDED = [*mapped(3), {"id": 99, "previousEventId": 3, "type": "MapStateSucceeded", "timestamp": mapped(3)[-1]["timestamp"]}]
LEFT = {
    "id": 100,
    "previousEventId": 99,
    "type": "MapStateExited",
    "timestamp": ENDED[-1]["timestamp"],
    "stateExitedEventDetails": {"name": "M"},
}


@pytest.mark.parametrize(
    ("definition", "events", "counts"),
    [
        (TASK, [], {}),
        (TASK, history(*BEGUN), {}),
        (SIX, history(*BEGUN, ("TaskFailed", 3, {"error": "E"})), {"T": "1/6"}),
        (SIX, history(*BEGUN, ("TaskFailed", 3, {"error": "E"}), ("TaskScheduled", 4, SCHEDULED)), {"T": "2 tries"}),
        (TASK, RETRIED, {"T": "2 tries"}),
        (MAP, mapped(3), {"M": "3/3", "A": "×3"}),
        (MAP, mapped(3, failed=frozenset({1})), {"M": "3/3, 1 ✗", "A": "×3"}),
        (MAP, [*ENDED, LEFT], {"M": "3 ✓", "A": "×3"}),
        (PARALLEL, BOTH, {"P": "1/2"}),
        (
            LOOP,
            history(
                ("ExecutionStarted", 0, {"input": "{}"}),
                ("PassStateEntered", 0, {"name": "A"}),
                ("PassStateExited", 2, {"name": "A"}),
                ("PassStateEntered", 3, {"name": "A"}),
            ),
            {"A": "×2"},
        ),
    ],
)
def test_counts(definition: Any, events: list[dict[str, Any]], counts: dict[str, str]) -> None:
    assert counts_of(project(definition, events), build(definition)) == counts


def test_counts_of_one_iteration() -> None:
    assert counts_of(project(MAP, mapped(3)), build(MAP), {"M": 1}) == {"M": "3/3"}
