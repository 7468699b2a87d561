from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from asl_strategies import edited, json_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.asl import render as renderer
from studio.asl import tree
from studio.asl.text import dump, format_of, parse, render, rendered
from studio.errors import EditRefused, TextError

CORPUS = Path(__file__).parents[1] / "corpus"


def load():
    documents = {}
    for path in sorted(CORPUS.glob("*/*")):
        if path.name in {"index.json", "README.md"}:
            continue
        text = path.read_bytes().decode("utf-8")
        try:
            documents[path.stem] = parse(text, format_of(path))
        except TextError:
            assert path.parent.name == "invalid"
    return documents


DOCUMENTS = load()
SMALL = [p for p in DOCUMENTS.values() if len(p.text) < 6000]


def variants(parsed):
    """A definition in other clothes: JSON with comments, minified, with tabs, CRLF; YAML in block style, JSON inside a YAML file."""
    text = parsed.text
    lines = text.split("\n")
    commented = "\n".join(line + (" // c" if i % 4 == 0 else "") + ("\n  /* own */" if i % 7 == 0 else "") for i, line in enumerate(lines))
    yaml = dump(parsed.root, "yaml")
    noted = "\n".join(
        ("" if i % 9 else "# own\n\n") + line + (" # c" if i % 4 == 0 and line and line[-1] not in "|-" else "")
        for i, line in enumerate(yaml.split("\n"))
    )
    yield text, "json"
    yield commented, "json"
    yield json.dumps(parsed.root, separators=(",", ":")), "json"
    yield json.dumps(parsed.root, indent="\t"), "json"
    yield text.replace("\n", "\r\n"), "json"
    yield yaml, "yaml"
    yield yaml.replace("\n", "\r\n"), "yaml"
    yield text.replace("\t", "  "), "yaml"
    yield noted, "yaml"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_unchanged_tree_gives_the_same_text(name):
    parsed = DOCUMENTS[name]
    assert render(parsed, parsed.root) == parsed.text
    assert render(parsed, json.loads(json.dumps(parsed.root))) == parsed.text


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_any_edit_reads_back_as_what_it_made(data):
    parsed = data.draw(st.sampled_from(SMALL))
    text, kind = data.draw(st.sampled_from(list(variants(parsed))))
    try:
        parsed = parse(text, kind)
    except TextError:
        return  # a comment landed inside a block scalar or the like
    root = data.draw(edited(parsed.root))
    patched = next(renderer._attempts(parsed, root))
    assert tree.diff(parse(patched, kind).root, root) == [], patched
    assert render(parsed, root) == patched or tree.diff(parsed.root, root) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_an_edit_of_one_field_changes_its_lines_only(data):
    parsed = data.draw(st.sampled_from(SMALL))
    text, kind = data.draw(st.sampled_from(list(variants(parsed))))
    try:
        parsed = parse(text, kind)
    except TextError:
        return
    fields = [p for p, v in tree.walk(parsed.root) if p and not isinstance(v, dict | list)]
    if not fields:
        return
    pointer = data.draw(st.sampled_from(fields))
    new = render(parsed, tree.put(parsed.root, pointer, data.draw(st.sampled_from(["x", "a: b", 5, True, None, "{% $q %}"]))))
    span = parsed.span(pointer)
    first, last = parsed.position(span.start)[0] - 1, parsed.position(span.end)[0] - 1
    before, after = (re.split("\r\n|\r|\n", text) for text in (parsed.text, new))  # the line breaks that `position` counts
    assert after[:first] == before[:first]
    behind = before[last + 1 :]
    assert after[len(after) - len(behind) :] == behind


@given(json_values, st.sampled_from([1, 2, 4]))
def test_what_is_dumped_reads_back_the_same(value, indent):
    assert tree.diff(parse(dump(value, "json", indent)).root, value) == []


@given(json_values, json_values, st.sampled_from(["json", "yaml"]))
def test_any_value_replaces_any_other(old, new, kind):
    parsed = parse(dump(old, kind), kind)
    assert tree.diff(rendered(parsed, new).root, new) == []
    assert tree.diff(parse(render(parsed, new), kind).root, new) == []


