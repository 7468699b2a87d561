"""Places of states on the canvas: part of the document and of undo, never of the text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.asl.document import Document
from studio.asl.edits import Edit, InsertState, MoveStates, PlaceStates, RemoveStates, RenameState, SetValue, Transaction
from studio.asl.undo import History

TEXT = json.dumps(
    {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "End": True}}}
)
A, B = ("States", "A"), ("States", "B")
PLACED = {"A": (8.0, 16.0), "B": (0.0, 96.0), "Gone": (1.0, 1.0)}


def placed() -> Document:
    return Document.open(TEXT).apply(Transaction((PlaceStates(tuple(PLACED.items())),), "place", "canvas"))


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (PlaceStates((("A", (24, 0)), ("B", None))), {"A": (24, 0), "Gone": (1, 1)}),
        (RenameState(A, "Start"), {"Start": (8, 16), "B": (0, 96), "Gone": (1, 1)}),
        (InsertState(("States",), "Gone", {"Type": "Pass"}, ("StartAt",)), {"A": (8, 16), "B": (0, 96)}),
        (MoveStates((A,), ("States",), ("States", "C", "Next")), {"B": (0, 96), "Gone": (1, 1)}),
        (RemoveStates((A, B)), {"Gone": (1, 1)}),
        (SetValue(("Comment",), "x"), PLACED),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, dict) else "",
)
def test_places_follow_the_edits(edit: Edit, expected: Any) -> None:
    assert dict(placed().apply(Transaction((edit,), "x", "canvas")).places) == expected


def test_a_place_is_a_step_of_undo_and_no_text() -> None:
    before = Document.open(TEXT)
    history = History.start(before).do(placed(), "place *A*")
    assert history.present.text == TEXT
    history = history.do(history.present.apply(Transaction((RenameState(A, "Start"),), "rename", "canvas")), "rename")
    assert dict(history.undo().present.places) == PLACED
    assert dict(history.undo().undo().present.places) == {}
    assert dict(history.undo().undo().redo().redo().present.places) == dict(history.present.places)


def test_nothing_to_place_changes_nothing() -> None:
    document = placed()
    assert document.apply(Transaction((PlaceStates((("A", (8, 16)), ("New", None))),), "place", "canvas")) is document


def test_states_can_be_placed_while_the_text_is_broken() -> None:
    broken = Document("{", "json", placed().root, placed().parsed, placed().problem)
    assert dict(broken.apply(Transaction((PlaceStates((("A", (0, 8)),)),), "place", "canvas")).places) == {"A": (0, 8)}
