"""Third part of the layout: ports, heights of the gaps, and the polylines of the edges (see `layout` for the whole).

Theory of operation. Between two layers lies a *gap*. What an edge does sideways it does there, on a *track*: a horizontal
run at one height. A *net* is one such run with the verticals that meet it; nets are put in the order that crosses least, and
nets that would overlap get different tracks, which decides how high the gap must be. Edges to the end share one net.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.canvas.geometry import GAP_Y, LABEL_H, TRACK, Point, Rect, separate, simplify

if TYPE_CHECKING:
    from studio.canvas.layering import Draft

_CORNER = 24
"""Ports keep this far from a box's corners (a Choice's are cut)."""
_PORT_GAP = 16
_MANY_NETS = 60
_STUB = 12
"""How far right of a box a catch edge goes before it turns down."""


@dataclass(slots=True)
class Net:
    """One sideways run in a gap: where verticals come down to it (`above`) and leave below it (`below`)."""

    above: list[float]
    below: list[float]
    low: float = 0
    high: float = 0
    track: int = 0

    def span(self) -> None:
        both = self.above + self.below
        self.low, self.high = min(both), max(both)


@dataclass(slots=True)
class Hop:
    """A link's way through one gap: from x `a` to x `b`, and the net (None where it is straight)."""

    gap: int
    a: float
    b: float
    net: Net | None
    drop: float = -1
    """Where not negative: the run is not on a track but this far below the source's bottom, beside it in its own layer."""


@dataclass(slots=True)
class Routed:
    places: list[Point]
    routes: list[tuple[Point, ...]]
    labels: list[Rect | None]
    low: float
    high: float
    height: float


def route(work: Draft, x: list[float]) -> Routed:
    """Heights and routes; x may go below 0 or beyond the boxes where edges need it (`low`, `high`)."""
    bottoms, tops, exits = _ports(work, x)
    nets: list[list[Net]] = [[] for _ in range(len(work.layers) + 1)]
    hops = [_hops(work, x, index, (bottoms[index], tops[index]), nets) for index in range(len(work.plan.links))]
    tracks = [_assign(gap) for gap in nets]
    tops_of_layers, heights, gap_tops, height = _heights(work, tracks)
    count = len(work.plan.boxes)
    places = [Point(x[i] - work.widths[i] / 2, tops_of_layers[work.layer_of[i]]) for i in range(count)]

    def level(hop: Hop, bottom: float) -> float:
        if hop.drop >= 0:
            return bottom + hop.drop
        assert hop.net is not None
        return gap_tops[hop.gap] + hop.net.track * TRACK

    routes: list[tuple[Point, ...]] = []
    labels: list[Rect | None] = []
    for index, link in enumerate(work.plan.links):
        box, target = work.plan.boxes[link.source], work.plan.boxes[link.target]
        source_place, target_place = places[link.source], places[link.target]
        points: list[Point] = []
        if index in exits:
            y = source_place.y + exits[index] * (min(box.h, 56) if box.h <= 56 else 32)
            points.append(Point(source_place.x + box.w, y))
            points.append(Point(bottoms[index], y))
        else:
            points.append(Point(bottoms[index], source_place.y + box.h))
        for hop in hops[index]:
            if hop.net is not None or hop.drop >= 0:
                y = level(hop, source_place.y + box.h)
                points.append(Point(hop.a, y))
                points.append(Point(hop.b, y))
        points.append(Point(tops[index], target_place.y))
        assert target.h >= 0
        routes.append(tuple(simplify(points)))
        item = work.label_items[index]
        if item < 0:
            labels.append(None)
        else:
            width = work.widths[item] - 12
            labels.append(Rect(x[item] - width / 2, tops_of_layers[work.layer_of[item]], width, LABEL_H))
    every = [point.x for points in routes for point in points]
    low = min([0.0, *every])
    high = max([*(x[i] + work.widths[i] / 2 for i in range(len(x))), *every], default=0.0)
    assert len(heights) == len(work.layers)
    return Routed(places, routes, labels, low, high, height)


