"""One value of a field: whether it is of the JSON kind, within the bounds and among the words that its field takes."""

from __future__ import annotations

from collections.abc import Iterator

from studio.asl.diagnostics import Said
from studio.asl.fields import Field
from studio.asl.rules.finding import Finding, substituted
from studio.asl.tree import Json, Pointer

_KINDS = {"string": str, "object": dict, "array": list, "boolean": bool, "state": str, "timestamp": str}
_WORDS = {
    "string": "a string",
    "object": "an object",
    "array": "an array",
    "boolean": "a boolean",
    "state": "a state's name",
    "timestamp": "a timestamp",
    "path": "a path",
    "reference": "a reference path",
    "number": "a number",
    "integer": "an integer",
}


def other_language(name: str, language: str, other: str, at: Pointer = ()) -> Said:
    """AWS's sentence for a field of the other query language."""
    return Said(f"The QueryLanguage is set to '{language}', but field '{name}' is only supported for the '{other}' QueryLanguage", at)


def wrong_kind(kind: str, at: Pointer) -> Said:
    """AWS's sentence for a value of another JSON kind."""
    return Said(f"Expected value of type {kind.capitalize() if kind in _AWS_TYPES else 'String'}", at)


_AWS_TYPES = frozenset({"integer", "number", "object", "array", "boolean"})


def check_value(field: Field, held: Json, language: str, at: Pointer) -> Iterator[Finding]:
    if substituted(held):
        return
    if held is None:
        if not field.nullable and field.kind != "any":
            yield Finding("ASL104", at, f"The field '{field.name}' may not be null.", "Remove it, or give it a value.")
        return
    if language == "JSONata" and field.expression and isinstance(held, str) and held.strip().startswith("{%"):
        return
    kind = field.kind
    if kind == "any":
        return
    if kind in {"number", "integer"}:
        if (
            isinstance(held, bool)
            or not isinstance(held, int | float)
            or (kind == "integer" and isinstance(held, float) and not held.is_integer())
        ):
            yield Finding("ASL104", at, f"The field '{field.name}' must be {_WORDS[kind]}.", said=wrong_kind(kind, at))
            return
        low, high = field.minimum, field.maximum
        if (low is not None and held < low) or (high is not None and held > high):
            most = f" and at most {high:,.0f}" if high is not None else ""
            bound, word = (low, "Minimum") if low is not None and held < low else (high, "Maximum")
            assert bound is not None
            said = Said(f"{word} value is {float(bound) if kind == 'number' else int(bound)}", at)
            yield Finding("ASL106", at, f"The field '{field.name}' must be at least {low or 0:g}{most}.", said=said)
        return
    wanted = _KINDS.get(kind, str)
    if not isinstance(held, wanted):
        yield Finding("ASL104", at, f"The field '{field.name}' must be {_WORDS[kind]}.", said=wrong_kind(kind, at))
        return
    if not field.empty and not held:
        yield Finding("ASL105", at, "Value cannot be empty", f"'{field.name}' needs at least one member." if kind != "string" else "")
    if field.words and held not in field.words:
        yield Finding("ASL104", at, f"The field '{field.name}' must be one of {', '.join(field.words)}.")
