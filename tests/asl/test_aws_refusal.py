"""Why AWS refuses a definition, in its own words. Sources: AWS's recorded answers, and what users measured and reported of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.asl.jsonata_analysis import top_names
from studio.asl.lint import aws_refusal, aws_validate

PASS: dict[str, Any] = {"Type": "Pass", "End": True}
INVOKE: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}}
SCHEMA = "SCHEMA_VALIDATION_FAILED: "
TARGET = "MISSING_TRANSITION_TARGET: "


def machine(*states: dict[str, Any], **top: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": dict(zip("ABCD", states, strict=False)), **top}


def mapped(**more: Any) -> dict[str, Any]:
    return machine({"Type": "Map", "ItemProcessor": {"StartAt": "X", "States": {"X": PASS}}, "End": True, **more})


def distributed(block: str, held: dict[str, Any], **top: Any) -> dict[str, Any]:
    """A Distributed Map with an ItemBatcher, or an ItemReader with a ReaderConfig."""
    inner = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "X", "States": {"X": PASS}}
    arguments = "Arguments" if top else "Parameters"
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON", **held},
        arguments: {"Bucket": "b", "Key": "k"},
    }
    more = {"ItemReader": reader} if block == "ReaderConfig" else {"ItemBatcher": held}
    return machine({"Type": "Map", "ItemProcessor": inner, "End": True, **more}, **top)


READER = "/States/A/ItemReader/ReaderConfig"
NUMBERS = [
    ("MaxItems", "ReaderConfig", READER),
    ("MaxItemsPerBatch", "ItemBatcher", "/States/A/ItemBatcher"),
    ("MaxInputBytesPerBatch", "ItemBatcher", "/States/A/ItemBatcher"),
]


def jsonata(output: str) -> dict[str, Any]:
    return machine({"Type": "Pass", "Output": {"v": output}, "End": True}, QueryLanguage="JSONata")


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (
            machine({"Type": "Pass", "Next": "Z"}, PASS),
            f"{TARGET}Missing 'Next' target: Z at /States/A/Next, {TARGET}State \"B\" is not reachable. at /States/B",
        ),
        (
            {**machine(PASS), "StartAt": "Z"},
            f"{TARGET}Missing 'Next' target: Z at /StartAt, {TARGET}State \"A\" is not reachable. at /States/A",
        ),
        (machine({"Type": "Pass", "Next": "A"}), "MISSING_END_STATE: Workflow has no terminal state at null"),
        (
            machine({"Type": "Pass", "Next": "B"}, {"Type": "Pass", "Next": "A"}, {"Type": "Pass", "Next": "A"}),
            "MISSING_END_STATE: Workflow has no terminal state at null",
        ),
        (
            machine({"Type": "Pass", "Next": "B"}, {"Type": "Pass", "Next": "A"}, PASS),
            f'{TARGET}State "C" is not reachable. at /States/C',
        ),
        (
            machine({"Type": "Pass", "Next": "Z"}),
            f"{TARGET}Missing 'Next' target: Z at /States/A/Next, MISSING_END_STATE: Workflow has no terminal state at null",
        ),
        (
            machine(INVOKE | {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}], "End": True}),
            f"{TARGET}Missing 'Next' target: Z at /States/A/Catch[0]/Next",
        ),
        (
            machine({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "B"}], "Default": "Z"}, PASS),
            f"{TARGET}Missing 'Next' target: Z at /States/A/Default",
        ),
        ({"States": {"A": PASS}}, f"{SCHEMA}These fields are required: [StartAt] at /"),  # what is wrong by itself comes alone
        (machine(PASS | {"TimeoutSeconds": 1}), f"{SCHEMA}Field 'TimeoutSeconds' is not supported at /States/A"),
        (mapped(TimeoutSeconds=1), f"{SCHEMA}Field 'TimeoutSeconds' is not supported at /States/A"),
        (
            machine(PASS | {"Output": 1}),
            f"{SCHEMA}The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/A",
        ),
        (
            machine(PASS | {"Parameters": {}}, QueryLanguage="JSONata"),
            f"{SCHEMA}The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the 'JSONPath' QueryLanguage at /States/A",
        ),
        (
            machine({"Type": "Map", "ItemProcessor": {"QueryLanguage": "JSONata", "StartAt": "X", "States": {"X": PASS}}, "End": True}),
            f"{SCHEMA}Field 'QueryLanguage' is not supported at /States/A/ItemProcessor",
        ),
        (
            mapped(MaxConcurrency=1, MaxConcurrencyPath="$.n"),
            f"{SCHEMA}There should only be one of the following fields: [MaxConcurrency, MaxConcurrencyPath] at /States/A",
        ),
        (mapped(MaxConcurrency=-1), f"{SCHEMA}Minimum value is 0 at /States/A/MaxConcurrency"),
        (mapped(ToleratedFailurePercentage=-1), f"{SCHEMA}Minimum value is 0.0 at /States/A/ToleratedFailurePercentage"),
        (mapped(ToleratedFailurePercentage=101), f"{SCHEMA}Maximum value is 100.0 at /States/A/ToleratedFailurePercentage"),
        *[
            (distributed(block, {name: value}), f"{SCHEMA}{said} at {place}/{name}")
            for name, block, place in NUMBERS
            for value, said in [
                (-1, "Minimum value is 0"),
                ("1", "Expected value of type Integer"),
                (1.5, "Expected value of type Integer"),
            ]
        ],
        *[
            (
                distributed(block, {name: 1, f"{name}Path": "$.n"}),
                f"{SCHEMA}There should only be one of the following fields: [{name}, {name}Path] at {place}",
            )
            for name, block, place in NUMBERS
        ],
        *[
            (
                distributed(block, {f"{name}Path": "$.n"}, QueryLanguage="JSONata"),
                f"{SCHEMA}The QueryLanguage is set to 'JSONata', but field '{name}Path' is only supported for the 'JSONPath' QueryLanguage at {place}",
            )
            for name, block, place in NUMBERS
        ],
        *[
            (distributed(block, {f"{name}Path": path}), f"{SCHEMA}Value is not a Reference Path at {place}/{name}Path")
            for name, block, place in NUMBERS
            for path in ("$$.Execution.Input.n", "$.n[*]", "n")
        ],
        (distributed("ReaderConfig", {"MaxItems": 100_000_001}), f"{SCHEMA}Maximum value is 100000000 at {READER}/MaxItems"),
        (
            distributed("ItemBatcher", {"MaxInputBytesPerBatch": 262_145}),
            f"{SCHEMA}Maximum value is 262144 at /States/A/ItemBatcher/MaxInputBytesPerBatch",
        ),
        (mapped(MaxConcurrencyPath="$$.Execution.Input.n"), f"{SCHEMA}Value is not a Reference Path at /States/A/MaxConcurrencyPath"),
        (
            machine({"Type": "Wait", "Seconds": 100_000_000, "End": True}),
            f"{SCHEMA}Maximum value is 99999999 at /States/A/Seconds",
        ),
        (machine({"Type": "Wait", "Seconds": "1", "End": True}), f"{SCHEMA}Expected value of type Integer at /States/A/Seconds"),
        (
            machine({"Type": "Wait", "SecondsPath": "$.a[*]", "End": True}),
            f"{SCHEMA}Value is not a Reference Path at /States/A/SecondsPath",
        ),
        (machine(PASS | {"OutputPath": "Test"}), f"{SCHEMA}Value must be a valid JSONPath. at /States/A/OutputPath"),
        (
            machine(PASS | {"Assign": {"Variable.$": "x"}}),
            f"{SCHEMA}The value for the field 'Variable.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Assign",
        ),
        (
            machine({"Type": "Choice", "Choices": [{"Variable": "$", "StringMatches": "T"}], "Default": "B"}, PASS),
            f"{SCHEMA}These fields are required: [Next] at /States/A/Choices[0]",
        ),
        *[
            (machine(PASS | {"Assign": {name: 1}}, **more), f"{SCHEMA}'{name}' cannot be a variable's name. at /States/A/Assign/{name}")
            for name in ("states", "1st", "a-b", "v" * 81)
            for more in ({}, {"QueryLanguage": "JSONata"})
        ],
        (
            machine(INVOKE | {"End": True, "Catch": [{"ErrorEquals": ["E"], "Assign": {"states.$": "$.Error"}, "Next": "B"}]}, PASS),
            f"{SCHEMA}'states' cannot be a variable's name. at /States/A/Catch[0]/Assign/states.$",
        ),
        (machine({"Type": "Task", "Resource": "create", "End": True}), f"{SCHEMA}Value is not a valid resource ARN at /States/A/Resource"),
        (
            jsonata("{% phone %}"),
            "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/A/Output/v",
        ),
        *(
            (jsonata(f"{{% {expression} %}}"), f"INVALID_JSONATA_EXPRESSION: {said} at /States/A/Output/v")
            for expression, said in [
                ("1 +", "Unexpected end of expression"),
                ("[1,2)", 'Expected "]", got ")"'),
                ("[1 2.5]", 'Expected "]", got 2.5'),
                ("[1 null]", 'Expected "]", got null'),
                ("{'a' $x}", 'Expected ":", got "x"'),
                ("(1", 'Expected ")" before end of expression'),
                ("1 2", "Syntax error: 2"),
                ("phone home", 'Syntax error: "home"'),
                ("1)", 'Syntax error: ")"'),
                ("+ 1", 'The symbol "+" cannot be used as a unary operator'),
                ("{'a':}", 'The symbol "}" cannot be used as a unary operator'),
                ("1 ~ 2", 'Unknown operator: "~"'),
                ("$x#1", 'The right side of "#" must be a variable name (start with $)'),
                ("1e400", 'Number out of range: "1e400"'),
                ("1 /* c", "Comment has no closing tag"),
                ("'x", "String literal must be terminated by a matching quote"),
                ("$match('a', /abc", "No terminating / in regular expression"),
            ]
        ),
    ],
)
def test_a_refusal_reads_as_on_aws(definition: Any, said: str) -> None:
    assert aws_refusal(json.dumps(definition)) == f"Invalid State Machine Definition: '{said}'"


def test_a_workflow_without_end_has_no_place() -> None:
    assert aws_validate(json.dumps(machine({"Type": "Pass", "Next": "A"}))) == {
        "result": "FAIL",
        "diagnostics": [{"severity": "ERROR", "code": "MISSING_END_STATE", "message": "Workflow has no terminal state"}],
        "truncated": False,
    }


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("phone", ("phone",)),
        ("a.b & c", ("a", "c")),
        ("$states.input.items[status = 'OPEN'].amount", ()),
        ("$v.(a + b)", ()),
        ("$v.{'k': a}", ()),
        ("$v^(>price)", ()),
        ("$v{kind: $sum(n)}", ()),
        ("$map($v, function($x){ $x.a })", ()),
        ("$count(items)", ("items",)),
        ("[a, {'k': b}]", ("a", "b")),
        ("true and false or null in [1]", ()),
        ("$v ~> |a|{'b': c}|", ()),
        ("$x.and.or", ()),
        ("`a b`", ("a b",)),
        ("($y := 1; $y + z)", ("z",)),
    ],
)
def test_names_that_nothing_gives(expression: str, names: tuple[str, ...]) -> None:
    assert top_names(expression) == names
