"""Layout of one scope: where its boxes stand and how its edges run. Pure and deterministic; equal plans are laid out once.

Theory of operation. No edge of a definition crosses the border of a Map or Parallel, so each scope is laid out alone and
its size becomes the size of a box in the scope around it (`scene` works bottom-up). One scope is cut where all its ways meet
in one state (`pieces`), and each piece goes through three parts in the manner of Sugiyama: `layering` (layers and order),
`columns` (x), `routing` (y, ports, edges). `place` and `place_piece` keep the layouts they have made, so that an edit costs
the pieces it touches in the scopes on the way from it to the root; what is kept depends on nothing but the plan, so a layout
after many edits is the very one that the definition gets when it is opened.

Concurrency: `place` may be called from several threads; at worst a plan is laid out twice.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from typing import NamedTuple

from studio.canvas.columns import place_columns
from studio.canvas.geometry import GAP_Y, LABEL_H, Point, Rect, simplify
from studio.canvas.layering import Box, Link, Plan, draft
from studio.canvas.pieces import Piece, cut
from studio.canvas.routing import route
from studio.canvas.trunks import bundled

__all__ = ["Box", "Link", "Placed", "Plan", "pinned", "place"]


class Placed(NamedTuple):
    """The layout of a plan, with its top left corner at (0, 0): per box its corner, per link its polyline, the rectangle of
    its label (None without) and whether it runs back up.
    """

    places: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    labels: tuple[Rect | None, ...]
    back: tuple[bool, ...]
    w: float
    h: float


@lru_cache(maxsize=8192)
def place(plan: Plan) -> Placed:
    """Lay out one scope."""
    shared = bundled(plan)
    if shared is None:
        return _stacked(plan)
    placed, states, ways = _stacked(shared.plan), len(plan.boxes) - plan.has_end, len(plan.links)
    knots = range(states, len(shared.plan.boxes) - plan.has_end)
    routes = list(placed.routes)
    for link in range(len(routes) - 1, ways - 1, -1):  # the trunks from below: a link and all that follows it
        if shared.plan.links[link].target in knots:
            routes[link] = tuple(simplify([*routes[link], *routes[link + 1]]))
    for way, link in shared.joins.items():
        routes[way] = tuple(simplify([*routes[way], *routes[link]]))
    return placed._replace(
        places=(*placed.places[:states], *placed.places[knots.stop :]),
        routes=tuple(routes[:ways]),
        labels=placed.labels[:ways],
        back=placed.back[:ways],
    )


def _stacked(plan: Plan) -> Placed:
    """The pieces of a plan one below the other, so that a state between two of them stands at one place in both."""
    pieces = cut(plan)
    if len(pieces) == 1:
        return place_piece(plan)
    laid: list[tuple[Piece, Placed, float, float]] = []
    x, y = Point(0, 0)
    left, right, bottom = x, x, y
    for piece in pieces:
        placed = place_piece(piece.plan)
        first, last = placed.places[0], placed.places[-1]
        dx, dy = x - first.x, y - first.y
        laid.append((piece, placed, dx, dy))
        left, right, bottom = min(left, dx), max(right, dx + placed.w), dy + placed.h
        x, y = last.x + dx, last.y + dy

    places: list[Point] = [Point(0, 0)] * len(plan.boxes)
    routes: list[tuple[Point, ...]] = [()] * len(plan.links)
    labels: list[Rect | None] = [None] * len(plan.links)
    back = [False] * len(plan.links)
    point = Point._make
    for piece, placed, moved, dy in laid:
        dx = moved - left
        for box, (px, py) in zip(piece.boxes, placed.places, strict=True):
            places[box] = point((px + dx, py + dy))
        for link, points, label, up in zip(piece.links, placed.routes, placed.labels, placed.back, strict=True):
            routes[link] = tuple([point((px + dx, py + dy)) for px, py in points])
            labels[link] = label.moved(dx, dy) if label is not None else None
            back[link] = up
    return Placed(tuple(places), tuple(routes), tuple(labels), tuple(back), right - left, bottom)


@lru_cache(maxsize=16_384)
def place_piece(plan: Plan) -> Placed:
    """Lay out a plan as a whole, on whole pixels."""
    work = draft(plan)
    x = place_columns(work)
    routed = route(work, x)
    return _whole(
        Placed(tuple(routed.places), tuple(routed.routes), tuple(routed.labels), tuple(work.back), routed.high, routed.height),
        routed.low,
        0,
    )


def _whole(placed: Placed, left: float, top: float) -> Placed:
    """The layout on whole pixels, with (left, top) moved to the origin. `w` and `h` are the right and lower bound as given."""
    dx, dy = -math.floor(left), -math.floor(top)
    return Placed(
        tuple(Point(round(x) + dx, round(y) + dy) for x, y in placed.places),
        tuple(tuple(Point(round(x) + dx, round(y) + dy) for x, y in points) for points in placed.routes),
        tuple(Rect(round(box.x) + dx, round(box.y) + dy, round(box.w), round(box.h)) if box else None for box in placed.labels),
        placed.back,
        math.ceil(placed.w) + dx,
        math.ceil(placed.h) + dy,
    )


def pinned(plan: Plan, placed: Placed, hand: dict[int, Point]) -> Placed:
    """The layout with some boxes put by hand (offsets from the scope's corner); their edges run directly, all else stays."""
    places = [hand.get(i, spot) for i, spot in enumerate(placed.places)]
    far = max(spot.x + box.w for spot, box in zip(places, plan.boxes, strict=True)) + 24
    routes: list[tuple[Point, ...]] = []
    labels: list[Rect | None] = []
    for link, points, label in zip(plan.links, placed.routes, placed.labels, strict=True):
        if link.source not in hand and link.target not in hand:
            routes.append(points)
            labels.append(label)
            continue
        source, target = plan.boxes[link.source], plan.boxes[link.target]
        a, b = places[link.source], places[link.target]
        start = Point(a.x + source.w / 2, a.y + source.h)
        end = Point(b.x + target.w / 2, b.y)
        if end.y >= start.y + 16:
            others = [(p, b) for i, (p, b) in enumerate(zip(places, plan.boxes, strict=True)) if i not in (link.source, link.target)]
            middle = (start.y + end.y) / 2
            turns = (middle, min(middle, start.y + GAP_Y / 2), max(middle, end.y - GAP_Y / 2))
            ways = [[start, Point(start.x, turn), Point(end.x, turn), end] for turn in turns]
            way = min(ways, key=lambda way: _crossed(way, others))
            spot = Point(end.x, way[1].y + 4) if abs(start.x - end.x) > 1 else Point(end.x, middle - LABEL_H / 2)
        else:
            way = [start, Point(start.x, start.y + 14), Point(far, start.y + 14), Point(far, end.y - 14), Point(end.x, end.y - 14), end]
            spot = Point(far, (start.y + end.y) / 2)
        routes.append(tuple(simplify(way)))
        labels.append(Rect(spot.x - link.label / 2, spot.y, link.label, LABEL_H) if link.label else None)
    left = min(0.0, *(p.x for p in places), *(p.x for points in routes for p in points))
    top = min(0.0, *(p.y for p in places), *(p.y for points in routes for p in points))
    right = max(*(s.x + box.w for s, box in zip(places, plan.boxes, strict=True)), *(p.x for points in routes for p in points), placed.w)
    bottom = max(*(s.y + box.h for s, box in zip(places, plan.boxes, strict=True)), *(p.y for points in routes for p in points), placed.h)
    return _whole(Placed(tuple(places), tuple(routes), tuple(labels), placed.back, right, bottom), left, top)


def _crossed(way: list[Point], boxes: list[tuple[Point, Box]]) -> int:
    """How many boxes an orthogonal way runs through, counted by its runs."""
    return sum(
        min(a.x, b.x) < spot.x + box.w and max(a.x, b.x) > spot.x and min(a.y, b.y) < spot.y + box.h and max(a.y, b.y) > spot.y
        for a, b in itertools.pairwise(way)
        for spot, box in boxes
    )
