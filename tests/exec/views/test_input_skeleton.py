"""What a state reads, as values to begin with."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.graph import StateNode, build
from studio.exec.views.input_skeleton import filled, result_read, skeleton, variables_read


def node(state: Any) -> StateNode:
    found = build({"StartAt": "S", "States": {"S": {**state, "End": True}}}).by_name("S")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Pass"}, {}),
        ({"Type": "Pass", "InputPath": None, "Parameters": {"a.$": "$"}}, {}),
        ({"Type": "Wait", "SecondsPath": "$.delay.seconds"}, {"delay": {"seconds": 1}}),
        ({"Type": "Wait", "InputPath": "$.in", "TimestampPath": "$.at"}, {"in": {"at": "2026-01-01T00:00:00Z"}}),
        ({"Type": "Fail", "ErrorPath": "$.e.Error", "CausePath": "$.e.Cause"}, {"e": {"Cause": "Cause", "Error": "Error"}}),
        (
            {
                "Type": "Choice",
                "Choices": [
                    {"And": [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.b[1]", "NumericLessThanPath": "$.a"}]},
                    {"Variable": "$.plan", "StringEquals": "gold"},
                    {"Variable": "$.plan", "StringEquals": "silver"},
                    {"Not": {"Variable": "$.vip", "BooleanEquals": False}},
                    {"Variable": "$.name", "StringMatches": "A*"},
                ],
            },
            {"a": 1, "b": [None, 1], "plan": "gold", "vip": False, "name": "text"},
        ),
        (
            {
                "Type": "Task",
                "InputPath": "$.o",
                "Parameters": {"x.$": "States.Format('{}{}', $.id, $var)"},
                "ResultSelector": {"r.$": "$.no"},
            },
            {"o": {"id": None}},
        ),
        ({"Type": "Map", "ItemsPath": "$.all", "ItemProcessor": {"States": {"I": {"Type": "Pass", "InputPath": "$.not"}}}}, {"all": [{}]}),
        (
            {"QueryLanguage": "JSONata", "Type": "Pass", "Output": "{% $states.input.a.b & $states.context.State.Name %}"},
            {"a": {"b": None}},
        ),
        (
            {
                "Type": "Map",
                "ItemsPath": "$.all",
                "ItemSelector": {"x.$": "$$.Map.Item.Value.id", "i.$": "$$.Map.Item.Index", "y.$": "$.rate"},
            },
            {"all": [{"id": None}], "rate": None},
        ),
        (
            {"QueryLanguage": "JSONata", "Type": "Map", "Items": "{% $states.input.a.rows %}", "MaxConcurrency": "{% $n %}"},
            {"a": {"rows": [{}]}},
        ),
        ({"QueryLanguage": "JSONata", "Type": "Wait", "Seconds": "{% $states.input.s %}"}, {"s": 1}),
    ],
)
def test_the_skeleton_has_what_the_state_reads(state: Any, expected: Any) -> None:
    assert skeleton(node(state)) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Choice", "Choices": [{"Variable": "$a.b", "NumericLessThanPath": "$c"}]}, {"a", "c"}),
        ({"Type": "Task", "Parameters": {"x.$": "States.Format('{}', $d)"}, "ResultSelector": {"y.$": "$e"}}, {"d", "e"}),
        (
            {
                "QueryLanguage": "JSONata",
                "Type": "Map",
                "Items": "{% ($local := 1; $rows[$local]) %}",
                "ItemProcessor": {"States": {"I": {"Type": "Pass", "Output": "{% $inside %}"}}},
            },
            {"rows"},
        ),
    ],
)
def test_the_variables_that_a_state_reads(state: Any, expected: set[str]) -> None:
    assert variables_read(node(state)) == expected


@pytest.mark.parametrize(
    ("state", "begun", "expected"),
    [
        (
            {"Type": "Parallel", "ResultSelector": {"m.$": "$[0].Id", "n.$": "$[1].a[0]"}},
            [{}, {"a": 1}],
            [{"Id": "x"}, {"a": ["x"]}],
        ),
        ({"Type": "Task", "ResultSelector": {"m.$": "$.Payload.id"}, "Assign": {"v.$": "$.m"}}, {"Payload": {}}, {"Payload": {"id": "x"}}),
        ({"Type": "Task", "Assign": {"v.$": "$.Body.id"}, "OutputPath": "$.Payload"}, {}, {"Body": {"id": "x"}, "Payload": "x"}),
        ({"Type": "Task", "ResultPath": "$.r", "OutputPath": "$.r.a"}, {"Body": 1}, {"Body": 1}),
        (
            {"QueryLanguage": "JSONata", "Type": "Task", "Output": "{% $states.result.Item.id.S & $states.input.no %}"},
            {"Item": {}},
            {"Item": {"id": {"S": "x"}}},
        ),
    ],
)
def test_a_result_is_filled_with_what_the_state_reads_of_it(state: Any, begun: Any, expected: Any) -> None:
    assert filled(begun, result_read(node(state)), "x") == expected
