"""A workflow as a Mermaid state diagram: what GitHub and many wikis draw from text.

Spec: https://mermaid.js.org/syntax/stateDiagram.html
"""

from __future__ import annotations

from collections.abc import Iterator

from studio.asl.graph import END, START, Graph, Scope, build
from studio.asl.tree import Json, Pointer

_ENTITIES = str.maketrans({c: f"#{ord(c)};" for c in '#";:<>{}[]'})


def mermaid(root: Json) -> str:
    """The diagram's text. Containers are composite states; what a rule tests or a catcher catches stands on its arrow."""
    graph = build(root)
    names = {pointer: f"s{i}" for i, pointer in enumerate(graph.states, 1)}
    return "\n".join(["stateDiagram-v2", *_scopes(graph, names, None, 1)]) + "\n"


def _scopes(graph: Graph, names: dict[Pointer, str], owner: Pointer | None, depth: int) -> Iterator[str]:
    pad = "  " * depth
    scopes = [scope for scope in graph.scopes.values() if scope.owner == owner]
    for number, scope in enumerate(scopes):
        if number:
            yield f"{pad}--"
        yield from _scope(graph, names, scope, depth)


def _scope(graph: Graph, names: dict[Pointer, str], scope: Scope, depth: int) -> Iterator[str]:
    pad = "  " * depth
    nested = {one.owner for one in graph.scopes.values()}
    for pointer, node in graph.states.items():
        if node.scope != scope.pointer:
            continue
        if pointer in nested:
            yield f'{pad}state "{_said(node.name)}" as {names[pointer]} {{'
            yield from _scopes(graph, names, pointer, depth + 1)
            yield f"{pad}}}"
        else:
            yield f'{pad}state "{_said(node.name)}" as {names[pointer]}'
    for way in graph.transitions:
        if way.scope != scope.pointer:
            continue
        source = "[*]" if way.source == START else names.get((*scope.pointer, way.source), "")
        target = "[*]" if way.target == END else names.get((*scope.pointer, way.target), "")
        if source and target:
            label = _said(way.label)
            yield f"{pad}{source} --> {target}" + (f": {label}" if label else "")


def _said(text: str) -> str:
    """Text that Mermaid takes as text."""
    return " ".join(text.split()).translate(_ENTITIES)
