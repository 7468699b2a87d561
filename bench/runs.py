"""Runs measured: a store of many found and listed; a page of a run of 25,000 events opened and scrolled in a real Chromium; a run at full
speed followed live by two tabs. Prints one line per figure; asserts nothing.

python bench/runs.py [--runs 100000] [--only search|page|live]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[1]))

from studio.exec.local import LocalStepFunctions
from studio.store.eventlog import EventLog, Row
from studio.store.search import RunIndex

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
SEARCHES: list[dict[str, Any]] = [
    {},
    {"status": "FAILED"},
    {"workflow": "flows/orders3.asl.json"},
    {"text": "customer42"},
    {"text": "please"},
    {"text": "please", "status": "FAILED"},
    {"text": "state:refund error:declined"},
    {"text": "sku-17 customer1", "workflow": "flows/orders3.asl.json"},
    {"text": "a"},
    {"text": "please", "after": (50_000.0, "words")},
    {"status": "SUCCEEDED", "after": (time.time() - 50_000, "0")},
]
SCROLL = """
() => new Promise((resolve) => {
  const box = document.querySelector('[data-panel=events] .vbody');
  const times = [];
  let last = performance.now(), n = 0;
  const step = (now) => {
    times.push(now - last); last = now;
    box.scrollTop = (n * 331) % box.scrollHeight;
    if (++n < 180) requestAnimationFrame(step);
    else { times.sort((a, b) => a - b); resolve({p95: times[171], fps: 180000 / times.reduce((a, b) => a + b)}); }
  };
  requestAnimationFrame(step);
})
"""


def fill(log: EventLog, count: int) -> None:
    """Executions of seven workflows with inputs of about half a kilobyte; one in eleven failed."""
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    dice = random.Random(1)
    began = time.time() - count
    states = ["Charge", "Notify", "Reserve", "Ship", "Refund"]
    for i in range(count):
        arn = f"arn:aws:states:us-east-1:123456789012:execution:orders{i % 7}:run-{i}"
        items = [{"sku": f"sku-{dice.randrange(100)}", "n": dice.randrange(9)} for _ in range(6)]
        given = {"orderId": i, "customer": f"customer{dice.randrange(5000)}", "items": items, "note": "please deliver to the address given"}
        events: list[Any] = [("ExecutionStarted", 0, began + i, 0, {"input": given})]
        for name in states[: 2 + i % 4]:
            events.append(("TaskStateEntered", len(events), began + i, 0, {"name": name, "input": given}))
            events.append(("TaskStateExited", len(events), began + i, 0, {"name": name, "output": given}))
        machine = arn.replace(":execution:", ":stateMachine:").rpartition(":")[0]
        meta = {"workflow": f"flows/orders{i % 7}.asl.json"}
        log.create(
            Row(arn, f"run-{i}", machine, "STANDARD", "RUNNING", began + i, definition, json.dumps(given), meta, events=len(events)), events
        )
        failed = i % 11 == 0
        end = ("ExecutionFailed" if failed else "ExecutionSucceeded", len(events), began + i, 0, None)
        told = {"error": "Payment.Declined", "cause": f"card {i} was declined"} if failed else {"output": json.dumps({"total": i})}
        log.append(
            arn, 1, len(events) + 1, len(events) + 1, [end], {"status": "FAILED" if failed else "SUCCEEDED", "ended": began + i, **told}
        )


def search(folder: Path, count: int) -> None:
    path = folder / ".studio" / "executions.sqlite"
    log = EventLog(path, check=False)
    log.connection.execute("PRAGMA synchronous=OFF")
    fill(log, count)
    index = RunIndex(path, log)
    began = time.perf_counter()
    while index.refresh(20):
        pass
    print(f"index of {count:,} runs: {time.perf_counter() - began:.1f} s; file {path.stat().st_size / 1e6:.0f} MB")
    for wanted in SEARCHES:
        times: list[float] = []
        total = 0
        for _ in range(7):
            began = time.perf_counter()
            total = index.find(**wanted).total
            times.append(1000 * (time.perf_counter() - began))
        print(f"{statistics.median(times):7.1f} ms (worst {max(times):.1f})  {total:>7,} found  {json.dumps(wanted)}")
    index.close()
    log.close()


COUNT = """
const Plain = window.WebSocket;
window.pushes = [];
window.WebSocket = class extends Plain {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (event) => String(event.data).startsWith('42["update"') && pushes.push(performance.now()));
  }
};
"""
MOST = "() => Math.max(0, ...pushes.map((at) => pushes.filter((other) => other >= at && other < at + 1000).length))"


def large(folder: Path, count: int) -> list[str]:
    """Runs of 24,806 events each; their ARNs."""
    names = ["A", "B", "C"]
    states = {n: {"Type": "Pass", **({"Next": names[i + 1]} if i < 2 else {"End": True})} for i, n in enumerate(names)}
    machine = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": {"StartAt": "A", "States": states}, "End": True}}}

    async def run() -> list[str]:
        engine = LocalStepFunctions(folder / ".studio" / "executions.sqlite", check=False)
        await engine.start(resume=False)
        arns: list[str] = []
        for _ in range(count):
            arns.append(await engine.run_definition(json.dumps(machine), json.dumps(list(range(3100))), workflow="large.asl.json"))
            await engine.ended(arns[-1])
        await engine.aclose()
        return arns

    return asyncio.run(run())


class Studio:
    """A studio in a process of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio", str(folder), "--port", str(self.port), "--no-browser"],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.url = f"http://127.0.0.1:{self.port}"
        for _ in range(300):
            if self.answers():
                return
            time.sleep(0.05)
        raise SystemExit("the studio did not start")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def ask(self, operation: str, **request: Any) -> Any:
        headers = {"X-Amz-Target": f"AWSStepFunctions.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        with urllib.request.urlopen(urllib.request.Request(self.url, json.dumps(request).encode(), headers)) as answer:
            return json.load(answer)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def page(folder: Path, arns: list[str], browser: Any) -> None:
    """The first of the runs loads the page's code; the others are opened for the first time, then again."""
    studio = Studio(folder)
    try:
        shown = browser.new_page(viewport={"width": 1440, "height": 900})
        for what, opened in (("first", arns[:1]), ("never looked at before", arns[1:]), ("looked at before", arns[1:])):
            graph: list[float] = []
            listed: list[float] = []
            for arn in opened:
                began = time.perf_counter()
                shown.goto(f"{studio.url}/runs/{quote(arn, safe='')}")
                shown.wait_for_selector('[data-state="M"][data-status="succeeded"]')
                graph.append(time.perf_counter() - began)
                shown.wait_for_selector('[data-event-type="ExecutionSucceeded"]')
                listed.append(time.perf_counter() - began)
            if what != "first":
                print(
                    f"a run of 24,806 events, {what}: graph {statistics.median(graph):.2f} s, all events listed {statistics.median(listed):.2f} s"
                )
        for view, there in (("timeline", '[data-row="M"]'), ("table", '[data-panel="table"] [data-row="A"]'), ("events", "[data-event]")):
            began = time.perf_counter()
            shown.locator(f'[data-view="{view}"]').click()
            shown.locator(there).first.wait_for()
            print(f"  {view}: {1000 * (time.perf_counter() - began):.0f} ms")
        scrolled = shown.evaluate(SCROLL)
        print(f"  scrolling the events: {scrolled['fps']:.0f} frames/s, 95 % of frames within {scrolled['p95']:.0f} ms")
    finally:
        studio.stop()


def live(folder: Path, browser: Any) -> None:
    """Runs followed by two tabs until both have seen the end: one as fast as the engine goes, one of 2,000 events a second for five seconds."""
    loop = {
        "Wait": {"Type": "Wait", "Seconds": 2, "Next": "Count"},
        "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More?"},
        "More?": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 4000, "Next": "Count"}], "Default": "Done"},
        "Done": {"Type": "Succeed"},
    }
    moment = "{% $fromMillis($toMillis($states.context.Execution.StartTime) + 3000 + 2 * $states.context.Map.Item.Value) %}"
    turn = {"Turn": {"Type": "Wait", "Timestamp": moment, "Next": "Do"}, "Do": {"Type": "Pass", "End": True}}
    paced = {
        "Each": {"Type": "Map", "Items": list(range(2500)), "ItemProcessor": {"StartAt": "Turn", "States": turn}, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    }
    studio = Studio(folder)
    try:
        follow(studio, browser, "as fast as it goes", {"StartAt": "Wait", "States": loop}, before=2)
        follow(studio, browser, "paced", {"QueryLanguage": "JSONata", "StartAt": "Each", "States": paced}, before=3)
    finally:
        studio.stop()


def follow(studio: Studio, browser: Any, what: str, definition: dict[str, Any], before: float) -> None:
    """`before`: seconds until its events begin to come."""
    role = "arn:aws:iam::123456789012:role/x"
    machine = studio.ask("CreateStateMachine", name=what.replace(" ", "-"), definition=json.dumps(definition), roleArn=role)
    arn = studio.ask("StartExecution", stateMachineArn=machine["stateMachineArn"], input='{"n": 0}')["executionArn"]
    tabs = [browser.new_page(viewport={"width": 1440, "height": 900}) for _ in range(2)]
    for tab in tabs:
        tab.add_init_script(COUNT)
        tab.goto(f"{studio.url}/runs/{quote(arn, safe='')}")
    while studio.ask("DescribeExecution", executionArn=arn)["status"] == "RUNNING":
        time.sleep(0.01)
    ended = time.perf_counter()
    told = studio.ask("DescribeExecution", executionArn=arn)
    seconds = float(told["stopDate"]) - float(told["startDate"]) - before
    for tab in tabs:
        tab.wait_for_selector('[data-state="Done"][data-status="succeeded"]')
    late = time.perf_counter() - ended
    count = studio.ask("GetExecutionHistory", executionArn=arn, reverseOrder=True, maxResults=1)["events"][0]["id"]
    most = max(tab.evaluate(MOST) for tab in tabs)
    print(
        f"live, {what}: {count:,} events at {count / seconds:,.0f} events/s; both tabs showed the end {1000 * late:.0f} ms after it, at most {most} pushes in a second"
    )
    for tab in tabs:
        tab.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000, help="executions in the store that is searched")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", choices=["search", "page", "live"], action="append")
    given = parser.parse_args()
    chosen = given.only or ["search", "page", "live"]
    if "search" in chosen:
        with tempfile.TemporaryDirectory() as folder:
            search(Path(folder), given.runs)
    if {"page", "live"} & set(chosen):
        from playwright.sync_api import sync_playwright

        with tempfile.TemporaryDirectory() as folder:
            arns = large(Path(folder), given.repeat + 1) if "page" in chosen else []
            driver = sync_playwright().start()
            found = shutil.which("chromium") or shutil.which("google-chrome")
            browser = driver.chromium.launch(executable_path=found, args=FLAGS)
            if "page" in chosen:
                page(Path(folder), arns, browser)
            if "live" in chosen:
                live(Path(folder), browser)
            browser.close()
            driver.stop()


if __name__ == "__main__":
    main()
