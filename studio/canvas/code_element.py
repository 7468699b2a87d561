"""The code editor in a NiceGUI page: CodeMirror with JSON and YAML, marks, and completion answered by Python."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal
from weakref import WeakValueDictionary

from fastapi import Request, Response
from nicegui import app, background_tasks
from nicegui.element import Element
from nicegui.events import GenericEventArguments

Typed = Callable[[str], Awaitable[None] | None]
Moved = Callable[[int], Awaitable[None] | None]
Answer = Callable[[int], Awaitable[dict[str, Any] | None]]

MAX_UPLOAD = 8 * 1024 * 1024
_editors: WeakValueDictionary[str, CodeEditor] = WeakValueDictionary()


class CodeEditor(Element, component="code.js", esm={"asl-studio-code": "dist/code"}):
    """A text. `on_change` hears what is typed, 150 ms after the last key; `on_cursor` the caret's character offset;
    `on_complete(offset)` answers `{"from", "to", "options": [{"label", "type", "detail", "info", "text", "again"}], "filter"}` (`asl.completion`),
    `on_describe(offset)` `{"from", "to", "title", "detail", "doc"}`. Offsets count characters; the browser counts UTF-16.
    """

    def __init__(
        self,
        text: str = "",
        *,
        language: Literal["json", "yaml"] = "json",
        on_change: Typed | None = None,
        on_cursor: Moved | None = None,
        on_complete: Answer | None = None,
        on_describe: Answer | None = None,
        readonly: bool = False,
        label: str = "Code",
    ) -> None:
        super().__init__()
        self.text = text
        self._on_change = on_change
        token = secrets.token_urlsafe(16)
        _editors[token] = self
        self._props["value"] = text
        self._props["language"] = language
        self._props["readonly"] = readonly
        self._props["label"] = label
        self._props["upload"] = f"/_studio/text/{token}"
        self._props["completes"] = on_complete is not None
        self._props["describes"] = on_describe is not None
        self.classes("code-editor").style("width:100%;height:100%;overflow:hidden")

        async def changed(event: GenericEventArguments) -> None:
            if isinstance(event.args, str):
                await self.typed(event.args)

        async def moved(event: GenericEventArguments) -> None:
            if on_cursor is not None and isinstance(event.args, int):
                answer = on_cursor(characters(self.text, event.args))
                if answer is not None:
                    await answer

        async def asked(event: GenericEventArguments) -> None:
            question: Any = event.args
            ask = {"complete": on_complete, "describe": on_describe}.get(question["what"])
            found: dict[str, Any] | None = None
            if ask is not None and len(self.text.encode("utf-16-le")) // 2 == question["length"]:  # else a long text is on its way still
                found = await ask(characters(self.text, int(question["offset"])))
            if found is not None:
                found |= {end: units(self.text, found[end]) for end in ("from", "to")}
            self.run_method("answer", question["id"], found)

        self.on("change", changed)
        self.on("cursor", moved)
        self.on("ask", asked)

    async def typed(self, text: str) -> None:
        self.text = text
        if self._on_change is not None:
            answer = self._on_change(text)
            if answer is not None:
                await answer

    def set_text(self, text: str) -> None:
        """Another text, changed only where it differs: caret, folds and undo stay."""
        if text != self.text:
            self.text = text
            self.run_method("setText", text)

    def set_language(self, language: Literal["json", "yaml"]) -> None:
        self.run_method("setLanguage", language)

    def set_diagnostics(self, found: Sequence[dict[str, Any]]) -> None:
        """Marks: `{"from", "to", "severity", "message", "code"?}` in characters."""
        self.run_method("setDiagnostics", [d | {end: units(self.text, d[end]) for end in ("from", "to")} for d in found])

    def highlight(self, span: tuple[int, int] | None, *, scroll: bool = True) -> None:
        """Tint the lines of a span, and scroll there."""
        self.run_method("highlight", [units(self.text, end) for end in span] if span else None, scroll)

    def go_to(self, line: int, column: int = 1) -> None:
        self.run_method("goTo", line, column)


def characters(text: str, offset: int) -> int:
    """The characters before an offset in UTF-16 units."""
    return offset if text.isascii() else len(text.encode("utf-16-le")[: 2 * offset].decode("utf-16-le", "ignore"))


def units(text: str, offset: int) -> int:
    """The UTF-16 units before a character."""
    return offset if text.isascii() else len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


@app.post("/_studio/text/{token}")
async def _receive(token: str, request: Request) -> Response:
    """A long text, typed in the editor of that token."""
    editor = _editors.get(token)
    if editor is None:
        return Response(status_code=404)
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_UPLOAD:
            return Response(status_code=413)

    async def tell() -> None:
        with editor.client:
            await editor.typed(raw.decode("utf-8", "replace"))

    background_tasks.create(tell(), name="long text")  # pyright: ignore[reportUnknownMemberType]
    return Response(status_code=204)
