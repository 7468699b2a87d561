"""The lists of a form: Choice rules, retriers, catchers, branches. Each entry is a group of fields; order matters and is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.asl import tree
from studio.asl.edits import InsertValue, RemoveValue, SetValue, Transaction
from studio.asl.tree import MISSING
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form, complain, frame, json_field, read_number, read_path, select_field, text_field

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.graph import StateNode
    from studio.asl.tree import Json, Pointer

COMPARISONS = (
    "StringEquals", "StringLessThan", "StringGreaterThan", "StringLessThanEquals", "StringGreaterThanEquals", "StringMatches",
    "NumericEquals", "NumericLessThan", "NumericGreaterThan", "NumericLessThanEquals", "NumericGreaterThanEquals",
    "BooleanEquals",
    "TimestampEquals", "TimestampLessThan", "TimestampGreaterThan", "TimestampLessThanEquals", "TimestampGreaterThanEquals",
)  # fmt: skip
TESTS = ("IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp")
OPERATORS: tuple[str, ...] = (
    tuple(name for base in COMPARISONS for name in ((base, f"{base}Path") if base != "StringMatches" else (base,))) + TESTS
)
ERRORS = (
    "States.ALL", "States.TaskFailed", "States.Timeout", "States.HeartbeatTimeout", "States.Permissions", "States.DataLimitExceeded",
    "States.Runtime", "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException",
)  # fmt: skip
NEW_RETRIER: dict[str, Any] = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2}


def rule_shape(rule: Any) -> str:
    """Which fields a rule shows: its operator, or `json` for a nested or malformed one."""
    return operator_of(rule) or "json"


def operator_of(rule: Any) -> str | None:
    """The operator of a simple JSONPath rule {"Variable", <operator>, "Next"?}."""
    if not isinstance(rule, dict) or "Variable" not in rule:
        return None
    found = [name for name in rule if name in OPERATORS]
    return found[0] if len(found) == 1 else None


def choices(form: Form, node: StateNode) -> None:
    """The rules of a Choice, tried from the first to the last."""
    rules = form.value(("Choices",))
    count = len(rules) if isinstance(rules, list) else 0
    with c.box("rows", data_field="/Choices"):
        c.text("Rules, tried in this order", "", "h3")
        for index in range(count):
            pointer: Pointer = ("Choices", index)
            with _entry(form, pointer, f"Rule {index + 1}", count, node):
                if node.language == "JSONata":
                    text_field(
                        form,
                        (*pointer, "Condition"),
                        "Condition",
                        placeholder="{% $states.input.value > 10 %}",
                        classes="path-field",
                        multiline=True,
                    )
                else:
                    _condition(form, pointer)
                _target(form, node, (*pointer, "Next"), "Then go to")

        async def add() -> None:
            new: dict[str, Json] = {"Condition": "{% true %}"} if node.language == "JSONata" else {"Variable": "$.value", "IsPresent": True}
            first = next((name for name in _names(form, node) if name != node.name), node.name)
            await _insert(form, node, "Choices", {**new, "Next": first}, "Add a rule")

        c.button("Add rule", add, icon_name="add", data_add="rule")


def _condition(form: Form, pointer: Pointer) -> None:
    rule = form.value(pointer)
    operator = operator_of(rule)
    if operator is None:
        json_field(form, pointer, "Condition", doc="And, Or and Not hold further rules; only the outermost has Next.")
        return
    text_field(form, (*pointer, "Variable"), "Variable", placeholder="$.value", read=read_path, classes="path-field")

    def current() -> str:
        return operator_of(form.value(pointer)) or ""

    async def choose(new: str) -> None:
        now = form.value(pointer)
        if isinstance(now, dict) and (old := operator_of(now)):
            value = {(new if key == old else key): (suited(new, member) if key == old else member) for key, member in now.items()}
            await form.put(pointer, value, "Operator")

    select_field(form, (*pointer, "#operator"), "Operator", lambda: {name: name for name in OPERATORS}, current=current, choose=choose)
    value_pointer: Pointer = (*pointer, operator)
    if operator in {*TESTS, "BooleanEquals"}:
        select_field(
            form,
            value_pointer,
            "Is",
            lambda: {"true": "true", "false": "false"},
            current=lambda: str(form.value(value_pointer)).lower(),
            choose=lambda word: form.put(value_pointer, word == "true", operator),
        )
    else:
        numeric = operator.startswith("Numeric") and not operator.endswith("Path")
        text_field(form, value_pointer, "Value", read=read_number if numeric else str, classes="path-field")


def suited(operator: str, value: Any) -> Json:
    """A value the new operator can compare with: kept where it fits, else a plain one of its kind."""
    if operator in {*TESTS, "BooleanEquals"}:
        return value if isinstance(value, bool) else True
    if operator.endswith("Path"):
        return value if isinstance(value, str) and value.startswith("$") else "$.other"
    if operator.startswith("Numeric"):
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0
    if operator.startswith("Timestamp"):
        return value if isinstance(value, str) and "T" in value else "2030-01-01T00:00:00Z"
    return value if isinstance(value, str) else str(value)


def retriers(form: Form, node: StateNode) -> None:
    """Retriers, the first that names the error decides."""
    entries = form.value(("Retry",))
    count = len(entries) if isinstance(entries, list) else 0
    with c.box("rows", data_field="/Retry"):
        c.text("Retry", "", "h3")
        for index in range(count):
            pointer: Pointer = ("Retry", index)
            with _entry(form, pointer, f"Retrier {index + 1}", count, node):
                _errors(form, (*pointer, "ErrorEquals"))
                with c.box("").style("display:grid;grid-template-columns:1fr 1fr;gap:12px"):
                    for name, title, hint in (
                        ("IntervalSeconds", "Interval, s", "1"),
                        ("MaxAttempts", "Max attempts", "3"),
                        ("BackoffRate", "Backoff rate", "2.0"),
                        ("MaxDelaySeconds", "Max delay, s", "none"),
                    ):
                        text_field(form, (*pointer, name), title, placeholder=hint, read=read_number)
                jitter: Pointer = (*pointer, "JitterStrategy")
                select_field(
                    form,
                    jitter,
                    "Jitter",
                    lambda: {"": "None", "FULL": "Full", "NONE": "NONE"},
                    current=lambda jitter=jitter: _word(form.value(jitter)),
                    choose=lambda word, jitter=jitter: form.put(jitter, word or MISSING, "Jitter"),  # type: ignore[arg-type]
                )
        c.button(
            "Add retrier", lambda: _insert(form, node, "Retry", dict(NEW_RETRIER), "Add a retrier"), icon_name="add", data_add="retrier"
        )


def catchers(form: Form, node: StateNode) -> None:
    """Catchers, tried once no retrier takes the error any more."""
    entries = form.value(("Catch",))
    count = len(entries) if isinstance(entries, list) else 0
    with c.box("rows", data_field="/Catch"):
        c.text("Catch", "", "h3")
        for index in range(count):
            pointer: Pointer = ("Catch", index)
            with _entry(form, pointer, f"Catcher {index + 1}", count, node):
                _errors(form, (*pointer, "ErrorEquals"))
                _target(form, node, (*pointer, "Next"), "Fallback state")
                if node.language == "JSONata":
                    json_field(form, (*pointer, "Output"), "Output", placeholder="{% $states.errorOutput %}")
                    json_field(form, (*pointer, "Assign"), "Assign", placeholder="{}")
                else:
                    text_field(form, (*pointer, "ResultPath"), "ResultPath", placeholder="$", read=read_path, classes="path-field")
                    json_field(form, (*pointer, "Assign"), "Assign", placeholder="{}")

        async def add() -> None:
            others = [name for name in _names(form, node) if name != node.name]
            if not others:
                c.toast("A catcher leads to another state of the same scope: add one first.", seconds=5)
                return
            await _insert(form, node, "Catch", {"ErrorEquals": ["States.ALL"], "Next": others[-1]}, "Add a catcher")

        c.button("Add catcher", add, icon_name="add", data_add="catcher")


def branches(form: Form, node: StateNode) -> None:
    """The branches of a Parallel; their states are edited on the canvas."""
    entries = form.value(("Branches",))
    count = len(entries) if isinstance(entries, list) else 0
    with c.box("rows", data_field="/Branches"):
        c.text("Branches", "", "h3")
        for index in range(count):
            branch = form.value(("Branches", index))
            states = branch.get("States") if isinstance(branch, dict) else None
            with c.box("row"):
                c.text(f"Branch {index + 1}", "grow")
                c.text(f"{len(states)} states" if isinstance(states, dict) else "malformed", "dim small")
                c.button(
                    f"Remove branch {index + 1}", lambda _=None, i=index: _remove(form, node, ("Branches", i), f"Remove branch {i + 1}"),
                    icon_name="close", icon_only=True, classes="quiet",
                )  # fmt: skip
        c.button(
            "Add branch",
            lambda: _insert(form, node, "Branches", {"StartAt": "", "States": {}}, "Add a branch"),
            icon_name="add",
            data_add="branch",
        )


# -- parts -----------------------------------------------------------------------------------------------------------
def _entry(form: Form, pointer: Pointer, title: str, count: int, node: StateNode) -> Any:
    """The frame of one entry, with its place in the list and its way out."""
    index, list_name = int(pointer[-1]), str(pointer[-2])
    made = c.box("group", "div", data_entry=tree.to_text(pointer))
    form.anchors[pointer] = made
    with made:
        with c.box("group-head"):
            c.text(title, "grow", "span")
            if index:
                c.button(
                    f"{title}: earlier",
                    lambda: _swap(form, node, list_name, index, index - 1),
                    icon_name="arrow_upward",
                    icon_only=True,
                    classes="quiet",
                )
            if index < count - 1:
                c.button(
                    f"{title}: later",
                    lambda: _swap(form, node, list_name, index, index + 1),
                    icon_name="arrow_downward",
                    icon_only=True,
                    classes="quiet",
                )
            c.button(
                f"Remove {title.lower()}",
                lambda: _remove(form, node, pointer, f"Remove {title.lower()}"),
                icon_name="close",
                icon_only=True,
                classes="quiet",
            )
        return c.box("group-body")


def _errors(form: Form, pointer: Pointer) -> None:
    """The names of errors: separated by commas, with AWS's own names on offer."""

    def show(value: Any) -> str:
        return ", ".join(str(item) for item in value) if isinstance(value, list) else "" if value is MISSING else str(value)

    def read(text: str) -> Json:
        names = [name.strip() for name in text.split(",") if name.strip()]
        if not names:
            raise ValueError("Name at least one error, like States.ALL.")
        return names  # type: ignore[return-value]

    inside, error = frame(form, pointer, "Errors")
    with inside:
        control = ui.input(value=show(form.value(pointer)), placeholder="States.ALL", autocomplete=list(ERRORS)).props(
            "outlined dense debounce=250 tag=div"
        )
        c.attributes(control, aria_label="Errors", spellcheck="false").classes("path-field")

    async def typed(event: Any) -> None:
        try:
            value = read(str(event.value or ""))
        except ValueError as reason:
            complain(control, error, str(reason))
            return
        complain(control, error, "")
        await form.put(pointer, value, "Errors")

    def update() -> None:
        if show(form.value(pointer)).replace(" ", "") != str(control.value or "").replace(" ", ""):
            control.set_value(show(form.value(pointer)))

    control.on_value_change(typed)
    form.updaters.append(update)


