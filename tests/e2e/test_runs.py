"""Looking at runs by hand: one selection in four views, looking back in time, finding, redriving, running again, comparing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ORDERS = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Charge",
                "States": {
                    "Charge": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "Parameters": {"FunctionName": "charge", "Payload.$": "$"},
                        "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 1}],
                        "End": True,
                    }
                },
            },
            "MaxConcurrency": 1,
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


def mocks(answers: dict[str, Any]) -> str:
    return json.dumps({"StateMachines": {"orders": {"TestCases": {"Happy": {"Charge": "r"}}}}, "MockedResponses": {"r": answers}})


def test_from_a_failure_to_its_correction(studio: Any, open_page: Callable[..., Any]) -> None:
    good, busy = {"Return": {"StatusCode": 200}}, {"Throw": {"Error": "Busy", "Cause": "Rate exceeded"}}
    (studio.folder / "orders.asl.json").write_text(json.dumps(ORDERS, indent=2) + "\n", "utf-8")
    (studio.folder / "orders.input.json").write_text("[7, 8]", "utf-8")
    (studio.folder / "orders.mocks.json").write_text(mocks({"0": good, "1-2": busy, "3-9": good}), "utf-8")
    mine = f"{studio.folder.name}/orders.asl.json"
    page = open_page(studio.at("orders.asl.json"))
    hand.opened(page)
    hand.command(page, "run")
    page.wait_for_selector('[data-state="Each"][data-status="failed"]')

    page.goto(studio.url + "/runs?query=error%3Abusy&workflow=" + mine)
    page.locator("[data-run]").first.click()
    page.wait_for_selector('[data-failure="Charge"]')
    assert page.locator("[data-attempt-input]").inner_text() == '{"FunctionName":"charge","Payload":8}'

    # one selection in all views
    page.locator('[data-view="timeline"]').click()
    page.wait_for_selector('[data-row="Each[1]/Charge"][aria-selected="true"]')
    assert page.locator('[data-row="Each[1]/Charge"] [data-bar="attempt"]').count() == 2
    assert page.locator('[data-row="Each[1]/Charge"] [data-bar="backoff"]').count() == 1
    page.locator('[data-view="table"]').click()
    page.wait_for_selector('[data-panel="table"] [data-row="Charge"][aria-selected="true"]')
    page.locator('[data-panel="table"] [data-row="Each"]').click()
    page.wait_for_url("**state=Each&**")
    page.locator('[data-view="events"]').click()
    page.wait_for_selector('[data-panel="events"] [data-event-type="MapStateEntered"][aria-selected="true"]')
    page.keyboard.press("n")
    page.wait_for_selector('[data-event-type="TaskFailed"][aria-selected="true"]')
    page.wait_for_url("**state=Charge&**")
    page.reload()
    page.locator('[data-panel="events"] h3', has_text="TaskFailed").wait_for()  # its content is open again

    # back in time, as the address says after a reload too
    page.locator('[data-view="timeline"]').click()
    page.wait_for_url("**view=timeline&**")
    page.reload()
    page.wait_for_selector('[data-panel="timeline"] [data-row="Each"]')
    axis = page.locator("[data-scrub]").bounding_box()
    page.mouse.click(axis["x"] + axis["width"] * 0.5, axis["y"] + 8)
    page.wait_for_selector('[data-state="Charge"][data-status="retrying"]')
    page.locator("[data-now]").click()
    page.wait_for_selector('[data-state="Charge"][data-status="failed"]')

    # redriven to success; run again from the start, where the mocks fail anew; both compared
    page.locator('[data-action="redrive"]').click()
    page.wait_for_selector('[data-state="Done"][data-status="succeeded"]')
    hand.command(page, "run-again")
    page.locator("[data-begin]").click()
    page.wait_for_selector('[data-failure="Charge"]')
    page.goto(studio.url + "/runs?workflow=" + mine)
    page.wait_for_selector("[data-run]")
    for box in page.locator("[data-pick]").all():
        box.check()
    page.locator("[data-compare]").click()
    page.wait_for_selector('[data-row="Done"][data-path="a"], [data-row="Done"][data-path="b"]')
    assert "went otherwise" in page.locator("[data-comparison]").inner_text()


def test_a_payload_is_searched_and_its_paths_copied(studio: Any, open_page: Callable[..., Any]) -> None:
    value = {"a": {"b/c": ["x" * 50, {"it's": 1.50}]}, "rest": [{"n": i, "text": "needle" if i == 150 else "hay"} for i in range(160)]}
    pass_ = {"StartAt": "Say", "States": {"Say": {"Type": "Pass", "End": True}}}
    (studio.folder / "say.asl.json").write_text(json.dumps(pass_), "utf-8")
    (studio.folder / "say.input.json").write_text(json.dumps(value), "utf-8")
    page = open_page(studio.at("say.asl.json?state=Say"))
    hand.opened(page)
    hand.command(page, "run")
    page.wait_for_selector('[data-state="Say"][data-status="succeeded"]')
    page.evaluate("window.studio.copy = (text) => (window.copied = text)")
    payload = page.locator('[data-payload="input"]')
    find = payload.locator("[data-find]")
    copied: dict[str, list[str]] = {}
    for words, kinds in (("needle", ("pointer", "jsonpath", "jsonata")), ("it's", ("value", "pointer", "jsonpath", "jsonata"))):
        find.fill(words)
        row = payload.locator(".j-active")
        row.wait_for()
        copied[words] = []
        for kind in kinds:
            row.hover()
            row.locator(".j-copy").click()
            row.locator(f'[data-copy-as="{kind}"]').click()
            copied[words].append(page.evaluate("window.copied"))
    assert copied == {
        "needle": ["/rest/150/text", "$.rest[150].text", "$states.input.rest[150].text"],
        "it's": ["1.5", "/a/b~1c/1/it's", "$.a['b/c'][1]['it\\'s']", "$states.input.a.`b/c`[1].`it's`"],
    }


def test_a_long_history_comes_as_it_is_scrolled_to(workspace: Path, serve: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    each = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    definition = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": each, "End": True}}}
    served = serve(workspace)
    client = boto3.client(
        "stepfunctions", region_name="us-east-1", endpoint_url=served.url, aws_access_key_id="test", aws_secret_access_key="test"
    )
    machine = client.create_state_machine(name="long", definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/r")
    arn = client.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(list(range(1000))))["executionArn"]
    page = open_page(f"{served.url}/runs/{quote(arn, safe='')}?view=events")
    page.wait_for_selector('[data-event="4006"][data-event-type="ExecutionSucceeded"]')

    def scroll(to: str) -> None:
        page.evaluate(f"() => {{ const box = document.querySelector('[data-panel=events] .vbody'); box.scrollTop = {to}; }}")

    scroll("0")
    page.wait_for_selector('[data-event="1"][data-event-type="ExecutionStarted"]')
    scroll("box.scrollHeight / 2")
    page.wait_for_selector('[data-event="2002"]')
    page.locator('[data-event="2002"]').click()
    page.wait_for_selector('[data-event="2002"][aria-selected="true"]')
    assert page.locator("[aria-busy]").count() == 0
    page.reload()
    page.wait_for_selector('[data-event="2002"][aria-selected="true"]')
    page.locator('[data-event="2002"]').focus()
    for reached in range(2012, 2603, 10):
        page.keyboard.press("PageDown")
        page.wait_for_selector(f'[data-event="{reached}"][aria-selected="true"]')
    page.get_by_label("Filter events").fill("type:MapState")
    page.wait_for_selector('[data-event="2"]')
    assert [int(i) for i in page.locator("[data-event]").evaluate_all("(all) => all.map((one) => one.dataset.event)")] == [2, 3, 4004, 4005]
    page.get_by_label("Filter events").fill("")
    page.wait_for_selector('[data-event="2602"][aria-selected="true"]')
