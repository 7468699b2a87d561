"""The editor's top bar: where you are, whether it is saved, the modes, problems, Run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from nicegui import ui

from studio.ui.panels.problems import counts
from studio.ui.session import Change
from studio.ui.view import Look
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.view import EditorView

MODES = {"design": "Design", "split": "Split", "code": "Code", "config": "Config"}
MENU = (
    "save",
    "versions",
    "rename-workflow",
    "revert",
    "export",
    "export-as",
    "deploy",
    "convert",
    "history",
    "list-view",
    "test-state",
    "run-input",
    "mocks",
    "theme",
    "shortcuts",
)


class TopBar:
    """Built once; the chips follow the session."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        shell = view.shell
        with c.box("topbar", "header"):
            with c.box():
                shell.brand()
                c.text("/", "crumb", "span")
                self.crumbs = c.box("crumbs")
                self.chip = c.box("chip", "span", role="status", data_saved="")
            with c.box():
                with c.box("segments", role="tablist", aria_label="View"):
                    self.modes = {
                        mode: c.button(
                            label, lambda _=None, mode=mode: view.set_mode(mode), role="tab", data_command=f"view-{mode}", data_mode=mode
                        )
                        for mode, label in MODES.items()
                    }
                self.runs = c.link("Runs", "/runs", classes="btn quiet hide-900")
            with c.box():
                self.problems = c.button("Problems", lambda: shell.act("validate"), classes="quiet", data_command="validate")
                with self.problems:
                    self.count = c.text("", "count", "span")
                shell.command_button("export", icon_only=True, classes="quiet hide-900")
                shell.command_button("command-palette", icon_only=True, classes="quiet")
                with (
                    c.button("More", None, icon_name="more_vert", icon_only=True, classes="quiet", data_menu="more"),
                    ui.menu().props("auto-close=false") as menu,
                    c.box("", role="menu"),
                ):
                    for command in MENU:
                        shell.menu_item(command, menu)
                shell.command_button("test-state", classes="quiet hide-1180", label="Test")
                shell.command_button("run", classes="primary")
        view.on_change(self._changed)
        view.on_look(lambda look: self.draw_modes() if look is Look.MODE else None)
        self.path = ""
        self.draw_path()
        self.draw_modes()
        self.draw_saved()
        self.draw_problems()
        ui.timer(30, self.draw_saved)

    def _changed(self, change: Change) -> None:
        if change in {Change.DOCUMENT, Change.SAVED}:
            self.draw_saved()
        if change is Change.SAVED:
            self.draw_path()
        if change is Change.DIAGNOSTICS:
            self.draw_problems()

    def draw_path(self) -> None:
        """Folder and name of the file, which may be renamed while it is open: here, in the tab's title and in the links."""
        if self.path == (path := self.view.session.path):
            return
        self.path = path
        folder, _, name = path.rpartition("/")
        self.view.shell.set_title(name)
        c.change(self.runs, href=f"/runs?workflow={quote(path)}")
        self.crumbs.clear()
        with self.crumbs:
            if folder:
                c.text(f"{folder} /", f"crumb clip {'' if name.startswith('workflow.') else 'hide-1180'}", "span")
            c.text(name, "crumb-name clip", "h1", title=path)
            self.view.shell.command_button("rename-workflow", icon_only=True, classes="quiet tiny crumb-edit")

    def draw_modes(self) -> None:
        c.mark(self.modes, self.view.mode)

    def draw_saved(self) -> None:
        """*Saved 14:02* · *3 unsaved edits* · *Changed on disk*: with its icon, so never by colour alone."""
        session = self.view.session
        if session.gone:
            glyph, words, classes = "sync_problem", "Removed from disk", "count warning"
        elif session.disk_text is not None:
            glyph, words, classes = "sync_problem", "Changed on disk", "count warning"
        elif session.unsaved:
            edits = session.edits_since_save
            glyph, words, classes = "edit", f"{edits} unsaved edit{'s' if edits != 1 else ''}" if edits else "Unsaved", ""
        else:
            at = f" {time.strftime('%H:%M', time.localtime(session.saved_at))}" if session.saved_at else ""
            glyph, words, classes = "check", f"Saved{at}", ""
        self.chip.clear()
        self.chip.classes(replace=f"chip {classes}")
        with self.chip:
            c.icon(glyph)
            c.text(words, "", "span")

    def draw_problems(self) -> None:
        found = counts(self.view.session.diagnostics)
        tone = "error" if found["error"] else "warning" if found["warning"] else ""
        self.count.set_text(str(found["error"] or found["warning"] or found["hint"]))
        self.count.classes(replace=f"count {tone}")
        what = ", ".join(f"{n} {severity}{'s' if n != 1 else ''}" for severity, n in found.items() if n) or "no problems"
        self.problems.props["aria-label"] = f"Problems: {what}"
        self.problems.props["title"] = what.capitalize()
