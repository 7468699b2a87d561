from __future__ import annotations

from typing import Any

import pytest
from canvas_definitions import scribbles
from hypothesis import given, settings

from studio.canvas import arrange, scene
from studio.canvas.layering import Box, Link, Plan
from studio.canvas.pieces import cut

PILL, NODE = Box(64, 28), Box(224, 56)


def plan(*links: tuple[int, int]) -> Plan:
    """A start, states and an end, with transitions between them."""
    last = max(max(link) for link in links)
    return Plan((PILL, *[NODE] * (last - 1), PILL), tuple(Link(*link) for link in links))


@pytest.mark.parametrize(
    ("links", "boxes"),
    [
        ([(0, 1), (1, 2), (2, 3)], [[0, 1], [1, 2], [2, 3]]),
        ([(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (4, 5)], [[0, 1], [1, 2, 3, 4], [4, 5]]),
        ([(0, 1), (1, 2), (2, 3), (1, 3), (3, 4)], [[0, 1], [1, 2, 3], [3, 4]]),
        ([(0, 1), (1, 2), (2, 3), (3, 1), (3, 4), (4, 5)], [[0, 1, 2, 3, 4], [4, 5]]),
        ([(0, 1), (1, 1), (1, 2), (2, 3)], [[0, 1, 2], [2, 3]]),
        ([(0, 1), (1, 2), (1, 4), (2, 3), (3, 4)], [[0, 1], [1, 2, 3, 4]]),
        ([(0, 1), (1, 2), (2, 4), (3, 4)], [[0, 1, 2, 3, 4]]),
    ],
    ids=[
        "a chain",
        "two ways that meet",
        "a way past a state",
        "a loop",
        "a loop to itself",
        "a way to the end",
        "what the start does not reach",
    ],
)
def test_a_scope_is_cut_where_all_its_ways_meet(links: list[tuple[int, int]], boxes: list[list[int]]) -> None:
    assert [piece.boxes for piece in cut(plan(*links))] == boxes


@settings(max_examples=150, deadline=None)
@given(scribbles)
def test_pieces_hold_every_transition_once_and_share_the_states_between_them(root: Any) -> None:
    plans: list[Plan] = []
    laid = arrange.place
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(arrange, "place", lambda plan: plans.append(plan) or laid(plan))
        scene.build(root)
    for whole in plans:
        pieces = cut(whole)
        assert sorted(index for piece in pieces for index in piece.links) == list(range(len(whole.links)))
        shared = [piece.boxes[0] for piece in pieces[1:]]
        assert shared == [piece.boxes[-1] for piece in pieces[:-1]]
        assert sorted(box for piece in pieces for box in piece.boxes) == sorted(
            [*range(len(whole.boxes)), *(shared if len(pieces) > 1 else [])]
        )
        for piece in pieces:
            assert piece.plan.boxes == tuple(whole.boxes[box] for box in piece.boxes)
            ends = [(piece.boxes[link.source], piece.boxes[link.target], link.kind, link.label) for link in piece.plan.links]
            assert ends == [tuple(whole.links[index]) for index in piece.links]
