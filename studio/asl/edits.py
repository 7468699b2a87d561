"""Edits: every change to a definition as a frozen value, and the pure function that applies one to a root.

Theory of operation: a transition is named by its *slot*, the pointer of the field that holds the target's name
(`("States", "A", "Next")`, `("StartAt",)`, `("States", "C", "Choices", 0, "Next")` …); a terminal state's slot is its
absent `Next`. Splicing, healing, renaming and moving are all "read slots, write slots", so that none of them can leave
a transition to a state that is not there. A refused edit raises `EditRefused` and changes nothing: roots are immutable.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from studio.asl import tree
from studio.asl.tree import Json, Pointer
from studio.errors import EditRefused

MAX_DEPTH = 200
"""Levels of nesting a definition may have; the same limit as the text parser's."""

ROOT_SCOPE: Pointer = ("States",)


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
Edit: TypeAlias = TreeEdit | ReplaceText
Source: TypeAlias = Literal["canvas", "form", "code", "file", "api"]


@dataclass(frozen=True, slots=True)
class Transaction:
    """Edits that apply together or not at all, under a name shown in the undo list ("Insert Wait").

    Transactions in a row with the same `coalesce` key (typing in one field) undo as one step.
    """

    edits: tuple[Edit, ...]
    label: str
    source: Source
    coalesce: str | None = None


# --- where things are -----------------------------------------------------------------------------------------------


def _inner_scope(rest: Pointer) -> int:
    """How many parts of a pointer below a state lead to an inner `States` map; 0 where none."""
    match rest:
        case ("Branches", int(), "States", *_):
            return 3
        case (("ItemProcessor" | "Iterator"), "States", *_):
            return 2
        case _:
            return 0


def state_of(pointer: Pointer) -> Pointer | None:
    """The innermost state that holds `pointer` (itself, where it is a state's), or None outside of every state."""
    state: Pointer | None = None
    at = 0
    while len(pointer) > at + 1 and pointer[at] == "States":
        state = pointer[: at + 2]
        at += 2
        below = _inner_scope(pointer[at:])
        if not below:
            break
        at += below - 1
    return state


def scope_of(slot: Pointer) -> Pointer:
    """The scope (pointer of the `States` map) a slot's target lives in."""
    if slot and slot[-1] == "StartAt":
        return (*slot[:-1], "States")
    state = state_of(slot)
    if state is None:
        raise EditRefused(f"{tree.to_text(slot) or 'The root'} is not a transition.")
    return state[:-1]


def scopes(root: Json) -> Iterator[Pointer]:
    """Every `States` map of a definition, outer ones first. Never raises, whatever the root is."""
    stack: list[Pointer] = [ROOT_SCOPE]
    while stack:
        scope = stack.pop()
        states = tree.get(root, scope)
        if not isinstance(states, dict):
            continue
        yield scope
        inner = [(*scope, name, *part) for name, state in states.items() for part in _parts(state)]
        stack.extend(reversed(inner))


def _parts(state: Json) -> Iterator[Pointer]:
    """The inner `States` maps of one state, relative to it."""
    if not isinstance(state, dict):
        return
    branches = state.get("Branches")
    if isinstance(branches, list):
        yield from (("Branches", i, "States") for i in range(len(branches)))
    for key in ("ItemProcessor", "Iterator"):
        if key in state:
            yield (key, "States")


def state_names(root: Json) -> set[str]:
    """Every state name of the definition, in all scopes."""
    names: set[str] = set()
    for scope in scopes(root):
        states = tree.get(root, scope)
        if isinstance(states, dict):
            names.update(states)
    return names


MAX_NAME = 80
"""Characters of a state name that AWS accepts."""
_NUMBERED = re.compile(r"(.*\S) \((\d{1,6})\)", re.DOTALL)


def unique_name(root: Json, wanted: str, taken: set[str] | None = None) -> str:
    """`wanted` itself where no state of the definition has it, else with a number: "Pass", "Pass (2)", "Pass (3)"."""
    used = state_names(root) | (taken or set())
    wanted = wanted.strip()[:MAX_NAME].rstrip() or "State"
    if wanted not in used:
        return wanted
    numbered = _NUMBERED.fullmatch(wanted)
    stem, number = (numbered[1], int(numbered[2])) if numbered else (wanted, 1)
    for n in itertools.count(number + 1):
        suffix = f" ({n})"
        name = stem[: MAX_NAME - len(suffix)].rstrip() + suffix
        if name not in used:
            return name
    raise AssertionError("numbers do not end")


# --- slots ----------------------------------------------------------------------------------------------------------


