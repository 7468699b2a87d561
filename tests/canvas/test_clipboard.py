from __future__ import annotations

import json
from typing import Any

import pytest
from canvas_definitions import FILES, load

from studio.asl import graph as asl_graph
from studio.asl.document import Document
from studio.canvas.clipboard import copy
from studio.canvas.intents import to_transaction
from studio.errors import EditRefused

CHAIN: Any = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "Seconds": 1, "Next": "C"}, "C": {"Type": "Pass", "End": True}},
}


def pasted(root: Any, text: str, **where: Any) -> tuple[str, Any]:
    before = Document.open(json.dumps(root))
    transaction = to_transaction({"kind": "command", "command": "paste", "text": text, **where}, before)
    assert transaction is not None
    return transaction.label, before.apply(transaction).root


def test_a_copy_is_a_definition_of_its_own() -> None:
    text = copy(CHAIN, [("States", "A"), ("States", "B")])
    assert json.loads(text) == {
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "Seconds": 1, "End": True}},
    }


def test_pasting_what_was_copied_gives_new_names_and_splices() -> None:
    label, after = pasted(CHAIN, copy(CHAIN, [("States", "A"), ("States", "B")]), target={"edge": "/States/B/Next"})
    assert label == "paste 2 states"
    assert after["States"]["B"]["Next"] == "A (2)"
    assert after["States"]["A (2)"] == {"Type": "Pass", "Next": "B (2)"}
    assert after["States"]["B (2)"] == {"Type": "Wait", "Seconds": 1, "Next": "C"}


@pytest.mark.parametrize(
    "text",
    [
        '{"Type": "Wait", "Seconds": 9}',
        '{"Wait": {"Type": "Wait", "Seconds": 9, "Next": "Elsewhere"}}',
        '"Wait": {"Type": "Wait", "Seconds": 9, "End": true},',
        "Type: Wait\nSeconds: 9\n",
        "StartAt: Wait\nStates:\n  Wait:\n    Type: Wait\n    Seconds: 9\n    End: true\n",
    ],
)
def test_a_state_in_many_shapes(text: str) -> None:
    label, after = pasted(CHAIN, text, ids=["/States/A"])
    assert label == "paste *Wait*"
    assert after["States"]["A"]["Next"] == "Wait"
    assert after["States"]["Wait"] == {"Type": "Wait", "Seconds": 9, "Next": "B"}


def test_loops_and_choices_keep_their_ways() -> None:
    loop = {
        "StartAt": "Try",
        "States": {
            "Try": {"Type": "Pass", "Next": "Done?"},
            "Done?": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Try"}], "Default": "Out"},
            "Out": {"Type": "Pass", "End": True},
        },
    }
    _, after = pasted(CHAIN, json.dumps(loop), target={"edge": "/States/C/Next"})
    states = after["States"]
    assert states["C"]["Next"] == "Try"
    assert states["Done?"] == loop["States"]["Done?"]
    assert states["Out"] == {"Type": "Pass", "End": True}


def test_names_inside_containers_become_free_too() -> None:
    inner = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    _, after = pasted(CHAIN, json.dumps({"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}))
    processor = after["States"]["M"]["ItemProcessor"]
    assert processor == {"StartAt": "A (2)", "States": {"A (2)": {"Type": "Pass", "End": True}}}


def test_a_definition_into_an_empty_workflow_is_that_definition() -> None:
    _, after = pasted({}, json.dumps(CHAIN))
    assert after == CHAIN


@pytest.mark.parametrize("text", ["", "hello", "[1, 2]", '{"a": 1}', "{", '{"States": {}}', '{"Type": 7}', '"just a string"'])
def test_what_holds_no_states_is_refused(text: str) -> None:
    with pytest.raises(EditRefused):
        pasted(CHAIN, text)


def test_ends_are_not_pasted_into_the_middle() -> None:
    with pytest.raises(EditRefused, match="cut off"):
        pasted(CHAIN, '{"Type": "Fail"}', target={"edge": "/States/A/Next"})


@pytest.mark.parametrize("path", FILES[::8], ids=lambda path: path.stem)
def test_all_states_of_a_definition_can_be_copied_and_pasted_into_an_empty_one(path: Any) -> None:
    root = load(path)
    graph = asl_graph.build(root)
    top = graph.scopes[("States",)]
    if not top.states:
        return
    _, after = pasted({}, copy(root, list(top.states)))
    again = asl_graph.build(after)
    assert {p[-1] for p in again.states} == {p[-1] for p in graph.states}
    ways = {(t.slot, t.target) for t in graph.transitions if t.kind == "next" and not t.missing}
    assert ways <= {(t.slot, t.target) for t in again.transitions}
