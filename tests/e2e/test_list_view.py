"""The list view: a workflow is built in it by keyboard alone; on a narrow screen it is what one sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ITEM = '[data-panel=list] [data-state="{}"]'
ORDER = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Pass", "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": "Pay", "States": {"Pay": {"Type": "Pass", "End": True}}},
            "End": True,
        },
    },
}


def names(page: Any) -> list[str]:
    return page.locator("[data-panel=list] [data-state]").evaluate_all("(all) => all.map((one) => one.dataset.state)")


def until(page: Any, expected: list[str]) -> None:
    page.wait_for_function(
        "(wanted) => JSON.stringify([...document.querySelectorAll('[data-panel=list] [data-state]')].map((one) => one.dataset.state)) === wanted",
        arg=json.dumps(expected, separators=(",", ":")),
    )


def test_edited_by_keyboard_alone(studio: Any, open_page: Callable[..., Any]) -> None:
    (studio.folder / "order.asl.json").write_text(json.dumps(ORDER, indent=2), "utf-8")
    page = open_page(studio.at("order.asl.json"))
    hand.opened(page)
    press = page.keyboard.press
    press("l")
    page.wait_for_selector("[data-panel=list] [role=treeitem]:focus")
    assert names(page) == ["Check", "Each", "Pay"]
    assert page.locator("[data-panel=canvas]").is_hidden()

    # walk, fold, select
    press("ArrowDown")
    page.wait_for_selector(ITEM.format("Each") + '[aria-selected="true"]:focus')
    press("ArrowLeft")
    until(page, ["Check", "Each"])
    press("ArrowRight")
    until(page, ["Check", "Each", "Pay"])
    press("Home")
    page.wait_for_selector(ITEM.format("Check") + '[aria-selected="true"]:focus')

    # add after it, back to the list, rename, move, delete, undo
    press("a")
    page.wait_for_function("document.activeElement?.closest('[data-palette-search]')")
    page.keyboard.type("wait")
    page.wait_for_function("document.querySelector('[data-panel=palette] [data-palette]').dataset.palette === 'flow:Wait'")
    press("Enter")
    page.wait_for_selector(ITEM.format("Wait") + '[aria-selected="true"]')
    press("Escape")
    page.wait_for_selector(ITEM.format("Wait") + ":focus")
    press("F2")
    page.wait_for_function("document.activeElement?.matches('[data-rename]')")
    press("Control+a")
    page.keyboard.type("Settle")
    press("Enter")
    until(page, ["Check", "Settle", "Each", "Pay"])
    page.wait_for_selector(ITEM.format("Settle") + '[aria-selected="true"]')
    page.wait_for_selector(".q-dialog", state="detached")
    page.wait_for_selector(ITEM.format("Settle") + ":focus")
    press("Alt+ArrowDown")
    until(page, ["Check", "Each", "Pay", "Settle"])
    page.wait_for_selector(ITEM.format("Settle") + ":focus")
    press("Alt+ArrowUp")
    until(page, ["Check", "Settle", "Each", "Pay"])

    # into the Map, by the list of places
    hand.command(page, "move-to")
    place = page.locator("[data-place]")
    place.wait_for()
    place.select_option("after Pay, at its end, in Each")
    page.locator('.dialog button[type="submit"]').click()
    until(page, ["Check", "Each", "Pay", "Settle"])
    assert page.locator(ITEM.format("Settle")).get_attribute("data-scope") == "/States/Each/ItemProcessor/States"
    page.wait_for_selector(".q-dialog", state="detached")
    page.locator(ITEM.format("Check")).focus()
    press("Home")
    page.wait_for_selector(ITEM.format("Check") + '[aria-selected="true"]:focus')
    press("Delete")
    until(page, ["Each", "Pay", "Settle"])
    press("Control+s")
    page.wait_for_function("document.querySelector('[data-saved]').innerText.startsWith('Saved')")
    saved = json.loads((studio.folder / "order.asl.json").read_text("utf-8"))
    assert saved["StartAt"] == "Each"
    assert list(saved["States"]) == ["Each"]
    inner = saved["States"]["Each"]["ItemProcessor"]["States"]
    assert {name: (state["Type"], state.get("Next")) for name, state in inner.items()} == {
        "Pay": ("Pass", "Settle"),
        "Settle": ("Wait", None),
    }
    press("l")
    page.wait_for_selector('[data-panel=canvas] [data-state="Settle"]')


def test_a_narrow_screen_shows_the_list_with_the_runs_status(studio: Any, open_page: Callable[..., Any]) -> None:
    (studio.folder / "order.asl.json").write_text(json.dumps(ORDER), "utf-8")
    (studio.folder / "order.input.json").write_text('{"items": [1]}', "utf-8")
    page = open_page(studio.at("order.asl.json"), width=390, height=800)
    page.wait_for_selector(ITEM.format("Pay"))
    assert page.locator("[data-panel=canvas]").is_hidden()
    assert page.locator('[data-panel=list] [data-command="delete"]').is_hidden()
    hand.command(page, "run")
    for name in ("Check", "Each", "Pay"):
        page.wait_for_selector(ITEM.format(name) + '[data-status="succeeded"]')
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(ITEM.format("Check")).click()
    page.wait_for_selector('[data-panel=inspector] [data-payload="output"]')
    page.set_viewport_size({"width": 1200, "height": 800})
    page.wait_for_selector('[data-panel=canvas] [data-state="Pay"]')
    assert page.locator("[data-panel=list]").is_hidden()
    page.goto(studio.url + "/runs")
    arn = page.locator("[data-run]").first.get_attribute("data-run")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{studio.url}/runs/{quote(arn, safe='')}")
    for name in ("Check", "Each", "Pay"):
        page.wait_for_selector(ITEM.format(name) + '[data-status="succeeded"]')
    page.locator(ITEM.format("Pay")).click()
    page.wait_for_selector('[data-panel=inspector] [data-payload="output"]')
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