def _target(form: Form, node: StateNode, pointer: Pointer, title: str) -> None:
    from studio.ui.panels.state_form import target_field

    target_field(form, node, (*node.pointer, *pointer), pointer, title, none=None)


def _names(form: Form, node: StateNode) -> list[str]:
    scope = form.view.graph.scopes.get(node.scope)
    return [str(pointer[-1]) for pointer in (scope.states if scope else ())]


def _word(value: Any) -> str:
    return "" if value is MISSING else str(value)


async def _insert(form: Form, node: StateNode, name: str, value: dict[str, Any], label: str) -> None:
    entries = form.value((name,))
    edit = (
        InsertValue((*node.pointer, name, len(entries)), value) if isinstance(entries, list) else SetValue((*node.pointer, name), [value])
    )
    await form.view.do(Transaction((edit,), f"{label} to {node.name}", "form"))


async def _remove(form: Form, node: StateNode, pointer: Pointer, label: str) -> None:
    entries = form.value(pointer[:-1])
    alone = isinstance(entries, list) and len(entries) == 1 and pointer[0] in {"Retry", "Catch"}
    gone: Callable[[], Pointer] = lambda: pointer[:-1] if alone else pointer  # noqa: E731 - an empty list says nothing
    await form.view.do(Transaction((RemoveValue((*node.pointer, *gone())),), f"{label} of {node.name}", "form"))


async def _swap(form: Form, node: StateNode, name: str, a: int, b: int) -> None:
    entries = form.value((name,))
    if isinstance(entries, list):
        moved = list(entries)
        moved[a], moved[b] = moved[b], moved[a]
        await form.view.do(Transaction((SetValue((*node.pointer, name), moved),), f"Reorder {name} of {node.name}", "form"))
