"""YAML's events to JSON values and nodes.

Theory of operation: ruamel.yaml's parser gives events with positions; `_Builder` puts values together with a stack of its own.
Nothing is ever constructed from tags. Aliases share their anchor's value, so an alias bomb costs no memory, and what it would
expand to is counted and refused. Scalars are read by YAML 1.2's core schema: `yes` and dates stay text. CloudFormation's
short tags become their long form (`!Ref X` is {"Ref": "X"}).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent
from ruamel.yaml.reader import ReaderError

from studio.asl.json_text import fail
from studio.asl.spans import MAX_DEPTH, Kind, Member, Node, Span
from studio.asl.tree import Json, Pointer
from studio.errors import TextError

MAX_NODES = 250_000
"""Values of a document with all its aliases expanded."""

_TOO_DEEP = f"Objects and lists are nested more than {MAX_DEPTH} levels deep."
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, Json] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_COLON = re.compile(r"[ \t]*:")
_PLACEHOLDER = re.compile(r"\$\{[^{}\n]*\}")
_STANDARD = "tag:yaml.org,2002:"
_LONG_FORM = {"Ref": "Ref", "Condition": "Condition"} | {
    name: f"Fn::{name}"
    for name in (
        *("And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAtt", "GetAZs", "If"),
        *("ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split", "Sub", "ToJsonString", "Transform", "ValueOf"),
    )
}


class NotAPiece(Exception):  # noqa: N818 - a signal, not an error
    """The text cannot be parsed piece by piece."""


@dataclass(slots=True)
class Piece:
    """A parsed stretch of text; offsets count from its beginning."""

    root: Json
    node: Node
    duplicates: list[tuple[Pointer, Span]] = field(default_factory=list[tuple[Pointer, Span]])
    placeholders: list[tuple[Pointer, Span]] = field(default_factory=list[tuple[Pointer, Span]])
    leniencies: list[tuple[str, Span]] = field(default_factory=list[tuple[str, Span]])
    tags: list[tuple[Pointer, str]] = field(default_factory=list[tuple[Pointer, str]])


# --- scalars --------------------------------------------------------------------------------------------------------


def resolve(text: str) -> Json:
    """The value of a plain scalar by YAML 1.2's core schema. ValueError for numbers that JSON cannot hold."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first in "-+.0123456789":
        if _INT.fullmatch(text):
            return int(text)
        if _OCTAL.fullmatch(text):
            return int(text, 8)
        if _HEX.fullmatch(text):
            return int(text, 16)
        if _NO_NUMBER.fullmatch(text):
            raise ValueError(text)
        if _FLOAT.fullmatch(text):
            value = float(text)
            if math.isinf(value):
                raise ValueError(text)
            return value
    return text


def _tagged(tag: str, value: Json) -> Json:
    """CloudFormation's long form of a value with a short tag."""
    name = tag[1:]
    if name == "GetAtt" and isinstance(value, str):
        return {"Fn::GetAtt": [*value.split(".", 1)]}
    return {_LONG_FORM[name]: value}


# --- events to values -----------------------------------------------------------------------------------------------


class _Open:
    """A container that is not closed yet."""

    __slots__ = ("anchor", "height", "key", "key_span", "merges", "node", "size", "tag", "value")

    def __init__(self, value: dict[str, Json] | list[Json], node: Node, tag: str, anchor: str | None) -> None:
        self.value = value
        self.node = node
        self.tag = tag
        self.anchor = anchor
        self.key: str | None = None
        self.key_span: tuple[int, int] = (0, 0)
        self.merges: list[Json] = []
        self.size = 1
        self.height = 1


@dataclass(slots=True)
class _Anchored:
    value: Json
    size: int
    height: int


