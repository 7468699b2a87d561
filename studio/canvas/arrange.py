"""Bottom-up half of a scene: scopes with their sizes, each laid out alone, relative to its own corner.

Theory of operation: `Arranger.scope` lays out what is inside a scope's states first, whose sizes are then those of boxes in
the scope's own plan. A scope is remembered by the identity of its machine's value: definition values are never mutated, and
an edit makes new ones only on the way from it to the root; and where the value is new, `layout.place` may still know the plan.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

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

START, END = asl_graph.START, asl_graph.END
LABEL_SIZE = 11
_CONTAINER_MIN_W = 288
_LANE_MIN_W = 96


@dataclass(slots=True)
class Arranged:
    """A laid-out scope. `text` is its pointer, `parent` the id of the state around it; `edges` holds for each link of the
    layout the first fields of its `Edge`.
    """

    pointer: Pointer
    text: str
    parent: str | None
    placed: Placed
    states: list[Boxed] = field(default_factory=list["Boxed"])
    links: list[asl_graph.Transition] = field(default_factory=list[asl_graph.Transition])
    edges: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    start: bool = True
    end: bool = True
    containers: list[tuple[int, Boxed]] = field(default_factory=list[tuple[int, "Boxed"]])
    """The open containers among `states`, each with its place there."""


@dataclass(slots=True)
class Boxed:
    """A state of a laid-out scope: its size, the first fields of its `Node`, its accessible name (without status) and, where it
    is an open container, its lanes relative to its corner.
    """

    node: asl_graph.StateNode
    id: str
    face: faces.Face
    w: int
    h: int
    container: bool = False
    leaving: list[asl_graph.Transition] = field(default_factory=list[asl_graph.Transition])
    lanes: list[tuple[Rect, Arranged]] = field(default_factory=list[tuple[Rect, Arranged]])
    first: tuple[Any, ...] = ()
    label: str = ""


_LAID: dict[tuple[str, int], tuple[Json, Arranged]] = {}
_LAID_LIMIT = 4096


class Arranger:
    """Lays out the scopes of one definition. `collapsed`: ids of containers shown closed; `positions`: hand-placed states."""

    def __init__(
        self, root: Json, graph: asl_graph.Graph, collapsed: Collection[str], positions: Mapping[str, tuple[float, float]]
    ) -> None:
        self.root = root
        self.graph = graph
        self.collapsed = collapsed
        self.positions = positions
        self.special = {node.pointer[:n] for node in self._special() for n in range(1, len(node.pointer))}
        """Scopes around states that are closed or placed by hand: what is kept of others does not fit these."""
        self.transitions: dict[Pointer, list[asl_graph.Transition]] = {}
        for transition in graph.transitions:
            self.transitions.setdefault(transition.scope, []).append(transition)

    def _special(self) -> Iterator[asl_graph.StateNode]:
        if self.collapsed or self.positions:
            for node in self.graph.states.values():
                if node.name in self.positions or (self.collapsed and tree.to_text(node.pointer) in self.collapsed):
                    yield node

    def scope(self, pointer: Pointer, text: str, parent: str | None) -> Arranged:
        if pointer in self.special:
            return self.anew(pointer, text, parent)
        machine = tree.get(self.root, pointer[:-1])
        known = _LAID.get((text, id(machine)))
        if known is not None and known[0] is machine:
            return known[1]
        laid = self.anew(pointer, text, parent)
        if len(_LAID) >= _LAID_LIMIT:
            _LAID.clear()
        _LAID[text, id(machine)] = (machine, laid)
        return laid

    def anew(self, pointer: Pointer, text: str, parent: str | None) -> Arranged:
        nested = len(pointer) > 1
        scope = self.graph.scopes.get(pointer)
        if scope is None or not scope.states:
            return _empty(pointer, text, parent)
        ways = self.transitions.get(pointer, [])
        order = _reading_order(scope, ways)
        states = [self.box(self.graph.states[*pointer, name], f"{text}/{_escaped(name)}") for name in order]
        index = {box.node.name: i + 1 for i, box in enumerate(states)}
        last = len(states) + 1
        names = {START: text + "#start", END: text + "#end", **{box.node.name: box.id for box in states}}
        laid = Arranged(pointer, text, parent, _NOTHING, states)
        plan_links: list[Link] = []
        catches: dict[str, int] = {}
        heads: list[tuple[Any, ...]] = []
        laid.end = not nested
        rank = {name: i for i, name in enumerate((START, *order))}
        for way in sorted(ways, key=lambda way: rank.get(way.source, 0)):
            source = 0 if way.source == START else index.get(way.source)
            target = last if way.target == END else index.get(way.target)
            if source is None or target is None:
                continue
            laid.end = laid.end or target == last
            full = self.full_label(way)
            label = ellipsis(full, LABEL_SIZE, LABEL_MAX_W - 2 * LABEL_PAD) if full else ""
            width = float(int(text_width(label, LABEL_SIZE)) + 2 * LABEL_PAD + 1) if label else 0.0
            plan_links.append(Link(source, target, way.kind, width))
            laid.links.append(way)
            inner = way.slot[len(pointer) + 1 :]
            slot = f"{names[way.source]}{_suffix(inner)}" if inner else f"{text.removesuffix('States')}StartAt"
            kind = ("branch" if nested else "next") if way.kind == "start" else way.kind
            heads.append((slot, way.source, way.target, names[way.source], names[way.target], text, kind, label, full, way.missing))
            if source:
                states[source - 1].leaving.append(way)
            if way.kind == "catch":
                catches[way.source] = catches.get(way.source, 0) + 1
        pill = Box(DOT, DOT) if nested else Box(PILL_W, PILL_H)
        boxes = [pill]
        for box in states:
            caught = catches.get(box.node.name, 0)
            boxes.append(Box(box.w, box.h, 20 + (caught - 1) * min(8.0, 40 / caught) if caught else 0))
        if laid.end:
            boxes.append(pill)
        plan = Plan(tuple(boxes), tuple(plan_links), laid.end)
        laid.placed = place(plan)
        hand = self.by_hand(plan, laid.placed.places[0], [box.node.name for box in states]) if self.positions else {}
        if hand:
            laid.placed = pinned(plan, laid.placed, hand)
        laid.edges = [(*head, back) for head, back in zip(heads, laid.placed.back, strict=True)]
        laid.containers = [(i, box) for i, box in enumerate(states) if box.lanes]
        for i, box in enumerate(states):
            box.label = faces.accessible(box.node, box.face, box.leaving)
            box.first = _first(box, text, parent, moved=i + 1 in hand)
        return laid

    def by_hand(self, plan: Plan, start: Point, names: list[str]) -> dict[int, Point]:
        """The corners of the boxes that a person placed: `positions` tell them from the middle of the start's upper edge."""
        middle = start.x + plan.boxes[0].w / 2
        found = ((i, plan.boxes[i].w, self.positions[name]) for i, name in enumerate(names, 1) if name in self.positions)
        return {i: Point(middle + x - w / 2, start.y + y) for i, w, (x, y) in found}

    def full_label(self, transition: asl_graph.Transition) -> str:
        text = transition.label
        if transition.missing:
            wanted = tree.get(self.root, transition.slot)
            if isinstance(wanted, str):
                text = f"{text} → {wanted}?" if text else f"→ {wanted}?"
        return text

    def box(self, node: asl_graph.StateNode, key: str) -> Boxed:
        face = faces.face(node)
        scopes = self.lanes_of(node)
        if not scopes:
            return Boxed(node, key, face, NODE_W, CHOICE_H if node.type == "Choice" else NODE_H)
        if key in self.collapsed:
            return Boxed(node, key, face, NODE_W, NODE_H, container=True)
        inner = [self.scope(pointer, key + tree.to_text(pointer[len(node.pointer) :]), key) for pointer in scopes]
        height = max(scope.placed.h for scope in inner) + 2 * PADDING
        widths = [max(_LANE_MIN_W, scope.placed.w + 2 * PADDING) for scope in inner]
        spare = _CONTAINER_MIN_W - sum(widths)
        if spare > 0:
            widths = [width + math.ceil(spare / len(widths)) for width in widths]
        widths[-1] += sum(widths) % 2  # even, so that its middle is a whole pixel
        lanes: list[tuple[Rect, Arranged]] = []
        x = 0.0
        for scope, width in zip(inner, widths, strict=True):
            lanes.append((Rect(x, HEADER_H, width, height), scope))
            x += width
        return Boxed(node, key, face, round(x), HEADER_H + round(height), lanes=lanes, container=True)

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


_NOTHING = Placed((), (), (), (), 0, 0)


def _empty(pointer: Pointer, text: str, parent: str | None) -> Arranged:
    """An empty scope: a placeholder, at the top level between start and end."""
    if parent is not None:
        return Arranged(pointer, text, parent, Placed((Point(0, 0),), (), (), (), NODE_W, NODE_H), start=False, end=False)
    placed = place(Plan((Box(PILL_W, PILL_H), Box(NODE_W, NODE_H), Box(PILL_W, PILL_H)), (Link(0, 1), Link(1, 2))))
    return Arranged(pointer, text, parent, placed._replace(routes=(), labels=(), back=()))


def _first(box: Boxed, scope: str, parent: str | None, *, moved: bool) -> tuple[Any, ...]:
    """The fields of a state's `Node` up to `moved`."""
    node, face = box.node, box.face
    collapsed = box.container and not box.lanes
    words = (face.title, face.subtitle, face.icon)
    return (
        box.id,
        node.name,
        node.type,
        "state",
        scope,
        parent,
        box.w,
        box.h,
        *words,
        box.container,
        collapsed,
        face.chips,
        face.malformed,
        moved,
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
