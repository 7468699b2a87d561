"""The values a scene is made of: nodes, edges, the scene, and the patch between two scenes.

Shapes: node ids are JSON Pointers of states (`/States/Each/ItemProcessor/States/Pay`); each scope's pseudo nodes are
`<pointer of its States map>#start`, `#end` and `#empty` (the placeholder of an empty container). Edge ids are the JSON
Pointers of the slots that hold the targets' names. Units: world pixels, whole numbers. `to_json` is what the browser gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

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


_NODE_X, _NODE_LANES = Node._fields.index("x"), Node._fields.index("branches")
_EDGE_POINTS = Edge._fields.index("points")

Painted: TypeAlias = tuple[dict[str, Node], dict[str, Edge]]


class Part:
    """One scope of a scene: what was laid out, where it stands, what a run or a check says of it. Painted when somebody looks.

    Two parts with the same `laid` object and equal `signs` differ by their place alone.
    """

    __slots__ = ("_paint", "_painted", "laid", "signs", "x", "y")

    def __init__(self, laid: object, signs: object, x: int, y: int, paint: Callable[[], Painted]) -> None:
        self.laid, self.signs, self.x, self.y = laid, signs, x, y
        self._paint = paint
        self._painted: Painted | None = None

    def painted(self) -> Painted:
        """The nodes and edges of the scope, by id."""
        if self._painted is None:
            self._painted = self._paint()
        return self._painted

    def shift_to(self, other: Part) -> tuple[int, int] | None:
        """By how much this part moved to become another; None where more changed."""
        if self.laid is not other.laid or self.signs != other.signs:
            return None
        if (self.x, self.y) == (other.x, other.y) and other._painted is None:
            other._painted = self._painted
        return (other.x - self.x, other.y - self.y)


class Scene:
    """All nodes (containers before what they contain) and edges, and the size of the whole. Immutable.

    `parts`: the same by scope, the outer before the inner: most of a large scene is never painted anew after an edit.
    """

    def __init__(self, parts: dict[str, Part], width: int, height: int) -> None:
        self.parts, self.width, self.height = parts, width, height

    @cached_property
    def nodes(self) -> dict[str, Node]:
        return {key: node for part in self.parts.values() for key, node in part.painted()[0].items()}

    @cached_property
    def edges(self) -> dict[str, Edge]:
        return {key: edge for part in self.parts.values() for key, edge in part.painted()[1].items()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scene):
            return NotImplemented
        return (self.width, self.height, self.nodes, self.edges) == (other.width, other.height, other.nodes, other.edges)

    __hash__ = None  # pyright: ignore[reportAssignmentType] - compared by content, as a list is

    def to_json(self) -> dict[str, Any]:
        return {
            "nodes": [node.to_json() for node in self.nodes.values()],
            "edges": [edge.to_json() for edge in self.edges.values()],
            "width": self.width,
            "height": self.height,
        }


def patch(old: Scene | None, new: Scene) -> dict[str, Any]:
    """What turns `old` into `new`, as the browser applies it; `full` where there was nothing before.

    `nodes` and `edges` say what was added, updated, removed, and what only moved, as `[id, dx, dy]`; `shifted` are whole scopes
    of which everything moved, as `[scope, dx, dy]` (not what is in the scopes inside them: these have entries of their own).
    """
    nodes, edges = _no_changes(), _no_changes()
    shifted: list[list[Any]] = []
    before = old.parts if old is not None else {}
    for key, part in new.parts.items():
        was = before.get(key)
        shift = was.shift_to(part) if was is not None else None
        if shift is None:
            for into, first, second in zip((nodes, edges), was.painted() if was is not None else ({}, {}), part.painted(), strict=True):
                _changes(into, first, second)
        elif shift != (0, 0):
            shifted.append([key, *shift])
    for key, was in before.items():
        if key not in new.parts:
            for into, first in zip((nodes, edges), was.painted(), strict=True):
                _changes(into, first, {})
    return {"nodes": nodes, "edges": edges, "shifted": shifted, "width": new.width, "height": new.height, "full": old is None}


def is_empty(change: Mapping[str, Any]) -> bool:
    """Whether a patch changes nothing that is drawn."""
    return not change["full"] and not change["shifted"] and not any(list_ for kind in ("nodes", "edges") for list_ in change[kind].values())


def _no_changes() -> dict[str, list[Any]]:
    return {"added": [], "updated": [], "moved": [], "removed": []}


def _changes(into: dict[str, list[Any]], old: Mapping[str, Node | Edge], new: Mapping[str, Node | Edge]) -> None:
    """Adds what was added, updated and removed; and what only moved, as `[id, dx, dy]`: most of a large scope after an insertion."""
    for key, item in new.items():
        before = old.get(key)
        if before is None:
            into["added"].append(item.to_json())
        elif before != item:
            shift = _shift(before, item)
            if shift is None:
                into["updated"].append(item.to_json())
            else:
                into["moved"].append([key, *shift])
    into["removed"].extend(key for key in old if key not in new)


def _shift(before: Node | Edge, after: Node | Edge) -> tuple[float, float] | None:
    """By how much something moved that is the same otherwise; None where more changed."""
    match before, after:
        case Node(), Node():
            dx, dy = after.x - before.x, after.y - before.y
            same = before[:_NODE_X] == after[:_NODE_X] and before[_NODE_LANES + 1 :] == after[_NODE_LANES + 1 :]
            moved = [_shifted(rect, dx, dy) for rect in before.branches]
            return (dx, dy) if same and moved == list(after.branches) else None
        case Edge(), Edge() if before.points and len(before.points) == len(after.points):
            if before[:_EDGE_POINTS] != after[:_EDGE_POINTS] or before.taken != after.taken:
                return None
            (ax, ay), (bx, by) = before.points[0], after.points[0]
            dx, dy = bx - ax, by - ay
            for (x, y), (there_x, there_y) in zip(before.points, after.points, strict=True):
                if there_x - x != dx or there_y - y != dy:
                    return None
            box = before.label_box
            return (dx, dy) if (_shifted(box, dx, dy) if box else None) == after.label_box else None
        case _:
            return None


def _shifted(rect: Rect, dx: float, dy: float) -> Rect:
    return Rect(rect.x + dx, rect.y + dy, rect.w, rect.h)
