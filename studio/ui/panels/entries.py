"""What the palette and the add box offer, in order: what was used last first. Pure; the catalogue's index comes from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.canvas.faces import service
from studio.canvas.palette import NEW_STATES, entry
from studio.canvas.patterns import OWN, PREFIX, Pattern, patterns

if TYPE_CHECKING:
    from studio.catalogue.search import Index

RECENT = 5
"""Entries under *Recent*."""
EVERYTHING = "All of AWS"
"""The group of what a search finds in the catalogue."""
MANY = 40
"""Actions of the catalogue that a search shows."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as it is shown: `id` is its `data-palette`."""

    id: str
    group: str
    icon: str
    label: str
    hint: str


def states(recent: Sequence[str]) -> list[Shown]:
    """The tab of states before anything is typed."""
    used = [identity for identity in recent if not identity.startswith(PREFIX) and entry(identity) is not None][:RECENT]
    rest = [(made.group, identity) for identity, made in NEW_STATES.items() if identity not in used]
    groups = [("Recent", identity) for identity in used] + sorted(rest, key=lambda one: one[0] != "Flow")
    return [shown for group, identity in groups if (shown := _state(identity, group)) is not None]


def all_patterns(recent: Sequence[str], own: Mapping[str, Pattern]) -> list[Shown]:
    """The tab of patterns: one's own, then those that come with the studio."""
    return [*_patterns(own.values(), "Your patterns", recent), *_patterns(patterns().values(), "Patterns", recent)]


def matching(query: str, recent: Sequence[str], own: Mapping[str, Pattern], index: Index | None) -> list[Shown]:
    """What fits all words of a search: states, patterns, then all of AWS (while `index` is there)."""
    words = query.lower().split()
    if not words:
        return states(recent)
    fits = [i for i, made in NEW_STATES.items() if all(word in f"{made.label} {made.group} {i}".lower() for word in words)]
    fits.sort(key=lambda i: (NEW_STATES[i].group != "Flow", _used(recent, i)))
    found = [shown for i in fits if (shown := _state(i, NEW_STATES[i].group)) is not None]
    found += [one for one in all_patterns(recent, own) if all(word in f"{one.label} {one.hint}".lower() for word in words)]
    if index is not None:
        known = {one.id for one in found}
        used = [identity.removeprefix("action:") for identity in recent if identity.startswith("action:")]
        fitting = index.search(query, MANY, used)
        called = Counter((action.name, action.service) for action in fitting if not action.optimized)
        for action in fitting:
            if action.palette_id not in known:
                token = action.resource.removeprefix("aws-sdk:").partition(":")[0]
                hint = f"{action.service} · optimized" if action.optimized else action.service
                if not action.optimized and called[action.name, action.service] > 1:  # ses and sesv2 have one name, and actions of one name
                    hint += f" · {token}"
                found.append(Shown(action.palette_id, EVERYTHING, service(token)[1], action.name, hint))
    return found


def _used(recent: Sequence[str], identity: str) -> int:
    """The place of an entry among those used last; those never used come after them, as they were."""
    return recent.index(identity) if identity in recent else len(recent)


def _state(identity: str, group: str) -> Shown | None:
    made = entry(identity)
    return Shown(identity, group, made.icon, made.label, made.hint or service(identity.split(":")[-2])[0]) if made else None


def _patterns(known: Iterable[Pattern], group: str, recent: Sequence[str]) -> list[Shown]:
    listed = sorted(known, key=lambda p: _used(recent, p.id))
    return [Shown(p.id, group, p.icon, p.label, p.hint) for p in listed if p.id.startswith(OWN) == (group == "Your patterns")]
