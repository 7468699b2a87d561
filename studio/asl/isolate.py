"""One state as a definition of its own, so that what is wrong elsewhere does not keep it from being tested."""

from __future__ import annotations

from studio.asl.graph import Graph, StateNode
from studio.asl.tree import Json

_AROUND = "Around"


def isolated(graph: Graph, node: StateNode) -> Json:
    """A definition that begins with the state; the states it leads to are `Succeed`, and a state inside a Map stays inside one (its
    context has `$$.Map`).
    """
    targets = {t.target for t in graph.leaving(node) if not t.missing} - {node.name}
    ends: dict[str, Json] = {target: {"Type": "Succeed"} for target in sorted(targets) if target != "__end__"}
    machine: dict[str, Json] = {"StartAt": node.name, "States": {node.name: node.value, **ends}}
    if _in_map(graph, node):
        name = _AROUND
        while name in machine["States"]:  # type: ignore[operator]
            name += "'"
        machine = {"StartAt": name, "States": {name: {"Type": "Map", "ItemProcessor": machine, "End": True}}}
    return {"QueryLanguage": "JSONata", **machine} if node.language == "JSONata" else machine


def _in_map(graph: Graph, node: StateNode) -> bool:
    scope = graph.scopes[node.scope]
    while scope.owner is not None:
        owner = graph.states[scope.owner]
        if owner.type == "Map":
            return True
        scope = graph.scopes[owner.scope]
    return False
