"""What an expression may say at the caret: keys of the data the state saw, variables in scope, the context object, functions.

Theory of operation: the field that the caret is in decides what `$` or `$states` stand for there (`_roots`): the state's input, the
result of its work, the error that was caught. What the state saw last (`Seen`) is then walked along what is typed, so that keys of any
depth are proposed without listing them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from studio.asl import intrinsics, jsonata_docs
from studio.asl.completion_choice import Choice
from studio.asl.completion_place import Place
from studio.asl.completion_words import CONTEXT, ERROR_OUTPUT, STATES
from studio.asl.cursor import Cursor
from studio.asl.field_data import WORKS, Saw, Stage, data_at
from studio.asl.graph import build
from studio.asl.rules.variables import in_scope
from studio.asl.tree import MISSING, Json
from studio.asl.values import ExpressionError, SyntaxProblem

LIMIT = 200
"""Keys that are proposed at most."""
AHEAD = 2
"""Levels below what is typed that are proposed as well."""
BRIEF = 40
"""Characters of a value that are shown beside its key."""
_WORD = re.compile(r"(?:[$\w.]|\[(?:\d+|'[^'\]]*'|\"[^\"\]]*\")\]|`[^`\s]*`?)*(?:\[(?:\d*|'[^'\]]*'?))?\Z")
_PATHS = re.compile(r"(Path|\.\$)$")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a state saw last; MISSING what is not known. `item` is what one iteration of a Map is about."""

    input: Any = MISSING
    result: Any = MISSING
    variables: dict[str, Json] = field(default_factory=dict[str, Json])
    context: dict[str, Json] = field(default_factory=dict[str, Json])
    item: Any = MISSING


def word_before(typed: str) -> str:
    """The path or name that ends at the caret."""
    found = _WORD.search(typed)
    return found[0] if found else ""


def is_expression(cursor: Cursor, place: Place, offset: int) -> bool:
    """Whether the caret is where an expression is written."""
    if place.language == "JSONata":
        before = cursor.whole[: max(0, offset - cursor.start)]
        return before.rfind("{%") > before.rfind("%}") or (before.startswith("{%") and "%}" not in before)
    name = str(cursor.pointer[-1]) if cursor.pointer else ""
    return bool(_PATHS.search(name)) or name == "Variable"


def words(cursor: Cursor, place: Place) -> list[Choice]:
    """The words of the language itself that may stand there: what `$states` holds, the context object, functions."""
    if place.language == "JSONata":
        functions = [Choice(f"${name}(", "function", signature, doc) for name, (signature, doc) in jsonata_docs.FUNCTIONS.items()]
        return [*(Choice(name, "variable", "", doc) for name, doc in STATES.items()), *functions]
    name = str(cursor.pointer[-1]) if cursor.pointer else ""
    context = [Choice(path, "variable", "context object", doc) for path, doc in CONTEXT.items()]
    start = [Choice("$.", "variable", "", "The input."), Choice("$$.", "variable", "", "The context object.")]
    functions = [Choice(f"{row.name}(", "function", row.signature, row.doc) for row in intrinsics.TABLE.values()]
    return [*start, *context, *(functions if name.endswith(".$") or name in {"ErrorPath", "CausePath"} else [])]


def expression(root: Json, cursor: Cursor, place: Place, typed: str, seen: Seen) -> list[Choice]:
    """What fits the word `typed` at the caret: keys first, then variables, then the language's own words."""
    near = _near(cursor, place)
    roots = dict(_roots(near, place, seen))
    known = [choice for name, value in roots.items() for choice in keys(name, value, typed, place.language)]
    scope = _variables(root, place)
    for choice in scope:
        if choice.label[1:] in seen.variables:
            known += keys(choice.label, seen.variables[choice.label[1:]], typed, place.language)
    known += [choice for name, value in _context(place, seen) for choice in keys(name, value, typed, place.language)]
    own = [choice for choice in words(cursor, place) if _allowed(choice.label, near, place)]
    told = {choice.label: choice.doc for choice in own}
    known = [Choice(c.label, c.kind, c.detail, told.get(c.label, "")) for c in known]
    there = {choice.label for choice in known}
    found = known + [choice for choice in (*scope, *own) if choice.label not in there]
    return [_as_text(choice) for choice in found if choice.label != typed and _fits(choice.label, typed)]


def _fits(label: str, typed: str) -> bool:
    """Whether a label begins with what is typed; a bare name may be the last key of a path or the name of a function."""
    if label.lower().startswith(typed.lower()):
        return True
    last = re.split(r"[.$`']", label.rstrip("(]'`"))[-1]
    return bool(typed) and typed[0] not in "$.`" and "." not in typed and last.lower().startswith(typed.lower())


def _as_text(choice: Choice) -> Choice:
    call = choice.kind == "function" and choice.label.endswith("(")
    ends = call and choice.detail.endswith("()")
    return Choice(
        choice.label,
        choice.kind,
        choice.detail,
        choice.doc,
        f"{choice.label})" if ends else f"{choice.label}§)" if call else choice.label,
        again=choice.label.endswith("."),
    )


# -- what $ stands for -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Near:
    """Where in its state the caret is: the field of the state, and whether that is inside a catcher or a rule."""

    field: str
    inside: str = ""