def _ports(work: Draft, x: list[float]) -> tuple[list[float], list[float], dict[int, float]]:
    """Per link the x where it leaves and where it enters; and for catch edges the share of the box's height at which they leave
    its right side.
    """
    links = work.plan.links
    bottoms = [0.0] * len(links)
    tops = [0.0] * len(links)
    leaving: dict[int, list[int]] = {}
    entering: dict[int, list[int]] = {}
    catching: dict[int, list[int]] = {}
    for index, link in enumerate(links):
        (catching if link.kind == "catch" else leaving).setdefault(link.source, []).append(index)
        entering.setdefault(link.target, []).append(index)

    def after(index: int) -> float:
        chain = work.chains[index]
        if len(chain) > 1:
            return x[chain[1]]
        return x[work.lanes[index][0]]

    for box, indexes in leaving.items():
        _spread(box, {i: (after(i), 1.0) for i in indexes}, bottoms, work, x)
    exits: dict[int, float] = {}
    for box, indexes in catching.items():
        edge = x[box] + work.widths[box] / 2
        indexes.sort(key=lambda i: (after(i), i))
        step = min(8.0, 40 / len(indexes))
        spare = work.plan.boxes[box].margin + 20
        for nth, index in enumerate(indexes):
            bottoms[index] = edge + _STUB + nth * step
            if len(indexes) == 1 and edge + 8 <= after(index) <= edge + spare:
                bottoms[index] = after(index)
            exits[index] = 0.5 + (0.28 * (0.5 - (nth + 0.5) / len(indexes)) * 2 if len(indexes) > 1 else 0)

    end = len(work.plan.boxes) - 1 if work.plan.has_end else -1
    for box, indexes in entering.items():
        if box == end:
            for index in indexes:
                tops[index] = x[box]
            continue
        before: dict[int, tuple[float, float]] = {}
        around: dict[int, tuple[int, float]] = {}
        for index in indexes:
            chain = work.chains[index]
            if work.back[index]:
                lane = x[work.lanes[index][-1]]
                before[index] = (lane, 1.0)
                around[index] = (-1 if lane < x[box] else 1, -lane)
            else:
                before[index] = (x[chain[-2]] if len(chain) > 2 else bottoms[index], 1.0 if links[index].kind == "catch" else 20.0)
        _spread(box, before, tops, work, x, around)
    return bottoms, tops, exits


def _spread(
    box: int,
    towards: dict[int, tuple[float, float]],
    ports: list[float],
    work: Draft,
    x: list[float],
    around: dict[int, tuple[int, float]] | None = None,
) -> None:
    """Ports along one side of a box, each as near as possible to where its edge goes; `towards`: (x, how much that matters) per link.

    `around`: of links that come up a lane and turn over the box, its side (-1 or 1) and minus its x: of two lanes at one side the
    outer one reaches further in, as they would cross otherwise.
    """
    middle = x[box]
    reach = max(0.0, work.widths[box] / 2 - _CORNER)
    if len(towards) == 1:
        index = next(iter(towards))
        near = abs(towards[index][0] - middle) <= min(12, reach)
        ports[index] = towards[index][0] if near else middle
        return
    beyond = around or {}
    ordered = sorted(towards, key=lambda i: (*beyond.get(i, (0, towards[i][0])), towards[i][1], i))
    gap = min(_PORT_GAP, 2 * reach / (len(ordered) - 1))
    wanted = [min(max(towards[i][0], middle - reach), middle + reach) for i in ordered]
    placed = separate(wanted, [gap] * (len(ordered) - 1), [towards[i][1] for i in ordered])
    for nth, (index, value) in enumerate(zip(ordered, placed, strict=True)):
        low, high = middle - reach + nth * gap, middle + reach - (len(ordered) - 1 - nth) * gap
        ports[index] = float(round(min(max(value, low), high)))


def _hops(work: Draft, x: list[float], index: int, ports: tuple[float, float], nets: list[list[Net]]) -> list[Hop]:
    """The sideways moves of one link from port to port, registering its nets. Gap i lies above layer i."""
    link = work.plan.links[index]
    chain = work.chains[index]
    layer = work.layer_of[link.source]
    hops: list[Hop] = []
    here, top_port = ports
    passing = chain[1:] if work.back[index] else chain[1:-1]
    for item in passing:
        layer += 1
        hops.append(_hop(layer, here, x[item], nets))
        here = x[item]
    layer += 1
    if work.back[index]:
        lane = work.lanes[index]
        side = x[lane[0]]
        early = _early_turn(work, index)
        if early:
            hops.append(Hop(layer, here, side, None, early))
        else:
            turn = Net([here, side], [])
            nets[layer].append(turn)
            hops.append(Hop(layer, here, side, turn))
        here = side
        for item in lane[1:]:
            layer -= 1
            if x[item] != here:  # the lane could not be kept straight
                net = Net([x[item]], [here])
                nets[layer].append(net)
                hops.append(Hop(layer, here, x[item], net))
                here = x[item]
        top = work.layer_of[link.target]
        turn = Net([], [here, top_port])
        nets[top].append(turn)
        hops.append(Hop(top, here, top_port, turn))
        return hops
    if work.plan.has_end and link.target == len(work.plan.boxes) - 1:
        hops.append(_to_end(layer, here, top_port, nets))
    else:
        hops.append(_hop(layer, here, top_port, nets))
    return hops


