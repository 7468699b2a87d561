from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from work import calls

from studio.asl import tree
from studio.asl.json_tolerant import Tolerant
from studio.asl.text import Span, format_of, parse
from studio.errors import TextError

CORPUS = Path(__file__).parents[1] / "corpus"
FILES = sorted(p for p in CORPUS.glob("*/*.json") if p.name != "index.json")


def read(path):
    return path.read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("text", "root", "leniencies", "placeholders"),
    [
        ('{"a": 1, "b": [true, null, 1.5]}', {"a": 1, "b": [True, None, 1.5]}, [], []),
        ('\ufeff{"a": 1}', {"a": 1}, [], []),
        ('{"a": 1,}', {"a": 1}, ["trailing comma"], []),
        ('{"a": [1, 2,], /* x */ "b": 1 // y\n}', {"a": [1, 2], "b": 1}, ["trailing comma", "comment", "comment"], []),
        ('{"t": ${Timeout}}', {"t": "${Timeout}"}, [], [("t",)]),
        ('{"t": [${Queue.Arn}, ${jsonencode({a = "}"})}]}', {"t": ["${Queue.Arn}", '${jsonencode({a = "}"})}']}, [], [("t", 0), ("t", 1)]),
        ('{"t": "${Timeout} // no comment"}', {"t": "${Timeout} // no comment"}, [], []),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}, [], []),
        ("12345678901234567890123", 12345678901234567890123, [], []),
        ("[]", [], [], []),
    ],
)
def test_what_is_accepted(text, root, leniencies, placeholders):
    parsed = parse(text)
    assert parsed.root == root
    assert [what for what, _ in parsed.leniencies] == leniencies
    assert [pointer for pointer, _ in parsed.placeholders] == placeholders


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "The text is empty. A definition begins with {."),
        ("  // x\n", 2, 1, "The text is empty. A definition begins with {."),
        ('{\n  "a": 1\n  "b": 2}', 2, 9, "Missing comma between members."),
        ("[1 2]", 1, 3, "Missing comma between elements."),
        ('{"a" 1}', 1, 5, "Expected a colon after the property name “a”."),
        ("{'a': 1}", 1, 2, "A property name must be a double-quoted string."),
        ("{a: 1}", 1, 2, 'A property name must be a double-quoted string. Write "a".'),
        ("{\"a\": 'x'}", 1, 7, "A string must be in double quotes."),
        ('{"a": 1]', 1, 8, "Expected } to close the object that begins in line 1, found ]."),
        ('{\n"a": [1,\n2', 3, 2, "Unexpected end of text: the list that begins in line 2 is never closed."),
        ('{"a"', 1, 5, "Unexpected end of text: the object that begins in line 1 is never closed."),
        ('{"a": ', 1, 7, "Unexpected end of text: the object that begins in line 1 is never closed."),
        ('{"a": "x', 1, 7, "Unexpected end of text: the string is never closed."),
        ('{"a": "x\ny"}', 1, 7, "The string is not closed before the end of its line. A line break inside a string is written \\n."),
        ('{"a": "x\ty"}', 1, 9, "A control character (U+0009) inside a string must be written \\t."),
        ('{"a": "\\x"}', 1, 8, "\\x is not an escape that JSON knows. A backslash itself is written \\\\."),
        ('{"a": "\\u12g4"}', 1, 8, "\\u must be followed by four hexadecimal digits."),
        ('{"a": "\\ud800"}', 1, 7, "The string holds half of a surrogate pair (\\ud800), which is not a character."),
        ('{"a": 01}', 1, 7, "01 is not a JSON number."),
        ('{"a": 1.}', 1, 7, "1. is not a JSON number."),
        ('{"a": +1}', 1, 7, "A number begins with a digit or a minus sign."),
        ('{"a": 1e999}', 1, 7, "1e999 is too large for a number."),
        ('{"a": True}', 1, 7, "True is not JSON. Write true."),
        ('{"a": NaN}', 1, 7, "NaN is not a JSON value. A string must be in double quotes."),
        ('{"a": ${x\n}}', 1, 7, "The placeholder is not closed on its line. It is written ${Name}."),
        ('{"a": }', 1, 7, "The property “a” has no value."),
        ("[1,,2]", 1, 4, "Unexpected comma: there is no value before it."),
        ("{,}", 1, 2, "Unexpected comma: there is no member before it."),
        ("{} x", 1, 4, "There is text after the end of the definition: x"),
        ("{} /* x", 1, 4, "The comment is never closed. It ends with */."),
        ('{"a": 1 # x\n}', 1, 9, "Unexpected #: expected a comma or }."),
        ("\x00", 1, 1, "Unexpected character U+0000: expected a value."),
        ("[" * 201 + "]" * 201, 1, 201, "Objects and lists are nested more than 200 levels deep."),
    ],
)
def test_errors_say_what_where_and_why(text, line, column, message):
    with pytest.raises(TextError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column, f"{caught.value.message} {caught.value.hint}".strip()) == (line, column, message)


