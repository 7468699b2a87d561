"""Two versions of a workflow as one again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asl_strategies import edited, json_values
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.asl.compare import StateChange
from studio.asl.merge import Conflict, Merged, merge, merged_text
from studio.asl.text import parse
from studio.asl.tree import MISSING, Json

BASE: Any = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Task", "Resource": "r", "Retry": [{"ErrorEquals": ["x"]}, {"ErrorEquals": ["y"]}], "Next": "C"},
        "C": {"Type": "Succeed"},
    },
}


def state(root: Any, name: str, **fields: Any) -> Any:
    """The machine with fields of one state set, or taken away where None."""
    held = {**root["States"].get(name, {}), **fields}
    return {**root, "States": {**root["States"], name: {key: value for key, value in held.items() if value is not None}}}


def test_what_each_side_changed_meets() -> None:
    mine = state(state(BASE, "A", Comment="mine"), "B", TimeoutSeconds=5)
    disk = state(state(BASE, "B", Comment="disk"), "D", Type="Fail")
    assert merge(BASE, mine, disk) == Merged(
        state(state(mine, "B", Comment="disk"), "D", Type="Fail"),
        (),
        (StateChange("changed", "B", ("States", "B"), ("Comment",)), StateChange("added", "D", ("States", "D"))),
    )


CONFLICTS: list[tuple[str, Any, Any, Conflict]] = [
    (
        "the same field",
        state(BASE, "B", Resource="m"),
        state(BASE, "B", Resource="d"),
        Conflict(("States", "B", "Resource"), "r", "m", "d"),
    ),
    (
        "where it goes on",
        state(BASE, "B", Next="A"),
        state(BASE, "B", Next=None, End=True),
        Conflict(("States", "B"), {"Next": "C"}, {"Next": "A"}, {"End": True}, ("Next", "End")),
    ),
    ("the next state", state(BASE, "B", Next="A"), state(BASE, "B", Next="B"), Conflict(("States", "B", "Next"), "C", "A", "B")),
    (
        "removed here, changed there",
        {**BASE, "States": {k: v for k, v in BASE["States"].items() if k != "C"}},
        state(BASE, "C", Comment="d"),
        Conflict(("States", "C"), {"Type": "Succeed"}, MISSING, {"Type": "Succeed", "Comment": "d"}),
    ),
    (
        "two states of one name",
        state(BASE, "D", Type="Fail"),
        state(BASE, "D", Type="Succeed"),
        Conflict(("States", "D"), MISSING, {"Type": "Fail"}, {"Type": "Succeed"}),
    ),
    (
        "a list at the same place",
        state(BASE, "B", Retry=[]),
        state(BASE, "B", Retry=[{"ErrorEquals": ["z"]}, {"ErrorEquals": ["y"]}]),
        Conflict(("States", "B", "Retry"), BASE["States"]["B"]["Retry"], [], [{"ErrorEquals": ["z"]}, {"ErrorEquals": ["y"]}]),
    ),
]


@pytest.mark.parametrize(("mine", "disk", "conflict"), [case[1:] for case in CONFLICTS], ids=[case[0] for case in CONFLICTS])
def test_conflicts_stay_mine_until_chosen(mine: Any, disk: Any, conflict: Conflict) -> None:
    kept = merge(BASE, mine, disk)
    assert (kept.root, kept.conflicts) == (mine, (conflict,))
    taken = merge(BASE, mine, disk, lambda _: "disk")
    assert (taken.root, taken.conflicts) == (disk, (conflict,))


@pytest.mark.parametrize(
    ("mine", "disk", "expected"),
    [
        ([1, 2, 3, 4], [1, 2, 3], [1, 2, 3, 4]),
        ([0, 1, 2, 3], [1, 2, 3, 4], [0, 1, 2, 3, 4]),
        ([{"a": 1}, 2, 3], [1, 2, {"b": 1}], [{"a": 1}, 2, {"b": 1}]),
        ([2, 3], [1, 2, 5], [2, 5]),
    ],
)
def test_lists_are_merged_element_by_element(mine: Json, disk: Json, expected: Json) -> None:
    assert merge({"x": [1, 2, 3]}, {"x": mine}, {"x": disk}) == Merged(
        {"x": expected}, (), merge({"x": mine}, {"x": mine}, {"x": expected}).came
    )


def test_members_of_one_element_changed_by_both() -> None:
    base = {"Retry": [{"ErrorEquals": ["x"], "MaxAttempts": 1}]}
    mine = {"Retry": [{"ErrorEquals": ["x"], "MaxAttempts": 2}]}
    disk = {"Retry": [{"ErrorEquals": ["x", "y"], "MaxAttempts": 1}]}
    assert merge(base, mine, disk).root == {"Retry": [{"ErrorEquals": ["x", "y"], "MaxAttempts": 2}]}


@pytest.mark.parametrize("swapped", [False, True])
def test_a_renamed_state_takes_the_other_sides_changes_along(swapped: bool) -> None:
    renamed = json.loads(json.dumps(BASE).replace('"B"', '"Pay"'))
    changed = state(state(BASE, "B", TimeoutSeconds=9), "A", Comment="to B")
    mine, disk = (changed, renamed) if swapped else (renamed, changed)
    found = merge(BASE, mine, disk)
    assert (found.root, found.conflicts) == (state(state(renamed, "Pay", TimeoutSeconds=9), "A", Comment="to B"), ())


def canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), base=json_values)
def test_one_side_alone_is_taken_as_it_is(data: st.DataObject, base: Json) -> None:
    other = data.draw(edited(base))
    assert merge(base, other, base).root == other
    assert canonical(merge(base, base, other).root) == canonical(other)
    assert merge(base, other, other).root == other
    assert merge(base, other, base).conflicts == merge(base, base, other).conflicts == merge(base, other, other).conflicts == ()


@settings(max_examples=150, deadline=None)
@given(data=st.data(), base=json_values)
def test_without_conflicts_the_sides_can_be_exchanged(data: st.DataObject, base: Json) -> None:
    mine, disk = data.draw(edited(base)), data.draw(edited(base))
    one, other = merge(base, mine, disk), merge(base, disk, mine)
    assert len(one.conflicts) == len(other.conflicts)
    if not one.conflicts:
        assert canonical(one.root) == canonical(other.root)
    else:  # what one side keeps, the other side's choice gives
        assert canonical(merge(base, disk, mine, lambda _: "disk").root) == canonical(one.root)


TEXT = '{\n  // begin\n  "StartAt": "A",\n  "States": {\n    "A": { "Type": "Pass", "Next": "B" },\n\n    "B": {\n      "Type": "Succeed"\n    }\n  }\n}\n'


def test_lines_of_both_sides_stay_as_they_were_written() -> None:
    mine = TEXT.replace("// begin", "// begin here")
    disk = TEXT.replace('"Type": "Succeed"', '"Type":    "Fail" // why not')
    root = merge(*(parse(text).root for text in (TEXT, mine, disk))).root
    assert merged_text(TEXT, mine, disk, root, "json") == mine.replace('"Type": "Succeed"', '"Type":    "Fail" // why not')


def test_changes_of_one_line_are_merged_in_the_tree() -> None:
    mine = TEXT.replace('"Type": "Pass",', '"Type": "Pass", "Comment": "m",')
    disk = TEXT.replace('"Type": "Pass",', '"Type": "Pass", "InputPath": "$.d",')
    found = merge(*(parse(text).root for text in (TEXT, mine, disk)))
    text = merged_text(TEXT, mine, disk, found.root, "json")
    assert found.conflicts == ()
    assert parse(text).root == found.root
    assert [line for line in text.splitlines() if line not in mine.splitlines()] == [
        '    "A": { "Type": "Pass", "InputPath": "$.d", "Comment": "m", "Next": "B" },'
    ]
