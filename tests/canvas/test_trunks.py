from __future__ import annotations

from typing import Any

import pytest
from canvas_drawing import complaints

from studio.canvas import scene
from studio.canvas.layering import Box, Link, Plan
from studio.canvas.trunks import MANY, Bundled, bundled

NODE, KNOT = Box(224, 56), Box(14, 0)


def caught(count: int, *, end: str = "Handle") -> dict[str, Any]:
    """Tasks one after the other; each has a catcher that leads to the same handler."""
    states: dict[str, Any] = {"Handle": {"Type": "Fail"}}
    for i in range(count):
        follow = {"Next": f"S{i + 1}" if i + 1 < count else end}
        states[f"S{i}"] = {"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["E"], "Next": "Handle"}], **follow}
    return {"StartAt": "S0", "States": states}


def checked(count: int) -> dict[str, Any]:
    """Choices one after the other; each may end the workflow by a Fail state of its own."""
    states: dict[str, Any] = {"Done": {"Type": "Succeed"}}
    for i in range(count):
        rule = {"Variable": "$.x", "IsPresent": True, "Next": f"Fail {i}"}
        states[f"S{i}"] = {"Type": "Choice", "Choices": [rule], "Default": f"S{i + 1}" if i + 1 < count else "Done"}
        states[f"Fail {i}"] = {"Type": "Fail"}
    return {"StartAt": "S0", "States": states}


def test_few_ways_to_a_state_have_their_own_lanes() -> None:
    links = [Link(i, i + 1) for i in range(MANY)]
    assert bundled(Plan((NODE,) * (MANY + 1), (*links, *[Link(i, MANY, "catch") for i in range(MANY - 2)]))) is None


def test_many_ways_to_a_state_meet_at_knots_below_where_they_begin() -> None:
    links = (*[Link(i, i + 1) for i in range(7)], *[Link(i, 6, "catch", 40) for i in range(5)])
    assert bundled(Plan((NODE,) * 8, links)) == Bundled(
        Plan(
            (*[NODE] * 7, *[KNOT] * 5, NODE),
            (
                *[Link(i, i + 1) for i in range(6)],
                Link(6, 12),
                *[Link(i, 7 + i, "catch", 40) for i in range(5)],
                *[Link(7 + i, 8 + i, "trunk") for i in range(4)],
                Link(11, 6, "trunk"),
            ),
        ),
        {7 + i: 12 + i for i in range(5)},
    )


@pytest.mark.parametrize("root", [caught(40), caught(12, end="Last") | {"Comment": "its end is missing"}, checked(24)])
def test_trunks_run_through_nothing(root: dict[str, Any]) -> None:
    assert complaints(scene.build(root)) == []


def test_a_handler_of_many_states_makes_the_picture_no_wider() -> None:
    few, many = scene.build(caught(8)), scene.build(caught(80))
    assert few.width == many.width
    ways = [edge for edge in many.edges.values() if edge.kind == "catch" and edge.source != "S79"]
    assert len({edge.points[-1] for edge in ways}) == 1
    assert all(edge.target == "Handle" and edge.points[-1].y == many.nodes["/States/Handle"].y for edge in ways)
