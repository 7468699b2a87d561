"""Inserting, removing, renaming, moving and duplicating states: the edits that rewrite transitions.

Theory of operation: a *component* is a set of states of one scope that are connected by transitions among themselves. It
has an entry (what the outside leads to) and exits (its `Next` that leave the set, and its `End`). *Splicing* it into a
slot points the slot at the entry and the exits at the slot's old target. *Detaching* it points every outside slot that
led into it at what follows it. Moving is detaching, then splicing; nothing that stays is left with a target that is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from studio.asl import tree
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


def _states(root: Json, scope: Pointer) -> dict[str, Json]:
    states = tree.get(root, scope)
    return states if isinstance(states, dict) else {}


def _text(name: str | int) -> str:
    return f"“{name}”"


# --- renaming -------------------------------------------------------------------------------------------------------


def rename_state(root: Json, state: Pointer, name: str) -> Json:
    """The root with the state called `name`, in its map and in every transition of its scope."""
    require_state(root, state)
    old = str(state[-1])
    if name == old:
        return root
    _check_name(root, name)
    scope = state[:-1]
    states = {(name if k == old else k): _retarget(v, lambda t: name if t == old else t) for k, v in _states(root, scope).items()}
    root = tree.put(root, scope, states)
    start = (*scope[:-1], "StartAt")
    return tree.put(root, start, name) if tree.get(root, start) == old else root


def _check_name(root: Json, name: str) -> None:
    if not name.strip():
        raise EditRefused("A state needs a name.")
    if name in state_names(root):
        raise EditRefused(f"There is already a state {_text(name)}.", "State names are unique in the whole workflow.")


def _retarget(state: Json, new: Callable[[str], str]) -> Json:
    """A state with every target run through `new`; the same object where nothing changes."""
    for slot in slots(state):
        old = target_of(state, slot)
        if old is not None and new(old) != old:
            state = tree.put(state, slot, new(old))
    return state


# --- inserting ------------------------------------------------------------------------------------------------------


def insert_state(root: Json, scope: Pointer, name: str, state: Json, slot: Pointer | None) -> Json:
    """The root with a new state spliced into `slot`; with no slot it starts an empty scope, else it stands unconnected."""
    _check_name(root, name)
    root = _with_scope(root, scope)
    if slot is None and not _states(root, scope):
        slot = (*scope[:-1], "StartAt")
    if slot is not None and scope_of(slot) != scope:
        raise EditRefused("The transition is in another Map, branch or workflow than the place for the new state.")
    old = _usable_target(root, scope, slot)
    known = {*_states(root, scope), name}
    return _place(root, scope, {name: _landed(state, known, old, connected=slot is not None)}, slot, name)


def _usable_target(root: Json, scope: Pointer, slot: Pointer | None) -> str | None:
    target = target_of(root, slot) if slot is not None else None
    return target if target is not None and target in _states(root, scope) else None


def _landed(state: Json, known: set[str], follow: str | None, *, connected: bool) -> Json:
    """A state as it stands in its new scope: its way out leads to `follow`, and nothing leads to a name not in `known`."""
    if not isinstance(state, dict):
        return state
    kind = type_of(state)
    if connected or target_of(state, ("Next",)) not in known:
        state = with_next(state, follow)
    if kind == "Choice" and follow is not None and connected:
        state = {**state, "Default": follow}
    elif "Default" in state and target_of(state, ("Default",)) not in known:
        state = {k: v for k, v in state.items() if k != "Default"}
    for key in ("Choices", "Catch"):
        rows = state.get(key)
        if not isinstance(rows, list):
            continue
        kept: list[Json] = []
        for row in rows:
            if not isinstance(row, dict) or "Next" not in row or target_of(row, ("Next",)) in known:
                kept.append(row)
            elif follow is not None:
                kept.append({**row, "Next": follow})
            elif key == "Choices":
                kept.append({k: v for k, v in row.items() if k != "Next"})
        if kept != rows:
            state = {k: (kept if k == key else v) for k, v in state.items() if k != key or kept or key == "Choices"}
    return state


def _place(root: Json, scope: Pointer, added: dict[str, Json], slot: Pointer | None, entry: str) -> Json:
    """The root with states added to a scope right after the slot's source, and the slot leading to `entry`."""
    states = _states(root, scope)
    source = state_of(slot) if slot is not None and slot[-1] != "StartAt" else None
    if slot is not None and source is None:  # StartAt: ahead of the others
        merged = {**added, **states}
    elif source is None:
        merged = {**states, **added}
    else:
        merged: dict[str, Json] = {}
        for name, value in states.items():
            merged[name] = value
            if name == source[-1]:
                merged.update(added)
    root = tree.put(root, scope, merged)
    return root if slot is None else connect(root, slot, entry)


