"""Many at once through the endpoint of a running studio: executions, activity pollers, open callbacks; and what the pages feel of it.

    python bench/load.py [--executions 1000] [--pollers 100] [--callbacks 10000]

Prints one line per figure; asserts nothing but that everything ends. Memory is the server's, in MB; `answers` are the times of a
page (`GET /settings`) asked four times a second meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
ROLE = "arn:aws:iam::123456789012:role/x"
STEPS = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "W"},
        "W": {"Type": "Wait", "Seconds": 1, "Next": "B"},
        "B": {"Type": "Pass", "Result": {"done": True}, "ResultPath": "$.b", "End": True},
    },
}
ASKS = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
            "TimeoutSeconds": 3600,
            "End": True,
        }
    },
}


class Client:
    """The Step Functions API with as little around it as possible: the client must not be what is measured."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def _ask(self, head: str, body: bytes) -> tuple[int, bytes]:
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port, limit=2**24)
        writer.write(f"{head}\r\nHost: 127.0.0.1:{self._port}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
        told = await reader.readexactly(length)
        self._idle.append((reader, writer))
        return int(lines[0].split()[1]), told

    async def __call__(self, operation: str, **request: Any) -> dict[str, Any]:
        head = f"POST / HTTP/1.1\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\nContent-Type: application/x-amz-json-1.0"
        status, body = await self._ask(head, json.dumps(request).encode())
        if status != 200:
            raise RuntimeError(f"{operation}: {body.decode()}")
        return json.loads(body)

    async def page(self, path: str) -> float:
        started = time.perf_counter()
        status, body = await self._ask(f"GET {path} HTTP/1.1", b"")
        assert status == 200, body[:200]
        return time.perf_counter() - started

    async def many(self, count: int, work: Callable[[int], Awaitable[Any]], at_once: int = 50) -> list[Any]:
        gate = asyncio.Semaphore(at_once)

        async def one(n: int) -> Any:
            async with gate:
                return await work(n)

        return await asyncio.gather(*(one(n) for n in range(count)))


def memory(pid: int) -> tuple[float, float]:
    """Resident and peak MB."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return tuple(int(told[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


async def watched(client: Client, pid: int, title: str, work: Awaitable[str]) -> None:
    """Do the work and, meanwhile, ask for a page again and again."""
    times: list[float] = []

    async def ask() -> None:
        while True:
            times.append(await client.page("/settings"))
            await asyncio.sleep(0.25)

    asking = asyncio.create_task(ask())
    started = time.perf_counter()
    told = await work
    took = time.perf_counter() - started
    asking.cancel()
    answers = f"answers median {statistics.median(times) * 1000:.0f} ms, worst {max(times) * 1000:.0f} ms" if times else ""
    print(f"{title}: {took:.1f} s; {told}; {answers}; memory {memory(pid)[0]:.0f} MB (peak {memory(pid)[1]:.0f})", flush=True)


async def all_ended(client: Client, machine: str, count: int) -> None:
    while True:
        running = await client("ListExecutions", stateMachineArn=machine, statusFilter="RUNNING", maxResults=1)
        if not running["executions"]:
            break
        await asyncio.sleep(0.1)
    ended, token = 0, None
    while True:
        page = await client(
            "ListExecutions", stateMachineArn=machine, statusFilter="SUCCEEDED", maxResults=1000, **({"nextToken": token} if token else {})
        )
        ended += len(page["executions"])
        token = page.get("nextToken")
        if not token:
            break
    if ended != count:
        raise SystemExit(f"{ended} of {count} succeeded")


async def machine(client: Client, name: str, definition: Any) -> str:
    return (await client("CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE))["stateMachineArn"]


async def executions(client: Client, count: int) -> str:
    arn = await machine(client, "Steps", STEPS)
    started = time.perf_counter()
    await client.many(count, lambda n: client("StartExecution", stateMachineArn=arn, input=json.dumps({"n": n})))
    begun = time.perf_counter() - started
    await all_ended(client, arn, count)
    return f"all started after {begun:.1f} s ({count / begun:.0f}/s)"


async def activities(client: Client, pollers: int, count: int) -> str:
    activity = (await client("CreateActivity", name="Work"))["activityArn"]
    definition = {"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": activity, "TimeoutSeconds": 600, "End": True}}}
    arn = await machine(client, "Works", definition)
    left = count

    async def poll(_: int) -> None:
        nonlocal left
        while left > 0:
            task = await client("GetActivityTask", activityArn=activity, workerName="w")
            if task.get("taskToken"):
                left -= 1
                await client("SendTaskSuccess", taskToken=task["taskToken"], output='{"ok": true}')

    polling = [asyncio.create_task(poll(n)) for n in range(pollers)]
    await client.many(count, lambda n: client("StartExecution", stateMachineArn=arn, input=json.dumps({"n": n})))
    await all_ended(client, arn, count)
    for task in polling:
        task.cancel()
    return f"{count} tasks by {pollers} pollers"


def lines(path: Path) -> set[str]:
    return {line for line in path.read_text().splitlines() if line} if path.exists() else set()


async def callbacks(client: Client, pid: int, tokens: Path, count: int) -> str:
    arn = await machine(client, "Asks", ASKS)
    started = time.perf_counter()
    await client.many(count, lambda n: client("StartExecution", stateMachineArn=arn, input=json.dumps({"n": n})))
    known: set[str] = set()
    while len(known) < count:
        known = await asyncio.to_thread(lines, tokens)
        await asyncio.sleep(0.2)
    opened, resident = time.perf_counter() - started, memory(pid)[0]
    started = time.perf_counter()
    held = sorted(known)
    await client.many(count, lambda n: client("SendTaskSuccess", taskToken=held[n], output="{}"))
    await all_ended(client, arn, count)
    return f"all open after {opened:.1f} s at {resident:.0f} MB, all answered {time.perf_counter() - started:.1f} s later"


async def measure(port: int, pid: int, folder: Path, chosen: argparse.Namespace) -> None:
    client = Client(port)
    await client.page("/runs")
    print(f"idle: memory {memory(pid)[0]:.0f} MB", flush=True)
    await watched(client, pid, f"{chosen.executions} executions at once", executions(client, chosen.executions))
    await watched(client, pid, f"{chosen.pollers} pollers", activities(client, chosen.pollers, chosen.executions))
    await watched(client, pid, f"{chosen.callbacks} callbacks", callbacks(client, pid, folder / "tokens", chosen.callbacks))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executions", type=int, default=1000)
    parser.add_argument("--pollers", type=int, default=100)
    parser.add_argument("--callbacks", type=int, default=10_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, socket.socket() as probe:
        folder = Path(name)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        (folder / "functions").mkdir()
        (folder / "functions" / "ask.py").write_text(
            f"def handler(event, context):\n    with open({str(folder / 'tokens')!r}, 'a') as kept:\n        kept.write(event['token'] + '\\n')\n    return {{}}\n"
        )
        command = [sys.executable, "-m", "studio", str(folder), "--port", str(port), "--no-browser"]
        server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)})
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(200):
                try:
                    httpx.get(f"{address}/healthz").raise_for_status()
                    break
                except httpx.HTTPError:
                    time.sleep(0.05)
            asyncio.run(measure(port, server.pid, folder, chosen))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
