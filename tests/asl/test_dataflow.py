from __future__ import annotations

import json

import pytest
from recorded import Recorded, agrees, runs, walk

from studio.asl.dataflow import Exit, compile_catchers, compile_choices, compile_flow, states_of
from studio.asl.flow_fields import compile_field, compile_items, compile_template
from studio.asl.values import Env, Failure, SyntaxProblem, to_aws_text

ENV = Env({"State": {"Name": "S"}}, {"v": 3}, state="S", entered=2)
PREFIX = "An error occurred while executing the state 'S' (entered at the event id #2). "
RECORDED = list(runs())
OURS_ALONE = {"error_handling--test-start-large-input--aff6eb2e[0]"}
"""Decided by a quota, not by data flow."""


@pytest.mark.parametrize("run", [pytest.param(run, id=run.name) for run in RECORDED if run.name not in OURS_ALONE])
def test_as_recorded_on_aws(run: Recorded):
    walked = walk(run.definition, run.input)
    error, cause, location = (walked.failure.error, walked.failure.cause, walked.failure.location) if walked.failure else (None, None, None)
    assert (agrees(run.error, error), agrees(run.cause, cause)) == (True, True), walked.failure
    assert run.location in {None, location}
    assert agrees(run.output, walked.output), walked.output
    for (state, recorded), (left, ours) in zip(run.exits, walked.exits, strict=False):
        assert (state, agrees(recorded, ours)) == (left, True), (state, recorded, ours)
    for name, value in run.assigned.items():
        assert agrees(value, walked.assigned[name]) or json.loads(value) == json.loads(walked.assigned[name]), name


def test_there_are_recordings():
    assert len(RECORDED) > 380


TASK = {
    "Type": "Task",
    "InputPath": "$.in",
    "Parameters": {"p.$": "$.x", "v.$": "$v"},
    "ResultSelector": {"r.$": "$.Payload"},
    "ResultPath": "$.out",
    "OutputPath": "$.out",
    "Assign": {"seen.$": "$.r"},
}
RAW = {"in": {"x": 1}, "keep": True}


def test_jsonpath_stages_one_by_one():
    flow = compile_flow(TASK)
    assert flow.input(RAW, ENV) == {"x": 1}
    assert flow.parameters({"x": 1}, ENV) == {"p": 1, "v": 3}
    assert flow.work_input(RAW, ENV) == {"p": 1, "v": 3}
    assert flow.result_selector({"Payload": 5}, ENV) == {"r": 5}
    assert flow.result_path(RAW, {"r": 5}, ENV) == {**RAW, "out": {"r": 5}}
    assert flow.output_path({**RAW, "out": {"r": 5}}, ENV) == {"r": 5}
    assert flow.leave(RAW, {"Payload": 5}, ENV) == Exit({"r": 5}, {"seen": 5})


def test_jsonata_stages_one_by_one():
    flow = compile_flow(
        {
            "Type": "Task",
            "Arguments": {"n": "{% $states.input.in.x %}"},
            "Output": "{% $states.result.Payload + $v %}",
            "Assign": {"seen": "{% $states.result %}"},
        },
        "JSONata",
    )
    assert flow.arguments(RAW, ENV) == {"n": 1}
    assert flow.work_input(RAW, ENV) == {"n": 1}
    assert flow.output(RAW, {"Payload": 5}, ENV) == 8
    assert flow.leave(RAW, {"Payload": 5}, ENV) == Exit(8, {"seen": {"Payload": 5}})


def test_a_state_without_fields_passes_its_data_on_untouched():
    for language in ("JSONPath", "JSONata"):
        flow = compile_flow({"Type": "Pass"}, language)
        assert flow.identity
        assert flow.work_input(RAW, ENV) is RAW
        assert flow.leave(RAW, RAW, ENV).output is RAW


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({"ResultPath": None}, RAW),
        ({"OutputPath": None}, {}),
        ({"ResultPath": "$.in.x"}, {"in": {"x": 9}, "keep": True}),
        ({"OutputPath": "$v"}, 3),
        ({"OutputPath": "$$.State.Name"}, "S"),
    ],
)
def test_output_fields(fields, output):
    assert compile_flow({"Type": "Task", **fields}).leave(RAW, 9, ENV) == Exit(output, {})


