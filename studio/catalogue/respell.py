"""A call by the other integration: parameters spelt as that one spells them, payloads as text or as JSON, errors by their other prefix.

Optimized integrations spell parameters as the API does, with a capital first; AWS SDK integrations as the AWS SDK for Java does
(`DBInstanceIdentifier` -> `DbInstanceIdentifier`). Some optimized ones take JSON where the API itself takes text. What the other
integration has no word for stays as it was typed and is told in `notes`.
Spec: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.catalogue.actions import PAYLOADS
from studio.catalogue.services import service

if TYPE_CHECKING:
    from studio.asl.tree import Json
    from studio.catalogue.actions import Call
    from studio.catalogue.shapes import Shape

_TEXTS = frozenset({"sns:publish", "sqs:sendMessage"})
"""Optimized integrations whose payload may be plain text as well as JSON."""
_PLAIN = re.compile(r"[A-Za-z_]\w*\Z")


@dataclass(frozen=True, slots=True)
class Switched:
    """The state's fields for the other integration, and what a person should know."""

    fields: dict[str, Json]
    notes: tuple[str, ...]


def switched(state: dict[str, Json], call: Call, to: Call, language: str) -> Switched:
    """The fields of a Task that calls `call`, for `to`: `Resource`, its parameters, the errors of its retriers and catchers."""
    notes: list[str] = []
    pattern = call.pattern if call.pattern in to.patterns else "RR"
    if pattern != call.pattern:
        notes.append("AWS SDK integrations do not wait for the job to end: the task goes on with the answer.")
    made: dict[str, Json] = {"Resource": to.called(pattern).resource}
    name = "Arguments" if language == "JSONata" else "Parameters"
    held = state.get(name)
    if isinstance(held, dict):
        made[name] = _parameters(held, call, to, language, notes)
    for field in ("Retry", "Catch"):
        if isinstance(rules := state.get(field), list):
            made[field] = [_errors(rule, call, to) for rule in rules]
    payload = _payload(call if to.sdk else to)
    read = f"$parse($states.result.{payload})" if language == "JSONata" else f"States.StringToJson($.{payload})"
    if payload and call.name.endswith(":invoke"):
        notes.append(f"The result's {payload} is text now: read it with {read}." if to.sdk else f"The result's {payload} is JSON now.")
    return Switched({key: value for key, value in made.items() if value != state.get(key)}, tuple(notes))


def _payload(optimized: Call) -> str:
    return next(iter(PAYLOADS.get(optimized.name, ())), "")


def _parameters(held: dict[str, Json], call: Call, to: Call, language: str, notes: list[str]) -> dict[str, Json]:
    before, after = call.operation, to.operation
    made = _respelt(held, before.input if before else None, after.input if after else None)
    assert isinstance(made, dict)
    payload = _payload(call if to.sdk else to)
    if payload:
        made = _as_text(made, payload, call, language, notes) if to.sdk else _as_json(made, payload)
    if after is not None and after.input is not None:
        entry = to.optimized
        known = {*after.input.members, *(entry.extra if entry else ())} if entry is None or not entry.parameters else entry.parameters
        gone = [key for key in made if key.removesuffix(".$") not in known]
        if gone:
            notes.append(f"The other integration has no {', '.join(gone)}: kept as it is.")
    return made


def _respelt(value: Json, before: Shape | None, after: Shape | None) -> Json:
    """A value with its members spelt as `after` spells them. Both shapes are of the same API."""
    if before is None or after is None:
        return value
    if isinstance(value, dict) and before.kind == "structure":
        spelt = dict(zip(before.members, after.members, strict=True))
        made: dict[str, Json] = {}
        for key, inner in value.items():
            plain = key.removesuffix(".$")
            name = spelt.get(plain, plain)
            path = key != plain
            made[f"{name}.$" if path else name] = inner if path else _respelt(inner, before.members.get(plain), after.members.get(name))
        return made
    if isinstance(value, dict) and before.kind == "map":
        return {key: inner if key.endswith(".$") else _respelt(inner, before.element, after.element) for key, inner in value.items()}
    if isinstance(value, list) and before.kind == "list":
        return [_respelt(one, before.element, after.element) for one in value]
    return value


