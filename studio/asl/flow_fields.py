"""Fields of a state whose value is a number, a text, a time or a list, given literally, by a path or by an expression.

`compile_field(state, "Seconds", language)` finds `Seconds`, `SecondsPath` or a JSONata expression and returns one stage for all;
it checks the value as AWS does, in AWS's words.

    The SecondsPath parameter references a negative value: $.wait == -1
    The MaxConcurrencyPath field refers to value "{}" which is not a valid integer: $.n
    The JSONata expression '1' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was …

Errors: `States.Runtime` (JSONPath), `States.QueryEvaluationError` (JSONata).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from studio.asl.conditions import timestamp
from studio.asl.dataflow import Stage, stage_of, states_of
from studio.asl.jsonpath import Evaluator, PathMissing, compile_path
from studio.asl.templates import compile_jsonata_value, compile_payload, compile_value, could_not_be_found, expression_of
from studio.asl.tree import Json
from studio.asl.values import Ambient, Context, Env, ExpressionError, Failure, SyntaxProblem, Variables, is_number, kind_of, to_aws_text

Kind: TypeAlias = Literal["integer", "number", "string", "timestamp", "array", "any"]


class Field(NamedTuple):
    """What a field takes: its kind, and the bounds of a number."""

    kind: Kind
    least: float | None = None
    most: float | None = None


FIELDS: dict[str, Field] = {
    "Seconds": Field("integer", 0, 99_999_999),
    "Timestamp": Field("timestamp"),
    "TimeoutSeconds": Field("integer", 1, 99_999_999),
    "HeartbeatSeconds": Field("integer", 1, 99_999_999),
    "MaxConcurrency": Field("integer", 0),
    "ToleratedFailureCount": Field("integer", 0),
    "ToleratedFailurePercentage": Field("number", 0, 100),
    "MaxItems": Field("integer"),
    "MaxItemsPerBatch": Field("integer", 0),
    "MaxInputBytesPerBatch": Field("integer", 0, 262_144),
    "Error": Field("string"),
    "Cause": Field("string"),
    "Items": Field("array"),
}


def compile_field(state: dict[str, Json], name: str, language: str = "JSONPath", *, within: str = "") -> Stage | None:
    """One stage `(data, env)` for the field `name` (or its `…Path` twin), or None where the state has neither. `data` is the
    effective input (JSONPath) or the raw input (JSONata). `within` prefixes the field's name in JSONata causes. Raises SyntaxProblem.
    """
    field = FIELDS[name]
    if language == "JSONata":
        return _jsonata(state[name], within + name, field) if name in state else None
    path = state.get(f"{name}Path")
    if path is not None:
        return _path(path, f"{name}Path", name, field)
    if name not in state:
        return None
    value = state[name]
    return lambda _data, _env: value


def _jsonata(value: Json, where: str, field: Field) -> Stage:
    expression = expression_of(value) if isinstance(value, str) else None
    if expression is None:
        build = compile_jsonata_value(value, where)

        def literal(raw: Json, env: Env) -> Json | Failure:
            try:
                return build(states_of(raw, env), env.variables, env.ambient)
            except ExpressionError as problem:
                return env.failure(problem.error, problem.cause, problem.where)

        return literal
    from studio.asl.jsonata import compile_expression, wrong_type

    evaluate = compile_expression(expression, where)
    wanted = {"integer": "number", "timestamp": "string"}.get(field.kind, field.kind)

    def stage(raw: Json, env: Env) -> Json | Failure:
        try:
            found = evaluate(states_of(raw, env), env.variables, env.ambient)
            if wanted not in {"any", kind_of(found)}:
                raise wrong_type(expression, where, wanted, found)
        except ExpressionError as problem:
            return env.failure(problem.error, problem.cause, problem.where)
        complaint = _bounds(found, where, field, expression)
        return found if complaint is None else env.failure("States.QueryEvaluationError", complaint, where)

    return stage


def _bounds(value: Json, where: str, field: Field, expression: str) -> str | None:
    """What is wrong with a value of the right JSON kind, or None."""
    if field.kind == "integer" and isinstance(value, float) and not value.is_integer():
        return f"The {where} field cannot be parsed as an integer: {to_aws_text(value)}"
    if field.kind == "timestamp" and timestamp(value) is None:
        return (
            f"The JSONata expression '{expression}' specified for the field '{where}' does not reference a valid ISO-8601 extended "
            f"offset date-time format string: {value}"
        )
    if is_number(value) and _outside(value, field):
        return f"{where} {_range(field)[:-1]} but was: {to_aws_text(value)}"
    return None


def _outside(value: Json, field: Field) -> bool:
    assert isinstance(value, int | float)
    return (field.least is not None and value < field.least) or (field.most is not None and value > field.most)


def _range(field: Field) -> str:
    if field.most is None:
        return "must be positive." if field.least else "must be non-negative."
    return f"must be between {field.least:g} and {field.most:.0f}."


def _path(text: Json, name: str, base: str, field: Field) -> Stage:
    if not isinstance(text, str):
        raise SyntaxProblem(f"'{name}' must be a path", 0)
    read = _waiting(text, name) if base in _PARAMETERS else found_or_named(text, name)
    check = _CHECKS.get(base, _number)

    def stage(data: Json, env: Env) -> Json | Failure:
        try:
            value = read(data, env.context, env.variables, env.ambient)
        except ExpressionError as problem:
            return env.failure(problem.error, problem.cause)
        checked = check(value, text, name, base, field)
        return env.failure("States.Runtime", checked.cause) if isinstance(checked, Failure) else checked

    return stage


def found_or_named(text: str, name: str) -> Evaluator:
    """A path or an intrinsic call in the field `name`; what it does not find is told as AWS does for such fields."""
    read = compile_value(text)

    def evaluate(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        try:
            return read(data, context, variables, ambient)
        except PathMissing as missing:
            raise could_not_be_found(missing, name) from None

    return evaluate


_PARAMETERS = frozenset({"Seconds", "Timestamp", "TimeoutSeconds", "HeartbeatSeconds"})


def _waiting(text: str, name: str) -> Evaluator:
    """A path of a Wait or a timeout, for which AWS has another sentence."""
    read = compile_value(text)

    def evaluate(data: Json, context: Context, variables: Variables, ambient: Ambient) -> Json:
        try:
            return read(data, context, variables, ambient)
        except PathMissing:
            raise ExpressionError("States.Runtime", f"The {name} parameter does not reference an input value: {text}") from None

    return evaluate


_LONG = re.compile(r"[+-]?[0-9]{1,19}")


def _refuse(cause: str) -> Failure:
    return Failure("States.Runtime", cause)


def _shown(value: Json) -> str:
    """A value inside AWS's sentences: texts without quotes."""
    return value if isinstance(value, str) else to_aws_text(value)


