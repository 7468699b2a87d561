"""The editor measured in a real Chromium: opening, dropping, panning, typing. Prints one line per figure; asserts nothing.

python bench/ui.py [--states 300] [--runs 5] [--nested] [--flood]

`--nested`: Maps and Parallels in each other instead of one long chain; `--flood`: bench/flood.py as well.
"""

from __future__ import annotations

import argparse
import json
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

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PAN = """
() => new Promise((resolve) => {
  const host = document.querySelector('.sc');
  const times = [];
  let last = performance.now(), n = 0;
  const step = (now) => {
    times.push(now - last); last = now;
    host.dispatchEvent(new WheelEvent('wheel', {deltaY: n % 120 < 60 ? 24 : -24, deltaX: n % 80 < 40 ? 8 : -8, bubbles: true, cancelable: true}));
    if (++n < 180) requestAnimationFrame(step);
    else { times.sort((a, b) => a - b); resolve({median: times[90], p95: times[171], fps: 1000 * 180 / times.reduce((a, b) => a + b)}); }
  };
  requestAnimationFrame(step);
})
"""


KEYSTROKE = """
() => { window.__keyed = new Promise((resolve) => {
  let began = 0;
  addEventListener('keydown', () => { began = performance.now(); }, {once: true, capture: true});
  const seen = new MutationObserver(() => { seen.disconnect(); requestAnimationFrame(() => resolve(performance.now() - began)); });
  for (const line of document.querySelectorAll('[data-live]')) seen.observe(line, {characterData: true, childList: true, subtree: true});
}); }
"""


def workflow(states: int) -> dict[str, Any]:
    """A chain with Choices, and a Map and a Parallel every fifty states."""
    found: dict[str, Any] = {}
    names = [f"Step {i}" for i in range(states)]
    i = 0
    while i < states:
        following = names[i + 1] if i + 1 < states else None
        end = {"Next": following} if following else {"End": True}
        if i % 50 == 20 and i + 5 < states:
            inner = {names[i + k]: {"Type": "Pass", **({"Next": names[i + k + 1]} if k < 4 else {"End": True})} for k in range(1, 5)}
            after = {"Next": names[i + 5]} if i + 5 < states else {"End": True}
            found[names[i]] = {"Type": "Map", "ItemProcessor": {"StartAt": names[i + 1], "States": inner}, **after}
            i += 5
            continue
        if i % 10 == 5 and i + 3 < states and following:
            found[names[i]] = {
                "Type": "Choice",
                "Choices": [{"Variable": "$.x", "NumericEquals": i, "Next": following}],
                "Default": following,
            }
        else:
            found[names[i]] = {"Type": "Pass", **end}
        i += 1
    return {"StartAt": names[0], "States": found}


def nested(states: int, depth: int = 0, first: int = 0) -> dict[str, Any]:
    """Maps and Parallels in each other, Choices that go on or back, Catches: `states` in all, names counted from `first`."""
    found: dict[str, Any] = {}
    order: list[str] = []
    at, last = first, first + states
    while at < last:
        name, left = f"Step {at}", last - at - 1
        kind = at % 10
        order.append(name)
        at += 1
        if kind == 3 and left >= 12 and depth < 4:
            inside = min(left, 30 - 5 * depth)
            found[name] = {"Type": "Map", "ItemProcessor": nested(inside, depth + 1, at)}
            at += inside
        elif kind == 6 and left >= 12 and depth < 4:
            found[name] = {"Type": "Parallel", "Branches": [nested(5, depth + 1, at), nested(6, depth + 1, at + 5)]}
            at += 11
        else:
            found[name] = {"Type": {5: "Choice", 8: "Task"}.get(kind, "Pass")}
    for i, name in enumerate(order):
        state, ahead = found[name], order[i + 1] if i + 1 < len(order) else None
        if state["Type"] == "Choice" and ahead:
            back = order[max(0, i - 2)]
            state |= {"Choices": [{"Variable": "$.again", "BooleanEquals": True, "Next": back}], "Default": ahead}
            continue
        if state["Type"] in {"Task", "Choice"}:
            state |= {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
            state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": order[min(len(order) - 1, i + 2)]}]
        state |= {"Next": ahead} if ahead else {"End": True}
    return {"StartAt": order[0], "States": found}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(folder: Path) -> tuple[subprocess.Popen[bytes], str, float]:
    port = free_port()
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "studio", str(folder), "--port", str(port), "--no-browser"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    wait_for(server, address)
    return server, address, time.perf_counter() - began


def wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    """Until the server answers."""
    began = time.perf_counter()
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1).read()
        except OSError:
            if server.poll() is not None or time.perf_counter() - began > 30:
                raise
            time.sleep(0.02)
        else:
            return


