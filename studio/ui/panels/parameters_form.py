"""The parameters of an API as a form, out of AWS's own description: types, allowed words, nested structures, lists and maps.

Every field can be given as a value, by a JSONPath (`Key.$`) or by a JSONata expression, at any depth. Required parameters are always
there, of the others those that are given; the rest is one menu away. What AWS does not describe is shown as it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.asl import tree
from studio.asl.edits import InsertValue, RemoveValue, SetValue, Transaction
from studio.asl.tree import MISSING
from studio.catalogue.actions import needed
from studio.catalogue.actions import parameters as parameters_of
from studio.catalogue.shapes import skeleton
from studio.ui.panels import model_form, payload_form
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form, json_field
from studio.ui.widgets.switch import Kind, Mode, current, is_expression, switch_field, value_or_expression, value_or_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.graph import StateNode
    from studio.asl.tree import Json, Pointer
    from studio.catalogue.actions import Call
    from studio.catalogue.shapes import Shape

DEPTH = 5
"""Nested structures that are drawn as fields; what is deeper is JSON."""
ITEMS = 30
"""Elements of one list or map that are drawn as fields; a longer one is JSON."""


def parameters(form: Form, node: StateNode, found: Call | None) -> None:
    """The fields under `Parameters` (JSONPath) or `Arguments` (JSONata)."""
    name = "Arguments" if node.language == "JSONata" else "Parameters"
    value = form.value((name,))
    if value is not MISSING and not isinstance(value, dict):
        json_field(form, (name,), "API parameters", doc="Not an object, so there are no single fields to show.")
        return
    known = parameters_of(found.name) if found else {}
    required = needed(found.name) if found else frozenset[str]()
    with c.box("group", "div", data_field=f"/{name}", data_parameters="") as box:
        form.anchors[(name,)] = box
        with c.box("group-head"):
            c.text("API parameters", "grow", "span")
        with c.box("group-body"):
            if found is not None and found.name in model_form.CALLS:
                model_form.picker(form, node, found)
            _members(form, node, (name,), known, required, 0, found)
            with c.box("", "details"):
                c.text("All as JSON", "dim small", "summary").style("cursor:pointer")
                json_field(form, (name,), "All parameters as JSON")


def _members(
    form: Form, node: StateNode, pointer: Pointer, known: dict[str, Shape], required: frozenset[str], depth: int, found: Call | None = None
) -> None:
    """The fields of one structure, and the menu of those that are not given."""
    held = form.value(pointer)
    given = list(dict.fromkeys(_plain(key, node) for key in held)) if isinstance(held, dict) else []
    shown = [name for name in known if name in required or name in given] + [name for name in given if name not in known]
    for name in shown:
        shape = known.get(name)
        json_payload = found is not None and not depth and found.takes_json(name)
        if found is not None and not depth and name == payload_form.parameter(found):
            payload_form.source(form, node, found)
        _field(form, node, (*pointer, name), name, shape, required=name in required, depth=depth, payload=json_payload)
    if found is not None and not depth and (name := payload_form.parameter(found)) and name not in shown:
        payload_form.source(form, node, found)
    rest = [name for name in known if name not in shown]
    if rest:
        _adder(form, node, pointer, known, rest)


def _plain(key: str, node: StateNode) -> str:
    return key.removesuffix(".$") if node.language == "JSONPath" else key


def _field(
    form: Form, node: StateNode, pointer: Pointer, name: str, shape: Shape | None, *, required: bool, depth: int, payload: bool = False
) -> None:
    """One parameter, by its kind. `payload`: any JSON may stand there although the API itself wants text."""
    kind = _kind(form, pointer, shape, payload=payload)
    modes = modes_of(node, pointer, kind)
    if shape is not None and shape.kind == "string" and shape.enum and kind == "text":
        modes[0] = Mode("Value", pointer, "words", words=shape.enum)
    doc = _doc(shape)
    nested = shape is not None and not payload and shape.kind in {"structure", "list", "map"} and depth < DEPTH
    if shape is not None and nested and current(form, modes).id == "Value" and _fields_fit(form.value(pointer), shape):
        _group(form, node, pointer, name, shape, modes, required=required, depth=depth)
        return
    switch_field(form, name, modes, doc=doc, required=required, more=None if required else _remover(form, node, modes, name))


def modes_of(node: StateNode, pointer: Pointer, kind: Kind) -> list[Mode]:
    """The ways to give a parameter in the state's query language."""
    if node.language == "JSONata":
        return value_or_expression(pointer, kind)
    return (
        value_or_path(pointer, (*pointer[:-1], f"{pointer[-1]}.$"), kind)
        if isinstance(pointer[-1], str)
        else [Mode("Value", pointer, kind)]
    )


def _kind(form: Form, pointer: Pointer, shape: Shape | None, *, payload: bool) -> Kind:
    """How a value is typed: as its shape says, unless what stands there is of another kind."""
    held = form.value(pointer)
    if payload or isinstance(held, (dict, list)):
        return "json"
    match shape.kind if shape is not None else None:
        case "number" if held is MISSING or not isinstance(held, str):
            return "number"
        case "boolean" if held is MISSING or isinstance(held, bool):
            return "boolean"
        case "structure" | "list" | "map" | "document":
            return "json"
        case None if isinstance(held, bool):
            return "boolean"
        case None if isinstance(held, (int, float)):
            return "number"
        case _:
            return "json" if held is None else "text"


