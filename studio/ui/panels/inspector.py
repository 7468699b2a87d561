"""The inspector: the form of the selected state, its definition, and what a run did to it.

Theory of operation: the form's shape (which fields, how many retriers and rules) is a function of the state; while the shape stays,
edits only refresh values, so that a field being typed in keeps its focus. A new shape builds the form anew.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks, ui

from studio.ui.panels.definition import Definition
from studio.ui.panels.fields import Section, section_of, sections
from studio.ui.panels.state_form import shape_of, state_form
from studio.ui.panels.workflow_form import workflow_form
from studio.ui.session import Change
from studio.ui.view import MOMENT, EditorView, Look
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form
from studio.ui.widgets.proposing import listen

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.asl.tree import Pointer

TABS = {"form": "Form", "definition": "Definition", "run": "Run"}


class Inspector:
    """The right-hand panel. `run_panel` builds the content of its Run tab."""

    def __init__(self, view: EditorView, run_panel: Any) -> None:
        self.view = view
        self.form: Form | None = None
        self.shape: Any = None
        self.drawn: Any = None
        """The shape the form was drawn for; `shape` is the one it stands for after what was typed into it."""
        self.section: Section = "configuration"
        """The tab of the form that a person chose; a state that has no such tab shows its first one."""
        self._waiting = False
        self._known: set[Pointer] = set(view.graph.states)
        """The states that were there when one was selected last: one that is new begins on its first tab."""
        self.dirty: set[str] = set(TABS)
        with c.box("side right", "aside", data_panel="inspector", aria_label="Inspector") as self.root:
            c.box("grip", data_grip="", aria_hidden="true")
            self.tabs = c.tabs(TABS, view.inspector_tab, view.show_inspector, label="Inspector")
            view.shell.command_button("toggle-inspector", icon_only=True, classes="quiet tiny side-fold")
            self.bodies: dict[str, ui.element] = {
                name: c.box("side-body", role="tabpanel", aria_label=label) for name, label in TABS.items()
            }
        with self.bodies["run"]:
            self.run_panel = run_panel(view)
        with self.bodies["definition"]:
            self.definition = Definition(view)
        view.on_change(self._changed)
        view.on_look(self._looked)
        listen(lambda: self.form)
        view.samples.renewed = self._renewed
        self._show()

    def _renewed(self) -> None:
        """What a state sees is known better now."""
        if self.form is not None and not self.view.client.is_deleted:
            with self.view.client:
                self.form.refresh()

    def _changed(self, change: Change) -> None:
        if change is Change.DOCUMENT:
            self._form(rebuild=False)
            if self.view.inspector_tab == "definition":
                self.definition.draw()
        elif change is Change.DIAGNOSTICS:
            self._problems()
        elif change in {Change.RUN, Change.SIDE_FILES} and self.form is not None:
            self.form.refresh()  # what expressions give now

    def _looked(self, look: Look) -> None:
        if look is Look.SELECTION:
            background_tasks.create(self._soon(), name="inspector")
        elif look is Look.PANELS:
            self._show()

    async def _soon(self) -> None:
        """The new selection's form, a moment after the canvas was told of what changed: the picture comes first."""
        if self._waiting:
            return
        self._waiting = True
        await asyncio.sleep(MOMENT)
        self._waiting = False
        if self.view.client.is_deleted:
            return
        with self.view.client:
            self.view.modes.clear()
            states = set(self.view.graph.states)
            if (node := self.view.selected) is not None and node.pointer in states - self._known:
                self.section = "configuration"
            self._known = states
            self._form(rebuild=True)
            if self.view.inspector_tab == "definition":
                self.definition.draw()
            self._focus()

    def _show(self) -> None:
        tab = self.view.inspector_tab
        c.mark(self.tabs, tab)
        for name, body in self.bodies.items():
            body.set_visibility(name == tab)
        if tab == "form":
            self._form(rebuild=self.form is None)
            self._focus()
        elif tab == "definition":
            self.definition.draw()

    # -- the form ----------------------------------------------------------------------------------------------------
    def _form(self, *, rebuild: bool) -> None:
        """Refreshes the form's values, or builds it where its shape is another."""
        if self.view.inspector_tab != "form":
            self.form = None
            return
        node = self.view.selected
        shape = self._shape()
        document = self.view.session.document
        own = self.form is not None and self.form.known is document and self.form.base == (node.pointer if node else ())
        if not rebuild and self.form is not None and (own or shape == self.shape):
            self.shape, self.form.known = shape, document
            self.form.refresh()
            return
        self.shape = self.drawn = shape
        body = self.bodies["form"]
        body.clear()
        with body:
            self.notes = c.box("")
            if len(self.view.selection) > 1:
                self.form = None
                c.empty("select_all", f"{len(self.view.selection)} states selected", "Delete, Ctrl+D or drag works on all of them.")
            elif node is None:
                self.form = Form(self.view, ())
                workflow_form(self.form)
            else:
                self.form = Form(self.view, node.pointer)
                self.form.redraw = self._redraw
                self.form.settled = self._settled
                c.change(self.root, data_language=node.language)
                state_form(self.form, node, self._section(node), self._choose)
        self._problems()

    def _section(self, node: StateNode) -> Section:
        offered = sections(node.type, node.language)
        if self.section in offered:
            return self.section
        # the two languages name what goes in and out differently
        return "arguments" if self.section in {"input", "output"} and "arguments" in offered else offered[0]

    def _choose(self, section: Section) -> None:
        self.section = section
        with self.root:  # not inside the tab that asked, which is drawn anew
            self._form(rebuild=True)
            ui.run_javascript(f"window.studio.focusAgain('[data-panel=inspector] [data-tab=\"state-{section}\"]')")

    def _settled(self) -> None:
        if self.form is not None and self._shape() != self.drawn:
            with self.root:
                self._form(rebuild=True)

    def _redraw(self, pointer: Pointer) -> None:
        """Draws the form anew after a switch of a field, and gives that field the focus."""
        with self.root:
            self._form(rebuild=True)
            if self.form is not None:
                self.form.focus(pointer)

    def _shape(self) -> Any:
        node = self.view.selected
        if len(self.view.selection) > 1:
            return ("several", len(self.view.selection))
        return shape_of(self.view, node, self._section(node) if node else "configuration")

    def _problems(self) -> None:
        """The problems of this state, on top of its form."""
        node = self.view.selected
        if self.view.inspector_tab != "form" or node is None or not hasattr(self, "notes") or self.notes.is_deleted:
            return
        inside = [tuple(child) for child in node.children]
        empty = [child[:-1] for child in inside if not self.view.graph.scopes[child].states]  # said below in plain words
        found = [
            d
            for d in self.view.session.diagnostics
            if d.pointer[: len(node.pointer)] == node.pointer
            and not any(d.pointer[: len(child)] == child and len(d.pointer) > len(child) for child in inside)
            and not any(d.pointer[: len(scope)] == scope for scope in empty)
        ]
        self.notes.clear()
        with self.notes:
            if empty:
                with c.box("rows").style("padding:12px 12px 0"), c.box("note hint", "div", data_note="empty"):
                    c.icon("info", "icon-16")
                    what = "A branch is" if node.type == "Parallel" else "It is"
                    c.text(f"{what} empty: drop a state inside, or press A with this state selected.", "grow wrap")
            if found:
                with c.box("rows").style("padding:12px 12px 0;gap:6px"):
                    for diagnostic in found[:6]:
                        note = c.box(f"note {diagnostic.severity}", "div", data_note=diagnostic.code)
                        field = diagnostic.pointer[len(node.pointer) :]
                        note.on("click", lambda _=None, field=field: self._go(field))
                        with note:
                            c.icon({"error": "error", "warning": "warning"}.get(diagnostic.severity, "info"), "icon-16")
                            c.text(diagnostic.message, "grow wrap")

    def _go(self, field: Pointer) -> None:
        self.view.focus_field = field
        self._focus()

    def _focus(self) -> None:
        if self.view.focus_field is not None and self.form is not None and self.view.inspector_tab == "form":
            pointer, self.view.focus_field = self.view.focus_field, None
            node = self.view.selected
            if node is not None and pointer and (wanted := section_of(node.type, node.language, str(pointer[0]))) != self._section(node):
                self.section = wanted
                self._form(rebuild=True)
            self.form.focus(pointer)
