"""The box that adds a state where one is looking: type, Enter, and it is there. Ctrl+Enter keeps the box open for the next one.

It opens at the way out of a state (`A`), or where a wire was let go over empty space.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.ui.panels.palette import WAITING
from studio.ui.view import Look
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.ui.panels.entries import Shown
    from studio.ui.panels.palette import Palette

WIDTH, LEAST = 300, 240
"""Pixels of the box, to keep it inside the canvas: its width, and the height it has where there is not more under the state."""


class Adder:
    """One box per editor; hidden until it is asked for."""

    def __init__(self, palette: Palette, grab: Callable[[], Any]) -> None:
        self.palette, self.grab = palette, grab
        self.at = 0
        self.shown: list[Shown] = []
        with c.box("adder-box", "div", role="dialog", aria_label="Add a state", data_adder="") as self.root:
            self.search = ui.input(placeholder="Add a state: “wait”, “dyn put”, “saga”…").props("outlined dense debounce=0 tag=div")
            c.attributes(self.search, aria_label="Add a state", data_adder_search="")
            self.list = c.box("adder-list", role="listbox")
        self.root.set_visibility(False)
        self.search.on_value_change(self.find)
        self.search.on("keydown.down.prevent", lambda: self.step(1)).on("keydown.up.prevent", lambda: self.step(-1))
        self.search.on("keydown.enter.exact.prevent", self.take)
        self.search.on("keydown.ctrl.enter.stop.prevent", lambda: self.take(again=True))
        self.search.on("keydown.esc.stop.prevent", self.close)
        self.root.on(
            "focusout",
            self.close,
            js_handler="(event) => { if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) emit() }",
        )

    def open(self, x: float, y: float) -> None:
        """Opens at a place of the canvas; the box stays inside of it."""
        top = f"max(8px, min({round(y)}px, 100% - {LEAST + 8}px))"
        self.root.style(
            f"left:max(8px, min({round(x) - WIDTH // 2}px, 100% - {WIDTH + 8}px));top:{top};max-height:calc(100% - {top} - 8px)"
        )
        self.search.set_value("")
        self.find()
        self.root.set_visibility(True)
        ui.run_javascript(f"window.studio.focusSoon({self.search.id})")

    def close(self) -> None:
        self.root.set_visibility(False)

    def find(self) -> None:
        self.at = 0
        self.shown = self.palette.find(str(self.search.value or ""), self.find)
        self.draw()

    def step(self, by: int) -> None:
        if self.shown:
            self.at = (self.at + by) % len(self.shown)
            self.draw()

    def draw(self) -> None:
        self.list.clear()
        with self.list:
            for index, one in enumerate(self.shown):
                chosen = index == self.at
                row = c.box("menu-item", "button", type="button", role="option", aria_selected=str(chosen).lower(), data_adder_entry=one.id)
                row.on("click", lambda _=None, index=index: self.choose(index))
                with row:
                    with c.box("glyph"):
                        c.glyph(one.icon)
                    c.text(one.label, "clip", "span")
                    c.text(one.hint, "dim small clip grow", "span")
            if self.palette.waiting:
                c.text(WAITING, "dim small q-pa-sm", role="status")
            elif not self.shown:
                c.text("Nothing is called so. Try a service or what it does.", "dim q-pa-sm")
        if self.shown:
            ui.run_javascript(
                f"getHtmlElement({self.list.id})?.querySelector('[aria-selected=true]')?.scrollIntoView({{block: 'nearest'}})"
            )

    async def choose(self, index: int) -> None:
        self.at = index
        await self.take()

    async def take(self, _: Any = None, *, again: bool = False) -> None:
        """Adds the entry; `again` keeps the box open for what follows it."""
        if not self.shown:
            return
        chosen, view = self.shown[self.at], self.palette.view
        self.close()
        before = view.session.document
        await self.palette.insert(chosen.id)
        if again:
            self.palette.ask_again()
        elif view.session.document is not before and view.selected is not None and view.inspector_open and view.inspector_tab == "form":
            view.focus_field = ("Name",)
            view.look(Look.SELECTION)
        else:
            self.grab()