def _near(cursor: Cursor, place: Place) -> _Near:
    top, *rest = [*map(str, cursor.pointer[len(place.pointer) :]), ""]
    return _Near(rest[1] if len(rest) > 1 else "", top) if top in {"Catch", "Choices"} else _Near(top)


def _after_work(near: _Near, place: Place) -> bool:
    """Whether the field is evaluated once the state's work has answered."""
    return not near.inside and place.state.get("Type") in WORKS and near.field in {"Output", "Assign", "ResultSelector"}


def _allowed(label: str, near: _Near, place: Place) -> bool:
    """Whether a word of `$states` says anything in the field at all."""
    if label.startswith("$states.result"):
        return _after_work(near, place)
    if label.startswith("$states.errorOutput"):
        return near.inside == "Catch"
    return True


def _roots(near: _Near, place: Place, seen: Seen) -> Iterator[tuple[str, Any]]:
    """The names of what the field reads, with what they stood for."""
    caught = near.inside == "Catch" and near.field in {"Output", "Assign"}
    if place.language == "JSONata":
        yield "$states.input", seen.input
        if _after_work(near, place):
            yield "$states.result", seen.result
        if caught:
            yield "$states.errorOutput", ERROR_OUTPUT
    elif caught:
        yield "$", ERROR_OUTPUT
    elif near.inside == "Catch":
        yield "$", seen.input
    elif near.inside or near.field not in _STAGES:
        yield "$", _at("input", place, seen)
    else:
        found = _at(_STAGES[near.field], place, seen)
        yield "$", seen.input if found is MISSING and near.field == "OutputPath" else found


_STAGES: dict[str, Stage] = {
    "InputPath": "raw",
    "ResultSelector": "result",
    "Assign": "selected",
    "ResultPath": "raw",
    "OutputPath": "joined",
}
"""Fields of a JSONPath state that read something else than the input after InputPath."""


def _at(stage: Stage, place: Place, seen: Seen) -> Any:
    """The data at a stage of the state; MISSING where they are not known or an expression before it cannot be read."""
    try:
        return data_at(stage, place.state, Saw(seen.input, seen.result, MISSING, seen.variables, seen.context))
    except (SyntaxProblem, ExpressionError, RuntimeError):  # RuntimeError: a template that draws a number, or is nested too deeply
        return MISSING


def _context(place: Place, seen: Seen) -> Iterator[tuple[str, Any]]:
    whole = "$$" if place.language == "JSONPath" else "$states.context"
    held: dict[str, Any] = dict(seen.context)
    if seen.item is not MISSING:
        held["Map"] = {"Item": {"Index": 0, "Value": seen.item}}
    if held:
        yield whole, held


def _variables(root: Json, place: Place) -> list[Choice]:
    """The variables that the state may read."""
    if not place.pointer:
        return []
    known = in_scope(build(root)).get(place.pointer, frozenset())
    return [Choice(f"${name}", "variable", "variable") for name in sorted(known)]


# -- keys ----------------------------------------------------------------------------------------------------------------


def keys(name: str, value: Any, typed: str, language: str) -> list[Choice]:
    """The paths into a value that go on from what is typed; the nearest first, at most `LIMIT`."""
    if value is MISSING:
        return []
    begun = typed.lower().startswith(name.lower()) and typed != ""
    found: list[Choice] = []
    level: list[tuple[str, Json, int]] = [(name, value, 0)]
    while level and len(found) < LIMIT:
        following: list[tuple[str, Json, int]] = []
        for path, held, ahead in level:
            if ahead > AHEAD or len(found) >= LIMIT:
                break
            if (path != name or name not in {"$", "$$"}) and (not begun or path.lower().startswith(typed.lower())):
                found.append(Choice(path, "variable", brief(held)))
            for below, inner in _below(path, held, language):
                on_the_way = begun and typed.lower().startswith(below.lower())
                if on_the_way or not begun or below.lower().startswith(typed.lower()):
                    following.append((below, inner, 0 if on_the_way else ahead + 1))
        level = following
    return found[:LIMIT]


def _below(path: str, value: Json, language: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if (step := _step(str(key), language)) is not None:
                yield f"{path}{step}", inner
    elif isinstance(value, list) and value:
        yield f"{path}[0]", value[0]
        if language == "JSONata" and isinstance(value[0], dict):  # a path goes through every element
            for key in value[0]:
                if (step := _step(str(key), language)) is not None:
                    yield f"{path}{step}", [one[key] for one in value if isinstance(one, dict) and key in one]


def _step(key: str, language: str) -> str | None:
    """A key as it stands in a path; None for one that would have to be escaped there."""
    if re.fullmatch(r"[^\W\d]\w*", key):
        return f".{key}"
    if not key or not key.isprintable() or set(key) & set("'\"`\\"):
        return None
    if language == "JSONata":
        return f".`{key}`"
    return f"['{key}']"


def brief(value: Json) -> str:
    """A value in a few characters: itself, or how much it holds."""
    match value:
        case dict():
            return f"{{{len(value)}}}"
        case list():
            return f"[{len(value)}]"
        case _:
            text = json.dumps(value, ensure_ascii=False)
            return text if len(text) <= BRIEF else f"{text[: BRIEF - 1]}…"
