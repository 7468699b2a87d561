"""Where something may be dropped: the rules, asked by the page while dragging and by `intents` when it ends.

A *place* is a transition or a container. Each rule is one sentence that a person reads when it says no.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from studio.asl import graph as asl_graph
from studio.asl import tree
from studio.asl.tree import Json, Pointer
from studio.canvas.palette import entry

ENDS = ("Succeed", "Fail")
"""Types of states that nothing follows."""


@dataclass(frozen=True, slots=True)
class OnEdge:
    """Into a transition."""

    slot: Pointer
    scope: Pointer


@dataclass(frozen=True, slots=True)
class InContainer:
    """Into a scope: empty, or a further branch of a Parallel. `owner` is the state around it, None at the top."""

    owner: Pointer | None
    scope: Pointer


Place: TypeAlias = OnEdge | InContainer


@dataclass(frozen=True, slots=True)
class Target:
    """A place with the answer: `reason` is "" where the drop is legal, else the sentence that says why not."""

    place: Place
    source: str
    target: str
    reason: str

    @property
    def legal(self) -> bool:
        return not self.reason

    def to_json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"legal": self.legal, "reason": self.reason, "scope": tree.to_text(self.place.scope)}
        match self.place:
            case OnEdge(slot, _):
                return {"edge": tree.to_text(slot), "from": self.source, "to": self.target, **answer}
            case InContainer(owner, _):
                return {"container": tree.to_text(owner or ()), **answer}


def drop_targets(root: Json, what: str | Sequence[str], graph: asl_graph.Graph | None = None) -> list[Target]:
    """Every place of a definition with whether `what` may be dropped there: a palette id, or the ids of states that move."""
    known = graph or asl_graph.build(root)
    if isinstance(what, str):
        made = entry(what)
        moving: frozenset[Pointer] = frozenset()
        last = made.type if made else ""
    else:
        moving = outermost(known, [tree.from_text(text, root) for text in what])
        last = closing_type(known, moving)
    targets: list[Target] = []
    for transition in known.transitions:
        scope = known.scopes[transition.scope]
        if not scope.states:
            continue
        place = OnEdge(transition.slot, transition.scope)
        targets.append(Target(place, transition.source, transition.target, edge_reason(known, transition, last, moving)))
    for pointer, scope in known.scopes.items():
        if not scope.states:
            targets.append(Target(InContainer(scope.owner, pointer), "", "", container_reason(pointer, moving)))
    for pointer, node in known.states.items():
        if node.type == "Parallel" and isinstance(node.value, dict):
            branches = node.value.get("Branches", [])
            if isinstance(branches, list):
                scope_pointer = (*pointer, "Branches", len(branches), "States")
                targets.append(Target(InContainer(pointer, scope_pointer), "", "", container_reason(scope_pointer, moving)))
    if ("States",) not in known.scopes:
        targets.append(Target(InContainer(None, ("States",)), "", "", "The definition is not an object: correct it in the code first."))
    return targets


def outermost(graph: asl_graph.Graph, pointers: Collection[Pointer]) -> frozenset[Pointer]:
    """The states among `pointers` that are inside no other of them; what is no state is left out."""
    wanted = {pointer for pointer in pointers if pointer in graph.states}
    return frozenset(p for p in wanted if not any(p[:n] in wanted for n in range(2, len(p))))


def closing_type(graph: asl_graph.Graph, moving: Collection[Pointer]) -> str:
    """`Succeed` or `Fail` where states that move together can only be left that way, else ""."""
    names = {(pointer[:-1], pointer[-1]) for pointer in moving}
    kind = ""
    for pointer in moving:
        node = graph.states[pointer]
        if node.type in ENDS:
            kind = node.type
            continue
        ways = graph.leaving(node)
        if not ways or any((way.scope, way.target) not in names for way in ways):
            return ""
    return kind


def edge_reason(graph: asl_graph.Graph, transition: asl_graph.Transition, kind: str, moving: Collection[Pointer] = ()) -> str:
    """Why a state of type `kind` (or the states `moving`, of which `kind` is the closing one) may not go into a transition."""
    reason = container_reason(transition.scope, moving)
    if reason:
        return reason
    source = graph.states.get((*transition.scope, transition.source))
    if source is not None and not isinstance(source.value, dict):
        return f"“{source.name}” is not an object: correct it in the code first."
    if source is not None and source.type in ENDS:
        return f"“{source.name}” is a {source.type} state: it ends the workflow, nothing can follow it."
    if moving and ((*transition.scope, transition.source) in moving or (*transition.scope, transition.target) in moving):
        return "It is there already."
    if kind in ENDS and transition.target != asl_graph.END and transition.kind in ("next", "start"):
        return cut_off(kind, transition.target)
    return ""


def cut_off(kind: str, target: str) -> str:
    """Why something that ends in a state of type `kind` may not stand ahead of a state."""
    return f"A {kind} state ends the workflow: here it would cut off “{target}”. Put it where the workflow ends, or on a Choice rule or a catcher."


def container_reason(scope: Pointer, moving: Collection[Pointer]) -> str:
    """Why states may not move into a scope."""
    for pointer in moving:
        if scope[: len(pointer)] == pointer:
            return f"“{pointer[-1]}” cannot be moved into itself."
    return ""
