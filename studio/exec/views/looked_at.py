"""Which of the stays in a state is looked at: in the iterations that were chosen, where none were in the one of most interest. Pure.

Whoever shows, tests or begins at "the" stay in a state asks here, so that what is done is done with what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from studio.exec.views.run import RunView, Visit

_BAD = frozenset({"failed", "timed-out"})
Level: TypeAlias = tuple[str, dict[int, str], int | None]
"""A Map, its iterations with their status, the one that is looked at (None: none of them came to the state, or it is the Map itself)."""


@dataclass(frozen=True, slots=True)
class LookedAt:
    """The Maps around a state, from the outside in (and the state itself where it is a Map), and its visits in the iterations looked at."""

    levels: tuple[Level, ...] = ()
    visits: tuple[Visit, ...] = ()

    def visit(self, event: Visit | None = None) -> Visit | None:
        """The one of the visits that an event belongs to (`event`), else the last."""
        return next((visit for visit in self.visits if visit is event), None) or (self.visits[-1] if self.visits else None)


def looked_at(view: RunView, name: str | None, frame: dict[str, int]) -> LookedAt:
    """`frame`: the iterations that were chosen, by the name of their Map."""
    state = view.states.get(name or "")
    if state is None or not state.visits:
        return LookedAt()
    visits = list(state.visits)
    levels: list[Level] = []
    outer: tuple[tuple[str, int], ...] = ()
    for level in [str(entry[0]) for entry in max((v.frame for v in visits), key=len, default=())]:
        came = {dict(visit.frame).get(level): visit.status for visit in visits}
        all_of_them = iterations_of([v for v in view.states[level].visits if v.frame == outer])
        index = frame.get(level)
        if index is None or index not in all_of_them:
            index = _first_of_interest({i: str(status) for i, status in came.items() if i is not None})
        levels.append((level, all_of_them, index))
        visits = [visit for visit in visits if dict(visit.frame).get(level) == index]
        outer = (*outer, (level, -1 if index is None else index))
    if inside := iterations_of(visits):
        levels.append((state.name, inside, frame.get(state.name)))
    return LookedAt(tuple(levels), tuple(visits))


def where(visit: Visit) -> str:
    """`, in iteration 7 of Each order`, for people; empty for a visit outside of Maps."""
    return "".join(f", in iteration {index} of {level}" for level, index in visit.frame)


def _first_of_interest(by_index: dict[int, str]) -> int | None:
    """A failed iteration where there is one, else the first."""
    failed = [index for index, status in by_index.items() if status in _BAD]
    return min(failed) if failed else min(by_index, default=None)


def iterations_of(visits: list[Visit]) -> dict[int, str]:
    """The iterations of a Map's last visit with their status."""
    return dict(visits[-1].iterations) if visits else {}
