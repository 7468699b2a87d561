"""What a state's mark on the graph counts: attempts, iterations, branches, visits. Pure; short, for there is little room.

2/6       the second retry of six is next, or under way
3 tries   it took three attempts
42/100    so many iterations (of a Map) or branches (of a Parallel) have ended; 3 ✗ of them failed
×12       it was entered so often
"""

from __future__ import annotations

from typing import cast

from studio.asl.graph import Graph, StateNode
from studio.asl.tree import Json
from studio.exec.views.run import RunView, Visit

_OPEN = frozenset({"running", "waiting", "retrying"})
_BAD = frozenset({"failed", "timed-out"})


def counts_of(view: RunView, graph: Graph, frame: dict[str, int] | None = None) -> dict[str, str]:
    """By the name of the state; those with nothing to count are left out. `frame`: only these iterations (Map -> index) count."""
    chosen = frame or {}
    found: dict[str, str] = {}
    for node in graph.states.values():
        state = view.states.get(node.name)
        visits = list(state.visits) if state else []
        if chosen:
            visits = [v for v in visits if all(chosen.get(level, index) == index for level, index in v.frame)]
        if visits and (told := _count(visits, node, view)):
            found[node.name] = told
    return found


def _count(visits: list[Visit], node: StateNode, view: RunView) -> str:
    last = visits[-1]
    parts: list[str] = []
    if node.type == "Map" and last.iterations:
        parts.append(_iterations(last))
    elif node.type == "Parallel" and last.open:
        branches = cast("dict[str, Json]", node.value).get("Branches") if isinstance(node.value, dict) else None
        total = len(branches) if isinstance(branches, list) else 0
        inside = [v for state in view.states.values() for v in state.visits if v.owner is last]
        ended = total - len({v.name for v in inside if v.open}) if inside else 0
        parts.append(f"{max(0, ended)}/{total}")
    if last.status == "retrying" and last.error is not None:
        parts.append(f"{len(last.attempts)}/{_most(node, last.error)}")
    elif len(last.attempts) > 1:
        parts.append(f"{len(last.attempts)} tries")
    if len(visits) > 1:
        parts.append(f"×{len(visits)}")
    return " · ".join(parts)


def _iterations(visit: Visit) -> str:
    bad = sum(status in _BAD for status in visit.iterations.values())
    if visit.open:
        ended = sum(status not in _OPEN for status in visit.iterations.values())
        told = f"{ended}/{visit.length if visit.length is not None else len(visit.iterations)}"
        return f"{told}, {bad} ✗" if bad else told
    good = sum(status == "succeeded" for status in visit.iterations.values())
    return f"{bad} ✗ {good} ✓" if bad else f"{good} ✓"


def _most(node: StateNode, error: str) -> int:
    """How many retries the retrier for an error grants; 3 is AWS's default."""
    retriers = cast("dict[str, Json]", node.value).get("Retry") if isinstance(node.value, dict) else None
    for retrier in retriers if isinstance(retriers, list) else ():
        if not isinstance(retrier, dict):
            continue
        errors = retrier.get("ErrorEquals")
        if isinstance(errors, list) and (
            error in errors or "States.ALL" in errors or ("States.TaskFailed" in errors and error != "States.Timeout")
        ):
            most = retrier.get("MaxAttempts", 3)
            return int(most) if isinstance(most, int | float) else 3
    return 3
