"""The line under a field that says what its expression gives: "→ 42", or why it gives nothing."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks

from studio.asl.field_data import WORKS
from studio.asl.tree import MISSING
from studio.ui.live import Kind, Told, caught, for_an_item, value_of
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.field_data import Stage
    from studio.asl.graph import StateNode
    from studio.asl.tree import Pointer
    from studio.ui.live import Sample
    from studio.ui.widgets.form import Form

PATIENCE = 0.2
"""Seconds an edit waits at most for the value of what was typed."""
LEAVING = 0.004
"""Seconds in which a value leaves for the browser: outbox and socket take some turns of the event loop, which an edit would keep busy."""


class LiveLine:
    """One line under a field; `catcher` is the catcher that the field belongs to, `items`: it is worked out for each item of a Map. `tell` evaluates in a thread; of several at once the last one is shown. `told` waits for that, not for long: what
    somebody types is answered before the document, and all that is drawn from it, takes it over.
    """

    def __init__(self, form: Form, kind: Kind, stage: Stage = "input", catcher: Pointer = (), *, items: bool = False) -> None:
        self.form = form
        self.kind: Kind = kind
        self.stage: Stage = stage
        self.catcher = catcher
        self.items = items
        self.asked: Any = None
        self.busy = False
        self._idle = asyncio.Event()
        self.line: Any = None

    def draw(self) -> None:
        """To be called where the line shall stand."""
        self.line = c.text("", "live", "div", data_live="")
        self.line.set_visibility(False)

    def tell(self, value: Any) -> None:
        """Shows what a value gives; MISSING clears the line."""
        self.asked = value
        if not self.busy:
            self.busy = True
            self._idle.clear()
            background_tasks.create(self._evaluate(), name="live value")

    async def _evaluate(self) -> None:
        view = self.form.view
        try:
            while True:
                value = self.asked
                node = view.node_at(self.form.base)
                sample = await view.samples.of(node, self._wants(node)) if value is not MISSING else None
                held = node.value if node is not None and isinstance(node.value, dict) else {}
                if sample is not None and node is not None and self.items:
                    sample = for_an_item(node, sample)
                if sample is not None and self.catcher:
                    sample = caught(sample, self.form.value((*self.catcher, "ErrorEquals")))
                told = await asyncio.to_thread(self._told, value, sample, held) if sample is not None else None
                if value is self.asked:
                    break
            if not self.line.is_deleted:
                self._show(told, sample)
        finally:
            self.busy = False
            self._idle.set()

    async def told(self) -> None:
        """Waits until the line shows what the last value gives and the browser hears of it, at most `PATIENCE`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), PATIENCE)
        await asyncio.sleep(LEAVING)

    def _wants(self, node: StateNode | None) -> Callable[[Sample], bool]:
        """What a sample has to tell for this line."""
        if self.stage == "error":
            return lambda sample: sample.error is not MISSING
        behind = self.stage in {"result", "selected", "joined"} and node is not None and node.type in WORKS
        return lambda sample: sample.result is not MISSING or not behind

    def _told(self, value: Any, sample: Sample, state: Any) -> Told | None:
        return value_of(value, self.kind, sample, stage=self.stage, state=state)

    def _show(self, told: Told | None, sample: Sample | None) -> None:
        self.line.set_visibility(told is not None)
        if told is not None:
            self.line.set_text(f"→ {told.text}" if told.good else told.text)
            self.line.classes(replace="live" if told.good else "live bad")
            c.change(self.line, title=f"On {sample.title if sample else 'nothing'}")
