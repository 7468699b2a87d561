"""Drawing no more often than the eye needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.ui.paced import Paced


async def test_what_is_asked_for_often_is_done_at_once_and_once_more_later(open_studio: Callable[[Path], Any], tmp_path: Path) -> None:
    await open_studio(tmp_path)
    done: list[int] = []
    twice = asyncio.Event()

    def do() -> None:
        done.append(1)
        if len(done) == 2:
            twice.set()

    paced = Paced(do, 0.05)
    for _ in range(5):
        paced.ask()
    assert len(done) == 1
    await asyncio.wait_for(twice.wait(), 10)
    await asyncio.sleep(0.1)
    assert len(done) == 2
    paced.ask()
    assert len(done) == 3
    paced.now()
    assert len(done) == 4
