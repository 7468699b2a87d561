"""Drawing no more often than the eye needs it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

import pytest
from nicegui import core

from studio.settings import Settings
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


class Time:
    """A clock that stands still until it is told to go on; who sleeps by it wakes in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self.sleepers, (self.now + seconds, len(self.sleepers), woken))
        await woken

    async def go(self, until: float) -> None:
        while True:
            for _ in range(4):
                await asyncio.sleep(0)  # who is awake comes to its next sleep
            if not self.sleepers or self.sleepers[0][0] > until:
                break
            self.now, _, woken = heappop(self.sleepers)
            woken.set_result(None)
        self.now = until


@pytest.mark.parametrize("every", [0.001, 0.02, 0.049, 0.05, 0.0625, 0.3])
@pytest.mark.parametrize("drawing", [0.0, 0.004, 0.03, 0.2])
async def test_no_second_holds_more_than_twenty_pushes_and_the_last_news_is_told(
    monkeypatch: pytest.MonkeyPatch, every: float, drawing: float
) -> None:
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    time, dice = Time(), random.Random(f"{every} {drawing}")
    pushed: list[float] = []
    news = seen = 0

    async def push() -> None:
        nonlocal seen
        if drawing:
            await time.sleep(drawing * dice.random())  # the engine is asked first
        pushed.append(time.now)
        seen = news

    paced = Paced(push, Settings.model_fields["status_interval"].default, clock=time.clock, sleep=time.sleep)
    moment = 0.0
    while moment < 5:
        moment += 2 * every * dice.random() + (2.0 if dice.random() < 0.01 else 0.0)
        await time.go(moment)
        news += 1
        paced.ask()
    await time.go(moment + 1)
    assert seen == news
    assert len(pushed) > 5
    assert max(sum(start <= other < start + 1 for other in pushed) for start in pushed) <= 20


async def test_what_is_asked_for_while_it_is_done_is_done_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    time = Time()
    done: list[float] = []

    async def do() -> None:
        await time.sleep(1)
        done.append(time.now)

    paced = Paced(do, 0.5, clock=time.clock, sleep=time.sleep)
    paced.ask()
    await time.go(0.5)
    paced.ask()
    paced.ask()
    await time.go(10)
    assert done == [1, 2.5]
