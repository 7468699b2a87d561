"""Python and TypeScript read as far as infrastructure code says things outright: calls, literals, names. Nothing is executed.

Shapes: a value is JSON data, or a `Call`, a `Name` (what stands for something else), or `Unread`. Names of Python's arguments are as TypeScript
has them (`state_machine_name` is `stateMachineName`): the two languages of the CDK differ in nothing else.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from typing import Any, cast

from studio.errors import StudioError


@dataclass(frozen=True, slots=True)
class Call:
    """`sfn.LogOptions(level=…)`; of a method of a call the name begins with a dot, and the call is its first argument."""

    name: str
    args: list[Any]
    named: dict[str, Any]

    @property
    def last(self) -> str:
        """The name without what it belongs to: `fromRoleArn` of `iam.Role.fromRoleArn`."""
        return self.name.rpartition(".")[2]

    def given(self, name: str, at: int = -1) -> Any:
        """An argument by its name, or else by its place; None where it is not given."""
        return self.named[name] if name in self.named else self.args[at] if 0 <= at < len(self.args) else None


@dataclass(frozen=True, slots=True)
class Name:
    """A name, such as `sfn.LogLevel.ALL` or `props.tableName`."""

    text: str

    @property
    def last(self) -> str:
        return self.text.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Unread:
    """An expression beyond what is read here."""


UNREAD = Unread()


@dataclass(slots=True)
class Source:
    """What a file says: the values of names that are given one once, and the calls in order."""

    names: dict[str, Any] = field(default_factory=dict[str, Any])
    calls: list[Call] = field(default_factory=list[Call])
    twice: set[str] = field(default_factory=set[str])

    def name(self, name: str, value: Any) -> None:
        if name in self.names or name in self.twice:
            self.twice.add(name)
            self.names.pop(name, None)
        else:
            self.names[name] = value

    def resolved(self, value: Any) -> Any:
        """What a name stands for, where it is given a value once; any other value as it is."""
        for _ in range(20):
            if not isinstance(value, Name) or value.text not in self.names:
                break
            value = self.names[value.text]
        return value


def camel(name: str) -> str:
    """`state_machine_name` is `stateMachineName`."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


# -- Python ------------------------------------------------------------------------------------------------------------


def python(text: str) -> Source:
    """Errors: StudioError for what is not Python."""
    try:
        tree = ast.parse(text)
        return _Python(tree).source
    except (SyntaxError, ValueError, RecursionError) as error:
        raise StudioError(f"This is not Python: {error}.") from error


class _Python(ast.NodeVisitor):
    def __init__(self, tree: ast.AST) -> None:
        self.source = Source()
        self.visit(tree)

    def visit_Call(self, node: ast.Call) -> None:
        called = self.value(node)
        if isinstance(called, Call):
            self.source.calls.append(called)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._name(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._name(node.target, node.value)
        self.generic_visit(node)

    def visit_withitem(self, node: ast.withitem) -> None:
        if node.optional_vars is not None:
            self._name(node.optional_vars, node.context_expr)
        self.generic_visit(node)

    def _name(self, target: ast.expr, value: ast.expr) -> None:
        found = self.value(target)
        if isinstance(found, Name):
            self.source.name(found.text, self.value(value))

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=str() | int() | float() | None as held):
                return held
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self.value(item) for item in items]
            case ast.Dict(keys=keys, values=values):
                held = [
                    (self.value(key) if key is not None else UNREAD, self.value(value)) for key, value in zip(keys, values, strict=True)
                ]
                return dict(held) if all(isinstance(key, str) for key, _ in held) else UNREAD
            case ast.Name(id=name):
                return Name(name)
            case ast.Attribute(value=of, attr=name):
                held = self.value(of)
                return Name(f"{held.text}.{name}") if isinstance(held, Name) else Call(f".{name}", [held], {})
            case ast.Call(func=func, args=args, keywords=keywords):
                given = [self.value(arg) for arg in args]
                named = {camel(k.arg): self.value(k.value) for k in keywords if k.arg}
                called = self.value(func)
                match called:
                    case Name(text):
                        return Call(camel(text) if "__" not in text else text, given, named)
                    case Call(text, of, _):
                        return Call(camel(text), [*of, *given], named)
                    case _:
                        return UNREAD
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined(self.value(left), self.value(right))
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return Call("path.join", [self.value(left), self.value(right)], {})
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case _:
                return UNREAD


def _joined(left: Any, right: Any) -> Any:
    return left + right if isinstance(left, str) and isinstance(right, str) else UNREAD


