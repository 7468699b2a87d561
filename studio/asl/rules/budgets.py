"""Reliability and budgets: what AWS accepts and the user regrets. Warnings and hints.

Limits: 25,000 events in a Standard execution's history, 262,144 bytes of a payload, 40 concurrent iterations of an inline Map, 5 minutes of an Express execution
(https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio.asl.graph import Graph, Scope, StateNode
from studio.asl.rules.finding import Finding
from studio.asl.tree import Json, Pointer

MAX_EVENTS = 25_000
MAX_AT_ONCE = 40
EXPRESS_SECONDS = 300
MAX_PAYLOAD = 262_144
_EVENTS = {"Task": 5, "Parallel": 4, "Map": 4, "Fail": 1}
"""Events a visit of a state makes, its inner ones not counted."""


def check(graph: Graph, *, express: bool) -> Iterator[Finding]:
    for node in graph.states.values():
        value = node.value if isinstance(node.value, dict) else {}
        match node.type:
            case "Map":
                yield from _map(graph, node, value, express=express)
            case "Wait" if express:
                seconds = value.get("Seconds")
                if isinstance(seconds, int | float) and seconds >= EXPRESS_SECONDS:
                    yield Finding(
                        "ASL804", (*node.pointer, "Seconds"), "An Express execution ends after 5 minutes; this Wait alone takes longer."
                    )
            case "Task":
                yield from _task(node, value, express=express)
            case _:
                pass
        yield from _handlers(node, value)
        yield from _size(node, value)
    yield from _growth(graph)


def _task(node: StateNode, value: dict[str, Json], *, express: bool) -> Iterator[Finding]:
    resource = str(value.get("Resource", ""))
    timeout = value.get("TimeoutSeconds")
    if express and isinstance(timeout, int | float) and timeout > EXPRESS_SECONDS:
        yield Finding("ASL804", (*node.pointer, "TimeoutSeconds"), "An Express execution ends after 5 minutes, before this timeout.")
    if ":bedrock:invokeModel" in resource or ":aws-sdk:bedrockruntime:" in resource:
        retriers = value.get("Retry")
        names = [
            str(e) for r in (retriers if isinstance(retriers, list) else []) if isinstance(r, dict) for e in _list(r.get("ErrorEquals"))
        ]
        if not any("Throttling" in n or n in {"States.ALL", "States.TaskFailed"} for n in names):
            yield Finding(
                "ASL705",
                node.pointer,
                "A call of a model does not retry throttling.",
                "Add a retrier for ThrottlingException: model quotas are low.",
            )


def _handlers(node: StateNode, value: dict[str, Json]) -> Iterator[Finding]:
    """Retriers and catchers that an earlier one leaves nothing to."""
    for name in ("Retry", "Catch"):
        seen: set[str] = set()
        for i, handler in enumerate(_list(value.get(name))):
            errors = [str(e) for e in _list(handler.get("ErrorEquals"))] if isinstance(handler, dict) else []
            if errors and all(e in seen for e in errors):
                yield Finding(
                    "ASL208",
                    (*node.pointer, name, i),
                    "An earlier member takes all of these errors: this one never matches.",
                    "Remove it, or move it up.",
                )
            seen.update(errors)
        for i, handler in enumerate(_list(value.get(name)) if name == "Catch" and node.language == "JSONPath" else []):
            if isinstance(handler, dict) and "ResultPath" not in handler and "Assign" not in handler:
                yield Finding(
                    "ASL707",
                    (*node.pointer, name, i),
                    "The error replaces the state's input.",
                    'Add ResultPath, for example "$.error", to keep both.',
                )
        for i, handler in enumerate(_list(value.get(name)) if name == "Retry" else []):
            attempts = handler.get("MaxAttempts") if isinstance(handler, dict) else None
            if isinstance(attempts, int | float) and attempts > 100 and isinstance(handler, dict) and "MaxDelaySeconds" not in handler:
                yield Finding(
                    "ASL706",
                    (*node.pointer, name, i, "MaxAttempts"),
                    f"{attempts} attempts without MaxDelaySeconds: the pauses grow without bound.",
                    "Set MaxDelaySeconds.",
                )


def _size(node: StateNode, value: dict[str, Json]) -> Iterator[Finding]:
    """Constants that alone are larger than a payload may be."""
    for field in ("Result", "Parameters", "Arguments", "Output", "ItemSelector"):
        size = _bytes(value.get(field), MAX_PAYLOAD) if field in value else 0
        if size > MAX_PAYLOAD:
            yield Finding(
                "ASL801",
                (*node.pointer, field),
                f"{field} alone is larger than the {MAX_PAYLOAD:,} bytes of a payload.",
                "Keep the data in S3 and pass its address.",
            )


def _bytes(value: Json, enough: int) -> int:
    """About how many bytes a value takes as JSON; stops counting once there are more than enough."""
    total, pending = 0, [value]
    while pending and total <= enough:
        match pending.pop():
            case str() as text:
                total += len(text) + 2
            case list() as items:
                total += len(items) + 1
                pending.extend(items)
            case dict() as members:
                total += sum(len(key) + 4 for key in members)
                pending.extend(members.values())
            case _:
                total += 4
    return total


_APPENDS = re.compile(r"^States\.Array\(\s*(\$[\w.$]*)(\[\*\])?\s*,")
_APPENDS_JSONATA = re.compile(r"\$append\(\s*(\$\w+)|^\s*\[\s*(\$\w+)\s*,")


def _growth(graph: Graph) -> Iterator[Finding]:
    """States of a loop that append to what they keep: the payload grows with every turn."""
    for node in graph.states.values():
        value = node.value if isinstance(node.value, dict) else {}
        grown = _appended(node, value)
        if grown is not None and _in_loop(graph, node):
            at, name = grown
            yield Finding(
                "ASL801",
                (*node.pointer, *at),
                f"{name} grows with every turn of this loop; a payload may have {MAX_PAYLOAD:,} bytes.",
                "Bound the number of turns, or keep the items in S3 or DynamoDB.",
            )


def _appended(node: StateNode, value: dict[str, Json]) -> tuple[Pointer, str] | None:
    assigned = value.get("Assign")
    for name, held in assigned.items() if isinstance(assigned, dict) else ():
        if isinstance(held, str) and node.language == "JSONata" and (found := _APPENDS_JSONATA.search(held.removeprefix("{%"))):
            if (found[1] or found[2]) == f"${name}":
                return ("Assign", name), f"${name}"
        elif isinstance(held, str) and (found := _APPENDS.match(held)) and found[1] == f"${name.removesuffix('.$')}":
            return ("Assign", name), found[1]
    given, where = value.get("Parameters"), value.get("ResultPath")
    if node.type == "Pass" and isinstance(given, dict) and isinstance(where, str):
        for key, held in given.items():
            found = _APPENDS.match(held) if isinstance(held, str) and key.endswith(".$") else None
            if found and found[1] in {where, f"{where}.{key[:-2]}"}:
                return ("Parameters", key), found[1]
    return None


def _in_loop(graph: Graph, node: StateNode) -> bool:
    onward: dict[str, list[str]] = {}
    for way in graph.transitions:
        if way.scope == node.scope:
            onward.setdefault(way.source, []).append(way.target)
    seen: set[str] = set()
    todo = list(onward.get(node.name, []))
    while todo:
        name = todo.pop()
        if name == node.name:
            return True
        if name not in seen:
            seen.add(name)
            todo.extend(onward.get(name, []))
    return False


def _map(graph: Graph, node: StateNode, value: dict[str, Json], *, express: bool) -> Iterator[Finding]:
    processor = value.get("ItemProcessor", value.get("Iterator"))
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    if isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED":
        return
    at_once = value.get("MaxConcurrency")
    if isinstance(at_once, int) and not isinstance(at_once, bool) and at_once > MAX_AT_ONCE:
        yield Finding(
            "ASL803",
            (*node.pointer, "MaxConcurrency"),
            f"An inline Map runs at most {MAX_AT_ONCE} iterations at once, not {at_once}.",
            "Use a Distributed Map for more.",
        )
    count = _items(graph, node, value)
    if count is None or express:
        return
    each = 2 + sum(_visit(graph, graph.scopes[scope]) for scope in node.children if scope in graph.scopes)
    if count * each > MAX_EVENTS:
        yield Finding(
            "ASL802",
            node.pointer,
            f"About {count * each:,} events for {count:,} items, over the {MAX_EVENTS:,} of one history.",
            "Use a Distributed Map: each child has a history of its own.",
        )


def _visit(graph: Graph, scope: Scope) -> int:
    """A rough count of the events one pass through a scope makes."""
    total = 0
    stack = [scope]
    while stack:
        here = stack.pop()
        for pointer in here.states:
            node = graph.states[pointer]
            total += _EVENTS.get(node.type, 2)
            stack.extend(graph.scopes[c] for c in node.children if c in graph.scopes)
    return total


def _items(graph: Graph, node: StateNode, value: dict[str, Json]) -> int | None:
    """How many items a Map has, where the definition tells."""
    items = value.get("Items")
    if isinstance(items, list):
        return len(items)
    path = value.get("ItemsPath", "$")
    before = [t for t in graph.transitions if t.scope == node.scope and t.target == node.name]
    if len(before) != 1 or not isinstance(path, str):
        return None
    source = graph.states.get((*node.scope, before[0].source))
    given = source.value if source and source.type == "Pass" and isinstance(source.value, dict) else {}
    result: Json = given.get("Result")
    where = str(given.get("ResultPath", "$"))
    if result is None or not (path == where or path.startswith(where)):
        return None
    for part in [p for p in path.removeprefix(where).split(".") if p]:
        result = result.get(part) if isinstance(result, dict) else None
    return len(result) if isinstance(result, list) else None


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