GOLDEN = {
    "a scalar in a one-line object": ('{ "a": 1, "b": { "c": 1.0 } }', "json", {"a": 2, "b": {"c": 1.0}}, '{ "a": 2, "b": { "c": 1.0 } }'),
    "a member into a one-line object": ('{\n  "a": { "b": 1 }\n}\n', "json", {"a": {"b": 1, "c": 2}}, '{\n  "a": { "b": 1, "c": 2 }\n}\n'),
    "a member ahead in a one-line object": ('{ "b": 1 }', "json", {"a": 0, "b": 1}, '{ "a": 0, "b": 1 }'),
    "an object into a one-line object": (
        '{\n  "a": { "n": 1e3 }\n}\n',
        "json",
        {"a": {"n": 1000.0, "o": {"p": 1}}},
        '{\n  "a": {\n    "n": 1e3,\n    "o": {\n      "p": 1\n    }\n  }\n}\n',
    ),
    "number spellings stay": (
        '{\n  "x": 1.0,\n  "y": 1e3,\n  "z": -0.50\n}',
        "json",
        {"x": 1.0, "y": 7, "z": -0.5},
        '{\n  "x": 1.0,\n  "y": 7,\n  "z": -0.50\n}',
    ),
    "the last member goes, the comma too": ('{\n    "a": 1,\n    "b": 2\n}', "json", {"a": 1}, '{\n    "a": 1\n}'),
    "trailing commas stay": ('{\n  "a": 1,\n}', "json", {"a": 1, "b": 2}, '{\n  "a": 1,\n  "b": 2,\n}'),
    "comments stay with their members": (
        '{\n  // one\n  "a": 1, // first\n  // two\n  "b": 2 // second\n}',
        "json",
        {"b": 2, "c": 3},
        '{\n  // two\n  "b": 2, // second\n  "c": 3\n}',
    ),
    "members change places with their comments": (
        '{\n  // one\n  "a": 1, // first\n  "b": [ 1,2 ] // second\n}',
        "json",
        {"b": [1, 2], "a": 1},
        '{\n  "b": [ 1,2 ], // second\n  // one\n  "a": 1 // first\n}',
    ),
    "a name changes in place": ('{\n  "a" : {"x":1}\n}', "json", {"b": {"x": 1}}, '{\n  "b" : {"x":1}\n}'),
    "minified stays minified": ('{"a":{"b":1}}', "json", {"a": {"b": 1, "c": {"d": [1, 2]}}}, '{"a":{"b":1,"c":{"d":[1,2]}}}'),
    "tabs and CRLF": (
        '{\r\n\t"a": {}\r\n}\r\n',
        "json",
        {"a": {"b": [1]}},
        '{\r\n\t"a": {\r\n\t\t"b": [\r\n\t\t\t1\r\n\t\t]\r\n\t}\r\n}\r\n',
    ),
    "placeholders without quotes stay so": (
        '{\n  "t": ${T},\n  "u": 1\n}',
        "json",
        {"u": 2, "m": {"t": "${T}", "v": "${T}"}},
        '{\n  "u": 2,\n  "m": {\n    "t": ${T},\n    "v": "${T}"\n  }\n}',
    ),
    "lists of one line stay in one line": ('{\n  "e": ["A", "B"]\n}', "json", {"e": ["A", "C", "B"]}, '{\n  "e": ["A", "C", "B"]\n}'),
    "a comment up to the end of the line is left one": ("[1, // a\n 2, // b\n 3]", "json", [1, 2], "[1, // a\n 2 // b\n]"),
    "what follows such a comment begins a line": ("[1, // a\n 2, 3]", "json", [1, 3], "[1, // a\n 3]"),
    "what follows a comment behind the bracket": ("[ // a\n 1, 2]", "json", [2], "[ // a\n  2]"),
    "what is put behind such a comment begins a line": ("[1 // a\n]", "json", [1, 2], "[1, // a\n2\n]"),
    "elements go and come": ("[\n  1,\n  2,\n  3\n]", "json", [0, 1, 3], "[\n  0,\n  1,\n  3\n]"),
    "a repeated name goes with its member": ('{"a": 1, "b": 2, "a": 3}', "json", {"b": 2}, '{"b": 2}'),
    "escapes stay escaped": ('{"a": "\\u00e9", "b": 1}', "json", {"a": "é", "b": "ü"}, '{"a": "\\u00e9", "b": "\\u00fc"}'),
    "the byte order mark stays": ('\ufeff{"a": 1}', "json", {"a": 2}, '\ufeff{"a": 2}'),
    "YAML: a scalar with its quotes and comment": (
        "a: 'x' # why\nb: \"y\"\nc: z\n",
        "yaml",
        {"a": "it's", "b": "w", "c": "no: way"},
        "a: 'it''s' # why\nb: \"w\"\nc: 'no: way'\n",
    ),
    "YAML: a scalar becomes a block": (
        "a: 1 # why\nb: 2\n",
        "yaml",
        {"a": {"x": [1, {"w": 2, "z": 3}]}, "b": 2},
        "a:\n  x:\n    - 1\n    - w: 2\n      z: 3 # why\nb: 2\n",
    ),
    "YAML: a block becomes a scalar": ("a:\n  # gone\n  x: 1\nb: 2\n", "yaml", {"a": "s", "b": 2}, "a: s  # gone\nb: 2\n"),
    "YAML: blank lines between states": (
        "States:\n  A:\n    Type: Pass\n\n  B:\n    Type: Pass\n",
        "yaml",
        {"States": {"A": {"Type": "Pass"}, "W": {"Type": "Wait"}, "B": {"Type": "Pass"}}},
        "States:\n  A:\n    Type: Pass\n\n  W:\n    Type: Wait\n\n  B:\n    Type: Pass\n",
    ),
    "YAML: an item goes, comments go with it": (
        "- a\n# about b\n- b # b\n\n# alone\n\n- c\n",
        "yaml",
        ["a", "c"],
        "- a\n\n# alone\n\n- c\n",
    ),
    "YAML: the first member of an item goes": ("l:\n- a: 1\n  b: 2\n- c\n", "yaml", {"l": [{"b": 2}, "c"]}, "l:\n- b: 2\n- c\n"),
    "YAML: lists at their parent's column": ("l:\n- a\n", "yaml", {"l": ["a"], "m": ["b"]}, "l:\n- a\nm:\n- b\n"),
    "YAML: text of several lines": ("a: |\n  x\n  y\nb: 1\n", "yaml", {"a": "x\nz\n", "b": 1}, "a: |\n  x\n  z\nb: 1\n"),
    "YAML: an empty value": ("a:\nb: 1\n", "yaml", {"a": "x", "b": 1}, "a: x\nb: 1\n"),
    "YAML: a value goes empty": ("a: 1\nb:\n  c: 1\n", "yaml", {"a": 1, "b": {}}, "a: 1\nb: {}\n"),
    "YAML: flow style": (
        "a: {x: 1, y: [p, q]} # c\n",
        "yaml",
        {"a": {"x": 1, "y": ["p", "r", "q"], "z": "u v"}},
        "a: {x: 1, y: [p, r, q], z: u v} # c\n",
    ),
    "YAML: JSON inside": ('{\n  "a": [\n    1\n  ]\n}\n', "yaml", {"a": [1, "b"]}, '{\n  "a": [\n    1,\n    "b"\n  ]\n}\n'),
    "YAML: a short tag untouched": ("a: !Sub x\nb: 1\n", "yaml", {"a": {"Fn::Sub": "x"}, "b": 2}, "a: !Sub x\nb: 2\n"),
    "YAML: a short tag changed": ("a: !Sub x\nb: 1\n", "yaml", {"a": {"Fn::Sub": "z"}, "b": 1}, "a:\n  Fn::Sub: z\nb: 1\n"),
    "YAML: an alias changed": ("a: &x {p: 1}\nb: *x\n", "yaml", {"a": {"p": 1}, "b": {"p": 2}}, "a: &x {p: 1}\nb:\n  p: 2\n"),
    "YAML: an anchor changed": (
        "a: &x\n  p: 1 # c\nb: *x\nc: 1\n",
        "yaml",
        {"a": {"p": 2}, "b": {"p": 1}, "c": 1},
        "a: &x\n  p: 2 # c\nb:\n  p: 1\nc: 1\n",
    ),
    "YAML: a document marker and a header": ("# head\n---\na: 1\n", "yaml", {"b": 1, "a": 1}, "# head\n---\nb: 1\na: 1\n"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_smallest_change(name):
    text, kind, root, expected = GOLDEN[name]
    parsed = parse(text, kind)
    result = rendered(parsed, share(parsed.root, root))
    assert result.text == expected
    assert tree.diff(parse(expected, kind).root, root) == []
    assert result.root is not None


def share(old, new):
    return tree.share(old, new)


def test_a_moved_state_keeps_its_comments_and_spellings():
    text = '{\n  "States": {\n    "A": {\n      "Type": "Pass", // why\n      "n": 1.50\n    },\n    "M": {\n      "I": {\n        "S": {}\n      }\n    }\n  }\n}\n'
    parsed = parse(text)
    moved = tree.put(tree.drop(parsed.root, ("States", "A")), ("States", "M", "I", "S", "A"), tree.get(parsed.root, ("States", "A")))
    assert render(parsed, moved) == (
        '{\n  "States": {\n    "M": {\n      "I": {\n        "S": {\n          "A": {\n            "Type": "Pass", // why\n'
        '            "n": 1.50\n          }\n        }\n      }\n    }\n  }\n}\n'
    )
    changed = tree.put(moved, ("States", "M", "I", "S", "A", "Next"), "B")
    assert '"Type": "Pass", // why\n            "n": 1.50,\n            "Next": "B"\n' in render(parsed, changed)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_numbers_json_has_not(value):
    with pytest.raises(EditRefused):
        dump({"a": value})


def test_a_name_too_long_for_yaml_is_refused_and_json_takes_it():
    name = "k" * 3000
    assert parse(render(parse('{"a": 1}'), {name: 1})).root == {name: 1}
    with pytest.raises(EditRefused, match="too long"):
        render(parse("a: 1\n", "yaml"), {name: 1})


def test_spans_of_the_rendered_text_are_those_of_a_new_reading():
    for name, (text, kind, root, _) in GOLDEN.items():
        result = rendered(parse(text, kind), root)
        again = parse(result.text, kind)
        for pointer, _ in tree.walk(root):
            assert result.span(pointer) == again.span(pointer), (name, pointer)
