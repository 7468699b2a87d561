"""The export menu: every form of `studio.export`, written off the event loop and handed to the browser as a download."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from studio.errors import StudioError
from studio.export import FORMS
from studio.export.settings import configured
from studio.store.names import machine_name
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.export.workflow import Workflow
    from studio.ui.view import EditorView

ICONS = {
    "json": "data_object",
    "yaml": "data_object",
    "svg": "image",
    "png": "image",
    "pdf": "picture_as_pdf",
    "markdown": "description",
    "iam": "key",
}


def download_text(view: EditorView) -> None:
    """The text as it is on the screen: byte for byte the file where nothing was edited."""
    session = view.session
    kind = "application/json" if session.document.format == "json" else "application/yaml"
    ui.download.content(session.document_bytes(), session.path.rpartition("/")[2].replace("#", "-"), kind)


def open_export(view: EditorView) -> None:
    """A list of the forms; the file's own form is the very text on the screen."""
    document = view.session.document
    with ui.dialog() as dialog, c.box("dialog", role="dialog", aria_label="Export", data_panel="export"):
        with c.box("dialog-head"):
            c.text("Export", "grow", "h1")
            c.button("Close", dialog.close, icon_name="close", icon_only=True, classes="quiet")
        with c.box("command-list tall", data_walk=""):
            for name, form in FORMS.items():
                row = c.box("menu-item", "button", type="button", data_export=name)
                row.on("click", partial(_write, view, name, dialog))
                with row:
                    c.icon(ICONS.get(name, "code"))
                    c.text(form.title, "grow clip", "span")
                    c.text("as it is on the screen" if name == document.format else form.ending, "dim small", "span")

    dialog.on("hide", dialog.delete)
    dialog.open()


async def _write(view: EditorView, name: str, dialog: ui.dialog) -> None:
    session = view.session
    dialog.close()
    if name == session.document.format:
        download_text(view)
        return
    root = session.document.root
    if not isinstance(root, dict):
        c.toast("There is nothing to export yet.")
        return
    try:
        workflow = described(view)
        written = await asyncio.to_thread(FORMS[name].write, workflow)
    except StudioError as problem:
        c.toast(str(problem), seconds=8)
        return
    raw = written.encode("utf-8") if isinstance(written, str) else written or b""
    ui.download.content(raw, f"{workflow.machine_name}{FORMS[name].ending}")


def described(view: EditorView) -> Workflow:
    """The workflow with the settings its side file keeps. Errors: StudioError where one of them cannot be used."""
    session = view.session
    root = session.document.root
    return configured(machine_name(session.path), root if isinstance(root, dict) else {}, session.side.own.config)
