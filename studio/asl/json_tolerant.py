"""The tolerant JSON parser: accepts what definitions in the wild hold, and words every error for a person.

Accepted beyond the standard, and written down: comments, trailing commas, unquoted `${Name}` placeholders, repeated names.
It keeps its own stack, so nesting costs no recursion.
"""

from __future__ import annotations

import json
import math
import re
from json import decoder
from typing import Any, NoReturn

from studio.asl.json_text import BARE, BOM, NEWLINE, SPACE, fail, node_of, placeholder_end
from studio.asl.spans import MAX_DEPTH, Reading, Span
from studio.asl.tree import Json, Pointer

_SCAN: Any = vars(decoder)["scanstring"]  # json's own scanner of one string, in C
_COMMENT = re.compile(r"//[^\r\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][+-]?[0-9]++)?")
_WORD = re.compile(r"[A-Za-z_$][\w$.-]*+")
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
            line = len(NEWLINE.findall(text[: opened.at])) + 1
            what = "object" if isinstance(opened.value, dict) else "list"
            self._fail(f"Unexpected end of text: the {what} that begins in line {line} is never closed.", len(text))
        wanted = "}" if isinstance(opened.value, dict) else "]"
        if text[at] == wanted:
            return True
        if text[at] in "]}":
            line = len(NEWLINE.findall(text[: opened.at])) + 1
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

    def _name(self, at: int) -> tuple[str, int]:  # noqa: RET503 - it fails
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
        value: str
        end: int
        try:
            value, end = _SCAN(self.text, at + 1, True)
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

    def _scalar(self, at: int) -> tuple[Json, int]:  # noqa: RET503 - it fails
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
        bare = BARE.match(text, at)
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
