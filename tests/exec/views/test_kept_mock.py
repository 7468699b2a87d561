"""A tested answer kept in the mocks file."""

from __future__ import annotations

from typing import Any

import pytest

from studio.exec.performers.mock import Mocks
from studio.exec.views.mocks import kept

A, B, C = {"Return": "a"}, {"Return": "b"}, {"Throw": {"Error": "E", "Cause": "c"}}


def config(ranges: dict[str, Any], *, other: bool = False) -> dict[str, Any]:
    cases: dict[str, Any] = {"Happy": {"Pay": "paid"}, **({"Sad": {"Pay": "paid"}} if other else {})}
    return {"StateMachines": {"m": {"TestCases": cases}}, "MockedResponses": {"paid": ranges}}


@pytest.mark.parametrize(
    ("ranges", "ordinal", "expected"),
    [
        ({"0": A}, 0, {"0": C}),
        ({"0": A}, 1, {"0": A, "1": C}),
        ({"0-5": A}, 2, {"0-1": A, "2": C, "3-5": A}),
        ({"0": A, "1-2": B}, 1, {"0": A, "1": C, "2": B}),
        ({"0": A, "1": B}, None, {"0-999": C}),
    ],
)
def test_one_ordinal_is_answered_anew(ranges: dict[str, Any], ordinal: int | None, expected: dict[str, Any]) -> None:
    before = config(ranges)
    after = kept(before, "m", "Happy", "Pay", C, ordinal)
    assert after == config(expected)
    assert before == config(ranges)
    assert Mocks.load(after, machine="m").states() == ["Pay"]


def test_the_first_mock_of_a_workflow() -> None:
    assert kept(None, "m", "Happy", "Pay", A, 0) == {
        "StateMachines": {"m": {"TestCases": {"Happy": {"Pay": "Pay as tested"}}}},
        "MockedResponses": {"Pay as tested": {"0": A}},
    }


def test_what_another_case_uses_is_left_to_it() -> None:
    after = kept(config({"0": A}, other=True), "m", "Sad", "Pay", B, 1)
    assert after == {
        "StateMachines": {"m": {"TestCases": {"Happy": {"Pay": "paid"}, "Sad": {"Pay": "Pay as tested in Sad"}}}},
        "MockedResponses": {"paid": {"0": A}, "Pay as tested in Sad": {"0": A, "1": B}},
    }
