"""The form of the workflow itself, shown while no state is selected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nicegui import ui

from studio.asl.edits import Connect, Transaction
from studio.asl.sidefile import placeholders
from studio.asl.tree import MISSING
from studio.errors import StudioError
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import read_number, select_field, text_field

if TYPE_CHECKING:
    from studio.asl.tree import Json
    from studio.ui.widgets.form import Form

MAX_PLACEHOLDERS = 100


def workflow_form(form: Form) -> None:
    """Comment, first state, query language, time limit; and how to begin where there is no state yet."""
    view = form.view
    with c.box("state-head"):
        c.text("Workflow", "grow", "h2")
        count = len(view.graph.states)
        c.text(f"{count} state{'s' if count != 1 else ''}", "type-tag", "span")
    with c.box("form"):
        if not view.session.document.valid:
            c.text(
                "The text has a problem. Correct it in the code, or undo; until then the form and the canvas cannot change it.",
                "note warning",
            )
        elif not view.graph.states:
            with c.box("note"):
                c.icon("lightbulb", "icon-16")
                c.text("Drag a state from the palette onto the canvas, or focus an entry and press Enter.")
        text_field(form, ("Comment",), "Comment", placeholder="What this workflow is for", multiline=True)

        def names() -> dict[str, str]:
            scope = view.graph.scopes.get(("States",))
            return {str(pointer[-1]): str(pointer[-1]) for pointer in (scope.states if scope else ())} or {"": "No states yet"}

        async def start(name: str) -> None:
            await view.do(Transaction((Connect(("StartAt",), name),), f"Start at {name}", "form"))

        select_field(form, ("StartAt",), "Start at", names, current=lambda: _text(form.value(("StartAt",))), choose=start)
        select_field(
            form,
            ("QueryLanguage",),
            "Query language",
            lambda: {"": "JSONPath (default)", "JSONPath": "JSONPath", "JSONata": "JSONata"},
            current=lambda: _text(form.value(("QueryLanguage",))),
            choose=lambda word: form.put(("QueryLanguage",), word or MISSING, "Query language"),  # type: ignore[arg-type]
            doc="For states that do not choose their own. Switching does not convert what the states hold.",
        )
        text_field(
            form,
            ("TimeoutSeconds",),
            "Timeout, s",
            placeholder="none",
            read=read_number,
            doc="The whole execution fails with States.Timeout after so many seconds.",
        )
        _placeholders(form)


def _placeholders(form: Form) -> None:
    """A value per placeholder of the definition, for runs on this machine; kept in the side file."""
    session = form.view.session
    names = list(placeholders(session.document.root))
    if not names:
        return
    c.text("Placeholders", "", "h3")
    c.text("Filled in when the workflow is deployed. For runs on this machine give a value here: text, or any JSON.", "dim small wrap")

    async def keep(name: str, text: str) -> None:
        try:
            await session.write_own(session.side.own.with_placeholder(name, _json_or_text(text) if text.strip() else None))
        except StudioError as problem:
            c.toast(str(problem), seconds=6)

    for name in names[:MAX_PLACEHOLDERS]:
        held = session.side.own.placeholders.get(name)
        with c.box("field"):
            c.text(f"${{{name}}}", "mono clip", "label")
            field = ui.input(value="" if held is None else held if isinstance(held, str) else json.dumps(held)).props("outlined dense")
            c.attributes(field, aria_label=f"Value of {name}", data_placeholder=name)
            field.on("blur", lambda _=None, name=name, field=field: keep(name, str(field.value or "")))


def _json_or_text(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
