"""The bottom drawer: problems, the test of a state, the run's input, mocks, events. Closed it is a row of tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.ui.panels.events import Events
from studio.ui.panels.problems import Problems, counts
from studio.ui.panels.side_files import InputEditor, MocksEditor
from studio.ui.panels.testing import TestPanel
from studio.ui.session import Change
from studio.ui.view import Look
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.ui.view import EditorView

TABS = {"problems": "Problems", "test": "Test", "input": "Input", "mocks": "Mocks", "events": "Events"}


class Drawer:
    """Its panels are built when they are first opened."""

    def __init__(self, view: EditorView, go_to_text: Callable[[Any], object]) -> None:
        self.view = view
        self.built: dict[str, Any] = {}
        with c.box("drawer", "section", aria_label="Drawer") as self.root:
            self.tabs = c.tabs(TABS, view.drawer or "", self._toggle, label="Drawer")
            with self.tabs["problems"]:
                self.count = c.text("", "count", "span")
            self.bodies: dict[str, ui.element] = {
                name: c.box("drawer-body", role="tabpanel", aria_label=label) for name, label in TABS.items()
            }
        with self.bodies["problems"]:
            self.problems = self.built["problems"] = Problems(view, go_to_text)
        view.on_look(lambda look: self.show() if look is Look.PANELS else None)
        view.on_change(self._changed)
        self.show()

    def _toggle(self, tab: str) -> None:
        self.view.show_drawer(None if self.view.drawer == tab else tab)

    def show(self) -> None:
        tab = self.view.drawer
        c.mark(self.tabs, tab)
        if tab is not None:
            self._build(tab)
        if tab == "problems" and self.problems.stale:
            self.problems.draw()
        self.root.classes(add="open") if tab else self.root.classes(remove="open")
        self.root.classes(add="tall") if tab == "test" else self.root.classes(remove="tall")
        self._enlarge(tab == "test" and self.built["test"].large)
        for name, body in self.bodies.items():
            body.set_visibility(name == tab)

    def _build(self, tab: str) -> None:
        if tab in self.built:
            return
        with self.bodies[tab]:
            match tab:
                case "test":
                    self.built[tab] = TestPanel(self.view, self._enlarge)
                case "input":
                    self.built[tab] = InputEditor(self.view)
                case "mocks":
                    self.built[tab] = MocksEditor(self.view)
                case "events":
                    self.built[tab] = Events(lambda: self.view.session.run, self._select_state)

    def _enlarge(self, large: bool) -> None:
        """The drawer over the whole editor, or back in its place."""
        self.root.classes(add="whole") if large else self.root.classes(remove="whole")

    async def test_state(self) -> None:
        """Opens *Test* on the selected state, filled in anew."""
        self.view.show_drawer("test")
        await self.built["test"].open()
        ui.run_javascript("document.querySelector('[data-panel=test] [data-command=test-again]')?.focus()")

    def _select_state(self, name: str) -> None:
        from studio.asl import tree

        if node := self.view.graph.by_name(name):
            self.view.select([tree.to_text(node.pointer)], origin="events")
            self.view.show_inspector("run")

    def _changed(self, change: Change) -> None:
        if change is Change.RUN and "events" in self.built and self.view.drawer == "events":
            self.built["events"].draw()
        if change is Change.DIAGNOSTICS:
            found = counts(self.view.session.diagnostics)
            self.count.set_text(str(found["error"] or found["warning"] or found["hint"] or ""))  # as in the top bar
            self.count.classes(replace="count " + ("error" if found["error"] else "warning" if found["warning"] else ""))
