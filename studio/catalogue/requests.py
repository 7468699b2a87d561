"""Requests held against botocore's model of an API: AWS's `ValidationException` and `SerializationException`, in AWS's words.

`2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; …`

Errors: ServiceError with those codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from studio.errors import ServiceError

_NUMBERS = {"integer": "whole number", "long": "whole number", "float": "number", "double": "number"}


def checked(model: Mapping[str, Any], operation: str, request: object) -> dict[str, Any]:
    """The request's known members, with timestamps as datetimes. ServiceError `ValidationException` for what breaks the model's
    constraints, `SerializationException` for a member of another type.
    """
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


__all__ = ["checked"]
