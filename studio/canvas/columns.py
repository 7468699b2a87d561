"""Second part of the layout: the x of everything, given ordered layers (see `layout` for the whole).

Theory of operation. Sweeps down and up move each item to the weighted median of its neighbours' positions; in each layer
`separate` then restores order and distances with the least movement. What should be one vertical line (the virtual items of
a long edge, a chain of states with a single way through) is a *column*; after the sweeps each column is set to one exact x
wherever its neighbours leave room for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.canvas.geometry import GAP_X, separate

if TYPE_CHECKING:
    from studio.canvas.layering import Draft

_ROUNDS = 5
_BESIDE = 12
"""Between a box and an edge that passes it."""


class _Pull:
    """How strongly an item is drawn to a neighbour: `(item, weight, offset)` wants `x[item] + offset`."""

    __slots__ = ("down", "up")

    def __init__(self, count: int) -> None:
        self.down: list[list[tuple[int, float, float]]] = [[] for _ in range(count)]
        self.up: list[list[tuple[int, float, float]]] = [[] for _ in range(count)]

    def join(self, upper: int, lower: int, weight: float, offset: float = 0.0, *, up_weight: float | None = None) -> None:
        """`offset`: how far right of the upper item's middle the edge leaves."""
        self.down[upper].append((lower, weight if up_weight is None else up_weight, -offset))
        self.up[lower].append((upper, weight, offset))


def place_columns(work: Draft) -> list[float]:
    """The x of each item's middle, whole numbers; the leftmost extent of the picture is at 0."""
    boxes = work.plan.boxes
    count = len(boxes)
    half = [width / 2 for width in work.widths]
    right = [half[i] + (boxes[i].margin if i < count else 0) for i in range(len(half))]
    pull, columns = _pulls(work)

    gaps: list[list[float]] = []
    x = [0.0] * len(half)
    for layer in work.layers:
        gap = [right[a] + half[b] + _apart(a, b, count) for a, b in zip(layer, layer[1:], strict=False)]
        gaps.append(gap)
        at = -sum(gap) / 2
        for i, item in enumerate(layer):
            x[item] = at
            if i < len(gap):
                at += gap[i]

    order = list(enumerate(work.layers))
    for turn in range(_ROUNDS if len(order) > 1 else 0):
        for at, layer in order[1:]:
            _settle(layer, gaps[at], pull.up, x)
        for at, layer in order[-2::-1]:
            _settle(layer, gaps[at], pull.down, x)
        if turn >= _ROUNDS - 2:
            _straighten(columns, work, gaps, x)
    _centre_pseudo(work, pull, gaps, x)
    shift = min((x[i] - half[i] for i in range(len(half))), default=0.0)
    return [float(round(value - shift)) for value in x]


def _apart(a: int, b: int, count: int) -> float:
    if a < count and b < count:
        return GAP_X
    return _BESIDE if a < count or b < count else 0


def _pulls(work: Draft) -> tuple[_Pull, list[list[int]]]:
    plan = work.plan
    count = len(plan.boxes)
    pull = _Pull(len(work.widths))
    outs = [0] * len(work.widths)
    ins = [0] * len(work.widths)
    pairs: list[tuple[int, int, str]] = []
    for index, link in enumerate(plan.links):
        chain = work.chains[index]
        for upper, lower in zip(chain, chain[1:], strict=False):
            pairs.append((upper, lower, link.kind))
            if link.kind != "catch" or upper >= count:
                outs[upper] += 1
            ins[lower] += 1
        lane = work.lanes[index]
        for lower, upper in zip(lane, lane[1:], strict=False):
            pull.join(upper, lower, 8)
    following: dict[int, int] = {}
    for upper, lower, kind in pairs:
        virtual = (upper >= count) + (lower >= count)
        if kind == "catch" and upper < count:
            box = plan.boxes[upper]
            pull.join(upper, lower, 1, box.w / 2 + min(box.margin, 20), up_weight=0.05)
            continue
        single = outs[upper] == 1 and ins[lower] == 1
        weight = 8.0 if virtual == 2 else 4.0 if single else 2.0 if kind == "next" else 1.0
        pull.join(upper, lower, weight)
        if outs[upper] == 1 and ins[lower] == 1:
            following[upper] = lower
    columns: list[list[int]] = []
    heads = set(following) - set(following.values())
    for head in sorted(heads):
        column = [head]
        while column[-1] in following:
            column.append(following[column[-1]])
        columns.append(column)
    columns.extend(lane for lane in work.lanes if len(lane) > 1)
    columns.sort(key=len, reverse=True)
    return pull, columns


def _settle(layer: list[int], gaps: list[float], pulls: list[list[tuple[int, float, float]]], x: list[float]) -> None:
    """Move the items of one layer towards their neighbours, keeping order and distances."""
    if len(layer) == 1:
        item = layer[0]
        if pulls[item]:
            x[item] = _median(pulls[item], x)
        return
    wanted: list[float] = []
    weights: list[float] = []
    for item in layer:
        around = pulls[item]
        if around:
            wanted.append(_median(around, x))
            weights.append(sum(weight for _, weight, _ in around))
        else:
            wanted.append(x[item])
            weights.append(0.3)
    for item, value in zip(layer, separate(wanted, gaps, weights), strict=True):
        x[item] = value


def _median(around: list[tuple[int, float, float]], x: list[float]) -> float:
    """The weighted median; the middle of the two where the weights part evenly."""
    if len(around) == 1:
        item, _, offset = around[0]
        return x[item] + offset
    points = sorted((x[item] + offset, weight) for item, weight, offset in around)
    half = sum(weight for _, weight in points) / 2
    passed = 0.0
    for i, (value, weight) in enumerate(points):
        passed += weight
        if passed > half:
            return value
        if passed == half:
            return (value + points[i + 1][0]) / 2
    return points[-1][0]


def _straighten(columns: list[list[int]], work: Draft, gaps: list[list[float]], x: list[float]) -> None:
    """Give each column one x, where its neighbours leave room."""
    at: dict[int, int] = {}
    for layer in work.layers:
        for i, item in enumerate(layer):
            at[item] = i
    for column in columns:
        low, high = float("-inf"), float("inf")
        for item in column:
            index = work.layer_of[item]
            layer, i = work.layers[index], at[item]
            if i:
                low = max(low, x[layer[i - 1]] + gaps[index][i - 1])
            if i + 1 < len(layer):
                high = min(high, x[layer[i + 1]] - gaps[index][i])
        if low <= high:
            places = sorted(x[item] for item in column)
            value = min(max(places[len(places) // 2], low), high)
            for item in column:
                x[item] = value


def _centre_pseudo(work: Draft, pull: _Pull, gaps: list[list[float]], x: list[float]) -> None:
    """Start straight above the first state, the end below the middle of what leads there."""
    _settle(work.layers[0], gaps[0], pull.down, x)
    if work.plan.has_end and len(work.layers) > 1:
        _settle(work.layers[-1], gaps[-1], pull.up, x)
