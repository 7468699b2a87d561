"""Where a person put states on the canvas: part of the document and its undo list, never of its text.

Shapes: {state name: (x, y)}, in world pixels: how far the middle of the state's upper edge is from that of its scope's start. So a
picture that grows to the left or above takes what was placed by hand along. A state without an entry stands where the layout puts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Place: TypeAlias = tuple[float, float]
Places: TypeAlias = Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class PlaceStates:
    """Put states where a person dragged them, by name; None gives a state back to the layout."""

    places: tuple[tuple[str, Place | None], ...]


def placed(places: Places, edit: PlaceStates) -> Places:
    """The places after the edit; the same object where nothing changes."""
    after = {name: place for name, place in places.items() if name not in dict(edit.places)}
    after.update({name: place for name, place in edit.places if place is not None})
    return places if after == places else after


def renamed(places: Places, old: str, new: str) -> Places:
    """The places once a state has another name."""
    return {(new if name == old else name): place for name, place in places.items()} if old in places else places


def released(places: Places, *names: str) -> Places:
    """The places without those of some states: new, moved elsewhere or gone."""
    return {name: place for name, place in places.items() if name not in names} if places.keys() & set(names) else places
