"""What an optimized integration hands over: the state's input as it is, a payload of one's own, or nothing. In Workflow Studio's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio.asl.edits import SetValue, Transaction
from studio.asl.tree import MISSING
from studio.catalogue.actions import PAYLOADS, needed
from studio.ui.widgets.form import Form, select_field

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.catalogue.actions import Call

WORDS = {"lambda:invoke": "payload", "sns:publish": "message", "sqs:sendMessage": "message", "states:startExecution": "input"}
INPUT = "{% $states.input %}"


def parameter(found: Call) -> str:
    """The parameter that is handed over; empty where there is none."""
    return next(iter(PAYLOADS.get(found.name, ())), "") if found.name in WORDS else ""


def source(form: Form, node: StateNode, found: Call) -> None:
    """The choice where it comes from. What was typed oneself is kept for when one comes back to it."""
    name = parameter(found)
    holder = "Arguments" if node.language == "JSONata" else "Parameters"
    word = WORDS[found.name]
    options = {"input": f"Use state input as {word}", "own": f"Enter your own {word}"}
    if name not in needed(found.name):
        options["none"] = f"No {word}"
    value_at, path_at = (holder, name), (holder, f"{name}.$")
    draft = ((*form.base, *value_at), "#own")

    def held() -> tuple[str, Any]:
        if (value := form.value(value_at)) is not MISSING:
            return name, value
        return f"{name}.$", form.value(path_at) if node.language == "JSONPath" else MISSING

    def current() -> str:
        key, value = held()
        if value is MISSING:
            return "none"
        return "input" if [key, value] in ([f"{name}.$", "$"], [name, INPUT]) else "own"

    async def choose(chosen: str) -> None:
        key, value = held()
        if chosen == current():
            return
        if current() == "own":
            form.view.drafts[draft] = json.dumps([key, value])
        new: tuple[str, Any] | None = None
        if chosen == "input":
            new = (name, INPUT) if node.language == "JSONata" else (f"{name}.$", "$")
        elif chosen == "own":
            kept = form.view.drafts.get(draft)
            new = tuple(json.loads(kept)) if kept else (name, {})
        before = form.value((holder,))
        members = {k: v for k, v in (before if isinstance(before, dict) else {}).items() if k not in {name, f"{name}.$"}}
        edits = [SetValue((*node.pointer, holder), members | ({new[0]: new[1]} if new else {}))]
        await form.view.do(Transaction(tuple(edits), f"{options.get(chosen, chosen)} in {node.name}", "form"))

    select_field(form, (f"#{name}",), f"{name} from", lambda: options, current=current, choose=choose, doc="What the call is given.")
