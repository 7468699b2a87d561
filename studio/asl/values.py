"""Values that run through a workflow: failures, the ambient world, and the text AWS prints.

Theory of operation: payloads are plain JSON (`tree.Json`) that nobody mutates, so they are shared between states, never
copied. An expression that cannot be evaluated raises `ExpressionError` inside this package; the stages of `dataflow` turn it
into a `Failure`, which is a value. Nothing else is ever raised for bad data. Expression text that cannot be compiled raises
`SyntaxProblem`, which has an offset into the text, for the linter and the editor.

Time and randomness come in through `Ambient`: nothing in this package reads a clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

import orjson

from studio.asl.tree import Json

Variables: TypeAlias = Mapping[str, Json]
"""Workflow variables by name, without the `$`."""

Context: TypeAlias = Mapping[str, Json]
"""The context object: `{"Execution": {...}, "State": {...}, "StateMachine": {...}, ...}`."""


class Failure(NamedTuple):
    """A failure inside a running workflow: an error name (`States.Runtime`, `Lambda.Unknown`, a name of the user's) and a cause."""

    error: str
    cause: str
    location: str | None = None
    """The field of the state that failed, as AWS names it (`Output/result`), where there is one; for `EvaluationFailed` events."""

    def to_json(self) -> Json:
        """The error object a Catcher sees."""
        return {"Error": self.error, "Cause": self.cause}


class Unstarted(Failure):
    """The failure of a task that was never asked for, as its parameters are of no use: it fails the state, and no event of the task tells it."""

    __slots__ = ()


class ExpressionError(Exception):
    """An expression that failed on these data. `error` is a `States.*` name, `cause` AWS's text without the state's prefix, `where`
    the field it stands in, if the expression knows.
    """

    def __init__(self, error: str, cause: str, where: str | None = None) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.where = where


class SyntaxProblem(ValueError):  # noqa: N818 - a finding in a text, shown to people, more than an error
    """An expression that is not one: what is wrong, and where (`offset` counts characters of the expression from 0)."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class RandomSource(Protocol):
    """What is used of `random.Random`."""

    def random(self) -> float: ...

    def randrange(self, start: int, stop: int) -> int: ...


class _NoRandom:
    """Stands where an evaluation was given no randomness: asking for it is a bug of ours."""

    def random(self) -> float:
        raise RuntimeError("This evaluation was given no random numbers: pass an Ambient")

    def randrange(self, start: int, stop: int) -> int:
        raise RuntimeError(f"This evaluation was given no random numbers ({start} to {stop}): pass an Ambient")


def _no_uuid() -> str:
    raise RuntimeError("This evaluation was given no source of UUIDs: pass an Ambient")


class Ambient:
    """What an evaluation may know of the world outside: `now` in seconds since the epoch, random numbers, fresh UUIDs."""

    __slots__ = ("now", "random", "uuid")

    def __init__(self, now: float = 0.0, random: RandomSource | None = None, uuid: Callable[[], str] = _no_uuid) -> None:
        self.now = now
        self.random: RandomSource = random or _NoRandom()
        self.uuid = uuid


NOWHERE = Ambient()
"""The ambient of evaluations that must not depend on one."""


@dataclass(slots=True, eq=False)
class Env:
    """Where a stage is evaluated: the context object, the variables in scope, the ambient world, and the state's name with the
    id of its `StateEntered` event, which AWS names in every cause.
    """

    context: Context
    variables: Variables = field(default_factory=dict[str, Json])
    ambient: Ambient = NOWHERE
    state: str = ""
    entered: int = 0

    def failure(self, error: str, cause: str, location: str | None = None) -> Failure:
        """A failure with AWS's prefix: `An error occurred while executing the state 'X' (entered at the event id #2). …`."""
        return Failure(error, f"{self.prefix()}{cause}", location)

    def prefix(self) -> str:
        return f"An error occurred while executing the state '{self.state}' (entered at the event id #{self.entered}). "


def kind_of(value: object) -> str:
    """JSON's word for a value: object, array, string, number, boolean, null."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(a: Json, b: Json) -> bool:
    """Equality of JSON values: `1` is `1.0`, but `true` is not `1` (Python thinks it is), at any depth."""
    if a is b:
        return True
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and len(a) == len(b) and all(k in b and same(v, b[k]) for k, v in a.items())
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def number_text(value: float) -> str:
    """A number as AWS prints it: integers plainly, doubles as Java does (`1.0`, `0.001`, `1.0E10`, `1.0E-5`)."""
    if isinstance(value, int):
        return str(value)
    from studio.asl.java import double_text

    return double_text(value)


# Where Java's JSON differs from orjson's: doubles of 10,000,000 and more or under 0.001 have an exponent, control characters
# capitals in their escapes. Each pattern begins with a literal, which is searched at memory speed; a text that only looks like
# it inside the JSON costs the slow way and nothing else.
_EXPONENT = re.compile(rb"e(?<=[0-9]e)[-+]?[0-9]+(?:[,}\]]|\Z)").search
_LARGE = re.compile(rb"\.(?<=[0-9]{8}\.)[0-9]").search
_SMALL = re.compile(rb"0\.000[0-9]").search
_CONTROL = re.compile(rb"\\u00").search


def to_aws_text(value: Json) -> str:
    """Compact JSON as AWS prints it: no spaces, non-ASCII characters as they are, doubles as Java prints them. Any depth."""
    try:
        raw = orjson.dumps(value)
    except TypeError:  # orjson's error for integers beyond 64 bits, lone surrogates and depth beyond 254
        return _write(value)
    if _EXPONENT(raw) or _LARGE(raw) or _SMALL(raw) or _CONTROL(raw):
        return _write(value)
    return raw.decode()


def _write(value: Json) -> str:
    """The slow way. Iterative: depth costs no stack."""
    pieces: list[str] = []
    todo: list[tuple[bool, Json]] = [(False, value)]  # (a piece of text already, or a value to write)
    while todo:
        done, item = todo.pop()
        match item:
            case str() if done:
                pieces.append(item)
            case str():
                pieces.append(_quoted(item))
            case None:
                pieces.append("null")
            case bool():
                pieces.append("true" if item else "false")
            case int() | float():
                pieces.append(number_text(item))
            case list():
                todo.append((True, "]"))
                for at in range(len(item) - 1, -1, -1):
                    todo.append((False, item[at]))
                    if at:
                        todo.append((True, ","))
                pieces.append("[")
            case dict():
                todo.append((True, "}"))
                members = list(item.items())
                for at in range(len(members) - 1, -1, -1):
                    key, below = members[at]
                    todo.append((False, below))
                    todo.append((True, f"{',' if at else ''}{_quoted(key)}:"))
                pieces.append("{")
    return "".join(pieces)


_ESCAPED = r'[\x00-\x1f"\\\ud800-\udfff]'  # halves of surrogate pairs too: no UTF-8 can carry them
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _quoted(text: str) -> str:
    return f'"{re.sub(_ESCAPED, lambda found: _SHORT.get(found[0]) or f"{chr(92)}u{ord(found[0]):04X}", text)}"'
