"""What somebody new types: odd inputs, closed pipes, two things from standard input, Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from studio.commands import running
from studio.errors import StudioError
from studio.store.eventlog import EventLog

ROOT = Path(__file__).parents[2]
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
WAIT = {"Type": "Wait", "Seconds": 600, "End": True}


@pytest.fixture
def workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "p.asl.json"
    file.write_text(json.dumps(PASS))
    return file


def shell(line: str, workflow: Path) -> subprocess.CompletedProcess[str]:
    studio = f"{sys.executable} -m studio"
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line.replace('studio ', f'{studio} ')}"],
        capture_output=True,
        text=True,
        cwd=workflow.parent,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "--input is empty"),
        ("missing.json", "missing.json cannot be read: No such file"),
        ('{"a": NaN}', "--input is not JSON: NaN is no number in JSON"),
        ('{"a": 1e999}', "--input is not JSON: the number 1e999 is too large"),
        ('{"a": }', "--input is not JSON: line 1, column 7: Expecting value"),
        ("[" * 100_000, "--input is not JSON: it is nested too deeply"),
        (".", "is a folder; a file for --input was expected"),
    ],
)
def test_an_input_that_is_none_is_refused(given: str, words: str, workflow: Path) -> None:
    with pytest.raises(StudioError) as refused:
        running.run(str(workflow), given)
    assert words in str(refused.value)


@pytest.mark.parametrize("name", ["1.json", "-x.json", "[1].json", "true", "übung 日本.json"])
def test_a_file_that_is_there_is_the_input_whatever_its_name(name: str, workflow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workflow.parent / name).write_text('{"from": "file"}')
    running.run(str(workflow), name)
    assert capsys.readouterr().out == '{"from":"file"}\n'


@pytest.mark.parametrize("name", ["", "a b", "a:b", "x" * 81])
def test_a_name_that_no_execution_can_have_is_refused(name: str, workflow: Path) -> None:
    with pytest.raises(StudioError, match="Invalid Name"):
        running.run(str(workflow), name=name)


def test_what_comes_from_standard_input_has_no_side_files(workflow: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    (workflow.parent / "input.json").write_text('{"whose": "another workflow\'s"}')
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(PASS).encode())))
    running.run("-")
    assert capsys.readouterr() == ("{}\n", "")


@pytest.mark.parametrize(
    ("line", "code", "out", "words"),
    [
        ("studio schema | true", 1, "", ""),
        ("studio run p.asl.json | true", 1, "", ""),
        ("studio run p.asl.json >/dev/full", 2, "", "studio: the output cannot be read or written: No space left on device."),
        ("studio run p.asl.json >&-", 0, "", ""),
        ('echo \'{"StartAt": "X", "States": {}}\' | studio run -', 2, "", '"StartAt": "X"'),
        ("studio run - --input - <p.asl.json", 2, "", "cannot both come from standard input"),
        ("studio test-state - --state P --input - <p.asl.json", 2, "", "Only one thing can come from standard input"),
        (f"studio test-state p.asl.json --state P --input '{json.dumps('x' * 5000)}' | tail -c 14", 0, "SUCCEEDED", ""),
    ],
)
def test_in_a_shell(line: str, code: int, out: str, words: str, workflow: Path) -> None:
    done = shell(line, workflow)
    assert "Traceback" not in done.stderr + done.stdout
    assert (done.returncode, out in done.stdout, words in done.stderr, bool(done.stderr)) == (code, True, True, bool(words)), done


def test_a_damaged_log_is_set_aside_and_a_person_hears_of_it(workflow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = workflow.parent / ".studio" / "executions.sqlite"
    store.parent.mkdir()
    store.write_text("no database " * 100)
    running.run(str(workflow))
    out, err = capsys.readouterr()
    assert (out, "set aside as executions.sqlite.damaged-1" in err) == ("{}\n", True)
    assert (store.parent / "executions.sqlite.damaged-1").read_text() == "no database " * 100


@pytest.mark.parametrize("distributed", [False, True])
def test_a_run_stopped_by_hand_is_over(distributed: bool, workflow: Path) -> None:
    """Left RUNNING in the log, the next studio would go on with it."""
    definition: Any = {"StartAt": "W", "States": {"W": WAIT}}
    if distributed:
        each = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **definition}
        definition = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": each, "End": True}}}
    workflow.write_text(json.dumps(definition))
    store = workflow.parent / "state" / "asl-studio" / "executions.sqlite"
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests themselves may run where it is ignored
    run = subprocess.Popen(
        [sys.executable, "-m", "studio", "run", str(workflow), "--input", "[1]"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    signal.signal(signal.SIGINT, heard)
    try:
        while run.poll() is None and not _waits(store):
            pass
        run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=60)
    finally:
        run.kill()
    assert (run.returncode, said) == (1, ("", "\nAborted!\n"))
    log = EventLog(store)
    assert {row.status for row in log.rows()} == {"ABORTED"}
    assert log.open_rows() == []


def _waits(store: Path) -> bool:
    """Whether some execution in the log has come to its Wait."""
    time.sleep(0.02)
    if not store.exists():
        return False
    with sqlite3.connect(store) as db:
        try:
            return db.execute("SELECT count(*) FROM batches WHERE CAST(events AS TEXT) LIKE '%_Waiting%'").fetchone()[0] > 0
        except sqlite3.OperationalError:  # its tables are being made
            return False
