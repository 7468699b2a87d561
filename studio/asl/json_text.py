"""JSON text to value tree, with spans; tolerant of what definitions in the wild hold.

Theory of operation: `read` first tries the standard library's scanner (C). Only text that it refuses, or that repeats a
name, goes to the tolerant parser, which accepts comments, trailing commas and unquoted `${Name}` placeholders, writes each
of them down, and words every error for a person. It keeps its own stack, so nesting costs no recursion. Spans are not
computed until somebody asks: brackets are matched in one pass, and a container's members are scanned when looked into.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from typing import Any, NoReturn

from studio.asl.spans import MAX_CHARACTERS, MAX_DEPTH, Member, Node, Reading
from studio.asl.tree import Json
from studio.errors import TextError

BOM = "\ufeff"
NEWLINE = re.compile(r"\r\n|\n|\r")
SPACE = re.compile(r"(?:[ \t\r\n]++|//[^\r\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)*+")
_BRACKET = re.compile(r'(?:[^\[\]{}"]++|"(?:[^"\\]++|\\.)*+")*+[\[\]{}]', re.DOTALL)
STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
BARE = re.compile(r"[^\s,\[\]{}\"/]++")


class Lines:
    """Where the lines of a text begin."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(m.end() for m in NEWLINE.finditer(text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, both from 1; the nearest that exists."""
        line = min(max(line, 1), len(self._starts))
        return self._starts[line - 1] + max(column, 1) - 1


def fail(text: str, message: str, offset: int, hint: str = "") -> NoReturn:
    """Raise a TextError at an offset of a text."""
    before = text[:offset]
    line = len(NEWLINE.findall(before)) + 1
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    raise TextError(message, line=line, column=offset - start + 1, offset=offset, hint=hint)


def check_size(text: str) -> None:
    """TextError where a text is too large to be a definition."""
    if len(text) > MAX_CHARACTERS:
        size = len(text) / 1024 / 1024
        raise TextError(
            f"The text has {size:.1f} MB; the limit is {MAX_CHARACTERS // 1024 // 1024} MB.",
            hint="A definition on AWS may have 1 MB.",
        )


def read(text: str) -> Reading:
    """Parse JSON. TextError where it is not JSON even with the tolerances, too large, or too deep."""
    check_size(text)
    strict = _read_strict(text)
    if strict is not None:
        return strict
    from studio.asl.json_tolerant import Tolerant  # most files never need it

    return Tolerant(text).read()


# --- the fast path --------------------------------------------------------------------------------------------------


class _NotStrict(ValueError):  # noqa: N818 - a signal, not an error
    """The text needs the tolerant parser: it may be in order, or needs a better message."""


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _NotStrict
    return made


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _NotStrict
    return value


def _constant(_: str) -> NoReturn:
    raise _NotStrict


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_float, parse_constant=_constant)


def _read_strict(text: str) -> Reading | None:
    """The reading of plain JSON; None where the tolerant parser has to look."""
    start = 1 if text.startswith(BOM) else 0
    try:
        root: Json = _DECODER.decode(text[start:] if start else text)
    except (ValueError, RecursionError):
        return None
    if deeper_than(root, MAX_DEPTH) or ("\\u" in text and _has_lone_surrogate(text)):
        return None
    return Reading(root, lambda: strict_node(text), strict=True)


def deeper_than(root: Json, limit: int) -> bool:
    """Whether containers are nested more than `limit` levels. Level by level: no recursion."""
    level: list[Any] = [root] if isinstance(root, dict | list) else []
    for _ in range(limit):
        if not level:
            return False
        level = [  # pyright: ignore[reportUnknownVariableType]
            v
            for c in level
            for v in (c.values() if type(c) is dict else c)  # pyright: ignore[reportUnknownVariableType]
            if type(v) is dict or type(v) is list  # pyright: ignore[reportUnknownArgumentType]
        ]
    return bool(level)


def _has_lone_surrogate(text: str) -> bool:
    escapes = re.findall(r"\\u[dD][89abAB][0-9a-fA-F]{2}(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})?|\\u[dD][c-fC-F][0-9a-fA-F]{2}", text)
    return any(len(e) == 6 for e in escapes)


def strict_node(text: str) -> Node:
    """The root's node of plain JSON text."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACKET.finditer(text):
        at = match.end() - 1
        if text[at] in "[{":
            opened.append(at)
        else:
            ends[opened.pop()] = at + 1
    return node_of(text, ends)


def node_of(text: str, ends: dict[int, int]) -> Node:
    """The root's node of a text, given where each of its brackets closes (the offset after the closing one)."""

    def value_at(at: int) -> Node:
        match text[at]:
            case "{":
                return Node(at, ends[at], "object", reader=members)
            case "[":
                return Node(at, ends[at], "array", reader=members)
            case '"':
                found = STRING.match(text, at)
                return Node(at, found.end() if found else at + 1, "scalar")
            case "$":
                return Node(at, placeholder_end(text, at) or at + 1, "scalar")
            case _:
                found = BARE.match(text, at)
                return Node(at, found.end() if found else at + 1, "scalar")

    def skip(at: int) -> int:
        found = SPACE.match(text, at)
        return found.end() if found else at

    def members(node: Node) -> list[Member]:
        result: list[Member] = []
        at, last = skip(node.start + 1), node.end - 1
        while at < last:
            key, key_start, key_end = None, at, at
            if node.kind == "object":
                found = STRING.match(text, at)
                assert found is not None
                key_end = found.end()
                raw = text[at + 1 : key_end - 1]
                key = json.loads(text[at:key_end]) if "\\" in raw else raw
                at = skip(skip(key_end) + 1)
            value = value_at(at)
            result.append(Member(key, key_start, key_end if key is not None else value.start, value))
            at = skip(value.end)
            if at < last and text[at] == ",":
                at = skip(at + 1)
        return result

    return value_at(skip(1 if text.startswith(BOM) else 0))


def placeholder_end(text: str, at: int) -> int | None:
    """The offset after a `${…}` that begins at `at`, braces and quoted text inside balanced, all on one line; None if none is."""
    if not text.startswith("${", at):
        return None
    depth, here = 0, at + 1
    while here < len(text):
        match text[here]:
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if not depth:
                    return here + 1
            case '"':
                found = STRING.match(text, here)
                if found is None or "\n" in found[0]:
                    return None
                here = found.end()
                continue
            case "\n" | "\r":
                return None
            case _:
                pass
        here += 1
    return None
