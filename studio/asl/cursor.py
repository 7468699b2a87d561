"""Where a caret stands in the text of a definition that is being typed: in which object, at a name or at a value.

Theory of operation: completion happens in texts that are broken at that very place, so nothing here ever fails. `locate` reads the
tokens of JSON, or the lines of block YAML, into a tree as far as they go, and remembers the place of the caret on the way. A name
without a value, a missing comma, a string that is not closed: each is taken as the nearest thing it can mean.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from studio.asl.text import Format, parse
from studio.asl.tree import Json, Pointer
from studio.errors import TextError

_TOKEN = re.compile(r'"(?:[^"\\\r\n]|\\.)*+"?|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?|[{}\[\],:]|[^\s{}\[\],:"]+')
_BLANK = re.compile(r"(?:\s|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/)*")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place. `role`: `key` where a property name stands or may stand (`pointer` is the object's), `value` for a value (`pointer` is
    its own), `none` where nothing can be proposed (a comment, after a value).

    `start` and `end` are the stretch that a proposal replaces: the name or value without its quotes where `quoted`; `typed` is its part
    before the caret, `whole` all of it. `closed`: a closing quote follows; `colon`: the colon after a name does.
    """

    role: Literal["key", "value", "none"]
    pointer: Pointer
    start: int
    end: int
    typed: str = ""
    whole: str = ""
    quoted: bool = False
    closed: bool = False
    colon: bool = False


def locate(text: str, format: Format, offset: int) -> tuple[Cursor, Json]:  # noqa: A002
    """The caret's place, and the tree of the text as far as it can be read."""
    offset = max(0, min(offset, len(text)))
    return _Lines(text, offset).read() if format == "yaml" else _Tokens(text, offset).read()


class _Tokens:
    """One pass over JSON."""

    def __init__(self, text: str, offset: int) -> None:
        self.text, self.offset = text, offset
        self.root: Any = None
        self.stack: list[tuple[Any, list[Any]]] = []
        """Open containers, each with [the name or index being filled, what is expected: "key", "colon", "value", "comma"]."""
        self.cursor: Cursor | None = None

    def read(self) -> tuple[Cursor, Json]:
        for token in _TOKEN.finditer(self.text):
            if self.cursor is None and self.offset <= token.start():
                self._between()
            here = self.cursor is None and token.start() < self.offset and self._holds(token)
            self._take(token[0], token, here=here)
        if self.cursor is None:
            self._between()
        assert self.cursor is not None
        return self.cursor, self.root

    def _holds(self, token: re.Match[str]) -> bool:
        """Whether the caret is in a token; at the end of a word it still is, after a closing quote no longer."""
        if token[0].startswith('"'):
            return self.offset < token.end() or (self.offset == token.end() and not _is_closed(token[0]))
        if token[0].startswith("//"):
            return self.offset <= token.end()
        return self.offset < token.end() or (self.offset == token.end() and token[0] not in "{}[],:")

    @property
    def pointer(self) -> Pointer:
        return tuple(state[0] for _, state in self.stack)

    def _between(self) -> None:
        """The caret is between two tokens."""
        expected = self.stack[-1][1][1] if self.stack else "value" if self.root is None else "none"
        if expected == "key":
            self.cursor = Cursor("key", self.pointer[:-1], self.offset, self.offset)
        elif expected == "value":
            self.cursor = Cursor("value", self.pointer, self.offset, self.offset)
        else:
            self.cursor = Cursor("none", self.pointer, self.offset, self.offset)

    def _at(self, token: re.Match[str], role: Literal["key", "value"]) -> None:
        """The caret is in a name or a scalar value."""
        text = token[0]
        quoted = text.startswith('"')
        closed = quoted and _is_closed(text)
        start, end = token.start() + quoted, token.end() - closed
        after = _BLANK.match(self.text, token.end())
        colon = role == "key" and self.text.startswith(":", after.end() if after else token.end())
        pointer = self.pointer[:-1] if role == "key" else self.pointer
        self.cursor = Cursor(role, pointer, start, end, self.text[start : self.offset], self.text[start:end], quoted, closed, colon)

    def _take(self, text: str, token: re.Match[str], *, here: bool) -> None:
        if text.startswith(("//", "/*")):
            if here:
                self.cursor = Cursor("none", self.pointer, self.offset, self.offset)
            return
        match text:
            case "{":
                self._open({}, ["", "key"])
            case "[":
                self._open([], [0, "value"])
            case "}" | "]":
                self._close(dict if text == "}" else list)
            case ":":
                if self.stack and self.stack[-1][1][1] == "colon":
                    self.stack[-1][1][1] = "value"
            case ",":
                self._comma()
            case _:
                self._scalar(text, token, here=here)

    def _open(self, made: Any, state: list[Any]) -> None:
        self._attach(made)
        self.stack.append((made, state))

    def _close(self, kind: type) -> None:
        if not any(isinstance(held, kind) for held, _ in self.stack):
            return
        while not isinstance(self.stack.pop()[0], kind):
            pass

    def _comma(self) -> None:
        if not self.stack:
            return
        held, state = self.stack[-1]
        if isinstance(held, dict):
            self.stack[-1][1][:] = ["", "key"]
        else:
            state[:] = [len(held) if held else state[0] + 1, "value"]

    def _scalar(self, text: str, token: re.Match[str], *, here: bool) -> None:
        name = bool(self.stack) and isinstance(self.stack[-1][0], dict)
        if name and text.startswith('"') and self.stack[-1][1][1] in {"value", "comma"}:
            after = _BLANK.match(self.text, token.end())
            if self.stack[-1][1][1] == "comma" or self.text.startswith(":", after.end() if after else token.end()):
                self.stack[-1][1][1] = "key"  # the name before it has no value, or a comma is missing
        if name and self.stack[-1][1][1] in {"key", "colon"}:
            if here:
                self._at(token, "key")
            self.stack[-1][1][:] = [_value(text) if text.startswith('"') else text, "colon"]
            return
        if self.stack and self.stack[-1][1][1] == "comma" and here:
            self.cursor = Cursor("none", self.pointer, self.offset, self.offset)
        elif here:
            self._at(token, "value")
        self._attach(_value(text))

    def _attach(self, value: Any) -> None:
        if not self.stack:
            if self.root is None:
                self.root = value
            return
        held, state = self.stack[-1]
        if isinstance(held, dict):
            held[str(state[0])] = value
        else:
            held.append(value)
        state[1] = "comma"


