"""The scene: everything a canvas draws, with absolute coordinates, as plain values.

Theory of operation: `arrange` lays out the scopes of the definition bottom-up, each relative to its own corner; `build` then
walks them top-down, gives everything its absolute place, and adds what a run or a check says of it (statuses, problems).
A scene is immutable; the browser gets `patch(old, new)` after each change. Shapes and units: see `shapes`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from studio.asl import graph as asl_graph
from studio.asl import tree
from studio.asl.tree import Json, Pointer
from studio.canvas import faces
from studio.canvas.arrange import END, START, Arranged, Arranger, Boxed
from studio.canvas.geometry import DOT, NODE_H, NODE_W, PADDING, PILL_H, PILL_W, Point, Rect
from studio.canvas.shapes import EMPTY, Edge, Node, Scene, patch

__all__ = ["EMPTY", "Edge", "Node", "Scene", "build", "patch"]

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
    painter = _Painter(_problems(known, collapsed, diagnostics), statuses or {}, taken, mocked, breakpoints)
    top = arranger.scope(("States",), "/States", None)
    painter.scope(top, _MARGIN, _MARGIN)
    return Scene(painter.nodes, painter.edges, round(top.placed.w) + 2 * _MARGIN, round(top.placed.h) + 2 * _MARGIN)


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


class _Painter:
    """Collects the nodes and edges of a scene."""

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
        self.nodes: dict[str, Node] = {}
        self.edges: dict[str, Edge] = {}

    def scope(self, laid: Arranged, dx: int, dy: int) -> None:
        """Add a scope's nodes and edges, its top left corner at (dx, dy)."""
        placed = laid.placed
        places = placed.places
        if laid.start:
            self.pseudo("start", laid, dx, dy, places[0])
        if not laid.states:
            self.pseudo("empty", laid, dx, dy, places[1] if laid.start else places[0])
        for box, spot in zip(laid.states, places[1:], strict=False):
            self.state(box, int(dx + spot.x), int(dy + spot.y))
        if laid.end:
            self.pseudo("end", laid, dx, dy, places[-1])
        taken, edges, point, edge = self.taken, self.edges, Point._make, Edge._make
        for first, link, route, label in zip(laid.edges, laid.links, placed.routes, placed.labels, strict=True):
            points = tuple([point((x + dx, y + dy)) for x, y in route])
            box = Rect(label.x + dx, label.y + dy, label.w, label.h) if label else None
            went = bool(taken) and (link.slot in taken or (link.source, link.target) in taken)
            edges[first[0]] = edge((*first, points, box, went))

    def state(self, box: Boxed, left: int, top: int) -> None:
        name = box.node.name
        status = self.statuses.get(name)
        label = faces.accessible(box.node, box.face, box.leaving, status) if status else box.label
        lanes: list[Rect] = []
        for lane, _ in box.lanes:
            lanes.append(Rect(left + int(lane.x), top + int(lane.y), int(lane.w), int(lane.h)))
        problems = self.problems.get(box.node.pointer, (0, 0, 0)) if self.problems else (0, 0, 0)
        marks = (name in self.mocked, name in self.breakpoints)
        self.nodes[box.id] = Node._make((*box.first, label, left, top, tuple(lanes), problems, status, *marks))
        for lane, inner in box.lanes:
            self.scope(inner, left + round(lane.x + (lane.w - inner.placed.w) / 2), top + round(lane.y) + PADDING)

    def pseudo(self, kind: str, laid: Arranged, dx: int, dy: int, spot: Point) -> None:
        nested = laid.parent is not None
        w, h = (NODE_W, NODE_H) if kind == "empty" else (DOT, DOT) if nested else (PILL_W, PILL_H)
        title = "Drop a state here" if kind == "empty" else "" if nested else kind.capitalize()
        label = title or f"{kind} of {(laid.parent or '').rsplit('/', 1)[-1]}"
        key = f"{laid.text}#{kind}"
        self.nodes[key] = Node(
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
