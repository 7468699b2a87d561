"""Second part of the layout: the x of everything, given ordered layers (see `layout` for the whole).

Theory of operation. Sweeps down and up move each item to the weighted median of its neighbours' positions; in each layer
`separate` then restores order and distances with the least movement. What should be one vertical line (the virtual items of
a long edge, a chain of states with a single way through) is a *column*; after the sweeps each column is set to one exact x
wherever its neighbours leave room for that.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from studio.canvas.geometry import GAP_X, separate

if TYPE_CHECKING:
    from studio.canvas.layering import Draft

_ROUNDS = 5
_PUSHES = 24
_RELAX = 6
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
    pull, following = _pulls(work)

    gaps: list[list[float]] = []
    x = [0.0] * len(half)
    for layer in work.layers:
        gap = [right[a] + half[b] + _apart(a, b, count) for a, b in pairwise(layer)]
        gaps.append(gap)
        at = -sum(gap) / 2
        for i, item in enumerate(layer):
            x[item] = at
            if i < len(gap):
                at += gap[i]

    order = list(enumerate(work.layers))
    if len(order) > 1:
        columns = _columns(work, following)
        up = [sum([weight for _, weight, _ in around]) or 0.3 for around in pull.up]
        down = [sum([weight for _, weight, _ in around]) or 0.3 for around in pull.down]
        for turn in range(_ROUNDS):
            before = list(x)
            for at, layer in order[1:]:
                _settle(layer, gaps[at], pull.up, up, x)
            for at, layer in order[-2::-1]:
                _settle(layer, gaps[at], pull.down, down, x)
            settled = all(abs(a - b) < 0.5 for a, b in zip(before, x, strict=True))
            if settled or turn >= _ROUNDS - 2:
                _straighten(columns, work, gaps, pull, x)
            if settled:
                break
        _centre_pseudo(work, pull, gaps, x)
    shift = min((x[i] - half[i] for i in range(len(half))), default=0.0)
    return [float(round(value - shift)) for value in x]


def _apart(a: int, b: int, count: int) -> float:
    if a < count and b < count:
        return GAP_X
    return _BESIDE if a < count or b < count else 0


def _pulls(work: Draft) -> tuple[_Pull, dict[int, int]]:
    """The pulls between neighbours; and for each item the one below it that belongs to the same column."""
    plan = work.plan
    count = len(plan.boxes)
    pull = _Pull(len(work.widths))
    outs = [0] * len(work.widths)
    ins = [0] * len(work.widths)
    for index, link in enumerate(plan.links):
        chain = work.chains[index]
        for upper, lower in pairwise(chain):
            outs[upper] += link.kind != "catch" or upper >= count
            ins[lower] += link.kind != "catch" or lower >= count
    following: dict[int, int] = {}
    for index, link in enumerate(plan.links):
        chain = work.chains[index]
        caught = link.kind == "catch"
        for upper, lower in pairwise(chain):
            if caught and upper < count:
                box = plan.boxes[upper]
                pull.join(upper, lower, 1, box.w / 2 + min(box.margin, 20), up_weight=0.05)
                continue
            single = outs[upper] == 1 and (ins[lower] == 1 or (caught and ins[lower] == 0))
            both_virtual = upper >= count and lower >= count
            weight = 8.0 if both_virtual else 4.0 if single else 2.0 if link.kind == "next" else 1.0
            if caught and lower < count and ins[lower]:
                pull.up[lower].append((upper, 0.1, 0.0))  # the handler's other ways in decide where it stands
            else:
                pull.join(upper, lower, weight)
            if single:
                following[upper] = lower
        lane = work.lanes[index]
        for lower, upper in pairwise(lane):
            pull.join(upper, lower, 8)
            following[upper] = lower
        if lane:  # a lane keeps near its two ends, which it does not draw to itself
            pull.up[lane[-1]].append((link.target, 0.2, 0.0))
            pull.down[lane[0]].append((chain[-1], 0.2, 0.0))
    return pull, following


def _columns(work: Draft, following: dict[int, int]) -> list[list[int]]:
    """Chains of `following`, the longest first; where two would cross, the shorter is cut."""
    at = [0] * len(work.widths)
    for layer in work.layers:
        for i, item in enumerate(layer):
            at[item] = i
    length: dict[int, int] = {}
    for head in sorted(set(following) - set(following.values())):
        chain = _chain(head, following)
        length.update(dict.fromkeys(chain, len(chain)))
    for layer in work.layers:
        kept: list[int] = []
        for upper in sorted((item for item in layer if item in following), key=lambda item: (-length[item], at[item])):
            lower = following[upper]
            if any((at[upper] - at[other]) * (at[lower] - at[following[other]]) <= 0 for other in kept):
                del following[upper]
            else:
                kept.append(upper)
    heads = sorted(set(following) - set(following.values()))
    return sorted((_chain(head, following) for head in heads), key=len, reverse=True)


def _chain(head: int, following: dict[int, int]) -> list[int]:
    chain = [head]
    while chain[-1] in following:
        chain.append(following[chain[-1]])
    return chain


def _settle(layer: list[int], gaps: list[float], pulls: list[list[tuple[int, float, float]]], weights: list[float], x: list[float]) -> None:
    """Move the items of one layer towards their neighbours, keeping order and distances."""
    wanted = [_median(pulls[item], x) if pulls[item] else x[item] for item in layer]
    for i, gap in enumerate(gaps):
        if wanted[i + 1] - wanted[i] < gap:
            wanted = separate(wanted, gaps, [weights[item] for item in layer])
            break
    for item, value in zip(layer, wanted, strict=True):
        x[item] = value


def _median(around: list[tuple[int, float, float]], x: list[float]) -> float:
    """The weighted median; the middle of the two where the weights part evenly."""
    if len(around) == 1:
        item, _, offset = around[0]
        return x[item] + offset
    if len(around) == 2:
        (a, a_weight, a_offset), (b, b_weight, b_offset) = around
        if a_weight == b_weight:
            return (x[a] + a_offset + x[b] + b_offset) / 2
        return x[a] + a_offset if a_weight > b_weight else x[b] + b_offset
    points = sorted([(x[item] + offset, weight) for item, weight, offset in around])
    half = sum([weight for _, weight in points]) / 2
    passed = 0.0
    for i, (value, weight) in enumerate(points):
        passed += weight
        if passed > half:
            return value
        if passed == half:
            return (value + points[i + 1][0]) / 2
    return points[-1][0]


def _straighten(columns: list[list[int]], work: Draft, gaps: list[list[float]], pull: _Pull, x: list[float]) -> None:
    """Give each column one x. Columns do not cross, so "left of" among them has no cycle: what is too near is pushed apart a
    few times (long columns move less), then the rest of the way to the right, left ones first; and at last each column moves
    to the median of its neighbours as far as there is room.
    """
    total = len(x)
    block = list(range(total))
    places: list[float] = list(x)
    weights = [1.0] * total
    for column in columns:
        head = column[0]
        spots = sorted(x[item] for item in column)
        places[head] = spots[len(spots) // 2]
        weights[head] = float(len(column))
        for item in column:
            block[item] = head
    nearest: dict[tuple[int, int], float] = {}
    for layer, gap in zip(work.layers, gaps, strict=True):
        for a, b, distance in zip(layer, layer[1:], gap, strict=False):
            pair = (block[a], block[b])
            if distance > nearest.get(pair, 0.0):
                nearest[pair] = distance
    rules = [(a, b, distance) for (a, b), distance in nearest.items()]
    for _ in range(_PUSHES):
        moved = False
        for a, b, distance in rules:
            lack = distance - (places[b] - places[a])
            if lack > 0.25:
                share = weights[b] / (weights[a] + weights[b])
                places[a] -= lack * share
                places[b] += lack * (1 - share)
                moved = True
        if not moved:
            break
    _push_right(rules, places)
    _relax(block, rules, pull, places)
    for item in range(total):
        x[item] = places[block[item]]


def _relax(block: list[int], rules: list[tuple[int, int, float]], pull: _Pull, places: list[float]) -> None:
    """Move each column towards its neighbours, not nearer to the columns beside it than the rules say."""
    left: dict[int, list[tuple[int, float]]] = {}
    right: dict[int, list[tuple[int, float]]] = {}
    for a, b, distance in rules:
        right.setdefault(a, []).append((b, distance))
        left.setdefault(b, []).append((a, distance))
    around: dict[int, list[tuple[int, float, float]]] = {}
    for item, head in enumerate(block):
        mine = around.setdefault(head, [])
        for other, weight, offset in (*pull.up[item], *pull.down[item]):
            if block[other] != head:
                mine.append((block[other], weight, offset))
    heads = [head for head, mine in around.items() if mine and (head in left or head in right)]
    for turn in range(_RELAX):
        moved = False
        for head in heads if turn % 2 else reversed(heads):
            wanted = _median(around[head], places)
            here = places[head]
            if abs(wanted - here) < 0.25:
                continue
            if wanted < here:
                low = max([places[a] + distance for a, distance in left.get(head, ())], default=wanted)
                value = max(wanted, min(low, here))
            else:
                high = min([places[b] - distance for b, distance in right.get(head, ())], default=wanted)
                value = min(wanted, max(high, here))
            if abs(value - here) > 0.25:
                places[head] = value
                moved = True
        if not moved:
            break
    for head, mine in around.items():
        if mine and head not in left and head not in right:
            places[head] = _median(mine, places)


def _push_right(rules: list[tuple[int, int, float]], places: list[float]) -> None:
    """Satisfy every rule `places[b] >= places[a] + distance`, in topological order."""
    after: dict[int, list[tuple[int, float]]] = {}
    waiting: dict[int, int] = {}
    for a, b, distance in rules:
        after.setdefault(a, []).append((b, distance))
        waiting[b] = waiting.get(b, 0) + 1
        waiting.setdefault(a, 0)
    ready = [item for item, count in waiting.items() if not count]
    while ready:
        a = ready.pop()
        for b, distance in after.get(a, ()):
            places[b] = max(places[b], places[a] + distance)
            waiting[b] -= 1
            if not waiting[b]:
                ready.append(b)


def _centre_pseudo(work: Draft, pull: _Pull, gaps: list[list[float]], x: list[float]) -> None:
    """Start straight above the first state, the end below the middle of what leads there."""
    one = [1.0] * len(x)
    _settle(work.layers[0], gaps[0], pull.down, one, x)
    if work.plan.has_end and len(work.layers) > 1:
        _settle(work.layers[-1], gaps[-1], pull.up, one, x)
