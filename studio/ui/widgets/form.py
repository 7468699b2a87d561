"""The fields of a form over one state: each shows one value of the document and writes it back as one undoable step.

Theory of operation: a field knows a pointer inside its state. What is typed is committed after a moment of quiet (and on
leaving the field); typing in one field is one step of the undo list. When the document changes elsewhere, `Form.refresh` writes
new values into the fields, except where the field holds that value already: what a person typed is never reformatted or lost.
A value that cannot be used (broken JSON, not a number) stays in the field with its reason, and the document keeps the old one.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from nicegui import ui

from studio.asl import tree
from studio.asl.edits import RemoveValue, SetValue, Transaction
from studio.asl.tree import MISSING
from studio.ui.under_way import UnderWay
from studio.ui.widgets import controls as c
from studio.ui.widgets.proposing import propose

if TYPE_CHECKING:
    from studio.asl.completion import Holds
    from studio.asl.tree import Json, Pointer
    from studio.ui.view import EditorView
    from studio.ui.widgets.live_line import LiveLine

QUIET, QUIET_LIVE = 250, 60
"""Milliseconds without a keystroke after which what was typed is taken; sooner where its value is shown, which has to follow the hand."""
MAX_FIELD = 200_000
"""Characters of JSON up to which a value is edited in a form; a larger one in the code."""


_NEVER_EMPTY = frozenset({"Credentials", "ItemBatcher", "ReaderConfig", "WriterConfig"})
"""Objects that say nothing, or are wrong, once their last member is taken away: then they go as well."""


class Form:
    """The fields over the value at `base`."""

    def __init__(self, view: EditorView, base: Pointer) -> None:
        self.view, self.base = view, base
        self.updaters: list[Callable[[], None]] = []
        self.anchors: dict[Pointer, ui.element] = {}
        self.known: Any = view.session.document
        """The document that the form stands for. What is typed into it makes a new one that it stands for as well: it need not be
        drawn anew. After any other change the panel compares its shape, and says so here.
        """
        self.redraw: Callable[[Pointer], None] = lambda _pointer: None
        """Draws the form anew and focuses a field; set by the panel that shows it."""
        self.proposing: dict[int, tuple[Pointer, Holds]] = {}
        """The fields that propose words while they are typed in (`widgets.proposing`), by the ids of their controls."""
        self.settled: Callable[[], None] = lambda: None
        """Draws the form anew where what was typed calls for other fields; set by the panel that shows it."""

    def value(self, pointer: Pointer) -> Any:
        return tree.find(self.view.session.document.root, (*self.base, *pointer))

    async def put(self, pointer: Pointer, value: Json, what: str, *, reshapes: bool = False) -> bool:
        """Sets a value of the state; MISSING takes it away. Nothing happens where it is so already.

        `reshapes`: other fields are shown from now on. Else the form stays as it is, whatever was typed: nobody loses the caret.
        """
        before = self.value(pointer)
        if before is MISSING and value is MISSING:
            return False
        if value is not MISSING and before is not MISSING and same(before, value):
            return False
        whole = (*self.base, *pointer)
        if value is MISSING and len(pointer) > 1 and pointer[-2] in _NEVER_EMPTY and len(self.value(pointer[:-1])) == 1:
            return await self.put(pointer[:-1], value, what, reshapes=reshapes)
        edit = RemoveValue(whole) if value is MISSING else SetValue(whole, value)
        return await self._do(edit, whole, what, reshapes=reshapes)

    async def _do(self, edit: RemoveValue | SetValue, whole: Pointer, what: str, *, reshapes: bool = False) -> bool:
        name = self.base[-1] if self.base else "workflow"
        session = self.view.session
        own = session.document is self.known and not reshapes
        done = await self.view.do(Transaction((edit,), f"{what} of {name}", "form", coalesce=f"form:{tree.to_text(whole)}"))
        if done and own:
            self.known = session.document
        return done

    async def put_instead(self, pointer: Pointer, others: list[Pointer], value: Json, what: str) -> bool:
        """`put`, where the same thing may stand under other names beside it: what stood there goes, its place in the text stays."""
        present = [other for other in others if other[:-1] == pointer[:-1] and self.value(other) is not MISSING]
        holder = self.value(pointer[:-1])
        if not present or value is MISSING or not isinstance(holder, dict):
            return await self.put(pointer, value, what)
        gone = {other[-1] for other in present[1:]} | ({present[0][-1]} if pointer[-1] in holder else set())
        renamed: dict[str, Json] = {}
        for key, held in holder.items():
            if key == pointer[-1] or (key == present[0][-1] and pointer[-1] not in holder):
                renamed[str(pointer[-1])] = value
            elif key not in gone:
                renamed[key] = held
        whole = (*self.base, *pointer)
        return await self._do(SetValue(whole[:-1], renamed), whole, what)

    def refresh(self) -> None:
        for update in self.updaters:
            update()

    def focus(self, pointer: Pointer) -> None:
        """Focuses the field of a pointer, or of the nearest one around it; a name is selected, so that typing gives another."""
        for end in range(len(pointer), 0, -1):
            if (anchor := self.anchors.get(pointer[:end])) is not None:
                whole = str(pointer == ("Name",)).lower()
                ui.run_javascript(f"window.studio.focusField({anchor.id}, {whole})")
                return


def same(a: Json, b: Json) -> bool:
    """Equal as JSON: 1 and 1.0 and True are three values."""
    return type(a) is type(b) and a == b and json.dumps(a) == json.dumps(b)


def frame(form: Form, pointer: Pointer, name: str, doc: str = "", *, tools: Callable[[], Any] | None = None) -> tuple[ui.element, Any]:
    """A field's frame: its name, its sentence on hover; answers the frame to put the control into, and the line for errors."""
    made = c.box("field", "label" if tools is None else "div", data_field=tree.to_text(pointer))
    form.anchors[pointer] = made
    with made:
        with c.box("field-head", "span"):
            c.text(name, "field-name", "span", title=doc or None)
            c.box("grow", "span")
            if tools is not None:
                tools()
        inside = c.box("", "span").style("display:block")
        error = c.text("", "field-error", role="alert")
        error.set_visibility(False)
    return inside, error


