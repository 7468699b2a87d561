"""The difference of two JSON values on the page: changed lines with a sign, unchanged ones left out."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from studio.asl.difference import Gap, Line, folded


class Difference(ui.element, component="difference.js"):
    """`lines` as `asl.difference.lines` gives them."""

    def __init__(self, lines: Sequence[Line], label: str) -> None:
        super().__init__()
        self.props["rows"] = [["gap", _gap(one)] if isinstance(one, Gap) else [one.kind, one.text] for one in folded(lines)]
        self.props["label"] = label


def _gap(gap: Gap) -> str:
    return f"{gap.count} lines unchanged"
