"""AWS JSON 1.0 on the wire: requests checked and answers written by botocore's own `stepfunctions` model.

A request is a JSON object whose members the model names; an answer is JSON with timestamps as seconds since the epoch.
Messages of `ValidationException` are AWS's: `1 validation error detected: Value '…' at 'name' failed to satisfy constraint: …`.

Spec: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from studio.catalogue import services
from studio.errors import ServiceError

_NUMBERS = {"integer": "whole number", "long": "whole number", "float": "number", "double": "number"}


@lru_cache(maxsize=1)
def _model() -> dict[str, Any]:
    found = services.model("stepfunctions")
    assert found is not None
    return found


@lru_cache(maxsize=1)
def operations() -> dict[str, str]:
    """Operation -> name of the method that serves it: `TestState` -> `test_state`."""
    return {operation: method for method, operation in services.stepfunctions_methods().items()}


def check_request(operation: str, request: object) -> dict[str, Any]:
    """The request's known members, with timestamps as datetimes. ServiceError `ValidationException` for what breaks the model's
    constraints, `SerializationException` for a member of another type.
    """
    model = _model()
    reference = model["operations"][operation].get("input")
    if not isinstance(request, dict):
        raise ServiceError("SerializationException", "Start of structure or map found where not expected.")
    if reference is None:
        return {}
    problems: list[str] = []
    value = _checked(model["shapes"], model["shapes"][reference["shape"]], request, "", problems)
    if problems:
        count = len(problems)
        raise ServiceError("ValidationException", f"{count} validation error{'s' if count > 1 else ''} detected: " + "; ".join(problems))
    return value


def _checked(shapes: Mapping[str, Any], shape: Mapping[str, Any], value: Any, path: str, problems: list[str]) -> Any:
    match shape["type"]:
        case "structure":
            _expect(isinstance(value, dict), "Unexpected token where an object was expected", path)
            problems.extend(
                f"Value null at '{_join(path, name)}' failed to satisfy constraint: Member must not be null"
                for name in shape.get("required", ())
                if value.get(name) is None
            )
            return {
                name: _checked(shapes, shapes[reference["shape"]], value[name], _join(path, name), problems)
                for name, reference in shape["members"].items()
                if value.get(name) is not None
            }
        case "list":
            _expect(isinstance(value, list), "Unexpected token where a list was expected", path)
            _length(shape, value, len(value), path, problems)
            inner = shapes[shape["member"]["shape"]]
            return [_checked(shapes, inner, item, f"{path}.{i + 1}.member", problems) for i, item in enumerate(value)]
        case "string":
            _expect(isinstance(value, str), "STRING_VALUE cannot be converted", path)
            if "enum" in shape and value not in shape["enum"]:
                options = ", ".join(shape["enum"])
                problems.append(f"{_at(value, path)}Member must satisfy enum value set: [{options}]")
            _length(shape, value, len(value), path, problems)
            if "pattern" in shape and not re.search(shape["pattern"], value):
                problems.append(f"{_at(value, path)}Member must satisfy regular expression pattern: {shape['pattern']}")
            return value
        case "boolean":
            _expect(isinstance(value, bool), "Unexpected token where a boolean was expected", path)
            return value
        case "integer" | "long" | "float" | "double" as kind:
            wanted = int if kind in {"integer", "long"} else int | float
            _expect(
                isinstance(value, wanted) and not isinstance(value, bool), f"Unexpected token where a {_NUMBERS[kind]} was expected", path
            )
            if "min" in shape and value < shape["min"]:
                problems.append(f"{_at(value, path)}Member must have value greater than or equal to {shape['min']}")
            if "max" in shape and value > shape["max"]:
                problems.append(f"{_at(value, path)}Member must have value less than or equal to {shape['max']}")
            return value
        case "timestamp":
            _expect(isinstance(value, int | float) and not isinstance(value, bool), "Unexpected token where a timestamp was expected", path)
            return datetime.fromtimestamp(value, UTC)
        case other:
            raise AssertionError(f"botocore's stepfunctions model has no {other} in a request")


def _expect(held: bool, message: str, path: str) -> None:
    if not held:
        raise ServiceError("SerializationException", f"{message} at '{path}'" if path else message)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _at(value: object, path: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: "


def _length(shape: Mapping[str, Any], value: object, length: int, path: str, problems: list[str]) -> None:
    if "min" in shape and length < shape["min"]:
        problems.append(f"{_at(value, path)}Member must have length greater than or equal to {shape['min']}")
    if "max" in shape and length > shape["max"]:
        shown = f"{str(value)[:64]}…" if length > 1024 else value
        problems.append(f"{_at(shown, path)}Member must have length less than or equal to {shape['max']}")


def answer(value: Any) -> Any:
    """A response as JSON: datetimes become seconds since the epoch (milliseconds kept), absent members stay away."""
    match value:
        case dict():
            return {k: answer(v) for k, v in value.items() if k != "ResponseMetadata" and v is not None}
        case list() | tuple():
            return [answer(v) for v in value]
        case datetime():
            return round(value.timestamp(), 3)
        case _:
            return value
