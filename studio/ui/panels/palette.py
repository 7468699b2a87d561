"""The palette: what can be dragged onto the canvas, or added by Enter after the selected state.

Two tabs: single states and patterns. What was used last comes first; a search looks through both, and through all of AWS.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks, ui

from studio.asl import tree
from studio.canvas.patterns import OWN_FOLDER
from studio.catalogue.search import ready
from studio.ui.own_patterns import own_patterns
from studio.ui.panels.entries import EVERYTHING, Shown, all_patterns, matching, states
from studio.ui.session import Change
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from studio.asl.graph import Graph, StateNode, Transition
    from studio.canvas.patterns import Pattern
    from studio.catalogue.search import Index
    from studio.ui.view import EditorView

TABS = {"states": "States", "patterns": "Patterns"}
STATES_HINT = "Every action of every AWS service is here: search by what it does, like “send email” or “dyn put”."
PATTERNS_HINT = (
    "Your own: select states on the canvas, then “Save the selection as a pattern” in Ctrl+K. "
    f"They are workflows in the folder {OWN_FOLDER}."
)
SERVICE_TILE = {
    "lambda": "var(--retrying)",
    "bedrock": "var(--succeeded)",
    "dynamodb": "var(--action)",
    "sns": "var(--failed)",
    "sqs": "var(--failed)",
    "http": "var(--action)",
}


WAITING = "Reading the actions of AWS\u2026"


class Palette:
    """`add` is asked to insert a palette entry at a target of the canvas's `drop` intent; `tell` hears of the person's own patterns."""

    def __init__(
        self, view: EditorView, add: Callable[[str, dict[str, Any]], Awaitable[Any]], tell: Callable[[dict[str, Pattern]], Any]
    ) -> None:
        self.view, self.add, self.tell = view, add, tell
        self.tab = "states"
        self.own: dict[str, Pattern] = {}
        self._recent: tuple[str, ...] = ()
        with c.box("side left", "aside", data_panel="palette", aria_label="Palette") as self.root:
            with c.box("row palette-search"):
                self.search = ui.input(placeholder="Search states and actions").props("outlined dense clearable debounce=0 tag=div")
                self.search.classes("grow")
                c.attributes(self.search, aria_label="Search states and actions", data_palette_search="")
                self.search.on_value_change(self.draw)
                self.search.on("keydown.enter.prevent", self._add_first)
                view.shell.command_button("toggle-palette", icon_only=True, classes="quiet tiny")
            self.tabs = c.tabs(TABS, self.tab, self.choose, label="Palette", classes="tabs palette-tabs")
            self.body = c.box("side-body", data_walk="")
        self.shown: list[Shown] = []
        self._index: Index | None = None
        self._waiting: list[Callable[[], Any]] = []
        self.ask_again: Callable[[], Any] = lambda: None
        """Opens the add box once more; set by the editor."""
        self.draw()
        self.read_own()
        view.on_change(self._changed)

    def choose(self, tab: str) -> None:
        self.tab = tab
        self.draw()
        if tab == "patterns":
            self.read_own()

    def _changed(self, change: Change) -> None:
        """What was added last comes first from now on; not while somebody searches, so that nothing moves under the hand."""
        if change is Change.DOCUMENT and self.recent != self._recent and not self.search.value:
            self.draw()

    @property
    def recent(self) -> tuple[str, ...]:
        return self.view.session.preferences.value.recent

    def draw(self) -> None:
        query = str(self.search.value or "").strip()
        c.mark(self.tabs, None if query else self.tab)
        self.body.clear()
        self._recent = self.recent
        if query:
            self.shown = self.find(query, self.draw)
        else:
            self.shown = all_patterns(self.recent, self.own) if self.tab == "patterns" else states(self.recent)
        group = ""
        with self.body:
            for one in self.shown:
                if one.group != group:
                    group = one.group
                    c.text(group, "palette-group", "h3")
                self._item(one)
            if not query:
                c.text(PATTERNS_HINT if self.tab == "patterns" else STATES_HINT, "dim small wrap q-pa-sm")
            elif self.waiting:
                c.text(WAITING, "dim small q-pa-sm", role="status")
            elif not self.shown:
                c.empty("search_off", "Nothing is called so", "Search by service or action, like “lambda” or “wait”.")

    def find(self, query: str, again: Callable[[], Any]) -> list[Shown]:
        """What fits a search. `again` is called once all of AWS is known: where the studio just started, that may take a moment."""
        if self._index is None:
            self._index = ready()
        if query and self._index is None:
            if not self._waiting:
                background_tasks.create(self._read(), name="read the catalogue")
            if again not in self._waiting:
                self._waiting.append(again)
        return matching(query, self.recent, self.own, self._index)

    @property
    def waiting(self) -> bool:
        """Whether somebody searches before all of AWS is known."""
        return bool(self._waiting)

    def read_own(self) -> None:
        """Looks for the person's own patterns, in a thread."""
        background_tasks.create(self._read_own(), name="own patterns")

    async def _read_own(self) -> None:
        found = await asyncio.to_thread(own_patterns, self.view.studio.workspace)
        if self.view.client.is_deleted or found == self.own:
            return
        with self.view.client:
            self.own = found
            self.tell(found)
            self.draw()

    async def _read(self) -> None:
        from studio.catalogue.search import index

        self._index = await asyncio.to_thread(index)
        waiting, self._waiting = self._waiting, []
        if not self.view.client.is_deleted:
            with self.view.client:
                for again in waiting:
                    again()

    def _item(self, one: Shown) -> None:
        made = c.box("palette-item", "button", type="button", data_palette=one.id, aria_label=f"Add {one.label}", draggable="false")
        made.on("keydown.enter.prevent", lambda _=None: self.insert(one.id)).on("dblclick", lambda _=None: self.insert(one.id))
        with made:
            with c.box("glyph").style(f"--tile:{tile(one.id)}"):
                c.glyph(one.icon)
            with c.box(""):
                c.text(breakable(one.label), "label")
                c.text(one.hint, "sub whole" if one.group == EVERYTHING else "sub clip", title=one.hint)

    async def _add_first(self) -> None:
        if self.shown:
            await self.insert(self.shown[0].id)

    async def insert(self, identity: str) -> None:
        """Adds an entry after the selected state, or at the end where none is."""
        target = place_for_new(self.view.graph, self.view.selected, self.view.transition(self.view.edge) if self.view.edge else None)
        if target is None:
            c.toast(
                "There is no transition after this state to add to. Select another state, or drag the entry onto a transition.", seconds=5
            )
            return
        await self.add(identity, target)


