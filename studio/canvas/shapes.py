"""The values a scene is made of: nodes, edges, the scene, and the patch between two scenes.

Shapes: node ids are JSON Pointers of states (`/States/Each/ItemProcessor/States/Pay`); each scope's pseudo nodes are
`<pointer of its States map>#start`, `#end` and `#empty` (the placeholder of an empty container). Edge ids are the JSON
Pointers of the slots that hold the targets' names. Units: world pixels, whole numbers. `to_json` is what the browser gets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from studio.canvas.geometry import Point, Rect


class Node(NamedTuple):
    """A box of the picture: a state, or the start, end or placeholder of a scope.

    (Nodes and edges are named tuples because thousands of them are made and compared after each edit.)
    """

    id: str
    name: str
    type: str
    kind: str
    """`state`, `start`, `end` or `empty`."""
    scope: str
    parent: str | None
    w: int
    h: int
    title: str
    subtitle: str
    icon: str
    container: bool
    collapsed: bool
    chips: tuple[str, ...]
    malformed: bool
    moved: bool
    # What depends on more than the state itself comes last, so that `scene` can put the rest together once.
    label: str
    x: int
    y: int
    branches: tuple[Rect, ...] = ()
    problems: tuple[int, int, int] = (0, 0, 0)
    """Errors, warnings, hints."""
    status: str | None = None
    mocked: bool = False
    breakpoint: bool = False
    """Whether a run stops before it."""

    @property
    def rect(self) -> Rect:
        return Rect(self.x, self.y, self.w, self.h)

    def to_json(self) -> dict[str, Any]:
        error, warning, hint = self.problems
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "kind": self.kind,
            "scope": self.scope,
            "parent": self.parent,
            "x": self.x,
            "y": self.y,
            "w": self.w,
            "h": self.h,
            "title": self.title,
            "subtitle": self.subtitle,
            "icon": self.icon,
            "container": self.container,
            "collapsed": self.collapsed,
            "branches": [{"x": r.x, "y": r.y, "w": r.w, "h": r.h} for r in self.branches],
            "chips": list(self.chips),
            "problems": {"error": error, "warning": warning, "hint": hint},
            "malformed": self.malformed,
            "status": self.status,
            "moved": self.moved,
            "mocked": self.mocked,
            "breakpoint": self.breakpoint,
            "label": self.label,
        }


class Edge(NamedTuple):
    """A transition. `label` is what is drawn (cut to fit `label_box`), `full_label` all of it."""

    slot: str
    source: str
    target: str
    source_id: str
    target_id: str
    scope: str
    kind: str
    """`next`, `choice`, `default`, `catch`, or `branch` from a nested scope's start."""
    label: str
    full_label: str
    missing: bool
    back: bool
    points: tuple[Point, ...]
    label_box: Rect | None = None
    taken: bool = False

    @property
    def id(self) -> str:
        return self.slot

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.slot,
            "slot": self.slot,
            "from": self.source,
            "to": self.target,
            "fromId": self.source_id,
            "toId": self.target_id,
            "scope": self.scope,
            "kind": self.kind,
            "label": self.label,
            "fullLabel": self.full_label,
            "labelBox": list(self.label_box) if self.label_box else None,
            "points": [[p.x, p.y] for p in self.points],
            "missing": self.missing,
            "taken": self.taken,
            "back": self.back,
        }


@dataclass(frozen=True, slots=True)
class Scene:
    """All nodes (containers before what they contain) and edges, and the size of the whole."""

    nodes: dict[str, Node]
    edges: dict[str, Edge]
    width: int
    height: int

    def to_json(self) -> dict[str, Any]:
        return {
            "nodes": [node.to_json() for node in self.nodes.values()],
            "edges": [edge.to_json() for edge in self.edges.values()],
            "width": self.width,
            "height": self.height,
        }


EMPTY = Scene({}, {}, 0, 0)


def patch(old: Scene | None, new: Scene) -> dict[str, Any]:
    """What turns `old` into `new`, as the browser applies it; `full` where there was nothing before."""
    before = old or EMPTY
    return {
        "nodes": _changes(before.nodes, new.nodes),
        "edges": _changes(before.edges, new.edges),
        "width": new.width,
        "height": new.height,
        "full": old is None,
    }


def _changes(old: Mapping[str, Node | Edge], new: Mapping[str, Node | Edge]) -> dict[str, Any]:
    """Added, updated, removed; and what only moved, as `[id, dx, dy]`: most of a large scene after an insertion."""
    updated: list[dict[str, Any]] = []
    moved: list[list[Any]] = []
    for key, item in new.items():
        before = old.get(key)
        if before is None or before == item:
            continue
        shift = _shift(before, item)
        if shift is None:
            updated.append(item.to_json())
        else:
            moved.append([key, *shift])
    return {
        "added": [item.to_json() for key, item in new.items() if key not in old],
        "updated": updated,
        "moved": moved,
        "removed": [key for key in old if key not in new],
    }


def _shift(before: Node | Edge, after: Node | Edge) -> tuple[float, float] | None:
    """By how much something moved that is the same otherwise; None where more changed."""
    match before, after:
        case Node(), Node():
            dx, dy = after.x - before.x, after.y - before.y
            moved = before._replace(x=after.x, y=after.y, branches=tuple(_shifted(r, dx, dy) for r in before.branches))
        case Edge(), Edge() if before.points and after.points:
            dx, dy = after.points[0].x - before.points[0].x, after.points[0].y - before.points[0].y
            box = before.label_box
            points = tuple(Point(p.x + dx, p.y + dy) for p in before.points)
            moved = before._replace(points=points, label_box=_shifted(box, dx, dy) if box else None)
        case _:
            return None
    return (dx, dy) if moved == after else None


def _shifted(rect: Rect, dx: float, dy: float) -> Rect:
    return Rect(rect.x + dx, rect.y + dy, rect.w, rect.h)
