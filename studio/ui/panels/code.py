"""The code view: the definition's text, in step with the canvas both ways.

Text typed here becomes a `ReplaceText` a moment later; broken text is kept as it is typed, with its place marked. A change made elsewhere
is written into the editor; the caret's state is selected on the canvas, and a state selected there is scrolled to and tinted here.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

from studio.asl import tree
from studio.asl.completion_choice import Snippet
from studio.asl.edits import ReplaceText, Transaction
from studio.canvas.code_element import CodeEditor
from studio.canvas.palette import NEW_STATES
from studio.ui.panels.problems import state_of
from studio.ui.session import Change
from studio.ui.view import EditorView, Look
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.asl.diagnostics import Diagnostic
    from studio.asl.tree import Pointer


TYPES = {"field": "property", "state": "class"}
"""Kinds of proposals as CodeMirror has icons for them."""


@cache
def _snippets() -> tuple[Snippet, ...]:
    """The palette's states, to be put in as text."""
    return tuple(Snippet(entry.label, entry.hint, {"JSONPath": entry.jsonpath, "JSONata": entry.jsonata}) for entry in NEW_STATES.values())


class CodePanel:
    """Built when it is first shown."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        document = view.session.document
        with c.box("code-pane", "section", data_panel="code", aria_label="Code") as self.root:
            with c.box("code-bar"):
                c.text(document.format.upper(), "", "span")
                self.state = c.text("", "grow clip", "span")
                view.shell.command_button("format", classes="quiet", label="Format")
            with c.box("code-host"):
                self.editor = CodeEditor(
                    document.text,
                    language=document.format,
                    on_change=self._typed,
                    on_cursor=self._moved,
                    on_complete=self._complete,
                    on_describe=self._describe,
                    label="Definition",
                )
        self.known = document.text
        self.tinted: Pointer | None = None
        self.shown = False
        """Whether it is on the page; kept by the page."""
        view.on_change(self._changed)
        view.on_look(self._looked)
        self._mark()

    async def _typed(self, text: str) -> None:
        """What the person typed. The answer of the session is not written back: the editor holds it already."""
        self.known = text
        await self.view.do(Transaction((ReplaceText(text),), "Edit the text", "code", coalesce="typing"))

    def _changed(self, change: Change) -> None:
        if change is Change.DOCUMENT:
            text = self.view.session.document.text
            if text != self.known:
                self.known = text
                self.editor.set_text(text)
                self._highlight()  # what was tinted stands elsewhere now
        if change is Change.DIAGNOSTICS:
            self._mark()

    def _looked(self, look: Look) -> None:
        if look is Look.SELECTION:
            node = self.view.selected
            self.state.set_text(node.name if node else "")
            if self.view.session.document.text == self.known:  # else once the editor has the text
                self._highlight()

    def came_into_view(self) -> None:
        """The editor is on the page now: it shows what is selected; out of sight it cannot scroll."""
        self.tinted = None
        self._highlight()

    def _highlight(self) -> None:
        """Tints the selected state, and scrolls there where another one was tinted before."""
        node, document = self.view.selected, self.view.session.document
        before, self.tinted = self.tinted, node.pointer if node is not None else None
        if node is None or not document.valid:
            self.editor.highlight(None)
            return
        span, key = document.parsed.span(node.pointer), document.parsed.key_span(node.pointer)
        start = key.start if key is not None else span.start
        self.editor.highlight((start, span.end), scroll=self.view.origin != "code" and self.tinted != before)

    def _moved(self, offset: int) -> None:
        """The caret moved: the state around it is selected."""
        document = self.view.session.document
        if document.valid and document.text == self.known:
            place = state_of(document.root, document.parsed.pointer_at(offset))
            self.view.select([tree.to_text(place)] if place else [], origin="code")

    async def _complete(self, offset: int) -> dict[str, Any] | None:
        """The words that fit at the caret, worked out off the event loop."""
        from studio.asl.completion import proposals
        from studio.catalogue.completion import completion

        text, language = self.editor.text, self.view.session.document.format
        seen = await self.view.samples.seen(self.view.selected)
        found = await asyncio.to_thread(proposals, text, language, offset, completion(), seen, _snippets())
        if found is None or not found.choices:
            return None
        options = [
            {"label": c.label, "type": TYPES.get(c.kind, c.kind), "detail": c.detail, "info": c.doc, "text": c.text, "again": c.again}
            for c in found.choices
        ]
        return {"from": found.start, "to": found.end, "options": options, "filter": not found.choices[0].label.startswith("arn:")}

    async def _describe(self, offset: int) -> dict[str, Any] | None:
        """What the word under the pointer means."""
        from studio.asl.completion import hover
        from studio.catalogue.completion import completion

        found = await asyncio.to_thread(hover, self.editor.text, self.view.session.document.format, offset, completion())
        if found is None:
            return None
        return {"from": found.start, "to": found.end, "title": found.title, "detail": found.detail, "doc": found.doc}

    def _mark(self) -> None:
        self.editor.set_diagnostics([mark_of(self.view, d) for d in self.view.session.diagnostics[:300]])

    def go_to(self, line: int, column: int) -> None:
        self.editor.go_to(line, column)

    def go_to_diagnostic(self, diagnostic: Diagnostic) -> None:
        start = mark_of(self.view, diagnostic)["from"]
        self.editor.go_to(*position(self.view.session.document.text, start))


def mark_of(view: EditorView, diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as the code editor marks it: {"from", "to" (characters), "severity", "message", "code"}."""
    document = view.session.document
    problem = document.problem
    if problem is not None:
        start = min(problem.offset, len(document.text)) if diagnostic.rule.startswith("text") or not diagnostic.pointer else 0
        end = min(start + 1, len(document.text))
    else:
        span = document.parsed.span(diagnostic.pointer)
        key = document.parsed.key_span(diagnostic.pointer)
        value = tree.get(document.root, diagnostic.pointer)
        start, end = (key.start, key.end) if key is not None and isinstance(value, (dict, list)) else (span.start, span.end)
        if isinstance(value, (dict, list)) and key is None:
            end = min(end, start + 1)
    return {"from": start, "to": end, "severity": diagnostic.severity, "message": diagnostic.message, "code": diagnostic.code}


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column (from 1) of a character."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