def complain(control: ui.element, error: Any, reason: str) -> None:
    error.set_text(reason)
    error.set_visibility(bool(reason))
    if reason:
        control.classes(add="invalid")
    else:
        control.classes(remove="invalid")


def text_field(
    form: Form,
    pointer: Pointer,
    name: str,
    *,
    doc: str = "",
    placeholder: str = "",
    read: Callable[[str], Json] | None = None,
    show: Callable[[Any], str] | None = None,
    classes: str = "",
    multiline: bool = False,
    tools: Callable[[], Any] | None = None,
    put: Callable[[Any], Awaitable[Any]] | None = None,
    begin: str | None = None,
    settled: Callable[[], Any] | None = None,
    live: LiveLine | None = None,
) -> None:
    """A line of text. `read` turns it into the value (ValueError: the reason), `show` back; empty text takes the value away.

    `tools` draws beside the name; `put` writes the value elsewhere than at `pointer`; `begin` is what the field holds while the
    document has no such value yet; `settled` is called when the field is left;
    `live` says under the field what is typed gives.
    """
    shown = show or _show_text
    inside, error = frame(form, pointer, name, doc, tools=tools)
    with inside:
        make = ui.textarea if multiline else ui.input
        control = make(value=shown(form.value(pointer)) if begin is None else begin, placeholder=placeholder)
        pause = QUIET if live is None else QUIET_LIVE
        control.props(f"outlined dense debounce={pause} tag=div" + (" autogrow" if multiline else "")).classes(classes)
        c.attributes(control, spellcheck="false", aria_label=name)
        propose(form, control, pointer, holds_of(live))
        if live is not None:
            live.draw()
            live.tell(form.value(pointer) if begin is None else MISSING)

    under_way = UnderWay(form.view.under_way)

    async def typed(event: Any) -> None:
        nonlocal begin
        text = str(event.value or "")
        if begin is None and text == shown(form.value(pointer)):
            complain(control, error, "")
            return
        try:
            value = MISSING if not text.strip() else (read or _read_text)(text)
        except ValueError as reason:
            complain(control, error, str(reason))
            return
        complain(control, error, "")
        if live is not None and not await _told(live, value, control, text):
            return
        if begin is not None and value is MISSING:
            return  # the document keeps what it has until there is something to put in its place
        begin = None
        await (put(value) if put is not None else form.put(pointer, value, name))  # type: ignore[arg-type]

    def update() -> None:
        if begin is not None or under_way.count:
            return
        value = form.value(pointer)
        try:
            held = MISSING if not str(control.value or "").strip() else (read or _read_text)(str(control.value))
        except ValueError:
            return
        if (held is MISSING) != (value is MISSING) or (held is not MISSING and not same(held, value)):  # type: ignore[arg-type]
            control.set_value(shown(value))
        if live is not None:
            live.tell(value)

    control.on_value_change(under_way.noting(typed))
    if settled is not None:
        control.on("blur", settled)
    form.updaters.append(update)


async def _told(live: LiveLine, value: Any, control: Any, text: str) -> bool:
    """Shows what a value gives; False where something else was typed meanwhile, which is on its way itself."""
    live.tell(value)
    await live.told()
    return str(control.value or "") == text


