"""The canvas under fingers: real touches of a real browser, so that scrolling and gestures compete as they do on a tablet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

CHAIN: dict[str, Any] = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Pass", "Next": "C"},
        "C": {"Type": "Pass", "End": True},
    },
}


class Fingers:
    """Touches, each with a number of its own, through the browser's own protocol."""

    def __init__(self, page: Any) -> None:
        self.page, self.session = page, page.context.new_cdp_session(page)
        self.at: dict[int, tuple[float, float]] = {}

    def _send(self, kind: str) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in self.at.items()]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def down(self, x: float, y: float, number: int = 1) -> None:
        self.at[number] = (x, y)
        self._send("touchStart")

    def move(self, to: dict[int, tuple[float, float]], steps: int = 12) -> None:
        begun = dict(self.at)
        for step in range(1, steps + 1):
            for number, (x, y) in to.items():
                bx, by = begun[number]
                self.at[number] = (bx + (x - bx) * step / steps, by + (y - by) * step / steps)
            self._send("touchMove")
            self.page.wait_for_timeout(16)

    def up(self, number: int = 1) -> None:
        del self.at[number]
        self._send("touchEnd")

    def cancel(self) -> None:
        self.at.clear()
        self._send("touchCancel")

    def tap(self, x: float, y: float) -> None:
        self.down(x, y)
        self.up()
        self.page.wait_for_timeout(50)

    def drag(self, start: tuple[float, float], to: tuple[float, float]) -> None:
        self.down(*start)
        self.move({1: to})
        self.up()


def width(page: Any, state: str) -> float:
    return float(page.locator(f'[data-state="{state}"]').bounding_box()["width"])


def test_a_tablet(workspace: Path, serve: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    file = workspace / "a.asl.json"
    file.write_text(json.dumps(CHAIN, indent=2) + "\n", "utf-8")
    page = open_page(serve(workspace).url + "/w/a.asl.json", width=1180, height=820, touch=True)
    hand.opened(page)
    touch = Fingers(page)

    # a swipe scrolls the palette; drawn sideways an entry comes out of it
    x, y = hand.middle(page, '[data-palette="flow:Wait"]')
    scrolled = "() => { const list = document.querySelector('[data-palette=\"flow:Wait\"]'); let e = list; while (e && e.scrollTop === 0) e = e.parentElement; return e?.scrollTop ?? 0; }"
    touch.drag((x, y), (x, y - 150))
    page.wait_for_function(f"({scrolled})() > 60")
    assert hand.states(page) == {"A", "B", "C"}
    touch.drag((x, y - 100), (x, y + 200))
    page.wait_for_function(f"({scrolled})() === 0")
    touch.down(*hand.middle(page, '[data-palette="flow:Wait"]'))
    touch.move({1: hand.edge_middle(page, "A->B")})
    page.wait_for_selector('[data-drop="edge:A->B"]', state="attached")
    touch.up()
    page.wait_for_selector('[data-state="Wait"]')
    page.wait_for_selector('[data-edge="A->Wait"]')

    # one finger pans, two zoom and pan; a touch that the system takes away leaves nothing behind
    hand.still(page)
    left, top = hand.middle(page, '[data-state="B"]')
    canvas = page.locator("[data-panel=canvas]").bounding_box()
    empty = (canvas["x"] + 60, canvas["y"] + 300)
    touch.drag(empty, (empty[0] + 40, empty[1] + 30))
    hand.still(page)
    moved = hand.middle(page, '[data-state="B"]')
    assert (round(moved[0] - left), round(moved[1] - top)) == (40, 30)
    touch.down(*empty)
    touch.cancel()
    before = width(page, "B")
    touch.down(empty[0], empty[1] - 60, 1)
    touch.move({1: (empty[0] + 30, empty[1] - 60)})  # one finger after a cancelled one is one finger
    assert width(page, "B") == before
    touch.down(empty[0] + 130, empty[1] - 60, 2)
    touch.move({1: (empty[0], empty[1] - 60), 2: (empty[0] + 180, empty[1] - 60)})
    touch.up(1)
    touch.up(2)
    hand.still(page)
    assert width(page, "B") > before * 1.4
    page.keyboard.press("1")
    hand.still(page)

    # a tap chooses a state, its way out is drawn to another state; an end of a transition is taken hold of
    touch.tap(*hand.middle(page, '[data-state="A"]'))
    page.wait_for_selector('[data-state="A"].sc-selected')
    x, y = hand.middle(page, '[data-state="A"] .sc-exit')
    touch.drag((x + 10, y + 8), hand.middle(page, '[data-state="C"]'))
    page.wait_for_selector('[data-edge="A->C"]')
    hand.still(page)
    touch.tap(*hand.edge_middle(page, "Wait->B"))
    page.wait_for_selector('[data-edge="Wait->B"].sc-chosen')
    touch.drag(hand.edge_end(page, "Wait->B", before=14), hand.middle(page, '[data-state="C"]'))
    page.wait_for_selector('[data-edge="Wait->C"]')

    # the plus of a chosen transition
    hand.still(page)
    touch.tap(*hand.edge_middle(page, "A->C"))
    page.wait_for_selector('[data-edge="A->C"].sc-chosen')
    touch.tap(*hand.middle(page, '[data-edge="A->C"] .sc-add'))
    page.wait_for_selector("[data-adder-search]")
