from __future__ import annotations

import contextlib
import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest
from canvas_definitions import FILES, load, nested, scribbles, shuffled
from canvas_drawing import complaints
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.asl import graph as asl_graph
from studio.asl import tree
from studio.asl.document import Document
from studio.asl.edits import InsertState, RemoveStates, RenameState, Transaction
from studio.canvas import arrange, layout, scene
from studio.canvas.layout import Box, Link, Plan, place, place_piece
from studio.errors import EditRefused

TEMPLATES = sorted((Path(__file__).parents[2] / "templates").glob("*/workflow*.asl.json"))
PILL, NODE = Box(64, 28), Box(224, 56)


@pytest.mark.parametrize("path", FILES + TEMPLATES, ids=lambda path: path.parent.name + "-" + path.stem)
def test_every_definition_of_the_corpus_and_template_is_drawn_without_overlaps(path: Any) -> None:
    assert complaints(scene.build(load(path))) == []


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scribbles)
def test_whatever_is_half_typed_is_drawn_without_overlaps(root: Any) -> None:
    assert complaints(scene.build(root)) == []


@settings(max_examples=80, deadline=None)
@given(scribbles)
def test_the_same_definition_gives_the_same_picture(root: Any) -> None:
    first = scene.build(root)
    forget()
    assert scene.build(root) == first


def forget() -> None:
    """Lays out everything anew from now on."""
    layout.place.cache_clear()
    layout.place_piece.cache_clear()
    arrange._LAID.clear()


def reached(root: Any) -> bool:
    """Whether every scope's start reaches all its states."""
    graph = asl_graph.build(root)
    return all(len(asl_graph.reachable(graph, s)) == len(s.states) for s in graph.scopes.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_order_of_keys_in_states_does_not_matter(path: Any) -> None:
    root = load(path)
    if not reached(root):
        pytest.skip("has states that the start does not reach")
    mixed = shuffled(root, random.Random(7))
    assert pictured(scene.build(mixed)) == pictured(scene.build(root))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 60))
def test_the_order_of_keys_does_not_matter_in_nested_workflows(seed: int, count: int) -> None:
    root = nested(count, seed)
    if reached(root):
        assert pictured(scene.build(shuffled(root, random.Random(seed)))) == pictured(scene.build(root))


def pictured(drawn: scene.Scene) -> tuple[Any, ...]:
    return drawn.nodes, drawn.edges, drawn.width, drawn.height


def test_a_chain_is_one_straight_line() -> None:
    plan = Plan((PILL, NODE, NODE, PILL), (Link(0, 1), Link(1, 2), Link(2, 3)))
    placed = place(plan)
    assert [(p.x + box.w / 2, p.y) for p, box in zip(placed.places, plan.boxes, strict=True)] == [
        (112, 0),
        (112, 68),
        (112, 164),
        (112, 260),
    ]
    assert placed.routes == (((112, 28), (112, 68)), ((112, 124), (112, 164)), ((112, 220), (112, 260)))
    assert (placed.w, placed.h) == (224, 288)


def test_rules_stand_in_the_order_written_with_the_choice_above_their_middle() -> None:
    links = (Link(0, 1), *(Link(1, i, "choice", 40) for i in (2, 3, 4)), *(Link(i, 5) for i in (2, 3, 4)))
    placed = place(Plan((PILL, Box(224, 48), NODE, NODE, NODE, PILL), links))
    assert [p.x for p in placed.places[2:5]] == [0, 256, 512]
    assert placed.places[1].x == 256
    assert [label.x + label.w / 2 for label in placed.labels if label] == [112, 368, 624]


def test_a_loop_runs_beside_its_body_and_a_catch_leaves_at_the_right() -> None:
    caught = Box(224, 56, 20)
    links = (Link(0, 1), Link(1, 2), Link(2, 3), Link(2, 1), Link(1, 3, "catch", 60))
    placed = place(Plan((PILL, caught, NODE, PILL), links))
    assert placed.back == (False, False, False, True, False)
    up = placed.routes[3]
    assert up[0].y == placed.places[2].y + 56
    assert up[-1].y == placed.places[1].y
    assert min(p.x for p in up) < placed.places[1].x
    assert placed.routes[4][0] == (placed.places[1].x + 224, placed.places[1].y + 28)


def test_what_the_start_does_not_reach_stands_beside_with_its_edges() -> None:
    placed = place(Plan((PILL, NODE, NODE, NODE, PILL), (Link(0, 1), Link(1, 4), Link(2, 3), Link(3, 4))))
    assert placed.places[1].x < placed.places[2].x == placed.places[3].x
    assert placed.places[1].y == placed.places[2].y


def test_only_the_scopes_around_an_edit_are_laid_out_again() -> None:
    root = nested(300)
    scene.build(root)
    graph = asl_graph.build(root)
    deepest = max(graph.states, key=len)
    changed = tree.put(root, (*deepest[:-1], "New"), {"Type": "Pass", "Next": deepest[-1]})
    before = place.cache_info().misses
    scene.build(changed)
    above = sum(deepest[:n] in graph.scopes for n in range(1, len(deepest)))
    assert place.cache_info().misses - before <= above < len(graph.scopes) / 4


def chain(*names: str) -> dict[str, Any]:
    """States one after the other, every tenth a Choice that may pass the next one."""
    states: dict[str, Any] = {}
    for i, name in enumerate(names):
        follow = {"Next": names[i + 1]} if i + 1 < len(names) else {"End": True}
        states[name] = {"Type": "Pass", **follow}
        if i % 10 == 5 and i + 2 < len(names):
            rule = {"Variable": "$.x", "NumericEquals": i, "Next": names[i + 2]}
            states[name] = {"Type": "Choice", "Choices": [rule], "Default": names[i + 1]}
    return {"StartAt": names[0], "States": states}


