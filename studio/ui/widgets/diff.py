"""Two texts compared, line by line, as text of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.asl.compare import Line

MAX_LINES = 3_000
"""Lines that are sent to the page; the rest is said to be left out."""


class Diff(ui.element, component="diff.js"):
    """Lines of `asl.compare.compare_lines`. A removed line has `-`, an added one `+`: never colour alone."""

    def __init__(self, lines: Sequence[Line] = (), *, label: str) -> None:
        super().__init__()
        self.props["label"] = label
        self.show(lines)

    def show(self, lines: Sequence[Line]) -> None:
        self.props["lines"] = [[line.kind, line.old, line.new, line.text, line.count] for line in lines[:MAX_LINES]]
        self.props["more"] = max(0, len(lines) - MAX_LINES)
