"""What was typed and is not in the document yet: a field first asks what its text gives, then the document takes it over.

Until it is there, a change of another field takes nothing from this one, and a command (save, undo, run) waits: it is meant for
the document with what was typed before it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

PATIENCE = 2.0
"""Seconds a command waits at most: something that hangs must not keep a person from saving."""


class UnderWay:
    """Entered while a text is on its way to the document; `whole` counts it as well."""

    def __init__(self, whole: UnderWay | None = None) -> None:
        self.count = 0
        self._whole = whole
        self._none = asyncio.Event()
        self._none.set()

    def __enter__(self) -> None:
        self.count += 1
        self._none.clear()
        if self._whole is not None:
            self._whole.__enter__()

    def __exit__(self, *error: object) -> None:
        self.count -= 1
        if not self.count:
            self._none.set()
        if self._whole is not None:
            self._whole.__exit__(*error)

    def noting(self, work: Callable[[Any], Coroutine[Any, Any, None]]) -> Callable[[Any], Coroutine[Any, Any, None]]:
        """A handler that entered as soon as its event is there: its own turn may come after that of a change from elsewhere."""

        async def done(event: Any) -> None:
            try:
                await work(event)
            finally:
                self.__exit__()

        def entered(event: Any) -> Coroutine[Any, Any, None]:
            self.__enter__()
            return done(event)

        return entered

    async def arrived(self) -> None:
        """Waits until nothing is on its way, at most `PATIENCE`."""
        if not self.count:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._none.wait(), PATIENCE)
