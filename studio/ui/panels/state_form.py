"""The form of one state, generated from the table of fields (`studio.asl.fields`), in the tabs of AWS Workflow Studio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.asl import tree
from studio.asl.edits import Connect, RenameState, SetValue, Transaction
from studio.asl.tree import MISSING
from studio.ui import live
from studio.ui.panels import choice_form, map_form, rules_form, task_form
from studio.ui.panels.fields import DISTRIBUTED, TITLES, Section, Spec, allowed, sections, specs
from studio.ui.panels.sees import sees
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form, complain, frame, json_field, read_number, read_path, select_field, text_field
from studio.ui.widgets.live_line import LiveLine
from studio.ui.widgets.switch import Mode, is_expression, switch_field, value_or_expression, value_or_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.field_data import Stage
    from studio.asl.graph import StateNode
    from studio.asl.tree import Pointer
    from studio.ui.view import EditorView

END = "__end__"


def shape_of(view: EditorView, node: StateNode | None, section: Section) -> Any:
    """What decides which fields there are; two states of one shape differ in values only."""
    if node is None:
        return ("workflow", view.session.document.valid, bool(view.graph.states))
    value = node.value if isinstance(node.value, dict) else None
    parts: tuple[str, ...] = ()
    match section:
        case "configuration":
            parts = (
                "Resource",
                "Parameters",
                "Arguments",
                "Choices",
                "Branches",
                "ItemReader",
                "ItemBatcher",
                "ResultWriter",
                "Credentials",
            )
        case "errors":
            parts = ("Retry", "Catch")
        case _:
            pass
    shown = {name: _outline(value[name]) for name in parts if value and name in value and name != "Branches"}
    branches = value.get("Branches") if value else None
    ways = tuple((spec.name, _way(value, spec)) for spec in specs(node.type, node.language)) if value else ()
    processor = (value.get("ItemProcessor") or value.get("Iterator")) if value else None
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    count = len(branches) if isinstance(branches, list) else -1
    valid = view.session.document.valid
    resource = value.get("Resource") if value else None
    return (node.pointer, node.type, node.language, section, value is None, shown, count, ways, str(config), str(resource), valid)


def _outline(value: Any) -> Any:
    """A value without what its fields show: its names, lengths and kinds."""
    if isinstance(value, dict):
        return tuple((key, _outline(held)) for key, held in value.items())
    if isinstance(value, list):
        return [_outline(held) for held in value]
    return "expression" if is_expression(value) else type(value).__name__


def _way(value: dict[str, Any], spec: Spec) -> str:
    """In which way a field is given."""
    if spec.kind == "wait":
        return next((f"{n}{is_expression(value[n])}" for n in ("Seconds", "SecondsPath", "Timestamp", "TimestampPath") if n in value), "")
    if spec.twin and spec.twin in value:
        return spec.twin
    return "expression" if spec.expression and is_expression(value.get(spec.name)) else ""


def state_form(form: Form, node: StateNode, section: Section, choose: Callable[[Section], Any]) -> None:
    """The form: name, tabs, and the fields of one section. `choose` is called with the section that a person wants."""
    with c.box("state-head"):
        c.text(node.name, "grow clip", "h2")
        c.text(f"{node.type or 'No type'} · {node.language}", "type-tag", "span")
    if not isinstance(node.value, dict):
        with c.box("form"):
            c.text("This state is no object; edit it in Definition.", "note error")
        return
    _tabs(form, node, section, choose)
    with c.box("form", "div", role="tabpanel", aria_label=TITLES[section], data_section=section):
        if not form.view.session.document.valid:
            c.text(
                "The text has a problem. Correct it in the code, or undo; until then this form only shows the last valid version.",
                "note warning",
            )
        if section == "configuration":
            _configuration(form, node)
        else:
            for spec in specs(node.type, node.language):
                if spec.section == section:
                    _field(form, node, spec)
        if section != "errors":
            sees(form, node)


def _tabs(form: Form, node: StateNode, section: Section, choose: Callable[[Section], Any]) -> None:
    """The tabs, each with the number of its fields that are given."""
    names: dict[str, str] = {f"state-{one}": TITLES[one] for one in sections(node.type, node.language)}
    if len(names) < 2:
        return
    made = c.tabs(
        names,
        f"state-{section}",
        lambda key: choose(key.removeprefix("state-")),  # type: ignore[arg-type]
        label="Fields of the state",
        classes="tabs state-tabs",
    )

    def count() -> None:
        for key, button in made.items():
            fields = [s for s in specs(node.type, node.language) if f"state-{s.section}" == key]
            given = any(form.value((s.name,)) is not MISSING or (s.twin and form.value((s.twin,)) is not MISSING) for s in fields)
            button.classes(add="given") if given and key != "state-configuration" else button.classes(remove="given")

    count()
    form.updaters.append(count)


def _configuration(form: Form, node: StateNode) -> None:
    _name(form, node)
    found = [spec for spec in specs(node.type, node.language) if spec.section == "configuration"]
    if node.type == "Task":
        task_form.call(form, node)
    if node.type == "Map":
        map_form.processing(form)
        distributed = map_form.mode(form) == "DISTRIBUTED"
        found = [spec for spec in found if distributed or spec.name not in DISTRIBUTED or form.value((spec.name,)) is not MISSING]
    for spec in found:
        if spec.name != "Resource":
            _field(form, node, spec)
    _unknown(form, node)


def _field(form: Form, node: StateNode, spec: Spec) -> None:
    """One field, by its kind."""
    pointer: Pointer = (spec.name,)
    match spec.kind:
        case "next":
            _next(form, node, spec)
        case "default":
            target_field(form, node, (*node.pointer, "Default"), pointer, spec.title, none="None: the state fails", doc=spec.doc)
        case "choices":
            choice_form.choices(form, node)
        case "retry":
            rules_form.retriers(form, node)
        case "catch":
            rules_form.catchers(form, node)
        case "branches":
            rules_form.branches(form, node)
        case "wait":
            switch_field(form, "Wait", wait_modes(node.language), doc=spec.doc)
        case "reader":
            map_form.reader(form, node)
        case "batcher":
            map_form.batcher(form, node)
        case "writer":
            map_form.writer(form, node)
        case "role":
            task_form.role(form, node, spec)
        case "json":
            json_field(form, pointer, spec.title, doc=spec.doc, placeholder=spec.placeholder, live=_live(form, node, spec.name))
        case "words":
            _words(form, pointer, spec)
        case "path":
            text_field(
                form,
                pointer,
                spec.title,
                doc=spec.doc,
                placeholder=spec.placeholder,
                read=read_path,
                classes="path-field",
                live=_live(form, node, spec.name),
            )
        case "number" | "text" | "long" as kind if spec.twin or spec.expression:
            modes = (
                value_or_path(pointer, (spec.twin,), kind, placeholder=spec.placeholder)
                if spec.twin
                else value_or_expression(pointer, kind, placeholder=spec.placeholder)
            )
            switch_field(form, spec.title, modes, doc=spec.doc)
        case "number":
            text_field(form, pointer, spec.title, doc=spec.doc, placeholder=spec.placeholder, read=read_number)
        case "long":
            text_field(form, pointer, spec.title, doc=spec.doc, placeholder=spec.placeholder, multiline=True)
        case _:
            text_field(
                form, pointer, spec.title, doc=spec.doc, placeholder=spec.placeholder, classes="path-field" if spec.kind == "code" else ""
            )


_STAGES: dict[str, tuple[live.Kind, Stage]] = {
    "InputPath": ("path", "raw"),
    "ItemsPath": ("path", "input"),
    "Parameters": ("payload", "input"),
    "ResultSelector": ("payload", "result"),
    "ResultPath": ("into", "selected"),
    "OutputPath": ("path", "joined"),
    "Items": ("template", "input"),
    "Arguments": ("template", "input"),
    "Output": ("template", "result"),
    "Assign": ("template", "result"),
}
"""Fields whose value is shown while it is typed: what they hold, and on what they are evaluated."""


def _live(form: Form, node: StateNode, name: str) -> LiveLine | None:
    if name == "ItemSelector":
        return LiveLine(form, "template" if node.language == "JSONata" else "payload", items=True)
    if name == "Assign" and node.language == "JSONPath":
        return LiveLine(form, "payload", "selected")
    return LiveLine(form, *_STAGES[name]) if name in _STAGES else None


def wait_modes(language: str) -> list[Mode]:
    """The four ways to say how long to wait."""
    moment = "2030-01-01T00:00:00Z"
    if language == "JSONata":
        return [
            Mode("For seconds", ("Seconds",), "number", "10"),
            Mode("For seconds, JSONata", ("Seconds",), "long", "{% $states.input.delay %}", expression=True),
            Mode("Until a time", ("Timestamp",), "text", moment),
            Mode("Until a time, JSONata", ("Timestamp",), "long", "{% $states.input.due %}", expression=True),
        ]
    return [
        Mode("For seconds", ("Seconds",), "number", "10"),
        Mode("For seconds, JSONPath", ("SecondsPath",), "text", "$.delay", path=True),
        Mode("Until a time", ("Timestamp",), "text", moment),
        Mode("Until a time, JSONPath", ("TimestampPath",), "text", "$.due", path=True),
    ]


def _words(form: Form, pointer: Pointer, spec: Spec) -> None:
    def current() -> str:
        value = form.value(pointer)
        return "" if value is MISSING else str(value)

    async def choose(value: str) -> None:
        await form.put(pointer, value or MISSING, spec.title)  # type: ignore[arg-type]

    select_field(
        form,
        pointer,
        spec.title,
        lambda: {"": spec.placeholder or "Default", **{w: w for w in spec.words}},
        current=current,
        choose=choose,
        doc=spec.doc,
    )


def _name(form: Form, node: StateNode) -> None:
    """The state's name: renaming rewrites every reference, a name that is taken is refused in place."""
    from nicegui import ui

    inside, error = frame(form, ("Name",), "State name", "Unique in the whole definition, at most 80 characters.")
    with inside:
        control = ui.input(value=node.name).props("outlined dense tag=div")
        c.attributes(control, aria_label="State name", spellcheck="false")

    async def commit() -> None:
        new = str(control.value or "").strip()
        if new == node.name:
            complain(control, error, "")
            return
        reason = why_not_named(form.view, new)
        complain(control, error, reason)
        if not reason:
            await form.view.do(Transaction((RenameState(node.pointer, new),), f"Rename {node.name} to {new}", "form"))

    control.on("change", commit).on("keydown.enter", commit)


