"""The parameters of a service's task, looked at before the service is asked: what AWS does not start at all fails with `States.Runtime`.

`The Parameters '{…}' could not be used to start the Task: [The field 'TableName' is required but was missing, …]`

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/connect-parameters.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from studio.asl.tree import Json
from studio.asl.values import Unstarted, to_aws_text
from studio.catalogue import shapes
from studio.catalogue.optimized import OPTIMIZED
from studio.exec.effects import RunTask
from studio.exec.performers.emr import ADAPTED

_WORDS = {
    "structure": "an OBJECT",
    "map": "an OBJECT",
    "list": "an ARRAY",
    "string": "a STRING",
    "number": "a NUMBER",
    "boolean": "a BOOLEAN",
}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": (str, int, float),  # a number is written as text
    "number": (int, float),
    "boolean": bool,
}
_WHOLE = frozenset({"integer", "long", "short", "byte", "bigInteger"})
_ANY = frozenset({"MessageBody", "Message", "Detail", "Input", "Output", "Payload"})
"""Members of optimized integrations (and of Step Functions itself) that are taken as any JSON and written as text."""


def unfit(effect: RunTask) -> Unstarted | None:
    """Why the task of a service cannot be started with its parameters; None where it can, or nothing is known of them."""
    resource = effect.resource
    entry = OPTIMIZED.get(f"{resource.service}:{resource.action}") if resource.kind == "service" else None
    if entry is not None and (not entry.token or entry.resource in ADAPTED):
        return None
    found = shapes.operation(
        entry.token if entry else resource.service, entry.operation if entry else resource.action, optimized=entry is not None
    )
    if found is None:
        return None
    given = effect.arguments
    if not isinstance(given, dict):
        reasons = [f"The value for the field 'Parameters' must be {_WORDS['structure']}"]
    else:
        free = _ANY if entry is not None or resource.service == "sfn" else frozenset[str]()
        top = _missing(given, (found.input.required if found.input else frozenset[str]()) | (entry.required if entry else frozenset[str]()))
        known = found.input.members if found.input is not None else {}
        allowed = (entry.parameters or known.keys() | entry.extra) if entry else known.keys()
        reasons = [*top, *_unknown(given, allowed)]
        for name, value in given.items():
            if name in known and name in allowed and name not in free:
                reasons += _unlike(known[name], value, name, free)
    if not reasons:
        return None
    return Unstarted("States.Runtime", f"The Parameters '{to_aws_text(given)}' could not be used to start the Task: [{', '.join(reasons)}]")


def _missing(given: dict[str, Json], required: Collection[str]) -> list[str]:
    return [f"The field '{name}' is required but was missing" for name in sorted(required) if given.get(name) is None]


def _unknown(given: dict[str, Json], allowed: Collection[str]) -> list[str]:
    return [f'The field "{name}" is not supported by Step Functions' for name in given if name not in allowed]


def _unlike(shape: shapes.Shape, value: Any, name: str, free: Collection[str]) -> Iterator[str]:
    """What is wrong in a value that is there; the names are the innermost fields'."""
    kind = shape.kind
    if value is None or kind not in _TYPES:
        return
    if not _is(kind, value):
        yield f"The value for the field '{name}' must be {_WORDS[kind]}"
    elif shape.raw["type"] in _WHOLE and value != int(value):
        yield f"The value for the field '{name}' must be an INTEGER"
    elif kind == "structure":
        members = shape.members
        yield from _missing(value, shape.required)
        yield from _unknown(value, members.keys())
        for key, inner in value.items():
            if key in members and key not in free:
                yield from _unlike(members[key], inner, key, free)
    elif shape.element is not None and kind == "list":
        for inner in value:
            yield from _unlike(shape.element, inner, name, free)
    elif shape.element is not None:
        for key, inner in value.items():
            yield from _unlike(shape.element, inner, key, free)


def _is(kind: str, value: object) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


__all__ = ["unfit"]
