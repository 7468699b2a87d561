"""Two runs compared: paths, statuses, durations, and where payloads differ."""

from __future__ import annotations

from typing import Any

import pytest
from histories import MAP, RETRIED, SCHEDULED, TASK, dated, history, mapped, recorded

from studio.asl.graph import build
from studio.exec.views.compare import Comparison, Difference, Half, StatePair, changed_states, compare, count, differences
from studio.exec.views.run import project


@pytest.mark.parametrize(("definition", "events"), recorded()[::4])
def test_a_recorded_run_is_like_itself(definition: dict[str, Any], events: list[dict[str, Any]]) -> None:
    view, graph = project(definition, dated(events)), build(definition)
    found = compare(view, view, graph, graph)
    assert (found.only_a, found.only_b, found.outputs or 0) == (frozenset(), frozenset(), 0)
    assert all(pair.alike and pair.path in {"both", "neither"} and not pair.slower for pair in found.states)


CHOICE = {
    "StartAt": "C",
    "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "X"}], "Default": "Y"},
        "X": {"Type": "Succeed"},
        "Y": {"Type": "Succeed"},
        "Z": {"Type": "Pass", "Next": "X"},
    },
}


def through(state: str, output: str) -> list[dict[str, Any]]:
    return history(
        ("ExecutionStarted", 0, {"input": output}),
        ("ChoiceStateEntered", 0, {"name": "C", "input": output}),
        ("ChoiceStateExited", 2, {"name": "C", "output": output}),
        ("SucceedStateEntered", 3, {"name": state, "input": output}),
        ("SucceedStateExited", 4, {"name": state, "output": output}),
        ("ExecutionSucceeded", 5, {"output": output}),
    )


def test_paths_part_and_outputs_differ() -> None:
    graph = build(CHOICE)
    found = compare(project(CHOICE, through("X", '{"x":1}')), project(CHOICE, through("Y", '{"y":1}')), graph, graph)
    none = Half("not-reached", 0, 0, None, None, None, None)
    assert found == Comparison(
        (
            StatePair(
                "C",
                "Choice",
                "both",
                Half("succeeded", 1, 0, 1.0, '{"x":1}', '{"x":1}', None),
                Half("succeeded", 1, 0, 1.0, '{"y":1}', '{"y":1}', None),
                2,
                2,
            ),
            StatePair("Y", "Succeed", "b", none, Half("succeeded", 1, 0, 1.0, '{"y":1}', '{"y":1}', None), None, None),
            StatePair("X", "Succeed", "a", Half("succeeded", 1, 0, 1.0, '{"x":1}', '{"x":1}', None), none, None, None),
            StatePair("Z", "Pass", "neither", none, none, None, None),
        ),
        frozenset({("C", "X"), ("X", "__end__")}),
        frozenset({("C", "Y"), ("Y", "__end__")}),
        2,
        2,
    )


def test_attempts_and_durations_are_summed() -> None:
    graph = build(TASK)
    once = history(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("TaskStateEntered", 0, {"name": "T", "input": "{}"}),
        ("TaskScheduled", 2, SCHEDULED),
        ("TaskSucceeded", 3, {"output": "1"}),
        ("TaskStateExited", 4, {"name": "T", "output": "1"}),
    )
    (pair,) = compare(project(TASK, once), project(TASK, RETRIED), graph, graph).states
    assert (pair.a.attempts, pair.b.attempts, pair.slower, pair.alike) == (1, 2, 2.0, True)


def test_runs_of_different_definitions() -> None:
    found = compare(project(TASK, RETRIED), project(MAP, mapped(2)), build(TASK), build(MAP))
    assert [(pair.name, pair.path) for pair in found.states] == [("M", "b"), ("A", "b"), ("T", "a"), ("B", "neither")]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("{}", "{ }", []),
        ("1", "1.0", []),
        ("1", "true", [((), "1", "true")]),
        ('{"a":1,"b":{"c":[1,2]}}', '{"b":{"c":[1,3,4]},"d":null}', [(("a",), "1", None), (("d",), None, "null"), (("b", "c", 2), None, "4"), (("b", "c", 1), "2", "3")]),
        ("[1,2]", "[1]", [((1,), "2", None)]),
        ('{"a":1}', "[1]", [((), '{"a":1}', "[1]")]),
        ("truncated…", "1", [((), "truncated…", "1")]),
    ],
)  # fmt: skip
def test_where_payloads_differ(before: str, after: str, found: list[Any]) -> None:
    assert differences(before, after) == [Difference(*one) for one in found]
    assert count(before, after) == len(found)


def test_what_is_missing_is_not_compared() -> None:
    assert (count(None, "1"), count("1", None)) == (None, None)


def test_states_that_changed_since() -> None:
    inner = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Result": 1, "End": True}}}
    new = {"StartAt": "M", "States": {"M": {**MAP["States"]["M"], "ItemProcessor": inner}, "Z": {"Type": "Succeed"}}}
    assert changed_states(build(MAP), build(MAP)) == []
    assert changed_states(build(MAP), build(new)) == ["B", "Z"]
    assert changed_states(build(new), build({"StartAt": "M", "States": {"M": 1}})) == ["M", "Z", "A", "B"]