def _errors(rule: Json, call: Call, to: Call) -> Json:
    """A retrier or catcher with its errors named as the other integration names them: `DynamoDB.X` -> `DynamoDb.X`."""
    old, new = _prefix(call), _prefix(to)
    if not isinstance(rule, dict) or not old or not new or old == new or not isinstance(names := rule.get("ErrorEquals"), list):
        return rule
    return {
        **rule,
        "ErrorEquals": [
            f"{new}.{one.removeprefix(f'{old}.')}" if isinstance(one, str) and one.startswith(f"{old}.") else one for one in names
        ],
    }


def _prefix(call: Call) -> str:
    if call.sdk:
        return found.error_prefix if (found := service(call.service)) else ""
    return call.optimized.error_prefix if call.optimized else ""


# -- payloads ------------------------------------------------------------------------------------------------------------


def _as_text(held: dict[str, Json], payload: str, call: Call, language: str, notes: list[str]) -> dict[str, Json]:
    """The payload as the API itself takes it: a text."""
    made: dict[str, Json] = {}
    for key, value in held.items():
        if key == f"{payload}.$" and isinstance(value, str):
            if call.name in _TEXTS:
                notes.append(f"{payload} must be text in an AWS SDK integration: give States.JsonToString({value}) where it is JSON.")
                made[key] = value
            else:
                made[key] = f"States.JsonToString({value})"
        elif key != payload or (isinstance(value, str) and not (language == "JSONata" and value.strip().startswith("{%"))):
            made[key] = value
        elif language == "JSONata":
            made[key] = f"{{% $string({jsonata(value)}) %}}" if _dynamic(value) else json.dumps(value, ensure_ascii=False)
        elif _dynamic(value):
            notes.append(f"{payload} holds paths, and must be text in an AWS SDK integration: build it in a Pass state, or use JSONata.")
            made[key] = value
        else:
            made[key] = json.dumps(value, ensure_ascii=False)
    return made


def _as_json(held: dict[str, Json], payload: str) -> dict[str, Json]:
    """The payload as an optimized integration takes it: a text that is JSON as that JSON."""
    made: dict[str, Json] = {}
    for key, value in held.items():
        made[key] = value
        if key == f"{payload}.$" and isinstance(value, str) and (inside := _inside(value.strip(), "States.JsonToString")) is not None:
            made[key] = inside
        elif key == payload and isinstance(value, str):
            text = value.strip()
            if text.startswith("{%") and text.endswith("%}"):
                inside = _inside(text[2:-2].strip(), "$string")
                made[key] = value if inside is None else f"{{% {inside} %}}"
            elif text.startswith(("{", "[")):
                made[key] = _read(text, value)
    return made


def _read(text: str, otherwise: Json) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return otherwise


def _inside(text: str, function: str) -> str | None:
    """What is between the brackets of a call that is the whole text; None where it is not such a call of one argument."""
    if not text.startswith(f"{function}(") or not text.endswith(")"):
        return None
    inside, depth, quote = text[len(function) + 1 : -1], 0, ""
    for i, sign in enumerate(inside):
        if quote:
            quote = "" if sign == quote and inside[i - 1] != "\\" else quote
        elif sign in "'\"`":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        if depth < 0 or (sign == "," and not depth and not quote):
            return None
    return inside.strip() if not depth and not quote else None


def _dynamic(value: Json) -> bool:
    """Whether there is an expression or a path in a value."""
    match value:
        case dict():
            return any(key.endswith(".$") or _dynamic(inner) for key, inner in value.items())
        case list():
            return any(map(_dynamic, value))
        case str():
            return value.strip().startswith("{%")
        case _:
            return False


def jsonata(value: Json) -> str:
    """A template as one JSONata expression."""
    match value:
        case dict():
            members = ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {jsonata(inner)}" for key, inner in value.items())
            return f"{{{members}}}"
        case list():
            return f"[{', '.join(map(jsonata, value))}]"
        case str() if value.strip().startswith("{%") and value.strip().endswith("%}"):
            inside = value.strip()[2:-2].strip()
            return inside if _PLAIN.match(inside) or re.fullmatch(r"[$\w.]+", inside) else f"({inside})"
        case _:
            return json.dumps(value, ensure_ascii=False)