def _with_scope(root: Json, scope: Pointer) -> Json:
    """The root with a `States` map at `scope`, made where the container has none. EditRefused where no container can be."""
    if isinstance(tree.get(root, scope), dict):
        return root
    what = tree.to_text(scope)
    if tree.has(root, scope):
        raise EditRefused(f"{what} is not an object, so no state can be put into it.")
    if not isinstance(root, dict):
        raise EditRefused("The definition is not a JSON object.")
    if scope == ("States",):
        return {**root, "States": {}}
    state_at = state_of((*scope, ""))
    state_at = state_of(state_at[:-1]) if state_at and state_at[:-1] == scope else None
    state = tree.get(root, state_at) if state_at else None
    if state_at is None or not isinstance(state, dict):
        raise EditRefused(f"{what} is not inside a Map or Parallel state.")
    match (type_of(state), scope[len(state_at) :]):
        case ("Map", (("ItemProcessor" | "Iterator") as key, "States")):
            holder = state.get(key)
            if holder is None:
                inline: Json = {"Mode": "INLINE"}
                holder = {"ProcessorConfig": inline} if key == "ItemProcessor" else {}
            if not isinstance(holder, dict):
                raise EditRefused(f"{tree.to_text((*state_at, key))} is not an object.")
            processor: dict[str, Json] = {**holder, "States": {}}
            return tree.put(root, (*state_at, key), processor)
        case ("Parallel", ("Branches", int() as index, "States")):
            branches = state.get("Branches", [])
            if not isinstance(branches, list) or not 0 <= index <= len(branches):
                raise EditRefused(f"{_text(state_at[-1])} has no branch {index + 1}.")
            branch: Json = branches[index] if index < len(branches) else {}
            if not isinstance(branch, dict):
                raise EditRefused(f"{tree.to_text(scope[:-1])} is not an object.")
            made: dict[str, Json] = {**branch, "States": {}}
            return tree.put(root, (*state_at, "Branches"), [*branches[:index], made, *branches[index + 1 :]])
        case _:
            raise EditRefused(f"{_text(state_at[-1])} holds no states at {what}.")


# --- removing -------------------------------------------------------------------------------------------------------


def remove_states(root: Json, states: Iterable[Pointer], *, heal: bool = True) -> Json:
    """The root without the states; see `RemoveStates`."""
    chosen = _outermost(root, states)
    for scope, names in _by_scope(chosen):
        detached = _detach(root, scope, names, heal=heal)
        root = _sweep(detached.root, detached.emptied)
    return root


def _outermost(root: Json, states: Iterable[Pointer]) -> list[Pointer]:
    """The states in document order, without those inside another of them. EditRefused where one is not a state."""
    wanted = set(states)
    for pointer in wanted:
        require_state(root, pointer)
    tops = [p for p in wanted if not any(p[:n] in wanted for n in range(len(p)))]
    order = {p: i for i, (p, _) in enumerate(tree.walk(root)) if p in wanted} if len(tops) > 1 else dict.fromkeys(tops, 0)
    return sorted(tops, key=order.__getitem__)


def _by_scope(states: Iterable[Pointer]) -> list[tuple[Pointer, list[str]]]:
    groups: dict[Pointer, list[str]] = {}
    for pointer in states:
        groups.setdefault(pointer[:-1], []).append(str(pointer[-1]))
    return list(groups.items())


@dataclass(frozen=True, slots=True)
class _Detached:
    root: Json
    emptied: list[Pointer]
    """Rules and catchers whose target went away with nothing to follow it: to be removed unless connected again."""


