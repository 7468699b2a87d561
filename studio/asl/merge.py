"""Two versions of a workflow that come from the same one, as one again: what each side changed, where both changed the same thing.

    `merge(base, mine, disk)`               the merged tree with its conflicts; `take` chooses a side for each
    `merged_text(base, mine, disk, root)`   the text for it, every line of which a person or a program wrote where that is possible

Theory of operation: objects are merged member by member, lists element by element where their elements can be told apart, all else as
a whole. What only one side changed is taken; what both changed alike is taken once; what both changed otherwise is a conflict, and
stays as it is on `mine`'s side until somebody chooses. A state that one side renamed is renamed on the other first, so that what was
changed in it meets. Fields of which a state has one at a time (`Next` and `End`) are one thing.

For all trees: merge(base, x, base) == x == merge(base, base, x), merge(base, x, x) == x, and without conflicts the sides can be
exchanged (the order of keys apart).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar, cast

from studio.asl import tree
from studio.asl.align import same
from studio.asl.compare import EXACT, StateChange, changed_states
from studio.asl.edits import RenameState, apply_edit
from studio.asl.fields import EXCLUSIVE
from studio.asl.text import Format, parse, rendered
from studio.asl.tree import MISSING, Json, Pointer
from studio.errors import EditRefused, TextError

Side = Literal["mine", "disk"]
Place: TypeAlias = tuple[Pointer, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Conflict:
    """What both sides changed otherwise. `pointer` leads to the value in the merged tree; `names` are the members of it that are one thing
    (empty: all of it). `base`, `mine`, `disk` are the values, MISSING where there is none; with `names`, objects of those members.
    """

    pointer: Pointer
    base: Any
    mine: Any
    disk: Any
    names: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        return self.pointer, self.names


@dataclass(frozen=True, slots=True)
class Merged:
    """`root` has the chosen side of each conflict; `came` is what differs from `mine`: what the other side brought."""

    root: Json
    conflicts: tuple[Conflict, ...]
    came: tuple[StateChange, ...]


Take = Callable[[Conflict], Side]


def merge(base: Json, mine: Json, disk: Json, take: Take | None = None) -> Merged:
    """Merges two trees that come from `base`."""
    was_base, was_disk = base, disk
    base, disk = _renamed(base, mine, disk)
    base, mine_renamed = _renamed(base, disk, mine)
    sides = _Sides(take or (lambda _conflict: "mine"))
    root = sides.value((), base, mine_renamed, disk)
    if same(was_base, was_disk):
        root = mine  # nothing came: nothing is touched, the order of keys included
    return Merged(root, tuple(sides.conflicts), tuple(changed_states(mine, root)))


def _renamed(base: Json, one: Json, other: Json) -> tuple[Json, Json]:
    """The base and the other side with the states called as one side calls them now."""
    for change in changed_states(base, one):
        if change.kind != "renamed":
            continue
        pointers = [
            next((p for p, _ in tree.walk(root) if p[-1:] == (change.before,) and p[-2:-1] == ("States",)), None) for root in (base, other)
        ]
        if pointers[0] is None or pointers[1] is None:
            continue  # the other side removed it
        try:
            base, other = (apply_edit(root, RenameState(p, change.name)) for root, p in zip((base, other), pointers, strict=True) if p)
        except EditRefused:
            continue  # the name is another state's there
    return base, other


class _Sides:
    """One merge: collects the conflicts on its way."""

    def __init__(self, take: Take) -> None:
        self.take = take
        self.conflicts: list[Conflict] = []

    def value(self, at: Pointer, base: Any, mine: Any, disk: Any) -> Any:
        """The merged value at a pointer; MISSING where it is gone."""
        if _equal(mine, disk) or _equal(base, disk):
            return mine
        if _equal(base, mine):
            return disk
        if isinstance(base, dict) and isinstance(mine, dict) and isinstance(disk, dict):
            return self._object(at, *cast("list[dict[str, Json]]", [base, mine, disk]))
        if isinstance(base, list) and isinstance(mine, list) and isinstance(disk, list):
            made = self._list(at, *cast("list[list[Json]]", [base, mine, disk]))
            if made is not None:
                return made
        return self._choose(Conflict(at, base, mine, disk))

    def _choose(self, conflict: Conflict) -> Any:
        self.conflicts.append(conflict)
        return conflict.mine if self.take(conflict) == "mine" else conflict.disk

    def _object(self, at: Pointer, base: dict[str, Json], mine: dict[str, Json], disk: dict[str, Json]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        held: dict[str, Any] = {}
        for names in _groups(base, mine, disk):
            parts = [{name: side[name] for name in names if name in side} for side in (base, mine, disk)]
            if _equal(parts[1], parts[2]) or _equal(parts[0], parts[2]):
                held |= parts[1]
            elif _equal(parts[0], parts[1]):
                held |= parts[2]
            elif len({*parts[0], *parts[1], *parts[2]}) == 1:  # the same field on all sides
                name = next(iter(parts[1] or parts[2]))
                held[name] = self.value((*at, name), *(part.get(name, MISSING) for part in parts))
            else:
                held |= self._choose(Conflict(at, *parts, names=names))
        grouped = {name for names in _groups(base, mine, disk) for name in names}
        for name in _order(list(mine), list(disk)):
            made = (
                held.get(name, MISSING) if name in grouped else self.value((*at, name), *(s.get(name, MISSING) for s in (base, mine, disk)))
            )
            if made is not MISSING:
                found[name] = made
        return found

    def _list(self, at: Pointer, base: list[Json], mine: list[Json], disk: list[Json]) -> list[Json] | None:
        """Elements that one side changed, added or took away; None where both did so at the same place."""
        texts = [[json.dumps(one, sort_keys=True) for one in side] for side in (base, mine, disk)]
        found: list[Json] = []
        for part in three_way(*texts):
            (a, b), (c, d), (e, f) = part.base, part.mine, part.disk
            match part.kind:
                case "same" | "mine":
                    found += mine[c:d]
                case "disk":
                    found += disk[e:f]
                case _:
                    if not b - a == d - c == f - e:
                        return None
                    found += [self.value((*at, len(found) + i), base[a + i], mine[c + i], disk[e + i]) for i in range(b - a)]
        return found


def _equal(a: Any, b: Any) -> bool:
    if a is MISSING or b is MISSING:
        return a is b
    return same(a, b)


def _groups(base: dict[str, Json], mine: dict[str, Json], disk: dict[str, Json]) -> list[tuple[str, ...]]:
    """The members of a state that are one thing, of which there is any; none for what is no state."""
    kind = mine.get("Type")
    groups = EXCLUSIVE.get(kind, ()) if isinstance(kind, str) and base.get("Type") == kind == disk.get("Type") else ()
    return [names for names in groups if any(name in side for side in (base, mine, disk) for name in names)]


def _order(mine: list[str], disk: list[str]) -> list[str]:
    """The names of both sides: as mine has them, those of the other side after the one they follow there."""
    found = list(mine)
    known = set(mine)
    for i, name in enumerate(disk):
        if name not in known:
            before = next((disk[j] for j in range(i - 1, -1, -1) if disk[j] in known), None)
            found.insert(found.index(before) + 1 if before is not None else 0, name)
            known.add(name)
    return found


# -- sequences -------------------------------------------------------------------------------------------------------------

T = TypeVar("T", bound=str)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the three sequences, as (begin, end) in each. `kind`: in all three, changed by one side, or by both otherwise."""

    kind: Literal["same", "mine", "disk", "both"]
    base: tuple[int, int]
    mine: tuple[int, int]
    disk: tuple[int, int]


