"""Edits: every change to a definition as a frozen value, and the pure function that applies one to a root.

Theory of operation: a transition is named by its *slot*, the pointer of the field that holds the target's name
(`("States", "A", "Next")`, `("StartAt",)`, `("States", "C", "Choices", 0, "Next")` …); a terminal state's slot is its
absent `Next`. Splicing, healing, renaming and moving are all "read slots, write slots", so that none of them can leave
a transition to a state that is not there. A refused edit raises `EditRefused` and changes nothing: roots are immutable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from studio.asl import restructure, tree
from studio.asl.places import PlaceStates
from studio.asl.spans import MAX_DEPTH
from studio.asl.transitions import (
    connect,
    require_state,
    scope_of,
    scopes,
    slots,
    state_names,
    state_of,
    target_of,
    type_of,
    unique_name,
    with_next,
)
from studio.asl.tree import Json, Pointer
from studio.errors import EditRefused

__all__ = [
    "Connect",
    "DuplicateStates",
    "Edit",
    "InsertState",
    "InsertValue",
    "MoveStates",
    "PlaceStates",
    "RemoveStates",
    "RemoveValue",
    "RenameState",
    "ReplaceState",
    "ReplaceText",
    "SetValue",
    "Source",
    "Transaction",
    "TreeEdit",
    "apply_edit",
    "check_value",
    "connect",
    "scope_of",
    "scopes",
    "slots",
    "state_names",
    "state_of",
    "target_of",
    "type_of",
    "unique_name",
    "with_next",
]


@dataclass(frozen=True, slots=True)
class SetValue:
    """Put `value` at `pointer`: replaced in place, or added at the end of its object; missing objects on the way are made."""

    pointer: Pointer
    value: Json


@dataclass(frozen=True, slots=True)
class RemoveValue:
    """Take away the member or element at `pointer`."""

    pointer: Pointer


@dataclass(frozen=True, slots=True)
class InsertValue:
    """Insert `value` ahead of the list element at `pointer`, or add the new member `pointer[-1]` to its object."""

    pointer: Pointer
    value: Json


@dataclass(frozen=True, slots=True)
class InsertState:
    """Add a state to a scope (pointer of a `States` map) and splice it into the transition `slot`.

    With `slot=None` the state starts an empty scope; in a scope that has states it stands there unconnected.
    """

    scope: Pointer
    name: str
    state: Json
    slot: Pointer | None = None


@dataclass(frozen=True, slots=True)
class RemoveStates:
    """Remove states. `heal` leads what pointed at them to what followed them; else those transitions end."""

    states: tuple[Pointer, ...]
    heal: bool = True


@dataclass(frozen=True, slots=True)
class RenameState:
    """Rename a state and every reference to it in its scope."""

    state: Pointer
    name: str


@dataclass(frozen=True, slots=True)
class MoveStates:
    """Move states into the transition `slot` of `scope`; transitions among states that move together are kept."""

    states: tuple[Pointer, ...]
    scope: Pointer
    slot: Pointer | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """Lead the transition `slot` to the state `target` of its scope, or to the end (None)."""

    slot: Pointer
    target: str | None


@dataclass(frozen=True, slots=True)
class DuplicateStates:
    """Copy states (names made unique, inner transitions kept) and splice the copies in after the originals."""

    states: tuple[Pointer, ...]


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Replace the whole text, as typed in the code editor or read from disk. Broken text is kept, with its problem."""

    text: str


@dataclass(frozen=True, slots=True)
class ReplaceState:
    """Replace the whole value of a state; its name and what points at it stay."""

    state: Pointer
    value: Json


TreeEdit: TypeAlias = (
    SetValue | RemoveValue | InsertValue | InsertState | RemoveStates | RenameState | MoveStates | Connect | DuplicateStates | ReplaceState
)
Edit: TypeAlias = TreeEdit | ReplaceText | PlaceStates
Source: TypeAlias = Literal["canvas", "form", "code", "file", "api"]


@dataclass(frozen=True, slots=True)
class Transaction:
    """Edits that apply together or not at all, under a name shown in the undo list ("Insert Wait").

    Transactions in a row with the same `coalesce` key (typing in one field) undo as one step. `note` says what a person should know of
    it besides: what was changed so that it fits.
    """

    edits: tuple[Edit, ...]
    label: str
    source: Source
    coalesce: str | None = None
    note: str = ""


