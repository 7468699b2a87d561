"""The states of a run as rows: what they are, how they went, when and how long, with their spans over the run's time.

Units: `started` and `seconds` in seconds since the run's start; spans are parts of the run, 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio.asl.graph import Graph, StateNode
from studio.asl.tree import Json, Pointer
from studio.exec.views.run import RunView, StateRun, Status, Visit

SPANS = 40
"""Spans a row has at most; more are drawn as one where they touch."""


@dataclass(frozen=True, slots=True)
class StateRow:
    """One state. `seconds` sums the visits that ended; None where none did. `depth`: how many states are around it."""

    name: str
    type: str
    depth: int
    status: Status
    resource: str
    started: float | None
    seconds: float | None
    visits: int
    retries: int
    error: str | None
    spans: tuple[tuple[float, float, Status], ...]


def table(view: RunView, graph: Graph, frame: dict[str, int] | None = None, until: float | None = None) -> tuple[StateRow, ...]:
    """A row for every state, each followed by those inside it; sisters in the order the run came to them, those it did not come to last.

    `frame`: only what happened in these iterations (Map -> index). `until`: how long the run has lasted, where it goes on.
    """
    chosen = frame or {}
    began = view.started
    total = until or ((view.ended - began).total_seconds() if began and view.ended else 0.0)
    rows: list[tuple[tuple[float, ...], StateRow]] = []
    places: dict[Pointer, tuple[float, ...]] = {}
    for order, node in enumerate(graph.states.values()):
        state = view.states.get(node.name) or StateRun(node.name, "not-reached")
        visits = [v for v in state.visits if all(chosen.get(level, index) == index for level, index in v.frame)]
        raw = node.value if isinstance(node.value, dict) else {}
        status = _status(state, visits)
        started = None if not visits or began is None else (visits[0].started - began).total_seconds()
        ended = [(v.ended - v.started).total_seconds() for v in visits if v.ended is not None]
        row = StateRow(
            node.name,
            node.type,
            _depth(graph, node),
            status,
            resource(raw),
            started,
            sum(ended) if ended else None,
            len(visits),
            sum(max(0, len(v.attempts) - 1) for v in visits),
            next((v.error for v in reversed(visits) if v.error), None),
            _spans(visits, view, total),
        )
        owner = graph.scopes[node.scope].owner
        places[node.pointer] = (*(places[owner] if owner else ()), visits[0].entered_id if visits else 1e12 + order)
        rows.append((places[node.pointer], row))
    return tuple(row for _, row in sorted(rows, key=lambda pair: pair[0]))


def _depth(graph: Graph, node: StateNode) -> int:
    owner = graph.scopes[node.scope].owner
    return 0 if owner is None else 1 + _depth(graph, graph.states[owner])


def _status(state: StateRun, visits: list[Visit]) -> Status:
    if len(visits) == len(state.visits):
        return state.status
    return visits[-1].status if visits else "not-reached"


def _spans(visits: list[Visit], view: RunView, total: float) -> tuple[tuple[float, float, Status], ...]:
    """Spans in the order of time; neighbours nearer than a fortieth of the run become one with the later's status where there are many."""
    if view.started is None or not visits:
        return ()
    whole = total or 1.0
    found: list[tuple[float, float, Status]] = [
        (
            max(0.0, (v.started - view.started).total_seconds() / whole),
            min(1.0, (v.ended - view.started).total_seconds() / whole) if v.ended else 1.0,
            v.status,
        )
        for v in visits
    ]
    if len(found) <= SPANS:
        return tuple(found)
    merged: list[tuple[float, float, Status]] = []
    bad = {"failed", "timed-out"}
    for start, end, status in sorted(found):
        if merged and start - merged[-1][1] < 1 / SPANS and (status in bad) == (merged[-1][2] in bad):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end), status)
        else:
            merged.append((start, end, status))
    return tuple(merged)


def resource(state: dict[str, Json]) -> str:
    """What a Task does in short: `lambda:invoke payments`, `sqs:sendMessage`, `lambda payments`; empty for other states."""
    found = state.get("Resource")
    if not isinstance(found, str):
        return ""
    if ":::" in found:
        short = found.partition(":::")[2]
        given = state.get("Parameters") or state.get("Arguments")
        name = given.get("FunctionName") if isinstance(given, dict) else None
        return f"{short} {_last(name)}" if short.startswith("lambda:") and isinstance(name, str) else short
    parts = found.split(":")
    return f"{parts[2]} {_last(found)}" if len(parts) > 6 else found


def _last(name: str) -> str:
    """The function's own name out of an ARN (without its version)."""
    parts = name.split(":")
    return parts[6] if len(parts) > 6 else name
