"""`kill -9` at any moment: the next start goes on, with no event lost and none twice."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.exec.local import LocalStepFunctions

CHILD = Path(__file__).with_name("crash_child.py")
ROOT = CHILD.parents[2]
DEFINITION = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrency": 10,
            "ItemProcessor": {
                "StartAt": "Shape",
                "States": {
                    "Shape": {"Type": "Pass", "Parameters": {"n.$": "$"}, "Next": "Wait"},
                    "Wait": {"Type": "Wait", "SecondsPath": "$.n.seconds", "Next": "Pay"},
                    "Pay": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "Parameters": {"FunctionName": "pay", "Payload.$": "$"},
                        "ResultPath": "$.result",
                        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 1}],
                        "End": True,
                    },
                },
            },
            "ResultPath": "$.paid",
            "Next": "Last",
        },
        "Last": {"Type": "Wait", "Seconds": 1, "End": True},
    },
}
GIVEN = {"items": [{"seconds": i % 2, "name": f"item {i}"} for i in range(40)]}


def child(store: Path, name: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, str(CHILD), str(store), json.dumps(DEFINITION), json.dumps(GIVEN), name]
    return subprocess.Popen(arguments, cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": ""}, stdout=subprocess.PIPE, text=True)


def check(events: list[dict[str, Any]]) -> None:
    """No gap and no duplicate: ids in a row, every previous event there, every state entered as often as it was left."""
    assert [e["id"] for e in events] == list(range(1, len(events) + 1))
    assert all(0 <= e["previousEventId"] < e["id"] for e in events)
    assert [e["timestamp"] for e in events] == sorted(e["timestamp"] for e in events)
    count: dict[str, int] = {}
    for event in events:
        count[event["type"]] = count.get(event["type"], 0) + 1
    assert count["MapIterationStarted"] == count["MapIterationSucceeded"] == len(GIVEN["items"])
    for kind in ("Pass", "Wait", "Task", "Map"):
        assert count[f"{kind}StateEntered"] == count[f"{kind}StateExited"], kind
    assert count["TaskScheduled"] == count["TaskSucceeded"] + count.get("TaskFailed", 0)


@pytest.mark.parametrize("seed", range(3))
async def test_an_execution_survives_kill_minus_nine(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    store = tmp_path / "executions.sqlite"
    name = "one"
    for _ in range(4):
        process = child(store, name)
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == "begun\n"
        await asyncio.sleep(chance.random() * 0.9)
        process.kill()
        process.wait()
        process.stdout.close()
        name = ""
    service = LocalStepFunctions(store)
    await service.start()
    assert service.notice == ""
    (row,) = (await service.list_executions())["executions"]
    await asyncio.wait_for(service.ended(row["executionArn"]), 60)
    described = await service.describe_execution(executionArn=row["executionArn"])
    events = (await service.get_execution_history(executionArn=row["executionArn"]))["events"]
    await service.aclose()
    assert described["status"] == "SUCCEEDED"
    assert [item["n"] for item in json.loads(described["output"])["paid"]] == GIVEN["items"]
    check(events)
