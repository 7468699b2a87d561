"""Choice rules: the 39 comparison operators of JSONPath with `And`, `Or`, `Not`, and JSONata's `Condition`.

Theory of operation: a rule is compiled once to a closure that answers true or false. A comparison of values of another type than
its operator's is false, not an error; a path that finds nothing is an error, except for `IsPresent`.

Errors: `States.Runtime` for a path that finds nothing, `States.QueryEvaluationError` for a Condition that is not a boolean;
`SyntaxProblem` when a rule cannot be compiled.

Spec: https://states-language.net/spec.html#choice-state
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias

from studio.asl.jsonpath import Evaluator, PathMissing, compile_path
from studio.asl.templates import expression_of
from studio.asl.tree import Json
from studio.asl.values import Ambient, Context, ExpressionError, SyntaxProblem, Variables, is_number

Test: TypeAlias = Callable[[Json, Context, Variables, Ambient], bool]
"""`(data, context, variables, ambient) -> bool`. For a JSONata Condition `data` is what `$states` means."""
Compare: TypeAlias = Callable[[Json, Json], bool]

MAX_NESTING = 100


class Operator(NamedTuple):
    """A comparison operator: its name, the JSON kind of its operand, its documentation."""

    name: str
    operand: Literal["string", "number", "boolean", "timestamp", "path"]
    doc: str


def timestamp(value: Json) -> tuple[float, int] | None:
    """The instant an RFC 3339 text in ASL's profile (capital T, capital Z or an offset) means, as (seconds, nanoseconds); None
    where the value is no such text.
    """
    if not isinstance(value, str):
        return None
    found = re.fullmatch(_TIMESTAMP, value)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found[1] + (found[3] if found[3] != "Z" else "+00:00"))
    except ValueError:
        return None
    return moment.timestamp(), int((found[2] or "")[1:10].ljust(9, "0"))


_TIMESTAMP = r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(\.\d+)?(Z|[+-]\d{2}:\d{2})"


def matcher(pattern: str) -> Callable[[str], bool]:
    r"""`StringMatches`: `*` is any run of characters, `\*` a star, `\\` a backslash. Linear in the text for any pattern."""
    parts: list[str] = []
    current: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern) and pattern[at + 1] in "*\\":
            current.append(pattern[at + 1])
            at += 2
            continue
        if char == "*":
            parts.append("".join(current))
            current = []
        else:
            current.append(char)
        at += 1
    parts.append("".join(current))
    if len(parts) == 1:
        return lambda text: text == parts[0]
    first, *middle, last = parts

    def matches(text: str) -> bool:
        end = len(text) - len(last)
        if len(first) > end or not text.startswith(first) or not text.endswith(last):
            return False
        here = len(first)
        for part in middle:
            here = text.find(part, here, end)
            if here < 0:
                return False
            here += len(part)
        return True

    return matches


def _strings(compare: Callable[[str, str], bool]) -> Compare:
    return lambda a, b: isinstance(a, str) and isinstance(b, str) and compare(a, b)


_NUMBERS = (int, float)


def _numbers(compare: Callable[[float, float], bool]) -> Compare:
    return lambda a, b: type(a) in _NUMBERS and type(b) in _NUMBERS and compare(a, b)  # type: ignore[arg-type]


def _times(compare: Callable[[tuple[float, int], tuple[float, int]], bool]) -> Compare:
    def at(a: Json, b: Json) -> bool:
        first = timestamp(a)
        if first is None:
            return False
        second = timestamp(b)
        return second is not None and compare(first, second)

    return at


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}

COMPARE: dict[str, Compare] = {
    **{f"String{name}": _strings(order) for name, order in _ORDER.items()},
    **{f"Numeric{name}": _numbers(order) for name, order in _ORDER.items()},
    **{f"Timestamp{name}": _times(order) for name, order in _ORDER.items()},
    "BooleanEquals": lambda a, b: isinstance(a, bool) and a is b,
}

IS: dict[str, Callable[[Json], bool]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": is_number,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: timestamp(value) is not None,
}

_KINDS: dict[str, Literal["string", "number", "boolean", "timestamp"]] = {
    "String": "string",
    "Numeric": "number",
    "Timestamp": "timestamp",
    "Boolean": "boolean",
}


def _kind(name: str) -> Literal["string", "number", "boolean", "timestamp"]:
    return next(kind for prefix, kind in _KINDS.items() if name.startswith(prefix))


OPERATORS: dict[str, Operator] = {
    row.name: row
    for row in (
        *(Operator(name, _kind(name), f"True if the variable is {name}") for name in COMPARE),
        *(Operator(f"{name}Path", "path", f"{name} with the value at a path") for name in COMPARE),
        Operator("StringMatches", "string", "True if the text matches a pattern in which `*` stands for any characters"),
        *(Operator(name, "boolean", f"Whether the variable {name}") for name in (*IS, "IsPresent")),
    )
}
"""The 39 comparison operators by name."""


def compile_rule(rule: Json, language: str = "JSONPath", where: str = "Condition") -> Test:
    """Compile a Choice rule (its `Next`, `Assign`, `Output`, `Comment` are not looked at). Raises SyntaxProblem."""
    if not isinstance(rule, dict):
        raise SyntaxProblem("A Choice rule must be an object", 0)
    if language == "JSONata":
        return _condition(rule.get("Condition"), where)
    return _rule(rule, 0)


def _condition(condition: Json, where: str) -> Test:
    if isinstance(condition, bool):
        return lambda _d, _c, _v, _a: condition
    expression = expression_of(condition) if isinstance(condition, str) else None
    if expression is None:
        raise SyntaxProblem("The Condition of a rule must be true, false or an expression in {% … %}", 0)
    from studio.asl.jsonata import compile_expression, wrong_type

    evaluate = compile_expression(expression, where)

    def test(states: Json, _context: Context, variables: Variables, ambient: Ambient) -> bool:
        value = evaluate(states, variables, ambient)  # type: ignore[arg-type]
        if not isinstance(value, bool):
            raise wrong_type(expression, where, "boolean", value)
        return value

    return test


def _rule(rule: dict[str, Json], depth: int) -> Test:
    if depth > MAX_NESTING:
        raise SyntaxProblem(f"Choice rules are nested more than {MAX_NESTING} levels deep", 0)
    for name in ("And", "Or"):
        if name in rule:
            return _combination(name, rule[name], depth)
    if "Not" in rule:
        inner = rule["Not"]
        if not isinstance(inner, dict):
            raise SyntaxProblem("'Not' takes one rule", 0)
        negated = _rule(inner, depth + 1)
        return lambda data, context, variables, ambient: not negated(data, context, variables, ambient)
    return _comparison(rule)


def _combination(name: str, inner: Json, depth: int) -> Test:
    if not isinstance(inner, list) or not inner:
        raise SyntaxProblem(f"'{name}' takes a list of rules", 0)
    tests: list[Test] = []
    for each in inner:
        if not isinstance(each, dict):
            raise SyntaxProblem(f"'{name}' takes a list of rules", 0)
        tests.append(_rule(each, depth + 1))
    if name == "And":
        return lambda data, context, variables, ambient: all(test(data, context, variables, ambient) for test in tests)
    return lambda data, context, variables, ambient: any(test(data, context, variables, ambient) for test in tests)


def _comparison(rule: dict[str, Json]) -> Test:
    variable = rule.get("Variable")
    names = [name for name in rule if name in OPERATORS]
    if not isinstance(variable, str):
        raise SyntaxProblem("A Choice rule needs a 'Variable' with a path", 0)
    if len(names) != 1:
        what = "no comparison operator" if not names else f"more than one comparison operator: {', '.join(names)}"
        raise SyntaxProblem(f"The Choice rule for '{variable}' has {what}", 0)
    name, operand = names[0], rule[names[0]]
    if name == "IsPresent":
        return _present(variable, operand)
    read = _read(variable)
    if name in IS:
        return _is(read, IS[name], operand)
    if name == "StringMatches":
        return _matches(read, operand)
    if name in COMPARE:
        return _against(read, COMPARE[name], operand)
    return _against_path(read, COMPARE[name.removesuffix("Path")], operand, name)


def _read(text: str) -> Evaluator:
    read = compile_path(text).read

    def value(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        try:
            return read(data, context, variables, ambient)
        except PathMissing:
            cause = f"Invalid path '{text}': The choice state's condition path references an invalid value."
            raise ExpressionError("States.Runtime", cause) from None

    return value


def _present(text: str, operand: Json) -> Test:
    read = compile_path(text).read

    def present(data: Json, context: Context, variables: Variables, ambient: Ambient) -> bool:
        try:
            read(data, context, variables, ambient)
        except PathMissing:
            return operand is False
        return operand is True

    return present


def _is(read: Evaluator, kind: Callable[[Json], bool], operand: Json) -> Test:
    return lambda data, context, variables, ambient: kind(read(data, context, variables, ambient)) is operand


def _matches(read: Evaluator, operand: Json) -> Test:
    if not isinstance(operand, str):
        raise SyntaxProblem("'StringMatches' takes a pattern", 0)
    matches = matcher(operand)

    def test(data: Json, context: Context, variables: Variables, ambient: Ambient) -> bool:
        value = read(data, context, variables, ambient)
        return isinstance(value, str) and matches(value)

    return test


def _against(read: Evaluator, compare: Compare, operand: Json) -> Test:
    return lambda data, context, variables, ambient: compare(read(data, context, variables, ambient), operand)


def _against_path(read: Evaluator, compare: Compare, operand: Json, name: str) -> Test:
    if not isinstance(operand, str):
        raise SyntaxProblem(f"'{name}' takes a path", 0)
    other = _read(operand)
    return lambda data, context, variables, ambient: compare(
        read(data, context, variables, ambient), other(data, context, variables, ambient)
    )
