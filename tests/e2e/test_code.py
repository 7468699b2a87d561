"""The code editor in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gestures import opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

CHAIN = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}, indent=2) + "\n"


def test_what_is_typed_is_what_a_shortcut_saves(serve: Callable[..., Any], workspace: Path, open_page: Callable[..., Any]) -> None:
    (workspace / "a.asl.json").write_text(CHAIN)
    page = open_page(f"{serve(workspace).url}/w/a.asl.json?view=split")
    opened(page)
    page.locator(".cm-content").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("// kept")
    page.keyboard.press("Control+s")  # at once: before the editor tells of the text by itself
    page.get_by_text("line changed").wait_for()
    assert (workspace / "a.asl.json").read_text() == CHAIN + "// kept"


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


def test_completion_by_keyboard(serve: Callable[..., Any], workspace: Path, open_page: Callable[..., Any]) -> None:
    text = '{\n  "Comment": "😀",\n  "StartAt": "A",\n  "States": {\n    "A": {\n      "Type": "Pass"\n    },\n    "Other": {\n      "Type": "Succeed"\n    }\n  }\n}\n'
    (workspace / "a.asl.json").write_text(text, "utf-8")
    page = open_page(f"{serve(workspace).url}/w/a.asl.json?view=split")
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
    assert (workspace / "a.asl.json").read_text("utf-8") == text.replace('"Pass"\n', '"Pass",\n      "Next": "Other"\n')
    page.locator(".cm-line", has_text='"Next"').locator("span", has_text="Next").first.hover()
    page.locator(".cm-hover", has_text="The state that follows.").wait_for()