def refused(text):
    with pytest.raises(TextError):
        parse(text)


def test_depth_and_size_are_bounded():
    assert tree.get(parse("[" * 200 + "]" * 200).root, (0,) * 199) == []
    for hostile in ("[" * 5_000_000, '{"a":' * 1_000_000, "[" + "1," * 4_200_000):
        assert calls(lambda hostile=hostile: refused(hostile)) < 10_000
    with pytest.raises(TextError, match="too many digits"):
        parse("9" * 5000)


def test_repeated_names_are_recorded_and_the_last_counts():
    parsed = parse('{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}')
    assert parsed.root == {"a": 3, "b": {"c": 2}}
    assert parsed.duplicates == [(("b", "c"), Span(23, 26)), (("a",), Span(32, 35))]
    assert parsed.span(("a",)) == Span(37, 38)


def test_positions():
    parsed = parse('{\r\n  "a": {"b": [10, 20]}\r\n}')
    assert parsed.position(parsed.span(("a", "b", 1)).start) == (2, 19)
    assert parsed.key_span(("a", "b")) == Span(11, 14)
    assert parsed.key_span(("a", "b", 0)) is None
    assert parsed.span(("a", "missing", 3)) == parsed.span(("a",))
    assert parsed.key_span(("a", "missing")) is None
    assert parsed.pointer_at(parsed.offset(2, 19)) == ("a", "b", 1)
    assert parsed.pointer_at(11) == ("a", "b")
    assert parsed.pointer_at(0) == ()


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_value_of_the_corpus_has_its_span(path):
    text = read(path)
    try:
        parsed = parse(text)
    except TextError:
        assert path.stem in {"localstack--blank", "localstack--not-a-definition"}
        return
    assert Tolerant(text).read().root == parsed.root
    if len(text) > 50_000:
        return
    for pointer, value in tree.walk(parsed.root):
        span = parsed.span(pointer)
        assert parse(text[span.start : span.end]).root == value
        key = parsed.key_span(pointer)
        if key is not None:
            assert json.loads(text[key.start : key.end]) == pointer[-1]
            assert parsed.pointer_at(key.start) == pointer
        if not isinstance(value, dict | list):
            assert parsed.pointer_at(span.start) == pointer


@given(st.text(alphabet='{}[]":,0123456789.eE+-truefalsn\\/*$ \n"\'xu', max_size=60))
def test_any_text_is_read_like_the_standard_library_or_refused(text):
    try:
        root = parse(text).root
    except TextError:
        with pytest.raises(ValueError):
            json.loads(text, parse_constant=lambda _: (_ for _ in ()).throw(ValueError()), parse_float=_finite)
        return
    try:
        assert root == json.loads(text)
    except ValueError:
        assert Tolerant(text).read().root == root


def _finite(digits):
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise ValueError(digits)
    return value


@pytest.mark.parametrize(("path", "kind"), [("a.asl.json", "json"), ("b.YAML", "yaml"), (Path("c/d.asl.yml"), "yaml"), ("x", "json")])
def test_format_of_a_name(path, kind):
    assert format_of(path) == kind
