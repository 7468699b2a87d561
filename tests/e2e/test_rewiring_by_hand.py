"""Leading transitions elsewhere in a real browser: by dragging their ends, and by keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

ORDER: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Check": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Review"}],
            "Default": "Charge",
        },
        "Review": {"Type": "Wait", "Seconds": 1, "Next": "Charge"},
        "Charge": {"Type": "Pass", "Next": "Ship"},
        "Ship": {"Type": "Map", "ItemProcessor": {"StartAt": "Pack", "States": {"Pack": {"Type": "Pass", "End": True}}}, "Next": "Refuse"},
        "Refuse": {"Type": "Fail"},
    },
}


@pytest.fixture
def order(studio: Any) -> Path:
    file = studio.folder / "order.asl.json"
    file.write_text(json.dumps(ORDER, indent=2) + "\n", "utf-8")
    return file


def said(page: Any) -> str:
    return page.locator(".sc-say.sc-on").inner_text()


def test_the_end_of_a_transition_is_dragged_to_another_state(order: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("order.asl.json"))
    hand.opened(page)
    hand.pull(page, hand.edge_end(page, "Check->Review"), hand.middle(page, '[data-state="Refuse"]'))
    page.wait_for_selector('[data-state="Refuse"].sc-over')
    page.mouse.up()
    page.wait_for_selector('[data-edge="Check->Refuse"][data-kind="choice"].sc-chosen')
    page.keyboard.press("Control+z")
    page.wait_for_selector('[data-edge="Check->Review"]')
    hand.still(page)

    hand.pull(page, hand.edge_end(page, "Review->Charge"), hand.middle(page, '[data-state="Pack"]'))
    page.wait_for_selector('[data-state="Pack"].sc-refused')
    assert said(page) == "“Pack” is inside “Ship”: a transition cannot lead into it."
    page.mouse.up()
    page.wait_for_timeout(200)
    assert page.locator('[data-edge="Review->Charge"]').count() == 1
    hand.pull(page, hand.edge_end(page, "Review->Charge"), hand.middle(page, '[data-state="Refuse"]'))
    page.keyboard.press("Escape")
    page.mouse.up()
    page.wait_for_timeout(200)
    assert page.locator('[data-edge="Review->Charge"]:not(.sc-lifted)').count() == 1

    hand.pull(page, hand.edge_end(page, "Charge->Ship", before=19, source=True), hand.middle(page, '[data-state="Check"]'))
    page.mouse.up()
    page.wait_for_selector('[data-edge="Check->Ship"][data-kind="default"]')
    page.wait_for_selector('[data-edge="Charge->__end__"]')
    page.keyboard.press("Control+s")
    page.wait_for_function("document.querySelector('[data-saved]').innerText.includes('Saved')")
    states = json.loads(order.read_text("utf-8"))["States"]
    assert (states["Check"]["Default"], states["Charge"], states["Review"]["Next"]) == ("Ship", {"Type": "Pass", "End": True}, "Charge")


def test_an_end_let_go_over_nothing_asks_what_comes_there(order: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("order.asl.json"))
    hand.opened(page)
    x, y = hand.middle(page, '[data-state="Charge"]')
    hand.pull(page, hand.edge_end(page, "Check->Review"), (x - 250, y))
    assert said(page) == "Let go to add a state here."
    page.mouse.up()
    page.wait_for_function("document.activeElement?.matches('[data-adder-search]')")
    page.keyboard.type("wait")
    page.wait_for_selector('[data-adder-entry="flow:Wait"][aria-selected=true]')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-edge="Check->Wait"][data-kind="choice"]')
    page.wait_for_selector('[data-edge="Wait->Review"]')


def test_a_transition_is_led_elsewhere_by_keyboard(order: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("order.asl.json"))
    hand.opened(page)
    page.locator("[data-panel=canvas] .sc").focus()
    page.keyboard.press("Home")
    page.wait_for_selector('[data-state="Check"].sc-selected')
    page.keyboard.press("r")
    page.wait_for_selector('[data-entry="/States/Check/Default"]')
    page.keyboard.type("default")
    page.wait_for_selector('[data-entry="/States/Check/Default"][aria-selected=true]')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-entry="/States/Refuse"]')
    assert page.locator('[data-entry="end"]').get_attribute("aria-disabled") == "true"
    assert page.locator('[data-entry="/States/Ship/ItemProcessor/States/Pack"]').count() == 0
    page.keyboard.type("refu")
    page.wait_for_selector('[data-entry="/States/Refuse"][aria-selected=true]')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-edge="Check->Refuse"]')
    page.wait_for_function("document.activeElement?.getAttribute('role') === 'application'")

    x, y = hand.edge_middle(page, "Charge->Ship")
    page.mouse.click(x, y)
    page.wait_for_selector('[data-edge="Charge->Ship"].sc-chosen')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-entry="end"]')
    page.keyboard.type("the end")
    page.wait_for_selector('[data-entry="end"][aria-selected=true]')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-edge="Charge->__end__"]')


def test_the_plus_of_a_transition_asks_what_comes_there(order: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("order.asl.json"))
    hand.opened(page)
    page.mouse.move(*hand.edge_middle(page, "Charge->Ship"))
    page.locator('[data-edge="Charge->Ship"] .sc-add').click()
    page.wait_for_function("document.activeElement?.matches('[data-adder-search]')")
    page.keyboard.type("wait")
    page.wait_for_selector('[data-adder-entry="flow:Wait"][aria-selected=true]')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-edge="Charge->Wait"]')
    page.wait_for_selector('[data-edge="Wait->Ship"]')
