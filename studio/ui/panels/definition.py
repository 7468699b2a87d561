"""The selected state's own text: what the file says between its braces, to read and to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.asl import tree
from studio.asl.edits import ReplaceState, Transaction
from studio.asl.text import dump
from studio.canvas.code_element import CodeEditor
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import read_json, same

if TYPE_CHECKING:
    from studio.asl.tree import Pointer
    from studio.ui.view import EditorView


class Definition:
    """Drawn when its tab is shown and the state is another, or was changed elsewhere."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        self.pointer: Pointer | None = None
        self.editor: CodeEditor | None = None
        self.held: tree.Json = None
        self.root = c.box("definition")

    def draw(self) -> None:
        """Shows the selected state; text a person is typing is never written over."""
        node = self.view.selected
        if node is None:
            self.pointer = self.editor = None
            self.root.clear()
            with self.root:
                c.empty("data_object", "No state selected", "Select a state to read and edit its definition; the whole text is in Code.")
            return
        if self.editor is None or node.pointer != self.pointer:
            self.pointer, self.held = node.pointer, node.value
            self.root.clear()
            with self.root:
                with c.box("state-head"):
                    c.text(node.name, "grow clip", "h2")
                self.error = c.text("", "field-error q-px-md", role="alert")
                with c.box("definition-host", "div", data_field=""):
                    self.editor = CodeEditor(
                        dump(node.value).rstrip(), language="json", on_change=self._typed, label=f"Definition of {node.name}"
                    )
        elif not same(node.value, self.held):
            self.held = node.value
            self.editor.set_text(dump(node.value).rstrip())

    async def _typed(self, text: str) -> None:
        pointer = self.pointer
        if pointer is None:
            return
        try:
            value = read_json(text)
        except ValueError as reason:
            self.error.set_text(str(reason))
            return
        self.error.set_text("")
        if not isinstance(value, dict):
            self.error.set_text("A state is an object: { … }. The workflow keeps the last valid one.")
            return
        if not same(value, self.held):
            self.held = value
            await self.view.do(
                Transaction((ReplaceState(pointer, value),), f"Edit {pointer[-1]}", "form", coalesce=f"definition:{tree.to_text(pointer)}")
            )
