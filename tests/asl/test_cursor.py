"""Where the caret (│) is: the role, the pointer, what is typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.asl.cursor import locate

JSON = [
    ('{"StartAt": "A", │}', ("key", (), "")),
    ('{"StartAt": "A", "Sta│"}', ("key", (), "Sta")),
    ('{"StartAt": "│"', ("value", ("StartAt",), "")),
    ('{"StartAt": "Fi│rst", "States": {}}', ("value", ("StartAt",), "Fi")),
    ('{"StartAt": │, "States": {}}', ("value", ("StartAt",), "")),
    ('{"StartAt": "A"│, "States": {}}', ("none", ("StartAt",), "")),
    ('{"States": {"A": {"Type": "Pass", "Next│": "B"}}}', ("key", ("States", "A"), "Next")),
    ('{"States": {"A": {"Retry": [{"ErrorEquals": ["│"]}]}}}', ("value", ("States", "A", "Retry", 0, "ErrorEquals", 0), "")),
    ('{"States": {"A": {"Retry": [{}, {"ErrorEquals": ["x", │]', ("value", ("States", "A", "Retry", 1, "ErrorEquals", 1), "")),
    ('{"States": {"A": {"Choices": [{"Next": "B"}, {│', ("key", ("States", "A", "Choices", 1), "")),
    ('{"States": {"A": {"Next": \n "End": tr│}}}', ("value", ("States", "A", "End"), "tr")),
    ('{"States": {"A": {"Type": "Task"\n "Ne│"}}}', ("key", ("States", "A"), "Ne")),
    ('{"A": 1, // why │\n "B": 2}', ("none", ("",), "")),
    ("│", ("value", (), "")),
    ('{"a\\"b": {"│', ("key", ('a"b',), "")),
    ('}]{"a": │', ("value", ("a",), "")),
]

YAML = [
    ("StartAt: A\n│", ("key", (), "")),
    ("StartAt: │", ("value", ("StartAt",), "")),
    ("StartAt: Fi│", ("value", ("StartAt",), "Fi")),
    ("States:\n  A:\n    Type: Pass\n    Ne│\n  B:\n    Type: Succeed\n", ("key", ("States", "A"), "Ne")),
    ("States:\n  A:\n    Type: Pass\n    Next: │\n", ("value", ("States", "A", "Next"), "")),
    ("States:\n  A:\n    Type: Pass\n  │\n", ("key", ("States",), "")),
    ("States:\n  A:\n    Retry:\n      - ErrorEquals:\n          - │\n", ("value", ("States", "A", "Retry", 0, "ErrorEquals", 0), "")),
    ("States:\n  A:\n    Retry:\n    - ErrorEquals: [x]\n      │\n", ("key", ("States", "A", "Retry", 0), "")),
    ("States:\n  A:\n    Catch:\n      - Next: B\n      - Ne│\n", ("key", ("States", "A", "Catch", 1), "Ne")),
    ("States:\n  A:\n    Catch:\n      - Next: B\n      - Next: │\n", ("value", ("States", "A", "Catch", 1, "Next"), "")),
    ("States:\n  A:\n    Parameters:\n      Payload:\n        x: 1\n      Fun│\n", ("key", ("States", "A", "Parameters"), "Fun")),
    ("States:\n  A:\n    # Ty│\n", ("none", (), "")),
    ('States:\n  A:\n    Next: "B│"\n', ("value", ("States", "A", "Next"), "B")),
]


@pytest.mark.parametrize(("marked", "expected"), JSON)
def test_json(marked: str, expected: tuple[object, ...]) -> None:
    cursor, _ = locate(marked.replace("│", ""), "json", marked.index("│"))
    assert (cursor.role, cursor.pointer, cursor.typed) == expected


@pytest.mark.parametrize(("marked", "expected"), YAML)
def test_yaml(marked: str, expected: tuple[object, ...]) -> None:
    cursor, _ = locate(marked.replace("│", ""), "yaml", marked.index("│"))
    assert (cursor.role, cursor.pointer, cursor.typed) == expected


def test_what_is_replaced() -> None:
    cursor, root = locate('{"a": "bcd", "e": 1}', "json", 8)
    assert (cursor.start, cursor.end, cursor.typed, cursor.whole, cursor.quoted, cursor.closed) == (7, 10, "b", "bcd", True, True)
    assert root == {"a": "bcd", "e": 1}
    cursor, root = locate('{"States": {"A": {"Type": "Pa\n}, "B": {"Type": "Pass"}}}', "json", 29)
    assert (cursor.quoted, cursor.closed, root["States"]) == (True, False, {"A": {"Type": "Pa"}, "B": {"Type": "Pass"}})


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:\\ab1 \n/-#', max_size=60), st.integers(0, 60), st.sampled_from(["json", "yaml"]))
def test_no_text_is_too_broken(text: str, offset: int, format: str) -> None:  # noqa: A002
    cursor, _ = locate(text, format, offset)  # type: ignore[arg-type]
    assert 0 <= cursor.start <= cursor.end <= len(text)
    assert text[cursor.start : cursor.end] == cursor.whole or cursor.role == "none"
