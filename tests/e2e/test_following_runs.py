"""A run followed to its end: a person's approval, the end told in a tab out of sight, a function corrected, redriven, compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

APPROVAL = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "ask", "Payload": {"order.$": "$.order", "token.$": "$$.Task.Token"}},
            "ResultPath": "$.answer",
            "Next": "Decide",
        },
        "Decide": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.answer.approved", "BooleanEquals": True, "Next": "Ship"}],
            "Default": "Refuse",
        },
        "Ship": {"Type": "Succeed"},
        "Refuse": {"Type": "Fail", "Error": "Refused"},
    },
}
BROWSER = """
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (Notification.permission = "granted"); }
  constructor(title, options) { (window.notified ??= []).push([title, options.body]); }
  close() {}
};
Object.defineProperty(document, "hidden", { get: () => window.away ?? false });
"""


def test_a_person_approves_and_the_end_is_told(workspace: Path, serve: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    (workspace / "approval.asl.json").write_text(json.dumps(APPROVAL, indent=2) + "\n", "utf-8")
    (workspace / "approval.input.json").write_text('{"order": 7}', "utf-8")
    (workspace / "functions").mkdir()
    (workspace / "functions" / "ask.py").write_text("def handler(event, context):\n    return 'a mail is sent'\n", "utf-8")
    server = serve(workspace)
    page = open_page(server.url + "/w/approval.asl.json")
    hand.opened(page)
    hand.command(page, "run")
    page.wait_for_selector('[data-state="Ask"][data-status="waiting"]')
    page.context.add_init_script(BROWSER)
    page.goto(server.url + "/runs")
    page.locator("[data-run]").first.click()
    page.wait_for_selector('[data-state="Ask"][data-status="waiting"]')
    name = page.locator("h1").inner_text()
    page.locator("[data-tell-end]").click()
    page.wait_for_selector('[data-tell-end][aria-pressed="true"]')
    page.evaluate("window.away = true")

    there = page.context.new_page()
    there.goto(server.url + "/tasks")
    there.locator('[data-answer="Ask"]').click()
    link = there.locator('a[href^="/tasks?task="]').get_attribute("href")
    there.goto(server.url + link)  # the link opens the form
    assert there.locator('[data-task="Ask"]').is_visible()
    there.locator("[data-output]").fill("approved")
    there.locator("[data-complete]").click()
    there.get_by_text("This is not JSON").wait_for()
    there.locator("[data-output]").fill('{"approved": true}')
    there.locator("[data-complete]").click()
    there.get_by_text("Nothing is waiting").wait_for()

    page.wait_for_selector('[data-state="Ship"][data-status="succeeded"]')
    page.wait_for_function("document.title.startsWith('✓')")
    [[title, told]] = page.evaluate("window.notified")
    assert (title, told.split(" after ")[0]) == ("ASL Studio", f"{name} succeeded")
    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    assert page.title() == "Run – ASL Studio"


ORDERS = {
    "StartAt": "Price",
    "States": {
        "Price": {"Type": "Pass", "Result": {"price": 5}, "Next": "Charge"},
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "charge", "Payload.$": "$"},
            "Retry": [{"ErrorEquals": ["KeyError"], "IntervalSeconds": 1, "MaxAttempts": 1}],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


def test_from_the_failing_attempt_to_a_corrected_run(studio: Any, open_page: Callable[..., Any]) -> None:
    (studio.folder / "orders.asl.json").write_text(json.dumps(ORDERS, indent=2) + "\n", "utf-8")
    function = studio.folder / "functions" / "charge.py"
    function.parent.mkdir()
    function.write_text("def handler(event, context):\n    print('charging', event)\n    return event['amount']\n", "utf-8")
    page = open_page(studio.at("orders.asl.json"))
    hand.opened(page)
    hand.command(page, "run")
    page.wait_for_selector('[data-state="Charge"][data-status="failed"]')
    page.goto(studio.url + "/runs")
    page.locator("[data-run]").first.click()

    # it opens on the attempt that failed, with its stages and what the function printed
    page.wait_for_selector('[data-failure="Charge"]')
    assert "failed on attempt 2 of 2" in page.locator('[data-failure="Charge"]').inner_text()
    failed = page.url.split("?")[0]
    page.locator('[data-log="2"]').click()
    assert "charging {'price': 5}" in page.locator("[data-log-text]").inner_text()
    page.keyboard.press("Escape")
    page.locator('[data-tab="stages"]').click()
    page.locator('[data-stage="afterParameters"]').wait_for()
    assert page.locator('[data-stage="output"]').count() == 0

    # a run that went well before, to compare with
    function.write_text("def handler(event, context):\n    return event['price']\n", "utf-8")
    hand.command(page, "run-again")
    page.locator("[data-begin]").click()
    page.wait_for_url(lambda url: url.split("?")[0] != failed)
    page.wait_for_selector('[data-state="Done"][data-status="succeeded"]')

    # corrected, the failed run goes on where it fell
    page.goto(failed)
    page.locator('[data-action="redrive"]').click()
    page.wait_for_selector('[data-state="Done"][data-status="succeeded"]')
    hand.command(page, "compare-run")
    page.wait_for_selector('[data-panel="canvas"][data-side="both"] [data-state="Charge"][data-side="differs"]')
    assert page.locator('[data-side="both"] [data-edge="Charge->Done"]').get_attribute("data-side") == "both"
    assert page.locator('[data-row="Charge"]').inner_text().startswith("◀ ▶")
    page.locator('[data-graphs="two"]').click()
    page.wait_for_selector('[data-panel="canvas"][data-side="a"] [data-state="Charge"]')


def test_a_tall_graph_is_legible_and_goes_along_with_the_time(studio: Any, open_page: Callable[..., Any]) -> None:
    steps: dict[str, Any] = {f"Step {n}": {"Type": "Pass", "Next": f"Step {n + 1}"} for n in range(40)}
    steps |= {"Step 20": {"Type": "Wait", "Seconds": 1, "Next": "Step 21"}, "Step 40": {"Type": "Succeed"}}
    (studio.folder / "tall.asl.json").write_text(json.dumps({"StartAt": "Step 0", "States": steps}, indent=2) + "\n", "utf-8")
    page = open_page(studio.at("tall.asl.json"))
    hand.opened(page)
    hand.command(page, "run")
    page.get_by_text("Succeeded", exact=True).first.wait_for()
    page.goto(f"{studio.url}/runs?workflow={studio.folder.name}/tall.asl.json")
    page.locator("[data-run]").first.click()
    page.locator('[data-view="timeline"]').click()
    shown = """name => {
        const box = document.querySelector(`[data-state="${name}"]`)?.getBoundingClientRect();
        const room = document.querySelector("[data-panel=canvas]").getBoundingClientRect();
        return !!box && box.height > 36 && box.top >= room.top && box.bottom <= room.bottom;
    }"""
    page.wait_for_function(shown, arg="Step 0")
    axis = page.locator("[data-scrub]").bounding_box()
    page.mouse.click(axis["x"] + axis["width"] * 0.5, axis["y"] + 8)
    page.wait_for_selector('[data-state="Step 20"][data-status="waiting"]')
    page.wait_for_function(shown, arg="Step 20")
    hand.command(page, "fit")  # all of it, as small as it is; from now on the picture stays
    page.wait_for_function("document.querySelector('.sc-overview').checkVisibility()")
    page.locator('[data-panel="timeline"] [data-row="Step 3"]').click()  # one that is chosen comes into view all the same
    page.wait_for_selector('[data-state="Step 3"].sc-selected')