def breakable(label: str) -> str:
    """The name of an action, which may be broken before its words: a zero-width space stands there. Other labels have spaces."""
    return label if " " in label else re.sub(r"(?<=[a-z])(?=[A-Z])", "\u200b", label)


def tile(identity: str) -> str:
    """The colour of an entry's tile: neutral for flow, blue for patterns, by service for actions."""
    parts = identity.split(":")
    if parts[0] == "pattern":
        return "var(--action)"
    return "var(--text-2)" if parts[0] == "flow" else SERVICE_TILE.get(parts[1] if len(parts) > 1 else "", "var(--waiting)")


def place_for_new(graph: Graph, selected: StateNode | None, edge: Transition | None = None) -> dict[str, Any] | None:
    """The drop target after a state: its way out; in a selected transition; else the last way to the end. An empty scope takes the first.

    A Choice gives a rule that leads nowhere yet first, then its Default.
    """
    if edge is not None:
        return {"edge": tree.to_text(edge.slot), "scope": tree.to_text(edge.scope)}
    if selected is not None:
        for inside in selected.children:
            if not graph.scopes[inside].states and selected.type in {"Map", "Parallel"}:
                return {"container": tree.to_text(selected.pointer), "scope": tree.to_text(inside)}
        out = graph.leaving(selected)
        ways = [t for t in out if t.kind == "choice" and t.missing] or [t for t in out if t.kind in {"next", "default"}]
        if selected.type == "Choice" and not ways:  # its rules are taken: the new state is where it goes otherwise
            return {"edge": tree.to_text((*selected.pointer, "Default")), "scope": tree.to_text(selected.scope)}
        return {"edge": tree.to_text(ways[0].slot), "scope": tree.to_text(selected.scope)} if ways else None
    root = graph.scopes.get(("States",))
    if root is None or not root.states:
        return {"container": "", "scope": "/States"}
    ends = [
        t for t in graph.transitions if t.scope == ("States",) and t.target == "__end__" and t.kind in {"next", "default"} and not t.missing
    ]
    ways = ends or [t for t in graph.transitions if t.scope == ("States",) and t.kind in {"next", "start"}]
    return {"edge": tree.to_text(ways[-1].slot), "scope": "/States"} if ways else None
