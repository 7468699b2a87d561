"""Where an entry of the palette goes that is not dropped but typed or pressed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.asl.document import Document
from studio.asl.graph import build
from studio.canvas.intents import to_transaction
from studio.ui.panels.palette import place_for_new

RULE: Any = {"Variable": "$.x", "IsPresent": True}
END: Any = {"Type": "Pass", "End": True}


def machine(choice: Any) -> Any:
    return {"StartAt": "Ask", "States": {"Ask": {"Type": "Choice", **choice}, "X": END, "Y": END}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"Choices": [RULE]}, {"Choices": [{**RULE, "Next": "Fail"}]}),
        ({"Choices": [{**RULE, "Next": "X"}]}, {"Choices": [{**RULE, "Next": "X"}], "Default": "Fail"}),
        ({"Choices": [RULE], "Default": "Y"}, {"Choices": [{**RULE, "Next": "Fail"}], "Default": "Y"}),
    ],
    ids=["a rule that leads nowhere", "no Default", "a rule that leads nowhere before the Default"],
)
def test_what_is_added_after_a_choice_cuts_off_nothing(before: Any, after: Any) -> None:
    document = Document.open(json.dumps(machine(before)))
    graph = build(document.root)
    target = place_for_new(graph, graph.states["States", "Ask"])
    transaction = to_transaction({"kind": "drop", "palette": "flow:Fail", "target": target}, document)
    assert transaction is not None
    made: Any = document.apply(transaction).root
    assert made["States"] == {**machine(after)["States"], "Fail": {"Type": "Fail"}}
