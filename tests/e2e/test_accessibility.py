"""axe-core's audit of every page: nothing serious or critical, in light and in dark.

`vendor/axe.min.js` is axe-core 4.10.3 as npm distributes it. The whole audit is made in light; in dark the colours, which are what differs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gestures as hand
import pytest

playwright = pytest.importorskip("playwright.sync_api")

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
AUDIT = """async ([rules, parts]) => {
    const where = parts.length ? {include: parts.map((part) => [part])} : document;
    const found = await axe.run(where, {resultTypes: ['violations'], elementRef: true, ...(rules ? {runOnly: {type: 'rule', values: rules}} : {})});
    // a text that is edited in place is reached by the tabulator key without a tabindex, which axe does not know
    const editable = (v, n) => v.id === 'scrollable-region-focusable' && !!n.element?.querySelector('[contenteditable=true]');
    for (const v of found.violations) v.nodes = v.nodes.filter((n) => !editable(v, n));
    return found.violations.filter((v) => v.nodes.length && ['serious', 'critical'].includes(v.impact))
        .map((v) => ({rule: v.id, impact: v.impact, at: v.nodes.slice(0, 4).map((n) => n.target.join(' ') + ' | ' + n.html.slice(0, 160) + ' | '
            + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''))}));
}"""
SIDEWAYS = """() => [...document.querySelectorAll('body *')].filter((one) => !one.closest('.stages, .cm-editor, .sc')
    && one.checkVisibility() && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX))
    .map((one) => `${one.tagName} ${one.className}: ${one.scrollWidth} in ${one.clientWidth}`)"""
WORKFLOW = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Each"}], "Default": "No"},
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {
                "StartAt": "Pay",
                "States": {
                    "Pay": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "Parameters": {"FunctionName": "pay", "Payload.$": "$"},
                        "Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 1, "MaxAttempts": 1}],
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Later"}],
                        "End": True,
                    },
                    "Later": {"Type": "Wait", "Seconds": 1, "End": True},
                },
            },
            "Next": "No",
        },
        "No": {"Type": "Fail", "Error": "No", "Cause": "It is over."},
    },
}
MOCKS = {
    "StateMachines": {"pay": {"TestCases": {"Happy": {"Pay": "paid"}}}},
    "MockedResponses": {"paid": {"0": {"Return": {"Payload": 1}}, "1-9": {"Throw": {"Error": "X", "Cause": "c"}}}},
}
WAITING = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
            "End": True,
        }
    },
}


def audit(page: Any, where: str, *parts: str) -> list[str]:
    """The serious findings of a page as it is now, in light and in dark; of `parts` alone where the rest was audited before."""
    page.wait_for_timeout(100)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = [(f"{where}, light", one) for one in page.evaluate(AUDIT, [None, parts])]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # colours change at once
    page.wait_for_timeout(100)
    found += [(f"{where}, dark", one) for one in page.evaluate(AUDIT, [["color-contrast", "link-in-text-block"], parts])]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return [f"{place}: {one['rule']} ({one['impact']}): " + "\n    ".join(one["at"]) for place, one in found]


def cramped(page: Any, where: str) -> list[str]:
    """What scrolls sideways in a small window, but for code and the stages of a test, which are side by side."""
    usual = page.viewport_size
    page.set_viewport_size({"width": 1024, "height": 700})
    try:
        page.wait_for_function(f"({SIDEWAYS})().length === 0", timeout=5_000)  # tables leave columns out once they are narrow
    except playwright.TimeoutError:
        return [f"{where}, 1024 wide, scrolls sideways: {one}" for one in page.evaluate(SIDEWAYS)]
    else:
        return []
    finally:
        page.set_viewport_size(usual)


@pytest.fixture
def files(studio: Any) -> Path:
    return written(studio.folder)


@pytest.fixture
def own_files(workspace: Path) -> Path:
    return written(workspace)


def written(workspace: Path) -> Path:
    (workspace / "pay.asl.json").write_text(json.dumps(WORKFLOW, indent=2), "utf-8")
    (workspace / "pay.input.json").write_text('{"n": 2, "items": [1, 2, 3]}', "utf-8")
    (workspace / "pay.mocks.json").write_text(json.dumps(MOCKS), "utf-8")
    (workspace / "ask.asl.json").write_text(json.dumps(WAITING, indent=2), "utf-8")
    (workspace / "broken.asl.json").write_text('{"StartAt": "A",\n "States": {"A": {"Type": "Pass"}}', "utf-8")
    return workspace


def test_the_editor(files: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("pay.asl.json"))
    hand.opened(page)
    found = audit(page, "design")
    page.locator('[data-panel=canvas] [data-state="Pay"]').click()
    page.keyboard.press("t")
    page.wait_for_selector("[data-test-status]")
    found += audit(page, "a task, and its test", "[data-panel=inspector]", ".drawer")
    page.locator('[data-panel=test] [data-tab="mock"]').click()
    for state in ("Check", "Each"):
        page.wait_for_selector(".q-dialog", state="detached")
        page.keyboard.press("Control+k")
        page.wait_for_function("document.activeElement?.matches('[data-command-search]')")
        page.keyboard.type(f"{state} (")
        page.wait_for_selector(f'[data-entry="s:/States/{state}"][aria-selected="true"]')
        page.keyboard.press("Enter")
        page.wait_for_selector(f'[data-test-state="{state}"]')
        found += audit(page, f"form of {state}", "[data-panel=inspector]", ".drawer")
    for tab in ("problems", "mocks"):
        page.locator(f'.drawer [data-tab="{tab}"]').first.click()
        found += audit(page, f"drawer, {tab}", ".drawer") + cramped(page, f"drawer, {tab}")
    hand.command(page, "run")
    page.wait_for_selector('[data-state="No"][data-status="failed"]')
    page.locator('.drawer [data-tab="events"]').first.click()
    found += audit(page, "a run on the canvas, its events", "[data-panel=canvas]", ".drawer", "[data-panel=inspector]")
    page.locator('[data-panel=canvas] [data-state="Pay"]').click()
    page.wait_for_selector("[data-iterations]")
    found += audit(page, "a state's run", "[data-panel=inspector]")
    page.keyboard.press("l")
    page.wait_for_selector("[data-panel=list] [data-state]")
    found += audit(page, "list", "[data-panel=list]")
    page.set_viewport_size({"width": 390, "height": 800})
    found += audit(page, "list on a phone")
    page.set_viewport_size({"width": 1440, "height": 900})
    hand.command(page, "list-view")
    hand.command(page, "view-split")
    page.wait_for_selector(".cm-content")
    hand.command(page, "view-code")
    found += audit(page, "code", "[data-panel=code]")
    assert found == [], "\n".join(found)


def test_dialogs_and_menus(files: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("pay.asl.json"))
    hand.opened(page)
    found: list[str] = []
    page.keyboard.press("Control+k")
    page.wait_for_selector("[data-entry]")
    found += audit(page, "command palette", ".q-dialog")
    page.keyboard.press("Escape")
    page.wait_for_selector(".q-dialog", state="detached")
    page.locator("[data-menu=more]").click()
    page.wait_for_selector(".q-menu [data-command]")
    found += audit(page, "menu", ".q-menu")
    page.locator('.q-menu [data-command="export-as"]').click()
    page.wait_for_selector(".dialog")
    found += audit(page, "export", ".q-dialog")
    assert found == [], "\n".join(found)


def test_files_versions_and_config(own_files: Path, serve: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    url = serve(own_files).url
    page = open_page(url)
    found: list[str] = []
    for action, sign in (
        ("rename", "[data-new-name]"),
        ("duplicate", '[data-workflow="ask-2.asl.json"]'),
        ("trash", "[data-trash]:visible"),
    ):
        page.locator('[data-menu="ask.asl.json"]').click()
        page.locator(f"[data-action={action}]:visible").click()
        page.wait_for_selector(sign)
        if action == "rename":
            found += audit(page, "rename", ".q-dialog")
            page.keyboard.press("Escape")
            page.wait_for_selector(".q-dialog", state="detached")
    page.locator("[data-trash]").click()
    page.wait_for_selector("[data-trashed]")
    found += audit(page, "trash")
    page.goto(url + "/w/pay.asl.json?view=config")
    page.wait_for_selector("[data-statement]")
    found += audit(page, "config") + cramped(page, "config")
    page.goto(url + "/w/pay.asl.json?view=code")
    page.locator(".cm-content").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\n// changed")
    page.keyboard.press("Control+s")
    page.get_by_text("changed", exact=False).first.wait_for()
    page.locator("[data-menu=more]").click()
    page.locator('.q-menu [data-command="versions"]').click()
    page.wait_for_selector("[data-version]")
    for tab in ("states", "text", "graph"):
        page.locator(f'[data-panel=versions] [data-tab="{tab}"]').click()
        found += audit(page, f"versions, {tab}", "[data-panel=versions]")
    assert found == [], "\n".join(found)


def test_the_other_pages(own_files: Path, serve: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    server = serve(own_files)
    page = open_page(server.url + "/w/ask.asl.json")
    hand.opened(page)
    hand.command(page, "run")
    page.wait_for_selector('[data-state="Ask"][data-status="waiting"]')
    page.goto(server.url + "/w/pay.asl.json")
    hand.opened(page)
    hand.command(page, "run")
    page.wait_for_selector('[data-state="No"][data-status="failed"]')
    found: list[str] = []
    for path, sign in {
        "/": "[data-workflow]",
        "/runs": "[data-run]",
        "/templates": ".tile",
        "/tasks": "[data-task]",
        "/settings": "[data-setting]",
        "/w/broken.asl.json": ".cm-content",
        "/w/nowhere.asl.json": "h1",
    }.items():
        page.goto(server.url + path)
        page.wait_for_selector(sign)
        if path == "/tasks":
            page.locator("[data-answer]").first.click()
        found += audit(page, path) + cramped(page, path)
    page.goto(server.url + "/runs")
    for arn in page.locator("[data-run]").evaluate_all("(all) => all.map((one) => one.dataset.run)"):
        page.goto(f"{server.url}/runs/{quote(arn, safe='')}")
        page.wait_for_selector("[data-panel=canvas] [data-state]")
        page.wait_for_timeout(300)
        found += audit(page, "a run")
        for view in ("timeline", "table"):
            page.locator(f'[data-view="{view}"]').click()
            found += audit(page, f"a run, {view}", f"[data-panel={view}]") + cramped(page, f"a run, {view}")
    assert found == [], "\n".join(found)


def test_words_that_are_proposed_and_a_merge(files: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("pay.asl.json?state=Check"))
    hand.opened(page)
    page.locator("[data-sees] summary").click()
    page.wait_for_selector("[data-sees] .j-key")
    field = page.locator('[data-field="/Choices/0/Variable"] input')
    field.press("Control+a")
    page.keyboard.type("$.")
    page.wait_for_selector("[data-proposal]")
    page.locator("[data-panel=inspector] .side-body:visible").evaluate("(body) => body.scrollBy(0, body.scrollTop < 30 ? 30 : -30)")
    under = "document.querySelector('#proposals').getBoundingClientRect().top - document.activeElement.getBoundingClientRect().bottom"
    page.wait_for_function(f"Math.abs({under}) < 10")  # the list goes with its field
    found = audit(page, "proposals", "[data-panel=inspector]", "[data-proposal]")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+s")
    page.get_by_text("unsaved edit").wait_for(state="detached")
    comment = page.locator('[data-field="/Comment"] textarea').first
    comment.fill("mine")
    page.get_by_text("unsaved edit").wait_for()
    theirs = json.loads((files / "pay.asl.json").read_text("utf-8"))
    theirs["States"]["Check"]["Comment"] = "theirs"
    (files / "pay.asl.json").write_text(json.dumps(theirs, indent=2), "utf-8")
    page.locator("[data-resolve]").click()
    page.wait_for_selector("[data-conflict]")
    found += audit(page, "merge")
    assert found == [], "\n".join(found)
