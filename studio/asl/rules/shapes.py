"""Data flow: paths that no predecessor can produce.

Theory of operation: what a state passes on is followed through the scope as a *shape*: an object whose keys are known, or something
unknown. A Pass with Result or Parameters makes a known shape; ResultPath adds to it; the start and every result of work are unknown.
Where several transitions meet, a key may be there if any of them has it. A path is impossible when it asks a known object for a key that
none of its makers gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from studio.asl.graph import END, START, Graph, Scope, StateNode
from studio.asl.rules.finding import Finding, placeholder
from studio.asl.tree import Json, Pointer, walk

Shape: TypeAlias = "dict[str, Shape] | None"
"""None: unknown; a dict: an object with these keys and no others."""

MAX_ROUNDS = 50
_PLAIN = re.compile(r"\$((?:\.[A-Za-z_][\w-]*)+)")


def check(graph: Graph) -> Iterator[Finding]:
    for scope in graph.scopes.values():
        entering = _entering(graph, scope)
        for pointer in scope.states:
            node = graph.states[pointer]
            shape = entering.get(node.name)
            if shape is not None and node.language == "JSONPath" and isinstance(node.value, dict):
                yield from _reads(node, node.value, shape)


def _entering(graph: Graph, scope: Scope) -> dict[str, Shape]:
    """The shape each state of a scope is entered with; states that are never entered are absent."""
    onward: dict[str, list[tuple[str, str]]] = {}
    for t in graph.transitions:
        if t.scope == scope.pointer and t.target != END:
            onward.setdefault(t.source, []).append((t.target, t.kind))
    entering: dict[str, Shape] = {}
    for target, _ in onward.get(START, []):
        entering[target] = None
    todo = list(entering)
    rounds = MAX_ROUNDS * max(1, len(scope.states))
    while todo and rounds:
        rounds -= 1
        name = todo.pop(0)
        node = graph.states.get((*scope.pointer, name))
        if node is None:
            continue
        left = _leaving(node, entering[name])
        for target, kind in onward.get(name, []):
            shape = None if kind == "catch" else left
            if target not in entering:
                entering[target] = shape
                todo.append(target)
            else:
                joined = _join(entering[target], shape)
                if joined != entering[target]:
                    entering[target] = joined
                    todo.append(target)
    return entering if rounds else {}


def _join(a: Shape, b: Shape) -> Shape:
    """What may be there: a key of either; unknown where either is."""
    if a is None or b is None:
        return None
    return {key: _join(a[key], b[key]) if key in a and key in b else a.get(key, b.get(key)) for key in {**a, **b}}


def _leaving(node: StateNode, entered: Shape) -> Shape:
    value = node.value
    if not isinstance(value, dict) or node.language != "JSONPath" or "OutputPath" in value or "InputPath" in value:
        return (
            None
            if not isinstance(value, dict) or node.type not in {"Choice", "Wait"} or "OutputPath" in value or "InputPath" in value
            else entered
        )
    match node.type:
        case "Choice" | "Wait":
            return entered
        case "Pass":
            if "Result" in value:
                result = _constant(value["Result"])
            elif "Parameters" in value:
                result = _constant(value["Parameters"])
            else:
                result = entered
        case "Task" | "Parallel" | "Map":
            selector = value.get("ResultSelector")
            result = _constant(selector) if isinstance(selector, dict) else None
        case _:
            return None
    return _put(entered, value.get("ResultPath", "$"), result)


def _constant(value: Json) -> Shape:
    """A template's shape: keys that end in `.$` are there, with something unknown."""
    if not isinstance(value, dict):
        return None
    return {key.removesuffix(".$"): None if key.endswith(".$") else _constant(inner) for key, inner in value.items()}


def _put(entered: Shape, path: Json, result: Shape) -> Shape:
    if path == "$":
        return result
    if path is None:
        return entered
    found = _PLAIN.fullmatch(str(path))
    if entered is None or not found:
        return None
    return _set(entered, found[1].split(".")[1:], result)


def _set(shape: dict[str, Shape], names: list[str], result: Shape) -> Shape:
    head, rest = names[0], names[1:]
    if not rest:
        return {**shape, head: result}
    inner = shape.get(head, {})
    return {**shape, head: None if inner is None else _set(inner, rest, result)}


def _reads(node: StateNode, value: dict[str, Json], shape: Shape) -> Iterator[Finding]:
    base = value.get("InputPath", "$")
    if base != "$":
        if isinstance(base, str):
            yield from _impossible(node.pointer, ("InputPath",), base, shape)
        return
    for name in ("ItemsPath", "SecondsPath", "TimestampPath", "MaxConcurrencyPath", "TimeoutSecondsPath", "ErrorPath", "CausePath"):
        text = value.get(name)
        if isinstance(text, str):
            yield from _impossible(node.pointer, (name,), text, shape)
    template = value.get("Parameters", value.get("ItemSelector"))
    field = "Parameters" if "Parameters" in value else "ItemSelector"
    for at, held in walk(template):
        if isinstance(held, str) and at and str(at[-1]).endswith(".$"):
            yield from _impossible(node.pointer, (field, *at), held, shape)
    if node.type == "Choice":
        for at, held in walk(value.get("Choices")):
            if isinstance(held, dict) and "Variable" in held and "IsPresent" not in held and not _guarded(value, at):
                yield from _impossible(node.pointer, ("Choices", *at, "Variable"), str(held["Variable"]), shape)


def _guarded(value: dict[str, Json], at: Pointer) -> bool:
    """Whether an IsPresent stands beside a comparison (in an And, or in an earlier rule)."""
    del at
    return '"IsPresent"' in str(value.get("Choices")).replace("'", '"')


def _impossible(state: Pointer, at: Pointer, text: str, shape: Shape) -> Iterator[Finding]:
    found = _PLAIN.match(text)
    if not found or placeholder(text):
        return
    here: Shape = shape
    walked = "$"
    for name in found[1].split(".")[1:]:
        if here is None:
            return
        if name not in here:
            known = ", ".join(list(here)[:8]) or "nothing"
            yield Finding("ASL901", (*state, *at), f"Nothing before this state makes {walked}.{name}.", f"{walked} holds: {known}.")
            return
        here, walked = here[name], f"{walked}.{name}"
