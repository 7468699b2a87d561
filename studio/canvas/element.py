"""The canvas in a NiceGUI page: patches in, intents out. The browser holds no model of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from studio.canvas.icons import ICONS
from studio.canvas.shown import ShownStatuses

Intend = Callable[[dict[str, Any]], Awaitable[None] | None]


class Canvas(Element, component="canvas.js", esm={"asl-studio-canvas": "dist/canvas"}):
    """Shows a scene. `on_intent` hears every gesture; see docs in `canvas.intents` for the kinds."""

    def __init__(self, *, on_intent: Intend, label: str, readonly: bool = False) -> None:
        super().__init__()
        self._props["icons"] = ICONS
        self._props["label"] = label
        self._props["readonly"] = readonly
        self._shown = ShownStatuses()
        self.classes("sc-host").style("width:100%;height:100%")

        async def heard(event: GenericEventArguments) -> None:
            intent: Any = event.args
            if isinstance(intent, dict):
                answer = on_intent(cast("dict[str, Any]", intent))
                if answer is not None:
                    await answer

        self.on("intent", heard)

    def apply(self, patch: dict[str, Any]) -> None:
        """Draw a patch of `scene.patch`."""
        self._shown.patched(patch)
        self.run_method("apply", patch)

    def select(self, ids: Sequence[str], edge: str = "") -> None:
        """Shows states as selected, or one transition."""
        self.run_method("select", list(ids), edge)

    def set_statuses(self, statuses: Mapping[str, Mapping[str, str]]) -> None:
        """`{id: {"status": word, "detail"?: text}}`; states that are not named lose theirs. The browser hears of the differences."""
        if changes := self._shown.changes(statuses):
            self.run_method("changeStatuses", changes)

    def begin(self, identity: str | None) -> None:
        """Show everything, or one node at a legible size, at once."""
        self.run_method("begin", identity)

    def sides(self, edges: Mapping[str, str], states: Mapping[str, tuple[str, str]]) -> None:
        """What two runs did otherwise: `edges` by `from->to`, `states` by name with words; sides are `a`, `b`, `both`, `differs`, …"""
        self.run_method("sides", {"edges": dict(edges), "states": {name: list(told) for name, told in states.items()}})

    def frame(self, width: float, height: float, identity: str | None) -> None:
        """Show everything (a scene of that size) where that is legible in the room there is, else one node at a legible size."""
        self.run_method("frame", width, height, identity)

    def follow(self, identity: str) -> None:
        """Bring a node into view, unless somebody has moved the picture by hand since `frame`."""
        self.run_method("follow", identity)

    def fit(self) -> None:
        self.run_method("fit")

    def focus(self, identity: str) -> None:
        """Bring a node into view."""
        self.run_method("reveal", identity)

    def grab(self) -> None:
        """Give the canvas the keyboard."""
        self.run_method("grab")
