from __future__ import annotations

import pytest
from asl_strategies import json_values
from hypothesis import given

from studio.asl import tree
from studio.asl.tree import MISSING

ROOT = {"a": [1, {"b": 2}], "c": {"d~/": None}}


@pytest.mark.parametrize(
    ("pointer", "text"),
    [((), ""), (("a", 1, "b"), "/a/1/b"), (("c", "d~/"), "/c/d~0~1"), (("",), "/")],
)
def test_pointers_as_text(pointer, text):
    assert tree.to_text(pointer) == text
    assert tree.from_text(text, ROOT) == pointer


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ((), ROOT),
        (("a", 0), 1),
        (("a", 1, "b"), 2),
        (("a", 2), MISSING),
        (("a", -1), MISSING),
        (("a", "0"), MISSING),
        (("c", "x", "y"), MISSING),
    ],
)
def test_find(pointer, value):
    assert tree.find(ROOT, pointer) == value


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: tree.put(ROOT, ("a", 0), 9), {"a": [9, {"b": 2}], "c": {"d~/": None}}),
        (lambda: tree.put(ROOT, ("a", 2), 9), {"a": [1, {"b": 2}, 9], "c": {"d~/": None}}),
        (lambda: tree.put({}, ("x", "y"), 1), {"x": {"y": 1}}),
        (lambda: tree.insert(ROOT, ("a", 0), 9), {"a": [9, 1, {"b": 2}], "c": {"d~/": None}}),
        (lambda: tree.insert({"p": 1, "q": 2}, ("r",), 3, before="q"), {"p": 1, "r": 3, "q": 2}),
        (lambda: tree.drop(ROOT, ("a", 1)), {"a": [1], "c": {"d~/": None}}),
        (lambda: tree.drop(ROOT, ("c",)), {"a": [1, {"b": 2}]}),
        (lambda: tree.rename_key({"p": 1, "q": 2}, ("p",), "r"), {"r": 1, "q": 2}),
    ],
)
def test_changes_make_a_new_root(made, expected):
    before = repr(ROOT)
    result = made()
    assert result == expected
    assert list(result) == list(expected)
    assert repr(ROOT) == before


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: tree.put(ROOT, ("a", 5), 1),
        lambda: tree.put(ROOT, ("a", "b"), 1),
        lambda: tree.put({"a": 1}, ("a", "b"), 1),
        lambda: tree.drop(ROOT, ("x",)),
        lambda: tree.rename_key(ROOT, ("x",), "y"),
    ],
)
def test_changes_where_nothing_is(wrong):
    with pytest.raises(KeyError):
        wrong()


def test_untouched_branches_are_shared():
    new = tree.put(ROOT, ("a", 1, "b"), 3)
    assert new["c"] is ROOT["c"]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 3]}, [("b", 1)]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, [()]),
        ([1], [1, 2], [()]),
        ({"a": 1}, {"a": 1.0}, [("a",)]),
        ({"a": True}, {"a": 1}, [("a",)]),
        ({"a": [{"x": 1, "y": 2}]}, {"a": [{"y": 2, "x": 1}]}, [("a", 0)]),
    ],
)
def test_diff(old, new, changed):
    assert tree.diff(old, new) == changed


def test_walk_is_in_document_order_and_costs_no_recursion():
    assert [p for p, _ in tree.walk(ROOT)] == [(), ("a",), ("a", 0), ("a", 1), ("a", 1, "b"), ("c",), ("c", "d~/")]
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert sum(1 for _ in tree.walk(deep)) == 5001


@given(json_values, json_values)
def test_what_is_shared_equals_what_was_given(old, new):
    shared = tree.share(old, new)
    assert tree.diff(shared, new) == []
    assert repr(shared) == repr(new)


@given(json_values)
def test_an_equal_tree_is_shared_whole(value):
    import json

    assert tree.share(value, json.loads(json.dumps(value))) is value
