"""The JSON Schema of the States Language, made from the linter's own table of fields.

A schema sees structure only; targets, expressions and reachability are the linter's. It accepts every definition the linter finds no
structural error in, `${Placeholders}` included.

Spec: https://json-schema.org/draft/2020-12/schema
"""

from __future__ import annotations

from typing import Any

from studio.asl.conditions import OPERATORS
from studio.asl.fields import CATCHER, EXCLUSIVE, FIELDS, INNER, RETRIER, TOP, TYPES, Field

ID = "https://asl-studio.example/schema/asl.json"
_PLACEHOLDER = {"type": "string", "pattern": r"\$\{[^}]+\}"}
_EXPRESSION = {"type": "string", "pattern": r"^\{%[\s\S]*%\}$"}


def schema() -> dict[str, Any]:
    """The whole schema (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Amazon States Language",
        "description": "A state machine definition of AWS Step Functions, JSONPath or JSONata.",
        "$ref": "#/$defs/machine",
        "$defs": {
            "machine": _object(TOP, closed=True),
            "inner": _object(INNER, closed=False),
            "states": {"type": "object", "additionalProperties": {"$ref": "#/$defs/state"}, "minProperties": 1},
            "state": {
                "type": "object",
                "required": ["Type"],
                "properties": {"Type": {"anyOf": [{"enum": list(TYPES)}, _PLACEHOLDER]}},
                "allOf": [
                    {"if": {"properties": {"Type": {"const": kind}}, "required": ["Type"]}, "then": {"$ref": f"#/$defs/{kind}"}}
                    for kind in TYPES
                ],
            },
            **{kind: _state(kind) for kind in TYPES},
            "retrier": _object(RETRIER, closed=True),
            "catcher": _object(CATCHER, closed=True),
            "rule": _rule(),
            "substitution": {
                "description": "A CloudFormation function that is filled in before AWS sees the definition.",
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "patternProperties": {"^(Fn::.*|Ref)$": {}},
                "additionalProperties": False,
            },
        },
    }


def _state(kind: str) -> dict[str, Any]:
    made = _object(FIELDS[kind], closed=True)
    properties = made["properties"]
    if kind == "Parallel":
        properties["Branches"] = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/inner"}}
    if kind == "Map":
        properties["ItemProcessor"] = properties["Iterator"] = {"$ref": "#/$defs/inner"}
        made["anyOf"] = [{"required": ["ItemProcessor"]}, {"required": ["Iterator"]}]
    if kind == "Choice":
        properties["Choices"] = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/rule", "required": ["Next"]}}
    if kind not in {"Choice", "Succeed", "Fail"}:
        made["oneOf"] = [
            {"required": ["Next"], "not": {"required": ["End"], "properties": {"End": {"const": True}}}},
            {"required": ["End"], "not": {"required": ["Next"]}},
        ]
    for name, target in (("Retry", "retrier"), ("Catch", "catcher")):
        if name in properties:
            properties[name] = {"type": "array", "items": {"$ref": f"#/$defs/{target}"}}
    exclusive = [
        {"not": {"required": [a, b]}}
        for group in EXCLUSIVE.get(kind, ())
        for i, a in enumerate(group)
        for b in group[i + 1 :]
        if {a, b} != {"Next", "End"}
    ]
    if exclusive:
        made["allOf"] = exclusive
    return made


def _rule() -> dict[str, Any]:
    nested = {"$ref": "#/$defs/rule"}
    properties: dict[str, Any] = {name: {} for name in OPERATORS}
    properties |= {
        "Variable": {"type": "string"},
        "Condition": {},
        "And": {"type": "array", "minItems": 1, "items": nested},
        "Or": {"type": "array", "minItems": 1, "items": nested},
        "Not": nested,
        "Next": {"type": "string"},
        "Comment": {"type": "string"},
        "Assign": {},
        "Output": {},
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _object(fields: dict[str, Field], *, closed: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": {f.name: _field(f) for f in fields.values()}}
    required = [f.name for f in fields.values() if f.required]
    if required:
        made["required"] = required
    if closed:
        made["additionalProperties"] = False
    return made


def _field(field: Field) -> dict[str, Any]:
    if field.name == "States":
        return {"$ref": "#/$defs/states"}
    shape: dict[str, Any] = {"description": field.doc}
    if field.name == "Type" or field.kind == "any":
        return shape
    options: list[dict[str, Any]] = [_kind(field)]
    if field.words or field.kind not in {"string", "state", "path", "reference", "timestamp"}:
        options.append(_PLACEHOLDER)
    if field.kind != "object":
        options.append({"$ref": "#/$defs/substitution"})
    if field.expression and field.kind not in {"string", "timestamp"}:
        options.append(_EXPRESSION)
    if field.nullable:
        options.append({"type": "null"})
    if len(options) == 1:
        return {**shape, **options[0]}
    return {**shape, "anyOf": options}


def _kind(field: Field) -> dict[str, Any]:
    match field.kind:
        case "number" | "integer":
            made: dict[str, Any] = {"type": field.kind}
            if field.minimum is not None:
                made["minimum"] = field.minimum
            if field.maximum is not None:
                made["maximum"] = field.maximum
            return made
        case "boolean":
            return {"type": "boolean"}
        case "object":
            return {"type": "object"}
        case "array":
            return {"type": "array"} if field.empty else {"type": "array", "minItems": 1}
        case _:
            if field.words:
                return {"enum": list(field.words)}
            return {"type": "string"} if field.empty else {"type": "string", "minLength": 1}