def _seconds(value: Json, text: str, name: str, _base: str, field: Field) -> Json | Failure:
    whole = _whole(value)
    if whole is None:
        return _refuse(f"The {name} parameter cannot be parsed as a long value: {text} == {_shown(value)}")
    if whole < 0:
        return _refuse(f"The {name} parameter references a negative value: {text} == {_shown(value)}")
    if _outside(whole, field):
        return _refuse(f"The {name} parameter references a value that is out of range: {text} == {_shown(value)}")
    return whole


def _time(value: Json, text: str, name: str, _base: str, _field: Field) -> Json | Failure:
    if timestamp(value) is None:
        what = "does not reference a valid ISO-8601 extended offset date-time format string"
        return _refuse(f"The {name} parameter {what}: {text} == {_shown(value)}")
    return value


def _number(value: Json, text: str, name: str, base: str, field: Field) -> Json | Failure:
    number = _whole(value) if field.kind == "integer" else _float(value)
    if number is None:
        kind = "integer" if field.kind == "integer" else "float"
        return _refuse(f'The {name} field refers to value "{_shown(value)}" which is not a valid {kind}: {text}')
    if _outside(number, field):
        return _refuse(f"{base} {_range(field)}")
    return number


def _whole(value: Json) -> int | None:
    """A whole number, also one written as a text: what Java's Long reads out of the value's text, which 2.0 is not."""
    if isinstance(value, str):
        value = int(value) if _LONG.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63 else None


def _float(value: Json) -> float | None:
    if is_number(value):
        return value  # type: ignore[return-value]
    if isinstance(value, str) and len(value) < 40:
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _text(value: Json, text: str, name: str, _base: str, _field: Field) -> Json | Failure:
    if not isinstance(value, str):
        return _refuse(f"The {name} field must reference a string: {text} == {_shown(value)}")
    return value


_CHECKS: dict[str, Callable[[Json, str, str, str, Field], Json | Failure]] = {
    "Seconds": _seconds,
    "Timestamp": _time,
    "TimeoutSeconds": _seconds,
    "HeartbeatSeconds": _seconds,
    "Error": _text,
    "Cause": _text,
}


# Map


def compile_items(state: dict[str, Json], language: str = "JSONPath") -> Stage:
    """The array (JSONata: array or object) a Map state iterates over: `ItemsPath`, `Items`, or its whole input. `data` is the effective
    input (JSONPath) or the raw input (JSONata).
    """
    if language == "JSONata":
        return _items_jsonata(state)
    text = state.get("ItemsPath", "$")
    if not isinstance(text, str):
        raise SyntaxProblem("'ItemsPath' must be a path", 0)
    read = stage_of(compile_path(text).read)

    def stage(data: Json, env: Env) -> Json | Failure:
        value = read(data, env)
        if isinstance(value, Failure | list):
            return value
        return env.failure("States.Runtime", f'Reference path "{text}" must point to array.')

    return stage


def _items_jsonata(state: dict[str, Json]) -> Stage:
    if "Items" in state:
        return _jsonata(state["Items"], "Items", FIELDS["Items"])

    def stage(raw: Json, env: Env) -> Json | Failure:
        if isinstance(raw, list):
            return raw
        return env.failure("States.QueryEvaluationError", f"Map state input must be an array but was: {to_aws_text(raw)}")

    return stage


def compile_template(value: Json, where: str, language: str = "JSONPath") -> Stage:
    """Any template of a state by itself: `ItemSelector`, `BatchInput`, `ItemReader/Arguments`, `Credentials`, … Its data are the
    effective input (JSONPath) or the raw input (JSONata). Raises SyntaxProblem.
    """
    if language != "JSONata":
        return stage_of(compile_payload(value))
    build = compile_jsonata_value(value, where)

    def stage(raw: Json, env: Env) -> Json | Failure:
        try:
            return build(states_of(raw, env), env.variables, env.ambient)
        except ExpressionError as problem:
            return env.failure(problem.error, problem.cause, problem.where)

    return stage
