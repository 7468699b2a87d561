"""The list of named edits: click one to go to the document as it was after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from studio.ui.widgets import controls as c
from studio.ui.widgets.controls import plain

if TYPE_CHECKING:
    from studio.ui.view import EditorView

SHOWN = 50


def open_history(view: EditorView) -> None:
    """The last fifty steps, newest first; what was undone is greyed and can be redone from here."""
    history = view.session.history
    with ui.dialog() as dialog, c.box("dialog", role="dialog", aria_label="Edit history"):
        with c.box("dialog-head"):
            c.text("Edit history", "grow", "h1")
            c.button("Close", dialog.close, icon_name="close", icon_only=True, classes="quiet")
        with c.box("command-list", data_walk=""):
            labels = list(enumerate(history.labels, 1))[-SHOWN:]
            for position, label in reversed(labels):
                row = c.box(
                    "menu-item", "button", type="button", aria_selected=str(position == history.position).lower(), data_step=str(position)
                )
                row.on("click", lambda _=None, p=position: go(p))
                with row:
                    c.icon("redo" if position > history.position else "edit")
                    c.text(plain(label), f"clip {'dim' if position > history.position else ''}", "span")
            first = c.box("menu-item", "button", type="button", aria_selected=str(history.position == 0).lower(), data_step="0")
            first.on("click", lambda: go(0))
            with first:
                c.icon("folder_open")
                c.text("As it was opened", "", "span")

    def go(position: int) -> None:
        dialog.close()
        view.session.jump(position)
        c.toast("As it was opened" if position == 0 else f"Now as after: {plain(history.labels[position - 1])}")

    dialog.on("hide", dialog.delete)
    dialog.open()