def _detach(root: Json, scope: Pointer, names: Iterable[str], *, heal: bool = True) -> _Detached:
    """Take states out of a scope and lead what pointed at them onwards."""
    states = _states(root, scope)
    gone = set(names)
    kept = {k: v for k, v in states.items() if k not in gone}
    emptied: list[Pointer] = []

    def onward(target: str) -> str | None:
        seen: set[str] = set()
        here: str | None = target
        while here is not None and here in gone and here not in seen:
            seen.add(here)
            here = successor(states[here])
        return here if heal and here is not None and here in kept else None

    root = tree.put(root, scope, kept)
    for name, state in kept.items():
        for slot in slots(state):
            target = target_of(state, slot)
            if target is None or target not in gone:
                continue
            follow = onward(target)
            if slot == ("Next",) and follow == name:
                follow = None  # healing must not make a state its own successor
            root = _lead(root, (*scope, name), slot, follow)
            if follow is None and len(slot) == 3:
                emptied.append((*scope, name, *slot[:-1]))
    start = (*scope[:-1], "StartAt")
    first = target_of(root, start)
    if first is not None and (first in gone or not kept):
        follow = onward(first) if first in gone else None
        follow = follow if follow is not None else next(iter(kept), None)
        root = tree.drop(root, start) if follow is None else tree.put(root, start, follow)
    return _Detached(root, emptied)


def _lead(root: Json, state_at: Pointer, slot: Pointer, target: str | None) -> Json:
    """Like `connect`, for a slot that is there, in whatever state it is (also a `Next` where none belongs)."""
    state = tree.get(root, state_at)
    if slot == ("Next",) and isinstance(state, dict):
        return tree.put(root, state_at, with_next(state, target))
    return connect(root, (*state_at, *slot), target)


def successor(state: Json) -> str | None:
    """What follows a state when it is taken away: its `Next`, a Choice's `Default`, else its first rule's target."""
    for wanted in ("Next", "Default", "Choices"):
        for slot in slots(state):
            if slot[0] == wanted:
                return target_of(state, slot)
    return None


def _sweep(root: Json, emptied: list[Pointer]) -> Json:
    """Remove the rules and catchers that still have no target, and a `Catch` list that is left empty."""
    for row in sorted(emptied, key=lambda p: (p[:-1], p[-1]), reverse=True):
        if target_of(root, (*row, "Next")) is None and tree.has(root, row):
            root = tree.drop(root, row)
            if row[-2] == "Catch" and not tree.get(root, row[:-1]):
                root = tree.drop(root, row[:-1])
    return root


# --- moving and duplicating -----------------------------------------------------------------------------------------


def _components(states: dict[str, Json], names: list[str]) -> list[list[str]]:
    """The names grouped by the transitions among them, in document order."""
    chosen = set(names)
    links: dict[str, set[str]] = {name: set() for name in names}
    for name in names:
        for slot in slots(states[name]):
            target = target_of(states[name], slot)
            if target is not None and target in chosen:
                links[name].add(target)
                links[target].add(name)
    groups: list[list[str]] = []
    done: set[str] = set()
    for name in names:
        if name in done:
            continue
        group, stack = {name}, [name]
        while stack:
            for other in links[stack.pop()] - group:
                group.add(other)
                stack.append(other)
        done |= group
        groups.append([n for n in names if n in group])
    return groups


def _entry(root: Json, scope: Pointer, group: list[str]) -> str:
    """The state of a component that the outside leads to; where nothing does, one that nothing inside leads to."""
    states, members = _states(root, scope), set(group)
    start = target_of(root, (*scope[:-1], "StartAt"))
    if start is not None and start in members:
        return start
    inside = {target_of(states[n], s) for n in group for s in slots(states[n])}
    outside = {target_of(v, s) for k, v in states.items() if k not in members for s in slots(v)}
    for name in group:
        if name in outside:
            return name
    return next((name for name in group if name not in inside), group[0])