def _early_turn(work: Draft, index: int) -> float:
    """How far below its source a back link may already turn to its lane, 0 if it must wait for the gap: beside a tall neighbour
    a short box has room below itself, if nothing but lanes is between.
    """
    link = work.plan.links[index]
    if len(work.chains[index]) > 1 or link.kind == "catch":
        return 0
    layer = work.layers[work.layer_of[link.source]]
    count = len(work.plan.boxes)
    a, b = sorted((layer.index(link.source), layer.index(work.lanes[index][0])))
    box = work.plan.boxes[link.source]
    tallest = max(work.plan.boxes[item].h for item in layer if item < count)
    same = [i for i, back in enumerate(work.back) if back and work.plan.links[i].source == link.source and len(work.chains[i]) == 1]
    drop = 14.0 + TRACK * same.index(index)
    if box.h + drop + 20 > tallest or any(item < count for item in layer[a + 1 : b]):
        return 0
    return drop


def _hop(gap: int, a: float, b: float, nets: list[list[Net]]) -> Hop:
    if abs(a - b) < 0.5:
        return Hop(gap, a, b, None)
    net = Net([a], [b])
    nets[gap].append(net)
    return Hop(gap, a, b, net)


def _to_end(gap: int, a: float, b: float, nets: list[list[Net]]) -> Hop:
    """All edges into the end share one run."""
    if abs(a - b) < 0.5:
        return Hop(gap, a, b, None)
    shared = next((net for net in nets[gap] if net.below == [b]), None)
    if shared is None:
        shared = Net([a], [b])
        nets[gap].append(shared)
    else:
        shared.above.append(a)
    return Hop(gap, a, b, shared)


def _cost(upper: Net, lower: Net) -> int:
    """Crossings, and verticals on top of each other (counted 50), if `upper` lies above `lower`."""
    if upper.high + 4 < lower.low or lower.high + 4 < upper.low:
        return 0
    cost = 0
    for a in upper.below:
        cost += lower.low < a < lower.high
        cost += 50 * any(abs(a - b) < 5 for b in lower.above)
    for b in lower.above:
        cost += upper.low < b < upper.high
    return cost


def _assign(nets: list[Net]) -> int:
    """Give each net of a gap its track; the number of tracks."""
    for net in nets:
        net.span()
    nets.sort(key=lambda net: (net.low, net.high))
    order: list[Net] = []
    if len(nets) > _MANY_NETS:
        order = sorted(nets, key=lambda net: (net.high - net.low, net.low))
    else:
        for net in nets:
            # Where the new net costs least among those already ordered: going down, one more net lies above it.
            cost = sum(_cost(net, other) for other in order)
            best, best_at = cost, 0
            for at, other in enumerate(order):
                cost += _cost(other, net) - _cost(net, other)
                if cost < best:
                    best, best_at = cost, at + 1
            order.insert(best_at, net)
    top = 0
    for at, net in enumerate(order):
        net.track = 0
        for other in order[:at]:
            if other.low - 8 < net.high and net.low < other.high + 8:
                net.track = max(net.track, other.track + 1)
        top = max(top, net.track + 1)
    return top


def _heights(work: Draft, tracks: list[int]) -> tuple[list[float], list[float], list[float], float]:
    """Top and height of each layer, the y of track 0 in each gap, and the height of the whole."""
    count = len(work.plan.boxes)
    tops: list[float] = []
    heights: list[float] = []
    gap_tops: list[float] = []
    y = 0.0
    for at, layer in enumerate(work.layers):
        above_is_label, label = at - 1 in work.label_layers, at in work.label_layers
        before, after = 20, 20
        if label:
            before, after = (14, 14) if tracks[at] else (8, 8)
        if above_is_label:
            before, after = (14, 22) if tracks[at] else (8, 16)
        if at == 0:
            before, after = (0, 22) if tracks[at] else (0, 0)
        gap_tops.append(y + before)
        size = before + after + max(0, tracks[at] - 1) * TRACK
        if at and not label and not above_is_label:
            size = max(size, GAP_Y)
        y += size
        tops.append(y)
        height = LABEL_H if label else max((work.plan.boxes[i].h for i in layer if i < count), default=0)
        heights.append(height)
        y += height
    gap_tops.append(y + 14)
    if tracks[len(work.layers)]:
        y += 14 + (tracks[len(work.layers)] - 1) * TRACK + 2
    return tops, heights, gap_tops, y
