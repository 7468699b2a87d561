"""Rows of bars on one axis of time, with a playhead to be dragged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from nicegui import ui


class TimelineChart(ui.element, component="timeline.js"):
    """`rows` as `timeline.js` says. Calls `on_choose(key, event or None)`, `on_fold(key)`, `on_scrub(seconds or None: now)`."""

    def __init__(
        self,
        on_choose: Callable[[str, int | None], Any],
        on_fold: Callable[[str], Any],
        on_scrub: Callable[[float | None], Any],
        *,
        label: str,
    ) -> None:
        super().__init__()
        self.props["label"] = label
        self.rows: list[dict[str, Any]] = []
        self._told = False
        """Whether the browser has the rows: they go once, an update of anything else leaves them out."""
        self.show([], 0.0, open_=False)
        self.on("choose", lambda event: on_choose(str(event.args["key"]), event.args["event"]))
        self.on("fold", lambda event: on_fold(str(event.args)))
        self.on("again", self._again)
        self.on("scrub", lambda event: on_scrub(None if event.args is None else float(event.args)))

    def show(self, rows: list[dict[str, Any]], seconds: float, *, open_: bool) -> None:
        self.rows = rows
        self._again()
        self.props["seconds"] = seconds
        self.props["open"] = open_

    def _again(self) -> None:
        self._told = False
        self.update()

    def _to_dict(self) -> dict[str, Any]:
        made = super()._to_dict()
        if self._told:
            return made
        self._told = True
        text = orjson.dumps(self.rows).decode()  # as a text: NiceGUI looks into every list and object of a property, several times
        return {**made, "props": {**self._props, "text": text}}

    def choose(self, key: str | None, event: int | None) -> None:
        self._mark("chosen", key)
        self._mark("chosen-event", event)

    def playhead(self, seconds: float | None) -> None:
        self._mark("playhead", seconds)

    def _mark(self, name: str, value: Any) -> None:
        if self.props.get(name) != value:
            self.props[name] = value
