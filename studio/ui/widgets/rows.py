"""A long table of which only the rows in view are in the page."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from nicegui import ui

PART = 200
"""Rows that a sparse table sends at once; what is in view and more around it asks for no more."""
MOST = 2000
"""Rows the browser may ask for at once."""


class Rows(ui.element, component="rows.js"):
    """`columns`: [{"name", "label", "width" (CSS grid track), "class"?, "kind"?: "status", "spans" or "pick", "spare"?: number}]; `rows`: [{"id", <column name>: text, "attributes"?: {…}}].

    Where the table is too narrow for its columns, those that can be spared are left out, the highest `spare` first.

    A cell of kind `status` is {"tone", "icon", "word"}, one of `spans` [[start, end, tone], …] in parts of the whole (0 to 1). One of `pick` is a tick box (the value is
    what it is called), of which `on_pick` is told the row's id. `follow` keeps the last row in view while rows arrive; `on_more` is called
    when the end comes into view while there is more. `marks`: attributes of every row, by the column their value is in.

    The rows go to the browser once: an update of anything else leaves them out, and rows that were appended go alone. They go as text,
    for NiceGUI looks into every list and object of a property several times, and as lists of values, the names told once.

    A `sparse` table sends the rows around what is in view, and others when they are scrolled to: 25,000 rows would hold the page up. Its
    rows may be any sequence that makes them when asked; their ids are numbers that ascend.
    """

    def __init__(
        self,
        columns: list[dict[str, Any]],
        rows: Sequence[dict[str, Any]],
        on_choose: Callable[[Any], Any],
        *,
        label: str,
        follow: bool = False,
        sparse: bool = False,
        on_pick: Callable[[Any], Any] | None = None,
        on_more: Callable[[], Any] | None = None,
        marks: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.rows = rows
        self.sparse = sparse
        self._told: int | None = None
        """Of how many of the rows the browser knows; None: it has others, or none yet."""
        self._edition = 0
        """Counts the times that the rows were others: what was asked for about earlier ones is too late."""
        self.props["columns"] = columns
        self.props["label"] = label
        self.props["marks"] = marks or {}
        self.props["follow"] = follow
        self.on("choose", lambda event: on_choose(event.args))
        self.on("again", self._again)
        self.on("need", lambda event: self._send(event.args))
        if on_pick is not None:
            self.on("pick", lambda event: on_pick(event.args))
        if on_more is not None:
            self.on("more", on_more, [])

    def show(self, rows: Sequence[dict[str, Any]], *, more: bool = False) -> None:
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

    def _send(self, asked: Any) -> None:
        """Rows that came into view: `asked` is [edition, from, to]."""
        edition, first, last = (int(number) for number in asked)
        if edition == self._edition and 0 <= first < last:
            self.run_method("fill", edition, first, packed(self.rows[first : min(last, first + MOST)]))

    def _to_dict(self) -> dict[str, Any]:
        made = super()._to_dict()
        added: dict[str, Any] = {}
        if self.sparse and (chosen := self._props.get("chosen")) is not None:
            added["place"] = self._place(chosen)
        if self._told != len(self.rows):
            added["told"] = self._news(added.get("place"))
        return {**made, "props": {**self._props, **added}} if added else made

    def _place(self, identity: Any) -> int:
        """Where a row is; -1 where it is not among them."""
        at = bisect_left(self.rows, identity, key=lambda row: row["id"])
        return at if at < len(self.rows) and self.rows[at]["id"] == identity else -1

    def _news(self, place: int | None) -> dict[str, Any]:
        """What the browser is told of the rows: all of those it does not know, of a sparse table those it will show first."""
        count, fresh = len(self.rows), self._told is None
        first, last = self._told or 0, count
        if self.sparse:
            first, last = part(count, self._told, place, follow=bool(self._props["follow"]))
        if fresh:
            self._edition += 1
        self._told = count
        text = packed(self.rows[first:last]) if first < last else ""
        return {"edition": self._edition, "fresh": fresh, "count": count, "at": first, "text": text}


def part(count: int, told: int | None, place: int | None, *, follow: bool) -> tuple[int, int]:
    """Which of the rows [from, to) a sparse table sends unasked: those around the chosen one, else where it is scrolled to. `told`: how
    many the browser knows of already; `place`: where the chosen row is, None while there is none, -1 where it is not among the rows.
    """
    if place is not None and place >= 0:
        return (max(0, place - PART // 2), min(count, place + PART // 2)) if told is None else (count, count)
    if follow:
        return max(told or 0, count - PART), count
    return (0, min(count, PART)) if told is None else (count, count)


def packed(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as JSON text: `{"names": […], "rows": [[…], …]}`."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return orjson.dumps({"names": names, "rows": [[row.get(name) for name in names] for row in rows]}).decode()
