"""What may be typed at a place of a definition, and what a word there means.

    `proposals(text, format, offset, catalogue)`  the words that fit at the caret, with the stretch they replace
    `in_field(root, pointer, text, offset, holds)` the same for a field of a form, which holds one value of a definition
    `hover(text, format, offset, catalogue)`      the documentation of the word at the caret

Theory of operation: `cursor.locate` tells in which object the caret is; `_place` walks down the tree to know what that object is to ASL (a
state, a retrier, a rule, a Task's parameters …); one function per kind gives the names or the values. Nothing here knows AWS's services: the
catalogue is asked. What an expression may say is `completion_expression`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from studio.asl import completion_snippets
from studio.asl.completion_choice import Choice, Member, Proposals, Snippet
from studio.asl.completion_expression import Seen, expression, is_expression, word_before, words
from studio.asl.completion_place import Place, place_of
from studio.asl.completion_words import (
    BATCHER,
    CHOICE_KEYS,
    CONDITION_KEYS,
    CREDENTIALS,
    ERRORS,
    OPERATOR_DOCS,
    PROCESSOR_CONFIG,
    READER,
    READER_CONFIG,
    TYPE_DOCS,
    WRITER,
    WRITER_CONFIG,
    Words,
)
from studio.asl.cursor import Cursor, locate
from studio.asl.fields import CATCHER, EXCLUSIVE, FIELDS, INNER, RETRIER, TOP, Field
from studio.asl.text import Format
from studio.asl.tree import Json, Pointer, get, put

Holds = Literal["text", "path", "expression", "json", "list"]
"""What a field of a form holds: a text as it is, a path, an expression (its braces may be left out), JSON, texts with commas between."""

UNSEEN = Seen()

__all__ = ["Catalogue", "Choice", "Hover", "Member", "Proposals", "Seen", "Snippet", "hover", "in_field", "proposals"]


@dataclass(frozen=True, slots=True)
class Hover:
    """The documentation of the word from `start` to `end`."""

    start: int
    end: int
    title: str
    doc: str
    detail: str = ""


class Catalogue(Protocol):
    """What completion asks about AWS's services."""

    def resources(self, typed: str) -> list[tuple[str, str, str]]:
        """Resource ARNs that fit what is typed: ARN, title, documentation."""
        ...

    def about(self, resource: str) -> tuple[str, str] | None:
        """Title and documentation of a resource."""
        ...

    def members(self, resource: str, path: tuple[str | int, ...]) -> list[Member]:
        """The parameters of a resource at a path inside its parameters."""
        ...

    def values(self, resource: str, path: tuple[str | int, ...]) -> tuple[str, ...]:
        """The values a parameter may have, where they are listed."""
        ...

    def errors(self, resource: str) -> list[tuple[str, str]]:
        """The errors a resource fails with: name, documentation."""
        ...


def proposals(
    text: str,
    format: Format,  # noqa: A002
    offset: int,
    catalogue: Catalogue | None = None,
    seen: Seen = UNSEEN,
    snippets: Sequence[Snippet] = (),
) -> Proposals:
    """The words that fit; none where nothing is known. Not filtered by what is typed, except inside expressions and ARNs.

    `seen`: what the state around the caret saw last. `snippets`: states that may be put in among the others.
    """
    cursor, root = locate(text, format, offset)
    if cursor.role != "value" and (found := _states(text, format, offset, cursor, root, snippets)) is not None:
        return found
    return _proposed(text, format, offset, cursor, root, catalogue, seen)


def _states(
    text: str,
    format: Format,  # noqa: A002
    offset: int,
    cursor: Cursor,
    root: Json,
    snippets: Sequence[Snippet],
) -> Proposals | None:
    """Whole states, where the caret is among the states of a scope: at a name, or (in JSON) behind a state, where a comma comes first."""
    behind = cursor.role == "none" and format == "json" and text[:offset].rstrip().endswith("}") and len(cursor.pointer) > 1
    place = place_of(root, cursor.pointer[:-1] if behind else cursor.pointer)
    if place.kind != "states" or cursor.colon or not (behind or cursor.role == "key"):
        return None
    found = [*completion_snippets.states(snippets, root, cursor, place, format)]
    if behind:
        found = [replace(choice, text=f",\n{choice.text}") for choice in found]
        return Proposals(offset, offset, tuple(found)) if found else None
    more = "," if format == "json" and re.match(r'\s*+"', text[cursor.end + cursor.closed :]) else ""
    return Proposals(cursor.start, cursor.end + cursor.closed, tuple(replace(choice, text=choice.text + more) for choice in found))


