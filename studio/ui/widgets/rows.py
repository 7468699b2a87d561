"""A long table of which only the rows in view are in the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui


class Rows(ui.element, component="rows.js"):
    """`columns`: [{"name", "label", "width" (CSS grid track), "class"?, "kind"?: "status" or "spans"}]; `rows`: [{"id", <column name>: text, "attributes"?: {…}}].

    A cell of kind `status` is {"tone", "icon", "word"}, one of `spans` [[start, end, tone], …] in parts of the whole (0 to 1). `follow` keeps the last row in view while rows arrive.
    """

    def __init__(
        self,
        columns: list[dict[str, Any]],
        rows: list[dict[str, Any]],
        on_choose: Callable[[Any], Any],
        *,
        label: str,
        follow: bool = False,
    ) -> None:
        super().__init__()
        self.props["columns"] = columns
        self.props["rows"] = rows
        self.props["label"] = label
        self.props["follow"] = follow
        self.on("choose", lambda event: on_choose(event.args))

    def show(self, rows: list[dict[str, Any]]) -> None:
        self.props["rows"] = rows

    def choose(self, identity: Any) -> None:
        self.props["chosen"] = identity
