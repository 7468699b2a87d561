"""Where pasted states end, and how they go on where something follows them. Pure.

A definition that is put into the middle of another is a step of it, as a nested workflow would be: where it succeeds, what follows goes
on. So a `Succeed` is left out (one that shapes the output becomes a Pass that does), and what led to it leads onwards. A `Fail` stays
and ends the whole. Only where every way would end in one, so that what follows could never be reached, a plain `Next` to it goes on
instead: the one thing that lets somebody paste "…, notify, fail" between two states. Each of these is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.asl import tree
from studio.asl.edits import slots, target_of, type_of
from studio.canvas.targets import ENDS

if TYPE_CHECKING:
    from studio.asl.tree import Json

ONWARD = "\x00"
"""The target of a transition that leads to what follows the pasted states: no state can have this name."""
_SHAPING = frozenset({"InputPath", "OutputPath", "Output", "Assign"})
"""Fields of a Succeed that change data; a Pass has them too, with the same meaning."""


@dataclass(frozen=True, slots=True)
class Opened:
    """States of which some lead to `ONWARD`.

    `note` says in sentences what was changed, with `ONWARD` for the name of the state that follows. `closing` is `Succeed` or `Fail` where nothing can follow.
    """

    states: dict[str, Json]
    note: str = ""
    closing: str = ""


def opened(entry: str, states: dict[str, Json], *, cuts: bool) -> Opened:
    """The states as they stand where something follows them.

    `cuts`: whether what follows could not be reached if they all ended in a Fail; else they may.
    """
    if type_of(states[entry]) in ENDS:
        return Opened(states, closing=type_of(states[entry]))
    reached = _reached(entry, states)
    succeeding = [name for name in reached if type_of(states[name]) == "Succeed"]
    if succeeding:
        return _without_succeed(states, succeeding)
    if any(leads_out(states[name], states) for name in reached):
        return Opened(states)
    failing = {target: name for name in reached if (target := target_of(states[name], ("Next",))) and type_of(states[target]) == "Fail"}
    if cuts and len(failing) == 1:
        return _past_the_fail(states, reached, next(iter(failing)))
    return Opened(states, closing="Fail" if any(type_of(states[name]) == "Fail" for name in reached) else "")


def leads_out(state: Json, states: dict[str, Json]) -> bool:
    """Whether the main way out of a state (`Next`, a Choice's `Default`) leads to none of the states."""
    match type_of(state):
        case "Succeed" | "Fail":
            return False
        case "Choice":
            return target_of(state, ("Default",)) not in states
        case _:
            return isinstance(state, dict) and target_of(state, ("Next",)) not in states


def _reached(entry: str, states: dict[str, Json]) -> list[str]:
    """The names that the entry leads to, itself among them, in document order."""
    seen, todo = {entry}, [entry]
    while todo:
        state = states[todo.pop()]
        for slot in slots(state):
            target = target_of(state, slot)
            if target in states and target not in seen:
                seen.add(target)
                todo.append(target)
    return [name for name in states if name in seen]


def _without_succeed(states: dict[str, Json], names: list[str]) -> Opened:
    shaping = [name for name in names if _SHAPING & set(_members(states[name]))]
    plain = [name for name in names if name not in shaping]
    kept: dict[str, Json] = {}
    for name, state in states.items():
        if name in shaping:
            kept[name] = {**_members(state), "Type": "Pass", "Next": ONWARD}
        elif name not in plain:
            kept[name] = _led(state, frozenset(plain))
    notes: list[str] = []
    if plain:
        notes.append(f"{_listed(plain)} (Succeed) {'is' if len(plain) == 1 else 'are'} left out: the workflow goes on to “{ONWARD}”.")
    if shaping:
        one = len(shaping) == 1
        became = "shapes the output, so it became a Pass that goes" if one else "shape the output, so they became Pass states that go"
        notes.append(f"{_listed(shaping)} (Succeed) {became} on to “{ONWARD}”.")
    return Opened(kept, " ".join(notes))


def _past_the_fail(states: dict[str, Json], reached: list[str], fail: str) -> Opened:
    """Every `Next` to a Fail leads onwards; the Fail is left out where no rule or catcher leads to it."""
    sources = [name for name in reached if target_of(states[name], ("Next",)) == fail]
    kept = dict(states)
    kept.update({name: {**_members(states[name]), "Next": ONWARD} for name in sources})
    go = "goes" if len(sources) == 1 else "go"
    if any(target_of(state, slot) == fail for state in kept.values() for slot in slots(state)):
        return Opened(kept, f"{_listed(sources)} {go} on to “{ONWARD}” instead of “{fail}” (Fail).")
    del kept[fail]
    return Opened(kept, f"“{fail}” (Fail) is left out: {_listed(sources)} {go} on to “{ONWARD}” instead.")


def _led(state: Json, gone: frozenset[str]) -> Json:
    """A state whose ways to those that are gone lead onwards."""
    for slot in slots(state):
        if target_of(state, slot) in gone:
            state = tree.put(state, slot, ONWARD)
    return state


def _members(state: Json) -> dict[str, Json]:
    return state if isinstance(state, dict) else {}


def _listed(names: list[str]) -> str:
    """`“A”`, `“A” and “B”`, `“A”, “B” and 3 more`."""
    shown = [f"“{name}”" for name in names[:3]]
    if len(names) > 3:
        shown = [*shown[:2], f"{len(names) - 2} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
