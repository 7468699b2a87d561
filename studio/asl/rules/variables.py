"""Workflow variables: read before any path assigns them, shadowed by an inner scope, read where they do not reach.

Theory of operation: for each scope, a walk along its transitions finds the variables that *may* be assigned when a state is entered;
an inner scope begins with what may be assigned when its Map or Parallel is entered, a Distributed Map's with nothing.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from __future__ import annotations

from collections.abc import Iterator

from studio.asl.expression_references import free_variables
from studio.asl.graph import END, START, Graph, Scope, StateNode, build
from studio.asl.jsonata_functions import FUNCTIONS
from studio.asl.rules.expressions import assignments
from studio.asl.rules.finding import Finding, placeholder
from studio.asl.tree import Json, Pointer

Names = frozenset[str]
_SCOPES = frozenset({"Branches", "ItemProcessor", "Iterator"})
_UNREAD = _SCOPES | {"Comment", "Next", "Default"}


def check(graph: Graph) -> Iterator[Finding]:
    if not any(isinstance(node.value, dict) and _mentions(node.value) for node in graph.states.values()):
        return
    entering: dict[Pointer, Names] = {}
    for scope in graph.scopes.values():  # outer scopes come before those inside them
        owner = graph.states.get(scope.owner) if scope.owner is not None else None
        distributed = owner is not None and _distributed(owner)
        outer = entering.get(owner.pointer, frozenset[str]()) if owner is not None else frozenset[str]()
        entering.update(_entering(graph, scope, frozenset() if distributed else outer))
        for pointer in scope.states:
            node = graph.states[pointer]
            if isinstance(node.value, dict) and pointer in entering:
                yield from _state(node, node.value, entering[pointer], outer, distributed=distributed)


def in_scope(graph: Graph) -> dict[Pointer, Names]:
    """The variables that a state may read, by the state's pointer: those that may be assigned when it is entered."""
    entering: dict[Pointer, Names] = {}
    for scope in graph.scopes.values():
        owner = graph.states.get(scope.owner) if scope.owner is not None else None
        outer = frozenset[str]() if owner is None or _distributed(owner) else entering.get(owner.pointer, frozenset[str]())
        entering.update(_entering(graph, scope, outer))
    return entering


def _mentions(value: dict[str, Json]) -> bool:
    """Whether a state may have to do with variables at all: most workflows have none, and are passed over."""
    return "Assign" in value or any(
        key not in _SCOPES and "$" in str(held).replace("$.", "").replace("$$.", "") for key, held in value.items()
    )


def references(root: Json) -> dict[str, list[str]]:
    """The variables each state reads, by its name, without `$`; states that read none are not there."""
    if not isinstance(root, dict):
        return {}
    found: dict[str, list[str]] = {}
    for node in build(root).states.values():
        if not isinstance(node.value, dict):
            continue
        held = node.value.items()
        names = {name for field, value in held if field not in _UNREAD for name in _read(field, value, node.language)}
        if names:
            found[node.name] = sorted(names)
    return found


def _state(node: StateNode, value: dict[str, Json], there: Names, outer: Names, *, distributed: bool) -> Iterator[Finding]:
    for at, assigned in assignments(value):
        for name in assigned:
            if not distributed and name in outer:
                yield Finding(
                    "ASL403",
                    (*node.pointer, *at, name),
                    f"'{name}' is a variable of an outer scope: it cannot be assigned here.",
                    "Choose another name, or return the value as output.",
                )
    for field, held in value.items():
        if field in _UNREAD:
            continue
        for name in sorted(_read(field, held, node.language)):
            if name in there or placeholder(name):
                continue
            if distributed and name in outer:
                yield Finding(
                    "ASL404",
                    (*node.pointer, field),
                    f"A Distributed Map's states cannot read the outer variable ${name}.",
                    "Hand it over in ItemSelector.",
                )
            else:
                yield Finding(
                    "ASL402", (*node.pointer, field), f"No path to this state assigns ${name}.", "Assign it in a state before this one."
                )


def _read(field: str, held: Json, language: str) -> Names:
    if language == "JSONata":
        return frozenset(name for name in free_variables(held, language) if name not in FUNCTIONS and name != "states")
    if field.endswith("Path") and isinstance(held, str):
        return free_variables({f"{field}.$": held}, language)
    if field == "Choices":
        return frozenset(name for variable in _operands(held) for name in free_variables({"v.$": variable}, language))
    return free_variables(held, language)


def _operands(held: Json) -> Iterator[str]:
    """The paths of Choice rules."""
    pending = [held]
    while pending:
        match pending.pop():
            case list() as many:
                pending.extend(many)
            case dict() as rule:
                for key, inner in rule.items():
                    if isinstance(inner, str) and (key == "Variable" or key.endswith("Path")):
                        yield inner
                    else:
                        pending.append(inner)
            case _:
                pass


def _distributed(node: StateNode) -> bool:
    value = node.value if isinstance(node.value, dict) else {}
    processor = value.get("ItemProcessor", value.get("Iterator"))
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"


def _entering(graph: Graph, scope: Scope, outer: Names) -> dict[Pointer, Names]:
    """The variables that may be assigned when each state is entered; states that are never entered are absent."""
    onward: dict[str, list[str]] = {}
    for way in graph.transitions:
        if way.scope == scope.pointer and way.target != END:
            onward.setdefault(way.source, []).append(way.target)
    found: dict[Pointer, Names] = {}
    todo = [(target, outer) for target in onward.get(START, [])]
    while todo:
        name, there = todo.pop()
        pointer = (*scope.pointer, name)
        node = graph.states.get(pointer)
        if node is None:
            continue
        known = found.get(pointer)
        if known is not None and there <= known:
            continue
        found[pointer] = there = there | (known or frozenset())
        made = {
            key.removesuffix(".$") for _, assigned in assignments(node.value if isinstance(node.value, dict) else {}) for key in assigned
        }
        leaving = there | made
        todo.extend((target, leaving) for target in onward.get(name, []))
    return found
