"""The versions of a workflow: the revisions kept while it was edited, named, compared and brought back.

Every text that was saved or left unsaved for a moment is a revision (`store.revisions`); naming one keeps it for good. A comparison is told
twice: as the states that came, went or changed, and as lines of the text. Bringing one back is an edit like any other, so undo takes it back.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from nicegui import ui

from studio.asl import tree
from studio.asl.compare import Line, StateChange, changed_states, compare_lines
from studio.asl.edits import ReplaceText, Transaction
from studio.asl.text import format_of, parse
from studio.canvas import scene
from studio.canvas.picture import svg
from studio.errors import StudioError, TextError
from studio.ui.times import ago, exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.diff import Diff

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.store.revisions import Revision
    from studio.ui.view import EditorView

SHOWN = 300
KINDS = {
    "workflow": ("settings", "Workflow"),
    "added": ("add_circle_outline", "Added"),
    "removed": ("remove_circle_outline", "Removed"),
    "renamed": ("drive_file_rename_outline", "Renamed"),
    "changed": ("edit", "Changed"),
    "moved": ("drive_file_move", "Moved"),
}
NOW, FILE, BEFORE = "now", "file", "before"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two texts differ in. `states` is None where one of them cannot be read, `problem` says why. `roots`: the old and the new tree."""

    lines: list[Line]
    states: list[StateChange] | None
    problem: str = ""
    roots: tuple[tree.Json, tree.Json] | None = None

    def pictures(self, theme: Literal["light", "dark"]) -> tuple[str, str]:
        """Both versions as SVG, what differs marked: in the old one what went or changed, in the new one what came or changed."""
        assert self.roots is not None
        old, new = dict[str, str](), dict[str, str]()
        for change in self.states or []:
            if change.kind != "added":
                old[change.before or change.name] = change.kind
            if change.kind != "removed":
                new[change.name] = change.kind
        before, after = (scene.build(root) for root in self.roots)
        return svg(before, theme=theme, title="Before", changes=old), svg(after, theme=theme, title="After", changes=new)


def comparison(old: str, new: str, path: str) -> Comparison:
    """Compares two texts of a workflow file; for a thread."""
    lines = compare_lines(old, new)
    try:
        roots = parse(old, format_of(path)).root, parse(new, format_of(path)).root
        return Comparison(lines, changed_states(*roots), roots=roots)
    except TextError as error:
        return Comparison(lines, None, f"One of the two cannot be read as a definition (line {error.line}: {error.message}).")


class Compared:
    """The result of a comparison: states and text under two tabs."""

    def __init__(self, view: EditorView, on_go: Any) -> None:
        self.view, self.on_go = view, on_go
        self.tab = "states"
        self.found: Comparison | None = None
        self.drawn: Comparison | None = None
        self.tabs = c.tabs({"states": "States", "text": "Text", "graph": "Graph"}, self.tab, self._choose, label="Comparison")
        with self.tabs["states"]:
            self.count = c.text("", "count", "span")
        self.states = c.box("compared-body", "div", role="tabpanel", aria_label="Changed states")
        with c.box("compared-body", "div", role="tabpanel", aria_label="Changed lines") as self.text:
            self.equal = c.text("Both have the same text.", "dim compared-none")
            self.diff = Diff(label="Changed lines")
        self.graph = c.box("compared-body compared-graph", "div", role="tabpanel", aria_label="Both versions as pictures", tabindex="0")
        self._mark()

    async def _choose(self, tab: str) -> None:
        self.tab = tab
        self._mark()
        await self._draw()

    def _mark(self) -> None:
        c.mark(self.tabs, self.tab)
        self.states.set_visibility(self.tab == "states")
        self.text.set_visibility(self.tab == "text")
        self.graph.set_visibility(self.tab == "graph")

    async def _draw(self) -> None:
        """The pictures, drawn when they are first looked at."""
        found = self.found
        if self.tab != "graph" or found is None or found is self.drawn:
            return
        self.drawn = found
        self.graph.clear()
        if found.roots is None:
            with self.graph:
                c.text(found.problem or "There is nothing to draw.", "dim compared-none")
            return
        pictures = {theme: await asyncio.to_thread(found.pictures, theme) for theme in ("light", "dark")}
        if self.graph.is_deleted or found is not self.found:
            return
        with self.graph:
            for i, name in enumerate(("Before", "After")):
                with c.box("compared-side", "figure"):
                    c.text(name, "dim small", "figcaption")
                    for theme, drawn in pictures.items():
                        data = base64.b64encode((drawn or ("", ""))[i].encode()).decode()
                        c.box(f"on-{theme}", "img", src=f"data:image/svg+xml;base64,{data}", alt=f"{name}, with what differs marked")

    async def show(self, found: Comparison) -> None:
        self.found = found
        self.diff.show(found.lines)
        self.diff.set_visibility(bool(found.lines))
        self.equal.set_visibility(not found.lines)
        self.count.set_text(str(len(found.states)) if found.states else "")
        self.states.clear()
        with self.states:
            if found.states is None:
                c.text(found.problem, "note warning")
            elif not found.states:
                c.text("No state differs." if found.lines else "Both have the same text.", "dim compared-none")
            for change in (found.states or [])[:SHOWN]:
                self._row(change)
        await self._draw()

    def _row(self, change: StateChange) -> None:
        glyph, word = KINDS[change.kind]
        identity = tree.to_text(change.pointer)
        here = self.view.node(identity) is not None and change.kind != "removed"
        row = c.box("menu-item changed", "button", type="button", data_change=change.kind, data_changed_state=change.name)
        with row:
            c.icon(glyph, "dim")
            c.text(word, "change-word", "span")
            what = f"{change.before} \u2192 {change.name}" if change.before else change.name
            if change.name:
                c.text(what, "clip", "span").style("font-weight:500")
            c.text(", ".join(field for field in change.fields if field), "dim small clip grow", "span")
        if here:
            row.on("click", lambda: self.on_go(identity))
        elif change.kind != "workflow":
            c.attributes(row, title="It is not in the workflow on the screen.")


