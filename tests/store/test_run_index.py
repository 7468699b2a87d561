"""The index of the runs: what is found by which words, and that it follows what is written, by whomever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.store.eventlog import EventLog, Row
from studio.store.search import CHUNK, Found, RunIndex, match

DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


def arn(name: str) -> str:
    return f"arn:aws:states:us-east-1:123456789012:execution:orders:{name}"


def begin(
    log: EventLog, name: str, given: Any, *, started: float = 1.0, workflow: str = "flows/orders.asl.json", map_run: str | None = None
) -> None:
    events: list[Any] = [
        ("ExecutionStarted", 0, started, 0, {"input": given}),
        ("TaskStateEntered", 0, started, 0, {"name": 'Say "hi"', "input": given}),
        ("TaskFailed", 2, started, 0, {"error": "Busy.Now", "cause": "too many — später"}),
        ("PassStateEntered", 3, started, 1, {"name": "Größe", "input": given}),
    ]
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:orders"
    text = json.dumps(given, ensure_ascii=False)
    log.create(
        Row(arn(name), name, machine, "STANDARD", "RUNNING", started, DEFINITION, text, {"workflow": workflow}, events=4, map_run=map_run),
        events,
    )


def end(log: EventLog, name: str, status: str, **more: Any) -> None:
    log.append(arn(name), 1, 5, 5, [("ExecutionEnded", 4, 2.0, 0, None)], {"status": status, "ended": 2.0, **more})


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    log = EventLog(tmp_path / "executions.sqlite")
    begin(log, "run-1", {"customer": "Ada Lovelace", "id": "order-4711"}, started=1)
    end(log, "run-1", "SUCCEEDED", output='{"paid": true}')
    begin(log, "run-2", {"customer": "Bob", "id": "order-4712"}, started=2, workflow="flows/other.asl.json")
    end(log, "run-2", "FAILED", error="Payment.Declined", cause="the card was stolen")
    begin(log, "run-3", {"customer": "Ada B."}, started=3)
    begin(log, "child", {"customer": "Ada"}, started=4, map_run="arn:map")
    yield log
    log.close()


@pytest.fixture(params=["file", "memory"])
def index(request: pytest.FixtureRequest, log: EventLog) -> Iterator[RunIndex]:
    """Over a connection of its own, and over the log's."""
    index = RunIndex(log.path if request.param == "file" else None, log)
    assert index.refresh() == 0
    yield index
    index.close()


def names(index: RunIndex, text: str = "", **more: Any) -> list[str]:
    found = index.find(text, **more)
    assert (found.total, found.last) == (len(found.rows), None)
    return [row.name for row in found.rows]


SEARCHES: dict[str, list[str]] = {
    "": ["run-3", "run-2", "run-1"],
    "ada": ["run-3", "run-1"],
    "ADA love": ["run-1"],
    "order-4711": ["run-1"],
    "order-471": ["run-2", "run-1"],
    "4712": ["run-2"],
    "paid": ["run-1"],
    "declined stolen": ["run-2"],
    "error:declined": ["run-2"],
    "input:declined": [],
    'input:"Ada B"': ["run-3"],
    '"Ada Love"': [],
    "state:größe": ["run-3", "run-2", "run-1"],
    "states:hi": ["run-3", "run-2", "run-1"],
    "error:busy": ["run-3", "run-2", "run-1"],
    "später": ["run-3", "run-2", "run-1"],
    "run-2": ["run-2"],
    "workflow:other": ["run-2"],
    "nobody:ada": [],
    "nothing": [],
    "?!": [],
    '" OR "" AND (': [],
    "AND": [],
    "ada NOT bob": [],
    '{"customer":"Bob"}': ["run-2"],
}


@pytest.mark.parametrize("text", SEARCHES)
def test_what_is_found(index: RunIndex, text: str) -> None:
    assert names(index, text) == SEARCHES[text]


def test_filters_go_with_and_without_words(index: RunIndex) -> None:
    assert names(index, status="FAILED") == ["run-2"]
    assert names(index, "order", status="FAILED") == ["run-2"]
    assert names(index, workflow="flows/orders.asl.json") == ["run-3", "run-1"]
    assert names(index, "ada", status="SUCCEEDED", workflow="flows/orders.asl.json") == ["run-1"]
    assert names(index, "ada", workflow="flows/other.asl.json") == []
    assert index.workflows() == ["flows/orders.asl.json", "flows/other.asl.json"]


