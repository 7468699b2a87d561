"""Clocks: the system's, and a virtual one that jumps over waits."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since the epoch. `skips` says whether waiting is done by jumping."""

    skips: bool

    def now(self) -> float: ...

    def wait(self, until: float) -> None:
        """Let time pass until an instant: by sleeping, or by jumping there."""
        ...


class SystemClock:
    skips = False

    def now(self) -> float:
        return round(time.time(), 3)

    def wait(self, until: float) -> None:
        remaining = until - time.time()
        if remaining > 0:
            time.sleep(remaining)


class VirtualClock:
    """Runs with the system's clock, plus what was skipped: timestamps stay in order and waits take no time."""

    skips = True

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return round(time.time() + self._ahead, 3)

    def wait(self, until: float) -> None:
        self._ahead += max(0.0, until - self.now())
