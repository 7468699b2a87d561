"""The difference of two JSON values, line by line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.asl.difference import LARGE, Gap, Line, count, folded, lines

SIGN = {"same": " ", "added": "+", "removed": "-"}


def shown(old: Any, new: Any) -> list[str]:
    found = lines(old, new)
    assert found is not None
    return [f"{SIGN[line.kind]} {line.text}" for line in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (1, 1, ["  1"]),
        (1, 1.5, ["- 1", "+ 1.5"]),
        (True, 1, ["- true", "+ 1"]),
        ({}, {"a": 1}, ["- {}", "+ {", '+   "a": 1', "+ }"]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ["  {", '    "b": 2,', '    "a": 1', "  }"]),
        ({"a": 1}, {"a": 1, "b": [2]}, ["  {", '    "a": 1,', '+   "b": [', "+     2", "+   ]", "  }"]),
        ({"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 4}, ["  {", '    "a": 1,', '-   "b": 2,', '-   "c": 3', '+   "c": 4', "  }"]),
        ([1, 2, 3], [1, 9, 2, 3], ["  [", "    1,", "+   9,", "    2,", "    3", "  ]"]),
        ([{"a": 1}, 2], [{"a": 2}], ["  [", "    {", '-     "a": 1', '+     "a": 2', "    }", "-   2", "  ]"]),
        ("é\n", "é", ['- "é\\n"', '+ "é"']),
    ],
)
def test_lines(old: Any, new: Any, expected: list[str]) -> None:
    assert shown(old, new) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, JSON)
def test_without_what_came_it_is_the_old_value_and_without_what_went_the_new_one(old: Any, new: Any) -> None:
    found = lines(old, new)
    assert found is not None
    after = json.loads("\n".join(line.text for line in found if line.kind != "removed"))
    assert json.dumps(after, sort_keys=True) == json.dumps(new, sort_keys=True)
    # commas of unchanged lines are the new value's: without them the old one is all there
    kept = sorted(line.text.strip().rstrip(",") for line in found if line.kind != "added")
    assert kept == sorted(text.strip().rstrip(",") for text in json.dumps(old, ensure_ascii=False, indent=2).split("\n"))


@given(JSON)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert count(lines(value, value) or ()) == (0, 0)


def test_what_is_far_from_a_change_is_a_gap() -> None:
    found = lines([1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 8])
    assert found is not None
    assert count(found) == (1, 1)
    assert folded(found) == [
        Gap(5),
        Line("same", "  5,"),
        Line("same", "  6,"),
        Line("removed", "  7"),
        Line("added", "  8"),
        Line("same", "]"),
    ]
    assert folded(found, around=5)[0] == Gap(2)
    assert folded(found, around=6)[0] == Line("same", "[")


def test_too_large_and_too_deep_have_no_difference() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert lines(list(range(LARGE)), []) is None
    assert lines(1, deep) is None