def test_input_path_null_is_an_empty_object():
    assert compile_flow({"Type": "Pass", "InputPath": None}).work_input(RAW, ENV) == {}


@pytest.mark.parametrize(
    ("language", "state", "failure"),
    [
        ("JSONPath", {"InputPath": "$.nope"}, Failure("States.Runtime", PREFIX + "Invalid path '$.nope' : No results for path: $['nope']")),
        (
            "JSONPath",
            {"Parameters": {"a.$": "$.nope"}},
            Failure(
                "States.Runtime",
                PREFIX
                + "The JSONPath '$.nope' specified for the field 'a.$' could not be found in the input '{\"in\":{\"x\":1},\"keep\":true}'",
            ),
        ),
        (
            "JSONata",
            {"Arguments": {"a": ["{% $nope %}"]}},
            Failure(
                "States.QueryEvaluationError",
                PREFIX + "The JSONata expression '$nope' specified for the field 'Arguments/a[0]' returned nothing (undefined).",
                "Arguments/a[0]",
            ),
        ),
    ],
)
def test_failures_before_the_work(language, state, failure):
    assert compile_flow({"Type": "Task", **state}, language).work_input(RAW, ENV) == failure


def test_result_path_through_a_text_fails():
    left = compile_flow({"Type": "Task", "ResultPath": "$.a"}).leave("text", 1, ENV)
    assert left == Failure("States.ResultPathMatchFailure", PREFIX + 'Unable to apply ReferencePath $.a to input "text"')


def test_states_has_a_result_only_where_work_was_done():
    assert compile_flow({"Type": "Pass", "Output": "{% $states %}"}, "JSONata").leave(RAW, RAW, ENV) == Exit(
        {"input": RAW, "context": ENV.context}, {}
    )
    task = compile_flow({"Type": "Task", "Output": "{% $states %}"}, "JSONata").leave(RAW, 1, ENV)
    assert task == Exit({"input": RAW, "context": ENV.context, "result": 1}, {})
    assert list(states_of(RAW, ENV, "errorOutput", {})) == ["input", "context", "errorOutput"]


ERROR = Failure("E", "why").to_json()


def test_catchers():
    state = {
        "Catch": [
            {"ErrorEquals": ["E"], "ResultPath": "$.error", "Assign": {"e.$": "$.Error"}, "Next": "A"},
            {"ErrorEquals": ["States.ALL"], "Next": "B"},
        ]
    }
    first, second = compile_catchers(state)
    assert (first.errors, first.next, first.output(RAW, ERROR, ENV), first.assign(RAW, ERROR, ENV)) == (
        ("E",),
        "A",
        {**RAW, "error": ERROR},
        {"e": "E"},
    )
    assert (second.output(RAW, ERROR, ENV), second.assign(RAW, ERROR, ENV)) == (ERROR, {})
    (jsonata,) = compile_catchers(
        {"Catch": [{"ErrorEquals": ["E"], "Output": "{% $states.errorOutput.Cause %}", "Assign": {"bad": "{% $nope %}"}, "Next": "A"}]},
        "JSONata",
    )
    assert jsonata.output(RAW, ERROR, ENV) == "why"
    assert jsonata.assign(RAW, ERROR, ENV).location == "Catch[0]/Assign/bad"


