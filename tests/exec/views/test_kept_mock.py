"""A tested answer kept in the mocks file."""

from __future__ import annotations

from typing import Any

import pytest

from studio.exec.performers.mock import Mocks
from studio.exec.views.mocks import answer_of, kept
from studio.exec.views.run import project
from tests.exec.views.histories import SCHEDULED, history

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


def test_what_a_past_attempt_answered() -> None:
    """A loop asks its task twice, a Map its for every item: the last answer of the stay, and the number of the task where it has one."""
    ask = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    root = {
        "StartAt": "T",
        "States": {"T": {**ask, "Next": "M"}, "M": {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": ask}}, "End": True}},
    }
    view = project(
        root,
        history(
            ("ExecutionStarted", 0, {"input": "{}"}),
            ("TaskStateEntered", 0, {"name": "T", "input": "{}"}),
            ("TaskScheduled", 2, SCHEDULED),
            ("TaskFailed", 3, {"error": "Busy", "cause": "later"}),
            ("TaskScheduled", 4, SCHEDULED),
            ("TaskSucceeded", 5, {"output": '{"n": 1}'}),
            ("TaskStateExited", 6, {"name": "T", "output": "{}"}),
            ("TaskStateEntered", 7, {"name": "T", "input": "{}"}),
            ("TaskScheduled", 8, SCHEDULED),
            ("TaskFailed", 9, {"error": "Busy"}),
            ("MapStateEntered", 10, {"name": "M", "input": "[1]"}),
            ("MapStateStarted", 11, {"length": 1}),
            ("MapIterationStarted", 12, {"name": "M", "index": 0}),
            ("TaskStateEntered", 13, {"name": "I", "input": "1"}),
            ("TaskScheduled", 14, SCHEDULED),
            ("TaskSucceeded", 15, {"output": "7"}),
        ),
    )
    first, second = view.states["T"].visits
    assert answer_of(view, first) == ({"Return": {"n": 1}}, 1)
    assert answer_of(view, second) == ({"Throw": {"Error": "Busy", "Cause": ""}}, 2)
    assert answer_of(view, view.states["I"].visits[0]) == ({"Return": 7}, None)
    assert answer_of(view, view.states["M"].visits[0]) is None
