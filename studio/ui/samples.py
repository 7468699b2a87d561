"""What a state saw, out of whatever is at hand: the run on the canvas, the newest run that was kept, a rehearsal on the sample input.

Theory of operation: `Samples.of` asks one after the other and stops at the first that came to the state. Kept runs are read once; the
rehearsal (`exec.rehearsal`: the mocks alone, virtual time, no effects) is made anew when the definition, the sample input or the mocks
are others, but never so often that it takes more than a tenth of the time: until then the one before serves, whose data upstream of
what is being typed is the same, and `renewed` is called once there is a newer one. The two slow ones run in threads.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks

from studio.asl.sidefile import filled
from studio.errors import StudioError
from studio.exec.performers.mock import Mocks
from studio.exec.rehearsal import rehearse
from studio.exec.views.run import project
from studio.ui.live import Sample, is_first, of_run, of_the_sample_input, seen_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from studio.asl.completion import Seen
    from studio.asl.graph import StateNode
    from studio.exec.views.run import RunView
    from studio.ui.view import EditorView

FRESH = 15.0
"""Seconds for which the list of the kept runs is not asked again."""
RUNS = 3
"""Kept runs that are looked through."""
PART = 10
"""A rehearsal that took a second is not repeated for this many."""


class Samples:
    """One per tab."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        self._asked = float("-inf")
        self._kept: list[str] = []
        self._runs: dict[str, RunView] = {}
        self._rehearsal: tuple[Any, RunView | None] = (None, None)
        self._rehearsing = False
        self._next = 0.0
        self.renewed: Callable[[], Any] = lambda: None
        self._turn = asyncio.Lock()

    async def of(self, node: StateNode | None, wants: Callable[[Sample], bool] = lambda _: True) -> Sample | None:
        """What the state saw last; None where nothing tells. Of several the first that `wants` says yes to, else the first of all: fields behind
        the work ask for a sample with a result, though the last run may have failed before there was one.
        """
        if node is None:
            return None
        first: Sample | None = None
        async with aclosing(self._told(node)) as told:
            async for found in told:
                if wants(found):
                    return found
                first = first or found
        return first

    async def _told(self, node: StateNode) -> AsyncGenerator[Sample]:
        """The samples of a state, the most telling first; the slow ones only where they are asked for."""
        view, watch = self.view, self.view.session.run
        if watch is not None and (found := of_run(watch.view, view.graph, node, "the last run")) is not None:
            yield found
        if is_first(view.graph, node) and (begun := of_the_sample_input(view, node)) is not None:
            yield await self._answered(begun, node)
        async with self._turn:
            kept = await self._kept_runs()
        for run in kept:
            if (found := of_run(run, view.graph, node, "the last run")) is not None:
                yield found
        async with self._turn:
            rehearsed = await self._rehearsed()
        if rehearsed is not None and (found := of_run(rehearsed, view.graph, node, "a rehearsal on the sample input")) is not None:
            yield found

    async def _answered(self, begun: Sample, node: StateNode) -> Sample:
        """The first state's sample with what its work answers, where the rehearsal tells."""
        async with self._turn:
            rehearsed = await self._rehearsed()
        found = of_run(rehearsed, self.view.graph, node, begun.title) if rehearsed is not None else None
        return found if found is not None and found.input == begun.input else begun

    async def seen(self, node: StateNode | None) -> Seen:
        """The same for completion."""
        return seen_in(node, await self.of(node))

    async def _kept_runs(self) -> list[RunView]:
        session, engine = self.view.session, self.view.studio.engine
        now = time.monotonic()
        if now - self._asked > FRESH:
            self._asked = now
            try:
                listed = await engine.search_executions(workflow=session.path, maxResults=RUNS)
                self._kept = [str(item["executionArn"]) for item in listed["executions"] if item["status"] != "RUNNING"]
                for arn in self._kept:
                    if arn not in self._runs:
                        events = await engine.wait_events(arn, 0, 0.0)
                        self._runs[arn] = await asyncio.to_thread(project, session.document.root, events)
                self._runs = {arn: self._runs[arn] for arn in self._kept}
            except StudioError:
                pass  # what cannot be read tells nothing
        return [self._runs[arn] for arn in self._kept if arn in self._runs]

    async def _rehearsed(self) -> RunView | None:
        """The rehearsal of what is on the screen; the one before while a newer one goes on."""
        session = self.view.session
        side = session.side
        key = (session.document, side.input_text, side.mocks_text, side.chosen)
        if key != self._rehearsal[0] and self._next <= time.monotonic() and session.document.valid and not self._rehearsing:
            self._rehearsing = True
            if self._rehearsal[0] is None:
                await self._rehearse(key)
            else:
                background_tasks.create(self._rehearse_again(key), name="rehearsal")
        return self._rehearsal[1]

    async def _rehearse_again(self, key: tuple[Any, ...]) -> None:
        before = self._rehearsal[1]
        await self._rehearse(key)
        if self._rehearsal[1] is not before:
            self.renewed()

    async def _rehearse(self, key: tuple[Any, ...]) -> None:
        session, began = self.view.session, time.monotonic()
        side = session.side
        try:
            mocks = side.mocks.choose(case=side.chosen) if side.mocks is not None else Mocks({})
            root = filled(session.document.root, side.own.placeholders)
            run = await asyncio.to_thread(rehearse, root, side.input_text.strip() or "{}", mocks)
            self._rehearsal = (key, run if run is not None else self._rehearsal[1])
        except StudioError:
            self._rehearsal = (key, None)
        finally:
            self._rehearsing = False
            now = time.monotonic()
            self._next = now + (now - began) * PART