class _Builder:
    def __init__(self, text: str, *, pieces: bool) -> None:
        self.text = text
        self.pieces = pieces
        self.stack: list[_Open] = []
        self.anchors: dict[str, _Anchored | None] = {}
        self.piece = Piece(None, Node(0, 0, "scalar"))
        self.done = False

    def _fail(self, message: str, offset: int, hint: str = "") -> NoReturn:
        if self.pieces:
            raise NotAPiece
        fail(self.text, message, offset, hint)

    def run(self) -> Piece:
        # ruamel's types are loose: events are told apart by class, marks carry `index`
        reader: Any = YAML(typ="safe", pure=True)
        for event in reader.parse(self.text):
            match event:
                case ScalarEvent():
                    self._scalar(event)
                case MappingStartEvent():
                    self._open(event, {})
                case SequenceStartEvent():
                    self._open(event, [])
                case AliasEvent():
                    self._alias(event)
                case _ if type(event).__name__ in {"MappingEndEvent", "SequenceEndEvent"}:
                    self._close(event)
                case _ if type(event).__name__ == "DocumentStartEvent" and self.done:
                    self._fail("A file may hold only one document.", event.start_mark.index, "Remove what follows the second ---.")
                case _:
                    pass
        if not self.done:
            self._fail("The text is empty.", 0, "A definition begins with a property such as StartAt.")
        return self.piece

    def _path(self) -> Pointer:
        return tuple(o.key or "" if isinstance(o.value, dict) else len(o.value) for o in self.stack)

    def _wants_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def _anchor(self, event: Any) -> str | None:
        anchor: str | None = event.anchor
        if anchor is not None:
            if self.pieces:
                raise NotAPiece
            self.piece.leniencies.append(("anchor", Span(event.start_mark.index, event.start_mark.index + len(anchor) + 1)))
        return anchor

    def _tag(self, event: Any, start: int) -> tuple[str, bool]:
        """The event's tag and whether it says what kind of scalar this is; unknown tags are noted and dropped."""
        tag: str | None = event.tag
        if tag is None:
            return "", False
        tag = str(tag)
        if tag.startswith(_STANDARD):
            return tag[len(_STANDARD) :], True
        if tag == "!":
            return "str", True
        if tag.startswith("!") and tag[1:] in _LONG_FORM:
            return tag, False
        self.piece.leniencies.append((f"tag {tag}", Span(start, start + len(tag))))
        return "", False

    def _scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        text: str = event.value
        if self._wants_key():
            self._key(text, event, start, end)
            return
        anchor = self._anchor(event)
        tag, standard = self._tag(event, start)
        if start == end and self.stack and self.stack[-1].key is not None:  # an empty value stands right after its colon
            colon = _COLON.match(self.text, self.stack[-1].key_span[1])
            start = end = colon.end() if colon else self.stack[-1].key_span[1]
        style = {None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}[event.style]
        if style in {"literal", "folded"}:
            end = _block_end(self.text, start, end)
        if tag or anchor:
            style = "opaque"
        value: Json = text
        plain = event.style in {None, ""}
        if (plain and not standard and not tag) or (standard and tag in {"int", "float", "bool", "null"}):
            try:
                value = resolve(text)
            except ValueError:
                self._fail(f"{text[:40]} is not a number that JSON can hold.", start)
            if isinstance(value, str) and plain and _PLACEHOLDER.fullmatch(value):
                self.piece.placeholders.append((self._path(), Span(start, end)))
        elif any("\ud800" <= c <= "\udfff" for c in text):
            self._fail("The text holds half of a surrogate pair, which is not a character.", start)
        size = 1
        if tag.startswith("!"):
            self.piece.tags.append((self._path(), tag))
            value, size = _tagged(tag, value), 3
        self._add(value, Node(start, end, "scalar", style), size, 0)
        if anchor is not None:
            self.anchors[anchor] = _Anchored(value, size, 0)

    def _key(self, text: str, event: Any, start: int, end: int) -> None:
        self._anchor(event)
        opened = self.stack[-1]
        opened.key, opened.key_span = text, (start, end)
        if text == "<<" and event.style in {None, ""}:
            opened.key = "<<"
            opened.node.style = "merge"
            return
        assert isinstance(opened.value, dict)
        if text in opened.value:
            self.piece.duplicates.append((self._path(), Span(start, end)))

    def _open(self, event: Any, value: dict[str, Json] | list[Json]) -> None:
        start = event.start_mark.index
        if self._wants_key():
            self._fail("A property name must be text, not a list or object.", start)
        if len(self.stack) >= MAX_DEPTH:
            self._fail(_TOO_DEEP, start)
        anchor = self._anchor(event)
        tag, _ = self._tag(event, start)
        kind: Kind = "object" if isinstance(value, dict) else "array"
        node = Node(start, start, kind, "flow" if event.flow_style else "block")
        node.members = []
        if tag.startswith("!"):
            self.piece.tags.append((self._path(), tag))
        if anchor is not None:
            self.anchors[anchor] = None
        self.stack.append(_Open(value, node, tag, anchor))

    def _close(self, event: Any) -> None:
        opened = self.stack.pop()
        node, value = opened.node, opened.value
        if event.start_mark.index < event.end_mark.index:
            node.end = event.end_mark.index  # a flow collection ends with its bracket
        else:
            node.end = max(node.end, max((m.value.end for m in node.members), default=node.start))
        for merged in opened.merges:
            self._merge(opened, merged)
        result: Json = value
        if opened.tag.startswith("!"):
            result = _tagged(opened.tag, value)
            node = Node(node.start, node.end, "scalar", "opaque")
        self._add(result, node, opened.size, opened.height)
        if opened.anchor is not None:
            self.anchors[opened.anchor] = _Anchored(result, opened.size, opened.height)

    def _merge(self, opened: _Open, merged: Json) -> None:
        assert isinstance(opened.value, dict)
        for source in merged if isinstance(merged, list) else [merged]:
            if not isinstance(source, dict):
                self._fail("<< merges objects only.", opened.node.start)
            for key, value in source.items():
                opened.value.setdefault(key, value)

    def _alias(self, event: Any) -> None:
        if self.pieces:
            raise NotAPiece
        start, end, name = event.start_mark.index, event.end_mark.index, event.anchor
        if self._wants_key():
            self._fail("An alias cannot be a property name.", start)
        if name not in self.anchors:
            self._fail(f"There is no anchor &{name} before this alias.", start)
        anchored = self.anchors[name]
        if anchored is None:
            self._fail(f"The alias *{name} stands inside its own anchor, so the value would never end.", start)
        if len(self.stack) + anchored.height > MAX_DEPTH:
            self._fail(_TOO_DEEP, start)
        self._add(anchored.value, Node(start, end, "scalar", "alias"), anchored.size, anchored.height)

    def _add(self, value: Json, node: Node, size: int, height: int) -> None:
        if not self.stack:
            self.piece.root, self.piece.node, self.done = value, node, True
            return
        opened = self.stack[-1]
        opened.size += size
        opened.height = max(opened.height, height + 1)
        if opened.size > MAX_NODES:
            self._fail(f"With its aliases expanded the definition has more than {MAX_NODES:,} values.", node.start)
        if isinstance(opened.value, list):
            opened.value.append(value)
            opened.node.members.append(Member(None, node.start, node.start, node))
            return
        key, opened.key = opened.key, None
        assert key is not None
        if key == "<<" and opened.node.style == "merge":
            opened.merges.append(value)
            opened.node.end = node.end
            return
        opened.value[key] = value
        opened.node.members.append(Member(key, *opened.key_span, node))


