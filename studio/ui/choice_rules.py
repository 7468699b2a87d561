"""Choice rules of JSONPath states as a tree of conditions: comparisons, And, Or, Not. Pure: a rule in, a rule out.

Shapes: a comparison is `{"Variable": path, <operator>: value}`, a group `{"And": […]}` or `{"Or": […]}`, a negation `{"Not": {…}}`; the
outermost one of a rule also holds `Next`, and perhaps `Comment` and `Assign`, which stay outermost whatever is done to the condition.
Spec: https://states-language.net/spec.html#choice-state
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from studio.asl.tree import Json

Kind = Literal["compare", "And", "Or", "Not"]

COMPARISONS = (
    "StringEquals", "StringLessThan", "StringGreaterThan", "StringLessThanEquals", "StringGreaterThanEquals", "StringMatches",
    "NumericEquals", "NumericLessThan", "NumericGreaterThan", "NumericLessThanEquals", "NumericGreaterThanEquals",
    "BooleanEquals",
    "TimestampEquals", "TimestampLessThan", "TimestampGreaterThan", "TimestampLessThanEquals", "TimestampGreaterThanEquals",
)  # fmt: skip
TESTS = ("IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp")
OPERATORS: tuple[str, ...] = (*COMPARISONS, *TESTS)
NEW: dict[str, Json] = {"Variable": "$.value", "IsPresent": True}
_OUTERMOST = ("Next", "Comment", "Assign")


def kind_of(rule: Any) -> Kind | None:
    """What a condition is; None where it is half-typed or nothing the builder knows: then it is edited as JSON."""
    if not isinstance(rule, dict):
        return None
    found: list[Kind] = [kind for kind in ("And", "Or", "Not") if kind in rule]
    if "Variable" in rule:
        return "compare" if not found and operator_of(rule) is not None else None
    if len(found) != 1 or set(rule) - {*_OUTERMOST, found[0]}:
        return None
    held = rule[found[0]]
    return found[0] if isinstance(held, dict if found[0] == "Not" else list) else None


def operator_of(rule: Any) -> str | None:
    """The operator of a comparison, without the Path of one that compares with a path; None where there is not exactly one."""
    if not isinstance(rule, dict):
        return None
    names = [name for name in rule if name not in {"Variable", *_OUTERMOST}]
    if len(names) != 1:
        return None
    operator = names[0].removesuffix("Path") if twin(names[0].removesuffix("Path")) == names[0] else names[0]
    return operator if operator in OPERATORS else None


def twin(operator: str) -> str:
    """The operator that compares with a path: `StringEqualsPath`; empty where there is none."""
    return f"{operator}Path" if operator in COMPARISONS and operator != "StringMatches" else ""


def grouped(rule: dict[str, Json], kind: Literal["And", "Or"]) -> dict[str, Json]:
    """A comparison or negation as the first of a group, with a new condition after it; of a group the other kind."""
    condition, rest = _split(rule)
    now = kind_of(rule)
    if now in ("And", "Or"):
        return {kind: condition[now], **rest}
    return {kind: [condition, dict(NEW)], **rest}


def negated(rule: dict[str, Json]) -> dict[str, Json]:
    """The opposite; of a negation what it negates."""
    condition, rest = _split(rule)
    inner = condition.get("Not")
    if kind_of(rule) == "Not" and isinstance(inner, dict):
        return {**inner, **rest}
    return {"Not": condition, **rest}


def ungrouped(rule: dict[str, Json]) -> dict[str, Json] | None:
    """A group of one as that one; None where that would lose something."""
    condition, rest = _split(rule)
    held = condition.get(str(kind_of(rule)))
    if isinstance(held, list) and len(held) == 1 and isinstance(held[0], dict):
        return {**held[0], **rest}
    return None


def compared(rule: dict[str, Json], operator: str) -> dict[str, Json]:
    """A comparison with another operator; the value is kept where the new operator can compare with it."""
    old = operator_of(rule)
    made: dict[str, Json] = {}
    for key, value in rule.items():
        if old is not None and key in {old, twin(old)}:
            by_path = key != old and twin(operator)
            made[twin(operator) if by_path else operator] = value if by_path else suited(operator, value)
        else:
            made[key] = value
    return made


def suited(operator: str, value: Any) -> Json:
    """A value the operator can compare with: kept where it fits, else a plain one of its kind."""
    if operator in {*TESTS, "BooleanEquals"}:
        return value if isinstance(value, bool) else True
    if operator.startswith("Numeric"):
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else _number(value)
    if operator.startswith("Timestamp"):
        return value if isinstance(value, str) and "T" in value else "2030-01-01T00:00:00Z"
    return value if isinstance(value, str) else str(value)


def _number(value: Any) -> Json:
    try:
        return int(value) if isinstance(value, str) else 0
    except ValueError:
        return 0


def _split(rule: dict[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """The condition of a rule, and what belongs to the rule as a whole."""
    return {k: v for k, v in rule.items() if k not in _OUTERMOST}, {k: v for k, v in rule.items() if k in _OUTERMOST}
