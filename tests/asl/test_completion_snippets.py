"""Whole states, retriers, catchers and rules put into a text."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.completion import Snippet, proposals
from studio.asl.text import parse

WAIT = Snippet("Wait", "Waits.", {"JSONPath": {"Type": "Wait", "Seconds": 5}, "JSONata": {"Type": "Wait", "Seconds": "{% 5 %}"}})
DONE = Snippet("Done", "Ends.", {"JSONPath": {"Type": "Succeed"}, "JSONata": {"Type": "Succeed"}})


def after(marked: str, label: str, format: Any = "json") -> str:  # noqa: A002
    """The text once the proposal was put in at the caret (│), as the browser does: further lines get the first one's indentation."""
    text, at = marked.replace("│", ""), marked.index("│")
    found = proposals(text, format, at, None, snippets=(WAIT, DONE))
    choice = next(c for c in found.choices if c.label == label)
    line = text[text.rfind("\n", 0, found.start) + 1 : found.start]
    indent = line[: len(line) - len(line.lstrip())]
    return text[: found.start] + choice.text.replace("\n", f"\n{indent}") + text[found.end :]


@pytest.mark.parametrize(
    ("marked", "label", "becomes"),
    [
        ('{"States": {\n  │\n}}', "Wait", '{"States": {\n  "Wait§": {\n    "Type": "Wait",\n    "Seconds": 5,\n    "End": true\n  }\n}}'),
        ('{"States": {\n  "Do│"\n}}', "Done", '{"States": {\n  "Done§": {\n    "Type": "Succeed"\n  }\n}}'),
        (
            '{"QueryLanguage": "JSONata", "States": {\n  "Wait": {"Type": "Succeed"}│\n}}',
            "Wait (2)",
            '{"QueryLanguage": "JSONata", "States": {\n  "Wait": {"Type": "Succeed"},\n  "Wait (2)§": {\n    "Type": "Wait",\n'
            '    "Seconds": "{% 5 %}",\n    "End": true\n  }\n}}',
        ),
        (
            '{"States": {\n  │\n  "A": {"Type": "Succeed"}\n}}',
            "Done",
            '{"States": {\n  "Done§": {\n    "Type": "Succeed"\n  },\n  "A": {"Type": "Succeed"}\n}}',
        ),
    ],
)
def test_a_state_among_the_states(marked: str, label: str, becomes: str) -> None:
    made = after(marked, label)
    assert made == becomes
    parse(made.replace("§", ""))


def test_a_state_in_yaml() -> None:
    made = after("States:\n  A:\n    Type: Succeed\n  │\n", "Wait", "yaml")
    assert made == "States:\n  A:\n    Type: Succeed\n  Wait§:\n    Type: Wait\n    Seconds: 5\n    End: true\n"


@pytest.mark.parametrize(
    ("marked", "label", "expected"),
    [
        ('{"States": {"A": {"Type": "Task", "Retry": [│]}}}', "Retrier", {"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}),
        ('{"States": {"A": {"Type": "Task", "Catch": [│]}}}', "Catcher", {"ErrorEquals": ["States.ALL"], "Next": "§"}),
        ('{"States": {"A": {"Type": "Choice", "Choices": [│]}}}', "Rule", {"Variable": "$.value", "IsPresent": True, "Next": "§"}),
    ],
)
def test_an_entry_of_a_list(marked: str, label: str, expected: dict[str, Any]) -> None:
    root: Any = parse(after(marked, label)).root
    (held,) = next(value for value in root["States"]["A"].values() if isinstance(value, list))
    assert expected.items() <= held.items()


@pytest.mark.parametrize(
    "marked", ['{"States": {"A": {"Type": "Pass"│}}}', '{"States": {"A": {}}}│', '{"States": {// │\n}}', '{"States": "│"}']
)
def test_nowhere_else(marked: str) -> None:
    found = proposals(marked.replace("│", ""), "json", marked.index("│"), None, snippets=(WAIT, DONE))
    assert [c for c in found.choices if c.detail == "new state"] == []
