"""The page of a run: its head, its views, one selection for all of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from nicegui import ElementFilter, ui

from studio.asl.edits import SetValue, Transaction
from studio.exec.exported import export, keep, whole_history
from studio.exec.performers.mock import Mocks
from studio.ui.pages.run import iterations
from studio.ui.panels.run_head import how_failed, sentence
from studio.ui.widgets.failure import in_words
from studio.ui.widgets.rows import Rows
from studio.ui.widgets.timeline import TimelineChart

CHARGE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "charge", "Payload.$": "$"},
    "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxAttempts": 2, "BackoffRate": 1}],
    "End": True,
}
ORDERS = {
    "StartAt": "Each",
    "States": {
        "Each": {"Type": "Map", "ItemProcessor": {"StartAt": "Charge", "States": {"Charge": CHARGE}}, "MaxConcurrency": 1, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}
MOCKS = {
    "StateMachines": {"orders": {"TestCases": {"Happy": {"Charge": "r"}}}},
    "MockedResponses": {"r": {"0": {"Return": {"StatusCode": 200}}, "1-9": {"Throw": {"Error": "Busy", "Cause": "Rate exceeded"}}}},
}


def by_attribute(user: Any, name: str, value: str) -> list[ui.element]:
    with user._client:
        return [element for element in ElementFilter(local_scope=False) if element.props.get(name) == value]


def of_kind(user: Any, kind: type[Any], label: str) -> Any:
    with user._client:
        (found,) = [element for element in ElementFilter(kind=kind, local_scope=False) if element.props.get("label") == label]
        return found


def click(user: Any, name: str, value: str) -> None:
    [element] = by_attribute(user, name, value)[:1]
    with user:
        for listener in element._event_listeners.values():
            if listener.type == "click":
                element._handle_event({"listener_id": listener.id, "args": [{}]})


async def until(condition: Callable[[], Any]) -> Any:
    for _ in range(1500):
        if found := condition():
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


async def failed_run(studio: Any, folder: Path) -> str:
    (folder / "orders.asl.json").write_text(json.dumps(ORDERS), "utf-8")
    (folder / "orders.mocks.json").write_text(json.dumps(MOCKS), "utf-8")
    arn = await studio.engine.run_definition(
        json.dumps(ORDERS), "[7, 8]", mocks=Mocks.load(MOCKS), workflow="orders.asl.json", skip_waits=True, name="first"
    )
    await studio.engine.ended(arn)
    return str(arn)


async def test_a_failed_run_opens_on_the_attempt_that_failed(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await failed_run(studio, tmp_path)
    await user.open(f"/runs/{quote(arn, safe='')}")
    await user.should_see("failed on attempt 3 of 3, in iteration 1 of Each")
    [given] = by_attribute(user, "data-attempt-input", "")
    assert given.text == '{"FunctionName":"charge","Payload":8}'
    actions = {"fix", "test", "run-from", "redrive"}
    assert {action for action in actions if by_attribute(user, "data-action", action)} == actions
    [fix] = by_attribute(user, "data-action", "fix")
    assert fix.props["href"] == "/w/orders.asl.json?state=Charge"
    await until(lambda: by_attribute(user, "data-attempts", "3"))


async def test_every_view_has_the_run_and_the_selection(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await failed_run(studio, tmp_path)
    await user.open(f"/runs/{quote(arn, safe='')}?view=timeline")
    chart = of_kind(user, TimelineChart, "States over time")
    await until(lambda: chart.props.get("chosen"))
    assert chart.props["chosen"] == "Each[1]/Charge"
    rows = {row["key"]: row for row in chart.rows}
    assert list(rows) == ["Each", "Each[1]", "Each[1]/Charge", "Each[0]"]
    assert [bar[0] for bar in rows["Each[1]/Charge"]["bars"]] == ["attempt", "backoff", "attempt", "backoff", "attempt"]
    assert rows["Each"]["note"] == "1 failed · 1 ok"

    table, events = of_kind(user, Rows, "States"), of_kind(user, Rows, "Events")
    assert (table.props["chosen"], events.props["chosen"]) == ("Charge", rows["Each[1]/Charge"]["bars"][-1][5])
    for view, panel in (("table", table), ("events", events)):
        [tab] = by_attribute(user, "data-view", view)[:1]
        with user:
            for listener in tab._event_listeners.values():
                tab._handle_event({"listener_id": listener.id, "args": [{}]})
        await until(lambda panel=panel: panel.rows)
    assert [(row["id"], row["status"]["tone"], row["retries"]) for row in table.rows] == [
        ("Each", "failed", ""),
        ("Charge", "failed", "2"),
        ("Done", "not-reached", ""),
    ]


async def test_an_address_brings_the_selection_back(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await failed_run(studio, tmp_path)
    at = quote(json.dumps({"Each": 0}), safe="")
    await user.open(f"/runs/{quote(arn, safe='')}?view=events&state=Charge&event=6&at={at}")
    events = of_kind(user, Rows, "Events")
    await until(lambda: events.props.get("chosen") == 6)
    await until(lambda: by_attribute(user, "data-payload", "output"))


DEFINITIONS = {
    "comments": '// first\n{"StartAt": "A", /* why */ "States": {"A": {"Type": "Pass", "End": true}}}',
    "yaml": "StartAt: A # why\nStates:\n  A: {Type: Pass, End: true}\n",
}


@pytest.mark.parametrize("form", DEFINITIONS)
async def test_a_definition_may_be_written_in_any_way(tmp_path: Path, open_studio: Callable[[Path], Any], form: str) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await studio.engine.run_definition(DEFINITIONS[form], "{}")
    await studio.engine.ended(arn)
    await user.open(f"/runs/{quote(arn, safe='')}?state=A")
    await user.should_see("Succeeded: 1 state")
    await user.open(f"/runs/compare?a={quote(arn, safe='')}&b={quote(arn, safe='')}")
    await user.should_see("Both runs went the same way")


@pytest.mark.parametrize(
    ("at", "frame"),
    [("", {}), ('{"Each": 7}', {"Each": 7}), ("[1]", {}), ("{", {}), ('{"a": "b", "c": 1, "d": true}', {"c": 1}), ("[" * 100_000, {})],
)
def test_iterations_of_an_address(at: str, frame: dict[str, int]) -> None:
    assert iterations(at) == frame


def test_the_head_in_words() -> None:
    from studio.exec.views.run import Attempt, RunView, StateRun, Visit

    now = datetime(2026, 1, 1, tzinfo=UTC)
    visit = Visit("Charge", "Task", (("Each", 7),), 1, now, "{}", status="failed")
    assert how_failed(visit) == " failed in iteration 7 of Each: "
    visit.attempts = [Attempt(1, now), Attempt(2, now)]
    visit.status = "timed-out"
    assert how_failed(visit) == " timed out on attempt 2 of 2, in iteration 7 of Each: "
    states = {"A": StateRun("A", "succeeded"), "B": StateRun("B", "caught"), "C": StateRun("C", "not-reached")}
    view = RunView("SUCCEEDED", now, now + timedelta(seconds=3), "{}", "{}", None, None, states, frozenset(), 0, 5)
    assert sentence(view, "succeeded") == "Succeeded: 2 states, 1 of them after an error that was caught, in 3.0 s."
    states = {"A": StateRun("A", "stopped"), "B": StateRun("B", "succeeded")}
    view = RunView("ABORTED", now, now + timedelta(seconds=3), "{}", None, "Operator", "wrong order", states, frozenset(), 0, 5)
    assert sentence(view, "stopped") == "Stopped at A, after 3.0 s. Operator: wrong order"
    assert sentence(replace(view, error=None, cause=None, states={}), "stopped") == "Stopped, after 3.0 s."
    waiting = {name: StateRun(name, "waiting") for name in "ABCDEF"}
    assert sentence(replace(view, states=waiting), "running") == "Waiting at A, B, C, D and 2 more."
    assert sentence(replace(view, states={**waiting, "G": StateRun("G", "running")}), "running") == "At A, B, C, D and 3 more."


# The list, and two of them compared


def press(user: Any, element: ui.element, event: str = "click", argument: Any = None) -> None:
    with user:
        for listener in list(element._event_listeners.values()):
            if listener.type.split(".")[0] == event:
                element._handle_event({"listener_id": listener.id, "args": argument if argument is not None else [{}]})


async def two_runs(studio: Any, folder: Path) -> tuple[str, str]:
    """One that failed, and one that succeeded, of the same workflow."""
    failed = await failed_run(studio, folder)
    good = {**MOCKS, "MockedResponses": {"r": {"0-9": {"Return": {"StatusCode": 201}}}}}
    arn = await studio.engine.run_definition(
        json.dumps(ORDERS), "[7, 8]", mocks=Mocks.load(good), workflow="orders.asl.json", skip_waits=True, name="second"
    )
    await studio.engine.ended(arn)
    return failed, str(arn)


async def test_runs_are_searched_filtered_and_picked_to_be_compared(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    failed, good = await two_runs(studio, tmp_path)
    await user.open("/runs?query=error%3Abusy")
    table = of_kind(user, Rows, "Runs")
    assert [(row["id"], row["error"], row["status"]["word"]) for row in table.rows] == [(failed, "Busy", "Failed")]
    [search] = by_attribute(user, "data-search", "runs")
    search.set_value("state:charge 201")
    await until(lambda: [row["name"] for row in table.rows] == ["second"])
    search.set_value("")
    await until(lambda: [row["name"] for row in table.rows] == ["second", "first"])
    [status] = by_attribute(user, "data-filter", "status")
    press(user, status, "choose", "ABORTED")
    await user.should_see("No run fits")
    press(user, status, "choose", "")
    await until(lambda: len(table.rows) == 2)
    [compare] = by_attribute(user, "data-compare", "")
    assert not compare.visible
    for arn in (failed, good):
        press(user, table, "pick", arn)
    assert (compare.visible, table.props["picked"]) == (True, [failed, good])


async def test_two_runs_are_compared(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    failed, good = await two_runs(studio, tmp_path)
    await user.open(f"/runs/compare?a={quote(failed, safe='')}&b={quote(good, safe='')}&state=Each")
    await user.should_see("2 states went otherwise; 1 only in B.")
    table = of_kind(user, Rows, "States")
    assert [(row["id"], row["path"].strip(), row["a"]["word"], row["b"]["word"], row["outputs"]) for row in table.rows] == [
        ("Each", "◀ ▶", "Failed", "Succeeded", ""),
        ("Charge", "◀ ▶", "Failed", "Succeeded", ""),
        ("Done", "▶", "Not reached", "Succeeded", ""),
    ]
    await user.should_see("Output: only B has one.")
    press(user, table, "choose", "Charge")
    await user.should_see("The same in both.")


async def test_what_cannot_be_compared_is_said(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, _ = await open_studio(tmp_path)
    for address in ("/runs/compare", "/runs/compare?a=arn%3Ax&b=arn%3Ay"):
        await user.open(address)
        await user.should_see("Two runs of this workspace are needed")


async def test_a_run_says_what_was_edited_since(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await failed_run(studio, tmp_path)
    await user.open(f"/runs/{quote(arn, safe='')}")
    [chip] = by_attribute(user, "data-changed", "")
    assert not chip.visible
    session = await studio.sessions.open("orders.asl.json")
    await session.do(Transaction((SetValue(("States", "Each", "MaxConcurrency"), 2),), "Set MaxConcurrency", "form"))
    await user.open(f"/runs/{quote(arn, safe='')}")
    await user.should_see("Edited since: 1 state")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (None, ""),
        ("Rate exceeded", "Rate exceeded"),
        ('{"errorMessage": "card declined", "errorType": "ValueError"}', "card declined"),
        ('{"errorType": "ValueError"}', '{"errorType": "ValueError"}'),
        ("[1]", "[1]"),
    ],
)
def test_a_cause_in_words(cause: str | None, words: str) -> None:
    assert in_words(cause) == words


async def test_the_stages_of_the_selected_state(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await failed_run(studio, tmp_path)
    await user.open(f"/runs/{quote(arn, safe='')}?state=Charge&at={quote(json.dumps({'Each': 0}), safe='')}")
    click(user, "data-tab", "stages")
    cards = await until(lambda: by_attribute(user, "aria-label", "Stages of Charge"))
    assert len(cards) == 1
    names = ["input", "afterInputPath", "afterParameters", "result", "afterResultSelector", "afterResultPath", "output"]
    assert [name for name in names if by_attribute(user, "data-stage", name)] == names
    click(user, "data-stages", "values")
    await until(lambda: [one.props["aria-pressed"] for one in by_attribute(user, "data-stages", "values")] == ["true"])


async def test_two_runs_on_one_graph_and_a_run_over_the_definition_now(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    a = await failed_run(studio, tmp_path)
    b = await studio.engine.run_definition(json.dumps(ORDERS), "[]", workflow="orders.asl.json", skip_waits=True, name="none")
    await studio.engine.ended(b)
    await user.open(f"/runs/compare?a={quote(a, safe='')}&b={quote(b, safe='')}")
    await user.should_see("went otherwise")
    shown = {
        side: [e.visible for e in by_attribute(user, "data-side", side) if e.props.get("data-panel") == "canvas"]
        for side in ("both", "a", "b")
    }
    assert shown == {"both": [True], "a": [False], "b": [False]}
    click(user, "data-graphs", "two")
    assert [e.visible for e in by_attribute(user, "data-side", "a") if e.props.get("data-panel") == "canvas"] == [True]

    session = await studio.sessions.open("orders.asl.json")
    await session.do(Transaction((SetValue(("States", "Done", "Comment"), "new"),), "comment", "form"))
    await user.open(f"/runs/compare?a={quote(a, safe='')}&b=now&state=Done")
    await user.should_see("States since this ran: 1 changed. The run came to 0 of them.")
    rows = of_kind(user, Rows, "States")
    assert [(row["id"], row["since"]) for row in rows.rows if row["since"]] == [("Done", "changed")]
    await user.open(f"/runs/compare?a={quote(a[:-1], safe='')}&b=now")
    await user.should_see("A run and its workflow in this workspace are needed.")


async def test_what_a_function_printed(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "say.py").write_text("def handler(event, context):\n    print('it said', event)\n    return event\n", "utf-8")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "say", "Payload.$": "$"},
        "End": True,
    }
    definition = json.dumps({"StartAt": "Say", "States": {"Say": task}})
    arn = await studio.engine.run_definition(definition, '{"a": 1}', workflow="say.asl.json", functions=tmp_path / "functions", name="said")
    await studio.engine.ended(arn)
    await user.open(f"/runs/{quote(arn, safe='')}?state=Say")
    await until(lambda: by_attribute(user, "data-log", "1"))
    click(user, "data-log", "1")
    [log] = await until(lambda: by_attribute(user, "data-log-text", ""))
    assert "it said {'a': 1}\n" in log.text


async def test_an_imported_run_is_replayed_not_gone_on_with(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    run = await export(studio.engine, await failed_run(studio, tmp_path))
    (tmp_path / "orders.mocks.json").write_text(json.dumps({**MOCKS, "MockedResponses": {"r": {"0-9": {"Return": {"StatusCode": 200}}}}}))
    run["execution"]["executionArn"] += "-imported"
    assert keep(studio.engine.log, run, workflow="orders.asl.json", source="first.run.json")
    arn = run["execution"]["executionArn"]
    described = await studio.engine.describe_execution(executionArn=arn)
    assert (described["redriveStatus"], described["redriveStatusReason"][:45]) == (
        "NOT_REDRIVABLE",
        "Execution was imported: its history is here, ",
    )
    await user.open(f"/runs/{quote(arn, safe='')}")
    await until(lambda: by_attribute(user, "data-action", "replay"))
    assert not by_attribute(user, "data-action", "redrive")
    click(user, "data-action", "replay")

    async def replayed() -> list[Any]:
        found = (await studio.engine.list_executions(maxResults=10))["executions"]
        return [one for one in found if one["name"] != "first" and one["executionArn"] != arn and one["status"] == "FAILED"]

    for _ in range(1500):
        if again := await replayed():
            break
        await asyncio.sleep(0.02)
    await user.should_see(again[0]["name"])
    history = await whole_history(studio.engine, again[0]["executionArn"])
    assert [event["type"] for event in history] == [event["type"] for event in run["events"]]

    # run from the state that failed, answered otherwise now: replayed first
    await user.open(f"/runs/{quote(arn, safe='')}")
    await until(lambda: by_attribute(user, "data-action", "run-from"))
    click(user, "data-action", "run-from")
    [plan] = await until(lambda: by_attribute(user, "data-plan", ""))
    assert "It is first replayed on this machine" in plan.text  # type: ignore[attr-defined]
    click(user, "data-begin", "")
    for _ in range(1500):
        found = (await studio.engine.list_executions(maxResults=10))["executions"]
        if good := [one for one in found if one["status"] == "SUCCEEDED"]:
            break
        await asyncio.sleep(0.02)
    await user.should_see(good[0]["name"])  # its page is open
    told = await studio.engine.describe_execution(executionArn=good[0]["executionArn"])
    assert (told["workflow"], told["output"]) == ("orders.asl.json", '[{"StatusCode":200},{"StatusCode":200}]')


async def test_one_of_many_visits_is_chosen_by_its_number(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    again = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 150, "Next": "Count"}], "Default": "Done"}
    count = {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More?"}
    definition = json.dumps({"StartAt": "Count", "States": {"Count": count, "More?": again, "Done": {"Type": "Succeed"}}})
    arn = await studio.engine.run_definition(definition, '{"n": 0}', workflow="loop.asl.json", name="loop")
    await studio.engine.ended(arn)
    await user.open(f"/runs/{quote(arn, safe='')}?state=Count")
    [field] = await until(lambda: by_attribute(user, "data-number", "visit"))
    assert (field.value, [row.props["text"] for row in by_attribute(user, "label", "Output")]) == (150, ['{"n":150}'])
    with user:
        field.value = 7
    await until(lambda: [row.props["text"] for row in by_attribute(user, "label", "Output")] == ['{"n":7}'])


async def test_a_past_answer_is_kept_as_a_mock(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await failed_run(studio, tmp_path)
    await user.open(f"/runs/{quote(arn, safe='')}")
    await user.should_see("failed on attempt 3 of 3")
    await until(lambda: by_attribute(user, "data-visit-action", "keep"))
    click(user, "data-visit-action", "keep")
    await user.should_see("Kept in orders.mocks.json, case Happy: Charge fails so every time.")
    written = json.loads((tmp_path / "orders.mocks.json").read_text("utf-8"))
    assert written["MockedResponses"]["r"]["0-999"] == {"Throw": {"Error": "Busy", "Cause": "Rate exceeded"}}


async def test_the_event_of_an_address_is_open_where_events_are_listed(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await failed_run(studio, tmp_path)
    for _ in range(2):  # the second time the run has been read already
        await user.open(f"/runs/{quote(arn, safe='')}?view=events&state=Charge&event=15")
        await user.should_see("15  TaskFailed")
        await until(lambda: of_kind(user, Rows, "Events").rows)
        with user._client:
            [detail] = [one for one in ElementFilter(kind=ui.element, local_scope=False) if "events-detail" in one.classes]
        assert (detail.visible, of_kind(user, Rows, "Events").props["chosen"]) == (True, 15)
