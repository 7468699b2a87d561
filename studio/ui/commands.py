"""One registry of commands: toolbar, menus, command palette, shortcuts and the `?` sheet are five readers of it.

A page binds what it can do: `commands.bind("undo", history.undo, why_not=lambda: "Nothing to undo.")`. A command that is
not bound on a page is not offered there; one whose `why_not` answers a sentence is shown disabled, with that sentence.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """`keys` as shown ("Ctrl+Shift+Z"); `everywhere`: they work while typing in a field as well."""

    id: str
    label: str
    icon: str
    keys: tuple[str, ...] = ()
    group: str = "Workflow"
    everywhere: bool = False
    local: bool = False
    """Its keys are the canvas's own: elsewhere they do what they always do, such as copying selected text."""


COMMANDS: dict[str, Command] = {
    command.id: command
    for command in (
        Command("undo", "Undo", "undo", ("Ctrl+Z",), "Edit"),
        Command("redo", "Redo", "redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit"),
        Command("delete", "Delete", "delete", ("Delete", "Backspace"), "Edit"),
        Command("duplicate", "Duplicate", "content_copy", ("Ctrl+D",), "Edit"),
        Command("cut", "Cut states", "content_cut", ("Ctrl+X",), "Edit", local=True),
        Command("copy", "Copy states as ASL", "content_copy", ("Ctrl+C",), "Edit", local=True),
        Command("paste", "Paste states, a definition, a template or an ARN", "content_paste", ("Ctrl+V",), "Edit", local=True),
        Command("paste-before", "Paste before the selected state", "content_paste", (), "Edit"),
        Command("paste-after", "Paste after the selected state", "content_paste", (), "Edit"),
        Command("paste-replace", "Paste in place of the selected state", "content_paste", (), "Edit"),
        Command("rename", "Rename state", "drive_file_rename_outline", ("F2",), "Edit"),
        Command("rewire", "Rewire: lead a transition to another state…", "alt_route", ("R",), "Edit"),
        Command("select-all", "Select all", "select_all", ("Ctrl+A",), "Edit"),
        Command("release", "Release: give the state back to the layout", "filter_center_focus", (), "Edit"),
        Command("move-earlier", "Move the state one place earlier", "arrow_upward", (), "Edit"),
        Command("move-later", "Move the state one place later", "arrow_downward", (), "Edit"),
        Command("move-to", "Move the selection to…", "drive_file_move", (), "Edit"),
        Command("save-pattern", "Save the selection as a pattern…", "bookmark_add", (), "Edit"),
        Command("history", "Edit history", "history", (), "Edit"),
        Command("add-state", "Add a state", "add", ("A",), "Edit"),
        Command("save", "Save", "save", ("Ctrl+S",), "Workflow", everywhere=True),
        Command("versions", "Versions: name, compare, bring back…", "manage_history", (), "Workflow"),
        Command("publish", "Publish a version…", "publish", (), "Workflow"),
        Command("rename-workflow", "Rename or move the workflow…", "drive_file_rename_outline", (), "Workflow"),
        Command("revert", "Revert to the file on disk", "restore", (), "Workflow"),
        Command("export", "Export definition", "download", (), "Workflow"),
        Command("export-as", "Export as template, code, picture…", "ios_share", (), "Workflow"),
        Command("deploy", "Deploy to AWS…", "cloud_upload", (), "Workflow"),
        Command("convert", "Convert to JSONata…", "transform", (), "Workflow"),
        Command("format", "Format the text", "format_align_left", ("Alt+Shift+F",), "Workflow", everywhere=True),
        Command("validate", "Show problems", "rule", (), "Workflow"),
        Command("next-problem", "Next problem", "navigate_next", ("F4",), "Workflow", everywhere=True),
        Command("previous-problem", "Previous problem", "navigate_before", ("Shift+F4",), "Workflow", everywhere=True),
        Command("run", "Run", "play_arrow", ("Ctrl+Enter",), "Run", everywhere=True),
        Command("run-input", "Edit the sample input", "data_object", (), "Run"),
        Command("stop", "Stop the run", "stop", (), "Run"),
        Command("run-stepping", "Run step by step", "directions_walk", ("Ctrl+Shift+Enter",), "Run", everywhere=True),
        Command("breakpoint", "Breakpoint: stop before this state", "stop_circle", ("B",), "Run"),
        Command("pause", "Hold the run before its next states", "pause", (), "Run"),
        Command("continue", "Continue", "play_arrow", ("F8",), "Run", everywhere=True),
        Command("step", "Step", "redo", ("F9",), "Run", everywhere=True),
        Command("step-into", "Step into a branch or iteration", "subdirectory_arrow_right", ("Shift+F9",), "Run", everywhere=True),
        Command("skip-wait", "Skip the wait", "skip_next", (), "Run"),
        Command("open-run", "Open the run's page", "open_in_new", (), "Run"),
        Command("clear-run", "Clear the run from the canvas", "layers_clear", (), "Run"),
        Command("next-event", "Next event", "arrow_downward", ("J",), "Run"),
        Command("previous-event", "Previous event", "arrow_upward", ("K",), "Run"),
        Command("next-trouble", "Next event that is a problem", "report_problem", ("N",), "Run"),
        Command("redrive", "Redrive: go on where it failed", "replay", (), "Run"),
        Command("run-from", "Run from this state…", "fast_forward", (), "Run"),
        Command("run-again", "Run again with the same input", "restart_alt", (), "Run"),
        Command("replay", "Replay here with what the tasks answered then", "replay_circle_filled", (), "Run"),
        Command("export-run", "Export the run (JSON)", "download", (), "Run"),
        Command("compare-run", "Compare with the last success", "compare_arrows", (), "Run"),
        Command("test-state", "Test state", "science", ("T",), "Run"),
        Command("test-again", "Test again", "replay", (), "Run"),
        Command("mocks", "Edit the mocks", "push_pin", (), "Run"),
        Command("fit", "Fit the workflow", "fit_screen", ("1", "Alt+C"), "View"),
        Command("zoom-in", "Zoom in", "zoom_in", ("+", "="), "View"),
        Command("zoom-out", "Zoom out", "zoom_out", ("-",), "View"),
        Command("zoom-reset", "Zoom to 100 %", "crop_free", ("0",), "View"),
        Command("tidy", "Tidy: put every state back into the layout", "auto_fix_high", (), "View"),
        Command("view-design", "Design", "account_tree", (), "View"),
        Command("view-split", "Split: design and code", "vertical_split", (), "View"),
        Command("view-code", "Code", "code", (), "View"),
        Command("list-view", "List of the states, or the canvas", "format_list_bulleted", ("L",), "View"),
        Command("view-config", "Config: type, role, logging, tags, permissions", "tune", (), "View"),
        Command("toggle-palette", "Show or hide the palette", "chevron_left", ("[",), "View"),
        Command("toggle-inspector", "Show or hide the inspector", "chevron_right", ("]",), "View"),
        Command("toggle-drawer", "Show or hide the drawer", "expand_less", ("Ctrl+`",), "View", everywhere=True),
        Command("command-palette", "All commands", "search", ("Ctrl+K", "F1"), "Help", everywhere=True),
        Command("shortcuts", "Keyboard shortcuts", "keyboard", ("?",), "Help"),
        Command("theme", "Switch between light, dark and automatic", "contrast", (), "View"),
        Command("go-home", "Go to the workspace", "home", (), "Go"),
        Command("go-runs", "Go to the runs", "list_alt", (), "Go"),
        Command("go-templates", "Go to the templates", "dashboard_customize", (), "Go"),
        Command("go-tasks", "Go to the waiting tasks", "pending_actions", (), "Go"),
        Command("go-settings", "Go to the settings", "settings", (), "Go"),
        Command("new-workflow", "New workflow", "note_add", (), "Go"),
    )
}