def slots(state: Json) -> list[Pointer]:
    """The slots of one state that hold a target, relative to the state: `Next`, `Choices/i/Next`, `Default`, `Catch/i/Next`."""
    found: list[Pointer] = []
    if not isinstance(state, dict):
        return found
    if isinstance(state.get("Next"), str):
        found.append(("Next",))
    for key in ("Choices", "Catch"):
        rows = state.get(key)
        if isinstance(rows, list):
            found.extend((key, i, "Next") for i, row in enumerate(rows) if isinstance(row, dict) and isinstance(row.get("Next"), str))
    if isinstance(state.get("Default"), str):
        found.append(("Default",))
    return found


def target_of(root: Json, slot: Pointer) -> str | None:
    """The name a slot holds, or None (the end)."""
    value = tree.get(root, slot)
    return value if isinstance(value, str) else None


def type_of(state: Json) -> str:
    kind = state.get("Type") if isinstance(state, dict) else None
    return kind if isinstance(kind, str) else ""


def with_next(state: dict[str, Json], target: str | None) -> dict[str, Json]:
    """A state that leads to `target` or ends. `Next` and `End` take each other's place; Succeed, Fail and Choice have neither."""
    if type_of(state) in {"Succeed", "Fail", "Choice"}:
        return {k: v for k, v in state.items() if k not in {"Next", "End"}}
    key, value = ("Next", target) if target is not None else ("End", True)
    if state.get(key) == value and (("End" if key == "Next" else "Next") not in state):
        return state
    result: dict[str, Json] = {}
    for k, v in state.items():
        if k not in {"Next", "End"}:
            result[k] = v
        elif key not in result:
            result[key] = value
    if key not in result:
        result[key] = value
    return result


def connect(root: Json, slot: Pointer, target: str | None) -> Json:
    """The root with a slot leading to `target`. A rule or catcher without target keeps its condition and loses its `Next`."""
    if slot[-1] == "StartAt":
        return _without_start(root, slot[:-1]) if target is None else _with_start(root, slot[:-1], target)
    state_at = state_of(slot)
    state = tree.get(root, state_at) if state_at else None
    if state_at is None or not isinstance(state, dict):
        raise EditRefused(f"There is no state at {tree.to_text(state_at or slot)}.")
    name, kind = state_at[-1], type_of(state)
    rest = slot[len(state_at) :]
    match rest:
        case ("Next",):
            if kind in {"Succeed", "Fail"}:
                raise EditRefused(f"“{name}” is a {kind} state: it ends the workflow and has no transition.")
            if kind == "Choice":
                raise EditRefused(f"“{name}” is a Choice: it has no Next.", "Connect one of its rules or its Default.")
            return tree.put(root, state_at, with_next(state, target))
        case ("Default",):
            if target is not None:
                return tree.put(root, slot, target)
            return tree.drop(root, slot) if "Default" in state else root
        case (("Choices" | "Catch") as key, int() as index, "Next"):
            row = tree.get(root, slot[:-1])
            if not isinstance(row, dict):
                what = "rule" if key == "Choices" else "catcher"
                raise EditRefused(f"“{name}” has no {what} {index + 1}.")
            if target is not None:
                return tree.put(root, slot, target)
            return tree.drop(root, slot) if "Next" in row else root
        case _:
            raise EditRefused(f"{tree.to_text(slot)} is not a transition.")


def _with_start(root: Json, container: Pointer, target: str) -> Json:
    holder = tree.get(root, container, {})
    if isinstance(holder, dict) and "StartAt" not in holder and "States" in holder:
        return tree.insert(root, (*container, "StartAt"), target, before="States")
    return tree.put(root, (*container, "StartAt"), target)


def _without_start(root: Json, container: Pointer) -> Json:
    return tree.drop(root, (*container, "StartAt")) if tree.has(root, (*container, "StartAt")) else root


# --- applying -------------------------------------------------------------------------------------------------------


def apply_edit(root: Json, edit: TreeEdit) -> Json:
    """The root after one edit. EditRefused with a sentence where it cannot be applied."""
    from studio.asl import restructure  # noqa: PLC0415 - the two modules know each other

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


def require_state(root: Json, pointer: Pointer) -> Json:
    """The value of the state at `pointer`; EditRefused where none is."""
    if not pointer or state_of(pointer) != pointer or not tree.has(root, pointer):
        raise EditRefused(f"There is no state at {tree.to_text(pointer) or 'the root'}.")
    return tree.get(root, pointer)


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
                for key, inner in here.items():
                    if not isinstance(key, str):
                        raise EditRefused(f"A property name must be text, not {type(key).__name__}.")
                    stack.append((inner, level + 1))
                stack.extend((k, level) for k in here)
            case list():
                stack.extend((inner, level + 1) for inner in here)
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
