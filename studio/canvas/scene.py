"""The scene: everything a canvas draws, with absolute coordinates, as plain values; and the patch between two scenes.

Theory of operation: `build` reads the definition's graph, lays out each scope bottom-up (`layout.place` remembers scopes it
has seen) and then walks top-down to give everything its absolute place. A scene is immutable; the browser gets `to_json` of
nodes and edges once and `patch(old, new)` after each change.

Shapes and units: see `shapes`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from studio.asl import graph as asl_graph
from studio.asl import tree
from studio.asl.tree import Json, Pointer
from studio.canvas import faces
from studio.canvas.geometry import (
    CHOICE_H,
    DOT,
    HEADER_H,
    LABEL_MAX_W,
    LABEL_PAD,
    NODE_H,
    NODE_W,
    PADDING,
    PILL_H,
    PILL_W,
    Point,
    Rect,
    ellipsis,
    text_width,
)
from studio.canvas.layout import Box, Link, Placed, Plan, pinned, place
from studio.canvas.shapes import EMPTY, Edge, Node, Scene, patch

__all__ = ["EMPTY", "Edge", "Node", "Scene", "build", "patch"]

START, END = asl_graph.START, asl_graph.END
LABEL_SIZE = 11
_CONTAINER_MIN_W = 288
_LANE_MIN_W = 96


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
    positions: Mapping[str, tuple[float, float]] | None = None,
) -> Scene:
    """The scene of any JSON; never raises.

    `collapsed`: ids of containers shown closed. `statuses`, `mocked`: by state name. `taken`: transitions that a run took, as
    slots or (source, target) names. `positions`: hand-placed states, by id, as offsets from their scope's top left corner.
    """
    known = graph or asl_graph.build(root)
    builder = _Builder(root, known)
    builder.collapsed = collapsed
    builder.problems = _problems(known, collapsed, diagnostics)
    builder.statuses = statuses or {}
    builder.taken = taken
    builder.mocked = mocked
    builder.positions = positions or {}
    return builder.scene()


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


@dataclass(slots=True)
class _Scope:
    """A laid-out scope: its plan's boxes and links with what they stand for."""

    pointer: Pointer
    text: str
    states: list[_Box]
    links: list[asl_graph.Transition]
    labels: list[str]
    placed: Placed
    start: bool
    end: bool


@dataclass(slots=True)
class _Box:
    """A state of a laid-out scope with its size and, where it is an open container, its lanes relative to its corner."""

    node: asl_graph.StateNode
    id: str
    face: faces.Face
    w: float
    h: float
    leaving: list[asl_graph.Transition] = field(default_factory=list)
    lanes: list[tuple[Rect, _Scope]] = field(default_factory=list)
    container: bool = False
    moved: bool = False


