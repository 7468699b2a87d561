from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.asl.conditions import OPERATORS, compile_rule, matcher, timestamp
from studio.asl.values import NOWHERE, ExpressionError, SyntaxProblem

DATA = {
    "text": "Hello", "n": 5, "half": 1.5, "yes": True, "no": False, "nul": None, "list": [1], "obj": {}, "when": "2016-03-14T01:59:00Z",
    "then": "2016-03-14T03:59:00+02:00", "later": "2016-03-14T01:59:00.5Z", "star": "a*b", "other": "Hello", "five": 5.0,
}  # fmt: skip


def decide(rule, language="JSONPath", data=DATA):
    return compile_rule(rule, language)(data, {"State": {"Name": "S"}}, {"v": 7}, NOWHERE)


@pytest.mark.parametrize(
    ("variable", "operator", "operand", "answer"),
    [
        ("$.text", "StringEquals", "Hello", True),
        ("$.text", "StringEquals", "hello", False),
        ("$.n", "StringEquals", "5", False),
        ("$.text", "StringLessThan", "Hellp", True),
        ("$.text", "StringGreaterThanEquals", "Hello", True),
        ("$.text", "StringEqualsPath", "$.other", True),
        ("$.n", "NumericEquals", 5.0, True),
        ("$.n", "NumericEqualsPath", "$.five", True),
        ("$.half", "NumericGreaterThan", 1, True),
        ("$.text", "NumericEquals", 5, False),
        ("$.yes", "NumericEquals", 1, False),
        ("$.yes", "BooleanEquals", True, True),
        ("$.n", "BooleanEquals", True, False),
        ("$.no", "BooleanEqualsPath", "$.no", True),
        ("$.when", "TimestampEquals", "2016-03-14T01:59:00Z", True),
        ("$.when", "TimestampEqualsPath", "$.then", True),
        ("$.when", "TimestampLessThanPath", "$.later", True),
        ("$.when", "TimestampGreaterThan", "2016-03-14T01:58:59.999999999Z", True),
        ("$.text", "TimestampEquals", "2016-03-14T01:59:00Z", False),
        ("$.nul", "IsNull", True, True),
        ("$.n", "IsNull", False, True),
        ("$.n", "IsNumeric", True, True),
        ("$.yes", "IsNumeric", True, False),
        ("$.text", "IsString", True, True),
        ("$.no", "IsBoolean", True, True),
        ("$.when", "IsTimestamp", True, True),
        ("$.text", "IsTimestamp", True, False),
        ("$.n", "IsTimestamp", False, True),
        ("$.nope", "IsPresent", False, True),
        ("$.nope.deeper", "IsPresent", True, False),
        ("$.nul", "IsPresent", True, True),
        ("$.text", "StringMatches", "He*o", True),
        ("$.star", "StringMatches", r"a\*b", True),
        ("$.n", "StringMatches", "5", False),
        ("$$.State.Name", "StringEquals", "S", True),
        ("$v", "NumericLessThanEquals", 7, True),
    ],
)
def test_comparisons(variable, operator, operand, answer):
    assert decide({"Variable": variable, operator: operand}) is answer


YES, NO = {"Variable": "$.yes", "BooleanEquals": True}, {"Variable": "$.no", "BooleanEquals": True}


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ({"And": [YES, YES]}, True),
        ({"And": [YES, NO]}, False),
        ({"Or": [NO, YES]}, True),
        ({"Or": [NO, NO]}, False),
        ({"Not": NO}, True),
        ({"And": [{"Not": NO}, {"Or": [NO, {"Not": {"Not": YES}}]}], "Next": "X", "Comment": "…"}, True),
        ({"Or": [YES, {"Variable": "$.nope", "IsNull": True}]}, True),
    ],
)
def test_combinations(rule, answer):
    assert decide(rule) is answer


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"Variable": "$.nope", "StringEquals": "x"}, "$.nope"),
        ({"Variable": "$.n", "NumericEqualsPath": "$.nope.x"}, "$.nope.x"),
        ({"Variable": "$.nope", "IsTimestamp": True}, "$.nope"),
        ({"Variable": "$nope", "IsString": True}, "$nope"),
    ],
)
def test_a_path_that_finds_nothing(rule, path):
    with pytest.raises(ExpressionError) as failed:
        decide(rule)
    assert (failed.value.error, failed.value.cause) == (
        "States.Runtime",
        f"Invalid path '{path}': The choice state's condition path references an invalid value.",
    )


STATES = {"input": {"n": 5, "text": "x"}, "context": {}}


@pytest.mark.parametrize(("condition", "answer"), [("{% $states.input.n > 3 %}", True), ("{% $v = 8 %}", False), (True, True)])
def test_jsonata_conditions(condition, answer):
    assert decide({"Condition": condition}, "JSONata", STATES) is answer


def test_a_jsonata_condition_must_be_a_boolean():
    with pytest.raises(ExpressionError) as failed:
        decide({"Condition": "{% $states.input.text %}"}, "JSONata", STATES)
    assert failed.value.cause == (
        "The JSONata expression '$states.input.text' specified for the field 'Condition' returned an unexpected result type. "
        "Expected 'boolean', but was 'string' for value: \"x\""
    )


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"Variable": "$.n"},
        {"Variable": "$.n", "NumericEquals": 1, "IsNull": True},
        {"Variable": 1, "IsNull": True},
        {"And": []},
        {"Or": [1]},
        {"Not": []},
        {"Variable": "$.[", "IsNull": True},
        {"Variable": "$.n", "NumericEqualsPath": 1},
    ],
)
def test_what_is_no_rule_is_refused(rule):
    with pytest.raises(SyntaxProblem):
        compile_rule(rule)


def test_what_is_no_condition_is_refused():
    for condition in (None, "x", 1, "{% ( %}"):
        with pytest.raises(SyntaxProblem):
            compile_rule({"Condition": condition}, "JSONata")


def test_there_are_39_operators():
    assert len(OPERATORS) == 39


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("2016-03-14T01:59:00Z", True),
        ("2016-03-14T01:59:00.243167252Z", True),
        ("2016-03-14T01:59:00-07:00", True),
        ("2016-13-05T21:29:29Z", False),
        ("2016-12-05T25:29:29Z", False),
        ("2016-12-05 21:29:29Z", False),
        ("2016-12-05T21:29:29", False),
        ("2016-12-05t21:29:29Z", False),
        ("2016-12-05", False),
        (1, False),
    ],
)
def test_timestamps_are_the_profile_of_the_states_language(value, valid):
    assert (timestamp(value) is not None) is valid


@pytest.mark.parametrize(
    ("pattern", "text", "answer"),
    [
        ("*", "", True),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "acb", False),
        ("ab*ba", "aba", False),
        ("*.log", "foo.log", True),
        (r"\*", "*", True),
        (r"\*", "x", False),
        (r"\\*", "\\x", True),
        (r"a\b", r"a\b", True),
        ("log-*.txt", "log-1.txt\n", False),
        ("", "", True),
        ("", "x", False),
    ],
)
def test_patterns(pattern, text, answer):
    assert matcher(pattern)(text) is answer


@given(st.text("ab*", max_size=12), st.text("ab", max_size=12))
def test_patterns_agree_with_shell_patterns(pattern, text):
    import fnmatch

    assert matcher(pattern)(text) is fnmatch.fnmatchcase(text, pattern)
