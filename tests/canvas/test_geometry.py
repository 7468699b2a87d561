from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.canvas.geometry import Point, Rect, ellipsis, separate, simplify, text_width

numbers = st.floats(-1000, 1000)


@given(st.lists(st.tuples(numbers, st.floats(0, 100), st.floats(0.1, 10)), min_size=1, max_size=20))
def test_separate_keeps_order_and_distance(rows: list[tuple[float, float, float]]) -> None:
    wanted, gaps, weights = [r[0] for r in rows], [r[1] for r in rows][1:], [r[2] for r in rows]
    placed = separate(wanted, gaps, weights)
    assert all(b - a >= gap - 1e-6 for a, b, gap in zip(placed, placed[1:], gaps, strict=False))


@given(st.lists(numbers, min_size=1, max_size=12))
def test_separate_leaves_alone_what_is_far_enough(wanted: list[float]) -> None:
    spread = [value + 3000 * i for i, value in enumerate(wanted)]
    assert separate(spread, [10.0] * (len(spread) - 1)) == pytest.approx(spread, abs=1e-6)


def test_separate_parts_two_equals_evenly_and_by_weight() -> None:
    assert separate([0, 0], [10]) == [-5, 5]
    assert separate([0, 0], [10], [9, 1]) == pytest.approx([-1, 9])


@given(st.text(max_size=80), st.floats(20, 300), st.booleans())
def test_ellipsis_fits(text: str, room: float, middle: bool) -> None:
    assert text_width(ellipsis(text, 13, room, middle=middle), 13) <= max(room, 2 * 13)


def test_ellipsis_cuts_the_end_or_the_middle() -> None:
    name = "Update the order and tell the customer"
    assert ellipsis(name, 13, 1000) == name
    assert ellipsis(name, 13, 120) == "Update the order…"
    assert ellipsis(name, 13, 120, middle=True) == "Update t…customer"


def test_simplify_drops_repeats_and_middles() -> None:
    points = [Point(0, 0), Point(0, 5), Point(0, 5), Point(0, 9), Point(4, 9), Point(8, 9)]
    assert simplify(points) == [Point(0, 0), Point(0, 9), Point(8, 9)]


def test_touching_rectangles_do_not_overlap() -> None:
    assert not Rect(0, 0, 10, 10).overlaps(Rect(10, 0, 10, 10))
    assert Rect(0, 0, 10, 10).overlaps(Rect(9, 9, 10, 10))