@dataclass(slots=True)
class Binding:
    command: Command
    run: Callable[[], Any]
    why_not: Callable[[], str | None]


@dataclass(slots=True)
class Commands:
    """What one page can do. `refresh()` lets buttons show again whether they can be used."""

    bound: dict[str, Binding] = field(default_factory=dict)
    listeners: list[Callable[[], None]] = field(default_factory=list)
    before: Callable[[], Awaitable[None]] | None = None
    """What every command waits for: what was typed just before it."""

    def bind(self, command: str, run: Callable[[], Any], why_not: Callable[[], str | None] = lambda: None) -> None:
        self.bound[command] = Binding(COMMANDS[command], run, why_not)

    def why_not(self, command: str) -> str | None:
        binding = self.bound.get(command)
        return "Not available on this page." if binding is None else binding.why_not()

    async def run(self, command: str) -> str | None:
        """Runs a command; the answer is the sentence why it could not, or None."""
        if self.before is not None:
            await self.before()
        if reason := self.why_not(command):
            return reason
        answer = self.bound[command].run()
        if inspect.isawaitable(answer):
            await answer
        return None

    def refresh(self) -> None:
        for listener in list(self.listeners):
            listener()

    def shortcuts(self) -> list[dict[str, Any]]:
        """For studio.js: [{"id", "keys", "everywhere"}]."""
        return [
            {"id": b.command.id, "keys": list(b.command.keys), "everywhere": b.command.everywhere}
            for b in self.bound.values()
            if b.command.keys and not b.command.local
        ]


def search(text: str, entries: list[tuple[str, str]], limit: int = 12) -> list[str]:
    """The ids of `(id, label)` entries that fit the words of a search, best first: all words must occur; a label that
    begins with the text comes before one with a word that begins so, before one that merely contains it.
    """
    words = text.lower().split()
    ranked: list[tuple[int, int, str]] = []
    for order, (identity, label) in enumerate(entries):
        name = label.lower()
        if not all(word in name for word in words):
            continue
        rank = 0 if name.startswith(" ".join(words)) else 1 if all(f" {word}" in f" {name}" for word in words) else 2
        ranked.append((rank, order, identity))
    return [identity for _, _, identity in sorted(ranked)[:limit]]
