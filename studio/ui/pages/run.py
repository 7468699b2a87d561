"""`/runs/<arn>`: one execution: a header sentence, the graph in colour, the inspector, the events. It reads the stored history only,
so it looks the same after a restart of the studio; a run under way goes on growing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from studio.asl import tree
from studio.asl.graph import Graph, build
from studio.canvas import scene
from studio.canvas.element import Canvas
from studio.errors import ServiceError
from studio.ui.panels.events import Events
from studio.ui.panels.run import RunPanel, failure
from studio.ui.shell import Shell
from studio.ui.times import between, clock, exact
from studio.ui.watch import RunWatch
from studio.ui.widgets import controls as c
from studio.ui.widgets.payload import payload

if TYPE_CHECKING:
    from studio.ui.context import Studio

TABS = {"run": "State", "summary": "Summary"}
VIEWS = {"graph": "Graph", "events": "Events"}


async def page(studio: Studio, arn: str, *, state: str = "", view: str = "") -> None:
    """Reads the execution; one that is not there is told with the way back."""
    shell = Shell(studio, "Run")
    try:
        described = await studio.engine.describe_execution(executionArn=arn)
        machine = await studio.engine.describe_state_machine_for_execution(executionArn=arn)
        root = json.loads(machine["definition"])
    except (ServiceError, ValueError) as problem:
        with shell.frame("runs"):
            c.text("Run", "", "h1")
            with c.box("note error", "div", role="alert"):
                c.text(f"{problem} It may belong to another workspace, or have been removed.", "grow wrap")
            with c.box("row"):
                c.link("All runs", "/runs")
        return
    run_page = RunPage(studio, shell, arn, root, described)
    run_page.build(view)
    run_page.watch.start()
    await ui.context.client.connected()
    run_page.draw_canvas()
    run_page.canvas.fit()
    if state:
        run_page.select_name(state)


class RunPage:
    """The page of one execution; it is the `RunSource` of its panel."""

    def __init__(self, studio: Studio, shell: Shell, arn: str, root: tree.Json, described: dict[str, Any]) -> None:
        self.studio, self.shell, self.arn, self.root, self.described = studio, shell, arn, root, described
        self.client = ui.context.client
        self.graph: Graph = build(root)
        self.watch = RunWatch(studio.engine, arn, root, interval=studio.settings.status_interval)
        self.state_name: str | None = None
        self.frame: dict[str, int] = {}
        self.collapsed: set[str] = set()
        self.scene: scene.Scene | None = None
        self.drawer = True
        self.failure_shown = False

    # -- frame -------------------------------------------------------------------------------------------------------
    def build(self, view: str) -> None:
        bind = self.shell.commands.bind
        workflow = self.described.get("workflow")
        bind("toggle-drawer", self._toggle_events)
        bind("stop", self._stop, lambda: "This run has ended." if self.watch.ended else None)
        with c.box("shell"):
            with c.box("topbar", "header"):
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
                    self.shell.command_button("command-palette", icon_only=True, classes="quiet")
                    if workflow:
                        self.edit = c.link("Open in the editor", f"/w/{quote(workflow)}", icon_name="edit", data_edit="")
            self.head = c.box("run-head", "section", aria_label="Summary", data_run_head="")
            with c.box("editor", "main"):
                with c.box("centre run-centre") as self.centre:
                    with c.box("stage", "section", data_panel="canvas", aria_label="Canvas") as self.stage:
                        with c.box("stage-body"), c.box("canvas-host"):
                            self.canvas = Canvas(on_intent=self._intend, label=f"Run {self.described['name']}", readonly=True)
                        with c.box("tools bottom", role="toolbar", aria_label="View"):
                            for command in ("zoom-out", "zoom-in", "fit"):
                                self._bind_zoom(command)
                                self.shell.command_button(command, icon_only=True, classes="quiet")
                    self.events_slot = c.box("run-events")
                    with self.events_slot:
                        self.events = Events(lambda: self.watch, self.select_name)
                with c.box("side right", "aside", data_panel="inspector", aria_label="Inspector"):
                    c.box("grip", data_grip="", aria_hidden="true")
                    self.tabs = c.tabs(TABS, "run", self.show_tab, label="Inspector")
                    self.bodies = {name: c.box("side-body", role="tabpanel", aria_label=label) for name, label in TABS.items()}
                    with self.bodies["run"]:
                        self.panel = RunPanel(self)
        self.show(view if view in VIEWS else "graph")
        self.show_tab("run")
        self.client.on_delete(self.watch.subscribe(self._news))
        self.shell.extra = self._palette_entries
        ui.timer(1.0, self._tick)
        self.shell.ready()
        self.draw_head()

    def _tick(self) -> None:
        if not self.watch.ended:
            self.panel.tick()
            self.draw_head()

    def _bind_zoom(self, command: str) -> None:
        act = {
            "fit": self.canvas.fit,
            "zoom-in": lambda: self.canvas.run_method("zoomBy", 1.25),
            "zoom-out": lambda: self.canvas.run_method("zoomBy", 0.8),
        }
        self.shell.commands.bind(command, act[command])

    def _palette_entries(self) -> list[tuple[str, str, str, Any]]:
        return [
            (f"s:{n.name}", f"{n.name} ({n.type})", "account_tree", lambda name=n.name: self.select_name(name))
            for n in self.graph.states.values()
        ]

    def show(self, view: str) -> None:
        c.mark(self.views, view)
        self.view = view
        self.stage.set_visibility(view == "graph")
        self.events_slot.set_visibility(view == "events" or self.drawer)
        self.centre.classes(add="only-events") if view == "events" else self.centre.classes(remove="only-events")
        self._show_address()

    def _toggle_events(self) -> None:
        """The events under the graph, or more room for the graph."""
        self.drawer = not self.drawer
        self.show(self.view)

    def show_tab(self, tab: str) -> None:
        c.mark(self.tabs, tab)
        for name, body in self.bodies.items():
            body.set_visibility(name == tab)
        if tab == "summary":
            self._draw_summary()

    # -- news --------------------------------------------------------------------------------------------------------
    def _news(self) -> None:
        if self.client.is_deleted:
            return
        with self.client:
            self.draw_canvas()
            self.panel.draw()
            self.draw_head()
            if self.drawer or self.view == "events":
                self.events.draw()
            if self.watch.ended and not self.failure_shown:
                self.failure_shown = True
                self._failure_first()
            self.shell.commands.refresh()

    def draw_canvas(self) -> None:
        new = scene.build(
            self.root,
            graph=self.graph,
            collapsed=frozenset(self.collapsed),
            statuses=self.watch.statuses(self.frame),
            taken=self.watch.taken(),
        )
        patch = scene.patch(self.scene, new)
        self.scene = new
        if patch["full"] or any(patch[kind][how] for kind in ("nodes", "edges") for how in ("added", "updated", "removed")):
            self.canvas.apply(patch)

    def draw_head(self) -> None:
        """The run in one sentence, the failure first."""
        view = self.watch.view
        status = c.EXECUTION_STATUS.get(view.status or self.described["status"], "running")
        self.head.clear()
        with self.head:
            c.status_chip(status)
            failing = self.watch.failing()
            if status in {"failed", "timed-out"} and failing is not None:
                name, visit = failing
                attempts = len(visit.attempts)
                with c.box("grow wrap"):
                    c.text(name, "", "span").style("font-weight:500")
                    c.text(f" failed{f' on attempt {attempts} of {attempts}' if attempts > 1 else ''}: ", "", "span")
                    c.text(view.error or visit.error or "", "mono", "span")
                    if cause := view.cause or visit.cause:
                        c.text(f" — {cause[:300]}", "dim", "span")
            else:
                c.text(self._sentence(status), "grow clip")
            c.text(f"{clock(view.started)}", "dim num", title=exact(view.started))
            c.text(between(view.started, view.ended), "num", data_fact="run-duration")
            c.text(f"{len(self.watch.events):,} events", "dim num")

    def _sentence(self, status: str) -> str:
        view = self.watch.view
        done = sum(state.status == "succeeded" for state in view.states.values())
        match status:
            case "succeeded":
                return f"Succeeded: {done} states in {between(view.started, view.ended)}."
            case "stopped":
                return f"Stopped. {view.cause or ''}"
            case "running":
                now = [name for name, state in view.states.items() if state.status in {"running", "waiting", "retrying"}]
                return f"At {', '.join(now[:4])}." if now else "Starting."
            case _:
                return f"{view.error or ''} {view.cause or ''}".strip()

    def _failure_first(self) -> None:
        """A failed run opens on the state that failed."""
        if self.state_name is None and (failing := self.watch.failing()) is not None:
            name, visit = failing
            self.frame.update(visit.frame)
            self.select_name(name)

    def _draw_summary(self) -> None:
        view, body = self.watch.view, self.bodies["summary"]
        body.clear()
        with body, c.box("form"):
            with c.box("kv", "dl"):
                for label, value in {
                    "Execution": self.arn,
                    "Workflow": self.described.get("workflow") or self.described["stateMachineArn"],
                    "Started": exact(view.started),
                    "Ended": exact(view.ended) or "–",
                    "Redrives": str(self.described.get("redriveCount", 0)),
                }.items():
                    c.text(label, "", "dt")
                    c.text(value, "mono", "dd")
            if view.error:
                failure(view.error, view.cause)
            if view.input is not None:
                payload("Input", None, name="run-input", text=view.input)
            if view.output is not None:
                payload("Output", None, name="run-output", text=view.output)
            payload("Definition that ran", self.root, name="definition")

    # -- selection ---------------------------------------------------------------------------------------------------
    async def _intend(self, intent: dict[str, Any]) -> None:
        match intent.get("kind"):
            case "select" | "open":
                ids = intent.get("ids") or [intent.get("id")]
                node = self.graph.states.get(tree.from_text(str(ids[0]), self.root)) if ids and ids[0] else None
                self.select_name(node.name if node else None, from_canvas=True)
            case "toggle":
                self.collapsed.symmetric_difference_update({str(intent.get("id"))})
                self.draw_canvas()
            case "command":
                await self.shell.act(str(intent.get("command")))
            case _:
                pass  # a run is only looked at

    def select_name(self, name: str | None, *, from_canvas: bool = False) -> None:
        self.state_name = name
        node = self.graph.by_name(name) if name else None
        if node is not None and not from_canvas:
            identity = tree.to_text(node.pointer)
            self.canvas.select([identity])
            self.canvas.focus(identity)
        self.show_tab("run")
        self.panel.draw()
        self._show_address()

    def go(self, state: str) -> None:
        self.select_name(state)

    def set_frame(self, state: str, index: int | None) -> None:
        if index is None:
            self.frame.pop(state, None)
        else:
            self.frame[state] = index
        self.draw_canvas()
        self.panel.draw()

    def _show_address(self) -> None:
        query = "&".join(
            part
            for part in (
                f"view={self.view}" if self.view != "graph" else "",
                f"state={quote(self.state_name, safe='')}" if self.state_name else "",
            )
            if part
        )
        ui.navigate.history.replace(f"/runs/{quote(self.arn, safe='')}" + (f"?{query}" if query else ""))
        if hasattr(self, "edit"):
            state = f"?state={quote(self.state_name, safe='')}" if self.state_name else ""
            self.edit.props["href"] = f"/w/{quote(self.described['workflow'])}{state}"

    async def _stop(self) -> None:
        try:
            await self.studio.engine.stop_execution(executionArn=self.arn, error="Stopped", cause="Stopped on the run's page.")
        except ServiceError as problem:
            c.toast(str(problem))
