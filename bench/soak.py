"""`make soak`: kill -9 at random moments over the benchmark's workloads, restart, compare with the output of an undisturbed run.

    python bench/soak.py [--kills 1000] [--seed 0]

Each workload runs in a process of its own (this file with --child) on a store of its own, is killed after a random time and started
again until it has had its share of kills; then it runs to its end. Checked: the output, ids without gap or duplicate, every
`previousEventId` there, times in order, every state left as often as entered, every task ended as often as begun.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
WORKLOADS = Path(__file__).parent / "engine" / "workloads"

CALLBACKS = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "MaxConcurrency": 20,
            "ItemProcessor": {
                "StartAt": "Ask",
                "States": {
                    "Ask": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                        "Parameters": {"FunctionName": "ask", "Payload": {"n.$": "$", "token.$": "$$.Task.Token"}},
                        "TimeoutSeconds": 3600,
                        "Next": "Wait",
                    },
                    "Wait": {"Type": "Wait", "Seconds": 1, "End": True},
                },
            },
            "End": True,
        }
    },
}


def jobs() -> dict[str, tuple[Any, Any, Any]]:
    """Name -> definition, input, expected output."""
    found: dict[str, tuple[Any, Any, Any]] = {"callbacks": (CALLBACKS, list(range(60)), [{"ok": n} for n in range(60)])}
    for path in sorted(WORKLOADS.glob("*.asl.json")):
        name = path.name.removesuffix(".asl.json")
        if name.startswith("h"):
            continue  # they need the task server
        found[name] = tuple(json.loads(path.with_name(f"{name}.{kind}").read_text()) for kind in ("asl.json", "input.json", "expect.json"))  # type: ignore[assignment]
    return found


async def child(store: str, name: str) -> None:
    """Run the workload's one execution, begun now or by an earlier process, to its end; answer callbacks a little later."""
    from studio.exec.local import LocalStepFunctions

    folder = Path(store).parent / "functions"
    service = LocalStepFunctions(Path(store), functions=folder)
    await service.start()
    definition, given, _ = jobs()[name]
    if not (await service.list_executions())["executions"]:
        await service.run_definition(json.dumps(definition), json.dumps(given), name="one", quotas="none", functions=folder)
    (row,) = (await service.list_executions())["executions"]
    over = asyncio.create_task(service.ended(row["executionArn"]))
    while not over.done():
        for task in await service.list_open_tasks():
            if task["taskToken"]:
                value = json.loads(task["input"]) if isinstance(task["input"], str) else task["input"]
                try:
                    await service.send_task_success(taskToken=task["taskToken"], output=json.dumps({"ok": value["Payload"]["n"]}))
                except Exception as error:
                    if "not" not in str(error).lower() and "time" not in str(error).lower():
                        raise
        await asyncio.wait([over], timeout=0.05)
    await service.aclose()


def problems(store: Path, expected: Any) -> list[str]:
    """What is wrong with the one execution of a store."""
    from studio.store.eventlog import EventLog

    log = EventLog(store)
    (row,) = log.rows()
    events = [e for e in log.events(row.arn) if e[0][0] != "_"]
    log.close()
    found: list[str] = []
    if log.notice:
        found.append(log.notice)
    if row.status != "SUCCEEDED" or json.loads(row.output or "null") != expected:
        found.append(f"{row.status}: another output ({row.error} {row.cause})")
    if row.events != len(events):
        found.append(f"{row.events} events are counted, {len(events)} are there")
    if any(not 0 <= event[1] < number for number, event in enumerate(events, 1)):
        found.append("a previousEventId leads nowhere")
    if [e[2] for e in events] != sorted(e[2] for e in events):
        found.append("times out of order")
    count = Counter(event[0] for event in events)
    found += [
        f"{kind} states: entered {count[f'{kind}StateEntered']}, left {count[f'{kind}StateExited']}"
        for kind in ("Pass", "Choice", "Wait", "Task", "Parallel", "Map")
        if count[f"{kind}StateEntered"] != count[f"{kind}StateExited"]
    ]
    if count["TaskScheduled"] != count["TaskSucceeded"] + count["TaskFailed"] + count["TaskTimedOut"]:
        found.append("a task without an end")
    if count["MapIterationStarted"] != count["MapIterationSucceeded"]:
        found.append("an iteration without an end")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", nargs=2)
    chosen = parser.parse_args()
    if chosen.child:
        asyncio.run(child(*chosen.child))
        return
    chance, killed, rounds, bad = random.Random(chosen.seed), 0, 0, 0
    started = time.perf_counter()
    while killed < chosen.kills:
        for name, (_, _, expected) in jobs().items():
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "functions").mkdir()
                (Path(folder) / "functions" / "ask.py").write_text("def handler(event, context):\n    return {}\n")
                store = Path(folder) / "executions.sqlite"
                command = [sys.executable, str(Path(__file__)), "--child", str(store), name]
                kills, longest = (chance.randrange(3, 12), 0.9) if name == "callbacks" else (chance.randrange(2, 8), 0.3)
                done = False
                for _ in range(min(kills, chosen.kills - killed)):
                    process = subprocess.Popen(command, cwd=ROOT)
                    try:
                        done = process.wait(timeout=0.25 + chance.random() * longest) == 0
                        break
                    except subprocess.TimeoutExpired:
                        process.kill()
                        process.wait()
                        killed += 1
                if not done:
                    subprocess.run(command, cwd=ROOT, check=True, timeout=300)
                found = problems(store, expected)
                rounds += 1
                bad += bool(found)
                if found:
                    print(f"{name}: {'; '.join(found)}", flush=True)
            if killed >= chosen.kills:
                break
        print(f"{killed} kills, {rounds} executions, {bad} with problems, {time.perf_counter() - started:.0f} s", flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
