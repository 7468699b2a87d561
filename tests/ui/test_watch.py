"""Watches shared by tabs, and what a long list tells the browser."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
from nicegui import core

from studio.errors import ServiceError
from studio.exec.local import LocalStepFunctions
from studio.exec.performers.mock import Mocks
from studio.ui import watch as watching
from studio.ui.watch import KEPT, RunWatch, Watches, collector_at_rest
from studio.ui.widgets.rows import PART, packed, part

TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": True}
MACHINE = {"StartAt": "Do", "States": {"Do": TASK}}
FAILS_ONCE = {
    "StateMachines": {"m": {"TestCases": {"Happy": {"Do": "r"}}}},
    "MockedResponses": {"r": {"0": {"Throw": {"Error": "Busy", "Cause": ""}}, "1-9": {"Return": {"ok": True}}}},
}


@pytest.fixture
async def engine(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalStepFunctions]:
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())  # what NiceGUI's tasks run on
    made = LocalStepFunctions(None)
    await made.start()
    yield made
    await made.aclose()


async def until(condition: Callable[[], Any]) -> None:
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def failed(engine: LocalStepFunctions) -> str:
    arn = await engine.run_definition(json.dumps(MACHINE), "{}", mocks=Mocks.load(FAILS_ONCE), name="once")
    await engine.ended(arn)
    return str(arn)


async def test_tabs_share_a_watch_and_a_redrive_is_followed_by_all(engine: LocalStepFunctions) -> None:
    watches = Watches()
    arn = await failed(engine)
    first = watches.of(engine, arn, MACHINE, interval=0.001)
    told: list[str] = []
    leave = first.subscribe(lambda: told.append(first.view.status))
    await until(lambda: first.ended)
    assert watches.of(engine, arn, MACHINE, interval=0.001) is first
    count = len(first.events)
    await engine.redrive_execution(executionArn=arn)
    await engine.ended(arn)
    again = watches.of(engine, arn, MACHINE, interval=0.001)
    await until(lambda: told and told[-1] == "SUCCEEDED")
    assert again is first
    assert [row["type"] for row in first.listed()[count:]][:2] == ["ExecutionRedriven", "TaskScheduled"]
    assert [event["id"] for event in first.events] == list(range(1, len(first.events) + 1))
    leave()


async def test_a_watch_that_nobody_follows_stands_still_and_goes_on_later(engine: LocalStepFunctions) -> None:
    waiting = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    watches = Watches()
    arn = await engine.run_definition(json.dumps(waiting), "{}", name="long")
    watch = watches.of(engine, arn, waiting, interval=0.001)
    leave = watch.subscribe(lambda: None)
    await until(lambda: len(watch.events) == 2)
    watches.rest()
    assert watch._task is not None
    leave()
    watches.rest()
    assert watch._task is None
    await engine.stop_execution(executionArn=arn)
    assert watches.of(engine, arn, waiting, interval=0.001) is watch
    await until(lambda: watch.view.status == "ABORTED")


async def test_the_oldest_that_nobody_looks_at_are_forgotten(engine: LocalStepFunctions) -> None:
    watches = Watches()
    first = watches.of(engine, "arn:0", {}, interval=1)
    followed = watches.of(engine, "arn:1", {}, interval=1)
    followed.subscribe(lambda: None)
    others = [watches.of(engine, f"arn:{i}", {}, interval=1) for i in range(2, KEPT + 2)]
    await until(lambda: all(watch.problem for watch in (first, followed, *others)))
    watches.rest()
    held = list(watches._found.values())
    assert first not in held
    assert [watch in held for watch in (followed, *others)] == [True] * (KEPT + 1)


def test_the_collector_goes_on_as_it_was() -> None:
    assert gc.isenabled()
    with collector_at_rest():
        assert not gc.isenabled()
        with collector_at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_listed_rows_grow_with_the_events() -> None:
    watch = RunWatch(None, "arn", MACHINE)  # type: ignore[arg-type]
    assert not watch.listed()


def test_rows_are_packed_with_each_name_once() -> None:
    rows = [{"id": 1, "type": "A"}, {"id": 2, "class": "bad"}]
    assert orjson.loads(packed(rows)) == {"names": ["id", "type", "class"], "rows": [[1, "A", None], [2, None, "bad"]]}
    assert orjson.loads(packed([])) == {"names": [], "rows": []}


@pytest.mark.parametrize(
    ("count", "told", "place", "follow", "sent"),
    [
        (5000, None, None, True, (5000 - PART, 5000)),
        (50, None, None, True, (0, 50)),
        (5010, 5000, None, True, (5000, 5010)),
        (9000, 5000, None, True, (9000 - PART, 9000)),
        (5000, None, 2000, True, (2000 - PART // 2, 2000 + PART // 2)),
        (5000, None, 4990, True, (4990 - PART // 2, 5000)),
        (5000, None, 3, False, (0, 3 + PART // 2)),
        (5010, 5000, 2000, True, (5010, 5010)),
        (5000, None, -1, True, (5000 - PART, 5000)),
        (5000, None, None, False, (0, PART)),
        (5010, 5000, None, False, (5010, 5010)),
        (0, None, None, True, (0, 0)),
    ],
)
def test_which_rows_of_many_go_unasked(count: int, told: int | None, place: int | None, follow: bool, sent: tuple[int, int]) -> None:
    assert part(count, told, place, follow=follow) == sent


async def test_a_run_is_followed_in_spite_of_refusals_that_pass(engine: LocalStepFunctions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "REFUSED", 0.001)
    arn = await failed(engine)

    class Refusing:
        def __init__(self, *codes: str) -> None:
            self.codes = list(codes)

        async def wait_events(self, *given: Any) -> list[dict[str, Any]]:
            if self.codes:
                raise ServiceError(self.codes.pop(0), "Rate exceeded")
            return await engine.wait_events(*given)

    passing: Any = Refusing("ThrottlingException", "EndpointConnectionError")
    watch = RunWatch(passing, arn, MACHINE, interval=0.001)
    watch.start()
    await until(lambda: watch.ended)
    assert (watch.problem, watch.view.status) == (None, "FAILED")
    for_good: Any = Refusing("AccessDeniedException")
    watch = RunWatch(for_good, arn, MACHINE, interval=0.001)
    watch.start()
    await until(lambda: watch.ended)
    assert watch.problem == "Rate exceeded"