def in_field(
    root: Json, pointer: Pointer, text: str, offset: int, holds: Holds, catalogue: Catalogue | None = None, seen: Seen = UNSEEN
) -> Proposals:
    """The words that fit in a field for the value at `pointer` of the definition `root`; `start` and `end` count in the field's `text`."""
    if holds == "json" and not text.lstrip().startswith("{%"):
        cursor, held = locate(text, "json", offset)
        try:
            root = put(root, pointer, held)
        except KeyError:  # the field stands for something that the definition has no place for any more
            return Proposals(offset, offset, ())
        return _proposed(text, "json", offset, replace(cursor, pointer=(*pointer, *cursor.pointer)), root, catalogue, seen)
    if holds == "list":
        begin = text.rfind(",", 0, offset) + 1
        begin += len(text[begin:offset]) - len(text[begin:offset].lstrip())
        end = len(text) if (comma := text.find(",", offset)) < 0 else comma
        found = in_field(root, (*pointer, 0), text[begin:end], offset - begin, "text", catalogue, seen)
        return replace(found, start=found.start + begin, end=found.end + begin)
    braces = "{% " if holds == "expression" and "{%" not in text[:offset] else ""
    whole = braces + text
    cursor = Cursor("value", pointer, 0, len(whole), whole[: offset + len(braces)], whole, quoted=True)
    found = _values(cursor, root, "json", catalogue, seen)
    return replace(found, start=max(0, found.start - len(braces)), end=max(0, found.end - len(braces)))


def _proposed(
    text: str,
    format: Format,  # noqa: A002
    offset: int,
    cursor: Cursor,
    root: Json,
    catalogue: Catalogue | None,
    seen: Seen,
) -> Proposals:
    if cursor.role == "none":
        return Proposals(offset, offset, ())
    if cursor.role == "key":
        found = _names(cursor, root, format, catalogue)
        if format == "json" and not cursor.colon and re.match(r'\s*+"', text[found.end :]):  # another name follows
            return replace(found, choices=tuple(replace(choice, text=f"{choice.text},") for choice in found.choices))
        return found
    return _values(cursor, root, format, catalogue, seen)


def hover(text: str, format: Format, offset: int, catalogue: Catalogue | None = None) -> Hover | None:  # noqa: A002
    """What the word at an offset means, or None."""
    end = offset
    while end < len(text) and (text[end].isalnum() or text[end] in "_.:$-" or text[end] == "/"):
        end += 1
    cursor, root = locate(text, format, offset)
    if cursor.role == "none" or not cursor.whole or not cursor.start <= offset <= cursor.end:
        return None
    word = cursor.whole.removesuffix(".$") if cursor.role == "key" else cursor.whole
    place = place_of(root, cursor.pointer if cursor.role == "key" else cursor.pointer[:-1])
    if cursor.role == "key":
        found = next((c for c in _keys(place, catalogue) if c.label == word), None)
        return Hover(cursor.start, cursor.end, word, found.doc, found.detail) if found and found.doc else None
    start = offset
    while start > cursor.start and (text[start - 1].isalnum() or text[start - 1] in "_.$"):
        start -= 1
    name = text[start:end].rstrip(".")
    if name and is_expression(cursor, place, offset):
        for choice in words(cursor, place):
            if choice.label.rstrip("(") == name and choice.doc:
                return Hover(start, start + len(name), choice.detail or name, choice.doc)
    if catalogue is not None and cursor.pointer[-1:] == ("Resource",) and (about := catalogue.about(cursor.whole)):
        return Hover(cursor.start, cursor.end, about[0], about[1])
    found = next((c for c in _constants(cursor, root, place, catalogue) if c.label == word and c.doc), None)
    return Hover(cursor.start, cursor.end, word, found.doc, found.detail) if found else None


# -- names ---------------------------------------------------------------------------------------------------------------


def _names(cursor: Cursor, root: Json, format: Format, catalogue: Catalogue | None) -> Proposals:  # noqa: A002
    place = place_of(root, cursor.pointer)
    held = get(root, cursor.pointer)
    there = {name for name in held if name != cursor.whole} if isinstance(held, dict) else set[str]()
    plain = {name.removesuffix(".$") for name in there}
    excluded = {
        name
        for group in EXCLUSIVE.get(str(place.state.get("Type")), ())
        if place.kind == "state" and any(one in there for one in group)
        for name in group
    }
    found: list[Choice] = []
    for choice in _keys(place, catalogue):
        if choice.label in there or choice.label in plain or choice.label in excluded:
            continue
        found.append(_as_name(choice, cursor, format))
        if _may_be_path(place, choice):
            whole = replace(choice, label=f"{choice.label}.$", detail="from a path", text="path")
            found.append(_as_name(whole, cursor, format))
    end = cursor.end + (cursor.closed and not cursor.colon)
    return Proposals(cursor.start, end, tuple(found))


