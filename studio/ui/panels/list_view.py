"""The list view: the canvas's content as a tree, with the canvas's edits. On a narrow screen it is all there is, to be read.

Edits go the canvas's own way: the list sends the same intents to the `Stage`, so that both have the same rules and the same words.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.asl import tree
from studio.canvas import outline
from studio.ui.panels.problems import ORDER, state_of
from studio.ui.session import Change
from studio.ui.view import Look
from studio.ui.widgets import controls as c
from studio.ui.widgets.state_tree import StateTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.graph import Graph
    from studio.ui.panels.stage import Stage
    from studio.ui.view import EditorView

BUTTONS = ("add-state", "rename", "duplicate", "delete", "move-earlier", "move-later", "move-to", "rewire", "test-state")


class ListView:
    """Drawn only while it is shown. `readonly`: nothing is offered that edits."""

    def __init__(self, view: EditorView, stage: Stage) -> None:
        self.view, self.stage = view, stage
        self.shown = self.readonly = False
        with c.box("list-view", "section", data_panel="list", aria_label="List of the states") as self.root:
            with c.box("list-tools", role="toolbar", aria_label="Edit the list") as self.tools:
                for command in BUTTONS:
                    view.shell.command_button(command, icon_only=True, classes="quiet")
                c.box("grow")
                view.shell.command_button("list-view", classes="quiet", label="Back to the canvas")
            self.note = c.text("", "bar", role="status")
            self.nothing = c.box("")
            with self.nothing:
                c.empty("account_tree", "No states yet", "Press A and type what to add, like “dyn put” or “wait”.")
            self.tree = StateTree(f"States of {view.session.path}", self._choose, self._open, self._move)
        view.on_change(self._changed)
        view.on_look(self._looked)
        self._bind()
        self.root.set_visibility(False)

    def _bind(self) -> None:
        bind, view = self.view.shell.commands.bind, self.view
        bind("move-earlier", lambda: self._step(later=False), lambda: self._why_not_step(later=False))
        bind("move-later", lambda: self._step(later=True), lambda: self._why_not_step(later=True))
        bind("move-to", self._ask_place, lambda: None if view.selection else "Nothing is selected.")

    # -- showing -----------------------------------------------------------------------------------------------------
    def show(self, shown: bool) -> None:
        self.shown = shown
        self.root.set_visibility(shown)
        self.tools.set_visibility(not self.readonly)
        if shown:
            self.draw()
            self.tree.choose(self.view.selection)

    def focus(self) -> None:
        ui.run_javascript("document.querySelector('[data-panel=list] [role=treeitem][tabindex=\"0\"]')?.focus()")

    def _changed(self, change: Change) -> None:
        if self.shown and change in {Change.DOCUMENT, Change.DIAGNOSTICS, Change.RUN}:
            self.draw()

    def _looked(self, look: Look) -> None:
        if self.shown and look is Look.SELECTION:
            self.tree.choose(self.view.selection)
        if self.shown and look is Look.FRAME:
            self.draw()

    def draw(self) -> None:
        """The rows as they are now: the definition, its problems, what a run did."""
        if not self.shown:
            return
        session = self.view.session
        problem = session.document.problem
        self.note.set_visibility(problem is not None)
        if problem is not None:
            self.note.set_text(f"Line {problem.line}: {problem.message} Showing the last valid version.")
        watch = session.run
        rows = outline.rows(self.view.graph, watch.statuses(self.view.frame) if watch is not None else None)
        self.nothing.set_visibility(not rows)
        self.tree.set_visibility(bool(rows))
        self.tree.show(rows, self._problems())

    def _problems(self) -> dict[str, tuple[int, str]]:
        session = self.view.session
        found: Counter[str] = Counter()
        worst: dict[str, str] = {}
        for diagnostic in session.diagnostics:
            if diagnostic.severity != "hint" and (place := state_of(session.document.root, diagnostic.pointer)):
                key = tree.to_text(place)
                found[key] += 1
                worst[key] = min(worst.get(key, "hint"), diagnostic.severity, key=ORDER.__getitem__)
        return {key: (count, worst[key]) for key, count in found.items()}

    # -- what a person does ------------------------------------------------------------------------------------------
    def _choose(self, ids: list[str]) -> None:
        self.view.select(ids, origin="list")

    def _open(self, identity: str) -> None:
        if not self.readonly and self.view.node(identity) is not None:
            self.view.select([identity], origin="list")
            self.view.show_inspector("form")
            self.view.focus_field = ("Name",)
            self.view.look(Look.SELECTION)

    async def _move(self, identity: str, by: int) -> None:
        self.view.select([identity], origin="list")
        if not self.readonly:
            await self.view.shell.act("move-later" if by > 0 else "move-earlier")

    def _slot(self, *, later: bool) -> tree.Pointer | None:
        node = self.view.selected
        return outline.step(self.view.graph, node, later=later) if node is not None else None

    def _why_not_step(self, *, later: bool) -> str | None:
        if self.view.selected is None:
            return "Select one state to move it."
        return None if self._slot(later=later) else f"{self.view.selected.name} is the {'last' if later else 'first'} on its way."

    async def _step(self, *, later: bool) -> None:
        slot = self._slot(later=later)
        if slot is not None:
            await self._send({"edge": tree.to_text(slot)})

    async def _send(self, target: dict[str, Any]) -> None:
        await self.stage.intend({"kind": "move", "ids": list(self.view.selection), "target": target})

    def _ask_place(self) -> None:
        """Every place the selected states may go to, in words."""
        found = outline.places(self.view.session.document.root, list(self.view.selection), self.view.graph)
        names = [node.name for identity in self.view.selection if (node := self.view.node(identity))]
        if not found:
            c.toast("There is no other place for this.")
            return
        with ui.dialog() as dialog, c.box("dialog", "form", role="dialog", aria_label="Move to") as form:
            with c.box("dialog-head"):
                c.text(f"Move {names[0]}" if len(names) == 1 else f"Move {len(names)} states", "grow clip", "h1")
            chosen = [next(iter(found))]

            def choose(words: str) -> None:
                chosen[0] = words

            with c.box("dialog-body"):
                c.choice({words: words[:1].upper() + words[1:] for words in found}, chosen[0], choose, label="Place", data_place="")
            with c.box("dialog-foot"):
                c.button("Cancel", dialog.close)
                c.button("Move", None, classes="primary").props["type"] = "submit"

        async def move() -> None:
            dialog.close()
            if chosen[0] in found:
                await self._send(found[chosen[0]])

        form.on("submit.prevent", move)
        dialog.on("hide", dialog.delete)
        dialog.open()


class RunList:
    """The states of a run as a list, in the place of all its views where the screen is narrow."""

    def __init__(self, graph: Graph, label: str, on_choose: Callable[[str], Any]) -> None:
        self.graph = graph
        self.narrow = False
        with c.box("list-view", "section", data_panel="list", aria_label="List of the states") as self.root:
            self.tree = StateTree(label, lambda ids: on_choose(ids[0]) if ids else None, on_choose, lambda _id, _by: None)
        self.root.set_visibility(False)

    def show(self) -> None:
        self.root.set_visibility(self.narrow)

    def draw(self, statuses: dict[str, str]) -> None:
        if self.narrow:
            self.tree.show(outline.rows(self.graph, statuses), {})

    def mark(self, identity: str) -> None:
        self.tree.choose([identity] if identity else [])