def test_choices():
    state = {
        "Choices": [
            {"Condition": "{% $states.input.keep %}", "Next": "A", "Output": "{% $v %}", "Assign": {"took": 1}},
            {"Condition": "{% $states.input.in.x %}", "Next": "B"},
        ]
    }
    first, second = compile_choices(state, "JSONata")
    assert (first.test(RAW, ENV), first.next, first.flow.leave(RAW, RAW, ENV)) == (True, "A", Exit(3, {"took": 1}))
    assert second.test(RAW, ENV) == Failure(
        "States.QueryEvaluationError",
        PREFIX
        + "The JSONata expression '$states.input.in.x' specified for the field 'Choices[1]/Condition' returned an unexpected result type. "
        "Expected 'boolean', but was 'number' for value: 1",
        "Choices[1]/Condition",
    )
    (path,) = compile_choices({"Choices": [{"Variable": "$.keep", "BooleanEquals": True, "Next": "A", "Assign": {"k.$": "$.keep"}}]})
    assert (path.test(RAW, ENV), path.flow.leave(RAW, RAW, ENV)) == (True, Exit(RAW, {"k": True}))


FIELD_DATA = {
    "n": 5,
    "text": "7",
    "neg": -1,
    "obj": {"raw": "3"},
    "half": 2.5,
    "when": "2016-03-14T01:59:00Z",
    "list": [1],
    "big": 1e9,
    "whole": 2.0,
    "huge": 2**63,
}


@pytest.mark.parametrize(
    ("state", "name", "value"),
    [
        ({"Seconds": 3}, "Seconds", 3),
        ({"SecondsPath": "$.n"}, "Seconds", 5),
        ({"SecondsPath": "$.text"}, "Seconds", 7),
        ({"TimestampPath": "$.when"}, "Timestamp", "2016-03-14T01:59:00Z"),
        ({"MaxConcurrencyPath": "$.n"}, "MaxConcurrency", 5),
        ({"ToleratedFailurePercentagePath": "$.half"}, "ToleratedFailurePercentage", 2.5),
        ({"ErrorPath": "States.Format('E{}', $.n)"}, "Error", "E5"),
        ({"CausePath": "$.when"}, "Cause", "2016-03-14T01:59:00Z"),
        ({"TimeoutSecondsPath": "$v"}, "TimeoutSeconds", 3),
    ],
)
def test_fields_by_path(state, name, value):
    assert compile_field(state, name)(FIELD_DATA, ENV) == value


@pytest.mark.parametrize(
    ("state", "name", "cause"),
    [
        ({"SecondsPath": "$.neg"}, "Seconds", "The SecondsPath parameter references a negative value: $.neg == -1"),
        ({"SecondsPath": "$.obj"}, "Seconds", 'The SecondsPath parameter cannot be parsed as a long value: $.obj == {"raw":"3"}'),
        ({"SecondsPath": "$.half"}, "Seconds", "The SecondsPath parameter cannot be parsed as a long value: $.half == 2.5"),
        (
            {"TimeoutSecondsPath": "$.whole"},
            "TimeoutSeconds",
            "The TimeoutSecondsPath parameter cannot be parsed as a long value: $.whole == 2.0",
        ),
        ({"SecondsPath": "$.huge"}, "Seconds", f"The SecondsPath parameter cannot be parsed as a long value: $.huge == {2**63}"),
        (
            {"MaxItemsPath": "$.whole"},
            "MaxItems",
            'The MaxItemsPath field refers to value "2.0" which is not a valid integer: $.whole',
        ),
        (
            {"MaxConcurrencyPath": "$.huge"},
            "MaxConcurrency",
            f'The MaxConcurrencyPath field refers to value "{2**63}" which is not a valid integer: $.huge',
        ),
        ({"SecondsPath": "$.nope"}, "Seconds", "The SecondsPath parameter does not reference an input value: $.nope"),
        (
            {"TimestampPath": "$.n"},
            "Timestamp",
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.n == 5",
        ),
        (
            {"MaxConcurrencyPath": "$.obj"},
            "MaxConcurrency",
            'The MaxConcurrencyPath field refers to value "{"raw":"3"}" which is not a valid integer: $.obj',
        ),
        (
            {"ToleratedFailurePercentagePath": "$.list"},
            "ToleratedFailurePercentage",
            'The ToleratedFailurePercentagePath field refers to value "[1]" which is not a valid float: $.list',
        ),
        (
            {"ToleratedFailurePercentagePath": "$.neg"},
            "ToleratedFailurePercentage",
            "ToleratedFailurePercentage must be between 0 and 100.",
        ),
        (
            {"ErrorPath": "$.nope"},
            "Error",
            f"The JSONPath '$.nope' specified for the field 'ErrorPath' could not be found in the input '{to_aws_text(FIELD_DATA)}'",
        ),
    ],
)
def test_fields_by_path_that_do_not_fit(state, name, cause):
    assert compile_field(state, name)(FIELD_DATA, ENV) == Failure("States.Runtime", PREFIX + cause)