def _may_be_path(place: Place, choice: Choice) -> bool:
    return place.kind in {"parameters", "io-parameters"} and place.language == "JSONPath" and choice.text != "boolean"


def _keys(place: Place, catalogue: Catalogue | None) -> Iterator[Choice]:
    """The names that an object may have; `text` holds the kind of the value."""
    match place.kind:
        case "machine":
            yield from _fields(INNER if place.inner else TOP, place.language)
        case "state":
            kind = str(place.state.get("Type", ""))
            yield from sorted(_fields(FIELDS[kind], place.language), key=lambda c: not c.detail)
        case "retrier":
            yield from _fields(RETRIER, place.language)
        case "catcher":
            yield from _fields(CATCHER, place.language)
        case "rule" | "inner-rule":
            inner = place.kind == "inner-rule"
            table = CONDITION_KEYS if place.language == "JSONata" else CHOICE_KEYS
            yield from (c for c in _words(table) if not inner or c.label not in {"Next", "Output", "Assign"})
            if place.language == "JSONPath":
                yield from (Choice(name, "field", kind, doc, kind) for name, (kind, doc) in OPERATOR_DOCS.items())
        case "processor-config":
            yield from _words(PROCESSOR_CONFIG)
        case "credentials":
            yield from _words(CREDENTIALS)
        case "reader":
            yield from (c for c in _words(READER) if c.label != ("Parameters" if place.language == "JSONata" else "Arguments"))
        case "writer":
            yield from (c for c in _words(WRITER) if c.label != ("Parameters" if place.language == "JSONata" else "Arguments"))
        case "reader-config":
            yield from _words(READER_CONFIG)
        case "writer-config":
            yield from _words(WRITER_CONFIG)
        case "batcher":
            yield from _words(BATCHER)
        case "parameters" | "io-parameters" if catalogue is not None:
            members = catalogue.members(_resource(place), place.path)
            for member in sorted(members, key=lambda m: not m.required):
                yield Choice(member.name, "field", "required" if member.required else member.kind, member.doc, member.kind)
        case _:
            return


def _resource(place: Place) -> str:
    """The resource whose parameters a place is in: the Task's, or the reader's and writer's, which read and write S3."""
    for name in ("ItemReader", "ResultWriter"):
        if place.kind == "io-parameters" and isinstance(held := place.state.get(name), dict) and isinstance(held.get("Resource"), str):
            return str(held["Resource"]).replace(":s3:", ":aws-sdk:s3:")
    return str(place.state.get("Resource", ""))


def _fields(table: dict[str, Field], language: str) -> Iterator[Choice]:
    for field in table.values():
        if language in field.languages:
            yield Choice(field.name, "field", "required" if field.required else "", field.doc, field.kind)


def _words(table: Words) -> Iterator[Choice]:
    for name, (kind, doc, _) in table.items():
        yield Choice(name, "field", "", doc, kind)


_OPENING = {
    "object": "{§}",
    "structure": "{§}",
    "map": "{§}",
    "array": "[§]",
    "list": "[§]",
    "boolean": "true§",
    "number": "§",
    "integer": "§",
    "any": "§",
    "document": "§",
}


def _as_name(choice: Choice, cursor: Cursor, format: Format) -> Choice:  # noqa: A002
    """A name as it is put into the text: with its quotes, its colon and the beginning of a value, where those are not there."""
    opening = _OPENING.get(choice.text, '"§"')
    if choice.label == "End":
        opening = "true§"
    if format == "yaml":
        value = {"{§}": "\n  §", "[§]": "\n  - §"}.get(opening, opening.replace('"', ""))
        text = choice.label if cursor.colon else f"{choice.label}:{value if value.startswith(chr(10)) else f' {value}'}"
    elif cursor.colon:
        text = choice.label
    else:
        text = f'{choice.label}": {opening}' if cursor.quoted else f'"{choice.label}": {opening}'
    return replace(choice, text=text, again=not cursor.colon and opening in {'"§"', "[§]", "{§}", "§"})


# -- values --------------------------------------------------------------------------------------------------------------


