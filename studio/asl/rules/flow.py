"""Scopes and transitions: targets, ends, what is never reached, names."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from studio.asl.diagnostics import Said
from studio.asl.graph import END, START, TERMINAL, Graph, Scope, reachable
from studio.asl.rules.finding import Finding, placeholder, substituted
from studio.asl.tree import Json, Pointer, get, has

MAX_NAME = 80
MAX_GUESSES = 20
"""How many missing targets get a "did you mean": looking for one costs time."""


def check(root: Json, graph: Graph) -> Iterator[Finding]:
    """Findings with pointers from the root."""
    yield from _names(graph)
    ends = _ending(graph)
    for scope in graph.scopes.values():
        yield from _scope(root, graph, scope, ends)
    told = 0
    everywhere = {node.name for node in graph.states.values()}
    for transition in graph.transitions:
        target = get(root, transition.slot)
        if not transition.missing or not has(root, transition.slot) or placeholder(target) or substituted(target):
            continue
        field = str(transition.slot[-1])
        if not isinstance(target, str):
            yield Finding("ASL104", transition.slot, f"The field '{field}' must be a state's name.")
            continue
        elsewhere = target in everywhere
        told += 1
        close = (
            difflib.get_close_matches(target, [str(p[-1]) for p in graph.scopes[transition.scope].states[:2000]], 1)
            if told <= MAX_GUESSES
            else []
        )
        hint = (
            "A transition cannot leave its branch or Map."
            if elsewhere
            else f"Did you mean {close[0]!r}?"
            if close
            else "Connect it to a state of the same scope."
        )
        said = Said(f"Missing 'Next' target: {target}", transition.slot)
        yield Finding("ASL201", transition.slot, f"Missing '{field}' target: {target}", hint, said=said)


def _names(graph: Graph) -> Iterator[Finding]:
    seen: dict[str, Pointer] = {}
    for pointer, node in graph.states.items():
        if len(node.name) > MAX_NAME:
            yield Finding(
                "ASL107", pointer, f"The name '{node.name[:40]}…' has {len(node.name)} characters; at most {MAX_NAME} are allowed."
            )
        if any(ord(c) < 32 or 0x7F <= ord(c) <= 0x9F for c in node.name):
            yield Finding("ASL119", pointer, "A state's name has no control characters.", "Rename the state.")
        if node.name in seen:
            said = Said(f"Duplicate State name: {node.name}", pointer)
            several = f"There are several states named '{node.name}'."
            yield Finding("ASL108", pointer, several, "Names are unique in the whole definition.", said=said)
        seen.setdefault(node.name, pointer)


def _ending(graph: Graph) -> set[Pointer]:
    """Scopes in which some state ends the work."""
    found: set[Pointer] = set()
    for transition in graph.transitions:
        if transition.target == END and transition.source != START and not transition.missing:
            found.add(transition.scope)
    for node in graph.states.values():
        end = node.value.get("End") if isinstance(node.value, dict) else None
        nexts = node.value.get("Next") if isinstance(node.value, dict) else None
        if node.type in TERMINAL or placeholder(end) or placeholder(nexts) or placeholder(node.type):
            found.add(node.scope)
    return found


def _scope(root: Json, graph: Graph, scope: Scope, ends: set[Pointer]) -> Iterator[Finding]:
    machine = scope.pointer[:-1]
    value = get(root, machine)
    if substituted(value) or not isinstance(value, dict):
        return
    if not scope.states:
        return
    loose = any(t.missing and t.scope == scope.pointer and not has(root, t.slot) for t in graph.transitions)
    if scope.pointer not in ends and not loose:
        yield Finding(
            "ASL204",
            (*machine, "States"),
            "No state ends this scope: every one leads to another.",
            "Let a state end, or add Succeed or Fail.",
            said=Said("Workflow has no terminal state", None),
        )
    reached = reachable(graph, scope)
    start = value.get("StartAt")
    if not reached and (not isinstance(start, str) or placeholder(start)):
        return
    for pointer in scope.states:
        if str(pointer[-1]) not in reached:
            said = Said(f'State "{pointer[-1]}" is not reachable.', pointer, "MISSING_TRANSITION_TARGET") if scope.pointer in ends else None
            yield Finding("ASL203", pointer, f"No transition leads to '{pointer[-1]}'.", "Connect it, or delete it.", said=said)
    yield from _loops(graph, scope)


def _loops(graph: Graph, scope: Scope) -> Iterator[Finding]:
    """Cycles of states that take no time: no Wait, Task, Map or Parallel among them, and no Choice that could leave."""
    quick = {str(p[-1]) for p in scope.states if graph.states[p].type == "Pass"}
    onward = {
        t.source: t.target
        for t in graph.transitions
        if t.scope == scope.pointer and t.kind == "next" and t.source in quick and t.target in quick
    }
    done: set[str] = set()
    for start in onward:
        here = start
        path: dict[str, None] = {}
        while here in onward and here not in path and here not in done:
            path[here] = None
            here = onward[here]
        if here in path:
            yield Finding("ASL703", (*scope.pointer, here), f"'{here}' leads back to itself without Wait, Task or Choice: it never ends.")
        done.update(path)
