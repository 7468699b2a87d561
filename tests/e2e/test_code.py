"""The code editor in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gestures import opened

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
