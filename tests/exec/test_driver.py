"""The synchronous path of the command line."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from studio.exec.driver import run_once
from studio.exec.events import Event
from studio.store.eventlog import EventLog

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def test_a_run_is_in_the_log_when_it_has_ended(tmp_path: Path) -> None:
    told: list[Event] = []
    outcome = run_once(PASS, {"n": 1}, text='{"n": 1}', log_path=tmp_path / "log.sqlite", progress=told.extend)
    log = EventLog(tmp_path / "log.sqlite")
    row = log.get(outcome.arn)
    assert row is not None
    assert (row.status, row.output, row.events) == ("SUCCEEDED", '{"n": 1}', 4)
    assert [event[0] for event in log.events(outcome.arn)] == [event[0] for event in told]
    assert [event[0] for event in told] == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    log.close()


@pytest.mark.parametrize(("payload", "most"), [("x", 1024), ("x" * 100_000, 64)])
def test_batches_grow_while_they_are_light_and_stay_small_where_payloads_are_heavy(payload: str, most: int, tmp_path: Path) -> None:
    turn = {"n.$": "States.MathAdd($.n, 1)", "payload.$": "$.payload"}
    states = {
        "Add": {"Type": "Pass", "Parameters": turn, "Next": "Enough"},
        "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 700, "Next": "Add"}], "Default": "End"},
        "End": {"Type": "Succeed"},
    }
    outcome = run_once({"StartAt": "Add", "States": states}, {"n": 0, "payload": payload}, log_path=tmp_path / "log.sqlite", quotas="none")
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as db:
        sizes = [size for (size,) in db.execute("SELECT last - first + 1 FROM batches ORDER BY seq")]
    assert (outcome.status, sum(sizes)) == ("SUCCEEDED", outcome.events)
    assert most / 2 < max(sizes) <= most + 4, sizes


def test_functions_answer_for_lambda(tmp_path: Path) -> None:
    (tmp_path / "double.py").write_text("def handler(event, context):\n    return event['n'] * 2\n")
    (tmp_path / "fail.py").write_text("class Sad(Exception):\n    pass\n\n\ndef handler(event, context):\n    raise Sad('no')\n")
    states: dict[str, Any] = {
        "A": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "double", "Payload.$": "$"},
            "OutputPath": "$.Payload",
            "Next": "B",
        },
        "B": {"Type": "Pass", "Parameters": {"n.$": "$"}, "Next": "C"},
        "C": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:double", "Next": "D"},
        "D": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:fail",
            "Catch": [{"ErrorEquals": ["Sad"], "ResultPath": "$", "Next": "E"}],
            "End": True,
        },
        "E": {"Type": "Pass", "Parameters": {"told.$": "States.StringToJson($.Cause)"}, "End": True},
    }
    outcome = run_once({"StartAt": "A", "States": states}, {"n": 1}, functions=tmp_path)
    told: Any = outcome.output
    assert told["told"]["errorType"] == "Sad"
    assert told["told"]["stackTrace"] == ["  File \"/var/task/fail.py\", line 6, in handler\n    raise Sad('no')\n"]


def test_a_function_imports_the_files_beside_it(tmp_path: Path) -> None:
    def answer(name: str, value: int) -> Any:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "shared_part.py").write_text(f"VALUE = {value}\n")
        (folder / "tell.py").write_text("import shared_part\n\n\ndef handler(event, context):\n    return shared_part.VALUE\n")
        later = (folder / "tell.py").stat().st_mtime + value
        os.utime(folder / "shared_part.py", (later, later))
        task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:tell", "End": True}
        return run_once({"StartAt": "A", "States": {"A": task}}, {}, functions=folder).output

    assert [answer("one", 1), answer("two", 2), answer("one", 3)] == [1, 2, 3]
    assert "shared_part" not in sys.modules


def test_a_distributed_map_runs_too() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, **PASS}
    outcome = run_once({"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": processor, "End": True}}}, [1, 2, 3])
    assert (outcome.status, outcome.output) == ("SUCCEEDED", [1, 2, 3])


def test_a_workflow_that_starts_another_runs_too(tmp_path: Path) -> None:
    (tmp_path / "other.asl.json").write_text(json.dumps(PASS))
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:other"
    task = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}
    task["Parameters"] = {"StateMachineArn": arn, "Input": {"n": 1}}
    outcome = run_once({"StartAt": "T", "States": {"T": {**task, "OutputPath": "$.Output"}}}, {}, functions=tmp_path / "functions")
    assert (outcome.status, outcome.output) == ("SUCCEEDED", {"n": 1})


@pytest.mark.parametrize("module", ["asyncio", "pydantic", "networkx", "logging", "ruamel", "boto3", "nicegui", "jsonatapy", "http.client"])
def test_a_plain_run_does_not_import(module: str) -> None:
    code = f"import sys; from studio.exec.driver import run_once; run_once({PASS!r}, {{}}); sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
