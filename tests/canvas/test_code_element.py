"""Offsets between Python, which counts characters, and the browser, which counts UTF-16."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.canvas.code_element import characters, units


@pytest.mark.parametrize(("text", "character", "unit"), [("abc", 2, 2), ("añb", 2, 2), ("a😀b", 2, 3), ("a😀b", 1, 1), ("😀😀", 2, 4)])
def test_offsets(text: str, character: int, unit: int) -> None:
    assert (units(text, character), characters(text, unit)) == (unit, character)


@given(st.text(alphabet="ab é😀\n", max_size=20), st.integers(0, 20))
def test_there_and_back(text: str, offset: int) -> None:
    at = min(offset, len(text))
    assert characters(text, units(text, at)) == at
