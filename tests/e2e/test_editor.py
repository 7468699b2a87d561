"""Editing by hand in a real browser: drag, undo, delete, type, save, export."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

TEMPLATES = Path(__file__).parents[2] / "templates"
PAY = {
    "Comment": "Take a payment",
    "StartAt": "Check",
    "States": {
        "Check": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.total", "NumericGreaterThan": 1000, "Next": "Review"}],
            "Default": "Charge",
        },
        "Review": {"Type": "Wait", "Seconds": 1, "Next": "Charge"},
        "Charge": {"Type": "Pass", "Result": {"paid": True}, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}
HOSTILE = "<img src=x onerror=window.hacked=1>"


@pytest.fixture
def pay(studio: Any) -> Path:
    file = studio.folder / "pay.asl.json"
    file.write_text(json.dumps(PAY, indent=2) + "\n", "utf-8")
    return file


def test_the_whole_path(studio: Any, open_page: Callable[..., Any]) -> None:
    """Open the template, insert, undo, insert into the Map, remove, run, look at an iteration, export: nothing changed."""
    shutil.copytree(TEMPLATES / "rfp-inline-map", studio.folder / "rfp-inline-map")
    file = studio.folder / "rfp-inline-map" / "workflow.asl.json"
    original = file.read_bytes()
    questions = json.loads((file.parent / "input.json").read_text("utf-8"))["questions"]
    answers = json.loads((file.parent / "expected.json").read_text("utf-8"))["Happy"]["output"]
    page = open_page(studio.at("rfp-inline-map/workflow.asl.json"))
    hand.opened(page)
    before = hand.states(page)
    assert before == {"Answer Questions", "Bedrock InvokeModel"}

    hand.drag_to_edge(page, '[data-palette="flow:Pass"]', "Answer Questions->__end__")
    page.wait_for_selector('[data-state="Pass"]')
    assert page.locator('[data-edge="Answer Questions->Pass"]').count() == 1
    assert page.locator('[data-edge="Pass->__end__"]').count() == 1
    page.wait_for_function("document.querySelector('[data-saved]').innerText.includes('unsaved')")
    page.keyboard.press("Control+z")
    page.wait_for_selector('[data-state="Pass"]', state="detached")
    assert hand.states(page) == before

    hand.drag_to_edge(page, '[data-palette="flow:Wait"]', "Bedrock InvokeModel->__end__")
    wait = page.wait_for_selector('[data-state="Wait"]')
    assert wait.get_attribute("data-scope").startswith("/States/Answer Questions/ItemProcessor")
    page.locator('[data-state="Wait"]').click()
    page.keyboard.press("Delete")
    page.wait_for_selector('[data-state="Wait"]', state="detached")
    assert hand.states(page) == before

    hand.command(page, "run")
    for name in before:
        page.wait_for_selector(f'[data-state="{name}"][data-status="succeeded"]')
    page.locator('[data-state="Bedrock InvokeModel"]').click()
    iterations = page.locator("[data-iteration]")
    page.wait_for_function("document.querySelectorAll('[data-iteration]').length === 9")
    assert iterations.evaluate_all("(all) => all.every((one) => one.dataset.status === 'succeeded')")
    page.locator('[data-iteration="3"]').click()
    page.wait_for_selector('[data-iteration="3"][aria-pressed="true"]')
    shown = page.locator('[data-payload="input"]').inner_text()
    assert json.dumps(questions[3], ensure_ascii=False) in shown
    completion = answers[3]["response"]["completion"]
    assert json.dumps(completion, ensure_ascii=False)[:200] in page.locator('[data-payload="output"]').inner_text()

    with page.expect_download() as download:
        hand.command(page, "export")
    assert Path(download.value.path()).read_bytes() == original
    assert file.read_bytes() == original


def test_edits_by_form_are_saved_as_a_few_lines(pay: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("pay.asl.json?state=Review"))
    hand.opened(page)
    before = pay.read_text("utf-8")
    page.locator('[data-field="/Seconds"] input').fill("30")
    page.locator('[data-field="/Comment"]').first.locator("textarea").fill(HOSTILE)
    page.wait_for_function("document.querySelector('[data-saved]').innerText.includes('unsaved')")
    page.keyboard.press("Control+s")
    page.wait_for_function("document.querySelector('[data-saved]').innerText.includes('Saved')")
    after = pay.read_text("utf-8")
    assert json.loads(after)["States"]["Review"] == {"Type": "Wait", "Seconds": 30, "Next": "Charge", "Comment": HOSTILE}
    assert len(set(after.splitlines()) - set(before.splitlines())) <= 3
    assert page.evaluate("window.hacked") is None


def test_hostile_names_are_text(studio: Any, open_page: Callable[..., Any]) -> None:
    """A state's name, its input and its output are data wherever they are shown."""
    (studio.folder / "x.asl.json").write_text(
        json.dumps({"StartAt": HOSTILE, "States": {HOSTILE: {"Type": "Pass", "Result": HOSTILE, "End": True}}}), "utf-8"
    )
    (studio.folder / "x.input.json").write_text(json.dumps({HOSTILE: [HOSTILE]}), "utf-8")
    page = open_page(studio.at("x.asl.json?view=split"))
    hand.opened(page)
    hand.command(page, "run")
    node = page.locator("[data-state]").first
    page.wait_for_selector('[data-state][data-status="succeeded"]')
    node.click()
    assert HOSTILE in page.locator('[data-payload="output"]').inner_text()
    page.locator('[data-tab="events"]').click()
    page.wait_for_selector('[data-event="1"]')
    page.locator('[data-event="2"]').click()
    page.keyboard.press("Control+k")
    page.wait_for_function("document.activeElement?.matches('[data-command-search]')")
    page.keyboard.type("img")
    page.wait_for_timeout(300)
    page.keyboard.press("Escape")
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0