def move_states(root: Json, states: Iterable[Pointer], scope: Pointer, slot: Pointer | None) -> Json:
    """The root with the states moved; see `MoveStates`."""
    chosen = _outermost(root, states)
    if not chosen:
        return root
    for pointer in chosen:
        if scope[: len(pointer)] == pointer:
            raise EditRefused(f"{_text(pointer[-1])} cannot be moved into itself.")
    if slot is not None:
        if scope_of(slot) != scope:
            raise EditRefused("The transition is in another Map, branch or workflow than the place the states shall move to.")
        source = state_of(slot)
        if source is not None:
            require_state(root, source)
            if source in chosen:
                return root  # dropped on a transition of its own: nothing moves
    for pointer in chosen:
        if pointer[:-1] != scope and tree.has(root, (*scope, pointer[-1])):
            raise EditRefused(f"There is already a state {_text(pointer[-1])} where it shall move to.")

    pieces: list[tuple[Pointer, str, dict[str, Json]]] = []
    for origin, names in _by_scope(chosen):
        here = _states(root, origin)
        pieces.extend((origin, _entry(root, origin, group), {n: here[n] for n in group}) for group in _components(here, names))
    emptied: list[Pointer] = []
    for origin, names in _by_scope(chosen):
        detached = _detach(root, origin, names)
        root, emptied = detached.root, [*emptied, *detached.emptied]
    root = _with_scope(root, scope)
    if slot is None and not _states(root, scope):
        slot = (*scope[:-1], "StartAt")
    for origin, entry, group in reversed(pieces):
        old = _usable_target(root, scope, slot)
        known = {*group, *(_states(root, scope) if origin == scope or slot is None else ())}
        placed = {name: _rejoined(state, set(group), known, old, connected=slot is not None) for name, state in group.items()}
        root = _place(root, scope, placed, slot, entry)
    return _sweep(root, emptied)


def _rejoined(state: Json, group: set[str], known: set[str], follow: str | None, *, connected: bool) -> Json:
    """One state of a component in its new place: a way out inside the component stays, every other leads to `follow`."""
    if not isinstance(state, dict):
        return state
    if target_of(state, ("Next",)) in group:
        return _landed(state, known, follow, connected=False)
    if type_of(state) == "Choice" and (target_of(state, ("Default",)) in group):
        return _landed(state, known, follow, connected=False)
    return _landed(state, known, follow, connected=connected)


def duplicate_states(root: Json, states: Iterable[Pointer]) -> Json:
    """The root with copies of the states; see `DuplicateStates`."""
    taken = state_names(root)
    for scope, names in _by_scope(_outermost(root, states)):
        for group in _components(_states(root, scope), names):
            root = _duplicate(root, scope, group, taken)
    return root


def _duplicate(root: Json, scope: Pointer, group: list[str], taken: set[str]) -> Json:
    here = _states(root, scope)
    entry = _entry(root, scope, group)
    renamed: dict[str, str] = {}
    for name in group:
        renamed[name] = unique_name(None, name, taken)
        taken.add(renamed[name])
    copies: dict[str, Json] = {renamed[n]: _retarget(_fresh_names(here[n], taken), lambda t: renamed.get(t, t)) for n in group}
    slot = _exit(here, scope, group)
    old = _usable_target(root, scope, slot)
    known = set(here) | set(copies)
    placed = {n: _rejoined(v, set(copies), known, old, connected=slot is not None) for n, v in copies.items()}
    return _place(root, scope, placed, slot, renamed[entry])


def _exit(states: dict[str, Json], scope: Pointer, group: list[str]) -> Pointer | None:
    """The slot by which a component is left: a `Next` or `End` of one of its states, else a Choice's `Default`."""
    members = set(group)
    for name in reversed(group):
        state = states[name]
        if isinstance(state, dict) and type_of(state) not in {"Choice", "Succeed", "Fail"} and target_of(state, ("Next",)) not in members:
            return (*scope, name, "Next")
    for name in reversed(group):
        if type_of(states[name]) == "Choice" and target_of(states[name], ("Default",)) not in members:
            return (*scope, name, "Default")
    return None


def _fresh_names(state: Json, taken: set[str]) -> Json:
    """A copied state whose inner states have names of their own. Adds them to `taken`."""
    shell: Json = {"States": {"copy": state}}
    for scope in [s for s in reversed(list(scopes(shell))) if len(s) > 1]:  # inner ones first: outer names stay valid
        names: dict[str, str] = {}
        for name in _states(shell, scope):
            names[name] = unique_name(None, name, taken)
            taken.add(names[name])

        def new(target: str, names: dict[str, str] = names) -> str:
            return names.get(target, target)

        shell = tree.put(shell, scope, {names[k]: _retarget(v, new) for k, v in _states(shell, scope).items()})
        start = (*scope[:-1], "StartAt")
        first = target_of(shell, start)
        if first in names:
            shell = tree.put(shell, start, names[first])
    return tree.get(shell, ("States", "copy"))
