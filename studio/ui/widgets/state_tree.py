"""The states of a workflow as a tree on the page, one element however many there are; the browser folds and walks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from nicegui import ui

from studio.canvas.outline import Row
from studio.ui.widgets import controls as c


class StateTree(ui.element, component="state_tree.js"):
    """`show` gives it rows, `choose` marks the selected ones. `on_choose(ids)`, `on_open(id)`, `on_move(id, -1 | 1)` hear of the person."""

    def __init__(
        self, label: str, on_choose: Callable[[list[str]], Any], on_open: Callable[[str], Any], on_move: Callable[[str, int], Any]
    ) -> None:
        super().__init__()
        self.props["label"] = label
        self.props["rows"] = []
        self.props["chosen"] = []
        self.on("choose", lambda event: on_choose([str(one) for one in event.args]))
        self.on("open", lambda event: on_open(str(event.args)))
        self.on("move", lambda event: on_move(str(event.args[0]), 1 if event.args[1] == 1 else -1))

    def show(self, rows: Sequence[Row], problems: dict[str, tuple[int, str]]) -> None:
        """`problems`: id -> how many, and their severity."""
        c.change(self, rows=[_told(row, problems.get(row.id)) for row in rows])

    def choose(self, ids: Sequence[str]) -> None:
        c.change(self, chosen=list(ids))


def _told(row: Row, problems: tuple[int, str] | None) -> dict[str, Any]:
    glyph, word = c.STATUS.get(row.status, ("help_outline", row.status)) if row.status else ("", "")
    count, severity = problems or (0, "")
    return {**asdict(row), "glyph": glyph, "word": word, "problems": count, "severity": severity}
