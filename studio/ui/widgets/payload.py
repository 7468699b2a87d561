"""A JSON value on the page: a tree of text, with its size, to copy and to download."""

from __future__ import annotations

import json
from typing import Any

from nicegui import ui

from studio.ui.widgets import controls as c

LIMIT = 256 * 1024
"""AWS's limit of a state's input and output, in bytes."""


class JsonTree(ui.element, component="payload.js"):
    """The tree alone. `text` is JSON text; text that is no JSON is shown as it is."""

    def __init__(self, text: str, label: str) -> None:
        super().__init__()
        self.props["text"] = text
        self.props["label"] = label


def payload(title: str, value: Any, *, name: str, text: str | None = None) -> ui.element:
    """A titled box with a value: `text` is its JSON text where the caller has it already. `name` becomes `data-payload`."""
    shown = json.dumps(value, ensure_ascii=False, separators=(",", ":")) if text is None else text
    count = len(shown.encode("utf-8", "surrogatepass"))
    with c.box("payload", "section", data_panel="payload", data_payload=name, aria_label=title) as made:
        with c.box("payload-head"):
            c.text(title, "", "h3")
            tone = "error" if count > LIMIT else "warning" if count > 0.8 * LIMIT else ""
            c.text(c.size(count) + (f" of {c.size(LIMIT)}" if tone else ""), f"count {tone}", "span")
            c.box("grow")
            pretty = _pretty(shown)
            c.button("Copy as JSON", lambda: _copy(pretty), icon_name="content_copy", icon_only=True, classes="quiet", data_copy=name)
            c.button("Download", lambda: ui.download.content(pretty, f"{name}.json"), icon_name="download", icon_only=True, classes="quiet")
        with c.box("payload-body"):
            JsonTree(shown, title)
    return made


def copy_json(text: str) -> None:
    """Copies a JSON text, indented."""
    _copy(_pretty(text))


def _copy(text: str) -> None:
    ui.run_javascript(f"window.studio.copy({json.dumps(text)})")
    c.toast("Copied")


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text
