"""A field that can be given in several ways: as a value, by a JSONPath, by a JSONata expression. Switching never loses what was typed.

Theory of operation: each way (`Mode`) has a place in the document of its own (`Seconds` and `SecondsPath`, `Key` and `Key.$`) or shares
one with another (a value and a `{% … %}` string). Which way a field is shown in is what the document says, unless a person chose
another: then that one is shown with what was last typed there, else with what can be made of the old value, and the document has that from
now on; where there is nothing yet, it keeps the old value, which the field says. What is left behind stays in `EditorView.drafts`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from studio.asl import tree
from studio.asl.tree import MISSING
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form, json_field, pretty, read_json, read_number, select_field, text_field
from studio.ui.widgets.live_line import LiveLine

if TYPE_CHECKING:
    from studio.asl.tree import Json, Pointer

Kind = Literal["text", "long", "number", "json", "boolean", "words"]


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to give a field: its name for people, where it stands, how it is typed."""

    id: str
    pointer: Pointer
    kind: Kind = "text"
    placeholder: str = ""
    words: tuple[str, ...] = ()
    expression: bool = False
    """Whether this is the JSONata way: a string between {% and %}."""
    path: bool = False

    def fits(self, value: Any) -> bool:
        """Whether a value that stands at `pointer` was given in this way."""
        return value is not MISSING and self.expression == is_expression(value)


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.strip().startswith("{%")


def value_or_path(pointer: Pointer, twin: Pointer, kind: Kind, *, placeholder: str = "", path_placeholder: str = "$.value") -> list[Mode]:
    """A JSONPath state's field: a value, or a path under another name (`Seconds`, `SecondsPath`; `Key`, `Key.$`)."""
    return [Mode("Value", pointer, kind, placeholder), Mode("JSONPath", twin, "text", path_placeholder, path=True)]


def value_or_expression(pointer: Pointer, kind: Kind, *, placeholder: str = "") -> list[Mode]:
    """A JSONata state's field: a value or an expression in the same place."""
    return [Mode("Value", pointer, kind, placeholder), Mode("JSONata", pointer, "long", "{% $states.input.value %}", expression=True)]


def current(form: Form, modes: Sequence[Mode]) -> Mode:
    """The way that is shown: the one a person chose, else the one the document uses, else the first."""
    chosen = form.view.modes.get(_key(form, modes))
    picked = next((mode for mode in modes if mode.id == chosen), None)
    return picked or in_document(form, modes) or modes[0]


def in_document(form: Form, modes: Sequence[Mode]) -> Mode | None:
    """The way the document uses; None where it has no value."""
    return next((mode for mode in modes if mode.fits(form.value(mode.pointer))), None)


def switch_field(
    form: Form, name: str, modes: Sequence[Mode], *, doc: str = "", required: bool = False, more: Callable[[], Any] | None = None
) -> None:
    """A field with a small menu of its ways beside its name. `more` takes the field away."""
    mode = current(form, modes)
    key = _key(form, modes)

    def tools() -> None:
        if len(modes) > 1:
            c.choice(
                {m.id: m.id for m in modes},
                mode.id,
                choose,
                label=f"{name}: given as",
                classes="mode",
                data_mode=tree.to_text(modes[0].pointer),
            )
        if more is not None:
            c.button(f"Remove {name}", more, icon_name="close", icon_only=True, classes="quiet tiny")

    async def choose(chosen: str) -> None:
        target = next(m for m in modes if m.id == chosen)
        await switch_to(form, name, modes, target)
        form.redraw(target.pointer)

    async def put(value: Json) -> None:
        done = await form.put_instead(mode.pointer, [m.pointer for m in modes if m.pointer != mode.pointer], value, name)
        if done and value is not MISSING:
            form.view.modes.pop(key, None)

    title = f"{name} *" if required else name
    begin = None if in_document(form, modes) in {mode, None} else _draft(form, key, mode, in_document(form, modes))
    match mode.kind:
        case "json":
            json_field(form, mode.pointer, title, doc=doc, placeholder=mode.placeholder, tools=tools, put=put, begin=begin)
        case "words" | "boolean":
            words = mode.words or ("true", "false")
            _words(form, mode, title, words, doc, tools, put)
        case _:
            text_field(
                form,
                mode.pointer,
                title,
                doc=doc,
                placeholder=mode.placeholder,
                read=_reader(mode),
                multiline=mode.kind == "long",
                classes="path-field" if mode.path or mode.expression else "",
                tools=tools,
                put=put,
                begin=begin,
                live=LiveLine(form, "path" if mode.path else "expression") if mode.path or mode.expression else None,
            )
    _still(form, modes, mode)
    for other in modes:
        form.anchors.setdefault(other.pointer, form.anchors[mode.pointer])


