"""What expressions give while they are typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studio.asl.graph import build
from studio.asl.tree import MISSING
from studio.ui.live import SHOWN, Sample, Told, brief, caught, for_an_item, is_first, value_of

SAMPLE = Sample("the last run", {"a": {"b": [1, 2]}, "n x": 3}, {"r": 7}, {"v": 5}, {"Execution": {"Id": "e"}})
EARLY = Sample("the sample input", {"a": 1})


@pytest.mark.parametrize(
    ("value", "kind", "more", "told"),
    [
        ("$.a.b[0]", "path", {}, Told(True, "1")),
        ("$$.Execution.Id", "path", {}, Told(True, '"e"')),
        ("$v", "path", {}, Told(True, "5")),
        ("States.Format('x{}', $.a.b[1])", "path", {}, Told(True, '"x2"')),
        ("$.b", "path", {"state": {"InputPath": "$.a"}}, Told(True, "[1, 2]")),
        ("$.a", "path", {"state": {"InputPath": "$.a"}, "stage": "raw"}, Told(True, '{"b": [1, 2]}')),
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


WORK = {"Type": "Task", "ResultSelector": {"s.$": "$.r"}}
FAILED = replace(SAMPLE, error={"Error": "Lambda.X", "Cause": "too slow"})


@pytest.mark.parametrize(
    ("value", "kind", "more", "told"),
    [
        ({"x.$": "$.s"}, "payload", {"stage": "selected", "state": WORK}, Told(True, '{"x": 7}')),
        ({"x.$": "$.r"}, "payload", {"stage": "selected", "state": {"Type": "Task"}}, Told(True, '{"x": 7}')),
        ({"x.$": "$.b"}, "payload", {"stage": "selected", "state": {"Type": "Wait", "InputPath": "$.a"}}, Told(True, '{"x": [1, 2]}')),
        ({"x.$": "$.k"}, "payload", {"stage": "selected", "state": {"Type": "Pass", "Result": {"k": 9}}}, Told(True, '{"x": 9}')),
        ({"x.$": "$.k"}, "payload", {"stage": "selected", "state": {"Type": "Pass", "Parameters": {"k.$": "$v"}}}, Told(True, '{"x": 5}')),
        ("$.got", "into", {"stage": "selected", "state": WORK}, Told(True, '{"a": {"b": [1, 2]}, "n x": 3, "got": {"s": 7}}')),
        (None, "into", {"stage": "selected", "state": WORK}, Told(True, '{"a": {"b": [1, 2]}, "n x": 3}')),
        ("$.a[0].x", "into", {"stage": "selected", "state": WORK}, Told(False, "")),
        ("$.got.s", "path", {"stage": "joined", "state": {**WORK, "ResultPath": "$.got"}}, Told(True, "7")),
        ("$.a", "path", {"stage": "joined", "state": {**WORK, "ResultPath": None}}, Told(True, '{"b": [1, 2]}')),
        (None, "path", {"stage": "raw", "state": {"InputPath": None}}, Told(True, "{}")),
        ({"why.$": "$.Cause"}, "payload", {"stage": "error"}, Told(True, '{"why": "too slow"}')),
        ("$.error", "into", {"stage": "error"}, Told(True, '{"a": {"b": [1, 2]}, "n x": 3, "error": {"Error": "Lambda.X", "Cause": "too slow"}}')),
        ("{% $states.errorOutput.Error %}", "template", {"stage": "error"}, Told(True, '"Lambda.X"')),
        ({"e": "{% $states.result %}"}, "template", {"stage": "error"}, Told(False, "")),
    ],
)  # fmt: skip
def test_behind_the_work_and_in_a_catcher(value: Any, kind: Any, more: Any, told: Told) -> None:
    found = value_of(value, kind, FAILED, **more)
    assert found is not None
    assert found == told if told.good else not found.good


@pytest.mark.parametrize(
    ("errors", "error"),
    [
        (["States.ALL"], "Lambda.X"),
        (["Other", "Lambda.X"], "Lambda.X"),
        (["States.TaskFailed"], "Lambda.X"),
        (["Other"], "Other"),
        ("broken", "States.TaskFailed"),
    ],
)
def test_the_error_of_a_catcher(errors: Any, error: str) -> None:
    found = caught(FAILED, errors)
    assert found.error["Error"] == error
    assert ("example" in found.title) == (error != "Lambda.X")
    assert caught(SAMPLE, ["States.ALL"]).error == {"Error": "States.TaskFailed", "Cause": "Why it failed"}


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


def test_the_first_item_of_a_map() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    for state, item in (
        ({"ItemsPath": "$.a.b"}, 1),
        ({"InputPath": "$.a", "ItemsPath": "$.b"}, 1),
        ({"QueryLanguage": "JSONata", "Items": "{% $states.input.a.b %}"}, 1),
        ({"ItemsPath": "$.none"}, None),
        ({"ItemReader": {}}, None),
    ):
        graph = build({"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True, **state}}})
        node = graph.by_name("M")
        assert node is not None
        found = for_an_item(node, SAMPLE)
        if item is None:
            assert found is None
            continue
        assert found is not None
        assert value_of({"x.$": "$$.Map.Item.Value"}, "payload", found, state=state) == Told(True, f'{{"x": {item}}}')
        assert value_of({"x": "{% $states.context.Map.Item.Value %}"}, "template", found) == Told(True, f'{{"x": {item}}}')


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
