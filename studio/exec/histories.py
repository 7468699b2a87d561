"""The histories of executions, read: pages of AWS's events, and those to come as soon as there are any.

Concurrency model: coroutines of the caller's loop; a running execution's events are taken in the engine's thread, an ended one's from the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from studio.exec.answers import only_standard
from studio.exec.events import Event, Texts, to_aws
from studio.exec.paging import page
from studio.exec.service import Response
from studio.store.eventlog import EventLog, Row

if TYPE_CHECKING:
    from studio.exec.scheduler import Scheduler

SLICE = 2000
"""Events that are put into AWS's shape without a breath for the loop."""
T = TypeVar("T")


class Engine(Protocol):
    """What of the engine is needed here."""

    log: EventLog
    scheduler: Scheduler

    def in_engine(self, work: Callable[[], T]) -> Awaitable[T]: ...
    def row_of(self, arn: str) -> Awaitable[Row]: ...


class Histories:
    """GetExecutionHistory, and `wait_events` (ours)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def get_execution_history(self, **request: Any) -> Response:
        arn = request["executionArn"]
        row = await self._engine.row_of(arn)
        only_standard(row)
        events = await self._engine.in_engine(lambda: self._events(arn))
        sign = -1 if request.get("reverseOrder") else 1
        shown, token = page(enumerate(events, 1), request, lambda numbered: (sign * numbered[0], ""), default=1000)
        include = request.get("includeExecutionData", True)
        texts = Texts.of(events[0])
        printed = await asyncio.to_thread(lambda: [to_aws(n, e, texts, include_data=include) for n, e in shown])
        return {"events": printed, **token}

    def _events(self, arn: str) -> list[Event]:
        """All public events so far."""
        live = self._engine.scheduler.live.get(arn)
        if live is not None:
            return list(live.events)
        return [event for event in self._engine.log.events(arn) if event[0][0] != "_"]

    async def wait_events(self, arn: str, after: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109 - how long to listen, not a deadline
        """Events with an id above `after`, as soon as there are any; empty after `timeout` seconds or at the execution's end."""
        found = await self._engine.in_engine(lambda: self._watch(arn, after))
        if isinstance(found, Future):
            try:
                await asyncio.wait_for(asyncio.wrap_future(found), timeout)
            except (TimeoutError, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and not found.cancelled():
                    raise
                return []
            found = await self._engine.in_engine(lambda: self._events(arn))
        texts = Texts.of(found[0]) if found else Texts()
        shown: list[dict[str, Any]] = []
        for start in range(after, len(found), SLICE):
            shown += [to_aws(number, event, texts) for number, event in enumerate(found[start : start + SLICE], start + 1)]
            await asyncio.sleep(0)
        return shown

    def _watch(self, arn: str, after: int) -> list[Event] | Future[None]:
        live = self._engine.scheduler.live.get(arn)
        if live is None:
            row = self._engine.log.get(arn)
            return [] if row is not None and row.ended is not None and row.events == after else self._events(arn)
        if len(live.events) > after:
            return self._events(arn)
        watcher: Future[None] = Future()
        live.watchers.append(watcher)
        return watcher
