"""A value held against a shape: mocked results (TestState's field validation) and the parameters of a task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from studio.catalogue.shapes import Shape

Mode = Literal["STRICT", "PRESENT", "NONE"]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """`path` = where in the value, `message` = AWS's sentence, `kind` = what is wrong with it."""

    path: tuple[str | int, ...]
    message: str
    kind: Literal["missing", "type", "enum", "range", "unknown"]


_WORDS = {
    "structure": "an object",
    "map": "an object",
    "list": "an array",
    "string": "a string",
    "timestamp": "a string",
    "blob": "a string",
    "number": "a number",
    "boolean": "a boolean",
}


def _fits(kind: str, value: object) -> bool:
    match kind:
        case "structure" | "map":
            return isinstance(value, dict)
        case "list":
            return isinstance(value, list)
        case "string" | "timestamp" | "blob":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return True


def mismatches(
    shape: Shape, value: Any, *, mode: Mode = "STRICT", path: tuple[str | int, ...] = (), unknown: bool = False
) -> Iterator[Mismatch]:
    """What does not fit, in the order of the shape's members.

    `STRICT` also wants required fields; `PRESENT` looks only at the fields that are there; `NONE` finds nothing. Fields the
    shape does not know are passed over unless `unknown` is set. The name in a message is the innermost field's, as AWS says it.
    """
    if mode == "NONE":
        return
    kind = shape.kind
    name = next((p for p in reversed(path) if isinstance(p, str)), "")
    if not _fits(kind, value):
        yield Mismatch(path, f"Field '{name}' must be {_WORDS[kind]}", "type")
        return
    if kind == "structure":
        members = shape.members
        if mode == "STRICT":
            for member in members:
                if member in shape.required and member not in value:
                    yield Mismatch(path, f"Required field '{member}' is missing", "missing")
        for key, inner in value.items():
            if key in members:
                if inner is not None:
                    yield from mismatches(members[key], inner, mode=mode, path=(*path, key), unknown=unknown)
            elif unknown:
                yield Mismatch((*path, key), f"Field '{key}' is not a parameter", "unknown")
    elif kind == "list" and shape.element:
        yield from _length(shape, len(value), name, path)
        for i, inner in enumerate(value):
            yield from mismatches(shape.element, inner, mode=mode, path=(*path, i), unknown=unknown)
    elif kind == "map" and shape.element:
        for key, inner in value.items():
            yield from mismatches(shape.element, inner, mode=mode, path=(*path, key), unknown=unknown)
    elif kind == "string":
        if shape.enum and value not in shape.enum:
            yield Mismatch(path, f"Field '{name}' is not an expected value", "enum")
        else:
            yield from _length(shape, len(value), name, path)
    elif kind == "number":
        if shape.minimum is not None and value < shape.minimum:
            yield Mismatch(path, f"Field '{name}' is less than the minimum value", "range")
        elif shape.maximum is not None and value > shape.maximum:
            yield Mismatch(path, f"Field '{name}' exceeds the maximum value", "range")


def _length(shape: Shape, length: int, name: str, path: tuple[str | int, ...]) -> Iterator[Mismatch]:
    if shape.minimum is not None and length < shape.minimum:
        yield Mismatch(path, f"Field '{name}' is smaller than the minimum length", "range")
    elif shape.maximum is not None and length > shape.maximum:
        yield Mismatch(path, f"Field '{name}' is larger than the maximum length", "range")