@pytest.mark.parametrize("text", ["", "order"])
@pytest.mark.parametrize("status", [None, "RUNNING"])
def test_pages_skip_and_repeat_nothing_while_runs_arrive_and_go(index: RunIndex, log: EventLog, text: str, status: str | None) -> None:
    """Behind what was shown last: what is newer, what starts at the same moment and what is deleted in between does not move a page."""
    for number in range(12):
        begin(log, f"order-{number:02}", {"n": number}, started=10.0 + number // 5)
    assert index.refresh() == 0
    seen: list[str] = []
    totals: list[int] = []
    found = index.find(text, status=status, limit=4)
    for page in range(9):
        seen += [row.name for row in found.rows]
        totals.append(found.total)
        if found.last is None:
            break
        log.delete([arn(seen[-1])])  # the very one that the key is of
        for late in range(3):
            begin(log, f"order-late-{page}-{late}", {}, started=20.0 + page)
        index.refresh()
        found = index.find(text, status=status, limit=4, after=found.last)
    older = ["run-3"] if status else ["run-3", "run-2", "run-1"]
    assert seen == [f"order-{number:02}" for number in reversed(range(12))] + older
    first = 12 + len(older)
    assert totals == [first + 2 * page for page in range(len(totals))]


def test_a_page_far_down_is_found_by_the_index(log: EventLog) -> None:
    index = RunIndex(None, log)
    asked: list[str] = []
    log.connection.set_trace_callback(asked.append)
    index.find(after=(2.0, "2"))
    index.find("order", after=(2.0, "words"))
    log.connection.set_trace_callback(None)
    pages = [statement for statement in asked if "LIMIT" in statement]
    assert len(pages) == 2
    assert not any("OFFSET" in statement for statement in pages)
    plans = [" / ".join(row[3] for row in log.connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()) for statement in pages]
    assert "USING INDEX executions_top (started<?)" in plans[0]
    assert "TEMP B-TREE FOR ORDER BY" not in plans[0]
    assert "SCAN words VIRTUAL TABLE INDEX" in plans[1]
    assert "SCAN e" not in plans[1]


@pytest.mark.parametrize(("text", "key"), [("order", (1.0, "7")), ("", (1.0, "words"))])
def test_a_key_of_another_search_is_refused(index: RunIndex, text: str, key: tuple[float, str]) -> None:
    with pytest.raises(ValueError, match=key[1]):
        index.find(text, after=key)


def test_it_follows_what_is_written(index: RunIndex, log: EventLog) -> None:
    assert names(index, "cancelled") == []
    end(log, "run-3", "ABORTED", error="Stopped", cause="cancelled by hand")
    log.delete([arn("run-1")])
    begin(log, "run-5", {"customer": "Ada the last"}, started=9)
    assert index.refresh() == 0
    assert names(index, "cancelled", status="ABORTED") == ["run-3"]
    assert names(index, "ada") == ["run-5", "run-3"]
    log.reopen(arn("run-3"), {})
    index.refresh()
    assert names(index, "run-3", status="RUNNING") == ["run-3"]


def test_another_process_s_runs_are_found_too(index: RunIndex, log: EventLog) -> None:
    assert log.path is not None
    other = EventLog(log.path)
    begin(other, "elsewhere", {"customer": "Eve"}, started=9)
    other.close()
    index.refresh()
    assert names(index, "eve") == ["elsewhere"]


def test_a_log_from_before_the_index_is_taken_in_by_and_by(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "x.sqlite")
    for number in range(CHUNK + 5):
        begin(log, f"run-{number}", {"n": number}, started=float(number))
    index = RunIndex(log.path, log)
    assert index.refresh() == 5
    assert index.refresh() == 0
    assert index.find("state:größe", limit=1000).total == CHUNK + 5
    index.close()
    assert index.refresh() == 0
    again = RunIndex(log.path, log)
    assert again.refresh(0) == 0
    assert names(again, '"run-7"') == ["run-7"]
    again.close()
    log.close()


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("", ""),
        ("a-b", '"a b" *'),
        ("error:a.b x", 'error : "a b" * AND "x" *'),
        ('"a b"', '"a b"'),
        ("nope:a", '"nope a" *'),
        ("error:", '"error" *'),
    ],
)
def test_what_a_search_means(text: str, expression: str) -> None:
    assert match(text) == expression


def test_a_renamed_workflow_keeps_its_runs(log: EventLog) -> None:
    begin(log, "run-9", {"customer": "Ada"}, started=9, workflow="flows/orders.asl.json#Pay")
    index = RunIndex(log.path, log)
    while index.refresh():
        pass
    assert log.rename_workflow("flows/orders.asl.json", "shop/buy.asl.json") == 4
    assert log.rename_workflow("flows/orders.asl.json", "never") == 0
    while index.refresh():
        pass
    assert index.workflows() == ["flows/other.asl.json", "shop/buy.asl.json", "shop/buy.asl.json#Pay"]
    assert [row.name for row in index.find(workflow="shop/buy.asl.json").rows] == ["run-3", "run-1"]
    assert [row.name for row in index.find("lovelace", workflow="shop/buy.asl.json").rows] == ["run-1"]
    assert index.find(workflow="flows/orders.asl.json") == Found()
    index.close()
