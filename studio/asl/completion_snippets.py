"""Whole values that completion puts in: a state among the states, a retrier, a catcher, a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from studio.asl.completion_choice import Choice, Snippet
from studio.asl.completion_place import Place
from studio.asl.cursor import Cursor
from studio.asl.text import Format, dump
from studio.asl.transitions import unique_name
from studio.asl.tree import Json

_ENDS = frozenset({"Choice", "Succeed", "Fail"})
"""States that have no `End` of their own."""
RETRIER: Json = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2, "JitterStrategy": "FULL"}
CATCHER: Json = {"ErrorEquals": ["States.ALL"], "Next": ""}
RULES: dict[str, Json] = {
    "JSONPath": {"Variable": "$.value", "IsPresent": True, "Next": ""},
    "JSONata": {"Condition": "{% $states.input.value %}", "Next": ""},
}


def states(snippets: Sequence[Snippet], root: Json, cursor: Cursor, place: Place, format: Format) -> Iterator[Choice]:  # noqa: A002
    """New states, each under a name that is free; the caret stands behind the name."""
    for snippet in snippets:
        value = snippet.values[place.language]
        if not isinstance(value, dict):
            continue
        whole: dict[str, Json] = value if value.get("Type") in _ENDS else {**value, "End": True}
        name = unique_name(root, snippet.name)
        text = dump({name: whole}, format).strip()
        if format == "json":
            inside = re.sub(r"^ {2}", "", text.removeprefix("{").removesuffix("}").strip("\n"), flags=re.MULTILINE)
            text = inside.removeprefix('"') if cursor.quoted else inside
            text = text.replace(f'{name}"', f'{name}§"', 1)
        else:
            text = text.replace(f"{name}:", f"{name}§:", 1)
        yield Choice(name, "state", "new state", snippet.doc, text)


def entries(place: Place, format: Format) -> Iterator[Choice]:  # noqa: A002
    """A new entry of a list that the caret is in."""
    match place.kind:
        case "retriers":
            yield _entry("Retrier", "Tries again after an error.", RETRIER, format)
        case "catchers":
            yield _entry("Catcher", "Goes on elsewhere after an error.", CATCHER, format)
        case "rules":
            yield _entry("Rule", "Where to go under a condition.", RULES[place.language], format)
        case _:
            return


def _entry(label: str, doc: str, value: Json, format: Format) -> Choice:  # noqa: A002
    text = dump(value, format).strip()
    if format == "yaml":
        text = text.replace("\n", "\n  ")
    return Choice(label, "text", "new entry", doc, text.replace('"Next": ""', '"Next": "§"').replace("Next: ''", "Next: §"))
