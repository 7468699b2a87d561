"""The form of the workflow itself, shown while no state is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.asl.edits import Connect, Transaction
from studio.asl.tree import MISSING
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import read_number, select_field, text_field

if TYPE_CHECKING:
    from studio.ui.widgets.form import Form


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


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
