from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.asl import java
from studio.asl.values import Env, Failure, kind_of, same, to_aws_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (1.0, "1.0"),
        (0.1, "0.1"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (9999999.5, "9999999.5"),
        (1e7, "1.0E7"),
        (1.5e22, "1.5E22"),
        (-0.0, "-0.0"),
        (12345678901234567890123, "12345678901234567890123"),
        (True, "true"),
        (None, "null"),
        ({"a": [1, "x"], "b": {}}, '{"a":[1,"x"],"b":{}}'),
        ('é\n\x1f"\\/', '"é\\n\\u001F\\"\\\\/"'),
        ({"when": 1700000000.25}, '{"when":1.70000000025E9}'),
        ({"id": "3e4", "list": [1e-5]}, '{"id":"3e4","list":[1.0E-5]}'),
    ],
)
def test_prints_json_as_aws_does(value, text):
    assert to_aws_text(value) == text


@given(JSON)
def test_printed_json_reads_back_as_the_same_value(value):
    assert json.loads(to_aws_text(value)) == value


def test_prints_values_deeper_than_the_stack():
    value = []
    for _ in range(20_000):
        value = [value]
    assert len(to_aws_text(value)) == 40_002


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1.0, True),
        (True, 1, False),
        ([1, {"a": False}], [1, {"a": 0}], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (None, False, False),
    ],
)
def test_equality_is_that_of_json_not_of_python(a, b, equal):
    assert same(a, b) is equal


def test_kinds_have_jsons_names():
    assert [kind_of(value) for value in (None, True, 1, 1.5, "", [], {})] == [
        "null", "boolean", "number", "number", "string", "array", "object",
    ]  # fmt: skip


def test_a_failure_names_the_state_and_its_entered_event():
    assert Env({}, state="Pay", entered=7).failure("States.Runtime", "Too much.", "Output") == Failure(
        "States.Runtime", "An error occurred while executing the state 'Pay' (entered at the event id #7). Too much.", "Output"
    )


@pytest.mark.parametrize(
    ("values", "order"),
    [
        ([True, False, True, False], [False, True]),
        ([[1, 2], [1, 2], [2, 1]], [[2, 1], [1, 2]]),
        ([None, None, 1, None], [None, 1]),
        ([1, "1", 1, "01"], [1, "1", "01"]),
        ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], [{"a": 1, "b": 2}]),
        (["a", "b", "a", "c", "b"], ["a", "b", "c"]),
    ],
)
def test_hash_sets_iterate_as_on_the_jvm(values, order):
    """Recorded answers of `States.ArrayUnique`."""
    assert java.hash_set(values) == order


def test_hash_maps_iterate_as_on_the_jvm():
    """Recorded: the order in which AWS built this object."""
    written = ["simpleArray", "partitionedArray", "containsElement", "numberRange", "thirdElement", "arraySize", "uniqueValues"]
    built = ["uniqueValues", "simpleArray", "thirdElement", "partitionedArray", "arraySize", "containsElement", "numberRange"]
    assert java.hash_order(written) == built


def test_java_random():
    assert java.next_double(42) == 0.7275636800328681


@pytest.mark.parametrize(
    ("text", "value"),
    [("aGVsbG8=", b"hello"), ("abc", b"i\xb7"), ("ab==cd", b"i"), (" YWJjZA== ", b"abcd"), ("_-8=", b"\xff\xef"), ("", b""), ("A", b"")],
)
def test_base64_is_read_leniently(text, value):
    assert java.decode_base64(text) == value
