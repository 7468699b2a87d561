from __future__ import annotations

from pathlib import Path

import pytest
from asl_strategies import json_values
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from work import calls

from studio.asl import tree, yaml_events
from studio.asl.text import Parsed, Span, dump, parse
from studio.errors import TextError

CORPUS = Path(__file__).parents[1] / "corpus"
FILES = sorted([*CORPUS.glob("*/*.yaml"), *CORPUS.glob("*/*.yml")])

MIXED = """\
# head
a: !Sub "x"   # hi
b: &x |+
  foo

# tail
c: !!str 12
d: *x
e: >-
  foo
  bar

f: {a: 1, b: [x, y], ? z : 2, q}
g: ${X}
h:
i: !GetAtt a.b.c
"k": [a: 1]
l:
- x
-
- y:
  z: 1
"""


def test_a_bit_of_everything():
    parsed = parse(MIXED, "yaml")
    assert parsed.root == {
        "a": {"Fn::Sub": "x"},
        "b": "foo\n\n",
        "c": "12",
        "d": "foo\n\n",
        "e": "foo bar",
        "f": {"a": 1, "b": ["x", "y"], "z": 2, "q": None},
        "g": "${X}",
        "h": None,
        "i": {"Fn::GetAtt": ["a", "b.c"]},
        "k": [{"a": 1}],
        "l": ["x", None, {"y": None, "z": 1}],
    }
    texts = {tree.to_text(p): MIXED[(s := parsed.span(p)).start : s.end] for p, v in tree.walk(parsed.root) if p and p[0] in "aefhl"}
    assert texts == {
        "/a": '!Sub "x"',
        "/a/Fn::Sub": '!Sub "x"',
        "/e": ">-\n  foo\n  bar",
        "/f": "{a: 1, b: [x, y], ? z : 2, q}",
        "/f/a": "1",
        "/f/b": "[x, y]",
        "/f/b/0": "x",
        "/f/b/1": "y",
        "/f/z": "2",
        "/f/q": "",
        "/h": "",
        "/l": "- x\n-\n- y:\n  z: 1",
        "/l/0": "x",
        "/l/1": "",
        "/l/2": "y:\n  z: 1",
        "/l/2/y": "",
        "/l/2/z": "1",
    }
    assert parsed.key_span(("k",)) == Span(MIXED.index('"k"'), MIXED.index('"k"') + 3)
    assert parsed.tags == [(("a",), "!Sub"), (("i",), "!GetAtt")]
    assert [p for p, _ in parsed.placeholders] == [("g",)]
    assert parsed.pointer_at(MIXED.index("bar")) == ("e",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("1:30", "1:30"),
        ("TRUE", True),
        ("~", None),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", 17),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1_000", "1_000"),
        ("$.a[0]", "$.a[0]"),
        ("'{% $x %}'", "{% $x %}"),
        ("!!binary aGk=", "aGk="),
        ("!Ref Q", {"Ref": "Q"}),
        ("!If [a, b, !Ref c]", {"Fn::If": ["a", "b", {"Ref": "c"}]}),
        ("!Own {x: 1}", {"x": 1}),
        ("%x", None),
    ],
)
def test_scalars_are_read_by_yaml_1_2(text, value):
    if text == "%x":
        with pytest.raises(TextError):
            parse(f"a: {text}\n", "yaml")
        return
    assert tree.diff(parse(f"a: {text}\n", "yaml").root, {"a": value}) == []


BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)
)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "The text is empty."),
        ("# x\n", 1, 1, "The text is empty."),
        ("a: 1\n b: 2", 2, 3, "Unexpected colon."),
        ("a:\n  b: 1\n c: 2", 3, 2, "The indentation does not fit the lines above."),
        ("a: [1, 2", 1, 9, "Expected a comma or ]."),
        ('a: "x', 1, 6, "Unexpected end of text: a quoted text is never closed."),
        ("\ta: 1", 1, 1, "Found character '\\t' that cannot start any token."),
        ("a: \x01", 1, 4, "A control character (U+0001) is not allowed."),
        ("a: *b", 1, 4, "There is no anchor &b before this alias."),
        ("a: &a [*a]", 1, 8, "The alias *a stands inside its own anchor, so the value would never end."),
        (BOMB, 6, 14, "With its aliases expanded the definition has more than 250,000 values."),
        ("a: .inf", 1, 4, ".inf is not a number that JSON can hold."),
        ("? [a]\n: 1", 1, 3, "A property name must be text, not a list or object."),
        ("a: 1\n---\nb: 1\n", 2, 1, "A file may hold only one document."),
        ("- " * 300, 1, 401, "Objects and lists are nested more than 200 levels deep."),
    ],
)
def test_errors_say_what_where_and_why(text, line, column, message):
    with pytest.raises(TextError) as caught:
        parse(text, "yaml")
    assert (caught.value.line, caught.value.column, caught.value.message) == (line, column, message)


