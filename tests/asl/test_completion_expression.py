"""What an expression may say where the caret (│) is, by what its state saw last."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.asl.completion import Seen, in_field
from studio.asl.completion_expression import LIMIT, keys
from studio.asl.tree import MISSING, Json

SEEN = Seen(
    {"order": {"id": "A-17", "lines": [{"sku": "x", "n": 2}, {"sku": "y", "n": 1}]}, "a b": 1},
    {"Payload": {"ok": True}},
    {"total": {"net": 3}},
    {"Execution": {"Input": {"who": "me"}}},
)


def machine(state: dict[str, Json], language: str = "JSONPath") -> Json:
    first: dict[str, Json] = {"Type": "Pass", "Assign": {"total": {}}, "Next": "S"}
    return {"QueryLanguage": language, "StartAt": "First", "States": {"First": first, "S": {"End": True, **state}}}


def proposed(marked: str, pointer: tuple[str | int, ...], state: dict[str, Json], holds: Any, language: str, seen: Seen) -> dict[str, str]:
    text, at = marked.replace("│", ""), marked.index("│")
    found = in_field(machine(state, language), ("States", "S", *pointer), text, at, holds, None, seen)
    assert 0 <= found.start <= at <= found.end <= len(text)
    return {c.label: c.detail for c in found.choices}


TASK: dict[str, Json] = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}
CATCH: dict[str, Json] = {**TASK, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "First"}]}
MAP: dict[str, Json] = {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}}
ORDER = {"$.order": "{2}", "$.order.id": '"A-17"', "$.order.lines": "[2]"}
CASES: list[tuple[str, str, tuple[str | int, ...], dict[str, Json], Any, str, dict[str, str]]] = [
    (
        "keys of the input",
        "$.or│",
        ("InputPath",),
        TASK,
        "path",
        "JSONPath",
        {"$.order": "{2}", "$.order.id": '"A-17"', "$.order.lines": "[2]"},
    ),
    ("an element", "$.order.lines[0].s│", ("InputPath",), TASK, "path", "JSONPath", {"$.order.lines[0].sku": '"x"'}),
    ("a key with a blank", "$['│", ("InputPath",), TASK, "path", "JSONPath", {"$['a b']": "1"}),
    ("its last name alone", "a│", ("InputPath",), TASK, "path", "JSONPath", {"$['a b']": "1"}),
    (
        "after InputPath",
        '{"x.$": "$.l│"}',
        ("Parameters",),
        {**TASK, "InputPath": "$.order"},
        "json",
        "JSONPath",
        {"$.lines": "[2]", "$.lines[0]": "{2}"},
    ),
    ("the result", '{"x.$": "$.│"}', ("ResultSelector",), TASK, "json", "JSONPath", {"$.Payload": "{1}", "$.Payload.ok": "true"}),
    (
        "the result in the input",
        "$.got.P│",
        ("OutputPath",),
        {**TASK, "ResultPath": "$.got"},
        "path",
        "JSONPath",
        {"$.got.Payload": "{1}", "$.got.Payload.ok": "true"},
    ),
    ("a variable", "$to│", ("InputPath",), TASK, "path", "JSONPath", {"$total": "{1}", "$total.net": "3"}),
    ("the execution's input", "$$.Execution.Input.│", ("InputPath",), TASK, "path", "JSONPath", {"$$.Execution.Input.who": '"me"'}),
    ("the error", '{"e.$": "$.E│"}', ("Catch", 0, "Assign"), CATCH, "json", "JSONPath", {"$.Error": '"States.TaskFailed"'}),
    (
        "what Assign reads: the selected result",
        '{"x.$": "$.│"}',
        ("Assign",),
        {**TASK, "ResultSelector": {"fine.$": "$.Payload.ok"}},
        "json",
        "JSONPath",
        {"$.fine": "true"},
    ),
    ("what a ResultPath is put into", "$.or│", ("ResultPath",), {**TASK, "InputPath": "$.order"}, "path", "JSONPath", ORDER),
    ("also a catcher's", "$.or│", ("Catch", 0, "ResultPath"), {**CATCH, "InputPath": "$.order"}, "path", "JSONPath", ORDER),
    (
        "JSONata's input",
        "{% $states.input.order.i│ %}",
        ("Output",),
        TASK,
        "json",
        "JSONata",
        {"$states.input.order.id": '"A-17"'},
    ),
    (
        "through an array",
        "$states.input.order.lines.n│",
        ("Output",),
        TASK,
        "expression",
        "JSONata",
        {"$states.input.order.lines.n[0]": "2"},
    ),
    ("a quoted key", "{% $states.input.`a│ %}", ("Output",), TASK, "json", "JSONata", {"$states.input.`a b`": "1"}),
    (
        "JSONata's result",
        '{"x": "{% $states.re│"}',
        ("Output",),
        TASK,
        "json",
        "JSONata",
        {"$states.result": "{1}", "$states.result.Payload": "{1}", "$states.result.Payload.ok": "true"},
    ),
    ("no result before the work", '{"x": "{% $states.re│"}', ("Arguments",), TASK, "json", "JSONata", {}),
    ("no result of a Pass", "{% $states.re│", ("Output",), {"Type": "Pass"}, "json", "JSONata", {}),
    (
        "the error that was caught",
        "{% $states.e│ %}",
        ("Catch", 0, "Output"),
        CATCH,
        "json",
        "JSONata",
        {"$states.errorOutput": "{2}", "$states.errorOutput.Error": '"States.TaskFailed"', "$states.errorOutput.Cause": '"why"'},
    ),
    ("no error elsewhere", "{% $states.e│ %}", ("Output",), CATCH, "json", "JSONata", {}),
    ("a function by its bare name", "upperc│", ("Output",), TASK, "expression", "JSONata", {"$uppercase(": "$uppercase(text)"}),
    ("a plain text", "or│", ("Output",), TASK, "text", "JSONata", {}),
    ("an item of a Map", '{"i.$": "$$.Map.Item.Value.│"}', ("ItemSelector",), MAP, "json", "JSONPath", {"$$.Map.Item.Value.sku": '"x"'}),
]


@pytest.mark.parametrize(
    ("marked", "pointer", "state", "holds", "language", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_an_expression_may_say(
    marked: str, pointer: tuple[str | int, ...], state: dict[str, Json], holds: Any, language: str, expected: dict[str, str]
) -> None:
    seen = Seen(SEEN.input, SEEN.result, SEEN.variables, SEEN.context, {"sku": "x"} if state is MAP else MISSING)
    assert proposed(marked, pointer, state, holds, language, seen) == expected


def test_a_function_is_put_in_with_its_brackets() -> None:
    found = in_field(machine(TASK, "JSONata"), ("States", "S", "Output"), "$uppe", 5, "expression")
    assert [(c.label, c.text) for c in found.choices] == [("$uppercase(", "$uppercase(§)")]
    found = in_field(machine(TASK, "JSONata"), ("States", "S", "Output"), "$mill", 5, "expression")
    assert [(c.label, c.text) for c in found.choices] == [("$millis(", "$millis()")]


def test_a_field_whose_place_is_gone_proposes_nothing() -> None:
    assert in_field({"States": 1}, ("States", "S", "Parameters"), "{", 1, "json").choices == ()


def test_data_without_end_is_cut() -> None:
    wide: Any = {f"k{i}": {f"k{j}": {"x": 1} for j in range(30)} for i in range(1000)}
    assert len(keys("$", wide, "", "JSONPath")) == LIMIT
    assert [c.label for c in keys("$", wide, "$.k999.k7.", "JSONPath")] == ["$.k999.k7.x"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(value=json_values, typed=st.text("$.aā[0]'`{% ", max_size=12), holds=st.sampled_from(["text", "path", "expression", "json"]))
def test_whatever_is_typed_on_whatever_data(value: Any, typed: str, holds: Any) -> None:
    for language in ("JSONPath", "JSONata"):
        found = in_field(machine(TASK, language), ("States", "S", "Output"), typed, len(typed), holds, None, Seen(value, value))
        assert 0 <= found.start <= found.end <= len(typed)
