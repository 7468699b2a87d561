"""The palette: what can be dragged onto the canvas, or added by Enter after the selected state."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks, ui

from studio.asl import tree
from studio.canvas.faces import service
from studio.canvas.intents import NEW_STATES
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from studio.asl.graph import Graph, StateNode
    from studio.catalogue.search import Action, Index
    from studio.ui.view import EditorView

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
    """`add` is asked to insert a palette entry at a target of the canvas's `drop` intent."""

    def __init__(self, view: EditorView, add: Callable[[str, dict[str, Any]], Awaitable[Any]]) -> None:
        self.view, self.add = view, add
        with c.box("side left", "aside", data_panel="palette", aria_label="Palette") as self.root:
            with c.box("palette-search"):
                self.search = ui.input(placeholder="Search states and actions").props("outlined dense clearable debounce=0 tag=div")
                c.attributes(self.search, aria_label="Search states and actions", data_palette_search="")
                self.search.on_value_change(self.draw)
                self.search.on("keydown.enter.prevent", self._add_first)
            self.body = c.box("side-body", data_walk="")
        self.shown: list[str] = []
        self._index: Index | None = None
        self._reading = False
        self.draw()

    def draw(self) -> None:
        words = str(self.search.value or "").lower().split()
        self.body.clear()
        self.shown = []
        groups: dict[str, list[str]] = {}
        for identity, entry in NEW_STATES.items():
            if all(word in f"{entry.label} {entry.group} {identity}".lower() for word in words):
                groups.setdefault(entry.group, []).append(identity)
        with self.body:
            for group, ids in groups.items():
                c.text(group, "palette-group", "h3")
                for identity in ids:
                    self.shown.append(identity)
                    self._item(identity)
            found = self._found(" ".join(words), set(self.shown)) if words else []
            if found:
                c.text("All of AWS", "palette-group", "h3")
                for action in found:
                    self.shown.append(f"action:{action.resource}")
                    self._action(action)
            if not words:
                c.text(
                    "Every action of every AWS service is here: search by what it does, like “send email” or “dyn put”.",
                    "dim small wrap q-pa-sm",
                )
            elif not groups and not found:
                c.empty("search_off", "Nothing is called so", "Search by service or action, like “lambda” or “wait”.")

    def _found(self, query: str, shown: set[str]) -> list[Action]:
        """The actions of the catalogue, once it is there: reading all of AWS takes half a second, in a thread, when first asked for."""
        if self._index is None:
            if not self._reading:
                self._reading = True
                background_tasks.create(self._read(), name="read the catalogue")
            return []
        return [a for a in self._index.search(query, SHOWN) if f"action:{a.resource}" not in shown]

    async def _read(self) -> None:
        from studio.catalogue.search import index

        self._index = await asyncio.to_thread(index)
        if not self.view.client.is_deleted:
            with self.view.client:
                self.draw()

    def _item(self, identity: str) -> None:
        entry = NEW_STATES[identity]
        self._button(identity, entry.icon, entry.label, getattr(entry, "hint", ""))

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
    """The colour of an entry's tile: neutral for flow, by service for actions."""
    parts = identity.split(":")
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
