"""The timeline of a run: states as rows, attempts as bars; Maps unfold; the playhead shows the run as it was at a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from studio.exec.views.timeline import Bar, Row, Timeline, timeline
from studio.ui.widgets import controls as c
from studio.ui.widgets.timeline import TimelineChart

if TYPE_CHECKING:
    from studio.exec.views.run import Path
    from studio.ui.watch import RunWatch

MANY = 2000
"""Events from which on a running run is drawn once a second only."""
_KINDS = {"work": "", "attempt": "attempt", "backoff": "backoff before attempt", "waiting": "waiting"}


class TimelinePanel:
    """`choose(state, frame, event)` tells the page what was clicked, `scrub(seconds)` which moment is looked at (None: now)."""

    def __init__(
        self, watch: RunWatch, frame: dict[str, int], choose: Callable[[str, Path, int | None], Any], scrub: Callable[[float | None], Any]
    ) -> None:
        self.watch, self.frame, self._choose = watch, frame, choose
        self.opened: set[str] = set()
        self.shown = Timeline((), 0.0, open=True)
        self.key: Any = None
        self.drawn = 0.0
        with c.box("timeline", "section", data_panel="timeline", aria_label="Timeline"):
            self.chart = TimelineChart(self._chosen, self._fold, scrub, label="States over time")

    def draw(self, *, force: bool = False) -> None:
        """Shows the run as it is now; cheap where nothing happened."""
        watch = self.watch
        key = (len(watch.events), watch.view.status, tuple(sorted(self.opened)), tuple(sorted(self.frame.items())))
        if key == self.key and not force:
            return
        if not force and len(watch.events) > MANY and not watch.ended and time.monotonic() < self.drawn + 1:
            return
        self.key, self.drawn = key, time.monotonic()
        self.shown = timeline(watch.view, frozenset(self.opened), self.frame)
        seconds, began = self.shown.seconds, watch.view.started
        if self.shown.open and not watch.ended and began is not None:
            seconds = max(seconds, (datetime.now(UTC) - began).total_seconds())
        self.chart.show([_row(row) for row in self.shown.rows], seconds, open_=self.shown.open)

    def select(self, state: str | None, event: int | None, frame: dict[str, int]) -> None:
        """Marks the row of a state in the iterations `frame`, or of the folded Map around it."""
        self.chart.choose(self._key_of(state, self.frame | frame) if state else None, event)

    def _key_of(self, state: str, frame: dict[str, int]) -> str | None:
        names = [state, *self._around(state)]
        for name in names:
            fitting = [
                row
                for row in self.shown.rows
                if row.state == name
                and row.type not in {"Iteration", "More"}
                and all(frame.get(level, index) == index for level, index in row.frame)
            ]
            if fitting:
                return fitting[-1].key
        return None

    def _around(self, state: str) -> list[str]:
        """The states around a state, the nearest first, as its last visit tells."""
        found = self.watch.view.states.get(state)
        owner = found.visits[-1].owner if found and found.visits else None
        names: list[str] = []
        while owner is not None:
            names.append(owner.name)
            owner = owner.owner
        return names

    def _chosen(self, key: str, event: int | None) -> None:
        row = next((row for row in self.shown.rows if row.key == key), None)
        if row is not None:
            self._choose(row.state, row.frame, event)

    def _fold(self, key: str) -> None:
        self.opened ^= {key}
        self.draw()

    def unfold(self, key: str) -> None:
        self.opened.add(key)


def _row(row: Row) -> dict[str, Any]:
    icon, word = c.STATUS.get(row.status, ("help_outline", row.status))
    iteration = row.type == "Iteration"
    return {
        "key": row.key,
        "name": f"Iteration {row.index}" if iteration else row.note if row.type == "More" else row.state,
        "type": row.type,
        "depth": row.depth,
        "opened": row.opened,
        "tone": row.status,
        "icon": "" if row.type == "More" else icon,
        "word": word,
        "note": "" if row.type == "More" else row.note,
        "bars": [_bar(bar) for bar in row.bars],
        "density": [list(cell) for cell in row.density],
    }


def _bar(bar: Bar) -> list[Any]:
    """With what its tooltip says; `%` stands for the duration, which grows in the browser."""
    word = c.STATUS.get(bar.status, ("", bar.status))[1]
    what = f"{_KINDS[bar.kind]} {bar.attempt}" if bar.attempt else _KINDS[bar.kind]
    words = (
        f"{word}{f', {what.strip()}' if what.strip() else ''}: %" if bar.kind != "backoff" else f"Backoff before attempt {bar.attempt}: %"
    )
    return [bar.kind, bar.start, bar.end, bar.status, bar.attempt, bar.event, words]
