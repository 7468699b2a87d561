"""The other gestures of the editor at many states, measured in a real Chromium: from the hand to the picture.

python bench/gestures.py [--states 1000] [--nested] [--runs 5]

Asserts nothing. Each figure ends with the first frame that shows what was done.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ui as bench

SEEN = """
([event, seen]) => { window.__done = new Promise((resolve) => {
  let began = 0;
  addEventListener(event, () => { began = performance.now(); }, {once: true, capture: true});
  const is = new Function('return ' + seen);
  const look = () => { if (began && is()) requestAnimationFrame(() => resolve(performance.now() - began)); else setTimeout(look, 1); };
  look();
}); }
"""
PASTE = """
(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  document.querySelector('.sc').dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
}
"""


def timed(page: Any, event: str, seen: str, act: Callable[[], Any]) -> float:
    """Milliseconds from the first `event` of an act until the expression `seen` holds and is painted."""
    page.evaluate(SEEN, [event, seen])
    act()
    took = float(page.evaluate("() => window.__done"))
    page.wait_for_timeout(900)
    return took


def has(selector: str, count: int = 1) -> str:
    return f"document.querySelectorAll({json.dumps(selector)}).length >= {count}"


def lacks(selector: str) -> str:
    return f"document.querySelectorAll({json.dumps(selector)}).length === 0"


def middle(page: Any, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 16)


def let_go(page: Any, source: str, by: Callable[[], tuple[float, float]]) -> Callable[[], None]:
    """Takes a state in the hand and brings it to a place; answers how to let go."""
    page.mouse.move(*middle(page, source))
    page.mouse.down()
    page.mouse.move(700, 320, steps=4)
    page.mouse.move(*by(), steps=4)
    page.wait_for_timeout(100)
    return page.mouse.up


def measure(states: int, runs: int, *, deep: bool = False) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "large.asl.json").write_text(json.dumps(bench.nested(states) if deep else bench.workflow(states), indent=2))
        server, address, _ = bench.serve(folder)
        try:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=bench.chromium(), args=bench.FLAGS)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.goto(f"{address}/w/large.asl.json")
                page.wait_for_selector('[data-state="Step 1"]')
                page.wait_for_timeout(2000)
                for run in range(runs):
                    for what, took in gestures(page, run):
                        found.setdefault(what, []).append(took)
                browser.close()
        finally:
            server.terminate()
            server.wait(10)
    return {f"{what} at {states} states, ms (median)": statistics.median(times) for what, times in found.items()}


def gestures(page: Any, run: int) -> list[tuple[str, float]]:
    """Each gesture once; the workflow is afterwards what it was before, but for a name."""
    press = page.keyboard.press
    first, second = (f'[data-state="{name}"]' for name in ("Step 0" if run == 0 else f"Renamed {run - 1}", "Step 1"))
    took: list[tuple[str, float]] = []

    def done(what: str, event: str, seen: str, act: Callable[[], Any]) -> None:
        took.append((what, timed(page, event, seen, act)))

    page.mouse.click(*middle(page, second))
    page.wait_for_timeout(500)
    done("delete", "keydown", lacks(second), lambda: press("Delete"))
    done("undo", "keydown", has(second), lambda: press("Control+z"))
    done("redo", "keydown", lacks(second), lambda: press("Control+Shift+z"))
    press("Control+z")
    page.wait_for_selector(second)
    page.wait_for_timeout(500)

    page.mouse.click(*middle(page, first))
    page.wait_for_timeout(500)
    press("F2")
    page.locator("[data-rename]").first.wait_for()
    page.wait_for_timeout(500)
    page.keyboard.type(f"Renamed {run}")
    page.wait_for_timeout(500)
    done("rename", "keydown", has(f'[data-state="Renamed {run}"]'), lambda: press("Enter"))

    page.mouse.click(*middle(page, second))
    page.wait_for_timeout(500)
    pasted = json.dumps({"StartAt": "Pasted", "States": {"Pasted": {"Type": "Pass", "End": True}}})
    done("paste", "paste", has('[data-state="Pasted"]'), lambda: page.evaluate(PASTE, pasted))
    page.evaluate("() => document.querySelector('.sc').focus()")
    done("undo a paste", "keydown", lacks('[data-state="Pasted"]'), lambda: press("Control+z"))

    edge = f'[data-drop="edge:__start__->Renamed {run}"]'
    release = let_go(page, second, lambda: middle(page, edge))
    done("move to another transition", "pointerup", has('[data-edge="__start__->Step 1"]'), release)
    press("Control+z")
    page.wait_for_timeout(900)
    x, y = middle(page, second)
    release = let_go(page, second, lambda: (x + 260, y + 10))
    done("put by hand", "pointerup", has(f"{second} .sc-moved"), release)
    press("Control+z")
    page.wait_for_timeout(900)

    if page.locator("[data-toggle]").count():  # a container in view
        container = page.locator("[data-toggle]").first.get_attribute("data-toggle")
        toggle, closed = f'[data-toggle="{container}"]', f'.sc-collapsed [data-toggle="{container}"]'
        done("collapse", "pointerdown", has(closed), lambda: page.mouse.click(*middle(page, toggle)))
        done("expand", "pointerdown", lacks(closed), lambda: page.mouse.click(*middle(page, toggle)))

    search = page.locator("[data-palette-search]").first
    search.click()
    page.keyboard.type("dyn pu")
    page.wait_for_timeout(900)
    shown = "document.querySelector('[data-panel=palette] [data-palette]')?.dataset.palette"
    before = json.dumps(page.evaluate(f"() => {shown} + document.querySelectorAll('[data-panel=palette] [data-palette]').length"))
    changed = f"({shown} + document.querySelectorAll('[data-panel=palette] [data-palette]').length) !== {before}"
    page.keyboard.press("Backspace")
    page.wait_for_timeout(600)
    page.keyboard.press("Control+a")
    done("palette search", "keydown", changed, lambda: press("s"))
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.wait_for_timeout(500)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--nested", action="store_true")
    given = parser.parse_args()
    for name, value in measure(given.states, given.runs, deep=given.nested).items():
        print(f"{name:<75} {value:10.2f}")


if __name__ == "__main__":
    main()
