"""Two runs on one graph: which of them took each transition, came to each state, and what was otherwise there. Pure.

The graph is that of run B's definition, or of another definition a run is laid over. A is `◀`, B is `▶`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from studio.asl.graph import Graph
from studio.exec.views.compare import Comparison, StatePair, changed_states
from studio.exec.views.run import RunView, Status

Mark: TypeAlias = Literal["a", "b", "both", "differs", "changed", "added"]
NOTABLE = 0.001
"""Seconds from which on a difference in duration is told; it must be a tenth of the longer one too."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """`statuses`: by state, B's where it came there, else A's. `edges`: (source, target) -> who took it. `states`: name -> what is
    otherwise there, with words for it. `hidden`: states that A came to and the graph does not have.
    """

    statuses: dict[str, Status]
    edges: dict[tuple[str, str], Mark]
    states: dict[str, tuple[Mark, str]] = field(default_factory=dict[str, tuple[Mark, str]])
    hidden: tuple[str, ...] = ()


def overlay(found: Comparison, a: RunView, b: RunView, graph: Graph, seconds: Callable[[float | None], str]) -> Overlay:
    """Two runs over the graph of B. `seconds` writes a duration."""
    statuses: dict[str, Status] = {}
    states: dict[str, tuple[Mark, str]] = {}
    here = {node.name for node in graph.states.values()}
    for pair in found.states:
        if pair.name not in here:
            continue
        statuses[pair.name] = pair.a.status if pair.path == "a" else pair.b.status
        mark = _mark(pair, seconds)
        if mark is not None:
            states[pair.name] = mark
    hidden = tuple(pair.name for pair in found.states if pair.a.visits and pair.name not in here)
    return Overlay(statuses, _edges(a.transitions_taken, b.transitions_taken), states, hidden)


def _edges(a: frozenset[tuple[str, str]], b: frozenset[tuple[str, str]]) -> dict[tuple[str, str], Mark]:
    return {edge: "both" if edge in a and edge in b else "a" if edge in a else "b" for edge in a | b}


def _mark(pair: StatePair, seconds: Callable[[float | None], str]) -> tuple[Mark, str] | None:
    if pair.path == "neither":
        return None
    if pair.path != "both":
        return (pair.path, "◀ A only" if pair.path == "a" else "▶ B only")
    words: list[str] = []
    if pair.a.status != pair.b.status:
        words.append(f"◀ {pair.a.status} ▶ {pair.b.status}")
    elif pair.a.visits != pair.b.visits:
        words.append(f"◀ ×{pair.a.visits} ▶ ×{pair.b.visits}")
    if pair.outputs:
        words.append(f"output ≠ {pair.outputs}")
    slower = pair.slower
    longer = max(pair.a.seconds or 0.0, pair.b.seconds or 0.0)
    if slower is not None and abs(slower) >= NOTABLE and abs(slower) >= longer / 10:
        words.append(f"▶ {'+' if slower > 0 else '−'}{seconds(abs(slower))}")
    return ("differs", " · ".join(words)) if words else None


def over_definition(run: RunView, ran: Graph, now: Graph) -> Overlay:
    """A run over a definition that may have changed since: its path, and the states that are otherwise now."""
    here = {node.name for node in now.states.values()}
    before = {node.name for node in ran.states.values()}
    states: dict[str, tuple[Mark, str]] = {}
    for name in changed_states(ran, now):
        if name in here:
            states[name] = ("changed", "changed since") if name in before else ("added", "new since")
    known: Mapping[str, Status] = {name: state.status for name, state in run.states.items() if name in here}
    hidden = tuple(name for name in sorted(before - here))
    return Overlay(dict(known), dict.fromkeys(run.transitions_taken, "a"), states, hidden)
