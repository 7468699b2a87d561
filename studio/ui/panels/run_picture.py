"""The graph of a run's page: drawn as the run is, or as it was at a moment; framed in the room it has; going along with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from studio.asl import tree
from studio.canvas import scene
from studio.canvas.element import Canvas
from studio.exec.views.counts import counts_of
from studio.exec.views.framed import taken_of
from studio.exec.views.moment import Moments, front
from studio.ui.watch import statuses_of
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.graph import Graph, StateNode
    from studio.exec.views.run import RunView
    from studio.ui.panels.list_view import RunList
    from studio.ui.panels.map_runs import MapRuns
    from studio.ui.watch import RunWatch


class Page(Protocol):
    """What is drawn, and which state and iterations are looked at; `list` has the same states as rows."""

    root: tree.Json
    graph: Graph
    watch: RunWatch
    frame: dict[str, int]
    state_name: str | None
    map_runs: MapRuns
    list: RunList


class RunPicture:
    """`intend` hears what is done on the canvas, `now` that the present is wanted again. Made where it is to stand."""

    def __init__(self, page: Page, label: str, intend: Callable[[dict[str, Any]], Any], now: Callable[[], Any]) -> None:
        self.page, self._now = page, now
        self.moments = Moments(page.root, page.graph)
        self.moment: float | None = None
        """The moment that is looked at, in seconds after the start; None: the present."""
        self.scene: scene.Scene | None = None
        self.collapsed: set[str] = set()
        self.framed = ""
        """The view in whose room the graph was framed last."""
        self._counts: dict[str, str] = {}
        self._followed: str | None = None
        with c.box("stage-body"), c.box("canvas-host"):
            self.canvas = Canvas(on_intent=intend, label=label, readonly=True)
        self.bar = c.box("moment", role="status", data_moment="")
        self.bar.set_visibility(False)

    def draw(self) -> None:
        """As the run is now, or was at the moment that is looked at; cheap where nothing happened."""
        page = self.page
        view = page.watch.view if self.moment is None else self.moments.at(page.watch.events, self.moment)
        statuses = page.watch.known(statuses_of(view, page.frame))
        page.list.draw(statuses)
        new = scene.build(
            page.root,
            graph=page.graph,
            collapsed=frozenset(self.collapsed),
            statuses=statuses,
            taken=taken_of(view, page.frame),
        )
        patch = scene.patch(self.scene, new)
        self.scene = new
        counts = counts_of(view, page.graph, page.frame) | (page.map_runs.counts if self.moment is None else {})
        changed = not scene.is_empty(patch)
        if changed:
            self.canvas.apply(patch)
        if counts and (changed or counts != self._counts):
            self.canvas.set_statuses(
                {
                    tree.to_text(node.pointer): {
                        "status": statuses[node.name],
                        **({"detail": counts[node.name]} if node.name in counts else {}),
                    }
                    for node in page.graph.states.values()
                    if node.name in statuses
                }
            )
        self._counts = counts
        self._follow(view)

    def fit(self, view: str) -> None:
        """In the room it has in `view`: all of it where that is legible, else the selected state, where the run is, or the start."""
        if self.scene is None:
            return
        self.framed = view
        name = self.page.state_name or (None if self.page.watch.ended else front(self.page.watch.view))
        node = self.page.graph.by_name(name) if name else None
        self.canvas.frame(self.scene.width, self.scene.height, tree.to_text(node.pointer) if node else "/States#start")

    def _follow(self, view: RunView) -> None:
        """Goes along with a run under way, or with the moment that is looked at."""
        page = self.page
        name = front(view) if self.moment is not None or not (page.watch.ended or page.state_name) else None
        node = page.graph.by_name(name) if name and name != self._followed else None
        self._followed = name
        if node is not None:
            self.canvas.follow(tree.to_text(node.pointer))

    def look_at(self, seconds: float | None) -> None:
        """As it was so many seconds after the start; None: as it is."""
        self.moment = seconds
        self.bar.clear()
        self.bar.set_visibility(seconds is not None)
        if seconds is not None:
            with self.bar:
                c.text(f"As it was {c.seconds(seconds)} after the start", "small num")
                c.button("Now", self._now, classes="quiet", data_now="")
        self.draw()

    def fold(self, identity: str) -> None:
        """A container shows what is inside it, or does not."""
        self.collapsed.symmetric_difference_update({identity})
        self.draw()

    def select(self, node: StateNode | None) -> None:
        """Marks a state, and brings it into view."""
        identity = tree.to_text(node.pointer) if node else ""
        self.canvas.select([identity] if node else [])
        if node:
            self.canvas.focus(identity)
