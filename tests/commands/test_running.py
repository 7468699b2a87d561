"""`studio run` keeps what it ran, within bounds."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from studio.commands import running
from studio.store.eventlog import EventLog

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


@pytest.mark.parametrize(("in_workspace", "kept"), [(False, ["d", "e"]), (True, ["a", "b", "c", "d", "e"])])
def test_the_oldest_runs_are_forgotten_outside_of_a_workspace(
    in_workspace: bool, kept: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "work"
    (folder / ".studio" if in_workspace else folder).mkdir(parents=True)
    file = folder / "p.asl.json"
    file.write_text(json.dumps(PASS))
    for name in "abcd":
        running.run(str(file), json.dumps("x" * 100_000), name=name)
    monkeypatch.setattr(running, "MOST_BYTES", 2_500_000)
    running.run(str(file), json.dumps("x" * 100_000), name="e")
    log = EventLog((folder / ".studio" if in_workspace else tmp_path / "state" / "asl-studio") / "executions.sqlite")
    capsys.readouterr()
    assert sorted(row.name for row in log.rows()) == kept


def test_a_log_that_somebody_else_holds_costs_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def held(*_: object) -> int:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(running, "MOST_BYTES", 1)
    monkeypatch.setattr(EventLog, "prune", held)
    file = tmp_path / "p.asl.json"
    file.write_text(json.dumps(PASS))
    running.run(str(file), "7")
    assert capsys.readouterr().out == "7\n"