class Versions:
    """The dialog."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        self.client = ui.context.client
        self.rows: list[Revision] = []
        self.chosen: int | None = None
        self.against = NOW
        session = view.session
        with ui.dialog() as self.dialog, c.box("dialog versions", role="dialog", aria_label="Versions", data_panel="versions"):
            with c.box("dialog-head"):
                c.text("Versions", "", "h1")
                c.text(session.path, "dim small clip grow")
                c.button("Close", self.dialog.close, icon_name="close", icon_only=True, classes="quiet")
            with c.box("versions-body"):
                with c.box("versions-list"):
                    with c.box("form naming", "form") as form:
                        self.name = ui.input(placeholder="Name the text on the screen").props("outlined dense tag=div")
                        c.attributes(self.name, aria_label="Name the text on the screen", data_version_name="", spellcheck="false")
                        c.button("Keep", None, data_keep_version="").props["type"] = "submit"
                    form.on("submit.prevent", self._keep)
                    self.list = c.box("versions-rows", "div", data_walk="")
                with c.box("versions-compared") as self.side:
                    self.head = c.box("versions-head")
                    self.compared = Compared(view, self._go)
        self.dialog.on("hide", self.dialog.delete)

    async def open(self) -> None:
        self.dialog.open()
        await self.read()

    async def read(self) -> None:
        """The list anew; the newest one is chosen first."""
        session = self.view.session
        try:
            self.rows = await asyncio.to_thread(session.workspace.revisions.list, session.path, SHOWN) or []
        except StudioError as problem:
            self.rows = []
            c.toast(str(problem), seconds=6)
        if self.chosen not in {row.id for row in self.rows}:
            self.chosen = self.rows[0].id if self.rows else None
        self._draw_list()
        await self._compare()

    def _draw_list(self) -> None:
        self.list.clear()
        with self.list:
            if not self.rows:
                c.empty("history", "No versions yet", "Every save, and what is left unsaved for a moment, is kept here.")
            for row in self.rows:
                made = c.box(
                    "menu-item version", "button", type="button", aria_current=str(row.id == self.chosen).lower(), data_version=str(row.id)
                )
                made.on("click", lambda _=None, row=row: self._choose(row.id))
                moment = datetime.fromtimestamp(row.at, UTC)
                c.attributes(made, title=exact(moment))
                with made:
                    c.icon("bookmark" if row.label else "history", "dim")
                    with c.box("grow clip"):
                        c.text(row.label or moment.astimezone().strftime("%d %b %H:%M:%S"), "clip" + (" version-name" if row.label else ""))
                        c.text(f"{ago(moment)} \u00b7 {c.size(row.size)}", "dim small clip")

    async def _choose(self, identity: int) -> None:
        self.chosen = identity
        self._draw_list()
        await self._compare()

    async def _against(self, value: str) -> None:
        self.against = value
        await self._compare()

    # -- comparing ----------------------------------------------------------------------------------------------------
    async def _compare(self) -> None:
        row = next((r for r in self.rows if r.id == self.chosen), None)
        self.side.set_visibility(row is not None)
        self.head.clear()
        if row is None:
            await self.compared.show(Comparison([], []))
            return
        with self.head:
            c.text("Compared with", "dim small")
            options = {NOW: "the text on the screen", FILE: "the file on disk", BEFORE: "the version before it"}
            options |= {str(other.id): other.label for other in self.rows if other.label and other.id != row.id}
            if self.against not in options:
                self.against = NOW
            c.choice(options, self.against, self._against, label="Compared with", data_against="").style("width:220px")
            c.box("grow")
            label = ui.input(value=row.label, placeholder="Name it").props("outlined dense tag=div").style("width:160px")
            c.attributes(label, aria_label="Name of this version", data_label="", spellcheck="false")
            label.on("blur", lambda: self._label(row, str(label.value or "")))
            label.on("keydown.enter", lambda: self._label(row, str(label.value or "")))
            c.button("Bring back", lambda: self._restore(row), icon_name="restore", data_restore_version="")
        try:
            old, new = await self._texts(row)
            found = await asyncio.to_thread(comparison, old, new, self.view.session.path)
        except StudioError as problem:
            found = Comparison([], None, str(problem))
        with self.client:
            if found is not None and not self.dialog.is_deleted:
                await self.compared.show(found)

    async def _texts(self, row: Revision) -> tuple[str, str]:
        """The older and the newer text of the comparison."""
        session = self.view.session
        revisions = session.workspace.revisions

        async def text(identity: int) -> str:
            return await asyncio.to_thread(revisions.text, identity) or ""

        own = await text(row.id)
        match self.against:
            case "now":
                return own, session.document.text
            case "file":
                loaded = await asyncio.to_thread(session.workspace.read, session.path)
                return own, loaded.text if loaded else ""
            case "before":
                earlier = next((r for r in self.rows if r.id < row.id), None)
                return (await text(earlier.id) if earlier else ""), own
            case other:
                pair = sorted((row.id, int(other)))
                return await text(pair[0]), await text(pair[1])

    # -- doing --------------------------------------------------------------------------------------------------------
    async def _keep(self) -> None:
        name, session = str(self.name.value or "").strip(), self.view.session
        if not name:
            c.toast("Type a name for this version.")
            return
        try:
            await asyncio.to_thread(session.workspace.keep_revision, session.path, session.document.text, name)
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return
        self.name.set_value("")
        self.chosen = None
        await self.read()

    async def _label(self, row: Revision, label: str) -> None:
        if label.strip() == next((r.label for r in self.rows if r.id == row.id), None):
            return
        try:
            await asyncio.to_thread(self.view.session.workspace.revisions.label, row.id, label.strip())
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return
        with self.client:
            if not self.dialog.is_deleted:
                await self.read()

    async def _restore(self, row: Revision) -> None:
        session = self.view.session
        try:
            text = await asyncio.to_thread(session.workspace.revisions.text, row.id)
            await asyncio.to_thread(session.workspace.keep_revision, session.path, session.document.text)  # what is given up stays findable
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return
        what = row.label or datetime.fromtimestamp(row.at, UTC).astimezone().strftime("%d %b %H:%M:%S")
        self.dialog.close()
        done = await self.view.do(Transaction((ReplaceText(text or ""),), f"Bring back version {what}", "file"))
        with self.client:
            c.toast(f"The text of {what} is back; save keeps it, undo takes it back." if done else "It is the text on the screen already.")

    def _go(self, identity: str) -> None:
        self.dialog.close()
        self.view.select([identity], origin="versions")


async def open_versions(view: EditorView) -> None:
    await Versions(view).open()


async def open_comparison(view: EditorView, title: str, old: str, new: str, buttons: dict[str, Callable[[], Any]]) -> None:
    """Two texts of the workflow against each other; `buttons` close the dialog."""
    client = ui.context.client
    with ui.dialog() as dialog, c.box("dialog compared", role="dialog", aria_label=title, data_panel="disk"):
        with c.box("dialog-head"):
            c.text(title, "grow", "h1")
            c.button("Close", dialog.close, icon_name="close", icon_only=True, classes="quiet")

        def go(identity: str) -> None:
            dialog.close()
            view.select([identity], origin="versions")

        async def done(do: Callable[[], Any]) -> None:
            dialog.close()
            answer = do()
            if answer is not None:
                await answer

        compared = Compared(view, go)
        with c.box("dialog-foot"):
            for label, do in buttons.items():
                c.button(label, partial(done, do))
    dialog.on("hide", dialog.delete)
    dialog.open()
    found = await asyncio.to_thread(comparison, old, new, view.session.path)
    with client:
        if found is not None:
            await compared.show(found)
