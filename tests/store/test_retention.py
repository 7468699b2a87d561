"""Which runs are forgotten: the old, then the oldest beyond a size; never one that runs."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from studio.store.eventlog import EventLog, Row

MAP_RUN = "arn:aws:states:us-east-1:123456789012:mapRun:M/x:1"


def log_of(path: Path, *, size: int = 10) -> EventLog:
    """Executions `e0` (running) to `e9`; e<n> ended at n. e1 has a Map Run with one child."""
    log = EventLog(path)
    for n in range(10):
        log.create(Row(f"e{n}", f"e{n}", "m", "STANDARD", "RUNNING", float(n), "{}", "{}", events=1), [("A", 0, 0.0, 0, {"x": "y" * size})])
        if n:
            log.append(f"e{n}", 1, 2, 2, [], {"status": "SUCCEEDED", "ended": float(n)})
    log.create(Row("child", "c", "m", "STANDARD", "RUNNING", 1.0, "{}", "{}", events=1, map_run=MAP_RUN), [])
    log.append("child", 1, 2, 2, [], {"status": "SUCCEEDED", "ended": 1.0})
    log.put_thing("map-run", MAP_RUN, {"executionArn": "e1"})
    return log


def names(log: EventLog) -> list[str]:
    return sorted(row.arn for row in log.rows())


def test_the_old_are_forgotten_with_their_children(tmp_path: Path) -> None:
    log = log_of(tmp_path / "log.sqlite")
    assert log.prune(7.0, None) == 6
    assert names(log) == ["e0", "e7", "e8", "e9"]
    assert log.children(MAP_RUN) == []
    assert log.things("map-run") == {}
    assert (log.events("e1"), len(log.events("e7"))) == ([], 1)


def test_what_was_imported_is_kept_however_long_ago_it_ended(tmp_path: Path) -> None:
    log = log_of(tmp_path / "log.sqlite")
    log.describe("e2", {"imported": "run.json"})
    assert log.prune(7.0, None) == 5
    assert names(log) == ["e0", "e2", "e7", "e8", "e9"]


def test_the_oldest_go_until_the_rest_fits_and_the_file_shrinks(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    log = log_of(path, size=200_000)
    assert log.prune(None, 10_000_000) == 0
    log.close()
    before = path.stat().st_size
    log = EventLog(path)
    assert log.prune(None, 1_000_000) == 6
    assert names(log) == ["e0", "e7", "e8", "e9"]
    log.close()
    assert path.stat().st_size < before / 2


def test_a_file_that_could_not_shrink_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.execute("CREATE TABLE anything (x)")  # without PRAGMA auto_vacuum, which only an empty file takes
    log = log_of(path, size=200_000)
    log.close()
    before = path.stat().st_size
    log = EventLog(path)
    assert log.prune(None, 1_000_000) == 6
    assert names(log) == ["e0", "e7", "e8", "e9"]
    log.close()
    assert path.stat().st_size < before / 2