def _is_closed(text: str) -> bool:
    return len(text) > 1 and text.endswith('"') and (len(text) - len(text[:-1].rstrip("\\"))) % 2 == 1


def _value(text: str) -> Json:
    try:
        return json.loads(text if not text.startswith('"') or _is_closed(text) else f'{text}"')
    except (ValueError, RecursionError):
        return text.strip('"')


_LINE = re.compile(
    r"(?P<dashes>(?:- +|-$)*)(?:(?P<quote>[\"']?)(?P<key>[^\s\"'#:{\[][^\"':#]*?|[^\"']*?)(?P=quote)(?P<colon>:)(?:\s+|$))?(?P<rest>.*)"
)


class _Lines:
    """Block YAML, line by line. What is inside braces and block scalars is passed over."""

    def __init__(self, text: str, offset: int) -> None:
        self.text, self.offset = text, offset
        self.start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        self.end = len(text) if end < 0 else end

    def read(self) -> tuple[Cursor, Json]:
        cursor = self._cursor()
        return cursor, self._root()

    def _root(self) -> Json:
        """The tree of the text; of the text without the caret's line where that cannot be read; else of what is above it."""
        for text in (self.text, self.text[: self.start] + self.text[self.end :], self.text[: self.start]):
            try:
                return parse(text, "yaml").root
            except TextError:
                continue
        return {}

    def _cursor(self) -> Cursor:
        line = self.text[self.start : self.end]
        before = line[: self.offset - self.start]
        indent = len(line) - len(line.lstrip(" "))
        if before.lstrip().startswith("#") or " #" in before:
            return Cursor("none", (), self.offset, self.offset)
        indent = min(indent, len(before))
        path = self._above(indent if line.strip() else len(before), dash=line.lstrip().startswith("-"))
        found = _LINE.match(line, indent)
        assert found is not None
        for _ in range(len(re.findall(r"-", found["dashes"]))):
            path = (*path, self._index(indent))
        at = self.offset - self.start
        if found["colon"] and at <= found.end("key"):
            start, end = found.span("key")
            quoted = bool(found["quote"])
            return Cursor(
                "key", path, self.start + start, self.start + end, line[start:at], line[start:end], quoted, closed=quoted, colon=True
            )
        start, end = found.span("rest")
        end = start + len(line[start:end].rstrip())
        rest = line[start:end]
        quoted = rest[:1] in {'"', "'"}
        closed = quoted and len(rest) > 1 and rest.endswith(rest[0])
        start, end = start + quoted, end - closed
        role: Literal["key", "value"] = "value" if found["colon"] or (found["dashes"] and not self._maps(path)) else "key"
        pointer = (*path, found["key"]) if found["colon"] else path
        return Cursor(
            role,
            pointer,
            self.start + min(start, at),
            self.start + max(end, at),
            line[min(start, at) : at],
            line[min(start, at) : max(end, at)],
            quoted,
            closed,
        )

    def _maps(self, path: Pointer) -> bool:
        """Whether the members of a list are objects, so that a name is typed after the dash."""
        return bool(path) and len(path) > 1 and path[-2] in {"Retry", "Catch", "Choices", "Branches", "And", "Or"}

    def _above(self, indent: int, *, dash: bool) -> Pointer:
        """The names and indexes of the lines that a line of this indentation is inside of."""
        path: list[str | int] = []
        limit = indent
        lines = self.text[: self.start].split("\n")[:-1]
        member = dash
        for number in range(len(lines) - 1, -1, -1):
            line = lines[number]
            stripped = line.strip()
            if not stripped or stripped.startswith("#"):
                continue
            own = len(line) - len(line.lstrip(" "))
            found = _LINE.match(line, own)
            assert found is not None
            inner = found.end("dashes")
            if found["dashes"] and inner <= limit and not member:  # a member of a list that our line is in
                path.insert(0, self._count(lines, number, own) - 1)
                limit, member = own, True
                if found["colon"] and inner < indent and not found["rest"].strip():
                    path.insert(1, found["key"])
                continue
            if found["colon"] and (own < limit or (member and own == limit and not found["dashes"])) and not found["rest"].strip(" |>-"):
                path.insert(0, found["key"])
                limit, member = own, False
                if found["dashes"]:
                    path.insert(0, self._count(lines, number, own) - 1)
                    member = True
        return tuple(path)

    def _index(self, indent: int) -> int:
        """Which member of its list the caret's line begins."""
        lines = self.text[: self.start].split("\n")[:-1]
        return self._count(lines, len(lines), indent)

    @staticmethod
    def _count(lines: list[str], number: int, indent: int) -> int:
        """How many members of the list begin up to line `number`, at this indentation."""
        count = 0
        for line in reversed(lines[: number + 1]):
            own = len(line) - len(line.lstrip(" "))
            if not line.strip():
                continue
            if own < indent or (own == indent and not line.lstrip().startswith("-")):
                break
            count += own == indent
        return count
