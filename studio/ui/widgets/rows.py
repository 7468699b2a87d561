"""A long table of which only the rows in view are in the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from nicegui import ui


class Rows(ui.element, component="rows.js"):
    """`columns`: [{"name", "label", "width" (CSS grid track), "class"?, "kind"?: "status", "spans" or "pick"}]; `rows`: [{"id", <column name>: text, "attributes"?: {…}}].

    A cell of kind `status` is {"tone", "icon", "word"}, one of `spans` [[start, end, tone], …] in parts of the whole (0 to 1). One of `pick` is a tick box (the value is
    what it is called), of which `on_pick` is told the row's id. `follow` keeps the last row in view while rows arrive; `on_more` is called
    when the end comes into view while there is more. `marks`: attributes of every row, by the column their value is in.
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
        self.props["columns"] = columns
        self.rows: list[dict[str, Any]] = []
        self.show(rows)
        self.props["label"] = label
        self.props["marks"] = marks or {}
        self.props["follow"] = follow
        self.on("choose", lambda event: on_choose(event.args))
        if on_pick is not None:
            self.on("pick", lambda event: on_pick(event.args))
        if on_more is not None:
            self.on("more", on_more, [])

    def show(self, rows: list[dict[str, Any]], *, more: bool = False) -> None:
        self.rows = rows
        self.props["text"] = orjson.dumps(rows).decode()  # as a text: NiceGUI looks into every list and object of a property, several times
        if self.props.get("more", False) != more:
            self.props["more"] = more

    def choose(self, identity: Any) -> None:
        self.props["chosen"] = identity
