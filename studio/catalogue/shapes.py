"""The parameters and results of an operation, as botocore describes them and Step Functions spells them.

A `Shape` is resolved lazily: shapes may be recursive (DynamoDB's AttributeValue holds itself).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Any, Literal

from studio.catalogue import services
from studio.catalogue.naming import pascal

Kind = Literal["structure", "list", "map", "string", "number", "boolean", "timestamp", "blob", "document"]
_KINDS: dict[str, Kind] = {
    "structure": "structure",
    "list": "list",
    "map": "map",
    "string": "string",
    "character": "string",
    "integer": "number",
    "long": "number",
    "short": "number",
    "byte": "number",
    "bigInteger": "number",
    "bigDecimal": "number",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "blob": "blob",
}
_TAG = re.compile(r"<[^>]+>")
_SPACE = re.compile(r"\s+")


def plain(documentation: str) -> str:
    """botocore's HTML documentation as plain text."""
    return unescape(_SPACE.sub(" ", _TAG.sub("", documentation))).strip()


@dataclass(frozen=True)
class Shape:
    """A value's shape. `raw` is botocore's shape, `shapes` the model's table of all shapes."""

    raw: Mapping[str, Any]
    shapes: Mapping[str, Mapping[str, Any]]
    documentation: str = ""
    spell: Callable[[str], str] = pascal
    """How members are spelt: AWS SDK integrations in Java's PascalCase, optimized ones in the API's own."""

    @property
    def kind(self) -> Kind:
        if self.raw.get("document"):
            return "document"
        return _KINDS.get(self.raw["type"], "document")

    @property
    def enum(self) -> tuple[str, ...]:
        return tuple(self.raw.get("enum", ()))

    @property
    def required(self) -> frozenset[str]:
        return frozenset(map(self.spell, self.raw.get("required", ())))

    @property
    def members(self) -> dict[str, Shape]:
        return {self.spell(name): self._member(ref) for name, ref in self.raw.get("members", {}).items()}

    @property
    def element(self) -> Shape | None:
        """What a list holds, or the values of a map."""
        ref = self.raw.get("member") or self.raw.get("value")
        return self._member(ref) if ref else None

    @property
    def minimum(self) -> float | None:
        return self.raw.get("min")

    @property
    def maximum(self) -> float | None:
        return self.raw.get("max")

    @property
    def pattern(self) -> str:
        return self.raw.get("pattern", "")

    def _member(self, ref: Mapping[str, Any]) -> Shape:
        raw = self.shapes[ref["shape"]]
        return Shape(raw, self.shapes, plain(ref.get("documentation") or raw.get("documentation", "")), self.spell)


@dataclass(frozen=True)
class Operation:
    """One operation of a service: its parameters, its result, its documentation (plain text) and the errors it declares."""

    service: services.Service
    name: str
    documentation: str
    input: Shape | None
    output: Shape | None
    errors: tuple[str, ...]


def _own_spelling(name: str) -> str:
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=512)
def operation(token: str, action: str, *, optimized: bool = False) -> Operation | None:
    """The operation `aws-sdk:token:action`, or None. `optimized` spells members as optimized integrations do."""
    service = services.service(token)
    name = services.operation(service, action) if service else None
    raw = services.model(service.folder) if service else None
    if service is None or name is None or raw is None:
        return None
    found = raw["operations"][name]
    spell = _own_spelling if optimized else pascal

    def shape(ref: Mapping[str, Any] | None) -> Shape | None:
        return Shape(raw["shapes"][ref["shape"]], raw["shapes"], "", spell) if ref else None

    return Operation(
        service=service,
        name=name,
        documentation=plain(found.get("documentation", "")),
        input=shape(found.get("input")),
        output=shape(found.get("output")),
        errors=tuple(ref["shape"] for ref in found.get("errors", ())),
    )


def skeleton(shape: Shape | None, depth: int = 3) -> Any:
    """The required members of a shape with placeholder values: what an action dropped on the canvas starts with."""
    if shape is None:
        return {}
    match shape.kind:
        case "structure" if depth:
            return {k: skeleton(m, depth - 1) for k, m in shape.members.items() if k in shape.required}
        case "structure" | "map" | "document":
            return {}
        case "list":
            return [skeleton(shape.element, depth - 1)] if depth and shape.element else []
        case "number":
            return shape.minimum or 0
        case "boolean":
            return False
        case "timestamp":
            return "1970-01-01T00:00:00Z"
        case "string":
            return shape.enum[0] if shape.enum else "MyData"
        case "blob":
            return "MyData"
