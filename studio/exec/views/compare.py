"""Two runs side by side: which states each came to, how they went, how long they took, what they put out, and where their paths part.

Units: seconds. Texts are JSON texts as in the history; a state's output is that of its last visit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, TypeAlias

from studio.asl.graph import PROCESSORS, Graph
from studio.asl.tree import Json, Pointer
from studio.exec.views.run import RunView, StateRun, Status

Side: TypeAlias = Literal["both", "a", "b", "neither"]
MOST = 1000
"""Differences that are told; two payloads that have nothing in common have more."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which two values differ. `before` is None where it was added, `after` where it was removed; else JSON texts."""

    pointer: Pointer
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Half:
    """A state in one of the runs."""

    status: Status
    visits: int
    attempts: int
    seconds: float | None
    input: str | None
    output: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class StatePair:
    """A state in both runs. `inputs` and `outputs` count the places in which they differ; None where one of them has none."""

    name: str
    type: str
    path: Side
    a: Half
    b: Half
    inputs: int | None
    outputs: int | None

    @property
    def alike(self) -> bool:
        return self.a.status == self.b.status and not self.inputs and not self.outputs and self.a.visits == self.b.visits

    @property
    def slower(self) -> float | None:
        """How many seconds B took longer than A (negative: less)."""
        return None if self.a.seconds is None or self.b.seconds is None else self.b.seconds - self.a.seconds


@dataclass(frozen=True, slots=True)
class Comparison:
    """`only_a`, `only_b`: the transitions only one of the runs took, as (source, target)."""

    states: tuple[StatePair, ...]
    only_a: frozenset[tuple[str, str]]
    only_b: frozenset[tuple[str, str]]
    inputs: int | None
    outputs: int | None


def compare(a: RunView, b: RunView, graph_a: Graph, graph_b: Graph) -> Comparison:
    """The states in the order run B came to them, then those only A came to, then the rest. States are matched by name."""
    nodes = {node.name: node for node in [*graph_b.states.values(), *graph_a.states.values()]}
    pairs: list[tuple[tuple[int, int], StatePair]] = []
    for order, (name, node) in enumerate(nodes.items()):
        left, right = a.states.get(name) or StateRun(name, "not-reached"), b.states.get(name) or StateRun(name, "not-reached")
        one, two = _side(left), _side(right)
        path: Side = "both" if one.visits and two.visits else "a" if one.visits else "b" if two.visits else "neither"
        pair = StatePair(name, node.type, path, one, two, count(one.input, two.input), count(one.output, two.output))
        entered = right.visits[0].entered_id if right.visits else left.visits[0].entered_id if left.visits else order
        pairs.append(((0 if two.visits else 1 if one.visits else 2, entered), pair))
    return Comparison(
        tuple(pair for _, pair in sorted(pairs, key=lambda item: item[0])),
        a.transitions_taken - b.transitions_taken,
        b.transitions_taken - a.transitions_taken,
        count(a.input, b.input),
        count(a.output, b.output),
    )


def changed_states(before: Graph, after: Graph) -> list[str]:
    """The states whose own definition differs (those inside of them apart), that were added, or are gone."""
    old, new = ({node.name: _own(node.value) for node in graph.states.values()} for graph in (before, after))
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def _own(value: Json) -> Json:
    """A state without the states inside of it."""
    if not isinstance(value, dict):
        return value
    own: dict[str, Json] = {key: inner for key, inner in value.items() if key not in {"Branches", *PROCESSORS}}
    for key in PROCESSORS:
        inner = value.get(key)
        if isinstance(inner, dict):
            own[key] = {k: v for k, v in inner.items() if k != "States"}
    branches = value.get("Branches")
    if isinstance(branches, list):
        own["Branches"] = [
            {k: v for k, v in branch.items() if k != "States"} if isinstance(branch, dict) else branch for branch in branches
        ]
    return own


def _side(state: StateRun) -> Half:
    ended = [(v.ended - v.started).total_seconds() for v in state.visits if v.ended is not None]
    last = state.visits[-1] if state.visits else None
    return Half(
        state.status,
        len(state.visits),
        sum(len(v.attempts) for v in state.visits),
        sum(ended) if ended else None,
        last.input if last else None,
        last.output if last else None,
        next((v.error for v in reversed(state.visits) if v.error), None),
    )


def count(before: str | None, after: str | None) -> int | None:
    """In how many places two JSON texts differ; None where one of them is missing."""
    if before is None or after is None:
        return None
    return 0 if before == after else len(differences(before, after))


def differences(before: str, after: str) -> list[Difference]:
    """Where two JSON texts differ, outermost first; texts that are no JSON differ as a whole."""
    try:
        left, right = json.loads(before), json.loads(after)
    except (ValueError, RecursionError):
        return [] if before == after else [Difference((), before, after)]
    found: list[Difference] = []
    waiting: list[tuple[Pointer, Json, Json]] = [((), left, right)]
    while waiting and len(found) < MOST:
        at, one, two = waiting.pop()
        if isinstance(one, dict) and isinstance(two, dict):
            below: list[tuple[Pointer, Json, Json]] = []
            for key in [*one, *(key for key in two if key not in one)]:
                if key not in two:
                    found.append(Difference((*at, key), _text(one[key]), None))
                elif key not in one:
                    found.append(Difference((*at, key), None, _text(two[key])))
                else:
                    below.append(((*at, key), one[key], two[key]))
            waiting.extend(reversed(below))
        elif isinstance(one, list) and isinstance(two, list):
            shared = min(len(one), len(two))
            found.extend(Difference((*at, i), _text(one[i]), None) for i in range(shared, len(one)))
            found.extend(Difference((*at, i), None, _text(two[i])) for i in range(shared, len(two)))
            waiting.extend(((*at, i), one[i], two[i]) for i in range(shared - 1, -1, -1))
        elif one != two or isinstance(one, bool) != isinstance(two, bool):
            found.append(Difference(at, _text(one), _text(two)))
    return found[:MOST]


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
