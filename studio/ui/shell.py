"""The frame of every page: top bar, theme, shortcuts, command palette, the `?` sheet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from nicegui import ui

from studio.ui.commands import COMMANDS, Commands, search
from studio.ui.context import Studio
from studio.ui.theme import address
from studio.ui.widgets import controls as c
from studio.ui.widgets.pick import Entry, open_pick

PLACES = {
    "home": ("Workflows", "/"),
    "runs": ("Runs", "/runs"),
    "templates": ("Templates", "/templates"),
    "tasks": ("Tasks", "/tasks"),
    "settings": ("Settings", "/settings"),
}
GROUPS = ("Run", "Edit", "Workflow", "View", "Go", "Help")
NEXT_THEME = {"auto": "light", "light": "dark", "dark": "auto"}
Extra = Callable[[], list[tuple[str, str, str, Callable[[], Any]]]]
"""More entries of the command palette: (id, label, icon, what to do)."""


class Shell:
    """One page's frame. `commands` is filled by the page; `extra` may add entries to the command palette."""

    def __init__(self, studio: Studio, title: str) -> None:
        self.studio = studio
        self.client = ui.context.client
        self.commands = Commands()
        self.extra: Extra = list
        self.set_title(title)
        self.dark = ui.dark_mode(studio.preferences.value.dark())
        bind = self.commands.bind
        for place in PLACES:
            bind(f"go-{place}", lambda place=place: ui.navigate.to(PLACES[place][1]))
        bind("theme", self.switch_theme)
        bind("command-palette", self.open_palette)
        bind("shortcuts", self.open_sheet)
        ui.on("studio-command", self._on_key, args=[["id"]])

    def set_title(self, title: str) -> None:
        """The title of the browser's tab."""
        ui.page_title(f"{title} – ASL Studio")

    async def _on_key(self, event: Any) -> None:
        await self.act(str(event.args.get("id", "")))

    async def act(self, command: str) -> None:
        """Runs a command on behalf of a person; says why where it cannot."""
        with self.client.content:  # not inside the dialog that asked, which may be gone before what it asked for
            if command in COMMANDS and (reason := await self.commands.run(command)):
                c.toast(reason)

    def ready(self) -> None:
        """To be called once the page has bound its commands."""
        ui.run_javascript(f"window.studio.keys = {json.dumps(self.commands.shortcuts())}")
        self.commands.refresh()

    # -- frame -------------------------------------------------------------------------------------------------------
    def tell_missing(self, title: str, problem: str, way_back: str, path: str) -> None:
        """The page of a run that is not there."""
        with self.frame("runs"):
            c.text(title, "", "h1")
            with c.box("note error", "div", role="alert"):
                c.text(problem, "grow wrap")
            with c.box("row"):
                c.link(way_back, path)

    @contextmanager
    def frame(self, place: str) -> Iterator[None]:
        """The frame of an ordinary page; what is made inside becomes its content."""
        with c.box("shell"):
            with c.box("topbar", "header"):
                with c.box():
                    self.brand()
                self.places(place)
                with c.box():
                    self.command_button("theme", icon_only=True, classes="quiet")
                    self.command_button("command-palette", icon_only=True, classes="quiet")
            with c.box("page", "main"), c.box("page-in"):
                yield
        self.ready()

    def brand(self) -> None:
        with c.box("brand", "a", href="/", aria_label="ASL Studio, workflows"):
            c.box("mark", "img", src=address("mark.svg"), alt="")
            c.text("ASL Studio", "hide-1180", "span")

    def places(self, current: str) -> None:
        with c.box("nav row", "nav", aria_label="Pages"):
            for place, (name, target) in PLACES.items():
                c.link(name, target, classes="btn quiet", aria_current="page" if place == current else None)

    def command_button(self, command: str, *, icon_only: bool = False, classes: str = "", label: str | None = None) -> ui.element:
        """A button of the registry: its icon, its key in the tooltip, and why it cannot be used where it cannot."""
        entry = COMMANDS[command]
        made = c.button(
            label or entry.label,
            lambda: self.act(command),
            icon_name=entry.icon,
            icon_only=icon_only,
            classes=classes,
            data_command=command,
        )
        del_title = made.props.pop("title", None)
        keys = f"  {entry.keys[0]}" if entry.keys else ""
        with made:
            tip = ui.tooltip(f"{del_title or entry.label}{keys}").props("delay=600 no-parent-event=false")

        def refresh() -> None:
            reason = self.commands.why_not(command)
            c.change(made, aria_disabled="true" if reason else "false")
            said = f"{entry.label}{keys}" + (f"\n{reason}" if reason else "")
            if tip.text != said:
                tip.set_text(said)

        self.commands.listeners.append(refresh)
        return made

    def menu_item(self, command: str, menu: ui.menu) -> None:
        """An entry of a menu: the same command, closing the menu first."""
        entry = COMMANDS[command]

        async def chosen() -> None:
            menu.close()
            await self.act(command)

        with c.box("menu-item", "button", type="button", role="menuitem", data_command=command).on("click", chosen) as made:
            c.icon(entry.icon)
            c.text(entry.label, "", "span")
            if entry.keys:
                with c.box("keys", "span"):
                    c.text(entry.keys[0], "", "kbd")

        def refresh() -> None:
            reason = self.commands.why_not(command)
            c.change(made, aria_disabled="true" if reason else "false", title=reason or "")

        self.commands.listeners.append(refresh)

    def switch_theme(self) -> None:
        theme = NEXT_THEME[self.studio.preferences.value.theme]
        self.studio.preferences.change(theme=theme)
        self.dark.value = self.studio.preferences.value.dark()
        c.toast({"auto": "Theme: as the system", "light": "Theme: light", "dark": "Theme: dark"}[theme])

    # -- command palette ---------------------------------------------------------------------------------------------
    def open_palette(self) -> None:
        """Everything in one search: commands with their keys, places, and what the page adds (states, workflows)."""
        entries: dict[str, Entry] = {}
        for identity, binding in sorted(self.commands.bound.items(), key=lambda item: GROUPS.index(item[1].command.group)):
            if identity != "command-palette":
                keys = binding.command.keys[0] if binding.command.keys else ""
                do = partial(self.act, identity)
                entries[identity] = Entry(binding.command.label, binding.command.icon, do, keys, binding.why_not())
        for identity, label, glyph, do in self.extra():
            entries[identity] = Entry(label, glyph, do)
        nothing = "Nothing is called so. Try a shorter word."
        open_pick("All commands", "Type a command, a state, a workflow…", entries, search, nothing=nothing)

    def open_sheet(self) -> None:
        """The sheet of shortcuts, grouped as the registry groups them."""
        groups: dict[str, list[Any]] = {}
        for binding in self.commands.bound.values():
            if binding.command.keys:
                groups.setdefault(binding.command.group, []).append(binding.command)
        with ui.dialog() as dialog, c.box("dialog wide", role="dialog", aria_label="Keyboard shortcuts"):
            with c.box("dialog-head"):
                c.text("Keyboard shortcuts", "", "h1")
                c.box("grow")
                c.button("Close", dialog.close, icon_name="close", icon_only=True, classes="quiet")
            with c.box("dialog-body sheet"):
                for group, entries in groups.items():
                    with c.box("rows").style("gap:4px"):
                        c.text(group, "", "h3")
                        for entry in entries:
                            with c.box("row"):
                                c.text(entry.label, "grow clip")
                                for key in entry.keys:
                                    c.text(key, "", "kbd")
                c.text("Single keys work while the canvas has the focus, never in a text field.", "dim small")
        dialog.on("hide", dialog.delete)
        dialog.open()
