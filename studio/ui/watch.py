"""A run as it happens: events of the engine folded into a view, told to every tab that shows it, at most twenty times a second.

Concurrency model: one task per watch waits for events (long polling inside the engine's own thread); listeners are called on the
event loop of the pages, coalesced. A watch of an execution that has ended reads its history once and ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks

from studio.errors import ServiceError, StudioError
from studio.exec.views.run import Projector

if TYPE_CHECKING:
    from studio.asl.tree import Json
    from studio.exec.local import LocalStepFunctions
    from studio.exec.views.run import RunView

PATIENCE = 20.0
"""Seconds one question for new events may wait."""


def statuses_of(view: RunView, frame: dict[str, int]) -> dict[str, str]:
    """The status of every state by name. Where an iteration of a Map is chosen (`frame`), that of the states inside it is what happened
    there.
    """
    found: dict[str, str] = {}
    for name, state in view.states.items():
        status = state.status
        if frame and state.visits:
            inside = [v for v in state.visits if any(level in frame for level, _ in v.frame)]
            if inside:
                here = [v for v in inside if all(frame.get(level, index) == index for level, index in v.frame)]
                status = here[-1].status if here else "not-reached"
        found[name] = status
    return found


class RunWatch:
    """One execution under observation. `view` is its projection so far, `events` its history so far."""

    def __init__(self, engine: LocalStepFunctions, arn: str, root: Json, *, interval: float = 0.05) -> None:
        self.engine, self.arn, self.root, self.interval = engine, arn, root, interval
        self.events: list[dict[str, Any]] = []
        self.ended = False
        self.problem: str | None = None
        self._projector = Projector(root)
        self._listeners: list[Callable[[], Any]] = []
        self._task: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._news = False

    @property
    def view(self) -> RunView:
        return self._projector.view

    def statuses(self, frame: dict[str, int]) -> dict[str, str]:
        """The status of every state by name (`statuses_of`)."""
        return statuses_of(self.view, frame)

    def taken(self) -> frozenset[Any]:
        """The transitions the run took."""
        return frozenset(self.view.transitions_taken)

    def failing(self) -> tuple[str, Any] | None:
        """The state a failed run failed at, with the visit that failed last."""
        failed = [
            (name, visit) for name, state in self.view.states.items() for visit in state.visits if visit.status in {"failed", "timed-out"}
        ]
        inner = [(name, visit) for name, visit in failed if visit.error]
        return max(inner or failed, key=lambda pair: (len(pair[1].frame), pair[1].entered_id or 0), default=None)

    def subscribe(self, listener: Callable[[], Any]) -> Callable[[], None]:
        self._listeners.append(listener)

        def leave() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return leave

    def start(self) -> None:
        if self._task is None:
            self._task = background_tasks.create(self._follow(), name=f"watch {self.arn}")

    async def _follow(self) -> None:
        try:
            while not self.ended:
                new = await self.engine.wait_events(self.arn, len(self.events), PATIENCE)
                for start in range(0, len(new), 2000):  # a long history is folded in slices, the loop breathes between
                    self.take(new[start : start + 2000], tell=start + 2000 >= len(new))
                    await asyncio.sleep(0)
                if not new:
                    await self._look_whether_it_ended()
        except (ServiceError, StudioError) as error:
            self.problem = str(error)
            self.ended = True
            self._tell()

    async def _look_whether_it_ended(self) -> None:
        """An execution that could not go on after a restart has ended without an event that says so."""
        described = await self.engine.describe_execution(executionArn=self.arn)
        if described["status"] != "RUNNING":
            self.problem = f"{described.get('error', '')}: {described.get('cause', '')}" if not self.events else None
            self.ended = True
            self._tell()

    def take(self, events: list[dict[str, Any]], *, tell: bool = True) -> None:
        """Folds events in. A redriven execution goes on after an end."""
        if events:
            self.events.extend(events)
            self._projector.feed(events)
            self.ended = self.view.status not in {"RUNNING", "running", ""}
            if tell:
                self._tell()

    def _tell(self) -> None:
        self._news = True
        if self._telling is None:
            self._telling = background_tasks.create(self._tell_soon(), name="tell")

    async def _tell_soon(self) -> None:
        try:
            while self._news:
                self._news = False
                for listener in list(self._listeners):
                    listener()
                await asyncio.sleep(self.interval)
        finally:
            self._telling = None
