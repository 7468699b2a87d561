"""The workflows of the workspace as a list: find, open, rename, duplicate, move to the trash and back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from studio.errors import StudioError
from studio.ui.times import ago
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.store.listing import Entry
    from studio.store.workspace import Trashed
    from studio.ui.context import Studio

FILTER_FROM = 8
"""Workflows from which on there is a field to find one."""


def file_name(typed: str, ending: str = ".asl.json") -> str:
    """The path a person means: trimmed, `/` between folders, with `ending` where it names no format."""
    path = re.sub(r"[\\/]+", "/", typed.strip()).strip("/")
    if path and not re.search(r"\.asl\.(json|ya?ml)$", path):
        path = re.sub(r"\.(json|ya?ml)$", r".asl.\1", path) if re.search(r"\.(json|ya?ml)$", path) else f"{path}{ending}"
    return path


class Files:
    """Drawn anew after everything that changes the list. `trash_button` is the place of *Trash*, in the head of the page."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.client = ui.context.client
        self.entries: list[Entry] = []
        self.problem = ""
        self.words = ""
        self.trashed: list[Trashed] = []

    async def read(self) -> None:
        """The list as it is now; a folder that cannot be read is told in its place."""
        try:
            found = await asyncio.to_thread(self.studio.workspace.listing)
            self.entries = list(found.entries) if found else []
            self.problem = (
                "" if not found or found.complete else "There are more workflows here than the list shows: open a folder of them."
            )
            self.trashed = await asyncio.to_thread(self.studio.workspace.trash) or []
        except StudioError as error:
            self.entries, self.problem = [], str(error)

    def build(self) -> None:
        """The list; `read` comes first."""
        self.note = c.text("", "note error")
        self.find = ui.input(placeholder="Find a workflow").props("outlined dense clearable debounce=0 tag=div").style("max-width:320px")
        c.attributes(self.find, aria_label="Find a workflow", data_find="")
        self.find.on_value_change(self._typed)
        self.list = c.box("")
        self.draw()

    def build_trash(self) -> None:
        """The button that opens the trash, shown while there is something in it."""
        self.trash = c.button("Trash", self.open_trash, icon_name="delete", classes="quiet", data_trash="")
        with self.trash:
            self.count = c.text("", "count", "span")

    async def refresh(self) -> None:
        await self.read()
        self.draw()

    def _typed(self, event: Any) -> None:
        self.words = str(event.value or "")
        self.draw()

    def draw(self) -> None:
        self.note.set_text(self.problem)
        self.note.set_visibility(bool(self.problem))
        self.find.set_visibility(len(self.entries) >= FILTER_FROM)
        self.trash.set_visibility(bool(self.trashed))
        self.count.set_text(str(len(self.trashed)))
        words = self.words.lower().split()
        found = [entry for entry in self.entries if all(word in entry.path.lower() for word in words)]
        self.list.clear()
        with self.list:
            if not self.entries:
                with c.box("card"):
                    lesson = "Begin with New workflow, drop a definition or a template here, or take one of the templates below."
                    c.empty("account_tree", "No workflows in this folder yet", lesson)
            elif not found:
                with c.box("card"):
                    c.empty("search_off", "No workflow is called so", "Every word must occur in its path.")
            else:
                with c.box("list", "nav", aria_label="Workflows"):
                    for entry in found:
                        self._row(entry)

    def _row(self, entry: Entry) -> None:
        with c.box("item file", data_file=entry.path):
            with c.box("file-link", "a", href=f"/w/{quote(entry.path)}", data_workflow=entry.path):
                c.icon("account_tree", "dim")
                folder, _, name = entry.path.rpartition("/")
                with c.box("grow clip"):
                    c.text(f"{folder}/" if folder else "", "dim", "span")
                    c.text(name, "file-name", "span")
                c.text(c.size(entry.size), "dim small num")
                c.text(ago(datetime.fromtimestamp(entry.modified, UTC)), "dim small").style("width:96px;text-align:right")
            more = c.button(
                f"More for {entry.path}", None, icon_name="more_vert", icon_only=True, classes="quiet", title="More", data_menu=entry.path
            )
            with more, ui.menu() as menu, c.box("", role="menu"):
                embedded, only = "#" in entry.path, self.studio.workspace.only is not None
                why = (
                    "It is part of a template: work on the template\u2019s file."
                    if embedded
                    else "Only this file is open: open its folder."
                    if only
                    else ""
                )
                self._item(menu, "rename", "Rename or move\u2026", "drive_file_rename_outline", why, partial(self.rename, entry.path))
                self._item(menu, "duplicate", "Duplicate", "content_copy", why, partial(self.duplicate, entry.path))
                self._item(menu, "runs", "Its runs", "list_alt", "", lambda: ui.navigate.to(f"/runs?workflow={quote(entry.path)}"))
                self._item(menu, "trash", "Move to the trash", "delete", why, partial(self.delete, entry.path))

    def _item(self, menu: ui.menu, name: str, label: str, icon: str, why: str, do: Callable[[], Awaitable[None] | None]) -> None:
        async def chosen() -> None:
            menu.close()
            if why:
                c.toast(why)
                return
            with self.client.content:  # not in the row, which may be gone before it is done
                answer = do()
                if answer is not None:
                    await answer

        with c.box("menu-item", "button", type="button", role="menuitem", data_action=name).on("click", chosen) as made:
            c.icon(icon)
            c.text(label, "", "span")
        if why:
            c.attributes(made, aria_disabled="true", title=why)

    # -- what is done -------------------------------------------------------------------------------------------------
    async def duplicate(self, path: str) -> None:
        try:
            made = await asyncio.to_thread(self.studio.workspace.duplicate, path)
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return
        await self.refresh()
        c.toast(f"Copied to {made}")

    async def delete(self, path: str) -> None:
        try:
            await self.studio.sessions.delete(path)
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return
        await self.refresh()
        c.toast(f"{path} is in the trash, from where it can be restored.", seconds=4)

    def rename(self, path: str) -> None:
        """Asks for the new path; another folder moves it."""
        open_rename(self.studio, path, self.refresh)

    def open_trash(self) -> None:
        """What was moved to the trash, the newest first: put back, or removed for good."""
        with ui.dialog() as dialog, c.box("dialog wide", role="dialog", aria_label="Trash"):
            with c.box("dialog-head"):
                c.text("Trash", "grow", "h1")
                c.button("Close", dialog.close, icon_name="close", icon_only=True, classes="quiet")
            body = c.box("dialog-body")

        async def restore(thing: Trashed) -> None:
            try:
                path = await asyncio.to_thread(self.studio.workspace.restore, thing.id)
            except StudioError as problem:
                c.toast(str(problem), seconds=6)
                return
            await again()
            with self.client:
                c.toast(f"{path} is back.")

        async def forget(things: list[Trashed]) -> None:
            try:
                for thing in things:
                    await asyncio.to_thread(self.studio.workspace.forget, thing.id)
            except StudioError as problem:
                with self.client:
                    c.toast(str(problem), seconds=6)
            await again()

        async def again() -> None:
            await self.refresh()
            draw()

        def draw() -> None:
            body.clear()
            with body:
                if not self.trashed:
                    c.empty("delete", "The trash is empty", "What is deleted comes here, with its side files.")
                    return
                with c.box("list"):
                    for thing in self.trashed:
                        with c.box("item", data_trashed=thing.path):
                            c.text(thing.path, "grow clip")
                            c.text(ago(datetime.fromtimestamp(thing.at, UTC)), "dim small")
                            c.button("Restore", partial(restore, thing), data_restore=thing.path)
                            c.button("Delete for good", partial(forget, [thing]), classes="quiet danger", data_forget=thing.path)
                with c.box("row"):
                    c.box("grow")
                    c.button("Empty the trash", partial(forget, list(self.trashed)), classes="danger", data_empty_trash="")

        draw()
        dialog.on("hide", dialog.delete)
        dialog.open()


