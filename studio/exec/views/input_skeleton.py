"""What a state reads, as values to begin with: an input that has every path, the variables by name, a result to mock. Pure.

A member has a value of the kind that the field needs which reads it (`SecondsPath` a number, a rule's `Variable` what the rule compares it
with); where nobody can tell it is `null`, to be filled in.
"""

from __future__ import annotations

import re
from typing import Any

from studio.asl.expression_references import free_variables, reads_of, template_reads
from studio.asl.graph import StateNode
from studio.asl.templates import expression_of
from studio.asl.tree import Json, walk

Path = tuple[str | int, ...]

_NOT_OF_THE_INPUT = frozenset({"ItemProcessor", "Iterator", "Branches", "Comment", "ResultSelector", "ResultPath", "OutputPath", "Catch"})
_INSIDE = frozenset({"ItemProcessor", "Iterator", "Branches", "Comment"})
_MOMENT = "2026-01-01T00:00:00Z"
_NEEDS: dict[str, Json] = {
    "Seconds": 1,
    "TimeoutSeconds": 60,
    "HeartbeatSeconds": 30,
    "Timestamp": _MOMENT,
    "Items": [],
    "MaxConcurrency": 1,
    "ToleratedFailureCount": 0,
    "ToleratedFailurePercentage": 0,
    "MaxItemsPerBatch": 1,
    "MaxInputBytesPerBatch": 1000,
    "MaxItems": 1,
    "Error": "Error",
    "Cause": "Cause",
}
"""Fields by which a state reads one value, without `Path`: a value that would do."""
_COMPARED: dict[str, Json] = {"String": "text", "Numeric": 1, "Boolean": True, "Timestamp": _MOMENT}
_WHOLE = re.compile(r"\s*\$states\.input((?:\.\w+)+)\s*")
_INDEXES = 9
"""An index up to which an array is filled."""


def skeleton(node: StateNode) -> Json:
    """An input with every path that the state's own expressions read; `null` is to be filled in."""
    own = {k: v for k, v in node.value.items() if k not in _NOT_OF_THE_INPUT} if isinstance(node.value, dict) else {}
    base = _steps(own.pop("InputPath", None)) if node.language == "JSONPath" else ()
    read: dict[Path, Json] = {(*base, *path): None for path in template_reads(own, node.language).input}
    if base:
        read.setdefault(base, None)
    for path, value in _typed(own, node.language):
        if read.get((*base, *path)) is None:
            read[(*base, *path)] = [item(node)] if value == [] else value
    return _made(read, None) or {}


def item(node: StateNode) -> Json:
    """An item of a Map, with what its ItemSelector reads of it."""
    raw: dict[str, Any] = node.value if isinstance(node.value, dict) else {}
    read = template_reads(raw.get("ItemSelector", raw.get("Parameters")), node.language).context
    return _made({path[3:]: None for path in read if path[:3] == ("Map", "Item", "Value")}, None) or {}


def variables_read(node: StateNode) -> frozenset[str]:
    """The workflow variables that the state's own expressions read, without `$`; not what runs inside it."""
    own = {k: v for k, v in node.value.items() if k not in _INSIDE} if isinstance(node.value, dict) else {}
    found = set(free_variables(own, node.language))
    if node.language == "JSONPath":
        for value in _paths(own):
            found |= reads_of(value).variables
    return frozenset(found)


def result_read(node: StateNode) -> frozenset[Path]:
    """The paths that the state reads of what its work answered."""
    raw: dict[str, Any] = node.value if isinstance(node.value, dict) else {}
    if node.language == "JSONata":
        return template_reads({k: raw[k] for k in ("Output", "Assign") if k in raw}, "JSONata").result
    if "ResultSelector" in raw:
        return template_reads(raw["ResultSelector"]).input
    read = template_reads(raw.get("Assign")).input
    return read if "ResultPath" in raw else read | {_steps(raw.get("OutputPath"))}


def filled(value: Json, read: frozenset[Path], leaf: Json) -> Json:
    """A value with the paths that are read and that it does not have, each a `leaf`."""
    return _made({path: leaf for path in read if path and not _has(value, path)}, value)


def _made(read: dict[Path, Json], value: Json) -> Json:
    made: Json = value
    for path in sorted(read, key=lambda path: (len(path), [str(part) for part in path])):
        if path or read[path] is not None:
            made = _with(made, path, read[path])
    return made


def _typed(own: dict[str, Json], language: str) -> list[tuple[Path, Json]]:
    """What is read by fields that hold a path, or a JSONata expression that is one: with a value of the kind they need."""
    found: list[tuple[Path, Json]] = []
    queue: list[Json] = [own]
    for held in queue:  # grows: the first rule is read first
        if isinstance(held, list):
            queue.extend(held)
        elif isinstance(held, dict):
            queue.extend(held.values())
            for key, value in held.items():
                if not isinstance(value, str):
                    continue
                if language == "JSONata":
                    whole = _WHOLE.fullmatch(expression_of(value) or "") if key in _NEEDS else None
                    if whole:
                        found.append((tuple(whole[1].split(".")[1:]), _NEEDS[key]))
                elif key == "Variable":
                    found.append((_steps(value), _compared(held)))
                elif key.endswith("Path"):
                    found.append((_steps(value), _NEEDS.get(key.removesuffix("Path"), _kind(key))))
    return [(path, value) for path, value in found if path]


def _compared(rule: dict[str, Json]) -> Json:
    """A value that a rule's `Variable` may have: what it is compared with, where that is written down."""
    for operator, against in rule.items():
        kind = _kind(operator)
        if kind is not None:
            return against if type(against) is type(kind) and operator.endswith("Equals") else kind
    return None


def _kind(operator: str) -> Json:
    return next((value for prefix, value in _COMPARED.items() if operator.startswith(prefix)), None)


def _paths(own: dict[str, Json]) -> list[str]:
    return [held for at, held in walk(own) if isinstance(held, str) and (at[-1] == "Variable" or str(at[-1]).endswith("Path"))]


def _steps(path: Json) -> Path:
    """The members a path leads through; none where it is no path of the input."""
    return next(iter(reads_of(path).input), ()) if isinstance(path, str) else ()


def _has(value: Json, path: Path) -> bool:
    for part in path:
        if isinstance(value, dict) and part in value:
            value = value[part]  # type: ignore[index]
        elif isinstance(value, list) and isinstance(part, int) and -len(value) <= part < len(value):
            value = value[part]
        else:
            return False
    return True


def _with(value: Json, path: Path, leaf: Json) -> Json:
    if not path:
        return leaf if value is None else value
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        items = value if isinstance(value, list) else []
        items = [*items, *([None] * (abs(head) + 1 - len(items)))] if len(items) <= abs(head) <= _INDEXES else items
        return [_with(item, rest, leaf) if i == head else item for i, item in enumerate(items)]
    members = value if isinstance(value, dict) else {}
    return {**members, head: _with(members.get(head), rest, leaf)}
