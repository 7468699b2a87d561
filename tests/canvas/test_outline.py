"""The workflow as a list, and where its states may be moved."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl import tree
from studio.asl.document import Document
from studio.asl.graph import build
from studio.asl.text import dump
from studio.canvas.intents import to_transaction
from studio.canvas.outline import places, rows, step

PASS: dict[str, Any] = {"Type": "Pass"}
WHOLE: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Lost": {**PASS, "End": True},
        "End state": {"Type": "Succeed"},
        "Pay": {**PASS, "Next": "End state"},
        "Review": {**PASS, "Next": "Pay"},
        "Check": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 9, "Next": "Both"}], "Default": "Review"},
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "L", "States": {"L": {**PASS, "Next": "M"}, "M": {**PASS, "End": True}}},
                {"StartAt": "", "States": {}},
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "End state"}],
            "Next": "Each",
        },
        "Each": {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": {**PASS, "End": True}}}, "Next": "Pay"},
    },
}


def test_every_state_stands_before_what_follows_it() -> None:
    shown = [(r.level, r.number, r.name, r.leads, r.status) for r in rows(build(WHOLE), {"Pay": "failed"})]
    assert shown == [
        (1, "1", "Check", "$.n > 9: Both; Default: Review", None),
        (1, "2", "Both", "then Each; catch States.ALL: End state", None),
        (2, "", "Branch 1", "", None),
        (3, "2.1.1", "L", "then M", None),
        (3, "2.1.2", "M", "ends", None),
        (2, "", "Branch 2", "", None),
        (1, "3", "Each", "then Pay", None),
        (2, "3.1", "I", "ends", None),
        (1, "4", "Review", "then Pay", None),
        (1, "5", "Pay", "then End state", "failed"),
        (1, "6", "End state", "ends", None),
        (1, "7", "Lost", "ends", None),
    ]


def test_a_row_says_all_of_it() -> None:
    row = rows(build(WHOLE), {"Both": "failed"})[1]
    assert row.spoken.startswith("2, Both, Parallel")
    assert "failed" in row.spoken
    assert (row.id, row.scope, row.parent, row.inner) == ("/States/Both", "/States", None, True)


def test_loops_and_nothing_at_all() -> None:
    loop = {"StartAt": "A", "States": {"A": {**PASS, "Next": "B"}, "B": {**PASS, "Next": "A"}}}
    assert [row.name for row in rows(build(loop))] == ["A", "B"]
    assert rows(build(None)) == []
    assert rows(build({"States": {"X": 7}}))[0].name == "X"


def chain(definition: Any) -> list[str]:
    return [row.name for row in rows(build(definition))]


@pytest.mark.parametrize(
    ("name", "later", "expected"),
    [
        ("A", True, ["B", "A", "C"]),
        ("B", True, ["A", "C", "B"]),
        ("C", True, None),
        ("A", False, None),
        ("B", False, ["B", "A", "C"]),
        ("C", False, ["A", "C", "B"]),
    ],
)
def test_one_place_earlier_or_later(name: str, later: bool, expected: list[str] | None) -> None:
    states = {"A": {**PASS, "Next": "B"}, "B": {**PASS, "Next": "C"}, "C": {**PASS, "End": True}}
    document = Document.open(dump({"StartAt": "A", "States": states}))
    graph = build(document.root)
    node = graph.by_name(name)
    assert node is not None
    slot = step(graph, node, later=later)
    if expected is None:
        assert slot is None
        return
    assert slot is not None
    transaction = to_transaction({"kind": "move", "ids": [f"/States/{name}"], "target": {"edge": tree.to_text(slot)}}, document)
    assert transaction is not None
    after = document.apply(transaction)
    assert after is not None
    assert chain(after.root) == expected


def test_where_a_state_may_be_moved() -> None:
    found = places(WHOLE, ["/States/Review"], build(WHOLE))
    assert found["after Both, before Each"]["edge"] == "/States/Both/Next"
    assert found["after L, before M, in branch 1 of Both"]["edge"] == "/States/Both/Branches/0/States/L/Next"
    assert found["into branch 2 of Both, which is empty"]["scope"] == "/States/Both/Branches/1/States"
    assert found["a new branch of Both"]["scope"] == "/States/Both/Branches/2/States"
    assert found["after I, at its end, in Each"]["edge"] == "/States/Each/ItemProcessor/States/I/Next"
    assert not any("Review" in words for words in found)
