"""The text of a JSONPath: parsed into a root and segments, rendered back in Jayway's bracket form.

Grammar (Jayway's): `$`, `$$` or `$name`, then any of `.name`, `['name']`, `["name"]`, `['a','b']`, `[0]`, `[-1]`, `[0,1]`, `[1:3]`,
`[*]`, `.*`, `..name`, `..*`, `..[…]`, `[?(filter)]`, and as the last part a function: `.length()`, `.min()`, `.sum()`, …
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from studio.asl.tree import Json
from studio.asl.values import SyntaxProblem


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    index: int


@dataclass(frozen=True, slots=True)
class Names:
    """`['a','b']`: an object with these members (in the middle of a path: each of them)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indexes:
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    start: int | None
    stop: int | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    pass


@dataclass(frozen=True, slots=True)
class Descend:
    """`..`: the next segment applies to this value and everything below it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(…)]`; `text` as written."""

    test: Test
    text: str


@dataclass(frozen=True, slots=True)
class Function:
    """`.length()` and the like, over what the path found."""

    name: str
    arguments: tuple[Json, ...] = ()


Segment: TypeAlias = Name | Index | Names | Indexes | Slice | Wildcard | Descend | Filter | Function


@dataclass(frozen=True, slots=True)
class Query:
    """A path inside a filter: `@.price`, `$.limit`."""

    relative: bool
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    value: Json


@dataclass(frozen=True, slots=True)
class Pattern:
    """`/regex/flags`."""

    source: str
    flags: str


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Query | Literal | Pattern
    operator: str
    right: Query | Literal | Pattern


@dataclass(frozen=True, slots=True)
class Exists:
    query: Query


@dataclass(frozen=True, slots=True)
class All:
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - `Any` would hide typing's
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class No:
    test: Test


Test: TypeAlias = "Comparison | Exists | All | Any_ | No"

FUNCTIONS = ("length", "size", "min", "max", "avg", "stddev", "sum", "first", "last", "keys", "concat", "append", "index")
OPERATORS = ("===", "!==", "==", "!=", "<=", ">=", "=~", "<", ">", "in", "nin", "subsetof", "anyof", "noneof", "contains", "size", "empty")
MAX_DEPTH = 30
"""Nesting of filters and parentheses."""

_VARIABLE = re.compile(r"\$[A-Za-z_\u0080-\U0010ffff][\w]*")
_BARE = re.compile(r"[^.\[( ]+")
_INT = re.compile(r"-?\d{1,9}\b")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_OPERATOR = re.compile("|".join(re.escape(op) + (r"\b" if op.isalpha() else "") for op in OPERATORS))


def plain_steps(segments: tuple[Segment, ...]) -> tuple[str | int, ...]:
    """The names and indexes a path begins with."""
    steps: list[str | int] = []
    for segment in segments:
        if isinstance(segment, Name):
            steps.append(segment.name)
        elif isinstance(segment, Index):
            steps.append(segment.index)
        else:
            break
    return tuple(steps)


def parse(text: str) -> tuple[str, tuple[Segment, ...]]:
    """The root and the segments of a path. Raises SyntaxProblem."""
    if not text.startswith("$"):
        raise SyntaxProblem(f"A path begins with '$': '{text}'" if text else "The path is empty", 0)
    reader = _Reader(text)
    if text.startswith("$$"):
        root, reader.at = "$$", 2
    elif named := _VARIABLE.match(text):
        root, reader.at = named[0], named.end()
    else:
        root, reader.at = "$", 1
    segments = reader.segments()
    if reader.at < len(text):
        raise reader.problem("expected '.' or '['")
    return root, segments