def chromium() -> str | None:
    return next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


def speaking_jsonata(definition: dict[str, Any]) -> dict[str, Any]:
    """The same in JSONata, its first state with an expression to type in."""
    first = definition["StartAt"]
    states = {name: dict(state) for name, state in definition["States"].items()}
    states[first]["Output"] = "{% $states.input.order.total %}"
    for state in states.values():
        if state["Type"] == "Choice":
            state["Choices"] = [{"Condition": "{% $states.input.again %}", "Next": rule["Next"]} for rule in state["Choices"]]
    return {"QueryLanguage": "JSONata", **definition, "States": states}


def measure(states: int, runs: int, *, deep: bool = False) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "large.asl.json").write_text(json.dumps(nested(states) if deep else workflow(states), indent=2))
        (folder / "typed.asl.json").write_text(json.dumps(speaking_jsonata(workflow(states)), indent=2))
        (folder / "typed.input.json").write_text(json.dumps({"order": {"total": 12, "total1": 1}}))
        (folder / "small.asl.json").write_text(json.dumps(workflow(12), indent=2))
        server, address, started = serve(folder)
        try:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.goto(f"{address}/w/small.asl.json")
                page.wait_for_selector("[data-state]")
                opens = []
                for _ in range(runs):
                    began = time.perf_counter()
                    page.goto(f"{address}/w/large.asl.json")
                    page.wait_for_selector("[data-state]")
                    opens.append(time.perf_counter() - began)
                page.wait_for_timeout(500)
                panned = page.evaluate(PAN)
                page.goto(f"{address}/w/large.asl.json")
                page.wait_for_selector('[data-state="Step 1"]')
                page.wait_for_timeout(800)
                drops = [drop(page) for _ in range(runs)]
                page.goto(f"{address}/w/typed.asl.json?state=Step%200")
                page.wait_for_selector('[data-state="Step 1"]')
                page.wait_for_timeout(800)
                keys = keystrokes(page, 2 * runs)
                browser.close()
        finally:
            server.terminate()
            server.wait(10)
    return {
        "server answers after start, s": started,
        f"open {states} states, s (median)": statistics.median(opens),
        f"drop to new state visible at {states} states, ms (median)": statistics.median(drops),
        f"drop to new state visible at {states} states, ms (worst)": max(drops),
        f"keystroke to the expression's value at {states} states, ms (median)": statistics.median(keys),
        f"keystroke to the expression's value at {states} states, ms (worst)": max(keys),
        f"pan {states} states, frames/s": panned["fps"],
        f"pan {states} states, frame p95 ms": panned["p95"],
    }


def drop(page: Any) -> float:
    """Drag Pass onto the first transition; from letting go until the new state is in the page."""
    entry = page.locator('[data-palette="flow:Pass"]').bounding_box()
    page.mouse.move(entry["x"] + 40, entry["y"] + 12)
    page.mouse.down()
    page.mouse.move(700, 300, steps=4)
    target = page.locator('[data-drop^="edge:__start__->"]').first.bounding_box()
    page.mouse.move(target["x"] + target["width"] / 2, target["y"] + target["height"] / 2, steps=3)
    page.evaluate(
        """() => { window.__seen = new Promise((resolve) => {
            const count = () => document.querySelectorAll('[data-state^="Pass"]').length;
            const before = count();
            let began = 0;
            window.addEventListener('pointerup', () => { began = performance.now(); }, {once: true, capture: true});
            const look = () => { if (count() > before) requestAnimationFrame(() => resolve(performance.now() - began)); else setTimeout(look, 1); };
            look();
        }); }"""
    )
    page.mouse.up()
    seen = float(page.evaluate("() => window.__seen"))
    page.wait_for_timeout(400)
    return seen


def keystrokes(page: Any, count: int) -> list[float]:
    """Types into a JSONata expression: from each key until the value under the field is another."""
    page.locator('[role=tab]:has-text("Arguments & Output")').click()
    field = page.locator('[data-field="/Output"] textarea')
    field.click()
    page.wait_for_timeout(500)
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    times: list[float] = []
    for i in range(count):
        page.evaluate(KEYSTROKE)
        page.keyboard.press("Backspace" if i % 2 else "1")
        times.append(float(page.evaluate("() => window.__keyed")))
        page.wait_for_timeout(600)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=300)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--nested", action="store_true")
    parser.add_argument("--flood", action="store_true")
    given = parser.parse_args()
    for name, value in measure(given.states, given.runs, deep=given.nested).items():
        print(f"{name:<75} {value:10.2f}")
    if given.flood:
        import flood

        for name, value in flood.measure(given.states, 2000).items():
            print(f"{name:<75} {value:10.2f}")


if __name__ == "__main__":
    main()