class _Builder:
    def __init__(self, root: Json, graph: asl_graph.Graph) -> None:
        self.root = root
        self.graph = graph
        self.collapsed: Collection[str] = ()
        self.problems: dict[Pointer, tuple[int, int, int]] = {}
        self.statuses: Mapping[str, str] = {}
        self.taken: Collection[object] = ()
        self.mocked: Collection[str] = ()
        self.positions: Mapping[str, tuple[float, float]] = {}
        self.nodes: dict[str, Node] = {}
        self.edges: dict[str, Edge] = {}
        self.transitions: dict[Pointer, list[asl_graph.Transition]] = {}
        for transition in graph.transitions:
            self.transitions.setdefault(transition.scope, []).append(transition)

    def scene(self) -> Scene:
        top = self.lay_out(("States",), "/States")
        margin = 24
        self.emit(top, margin, margin, None)
        return Scene(self.nodes, self.edges, round(top.placed.w) + 2 * margin, round(top.placed.h) + 2 * margin)

    # -- bottom-up: sizes ----------------------------------------------------------------------------------------------

    def lay_out(self, pointer: Pointer, text: str) -> _Scope:
        nested = len(pointer) > 1
        scope = self.graph.scopes.get(pointer)
        if scope is None or not scope.states:
            return self.empty(pointer, text, nested=nested)
        ways = self.transitions.get(pointer, [])
        order = _reading_order(scope, ways)
        states = [self.box(self.graph.states[*pointer, name], f"{text}/{_escaped(name)}") for name in order]
        index = {box.node.name: i + 1 for i, box in enumerate(states)}
        last = len(states) + 1
        links: list[asl_graph.Transition] = []
        labels: list[str] = []
        plan_links: list[Link] = []
        catches: dict[str, int] = {}
        ends = not nested
        rank = {name: i for i, name in enumerate((START, *order))}
        for transition in sorted(ways, key=lambda way: rank.get(way.source, 0)):
            source = 0 if transition.source == START else index.get(transition.source)
            target = last if transition.target == END else index.get(transition.target)
            if source is None or target is None:
                continue
            ends = ends or target == last
            label = self.label(transition)
            links.append(transition)
            labels.append(label)
            width = float(int(text_width(label, LABEL_SIZE)) + 2 * LABEL_PAD + 1) if label else 0.0
            plan_links.append(Link(source, target, transition.kind, width))
            if source:
                states[source - 1].leaving.append(transition)
            if transition.kind == "catch":
                catches[transition.source] = catches.get(transition.source, 0) + 1
        pill = Box(DOT, DOT) if nested else Box(PILL_W, PILL_H)
        boxes = [pill]
        for box in states:
            caught = catches.get(box.node.name, 0)
            boxes.append(Box(box.w, box.h, 20 + (caught - 1) * min(8.0, 40 / caught) if caught else 0))
        if ends:
            boxes.append(pill)
        else:
            last = -1
        plan = Plan(tuple(boxes), tuple(plan_links), ends)
        placed = place(plan)
        hand = {i + 1: Point(*self.positions[box.id]) for i, box in enumerate(states) if self.positions and box.id in self.positions}
        if hand:
            for i in hand:
                states[i - 1].moved = True
            placed = pinned(plan, placed, hand)
        return _Scope(pointer, text, states, links, labels, placed, start=True, end=ends)

    def empty(self, pointer: Pointer, text: str, *, nested: bool) -> _Scope:
        """An empty scope: a placeholder, at the top level between start and end."""
        if nested:
            only = Placed((Point(0, 0),), (), (), (), NODE_W, NODE_H)
            return _Scope(pointer, text, [], [], [], only, start=False, end=False)
        places = place(Plan((Box(PILL_W, PILL_H), Box(NODE_W, NODE_H), Box(PILL_W, PILL_H)), (Link(0, 1), Link(1, 2))))
        places = places._replace(routes=(), labels=(), back=())
        return _Scope(pointer, text, [], [], [], places, start=True, end=True)

    def label(self, transition: asl_graph.Transition) -> str:
        text = self.full_label(transition)
        return ellipsis(text, LABEL_SIZE, LABEL_MAX_W - 2 * LABEL_PAD) if text else ""

    def full_label(self, transition: asl_graph.Transition) -> str:
        text = transition.label
        if transition.missing:
            wanted = tree.get(self.root, transition.slot)
            if isinstance(wanted, str):
                text = f"{text} → {wanted}?" if text else f"→ {wanted}?"
        return text

    def box(self, node: asl_graph.StateNode, key: str) -> _Box:
        face = faces.face(node)
        scopes = self.lanes_of(node)
        if not scopes:
            return _Box(node, key, face, NODE_W, CHOICE_H if node.type == "Choice" else NODE_H)
        if key in self.collapsed:
            return _Box(node, key, face, NODE_W, NODE_H, container=True)
        inner = [self.lay_out(pointer, key + tree.to_text(pointer[len(node.pointer) :])) for pointer in scopes]
        height = max(scope.placed.h for scope in inner) + 2 * PADDING
        widths = [max(_LANE_MIN_W, scope.placed.w + 2 * PADDING) for scope in inner]
        spare = _CONTAINER_MIN_W - sum(widths)
        if spare > 0:
            widths = [width + math.ceil(spare / len(widths)) for width in widths]
        widths[-1] += sum(widths) % 2  # even, so that its middle is a whole pixel
        lanes: list[tuple[Rect, _Scope]] = []
        x = 0.0
        for scope, width in zip(inner, widths, strict=True):
            lanes.append((Rect(x, HEADER_H, width, height), scope))
            x += width
        return _Box(node, key, face, x, HEADER_H + height, lanes=lanes, container=True)

    def lanes_of(self, node: asl_graph.StateNode) -> list[Pointer]:
        """The scopes inside a state; for a Map or Parallel that has none yet, the one a first state would make."""
        if node.children:
            return list(node.children)
        if not isinstance(node.value, dict):
            return []
        if node.type == "Map":
            return [(*node.pointer, "ItemProcessor", "States")]
        if node.type == "Parallel":
            return [(*node.pointer, "Branches", 0, "States")]
        return []

    # -- top-down: places ----------------------------------------------------------------------------------------------

    def emit(self, scope: _Scope, dx: int, dy: int, parent: str | None) -> None:
        """Add a scope's nodes and edges, its top left corner at (dx, dy)."""
        text = scope.text
        places = scope.placed.places
        names = {START: text + "#start", END: text + "#end"}
        depth = len(scope.pointer) + 1
        if scope.start:
            self.pseudo("start", scope, dx + places[0].x, dy + places[0].y, parent)
        if not scope.states:
            spot = places[1] if scope.start else places[0]
            self.pseudo("empty", scope, dx + spot.x, dy + spot.y, parent)
        for box, spot in zip(scope.states, places[1:], strict=False):
            names[box.node.name] = box.id
            self.state(box, text, int(dx + spot.x), int(dy + spot.y), parent)
        if scope.end:
            self.pseudo("end", scope, dx + places[-1].x, dy + places[-1].y, parent)
        nested = len(scope.pointer) > 1
        placed, taken, make = scope.placed, self.taken, Point._make
        for link, label, route, box, back in zip(scope.links, scope.labels, placed.routes, placed.labels, placed.back, strict=True):
            rest = link.slot[depth:]
            slot = f"{names[link.source]}{_suffix(rest)}" if rest else f"{text.removesuffix('States')}StartAt"
            kind = ("branch" if nested else "next") if link.kind == "start" else link.kind
            self.edges[slot] = Edge(
                slot,
                link.source,
                link.target,
                names[link.source],
                names[link.target],
                text,
                kind,
                tuple([make((x + dx, y + dy)) for x, y in route]),
                label,
                self.full_label(link) if label else "",
                box.moved(dx, dy) if box else None,
                link.missing,
                bool(taken) and (link.slot in taken or (link.source, link.target) in taken),
                back,
            )

    def state(self, box: _Box, scope: str, left: int, top: int, parent: str | None) -> None:
        node, face, key = box.node, box.face, box.id
        status = self.statuses.get(node.name)
        self.nodes[key] = Node(
            key,
            node.name,
            node.type,
            "state",
            scope,
            parent,
            left,
            top,
            round(box.w),
            round(box.h),
            face.title,
            face.subtitle,
            face.icon,
            faces.accessible(node, face, box.leaving, status),
            box.container,
            box.container and not box.lanes,
            tuple(
                Rect(left + round(lane.x), top + round(lane.y), round(lane.right) - round(lane.x), round(lane.h)) for lane, _ in box.lanes
            ),
            face.chips,
            self.problems.get(node.pointer, (0, 0, 0)),
            face.malformed,
            status,
            box.moved,
            node.name in self.mocked,
        )
        for lane, inner in box.lanes:
            self.emit(inner, left + round(lane.x + (lane.w - inner.placed.w) / 2), top + round(lane.y) + PADDING, key)

    def pseudo(self, kind: str, scope: _Scope, x: float, y: float, parent: str | None) -> None:
        text = scope.text
        nested = parent is not None
        w, h = (NODE_W, NODE_H) if kind == "empty" else (DOT, DOT) if nested else (PILL_W, PILL_H)
        title = "Drop a state here" if kind == "empty" else "" if nested else kind.capitalize()
        label = title or ("start of " if kind == "start" else "end of ") + (parent or "").rsplit("/", 1)[-1]
        self.nodes[f"{text}#{kind}"] = Node(
            f"{text}#{kind}",
            {"start": START, "end": END}.get(kind, ""),
            "",
            kind,
            text,
            parent,
            int(x),
            int(y),
            w,
            h,
            title,
            "",
            "add" if kind == "empty" else "",
            label,
        )


def _reading_order(scope: asl_graph.Scope, ways: list[asl_graph.Transition]) -> list[str]:
    """The names of a scope's states as a depth-first walk from its start meets them, then the others as written: so that a
    layout does not depend on the order of keys in `States`.
    """
    onward: dict[str, list[str]] = {}
    for way in ways:
        onward.setdefault(way.source, []).append(way.target)
    seen: dict[str, None] = {}
    stack = [START]
    while stack:
        name = stack.pop()
        if name in seen or name == END:
            continue
        seen[name] = None
        stack.extend(reversed(onward.get(name, [])))
    del seen[START]
    seen.update(dict.fromkeys(str(pointer[-1]) for pointer in scope.states))
    return list(seen)


def _escaped(part: str | int) -> str:
    """One part of a pointer as it stands in JSON Pointer text."""
    return str(part).replace("~", "~0").replace("/", "~1")


@lru_cache(maxsize=1024)
def _suffix(rest: Pointer) -> str:
    return tree.to_text(rest)