def holds_of(live: LiveLine | None) -> Holds:
    """What a line of text holds, as completion asks it."""
    kind = live.kind if live is not None else "text"
    return "text" if kind in {"payload", "template"} else "path" if kind == "into" else cast("Holds", kind)


def _show_text(value: Any) -> str:
    if value is MISSING:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read_text(text: str) -> Json:
    return text


def read_path(text: str) -> Json:
    """A path field: `null` means null (discard), everything else is text."""
    return None if text.strip() == "null" else text.strip()


def read_number(text: str) -> Json:
    """A number; in a JSONata state an expression `{% … %}` as well."""
    stripped = text.strip()
    if stripped.startswith("{%"):
        return stripped
    try:
        value = json.loads(stripped)
    except ValueError:
        value = None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError(f"{stripped} is not a number. Type one like 30, or a JSONata expression {{% … %}}.")  # noqa: TRY004 - what a person typed
    return value


def json_field(
    form: Form,
    pointer: Pointer,
    name: str,
    *,
    doc: str = "",
    placeholder: str = "",
    tools: Callable[[], Any] | None = None,
    put: Callable[[Any], Awaitable[Any]] | None = None,
    begin: str | None = None,
    live: LiveLine | None = None,
) -> None:
    """A value as JSON text. Broken text is kept with its line and reason; the document keeps the last valid value.

    `tools`, `put`, `begin`, `live`: as for `text_field`.
    """
    value = form.value(pointer)
    full = "" if value is MISSING else pretty(value)
    if len(full) > MAX_FIELD:
        with frame(form, pointer, name, doc)[0]:
            c.text(f"{c.size(len(full))} of JSON: edit it in the code view.", "note")
        return
    inside, error = frame(form, pointer, name, doc, tools=tools)
    with inside:
        control = (
            ui.textarea(value=full if begin is None else begin, placeholder=placeholder)
            .props(f"outlined dense debounce={QUIET if live is None else QUIET_LIVE} autogrow tag=div")
            .classes("json-field")
        )
        c.attributes(control, spellcheck="false", aria_label=name, rows="1")
        propose(form, control, pointer, "json")
        if live is not None:
            live.draw()
            live.tell(value if begin is None else MISSING)

    under_way = UnderWay(form.view.under_way)

    async def typed(event: Any) -> None:
        nonlocal begin
        text = str(event.value or "")
        try:
            held = read_json(text)
        except ValueError as reason:
            complain(control, error, str(reason))
            if live is not None:
                live.tell(MISSING)
            return
        complain(control, error, "")
        if live is not None and not await _told(live, held, control, text):
            return
        if begin is not None and held is MISSING:
            return
        begin = None
        await (put(held) if put is not None else form.put(pointer, held, name))

    def update() -> None:
        if begin is not None or under_way.count:
            return
        now = form.value(pointer)
        try:
            held = read_json(str(control.value or ""))
        except ValueError:
            return
        if (held is MISSING) != (now is MISSING) or (now is not MISSING and not same(held, now)):
            control.set_value("" if now is MISSING else pretty(now))
        if live is not None:
            live.tell(now)

    control.on_value_change(under_way.noting(typed))
    form.updaters.append(update)


def read_json(text: str) -> Any:
    """The value of JSON text; MISSING for none. ValueError with line, column and reason. A JSONata text needs no quotes."""
    stripped = text.strip()
    if not stripped:
        return MISSING
    if stripped.startswith("{%") and stripped.endswith("%}"):
        return stripped
    if stripped.startswith("{%"):
        raise ValueError("The expression has no end yet: close it with %}. The workflow keeps the last valid value.")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"Line {error.lineno}, column {error.colno}: {error.msg}. The workflow keeps the last valid value.") from None
    except RecursionError:
        raise ValueError("This is nested too deeply to be a definition.") from None


def pretty(value: Any) -> str:
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2)


def select_field(
    form: Form,
    pointer: Pointer,
    name: str,
    options: Callable[[], dict[str, str]],
    *,
    current: Callable[[], str],
    choose: Callable[[str], Any],
    doc: str = "",
    tools: Callable[[], Any] | None = None,
) -> None:
    """A choice among named options; `current` and `choose` speak in option keys."""
    inside, _ = frame(form, pointer, name, doc, tools=tools)
    with inside:
        control = c.choice(options(), current(), choose, label=name)

    def update() -> None:
        entries, value = [[key, label] for key, label in options().items()], current()
        if control.props["options"] != entries:
            control.props["options"] = entries
        if control.props["value"] != value:
            control.props["value"] = value

    form.updaters.append(update)
