"""The RFP workflow built from an empty canvas, by mouse alone and by keyboard alone; either way it is the template's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

TEMPLATE = json.loads((Path(__file__).parents[2] / "templates" / "rfp-inline-map" / "workflow.asl.json").read_text("utf-8"))
MAP = TEMPLATE["States"]["Answer Questions"]
ASK = MAP["ItemProcessor"]["States"]["Bedrock InvokeModel"]
RETRIER = ASK["Retry"][0]


ALL_PARAMETERS = "all parameters"
"""The field that shows them as one JSON text."""


def place(field: str) -> str:
    """Where a field is: by its pointer."""
    return "[data-parameters] details" if field == ALL_PARAMETERS else f'[data-field="{field}"]'


class Mouse:
    """Reaches everything by clicking; types only into fields it clicked."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def add(self, palette: str, scope: str) -> None:
        hand.drag(self.page, f'[data-palette="{palette}"]', hand.middle(self.page, f'.sc-empty[data-scope="{scope}"]'))

    def tab(self, name: str) -> None:
        self.page.locator(f'[data-panel="inspector"] [data-tab="state-{name}"]').click()

    def press(self, selector: str) -> None:
        self.page.locator(f'[data-panel="inspector"] {selector}').first.click()

    def fill(self, field: str, text: str) -> None:
        box = self.page.locator(f'[data-panel="inspector"] {place(field)}').first.locator("input, textarea").first
        box.click()
        box.fill(text)
        self.page.locator('[data-panel="inspector"] h2').first.click()  # leaving a field is what applies it


class Keyboard:
    """Reaches everything by Tab and the shortcuts; never points."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def add(self, palette: str, scope: str) -> None:
        del scope  # an empty Map or workflow takes the first state by itself
        self.page.keyboard.press("Escape")
        self._until("document.activeElement.closest('[data-panel=\"canvas\"] .sc')")
        self.page.keyboard.press("a")
        self.page.wait_for_function("document.activeElement.matches('[data-adder-search]')")
        self.page.keyboard.type({"flow:Map": "map", "action:bedrock:invokeModel": "bedrock invokemodel"}[palette])
        self.page.wait_for_selector(f'[data-adder-entry="{palette}"][aria-selected=true]')
        self.page.keyboard.press("Enter")

    def tab(self, name: str) -> None:
        self._until(f"document.activeElement.matches('[data-tab=\"state-{name}\"]')")
        self.page.keyboard.press("Enter")

    def press(self, selector: str) -> None:
        self._until(f"document.activeElement.matches({json.dumps('[data-panel=inspector] ' + selector)})")
        self.page.keyboard.press("Enter")

    def fill(self, field: str, text: str) -> None:
        self._until(f"document.activeElement.matches('input, textarea') && document.activeElement.closest({json.dumps(place(field))})")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Tab")

    def _until(self, reached: str) -> None:
        """Tab goes on until the element that is meant has the focus."""
        for _ in range(250):
            if self.page.evaluate(f"() => Boolean({reached})"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to it: {reached}")


@pytest.mark.parametrize("way", [Mouse, Keyboard])
def test_the_rfp_workflow_is_built_by(
    way: type[Mouse | Keyboard], workspace: Path, serve: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    file = workspace / "rfp.asl.json"
    file.write_text('{\n  "StartAt": "",\n  "States": {}\n}\n', "utf-8")
    page = open_page(serve(workspace).url + "/w/rfp.asl.json", height=1300)
    page.wait_for_selector(".sc-empty")
    page.wait_for_selector("[data-begun]")
    hand.still(page)
    person = way(page)

    person.add("flow:Map", "/States")
    page.wait_for_selector('[data-state="Map"]')
    page.wait_for_selector('[data-panel="inspector"] [data-field="/ItemsPath"]')
    person.fill("/ItemsPath", MAP["ItemsPath"])
    person.fill("/ItemSelector", json.dumps(MAP["ItemSelector"]))
    person.fill("/MaxConcurrency", str(MAP["MaxConcurrency"]))
    person.fill("/Name", "Answer Questions")
    page.wait_for_selector('[data-state="Answer Questions"]')

    person.add("action:bedrock:invokeModel", "/States/Answer Questions/ItemProcessor/States")
    page.wait_for_selector('[data-state="Bedrock InvokeModel"]')
    page.wait_for_selector('[data-panel="inspector"] [data-field="/Parameters/ModelId"]')
    person.press("[data-parameters] summary")
    person.fill(ALL_PARAMETERS, json.dumps(ASK["Parameters"]))
    person.tab("output")
    person.fill("/ResultSelector", json.dumps(ASK["ResultSelector"]))
    person.fill("/ResultPath", ASK["ResultPath"])
    person.fill("/OutputPath", ASK["OutputPath"])
    person.tab("errors")
    person.press('[data-add="retrier"]')
    for name, value in RETRIER.items():
        person.fill(f"/Retry/0/{name}", ", ".join(value) if isinstance(value, list) else str(value))

    page.keyboard.press("Control+S")
    page.wait_for_function("document.querySelector('[data-saved]')?.textContent.includes('Saved')")
    built = json.loads(file.read_text("utf-8"))
    assert built == {name: value for name, value in TEMPLATE.items() if name != "Comment"}