def _values(cursor: Cursor, root: Json, format: Format, catalogue: Catalogue | None, seen: Seen) -> Proposals:  # noqa: A002
    place = place_of(root, cursor.pointer[:-1])
    caret = cursor.start + len(cursor.typed)
    if is_expression(cursor, place, caret):
        typed = word_before(cursor.typed)
        return Proposals(caret - len(typed), caret, tuple(expression(root, cursor, place, typed, seen)))
    found = [_as_value(c, cursor, format) for c in _constants(cursor, root, place, catalogue)]
    if not cursor.quoted and not cursor.whole:
        found += completion_snippets.entries(place, format)
    return Proposals(cursor.start, cursor.end, tuple(found))


def _as_value(choice: Choice, cursor: Cursor, format: Format) -> Choice:  # noqa: A002
    bare = cursor.quoted or choice.text == "bare" or (format == "yaml" and not re.search(r"[:#\"'{}\[\],&*?|<>=!%@`]|^[\s-]", choice.label))
    return replace(choice, text=choice.label if bare else f'"{choice.label}"')


def _constants(cursor: Cursor, root: Json, place: Place, catalogue: Catalogue | None) -> Iterator[Choice]:
    """The values that may stand at the caret as they are."""
    name = cursor.pointer[-1] if cursor.pointer else ""
    match place.kind, name:
        case "state", "Type":
            yield from (Choice(kind, "type", "", doc) for kind, doc in TYPE_DOCS.items())
        case _, "QueryLanguage":
            yield from (Choice(word, "enum") for word in ("JSONPath", "JSONata"))
        case ("state" | "rule" | "catcher", "Next" | "Default"):
            yield from _targets(root, place.scope, place.pointer)
        case "machine", "StartAt":
            yield from _targets(root, (*cursor.pointer[:-1], "States"), ())
        case (("state" | "reader" | "writer"), "Resource"):
            yield from _resources(cursor, place, catalogue)
        case "errors", _:
            yield from _errors(place, catalogue)
        case (("parameters" | "io-parameters"), _) if catalogue is not None:
            yield from (Choice(value, "enum") for value in catalogue.values(_resource(place), (*place.path, name)))
        case _:
            yield from _listed(place, str(name))


_TABLES: dict[str, Words] = {
    "processor-config": PROCESSOR_CONFIG,
    "reader-config": READER_CONFIG,
    "writer-config": WRITER_CONFIG,
    "batcher": BATCHER,
    "rule": CHOICE_KEYS,
    "inner-rule": CHOICE_KEYS,
}


def _listed(place: Place, name: str) -> Iterator[Choice]:
    """The words of a field that lists them, true and false of a boolean one."""
    words: tuple[str, ...] = ()
    kind = ""
    if (table := _TABLES.get(place.kind)) and name in table:
        kind, _, words = table[name]
    elif name in OPERATOR_DOCS and place.kind in {"rule", "inner-rule"}:
        kind = OPERATOR_DOCS[name][0]
    else:
        fields = {"state": FIELDS[str(place.state.get("Type", ""))], "retrier": RETRIER, "catcher": CATCHER}.get(place.kind, {})
        if name in fields:
            kind, words = fields[name].kind, fields[name].words
    yield from (Choice(word, "enum") for word in words)
    if kind == "boolean":
        yield from (Choice(word, "constant", text="bare") for word in ("true", "false"))


def _targets(root: Json, scope: Pointer, itself: Pointer) -> Iterator[Choice]:
    """The states of a scope, the state itself last."""
    held = get(root, scope)
    names = list(held) if isinstance(held, dict) else []
    own = str(itself[-1]) if itself else ""
    for name in sorted(names, key=lambda n: n == own):
        state = held[name] if isinstance(held, dict) else None
        kind = str(state.get("Type", "")) if isinstance(state, dict) else ""
        comment = str(state.get("Comment", "")) if isinstance(state, dict) else ""
        yield Choice(name, "state", kind, comment)


def _resources(cursor: Cursor, place: Place, catalogue: Catalogue | None) -> Iterator[Choice]:
    if place.kind == "reader":
        yield from (Choice(f"arn:aws:states:::s3:{action}", "text") for action in ("getObject", "listObjectsV2"))
    elif place.kind == "writer":
        yield Choice("arn:aws:states:::s3:putObject", "text")
    elif catalogue is not None:
        yield from (Choice(arn, "text", title, doc) for arn, title, doc in catalogue.resources(cursor.typed))


def _errors(place: Place, catalogue: Catalogue | None) -> Iterator[Choice]:
    if catalogue is not None and place.state.get("Type") == "Task":
        yield from (Choice(name, "constant", "this task", doc) for name, doc in catalogue.errors(str(place.state.get("Resource", ""))))
    yield from (Choice(name, "constant", "", doc) for name, doc in ERRORS.items())
