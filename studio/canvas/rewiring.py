"""Leading a transition elsewhere: where it may go, and why not where it may not. Pure; asked by `intents` and by the page.

A transition is named by its slot (`asl.edits`). Its target may be any state of its scope; a plain `Next` may end there too. A
`Next` may also be taken over by another state: that one leads to the target from then on, and the former one ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.asl.edits import Connect, Transaction
from studio.asl.graph import END, START
from studio.canvas.targets import ENDS
from studio.errors import EditRefused

if TYPE_CHECKING:
    from studio.asl.graph import Graph, StateNode, Transition
    from studio.asl.tree import Pointer


@dataclass(frozen=True, slots=True)
class Way:
    """A transition in words: `then Charge`, `$.total > 1000: Review`, `catch States.ALL: Refund`."""

    slot: Pointer
    words: str
    transition: Transition


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a transition may lead: `state` None is the end. `reason` is "" where it may, else the sentence that says why not."""

    state: StateNode | None
    reason: str


def ways(graph: Graph, node: StateNode) -> list[Way]:
    """The transitions of a state that can be led elsewhere, in the order of the definition."""
    return [Way(t.slot, words(t), t) for t in graph.leaving(node) if not (t.kind == "next" and node.type in ENDS)]


def words(transition: Transition) -> str:
    """What a transition says of itself and where it leads."""
    target = "the end" if transition.target == END else transition.target
    if transition.missing:
        target = "nowhere yet"
    match transition.kind:
        case "start":
            return f"start with {target}"
        case "next":
            return f"then {target}"
        case "catch":
            return f"catch {transition.label}: {target}"
        case _:
            return f"{transition.label}: {target}"


def goals(graph: Graph, transition: Transition) -> list[Goal]:
    """Every state of the scope, in document order, then its own and the end; the one it leads to already is left out."""
    states = [p for p in graph.scopes[transition.scope].states if transition.missing or p[-1] != transition.target]
    states.sort(key=lambda pointer: pointer[-1] == transition.source)
    found = [Goal(graph.states[pointer], reason(graph, transition, pointer)) for pointer in states]
    ends = transition.target == END and not transition.missing
    return found if ends else [*found, Goal(None, reason(graph, transition, None))]


def reason(graph: Graph, transition: Transition, to: Pointer | None) -> str:
    """Why a transition may not lead to a state, or (None) to the end; "" where it may."""
    source = graph.states.get((*transition.scope, transition.source))
    if source is not None and transition.kind == "next" and source.type in ENDS:
        return f"“{source.name}” is a {source.type} state: it ends the workflow, nothing can follow it."
    if to is None:
        match transition.kind:
            case "start":
                return "A workflow has to start with a state."
            case "choice":
                return "A rule has to lead to a state."
            case "default":
                return "The Default has to lead to a state."
            case "catch":
                return "A catcher has to lead to a state."
            case _:
                return ""
    if to[:-1] != transition.scope:
        name = "the start" if transition.source == START else f"“{transition.source}”"
        return f"“{to[-1]}” is inside another Map, branch or workflow than {name}."
    return ""


def led(graph: Graph, transition: Transition, to: Pointer | None) -> Transaction | None:
    """The transition leads elsewhere; None where it does already. Errors: EditRefused."""
    if problem := reason(graph, transition, to):
        elsewhere = to is not None and to[:-1] != transition.scope
        raise EditRefused(problem, "Transitions stay within one of these; move one of the two states." if elsewhere else "")
    source = "Start" if transition.source == START else transition.source
    if to is None:
        if transition.target == END and not transition.missing:
            return None
        return Transaction((Connect(transition.slot, None),), f"end after *{source}*", "canvas")
    if transition.target == to[-1] and not transition.missing:
        return None
    return Transaction((Connect(transition.slot, str(to[-1])),), f"connect *{source}* to *{to[-1]}*", "canvas")


def taken_over(transition: Transition, by: StateNode) -> Transaction | None:
    """Another state leads to the target of a `Next` from now on, and the former one ends; None where it does already.

    A Choice takes it over as its Default. Errors: EditRefused.
    """
    if transition.kind != "next" or transition.target == END:
        raise EditRefused(
            "Only the transition from a state to what follows it can begin elsewhere.", "A rule and a catcher stay with theirs."
        )
    if by.pointer[:-1] != transition.scope:
        raise EditRefused(f"“{by.name}” is inside another Map, branch or workflow than “{transition.target}”.")
    if by.name == transition.source:
        return None
    if by.name == transition.target:
        raise EditRefused(f"“{by.name}” would lead to itself.")
    if by.type in ENDS:
        raise EditRefused(f"“{by.name}” is a {by.type} state: it ends the workflow, nothing can follow it.")
    slot: Pointer = (*by.pointer, "Default" if by.type == "Choice" else "Next")
    edits = (Connect(transition.slot, None), Connect(slot, transition.target))
    return Transaction(edits, f"let *{by.name}* lead to *{transition.target}* instead of *{transition.source}*", "canvas")
