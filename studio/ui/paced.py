"""Doing something often asked for no more often than the eye needs it."""

from __future__ import annotations

import asyncio
import time
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Paced:
    """Calls `do` when asked: at once where `seconds` have passed since the last time, else when they have, however often it was asked.

    Concurrency model: on the event loop of the pages. `do` opens the page's context itself; where it waits for something, the time counts from
    its end, and what was asked for meanwhile comes once more after it. `clock` and `sleep` are time's own but for tests.
    """

    def __init__(
        self,
        do: Callable[[], Any],
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self.do, self.seconds, self.clock, self.sleep = do, seconds, clock, sleep
        self._last = -float("inf")
        self._waiting = self._doing = self._again = False

    def ask(self) -> None:
        if self._doing:
            self._again = True
            return
        left = self._last + self.seconds - self.clock()
        if left <= 0:
            self.now()
        elif not self._waiting:
            self._waiting = True
            background_tasks.create(self._later(left), name="paced")

    def now(self) -> None:
        """Without waiting: what must not be late, such as the end of a run."""
        self._last = self.clock()
        answer = self.do()
        if isawaitable(answer):
            self._doing = True
            background_tasks.create(self._finish(answer), name="paced")

    async def _later(self, seconds: float) -> None:
        await self.sleep(seconds)
        self._waiting = False
        self.ask()

    async def _finish(self, answer: Awaitable[Any]) -> None:
        try:
            await answer
        finally:
            self._last, self._doing = self.clock(), False
            if self._again:
                self._again = False
                self.ask()
