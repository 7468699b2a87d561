"""Scopes, and the transitions in them, each named by its slot.

A *slot* is the pointer of the field that holds the name of a transition's target: `("StartAt",)`, `("States", "A", "Next")`,
`("States", "C", "Choices", 0, "Next")`, `("States", "C", "Default")`, `("States", "T", "Catch", 1, "Next")`. A terminal state's
slot is its absent `Next`. A *scope* is the pointer of a `States` map.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from studio.asl import tree
from studio.asl.tree import Json, Pointer
from studio.errors import EditRefused

ROOT_SCOPE: Pointer = ("States",)


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


def require_state(root: Json, pointer: Pointer) -> Json:
    """The value of the state at `pointer`; EditRefused where none is."""
    if not pointer or state_of(pointer) != pointer or not tree.has(root, pointer):
        raise EditRefused(f"There is no state at {tree.to_text(pointer) or 'the root'}.")
    return tree.get(root, pointer)