def test_broken_text_keeps_the_last_valid_picture(pay: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("pay.asl.json?view=split"))
    hand.opened(page)
    before = hand.states(page)
    page.locator('[data-tab="problems"]').click()
    page.locator("[data-panel=code] .cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("{{")
    bar = page.locator("[data-go-to-line]")
    bar.wait_for()
    assert "Showing the last valid version" in page.locator("[data-panel=canvas] .bar").inner_text()
    assert hand.states(page) == before
    page.wait_for_selector('[data-panel=problems] [data-severity="error"]')
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    bar.wait_for(state="detached")
    page.wait_for_function("document.querySelector('[data-saved]').innerText.startsWith('Saved')")


def test_typing_in_the_code_changes_the_picture(pay: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("pay.asl.json?view=split"))
    hand.opened(page)
    content = page.locator("[data-panel=code] .cm-content")
    content.get_by_text('"Seconds": 1').click()
    page.keyboard.press("End")
    page.keyboard.type(' "Comment": "typed",')
    page.wait_for_selector('[data-state="Review"].sc-selected')
    page.wait_for_function("document.querySelector('[data-field=\"/Comment\"] textarea')?.value === 'typed'")


def test_two_tabs_stay_in_step(pay: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    url = studio.at("pay.asl.json")
    first, second = open_page(url + "?state=Charge"), open_page(url)
    hand.opened(first)
    hand.opened(second)
    name = first.locator('[data-field="/Name"] input')
    name.fill("Collect")
    name.press("Enter")
    second.wait_for_selector('[data-state="Collect"]')
    second.wait_for_selector('[data-state="Charge"]', state="detached")
    second.locator("[data-panel=canvas]").click(position={"x": 400, "y": 300})
    second.keyboard.press("Control+z")
    first.wait_for_selector('[data-state="Charge"]')


def test_add_by_keyboard_alone(studio: Any, open_page: Callable[..., Any]) -> None:
    """From an empty workflow: search, Enter, and the state is there, selected."""
    (studio.folder / "new.asl.json").write_text('{\n  "StartAt": "",\n  "States": {}\n}\n', "utf-8")
    page = open_page(studio.at("new.asl.json"))
    page.wait_for_selector("[data-begun]")
    for words, state in (("pass", "Pass"), ("wait", "Wait"), ("success", "Success")):
        page.locator("[data-palette-search]").fill(words)
        page.locator("[data-palette-search]").press("Enter")
        page.wait_for_selector(f'[data-state="{state}"]')
    assert page.locator('[data-edge="__start__->Pass"]').count() == 1
    assert page.locator('[data-edge="Pass->Wait"]').count() == 1
    assert page.locator('[data-edge="Wait->Success"]').count() == 1


def test_a_state_stays_where_a_hand_put_it(pay: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    """Dragged into the open it stays there, over a reload too; the definition knows nothing of it; undo and Tidy take it back."""
    url, before, side = studio.at("pay.asl.json"), pay.read_bytes(), pay.parent / "pay.studio.json"
    page = open_page(url)
    hand.opened(page)
    x, y = hand.middle(page, '[data-state="Charge"]')
    hand.drag(page, '[data-state="Charge"]', (x + 300, y + 40))
    page.wait_for_selector('[data-state="Charge"] .sc-moved')
    page.wait_for_function("document.querySelector('[data-saved]').innerText.startsWith('Saved')")
    assert list(json.loads(side.read_text("utf-8"))["layout"]) == ["Charge"]
    assert pay.read_bytes() == before
    page.reload()
    hand.opened(page)
    page.wait_for_selector('[data-state="Charge"] .sc-moved')
    hand.command(page, "tidy")
    page.wait_for_selector('[data-state="Charge"] .sc-moved', state="detached")
    page.keyboard.press("Control+z")
    page.wait_for_selector('[data-state="Charge"] .sc-moved')
    page.locator('[data-state="Charge"]').click(button="right")
    page.locator('.sc-menu [data-command="release"]').click()
    page.wait_for_selector('[data-state="Charge"] .sc-moved', state="detached")


def test_patterns_are_dropped_and_a_selection_becomes_one(pay: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("pay.asl.json"))
    hand.opened(page)
    page.locator('[data-tab="patterns"]').click()
    hand.drag_to_edge(page, '[data-palette="pattern:human-approval"]', "Review->Charge")
    page.wait_for_selector('[data-edge="Review->Ask for approval"]')
    page.wait_for_selector('[data-edge="Go on->Charge"]')
    page.keyboard.press("Control+k")
    page.wait_for_function("document.activeElement?.matches('[data-command-search]')")
    page.keyboard.type("save the selection")
    page.wait_for_selector('[data-entry="save-pattern"][aria-selected=true]')
    page.keyboard.press("Enter")
    page.locator("[data-pattern-name]").fill("Ask first")
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-palette="pattern:own/Ask first.asl.json"]')
    saved = json.loads((pay.parents[1] / "patterns" / "Ask first.asl.json").read_text("utf-8"))
    assert (saved["StartAt"], saved["States"]["Go on"]) == ("Ask for approval", {"Type": "Pass", "End": True})
    hand.command(page, "undo")
    page.wait_for_selector('[data-state="Ask for approval"]', state="detached")
    hand.drag_to_edge(page, '[data-palette="pattern:own/Ask first.asl.json"]', "Review->Charge")
    page.wait_for_selector('[data-edge="Go on->Charge"]')


def test_the_inspector_switches_without_losing_anything(studio: Any, open_page: Callable[..., Any]) -> None:
    """Tabs, value and path of one parameter, a Bedrock model of another maker and back, a callback."""
    ask = {
        "ModelId": "anthropic.claude-3-haiku-20240307-v1:0",
        "Body": {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": []},
    }
    states = {
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "first", "Payload.$": "$"},
            "Next": "Ask",
        },
        "Ask": {"Type": "Task", "Resource": "arn:aws:states:::bedrock:invokeModel", "Parameters": ask, "End": True},
    }
    file = studio.folder / "call.asl.json"
    file.write_text(json.dumps({"StartAt": "Call", "States": states}, indent=2) + "\n", "utf-8")
    page = open_page(studio.at("call.asl.json?state=Call"))
    hand.opened(page)

    def saved() -> Any:
        page.keyboard.press("Control+s")
        page.wait_for_function("document.querySelector('[data-saved]').innerText.startsWith('Saved')")
        return json.loads(file.read_text("utf-8"))["States"]

    switch = page.locator('[data-mode="/Parameters/FunctionName"]')
    switch.select_option("JSONPath")
    path = page.locator('[data-field="/Parameters/FunctionName.$"] input')
    path.fill("$.function")
    page.wait_for_function("document.querySelector('[data-saved]').innerText.includes('unsaved')")
    switch.select_option("Value")
    value = page.locator('[data-field="/Parameters/FunctionName"] input')
    assert value.input_value() == "first"
    assert saved()["Call"]["Parameters"] == {"FunctionName": "first", "Payload.$": "$"}, "the document says what is shown"
    value.fill("second")
    page.wait_for_function("document.querySelector('[data-saved]').innerText.includes('unsaved')")
    switch.select_option("JSONPath")
    assert path.input_value() == "$.function"
    page.locator('[data-field="/#pattern"] select').select_option("T")
    page.wait_for_selector('[data-field="/Parameters/Payload"]')
    assert saved()["Call"] == {
        **states["Call"],
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName.$": "$.function", "Payload": {"Input.$": "$", "TaskToken.$": "$$.Task.Token"}},
    }
    page.locator('[data-tab="state-errors"]').click()
    page.locator('[data-add="retrier"]').click()
    page.locator('[data-field="/Retry/0/MaxAttempts"] input').fill("7")
    page.locator('[data-state="Ask"]').click()
    page.locator('[data-panel="inspector"] h2', has_text="Ask").wait_for()
    page.locator('[data-tab="state-configuration"]').click()
    model = page.locator('[data-field="/#model"] select')
    model.select_option("us.meta.llama3-3-70b-instruct-v1:0")
    page.wait_for_function("document.querySelector('[data-field=\"/Parameters/Body\"] textarea').value.includes('max_gen_len')")
    model.select_option("anthropic.claude-3-haiku-20240307-v1:0")
    page.wait_for_function("document.querySelector('[data-field=\"/Parameters/Body\"] textarea').value.includes('anthropic_version')")
    after = saved()
    assert after["Ask"] == states["Ask"]
    assert after["Call"]["Retry"][0]["MaxAttempts"] == 7


def test_a_rule_is_built_of_conditions(pay: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    (pay.parent / "pay.input.json").write_text('{"total": 5, "level": "gold"}', "utf-8")
    page = open_page(studio.at("pay.asl.json?state=Check"))
    hand.opened(page)
    page.wait_for_function("document.querySelector('[data-live]')?.innerText === '→ 5'")
    page.locator('[data-kind="/Choices/0"]').select_option("Or")
    page.locator('[data-field="/Choices/0/Or/1/#operator"] select').select_option("StringEquals")
    page.locator('[data-field="/Choices/0/Or/1/StringEquals"] input').fill("gold")
    page.locator('[data-field="/Choices/0/Or/1/Variable"] input').fill("$.level")
    page.wait_for_function("document.querySelector('[data-rule]').innerText.includes('$.level')")
    page.locator('[data-kind="/Choices/0/Or/1"]').select_option("Not")
    page.wait_for_selector('[data-kind="/Choices/0/Or/1/Not"]')
    page.locator('[data-mode="/Choices/0/Or/1/Not/StringEquals"]').select_option("JSONPath")
    page.locator('[data-field="/Choices/0/Or/1/Not/StringEqualsPath"] input').fill("$.wanted")
    page.wait_for_function("document.querySelector('[data-rule]').innerText.includes('$.wanted')")
    page.keyboard.press("Control+s")
    page.wait_for_function("document.querySelector('[data-saved]').innerText.startsWith('Saved')")
    assert json.loads(pay.read_text("utf-8"))["States"]["Check"]["Choices"] == [
        {
            "Or": [
                {"Variable": "$.total", "NumericGreaterThan": 1000},
                {"Not": {"Variable": "$.level", "StringEqualsPath": "$.wanted"}},
            ],
            "Next": "Review",
        }
    ]


def paste(page: Any, text: str) -> None:
    """Ctrl+V with this on the clipboard, where the focus is."""
    page.evaluate(
        """(text) => {
            const held = new DataTransfer();
            held.setData("text/plain", text);
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def test_a_drop_on_a_state_goes_before_after_or_in_its_place(pay: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("pay.asl.json"))
    hand.opened(page)
    for aside, edge in ((-85, "Pass->Charge"), (85, "Charge->Pass (2)")):
        x, y = hand.middle(page, '[data-state="Charge"]')
        hand.drag(page, '[data-palette="flow:Pass"]', (x + aside, y), drop="before:Charge" if aside < 0 else "after:Charge")
        page.wait_for_selector(f'[data-edge="{edge}"]')
        page.locator("[data-panel=palette]").get_by_text("Recent").wait_for()  # the entries below it have moved down
        hand.still(page)
    hand.drag(page, '[data-palette="flow:Wait"]', hand.middle(page, '[data-state="Charge"]'), drop="replace:Charge")
    page.wait_for_selector('[data-state="Charge"][data-type="Wait"]')
    hand.still(page)
    x, y = hand.middle(page, '[data-state="Review"]')
    hand.drag(page, '[data-state="Charge"]', (x - 85, y), drop="before:Review")
    page.wait_for_selector('[data-edge="Charge->Review"]')


def test_type_to_add_and_a_wire_into_the_open(studio: Any, open_page: Callable[..., Any]) -> None:
    """A, words, Ctrl+Enter, words, Enter; then a wire let go over nothing asks for the next state."""
    (studio.folder / "new.asl.json").write_text('{\n  "StartAt": "",\n  "States": {}\n}\n', "utf-8")
    page = open_page(studio.at("new.asl.json"))
    page.wait_for_selector("[data-panel=canvas] .sc-node")
    box = "document.activeElement?.matches('[data-adder-search]')"
    page.locator("[data-panel=canvas] .sc").focus()
    page.keyboard.press("a")
    page.wait_for_function(box)
    page.keyboard.type("pass")
    page.wait_for_selector('[data-adder-entry="flow:Pass"][aria-selected=true]')
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[data-state="Pass"]')
    page.wait_for_function(f"{box} && document.activeElement.value === ''")
    page.keyboard.type("dyn put")
    page.wait_for_selector('[data-adder-entry="action:dynamodb:putItem"][aria-selected=true]')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-edge="Pass->DynamoDB PutItem"]')
    page.wait_for_function("document.activeElement?.getAttribute('aria-label') === 'State name'")
    page.locator('[data-state="Pass"]').click()
    way_out = page.locator('[data-exit="/States/Pass"]').bounding_box()
    page.mouse.move(way_out["x"] + way_out["width"] / 2, way_out["y"] + way_out["height"] / 2)
    page.mouse.down()
    page.mouse.move(way_out["x"] + 190, way_out["y"] + 20, steps=8)
    page.mouse.up()
    page.wait_for_function(box)
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-adder]", state="hidden")


def test_copy_cut_and_paste_of_whatever_somebody_has(pay: Path, studio: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(studio.at("pay.asl.json"))
    hand.opened(page)
    page.evaluate("window.studio.copy = async (text) => { window.copied = text; }")
    page.locator('[data-state="Review"]').click()
    page.keyboard.press("Control+c")
    page.wait_for_function("window.copied")
    assert json.loads(page.evaluate("window.copied")) == {
        "StartAt": "Review",
        "States": {"Review": {"Type": "Wait", "Seconds": 1, "End": True}},
    }
    paste(page, page.evaluate("window.copied"))
    page.wait_for_selector('[data-edge="Review->Review (2)"]')
    page.locator('[data-state="Review (2)"]').click()
    page.keyboard.press("Control+x")
    page.wait_for_selector('[data-state="Review (2)"]', state="detached")
    page.locator('[data-state="Charge"]').click()
    template = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": page.evaluate("window.copied")}}
    paste(page, json.dumps({"Resources": {"M": template}}))
    page.wait_for_selector('[data-edge="Charge->Review (2)"]')
    paste(page, "arn:aws:lambda:us-east-1:123456789012:function:Charge")
    page.wait_for_selector('[data-state="Lambda Invoke"]')
    paste(page, "no states at all")
    page.wait_for_selector(".q-notification:has-text('holds no states')")
    page.locator('[data-state="Charge"]').click()
    paste(page, "StartAt: Ship\nStates: {Ship: {Type: Pass, Next: Shipped}, Shipped: {Type: Succeed}}")
    page.wait_for_selector('[data-edge="Ship->Review (2)"]')
    page.wait_for_selector(".q-notification:has-text('“Shipped” (Succeed) is left out: the workflow goes on to “Review (2)”.')")
    page.keyboard.press("Control+z")
    page.wait_for_selector('[data-edge="Charge->Review (2)"]')


def test_the_label_of_a_rule_takes_what_is_dropped_on_it(studio: Any, open_page: Callable[..., Any]) -> None:
    rule = {"Variable": "$.amount", "NumericGreaterThan": 1000}
    ask = {"Type": "Choice", "Choices": [{**rule, "Next": "A"}], "Default": "B"}
    states = {"Ask": ask, "A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Fail"}}
    (studio.folder / "ask.asl.json").write_text(json.dumps({"StartAt": "Ask", "States": states}))
    page = open_page(studio.at("ask.asl.json"))
    hand.opened(page)
    x, y = hand.middle(page, '[data-edge="Ask->A"] .sc-label-box')
    hand.drag(page, '[data-palette="flow:Wait"]', (x - 30, y), drop="edge:Ask->A")
    page.wait_for_selector('[data-edge="Ask->Wait"]')
    assert page.locator('[data-exit="/States/B"]').count() == 0, "nothing follows a Fail"