# -- TypeScript --------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/                                       # nothing
      |(?P<string>"(?:\\.|[^"\\\n])*+"|'(?:\\.|[^'\\\n])*+')
      |(?P<template>`(?:\\.|[^`\\])*+`)
      |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      |(?P<name>[A-Za-z_$][\w$]*)
      |(?P<mark>=>|\.\.\.|\?\.|[=!]==?|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}


class _UnreadableError(Exception):
    """An expression beyond what is read here."""


def script(text: str) -> Source:
    """TypeScript or JavaScript; what cannot be read is left out."""
    return _Script(text).source


class _Script:
    def __init__(self, text: str) -> None:
        self.source = Source()
        self.tokens = [(str(m.lastgroup), m[0]) for m in _TOKEN.finditer(text) if m.lastgroup]
        self.at = 0
        for index, (kind, word) in enumerate(self.tokens):
            if kind != "name":
                continue
            match word:
                case "const" | "let" | "var":
                    self._declared(index + 1)
                case "this" if self._word(index + 1) == "." and self._word(index + 3) == "=":
                    self._valued(f"this.{self._word(index + 2)}", index + 4)
                case "new" | "Tags":
                    called = self._read(index)
                    if isinstance(called, Call):
                        self.source.calls.append(called)
                case _:
                    pass

    def _word(self, index: int) -> str:
        return self.tokens[index][1] if 0 <= index < len(self.tokens) else ""

    def _declared(self, index: int) -> None:
        """`NAME = value`, with or without a type."""
        name, at = self._word(index), index + 1
        if self._word(at) == ":":
            while self._word(at) not in {"=", ";", ""}:
                at += 1
        if self._word(at) == "=":
            self._valued(name, at + 1)

    def _valued(self, name: str, at: int) -> None:
        self.source.name(name, self._read(at))

    def _read(self, at: int) -> Any:
        self.at = at
        try:
            return self.value()
        except (_UnreadableError, RecursionError):
            return UNREAD

    def _take(self, wanted: str = "") -> tuple[str, str]:
        if self.at >= len(self.tokens) or (wanted and self._word(self.at) != wanted):
            raise _UnreadableError
        self.at += 1
        return self.tokens[self.at - 1]

    def value(self) -> Any:
        held = self._single()
        while self._word(self.at) == "+":
            self.at += 1
            held = _joined(held, self._single())
        if self._word(self.at) in {"as", "satisfies"}:
            self.at += 2
        return held

    def _single(self) -> Any:
        kind, word = self._take()
        match kind, word:
            case "string" | "template", _:
                return _text(word)
            case "number", _:
                return json.loads(word)
            case "mark", "-" if self.tokens[self.at : self.at + 1] and self.tokens[self.at][0] == "number":
                return -json.loads(self._take()[1])
            case "mark", "{":
                return self._members()
            case "mark", "[":
                return self._items("]")
            case "name", "new" | "await":
                return self._single()
            case "name", _ if word in _WORDS:
                return _WORDS[word]
            case "name", _:
                return self._chained(Name(word))
            case _:
                raise _UnreadableError

    def _chained(self, held: Name | Call) -> Any:
        while True:
            match self._word(self.at):
                case "." | "?.":
                    self.at += 1
                    kind, word = self._take()
                    if kind != "name":
                        raise _UnreadableError
                    held = Name(f"{held.text}.{word}") if isinstance(held, Name) else Call(f".{word}", [held], {})
                case "(":
                    self.at += 1
                    given = self._items(")")
                    named = cast("dict[str, Any]", given[-1]) if given and isinstance(given[-1], dict) else {}
                    held = Call(held.text, given, named) if isinstance(held, Name) else Call(held.name, [*held.args, *given], named)
                case "!":
                    self.at += 1
                case _:
                    return held

    def _items(self, end: str) -> list[Any]:
        held: list[Any] = []
        while self._word(self.at) != end:
            held.append(self._member(end))
            if self._word(self.at) != end:
                self._take(",")
        self.at += 1
        return held

    def _members(self) -> Any:
        held: dict[str, Any] = {}
        whole = True
        while self._word(self.at) != "}":
            kind, key = self._take()
            if kind in {"name", "string", "number"} and self._word(self.at) == ":":
                self.at += 1
                held[_text(key) if kind == "string" else key] = self._member("}")
            elif kind == "name" and self._word(self.at) in {",", "}"}:
                held[key] = Name(key)
            else:  # a spread, a method: the rest is read nevertheless
                whole = False
                self._skip("}")
            if self._word(self.at) != "}":
                self._take(",")
        self.at += 1
        return held if whole else {**held, "...": UNREAD}

    def _member(self, end: str) -> Any:
        """A value up to the next comma or the end; `UNREAD` where there is more to it."""
        begun = self.at
        try:
            held = self.value()
            if self._word(self.at) in {",", end}:
                return held
        except _UnreadableError:
            pass
        self.at = begun
        self._skip(end)
        return UNREAD

    def _skip(self, end: str) -> None:
        depth = 0
        while self.at < len(self.tokens):
            word = self._word(self.at)
            if depth == 0 and word in {",", end}:
                return
            depth += (word in {"{", "[", "("}) - (word in {"}", "]", ")"})
            self.at += 1
        raise _UnreadableError


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}


def _text(word: str) -> str:
    """The text of a literal, its escapes resolved; a template's `${…}` stay."""

    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        return chr(min(int(code, 16), 0x10FFFF)) if code else _ESCAPES.get(match[4], match[4])

    made = re.sub(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", plain, word[1:-1], flags=re.DOTALL)
    return made.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
