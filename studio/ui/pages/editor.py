"""`/w/<path>`: the editor. Palette, canvas, code, inspector and drawer over one session."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import background_tasks, ui

from studio.asl import tree
from studio.errors import StudioError, WorkspaceError
from studio.ui.own_patterns import open_saving
from studio.ui.paced import Paced
from studio.ui.pages import unopened
from studio.ui.pages.runs import address
from studio.ui.panels.adder import Adder
from studio.ui.panels.code import CodePanel
from studio.ui.panels.config import ConfigPanel
from studio.ui.panels.consent import consent
from studio.ui.panels.converting import open_converter
from studio.ui.panels.debugging import DebugBar
from studio.ui.panels.deploying import open_deploy, why_not
from studio.ui.panels.drawer import Drawer
from studio.ui.panels.exporting import download_text, open_export
from studio.ui.panels.files import open_rename
from studio.ui.panels.history import open_history
from studio.ui.panels.inspector import Inspector
from studio.ui.panels.list_view import ListView
from studio.ui.panels.merging import show_disk
from studio.ui.panels.palette import Palette
from studio.ui.panels.published import follow_save
from studio.ui.panels.run import RunPanel
from studio.ui.panels.stage import Stage
from studio.ui.panels.topbar import MODES, TopBar
from studio.ui.panels.versions import open_versions
from studio.ui.session import Change
from studio.ui.session_run import SessionRun
from studio.ui.shell import Shell
from studio.ui.view import MOMENT, EditorView, Look
from studio.ui.watch import RunWatch
from studio.ui.widgets import controls as c
from studio.ui.widgets.controls import plain

if TYPE_CHECKING:
    from studio.canvas.patterns import Pattern
    from studio.exec.views.run import Path
    from studio.ui.context import Studio
    from studio.ui.session import WorkflowSession

AROUND_RUN = 0.25
"""Least seconds between two drawings of what stands around the canvas while a run goes on."""


async def page(studio: Studio, path: str, *, view: str = "", state: str = "", run: str = "") -> None:
    """Opens the workflow, or says in plain words why it cannot be opened."""
    shell = Shell(studio, path.rpartition("/")[2])
    if "#" not in path and (machines := await asyncio.to_thread(studio.workspace.machines, path)):
        unopened.choose(shell, path, machines)
        return
    try:
        session = await studio.sessions.open(path)
    except WorkspaceError as problem:
        if new := await asyncio.to_thread(studio.workspace.renamed_to, path):
            ui.navigate.to(f"/w/{quote(new)}")  # a link from before it was renamed
            return
        await unopened.closed(studio, shell, path, problem)
        return
    editor = Editor(studio, session, shell)
    editor.build(view, state)
    if run:
        await editor.watch(run)
    await ui.context.client.connected()
    ui.run_javascript("window.studio.tellNarrow()")
    await editor.stage.redraw()
    editor.stage.first_look()


class Editor:
    """One tab's editor: builds the frame and binds the commands."""

    def __init__(self, studio: Studio, session: WorkflowSession, shell: Shell) -> None:
        self.studio, self.session, self.shell = studio, session, shell
        self.view = EditorView(studio, session, shell)
        self.code: CodePanel | None = None
        self.config: ConfigPanel | None = None
        self.list_view = False
        """Whether the list stands in the canvas's place."""
        self._leave_run: Any = None
        self._address = (session.path, "", "")
        """Path, view and state that the address names."""
        self._around_run = Paced(self._draw_around_run, AROUND_RUN)

    def build(self, mode: str, state: str) -> None:
        view = self.view
        self._bind()
        if not self.session.document.valid and not self.view.graph.states:
            view.mode = "split"
        if mode in MODES:
            view.mode = mode
        with c.box("shell"):
            TopBar(view)
            self.disk_bar = c.box("bar warn", role="status")
            self.debug = DebugBar(self.shell, self.studio.engine, lambda: self.session.run, self._show_held)
            with c.box("editor", "main") as self.frame:
                self.rail_left = self._rail("left", "toggle-palette")
                self.palette = Palette(view, self._add, self._own_patterns)
                with c.box("centre") as self.centre:
                    self.stage = Stage(view)
                    self.list = ListView(view, self.stage)
                    self.code_slot = c.box("").style("display:contents")
                self.inspector = Inspector(view, lambda v: RunPanel(SessionRun(v), self._remedy))
                self.rail_right = self._rail("right", "toggle-inspector")
                self.drawer = Drawer(view, self._go_to_text)
        with self.stage.root:
            self.stage.adder = Adder(self.palette, self.stage.canvas.grab)
        self.palette.ask_again = lambda: self.stage.canvas.run_method("askToAdd")
        self.stage.bind_commands()
        self.stage.go_to_line = self._go_to_line
        view.on_look(self._looked)
        view.on_change(self._changed)
        self._show_mode()
        self._show_panels()
        self._show_disk()
        self._follow_session_run()
        if state and (node := view.graph.by_name(state)):
            view.select([tree.to_text(node.pointer)])
        self.shell.extra = self._palette_entries
        ui.on("studio-narrow", self._narrow, args=[["narrow"]])
        ui.timer(1.0, self._tick)
        self.shell.ready()

    def _rail(self, side: str, command: str) -> ui.element:
        with c.box(f"rail {side}") as rail:
            self.shell.command_button(command, icon_only=True, classes="quiet")
        return rail

    # -- commands ----------------------------------------------------------------------------------------------------
    def _bind(self) -> None:
        session, view, bind = self.session, self.view, self.shell.commands.bind
        self.shell.commands.before = view.under_way.arrived
        bind("undo", self._undo, lambda: None if session.history.undo_label else "Nothing to undo.")
        bind("redo", self._redo, lambda: None if session.history.redo_label else "Nothing to redo.")
        bind("history", lambda: open_history(view), lambda: None if session.history.labels else "Nothing was edited yet.")
        bind("save", self._save)
        bind("versions", lambda: open_versions(view))
        bind("publish", self._publish)
        bind("rename-workflow", lambda: open_rename(self.studio, session.path), self._why_no_rename)
        bind("revert", session.revert, lambda: None if session.unsaved else "There are no unsaved edits.")
        bind("export", lambda: download_text(view))
        bind(
            "export-as", lambda: open_export(view), lambda: None if session.document.valid else "The text has a problem; correct it first."
        )
        bind("deploy", lambda: open_deploy(view), lambda: why_not(view))
        bind("convert", lambda: open_converter(view), self._why_no_conversion)
        bind("format", self._format, lambda: None if session.document.valid else "The text has a problem; correct it first.")
        bind("validate", lambda: view.show_drawer("problems"))
        bind("next-problem", lambda: self.drawer.problems.step(1), lambda: None if session.diagnostics else "There are no problems.")
        bind("previous-problem", lambda: self.drawer.problems.step(-1), lambda: None if session.diagnostics else "There are no problems.")
        bind("run", self.start_run, self._why_no_run)
        bind("run-stepping", partial(self.start_run, stepping=True), self._why_no_run)
        bind("breakpoint", self._toggle_breakpoint, lambda: None if view.selected else "Select a state first.")
        bind("run-input", lambda: view.show_drawer("input"))
        bind("test-state", self._test_state, self._why_no_test)
        bind("mocks", lambda: view.show_drawer("mocks"))
        bind("stop", self._stop, lambda: None if session.run and not session.run.ended else "Nothing is running.")
        bind(
            "open-run",
            lambda: ui.navigate.to(address(session.run.arn)) if session.run else None,
            lambda: None if session.run else "There is no run yet.",
        )
        bind("clear-run", self._clear_run, lambda: None if session.run else "There is no run on the canvas.")
        for mode in MODES:
            bind(f"view-{mode}", lambda mode=mode: view.set_mode(mode))
        bind("list-view", self._toggle_list)
        bind("toggle-palette", lambda: self._toggle("palette_open"))
        bind("toggle-inspector", lambda: self._toggle("inspector_open"))
        bind("toggle-drawer", lambda: view.show_drawer(None if view.drawer else "problems"))
        bind("add-state", self._open_adder)
        bind("save-pattern", lambda: open_saving(view, self.palette.read_own), self._why_no_pattern)

    def _why_no_rename(self) -> str | None:
        if "#" in self.session.path:
            return "It is part of a template: rename the template\u2019s file, among the workflows."
        return "Only this file is open: open its folder to rename it." if self.studio.workspace.only is not None else None

    def _why_no_run(self) -> str | None:
        if not self.session.document.valid:
            return "The text has a problem; correct it first."
        return None if self.view.graph.states else "Add a state first."

    async def _test_state(self) -> None:
        await self.drawer.test_state()
        if self.view.selection:
            self.stage.canvas.focus(self.view.selection[0])  # the drawer may have covered it

    def _why_no_test(self) -> str | None:
        return None if self.view.selected is not None else "Select the one state to test first."

    def _why_no_conversion(self) -> str | None:
        if not self.session.document.valid:
            return "The text has a problem; correct it first."
        selected = self.view.selected
        languages = {node.language for node in ([selected] if selected else self.view.graph.states.values())}
        return None if "JSONPath" in languages else "Everything is JSONata already."

    async def _undo(self) -> None:
        if label := self.session.undo():
            await asyncio.sleep(0)  # the picture first
            c.toast(f"Undid: {plain(label)}", seconds=2)

    async def _redo(self) -> None:
        if label := self.session.redo():
            await asyncio.sleep(0)
            c.toast(f"Redid: {plain(label)}", seconds=2)

    async def _save(self) -> None:
        try:
            c.toast(await self.session.save())
        except StudioError as problem:
            c.toast(f"Not saved. {problem}", seconds=8)

    def _publish(self) -> None:
        self.view.set_mode("config")
        if self.config is not None:
            self.config.published.focus()

    async def _format(self) -> None:
        from studio.asl.edits import ReplaceText, Transaction
        from studio.asl.text import dump

        document = self.session.document
        await self.view.do(Transaction((ReplaceText(dump(document.root, document.format)),), "Format the text", "code"))

    def _why_no_pattern(self) -> str | None:
        if self.studio.workspace.only is not None:
            return "Only one file is open: open its folder to keep patterns beside it."
        return None if self.view.selection else "Select the states to save first."

    def _own_patterns(self, found: dict[str, Pattern]) -> None:
        self.stage.own = found

    async def _add(self, palette: str, target: dict[str, Any]) -> None:
        await self.stage.add(palette, target)

    def _open_adder(self) -> None:
        """The add box at the selected state's way out; where there is no canvas, the palette's search."""
        if self.view.mode != "code" and not self.list.shown:
            self.stage.canvas.run_method("askToAdd")
            return
        if not self.view.palette_open:
            self._toggle("palette_open")
        ui.run_javascript("document.querySelector('[data-palette-search]')?.focus()")

    def _toggle(self, which: str) -> None:
        setattr(self.view, which, not getattr(self.view, which))
        self.view.look(Look.PANELS)

    def _palette_entries(self) -> list[tuple[str, str, str, Any]]:
        def go(identity: str) -> None:
            self.view.select([identity], origin="palette")

        states = [
            (f"s:{tree.to_text(n.pointer)}", f"{n.name} ({n.type})", "account_tree", partial(go, tree.to_text(n.pointer)))
            for n in self.view.graph.states.values()
        ]
        adding = [(f"a:{i}", f"Add {e.label}", e.icon, lambda i=i: self.palette.insert(i)) for i, e in _new_states()]
        return [*states, *adding]

    def _toggle_list(self) -> None:
        self.list_view = not self.list_view
        if self.view.mode == "code":
            self.view.mode = "design"
            self.view.look(Look.MODE)
        else:
            self._show_mode()
        if self.list_view:
            self.list.focus()
        else:
            self.stage.canvas.run_method("grab")

    def _narrow(self, event: Any) -> None:
        """Below 600 px the list is all there is, to be read."""
        narrow = event.args.get("narrow") is True
        if narrow == self.list.readonly:
            return  # as every page says once it is open: nothing is to be drawn anew, nor looked at from the beginning
        self.list.readonly = narrow
        if self.list.readonly:
            self.view.show_inspector("run")
        self._show_mode()

    # -- what is shown -----------------------------------------------------------------------------------------------
    def _looked(self, look: Look) -> None:
        if look is Look.MODE:
            self._show_mode()
            self._show_panels()
        if look is Look.PANELS:
            self._show_panels()
        if look is Look.FRAME:
            self._run_news()
        if look in {Look.MODE, Look.SELECTION}:
            self._show_address()
        if look is Look.SELECTION:
            self.inspector.run_panel.draw()
            background_tasks.create(self._make_room(), name="chosen")

    async def _make_room(self) -> None:
        """For the form of what is selected, on a narrow screen; after the canvas, which this would keep waiting."""
        await asyncio.sleep(MOMENT)
        if not self.view.client.is_deleted:
            with self.view.client:
                self.frame.classes(add="chosen") if self.view.selection else self.frame.classes(remove="chosen")

    def _changed(self, change: Change) -> Any:
        if change is Change.SAVED:
            self._show_disk()
            self._show_address()
            if not self.session.unsaved and not self.session.gone:
                background_tasks.create(follow_save(self.view), name="follow the save")
        if change is Change.RUN:
            self._follow_session_run()
        return None

    def _show_mode(self) -> None:
        mode = self.view.mode
        drawn, written = mode in {"design", "split"}, mode in {"split", "code"}
        phone = self.list.readonly
        listed = phone or self.list_view
        self.stage.root.set_visibility(drawn and not listed)
        self.list.show(listed and (drawn or phone))
        if written and self.code is None:
            with self.code_slot:
                self.code = CodePanel(self.view)
        if self.code is not None:
            seen, self.code.shown = self.code.shown, written and not phone
            self.code.root.set_visibility(self.code.shown)
            if self.code.shown and not seen:
                ui.timer(0.15, self.code.came_into_view, once=True)
        if mode == "config" and self.config is None:
            with self.code_slot:
                self.config = ConfigPanel(self.view)
        if self.config is not None:
            self.config.root.set_visibility(mode == "config" and not phone)
        self.centre.classes(add="split") if mode == "split" else self.centre.classes(remove="split")
        if drawn and not listed and self.stage.scene is not None:
            ui.timer(0.15, self.stage.first_look, once=True)

    def _show_panels(self) -> None:
        view = self.view
        adds = view.mode != "config"  # there is nothing to add to
        self.palette.root.set_visibility(view.palette_open and adds)
        self.rail_left.set_visibility(not view.palette_open and adds)
        self.inspector.root.set_visibility(view.inspector_open)
        self.rail_right.set_visibility(not view.inspector_open)
        if view.inspector_tab == "run":
            self.inspector.run_panel.draw()

    def _show_disk(self) -> None:
        self.disk_bar.set_visibility(show_disk(self.view, self.disk_bar))

    def _show_address(self) -> None:
        """The address always holds view and state, so that a reload comes back here."""
        node = self.view.selected
        shown = (self.session.path, self.view.mode, node.name if node else "")
        if shown == self._address:
            return
        self._address = shown
        query = "&".join(
            part
            for part in (
                f"view={self.view.mode}" if self.view.mode != "design" else "",
                f"state={quote(node.name, safe='')}" if node else "",
            )
            if part
        )
        ui.navigate.history.replace(f"/w/{quote(self.session.path)}" + (f"?{query}" if query else ""))

    def _go_to_line(self, line: int, column: int) -> None:
        if self.view.mode in {"design", "config"}:
            self.view.set_mode("split")
        assert self.code is not None
        self.code.go_to(line, column)

    def _go_to_text(self, diagnostic: Any) -> None:
        if self.view.mode in {"design", "config"}:
            self.view.set_mode("split")
        assert self.code is not None
        self.code.go_to_diagnostic(diagnostic)

    # -- running -----------------------------------------------------------------------------------------------------
    async def start_run(self, *, stepping: bool = False) -> None:
        """Runs exactly the text on the screen with the sample input and the chosen case of the mocks; `stepping`: held before each state."""
        if reason := self._why_no_run():
            c.toast(reason)
            return
        session = self.session
        try:
            arn = await session.start_run(self.studio.engine, stepping=stepping)
        except StudioError as problem:
            c.toast(f"Not started. {problem}", seconds=8)
            return
        self.view.frame.clear()
        await self.watch(arn)
        self.view.show_inspector("run")

    def _remedy(self, cause: str | None) -> None:
        """Where a host was refused: the button that allows it, and runs again."""
        consent(self.studio, cause, "run again", self.start_run)

    async def watch(self, arn: str) -> None:
        """Shows an execution on the canvas, live."""
        watch = RunWatch(self.studio.engine, arn, self.session.document.root, interval=self.studio.settings.status_interval)
        self.session.run = watch
        watch.start()
        self.session.tell(Change.RUN)

    def _follow_session_run(self) -> None:
        """Every tab of the session follows its run."""
        watch = self.session.run
        if self._leave_run is not None:
            self._leave_run()
            self._leave_run = None
        if watch is not None:
            self._leave_run = watch.subscribe(self._run_news)
            self.view.client.on_delete(self._leave_run)
        self._run_news()

    def _run_news(self) -> None:
        """The canvas shows what happens as it happens; the rest of the page a few times a second, and how it ended at once."""
        if self.view.client.is_deleted:
            return
        with self.view.client:
            self.stage.show_run()
        if self.session.run is None or self.session.run.ended:
            self._around_run.now()
        else:
            self._around_run.ask()

    def _draw_around_run(self) -> None:
        if self.view.client.is_deleted:
            return
        with self.view.client:
            self.list.draw()
            if self.view.inspector_open and self.view.inspector_tab == "run":
                self.inspector.run_panel.draw()
            if "events" in self.drawer.built and self.view.drawer == "events":
                self.drawer.built["events"].draw()
            self.shell.commands.refresh()

        background_tasks.create(self.debug.look(), name="what waits")

    async def _tick(self) -> None:
        self.inspector.run_panel.tick()
        if self.session.run is not None and not self.session.run.ended:
            await self.debug.look()

    def _show_held(self, state: str, frame: Path) -> None:
        self.view.frame.update(frame)
        if frame:
            self.view.look(Look.FRAME)
        if node := self.view.graph.by_name(state):
            self.view.select([tree.to_text(node.pointer)], origin="run")

    def _toggle_breakpoint(self) -> None:
        node = self.view.selected
        if node is not None:
            here = self.session.toggle_breakpoint(node.name)
            c.toast(f"A run stops before {node.name}." if here else f"A run no longer stops before {node.name}.", seconds=2)

    async def _stop(self) -> None:
        if self.session.run is not None:
            try:
                await self.studio.engine.stop_execution(executionArn=self.session.run.arn, error="Stopped", cause="Stopped in the editor.")
            except StudioError as problem:
                c.toast(str(problem))

    def _clear_run(self) -> None:
        self.session.run = None
        self.session.tell(Change.RUN)


def _new_states() -> list[tuple[str, Any]]:
    from studio.canvas.intents import NEW_STATES

    return list(NEW_STATES.items())
