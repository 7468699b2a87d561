"""The file changed on disk while there are unsaved edits: what was merged, and a choice for what both changed.

The bar over the editor says it in a sentence; the dialog shows the two sides of each conflict. Whatever is chosen, the merge is one step
that can be undone, and both texts are kept among the versions.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.asl.compare import compare_lines
from studio.asl.tree import MISSING
from studio.errors import StudioError
from studio.ui.panels.versions import open_comparison
from studio.ui.times import clock
from studio.ui.widgets import controls as c
from studio.ui.widgets.diff import Diff
from studio.ui.widgets.form import pretty

if TYPE_CHECKING:
    from studio.asl.compare import StateChange
    from studio.asl.merge import Conflict, Place, Side
    from studio.asl.tree import Pointer
    from studio.store.revisions import Revision
    from studio.ui.view import EditorView

NAMED = 4
"""States that the bar names."""
SIDES: dict[Side, str] = {"mine": "Mine, on the screen", "disk": "On disk"}


def show_disk(view: EditorView, bar: Any) -> bool:
    """Draws the bar; whether there is anything to say."""
    session = view.session
    bar.clear()
    with bar:
        if session.gone and session.elsewhere is not None:
            _elsewhere(view, session.elsewhere)
        elif session.gone:
            c.icon("sync_problem")
            alone = " Where it is in another folder now, open it there." if session.workspace.only is not None else ""
            c.text(
                f"The file was removed from disk, or renamed by another program. What is here is not lost: saving makes it again.{alone}",
                "grow",
                data_gone="",
            )
            view.shell.command_button("save", classes="")
        elif session.disk_text is not None:
            _asks(view)
        elif session.left is not None:
            _left(view, session.left)
        elif session.merged is not None:
            c.icon("merge_type")
            came = told(session.merged.came)
            c.text(f"The file was changed on disk, and merged with your unsaved edits: {came}.", "grow", data_merged="")
            both = session.merged
            c.button(
                "See what came",
                lambda: open_comparison(view, "Before and after the merge", both.before, both.after, {"Close": lambda: None}),
                data_compare_disk="",
            )
            c.button("Undo the merge", partial(_undo, view), data_undo_merge="")
            c.button("OK", session.seen_merge, data_seen_merge="")
        elif session.followed:
            old, *sides = session.followed
            along = f" {', '.join(sides)} came along." if sides else ""
            c.icon("drive_file_move")
            c.text(f"Another program moved {old} to {session.path}. This tab goes on with it there.{along}", "grow", data_followed="")
            c.button("OK", session.seen_move, data_seen_move="")
    return any((session.gone, session.disk_text is not None, session.left, session.merged, session.followed))


def _left(view: EditorView, left: Revision) -> None:
    """Edits that were kept, and not saved, when the studio ended."""
    session = view.session
    buttons = {"Bring them back": session.bring_back, "Leave them out": session.leave_out}

    async def compare() -> None:
        try:
            text = await asyncio.to_thread(session.workspace.revisions.text, left.id)
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return
        await open_comparison(view, "The file, and the edits that were not saved", session.document.text, text, buttons)

    c.icon("restore")
    c.text(
        f"Edits of {clock(datetime.fromtimestamp(left.at, UTC))} were not saved when the studio ended. They are kept.", "grow", data_left=""
    )
    c.button("Bring them back", session.bring_back, classes="primary", data_bring_back="")
    c.button("Compare", compare)
    c.button("Leave them out", session.leave_out, data_leave_out="")


def _elsewhere(view: EditorView, path: str) -> None:
    """The file is gone, another one has the same text: is it the same workflow?"""
    session = view.session

    async def follow() -> None:
        try:
            await view.studio.sessions.follow(session, path)
        except StudioError as problem:
            c.toast(str(problem), seconds=6)

    c.icon("sync_problem")
    c.text(f"The file was removed from disk. {path} has the same text: is it the same workflow, moved?", "grow", data_gone="")
    c.button(f"Go on with {path}", follow, classes="primary", data_follow=path)
    view.shell.command_button("save", classes="", label="Save it here again")


def _asks(view: EditorView) -> None:
    session = view.session
    c.icon("sync_problem")
    if session.conflicts:
        places = [named(conflict) for conflict in session.conflicts]
        shown = ", ".join(places[:NAMED]) + (f" and {len(places) - NAMED} more" if len(places) > NAMED else "")
        c.text(f"The file was changed on disk where you have unsaved edits: {shown}.", "grow", data_conflicts=str(len(places)))
        c.button("Choose and merge\u2026", lambda: open_merge(view), classes="primary", data_resolve="")
    else:
        c.text("The file was changed on disk while you have unsaved edits here.", "grow")
    text = session.disk_text or ""
    buttons = {"Take over the file": session.take_disk, "Keep mine": session.keep_mine}
    title = "The file on disk, and the text on the screen"
    c.button("Compare", lambda: open_comparison(view, title, text, session.document.text, buttons), data_compare_disk="")
    c.button("Take over the file", session.take_disk)
    c.button("Keep mine", session.keep_mine)


def _undo(view: EditorView) -> None:
    if view.session.history.undo_label == "Merge with the file on disk":
        view.session.undo()
        c.toast("Undid the merge: your text is as it was. What the file held is kept under Versions.", seconds=5)
    else:
        c.toast("There are newer edits: go back in the history, or bring a version back.", seconds=5)
    view.session.seen_merge()


def told(came: tuple[StateChange, ...]) -> str:
    """What came, in words."""
    words = {"added": "added", "removed": "removed", "renamed": "renamed", "changed": "changed", "moved": "moved"}
    parts = [f"{change.name} {words[change.kind]}" if change.name else "the workflow's own settings" for change in came]
    if not parts:
        return "both had changed the same"
    return ", ".join(parts[:NAMED]) + (f" and {len(parts) - NAMED} more" if len(parts) > NAMED else "")


def named(conflict: Conflict) -> str:
    """Where a conflict is: the state and its field."""
    state, field = split(conflict.pointer)
    inside = " / ".join(conflict.names) or " ".join(str(part + 1) if isinstance(part, int) else part for part in field)
    return " · ".join(part for part in (state or "The workflow", inside) if part)


def split(pointer: Pointer) -> tuple[str, Pointer]:
    """The innermost state around a pointer, and what is below it."""
    at = max((i for i, part in enumerate(pointer[:-1]) if part == "States"), default=None)
    return ("", pointer) if at is None else (str(pointer[at + 1]), pointer[at + 2 :])


def shown(value: Any) -> str:
    return "" if value is MISSING or value == {} else pretty(value)


def open_merge(view: EditorView) -> None:
    """The two sides of every conflict, and which is taken."""
    session = view.session
    chosen: dict[Place, Side] = {conflict.place: "mine" for conflict in session.conflicts}
    marks: list[tuple[Place, Side, ui.element]] = []

    def choose(side: Side, places: list[Place]) -> None:
        for place in places:
            chosen[place] = side
        for place, one, card in marks:
            c.change(card, aria_checked=str(chosen[place] == one).lower())

    async def merge() -> None:
        dialog.close()
        try:
            done = await session.resolve(lambda conflict: chosen.get(conflict.place, "mine"))
        except StudioError as problem:
            c.toast(f"Not merged. {problem}", seconds=8)
            return
        if not done:
            c.toast("Not merged: one of the two texts cannot be read. Correct it in the code first.", seconds=8)

    with ui.dialog() as dialog, c.box("dialog wide", role="dialog", aria_label="Merge with the file on disk", data_panel="merge"):
        with c.box("dialog-head"):
            c.text("Merge with the file on disk", "grow", "h1")
            c.button("Close", dialog.close, icon_name="close", icon_only=True, classes="quiet")
        with c.box("dialog-body"):
            c.text("Both changed these. Everything else is merged by itself; one undo takes all of it back.", "dim")
            for conflict in session.conflicts:
                _conflict(conflict, marks, choose)
        with c.box("dialog-foot"):
            c.button("All mine", lambda: choose("mine", list(chosen)))
            c.button("All from the disk", lambda: choose("disk", list(chosen)))
            c.box("grow")
            c.button("Cancel", dialog.close)
            c.button("Merge", merge, classes="primary", data_merge="")
    choose("mine", [])
    dialog.on("hide", dialog.delete)
    dialog.open()


def _conflict(conflict: Conflict, marks: list[tuple[Place, Side, ui.element]], choose: Any) -> None:
    title = named(conflict)
    with c.box("rows", "section", data_conflict=title):
        c.text(title, "", "h3")
        with c.box("merge-sides", role="radiogroup", aria_label=title):
            for side, label in SIDES.items():
                text = shown(conflict.mine if side == "mine" else conflict.disk)
                card = c.box("merge-side", "button", type="button", role="radio", aria_checked="false", data_side=side)
                card.on("click", lambda _=None, side=side: choose(side, [conflict.place]))
                marks.append((conflict.place, side, card))
                with card:
                    c.text(label, "field-name", "span")
                    c.text(text or "not there", "mono wrap" if text else "dim", "span")
        lines = compare_lines(shown(conflict.disk), shown(conflict.mine))
        if max(len(shown(conflict.disk).splitlines()), len(shown(conflict.mine).splitlines())) > 1 and lines:
            with c.box("", "details"):
                c.text("What differs", "dim small", "summary").style("cursor:pointer")
                Diff(lines, label=f"{title}: disk and mine")
