"""Two runs on one graph, and a run over a definition that was edited since."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from histories import TASK, history

from studio.asl.graph import END, START, build
from studio.exec.views.compare import Half, StatePair, compare
from studio.exec.views.overlay import Overlay, _mark, over_definition, overlay
from studio.exec.views.run import project
from studio.ui.widgets.controls import seconds

CHOICE = {
    "StartAt": "C",
    "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "X"}], "Default": "Y"},
        "X": {"Type": "Succeed"},
        "Y": {"Type": "Succeed"},
    },
}


def through(state: str) -> list[dict[str, Any]]:
    return history(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("ChoiceStateEntered", 0, {"name": "C", "input": "{}"}),
        ("ChoiceStateExited", 2, {"name": "C", "output": "{}"}),
        ("SucceedStateEntered", 3, {"name": state, "input": "{}"}),
        ("SucceedStateExited", 4, {"name": state, "output": "{}"}),
        ("ExecutionSucceeded", 5, {"output": "{}"}),
    )


def test_paths_that_part() -> None:
    graph = build(CHOICE)
    a, b = project(CHOICE, through("X")), project(CHOICE, through("Y"))
    assert overlay(compare(a, b, graph, graph), a, b, graph, seconds) == Overlay(
        {"C": "succeeded", "Y": "succeeded", "X": "succeeded"},
        {(START, "C"): "both", ("C", "X"): "a", ("X", END): "a", ("C", "Y"): "b", ("Y", END): "b"},
        {"X": ("a", "◀ A only"), "Y": ("b", "▶ B only")},
    )


def test_a_state_that_only_the_other_definition_has_is_named() -> None:
    without = {"StartAt": "C", "States": {"C": {**CHOICE["States"]["C"], "Choices": []}, "Y": CHOICE["States"]["Y"]}}  # type: ignore[index]
    a, b = project(CHOICE, through("X")), project(without, through("Y"))
    found = overlay(compare(a, b, build(CHOICE), build(without)), a, b, build(without), seconds)
    assert (found.hidden, "X" in found.statuses) == (("X",), False)


HALF = Half("succeeded", 1, 1, 2.0, "{}", "{}", None)


@pytest.mark.parametrize(
    ("a", "b", "outputs", "mark"),
    [
        (HALF, HALF, 0, None),
        (HALF, replace(HALF, seconds=2.1), 0, None),
        (HALF, replace(HALF, seconds=3.0), 0, ("differs", "▶ +1.0 s")),
        (HALF, replace(HALF, seconds=0.5), 0, ("differs", "▶ −1.5 s")),
        (HALF, replace(HALF, seconds=None), 0, None),
        (HALF, replace(HALF, status="failed"), None, ("differs", "◀ succeeded ▶ failed")),
        (HALF, replace(HALF, visits=3), 2, ("differs", "◀ ×1 ▶ ×3 · output ≠ 2")),
        (HALF, replace(HALF, visits=0), None, ("a", "◀ A only")),
        (replace(HALF, visits=0), HALF, None, ("b", "▶ B only")),
        (replace(HALF, visits=0), replace(HALF, visits=0), None, None),
    ],
)
def test_what_is_otherwise_in_a_state(a: Half, b: Half, outputs: int | None, mark: Any) -> None:
    path: Any = "both" if a.visits and b.visits else "a" if a.visits else "b" if b.visits else "neither"
    assert _mark(StatePair("S", "Task", path, a, b, 0, outputs), seconds) == mark


def test_a_run_over_the_definition_now() -> None:
    now = {
        "StartAt": "T",
        "States": {"T": {**TASK["States"]["T"], "Comment": "new", "Next": "More", "End": None}, "More": {"Type": "Succeed"}},
    }  # type: ignore[index]
    ran = {**TASK, "States": {**TASK["States"], "Old": {"Type": "Succeed"}}}  # type: ignore[dict-item]
    run = project(ran, history(("ExecutionStarted", 0, {"input": "{}"}), ("TaskStateEntered", 0, {"name": "T", "input": "{}"})))
    assert over_definition(run, build(ran), build(now)) == Overlay(
        {"T": "running"},
        {(START, "T"): "a"},
        {"T": ("changed", "changed since"), "More": ("added", "new since")},
        ("Old",),
    )
