"""The scene: everything a canvas draws, with absolute coordinates, as plain values.

Theory of operation: `arrange` lays out the scopes of the definition bottom-up, each relative to its own corner; `build` then
walks them top-down, gives every scope its absolute place, and adds what a run or a check says of it (statuses, problems).
A scene is immutable; the browser gets `patch(old, new)` after each change. What an edit did not touch is neither laid out nor
painted anew: its scopes are the same objects, which at most stand elsewhere. Shapes and units: see `shapes`.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import NamedTuple, Protocol

from studio.asl import graph as asl_graph
from studio.asl import tree
from studio.asl.tree import Json, Pointer
from studio.canvas import faces
from studio.canvas.arrange import END, START, Arranged, Arranger
from studio.canvas.geometry import DOT, NODE_H, NODE_W, PADDING, PILL_H, PILL_W, Point, Rect
from studio.canvas.shapes import Edge, Node, Painted, Part, Scene, is_empty, patch

__all__ = ["Edge", "Node", "Scene", "build", "is_empty", "patch"]

_MARGIN = 24


class Finding(Protocol):
    """What the scene reads of a diagnostic."""

    @property
    def severity(self) -> str: ...
    @property
    def pointer(self) -> Pointer: ...


def build(
    root: Json,
    *,
    graph: asl_graph.Graph | None = None,
    collapsed: Collection[str] = frozenset(),
    diagnostics: Iterable[Finding] = (),
    statuses: Mapping[str, str] | None = None,
    taken: Collection[object] = frozenset(),
    mocked: Collection[str] = frozenset(),
    breakpoints: Collection[str] = frozenset(),
    positions: Mapping[str, tuple[float, float]] | None = None,
) -> Scene:
    """The scene of any JSON; never raises.

    `collapsed`: ids of containers shown closed. `statuses`, `mocked`, `breakpoints`: by state name. `taken`: transitions that a run took, as
    slots or (source, target) names. `positions`: states that a person placed, by name (`asl.places`).
    """
    known = graph or asl_graph.build(root)
    arranger = Arranger(root, known, collapsed, positions or {})
    signs = Signs(_problems(known, collapsed, diagnostics), statuses or {}, taken, mocked, breakpoints)
    top = arranger.scope(("States",), "/States", None)
    parts: dict[str, Part] = {}
    _stand(parts, top, _MARGIN, _MARGIN, signs)
    return Scene(parts, round(top.placed.w) + 2 * _MARGIN, round(top.placed.h) + 2 * _MARGIN)


def _stand(parts: dict[str, Part], laid: Arranged, dx: int, dy: int, signs: Signs) -> None:
    """Adds a scope, its top left corner at (dx, dy), and those inside it."""
    seen = signs.of(laid)
    parts[laid.text] = Part(laid, seen, dx, dy, partial(_paint, laid, dx, dy, seen))
    for i, box in laid.containers:
        spot = laid.placed.places[i + 1]
        left, top = int(dx + spot.x), int(dy + spot.y)
        for lane, inner in box.lanes:
            _stand(parts, inner, left + round(lane.x + (lane.w - inner.placed.w) / 2), top + round(lane.y) + PADDING, signs)


def _problems(graph: asl_graph.Graph, collapsed: Collection[str], diagnostics: Iterable[Finding]) -> dict[Pointer, tuple[int, int, int]]:
    """Counts by state: each finding belongs to the innermost state around it, or the collapsed container that hides that."""
    counts: dict[Pointer, list[int]] = {}
    for finding in diagnostics:
        owner: Pointer | None = None
        for length in range(2, len(finding.pointer) + 1):
            prefix = finding.pointer[:length]
            if prefix in graph.states:
                owner = prefix
                if collapsed and tree.to_text(prefix) in collapsed:
                    break
        if owner is not None and finding.severity in ("error", "warning", "hint"):
            counts.setdefault(owner, [0, 0, 0])[("error", "warning", "hint").index(finding.severity)] += 1
    return {pointer: (a, b, c) for pointer, (a, b, c) in counts.items()}


class Seen(NamedTuple):
    """What a run and a check say of one scope: per state its problems, status and marks, per transition whether it was taken."""

    states: tuple[tuple[tuple[int, int, int], str | None, bool, bool], ...]
    taken: tuple[bool, ...]


_CLEAR = ((0, 0, 0), None, False, False)


class Signs:
    """What is said of a definition besides itself, asked by scope."""

    def __init__(
        self,
        problems: Mapping[Pointer, tuple[int, int, int]],
        statuses: Mapping[str, str],
        taken: Collection[object],
        mocked: Collection[str],
        breakpoints: Collection[str],
    ) -> None:
        self.problems = problems
        self.statuses = statuses
        self.taken = taken
        self.mocked = mocked
        self.breakpoints = breakpoints
        self.any = bool(problems or statuses or taken or mocked or breakpoints)

    def of(self, laid: Arranged) -> Seen | None:
        """What is said of a scope; None where nothing is."""
        if not self.any:
            return None
        nothing = (0, 0, 0)
        states = tuple(
            [
                (
                    self.problems.get(box.node.pointer, nothing),
                    self.statuses.get(box.node.name),
                    box.node.name in self.mocked,
                    box.node.name in self.breakpoints,
                )
                for box in laid.states
            ]
        )
        taken = self.taken
        went = tuple([link.slot in taken or (link.source, link.target) in taken for link in laid.links]) if taken else ()
        return Seen(states, went) if any(went) or any(state != _CLEAR for state in states) else None


def _paint(laid: Arranged, dx: int, dy: int, seen: Seen | None) -> Painted:
    """A scope's nodes and edges, its top left corner at (dx, dy)."""
    nodes: dict[str, Node] = {}
    edges: dict[str, Edge] = {}
    placed = laid.placed
    places = placed.places
    if laid.start:
        _pseudo(nodes, "start", laid, dx, dy, places[0])
    if not laid.states:
        _pseudo(nodes, "empty", laid, dx, dy, places[1] if laid.start else places[0])
    signs = seen.states if seen is not None else itertools.repeat(_CLEAR)
    for box, spot, (problems, status, mocked, stops) in zip(laid.states, places[1:], signs, strict=False):
        left, top = int(dx + spot.x), int(dy + spot.y)
        label = faces.accessible(box.node, box.face, box.leaving, status) if status else box.label
        lanes = tuple([Rect(left + int(lane.x), top + int(lane.y), int(lane.w), int(lane.h)) for lane, _ in box.lanes])
        nodes[box.id] = Node._make((*box.first, label, left, top, lanes, problems, status, mocked, stops))
    if laid.end:
        _pseudo(nodes, "end", laid, dx, dy, places[-1])
    point, edge = Point._make, Edge._make
    taken = (seen.taken if seen is not None else ()) or itertools.repeat(False)
    for first, route, label, went in zip(laid.edges, placed.routes, placed.labels, taken, strict=False):
        points = tuple([point((x + dx, y + dy)) for x, y in route])
        box = Rect(label.x + dx, label.y + dy, label.w, label.h) if label else None
        edges[first[0]] = edge((*first, points, box, went))
    return nodes, edges


def _pseudo(nodes: dict[str, Node], kind: str, laid: Arranged, dx: int, dy: int, spot: Point) -> None:
    nested = laid.parent is not None
    w, h = (NODE_W, NODE_H) if kind == "empty" else (DOT, DOT) if nested else (PILL_W, PILL_H)
    title = "Drop a state here" if kind == "empty" else "" if nested else kind.capitalize()
    label = title or f"{kind} of {(laid.parent or '').rsplit('/', 1)[-1]}"
    key = f"{laid.text}#{kind}"
    nodes[key] = Node(
        id=key,
        name={"start": START, "end": END}.get(kind, ""),
        type="",
        kind=kind,
        scope=laid.text,
        parent=laid.parent,
        w=w,
        h=h,
        title=title,
        subtitle="",
        icon="add" if kind == "empty" else "",
        container=False,
        collapsed=False,
        chips=(),
        malformed=False,
        moved=False,
        label=label,
        x=int(dx + spot.x),
        y=int(dy + spot.y),
    )
