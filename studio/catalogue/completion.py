"""What completion asks about AWS's services, answered out of botocore: resources, parameters, their values, errors."""

from __future__ import annotations

import re
from functools import lru_cache

from studio.asl.completion import Member
from studio.catalogue import services, shapes
from studio.catalogue.naming import error_prefix, exception_name, sdk_exception_name
from studio.catalogue.optimized import OPTIMIZED, SUFFIX, Optimized
from studio.catalogue.own_shapes import own
from studio.catalogue.search import index
from studio.catalogue.shapes import Shape

SHOWN = 60
_RESOURCE = re.compile(r"^arn:[^:]*:states:[^:]*:[^:]*:(aws-sdk:)?([A-Za-z0-9-]+):([A-Za-z0-9-]+)(?:\.[A-Za-z]+(?::2)?)?$")
_PREFIX = "arn:aws:states:::"
_LAMBDA = (
    ("Lambda.ServiceException", "Lambda itself failed; worth a retry."),
    ("Lambda.AWSLambdaException", "Lambda itself failed; worth a retry."),
    ("Lambda.SdkClientException", "Lambda was not reached; worth a retry."),
    ("Lambda.TooManyRequestsException", "Too many calls at once; worth a retry."),
    ("Lambda.Unknown", "The function ended without an answer: out of memory or time."),
)


class BotocoreCompletion:
    """Implements `asl.completion.Catalogue`."""

    def resources(self, typed: str) -> list[tuple[str, str, str]]:
        """The actions that fit the words in what is typed, optimized ones with each of their patterns."""
        words = re.sub(r"^arn:[^:]*(:states(:[^:]*(:[^:]*)?)?)?:?|aws-sdk|\..*$", " ", typed)
        found: list[tuple[str, str, str]] = []
        for action in index().search(re.sub(r"[^A-Za-z0-9]+", " ", words), SHOWN):
            entry = OPTIMIZED.get(action.resource)
            title = f"{action.service}: {action.name}"
            if entry is None:
                found.append((_PREFIX + action.resource, title, ""))
            else:
                found += [(f"{_PREFIX}{action.resource}{SUFFIX[pattern]}", title, entry.documentation) for pattern in entry.patterns]
        return found

    def about(self, resource: str) -> tuple[str, str] | None:
        entry, operation = _found(resource)
        if operation is not None:
            return f"{operation.service.title}: {operation.name}", operation.documentation[:1_200]
        return (entry.title, entry.documentation) if entry else None

    def members(self, resource: str, path: tuple[str | int, ...]) -> list[Member]:
        shape, entry = _shape(resource, path)
        if shape is None or shape.kind != "structure":
            return [_bare(name, entry) for name in sorted(entry.parameters | entry.extra)] if entry and not path else []
        members = [
            Member(name, held.kind, held.documentation[:600], name in shape.required, held.enum)
            for name, held in shape.members.items()
            if path or entry is None or not entry.parameters or name in entry.parameters
        ]
        if entry and not path:
            members += [_bare(name, entry) for name in sorted(entry.extra) if name not in shape.members]
        return members

    def values(self, resource: str, path: tuple[str | int, ...]) -> tuple[str, ...]:
        shape, _ = _shape(resource, path)
        if shape is None:
            return ()
        return ("true", "false") if shape.kind == "boolean" else shape.enum

    def errors(self, resource: str) -> list[tuple[str, str]]:
        entry, operation = _found(resource)
        if entry is not None and entry.service == "lambda":
            return list(_LAMBDA)
        if operation is None:
            return []
        prefix = entry.error_prefix if entry and entry.error_prefix else error_prefix(operation.service.service_id)
        names = dict.fromkeys(map(exception_name if entry else sdk_exception_name, operation.errors))
        return [(f"{prefix}.{name}", f"{operation.service.title} {operation.name} declares it.") for name in names]


def _bare(name: str, entry: Optimized) -> Member:
    return Member(name, "any", "", name in entry.required)


def _found(resource: str) -> tuple[Optimized | None, shapes.Operation | None]:
    match = _RESOURCE.match(resource)
    if match is None:
        return None, None
    if match[1]:
        return None, shapes.operation(match[2], match[3]) if services.service(match[2]) else None
    entry = OPTIMIZED.get(f"{match[2]}:{match[3]}")
    return entry, shapes.operation(entry.token, entry.operation, optimized=True) if entry and entry.token else None


def _shape(resource: str, path: tuple[str | int, ...]) -> tuple[Shape | None, Optimized | None]:
    """The shape at a path inside a resource's parameters."""
    entry, operation = _found(resource)
    here = operation.input if operation else own(entry.resource) if entry else None
    for part in path:
        if here is None:
            break
        if here.kind == "structure":
            here = here.members.get(str(part).removesuffix(".$"))
        else:
            here = here.element if here.kind in {"list", "map"} else None
    return here, entry


@lru_cache(maxsize=1)
def completion() -> BotocoreCompletion:
    return BotocoreCompletion()
