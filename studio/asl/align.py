"""How the members of one container became those of another: what stayed, moved, was renamed, came and went."""

from __future__ import annotations

import contextlib
import json
import marshal
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from studio.asl import tree
from studio.asl.tree import Json


@dataclass(frozen=True, slots=True)
class Row:
    """A member or element of the new container.

    `source` is its place among the old ones (None: it is new). `kept`: it can stay where it is in the text, because all
    kept rows are in their old order; a row with a source that is not kept has moved.
    """

    key: str | None
    value: Json
    source: int | None
    kept: bool


def same(a: Json, b: Json) -> bool:
    """Whether two values are equal, kinds of numbers and order of keys included."""
    if a is b:
        return True
    with contextlib.suppress(ValueError):  # a kind of value that marshal does not know
        if marshal.dumps(a, 0) == marshal.dumps(b, 0):  # says nothing where they differ: 0.0 and -0.0 are equal
            return True
    stack: list[tuple[Json, Json]] = [(a, b)]
    while stack:
        one, other = stack.pop()
        if one is other:
            continue
        if type(one) is not type(other):
            return False
        if isinstance(one, dict) and isinstance(other, dict):
            if len(one) != len(other) or list(one) != list(other):
                return False
            stack.extend(zip(one.values(), other.values(), strict=True))
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            stack.extend(zip(one, other, strict=True))
        elif one != other:
            return False
    return True


def align_objects(keys: list[str], old: dict[str, Json], new: dict[str, Json]) -> list[Row]:
    """The rows of `new`. `keys` are the old names in the order of the text, each once."""
    place = {key: i for i, key in enumerate(keys)}
    source: dict[str, int] = {key: place[key] for key in new if key in place}
    removed = [key for key in keys if key not in new]
    added = [key for key in new if key not in place]
    if removed and added:
        for name, was in _renamed(keys, old, new, removed, added).items():
            source[name] = place[was]
    order = [source.get(key) for key in new]
    kept = _longest_rising([i for i in order if i is not None])
    return [Row(key, value, i, i in kept) for (key, value), i in zip(new.items(), order, strict=True)]


def _renamed(keys: list[str], old: dict[str, Json], new: dict[str, Json], removed: list[str], added: list[str]) -> dict[str, str]:
    """Which new name stands for which old one: the same value first, else the same place among the others."""
    pairs: dict[str, str] = {}
    left = dict.fromkeys(removed)
    for name in added:
        value = new[name]
        if isinstance(value, dict | list):
            was = next((r for r in left if old[r] is value), None)
            if was is not None:
                pairs[name] = was
                del left[was]
    before_old, before_new = _before(keys, new), _before(new, old)
    for name in added:
        if name not in pairs:
            was = next((r for r in left if before_old[r] == before_new[name]), None)
            if was is not None:
                pairs[name] = was
                del left[was]
    return pairs


def _before(keys: Iterable[str], common: dict[str, Json]) -> dict[str, str | None]:
    """For each key the nearest one before it that both containers have."""
    result: dict[str, str | None] = {}
    last: str | None = None
    for key in keys:
        result[key] = last
        if key in common:
            last = key
    return result


def align_lists(old: list[Json], new: list[Json]) -> list[Row]:
    """The rows of `new`."""
    head = 0
    while head < min(len(old), len(new)) and same(old[head], new[head]):
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and same(old[-1 - tail], new[-1 - tail]):
        tail += 1
    source: dict[int, int] = {i: i for i in range(head)}
    source |= {len(new) - 1 - i: len(old) - 1 - i for i in range(tail)}
    left_old: list[int] = list(range(head, len(old) - tail))
    left_new: list[int] = list(range(head, len(new) - tail))
    for identity in (_by_identity, _by_value):
        if left_old and left_new:
            places: dict[Hashable, list[int]] = {}
            for i in reversed(left_old):
                places.setdefault(identity(old[i]), []).append(i)
            for i in left_new:
                found = places.get(identity(new[i]))
                if found:
                    source[i] = found.pop()
            used = set(source.values())
            left_old = [i for i in left_old if i not in used]
            left_new = [i for i in left_new if i not in source]
    kept = _longest_rising([source[i] for i in sorted(source)])
    _pair_gaps(source, kept, left_old, left_new)
    return [Row(None, value, source.get(i), source.get(i) in kept) for i, value in enumerate(new)]


