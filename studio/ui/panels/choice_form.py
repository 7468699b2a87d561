"""The rules of a Choice: conditions built of comparisons, And, Or and Not (JSONPath), or written as expressions (JSONata)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.asl.edits import InsertValue, RemoveValue, SetValue, Transaction
from studio.asl.tree import MISSING
from studio.ui import choice_rules as rules
from studio.ui.panels.rules_form import entry, insert, names, target
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form, json_field, read_path, select_field, text_field
from studio.ui.widgets.live_line import LiveLine
from studio.ui.widgets.switch import Kind, Mode, switch_field, value_or_path

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.asl.tree import Json, Pointer

DEPTH = 6
"""Groups in groups that are drawn; what is deeper is JSON."""
KINDS = {"compare": "Compare a value", "And": "All of these (And)", "Or": "Any of these (Or)", "Not": "Not"}


def choices(form: Form, node: StateNode) -> None:
    """The rules, tried from the first to the last."""
    held = form.value(("Choices",))
    count = len(held) if isinstance(held, list) else 0
    with c.box("rows", data_field="/Choices"):
        c.text("Rules, tried in this order", "", "h3")
        for index in range(count):
            pointer: Pointer = ("Choices", index)
            with entry(form, pointer, f"Rule {index + 1}", count, node):
                _sentence(form, node, pointer)
                if node.language == "JSONata":
                    text_field(
                        form,
                        (*pointer, "Condition"),
                        "Condition",
                        placeholder="{% $states.input.value > 10 %}",
                        classes="path-field",
                        multiline=True,
                        live=LiveLine(form, "expression"),
                    )
                else:
                    _condition(form, node, pointer, 0, None)
                target(form, node, (*pointer, "Next"), "Then go to")
                _more(form, node, pointer)

        async def add() -> None:
            new: dict[str, Json] = {"Condition": "{% true %}"} if node.language == "JSONata" else dict(rules.NEW)
            first = next((name for name in names(form, node) if name != node.name), node.name)
            await insert(form, node, "Choices", {**new, "Next": first}, "Add a rule")

        c.button("Add rule", add, icon_name="add", data_add="rule")


def _sentence(form: Form, node: StateNode, pointer: Pointer) -> None:
    """The rule in one line, as the canvas writes it on its transition."""
    line = c.text("", "dim small clip mono", "div", data_rule="")

    def say() -> None:
        slot = (*node.pointer, *pointer, "Next")
        said = next((t.label for t in form.view.graph.transitions if t.slot == slot), "")
        line.set_text(said)
        c.change(line, title=said)

    say()
    form.updaters.append(say)


def _more(form: Form, node: StateNode, pointer: Pointer) -> None:
    """What few rules have: variables, an output of their own, a comment."""
    fields = ("Assign", "Output", "Comment") if node.language == "JSONata" else ("Assign", "Comment")
    given = any(form.value((*pointer, name)) is not MISSING for name in fields)
    with c.box("", "details", open=given or None):
        c.text("Variables and comment", "dim small", "summary").style("cursor:pointer")
        with c.box("rows q-mt-sm"):
            jsonata = node.language == "JSONata"
            live = LiveLine(form, "template" if jsonata else "payload")
            json_field(
                form, (*pointer, "Assign"), "Assign", doc="Variables that are set when this rule holds.", placeholder="{}", live=live
            )
            if jsonata:
                json_field(form, (*pointer, "Output"), "Output", placeholder="{% $states.input %}", live=LiveLine(form, "template"))
            text_field(form, (*pointer, "Comment"), "Comment", placeholder="What this rule is for")


def _condition(form: Form, node: StateNode, pointer: Pointer, depth: int, siblings: int | None) -> None:
    """One condition of the tree. `siblings`: how many conditions its group has, None where it is in none."""
    rule = form.value(pointer)
    kind = rules.kind_of(rule)
    if kind is None or depth > DEPTH:
        json_field(form, pointer, "Condition", doc="Not a condition that the builder can show; And, Or and Not hold further ones.")
        return
    with c.box(f"condition {'grouping' if kind != 'compare' else ''}", "div", data_condition=kind):
        with c.box("condition-head"):
            _kind(form, node, pointer, rule, kind)
            if siblings is not None:
                c.button(
                    "Remove this condition",
                    lambda: _edit(form, node, RemoveValue((*node.pointer, *pointer)), "Remove a condition"),
                    icon_name="close",
                    icon_only=True,
                    classes="quiet tiny",
                )
        if kind == "compare":
            _comparison(form, pointer, rule)
        elif kind == "Not":
            _condition(form, node, (*pointer, "Not"), depth + 1, None)
        else:
            _group(form, node, (*pointer, kind), depth)


def _kind(form: Form, node: StateNode, pointer: Pointer, rule: dict[str, Json], kind: rules.Kind) -> None:
    """The menu that groups, negates and takes apart; nothing of it loses a condition."""
    match kind:
        case "compare":
            offered = dict(KINDS)
        case "Not":
            offered = {
                "Not": KINDS["Not"],
                "And": "All of (And): this and more",
                "Or": "Any of (Or): this or more",
                "compare": "Without Not",
            }
        case "And" | "Or":
            offered = {"And": KINDS["And"], "Or": KINDS["Or"], "Not": "Not: none of it as a whole"}
            if rules.ungrouped(rule) is not None:
                offered["compare"] = "Without the group"

    async def choose(word: str) -> None:
        now = form.value(pointer)
        if word == kind or not isinstance(now, dict):
            return
        match word:
            case "And" | "Or" as group:
                made = rules.grouped(now, group)
            case "Not":
                made = rules.negated(now)
            case _:
                made = rules.negated(now) if kind == "Not" else rules.ungrouped(now)
        if made is not None:
            await _edit(form, node, SetValue((*node.pointer, *pointer), made), "Condition")

    c.choice(offered, kind, choose, label="Kind of condition", classes="kind", data_kind="/" + "/".join(map(str, pointer)))


def _group(form: Form, node: StateNode, pointer: Pointer, depth: int) -> None:
    held = form.value(pointer)
    conditions = held if isinstance(held, list) else []
    with c.box("condition-list"):
        for index in range(len(conditions)):
            _condition(form, node, (*pointer, index), depth + 1, len(conditions))
        c.button(
            "Add condition",
            lambda: _edit(form, node, InsertValue((*node.pointer, *pointer, len(conditions)), dict(rules.NEW)), "Add a condition"),
            icon_name="add",
            classes="small-add",
            data_add="condition",
        )


def _comparison(form: Form, pointer: Pointer, rule: dict[str, Json]) -> None:
    operator = rules.operator_of(rule) or ""
    live = LiveLine(form, "path")
    text_field(form, (*pointer, "Variable"), "Variable", placeholder="$.value", read=read_path, classes="path-field", live=live)

    async def choose(new: str) -> None:
        now = form.value(pointer)
        if isinstance(now, dict) and rules.operator_of(now) is not None:
            await form.put(pointer, rules.compared(now, new), "Operator", reshapes=True)

    select_field(
        form,
        (*pointer, "#operator"),
        "Operator",
        lambda: {name: name for name in rules.OPERATORS},
        current=lambda: rules.operator_of(form.value(pointer)) or "",
        choose=choose,
    )
    kind: Kind = "boolean" if operator in {*rules.TESTS, "BooleanEquals"} else "number" if operator.startswith("Numeric") else "text"
    place, by_path = (*pointer, operator), rules.twin(operator)
    modes = value_or_path(place, (*pointer, by_path), kind, path_placeholder="$.other") if by_path else [Mode("Value", place, kind)]
    switch_field(form, "Is" if operator in rules.TESTS else "Value", modes)


async def _edit(form: Form, node: StateNode, edit: Any, label: str) -> None:
    await form.view.do(Transaction((edit,), f"{label} of {node.name}", "form"))
