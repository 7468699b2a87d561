"""The run of an editor's session as the run panel sees it (`panels.run.RunSource`): it follows the editor's selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.asl import tree
from studio.ui.view import Look

if TYPE_CHECKING:
    from studio.exec.views.run import Visit
    from studio.ui.view import EditorView
    from studio.ui.watch import RunWatch


class SessionRun:
    """The editor's run, for the run panel."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        self.event: int | None = None

    @property
    def watch(self) -> RunWatch | None:
        return self.view.session.run

    @property
    def state_name(self) -> str | None:
        return self.view.selected.name if self.view.selected else None

    @property
    def frame(self) -> dict[str, int]:
        return self.view.frame

    def go(self, state: str) -> None:
        if node := self.view.graph.by_name(state):
            self.view.select([tree.to_text(node.pointer)], origin="run")

    def show_visit(self, visit: Visit) -> None:
        self.event = visit.entered_id

    def set_frame(self, state: str, index: int | None) -> None:
        if index is None:
            self.view.frame.pop(state, None)
        else:
            self.view.frame[state] = index
        self.view.look(Look.FRAME)