def three_way(base: Sequence[T], mine: Sequence[T], disk: Sequence[T]) -> Iterator[Part]:
    """Three sequences in step, from beginning to end."""
    a = b = c = 0
    for i, j, k, size in [*_common(base, mine, disk), (len(base), len(mine), len(disk), 0)]:
        if (a, b, c) != (i, j, k):
            was, ours, theirs = list(base[a:i]), list(mine[b:j]), list(disk[c:k])
            kind: Literal["mine", "disk", "both"] = "mine" if theirs in (was, ours) else "disk" if ours == was else "both"
            yield Part(kind, (a, i), (b, j), (c, k))
        if size:
            yield Part("same", (i, i + size), (j, j + size), (k, k + size))
        a, b, c = i + size, j + size, k + size


def _common(base: Sequence[T], mine: Sequence[T], disk: Sequence[T]) -> Iterator[tuple[int, int, int, int]]:
    """The stretches that all three have."""
    blocks = [
        difflib.SequenceMatcher(None, base, side, autojunk=len(base) + len(side) > EXACT).get_matching_blocks() for side in (mine, disk)
    ]
    ours, theirs = iter(blocks[0]), iter(blocks[1])
    one, other = next(ours, None), next(theirs, None)
    while one is not None and other is not None:
        begin, end = max(one.a, other.a), min(one.a + one.size, other.a + other.size)
        if begin < end:
            yield begin, one.b + begin - one.a, other.b + begin - other.a, end - begin
        if one.a + one.size < other.a + other.size:
            one = next(ours, None)
        else:
            other = next(theirs, None)


# -- text ----------------------------------------------------------------------------------------------------------------


def merged_text(base: str, mine: str, disk: str, root: Json, format: Format) -> str:  # noqa: A002
    """The text for a merged tree: line by line where that says the same, so that comments and layout of both sides stay; else `mine`'s
    text with the least change. Errors: TextError where `mine` cannot be read, EditRefused where the format cannot hold the tree.
    """
    lines = _merged_lines(base, mine, disk)
    if lines is not None:
        try:
            if same(parse(lines, format).root, root):
                return lines
        except TextError:
            pass
    return rendered(parse(mine, format), root).text


def _merged_lines(base: str, mine: str, disk: str) -> str | None:
    a, b, c = (text.splitlines(keepends=True) for text in (base, mine, disk))
    found: list[str] = []
    for part in three_way(a, b, c):
        if part.kind == "both":
            return None
        found += c[slice(*part.disk)] if part.kind == "disk" else b[slice(*part.mine)]
    return "".join(found)
