"""The workflow as a list: every state of every scope in the order it is come to, with where it leads; and where a state may be moved.

What the list view shows and what a screen reader walks. Pure: a graph in, rows out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from studio.asl import tree
from studio.asl.graph import END, START, Graph, Scope, StateNode, Transition
from studio.asl.tree import Json, Pointer
from studio.canvas import faces
from studio.canvas.targets import InContainer, drop_targets


@dataclass(frozen=True, slots=True)
class Row:
    """A state, or the heading of a Parallel's branch. `level` counts from 1, `number` reads `2.1`; `spoken` is the accessible name."""

    id: str
    kind: Literal["state", "branch"]
    name: str
    type: str
    subtitle: str
    icon: str
    scope: str
    level: int
    number: str
    leads: str
    spoken: str
    parent: str | None
    inner: bool
    status: str | None = None


def rows(graph: Graph, statuses: Mapping[str, str] | None = None) -> list[Row]:
    """All rows, parents before what is inside them."""
    root = graph.scopes.get(("States",))
    found: list[Row] = []
    if root is not None:
        _scope(found, graph, root, statuses or {}, 1, "", None)
    return found


def _scope(found: list[Row], graph: Graph, scope: Scope, statuses: Mapping[str, str], level: int, prefix: str, parent: str | None) -> None:
    for position, node in enumerate(ordered(graph, scope), 1):
        number = f"{prefix}{position}"
        shown, leaving = faces.face(node), graph.leaving(node)
        status = statuses.get(node.name)
        identity = tree.to_text(node.pointer)
        spoken = f"{number}, {faces.accessible(node, shown, leaving, status)}"
        found.append(
            Row(
                identity,
                "state",
                node.name,
                node.type,
                shown.subtitle,
                shown.icon,
                tree.to_text(node.scope),
                level,
                number,
                leads(leaving),
                spoken,
                parent,
                bool(node.children),
                status,
            )
        )
        for branch, inside in enumerate(node.children, 1):
            inner = graph.scopes[inside]
            if inner.branch is None:
                _scope(found, graph, inner, statuses, level + 1, f"{number}.", identity)
                continue
            heading = f"Branch {branch}"
            key = tree.to_text(inside)
            where = f"{heading} of {node.name}"
            found.append(Row(key, "branch", heading, "", "", "", key, level + 1, "", "", where, identity, inner=bool(inner.states)))
            _scope(found, graph, inner, statuses, level + 2, f"{number}.{branch}.", key)


def ordered(graph: Graph, scope: Scope) -> list[StateNode]:
    """The states of a scope: those that follow before those that are led to later, the first way first; then what nothing leads to."""
    known = {pointer[-1]: graph.states[pointer] for pointer in scope.states}
    after: dict[str, list[str]] = {}
    for transition in graph.transitions:
        if transition.scope == scope.pointer and transition.target in known and transition.target not in {START, END}:
            after.setdefault(transition.source, []).append(transition.target)
    done: list[str] = []
    seen = {START}
    stack: list[tuple[str, list[str]]] = [(START, after.get(START, [])[::-1])]
    while stack:  # the reverse of the order in which a walk leaves the states puts every one before what follows it
        name, rest = stack[-1]
        following = next((target for target in rest if target not in seen), None)
        if following is None:
            stack.pop()
            done.append(name)
        else:
            seen.add(following)
            stack.append((following, after.get(following, [])[::-1]))
    reached = [known[name] for name in reversed(done) if name != START]
    return reached + [node for name, node in known.items() if name not in seen]


def leads(leaving: Sequence[Transition]) -> str:
    """Such as `then Notify`, `$.total > 1000: Review; Default: Charge`, `ends; catch States.ALL: Refund`."""
    said: list[str] = []
    for transition in leaving:
        target = "ends" if transition.target == END else transition.target
        match transition.kind:
            case "next":
                said.append("leads nowhere yet" if transition.missing else "ends" if target == "ends" else f"then {target}")
            case "catch":
                said.append(f"catch {transition.label}: {target}")
            case _:
                said.append(f"{transition.label}: {target}")
    return "; ".join(said)


def step(graph: Graph, node: StateNode, *, later: bool) -> Pointer | None:
    """The transition into which a state goes to stand one place earlier or later on its way; None where it is the first or the last."""
    ways = [t for t in graph.transitions if t.scope == node.scope]
    if later:
        out = next((t for t in graph.leaving(node) if t.kind in {"next", "default"}), None)
        following = graph.states.get((*node.scope, out.target)) if out is not None and not out.missing else None
        onward = graph.leaving(following) if following is not None else []
        return next((t.slot for t in onward if t.kind in {"next", "default"}), None)
    into = next((t for t in ways if t.target == node.name and t.source != node.name), None)
    if into is None or into.source == START:
        return None
    return next((t.slot for t in ways if t.target == into.source and t.source != node.name), None)


def places(root: Json, ids: Sequence[str], graph: Graph) -> dict[str, dict[str, Any]]:
    """Where states may be moved to: the place in words -> the target of a `move` intent."""
    found: dict[str, dict[str, Any]] = {}
    for target in drop_targets(root, ids, graph):
        if not target.legal:
            continue
        scope = target.place.scope
        if scope not in graph.scopes:
            words = f"a new branch of {scope[-4]}"
        elif isinstance(target.place, InContainer):
            words = f"into {_scope_name(scope, graph)}, which is empty"
        else:
            words = _place(scope, target.source, target.target, graph)
        while words in found:
            words += " "
        found[words] = target.to_json()
    return found


def _place(scope: Pointer, source: str, target: str, graph: Graph) -> str:
    inside = "" if scope == ("States",) else f", in {_scope_name(scope, graph)}"
    if source == START:
        return f"at the start, before {target}{inside}"
    return f"after {source}, at its end{inside}" if target == END else f"after {source}, before {target}{inside}"


def _scope_name(scope: Pointer, graph: Graph) -> str:
    known = graph.scopes[scope]
    owner = str(known.owner[-1]) if known.owner else "the workflow"
    return owner if known.branch is None else f"branch {known.branch + 1} of {owner}"
