"""Cuts a scope where all its ways meet in one state, so that each piece can be laid out, and kept, by itself.

Theory of operation. A *waist* is a box that is alone in its rank while no edge passes that rank: every way through the scope
leads over it, and what stands above it and below it has nothing else in common. Between one waist and the next lies a
*piece*, a plan of its own whose first box is the upper waist and whose last is the lower one. An edit changes the pieces it
touches; the others stay what they were and are only moved.
"""

from __future__ import annotations

from typing import NamedTuple

from studio.canvas.layering import Link, Plan, ranked


class Piece(NamedTuple):
    """A part of a plan, as a plan; `boxes` and `links` say which of the whole's its own are."""

    plan: Plan
    boxes: list[int]
    links: list[int]


def cut(plan: Plan) -> list[Piece]:
    """The pieces of a plan, from the top; the plan itself where it has no waist."""
    ranks, back = ranked(plan)
    last = max(ranks)
    alone = [0] * (last + 1)
    for rank in ranks:
        alone[rank] += 1
    passing = [0] * (last + 2)  # how many more edges pass a rank than the rank above it
    for link, up in zip(plan.links, back, strict=True):
        high, low = ranks[link.source], ranks[link.target]
        if up:  # its lane stands beside both its ends, too
            passing[low] += 1
            passing[high + 1] -= 1
        elif low > high + 1:
            passing[high + 1] += 1
            passing[low] -= 1
    piece_of = [0] * (last + 1)
    """Of each rank the piece it is in; a waist is the last of its piece and the first of the next."""
    waists: set[int] = set()
    count = here = 0
    for rank in range(last + 1):
        here += passing[rank]
        piece_of[rank] = count
        if alone[rank] == 1 and not here and 0 < rank < last:
            waists.add(rank)
            count += 1
    if not count:
        return [Piece(plan, list(range(len(plan.boxes))), list(range(len(plan.links))))]

    boxes: list[list[int]] = [[] for _ in range(count + 1)]
    lower = [-1] * (count + 1)
    for box, rank in enumerate(ranks):
        if rank in waists:
            lower[piece_of[rank]] = box
        else:
            boxes[piece_of[rank]].append(box)
    for at in range(count):
        boxes[at + 1].insert(0, lower[at])
        boxes[at].append(lower[at])
    links: list[list[int]] = [[] for _ in range(count + 1)]
    for index, link in enumerate(plan.links):
        rank = ranks[link.source]
        links[piece_of[rank] + (rank in waists)].append(index)
    return [_piece(plan, mine, own, plan.has_end and at == count) for at, (mine, own) in enumerate(zip(boxes, links, strict=True))]


def _piece(plan: Plan, boxes: list[int], links: list[int], has_end: bool) -> Piece:
    place = {box: at for at, box in enumerate(boxes)}
    own = tuple([Link(place[link.source], place[link.target], link.kind, link.label) for link in [plan.links[i] for i in links]])
    return Piece(Plan(tuple([plan.boxes[i] for i in boxes]), own, has_end), boxes, links)