def apply_edit(root: Json, edit: TreeEdit) -> Json:
    """The root after one edit. EditRefused with a sentence where it cannot be applied."""
    match edit:
        case SetValue(pointer, value):
            check_value(value, len(pointer))
            try:
                return tree.put(root, pointer, value)
            except KeyError:
                raise EditRefused(f"There is no place {tree.to_text(pointer)} in the definition.") from None
        case RemoveValue(pointer):
            if not pointer:
                raise EditRefused("The whole definition cannot be removed.")
            if not tree.has(root, pointer):
                raise EditRefused(f"There is nothing at {tree.to_text(pointer)}.")
            return tree.drop(root, pointer)
        case InsertValue(pointer, value):
            return _insert_value(root, pointer, value)
        case Connect(slot, target):
            return _connect_checked(root, slot, target)
        case ReplaceState(state, value):
            check_value(value, len(state))
            require_state(root, state)
            return tree.put(root, state, value)
        case RenameState(state, name):
            return restructure.rename_state(root, state, name)
        case InsertState(scope, name, state, slot):
            check_value(state, len(scope) + 1)
            return restructure.insert_state(root, scope, name, state, slot)
        case RemoveStates(states, heal):
            return restructure.remove_states(root, states, heal=heal)
        case MoveStates(states, scope, slot):
            return restructure.move_states(root, states, scope, slot)
        case DuplicateStates(states):
            return restructure.duplicate_states(root, states)


def check_value(value: object, depth: int = 0) -> None:
    """EditRefused where `value` is not JSON data (types, finite numbers, text keys) or would be nested too deep."""
    stack: list[tuple[object, int]] = [(value, depth)]
    while stack:
        here, level = stack.pop()
        if level > MAX_DEPTH:
            raise EditRefused(f"The value would be nested more than {MAX_DEPTH} levels deep.")
        match here:
            case None | bool() | int():
                pass
            case str():
                if not here.isascii() and any("\ud800" <= c <= "\udfff" for c in here):
                    raise EditRefused("A text holds half of a surrogate pair, which is not a character.")
            case float():
                if here != here or here in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN is not itself
                    raise EditRefused("JSON has no number for infinity or “not a number”.")
            case dict():
                members = cast("dict[object, object]", here)
                wrong = next((k for k in members if not isinstance(k, str)), None)
                if wrong is not None:
                    raise EditRefused(f"A property name must be text, not {type(wrong).__name__}.")
                stack.extend((k, level) for k in members)
                stack.extend((inner, level + 1) for inner in members.values())
            case list():
                stack.extend((inner, level + 1) for inner in cast("list[object]", here))
            case _:
                raise EditRefused(f"A {type(here).__name__} is not a JSON value.")


def _insert_value(root: Json, pointer: Pointer, value: Json) -> Json:
    if not pointer:
        raise EditRefused("The whole definition cannot be inserted into.")
    check_value(value, len(pointer))
    parent, key = tree.get(root, pointer[:-1]), pointer[-1]
    if isinstance(parent, list):
        if not isinstance(key, int) or not 0 <= key <= len(parent):
            raise EditRefused(f"The list at {tree.to_text(pointer[:-1])} has no place {key}.")
    elif not isinstance(parent, dict) or not isinstance(key, str):
        raise EditRefused(f"There is no place {tree.to_text(pointer)} in the definition.")
    elif key in parent:
        raise EditRefused(f"{tree.to_text(pointer)} is there already.")
    return tree.insert(root, pointer, value)


def _connect_checked(root: Json, slot: Pointer, target: str | None) -> Json:
    if not slot:
        raise EditRefused("The root is not a transition.")
    scope = scope_of(slot)
    if target is None and slot[-1] == "StartAt":
        raise EditRefused("A workflow needs a first state.", "Lead the start to another state instead.")
    if target is not None and not tree.has(root, (*scope, target)):
        raise EditRefused(f"There is no state “{target}” in this scope.", "A transition cannot leave its Map, branch or workflow.")
    return connect(root, slot, target)
