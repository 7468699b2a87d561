"""Where a state of a run leads to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from studio.exec.views.links import links_of
from studio.exec.views.run import Visit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS: list[dict[str, Any]] = [
    {"id": 1, "type": "MapRunStarted", "mapRunStartedEventDetails": {"mapRunArn": "arn:map-run"}},
    {"id": 2, "type": "TaskSubmitted", "taskSubmittedEventDetails": {"resourceType": "states", "output": '{"ExecutionArn": "arn:child"}'}},
    {"id": 3, "type": "TaskSucceeded", "taskSucceededEventDetails": {"resourceType": "states", "output": '{"ExecutionArn": "arn:child"}'}},
    {"id": 4, "type": "TaskSucceeded", "taskSucceededEventDetails": {"resourceType": "lambda", "output": '{"ExecutionArn": "arn:no"}'}},
    {"id": 5, "type": "TaskSucceeded", "taskSucceededEventDetails": {"resourceType": "states", "output": "cut of"}},
]


def test_links() -> None:
    visit = Visit("A", "Task", (), 1, NOW, None, events=[1, 2, 3, 4, 5, 9])
    assert links_of(visit, EVENTS) == [("Map Run", "arn:map-run"), ("Execution it started", "arn:child")]