def open_rename(studio: Studio, path: str, done: Callable[[], Awaitable[None]] | None = None) -> None:
    """Asks for a workflow's new path; its format stays where none is named."""

    async def do(typed: str) -> None:
        new = file_name(typed, path[len(path) - len(_ending(path)) :])
        if new == path:
            return
        await studio.rename(path, new)
        if done is not None:
            await done()
        c.toast(f"{path} is now {new}; its versions, runs and side files went with it.", seconds=4)

    open_name("Rename or move", "Rename", path, "In this workspace; folders with /. The format stays.", do)


def open_name(
    title: str, verb: str, value: str, doc: str, do: Callable[[str], Awaitable[None]], *, more: Callable[[], Any] | None = None
) -> None:
    """Asks for the path of a file; `do` gets what was typed, and its StudioError is shown under the field. `more` draws further fields."""
    with ui.dialog() as dialog, c.box("dialog", "form", role="dialog", aria_label=title) as form:
        with c.box("dialog-head"):
            c.text(title, "grow", "h1")
        with c.box("dialog-body"):
            with c.box("field", "label"):
                c.text("File name", "field-name field-head")
                name = ui.input(value=value).props("outlined dense autofocus tag=div").classes("path-field")
                name.on("focus", js_handler="(event) => window.studio.selectName(event.target)")
                c.attributes(name, data_new_name="", spellcheck="false", aria_label="File name")
            c.text(doc, "field-doc")
            if more is not None:
                more()
            error = c.text("", "field-error", role="alert")
        with c.box("dialog-foot"):
            c.button("Cancel", dialog.close)
            c.button(verb, None, classes="primary", data_create="").props["type"] = "submit"

    async def submit() -> None:
        typed = str(name.value or "")
        if not typed.strip():
            error.set_text("Type a name for the file.")
            return
        try:
            await do(typed)
        except StudioError as problem:
            error.set_text(str(problem))
            return
        if not dialog.is_deleted:
            dialog.close()

    form.on("submit.prevent", submit)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _ending(path: str) -> str:
    found = re.search(r"(\.asl)?\.(json|ya?ml)$", path, re.IGNORECASE)
    return found[0] if found else ""
