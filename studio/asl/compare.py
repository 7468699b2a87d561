"""Two versions of a workflow: which states came, went, were renamed or changed, and which lines of the text differ.

A state is known by its name, which is its own in the whole workflow. What is inside a Parallel or Map state are states of their own,
so that a change inside one is told of the inner state alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from studio.asl.align import same
from studio.asl.graph import PROCESSORS, StateNode, build
from studio.asl.tree import Json, Pointer

EXACT = 1_500
"""Lines up to which every line counts when two texts are aligned; beyond, lines that repeat a lot (`},`) are no landmarks."""


@dataclass(frozen=True, slots=True)
class StateChange:
    """`name` is the new version's, the old one's where the state was removed; `before` the old name of a renamed one. `fields`: the state's
    own fields that differ; for the kind `workflow`, the definition's. `pointer` leads into the new version, for `removed` into the old.
    """

    kind: Literal["workflow", "added", "removed", "renamed", "changed", "moved"]
    name: str
    pointer: Pointer
    fields: tuple[str, ...] = ()
    before: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison. `kind`: `=` in both, `-` in the old text, `+` in the new, `~` where equal lines are left out (`text` is
    empty, `old` and `new` are the first numbers left out, `count` how many). Numbers begin at 1; 0 where the line is not in that text.
    """

    kind: Literal["=", "-", "+", "~"]
    old: int
    new: int
    text: str
    count: int = 1


def changed_states(old: Json, new: Json) -> list[StateChange]:
    """The differences: the workflow's own first, then the new version's states in their order, then what was removed. Order of keys
    does not count.
    """
    was, now = _states(old), _states(new)
    gone = {name: node for name, node in was.items() if name not in now}
    names: dict[str | int, str] = {}  # old name -> new one
    found: list[StateChange] = []
    if fields := _fields(_top(old), _top(new)):
        found.append(StateChange("workflow", "", (), fields))
    for name, node in now.items():
        before = was.get(name)
        if before is None:
            twin = next((g for g in gone.values() if g.type == node.type and not _fields(_own(g), _own(node))), None)
            if twin is not None:
                del gone[twin.name]
                names[twin.name] = name
                found.append(StateChange("renamed", name, node.pointer, before=twin.name))
            else:
                found.append(StateChange("added", name, node.pointer))
        elif fields := _fields(_own(before), _own(node)):
            found.append(StateChange("changed", name, node.pointer, fields))
        elif tuple(names.get(part, part) for part in before.scope) != node.scope:
            found.append(StateChange("moved", name, node.pointer))
    found += [StateChange("removed", name, node.pointer) for name, node in gone.items()]
    return found


def _states(root: Json) -> dict[str, StateNode]:
    found: dict[str, StateNode] = {}
    for node in build(root).states.values():
        found.setdefault(node.name, node)
    return found


def _top(root: Json) -> dict[str, Json]:
    return {key: value for key, value in root.items() if key != "States"} if isinstance(root, dict) else {"": root}


def _own(node: StateNode) -> dict[str, Json]:
    """A state's fields without the states inside it: of an inner workflow its other fields, of branches those of each."""
    if not isinstance(node.value, dict):
        return {"": node.value}
    own = dict(node.value)
    for key in PROCESSORS:
        if key in own:
            own[key] = _top(own[key])  # type: ignore[assignment]
    branches = own.get("Branches")
    if isinstance(branches, list):
        own["Branches"] = [_top(branch) for branch in branches]  # type: ignore[misc]
    return own


def _fields(old: dict[str, Json], new: dict[str, Json]) -> tuple[str, ...]:
    names = [*new, *(name for name in old if name not in new)]
    return tuple(name for name in names if (name in old) != (name in new) or not same(_sorted(old[name]), _sorted(new[name])))


def _sorted(value: Json) -> Json:
    """A value with its keys in one order, so that their order makes no difference."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value


def changed_lines(old: str, new: str) -> int:
    """How many lines differ: those between the first and the last difference, on the longer side."""
    a, b = old.splitlines(), new.splitlines()
    return max(len(a), len(b)) - sum(_same_ends(a, b)) or int(old != new)


def _same_ends(a: list[str], b: list[str]) -> tuple[int, int]:
    """How many lines two texts share at their beginning, and at their end."""
    most, head, tail = min(len(a), len(b)), 0, 0
    while head < most and a[head] == b[head]:
        head += 1
    while tail < most - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    return head, tail


def compare_lines(old: str, new: str, context: int = 3) -> list[Line]:
    """The lines that differ, with `context` equal lines around them; empty where the texts have the same lines."""
    a, b = old.splitlines(), new.splitlines()
    head, tail = _same_ends(a, b)
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    if not middle_a and not middle_b:
        return []
    matcher = difflib.SequenceMatcher(None, middle_a, middle_b, autojunk=len(middle_a) + len(middle_b) > EXACT)
    blocks: list[tuple[str, int, int, int, int]] = [("equal", 0, head, 0, head)] if head else []
    for tag, i, j, k, m in matcher.get_opcodes():
        blocks.append((tag, i + head, j + head, k + head, m + head))
    if tail:
        blocks.append(("equal", len(a) - tail, len(a), len(b) - tail, len(b)))
    return list(_lines(_joined(blocks), a, b, context))


def _joined(blocks: list[tuple[str, int, int, int, int]]) -> list[tuple[str, int, int, int, int]]:
    """Equal blocks that follow each other as one."""
    joined: list[tuple[str, int, int, int, int]] = []
    for block in blocks:
        if joined and joined[-1][0] == block[0] == "equal":
            joined[-1] = ("equal", joined[-1][1], block[2], joined[-1][3], block[4])
        else:
            joined.append(block)
    return joined


def _lines(blocks: list[tuple[str, int, int, int, int]], a: list[str], b: list[str], context: int) -> Iterator[Line]:
    for n, (tag, i, j, k, m) in enumerate(blocks):
        if tag != "equal":
            yield from (Line("-", at + 1, 0, a[at]) for at in range(i, j))
            yield from (Line("+", 0, at + 1, b[at]) for at in range(k, m))
            continue
        first, last = (0 if n == 0 else context), (0 if n == len(blocks) - 1 else context)
        hidden = (j - i) - first - last
        if hidden <= 1:
            yield from (Line("=", i + at + 1, k + at + 1, a[i + at]) for at in range(j - i))
            continue
        yield from (Line("=", i + at + 1, k + at + 1, a[i + at]) for at in range(first))
        yield Line("~", i + first + 1, k + first + 1, "", hidden)
        yield from (Line("=", at + 1, k + (at - i) + 1, a[at]) for at in range(j - last, j))
