"""*Test state*: one key to a result, its stages, another input, an error, the answer kept as a mock."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ORDER = {
    "StartAt": "Price",
    "States": {
        "Price": {"Type": "Pass", "Parameters": {"id.$": "$.id", "total": 119}, "Assign": {"rate": 19}, "Next": "Charge"},
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "charge", "Payload.$": "$"},
            "ResultPath": "$.payment",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}],
            "End": True,
        },
        "Sorry": {"Type": "Half-typed"},
    },
}
MOCKS = {
    "StateMachines": {"order": {"TestCases": {"Happy": {"Charge": "charged"}}}},
    "MockedResponses": {"charged": {"0": {"Return": {"Payload": {"ok": True}}}}},
}


def stage(page: Any, name: str) -> str:
    return page.locator(f'[data-stage="{name}"] .stage-value').inner_text()


def test_from_one_key_to_a_kept_mock(studio: Any, open_page: Callable[..., Any]) -> None:
    ok = json.loads(json.dumps(ORDER))
    ok["States"]["Sorry"] = {"Type": "Fail"}
    (studio.folder / "order.asl.json").write_text(json.dumps(ok), "utf-8")
    (studio.folder / "order.input.json").write_text('{"id": "A-7"}', "utf-8")
    (studio.folder / "order.mocks.json").write_text(json.dumps(MOCKS), "utf-8")
    page = open_page(studio.at("order.asl.json"))
    hand.opened(page)

    # the mocks give the input: what comes before ran on them
    page.locator('[data-panel=canvas] [data-state="Charge"]').click()
    page.keyboard.press("t")
    page.wait_for_selector('[data-test-status="SUCCEEDED"]')
    assert "Mocks, case Happy" in page.locator("[data-source]").inner_text()
    names = page.locator("[data-stage]").evaluate_all("(all) => all.map((one) => one.dataset.stage)")
    assert names == [
        "input",
        "afterInputPath",
        "afterParameters",
        "result",
        "afterResultSelector",
        "afterResultPath",
        "output",
        "variables",
    ]
    assert "The same as Input." in stage(page, "afterInputPath")
    assert '"payment": {' in stage(page, "afterResultPath")
    assert page.locator('[data-stage="afterResultPath"] .d-removed').count() == 0
    assert "19" in stage(page, "variables")

    # a run is newer; what is typed is tested again with Ctrl+Enter, and not run
    hand.command(page, "run")
    page.wait_for_selector('[data-state="Charge"][data-status="succeeded"]')
    page.locator('[data-panel=canvas] [data-state="Price"]').click()
    page.wait_for_selector('[data-test-state="Price"]')
    page.wait_for_selector('[data-stage="afterParameters"]')
    assert page.locator("[data-source]").inner_text().strip().startswith("Run ")
    page.locator("[data-panel=test] .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type('{"id": "B-8"')
    page.keyboard.press("Tab")  # leaves the field
    assert page.evaluate("document.activeElement.closest('[data-panel=test]') && !document.activeElement.closest('.cm-editor')")
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "document.querySelector('[data-stage=afterParameters]')?.innerText.includes('B-8')"
    )  # the editor closed the bracket
    assert page.locator("[data-source]").inner_text().strip().endswith(", edited")
    page.locator("[data-source]").click()
    page.locator('[data-input="sample"]').click()
    page.wait_for_function("document.querySelector('[data-stage=afterParameters]')?.innerText.includes('A-7')")

    # an error, caught, kept as the mock: the next run takes it
    page.locator('[data-panel=canvas] [data-state="Charge"]').click()
    page.wait_for_selector('[data-test-state="Charge"]')
    page.locator('[data-panel=test] [data-tab="mock"]').click()
    page.locator("[data-mock-mode]").focus()
    page.locator("[data-mock-mode]").select_option("error")
    page.locator('[data-test-field="error"]').first.wait_for()
    page.keyboard.press("Control+Enter")  # the keyboard stays on the choice: this tests, and does not run the workflow
    page.locator("[data-test-problem]", has_text="The mocked error has no name.").wait_for()
    page.locator('[data-test-field="error"] input, input[data-test-field="error"]').first.fill("Lambda.TooManyRequestsException")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[data-test-status="CAUGHT_ERROR"]')
    assert "Catcher 1 (States.ALL) goes on to Sorry." in page.locator("[data-test-status]").inner_text()
    page.locator("[data-keep-mock]").click()
    file = studio.folder / "order.mocks.json"
    page.get_by_text(f"Kept in {studio.folder.name}/order.mocks.json").wait_for()
    kept = json.loads(file.read_text("utf-8"))["MockedResponses"]["charged"]
    assert kept == {"0": {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": ""}}}
    hand.command(page, "run")
    page.wait_for_selector('[data-state="Charge"][data-status="caught"]')


def test_a_state_is_tested_while_another_is_half_typed(studio: Any, open_page: Callable[..., Any]) -> None:
    (studio.folder / "order.asl.json").write_text(json.dumps(ORDER), "utf-8")
    page = open_page(studio.at("order.asl.json?state=Charge"))
    hand.opened(page)
    page.locator('[data-panel=canvas] [data-state="Charge"]').click()
    page.keyboard.press("t")
    page.wait_for_selector("[data-panel=test] [data-tab=mock]")
    assert "Skeleton" not in page.locator("[data-source]").inner_text()
    assert page.locator("[data-stage]").count() == 0  # nothing is performed unasked
    hand.command(page, "test-again")
    page.wait_for_selector('[data-test-status="CAUGHT_ERROR"]')
    assert "Studio.NoMock" in page.locator("[data-panel=test] [data-error]").inner_text()


def test_the_response_the_levels_and_the_way_to_a_wrong_field(studio: Any, open_page: Callable[..., Any]) -> None:
    (studio.folder / "order.asl.json").write_text(json.dumps(ORDER), "utf-8")
    (studio.folder / "order.input.json").write_text('{"id": "A-7"}', "utf-8")
    page = open_page(studio.at("order.asl.json?state=Price"))
    hand.opened(page)
    page.locator('[data-panel=canvas] [data-state="Price"]').click()
    page.keyboard.press("t")
    page.wait_for_selector('[data-stage="afterParameters"]')

    # another level tests again where nothing is performed; what is drawn anew keeps the keyboard
    page.locator("[data-level]").select_option("INFO")
    page.wait_for_selector('[data-stage="afterParameters"]', state="detached")
    assert page.locator("[data-stage]").evaluate_all("(all) => all.map((one) => one.dataset.stage)") == ["input", "output"]
    page.locator("[data-stages=response]").click()
    page.wait_for_selector("[data-copy=request]")
    page.wait_for_function("document.activeElement?.dataset.stages === 'response'")
    assert '"nextState": "Charge"' in page.locator(".test-response").inner_text()
    page.locator("[data-enlarge]").click()
    page.wait_for_function("document.querySelector('.drawer').getBoundingClientRect().width === innerWidth")
    page.locator("[data-enlarge]").click()

    # a field that cannot be read is told from any tab, with the way there
    page.locator('[data-panel=test] [data-tab="variables"]').click()
    page.locator("[data-panel=test] .cm-content[aria-label=Variables]").click()
    page.keyboard.type("nope")
    page.locator('[data-panel=test] [data-tab="input"]').click()
    page.keyboard.press("Control+Enter")
    page.locator("[data-test-problem]", has_text="The variables are not JSON.").wait_for()
    page.locator("[data-go-to=variables]").click()
    page.wait_for_function("document.activeElement?.dataset.tab === 'variables'")
