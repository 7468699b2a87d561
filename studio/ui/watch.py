"""A run as it happens: events of the engine folded into a view, told to every tab that shows it, at most twenty times a second.

Concurrency model: one task per watch waits for events (long polling inside the engine's own thread); listeners are called on the
event loop of the pages, coalesced. A watch of an execution that has ended reads its history once and ends. Tabs on one execution share
a watch (`Watches`), so that its events are read and folded once.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks

from studio.asl.graph import build
from studio.errors import ServiceError, StudioError
from studio.exec.aws_remedies import passes
from studio.exec.views.event_list import Listed
from studio.exec.views.framed import failing_of, in_children, taken_of
from studio.exec.views.run import Projector

if TYPE_CHECKING:
    from studio.asl.tree import Json
    from studio.exec.local import LocalStepFunctions
    from studio.exec.views.run import RunView, Visit

PATIENCE = 20.0
"""Seconds one question for new events may wait."""
REFUSED = 5.0
"""Seconds until a question is asked again that was refused for now."""
SLICE = 2000
"""Events that are folded without a breath for the loop."""
KEPT, KEPT_EVENTS = 16, 150_000
"""Watches that nobody looks at any more, and the events they may hold together: who comes back finds the run read."""


@contextlib.contextmanager
def collector_at_rest() -> Iterator[None]:
    """No search for cycles: a long history is many small objects without any, and the search would take longer than the reading."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


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

    def __init__(self, engine: LocalStepFunctions, arn: str, root: Json, *, interval: float = 1 / 12) -> None:
        self.engine, self.arn, self.root, self.interval = engine, arn, root, interval
        self.events: list[dict[str, Any]] = []
        self.ended = False
        self.problem: str | None = None
        graph = build(root)
        self.in_children = in_children(graph)
        """The states whose work is done in child executions, each with the Distributed Map around it."""
        self._projector = Projector(root, graph)
        self._listeners: list[Callable[[], Any]] = []
        self._task: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._news = False
        self._rows = Listed(self.events, self.visit_of)

    @property
    def view(self) -> RunView:
        return self._projector.view

    def statuses(self, frame: dict[str, int]) -> dict[str, str]:
        """The status of every state by name (`statuses_of`); of those in child executions nothing is known here."""
        return self.known(statuses_of(self.view, frame))

    def known(self, statuses: dict[str, str]) -> dict[str, str]:
        """Without the states that are in child executions."""
        return {name: status for name, status in statuses.items() if name not in self.in_children}

    def taken(self, frame: dict[str, int]) -> frozenset[Any]:
        """The transitions the run took, in the iterations that are looked at."""
        return taken_of(self.view, frame)

    def failing(self) -> tuple[str, Any] | None:
        """The state a failed run failed at, with the visit that failed last."""
        return failing_of(self.view)

    def listed(self) -> Listed:
        """The events as rows (`views.event_list`); always the same, it grows with them."""
        return self._rows

    def visit_of(self, number: int) -> Visit | None:
        """The visit an event belongs to."""
        return self._projector.visit_of(number)

    @property
    def watched(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def subscribe(self, listener: Callable[[], Any]) -> Callable[[], None]:
        self._listeners.append(listener)

        def leave() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return leave

    def start(self) -> None:
        """Follows the execution from where the watch is; one that had ended is asked once more, for it may have been redriven."""
        if self._task is None or self._task.done():
            self._task = background_tasks.create(self._follow(), name=f"watch {self.arn}")

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _follow(self) -> None:
        try:
            with contextlib.nullcontext() if self.events else collector_at_rest():
                await self._more_in_spite_of_refusals()
            while not self.ended:
                await self._more_in_spite_of_refusals()
        except (ServiceError, StudioError) as error:
            self.problem = str(error)
            self.ended = True
            self._tell()

    async def _more_in_spite_of_refusals(self) -> None:
        """A run that is followed goes on being followed where AWS throttles, or the network is away for a while."""
        try:
            await self._more()
        except ServiceError as error:
            if not passes(error.code):
                raise
            await asyncio.sleep(REFUSED)

    async def _more(self) -> None:
        """The events that come next."""
        new = await self.engine.wait_events(self.arn, len(self.events), PATIENCE)
        for start in range(0, len(new), SLICE):
            self.take(new[start : start + SLICE], tell=start + SLICE >= len(new))
            await asyncio.sleep(0)
        if not new:
            await self._look_whether_it_ended()

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


class Watches:
    """The watches of a studio, by execution."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[int, str], RunWatch] = OrderedDict()

    def of(self, engine: LocalStepFunctions, arn: str, root: Json, *, interval: float) -> RunWatch:
        """The watch of an execution, started; one of an execution that was looked at a while ago has its events already."""
        key = (id(engine), arn)
        watch = self._found.get(key)
        if watch is None or watch.problem:
            watch = self._found[key] = RunWatch(engine, arn, root, interval=interval)
        self._found.move_to_end(key)
        watch.start()
        return watch

    def rest(self) -> None:
        """Somebody left: what nobody follows stands still, and the oldest of that is forgotten."""
        idle = [(key, watch) for key, watch in self._found.items() if not watch.watched]
        for _, watch in idle:
            watch.stop()
        held = sum(len(watch.events) for _, watch in idle)
        for count, (key, watch) in enumerate(idle):
            if len(idle) - count <= KEPT and held <= KEPT_EVENTS:
                break
            held -= len(watch.events)
            del self._found[key]