@pytest.mark.parametrize(
    ("expression", "name", "value"),
    [
        ("$variable := 1", "MaxConcurrency", 1),
        ("$states.input.n", "Seconds", 5),
        ("$states.input.list", "Items", [1]),
        ("'E' & $states.input.n", "Error", "E5"),
    ],
)
def test_fields_by_expression(expression, name, value):
    assert compile_field({name: f"{{% {expression} %}}"}, name, "JSONata")(FIELD_DATA, ENV) == value


@pytest.mark.parametrize(
    ("expression", "name", "what"),
    [
        ("'x'", "Items", "returned an unexpected result type. Expected 'array', but was 'string' for value: \"x\""),
        ("$states.input.text", "Seconds", "returned an unexpected result type. Expected 'number', but was 'string' for value: \"7\""),
        ("$nope", "TimeoutSeconds", "returned nothing (undefined)."),
    ],
)
def test_fields_by_expression_that_do_not_fit(expression, name, what):
    failed = compile_field({name: f"{{% {expression} %}}"}, name, "JSONata")(FIELD_DATA, ENV)
    cause = f"The JSONata expression '{expression}' specified for the field '{name}' {what}"
    assert failed == Failure("States.QueryEvaluationError", PREFIX + cause, name)


def test_numbers_outside_their_bounds():
    failed = compile_field({"TimeoutSeconds": "{% 1.5 %}"}, "TimeoutSeconds", "JSONata")(FIELD_DATA, ENV)
    assert failed == Failure(
        "States.QueryEvaluationError", PREFIX + "The TimeoutSeconds field cannot be parsed as an integer: 1.5", "TimeoutSeconds"
    )


def test_absent_fields():
    assert compile_field({}, "Seconds") is None
    assert compile_field({}, "Items", "JSONata") is None


def test_items():
    assert compile_items({"ItemsPath": "$.list"})(FIELD_DATA, ENV) == [1]
    assert compile_items({})([1, 2], ENV) == [1, 2]
    assert compile_items({"ItemsPath": "$.n"})(FIELD_DATA, ENV) == Failure(
        "States.Runtime", PREFIX + 'Reference path "$.n" must point to array.'
    )
    assert compile_items({"Items": [1, "{% $number('2') %}"]}, "JSONata")(FIELD_DATA, ENV) == [1, 2]
    assert compile_items({}, "JSONata")(1, ENV) == Failure(
        "States.QueryEvaluationError", PREFIX + "Map state input must be an array but was: 1"
    )


def test_any_other_template():
    assert compile_template({"Bucket.$": "$.when"}, "ItemReader/Parameters")(FIELD_DATA, ENV) == {"Bucket": FIELD_DATA["when"]}
    failed = compile_template({"Bucket": "{% $nope %}"}, "ItemReader/Arguments", "JSONata")(FIELD_DATA, ENV)
    assert failed.location == "ItemReader/Arguments/Bucket"


@pytest.mark.parametrize(
    ("state", "language"),
    [
        ({"ResultPath": "$.a[*]"}, "JSONPath"),
        ({"ResultPath": "$$.a"}, "JSONPath"),
        ({"ResultPath": 1}, "JSONPath"),
        ({"InputPath": 1}, "JSONPath"),
        ({"Assign": [1]}, "JSONPath"),
        ({"Output": "{% ( %}"}, "JSONata"),
        ({"Assign": "x"}, "JSONata"),
    ],
)
def test_what_cannot_be_compiled_is_refused(state, language):
    with pytest.raises(SyntaxProblem):
        compile_flow({"Type": "Task", **state}, language)
