"""The form of one state, generated from the table of fields (`studio.asl.fields`): grouped as the steps of its data flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.asl import tree
from studio.asl.edits import Connect, RenameState, SetValue, Transaction
from studio.asl.tree import MISSING
from studio.ui.panels import rules_form
from studio.ui.panels.fields import Group, Spec, specs
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form, complain, frame, json_field, read_number, read_path, select_field, text_field

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.asl.tree import Pointer
    from studio.ui.view import EditorView

TITLES: dict[Group, str] = {
    "configuration": "Configuration",
    "input": "Input",
    "output": "Output",
    "variables": "Variables",
    "errors": "Error handling",
    "more": "More",
}
END = "__end__"


def shape_of(view: EditorView, node: StateNode | None) -> Any:
    """What decides which fields there are; two states of one shape differ in values only."""
    if node is None:
        return ("workflow", view.session.document.valid, bool(view.graph.states))
    value = node.value if isinstance(node.value, dict) else {}
    members = {name: tuple(v) for name in ("Parameters", "Arguments") if isinstance(v := value.get(name), dict)}
    lists = {name: len(v) for name in ("Choices", "Retry", "Catch", "Branches") if isinstance(v := value.get(name), list)}
    choices = value.get("Choices")
    rules = tuple(rules_form.rule_shape(rule) for rule in choices) if isinstance(choices, list) else ()
    processor = value.get("ItemProcessor") or value.get("Iterator")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    mode = str(config.get("Mode")) if isinstance(config, dict) else ""
    return (node.pointer, node.type, node.language, mode, members, lists, rules, isinstance(node.value, dict), view.session.document.valid)


def state_form(form: Form, node: StateNode) -> None:
    view = form.view
    with c.box("state-head"):
        c.text(node.name, "grow clip", "h2")
        c.text(f"{node.type or 'No type'} · {node.language}", "type-tag", "span")
    with c.box("form"):
        if not view.session.document.valid:
            c.text(
                "The text has a problem. Correct it in the code, or undo; until then this form only shows the last valid version.",
                "note warning",
            )
        if not isinstance(node.value, dict):
            c.text("This state is no object; edit it in Definition.", "note error")
            return
        _name(form, node)
        groups: dict[Group, list[Spec]] = {}
        for spec in specs(node.type, node.language):
            groups.setdefault(spec.group, []).append(spec)
        for group, title in TITLES.items():
            found = groups.get(group, [])
            if group == "configuration":
                if node.type == "Map":
                    _map_mode(form)
                for spec in found:
                    _field(form, node, spec)
            elif found:
                _group(form, node, title, found)
        _unknown(form, node)


def _group(form: Form, node: StateNode, title: str, found: list[Spec]) -> None:
    given = [spec for spec in found if form.value((spec.name,)) is not MISSING]
    with c.box("group", "details", open=bool(given) or None, data_group=title):
        with c.box("", "summary"):
            c.text(title, "", "span")
            if given:
                c.text(str(len(given)), "count", "span")
        with c.box("group-body"):
            for spec in found:
                _field(form, node, spec)


def _field(form: Form, node: StateNode, spec: Spec) -> None:
    """One field, by its kind."""
    pointer: Pointer = (spec.name,)
    match spec.kind:
        case "next":
            _next(form, node, spec)
        case "default":
            target_field(form, node, (*node.pointer, "Default"), pointer, spec.title, none="None: the state fails", doc=spec.doc)
        case "choices":
            rules_form.choices(form, node)
        case "retry":
            rules_form.retriers(form, node)
        case "catch":
            rules_form.catchers(form, node)
        case "branches":
            rules_form.branches(form, node)
        case "json":
            if spec.name in {"Parameters", "Arguments"} and node.type == "Task" and isinstance(form.value(pointer), dict):
                _members(form, pointer, spec)
            else:
                json_field(form, pointer, spec.title, doc=spec.doc, placeholder=spec.placeholder)
        case "number":
            text_field(form, pointer, spec.title, doc=spec.doc, placeholder=spec.placeholder, read=read_number)
        case "path":
            text_field(form, pointer, spec.title, doc=spec.doc, placeholder=spec.placeholder, read=read_path, classes="path-field")
        case "words":
            _words(form, pointer, spec)
        case "long":
            text_field(form, pointer, spec.title, doc=spec.doc, placeholder=spec.placeholder, multiline=True)
        case _:
            text_field(
                form, pointer, spec.title, doc=spec.doc, placeholder=spec.placeholder, classes="path-field" if spec.kind == "code" else ""
            )


def _map_mode(form: Form) -> None:
    """Inline: inside this execution. Distributed: an execution of its own for each item, thousands at once."""
    processor = "Iterator" if form.value(("ItemProcessor",)) is MISSING and form.value(("Iterator",)) is not MISSING else "ItemProcessor"
    config: Pointer = (processor, "ProcessorConfig")

    def current() -> str:
        mode = form.value((*config, "Mode"))
        return mode if isinstance(mode, str) else "INLINE"

    async def choose(mode: str) -> None:
        old = form.value(config)
        kept = {key: value for key, value in old.items() if key != "ExecutionType"} if isinstance(old, dict) else {}
        await form.put(
            config, {**kept, "Mode": mode, **({"ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {})}, "Processing mode"
        )

    modes = {"INLINE": "Inline: in this execution, up to 40 at once", "DISTRIBUTED": "Distributed: child executions, up to 10,000 at once"}
    select_field(form, (*config, "Mode"), "Processing mode", lambda: modes, current=current, choose=choose)
    if current() == "DISTRIBUTED":
        kind: Pointer = (*config, "ExecutionType")
        select_field(
            form,
            kind,
            "Child execution type",
            lambda: {"STANDARD": "Standard", "EXPRESS": "Express"},
            current=lambda: str(form.value(kind)) if form.value(kind) is not MISSING else "STANDARD",
            choose=lambda word: form.put(kind, word, "Child execution type"),
        )


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


def _members(form: Form, pointer: Pointer, spec: Spec) -> None:
    """An object of parameters: each simple member is a field of its own, the whole is there as JSON as well."""
    value = form.value(pointer)
    with c.box("group", "div"):
        with c.box("group-head"):
            c.text(spec.title, "grow", "span", title=spec.doc or None)
        with c.box("group-body"):
            for name, member in value.items():
                if isinstance(member, (dict, list)):
                    json_field(form, (*pointer, name), name)
                else:
                    text_field(form, (*pointer, name), name, read=_like(member), classes="path-field")
            with c.box("", "details"):
                c.text("All as JSON", "dim small", "summary").style("cursor:pointer")
                json_field(form, pointer, spec.title, doc=spec.doc)


def _like(before: Any) -> Any:
    """Reads text as the kind of value it was: a number stays a number where it can, text stays text."""
    if isinstance(before, bool) or (before is not None and not isinstance(before, str)):
        return _number_or_text
    return str


def _number_or_text(text: str) -> Any:
    import json

    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (int, float, bool)) or value is None else text


def _unknown(form: Form, node: StateNode) -> None:
    """Fields the state has and this type does not know: shown, so that nothing is hidden."""
    known = {spec.name for spec in specs(node.type, node.language)} | {
        "Type",
        "End",
        "Next",
        "QueryLanguage",
        "ItemProcessor",
        "Iterator",
        "Branches",
    }
    extra = [name for name in node.value if name not in known] if isinstance(node.value, dict) else []
    if extra:
        with c.box("group", "details", open=True):
            c.text("Fields this type does not know", "", "summary")
            with c.box("group-body"):
                for name in extra:
                    json_field(form, (name,), name)


def set_value(form: Form, pointer: Pointer, value: Any, label: str) -> Any:
    return form.view.do(Transaction((SetValue((*form.base, *pointer), value),), label, "form"))
