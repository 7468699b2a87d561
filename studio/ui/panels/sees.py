"""At the foot of a form: the data the state saw last, as trees. A key dragged into a field writes its path there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio.asl.tree import MISSING
from studio.ui.widgets import controls as c
from studio.ui.widgets.payload import JsonTree

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.ui.live import Sample
    from studio.ui.widgets.form import Form


def sees(form: Form, node: StateNode) -> None:
    """A frame that is filled when it is opened."""
    with c.box("group sees", "details", data_sees="") as frame:
        c.text("What this state sees", "", "summary")
        body = c.box("group-body")

    async def toggled(event: Any) -> None:
        if event.args is not True:
            return
        sample = await form.view.samples.of(form.view.node_at(form.base))
        if body.is_deleted:
            return
        body.clear()
        with body:
            if sample is None:
                c.text(
                    "Nothing is known yet: run the workflow, or give it a sample input and mocks (Input and Mocks below).", "dim small wrap"
                )
            else:
                _trees(sample, node)

    frame.on("toggle", toggled, js_handler="(event) => emit(event.target.open)")


def _trees(sample: Sample, node: StateNode) -> None:
    c.text(f"From {sample.title}. Drag a key into a field to write its path.", "dim small wrap")
    trees: dict[str, Any] = {"Input": sample.input}
    if sample.result is not MISSING and node.type in {"Task", "Parallel", "Map"}:
        trees["Result"] = sample.result
    if sample.variables:
        trees["Variables"] = sample.variables
    for label, value in trees.items():
        with c.box("field", "div"):
            c.text(label, "field-name field-head", "span")
            with c.box("sees-tree"):
                JsonTree(json.dumps(value, ensure_ascii=False, separators=(",", ":")), label)
