"""Leading a transition elsewhere: the edit an intent means, and where it may not go."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.asl import graph as asl_graph
from studio.asl import tree
from studio.asl.document import Document
from studio.canvas import rewiring
from studio.canvas.intents import to_transaction
from studio.errors import EditRefused

ORDER: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Check": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Review"}],
            "Default": "Charge",
        },
        "Review": {"Type": "Wait", "Seconds": 1, "Next": "Charge"},
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refuse"}],
            "Next": "Ship",
        },
        "Ship": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Pack", "States": {"Pack": {"Type": "Pass", "Next": "Label"}, "Label": {"Type": "Pass", "End": True}}},
                {"StartAt": "Write", "States": {"Write": {"Type": "Pass", "End": True}}},
            ],
            "End": True,
        },
        "Refuse": {"Type": "Fail"},
    },
}


def document(root: Any) -> Document:
    return Document.open(json.dumps(root), "json")


def after(**intent: Any) -> tuple[str, dict[str, Any]]:
    """The name of the one undo step, and what it changed: pointer -> new value (None: gone)."""
    before = document(ORDER)
    transaction = to_transaction(intent, before)
    assert transaction is not None
    changed = before.apply(transaction)
    assert changed is not None
    old, new = _leaves(ORDER), _leaves(changed.root)
    return transaction.label, {key: new.get(key) for key in sorted({*old, *new}) if old.get(key) != new.get(key)}


def _leaves(value: Any, at: str = "") -> dict[str, Any]:
    if not isinstance(value, (dict, list)):
        return {at: value}
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return {key: leaf for name, inner in items for key, leaf in _leaves(inner, f"{at}/{name}").items()}


@pytest.mark.parametrize(
    ("intent", "label", "changed"),
    [
        (
            {"kind": "connect", "slot": "/States/Review/Next", "to": "/States/Ship"},
            "connect *Review* to *Ship*",
            {"/States/Review/Next": "Ship"},
        ),
        (
            {"kind": "connect", "slot": "/States/Check/Choices/0/Next", "to": "/States/Refuse"},
            "connect *Check* to *Refuse*",
            {"/States/Check/Choices/0/Next": "Refuse"},
        ),
        (
            {"kind": "connect", "slot": "/States/Check/Default", "to": "/States/Refuse"},
            "connect *Check* to *Refuse*",
            {"/States/Check/Default": "Refuse"},
        ),
        (
            {"kind": "connect", "slot": "/States/Charge/Catch/0/Next", "to": "/States/Review"},
            "connect *Charge* to *Review*",
            {"/States/Charge/Catch/0/Next": "Review"},
        ),
        ({"kind": "connect", "slot": "/StartAt", "to": "/States/Charge"}, "connect *Start* to *Charge*", {"/StartAt": "Charge"}),
        (
            {"kind": "connect", "slot": "/States/Charge/Next", "to": "/States#end"},
            "end after *Charge*",
            {"/States/Charge/End": True, "/States/Charge/Next": None},
        ),
        (
            {"kind": "connect", "slot": "/States/Ship/Next", "to": "/States/Refuse"},
            "connect *Ship* to *Refuse*",
            {"/States/Ship/End": None, "/States/Ship/Next": "Refuse"},
        ),
        (
            {"kind": "connect", "slot": "/States/Ship/Branches/0/StartAt", "to": "/States/Ship/Branches/0/States/Label"},
            "connect *Start* to *Label*",
            {"/States/Ship/Branches/0/StartAt": "Label"},
        ),
        (
            {"kind": "reconnect", "slot": "/States/Charge/Next", "from": "/States/Review"},
            "let *Review* lead to *Ship* instead of *Charge*",
            {"/States/Charge/End": True, "/States/Charge/Next": None, "/States/Review/Next": "Ship"},
        ),
        (
            {"kind": "reconnect", "slot": "/States/Review/Next", "from": "/States/Ship"},
            "let *Ship* lead to *Charge* instead of *Review*",
            {"/States/Review/End": True, "/States/Review/Next": None, "/States/Ship/End": None, "/States/Ship/Next": "Charge"},
        ),
        (
            {"kind": "reconnect", "slot": "/States/Charge/Next", "from": "/States/Check"},
            "let *Check* lead to *Ship* instead of *Charge*",
            {"/States/Charge/End": True, "/States/Charge/Next": None, "/States/Check/Default": "Ship"},
        ),
    ],
)
def test_a_transition_is_led_elsewhere(intent: Any, label: str, changed: dict[str, Any]) -> None:
    assert after(**intent) == (label, changed)


@pytest.mark.parametrize(
    ("intent", "reason"),
    [
        ({"kind": "connect", "slot": "/States/Review/Next", "to": "/States/Ship/Branches/0/States/Pack"}, "“Pack” is inside another Map"),
        ({"kind": "connect", "slot": "/States/Ship/Branches/0/States/Pack/Next", "to": "/States/Review"}, "than “Pack”"),
        (
            {"kind": "connect", "slot": "/States/Ship/Branches/0/States/Pack/Next", "to": "/States/Ship/Branches/1/States/Write"},
            "“Write” is inside another Map, branch",
        ),
        ({"kind": "connect", "slot": "/States/Check/Choices/0/Next", "to": None}, "A rule has to lead to a state"),
        ({"kind": "connect", "slot": "/States/Check/Default", "to": "/States#end"}, "Default has to lead to a state"),
        ({"kind": "connect", "slot": "/States/Charge/Catch/0/Next", "to": None}, "A catcher has to lead to a state"),
        ({"kind": "connect", "slot": "/StartAt", "to": "/States#end"}, "has to start with a state"),
        ({"kind": "connect", "slot": "/States/Refuse/Next", "to": "/States/Ship"}, "“Refuse” is a Fail state"),
        ({"kind": "connect", "slot": "/States/Gone/Next", "to": "/States/Ship"}, "no transition /States/Gone/Next"),
        ({"kind": "connect", "slot": "/States/Review/Next", "to": "/States/Gone"}, "no state /States/Gone"),
        ({"kind": "reconnect", "slot": "/States/Charge/Catch/0/Next", "from": "/States/Review"}, "catcher stay with theirs"),
        ({"kind": "reconnect", "slot": "/States/Check/Default", "from": "/States/Review"}, "catcher stay with theirs"),
        ({"kind": "reconnect", "slot": "/States/Ship/Next", "from": "/States/Review"}, "Only the transition from a state"),
        ({"kind": "reconnect", "slot": "/States/Charge/Next", "from": "/States/Refuse"}, "“Refuse” is a Fail state"),
        ({"kind": "reconnect", "slot": "/States/Charge/Next", "from": "/States/Ship"}, "“Ship” would lead to itself"),
        ({"kind": "reconnect", "slot": "/States/Charge/Next", "from": "/States/Ship/Branches/1/States/Write"}, "“Write” is inside another"),
    ],
)
def test_what_cannot_be_led_elsewhere_says_why(intent: Any, reason: str) -> None:
    with pytest.raises(EditRefused) as refused:
        to_transaction(intent, document(ORDER))
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    "intent",
    [
        {"kind": "connect", "slot": "/States/Review/Next", "to": "/States/Charge"},
        {"kind": "connect", "slot": "/States/Ship/Next", "to": None},
        {"kind": "reconnect", "slot": "/States/Review/Next", "from": "/States/Review"},
    ],
)
def test_a_transition_led_to_where_it_leads_changes_nothing(intent: Any) -> None:
    assert to_transaction(intent, document(ORDER)) is None


def test_the_way_out_of_a_choice_without_default_becomes_its_default() -> None:
    root = {"StartAt": "Ask", "States": {"Ask": {"Type": "Choice", "Choices": [{"Next": "A"}]}, "A": {"Type": "Pass", "End": True}}}
    transaction = to_transaction({"kind": "connect", "slot": "/States/Ask/Next", "to": "/States/A"}, document(root))
    assert transaction is not None
    changed = document(root).apply(transaction)
    assert changed is not None
    assert tree.get(changed.root, ("States", "Ask")) == {"Type": "Choice", "Choices": [{"Next": "A"}], "Default": "A"}


def test_the_ways_out_and_where_they_may_lead_in_words() -> None:
    graph = asl_graph.build(ORDER)
    charge = graph.states["States", "Charge"]
    found = {way.words: way.transition for way in rewiring.ways(graph, charge)}
    assert list(found) == ["then Ship", "catch States.ALL: Refuse"]
    assert rewiring.ways(graph, graph.states["States", "Refuse"]) == []
    goals = [(goal.state.name if goal.state else None, goal.reason) for goal in rewiring.goals(graph, found["catch States.ALL: Refuse"])]
    assert goals == [("Check", ""), ("Review", ""), ("Ship", ""), ("Charge", ""), (None, "A catcher has to lead to a state.")]
    inner = next(t for t in graph.transitions if tree.to_text(t.slot) == "/States/Ship/Branches/0/States/Label/Next")
    assert [goal.state and goal.state.name for goal in rewiring.goals(graph, inner)] == ["Pack", "Label"]
