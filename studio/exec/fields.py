"""Single fields of a state that may be a constant, a path or an expression: seconds, counts, error names."""

from __future__ import annotations

from typing import Any

from studio.asl.dataflow import states_of
from studio.asl.templates import compile_jsonata_value, compile_value
from studio.asl.tree import Json
from studio.asl.values import Env, ExpressionError, Failure

ABSENT: Any = object()


def read(raw: dict[str, Any], name: str, cache: dict[str, Any], data: Json, env: Env, *, jsonata: bool, where: str = "") -> Any:
    """The value of `name` (JSONata: maybe an expression) or `namePath` (JSONPath), a Failure, or ABSENT."""
    key = f"{where}{name}"
    compiled = cache.get(key, ABSENT)
    if compiled is ABSENT:
        compiled = cache[key] = _compile(raw, name, key, jsonata=jsonata)
    if compiled is None:
        return ABSENT
    constant, reader, field = compiled
    if reader is None:
        return constant
    try:
        if jsonata:
            return reader(states_of(data, env), env.variables, env.ambient)
        return reader(data, env.context, env.variables, env.ambient)
    except ExpressionError as problem:
        return Failure(problem.error, env.prefix() + problem.cause, problem.where or field)


def _compile(raw: dict[str, Any], name: str, key: str, *, jsonata: bool) -> tuple[Any, Any, str] | None:
    if name in raw:
        value = raw[name]
        if jsonata and isinstance(value, str | dict | list):
            return None, compile_jsonata_value(value, key), key
        return value, None, key
    path = raw.get(f"{name}Path")
    if isinstance(path, str):
        return None, compile_value(path), f"{key}Path"
    return None
