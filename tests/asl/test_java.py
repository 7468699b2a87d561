"""What Jackson says of texts that are not JSON; the sentences without a recording are those of Jackson's parser."""

from __future__ import annotations

import json

import pytest

from studio.asl.java import jackson

VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
NAME = "was expecting double-quote to start field name"


@pytest.mark.parametrize(
    ("text", "says", "line", "column"),
    [
        ("not a definition", f"Unrecognized token 'not': was expecting {VALUE}", 1, 4),  # recorded
        ("{'a': 1}", f"Unexpected character (''' (code 39)): {NAME}", 1, 2),  # recorded
        ('{"a": }', f"Unexpected character ('}}' (code 125)): expected a valid value {VALUE}", 1, 7),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 1, 6),
        ('{"a": 1\n "b": 2}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries", 2, 2),
        ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 1, 4),
        ('{"a": [', "Unexpected end-of-input: expected close marker for Array (start marker at [Source: it; line: 1, column: 7])", 1, 8),
        ('\n{"a": 1', "Unexpected end-of-input: expected close marker for Object (start marker at [Source: it; line: 2, column: 1])", 2, 8),
        ('{"a": "b', "Unexpected end-of-input: was expecting closing quote for a string value", 1, 9),
        ('["a\\"', "Unexpected end-of-input: was expecting closing quote for a string value", 1, 6),
        ('{"a": 1, "b', "Unexpected end-of-input in field name", 1, 12),
        ('["a\tb"]', "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value", 1, 5),
        ('["\\x"]', "Unrecognized character escape 'x' (code 120)", 1, 5),
    ],
)  # fmt: skip
def test_what_is_no_json(text: str, says: str, line: int, column: int) -> None:
    with pytest.raises(json.JSONDecodeError) as problem:
        json.loads(text)
    assert jackson(text, problem.value, "it") == (says, f"[Source: it; line: {line}, column: {column}]")
