"""The palette: what can be dragged onto the canvas, or added by Enter after the selected state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.asl import tree
from studio.canvas.intents import NEW_STATES
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from studio.asl.graph import Graph, StateNode
    from studio.ui.view import EditorView

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
            if not groups:
                c.empty("search_off", "Nothing is called so", "Search by service or action, like “lambda” or “wait”.")

    def _item(self, identity: str) -> None:
        entry = NEW_STATES[identity]
        made = c.box("palette-item", "button", type="button", data_palette=identity, aria_label=f"Add {entry.label}", draggable="false")
        made.on("keydown.enter.prevent", lambda _=None: self.insert(identity)).on("dblclick", lambda _=None: self.insert(identity))
        with made:
            with c.box("glyph").style(f"--tile:{tile(identity)}"):
                c.glyph(entry.icon)
            with c.box(""):
                c.text(entry.label, "clip")
                if detail := getattr(entry, "hint", ""):
                    c.text(detail, "sub clip")

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
