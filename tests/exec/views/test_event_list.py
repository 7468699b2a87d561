"""The rows of a history, and what a filter leaves of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from studio.exec.views.event_list import Filter, Listed
from studio.exec.views.run import Projector

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(number: int, seconds: float, kind: str, **details: Any) -> dict[str, Any]:
    held = {f"{kind[:1].lower()}{kind[1:]}EventDetails": details} if details else {}
    if kind.endswith(("StateEntered", "StateExited")):
        held = {f"state{kind[-7:] if kind.endswith('Entered') else 'Exited'}EventDetails": details}
    return {"id": number, "previousEventId": number - 1, "timestamp": BEGAN + timedelta(seconds=seconds), "type": kind, **held}


EVENTS = [
    event(1, 0, "ExecutionStarted", input="{}"),
    event(2, 0.01, "TaskStateEntered", name="Charge card", input="{}"),
    event(3, 0.02, "TaskScheduled", resource="invoke", parameters="{}"),
    event(4, 1.5, "TaskFailed", error="Busy", cause="Rate exceeded"),
    event(5, 90, "TaskStateAborted"),
    event(6, 91, "SomethingAwsAddsLater", name="Elsewhere", index=3),
    event(7, 3700, "ExecutionAborted"),
]


def listed() -> list[dict[str, Any]]:
    projector = Projector({"StartAt": "Charge card", "States": {"Charge card": {"Type": "Task", "End": True}}})
    projector.feed(EVENTS)
    return list(Listed(EVENTS, projector.visit_of))


def test_a_row_says_what_where_and_when() -> None:
    assert listed() == [
        {"id": 1, "type": "ExecutionStarted", "state": "", "detail": "{}", "after": "+0.000 s"},
        {"id": 2, "type": "TaskStateEntered", "state": "Charge card", "detail": "Charge card", "after": "+0.010 s"},
        {"id": 3, "type": "TaskScheduled", "state": "Charge card", "detail": "invoke", "after": "+0.020 s"},
        {"id": 4, "type": "TaskFailed", "state": "Charge card", "detail": "Busy Rate exceeded", "after": "+1.500 s", "class": "bad"},
        {"id": 5, "type": "TaskStateAborted", "state": "Charge card", "detail": "", "after": "+90.000 s", "class": "bad"},
        {"id": 6, "type": "SomethingAwsAddsLater", "state": "Charge card", "detail": "Elsewhere 3", "after": "+91.000 s"},
        {"id": 7, "type": "ExecutionAborted", "state": "", "detail": "", "after": "+3700.000 s", "class": "bad"},
    ]


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (Filter(), [1, 2, 3, 4, 5, 6, 7]),
        (Filter(words="  "), [1, 2, 3, 4, 5, 6, 7]),
        (Filter(kind="bad"), [4, 5, 7]),
        (Filter(kind="states"), [2]),
        (Filter(kind="started"), [1, 3]),
        (Filter(state="Charge card"), [2, 3, 4, 5, 6]),
        (Filter(words="busy"), [4]),
        (Filter(words="task RATE"), [4]),
        (Filter(words="type:task"), [2, 3, 4, 5]),
        (Filter(words='state:"charge card" type:scheduled'), [3]),
        (Filter(words="state:nowhere"), []),
        (Filter(words=">1.5s"), [4, 5, 6, 7]),
        (Filter(words=">15ms <2s"), [3, 4]),
        (Filter(words="<1.6"), [1, 2, 3, 4]),
        (Filter(words=">1m <1h"), [5, 6]),
        (Filter(words='">1m"'), []),
        (Filter(kind="bad", state="Charge card", words=">1m"), [5]),
    ],
)
def test_a_filter_leaves_what_fits(given: Filter, left: list[int]) -> None:
    assert [row["id"] for row in given.apply(listed())] == left


def test_events_that_come_later_are_listed_as_if_they_had_been_there() -> None:
    projector = Projector({"StartAt": "Charge card", "States": {"Charge card": {"Type": "Task", "End": True}}})
    known: list[dict[str, Any]] = []
    rows = Listed(known, projector.visit_of)
    assert not rows
    for count, one in enumerate(EVENTS, 1):
        projector.feed([one])
        known.append(one)
        assert (len(rows), rows[-1]) == (count, listed()[count - 1])
    assert list(rows) == listed()
    assert rows[2:4] == listed()[2:4]
    assert rows[2] is rows[2:3][0]
