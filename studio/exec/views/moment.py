"""A run as it was at a moment: the events up to then, folded. Moving on in time folds only what came since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from studio.asl.graph import Graph
from studio.asl.tree import Json
from studio.exec.views.run import Projector, RunView


def front(view: RunView) -> str | None:
    """Where a run is: the state it entered last among those it is in (the inner one rather than the one around it), else the one it left
    last. None where it has entered none.
    """
    last = [state.visits[-1] for state in view.states.values() if state.visits]
    return (
        max(last, key=lambda visit: (visit.open, visit.entered_id if visit.open else max(visit.events, default=0))).name if last else None
    )


class Moments:
    """Answers views of one history, which may grow, at moments in seconds after its start."""

    def __init__(self, root: Json, graph: Graph) -> None:
        self._root, self._graph = root, graph
        self._projector = Projector(root, graph)
        self._folded = 0

    def at(self, events: list[dict[str, Any]], seconds: float) -> RunView:
        if not events:
            return self._projector.view
        until = events[0]["timestamp"] + timedelta(seconds=seconds)
        if self._folded and events[self._folded - 1]["timestamp"] > until:
            self._projector, self._folded = Projector(self._root, self._graph), 0
        end = self._folded
        while end < len(events) and events[end]["timestamp"] <= until:
            end += 1
        self._projector.feed(events[self._folded : end])
        self._folded = end
        return self._projector.view
