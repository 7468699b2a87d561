"""`/runs/<arn>`: one execution: a header sentence, then graph, timeline, table and events in step with one selection, and the inspector.
It reads the stored history only, so it looks the same after a restart of the studio; a run under way goes on growing.

The address holds what is looked at: `view`, `state`, `event` (its id) and `at`, the iteration of each Map as JSON: `{"Each order": 7}`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from studio.asl import tree
from studio.asl.graph import Graph, build
from studio.asl.text import tree_of
from studio.errors import ServiceError, StudioError
from studio.exec.views.event_list import BAD
from studio.exec.views.looked_at import looked_at
from studio.ui.paced import Paced
from studio.ui.panels.debugging import DebugBar
from studio.ui.panels.events import Events
from studio.ui.panels.list_view import RunList
from studio.ui.panels.map_runs import MapRuns
from studio.ui.panels.run_actions import RunActions
from studio.ui.panels.run_end import EndNotice
from studio.ui.panels.run_head import RunHead
from studio.ui.panels.run_picture import RunPicture
from studio.ui.panels.run_side import RunSide
from studio.ui.panels.table import TablePanel
from studio.ui.panels.timeline import TimelinePanel
from studio.ui.shell import Shell
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.exec.views.run import Path, Visit
    from studio.ui.context import Studio

VIEWS = {"graph": "Graph", "timeline": "Timeline", "table": "Table", "events": "Events"}


async def page(studio: Studio, arn: str, *, state: str = "", view: str = "", event: str = "", at: str = "") -> None:
    """Reads the execution; one that is not there is told with the way back."""
    shell = Shell(studio, "Run")
    try:
        engine, described = await studio.ask("describe_execution", executionArn=arn)
        machine = await engine.describe_state_machine_for_execution(executionArn=arn)
        root = tree_of(machine["definition"])
    except StudioError as problem:
        shell.tell_missing("Run", f"{problem} It may belong to another workspace, or have been removed.", "All runs", "/runs")
        return
    run_page = RunPage(studio, shell, arn, root, described, machine["definition"], engine)
    run_page.frame.update(iterations(at))
    run_page.build(view)
    await ui.context.client.connected()
    ui.run_javascript("window.studio.tellNarrow()")
    run_page.there = True
    run_page.picture.draw()
    run_page.picture.fit(run_page.view)
    if run_page.watch.events:  # another tab has read it
        run_page.news()
    if state:
        run_page.failure_shown = True
        run_page.select(state)
        run_page.wanted = (state, int(event) if event.isdecimal() else None)
        run_page.arrive()
    await run_page.tell_changes()


def iterations(at: str) -> dict[str, int]:
    """The iterations an address names; none where it is no address of ours."""
    try:
        given = json.loads(at or "{}")
    except (ValueError, RecursionError):
        return {}
    return {k: v for k, v in given.items() if isinstance(v, int) and not isinstance(v, bool)} if isinstance(given, dict) else {}


class RunPage:
    """The page of one execution; it is the `RunSource` of its panel."""

    def __init__(
        self, studio: Studio, shell: Shell, arn: str, root: tree.Json, described: dict[str, Any], definition: str, engine: Any
    ) -> None:
        self.studio, self.shell, self.arn, self.root, self.described = studio, shell, arn, root, described
        self.client = ui.context.client
        self.graph: Graph = build(root)
        self.engine = engine
        self.watch = studio.watches.of(engine, arn, root, interval=studio.settings.status_interval)
        self.actions = RunActions(studio, arn, described, definition, self.graph, engine)
        self.state_name: str | None = None
        self.event: int | None = None
        self.wanted: tuple[str, int | None] | None = None
        """The state and event of the address, until the history has come that far."""
        self.frame: dict[str, int] = {}
        self.drawer = True
        self.failure_shown = False
        self.there = False
        """Whether the page is in the browser: what is long is sent after that, so that the page comes at once."""
        self.paced = Paced(self._draw_news, studio.settings.status_interval)

    # -- frame -------------------------------------------------------------------------------------------------------
    def build(self, view: str) -> None:
        self._bind()
        with c.box("shell"):
            with c.box("topbar run-bar", "header"):
                with c.box():
                    self.shell.brand()
                    c.text("/", "crumb", "span")
                    c.link("Runs", "/runs", classes="btn quiet")
                    c.text("/", "crumb", "span")
                    c.text(self.described["name"], "crumb-name clip mono", "h1", title=self.arn)
                with c.box(), c.box("segments", role="tablist", aria_label="View"):
                    self.views = {
                        k: c.button(label, lambda _=None, k=k: self.show(k), role="tab", data_view=k) for k, label in VIEWS.items()
                    }
                with c.box():
                    self.shell.command_button("stop", classes="quiet")
                    self.shell.command_button("replay" if self.actions.only_history else "run-again", icon_only=True, classes="quiet")
                    self.shell.command_button("compare-run", icon_only=True, classes="quiet")
                    self.shell.command_button("export-run", icon_only=True, classes="quiet")
                    self.shell.command_button("command-palette", icon_only=True, classes="quiet")
                    self.changed = c.link("", f"/runs/compare?a={quote(self.arn, safe='')}&b=now", classes="chip", data_changed="")
                    self.changed.set_visibility(False)
                    if workflow := self.actions.workflow:
                        self.edit = c.link(
                            "Open in the editor", f"/w/{quote(workflow)}", icon_name="edit", data_edit="", aria_label="Open in the editor"
                        )
            self.end = EndNotice(self.watch, self.described["name"])
            self.head = RunHead(self.watch, self.described, self.actions.buttons, lambda: self._failure_first(again=True), self.end.bell)
            self.debug = DebugBar(self.shell, self.engine, lambda: self.watch, self.go)
            self.map_runs = MapRuns(self.watch, self.graph, self.frame, self._recount)
            with c.box("editor", "main") as self.main:
                with c.box("centre run-centre") as self.centre:
                    self._stage()
                    self._parts()
                    self.list = RunList(self.graph, f"States of {self.described['name']}", self._choose_listed)
                self.side = RunSide(self, self.described, self.root, self._choose_event)
        self.view = view if view in VIEWS else "graph"
        self.show(self.view)
        self.side.show("run")
        self.client.on_delete(self.watch.subscribe(self.news))
        self.client.on_delete(self.studio.watches.rest)
        self.shell.extra = self._palette_entries
        ui.on("studio-narrow", self._narrow, args=[["narrow"]])
        ui.timer(1.0, self._tick)
        self.shell.ready()
        self.head.draw()

    def _stage(self) -> None:
        with c.box("stage", "section", data_panel="canvas", aria_label="Canvas") as self.stage:
            self.picture = RunPicture(self, f"Run {self.described['name']}", self._intend, lambda: self.look_at(None))
            with c.box("tools bottom", role="toolbar", aria_label="View"):
                canvas = self.picture.canvas
                zoom = {
                    "zoom-out": lambda: canvas.run_method("zoomBy", 0.8),
                    "zoom-in": lambda: canvas.run_method("zoomBy", 1.25),
                    "fit": canvas.fit,
                }
                for command, act in zoom.items():
                    self.shell.commands.bind(command, act)
                    self.shell.command_button(command, icon_only=True, classes="quiet")

    def _parts(self) -> None:
        self.parts = {name: c.box("run-part") for name in ("timeline", "table", "events")}
        with self.parts["timeline"]:
            self.timeline = TimelinePanel(self.watch, self.frame, self._choose_row, self.look_at)
        with self.parts["table"]:
            self.table = TablePanel(self.watch, self.graph, self.frame, lambda state: self.select(str(state)), self.studio.preferences)
        with self.parts["events"]:
            self.events = Events(lambda: self.watch if self.there else None, self.select, self._choose_event, self.studio.preferences)

    def _bind(self) -> None:
        bind = self.shell.commands.bind
        bind("toggle-drawer", self._toggle_events)
        bind("stop", self._stop, lambda: "This run has ended." if self.watch.ended else None)
        bind("next-event", lambda: self.step(1))
        bind("previous-event", lambda: self.step(-1))
        bind("next-trouble", lambda: self.step(1, BAD))
        bind("redrive", self.actions.redrive, lambda: None if self.actions.redrivable else self.described.get("redriveStatusReason"))
        if self.actions.only_history:
            bind("replay", self.actions.replay)
        bind("run-from", self._run_from, lambda: None if self.visit() else "Select a state that the run came to.")
        if not self.actions.remote:
            bind("run-again", self.actions.again)
        bind("export-run", self.actions.export)
        bind("compare-run", self._compare)

    def _palette_entries(self) -> list[tuple[str, str, str, Any]]:
        return [
            (f"s:{n.name}", f"{n.name} ({n.type})", "account_tree", lambda name=n.name: self.select(name))
            for n in self.graph.states.values()
        ]

    def show(self, view: str) -> None:
        """Graph (with the events under it), timeline (with the graph above it), table or events."""
        c.mark(self.views, view)
        self.view = view
        c.change(self.centre, data_view=view)
        wide = not self.list.narrow
        self.list.show()
        self.stage.set_visibility(wide and view in {"graph", "timeline"})
        for name, part in self.parts.items():
            part.set_visibility(wide and (name == view or (name == "events" and view == "graph" and self.drawer)))
        if view != "timeline" and self.picture.moment is not None:
            self.look_at(None)
        self._draw_parts()
        self._mark()
        self._show_address()
        if view in {"graph", "timeline"} and view != self.picture.framed:
            self.picture.fit(view)

    def _narrow(self, event: Any) -> None:
        """Below 600 px the states are a list, and the selected one is told under it."""
        self.list.narrow = event.args.get("narrow") is True
        self.show(self.view)
        self.picture.draw()

    def _choose_listed(self, identity: str) -> None:
        if node := self.graph.states.get(tree.from_text(identity, self.root)):
            self.select(node.name)

    def _toggle_events(self) -> None:
        """The events under the graph, or more room for the graph."""
        self.drawer = not self.drawer
        self.show(self.view)

    async def tell_changes(self) -> None:
        """Whether the workflow in the editor is still the one that ran."""
        states = await self.actions.changed_since()
        self.changed.set_visibility(bool(states))
        if states:
            count = len(states)
            self.changed.clear()
            with self.changed:
                c.text(f"Edited since: {count} state{'' if count == 1 else 's'}", "clip", "span")
            c.attributes(self.changed, title="Otherwise in the editor now: " + ", ".join(states[:20]))

    # -- news --------------------------------------------------------------------------------------------------------
    def _tick(self) -> None:
        """Once a second: the time goes on."""
        if not self.watch.ended:
            self.map_runs.look()
            self.news()

    def news(self) -> None:
        """Something happened: drawn as one push, after what the engine says of what is held and waits."""
        if self.there and not self.client.is_deleted:
            self.paced.ask()

    async def _draw_news(self) -> None:
        told = await self.debug.ask()
        if not self.client.is_deleted:
            with self.client:
                self._draw(told)

    def _draw(self, told: dict[str, Any] | None) -> None:
        if self.picture.moment is None:
            self.picture.draw()
        self.side.grow()
        self.head.draw()
        self._draw_parts()
        if told is not None:
            self.debug.take(told)
        self.end.look()
        self.arrive()
        if self.watch.ended:
            self.map_runs.look()
        if self.watch.ended and not self.failure_shown:
            self.failure_shown = True
            self._failure_first()
        self.shell.commands.refresh()

    def arrive(self) -> None:
        """Selects what the address named, once it has happened."""
        if self.wanted is None or not (self.watch.ended or len(self.watch.events) >= (self.wanted[1] or 1)):
            return
        (state, event), self.wanted = self.wanted, None
        if event is not None and 0 < event <= len(self.watch.events):
            self._open_event(event)
        else:
            self.select(state)

    def _draw_parts(self) -> None:
        """What is in sight is drawn; the rest when it comes into sight."""
        if not self.there:
            return
        if self.parts["timeline"].visible:
            self.timeline.draw()
        if self.parts["table"].visible:
            self.table.draw()
        if self.parts["events"].visible:
            self.events.draw()

    def _recount(self) -> None:
        """What is counted on the graph is otherwise."""
        self.picture.draw()

    def look_at(self, seconds: float | None) -> None:
        """The graph as it was so many seconds after the start; None: as it is."""
        self.timeline.chart.playhead(seconds)
        self.picture.look_at(seconds)

    # -- selection ---------------------------------------------------------------------------------------------------
    async def _intend(self, intent: dict[str, Any]) -> None:
        match intent.get("kind"):
            case "select" | "open":
                ids = intent.get("ids") or [intent.get("id")]
                node = self.graph.states.get(tree.from_text(str(ids[0]), self.root)) if ids and ids[0] else None
                self.select(node.name if node else None, from_canvas=True)
            case "toggle":
                self.picture.fold(str(intent.get("id")))
            case "command":
                await self.shell.act(str(intent.get("command")))
            case _:
                pass  # a run is only looked at

    def select(self, name: str | None, *, frame: Path = (), event: int | None = None, from_canvas: bool = False) -> None:
        """One selection for all views: a state, in which iterations, at which event."""
        moved = any(self.frame.get(level) != index for level, index in frame)
        self.frame.update(frame)
        self.state_name, self.event = name, event
        visit = self.visit()
        self.event = event if event is not None else visit.entered_id if visit else None
        if moved:
            self.picture.draw()
            self._draw_parts()
        node = self.graph.by_name(name) if name else None
        self.main.classes(add="chosen") if node else self.main.classes(remove="chosen")
        self.list.mark(tree.to_text(node.pointer) if node else "")
        if not from_canvas:
            self.picture.select(node)
        self.side.select()
        self._mark()
        self._show_address()
        self.shell.commands.refresh()

    def visit(self) -> Visit | None:
        """The visit of the selected state that is looked at: the one of the chosen event, else in the chosen iterations the last."""
        chosen = self.watch.visit_of(self.event) if self.event else None
        return looked_at(self.watch.view, self.state_name, self.frame).visit(chosen)

    def draw_actions(self, visit: Visit) -> None:
        """What can be done with a stay in a state, beside it."""
        self.actions.of_visit(visit, self.watch.view)

    def show_visit(self, visit: Visit) -> None:
        self.select(visit.name, frame=visit.frame, event=visit.entered_id)

    def _mark(self) -> None:
        """The selection in the views that are lists."""
        visit = self.visit()
        self.timeline.select(self.state_name, self.event, dict(visit.frame) if visit else {})
        self.table.select(self.state_name)
        self.events.select(self.state_name, self.event)

    def go(self, state: str, frame: Path = ()) -> None:
        self.select(state, frame=frame)

    def _choose_row(self, state: str, frame: Path, event: int | None) -> None:
        self.select(state, frame=frame, event=event)

    def _choose_event(self, number: int, visit: Visit | None) -> None:
        if visit is None:
            self.event = number
            self._mark()
            self._show_address()
        else:
            self.select(visit.name, frame=visit.frame, event=number)

    def _open_event(self, number: int) -> None:
        """An event that the address or a key asked for: chosen, and its content shown where the list is in sight."""
        visit = next((v for s in self.watch.view.states.values() for v in s.visits if number in v.events), None)
        self._choose_event(number, visit)
        if self.parts["events"].visible:
            self.events.open(number)

    def step(self, by: int, endings: tuple[str, ...] = ("",)) -> None:
        """The next or previous event, or the next whose type ends so."""
        events, at = self.watch.events, (self.event or (0 if by > 0 else len(self.watch.events) + 1)) + by
        while 0 < at <= len(events) and not events[at - 1]["type"].endswith(endings):
            at += by
        if 0 < at <= len(events):
            self._open_event(at)
        else:
            c.toast("There is no further problem." if endings != ("",) else "There is no further event.")

    def set_frame(self, state: str, index: int | None) -> None:
        if index is None:
            self.frame.pop(state, None)
        else:
            self.frame[state] = index
        self.picture.draw()
        self.select(self.state_name, from_canvas=True)
        self._draw_parts()

    def _failure_first(self, *, again: bool = False) -> None:
        """A failed run opens on the state that failed."""
        if (self.state_name is None or again) and (failing := self.watch.failing()) is not None:
            name, visit = failing
            for level, index in visit.frame:
                self.timeline.unfold(level)
                self.timeline.unfold(f"{level}[{index}]")
            self.select(name, frame=visit.frame, event=visit.attempts[-1].scheduled_id if visit.attempts else None)
            self._draw_parts()
            self._mark()

    def _show_address(self) -> None:
        shown = {
            "view": self.view if self.view != "graph" else "",
            "state": self.state_name or "",
            "event": str(self.event or ""),
            "at": json.dumps(self.frame, ensure_ascii=False, separators=(",", ":")) if self.frame else "",
        }
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in shown.items() if value)
        ui.navigate.history.replace(f"/runs/{quote(self.arn, safe='')}" + (f"?{query}" if query else ""))
        if hasattr(self, "edit"):
            state = f"?state={quote(self.state_name, safe='')}" if self.state_name else ""
            self.edit.props["href"] = f"/w/{quote(self.described['workflow'])}{state}"

    # -- commands ----------------------------------------------------------------------------------------------------
    async def _run_from(self) -> None:
        if self.state_name and (visit := self.visit()):
            await self.actions.run_from(self.state_name, visit, self.watch.view)

    async def _compare(self) -> None:
        from studio.ui.pages.compare import last_success
        from studio.ui.pages.runs import comparison

        found = await last_success(self.studio, self.described)
        if found is None:
            c.toast("No other run of this workflow has succeeded.")
        else:
            ui.navigate.to(comparison(found, self.arn))

    async def _stop(self) -> None:
        try:
            await self.engine.stop_execution(executionArn=self.arn, error="Stopped", cause="Stopped on the run's page.")
        except ServiceError as problem:
            c.toast(str(problem))
