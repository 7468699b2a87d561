"""The inspector of a run's page: the selected state, the stages of its data, its events, its definition, the run as a whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from nicegui import background_tasks, ui

from studio.errors import ServiceError
from studio.exec.family import family
from studio.exec.views.links import links_in
from studio.exec.views.stages import Stages
from studio.ui.panels.family import draw_family
from studio.ui.panels.run import RunPanel, RunSource
from studio.ui.panels.run_sides import definition_of, events_of, stages_of, summary
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.graph import Graph
    from studio.asl.tree import Json
    from studio.exec.views.run import Visit
    from studio.ui.context import Studio
    from studio.ui.watch import RunWatch

TABS = {"run": "State", "stages": "Stages", "events": "Events", "definition": "Definition", "summary": "Summary"}


class Page(RunSource, Protocol):
    """What the inspector shows: the selected state, and which of its visits is looked at."""

    graph: Graph
    studio: Studio

    def visit(self) -> Visit | None: ...
    def draw_actions(self, visit: Visit) -> None: ...


class RunSide:
    """`choose(event, visit)` tells the page which event was clicked."""

    def __init__(self, page: Page, described: dict[str, Any], root: Json, choose: Callable[[int, Visit | None], Any]) -> None:
        self.page, self.described, self.root, self.choose = page, described, root, choose
        self.client = ui.context.client
        self.stages = Stages(root, page.graph, described)
        self.whole = False
        """Whether the stages are shown as values; else as differences."""
        self.staged: tuple[Any, ...] | None = None
        self.tab = "run"
        self.over = False
        """Whether the summary that is shown is that of the ended run."""
        with c.box("side right", "aside", data_panel="inspector", aria_label="Inspector"):
            c.box("grip", data_grip="", aria_hidden="true")
            self.tabs = c.tabs(TABS, "run", self.show, label="Inspector")
            self.bodies = {name: c.box("side-body", role="tabpanel", aria_label=label) for name, label in TABS.items()}
            with self.bodies["run"]:
                self.panel = RunPanel(page, actions=page.draw_actions)

    def show(self, tab: str) -> None:
        c.mark(self.tabs, tab)
        self.tab = tab
        for name, body in self.bodies.items():
            body.set_visibility(name == tab)
        self._draw()

    def select(self) -> None:
        """Another state, visit or event is looked at."""
        if self.tab == "summary":
            self.show("run")
        else:
            self._draw()
        self.panel.draw()

    def grow(self) -> None:
        """Something happened, or a second went by."""
        self.panel.tick()
        if self.tab == "stages" or (self.tab == "summary" and self.page.watch is not None and self.page.watch.ended and not self.over):
            self._draw()

    def _draw(self) -> None:
        watch, page = self.page.watch, self.page
        if watch is None:
            return
        match self.tab:
            case "stages":
                background_tasks.create(self._draw_stages(), name="stages of a state")
            case "summary":
                self.over = watch.ended
                kin = summary(self.bodies["summary"], watch, self.described, self.root)
                background_tasks.create(self._draw_family(kin, watch), name="what a run belongs to")
            case "events":
                events_of(self.bodies["events"], watch, page.state_name, page.visit(), self.choose)
            case "definition":
                definition_of(self.bodies["definition"], page.graph, page.state_name, self.root)
            case _:
                self.panel.draw()

    async def _draw_stages(self) -> None:
        """Worked out in a thread, for an expression may take its time; what was asked for last is drawn."""
        watch, visit, state = self.page.watch, self.page.visit(), self.page.state_name
        key = (state, visit.entered_id, visit.status, len(visit.events), self.whole) if visit else (state,)
        if watch is None or key == self.staged:
            return
        self.staged = key
        found = await asyncio.to_thread(self.stages.of, watch.view, visit) if visit is not None else None
        if key == self.staged and not self.client.is_deleted:
            with self.client:
                stages_of(self.bodies["stages"], state, found, whole=self.whole, choose=self._choose_values)

    async def _draw_family(self, kin: ui.element, watch: RunWatch) -> None:
        ask = self.page.studio.asking(watch.engine)
        try:
            found = await family(ask, self.described, links_in(watch.events))
        except ServiceError as problem:
            found = str(problem)
        if not kin.is_deleted and not self.client.is_deleted:
            with self.client:
                draw_family(kin, found, ask)

    def _choose_values(self, whole: bool) -> None:
        self.whole = whole
        self._draw()
