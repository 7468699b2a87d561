"""Every status in every view, and events of types that nobody knows yet."""

from __future__ import annotations

from typing import Any

import pytest
from histories import MAP, RETRIED, SCHEDULED, TASK, dated, history, mapped, recorded

from studio.asl.graph import build
from studio.canvas import scene
from studio.exec.views.event_list import Listed, row_of
from studio.exec.views.run import Projector, project
from studio.exec.views.table import table
from studio.exec.views.timeline import timeline
from studio.ui.pages.runs import status_cell
from studio.ui.panels.table import _row as table_row
from studio.ui.panels.timeline import _row as timeline_row
from studio.ui.watch import statuses_of
from studio.ui.widgets import controls as c

STARTED = (("ExecutionStarted", 0, {"input": "{}"}), ("TaskStateEntered", 0, {"name": "T", "input": "{}"}))
PLAIN = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}}}
CATCHING = {
    "StartAt": "T",
    "States": {"T": {**PLAIN["States"]["T"], "Catch": [{"ErrorEquals": ["E"], "Next": "U"}]}, "U": {"Type": "Succeed"}},  # type: ignore[dict-item]
}
WAIT = {"StartAt": "T", "States": {"T": {"Type": "Wait", "Seconds": 9, "End": True}}}
FAILED = ("TaskFailed", 3, {"error": "E", "cause": "no"})
DONE = (
    ("TaskSucceeded", 3, {"output": "1"}),
    ("TaskStateExited", 4, {"name": "T", "output": "1"}),
    ("ExecutionSucceeded", 5, {"output": "1"}),
)
TASKED = (*STARTED, ("TaskScheduled", 2, SCHEDULED))
CASES: dict[str, tuple[Any, list[dict[str, Any]], str, str]] = {
    "succeeded": (PLAIN, history(*TASKED, *DONE), "SUCCEEDED", "succeeded"),
    "failed": (PLAIN, history(*TASKED, FAILED, ("ExecutionFailed", 4, {"error": "E", "cause": "no"})), "FAILED", "failed"),
    "running": (PLAIN, history(*TASKED), "RUNNING", "running"),
    "waiting for a timer": (WAIT, history(STARTED[0], ("WaitStateEntered", 0, {"name": "T", "input": "{}"})), "RUNNING", "waiting"),
    "waiting for a callback": (
        PLAIN,
        history(*STARTED, ("TaskScheduled", 2, {**SCHEDULED, "resource": "invoke.waitForTaskToken"}), ("TaskSubmitted", 3, {})),
        "RUNNING",
        "waiting",
    ),
    "retrying": (TASK, history(*TASKED, FAILED), "RUNNING", "retrying"),
    "retried": (TASK, RETRIED, "SUCCEEDED", "succeeded"),
    "caught": (
        CATCHING,
        history(
            *TASKED, FAILED, ("TaskStateExited", 4, {"name": "T", "output": "{}"}), ("SucceedStateEntered", 5, {"name": "U", "input": "{}"})
        ),
        "RUNNING",
        "caught",
    ),
    "a task timed out": (PLAIN, history(*TASKED, ("TaskTimedOut", 3, {"error": "States.Timeout"})), "RUNNING", "timed-out"),
    "the execution timed out": (PLAIN, history(*TASKED, ("ExecutionTimedOut", 3, {})), "TIMED_OUT", "timed-out"),
    "aborted": (PLAIN, history(*TASKED, ("ExecutionAborted", 3, {"error": "E", "cause": "by hand"})), "ABORTED", "stopped"),
    "not reached": (PLAIN, history(STARTED[0]), "RUNNING", "not-reached"),
    "no event yet": (PLAIN, [], "RUNNING", "not-reached"),
    "redriven": (
        PLAIN,
        history(*TASKED, FAILED, ("ExecutionFailed", 4, {"error": "E"}), ("ExecutionRedriven", 5, {"redriveCount": 1})),
        "RUNNING",
        "running",
    ),
}


@pytest.mark.parametrize(("definition", "events", "execution", "status"), CASES.values(), ids=CASES)
def test_every_view_shows_the_status(definition: Any, events: list[dict[str, Any]], execution: str, status: str) -> None:
    graph, projector = build(definition), Projector(definition)
    projector.feed(events)
    view = projector.view
    assert (view.status, view.states["T"].status) == (execution, status)
    assert status_cell(view.status)["icon"] != "help_outline"
    assert status in c.STATUS

    drawn = scene.build(definition, graph=graph, statuses=statuses_of(view, {}), taken=frozenset(view.transitions_taken))
    assert drawn.nodes["/States/T"].status == status
    [in_table] = [table_row(row) for row in table(view, graph) if row.name == "T"]
    assert (in_table["status"]["tone"], in_table["status"]["icon"]) == (status, c.STATUS[status][0])
    in_time = [timeline_row(row) for row in timeline(view).rows if row.state == "T"]
    assert [row["tone"] for row in in_time] == ([] if status == "not-reached" else [status])
    listed = Listed(events, projector.visit_of)
    assert [row["id"] for row in listed] == [event["id"] for event in events]
    assert {row["state"] for row in listed if row["type"].startswith("Task")} <= {"T"}


def unknown(number: int, previous: int, moment: Any, kind: str) -> dict[str, Any]:
    return {
        "id": number,
        "previousEventId": previous,
        "timestamp": moment,
        "type": kind,
        f"{kind[:1].lower()}{kind[1:]}EventDetails": {"what": 1},
    }


def statuses(definition: Any, events: list[dict[str, Any]]) -> tuple[str, dict[str, str]]:
    view = project(definition, events)
    return view.status, {name: state.status for name, state in view.states.items()}


@pytest.mark.parametrize("kind", ["TaskReconsidered", "ExecutionPondered", "MapStatePaused", "SomethingStateConsidered", "X"])
@pytest.mark.parametrize(
    ("definition", "events"),
    [*((one[0], one[1]) for one in CASES.values() if one[1]), (MAP, mapped(3, failed=frozenset({1})))],
    ids=[*(name for name, one in CASES.items() if one[1]), "a Map"],
)
def test_an_unknown_event_anywhere_changes_no_status(definition: Any, events: list[dict[str, Any]], kind: str) -> None:
    expected = statuses(definition, events)
    for place in range(1, len(events) + 1):
        before = events[place - 1]
        odd = unknown(len(events) + 1, before["id"], before["timestamp"], kind)
        with_odd = [*events[:place], odd, *events[place:]]
        assert statuses(definition, with_odd) == expected, (place, kind)
        projector = Projector(definition)
        projector.feed(with_odd)
        assert row_of(odd, events[0]["timestamp"], projector.visit_of)["type"] == kind
        timeline(projector.view)
        table(projector.view, build(definition))


@pytest.mark.parametrize(("definition", "events"), recorded()[::3])
def test_a_recorded_history_is_known_in_every_view(definition: Any, events: list[dict[str, Any]]) -> None:
    view, graph = project(definition, dated(events)), build(definition)
    shown = {row.status for row in table(view, graph)} | {row.status for row in timeline(view).rows} | set(statuses_of(view, {}).values())
    assert shown <= set(c.STATUS)
    assert view.status in c.EXECUTION_STATUS
