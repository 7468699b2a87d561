"""Copying states as plain ASL text, and pasting whatever somebody has: a state, several, a definition, a template, an ARN.

Theory of operation: `copy` writes a definition of its own (`StartAt`, `States`) that AWS, git and people understand: ways
out of the copied states become ends. `paste` reads text, gives every state a name that is free in the definition, and says
the edits that add the states, connect them as they were, and lead their ends to what followed the place (`endings`). States of another
query language are adapted: JSONata ones say so themselves in a JSONPath workflow, JSONPath ones are converted in a JSONata one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.asl import tree
from studio.asl.convert import convert
from studio.asl.edits import Connect, Edit, InsertState, scopes, slots, state_names, target_of, type_of, unique_name, with_next
from studio.asl.fields import FIELDS
from studio.asl.graph import build
from studio.asl.restructure import rename_state
from studio.asl.text import dump
from studio.canvas import pasted_text
from studio.canvas.endings import ONWARD, Opened, leads_out, opened
from studio.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.asl.tree import Json, Pointer

MAX_PASTE = 4 * 1024 * 1024
"""Characters; more is refused before it is read."""
_MAX_STATES = 2000


@dataclass(frozen=True, slots=True)
class Pasted:
    """The edits of a paste, and the names the states got (the entry first).

    `closing` is `Succeed` or `Fail` where nothing can follow them, `note` says in sentences what was adapted so that something can.
    """

    edits: tuple[Edit, ...]
    names: tuple[str, ...]
    closing: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Follow:
    """The state that follows what is pasted, if one does; `cuts` where nothing could reach it if what is pasted ended before it."""

    name: str | None
    cuts: bool = False


def copy(root: Json, states: Sequence[Pointer]) -> str:
    """The states as the text of a definition, in document order; those inside others of them come with these."""
    chosen = [p for p in states if not any(p[:n] in states for n in range(2, len(p)))]
    if not chosen:
        return ""
    picked = {str(pointer[-1]): tree.get(root, pointer) for pointer in chosen}
    out: dict[str, Json] = {}
    for name, state in picked.items():
        follow = target_of(state, ("Next",))
        out[name] = with_next(state, None) if isinstance(state, dict) and follow is not None and follow not in picked else state
    targets = {target_of(state, slot) for state in out.values() for slot in slots(state)}
    entry = next((name for name in out if name not in targets), next(iter(out)))
    whole: dict[str, Json] = {"StartAt": entry, "States": out}
    if isinstance(root, dict) and root.get("QueryLanguage") == "JSONata":
        whole = {"QueryLanguage": "JSONata", **whole}
    return dump(whole)


def paste(root: Json, text: str, scope: Pointer, slot: Pointer | None, then: Follow | None = None) -> Pasted:
    """The edits that add what the text holds to a scope, spliced into `slot` (None: into an empty scope).

    EditRefused where the text holds no states.
    """
    if len(text) > MAX_PASTE:
        raise EditRefused("The pasted text is larger than 4 MB.")
    language = "JSONata" if _language(root) == "JSONata" else "JSONPath"
    return insert(root, pasted_text.from_arn(text, language) or pasted_text.read(text), scope, slot, then)


def follow(root: Json, scope: Pointer, slot: Pointer | None) -> Follow:
    """What follows states that are spliced into a slot."""
    target = target_of(root, slot) if slot is not None else None
    if slot is None or target is None or not tree.has(root, (*scope, target)):
        return Follow(None)
    return Follow(target, cuts=slot[-1] == "StartAt" or (slot[-1] == "Next" and not isinstance(slot[-2], int)))


def insert(root: Json, fragment: Json, scope: Pointer, slot: Pointer | None, then: Follow | None = None) -> Pasted:
    """The edits that add a definition, several states or one state to a scope. EditRefused where there are none.

    `then` says what follows them, where it is not just the slot's target.
    """
    entry, states = _adapted(root, fragment, *_states(fragment))
    then = then or follow(root, scope, slot)
    ending = opened(entry, states, cuts=then.cuts) if then.name is not None else Opened(states)
    entry, states = _renamed(root, entry, ending.states)
    onward = target_of(root, slot) if slot is not None and follow(root, scope, slot).name is not None else None
    there = tree.get(root, scope)
    edits: list[Edit] = []
    links: list[Edit] = []
    for name, state in [(entry, states[entry]), *((n, s) for n, s in states.items() if n != entry)]:
        bare, targets = _bare(state, set(states), set(there) if isinstance(there, dict) else set(), onward)
        edits.append(InsertState(scope, name, bare, slot if name == entry else None))
        links.extend(Connect((*scope, name, *inner), target) for inner, target in targets)
        if onward is not None and name != entry and leads_out(state, states):
            links.append(Connect((*scope, name, "Default" if type_of(state) == "Choice" else "Next"), onward))
    note = ending.note.replace(ONWARD, then.name or "")
    return Pasted((*edits, *links), (entry, *(n for n in states if n != entry)), ending.closing, note)


def _states(value: Json) -> tuple[str, dict[str, Json]]:
    """The entry and the states of a value."""
    if isinstance(value, dict):
        states = value.get("States")
        if isinstance(states, dict) and "Type" not in value:
            return _checked(value.get("StartAt"), states)
        if isinstance(value.get("Type"), str):
            return _checked(None, {str(value["Type"]): value})
        if value and all(isinstance(one, dict) and "Type" in one for one in value.values()):
            return _checked(None, value)
    raise EditRefused("The clipboard holds no states.", "Copy a state, several, or a whole definition in Amazon States Language.")


def _checked(start: Json, states: dict[str, Json]) -> tuple[str, dict[str, Json]]:
    if not states:
        raise EditRefused("The pasted definition has no states.")
    if len(states) > _MAX_STATES:
        raise EditRefused(f"The pasted definition has more than {_MAX_STATES} states.")
    if isinstance(start, str) and start in states:
        return start, states
    targets = {target_of(state, slot) for state in states.values() for slot in slots(state)}
    return next((name for name in states if name not in targets), next(iter(states))), states


def _adapted(root: Json, fragment: Json, entry: str, states: dict[str, Json]) -> tuple[str, dict[str, Json]]:
    """The states in a query language that the workflow allows. EditRefused where one cannot be converted."""
    machine: Json = {"StartAt": entry, "States": states}
    into, of = _language(root) or "JSONPath", _language(fragment) or _spoken(machine)
    if of is None or of == into:
        return entry, states
    if into == "JSONPath":
        for scope in scopes(machine):
            names = tree.get(machine, scope)
            for name, state in names.items() if isinstance(names, dict) else ():
                if isinstance(state, dict) and "QueryLanguage" not in state:
                    machine = tree.put(machine, (*scope, name), {**state, "QueryLanguage": "JSONata"})
    else:
        done = convert(machine)
        if not done.complete:
            note = next(note for note in done.notes if not note.converted)
            raise EditRefused(
                f"These states are JSONPath, the workflow is JSONata, and {tree.to_text(note.pointer)} cannot be converted: {note.message}"
            )
        machine = done.root
    adapted = tree.get(machine, ("States",))
    return entry, adapted if isinstance(adapted, dict) else states


def _language(value: Json) -> str | None:
    """The query language a definition or state names."""
    named = value.get("QueryLanguage") if isinstance(value, dict) else None
    return named if isinstance(named, str) else None


def _spoken(machine: Json) -> str | None:
    """The query language that the fields of the states belong to; None where they are of both. A state that names its own says nothing."""
    for node in build(machine).states.values():
        if _language(node.value) is not None:
            continue
        for name in node.value if isinstance(node.value, dict) else ():
            field = FIELDS[node.type].get(name)
            if field is not None and len(field.languages) == 1:
                return field.languages[0]
        rules = node.value.get("Choices") if isinstance(node.value, dict) and node.type == "Choice" else None
        if isinstance(rules, list) and rules and isinstance(rules[0], dict):
            return "JSONata" if "Condition" in rules[0] else "JSONPath"
    return None


def _renamed(root: Json, entry: str, states: dict[str, Json]) -> tuple[str, dict[str, Json]]:
    """The states, inner ones too, under names that are free in the definition."""
    taken = state_names(root)
    shell: Json = {"StartAt": entry, "States": states}
    ours = state_names(shell)
    for scope in reversed(list(scopes(shell))):  # inner ones first: the pointers of the outer ones stay valid
        names = tree.get(shell, scope)
        for name in list(names) if isinstance(names, dict) else []:
            if name in taken or not name.strip():
                fresh = unique_name(None, name, taken | ours)
                shell = rename_state(shell, (*scope, name), fresh)
                ours.add(fresh)
    result = tree.get(shell, ("States",))
    assert isinstance(result, dict)
    return str(tree.get(shell, ("StartAt",))), result


def _bare(state: Json, ours: set[str], there: set[str], onward: str | None) -> tuple[Json, list[tuple[Pointer, str]]]:
    """A state without its transitions, and those of them that lead somewhere: to states that came along, and of its rules and catchers
    also onwards and to states that are there.
    """
    targets: list[tuple[Pointer, str]] = []
    for slot in slots(state):
        target = target_of(state, slot)
        aside = len(slot) == 3  # a rule or a catcher
        if target is not None and (target in ours or (aside and target in there)):
            targets.append((slot, target))
        elif aside and target == ONWARD and onward is not None:
            targets.append((slot, onward))
        if slot != ("Next",):
            state = tree.drop(state, slot)
    if isinstance(state, dict) and "Next" in state:
        state = with_next(state, None)
    return state, targets
