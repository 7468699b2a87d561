"""Definition text to value tree and back, losing nothing: JSON and YAML, with a span for every value.

Theory of operation: `parse` gives a `Parsed`: text, tree, and on demand where each value stands. `render` compares the
tree with a new one and replaces only the stretches of text that changed, so comments, key order, indentation and the
spelling of numbers survive everywhere else, and an unchanged tree gives the very same text. `dump` writes afresh.
"""

from __future__ import annotations

import json
from os import PathLike, fspath
from typing import Literal, TypeAlias

from studio.asl import json_text
from studio.asl.spans import MAX_CHARACTERS, MAX_DEPTH, Node, Reading, Span, descend
from studio.asl.spans import pointer_at as _pointer_at
from studio.asl.tree import Json, Pointer

Format: TypeAlias = Literal["json", "yaml"]

__all__ = ["MAX_CHARACTERS", "MAX_DEPTH", "Format", "Parsed", "Span", "dump", "format_of", "parse", "render", "rendered", "tree_of"]


class Parsed:
    """A text with its tree. Never changed; what is costly (spans, lines) is computed on the first demand and kept."""

    __slots__ = ("_lines", "_node", "_reading", "format", "root", "text")

    def __init__(self, text: str, format: Format, root: Json, reading: Reading | None = None) -> None:  # noqa: A002
        self.text = text
        self.format: Format = format
        self.root = root
        self._reading = reading
        self._node: Node | None = None
        self._lines: json_text.Lines | None = None

    @property
    def reading(self) -> Reading:
        if self._reading is None:
            self._reading = _read(self.text, self.format)
        return self._reading

    @property
    def node(self) -> Node:
        """The root's node: spans of all values."""
        if self._node is None:
            self._node = self.reading.node()
        return self._node

    @property
    def duplicates(self) -> list[tuple[Pointer, Span]]:
        """Each repeated property name, where it is repeated (the last one counts)."""
        return self.reading.duplicates

    @property
    def placeholders(self) -> list[tuple[Pointer, Span]]:
        """Unquoted `${Name}` values; in the tree they are the string "${Name}"."""
        return self.reading.placeholders

    @property
    def leniencies(self) -> list[tuple[str, Span]]:
        """What was accepted although the format's standard has no such thing: "comment", "trailing comma" …"""
        return self.reading.leniencies

    @property
    def tags(self) -> list[tuple[Pointer, str]]:
        """YAML tags (`!Sub`, `!GetAtt`); in the tree they are CloudFormation's long form, e.g. {"Fn::Sub": …}."""
        return self.reading.tags

    def span(self, pointer: Pointer) -> Span:
        """Where the value at a pointer stands; the nearest existing ancestor's where there is no such value."""
        node, _, _ = descend(self.node, pointer)
        return Span(node.start, node.end)

    def key_span(self, pointer: Pointer) -> Span | None:
        """Where the property name of the value at a pointer stands; None for list elements, the root and absent values."""
        _, member, whole = descend(self.node, pointer)
        return Span(member.key_start, member.key_end) if whole and member is not None and member.key is not None else None

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, from 1."""
        return self._line_index.position(offset)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, from 1."""
        return min(self._line_index.offset(line, column), len(self.text))

    @property
    def _line_index(self) -> json_text.Lines:
        if self._lines is None:
            self._lines = json_text.Lines(self.text)
        return self._lines

    def pointer_at(self, offset: int) -> Pointer:
        """The pointer of the innermost value or property name at an offset."""
        return _pointer_at(self.node, offset)


def _read(text: str, format: Format) -> Reading:  # noqa: A002
    if format == "json":
        return json_text.read(text)
    from studio.asl import yaml_text

    return yaml_text.read(text)


def parse(text: str, format: Format = "json") -> Parsed:  # noqa: A002
    """The text's tree. TextError where it cannot be read, is larger than 8 MB or nested deeper than 200 levels."""
    reading = _read(text, format)
    return Parsed(text, format, reading.root, reading)


def render(parsed: Parsed, root: Json) -> str:
    """The text for another tree, changed only where the trees differ."""
    return rendered(parsed, root).text


def rendered(parsed: Parsed, root: Json) -> Parsed:
    """Like `render`, with the tree: `rendered(p, root).root is root`."""
    if root is parsed.root:
        return parsed
    from studio.asl import render as renderer

    text, reading = renderer.render(parsed, root, lambda text: _read(text, parsed.format))
    return Parsed(text, parsed.format, root, reading)


def dump(root: Json, format: Format = "json", indent: int = 2) -> str:  # noqa: A002
    """A fresh text of a tree, with a line break at its end."""
    from studio.asl import render as renderer

    return renderer.dump(root, format, indent)


def format_of(path: str | PathLike[str]) -> Format:
    """The format a file name tells: YAML for `.yaml` and `.yml`, else JSON."""
    return "yaml" if fspath(path).lower().endswith((".yaml", ".yml")) else "json"


def tree_of(text: str) -> Json:
    """The tree of a definition whose format nobody tells: JSON, with comments or placeholders too, or YAML. Errors: TextError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return parse(text, "json" if text.lstrip("\ufeff \t\r\n").startswith(("{", "[", "//", "/*")) else "yaml").root
