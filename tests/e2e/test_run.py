"""Running by hand: live colours, failures first, iterations, the page of a run, and its life after a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WAITING = {
    "StartAt": "Begin",
    "States": {
        "Begin": {"Type": "Pass", "Next": "Rest"},
        "Rest": {"Type": "Wait", "Seconds": 4, "Next": "End"},
        "End": {"Type": "Succeed"},
    },
}
FAILING = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Small?",
                "States": {
                    "Small?": {
                        "Type": "Choice",
                        "Choices": [{"Variable": "$", "NumericLessThan": 3, "Next": "Fine"}],
                        "Default": "Too large",
                    },
                    "Fine": {"Type": "Pass", "End": True},
                    "Too large": {"Type": "Fail", "Error": "TooLarge", "Cause": "Only numbers below three are taken."},
                },
            },
            "MaxConcurrency": 1,
            "End": True,
        }
    },
}


def write(workspace: Path, name: str, definition: Any, input_: Any = None) -> None:
    (workspace / f"{name}.asl.json").write_text(json.dumps(definition, indent=2) + "\n", "utf-8")
    if input_ is not None:
        (workspace / f"{name}.input.json").write_text(json.dumps(input_), "utf-8")


def test_colours_follow_the_run(studio: Any, open_page: Callable[..., Any]) -> None:
    write(studio.folder, "rest", WAITING)
    page = open_page(studio.at("rest.asl.json"))
    hand.opened(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[data-state="Rest"][data-status="waiting"]')
    assert page.locator('[data-state="Begin"]').get_attribute("data-status") == "succeeded"
    assert page.locator('[data-state="End"]').get_attribute("data-status") in {None, "not-reached"}
    page.wait_for_selector('[data-state="End"][data-status="succeeded"]')
    page.locator('[data-state="Rest"]').click()
    assert page.locator('[data-fact="duration"]').inner_text().startswith("4.")


def test_a_failure_comes_first(studio: Any, open_page: Callable[..., Any]) -> None:
    write(studio.folder, "each", FAILING, {"items": [1, 2, 5, 1]})
    page = open_page(studio.at("each.asl.json"))
    hand.opened(page)
    hand.command(page, "run")
    page.wait_for_selector('[data-state="Each"][data-status="failed"]')
    page.locator('[data-state="Too large"]').click()
    assert page.locator('[data-panel="run"] [data-error="TooLarge"]').inner_text().endswith("Only numbers below three are taken.")

    page.goto(studio.url + "/runs")
    page.locator("[data-run]").first.click()
    page.wait_for_url("**/runs/arn*")
    page.wait_for_selector('[data-state="Too large"][data-status="failed"]')
    head = page.locator("[data-run-head]")
    page.wait_for_function("document.querySelector('[data-run-head]').innerText.includes('TooLarge')")
    assert "Too large failed" in head.inner_text().replace("\n", " ")
    assert page.locator('[data-panel="payload"][data-payload="input"]').inner_text().strip().endswith("5")
    page.locator('[data-view="events"]').click()
    page.wait_for_selector('[data-event-type="ExecutionFailed"]')


def test_a_run_survives_a_power_cut(workspace: Path, serve: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    """Killed during a Wait: started again, the page shows the run going on to its end, without gap or duplicate."""
    write(workspace, "rest", WAITING)
    server = serve(workspace)
    page = open_page(server.url + "/w/rest.asl.json")
    hand.opened(page)
    hand.command(page, "run")
    page.wait_for_selector('[data-state="Rest"][data-status="waiting"]')
    page.goto("about:blank")
    server.kill()
    again = serve(workspace)
    page = open_page(again.url + "/runs")
    page.locator("[data-run]").first.click()
    page.wait_for_selector('[data-state="End"][data-status="succeeded"]')
    page.locator('[data-view="events"]').click()
    page.wait_for_selector('[data-event-type="ExecutionSucceeded"]')
    ids = [int(i) for i in page.locator("[data-event]").evaluate_all("(all) => all.map((one) => one.dataset.event)")]
    assert ids == list(range(1, len(ids) + 1))


def test_stop(studio: Any, open_page: Callable[..., Any]) -> None:
    write(studio.folder, "long", {**WAITING, "States": {**WAITING["States"], "Rest": {"Type": "Wait", "Seconds": 3600, "Next": "End"}}})
    page = open_page(studio.at("long.asl.json"))
    hand.opened(page)
    hand.command(page, "run")
    page.wait_for_selector('[data-state="Rest"][data-status="waiting"]')
    page.keyboard.press("Control+k")
    page.wait_for_function("document.activeElement?.matches('[data-command-search]')")
    page.keyboard.type("stop the run")
    page.wait_for_selector('[data-entry="stop"][aria-selected="true"]')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-state="Rest"][data-status="stopped"]')


def test_the_text_on_the_screen_is_what_runs(studio: Any, open_page: Callable[..., Any]) -> None:
    write(studio.folder, "now", {"StartAt": "Say", "States": {"Say": {"Type": "Pass", "Result": "from the file", "End": True}}})
    page = open_page(studio.at("now.asl.json?state=Say"))
    hand.opened(page)
    page.locator('[data-tab="state-output"]').click() if not page.locator('[data-field="/Result"] textarea').is_visible() else None
    page.locator('[data-field="/Result"] textarea').fill('"from the screen"')
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[data-state="Say"][data-status="succeeded"]')
    page.wait_for_selector('[data-payload="output"]')
    assert '"from the screen"' in page.locator('[data-payload="output"]').inner_text()
    assert "from the file" in (studio.folder / "now.asl.json").read_text("utf-8")
