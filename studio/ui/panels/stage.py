"""The canvas of the editor: the session's document as a scene, kept in step by patches; intents become transactions.

Concurrency model: a small document's scene is built on the event loop, because a drop must be seen within 100 ms; a large one's
in a thread, one at a time, the newest state winning.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.asl import tree
from studio.asl.edits import RenameState, Transaction
from studio.canvas import clipboard, intents, scene
from studio.canvas.element import Canvas
from studio.errors import EditRefused
from studio.ui.panels.rewiring import open_rewiring, why_not
from studio.ui.session import Change
from studio.ui.skeletons import with_parameters
from studio.ui.view import EditorView, Look
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.asl.graph import Graph
    from studio.canvas.patterns import Pattern
    from studio.canvas.scene import Scene
    from studio.errors import TextError
    from studio.ui.panels.adder import Adder
    from studio.ui.watch import RunWatch

READABLE_HEIGHT, READABLE_WIDTH = 2000, 2600
"""World pixels up to which a whole workflow is legible on a screen."""
INLINE = 1500
"""States up to which a scene is built at once, on the event loop."""


class Stage:
    """The canvas with its toolbars and the bar over a broken text."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        self.scene: Scene | None = None
        self.collapsed: set[str] = set()
        self.own: dict[str, Pattern] = {}
        """The person's own patterns, as the palette read them."""
        self._building = self._again = False
        self._named: tuple[Graph, list[tuple[str, str]]] | None = None
        """The states' names with their ids on the canvas, of a graph."""
        self._said: TextError | None = None
        with c.box("stage", "section", data_panel="canvas", aria_label="Canvas") as self.root:
            self.bar = c.box("bar", role="status")
            self.bar.set_visibility(False)
            with c.box("stage-body"):
                with c.box("canvas-host"):
                    self.canvas = Canvas(on_intent=self.intend, label=f"Workflow {view.session.path}")
                self._tools()
        view.on_change(self._changed, at_once=True)
        view.on_look(self._looked)
        self._draw_bar()

    def _tools(self) -> None:
        button = self.view.shell.command_button
        with c.box("tools top", role="toolbar", aria_label="Edit"):
            for command in ("undo", "redo", "delete", "duplicate"):
                button(command, icon_only=True, classes="quiet")
        with c.box("tools bottom", role="toolbar", aria_label="View"):
            for command in ("zoom-out", "zoom-in", "fit", "tidy"):
                button(command, icon_only=True, classes="quiet")

    # -- drawing -----------------------------------------------------------------------------------------------------
    def _changed(self, change: Change) -> Any:
        drawing = self.refresh() if change in {Change.DOCUMENT, Change.DIAGNOSTICS, Change.SIDE_FILES, Change.RUN} else None
        if change is Change.DOCUMENT:  # after the picture, which must not wait for what the rest of the page is told
            self.view.keep_selection()
            self._draw_bar()
        return drawing

    def first_look(self) -> None:
        """What one sees first: everything, or (where that would be unreadably small) the selected state, else the beginning."""
        if self.scene is None:
            return
        if self.scene.height <= READABLE_HEIGHT and self.scene.width <= READABLE_WIDTH:
            self.canvas.begin(None)
        else:
            first = "/States#start" if "/States#start" in self.scene.nodes else None
            if target := next(iter(self.view.selection), first):
                self.canvas.begin(target)
        if self.view.selection:
            self.canvas.select(list(self.view.selection), self.view.edge)

    def _looked(self, look: Look) -> None:
        if look is Look.SELECTION and self.view.origin != "canvas":
            self.canvas.select(list(self.view.selection), self.view.edge)
            if self.view.selection:
                self.canvas.focus(self.view.selection[0])

    def refresh(self) -> Any:
        """Draws what changed: at once where the document is small, else an awaitable."""
        if len(self.view.graph.states) <= INLINE:
            self._draw(self._build())
            return None
        return self._refresh_in_thread()

    async def redraw(self) -> None:
        """`refresh`, waited for."""
        if (drawing := self.refresh()) is not None:
            await drawing

    async def _refresh_in_thread(self) -> None:
        if self._building:
            self._again = True
            return
        self._building = True
        try:
            self._again = True
            while self._again:
                self._again = False
                self._draw(await asyncio.to_thread(self._build))
        finally:
            self._building = False

    def _draw(self, new: Scene) -> None:
        patch = scene.patch(self.scene, new)
        self.scene = new
        if not scene.is_empty(patch):
            self.canvas.apply(patch)
            if (watch := self.view.session.run) is not None:
                self.canvas.set_statuses(self._statuses(watch))
            if patch["nodes"]["added"] and self.view.selection:
                self.canvas.select(list(self.view.selection), self.view.edge)

    def show_run(self) -> Any:
        """The run's statuses, without drawing the scene anew; at its end the transitions it took as well."""
        watch = self.view.session.run
        if self.scene is None:
            return None
        self.canvas.set_statuses(self._statuses(watch) if watch is not None else {})
        return self.refresh() if watch is None or watch.ended else None

    def _statuses(self, watch: RunWatch) -> dict[str, dict[str, str]]:
        by_name, graph = watch.statuses(self.view.frame), self.view.graph
        if self._named is None or self._named[0] is not graph:
            self._named = (graph, [(node.name, tree.to_text(node.pointer)) for node in graph.states.values()])
        return {key: {"status": by_name[name]} for name, key in self._named[1] if name in by_name}

    def _build(self) -> Scene:
        session = self.view.session
        watch = session.run
        return scene.build(
            session.document.root,
            graph=self.view.graph,
            collapsed=frozenset(self.collapsed),
            diagnostics=session.diagnostics,
            statuses=watch.statuses(self.view.frame) if watch is not None else None,
            taken=watch.taken(self.view.frame) if watch is not None else frozenset(),
            mocked=session.side.mocked,
            breakpoints=session.breakpoints,
            positions=session.document.places,
        )

    def _draw_bar(self) -> None:
        problem = self.view.session.document.problem
        if problem is self._said:
            return
        self._said = problem
        self.bar.set_visibility(problem is not None)
        self.root.classes(add="stale") if problem else self.root.classes(remove="stale")
        self.bar.clear()
        if problem is not None:
            with self.bar:
                c.icon("error")
                last = (
                    "Showing the last valid version."
                    if self.scene is not None and len(self.scene.nodes) > 3
                    else "The picture appears once the text can be read."
                )
                c.text(f"Line {problem.line}: {problem.message} {last}", "grow wrap")
                c.button("Go to line", lambda: self.go_to_line(problem.line, problem.column), data_go_to_line=str(problem.line))

    adder: Adder | None = None
    """The box that adds a state; set by the editor."""

    def open_adder(self, x: float, y: float, identity: object = None, edge: object = None) -> None:
        """Opens the add box at a place of the canvas, for what follows a state or goes into a transition; without either, for the end."""
        self.view.select([identity] if isinstance(identity, str) else [], origin="canvas", edge=edge if isinstance(edge, str) else "")
        self.canvas.select(list(self.view.selection), self.view.edge)
        if self.adder is not None:
            self.adder.open(x, y)

    go_to_line: Any = staticmethod(lambda _line, _column: None)
    """Set by the editor: shows a place of the text."""

    # -- intents -----------------------------------------------------------------------------------------------------
    async def intend(self, intent: dict[str, Any]) -> None:
        """One gesture of the browser. What cannot be done is told; the document stays as it was."""
        view = self.view
        match intent.get("kind"):
            case "select":
                view.select([str(i) for i in intent.get("ids", [])], origin="canvas", edge=str(intent.get("edge", "")))
            case "command" if intent.get("command") == "paste" and isinstance(intent.get("text"), str):
                await self._edit(intent)
            case "command":
                if ids := intent.get("ids"):
                    view.select([str(i) for i in ids], origin="canvas")
                await view.shell.act(str(intent.get("command")))
            case "toggle":
                self.collapsed.symmetric_difference_update({str(intent.get("id"))})
                await self.redraw()
            case "open":
                view.select([str(intent.get("id"))], origin="canvas")
                view.show_inspector("form")
                view.focus_field = ("Name",)
                view.look(Look.SELECTION)
            case "add":
                self.open_adder(float(intent.get("x", 0)), float(intent.get("y", 0)), intent.get("id"), intent.get("edge"))
            case "cancel":
                pass
            case _:
                await self._edit(intent)

    async def _edit(self, intent: dict[str, Any]) -> None:
        """The edit an intent means; what cannot be done is told in a sentence."""
        try:
            transaction = intents.to_transaction(intent, self.view.session.document, self.own)
            if intent.get("kind") == "drop" and transaction is not None:
                transaction = with_parameters(transaction)
                self.view.session.preferences.used(str(intent.get("palette")))
        except EditRefused as refusal:
            c.toast(str(refusal), seconds=6)
            return
        if not await self.view.do(transaction):
            return
        if transaction is not None and transaction.note:
            c.toast(transaction.note, seconds=8)
        if intent.get("kind") == "place" and (problem := self.view.session.side.own_problem):
            c.toast(f"Placed for now only. {problem}", seconds=6)

    async def add(self, palette: str, target: dict[str, Any]) -> None:
        """What a drop of a palette entry at a target does."""
        await self.intend({"kind": "drop", "palette": palette, "target": target})
        if self.view.selection:
            self.canvas.focus(self.view.selection[0])

    # -- commands ----------------------------------------------------------------------------------------------------
    def bind_commands(self) -> None:
        bind, view = self.view.shell.commands.bind, self.view
        none = lambda: None if view.selection else "Nothing is selected."  # noqa: E731
        bind("delete", lambda: self._intent("delete"), none)
        bind("duplicate", lambda: self._intent("duplicate"), none)
        bind("rename", self._rename, lambda: None if view.selected else "Select one state to rename it.")
        bind(
            "rewire",
            lambda: open_rewiring(view, self._edit, lambda: ui.run_javascript("window.studio.focusStates()")),
            lambda: why_not(view),
        )
        bind("select-all", lambda: view.select([n.id for n in self.scene.nodes.values() if n.kind == "state"] if self.scene else []))
        bind("copy", self._copy, none)
        bind("cut", self._cut, none)
        bind("paste", self._paste)
        one = lambda: None if view.selected else "Select the one state to paste beside."  # noqa: E731
        for place in ("before", "after", "replace"):
            bind(f"paste-{place}", partial(self._paste, place), one)
        bind("fit", self.canvas.fit)
        bind("zoom-in", lambda: self.canvas.run_method("zoomBy", 1.25))
        bind("zoom-out", lambda: self.canvas.run_method("zoomBy", 0.8))
        bind("zoom-reset", lambda: self.canvas.run_method("zoomTo", 1))
        bind(
            "tidy",
            lambda: self._release(list(self._by_hand())),
            lambda: None if self._by_hand() else "Every state is where the layout put it.",
        )
        bind("release", lambda: self._release(list(view.selection)), self._why_no_release)

    async def _intent(self, command: str) -> None:
        await self._edit({"kind": "command", "command": command, "ids": list(self.view.selection)})

    def _rename(self) -> None:
        """A dialog with the name; the inspector's field does the same."""
        node = self.view.selected
        if node is None:
            return
        with ui.dialog() as dialog, c.box("dialog", "form", role="dialog", aria_label="Rename state") as form:
            with c.box("dialog-head"):
                c.text("Rename state", "grow", "h1")
            with c.box("dialog-body"):
                name = (
                    ui.input(value=node.name).props("outlined dense autofocus").on("focus", js_handler="(event) => event.target.select()")
                )
                c.attributes(name, aria_label="New name", data_rename="")
            with c.box("dialog-foot"):
                c.button("Cancel", dialog.close)
                c.button("Rename", None, classes="primary").props["type"] = "submit"

        async def rename() -> None:
            dialog.close()
            new = str(name.value or "").strip()
            if new and new != node.name:
                await self.view.do(Transaction((RenameState(node.pointer, new),), f"Rename {node.name} to {new}", "canvas"))

        form.on("submit.prevent", rename)
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _copy(self) -> None:
        """The selected states as plain ASL text on the clipboard."""
        root = self.view.session.document.root
        text = clipboard.copy(root, [tree.from_text(identity, root) for identity in self.view.selection])
        ui.run_javascript(f"window.studio.copy({json.dumps(text)})")
        count = len(self.view.selection)
        c.toast(f"Copied {count} state{'s' if count != 1 else ''} as Amazon States Language")

    async def _cut(self) -> None:
        self._copy()
        await self._intent("cut")

    async def _paste(self, place: str = "") -> None:
        """What the clipboard holds, where the browser lets the page read it; Ctrl+V on the canvas always works."""
        text = await ui.run_javascript("navigator.clipboard.readText().catch(() => null)", timeout=10)
        if not isinstance(text, str):
            c.toast("The browser does not let the page read the clipboard. Click the canvas and press Ctrl+V.", seconds=5)
            return
        intent: dict[str, Any] = {"kind": "command", "command": "paste", "text": text, "ids": list(self.view.selection)}
        if place:
            intent["place"] = place
        elif self.view.edge:
            intent["target"] = {"edge": self.view.edge}
        await self._edit(intent)

    def _by_hand(self) -> list[str]:
        """The states that a person placed."""
        places = self.view.session.document.places
        return [tree.to_text(node.pointer) for node in self.view.graph.states.values() if node.name in places]

    def _why_no_release(self) -> str | None:
        by_hand = set(self._by_hand()) if self.view.session.document.places else set()
        return None if by_hand & set(self.view.selection) else "No state that was placed by hand is selected."

    async def _release(self, ids: list[str]) -> None:
        """Gives states back to the layout."""
        await self._edit({"kind": "place", "places": dict.fromkeys(ids)})
