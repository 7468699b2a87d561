"""From what a person did on the canvas to the edit it means. Pure: intent and document in, transaction out.

Shapes: an intent is the dictionary the browser sends, e.g. `{"kind": "drop", "palette": "flow:Pass", "target": {"edge":
"/States/A/Next", "scope": "/States"}}`; pointers are JSON Pointer texts. A target is one of

    {"edge": slot}                       splice into that transition
    {"container": state id, "scope": …}  into an empty scope, a new branch, or at the end of a scope that has one way out
    {"node": state id, "place": "before" | "after" | "replace"}
    (absent)                             at the end of the workflow

`{"kind": "connect", "slot", "to": state id | None}` leads a transition elsewhere (None: to the end); `{"kind": "reconnect", "slot",
"from": state id}` lets another state lead to its target. `{"kind": "place", "places": {id: [x, y]}}` puts states by hand (`asl.places`). `to_transaction` gives None for what changes no definition (selecting, zooming, undo). Errors: EditRefused with a sentence
for whatever cannot be done, and for anything that has not the shape of an intent: the browser is not trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from studio.asl import graph as asl_graph
from studio.asl import tree
from studio.asl.document import Document
from studio.asl.edits import (
    Connect,
    DuplicateStates,
    Edit,
    InsertState,
    MoveStates,
    PlaceStates,
    RemoveStates,
    RenameState,
    ReplaceState,
    Transaction,
    scope_of,
    unique_name,
    with_next,
)
from studio.asl.restructure import successor
from studio.asl.sidefile import FAR
from studio.asl.tree import Json, Pointer
from studio.canvas import clipboard, rewiring
from studio.canvas.palette import NEW_STATES, Entry, Language, entry
from studio.canvas.patterns import PREFIX, Pattern, patterns
from studio.canvas.targets import (
    ENDS,
    InContainer,
    OnEdge,
    Place,
    Target,
    closing_type,
    container_reason,
    cut_off,
    drop_targets,
    edge_reason,
    outermost,
)
from studio.errors import EditRefused

__all__ = ["NEW_STATES", "Target", "drop_targets", "to_transaction"]

_UNCHANGING = frozenset({"select", "open", "toggle", "cancel", "hover", "view"})


def to_transaction(intent: Mapping[str, Any], document: Document, own: Mapping[str, Pattern] | None = None) -> Transaction | None:
    """The transaction an intent means, or None where it means no edit. `own`: the person's own patterns, by palette id."""
    kind = intent.get("kind")
    scene = _Scene(document.root, own or {})
    match kind:
        case "drop":
            return scene.drop(_text(intent, "palette"), intent.get("target"))
        case "move":
            return scene.move(_ids(intent), intent.get("target"))
        case "command":
            return scene.command(_text(intent, "command"), intent)
        case "connect":
            return scene.connect(_text(intent, "slot"), intent.get("to"))
        case "reconnect":
            by = scene.graph.states[scene.state(intent.get("from"))]
            return rewiring.taken_over(scene.way(_text(intent, "slot")), by)
        case "place":
            return scene.put(intent.get("places"))
        case "rename":
            return scene.rename(_text(intent, "id"), _text(intent, "name"))
        case str() if kind in _UNCHANGING:
            return None
        case _:
            raise EditRefused(f"The canvas sent something unknown: {str(kind)[:60]}.")


def _text(intent: Mapping[str, Any], key: str) -> str:
    value = intent.get(key)
    if not isinstance(value, str):
        raise EditRefused(f"The canvas sent no {key}.")
    return value


def _ids(intent: Mapping[str, Any]) -> list[str]:
    ids = _list(intent.get("ids"))
    if ids is None:
        raise EditRefused("The canvas sent no list of states.")
    return ids


def _list(sent: object) -> list[str] | None:
    """A list of texts as sent, or None where it is none."""
    if not isinstance(sent, (list, tuple)):
        return None
    items = [one for one in cast("Sequence[object]", sent) if isinstance(one, str)]
    return items if len(items) == len(cast("Sequence[object]", sent)) else None


def _target(sent: object) -> dict[str, object] | None:
    """A target as sent, or None where there is none."""
    if sent is None:
        return None
    if not isinstance(sent, Mapping):
        raise EditRefused("The canvas sent no place to drop on.")
    return {str(key): value for key, value in cast("Mapping[object, object]", sent).items()}


