"""Stopping a run on its way: a breakpoint inside a Map, the pending input edited, a wait skipped."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

ORDER = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "MaxConcurrency": 1,
            "ItemProcessor": {"StartAt": "Charge", "States": {"Charge": {"Type": "Pass", "End": True}}},
            "Next": "Cool down",
        },
        "Cool down": {"Type": "Wait", "Seconds": 3600, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}


def test_a_breakpoint_in_a_map_lets_the_input_be_edited(studio: Any, open_page: Callable[..., Any]) -> None:
    (studio.folder / "order.asl.json").write_text(json.dumps(ORDER, indent=2) + "\n", "utf-8")
    (studio.folder / "order.input.json").write_text("[1, 2]", "utf-8")
    page = open_page(studio.at("order.asl.json"))
    hand.opened(page)
    page.locator('[data-state="Charge"]').click()
    page.keyboard.press("b")
    page.wait_for_selector('[data-state="Charge"] .sc-break')
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[data-held="Charge"]')

    page.locator("[data-edit-pending]").click()
    page.locator("textarea[data-pending-input], [data-pending-input] textarea").fill('{"n": 99}')
    page.get_by_role("button", name="Continue with this input").click()
    page.wait_for_function("document.querySelector('[data-held]')?.textContent.includes('#1')")
    page.keyboard.press("F8")
    page.wait_for_selector('[data-waiting="Cool down"]')

    page.locator('[data-debug] [data-command="skip-wait"]').click()
    page.wait_for_selector('[data-state="Done"][data-status="succeeded"]')
    page.wait_for_selector("[data-debug]", state="hidden")
    page.locator('[data-state="Done"]').click()
    page.wait_for_function("document.querySelector('[data-panel=run]').innerText.split('99').length === 3")  # in its input and its output
