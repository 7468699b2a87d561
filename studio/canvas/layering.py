"""First half of the layout: which layer everything is in, and in which order (see `layout` for the whole).

Theory of operation. A *plan* is one scope: boxes and links. `draft(plan)` turns it into layers of *items*: the boxes, plus
a virtual item wherever an edge passes a layer, so that afterwards every edge is a chain of items in neighbouring layers:

1. cycles are broken by a depth-first search from the start, following links in document order: a link back to an ancestor
   of the search is a *back link* and takes no part in the ranks;
2. ranks are longest paths; the end comes last; what the start does not reach is ranked by itself, above what it points to;
3. where a link leaving a rank has a label, a layer of its own follows that rank, in which the label has an item as wide as
   its text: labels can then overlap neither boxes nor each other;
4. the search's own order is the first order in each layer; medians improve it only where that saves crossings, so the
   order of Choice rules and branches stays as written wherever it can;
5. each back link gets a lane (an item in every layer it climbs past) beside the loop it closes.

Nothing here depends on the order of keys in `States` for what the start reaches.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field
from typing import NamedTuple

from studio.canvas.geometry import LANE_W

_SWEEPS = 8
_BODY_LIMIT = 64
"""Up to this many back links of one scope get a lane beside their own loop; the rest run at the far side."""


TRUNK = "trunk"
"""Kind of a link that several ways share (see `trunks`)."""


class Box(NamedTuple):
    """Something with a size: a state, a start or an end. `margin` is room kept free on its right (catch edges leave there)."""

    w: float
    h: float
    margin: float = 0


class Link(NamedTuple):
    """An edge between two boxes of the plan, by index. `label` is the width of its label, 0 for none."""

    source: int
    target: int
    kind: str = "next"
    label: float = 0


class Plan(NamedTuple):
    """A scope to lay out. Boxes: the start first, the end (where `has_end`) last, states between in document order; links in
    document order of each state's fields. Hashable: equal plans have equal layouts.
    """

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    has_end: bool = True


@dataclass(slots=True)
class Draft:
    """A plan in layers. Items below `len(plan.boxes)` are boxes, the others virtual."""

    plan: Plan
    layers: list[list[int]] = field(default_factory=list)
    layer_of: list[int] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    back: list[bool] = field(default_factory=list)
    chains: list[list[int]] = field(default_factory=list)
    """Per link the items it runs down through, source first; ends at the target, or for a back link where it turns."""
    lanes: list[list[int]] = field(default_factory=list)
    """Per back link the items it climbs through, lowest first; empty for others."""
    label_items: list[int] = field(default_factory=list)
    label_layers: set[int] = field(default_factory=set)
    down: list[list[int]] = field(default_factory=list)
    """Per item its neighbours in the layer below, in document order."""
    up: list[list[int]] = field(default_factory=list)

    def add(self, layer: int, width: float) -> int:
        """A new virtual item (not yet in its layer's list)."""
        self.layer_of.append(layer)
        self.widths.append(width)
        self.down.append([])
        self.up.append([])
        return len(self.widths) - 1

    def join(self, upper: int, lower: int) -> None:
        self.down[upper].append(lower)
        self.up[lower].append(upper)


def ranked(plan: Plan) -> tuple[list[int], list[bool]]:
    """Per box its rank, from 0; per link whether it runs back up."""
    out = _leaving(plan)
    back, groups = _search(plan, out)
    return _ranks(plan, out, back, groups), back


def _leaving(plan: Plan) -> list[list[int]]:
    """Per box the links that leave it."""
    out: list[list[int]] = [[] for _ in plan.boxes]
    for i, link in enumerate(plan.links):
        out[link.source].append(i)
    return out


def draft(plan: Plan) -> Draft:
    """The plan in ordered layers, back lanes included."""
    out = _leaving(plan)
    back, groups = _search(plan, out)
    ranks = _ranks(plan, out, back, groups)
    work = Draft(plan, back=back)
    _fill(work, out, ranks, [node for group in groups for node in group])
    _reduce_crossings(work)
    _add_lanes(work)
    return work


def _search(plan: Plan, out: list[list[int]]) -> tuple[list[bool], list[list[int]]]:
    """Which links close a cycle, and the boxes by the root that discovered them, each group in reverse postorder.

    The first group is what the start reaches; roots after it are states nothing points to, then any other, as written.
    """
    count = len(plan.boxes)
    back = [False] * len(plan.links)
    colour = bytearray(count)  # 0 new, 1 open, 2 done
    entered = [False] * count
    for link in plan.links:
        if link.source != link.target:
            entered[link.target] = True
    roots = [0, *(i for i in range(1, count) if not entered[i]), *range(1, count)]
    groups: list[list[int]] = []
    for root in roots:
        if colour[root]:
            continue
        post: list[int] = []
        stack: list[tuple[int, int]] = [(root, 0)]
        colour[root] = 1
        while stack:
            node, at = stack[-1]
            if at == len(out[node]):
                stack.pop()
                colour[node] = 2
                post.append(node)
                continue
            stack[-1] = (node, at + 1)
            index = out[node][at]
            target = plan.links[index].target
            if colour[target] == 1:
                back[index] = True
            elif not colour[target]:
                colour[target] = 1
                stack.append((target, 0))
        groups.append(post[::-1])
    return back, groups


def _ranks(plan: Plan, out: list[list[int]], back: list[bool], groups: list[list[int]]) -> list[int]:
    """Longest-path ranks from 0; the end alone in the last. Links of unreachable groups that would climb become back links."""
    end = len(plan.boxes) - 1 if plan.has_end else -1
    rank = [-1] * len(plan.boxes)
    for group_at, group in enumerate(groups):
        own = dict.fromkeys(group, 0)
        climb: list[int] = []
        for node in group:
            if node == end:
                continue
            for index in out[node]:
                target = plan.links[index].target
                if back[index] or target == end:
                    continue
                if target in own:
                    own[target] = max(own[target], own[node] + 1)
        if group_at:
            for node in group:
                for index in out[node]:
                    target = plan.links[index].target
                    if target not in own and target != end and not back[index]:
                        climb.append(rank[target] - 1 - own[node])
        shift = max(1, min(climb)) if climb else min(1, group_at)
        for node, level in own.items():
            rank[node] = level + shift
    if plan.has_end:
        rank[end] = 0
        rank[end] = max(rank) + 1
    for i, link in enumerate(plan.links):
        if rank[link.target] <= rank[link.source]:
            back[i] = True
    return rank


def _fill(work: Draft, out: list[list[int]], ranks: list[int], order: list[int]) -> None:
    """Layers with boxes, virtual items and labels, in the order a depth-first walk meets them."""
    plan = work.plan
    labelled = {ranks[link.source] for link in plan.links if link.label}
    layer_of_rank: list[int] = []
    layer = 0
    for rank in range(max(ranks) + 1):
        layer_of_rank.append(layer)
        layer += 1
        if rank in labelled:
            work.label_layers.add(layer)
            layer += 1
    work.layers = [[] for _ in range(layer)]
    for box, rank in zip(plan.boxes, ranks, strict=True):
        work.add(layer_of_rank[rank], box.w)
    work.chains = [[] for _ in plan.links]
    work.lanes = [[] for _ in plan.links]
    work.label_items = [-1] * len(plan.links)

    seen = bytearray(len(plan.boxes))
    for root in [0, *order]:
        if seen[root]:
            continue
        seen[root] = 1
        work.layers[work.layer_of[root]].append(root)
        stack: list[tuple[int, int]] = [(root, 0)]
        while stack:
            node, at = stack[-1]
            if at == len(out[node]):
                stack.pop()
                continue
            stack[-1] = (node, at + 1)
            index = out[node][at]
            _lay_chain(work, index)
            target = plan.links[index].target
            if not seen[target]:
                seen[target] = 1
                work.layers[work.layer_of[target]].append(target)
                stack.append((target, 0))


def _lay_chain(work: Draft, index: int) -> None:
    """The virtual items of one link, appended to their layers."""
    link = work.plan.links[index]
    here = work.layer_of[link.source]
    stop = here + (2 if link.label else 1) if work.back[index] else work.layer_of[link.target]
    chain = [link.source]
    for layer in range(here + 1, stop):
        item = work.add(layer, LANE_W)
        if link.label and layer == here + 1:
            work.widths[item] = link.label + 12
            work.label_items[index] = item
        work.layers[layer].append(item)
        work.join(chain[-1], item)
        chain.append(item)
    if not work.back[index]:
        work.join(chain[-1], link.target)
        chain.append(link.target)
    work.chains[index] = chain


# -- order within layers ---------------------------------------------------------------------------------------------------


def _reduce_crossings(work: Draft) -> None:
    position = [0] * len(work.widths)

    def place() -> None:
        for layer in work.layers:
            for at, item in enumerate(layer):
                position[item] = at

    place()
    best = _crossings(work, position)
    for sweep in range(_SWEEPS if best else 0):
        before = [list(layer) for layer in work.layers]
        downwards = sweep % 2 == 0
        indexes = range(1, len(work.layers)) if downwards else range(len(work.layers) - 2, -1, -1)
        for at in indexes:
            layer = work.layers[at]
            if len(layer) > 1:
                layer[:] = _by_median(layer, work.up if downwards else work.down, position)
                for i, item in enumerate(layer):
                    position[item] = i
        _switch(work, position)
        now = _crossings(work, position)
        if now >= best:
            work.layers = before
            place()
            if sweep:
                break
        else:
            best = now
        if not best:
            break


def _by_median(layer: list[int], neighbours: list[list[int]], position: list[int]) -> list[int]:
    """The layer sorted by the median position of each item's neighbours; items without any stay where they are."""
    keyed: list[tuple[float, int]] = []
    for item in layer:
        around = neighbours[item]
        if around:
            places = sorted(position[n] for n in around)
            half = len(places) // 2
            keyed.append((places[half] if len(places) % 2 else (places[half - 1] + places[half]) / 2, item))
    keyed.sort(key=lambda pair: pair[0])
    moving = iter(keyed)
    return [next(moving)[1] if neighbours[item] else item for item in layer]


def _switch(work: Draft, position: list[int]) -> None:
    """Exchange neighbours while that saves crossings (a few passes)."""
    for layer in work.layers:
        if len(layer) > 80:
            continue
        for _ in range(4):
            changed = False
            for i in range(len(layer) - 1):
                a, b = layer[i], layer[i + 1]
                saved = _between(work.up, a, b, position) + _between(work.down, a, b, position)
                if saved > 0:
                    layer[i], layer[i + 1] = b, a
                    position[a], position[b] = i + 1, i
                    changed = True
            if not changed:
                break


def _between(neighbours: list[list[int]], a: int, b: int, position: list[int]) -> int:
    """How many crossings of the edges of `a` and `b` (a left of b) an exchange would save."""
    saved = 0
    for n in neighbours[a]:
        for m in neighbours[b]:
            if position[n] > position[m]:
                saved += 1
            elif position[n] < position[m]:
                saved -= 1
    return saved


def _crossings(work: Draft, position: list[int]) -> int:
    total = 0
    for layer in work.layers:
        if len(layer) < 2:
            continue
        passed: list[int] = []
        for item in layer:
            ends = sorted(position[n] for n in work.down[item])
            for end in ends:
                total += len(passed) - bisect_right(passed, end)
            for end in ends:
                insort(passed, end)
    return total


# -- lanes of back links -----------------------------------------------------------------------------------------------------


def _add_lanes(work: Draft) -> None:
    """A lane for each back link, beside the part of the picture it goes around; short loops first, so that long ones go outside."""
    plan = work.plan
    indexes = [i for i, back in enumerate(work.back) if back]
    if not indexes:
        return
    indexes.sort(key=lambda i: (work.layer_of[plan.links[i].source] - work.layer_of[plan.links[i].target], i))
    made: list[tuple[int, int, list[int]]] = []
    for nth, index in enumerate(indexes):
        link = plan.links[index]
        low = work.layer_of[work.chains[index][-1]]
        high = work.layer_of[link.target]
        body = _loop_body(work, index) if nth < _BODY_LIMIT else None
        if body is not None:
            # what begins inside this loop, or ends where it does, is shorter: it stays inside
            body.update(item for source, target, lane in made if source in body or target == link.target for item in lane)
        left = link.kind != "catch" and _more_room_left(work, body, high, low)
        lane: list[int] = []
        for at in range(low, high - 1, -1):
            item = work.add(at, LANE_W)
            layer = work.layers[at]
            if body is None:
                layer.insert(0 if left else len(layer), item)
            else:
                inside = [i for i, other in enumerate(layer) if other in body]
                edge = (inside[0] if left else inside[-1] + 1) if inside else (0 if left else len(layer))
                layer.insert(edge, item)
            if lane:
                work.join(item, lane[-1])
            lane.append(item)
        work.lanes[index] = lane
        made.append((link.source, link.target, lane))


def _loop_body(work: Draft, index: int) -> set[int]:
    """The items between the two ends of a back link: below its target and above its source."""
    link = work.plan.links[index]
    bottom = work.chains[index][-1]
    below = _reach(work.down, link.target, work.layer_of, work.layer_of[bottom])
    above = _reach(work.up, bottom, work.layer_of, work.layer_of[link.target])
    return (below & above) | set(work.chains[index]) | {link.target, link.source}


def _reach(neighbours: list[list[int]], start: int, layer_of: list[int], limit: int) -> set[int]:
    seen = {start}
    stack = [start]
    down = layer_of[start] <= limit
    while stack:
        for item in neighbours[stack.pop()]:
            if item not in seen and (layer_of[item] <= limit if down else layer_of[item] >= limit):
                seen.add(item)
                stack.append(item)
    return seen


def _more_room_left(work: Draft, body: set[int] | None, high: int, low: int) -> bool:
    """Whether fewer other items stand left of the loop than right of it (the left wins a tie)."""
    if body is None:
        return True
    left = right = 0
    for at in range(high, low + 1):
        inside = [i for i, item in enumerate(work.layers[at]) if item in body]
        if inside:
            left += inside[0]
            right += len(work.layers[at]) - 1 - inside[-1]
    return left <= right
