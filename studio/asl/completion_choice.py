"""What completion answers with: proposals for a place of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from studio.asl.tree import Json

Kind = Literal["field", "state", "type", "function", "variable", "constant", "enum", "text"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One proposal. `text` is what it puts in place of the stretch: `§` marks where the caret then stands. `again`: what comes next
    is proposed at once.
    """

    label: str
    kind: Kind
    detail: str = ""
    doc: str = ""
    text: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Proposals:
    """What may stand in place of `start` to `end`."""

    start: int
    end: int
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A whole state that may be put in: its first name, what it is for, its value in each query language."""

    name: str
    doc: str
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter of an API. `kind` as in `catalogue.shapes`; `enum`: its values."""

    name: str
    kind: str
    doc: str = ""
    required: bool = False
    enum: tuple[str, ...] = ()
