from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.asl import tree
from studio.asl.document import Document
from studio.asl.edits import Connect, InsertState, RemoveStates, RenameState, ReplaceText, SetValue, Transaction
from studio.asl.text import parse
from studio.errors import EditRefused

JSON = '{\n  "StartAt": "A",\n  "States": {\n    "A": { "Type": "Pass", "Next": "B" }, // first\n    "B": {\n      "Type": "Pass",\n      "End": true\n    }\n  }\n}\n'
YAML = "StartAt: A\nStates:\n  A: # first\n    Type: Pass\n    Next: B\n  B:\n    Type: Pass\n    End: true\n"


def edit(*edits, label="Edit", coalesce=None):
    return Transaction(edits, label, "canvas", coalesce)


@pytest.mark.parametrize(
    ("text", "kind", "edits", "expected"),
    [
        (
            JSON,
            "json",
            [InsertState(("States",), "W", {"Type": "Wait", "Seconds": 5}, ("States", "A", "Next"))],
            JSON.replace('"Next": "B"', '"Next": "W"').replace(
                "// first\n", '// first\n    "W": {\n      "Type": "Wait",\n      "Seconds": 5,\n      "Next": "B"\n    },\n'
            ),
        ),
        (
            YAML,
            "yaml",
            [InsertState(("States",), "W", {"Type": "Wait", "Seconds": 5}, ("States", "A", "Next"))],
            YAML.replace("Next: B\n", "Next: W\n  W:\n    Type: Wait\n    Seconds: 5\n    Next: B\n"),
        ),
        (JSON, "json", [RenameState(("States", "B"), "Bee")], JSON.replace('"B"', '"Bee"')),
        (YAML, "yaml", [RenameState(("States", "B"), "Bee")], YAML.replace("Next: B", "Next: Bee").replace("  B:", "  Bee:")),
        (JSON, "json", [Connect(("States", "A", "Next"), None)], JSON.replace('"Next": "B"', '"End": true')),
        (YAML, "yaml", [RemoveStates((("States", "A"),))], "StartAt: B\nStates:\n  B:\n    Type: Pass\n    End: true\n"),
        (
            YAML,
            "yaml",
            [SetValue(("States", "A", "Comment"), "c"), RenameState(("States", "A"), "First")],
            YAML.replace("StartAt: A", "StartAt: First").replace("  A:", "  First:").replace("Next: B\n", "Next: B\n    Comment: c\n"),
        ),
    ],
)
def test_edits_change_their_lines(text, kind, edits, expected):
    before = Document.open(text, kind)
    after = before.apply(edit(*edits))
    assert after.text == expected
    assert tree.diff(parse(expected, kind).root, after.root) == []
    assert (after.revision, after.problem, after.parsed.root is after.root, after.parsed.text) == (1, None, True, expected)
    assert before.text == text


def test_a_document_that_cannot_be_read_opens_with_its_problem():
    document = Document.open('{"a": ')
    assert (document.root, document.valid, document.text) == ({}, False, '{"a": ')
    assert document.problem is not None
    assert document.problem.line == 1
    fixed = document.apply(edit(ReplaceText('{"a": 1}')))
    assert (fixed.root, fixed.problem) == ({"a": 1}, None)


def test_broken_text_keeps_the_last_valid_picture_and_refuses_other_edits():
    before = Document.open(JSON)
    broken = before.apply(edit(ReplaceText(JSON[:-4])))
    assert broken.root is before.root
    assert (broken.text, broken.parsed.text, broken.valid) == (JSON[:-4], JSON, False)
    with pytest.raises(EditRefused, match="Unexpected end of text"):
        broken.apply(edit(SetValue(("StartAt",), "B")))
    again = broken.apply(edit(ReplaceText(JSON)))
    assert again.root is before.root
    assert again.problem is None


def test_what_typing_leaves_unchanged_is_the_same_value():
    before = Document.open(JSON)
    after = before.apply(edit(ReplaceText(JSON.replace('"Type": "Pass",\n', '"Type": "Wait",\n'))))
    assert after.root["States"]["A"] is before.root["States"]["A"]
    assert after.root["States"]["B"] is not before.root["States"]["B"]
    spaced = before.apply(edit(ReplaceText(JSON + "\n\n")))
    assert spaced.root is before.root
    assert spaced.text == JSON + "\n\n"


def test_a_transaction_applies_whole_or_not_at_all():
    document = Document.open(JSON)
    with pytest.raises(EditRefused):
        document.apply(edit(RenameState(("States", "A"), "C"), RenameState(("States", "Z"), "D")))
    assert (document.text, document.revision) == (JSON, 0)


@pytest.mark.parametrize(
    "edits",
    [[], [SetValue(("StartAt",), "A")], [ReplaceText(JSON)], [RenameState(("States", "A"), "X"), RenameState(("States", "X"), "A")]],
)
def test_what_changes_nothing_is_the_same_document(edits):
    document = Document.open(JSON)
    assert document.apply(edit(*edits)) is document


def test_text_and_other_edits_in_one_transaction():
    document = Document.open(JSON).apply(edit(ReplaceText('{"StartAt": "X"}'), SetValue(("StartAt",), "Y")))
    assert document.text == '{"StartAt": "Y"}'


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B"]), st.sampled_from(["Comment", "Type", "Next"]), st.sampled_from(["x", 1, {"a": []}])),
        max_size=8,
    )
)
def test_text_and_tree_stay_in_step(changes):
    for text, kind in ((JSON, "json"), (YAML, "yaml")):
        document = Document.open(text, kind)
        for state, field, value in changes:
            document = document.apply(edit(SetValue(("States", state, field), value)))
        assert tree.diff(parse(document.text, kind).root, document.root) == []
        assert "// first" in document.text or "# first" in document.text
