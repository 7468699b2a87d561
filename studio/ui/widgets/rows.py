"""A long table of which only the rows in view are in the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from nicegui import ui


class Rows(ui.element, component="rows.js"):
    """`columns`: [{"name", "label", "width" (CSS grid track), "class"?, "kind"?: "status", "spans" or "pick"}]; `rows`: [{"id", <column name>: text, "attributes"?: {…}}].

    A cell of kind `status` is {"tone", "icon", "word"}, one of `spans` [[start, end, tone], …] in parts of the whole (0 to 1). One of `pick` is a tick box (the value is
    what it is called), of which `on_pick` is told the row's id. `follow` keeps the last row in view while rows arrive; `on_more` is called
    when the end comes into view while there is more. `marks`: attributes of every row, by the column their value is in.

    The rows go to the browser once: an update of anything else leaves them out, and rows that were appended go alone. They go as text,
    for NiceGUI looks into every list and object of a property several times, and as lists of values, the names told once.
    """

    def __init__(
        self,
        columns: list[dict[str, Any]],
        rows: list[dict[str, Any]],
        on_choose: Callable[[Any], Any],
        *,
        label: str,
        follow: bool = False,
        on_pick: Callable[[Any], Any] | None = None,
        on_more: Callable[[], Any] | None = None,
        marks: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = rows
        self._told: int | None = None
        """How many of the rows the browser has; None: it has others, or none yet."""
        self.props["columns"] = columns
        self.props["label"] = label
        self.props["marks"] = marks or {}
        self.props["follow"] = follow
        self.on("choose", lambda event: on_choose(event.args))
        self.on("again", self._again)
        if on_pick is not None:
            self.on("pick", lambda event: on_pick(event.args))
        if on_more is not None:
            self.on("more", on_more, [])

    def show(self, rows: list[dict[str, Any]], *, more: bool = False) -> None:
        """Other rows than before."""
        self.rows = rows
        self._told = None
        if self.props.get("more", False) != more:
            self.props["more"] = more
        self.update()

    def append(self, rows: Sequence[dict[str, Any]]) -> None:
        """Further rows, after those that are there."""
        if rows:
            self.rows = [*self.rows, *rows]
            self.update()

    def choose(self, identity: Any) -> None:
        self.props["chosen"] = identity

    def _again(self) -> None:
        """The browser has lost count."""
        self._told = None
        self.update()

    def _to_dict(self) -> dict[str, Any]:
        made = super()._to_dict()
        if self._told == len(self.rows):
            return made
        new = self.rows if self._told is None else self.rows[self._told :]
        told = {"from": self._told or 0, "text": packed(new)}
        self._told = len(self.rows)
        return {**made, "props": {**self._props, "told": told}}


def packed(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as JSON text: `{"names": […], "rows": [[…], …]}`."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return orjson.dumps({"names": names, "rows": [[row.get(name) for name in names] for row in rows]}).decode()
