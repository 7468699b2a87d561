"""The lists of a form: retriers, catchers, branches. Each entry is a group of fields; order matters and is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.asl import tree
from studio.asl.edits import InsertState, InsertValue, RemoveValue, SetValue, Transaction, unique_name
from studio.asl.tree import MISSING
from studio.ui.under_way import UnderWay
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form, complain, frame, json_field, read_number, read_path, select_field, text_field
from studio.ui.widgets.live_line import LiveLine
from studio.ui.widgets.proposing import propose

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.graph import StateNode
    from studio.asl.tree import Json, Pointer

NEW_RETRIER: dict[str, Any] = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2}


def retriers(form: Form, node: StateNode) -> None:
    """Retriers, the first that names the error decides."""
    entries = form.value(("Retry",))
    count = len(entries) if isinstance(entries, list) else 0
    with c.box("rows", data_field="/Retry"):
        c.text("Retry", "", "h3")
        for index in range(count):
            pointer: Pointer = ("Retry", index)
            with entry(form, pointer, f"Retrier {index + 1}", count, node):
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
                    lambda: {"": "None (as AWS has it)", "FULL": "Full", "NONE": "None"},
                    current=lambda jitter=jitter: _word(form.value(jitter)),
                    choose=lambda word, jitter=jitter: form.put(jitter, word or MISSING, "Jitter"),  # type: ignore[arg-type]
                )
                text_field(form, (*pointer, "Comment"), "Comment", placeholder="What this retrier is for")
        c.button(
            "Add retrier", lambda: insert(form, node, "Retry", dict(NEW_RETRIER), "Add a retrier"), icon_name="add", data_add="retrier"
        )


def catchers(form: Form, node: StateNode) -> None:
    """Catchers, tried once no retrier takes the error any more."""
    entries = form.value(("Catch",))
    count = len(entries) if isinstance(entries, list) else 0
    with c.box("rows", data_field="/Catch"):
        c.text("Catch", "", "h3")
        for index in range(count):
            pointer: Pointer = ("Catch", index)
            with entry(form, pointer, f"Catcher {index + 1}", count, node):
                _errors(form, (*pointer, "ErrorEquals"))
                target(form, node, (*pointer, "Next"), "Fallback state")
                if node.language == "JSONata":
                    for name, hint in (("Output", "{% $states.errorOutput %}"), ("Assign", '{"why": "{% $states.errorOutput.Cause %}"}')):
                        json_field(form, (*pointer, name), name, placeholder=hint, live=LiveLine(form, "template", "error", pointer))
                else:
                    text_field(
                        form,
                        (*pointer, "ResultPath"),
                        "ResultPath",
                        placeholder="$",
                        read=read_path,
                        classes="path-field",
                        live=LiveLine(form, "into", "error", pointer),
                    )
                    assign: Pointer = (*pointer, "Assign")
                    json_field(form, assign, "Assign", placeholder='{"why.$": "$.Cause"}', live=LiveLine(form, "payload", "error", pointer))
                text_field(form, (*pointer, "Comment"), "Comment", placeholder="What this catcher is for")

        async def add() -> None:
            others = [name for name in names(form, node) if name != node.name]
            if others:
                await insert(form, node, "Catch", {"ErrorEquals": ["States.ALL"], "Next": others[-1]}, "Add a catcher")
                return
            name = unique_name(form.view.session.document.root, "Failed")  # there is nowhere to go yet
            edits = (
                InsertState(node.scope, name, {"Type": "Fail"}),
                _inserted(form, node, "Catch", {"ErrorEquals": ["States.ALL"], "Next": name}),
            )
            await form.view.do(Transaction(edits, f"Add a catcher to {node.name}", "form"))
            form.view.select([tree.to_text(node.pointer)])

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
                c.text(f"{len(states)} state{'' if len(states) == 1 else 's'}" if isinstance(states, dict) else "malformed", "dim small")
                c.button(
                    f"Remove branch {index + 1}", lambda _=None, i=index: _remove(form, node, ("Branches", i), f"Remove branch {i + 1}"),
                    icon_name="close", icon_only=True, classes="quiet",
                )  # fmt: skip
        c.button(
            "Add branch",
            lambda: insert(form, node, "Branches", {"StartAt": "", "States": {}}, "Add a branch"),
            icon_name="add",
            data_add="branch",
        )


# -- parts -----------------------------------------------------------------------------------------------------------
def entry(form: Form, pointer: Pointer, title: str, count: int, node: StateNode) -> Any:
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
        control = ui.textarea(value=show(form.value(pointer)), placeholder="States.ALL").props(
            "outlined dense debounce=250 autogrow tag=div"
        )
        c.attributes(control, aria_label="Errors", spellcheck="false", rows="1").classes("path-field")
        propose(form, control, pointer, "list")

    under_way = UnderWay(form.view.under_way)

    async def typed(event: Any) -> None:
        try:
            value = read(str(event.value or ""))
        except ValueError as reason:
            complain(control, error, str(reason))
            return
        complain(control, error, "")
        await form.put(pointer, value, "Errors")

    def update() -> None:
        if not under_way.count and show(form.value(pointer)).replace(" ", "") != str(control.value or "").replace(" ", ""):
            control.set_value(show(form.value(pointer)))

    control.on_value_change(under_way.noting(typed))
    form.updaters.append(update)


def target(form: Form, node: StateNode, pointer: Pointer, title: str) -> None:
    from studio.ui.panels.state_form import target_field

    target_field(form, node, (*node.pointer, *pointer), pointer, title, none=None)


def names(form: Form, node: StateNode) -> list[str]:
    scope = form.view.graph.scopes.get(node.scope)
    return [str(pointer[-1]) for pointer in (scope.states if scope else ())]


def _word(value: Any) -> str:
    return "" if value is MISSING else str(value)


async def insert(form: Form, node: StateNode, name: str, value: dict[str, Any], label: str) -> None:
    await form.view.do(Transaction((_inserted(form, node, name, value),), f"{label} to {node.name}", "form"))


def _inserted(form: Form, node: StateNode, name: str, value: dict[str, Any]) -> InsertValue | SetValue:
    entries = form.value((name,))
    if isinstance(entries, list):
        return InsertValue((*node.pointer, name, len(entries)), value)
    return SetValue((*node.pointer, name), [value])


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