def test_of_a_long_scope_an_insertion_lays_out_the_piece_it_is_in() -> None:
    names = [f"S{i}" for i in range(300)]
    scene.build(chain(*names))
    before = place_piece.cache_info().misses
    root = chain(*names)
    root["States"]["S106"] = {"Type": "Pass", "Next": "New"}
    root["States"]["New"] = {"Type": "Pass", "Next": "S107"}
    scene.build(root)
    assert place_piece.cache_info().misses - before <= 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 2)), min_size=1, max_size=8))
def test_after_any_edits_a_layout_is_the_one_of_the_definition_opened_afresh(seed: int, edits: list[tuple[int, int]]) -> None:
    document = Document.open(json.dumps(nested(40, seed)))
    drawn = scene.build(document.root)
    for number, (at, kind) in enumerate(edits):
        graph = asl_graph.build(document.root)
        states, ways = list(graph.states), graph.transitions
        if not states or not ways:
            break  # the edits before took everything away
        way, state = ways[at % len(ways)], states[at % len(states)]
        edit = (
            InsertState(way.scope, f"New {number}", {"Type": "Pass"}, way.slot),
            RemoveStates((state,)),
            RenameState(state, f"Renamed {number}"),
        )[kind]
        with contextlib.suppress(EditRefused):
            document = document.apply(Transaction((edit,), "edit", "api"))
        drawn = scene.build(document.root)
    assert complaints(drawn) == []
    forget()
    assert scene.build(document.root) == drawn


def test_of_a_thousand_states_each_scope_is_laid_out_once() -> None:
    """How long that takes is measured in `bench/ui.py`."""
    root = nested(1000)
    place.cache_clear()
    scene.build(root)
    assert place.cache_info().misses <= len(asl_graph.build(root).scopes)


def test_hand_placed_states_keep_their_place_and_their_edges_follow() -> None:
    root = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}}}
    drawn = scene.build(root, positions={"B": (400, 60)})
    free = scene.build(root)
    b, start = drawn.nodes["/States/B"], drawn.nodes["/States#start"]
    assert (b.x + b.w / 2 - start.x - start.w / 2, b.y - start.y, b.moved) == (400, 60, True)
    assert drawn.nodes["/States/A"] == free.nodes["/States/A"]
    assert drawn.edges["/States/A/Next"].points[-1] == (b.x + 112, b.y)
    assert drawn.width >= b.x + b.w


@pytest.mark.parametrize("place", [(-700, 40), (300, -200)], ids=["left of all", "above the start"])
def test_a_place_counts_from_the_start_wherever_the_picture_begins(place: tuple[float, float]) -> None:
    """What is placed beyond the left or upper border moves the whole picture, start included; the distance stays."""
    inner = {"StartAt": "C", "States": {"C": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}}}
    root = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}}
    drawn = scene.build(root, positions={"B": place})
    scope = "/States/M/ItemProcessor/States"
    b, start, around = drawn.nodes[f"{scope}/B"], drawn.nodes[f"{scope}#start"], drawn.nodes["/States/M"]
    assert (b.x + b.w / 2 - start.x - start.w / 2, b.y - start.y) == place
    assert around.x <= b.x < b.x + b.w <= around.x + around.w
    assert around.y + 32 <= b.y < b.y + b.h <= around.y + around.h


def test_an_edge_to_a_placed_state_turns_where_nothing_is_in_its_way() -> None:
    rule = {"Variable": "$.x", "IsPresent": True, "Next": "B"}
    states = {
        "A": {"Type": "Choice", "Choices": [rule], "Default": "C"},
        "B": {"Type": "Pass", "Next": "C"},
        "C": {"Type": "Pass", "End": True},
    }
    drawn = scene.build({"StartAt": "A", "States": states}, positions={"C": (400, 320)})
    b = drawn.nodes["/States/B"]
    for (ax, ay), (bx, by) in itertools.pairwise(drawn.edges["/States/A/Default"].points):
        through = min(ax, bx) < b.x + b.w and max(ax, bx) > b.x and min(ay, by) < b.y + b.h and max(ay, by) > b.y
        assert not through


def crossings(first: Any, second: Any) -> int:
    """How often the lines of two transitions cross."""
    found = 0
    for a, b in itertools.pairwise(first.points):
        for c, d in itertools.pairwise(second.points):
            for (p, q), (r, s) in (((a, b), (c, d)), ((c, d), (a, b))):
                level, upright = p.y == q.y, r.x == s.x
                if level and upright and min(p.x, q.x) < r.x < max(p.x, q.x) and min(r.y, s.y) < p.y < max(r.y, s.y):
                    found += 1
    return found


def test_a_long_loop_runs_around_a_shorter_one_to_the_same_state() -> None:
    def caught(*targets: str) -> list[dict[str, Any]]:
        return [{"ErrorEquals": [f"E{i}"], "Next": target} for i, target in enumerate(targets)]

    task = {"Type": "Task", "Resource": "r"}
    root: Any = {
        "StartAt": "Lock",
        "States": {
            "Lock": {**task, "Catch": caught("Make", "Read"), "End": True},
            "Make": {**task, "Next": "Lock", "Catch": caught("Lock")},
            "Read": {"Type": "Pass", "Next": "Look"},
            "Look": {"Type": "Pass", "Next": "Wait"},
            "Wait": {"Type": "Wait", "Seconds": 3, "Next": "Lock"},
        },
    }
    drawn = scene.build(root)
    assert crossings(drawn.edges["/States/Make/Catch/0/Next"], drawn.edges["/States/Wait/Next"]) == 0