def why_not_named(view: EditorView, name: str) -> str:
    """The reason why a state cannot have this name; empty where it can."""
    if not name:
        return "A state needs a name."
    if len(name) > 80:
        return f"{len(name)} characters; AWS allows 80."
    if view.graph.by_name(name) is not None:
        return f"There is a state called {name} already; names are unique in the whole definition."
    return ""


def targets(form: Form, node: StateNode, *, none: str | None) -> dict[str, str]:
    """The states a transition of this scope may lead to."""
    scope = form.view.graph.scopes.get(node.scope)
    names = [str(pointer[-1]) for pointer in (scope.states if scope else ())]
    first = {END: none} if none is not None else {}
    return {**first, **{name: name for name in names}}


def target_field(form: Form, node: StateNode, slot: Pointer, pointer: Pointer, title: str, *, none: str | None, doc: str = "") -> None:
    """A transition's target: a state of the same scope, or (where `none` names it) nothing."""

    def current() -> str:
        value = tree.find(form.view.session.document.root, slot)
        return value if isinstance(value, str) else END

    def options() -> dict[str, str]:
        unset = none is None and current() == END
        return targets(form, node, none="Choose a state" if unset else none)

    async def choose(value: str) -> None:
        if value == END and none is None:
            return
        target = None if value == END else value
        await form.view.do(Transaction((Connect(slot, target),), f"Connect {node.name} to {target or 'the end'}", "form"))

    select_field(form, pointer, title, options, current=current, choose=choose, doc=doc)


def _next(form: Form, node: StateNode, spec: Spec) -> None:
    end = "End of this path" if len(node.scope) > 1 else "End of the workflow"
    target_field(form, node, (*node.pointer, "Next"), ("Next",), "Next state", none=end, doc=spec.doc)


def _unknown(form: Form, node: StateNode) -> None:
    """Fields the state has and this type does not know: shown, so that nothing is hidden."""
    known = {"Type", "End", "ItemProcessor", "Iterator", *allowed(node.type, node.language)}
    extra = [name for name in node.value if name not in known] if isinstance(node.value, dict) else []
    if extra:
        with c.box("group", "details", open=True):
            c.text("Fields this type does not know", "", "summary")
            with c.box("group-body"):
                for name in extra:
                    json_field(form, (name,), name)


def set_value(form: Form, pointer: Pointer, value: Any, label: str) -> Any:
    return form.view.do(Transaction((SetValue((*form.base, *pointer), value),), label, "form"))
