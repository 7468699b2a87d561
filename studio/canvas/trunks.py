"""Many long ways to one state share a trunk: a line beside the states, which each of them joins near where it begins.

Theory of operation. Where every task has a catcher that leads to the same handler, or many states end the workflow, each way
would have a lane of its own all the way down: as many lanes as states, past as many states. `bundled` puts *knots* into the plan, boxes without a height, one
below each rank in which such ways begin; a way ends at its knot, and links of the trunk lead from knot to knot and on to the
state. A plan with knots is laid out like any other; each way then goes on by the trunk, from its knot.
"""

from __future__ import annotations

from typing import NamedTuple

from studio.canvas.geometry import LANE_W
from studio.canvas.layering import TRUNK, Box, Link, Plan, ranked

MANY, MANY_ENDS = 5, 15
"""Long ways to a handler, and to the end, from which on they share a trunk: ways to the end come from all sides, and cross less apart."""


class Bundled(NamedTuple):
    """A plan with knots, which stand between the states and the end. Its first links are those of the plan without them, then
    come those of the trunks, each from the top; `joins` says at which of these a link goes on.
    """

    plan: Plan
    joins: dict[int, int]


def bundled(plan: Plan) -> Bundled | None:
    """The plan with knots; None where it needs none."""
    trunks = _trunks(plan)
    if not trunks:
        return None
    count = sum(len(rungs) for _, rungs in trunks)
    first = len(plan.boxes) - plan.has_end  # the place of the first knot
    links = [link._replace(target=link.target + count) if link.target == first else link for link in plan.links]
    joins: dict[int, int] = {}
    knot = first
    for target, rungs in trunks:
        goal = target + count if target == first else target
        for at, joining in enumerate(rungs):
            for index in joining:
                links[index] = links[index]._replace(target=knot)
                joins[index] = len(links)
            links.append(Link(knot, knot + 1 if at + 1 < len(rungs) else goal, TRUNK))
            knot += 1
    boxes = (*plan.boxes[:first], *[Box(LANE_W, 0)] * count, *plan.boxes[first:])
    return Bundled(Plan(boxes, tuple(links), plan.has_end), joins)


def _trunks(plan: Plan) -> list[tuple[int, list[list[int]]]]:
    """The states that need a trunk, each with the links that join it, by the rank they come from, from the top."""
    entering: dict[int, list[int]] = {}
    for index, link in enumerate(plan.links):
        entering.setdefault(link.target, []).append(index)
    crowded = {target: indexes for target, indexes in entering.items() if len(indexes) >= MANY}
    if not crowded:
        return []
    ranks, back = ranked(plan)
    end = len(plan.boxes) - 1 if plan.has_end else -1
    found: list[tuple[int, list[list[int]]]] = []
    for target, indexes in crowded.items():
        rungs: dict[int, list[int]] = {}
        for index in indexes:
            link = plan.links[index]
            if (link.kind == "catch" or target == end) and not back[index] and ranks[link.source] + 1 < ranks[target]:
                rungs.setdefault(ranks[link.source], []).append(index)
        if sum(map(len, rungs.values())) >= (MANY_ENDS if target == end else MANY):
            found.append((target, [rungs[rank] for rank in sorted(rungs)]))
    return found
