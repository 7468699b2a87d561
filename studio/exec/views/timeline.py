"""The timeline of a run: a row for each state on its line of work, a bar for each attempt, backoffs between them.

Theory of operation: a row gathers the visits of one state at one place: inside the same iterations, of the same stay in the state around it.
Rows inside a Parallel follow its row, one deeper. A Map is one row, with how its iterations went as a strip, until it is opened: then its
iterations are rows, the failed first; an opened iteration shows the rows inside.

Shapes: `Row.key` names a row for good: `"Each order[7]/Charge"`; an iteration's is `"Each order[7]"`.
Units: seconds since the run's start; `Bar.end` None: it goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from studio.exec.views.run import Attempt, Path, RunView, Status, Visit

Kind: TypeAlias = Literal["work", "attempt", "backoff", "waiting"]
SHOWN = 100
"""Iterations of an opened Map that are rows of their own; the rest are counted."""
CELLS = 100
"""Cells of a density strip."""
_WORST: tuple[Status, ...] = ("failed", "timed-out", "retrying", "waiting", "running", "stopped", "caught", "succeeded")


@dataclass(frozen=True, slots=True)
class Bar:
    """`attempt` counts from 1, 0 where a state has no attempts; `event` is the event it begins with."""

    kind: Kind
    start: float
    end: float | None
    status: Status
    attempt: int = 0
    event: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """`index`: the row is this iteration of the Map `state`. `note`: what a folded Map says of its iterations, or how many a Map has more."""

    key: str
    state: str
    type: str
    depth: int
    frame: Path
    status: Status
    bars: tuple[Bar, ...]
    index: int | None = None
    opened: bool | None = None
    density: tuple[tuple[Status, int], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """`seconds`: from the start to the last thing known to have happened; `open`: the run goes on."""

    rows: tuple[Row, ...]
    seconds: float
    open: bool


def timeline(view: RunView, opened: frozenset[str] = frozenset(), frame: dict[str, int] | None = None) -> Timeline:
    """The rows of a run. `opened` holds the keys of Maps and iterations that are unfolded; `frame` the iteration that is looked at,
    by Map: it is among the rows of an opened Map whatever its place.
    """
    began = view.started
    if began is None:
        return Timeline((), 0.0, open=True)
    visits = sorted((v for state in view.states.values() for v in state.visits), key=lambda v: v.entered_id)
    inside: dict[int, list[Visit]] = {}
    for visit in visits:
        inside.setdefault(id(visit.owner) if visit.owner else 0, []).append(visit)
    rows = _Rows(began, inside, opened, frame or {})
    rows.of(inside.get(0, []), 0, "")
    moments: list[datetime] = [moment for v in visits for moment in (v.started, v.ended, *_ends(v.attempts)) if moment is not None]
    known = [began, view.ended or began, *moments]
    last = max(known)
    return Timeline(tuple(rows.made), (last - began).total_seconds(), open=view.ended is None)


def _ends(attempts: Iterable[Attempt]) -> Iterable[datetime | None]:
    for attempt in attempts:
        yield attempt.started
        yield attempt.ended


class _Rows:
    """Collects rows from the outside to the inside."""

    def __init__(self, began: datetime, inside: dict[int, list[Visit]], opened: frozenset[str], frame: dict[str, int]) -> None:
        self.began, self.inside, self.opened, self.frame = began, inside, opened, frame
        self.made: list[Row] = []

    def of(self, visits: list[Visit], depth: int, prefix: str) -> None:
        """The rows of what happened on one line of work (and, in a Parallel, on its sisters)."""
        by_name: dict[str, list[Visit]] = {}
        for visit in visits:
            by_name.setdefault(visit.name, []).append(visit)
        for name, found in by_name.items():
            key = f"{prefix}{name}"
            bars = tuple(bar for visit in found for bar in bars_of(visit, self.began))
            last = found[-1]
            inner = [v for visit in found for v in self.inside.get(id(visit), [])]
            if last.type != "Map":
                self.made.append(Row(key, name, last.type, depth, last.frame, last.status, bars))
                self.of(inner, depth + 1, f"{key}/")
                continue
            folds = bool(last.iterations)
            unfolded = key in self.opened
            self.made.append(
                Row(
                    key,
                    name,
                    last.type,
                    depth,
                    last.frame,
                    last.status,
                    bars,
                    None,
                    unfolded if folds else None,
                    density(last.iterations),
                    told(last.iterations, last.length),
                )
            )
            if unfolded:
                self._iterations(last, depth + 1, key)

    def _iterations(self, owner: Visit, depth: int, key: str) -> None:
        """The iterations of a Map's last visit: failed first, then by index; the one that is looked at is never left out."""
        order = sorted(owner.iterations, key=lambda index: (owner.iterations[index] not in {"failed", "timed-out"}, index))
        looked_at = self.frame.get(owner.name)
        shown = order[:SHOWN] + [index for index in order[SHOWN:] if index == looked_at]
        lines: dict[int, list[Visit]] = {index: [] for index in shown}
        for visit in self.inside.get(id(owner), []):
            index = visit.frame[-1][1] if visit.frame else -1
            if index in lines:
                lines[index].append(visit)
        for index in shown:
            line, status = lines[index], owner.iterations[index]
            own = f"{key}[{index}]"
            unfolded = own in self.opened
            frame = (*owner.frame, (owner.name, index))
            bars = (self._whole(line, status),) if line else ()
            self.made.append(Row(own, owner.name, "Iteration", depth, frame, status, bars, index, unfolded if line else None))
            if unfolded:
                self.of(line, depth + 1, f"{own}/")
        if len(order) > len(shown):
            more: dict[int, Status] = {index: owner.iterations[index] for index in order if index not in lines}
            note = f"{len(more):,} more: {told(more, None)}"
            self.made.append(Row(f"{key}[…]", owner.name, "More", depth, owner.frame, "succeeded", (), density=density(more), note=note))

    def _whole(self, line: list[Visit], status: Status) -> Bar:
        start = min(v.started for v in line)
        ends = [v.ended for v in line]
        known = [end for end in ends if end is not None]
        end = None if status == "running" or not known else (max(known) - self.began).total_seconds()
        return Bar("work", (start - self.began).total_seconds(), end, status, event=line[0].entered_id)


