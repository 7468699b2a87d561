"""Scopes, states and transitions of a definition: what the canvas draws and the rules walk.

A *scope* is one `States` map: the machine's own, a Parallel branch's, a Map processor's (`ItemProcessor` or the older `Iterator`).
A *transition* is named by its slot, the pointer of the field that holds (or would hold) its target; no transition leaves its scope.
Any JSON is accepted: what has not the shape of a state is a state without a type.

Spec: https://states-language.net/spec.html#states-fields
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from studio.asl.tree import Json, Pointer

START, END = "__start__", "__end__"
TERMINAL = frozenset({"Succeed", "Fail"})
PROCESSORS = ("ItemProcessor", "Iterator")
Language = Literal["JSONPath", "JSONata"]
Kind = Literal["start", "next", "choice", "default", "catch"]


@dataclass(frozen=True, slots=True)
class Scope:
    """`pointer` of the `States` map, `owner` = the Parallel or Map it belongs to, `start` = the slot of its `StartAt`."""

    pointer: Pointer
    owner: Pointer | None
    branch: int | None
    start: Pointer
    states: tuple[Pointer, ...]


@dataclass(frozen=True, slots=True)
class StateNode:
    """A state: its pointer and name, its scope, its raw `Type` ("" where it has none), the query language in force."""

    pointer: Pointer
    name: str
    scope: Pointer
    type: str
    value: Json
    language: Language
    children: tuple[Pointer, ...]


@dataclass(frozen=True, slots=True)
class Transition:
    """From one state of a scope to another. `missing`: there is neither a target nor an `End`, or the target does not exist."""

    slot: Pointer
    scope: Pointer
    source: str
    target: str
    kind: Kind
    label: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    scopes: dict[Pointer, Scope] = field(default_factory=dict[Pointer, Scope])
    states: dict[Pointer, StateNode] = field(default_factory=dict[Pointer, StateNode])
    transitions: list[Transition] = field(default_factory=list[Transition])

    def by_name(self, name: str) -> StateNode | None:
        """The first state of that name, in document order."""
        return next((node for node in self.states.values() if node.name == name), None)

    def leaving(self, node: StateNode) -> list[Transition]:
        return [t for t in self.transitions if t.scope == node.scope and t.source == node.name]


class _Machine(NamedTuple):
    """What one machine (the definition itself, a branch, a processor) adds to a graph, and the machines inside it."""

    value: Json
    scope: Scope
    states: dict[Pointer, StateNode]
    transitions: list[Transition]
    inner: list[tuple[Pointer, Json, Pointer | None, int | None, Language]]


_KNOWN: dict[tuple[Pointer, int, Language], _Machine] = {}
"""Machines already looked at, by place and identity: values are never mutated, so an edit leaves nearly all of them as they were."""
_KNOWN_LIMIT = 4096


def build(root: Json) -> Graph:
    """The graph of a definition; never raises. Parents come before children, siblings in document order."""
    graph = Graph()
    top: Language = "JSONata" if isinstance(root, dict) and root.get("QueryLanguage") == "JSONata" else "JSONPath"
    stack: list[tuple[Pointer, Json, Pointer | None, int | None, Language]] = [((), root, None, None, top)]
    while stack:
        at, machine, owner, branch, language = stack.pop()
        if not isinstance(machine, dict):
            continue
        found = _KNOWN.get((at, id(machine), language))
        if found is None or found.value is not machine:
            found = _machine(at, machine, owner, branch, language)
            if len(_KNOWN) >= _KNOWN_LIMIT:
                _KNOWN.clear()
            _KNOWN[at, id(machine), language] = found
        graph.scopes[found.scope.pointer] = found.scope
        graph.states.update(found.states)
        graph.transitions.extend(found.transitions)
        stack.extend(found.inner)
    return graph


def _machine(at: Pointer, machine: dict[str, Json], owner: Pointer | None, branch: int | None, language: Language) -> _Machine:
    states = machine.get("States")
    here: Pointer = (*at, "States")
    named = states if isinstance(states, dict) else {}
    transitions: list[Transition] = []
    nodes: dict[Pointer, StateNode] = {}
    start = machine.get("StartAt")
    if named or start is not None:
        known = isinstance(start, str) and start in named
        transitions.append(Transition((*at, "StartAt"), here, START, str(start) if known else END, "start", missing=not known))
    nested: list[tuple[Pointer, Json, Pointer | None, int | None, Language]] = []
    for name, value in named.items():
        pointer = (*here, name)
        own = value if isinstance(value, dict) else {}
        spoken: Language = "JSONata" if language == "JSONata" or own.get("QueryLanguage") == "JSONata" else "JSONPath"
        inner = _inner(pointer, own)
        kind = own.get("Type")
        nodes[pointer] = StateNode(
            pointer, name, here, kind if isinstance(kind, str) else "", value, spoken, tuple((*p, "States") for p, _, _ in inner)
        )
        # a state's query language does not pass to the states inside it: the machine's does
        nested.extend((p, m, pointer, n, language) for p, m, n in inner)
        _transitions(transitions, here, named, name, own)
    scope = Scope(here, owner, branch, (*at, "StartAt"), tuple(nodes))
    return _Machine(machine, scope, nodes, transitions, nested[::-1])


def _inner(pointer: Pointer, value: dict[str, Json]) -> list[tuple[Pointer, Json, int | None]]:
    found: list[tuple[Pointer, Json, int | None]] = []
    branches = value.get("Branches")
    if isinstance(branches, list):
        found.extend(((*pointer, "Branches", i), branch if isinstance(branch, dict) else {}, i) for i, branch in enumerate(branches))
    for key in PROCESSORS:
        if isinstance(value.get(key), dict):
            found.append(((*pointer, key), value[key], None))
            break
    else:
        if value.get("Type") == "Map":
            found.append(((*pointer, PROCESSORS[0]), {}, None))
    return found


def _transitions(into: list[Transition], scope: Pointer, states: dict[str, Json], name: str, value: dict[str, Json]) -> None:
    pointer = (*scope, name)

    def add(slot: Pointer, target: Json, kind: Kind, label: str = "") -> None:
        known = isinstance(target, str) and target in states
        into.append(Transition((*pointer, *slot), scope, name, str(target) if known else END, kind, label, missing=not known))

    if value.get("Type") == "Choice":
        rules = value.get("Choices")
        for i, rule in enumerate(rules if isinstance(rules, list) else []):
            if isinstance(rule, dict):
                add(("Choices", i, "Next"), rule.get("Next"), "choice", describe(rule))
        if "Default" in value or not rules:
            add(("Default",), value.get("Default"), "default", "Default")
    elif str(value.get("Type")) not in TERMINAL:  # a Type may be any JSON
        if "Next" in value:
            add(("Next",), value["Next"], "next")
        else:
            ends = value.get("End")
            done = ends is True or (isinstance(ends, str) and ends.startswith("${"))
            into.append(Transition((*pointer, "Next"), scope, name, END, "next", missing=not done))
    else:
        into.append(Transition((*pointer, "Next"), scope, name, END, "next"))
    catchers = value.get("Catch")
    for i, catcher in enumerate(catchers if isinstance(catchers, list) else []):
        if isinstance(catcher, dict):
            errors = catcher.get("ErrorEquals")
            label = ", ".join(str(e) for e in errors) if isinstance(errors, list) else ""
            add(("Catch", i, "Next"), catcher.get("Next"), "catch", label)


_SIGNS = {"Equals": "=", "LessThan": "<", "GreaterThan": ">", "LessThanEquals": "≤", "GreaterThanEquals": "≥", "Matches": "matches"}


def describe(rule: Json, depth: int = 0) -> str:
    """A Choice rule in a few words: `$.total > 100`, `not ($.kind = "Private")`; its Comment where it has one."""
    if not isinstance(rule, dict) or depth > 8:
        return "…"
    comment = rule.get("Comment")
    if depth == 0 and isinstance(comment, str) and comment.strip():
        return comment.strip()
    condition = rule.get("Condition")
    if isinstance(condition, str):
        return condition.strip().removeprefix("{%").removesuffix("%}").strip()
    for key, word in (("And", " and "), ("Or", " or ")):
        inner = rule.get(key)
        if isinstance(inner, list):
            texts = [describe(r, depth + 1) for r in inner]
            return word.join(f"({t})" if depth and len(texts) > 1 else t for t in texts)
    if "Not" in rule:
        return f"not ({describe(rule['Not'], depth + 1)})"
    variable = str(rule.get("Variable", ""))
    for key, operand in rule.items():
        if key.startswith("Is") and len(key) > 2:
            return f"{variable} is {'' if operand is True else 'not '}{key[2:].lower()}"
        for kind in ("String", "Numeric", "Boolean", "Timestamp"):
            sign = _SIGNS.get(key.removeprefix(kind).removesuffix("Path")) if key.startswith(kind) else None
            if sign:
                shown = str(operand) if key.endswith("Path") else _literal(operand)
                return f"{variable} {sign} {shown}"
    return variable


def _literal(value: Json) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case _:
            return str(value)


def reachable(graph: Graph, scope: Scope) -> frozenset[str]:
    """Names of the states of a scope that its `StartAt` leads to, through any kind of transition."""
    onward: dict[str, list[str]] = {}
    for transition in graph.transitions:
        if transition.scope == scope.pointer and not transition.missing:
            onward.setdefault(transition.source, []).append(transition.target)
    seen: set[str] = set()
    todo = [START]
    while todo:
        for target in onward.get(todo.pop(), ()):
            if target not in seen and target != END:
                seen.add(target)
                todo.append(target)
    return frozenset(seen)
