"""What expressions give while they are typed."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.graph import build
from studio.asl.tree import MISSING
from studio.ui.live import SHOWN, Sample, Told, brief, is_first, value_of

SAMPLE = Sample("the last run", {"a": {"b": [1, 2]}, "n x": 3}, {"r": 7}, {"v": 5}, {"Execution": {"Id": "e"}})
EARLY = Sample("the sample input", {"a": 1})


@pytest.mark.parametrize(
    ("value", "kind", "more", "told"),
    [
        ("$.a.b[0]", "path", {}, Told(True, "1")),
        ("$$.Execution.Id", "path", {}, Told(True, '"e"')),
        ("$v", "path", {}, Told(True, "5")),
        ("States.Format('x{}', $.a.b[1])", "path", {}, Told(True, '"x2"')),
        ("$.b", "path", {"input_path": "$.a"}, Told(True, "[1, 2]")),
        ("$.a", "path", {"input_path": "$.a", "stage": "raw"}, Told(True, '{"b": [1, 2]}')),
        ("$.r", "path", {"stage": "result"}, Told(True, "7")),
        ("$.nothing", "path", {}, Told(False, "Invalid path '$.nothing' : No results for path: $['nothing']")),
        ("{% $states.input.a.b[0] + $v %}", "expression", {}, Told(True, "6")),
        ("{% $states.result.r %}", "expression", {"stage": "result"}, Told(True, "7")),
        ("{% $nothing %}", "expression", {}, Told(False, "The JSONata expression '$nothing' returned nothing (undefined).")),
        ("no expression", "expression", {}, None),
        ({"k.$": "$.a.b", "l": 1}, "payload", {}, Told(True, '{"l": 1, "k": [1, 2]}')),
        ({"k": 1}, "payload", {}, None),
        ({"k": ["{% $v %}"]}, "template", {}, Told(True, '{"k": [5]}')),
        ({"k": 1}, "template", {}, None),
    ],
)
def test_what_a_field_gives(value: Any, kind: Any, more: Any, told: Told | None) -> None:
    assert value_of(value, kind, SAMPLE, **more) == told


@pytest.mark.parametrize(
    ("value", "kind"),
    [("$.r", "path"), ({"x.$": "$.r"}, "payload"), ("{% $states.result %}", "expression"), ({"x": "{% $states.result %}"}, "template")],
)
def test_before_a_run_nothing_is_said_of_results(value: Any, kind: Any) -> None:
    assert EARLY.result is MISSING
    assert value_of(value, kind, EARLY, stage="result") is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [("$.a[", "path"), ("x", "path"), ("{% $states.( %}", "expression"), ({"k.$": 1}, "payload"), ({"k": "{% ( %}"}, "template")],
)
def test_what_cannot_be_read_says_why(value: Any, kind: Any) -> None:
    told = value_of(value, kind, SAMPLE)
    assert told is not None
    assert (told.good, bool(told.text)) == (False, True)


def test_an_expression_without_an_end_is_stopped() -> None:
    told = value_of("{% ($f := function($x) { $f($x + 1) }; $f(0)) %}", "expression", SAMPLE)
    assert told is not None
    assert not told.good


def test_long_values_are_cut() -> None:
    assert brief("x" * 1000) == '"' + "x" * (SHOWN - 1) + "… (1,002 characters)"


def test_the_first_state_sees_the_sample_input() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    graph = build({"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "Next": "Z"}, "Z": {"Type": "Succeed"}}})
    assert [node.name for node in graph.states.values() if is_first(graph, node)] == ["M"]