def _several(verb: str, pointers: Sequence[Pointer]) -> str:
    """Such as "delete *Wait*", "move 2 states"."""
    return f"{verb} *{pointers[0][-1]}*" if len(pointers) == 1 else f"{verb} {len(pointers)} states"


def _pasting(names: Sequence[str]) -> str:
    """Such as "paste *Wait*", "paste 2 states"."""
    return f"paste *{names[0]}*" if len(names) == 1 else f"paste {len(names)} states"


class _Scene:
    """One definition with its graph, for the length of one intent."""

    def __init__(self, root: Json, own: Mapping[str, Pattern]) -> None:
        self.root = root
        self.own = own
        self.graph = asl_graph.build(root)

    @property
    def language(self) -> Language:
        """The language new states are written in: the machine's (a state's own does not pass to others)."""
        return "JSONata" if isinstance(self.root, dict) and self.root.get("QueryLanguage") == "JSONata" else "JSONPath"

    # -- adding --------------------------------------------------------------------------------------------------------

    def drop(self, palette: str, sent: object) -> Transaction:
        if palette.startswith(PREFIX):
            return self.drop_pattern(palette, _target(sent))
        made = entry(palette)
        if made is None:
            raise EditRefused(f"There is nothing called {palette[:80]} in the palette.")
        target = _target(sent)
        name = unique_name(self.root, made.label)
        state = made.template(self.language)
        if target is not None and "node" in target:
            pointer, side = self.state(target["node"]), target.get("place", "after")
            edits = self.beside(made, name, pointer, side)
            label = f"replace *{pointer[-1]}* by {made.label}" if side == "replace" else f"add *{name}*"
            return Transaction(edits, label, "canvas")
        place = self.place(target)
        match place:
            case OnEdge(slot, scope):
                self.check_edge(slot, made.type)
                return Transaction((InsertState(scope, name, state, slot),), f"add *{name}*", "canvas")
            case InContainer(_, scope):
                return Transaction((InsertState(scope, name, state, None),), f"add *{name}*", "canvas")

    def drop_pattern(self, palette: str, target: dict[str, object] | None) -> Transaction:
        """Several states at once, connected as the pattern says."""
        pattern = patterns().get(palette) or self.own.get(palette)
        if pattern is None:
            raise EditRefused(f"There is no pattern {palette.removeprefix(PREFIX)[:80]}.", "It may have been removed meanwhile.")
        if target is None or "node" not in target:
            place = self.place(target)
            pasted = clipboard.insert(self.root, pattern.fragment, place.scope, place.slot if isinstance(place, OnEdge) else None)
            if isinstance(place, OnEdge):
                self.check_edge(place.slot, pasted.closing)
            return Transaction(pasted.edits, f"add *{pattern.label}*", "canvas", note=pasted.note)
        pointer, side = self.state(target["node"]), target.get("place", "after")
        pasted, edits = self.fragment_beside(partial(clipboard.insert, self.root, pattern.fragment), pointer, side)
        label = f"replace *{pointer[-1]}* by {pattern.label}" if side == "replace" else f"add *{pattern.label}*"
        return Transaction(edits, label, "canvas", note=pasted.note)

    def fragment_beside(
        self, insert: Callable[[Pointer, Pointer | None, clipboard.Follow | None], clipboard.Pasted], pointer: Pointer, side: object
    ) -> tuple[clipboard.Pasted, tuple[Edit, ...]]:
        """Several states before, after or instead of one; `insert` says the edits that add them to a scope at a slot, with what follows."""
        scope, name = pointer[:-1], pointer[-1]
        into = [t.slot for t in self.graph.transitions if t.scope == scope and t.target == name and t.source != name]
        then: clipboard.Follow | None = None
        match side:
            case "after":
                into = [self.exit_of(pointer)]
            case "before" if not into:
                raise EditRefused(f"Nothing leads to “{name}” yet, so there is no place before it.")
            case "before":
                then = clipboard.Follow(str(name), cuts=True)
            case "replace":
                then = clipboard.Follow(successor(self.graph.states[pointer].value) if into else None, cuts=True)
            case _:
                raise EditRefused("States can be put before, after or in place of another.")
        pasted = insert(scope, into[0] if into else None, then)
        if side == "before" and pasted.closing:
            raise EditRefused(cut_off(pasted.closing, str(name)))
        if side == "after":
            self.check_edge(into[0], pasted.closing)
        edits = (*pasted.edits, *(Connect(slot, pasted.names[0]) for slot in into[1:]))
        return pasted, (*edits, RemoveStates((pointer,))) if side == "replace" else edits

    def beside(self, made: Entry, name: str, pointer: Pointer, side: object) -> tuple[Edit, ...]:
        """Edits that add a state before, after or instead of another."""
        state, scope = made.template(self.language), pointer[:-1]
        match side:
            case "after":
                slot = self.exit_of(pointer)
                self.check_edge(slot, made.type)
                return (InsertState(scope, name, state, slot),)
            case "before":
                entering = [t for t in self.graph.transitions if t.scope == scope and t.target == pointer[-1]]
                if made.type in ENDS:
                    raise EditRefused(f"A {made.type} state ends the workflow: “{pointer[-1]}” cannot follow it.")
                first = entering[0].slot if entering else None
                others = tuple(Connect(t.slot, name) for t in entering[1:] if t.source != pointer[-1])
                if first is not None:
                    return (InsertState(scope, name, state, first), *others)
                onward: Pointer = (*scope, name, "Default" if made.type == "Choice" else "Next")
                return (InsertState(scope, name, state, None), Connect(onward, str(pointer[-1])))
            case "replace":
                old = self.graph.states[pointer].value
                follow = old.get("Next", old.get("Default")) if isinstance(old, dict) else None
                if made.type in ENDS:
                    return (ReplaceState(pointer, state),)
                onward_to = follow if isinstance(follow, str) else None
                if made.type == "Choice":
                    return (ReplaceState(pointer, {**state, "Default": onward_to} if onward_to else state),)
                return (ReplaceState(pointer, with_next(state, onward_to)),)
            case _:
                raise EditRefused("A state can be dropped before, after or in place of another.")

    # -- moving, removing ----------------------------------------------------------------------------------------------

    def move(self, ids: list[str], target: object) -> Transaction | None:
        pointers = self.outer(ids)
        if not pointers:
            return None
        twice = {p[-1] for p in pointers if sum(q[-1] == p[-1] for q in pointers) > 1}
        if twice:
            raise EditRefused(f"Two of these states are called “{min(map(str, twice))}”.", "Rename one of them first.")
        place = self.place(target)
        reason = container_reason(place.scope, pointers)
        if reason:
            raise EditRefused(reason)
        label = _several("move", pointers)
        match place:
            case OnEdge(slot, scope):
                transition = self.way_of(slot)
                reason = edge_reason(self.graph, transition, closing_type(self.graph, pointers), pointers)
                if reason == "It is there already.":
                    return None
                if reason:
                    raise EditRefused(reason)
                return Transaction((MoveStates(tuple(pointers), scope, slot),), label, "canvas")
            case InContainer(_, scope):
                return Transaction((MoveStates(tuple(pointers), scope, None),), label, "canvas")

    def command(self, command: str, intent: Mapping[str, Any]) -> Transaction | None:
        match command:
            case "delete" | "delete-gap" | "cut":
                pointers = self.outer(_ids(intent))
                if not pointers:
                    return None
                heal = command != "delete-gap" and intent.get("heal", True) is not False
                verb = "cut" if command == "cut" else "delete"
                return Transaction((RemoveStates(tuple(pointers), heal),), _several(verb, pointers), "canvas")
            case "duplicate":
                pointers = self.outer(_ids(intent))
                if not pointers:
                    return None
                return Transaction((DuplicateStates(tuple(pointers)),), _several("duplicate", pointers), "canvas")
            case "paste":
                if "place" in intent:
                    return self.paste_beside(_text(intent, "text"), self.outer(_ids(intent)), intent["place"])
                return self.paste(_text(intent, "text"), intent.get("target"), intent.get("ids"))
            case _:
                return None

    def paste(self, text: str, target: object, ids: object) -> Transaction:
        """Paste into a target; without one after the selected state, else at the end of the workflow."""
        selected = _list(ids)
        if target is None and selected:
            place: Place = self.after_last(self.outer(selected))
        else:
            place = self.place(target)
        slot = place.slot if isinstance(place, OnEdge) else None
        pasted = clipboard.paste(self.root, text, place.scope, slot)
        if slot is not None:
            self.check_edge(slot, pasted.closing)
        return Transaction(pasted.edits, _pasting(pasted.names), "canvas", note=pasted.note)

    def paste_beside(self, text: str, pointers: list[Pointer], side: object) -> Transaction:
        """Paste before, after or instead of the selected state."""
        if len(pointers) != 1:
            raise EditRefused("Select the one state to paste beside.")
        pasted, edits = self.fragment_beside(partial(clipboard.paste, self.root, text), pointers[0], side)
        label = _pasting(pasted.names)
        label = f"{label} in place of *{pointers[0][-1]}*" if side == "replace" else label
        return Transaction(edits, label, "canvas", note=pasted.note)

    def connect(self, slot_text: str, to: object) -> Transaction | None:
        """A transition led to another state, or to the end. From a state's way out it may be one that is not there yet."""
        to_end = to is None or (isinstance(to, str) and to.endswith("#end") and not self.is_state(to))
        return rewiring.led(self.graph, self.way(slot_text), None if to_end else self.state(to))

    def way(self, slot_text: str) -> asl_graph.Transition:
        """The transition of a slot, as the browser names it; that of a Choice's missing Default as well."""
        return self.way_of(tree.from_text(slot_text, self.root))

    def way_of(self, slot: Pointer) -> asl_graph.Transition:
        """The transition of a slot; that of a Choice's missing Default as well."""
        node = self.graph.states.get(slot[:-1])
        if (
            node is not None
            and node.type == "Choice"
            and slot[-1] in ("Next", "Default")
            and "Default" not in cast("dict[str, Json]", node.value)
        ):
            return asl_graph.Transition(
                (*node.pointer, "Default"), node.scope, node.name, asl_graph.END, "default", "Default", missing=True
            )
        return self.transition(slot)

    def rename(self, key: str, name: str) -> Transaction | None:
        pointer = self.state(key)
        name = name.strip()
        if name == pointer[-1]:
            return None
        return Transaction((RenameState(pointer, name),), f"rename *{pointer[-1]}* to *{name}*", "canvas")

    def put(self, sent: object) -> Transaction | None:
        """Where states were dragged to, `{id: [x, y]}` as `asl.places` counts; null gives a state back to the layout."""
        if not isinstance(sent, Mapping):
            raise EditRefused("The canvas sent no places.")
        places: list[tuple[str, tuple[float, float] | None]] = []
        for key, place in cast("Mapping[object, object]", sent).items():
            name = str(self.state(key)[-1])
            match place:
                case None:
                    places.append((name, None))
                case [int() | float() as x, int() | float() as y] if abs(x) < FAR and abs(y) < FAR:
                    places.append((name, (round(x), round(y))))
                case _:
                    raise EditRefused(f"The canvas sent no place for “{name}”.")
        if not places:
            return None
        verb = "put back" if all(place is None for _, place in places) else "place"
        what = f"*{places[0][0]}*" if len(places) == 1 else f"{len(places)} states"
        return Transaction((PlaceStates(tuple(places)),), f"{verb} {what}", "canvas")

    # -- where ---------------------------------------------------------------------------------------------------------

    def state(self, key: object) -> Pointer:
        pointer = tree.from_text(key, self.root) if isinstance(key, str) else ()
        if pointer not in self.graph.states:
            raise EditRefused(f"There is no state {str(key)[:200]}.", "The definition may have changed meanwhile.")
        return pointer

    def outer(self, ids: list[str]) -> list[Pointer]:
        """The states of these ids, without pseudo nodes and without states inside others of them, in document order."""
        chosen = outermost(self.graph, [self.state(key) for key in ids if "#" not in key.rsplit("/", 1)[-1] or self.is_state(key)])
        return [pointer for pointer in self.graph.states if pointer in chosen]

    def is_state(self, key: str) -> bool:
        return tree.from_text(key, self.root) in self.graph.states

    def transition(self, slot: Pointer) -> asl_graph.Transition:
        found = next((t for t in self.graph.transitions if t.slot == slot), None)
        if found is None:
            raise EditRefused(f"There is no transition {tree.to_text(slot)}.", "The definition may have changed meanwhile.")
        return found

    def check_edge(self, slot: Pointer, kind: str) -> None:
        reason = edge_reason(self.graph, self.way_of(slot), kind)
        if reason:
            raise EditRefused(reason)

    def exit_of(self, pointer: Pointer) -> Pointer:
        """The slot by which a state is left for what follows it: its Next, or a Choice's Default, which it may not have yet."""
        node = self.graph.states[pointer]
        if node.type in ENDS:
            raise EditRefused(f"“{node.name}” is a {node.type} state: it ends the workflow, nothing can follow it.")
        return (*pointer, "Default" if node.type == "Choice" else "Next")

    def place(self, sent: object) -> Place:
        """The place a target names. EditRefused where it names none."""
        target = _target(sent)
        if target is None:
            return self.end_of(("States",))
        if "node" in target:
            return self.near(self.state(target["node"]), target.get("place", "after"))
        edge = target.get("edge")
        if isinstance(edge, str):
            slot = tree.from_text(edge, self.root)
            scope = scope_of(slot)
            if not self.filled(scope):
                return InContainer(None, scope)
            return OnEdge(self.way_of(slot).slot, scope)
        scope_text, container = target.get("scope"), target.get("container")
        if isinstance(container, str) and container.endswith("#empty"):
            scope_text, container = container.removesuffix("#empty"), None
        if isinstance(container, str) and container and not (isinstance(scope_text, str) and self.inside(scope_text, container)):
            return self.into(self.state(container))
        if not isinstance(scope_text, str):
            scope_text = "/States"
        scope = tree.from_text(scope_text, self.root)
        return self.end_of(scope) if self.filled(scope) else InContainer(None, scope)

    def near(self, pointer: Pointer, side: object) -> Place:
        """The transition ahead of a state or behind it."""
        if side == "before":
            slot = next((t.slot for t in self.graph.transitions if t.scope == pointer[:-1] and t.target == pointer[-1]), None)
            if slot is None:
                raise EditRefused(f"Nothing leads to “{pointer[-1]}” yet, so there is no place before it.")
            return OnEdge(slot, pointer[:-1])
        if side != "after":
            raise EditRefused("A state can be moved before or after another.")
        return OnEdge(self.exit_of(pointer), pointer[:-1])

    def inside(self, scope: str, container: str) -> bool:
        """Whether a scope belongs to a container, not to what is around it."""
        return scope.startswith(container + "/")

    def into(self, pointer: Pointer) -> Place:
        """The place for something dropped on a container as a whole: its empty scope, its end, or a new branch."""
        node = self.graph.states[pointer]
        if node.type == "Parallel" and isinstance(node.value, dict):
            empty = next((scope for scope in node.children if not self.filled(scope)), None)
            branches = node.value.get("Branches", [])
            count = len(branches) if isinstance(branches, list) else 0
            return InContainer(pointer, empty or (*pointer, "Branches", count, "States"))
        if not node.children:
            raise EditRefused(f"“{node.name}” is no Map or Parallel: states cannot be put into it.")
        scope = node.children[0]
        return self.end_of(scope) if self.filled(scope) else InContainer(pointer, scope)

    def filled(self, scope: Pointer) -> bool:
        known = self.graph.scopes.get(scope)
        return known is not None and bool(known.states)

    def end_of(self, scope: Pointer) -> Place:
        """The end of a scope: its one transition to the end."""
        if not self.filled(scope):
            return InContainer(None, scope)
        ends = [
            t
            for t in self.graph.transitions
            if t.scope == scope and t.target == asl_graph.END and t.kind == "next" and self.graph.states[*scope, t.source].type not in ENDS
        ]
        if len(ends) == 1:
            return OnEdge(ends[0].slot, scope)
        many = "There are several ways to the end here" if ends else "Nothing here leads to the end"
        raise EditRefused(f"{many}: say where it goes.", "Drop it on one of the transitions, or select the state it shall follow.")

    def after_last(self, pointers: list[Pointer]) -> Place:
        if not pointers:
            return self.end_of(("States",))
        slot = self.exit_of(pointers[-1])
        return OnEdge(slot, scope_of(slot))
