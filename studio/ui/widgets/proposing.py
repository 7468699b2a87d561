"""Fields that propose words while they are typed in: keys of the state's data, variables, functions, parameter names, ARNs.

Theory of operation: a field that proposes carries `data-completes`. `static/complete.js` sends what stands in it and where the caret is
(`studio-complete`); the words come from `asl.completion.in_field`, off the event loop, and go back to the list under the caret. A list
that is late is thrown away there: every question has a number.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from nicegui import ui

from studio.canvas.code_element import characters, units
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from studio.asl.completion import Choice, Holds, Proposals
    from studio.asl.tree import Pointer
    from studio.ui.widgets.form import Form

SHOWN = 60
"""Words in the list."""
DOC = 400
"""Characters of a word's documentation."""


def propose(form: Form, control: Any, pointer: Pointer, holds: Holds) -> None:
    """Lets a control of a state's form propose words for the value at `pointer`."""
    if form.base and pointer and pointer[-1] != "Comment":
        form.proposing[control.id] = (pointer, holds)
        c.attributes(control, data_completes=str(control.id), data_holds=holds, autocomplete="off", aria_autocomplete="list")


def listen(form: Callable[[], Form | None]) -> None:
    """Answers the questions of the fields of a page; `form` is the form that is shown."""

    async def asked(event: Any) -> None:
        question = cast("dict[str, Any]", event.args)
        shown = form()
        if shown is None:
            return
        answer = await _answer(shown, question)
        if answer is not None and not shown.view.client.is_deleted:
            with shown.view.client:
                ui.run_javascript(f"window.studio.proposed({int(question['ask'])}, {json.dumps(answer)})")

    ui.on("studio-complete", asked, args=[["ask", "field", "text", "offset"]])


async def _answer(form: Form, question: dict[str, Any]) -> dict[str, Any] | None:
    from studio.asl.completion import in_field
    from studio.catalogue.completion import completion

    field, text = form.proposing.get(int(question["field"])), question["text"]
    if field is None or not isinstance(text, str):
        return None
    pointer, holds = field
    root, whole = form.view.session.document.root, (*form.base, *pointer)
    offset = characters(text, int(question["offset"]))
    seen = await form.view.samples.seen(form.view.node_at(form.base))
    found = await asyncio.to_thread(in_field, root, whole, text, offset, holds, completion(), seen)
    if found is not None and whole[-1] == "FunctionName":
        functions = await asyncio.to_thread(_functions, form.view.session.workspace.root / form.view.session.path)
        found = replace(found, choices=(*functions, *found.choices))
    return listed(found, text, offset) if found is not None else None


def _functions(workflow: Path) -> tuple[Choice, ...]:
    """The functions that answer in local runs, by name."""
    from studio.asl.completion import Choice

    names = sorted(path.stem for path in (workflow.parent / "functions").glob("*.py") if not path.stem.startswith("_"))
    return tuple(Choice(name, "text", "answers in local runs", f"functions/{name}.py", name) for name in names)


def listed(found: Proposals, text: str, offset: int) -> dict[str, Any]:
    """Proposals as the list takes them: those that fit what is typed, the likeliest first. Places count UTF-16 units."""
    typed = text[found.start : offset].lower()
    choices = [c for c in found.choices if c.label.startswith("arn:") or _rank(c, typed) < 3]
    choices.sort(key=lambda c: 0 if c.label.startswith("arn:") else _rank(c, typed))
    return {
        "from": units(text, found.start),
        "to": units(text, found.end),
        "options": [
            {"label": c.label, "kind": c.kind, "detail": c.detail, "doc": c.doc[:DOC], "text": c.text or c.label, "again": c.again}
            for c in choices[:SHOWN]
        ],
    }


def _rank(choice: Choice, typed: str) -> int:
    """How well a word fits: its beginning, the beginning of one of its parts, anywhere in it, not at all."""
    label = choice.label.lower()
    if label.startswith(typed):
        return 0
    at = label.find(typed)
    return 3 if at < 0 else 1 if not label[at - 1].isalnum() else 2