async def switch_to(form: Form, name: str, modes: Sequence[Mode], target: Mode) -> None:
    """Gives the field in another way from now on. What was typed there last, or what the old value becomes, is written at once: the document
    says what is shown. Where there is nothing to write yet it keeps the old value, and the field says so.
    """
    mode, key = current(form, modes), _key(form, modes)
    _keep(form, key, mode, form.value(mode.pointer))
    form.view.modes[key] = target.id
    before = in_document(form, modes)
    if before in {target, None}:
        return
    try:
        value = _read(target, _draft(form, key, target, before))
    except ValueError:
        return
    if value is not MISSING and await form.put_instead(
        target.pointer, [m.pointer for m in modes if m.pointer != target.pointer], value, name
    ):
        form.view.modes.pop(key, None)


def _read(mode: Mode, text: str) -> Any:
    """The value of a text typed in this way; MISSING for none. Errors: ValueError."""
    if not text.strip():
        return MISSING
    return read_json(text) if mode.kind in {"json", "boolean"} else _reader(mode)(text)


def _still(form: Form, modes: Sequence[Mode], mode: Mode) -> None:
    """While nothing is typed in the way that is shown: what the workflow has, in the other one."""
    note = c.text("", "field-doc", "div", data_still="")

    def say() -> None:
        other = in_document(form, modes)
        said = other is not None and other is not mode
        note.set_visibility(said)
        if other is not None and said:
            note.set_text(f"Until something stands here, the workflow keeps {shown_text(other, form.value(other.pointer))[:80]}")

    say()
    form.updaters.append(say)


def _words(form: Form, mode: Mode, name: str, words: tuple[str, ...], doc: str, tools: Any, put: Any) -> None:
    """A choice among words; for true and false the JSON ones."""

    def shown() -> str:
        value = form.value(mode.pointer)
        if value is MISSING or not mode.fits(value):
            return ""
        return json.dumps(value) if isinstance(value, bool) else str(value)

    async def choose(word: str) -> None:
        await put(MISSING if not word else word == "true" if mode.kind == "boolean" else word)

    select_field(form, mode.pointer, name, lambda: {"": "–", **{w: w for w in words}}, current=shown, choose=choose, doc=doc, tools=tools)


def _reader(mode: Mode) -> Callable[[str], Json]:
    if mode.kind == "number":
        return read_number
    if mode.expression:
        return read_expression
    return _read_path if mode.path else str


def read_expression(text: str) -> str:
    """A JSONata expression; the braces are added where they were left out."""
    stripped = text.strip()
    return stripped if stripped.startswith("{%") else f"{{% {stripped} %}}"


def _read_path(text: str) -> Json:
    stripped = text.strip()
    if not stripped.startswith(("$", "States.")):
        raise ValueError(f"{stripped} is no path. Begin with $ for the state's input, $$ for the context, or States. for a function.")
    return stripped


def _key(form: Form, modes: Sequence[Mode]) -> tuple[str | int, ...]:
    return (*form.base, *modes[0].pointer)


def _keep(form: Form, key: tuple[str | int, ...], mode: Mode, value: Any) -> None:
    """Remembers what stands in the way that is left."""
    if mode.fits(value):
        form.view.drafts[(key, mode.id)] = shown_text(mode, value)


def _draft(form: Form, key: tuple[str | int, ...], mode: Mode, before: Mode | None) -> str:
    """What a way begins with that the document does not use: what was typed there last, else what the old value becomes."""
    held = form.view.drafts.get((key, mode.id))
    if held is not None or before is None:
        return held or ""
    made = converted(form.value(before.pointer), before, mode)
    return "" if made is MISSING else shown_text(mode, made)


def converted(value: Any, before: Mode, after: Mode) -> Any:
    """A value as it would be given in another way; MISSING where that says nothing."""
    if after.expression:
        return f"{{% {json.dumps(value, ensure_ascii=False)} %}}" if not before.path and not before.expression else MISSING
    if before.expression:
        inside = str(value).strip().removeprefix("{%").removesuffix("%}").strip()
        try:
            return json.loads(inside)
        except ValueError:
            return MISSING
    return value if after.kind == before.kind and not after.path and not before.path else MISSING


def shown_text(mode: Mode, value: Any) -> str:
    """A value as the text of its field."""
    if mode.kind == "json":
        return pretty(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
