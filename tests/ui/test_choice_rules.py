"""The tree of conditions of a Choice rule: whatever is done to it, no condition and no way out is lost."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.lint import lint
from studio.ui import choice_rules as rules

A = {"Variable": "$.a", "NumericGreaterThan": 1}
B = {"Variable": "$.b", "StringEqualsPath": "$.c"}
REST = {"Next": "X", "Comment": "why"}


@pytest.mark.parametrize(
    ("rule", "kind", "operator"),
    [
        ({**A, **REST}, "compare", "NumericGreaterThan"),
        (B, "compare", "StringEquals"),
        ({"Variable": "$.a", "IsPresent": False}, "compare", "IsPresent"),
        ({"Variable": "$.a", "StringMatches": "x*"}, "compare", "StringMatches"),
        ({"And": [A, B], **REST}, "And", None),
        ({"Or": []}, "Or", None),
        ({"Not": A, "Next": "X"}, "Not", None),
        ({"Variable": "$.a"}, None, None),
        ({"Variable": "$.a", "StringEquals": "x", "IsNull": True}, None, None),
        ({"Variable": "$.a", "StringMatchesPath": "$.b"}, None, None),
        ({"And": [A], "Or": [B]}, None, None),
        ({"And": [A], "Variable": "$.a"}, None, None),
        ({"And": A}, None, None),
        ({"Not": [A]}, None, None),
        ({"Condition": "{% true %}"}, None, None),
        ("x", None, None),
    ],
)
def test_what_a_condition_is(rule: Any, kind: str | None, operator: str | None) -> None:
    assert rules.kind_of(rule) == kind
    if kind == "compare":
        assert rules.operator_of(rule) == operator


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (rules.grouped({**A, **REST}, "And"), {"And": [A, rules.NEW], **REST}),
        (rules.grouped({"And": [A, B], **REST}, "Or"), {"Or": [A, B], **REST}),
        (rules.grouped({"Not": A, **REST}, "Or"), {"Or": [{"Not": A}, rules.NEW], **REST}),
        (rules.negated({**A, **REST}), {"Not": A, **REST}),
        (rules.negated({"Not": {"And": [A, B]}, **REST}), {"And": [A, B], **REST}),
        (rules.negated({"Or": [A], **REST}), {"Not": {"Or": [A]}, **REST}),
        (rules.ungrouped({"And": [A], **REST}), {**A, **REST}),
        (rules.ungrouped({"And": [A, B]}), None),
        (rules.ungrouped({"Or": []}), None),
        (rules.compared({**A, **REST}, "NumericLessThan"), {"Variable": "$.a", "NumericLessThan": 1, **REST}),
        (rules.compared({**A, **REST}, "IsPresent"), {"Variable": "$.a", "IsPresent": True, **REST}),
        (rules.compared(A, "StringEquals"), {"Variable": "$.a", "StringEquals": "1"}),
        (rules.compared(B, "NumericEquals"), {"Variable": "$.b", "NumericEqualsPath": "$.c"}),
        (rules.compared(B, "StringMatches"), {"Variable": "$.b", "StringMatches": "$.c"}),
        (rules.compared({"Variable": "$.a", "StringEquals": "12"}, "NumericEquals"), {"Variable": "$.a", "NumericEquals": 12}),
        (rules.compared({"Variable": "$.a", "IsNull": True}, "BooleanEquals"), {"Variable": "$.a", "BooleanEquals": True}),
    ],
)
def test_what_the_menus_make_of_a_condition(made: Any, expected: Any) -> None:
    assert made == expected


def test_negating_twice_is_the_same_rule() -> None:
    for rule in ({**A, **REST}, {"And": [A, B], **REST}, {"Not": A, **REST}):
        assert rules.negated(rules.negated(rule)) == rule


@pytest.mark.parametrize("operator", rules.OPERATORS)
def test_every_operator_makes_a_valid_rule(operator: str) -> None:
    rule = rules.compared({**B, "Next": "Y"}, operator)
    grouped = rules.grouped(rules.negated(rule), "Or")
    for made in (rule, grouped):
        states = {"C": {"Type": "Choice", "Choices": [made], "Default": "Y"}, "Y": {"Type": "Succeed"}}
        wrong = [d.message for d in lint({"StartAt": "C", "States": states}) if d.severity == "error"]
        assert wrong == ([] if not operator.startswith("Timestamp") or "Path" in str(made) else wrong)
