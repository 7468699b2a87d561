"""Two JSON values line by line: what is the same, what came, what went. For people: the stages of a test, a run against another.

Objects are compared member by member, whatever their order; arrays from both ends, what is left in the middle place by place. A value
that changed is its old lines, then its new ones. Text is the value as JSON with two blanks a level.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from studio.asl.tree import Json
from studio.asl.values import same

Kind = Literal["same", "added", "removed"]
LARGE = 4_000
"""Values in a JSON value up to which a difference is worked out and read by anybody."""
DEEP = 100
AROUND = 2
"""Unchanged lines that are shown before and after a change."""


@dataclass(frozen=True, slots=True)
class Line:
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """So many unchanged lines are left out."""

    count: int


def lines(old: Json, new: Json) -> tuple[Line, ...] | None:
    """The difference from `old` to `new`, unchanged lines included; None where a value is too large or too deep for that."""
    if not (_small(old) and _small(new)):
        return None
    found: list[Line] = []
    _compare(found, old, new, 0, "", ("", ""))
    return tuple(found)


def count(found: Sequence[Line]) -> tuple[int, int]:
    """How many lines came, how many went."""
    return sum(line.kind == "added" for line in found), sum(line.kind == "removed" for line in found)


def folded(found: Sequence[Line], around: int = AROUND) -> list[Line | Gap]:
    """The changed lines with some unchanged ones around them; the rest are gaps. A gap of one line is that line."""
    near = [False] * len(found)
    for at, line in enumerate(found):
        if line.kind != "same":
            for index in range(max(0, at - around), min(len(found), at + around + 1)):
                near[index] = True
    shown: list[Line | Gap] = []
    at = 0
    while at < len(found):
        end = at
        while end < len(found) and not near[end]:
            end += 1
        if end - at > 1:
            shown.append(Gap(end - at))
            at = end
        else:
            shown.append(found[at])
            at += 1
    return shown


def _small(value: Json) -> bool:
    seen, level = 0, [value]
    for _ in range(DEEP):
        following: list[Json] = []
        for one in level:
            if isinstance(one, dict):
                following.extend(one.values())
            elif isinstance(one, list):
                following.extend(one)
        seen += len(level)
        if seen > LARGE:
            return False
        if not following:
            return True
        level = following
    return False


def _compare(into: list[Line], old: Json, new: Json, depth: int, key: str, commas: tuple[str, str]) -> None:
    """`key`: what stands before the value on its line; `commas`: what follows the old and the new one."""
    if same(old, new):
        _write(into, "same", new, depth, key, commas[1])
    elif isinstance(old, dict) and isinstance(new, dict) and old and new:
        _open(into, depth, f"{key}{{")
        _members(into, old, new, depth + 1)
        _open(into, depth, f"}}{commas[1]}")
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        _open(into, depth, f"{key}[")
        _items(into, old, new, depth + 1)
        _open(into, depth, f"]{commas[1]}")
    else:
        _write(into, "removed", old, depth, key, commas[0])
        _write(into, "added", new, depth, key, commas[1])


def _open(into: list[Line], depth: int, text: str) -> None:
    into.append(Line("same", "  " * depth + text))


def _members(into: list[Line], old: dict[str, Json], new: dict[str, Json], depth: int) -> None:
    """The members in the new order; one that went stands where it stood among those that stayed."""
    gone: dict[str | None, list[str]] = {}
    before: str | None = None
    for name in old:
        if name in new:
            before = name
        else:
            gone.setdefault(before, []).append(name)
    ends = (next(reversed(old)), next(reversed(new)))

    def went(after: str | None) -> None:
        for name in gone.get(after, ()):
            _write(into, "removed", old[name], depth, f"{_text(name)}: ", "" if name == ends[0] else ",")

    went(None)
    for name, value in new.items():
        commas = ("" if name == ends[0] else ",", "" if name == ends[1] else ",")
        if name in old:
            _compare(into, old[name], value, depth, f"{_text(name)}: ", commas)
            went(name)
        else:
            _write(into, "added", value, depth, f"{_text(name)}: ", commas[1])


def _items(into: list[Line], old: list[Json], new: list[Json], depth: int) -> None:
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if not same(old[i], new[i])), shorter)
    tail = next((i for i in range(shorter - head) if not same(old[-1 - i], new[-1 - i])), shorter - head)
    middle = max(len(old), len(new)) - tail
    for at in range(head):
        _write(into, "same", new[at], depth, "", _comma(at, new))
    for at in range(head, middle):
        was, now = at < len(old) - tail, at < len(new) - tail
        if was and now:
            _compare(into, old[at], new[at], depth, "", (_comma(at, old), _comma(at, new)))
        elif was:
            _write(into, "removed", old[at], depth, "", _comma(at, old))
        else:
            _write(into, "added", new[at], depth, "", _comma(at, new))
    for at in range(len(new) - tail, len(new)):
        _write(into, "same", new[at], depth, "", _comma(at, new))


def _comma(at: int, items: list[Json]) -> str:
    return "," if at < len(items) - 1 else ""


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write(into: list[Line], kind: Kind, value: Json, depth: int, key: str, comma: str) -> None:
    written = json.dumps(value, ensure_ascii=False, indent=2).split("\n")
    written[0], written[-1] = key + written[0], written[-1] + comma
    if len(written) == 1:
        written[0] = f"{key}{_text(value)}{comma}"
    into.extend(Line(kind, "  " * depth + text) for text in written)
