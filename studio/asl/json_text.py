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
from collections.abc import Callable
from json.decoder import scanstring  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from typing import NoReturn

from studio.asl.spans import MAX_CHARACTERS, MAX_DEPTH, Member, Node, Reading, Span
from studio.asl.tree import Json, Pointer
from studio.errors import TextError

BOM = "\ufeff"
_NEWLINE = re.compile(r"\r\n|\n|\r")
SPACE = re.compile(r"(?:[ \t\r\n]++|//[^\r\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)*+")
_COMMENT = re.compile(r"//[^\r\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/")
_BRACKET = re.compile(r'(?:[^\[\]{}"]++|"(?:[^"\\]++|\\.)*+")*+[\[\]{}]', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][+-]?[0-9]++)?")
_WORD = re.compile(r"[A-Za-z_$][\w$.-]*+")
_BARE = re.compile(r"[^\s,\[\]{}\"/]++")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LITERALS: dict[str, Json] = {"true": True, "false": False, "null": None}
_WANTED = {
    "True": "true",
    "TRUE": "true",
    "False": "false",
    "FALSE": "false",
    "None": "null",
    "NULL": "null",
    "Null": "null",
    "nil": "null",
    "undefined": "null",
}


class Lines:
    """Where the lines of a text begin."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(m.end() for m in _NEWLINE.finditer(text))]

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
    line = len(_NEWLINE.findall(before)) + 1
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
    return strict if strict is not None else Tolerant(text).read()


# --- the fast path --------------------------------------------------------------------------------------------------


class _NotStrict(ValueError):
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
    level: list[Json] = [root] if isinstance(root, dict | list) else []
    for _ in range(limit):
        if not level:
            return False
        level = [v for c in level for v in (c.values() if type(c) is dict else c) if type(v) is dict or type(v) is list]  # pyright: ignore[reportGeneralTypeIssues, reportOptionalIterable]
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
                found = _STRING.match(text, at)
                return Node(at, found.end() if found else at + 1, "scalar")
            case "$":
                return Node(at, placeholder_end(text, at) or at + 1, "scalar")
            case _:
                found = _BARE.match(text, at)
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
                found = _STRING.match(text, at)
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
                found = _STRING.match(text, here)
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


# --- the tolerant parser --------------------------------------------------------------------------------------------


class _Open:
    """A container that is not closed yet."""

    __slots__ = ("at", "key", "value")

    def __init__(self, value: dict[str, Json] | list[Json], at: int) -> None:
        self.value = value
        self.at = at
        self.key: str | int = ""


class Tolerant:
    """One pass over a text that is not plain JSON."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ends: dict[int, int] = {}
        self.stack: list[_Open] = []
        self.duplicates: list[tuple[Pointer, Span]] = []
        self.placeholders: list[tuple[Pointer, Span]] = []
        self.leniencies: list[tuple[str, Span]] = []

    def read(self) -> Reading:
        text, ends = self.text, self.ends
        start = self._skip(1 if text.startswith(BOM) else 0)
        if start >= len(text):
            self._fail("The text is empty.", start, "A definition begins with {.")
        root, end = self._values(start)
        end = self._skip(end)
        if end < len(text):
            self._fail(f"There is text after the end of the definition: {_shown(text, end)}", end)
        return Reading(root, lambda: node_of(text, ends), self.duplicates, self.placeholders, self.leniencies)

    def _fail(self, message: str, offset: int, hint: str = "") -> NoReturn:
        fail(self.text, message, offset, hint)

    def _skip(self, at: int) -> int:
        found = SPACE.match(self.text, at)
        end = found.end() if found else at
        if end > at and self.text.find("/", at, end) >= 0:
            self.leniencies.extend(("comment", Span(m.start(), m.end())) for m in _COMMENT.finditer(self.text, at, end))
        if self.text.startswith("/*", end):
            self._fail("The comment is never closed.", end, "It ends with */.")
        return end

    def _path(self) -> Pointer:
        return tuple(f.key for f in self.stack)

    def _values(self, at: int) -> tuple[Json, int]:
        """The value at `at` with all that is in it, and the offset after it."""
        text, stack = self.text, self.stack
        while True:
            char = text[at] if at < len(text) else ""
            value: Json
            if char and char in "{[":
                if len(stack) >= MAX_DEPTH:
                    self._fail(f"Objects and lists are nested more than {MAX_DEPTH} levels deep.", at)
                opened = _Open({} if char == "{" else [], at)
                if stack:
                    self._attach(opened.value)
                stack.append(opened)
                value, at = opened.value, self._skip(at + 1)
                if not self._closes(at):
                    at = self._next(at, 0)
                    continue
            else:
                value, at = self._scalar(at)
                if stack:
                    self._attach(value)
            # after a value: close what closes here, until there is a comma
            while stack:
                at, ended = self._skip(at), at
                if self._closes(at):
                    opened = stack.pop()
                    value = opened.value
                    at += 1
                    self.ends[opened.at] = at
                    continue
                at = self._comma(at, ended)
                if at >= 0:
                    break
                at = self._skip(-at)
            else:
                return value, at

    def _closes(self, at: int) -> bool:
        """Whether the innermost container closes at `at`. TextError at the end of the text, or where another one closes."""
        text, opened = self.text, self.stack[-1]
        if at >= len(text):
            line = len(_NEWLINE.findall(text[: opened.at])) + 1
            what = "object" if isinstance(opened.value, dict) else "list"
            self._fail(f"Unexpected end of text: the {what} that begins in line {line} is never closed.", len(text))
        wanted = "}" if isinstance(opened.value, dict) else "]"
        if text[at] == wanted:
            return True
        if text[at] in "]}":
            line = len(_NEWLINE.findall(text[: opened.at])) + 1
            what = "object" if isinstance(opened.value, dict) else "list"
            self._fail(f"Expected {wanted} to close the {what} that begins in line {line}, found {text[at]}.", at)
        return False

    def _comma(self, at: int, ended: int) -> int:
        """Past the comma after a value: where the next value begins; negative: where the container closes after a last comma."""
        text, opened = self.text, self.stack[-1]
        inside = isinstance(opened.value, dict)
        if text[at] != ",":
            if text[at] in '"{[-$' or text[at].isalnum():
                self._fail(f"Missing comma between {'members' if inside else 'elements'}.", ended)
            self._fail(f"Unexpected {_shown(text, at)}: expected a comma or {'}' if inside else ']'}.", at)
        comma, at = at, self._skip(at + 1)
        if self._closes(at):
            self.leniencies.append(("trailing comma", Span(comma, comma + 1)))
            return -at
        return self._next(at, opened.key + 1 if isinstance(opened.key, int) else 0)

    def _next(self, at: int, index: int) -> int:
        """Where the next value of the innermost container begins; reads its name first, in an object."""
        opened = self.stack[-1]
        if isinstance(opened.value, list):
            opened.key = index
            if self.text[at] == ",":
                self._fail("Unexpected comma: there is no value before it.", at)
            return at
        key, end = self._name(at)
        opened.key = key
        if key in opened.value:
            self.duplicates.append((self._path(), Span(at, end)))
        colon = self._skip(end)
        if not self.text.startswith(":", colon):
            if colon >= len(self.text):
                self._closes(colon)
            self._fail(f"Expected a colon after the property name “{key}”.", end)
        at = self._skip(colon + 1)
        if at < len(self.text) and self.text[at] in ",}]":
            self._fail(f"The property “{key}” has no value.", at)
        return at

    def _name(self, at: int) -> tuple[str, int]:
        text = self.text
        if text[at] == '"':
            return self._string(at)
        if text[at] == ",":
            self._fail("Unexpected comma: there is no member before it.", at)
        word = _WORD.match(text, at)
        hint = f'Write "{word[0]}".' if word else ""
        self._fail("A property name must be a double-quoted string.", at, hint)

    def _attach(self, value: Json) -> None:
        opened = self.stack[-1]
        if isinstance(opened.value, dict):
            assert isinstance(opened.key, str)
            opened.value[opened.key] = value
        else:
            opened.value.append(value)

    def _string(self, at: int) -> tuple[str, int]:
        scan: Callable[[str, int, bool], tuple[str, int]] = scanstring
        try:
            value, end = scan(self.text, at + 1, True)
        except json.JSONDecodeError as error:
            self._bad_string(at, error)
        if not value.isascii():
            lone = _LONE_SURROGATE.search(value)
            if lone:
                self._fail(f"The string holds half of a surrogate pair (\\u{ord(lone[0]):04x}), which is not a character.", at)
        return value, end

    def _bad_string(self, at: int, error: json.JSONDecodeError) -> NoReturn:
        text, where = self.text, error.pos
        if error.msg.startswith("Unterminated"):
            self._fail("Unexpected end of text: the string is never closed.", at)
        if error.msg.startswith("Invalid control"):
            if text[where] in "\r\n":
                self._fail("The string is not closed before the end of its line.", at, "A line break inside a string is written \\n.")
            code = f"\\u{ord(text[where]):04x}"
            name = "\\t" if text[where] == "\t" else code
            self._fail(f"A control character (U+{ord(text[where]):04X}) inside a string must be written {name}.", where)
        if "uXXXX" in error.msg:
            self._fail("\\u must be followed by four hexadecimal digits.", where - 1 if text[where] != "\\" else where)
        self._fail(f"{text[where : where + 2]} is not an escape that JSON knows.", where, "A backslash itself is written \\\\.")

    def _scalar(self, at: int) -> tuple[Json, int]:
        text = self.text
        char = text[at] if at < len(text) else ""
        if char == '"':
            return self._string(at)
        if char == "$":
            end = placeholder_end(text, at)
            if end is not None:
                self.placeholders.append((self._path(), Span(at, end)))
                return text[at:end], end
        if not char:
            if self.stack:
                self._closes(at)
            self._fail("Unexpected end of text.", at)
        if char in "-0123456789":
            return self._number(at)
        word = _WORD.match(text, at)
        if word and word[0] in _LITERALS:
            return _LITERALS[word[0]], word.end()
        if word and word[0] in _WANTED:
            self._fail(f"{word[0]} is not JSON.", at, f"Write {_WANTED[word[0]]}.")
        if char == "'":
            self._fail("A string must be in double quotes.", at)
        if char == "`":
            self._fail("A string must be in double quotes, not backquotes.", at)
        if char == "#":
            self._fail("Unexpected #.", at, "A comment begins with //.")
        if char == "$":
            self._fail("The placeholder is not closed on its line.", at, "It is written ${Name}.")
        if char in "+.":
            self._fail("A number begins with a digit or a minus sign.", at)
        if word:
            self._fail(f"{word[0]} is not a JSON value.", at, "A string must be in double quotes.")
        self._fail(f"Unexpected {_shown(text, at)}: expected a value.", at)

    def _number(self, at: int) -> tuple[Json, int]:
        text = self.text
        found = _NUMBER.match(text, at)
        bare = _BARE.match(text, at)
        if found is None or (bare is not None and bare.end() > found.end()):
            self._fail(f"{_clip(bare[0] if bare else text[at])} is not a JSON number.", at)
        try:
            value = float(found[0]) if found[1] or found[2] else int(found[0])
        except ValueError:
            self._fail("The number has too many digits.", at)
        if isinstance(value, float) and math.isinf(value):
            self._fail(f"{_clip(found[0])} is too large for a number.", at)
        return value, found.end()


def _clip(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _shown(text: str, at: int) -> str:
    """The character at `at`, as a message names it."""
    char = text[at]
    if char.isprintable() and not char.isspace():
        return char
    return f"character U+{ord(char):04X}"
