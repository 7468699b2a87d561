"""The code editor in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from gestures import opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

CHAIN = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}, indent=2) + "\n"


def test_what_is_typed_is_what_a_shortcut_saves(studio: Any, open_page: Callable[..., Any]) -> None:
    (studio.folder / "a.asl.json").write_text(CHAIN)
    page = open_page(studio.at("a.asl.json?view=split"))
    opened(page)
    page.locator(".cm-content").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("// kept")
    page.keyboard.press("Control+s")  # at once: before the editor tells of the text by itself
    page.get_by_text("line changed").wait_for()
    assert (studio.folder / "a.asl.json").read_text() == CHAIN + "// kept"


def caret(page: Any, needle: str) -> None:
    """Puts the caret after a piece of the text."""
    page.evaluate(
        """(needle) => {
            const content = document.querySelector('.cm-content');
            const view = (content.cmTile ?? content.cmView).view;
            view.dispatch({selection: {anchor: view.state.doc.toString().indexOf(needle) + needle.length}});
            view.focus();
        }""",
        needle,
    )


def test_completion_by_keyboard(studio: Any, open_page: Callable[..., Any]) -> None:
    text = '{\n  "Comment": "😀",\n  "StartAt": "A",\n  "States": {\n    "A": {\n      "Type": "Pass"\n    },\n    "Other": {\n      "Type": "Succeed"\n    }\n  }\n}\n'
    (studio.folder / "a.asl.json").write_text(text, "utf-8")
    page = open_page(studio.at("a.asl.json?view=split"))
    opened(page)
    caret(page, '"Type": "Pass"')
    page.keyboard.type(',\n"Ne')
    page.locator(".cm-tooltip-autocomplete [aria-selected=true]", has_text="Next").wait_for()
    page.wait_for_timeout(150)  # CodeMirror takes no key for the list's in its first 75 ms
    page.keyboard.press("Enter")  # the name, and at once its values
    page.locator(".cm-tooltip-autocomplete [aria-selected=true]", has_text="Other").wait_for()
    page.wait_for_timeout(150)
    page.keyboard.press("Enter")
    page.locator('[data-edge="A->Other"]').first.wait_for(state="attached")
    page.keyboard.press("Control+s")
    page.get_by_text("changed").wait_for()
    assert (studio.folder / "a.asl.json").read_text("utf-8") == text.replace('"Pass"\n', '"Pass",\n      "Next": "Other"\n')
    page.locator(".cm-line", has_text='"Next"').locator("span", has_text="Next").first.hover()
    page.locator(".cm-hover", has_text="The state that follows.").wait_for()
    caret(page, '"Type": "Succeed"\n    }')
    page.keyboard.press("Control+Space")  # behind a state: a whole new one
    page.locator(".cm-tooltip-autocomplete li", has_text="Wait").click()
    page.locator('[data-state="Wait"]').first.wait_for(state="attached")
    assert '"Wait": {' in page.locator(".cm-content").inner_text()


def test_completion_in_a_field_of_the_inspector(studio: Any, open_page: Callable[..., Any]) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Output": "{% 1 %}", "End": True}
    (studio.folder / "a.asl.json").write_text(json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": task}}, indent=2))
    (studio.folder / "a.input.json").write_text('{"order": {"id": "😀", "total": 12}}', "utf-8")
    page = open_page(studio.at("a.asl.json?state=A"))
    opened(page)
    page.locator("[data-tab=state-arguments]").click()
    field = page.locator('[data-field="/Output"] textarea')
    field.press("Control+a")
    page.keyboard.type('{% "😀" & $uppe')
    page.locator('[data-proposal="$uppercase("][aria-selected=true]').wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("$states.input.or")
    page.locator('[data-proposal="$states.input.order"][aria-selected=true]', has_text="{2}").wait_for()
    page.keyboard.press("ArrowDown")
    page.locator('[data-proposal="$states.input.order.id"][aria-selected=true]').wait_for()
    assert field.get_attribute("aria-activedescendant") == page.locator('[data-proposal="$states.input.order.id"]').get_attribute("id")
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type(" %}")
    assert field.input_value() == '{% "😀" & $uppercase($states.input.order.id) %}'
    page.locator('[data-field="/Output"] [data-live]', has_text="😀😀").wait_for()
    assert page.locator("#proposals").is_hidden()
    page.keyboard.type("x")
    page.keyboard.press("Control+Space")  # where nothing fits, nothing opens
    page.locator("[data-tab=state-configuration]").click()
    resource = page.locator('[data-field="/Resource"] input')
    resource.press("Control+a")
    page.keyboard.type("dyn putitem")
    page.locator('[data-proposal="arn:aws:states:::dynamodb:putItem"][aria-selected=true]').wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#proposals").is_hidden()


def test_a_key_dragged_into_a_field_writes_its_path(studio: Any, open_page: Callable[..., Any]) -> None:
    states = {
        "A": {"Type": "Pass", "Output": {"order": {"id": 7}}, "Assign": {"v": 1}, "Next": "B"},
        "B": {"Type": "Pass", "Next": "C"},
        "C": {"Type": "Pass", "QueryLanguage": "JSONata", "End": True},
    }
    (studio.folder / "a.asl.json").write_text(json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": states}, indent=2))
    page = open_page(studio.at("a.asl.json?state=B"))
    opened(page)
    page.locator("[data-tab=state-arguments]").click()
    page.wait_for_selector('[data-field="/Output"]')  # the other tab's form, and its foot, are gone
    page.locator("[data-sees] summary").click()
    page.locator("[data-sees] .j-key", has_text="id").drag_to(page.locator('[data-field="/Output"] textarea'))
    page.locator('[data-field="/Output"] [data-live]', has_text="→ 7").wait_for()  # in the rehearsal, where nothing ran yet
    assert page.locator('[data-field="/Output"] textarea').input_value() == "{% $states.input.order.id %}"


def test_the_code_that_comes_into_view_shows_the_selected_state(studio: Any, open_page: Callable[..., Any]) -> None:
    states = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(40)} | {"S40": {"Type": "Pass", "End": True}}
    (studio.folder / "long.asl.json").write_text(json.dumps({"StartAt": "S0", "States": states}, indent=2))
    page = open_page(studio.at("long.asl.json?state=S30"))
    page.wait_for_selector('[data-state="S30"]')
    page.locator('[data-mode="code"]').click()
    page.locator(".cm-line", has_text='"S30": {').wait_for()
    page.wait_for_function("document.querySelector('.cm-scroller').scrollTop > 0")
