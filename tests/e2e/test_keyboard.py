"""The workflow of the blog post, from an empty canvas, by keyboard alone: no click, no pointer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TEMPLATE = Path(__file__).parents[2] / "templates" / "rfp-inline-map" / "workflow.asl.json"
CANVAS = "[data-panel=canvas] .sc"


def tab_to(page: Any, selector: str, key: str = "Tab") -> None:
    """Presses Tab until the focus is on an element, or in it."""
    page.wait_for_selector(selector, state="attached")
    for _ in range(120):
        if page.evaluate("(selector) => !!document.activeElement?.closest(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"Tab never reaches {selector}")


def fill(page: Any, pointer: str, text: str) -> None:
    """Goes to the control of a field, past the menu beside its name, and types."""
    page.wait_for_selector(f'[data-field="{pointer}"]')
    for _ in range(120):
        there = """(selector) => {
            const here = document.activeElement;
            return here?.matches('input, textarea') && here.closest('[data-field]')?.matches(selector);
        }"""
        if page.evaluate(there, f'[data-field="{pointer}"]'):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"Tab never reaches the field {pointer}")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Tab")


def add(page: Any, words: str, entry: str, state: str) -> None:
    page.keyboard.press("a")
    page.wait_for_function("document.activeElement?.matches('[data-adder-search]')")
    page.keyboard.type(words)
    page.wait_for_selector(f'[data-adder-entry="{entry}"][aria-selected=true]')
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[data-state="{state}"]')
    page.wait_for_function("document.activeElement?.getAttribute('aria-label') === 'State name'")


def test_the_workflow_of_the_blog_post(workspace: Path, serve: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    wanted = json.loads(TEMPLATE.read_text("utf-8"))
    outer = wanted["States"]["Answer Questions"]
    inner = outer["ItemProcessor"]["States"]["Bedrock InvokeModel"]
    file = workspace / "new.asl.json"
    file.write_text('{\n  "StartAt": "",\n  "States": {}\n}\n', "utf-8")
    page = open_page(serve(workspace).url + "/w/new.asl.json")
    page.wait_for_selector(f"{CANVAS} .sc-node")
    page.wait_for_timeout(300)

    fill(page, "/Comment", wanted["Comment"])
    tab_to(page, CANVAS, "Shift+Tab")
    add(page, "map", "flow:Map", "Map")
    page.keyboard.press("Control+a")
    page.keyboard.type("Answer Questions")
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-state="Answer Questions"]')
    page.wait_for_selector("[data-panel=inspector] >> text=Answer Questions")
    fill(page, "/ItemsPath", outer["ItemsPath"])
    fill(page, "/ItemSelector", json.dumps(outer["ItemSelector"]))
    fill(page, "/MaxConcurrency", str(outer["MaxConcurrency"]))

    tab_to(page, CANVAS, "Shift+Tab")
    add(page, "bedrock invokemodel", "action:bedrock:invokeModel", "Bedrock InvokeModel")
    fill(page, "/Parameters/ModelId", inner["Parameters"]["ModelId"])
    fill(page, "/Parameters/Body", json.dumps(inner["Parameters"]["Body"]))
    for name in ("ContentType", "Accept"):
        tab_to(page, f'[aria-label="Remove {name}"]')
        page.keyboard.press("Enter")
        page.wait_for_selector(f'[data-field="/Parameters/{name}"]', state="detached")
    tab_to(page, '[data-tab="state-output"]')
    page.keyboard.press("Enter")
    for name in ("ResultSelector", "ResultPath", "OutputPath"):
        fill(page, f"/{name}", inner[name] if isinstance(inner[name], str) else json.dumps(inner[name]))
    tab_to(page, '[data-tab="state-errors"]', "Shift+Tab")
    page.keyboard.press("Enter")
    tab_to(page, '[data-add="retrier"]')
    page.keyboard.press("Enter")
    retrier = inner["Retry"][0]
    fill(page, "/Retry/0/ErrorEquals", ", ".join(retrier["ErrorEquals"]))
    for name in ("IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds"):
        fill(page, f"/Retry/0/{name}", str(retrier[name]))
    page.wait_for_timeout(500)
    page.keyboard.press("Control+s")
    page.wait_for_function("document.querySelector('[data-saved]').innerText.startsWith('Saved')")
    assert json.loads(file.read_text("utf-8")) == wanted
