"""A running workflow whose states change 2,000 times a second, shown by the editor in a real Chromium while one pans and zooms.

The page, the watch of the run and the way of its statuses to the browser are the studio's own; only the events are made up: 1,000
states a second are entered, and left a quarter of a second later. Prints one line per figure; asserts nothing.

python bench/flood.py [--states 1000] [--rate 2000]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ui as bench

sys.path.insert(0, str(Path(__file__).parents[1]))
STAY = 0.25
"""Seconds a state is shown as running."""
TICK = 0.01
GESTURE = """
(how) => new Promise((resolve) => {
  const host = document.querySelector('.sc');
  const box = host.getBoundingClientRect();
  const times = [];
  let last = performance.now(), n = 0;
  const step = (now) => {
    times.push(now - last); last = now;
    const up = n % 120 < 60;
    const pan = {deltaY: up ? 24 : -24, deltaX: n % 80 < 40 ? 8 : -8};
    const zoom = {deltaY: up ? 6 : -6, ctrlKey: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2};
    host.dispatchEvent(new WheelEvent('wheel', {...(how === 'zoom' ? zoom : pan), bubbles: true, cancelable: true}));
    if (++n < 240) requestAnimationFrame(step);
    else { times.sort((a, b) => a - b); resolve({fps: 1000 * 240 / times.reduce((a, b) => a + b), p95: times[228]}); }
  };
  requestAnimationFrame(step);
})
"""
COUNT = """
() => {
  window.__flood = {messages: 0, bytes: 0, changes: 0, began: performance.now()};
  new MutationObserver((all) => { window.__flood.changes += all.length; })
    .observe(document.querySelector('.sc'), {subtree: true, attributes: true, attributeFilter: ['data-status']});
}
"""


def serve(folder: Path, port: int) -> None:
    """The studio with two more addresses: one that begins a flood, one that ends it."""
    from nicegui import app, background_tasks

    from studio import app as studio_app
    from studio.settings import settings
    from studio.ui.session import Change
    from studio.ui.watch import RunWatch

    chosen = settings(port=port, browser=False)
    studio = studio_app.create_app(folder, chosen)
    flooding: list[bool] = []

    async def flood(watch: RunWatch, names: list[tuple[str, str]], rate: float) -> None:
        number, at = 1, 0
        watch.take(
            [
                {
                    "id": 1,
                    "previousEventId": 0,
                    "timestamp": datetime.now(UTC),
                    "type": "ExecutionStarted",
                    "executionStartedEventDetails": {"input": "{}"},
                }
            ]
        )
        inside: list[tuple[float, int, str, str]] = []
        began, told = time.monotonic(), 0.0
        while flooding:
            await asyncio.sleep(TICK)
            elapsed = time.monotonic() - began
            events: list[dict[str, Any]] = []
            while inside and inside[0][0] <= elapsed:
                _, entered, name, kind = inside.pop(0)
                number += 1
                details = {"name": name, "output": "{}"}
                events.append(
                    {
                        "id": number,
                        "previousEventId": entered,
                        "timestamp": datetime.now(UTC),
                        "type": f"{kind}StateExited",
                        "stateExitedEventDetails": details,
                    }
                )
            while told < elapsed * rate / 2:
                name, kind = names[at % len(names)]
                number, at, told = number + 1, at + 1, told + 1
                details = {"name": name, "input": "{}"}
                events.append(
                    {
                        "id": number,
                        "previousEventId": 1,
                        "timestamp": datetime.now(UTC),
                        "type": f"{kind}StateEntered",
                        "stateEnteredEventDetails": details,
                    }
                )
                inside.append((elapsed + STAY, number, name, kind))
            watch.take(events)

    @app.get("/flood/{rate}")
    async def begin(rate: float) -> dict[str, int]:
        session = await studio.sessions.open("large.asl.json")
        flooding.clear()
        if rate:
            watch = RunWatch(
                studio.engine,
                "arn:aws:states:us-east-1:123456789012:execution:bench:flood",
                session.document.root,
                interval=chosen.status_interval,
            )
            from studio.asl.graph import build

            names = [(node.name, node.type) for node in build(session.document.root).states.values()]
            session.run = watch
            session.tell(Change.RUN)
            flooding.append(True)
            background_tasks.create(flood(watch, names, rate), name="flood")
        return {"rate": int(rate)}

    studio_app.serve(chosen)


def measure(states: int, rate: int) -> dict[str, float]:
    """Frames a second of pan and zoom, at rest and in the flood, at the size the page opens in and with everything in view."""
    from playwright.sync_api import sync_playwright

    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "large.asl.json").write_text(json.dumps(bench.nested(states), indent=2))
        port = bench.free_port()
        server = subprocess.Popen([sys.executable, __file__, "--serve", str(folder), "--port", str(port)], stdout=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            bench.wait_for(server, address)
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=bench.chromium(), args=bench.FLAGS)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.goto(f"{address}/w/large.asl.json")
                page.wait_for_selector("[data-state]")
                page.wait_for_timeout(1500)
                received = [0, 0]

                def heard(payload: Any) -> None:
                    received[0] += 1
                    received[1] += len(payload)

                page.on("websocket", lambda socket: socket.on("framereceived", heard))
                page.reload()
                page.wait_for_selector("[data-state]")
                page.wait_for_timeout(2000)
                for flooded in (0, rate):
                    urllib.request.urlopen(f"{address}/flood/{flooded}").read()
                    page.wait_for_timeout(1000)
                    page.evaluate(COUNT)
                    received[:] = [0, 0]
                    began = time.perf_counter()
                    words = f"with {flooded:,} changes/s" if flooded else "at rest"
                    for how in ("pan", "zoom"):
                        figures = page.evaluate(GESTURE, how)
                        found[f"{how} {words}, frames/s"] = figures["fps"]
                        found[f"{how} {words}, frame p95 ms"] = figures["p95"]
                    if flooded:
                        seconds = time.perf_counter() - began
                        found["messages to the browser/s"] = received[0] / seconds
                        found["kB to the browser/s"] = received[1] / seconds / 1000
                        found["statuses drawn anew/s (in view)"] = page.evaluate("() => window.__flood.changes") / seconds
                    page.keyboard.press("Escape")
                    page.locator(".sc").focus()
                    page.keyboard.press("1")
                    page.wait_for_timeout(500)
                    figures = page.evaluate(GESTURE, "pan")
                    found[f"pan with all in view {words}, frames/s"] = figures["fps"]
                    found[f"pan with all in view {words}, frame p95 ms"] = figures["p95"]
                browser.close()
        finally:
            server.terminate()
            server.wait(10)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=1000)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.port)
    else:
        for figure, value in measure(given.states, given.rate).items():
            print(f"{figure:<60} {value:10.2f}")
