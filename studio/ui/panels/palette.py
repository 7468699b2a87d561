"""The palette: what can be dragged onto the canvas, or added by Enter after the selected state.

Two tabs: single states and patterns. What was used last comes first; a search looks through both, and through all of AWS.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks, ui

from studio.asl import tree
from studio.canvas.faces import service
from studio.canvas.palette import NEW_STATES, entry
from studio.canvas.patterns import OWN, OWN_FOLDER, PREFIX, patterns
from studio.ui.own_patterns import own_patterns
from studio.ui.session import Change
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from studio.asl.graph import Graph, StateNode
    from studio.canvas.patterns import Pattern
    from studio.catalogue.search import Action, Index
    from studio.ui.view import EditorView

TABS = {"states": "States", "patterns": "Patterns"}
RECENT = 5
"""Entries under *Recent*."""
SHOWN = 40
"""Actions of the catalogue that a search shows."""
SERVICE_TILE = {
    "lambda": "var(--retrying)",
    "bedrock": "var(--succeeded)",
    "dynamodb": "var(--action)",
    "sns": "var(--failed)",
    "sqs": "var(--failed)",
    "http": "var(--action)",
}


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
            with c.box("palette-search"):
                self.search = ui.input(placeholder="Search states and actions").props("outlined dense clearable debounce=0 tag=div")
                c.attributes(self.search, aria_label="Search states and actions", data_palette_search="")
                self.search.on_value_change(self.draw)
                self.search.on("keydown.enter.prevent", self._add_first)
            self.tabs = c.tabs(TABS, self.tab, self.choose, label="Palette", classes="tabs palette-tabs")
            self.body = c.box("side-body", data_walk="")
        self.shown: list[str] = []
        self._index: Index | None = None
        self._reading = False
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
        words = str(self.search.value or "").lower().split()
        c.mark(self.tabs, None if words else self.tab)
        self.body.clear()
        self.shown, self._recent = [], self.recent
        with self.body:
            if words:
                self._results(words)
            elif self.tab == "patterns":
                self._patterns({**self.own, **patterns()})
                c.text(
                    "Your own: select states on the canvas, then “Save the selection as a pattern” in Ctrl+K. "
                    f"They are workflows in the folder {OWN_FOLDER}.",
                    "dim small wrap q-pa-sm",
                )
            else:
                self._states()

    def _states(self) -> None:
        recent = [identity for identity in self.recent if not identity.startswith(PREFIX) and entry(identity) is not None][:RECENT]
        self._group("Recent", recent)
        for group in ("Flow", "Actions"):
            self._group(group, [identity for identity, made in NEW_STATES.items() if made.group == group and identity not in recent])
        c.text(
            "Every action of every AWS service is here: search by what it does, like “send email” or “dyn put”.",
            "dim small wrap q-pa-sm",
        )

    def _results(self, words: list[str]) -> None:
        """What fits all words: states, patterns, then the whole catalogue."""
        fits = [i for i, made in NEW_STATES.items() if all(word in f"{made.label} {made.group} {i}".lower() for word in words)]
        for group in ("Flow", "Actions"):
            self._group(group, sorted((i for i in fits if NEW_STATES[i].group == group), key=self._used))
        known = {**self.own, **patterns()}
        self._patterns({i: p for i, p in known.items() if all(word in f"{p.label} {p.hint}".lower() for word in words)})
        found = self._found(" ".join(words), set(self.shown))
        if found:
            c.text("All of AWS", "palette-group", "h3")
            for action in found:
                self.shown.append(f"action:{action.resource}")
                self._action(action)
        if not self.shown:
            c.empty("search_off", "Nothing is called so", "Search by service or action, like “lambda” or “wait”.")

    def _used(self, identity: str) -> int:
        """The place of an entry among those used last; those never used come after them, as they were."""
        return self.recent.index(identity) if identity in self.recent else len(self.recent)

    def _group(self, title: str, ids: list[str]) -> None:
        if ids:
            c.text(title, "palette-group", "h3")
        for identity in ids:
            self.shown.append(identity)
            self._item(identity)

    def _patterns(self, known: dict[str, Pattern]) -> None:
        for title, own in (("Your patterns", True), ("Patterns", False)):
            found = sorted((p for p in known.values() if p.id.startswith(OWN) == own), key=lambda p: self._used(p.id))
            if found:
                c.text(title, "palette-group", "h3")
            for pattern in found:
                self.shown.append(pattern.id)
                self._button(pattern.id, pattern.icon, pattern.label, pattern.hint)

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

    def _found(self, query: str, shown: set[str]) -> list[Action]:
        """The actions of the catalogue, once it is there: reading all of AWS takes half a second, in a thread, when first asked for."""
        if self._index is None:
            if not self._reading:
                self._reading = True
                background_tasks.create(self._read(), name="read the catalogue")
            return []
        used = [identity.removeprefix("action:") for identity in self.recent if identity.startswith("action:")]
        return [a for a in self._index.search(query, SHOWN, used) if f"action:{a.resource}" not in shown]

    async def _read(self) -> None:
        from studio.catalogue.search import index

        self._index = await asyncio.to_thread(index)
        if not self.view.client.is_deleted:
            with self.view.client:
                self.draw()

    def _item(self, identity: str) -> None:
        made = entry(identity)
        if made is not None:
            self._button(identity, made.icon, made.label, made.hint or service(identity.split(":")[-2])[0])

    def _action(self, action: Action) -> None:
        token = action.resource.removeprefix("aws-sdk:").partition(":")[0]
        self._button(
            f"action:{action.resource}", service(token)[1], action.name, action.service, badge="optimized" if action.optimized else ""
        )

    def _button(self, identity: str, icon: str, label: str, hint: str, *, badge: str = "") -> None:
        made = c.box("palette-item", "button", type="button", data_palette=identity, aria_label=f"Add {label}", draggable="false")
        made.on("keydown.enter.prevent", lambda _=None: self.insert(identity)).on("dblclick", lambda _=None: self.insert(identity))
        with made:
            with c.box("glyph").style(f"--tile:{tile(identity)}"):
                c.glyph(icon)
            with c.box(""):
                c.text(label, "clip")
                c.text(f"{hint} · {badge}" if badge else hint, "sub clip", title=hint)

    async def _add_first(self) -> None:
        if self.shown:
            await self.insert(self.shown[0])

    async def insert(self, identity: str) -> None:
        """Adds an entry after the selected state, or at the end where none is."""
        target = place_for_new(self.view.graph, self.view.selected)
        if target is None:
            c.toast(
                "There is no transition after this state to add to. Select another state, or drag the entry onto a transition.", seconds=5
            )
            return
        await self.add(identity, target)


def tile(identity: str) -> str:
    """The colour of an entry's tile: neutral for flow, blue for patterns, by service for actions."""
    parts = identity.split(":")
    if parts[0] == "pattern":
        return "var(--action)"
    return "var(--text-2)" if parts[0] == "flow" else SERVICE_TILE.get(parts[1] if len(parts) > 1 else "", "var(--waiting)")


def place_for_new(graph: Graph, selected: StateNode | None) -> dict[str, Any] | None:
    """The drop target after a state: its way out, else (nothing selected) the last way to the end; an empty scope takes the first state."""
    if selected is not None:
        for inside in selected.children:
            if not graph.scopes[inside].states and selected.type in {"Map", "Parallel"}:
                return {"container": tree.to_text(selected.pointer), "scope": tree.to_text(inside)}
        ways = [t for t in graph.transitions if t.scope == selected.scope and t.source == selected.name and t.kind in {"next", "default"}]
        return {"edge": tree.to_text(ways[0].slot), "scope": tree.to_text(selected.scope)} if ways else None
    root = graph.scopes.get(("States",))
    if root is None or not root.states:
        return {"container": "", "scope": "/States"}
    ends = [
        t for t in graph.transitions if t.scope == ("States",) and t.target == "__end__" and t.kind in {"next", "default"} and not t.missing
    ]
    ways = ends or [t for t in graph.transitions if t.scope == ("States",) and t.kind in {"next", "start"}]
    return {"edge": tree.to_text(ways[-1].slot), "scope": "/States"} if ways else None
