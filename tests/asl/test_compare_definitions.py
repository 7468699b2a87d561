"""What two versions of a workflow differ in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.asl.compare import Line, StateChange, changed_lines, changed_states, compare_lines

A = {"Type": "Pass", "Next": "B"}
B = {"Type": "Succeed"}
BASE: dict[str, Any] = {"StartAt": "A", "States": {"A": A, "B": B}}


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": states}


def each(**states: Any) -> dict[str, Any]:
    return machine(A={"Type": "Map", "ItemProcessor": {"StartAt": "In", "States": states}, "End": True})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (BASE, BASE, []),
        (BASE, {"States": {"B": B, "A": {"Next": "B", "Type": "Pass"}}, "StartAt": "A"}, []),
        (BASE, {**BASE, "Comment": "x", "StartAt": "B"}, [StateChange("workflow", "", (), ("StartAt", "Comment"))]),
        (BASE, machine(A={**A, "Result": 1}, B=B), [StateChange("changed", "A", ("States", "A"), ("Result",))]),
        (machine(A={**A, "Result": 1}), machine(A={**A, "Result": 1.0}), [StateChange("changed", "A", ("States", "A"), ("Result",))]),
        (BASE, machine(A=A), [StateChange("removed", "B", ("States", "B"))]),
        (BASE, machine(A=A, B=B, C={"Type": "Fail"}), [StateChange("added", "C", ("States", "C"))]),
        (
            BASE,
            machine(A={**A, "Next": "Done"}, Done=B),
            [StateChange("changed", "A", ("States", "A"), ("Next",)), StateChange("renamed", "Done", ("States", "Done"), before="B")],
        ),
        (
            each(In={"Type": "Succeed"}),
            each(In={"Type": "Succeed", "Comment": "x"}),
            [StateChange("changed", "In", ("States", "A", "ItemProcessor", "States", "In"), ("Comment",))],
        ),
        (
            machine(A={"Type": "Parallel", "Branches": [{"StartAt": "X", "States": {"X": B}}]}, Y=B),
            machine(A={"Type": "Parallel", "Branches": [{"StartAt": "X", "States": {"X": B, "Y": B}}]}),
            [StateChange("moved", "Y", ("States", "A", "Branches", 0, "States", "Y"))],
        ),
        (
            BASE,
            [],
            [
                StateChange("workflow", "", (), ("", "StartAt")),
                StateChange("removed", "A", ("States", "A")),
                StateChange("removed", "B", ("States", "B")),
            ],
        ),
        (
            {"StartAt": "A", "States": {"Old": {"Type": "Map", "ItemProcessor": {"StartAt": "In", "States": {"In": B}}, "End": True}}},
            {"StartAt": "A", "States": {"New": {"Type": "Map", "ItemProcessor": {"StartAt": "In", "States": {"In": B}}, "End": True}}},
            [StateChange("renamed", "New", ("States", "New"), before="Old")],
        ),
        (machine(A=1), machine(A=2), [StateChange("changed", "A", ("States", "A"), ("",))]),
    ],
)
def test_changed_states(old: Any, new: Any, expected: list[StateChange]) -> None:
    assert changed_states(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\nb\n", "a\nb", []),
        ("", "", []),
        ("", "x", [Line("+", 0, 1, "x")]),
        ("a\nb\nc", "a\nB\nc", [Line("=", 1, 1, "a"), Line("-", 2, 0, "b"), Line("+", 0, 2, "B"), Line("=", 3, 3, "c")]),
        (
            "1\n2\n3\n4\nx\n5\n6\n7\n8",
            "1\n2\n3\n4\ny\n5\n6\n7\n8",
            [
                Line("~", 1, 1, "", 3),
                Line("=", 4, 4, "4"),
                Line("-", 5, 0, "x"),
                Line("+", 0, 5, "y"),
                Line("=", 6, 6, "5"),
                Line("~", 7, 7, "", 3),
            ],
        ),
    ],
)
def test_lines(old: str, new: str, expected: list[Line]) -> None:
    assert compare_lines(old, new, context=1) == expected


TEXTS = st.lists(st.sampled_from("abc}"), max_size=30).map("\n".join)


@given(TEXTS, TEXTS, st.integers(0, 4))
def test_lines_tell_both_texts(old: str, new: str, context: int) -> None:
    found = compare_lines(old, new, context)
    a, b = old.splitlines(), new.splitlines()
    assert all(a[line.old - 1] == line.text for line in found if line.kind in "=-")
    assert all(b[line.new - 1] == line.text for line in found if line.kind in "=+")
    if found:
        assert sum(line.count for line in found if line.kind != "+") == len(a)
        assert sum(line.count for line in found if line.kind != "-") == len(b)
    else:
        assert a == b


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [("a\nb\nc", "a\nB\nc", 1), ("a\nb", "a\nx\nb", 1), ("a\nb\nc", "a\nc", 1), ("a", "a", 0), ("a\n", "a", 1), ("a\na", "a\na\na", 1)],
)
def test_changed_lines(old: str, new: str, count: int) -> None:
    assert changed_lines(old, new) == count
