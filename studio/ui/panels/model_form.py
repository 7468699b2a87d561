"""The picker of Bedrock models: by maker, with the request body that the maker's models want.

A body is replaced only where the new model wants another form, and what stood there comes back when the model does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio.asl.edits import SetValue, Transaction
from studio.catalogue.models import FAMILIES, family
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form, select_field

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.asl.tree import Json
    from studio.catalogue.actions import Call

BODY = "bedrock:invokeModel"
"""The action whose body is the maker's own; Converse speaks one language with all."""
CALLS = frozenset({BODY, "aws-sdk:bedrockruntime:invokeModel", "aws-sdk:bedrockruntime:converse"})


def picker(form: Form, node: StateNode, found: Call) -> None:
    """A menu of models ahead of the parameters."""
    name = "Arguments" if node.language == "JSONata" else "Parameters"

    def options() -> dict[str, str]:
        return {
            "": "Choose a model…",
            **{model: f"{one.maker}: {model}" for one in FAMILIES for model in one.models if _offered(found, one.body)},
        }

    def model() -> str:
        held = form.value((name, "ModelId"))
        return held if isinstance(held, str) else ""

    async def choose(chosen: str) -> None:
        if not chosen or chosen == model():
            return
        edits = [SetValue((*node.pointer, name, "ModelId"), chosen)]
        body = _body(form, node, name, model(), chosen) if found.name == BODY else None
        if body is not None:
            edits.append(SetValue((*node.pointer, name, "Body"), body))
        await form.view.do(Transaction(tuple(edits), f"Use {chosen} in {node.name}", "form"))

    select_field(form, ("#model",), "Model", options, current=model, choose=choose, doc="Any other model id can be typed under ModelId.")
    told = c.text("", "dim small wrap", "div")

    def tell() -> None:
        found_family = family(model())
        told.set_text(f"Its answer is in the result's {found_family.answer}." if found_family and found.name == BODY else "")
        told.set_visibility(bool(told.text))

    tell()
    form.updaters.append(tell)


def _offered(found: Call, body: dict[str, Json]) -> bool:
    """Converse is for models that talk."""
    return found.name.endswith("invokeModel") or not {"texts", "inputText", "taskType"} & set(body)


def _body(form: Form, node: StateNode, name: str, old: str, new: str) -> Json | None:
    """The body for a new model; None where the old one fits it as well. The old one is remembered for its maker."""
    before, after = family(old), family(new)
    held = form.value((name, "Body"))
    if after is None or before is after:
        return None
    key = (*node.pointer, name, "Body")
    if before is not None and isinstance(held, dict):
        form.view.drafts[(key, before.maker)] = json.dumps(held)
    if isinstance(held, dict) and _fits(held, after.body):
        return None
    kept = form.view.drafts.get((key, after.maker))
    return json.loads(kept) if kept else after.body


def _fits(held: dict[str, Any], wanted: dict[str, Json]) -> bool:
    """Whether a body has the members that a maker wants."""
    return set(wanted) <= {key.removesuffix(".$") for key in held}