class _Reader:
    """A cursor over the text of a path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def problem(self, what: str) -> SyntaxProblem:
        where = f"at the end of '{self.text}'" if self.at >= len(self.text) else f"at character {self.at + 1} of '{self.text}'"
        return SyntaxProblem(f"{what[:1].upper()}{what[1:]} {where}", self.at)

    def peek(self, what: str) -> bool:
        return self.text.startswith(what, self.at)

    def take(self, what: str) -> bool:
        if self.peek(what):
            self.at += len(what)
            return True
        return False

    def expect(self, what: str) -> None:
        if not self.take(what):
            raise self.problem(f"expected '{what}'")

    def match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[0]

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def segments(self) -> tuple[Segment, ...]:
        found: list[Segment] = []
        while self.at < len(self.text):
            if self.take(".."):
                found.append(Descend())
                found.append(self.bracket() if self.take("[") else self.dotted())
            elif self.take("."):
                found.append(self.bracket() if self.take("[") else self.dotted())
            elif self.take("["):
                found.append(self.bracket())
            else:
                break
            if any(isinstance(segment, Function) for segment in found[:-1]):
                raise self.problem("a function must be the last part of a path")
        return tuple(found)

    def dotted(self) -> Segment:
        if self.take("*"):
            return Wildcard()
        start = self.at
        name = self.match(_BARE_IN_FILTER if self.depth else _BARE)
        if not name:
            raise self.problem("expected a name")
        if self.take("("):
            if name not in FUNCTIONS:
                self.at = start
                raise self.problem(f"unknown function '{name}()'")
            return Function(name, self.arguments())
        if not self.depth and self.peek(" "):
            raise self.problem("write ['a name'] for a name with spaces")
        return Name(name)

    def arguments(self) -> tuple[Json, ...]:
        values: list[Json] = []
        self.blanks()
        while not self.take(")"):
            if values:
                self.expect(",")
                self.blanks()
            operand = self.operand()
            if not isinstance(operand, Literal):
                raise self.problem("expected a literal argument")
            values.append(operand.value)
            self.blanks()
        return tuple(values)

    def bracket(self) -> Segment:
        self.blanks()
        if self.take("*"):
            self.blanks()
            self.expect("]")
            return Wildcard()
        if self.take("?"):
            return self.filter()
        if self.peek("'") or self.peek('"'):
            names = [self.quoted(verbatim=True)]
            self.blanks()
            while self.take(","):
                self.blanks()
                names.append(self.quoted(verbatim=True))
                self.blanks()
            self.expect("]")
            return Name(names[0]) if len(names) == 1 else Names(tuple(names))
        return self.indexes()

    def indexes(self) -> Segment:
        first = self.match(_INT)
        self.blanks()
        if self.take(":"):
            self.blanks()
            last = self.match(_INT)
            self.blanks()
            self.expect("]")
            return Slice(None if first is None else int(first), None if last is None else int(last))
        if first is None:
            raise self.problem("expected a name in quotes, an index, '*' or a filter")
        found = [int(first)]
        while self.take(","):
            self.blanks()
            number = self.match(_INT)
            if number is None:
                raise self.problem("expected an index")
            found.append(int(number))
            self.blanks()
        self.expect("]")
        return Index(found[0]) if len(found) == 1 else Indexes(tuple(found))

    def quoted(self, *, verbatim: bool = False) -> str:
        r"""A text in quotes. `verbatim` as in names, where AWS keeps every escape but that of the quote: `['a\"b']` has its backslash."""
        quote = self.text[self.at : self.at + 1]
        if quote not in {"'", '"'}:
            raise self.problem("expected a quoted name")
        self.at += 1
        pieces: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == quote:
                return "".join(pieces)
            if char == "\\" and self.at < len(self.text):
                pieces.append(self.kept(quote) if verbatim else self.escape())
            else:
                pieces.append(char)
        raise self.problem(f"missing {quote}")

    def kept(self, quote: str) -> str:
        char = self.text[self.at]
        self.at += 1
        return char if char == quote else "\\" + char

    def escape(self) -> str:
        char = self.text[self.at]
        self.at += 1
        if char == "u" and re.fullmatch(r"[0-9a-fA-F]{4}", self.text[self.at : self.at + 4]):
            self.at += 4
            return chr(int(self.text[self.at - 4 : self.at], 16))
        return {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}.get(char, char)

    # Filters

    def filter(self) -> Filter:
        start = self.at
        self.blanks()
        self.expect("(")
        test = self.any_of()
        self.expect(")")
        text = self.text[start : self.at]
        self.blanks()
        self.expect("]")
        return Filter(test, text)

    def any_of(self) -> Test:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.problem(f"more than {MAX_DEPTH} levels of parentheses")
        tests = [self.all_of()]
        while self.take("||"):
            tests.append(self.all_of())
        self.depth -= 1
        return tests[0] if len(tests) == 1 else Any_(tuple(tests))

    def all_of(self) -> Test:
        tests = [self.one()]
        while self.take("&&"):
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else All(tuple(tests))

    def one(self) -> Test:
        self.blanks()
        negated = False
        while self.take("!"):
            negated = not negated
            self.blanks()
        if self.take("("):
            test = self.any_of()
            self.expect(")")
        else:
            test = self.comparison()
        self.blanks()
        return No(test) if negated else test

    def comparison(self) -> Test:
        left = self.operand()
        self.blanks()
        operator = self.match(_OPERATOR)
        if operator is None:
            if isinstance(left, Query):
                return Exists(left)
            raise self.problem("expected a comparison")
        self.blanks()
        return Comparison(left, operator, self.operand())

    def operand(self) -> Query | Literal | Pattern:
        self.blanks()
        if self.peek("@") or self.peek("$"):
            relative = self.peek("@")
            self.at += 1
            self.depth += 1
            segments = self.segments()
            self.depth -= 1
            return Query(relative, segments)
        if self.peek("'") or self.peek('"'):
            return Literal(self.quoted())
        if self.peek("/"):
            return self.pattern()
        if self.take("["):
            return self.array()
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.take(word):
                return Literal(value)
        number = self.match(_NUMBER)
        if number is not None:
            return Literal(int(number) if re.fullmatch(r"-?\d+", number) else float(number))
        raise self.problem("expected a path, a string, a number, true, false or null")

    def array(self) -> Literal:
        values: list[Json] = []
        self.blanks()
        while not self.take("]"):
            if values:
                self.expect(",")
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.problem(f"more than {MAX_DEPTH} levels of brackets")
            item = self.operand()
            self.depth -= 1
            if not isinstance(item, Literal):
                raise self.problem("expected a literal")
            values.append(item.value)
            self.blanks()
        return Literal(values)

    def pattern(self) -> Pattern:
        self.at += 1
        start = self.at
        while self.at < len(self.text) and self.text[self.at] != "/":
            self.at += 2 if self.text[self.at] == "\\" else 1
        source = self.text[start : self.at]
        self.expect("/")
        return Pattern(source, self.match(re.compile(r"[imsxu]*")) or "")


_BARE_IN_FILTER = re.compile(r"[^.\[\]()\s=!<>&|,~]+")


def render(segments: tuple[Segment, ...], root: str = "$") -> str:
    """Jayway's own form of a path: `$['a'][0]`."""
    pieces = [root]
    for segment in segments:
        match segment:
            case Name(name):
                pieces.append(f"['{name}']")
            case Index(index):
                pieces.append(f"[{index}]")
            case Names(names):
                pieces.append("[" + ",".join(f"'{name}'" for name in names) + "]")
            case Indexes(indexes):
                pieces.append("[" + ",".join(map(str, indexes)) + "]")
            case Slice(start, stop):
                pieces.append(f"[{'' if start is None else start}:{'' if stop is None else stop}]")
            case Wildcard():
                pieces.append("[*]")
            case Descend():
                pieces.append("..")
            case Filter():
                pieces.append("[?]")
            case Function(name):
                pieces.append(f".{name}()")
    return "".join(pieces)