def _block_end(text: str, start: int, end: int) -> int:
    """Where a literal or folded scalar ends: after its last line of content, without the line break that closes it."""
    header, _, _ = text[start:end].partition("\n")
    if "+" in header.split("#")[0]:
        return end - 1 if text[end - 1 : end] == "\n" else end
    return start + len(text[start:end].rstrip())


_PROBLEMS = (
    ("mapping values are not allowed here", "Unexpected colon.", "Check the indentation, and put text that holds “: ” in quotes."),
    ("cannot start any token", "", "Put text that begins with this character in quotes; indent with spaces, not tabs."),
    ("expected <block end>", "The indentation does not fit the lines above.", ""),
    ("expected the node content", "A value is missing here.", ""),
    ("could not find expected ':'", "Expected a colon after the property name.", ""),
    ("found unexpected end of stream", "Unexpected end of text: a quoted text is never closed.", ""),
    ("expected ',' or ']'", "Expected a comma or ].", ""),
    ("expected ',' or '}'", "Expected a comma or }.", ""),
    ("expected '<document start>'", "There is text after the end of the definition.", ""),
    ("unacceptable character", "", "A control character must be written in a double-quoted text, e.g. \\x01."),
)


_DEEP = re.compile(rf"[\[{{]{{{MAX_DEPTH + 1}}}")


def _refuse_brackets(text: str) -> None:
    """TextError where more brackets open in a row than may; quickly, while ruamel's scanner, which looks 1,024 characters ahead, takes a second
    for them. Nothing is said of brackets in a text or a comment: the document is read up to the last one.
    """
    if (deep := _DEEP.search(text)) is not None and deep.end() < len(text):
        try:
            _Builder(text[: deep.end()], pieces=False).run()
        except TextError as error:
            if _TOO_DEEP in str(error):
                raise
        except Exception:  # noqa: S110 - whatever else there is to say of the beginning, the whole says it
            pass


def parse(text: str, *, pieces: bool = False) -> Piece:
    try:
        _refuse_brackets(text)
    except TextError:
        if pieces:
            raise NotAPiece from None
        raise
    try:
        return _Builder(text, pieces=pieces).run()
    except MarkedYAMLError as error:
        if pieces:
            raise NotAPiece from None
        told: Any = error
        mark = told.problem_mark or told.context_mark
        problem = str(told.problem or told.context or "The text is not YAML")
        message, hint = problem[:1].upper() + problem[1:] + ".", ""
        for words, better, advice in _PROBLEMS:
            if words in problem:
                message, hint = better or message, advice
                break
        offset = min(mark.index, len(text)) if mark is not None else 0
        fail(text, message, offset, hint)
    except ReaderError as error:
        if pieces:
            raise NotAPiece from None
        told = error
        code = told.character if isinstance(told.character, int) else ord(told.character[:1] or "\0")
        fail(text, f"A control character (U+{code:04X}) is not allowed.", told.position, 'Write it in double quotes, e.g. "\\x01".')
    except (ValueError, OverflowError, IndexError, KeyError, AttributeError, TypeError, AssertionError):  # slips of ruamel's scanner
        if pieces:
            raise NotAPiece from None
        raise TextError("The text cannot be read as YAML: an escape in it names no character, or a number has too many digits.") from None
