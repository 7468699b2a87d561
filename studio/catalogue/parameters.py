"""A Task's resource and parameters held against AWS's own API models: the linter's catalogue.

Parameters that a path or an expression gives are not known before the run and are passed over; so are placeholders.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

from studio.asl.tree import Json, Pointer
from studio.catalogue import services, shapes
from studio.catalogue.optimized import OPTIMIZED, SERVICES, Optimized
from studio.catalogue.shapes import Shape

Problem = tuple[Pointer, str, str]

_RESOURCE = re.compile(r"^arn:[^:]*:states:[^:]*:[^:]*:(aws-sdk:)?([A-Za-z0-9-]+):([A-Za-z0-9-]+)(\.[A-Za-z]+(?::2)?)?$")
_SPECIAL = frozenset({"activity", "stateMachine", "execution"})
_UNCHECKED = frozenset({"http:invoke", "apigateway:invoke", "eks:call", "eks:runJob", "bedrockagentcore:invokeHarness"})
_SUFFIX = {".sync": "S", ".sync:2": "S2", ".waitForTaskToken": "T"}


class BotocoreCatalogue:
    """Implements the linter's `Catalogue` over botocore."""

    def problems(self, resource: str, parameters: Json) -> list[Problem]:
        """What is wrong with a resource or its parameters: pointer inside the parameters (empty for the resource), message, hint."""
        found = _RESOURCE.match(resource)
        if "${" in resource or not found or found[2] in _SPECIAL:
            return []
        sdk, service, action, suffix = found[1], found[2], found[3], found[4] or ""
        return _sdk(service, action, suffix, parameters) if sdk else _optimized(service, action, suffix, parameters)


@lru_cache(maxsize=1)
def catalogue() -> BotocoreCatalogue:
    return BotocoreCatalogue()


def _close(word: str, words: list[str]) -> str:
    near = difflib.get_close_matches(word, words, 1, 0.6)
    return f"Did you mean {near[0]}?" if near else ""


def _sdk(token: str, action: str, suffix: str, parameters: Json) -> list[Problem]:
    service = services.service(token)
    if service is None:
        return [((), f"AWS has no service '{token}' for SDK integrations.", _close(token.lower(), list(services.all_services())))]
    if suffix.startswith(".sync"):
        return [((), f"An SDK integration has no '{suffix}'.", "Call it, then poll its state with Wait and Choice.")]
    operation = shapes.operation(token, action)
    if operation is None or action[:1].isupper():
        hint = _close(action, list(service.actions)) or "Actions begin with a small letter."
        return [((), f"{service.title} has no action '{action}'.", hint)]
    return _held(operation.input, parameters, ()) if operation.input else []


def _optimized(service: str, action: str, suffix: str, parameters: Json) -> list[Problem]:
    if service not in SERVICES:
        known = services.service(service)
        hint = f"Call it by its SDK integration: aws-sdk:{service}:{action}." if known else _close(service, sorted(SERVICES))
        return [((), f"There is no optimized integration with '{service}'.", hint)]
    entry = OPTIMIZED.get(f"{service}:{action}")
    if entry is None:
        actions = [o.action for o in OPTIMIZED.values() if o.service == service]
        token = next((o.token for o in OPTIMIZED.values() if o.service == service and o.token), "")
        hint = _close(action, actions) or (
            f"Call it by its SDK integration: aws-sdk:{token}:{action}." if token else f"It has: {', '.join(actions)}."
        )
        return [((), f"The optimized integration with '{service}' has no action '{action}'.", hint)]
    if suffix and _SUFFIX.get(suffix) not in entry.patterns:
        return [((), f"{entry.title} does not support '{suffix}'.", "")]
    return _parameters(entry, suffix, parameters)


def _parameters(entry: Optimized, suffix: str, parameters: Json) -> list[Problem]:
    if not isinstance(parameters, dict) or entry.resource in _UNCHECKED:
        return []
    given = {name.removesuffix(".$") for name in parameters}
    found: list[Problem] = []
    if suffix == ".waitForTaskToken" and "Token" not in str(parameters):
        found.append(((), "The parameters do not carry the task token.", 'Pass it on: "TaskToken.$": "$$.Task.Token".'))
    operation = shapes.operation(entry.token, entry.operation, optimized=True) if entry.token else None
    known = set(entry.parameters) | set(entry.extra)
    if operation and operation.input and not entry.parameters:
        known |= set(operation.input.members)
    if known:
        found.extend(
            ((name,), f"{entry.title} has no parameter '{name.removesuffix('.$')}'.", _close(name.removesuffix(".$"), sorted(known)))
            for name in parameters
            if name.removesuffix(".$") not in known
        )
    found.extend(((), f"The parameter '{name}' is missing.", "") for name in sorted(entry.required - given))
    if operation and operation.input:
        members = operation.input.members
        for name, value in parameters.items():
            shape = members.get(name)
            if shape is not None and not (
                entry.resource in {"lambda:invoke", "bedrock:invokeModel", "sns:publish", "sqs:sendMessage", "states:startExecution"}
                and shape.kind in {"blob", "string"}
            ):
                found.extend(_held(shape, value, (name,)))
    return found


def _dynamic(value: Json) -> bool:
    return isinstance(value, str) and (value.startswith("{%") or "${" in value)


def _held(shape: Shape | None, value: Json, at: Pointer, depth: int = 0) -> list[Problem]:
    """A value against a shape; keys that end in `.$` count as given."""
    if shape is None or depth > 12 or _dynamic(value) or value is None:
        return []
    name = next((str(p) for p in reversed(at) if isinstance(p, str)), "")
    found: list[Problem] = []
    match shape.kind:
        case "structure":
            if not isinstance(value, dict):
                return [(at, f"'{name}' must be an object.", "")] if at else []
            members = shape.members
            given = {key.removesuffix(".$") for key in value}
            for key, inner in value.items():
                plain = key.removesuffix(".$")
                if plain not in members:
                    spelt = next((m for m in members if m.lower() == plain.lower()), "")
                    hint = f"It is spelt {spelt}: parameters are in PascalCase." if spelt else _close(plain, list(members))
                    found.append(((*at, key), f"There is no parameter '{plain}'{' here' if at else ''}.", hint))
                elif not key.endswith(".$"):
                    found.extend(_held(members[plain], inner, (*at, key), depth=depth + 1))
            lower = {g.lower() for g in given}
            missing = [m for m in members if m in shape.required and m.lower() not in lower]
            found.extend((at, f"The parameter '{m}' is missing.", "") for m in missing)
        case "list":
            if not isinstance(value, list):
                return [(at, f"'{name}' must be an array.", "")]
            for i, inner in enumerate(value[:100]):
                found.extend(_held(shape.element, inner, (*at, i), depth=depth + 1))
        case "map":
            if not isinstance(value, dict):
                return [(at, f"'{name}' must be an object.", "")]
            for key, inner in value.items():
                if not key.endswith(".$"):
                    found.extend(_held(shape.element, inner, (*at, key), depth=depth + 1))
        case "string" if shape.enum and isinstance(value, str) and value not in shape.enum:
            found.append(
                (
                    at,
                    f"'{value}' is not one of the values of '{name}'.",
                    _close(value, list(shape.enum)) or f"It has: {', '.join(shape.enum[:8])}.",
                )
            )
        case "number" if isinstance(value, bool) or not isinstance(value, int | float):
            found.append((at, f"'{name}' must be a number.", ""))
        case "boolean" if not isinstance(value, bool):
            found.append((at, f"'{name}' must be true or false.", ""))
        case _:
            pass
    return found