def bars_of(visit: Visit, began: datetime) -> tuple[Bar, ...]:
    """The bars of one stay in a state."""

    def at(moment: datetime | None) -> float | None:
        return None if moment is None else (moment - began).total_seconds()

    start, end = (visit.started - began).total_seconds(), at(visit.ended)
    if not visit.attempts:
        kind: Kind = "waiting" if visit.type == "Wait" else "work"
        return (Bar(kind, start, end, visit.status, 0, visit.entered_id),)
    bars: list[Bar] = []
    for attempt in visit.attempts:
        first = (attempt.started - began).total_seconds()
        if bars and bars[-1].end is not None and not attempt.redriven:
            bars.append(Bar("backoff", bars[-1].end, first, "retrying", attempt.number, visit.entered_id))
        status: Status = visit.status if attempt.ended is None else attempt.status
        bars.append(Bar("waiting" if attempt.waits else "attempt", first, at(attempt.ended), status, attempt.number, attempt.scheduled_id))
    last = visit.attempts[-1]
    if last.ended is not None and visit.open and visit.status == "retrying":
        bars.append(Bar("backoff", bars[-1].end or start, None, "retrying", last.number + 1, visit.entered_id))
    elif last.status == "succeeded" and visit.status in {"failed", "timed-out", "caught"}:
        # the task answered well, what came after it did not: a ResultSelector, an Output
        bars.append(Bar("work", bars[-1].end or start, end, visit.status, 0, visit.entered_id))
    return tuple(bars)


def density(iterations: dict[int, Status]) -> tuple[tuple[Status, int], ...]:
    """How iterations went, by index, in at most `CELLS` cells: the worst of each cell and how many it holds."""
    order = sorted(iterations)
    if not order:
        return ()
    size = -(-len(order) // CELLS)
    cells = [order[i : i + size] for i in range(0, len(order), size)]
    return tuple((worst(iterations[index] for index in cell), len(cell)) for cell in cells)


def worst(statuses: Iterable[Status]) -> Status:
    """What a cell that stands for several shows: what needs a look the most."""
    found = set(statuses)
    present: list[Status] = [status for status in _WORST if status in found]
    return present[0] if present else "not-reached"


def told(iterations: dict[int, Status], length: int | None) -> str:
    """`3 failed · 97 ok`, `2 running · 5 ok of 100`."""
    counts = Counter(iterations.values())
    words = {"succeeded": "ok", "timed-out": "timed out"}
    parts = [f"{counts[status]:,} {words.get(status, status)}" for status in _WORST if counts[status]]
    more = f" of {length:,}" if length is not None and length > len(iterations) else ""
    return " · ".join(parts) + more if parts else f"{length:,} items" if length else ""