def _by_identity(value: Json) -> Hashable:
    return ("at", id(value)) if isinstance(value, dict | list) else (type(value), value)


def _by_value(value: Json) -> Hashable:
    return json.dumps(value)


def _pair_gaps(source: dict[int, int], kept: set[int], left_old: list[int], left_new: list[int]) -> None:
    """Elements without a match, between the same kept neighbours, are taken for each other in order: changed in place."""
    anchors = sorted((i, s) for i, s in source.items() if s in kept)
    news, olds = [i for i, _ in anchors], [s for _, s in anchors]
    gaps: dict[int, list[int]] = {}
    for i in reversed(left_old):
        gaps.setdefault(bisect_left(olds, i), []).append(i)
    for i in left_new:
        gap = gaps.get(bisect_left(news, i))
        if gap:
            source[i] = gap.pop()
            kept.add(source[i])


def _longest_rising(numbers: list[int]) -> set[int]:
    """The members of a longest rising subsequence of distinct numbers."""
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for n in numbers:
        at = bisect_left(tails, n)
        before[n] = ends[at - 1] if at else None
        tails[at : at + 1] = [n]
        ends[at : at + 1] = [n]
    result: set[int] = set()
    here = ends[-1] if ends else None
    while here is not None:
        result.add(here)
        here = before[here]
    return result


@dataclass(slots=True)
class Edits:
    """Replacements of stretches of one text, applied together. Insertions at a place come before a replacement from there."""

    rows: list[tuple[int, int, str]]

    def replace(self, start: int, end: int, text: str) -> None:
        self.rows.append((start, end, text))

    def applied(self, text: str, start: int = 0, end: int | None = None) -> str:
        """The stretch `start:end` of the text with the edits made; all of them must lie in it."""
        end = len(text) if end is None else end
        pieces: list[str] = []
        here = start
        for a, b, new in sorted(self.rows, key=lambda r: (r[0], r[1])):
            pieces += [text[here:a], new]
            here = max(here, b)
        pieces.append(text[here:end])
        return "".join(pieces)


class Sources:
    """Where in the old tree a value came from, so that what moved keeps its spelling and comments."""

    def __init__(self, root: Json) -> None:
        self.root = root
        self._entries: list[_Entry] = []
        """Every object and list that is not empty, parents first, in document order."""
        self._places: dict[int, int] = {}
        self._named: dict[str | int, list[int]] = {}

    def find(self, value: Json, key: str | None, accept: Callable[[tree.Pointer], bool]) -> tree.Pointer | None:
        """The pointer of the very same object in the old tree; else of an object with this name that shares members with it."""
        if not isinstance(value, dict | list) or not value:
            return None
        if not self._entries:
            self._look()
        at = self._places.get(id(value))
        if at is not None and accept(found := self._pointer(at)):
            return found
        if not isinstance(value, dict) or key is None:
            return None
        best, most = None, 0
        for at in self._named.get(key, ()):
            was = self._entries[at][0]
            shared = sum(was.get(k) is v for k, v in value.items() if v is not None) if isinstance(was, dict) else 0
            if shared > most and accept(pointer := self._pointer(at)):
                best, most = pointer, shared
        return best

    def _look(self) -> None:
        """Pointers are put together for what is found alone: a large definition has thousands."""
        entries = self._entries
        stack: list[_Entry] = [(self.root, -1, "")]
        while stack:
            entry = stack.pop()
            value, at = entry[0], len(entries)
            entries.append(entry)
            if isinstance(value, dict):
                stack.extend([(v, at, k) for k, v in value.items() if isinstance(v, (dict, list)) and v][::-1])
            elif isinstance(value, list):
                stack.extend([(v, at, i) for i, v in enumerate(value) if isinstance(v, (dict, list)) and v][::-1])
        for at, (value, parent, part) in enumerate(entries):
            self._places.setdefault(id(value), at)
            if parent >= 0 and isinstance(value, dict):
                self._named.setdefault(part, []).append(at)

    def _pointer(self, at: int) -> tree.Pointer:
        parts: list[str | int] = []
        while at > 0:
            _, at, part = self._entries[at]
            parts.append(part)
        return tuple(reversed(parts))


_Entry: TypeAlias = "tuple[Json, int, str | int]"
"""A value, the place of the entry around it (-1: none), and its name or number there."""