def refused(text: str) -> None:
    with pytest.raises(TextError):
        parse(text, "yaml")


@pytest.mark.parametrize("unit", ["a: ", "&a ", "? ", "- ", "{a: ", '{"a":', '"'])
def test_a_hostile_text_is_refused_where_it_becomes_one(unit):
    """What comes behind that place costs nothing."""
    once = calls(lambda: refused(unit * 20_000))
    assert calls(lambda: refused(unit * 40_000)) <= once


@pytest.mark.parametrize("hostile", ["[" * 1_000_000, "x" * 9_000_000])
def test_a_huge_text_is_refused(hostile):
    refused(hostile)


@pytest.mark.parametrize("before", ["", "a: ", "- - ", '{"a": '])
def test_many_brackets_are_refused_as_soon_as_they_are_too_many(before):
    """What comes behind costs nothing, though ruamel's scanner looks far ahead."""
    assert calls(lambda: refused(before + "[" * 20_000)) <= 2 * calls(lambda: refused(before + "[" * 201))


@pytest.mark.parametrize("text", ["# {}\na: 1", "--- # {}\na: 1", "a: '{}'", "a: x{}", "a: |\n  {}\nb: 1", "a: '' #{}"])
def test_brackets_in_a_text_are_text(text):
    brackets = "[" * 300
    assert isinstance(parse(text.format(brackets), "yaml").root, dict)


def test_repeated_names_and_merges():
    parsed = parse("x: &x {a: 1, b: 1}\ny:\n  <<: *x\n  b: 2\ny2: 1\ny2: 3\n", "yaml")
    assert parsed.root == {"x": {"a": 1, "b": 1}, "y": {"a": 1, "b": 2}, "y2": 3}
    assert [p for p, _ in parsed.duplicates] == [("y2",)]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_corpus_is_read_like_ruamel_and_pieces_like_the_whole(path):
    text = path.read_bytes().decode("utf-8")
    parsed = parse(text, "yaml")
    assert parsed.root == YAML(typ="safe", pure=True).load(text)
    whole = Parsed(text, "yaml", parsed.root)
    whole._node = yaml_events.parse(text).node
    for pointer, _ in tree.walk(parsed.root):
        assert (parsed.span(pointer), parsed.key_span(pointer)) == (whole.span(pointer), whole.key_span(pointer))


def test_states_that_did_not_change_are_the_same_values():
    text = next(p for p in FILES if "llt" in p.stem).read_bytes().decode("utf-8")
    first = parse(text, "yaml").root
    again = parse(text.replace("    Comment: ", "    Comment: x", 1), "yaml").root
    assert sum(first["States"][k] is again["States"][k] for k in first["States"]) == len(first["States"]) - 1


LINES = st.sampled_from(
    [
        "a: 1",
        "States:",
        "  A:",
        "    Type: Pass",
        "  B: {x: 1}",
        "  # c",
        "b: |",
        "   text",
        "- x",
        "  - y",
        "'q': \"z",
        'z"',
        "---",
        "",
        "c: &x 1",
        "d: *x",
        "  ? k",
    ]
)


@given(st.lists(LINES, max_size=9))
def test_pieces_agree_with_the_whole_on_any_lines(lines):
    text = "\n".join(lines)
    try:
        whole = yaml_events.parse(text)
    except TextError:
        whole = None
    try:
        parsed = parse(text, "yaml")
    except TextError:
        assert whole is None
        return
    assert whole is not None
    assert tree.diff(parsed.root, whole.root) == []
    assert [p for p, _ in parsed.duplicates] == [p for p, _ in whole.duplicates]


@given(json_values)
def test_what_is_dumped_reads_back_the_same(value):
    text = dump(value, "yaml")
    assert tree.diff(parse(text, "yaml").root, value) == [], text


@given(st.text(alphabet="ab :#-?!&*'\"|>{}[],%@`\n\t\\~0123.eyn✓\x85\u2028", max_size=12))
def test_any_string_is_quoted_as_it_must_be(text):
    assert parse(dump({"k": text, text: [text]}, "yaml"), "yaml").root == {"k": text, text: [text]}
