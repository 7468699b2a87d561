"""A dialog in which one thing of many is picked by typing: the command palette, the state a transition shall lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    Search = Callable[[str, list[tuple[str, str]], int], list[str]]

SHOWN = 14
"""Entries that a search shows at most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to pick: `reason` is the sentence why it cannot be ("" where it can), `do` what picking it does."""

    label: str
    icon: str
    do: Callable[[], Any]
    keys: str = ""
    reason: str | None = None


def open_pick(title: str, placeholder: str, entries: dict[str, Entry], search: Search, *, nothing: str, closed: Any = None) -> None:
    """Opens the dialog on entries by id. `closed` is called when it closes without anything picked."""
    labels = [(identity, entry.label) for identity, entry in entries.items()]
    shown: list[str] = []
    at = 0
    picked = False
    with (
        ui.dialog().props("transition-duration=0") as dialog,
        c.box("dialog command-palette", role="dialog", aria_label=title),
    ):
        field = ui.input(placeholder=placeholder).props("outlined dense autofocus debounce=0")
        c.attributes(field, aria_label=title, data_command_search="")
        results = c.box("command-list", role="listbox", aria_label=title)

    async def choose(identity: str) -> None:
        nonlocal picked
        picked = True
        dialog.close()
        entry = entries[identity]
        with dialog.client.content:  # not inside the dialog, which is gone before what it led to
            if entry.reason:
                c.toast(f"{entry.label}: {entry.reason}")
                return
            answer = entry.do()
            if hasattr(answer, "__await__"):
                await answer

    def draw() -> None:
        results.clear()
        with results:
            for index, identity in enumerate(shown):
                entry = entries[identity]
                row = c.box(
                    "menu-item", "button", type="button", role="option", aria_selected=str(index == at).lower(), data_entry=identity
                )
                row.on("click", lambda _=None, i=identity: choose(i))
                if entry.reason:
                    c.attributes(row, aria_disabled="true", title=entry.reason)
                with row:
                    c.icon(entry.icon)
                    c.text(entry.label, "clip", "span")
                    if entry.keys:
                        with c.box("keys", "span"):
                            c.text(entry.keys, "", "kbd")
            if not shown:
                c.text(nothing, "dim q-pa-md")

    def find() -> None:
        nonlocal at
        at, shown[:] = 0, search(field.value or "", labels, SHOWN)
        draw()

    def step(by: int) -> None:
        nonlocal at
        if shown:
            at = (at + by) % len(shown)
            draw()

    async def enter() -> None:
        if shown:
            await choose(shown[at])

    def hidden() -> None:
        dialog.delete()
        if not picked and closed is not None:
            closed()

    field.on_value_change(find)
    field.on("keydown.down.prevent", lambda: step(1)).on("keydown.up.prevent", lambda: step(-1)).on("keydown.enter.prevent", enter)
    dialog.on("hide", hidden)
    find()
    dialog.open()
    ui.run_javascript(f"window.studio.focusSoon({field.id})")
