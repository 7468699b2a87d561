"""The log gives back what it was given, and writes what payloads have in common once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import StudioError
from studio.exec.events import Event
from studio.store.batches import Interner, count, decode, encode
from studio.store.eventlog import EventLog, Row

ARN = "arn:aws:states:us-east-1:123456789012:execution:M:e"
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(["", "x", "long " * 30]))
PAYLOADS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=12), st.dictionaries(st.sampled_from(["$", "a", "b", "c"]), inner)),
    max_leaves=30,
)


@st.composite
def payloads(draw: st.DrawFn) -> list[Any]:
    """Payloads that have objects in common, as those of a run have."""
    found = [draw(PAYLOADS)]
    for _ in range(draw(st.integers(0, 8))):
        part = draw(st.sampled_from(found))
        inside = list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else []
        found.append(draw(st.sampled_from([part, [part], {"$": part}, {"a": part, "b": [part, draw(PAYLOADS)]}, *inside])))
    return found


def events_of(values: list[Any]) -> list[Event]:
    return [("PassStateEntered", n, float(n), 0, {"name": "A", "input": value}) for n, value in enumerate(values)]


@settings(deadline=None)
@given(payloads(), st.integers(1, 4), st.integers(0, 3))
def test_what_is_read_is_what_was_written(values: list[Any], size: int, restart: int) -> None:
    events = events_of(values)
    interner, stored = Interner(), []
    for number, at in enumerate(range(0, len(events), size)):
        if number == restart:  # another process goes on: it knows how many payloads there are, and none of them
            interner = Interner()
            interner.skip(sum(count(fresh) for fresh, _ in stored))
        stored.append(encode(events[at : at + size], interner))
    assert [tuple(event) for batch in decode(stored) for event in batch] == events


def test_a_document_that_is_carried_along_is_written_once() -> None:
    document = {"rows": [{"id": n, "text": "x" * 100} for n in range(100)]}
    carried: list[Any] = [{"n": n, "doc": document, "last": {"n": n}} for n in range(50)]
    written = sum(len(part) for part in encode(events_of(carried), Interner()))
    assert written < len(encode(events_of([document]), Interner())[0]) + 50 * 200


def log_of_schema_one(path: Path) -> None:
    """As it was written before: every payload whole, whatever they have in common."""
    EventLog(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "INSERT INTO executions (arn,name,machine,kind,status,started,events,definition,meta,input) VALUES (?,'e','M','STANDARD','RUNNING',1.0,2,'{}','{}','{}')",
            (ARN,),
        )
        entered = '[["PassStateEntered",0,1.0,0,{"name":"A","input":{"$":0}}],["PassStateEntered",0,1.0,0,{"name":"B","input":{"$":1}}]]'
        db.execute("INSERT INTO batches VALUES (?,1,2,0,?,?)", (ARN, '[{"$":{"$":7}},[{"$":0}]]', entered))
        db.execute("PRAGMA user_version=1")


def test_a_log_of_schema_one_is_read_and_gone_on_with(tmp_path: Path) -> None:
    log_of_schema_one(tmp_path / "log.sqlite")
    log = EventLog(tmp_path / "log.sqlite")
    document = {"rows": [["x" * 200]]}
    log.append(ARN, 1, 3, 4, events_of([document, [document]]))
    inputs = [details["input"] for _, _, _, _, details in log.events(ARN) if details is not None]
    log.close()
    assert inputs == [{"$": {"$": 7}}, [{"$": 0}], document, [document]]


def test_a_log_of_a_newer_schema_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    log = EventLog(path)
    log.create(Row(ARN, "e", "M", "STANDARD", "RUNNING", 1.0, "{}", "{}"), events_of([1]))
    log.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA user_version=3")
    before = path.read_bytes()
    with pytest.raises(StudioError, match="newer version of the studio"):
        EventLog(path)
    assert path.read_bytes() == before


def begun(log: EventLog, name: str, started: float, parent: str | None, **more: Any) -> None:
    log.create(
        Row(f"{ARN}-{name}", name, "m", "STANDARD", "RUNNING", started, "{}", "{}", {"parent": parent}, events=1, **more), events_of([1])
    )


def test_what_was_begun_from_an_execution_is_found_by_an_index(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "x.sqlite")
    for number in range(5):
        begun(log, f"c{number}", float(number // 2), "p")
    begun(log, "other", 9, "q")
    begun(log, "alone", 9, None)
    begun(log, "item", 9, "p", map_run="m")
    log.append(f"{ARN}-c3", 1, 2, 2, events_of([2]), {"status": "FAILED", "ended": 9.0})
    rows, total = log.begun("p", limit=2)
    assert ([row.name for row in rows], total) == (["c4", "c3"], 5)
    assert [row.name for row in log.begun("p", after=log.key(f"{ARN}-c3"))[0]] == ["c2", "c1", "c0"]
    rows, total = log.begun("p", status="FAILED")
    assert ([row.name for row in rows], total) == (["c3"], 1)
    log.put_thing("map-run", "arn:1", {"executionArn": "p"})
    log.put_thing("map-run", "arn:2", {"executionArn": "q"})
    assert log.map_runs("p") == {"arn:1": {"executionArn": "p"}}

    asked: list[str] = []
    log.connection.set_trace_callback(asked.append)
    log.begun("p", status="FAILED", after=(1.0, "1"))
    log.map_runs("p")
    log.rows(machine="m")
    log.rows()
    log.rows(status="FAILED")
    log.rows(map_run="m")
    log.open_rows()
    log.connection.set_trace_callback(None)
    plans = [row[3] for statement in asked for row in log.connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()]
    assert [plan.split("USING ")[1].split(" (")[0] for plan in plans if "TEMP B-TREE" not in plan] == [
        "INDEX executions_parent",
        "INDEX executions_parent",
        "INDEX things_map_run",
        "INDEX executions_machine",
        "INDEX executions_top",
        "INDEX executions_top_status",
        "INDEX executions_child",
        "INDEX executions_open",
    ]
    log.close()


def test_a_log_of_an_older_studio_gets_the_indexes(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "x.sqlite")
    begun(log, "c", 1, "p")
    for name in (
        "executions_top",
        "executions_top_status",
        "executions_open",
        "executions_child",
        "executions_parent",
        "executions_machine",
    ):
        log.connection.execute(f"DROP INDEX {name}")
    log.connection.execute("DROP INDEX things_map_run")
    log.connection.execute("CREATE INDEX executions_started ON executions (started DESC)")
    log.close()
    log = EventLog(tmp_path / "x.sqlite")
    names = {name for (name,) in log.connection.execute("SELECT name FROM sqlite_master WHERE type='index'")}
    assert ("executions_parent" in names, "executions_started" in names) == (True, False)
    assert [row.name for row in log.begun("p")[0]] == ["c"]
    log.close()
