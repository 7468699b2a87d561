"""Doing something often asked for no more often than the eye needs it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks

if TYPE_CHECKING:
    from collections.abc import Callable


class Paced:
    """Calls `do` when asked: at once where `seconds` have passed since the last time, else when they have, however often it was asked.

    Concurrency model: on the event loop of the pages. `do` opens the page's context itself.
    """

    def __init__(self, do: Callable[[], Any], seconds: float) -> None:
        self.do, self.seconds = do, seconds
        self._last = -seconds
        self._waiting = False

    def ask(self) -> None:
        left = self._last + self.seconds - time.monotonic()
        if left <= 0:
            self.now()
        elif not self._waiting:
            self._waiting = True
            background_tasks.create(self._later(left), name="paced")

    def now(self) -> None:
        """Without waiting: what must not be late, such as the end of a run."""
        self._last = time.monotonic()
        self.do()

    async def _later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._waiting = False
        self.now()
