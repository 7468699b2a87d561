"""The problems of the document: sentence, state, line; a click goes there, a quick fix is one undoable step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from studio.asl import tree
from studio.asl.edits import Transaction
from studio.asl.lint import state_name
from studio.errors import StudioError
from studio.ui.session import Change
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.diagnostics import Diagnostic
    from studio.asl.sidefile import SideFile, Silence
    from studio.asl.tree import Pointer
    from studio.ui.view import EditorView

ICONS = {"error": "error", "warning": "warning", "hint": "info"}
ORDER = {"error": 0, "warning": 1, "hint": 2}
SHOWN = 200
"""Problems listed at once; a definition with more has one cause."""


def counts(diagnostics: list[Diagnostic]) -> dict[str, int]:
    return {severity: sum(d.severity == severity for d in diagnostics) for severity in ORDER}


class Problems:
    """The list. `go` is asked to show a diagnostic in the code where it lies outside every state."""

    def __init__(self, view: EditorView, go_to_text: Callable[[Diagnostic], object]) -> None:
        self.view, self.go_to_text = view, go_to_text
        self.at = -1
        self.root = c.box("", "section", data_panel="problems", aria_label="Problems", data_walk="")
        self.stale = True
        view.on_change(lambda change: self.draw() if change is Change.DIAGNOSTICS else None)

    def ordered(self) -> list[Diagnostic]:
        return sorted(self.view.session.diagnostics, key=lambda d: ORDER[d.severity])

    def draw(self) -> None:
        """Draws the list anew where it is in sight: hundreds of rows are not made for nobody."""
        self.stale = self.view.drawer != "problems"
        if self.stale:
            return
        self.root.clear()
        found = self.ordered()
        with self.root:
            if not found:
                checked = self.view.session.checked_revision >= 0
                c.empty(
                    "task_alt" if checked else "hourglass_top",
                    "No problems" if checked else "Checking…",
                    "Problems appear here as you type; F4 goes from one to the next.",
                )
            for diagnostic in found[:SHOWN]:
                self._row(diagnostic)
            if len(found) > SHOWN:
                c.text(f"{len(found) - SHOWN} more problems; correct these first.", "dim small q-pa-md")
            self._silenced()

    def _row(self, diagnostic: Diagnostic) -> None:
        row = c.box(
            "problem",
            "div",
            data_diagnostic=diagnostic.code,
            data_pointer=tree.to_text(diagnostic.pointer),
            data_severity=diagnostic.severity,
        )
        row.on("click", lambda _=None: self.show(diagnostic))
        with row:
            c.icon(ICONS[diagnostic.severity], "sev")
            with c.box("problem-text grow", "button", type="button"):  # its click is the row's
                c.text(diagnostic.message, "wrap")
                if diagnostic.hint:
                    c.text(diagnostic.hint, "dim small wrap")
            if diagnostic.fix is not None:
                fix = diagnostic.fix
                c.button(fix.label, None, icon_name="auto_fix_high").on(
                    "click.stop", lambda _=None: self.view.do(Transaction(fix.edits, fix.label, "form"))
                )
            if diagnostic.severity != "error":
                c.button("Silence…", None, icon_name="notifications_off", classes="quiet", icon_only=True, data_silence=diagnostic.rule).on(
                    "click.stop", lambda _=None: self._ask_reason(diagnostic)
                )
            place = state_of(self.view.session.document.root, diagnostic.pointer)
            c.text(place[-1] if place else "workflow", "chip clip")
            c.text(f"line {self._line(diagnostic)}", "dim small num").style("width:64px;text-align:right")
            c.text(diagnostic.rule, "dim small mono", title=diagnostic.code).style("width:56px")

    def _silenced(self) -> None:
        """The findings that are silenced: why, and a way to have each shown again."""
        silenced = self.view.session.side.own.silenced
        if not silenced:
            return
        c.text(f"{len(silenced)} silenced", "dim small q-pa-sm")
        for one in silenced:
            with c.box("problem dim", data_silenced=one.rule):
                c.icon("notifications_off", "sev")
                c.text(one.reason, "grow wrap")
                c.button("Show again", partial(self._heed, one), classes="quiet")
                c.text(one.state or "workflow", "chip clip")
                c.text(one.rule, "dim small mono").style("width:56px")

    async def _heed(self, one: Silence) -> None:
        await self._keep(self.view.session.side.own.heed(one.rule, one.state))

    async def _keep(self, content: SideFile) -> None:
        try:
            await self.view.session.write_own(content)
        except StudioError as problem:
            c.toast(str(problem), seconds=6)

    def _ask_reason(self, diagnostic: Diagnostic) -> None:
        """A finding is silenced with a reason, which the side file keeps for whoever comes after."""
        state = state_name(diagnostic.pointer)
        with ui.dialog() as dialog, c.box("dialog", "form", role="dialog", aria_label="Silence a finding") as form:
            with c.box("dialog-head"):
                c.text("Silence this finding", "grow", "h1")
            with c.box("dialog-body"):
                where = f"in {state}" if state else "for this workflow"
                c.text(
                    f"{diagnostic.rule}: {diagnostic.message} It is no longer shown {where}; the reason is kept beside the workflow.",
                    "wrap",
                )
                reason = ui.input().props("outlined dense autofocus")
                c.attributes(reason, aria_label="Reason", placeholder="Why it may be left", data_reason="")
            with c.box("dialog-foot"):
                c.button("Cancel", dialog.close)
                c.button("Silence", None, classes="primary").props["type"] = "submit"

        async def silence() -> None:
            why = str(reason.value or "").strip()
            if not why:
                c.toast("Say why the finding may be left.")
                return
            dialog.close()
            await self._keep(self.view.session.side.own.silence(diagnostic.rule, state, why))

        form.on("submit.prevent", silence)
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _line(self, diagnostic: Diagnostic) -> int:
        document = self.view.session.document
        if document.problem is not None and not diagnostic.pointer and diagnostic.rule.startswith("text"):
            return document.problem.line
        return document.parsed.position(document.parsed.span(diagnostic.pointer).start)[0]

    def show(self, diagnostic: Diagnostic) -> None:
        """Selects the state and asks for its field; a problem outside every state is shown in the code."""
        place = state_of(self.view.session.document.root, diagnostic.pointer)
        if place and self.view.session.document.valid:
            self.view.focus_field = diagnostic.pointer[len(place) :]
            self.view.select([tree.to_text(place)], origin="problems")
            self.view.show_inspector("form")
        if not place or self.view.mode != "design" or not self.view.session.document.valid:
            self.go_to_text(diagnostic)

    def step(self, by: int) -> None:
        found = self.ordered()
        if found:
            self.at = (self.at + by) % len(found)
            self.show(found[self.at])


def state_of(root: tree.Json, pointer: Pointer) -> Pointer:
    """The pointer of the innermost state a pointer lies in; `()` where it lies in none."""
    for end in range(len(pointer), 1, -1):
        if pointer[end - 2] == "States" and isinstance(pointer[end - 1], str) and tree.has(root, pointer[:end]):
            return pointer[:end]
    return ()