def _fields_fit(held: Any, shape: Shape) -> bool:
    """Whether a value has the form that its fields would show."""
    if held is MISSING or is_expression(held):
        return held is MISSING
    if shape.kind == "list":
        return isinstance(held, list) and len(held) <= ITEMS
    return isinstance(held, dict) and len(held) <= (ITEMS if shape.kind == "map" else 1000)


def _group(
    form: Form, node: StateNode, pointer: Pointer, name: str, shape: Shape, modes: list[Mode], *, required: bool, depth: int
) -> None:
    """A structure, list or map as a frame with its parts inside."""
    held = form.value(pointer)
    with c.box("group nested", "div", data_field=tree.to_text(pointer)) as box:
        form.anchors[pointer] = box
        with c.box("group-head"):
            c.text(f"{name} *" if required else name, "grow clip mono", "span", title=_doc(shape) or None)
            _switch(form, name, modes)
            if not required:
                _button(f"Remove {name}", "close", _remover(form, node, modes, name))
        with c.box("group-body"):
            if shape.kind == "structure":
                _members(form, node, pointer, shape.members, shape.required, depth + 1)
            elif shape.kind == "list":
                _list(form, node, pointer, shape, held if isinstance(held, list) else [], depth)
            else:
                _map(form, node, pointer, shape, held if isinstance(held, dict) else {}, depth)


def _switch(form: Form, name: str, modes: list[Mode]) -> None:
    if len(modes) < 2:
        return

    def choose(chosen: str) -> None:
        form.view.modes[(*form.base, *modes[0].pointer)] = chosen
        form.redraw(next(m.pointer for m in modes if m.id == chosen))

    c.choice(
        {m.id: m.id for m in modes},
        modes[0].id,
        choose,
        label=f"{name}: given as",
        classes="mode",
        data_mode=tree.to_text(modes[0].pointer),
    )


def _list(form: Form, node: StateNode, pointer: Pointer, shape: Shape, held: list[Json], depth: int) -> None:
    for index in range(len(held)):
        with c.box("list-item"):
            with c.box("grow"):
                _field(form, node, (*pointer, index), f"Item {index + 1}", shape.element, required=True, depth=depth + 1)
            _button(
                f"Remove item {index + 1}",
                "close",
                lambda i=index: _do(form, RemoveValue((*form.base, *pointer, i)), f"Remove an item of {node.name}"),
            )

    async def add() -> None:
        made = skeleton(shape.element, 2)
        whole = (*form.base, *pointer)
        edit = InsertValue((*whole, len(held)), made) if form.value(pointer) is not MISSING else SetValue(whole, [made])
        await _do(form, edit, f"Add an item to {node.name}")

    c.button("Add item", add, icon_name="add", classes="small-add")


def _map(form: Form, node: StateNode, pointer: Pointer, shape: Shape, held: dict[str, Json], depth: int) -> None:
    for name in dict.fromkeys(_plain(key, node) for key in held):
        _field(form, node, (*pointer, name), name, shape.element, required=False, depth=depth + 1)
    with c.box("row"):
        key = ui.input(placeholder="New name").props("outlined dense").classes("grow")
        c.attributes(key, aria_label="Name of the new entry")

        async def add() -> None:
            name = str(key.value or "").strip()
            if name and name not in held and f"{name}.$" not in held:
                await _do(form, SetValue((*form.base, *pointer, name), skeleton(shape.element, 2)), f"Add {name} to {node.name}")

        key.on("keydown.enter.prevent", add)
        c.button("Add entry", add, icon_name="add", classes="small-add")


def _adder(form: Form, node: StateNode, pointer: Pointer, known: dict[str, Shape], rest: list[str]) -> None:
    """The menu of the optional parameters that are not given."""

    async def choose(name: str) -> None:
        if name:
            form.view.focus_field = (*pointer, name)
            await _do(form, SetValue((*form.base, *pointer, name), skeleton(known[name], 2)), f"Add {name} to {node.name}")

    c.choice(
        {"": f"Add a parameter ({len(rest)} more)…", **{name: name for name in rest}},
        "",
        choose,
        label="Add a parameter",
        classes="adder",
        data_add="parameter",
    )


def _remover(form: Form, node: StateNode, modes: list[Mode], name: str) -> Callable[[], Any]:
    async def remove() -> None:
        edits = tuple(RemoveValue((*form.base, *p)) for p in dict.fromkeys(m.pointer for m in modes) if form.value(p) is not MISSING)
        if edits:
            await form.view.do(Transaction(edits, f"Remove {name} of {node.name}", "form"))

    return remove


def _button(label: str, icon: str, act: Callable[[], Any]) -> None:
    c.button(label, act, icon_name=icon, icon_only=True, classes="quiet tiny")


async def _do(form: Form, edit: Any, label: str) -> None:
    await form.view.do(Transaction((edit,), label, "form"))


def _doc(shape: Shape | None) -> str:
    """A parameter's documentation with its bounds, for the tooltip."""
    if shape is None:
        return "AWS describes no such parameter."
    bounds = []
    if shape.minimum is not None:
        bounds.append(f"at least {shape.minimum:g}")
    if shape.maximum is not None:
        bounds.append(f"at most {shape.maximum:g}")
    what = " in length" if shape.kind in {"string", "list", "map", "blob"} else ""
    limits = f"\n{', '.join(bounds).capitalize()}{what}." if bounds else ""
    return f"{shape.documentation[:700]}{limits}".strip()
