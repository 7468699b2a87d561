"""The Map Runs of a run: how far each is, how many failed and may fail, over the graph while it goes on; its counts on the graph always.

It asks (`DescribeMapRun`) once a second for those under way, once for those that ended.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import background_tasks, ui

from studio.errors import StudioError
from studio.exec.views.framed import distributed
from studio.exec.views.links import links_of
from studio.exec.views.map_run import badge, progress, tolerance
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.graph import Graph
    from studio.exec.views.run import Visit
    from studio.ui.watch import RunWatch

SHOWN = 4
"""Map Runs under way that have a line of their own."""
TONES = {"succeeded": "succeeded", "failed": "failed", "timedOut": "timed-out", "aborted": "stopped", "running": "running"}


class MapRuns:
    """`counts` has what is counted on the graph, by state; `changed()` is called when it is otherwise. `frame`: the iterations looked at."""

    def __init__(self, watch: RunWatch, graph: Graph, frame: dict[str, int], changed: Callable[[], Any]) -> None:
        self.watch, self.frame, self.changed = watch, frame, changed
        self.client = ui.context.client
        self.states = [node.name for node in graph.states.values() if distributed(node)]
        self.told: dict[str, dict[str, Any]] = {}
        """What was answered last, by ARN."""
        self.counts: dict[str, str] = {}
        self._asking = False
        self._shown: Any = None
        self.root = c.box("map-runs", "div", role="status", aria_label="Map Runs under way")
        self.root.set_visibility(False)

    def look(self) -> None:
        """Once a second, and when the run has ended."""
        if self.states and not self._asking and not self.client.is_deleted:
            self._asking = True
            background_tasks.create(self._ask(), name="how far Map Runs are")

    def _arns(self) -> dict[str, str]:
        """The Map Run that each state began last, in the iterations that are looked at."""
        found: dict[str, str] = {}
        for name in self.states:
            state = self.watch.view.states.get(name)
            fitting: list[Visit] = [
                v for v in (state.visits if state else ()) if all(self.frame.get(level, index) == index for level, index in v.frame)
            ]
            links = links_of(fitting[-1], self.watch.events) if fitting else []
            if links:
                found[name] = links[-1][1]
        return found

    async def _ask(self) -> None:
        try:
            arns = self._arns()
            for arn in arns.values():
                if self.told.get(arn, {}).get("status", "RUNNING") == "RUNNING":
                    self.told[arn] = dict(await self.watch.engine.describe_map_run(mapRunArn=arn))
        except StudioError:
            return  # it is gone, or AWS does not answer now: nothing is told of it
        finally:
            self._asking = False
        if not self.client.is_deleted:
            with self.client:
                self._draw(arns)

    def _draw(self, arns: dict[str, str]) -> None:
        counts = {name: badge(self.told[arn]) for name, arn in arns.items()}
        going = [(name, arn, self.told[arn]) for name, arn in arns.items() if self.told[arn]["status"] == "RUNNING"]
        seen = [(arn, told["itemCounts"], tolerance(told)) for _, arn, told in going]
        if seen != self._shown:
            self._shown = seen
            self.root.set_visibility(bool(going))
            self.root.clear()
            with self.root:
                for name, arn, told in going[:SHOWN]:
                    _line(name, arn, told)
                if len(going) > SHOWN:
                    c.text(f"{len(going) - SHOWN} more Map Runs are under way.", "dim small")
        if counts != self.counts:
            self.counts = counts
            self.changed()


def _line(name: str, arn: str, told: dict[str, Any]) -> None:
    now = progress(told, datetime.now(UTC))
    with c.box("map-line", "a", href=f"/runs/{quote(arn, safe='')}", title="The Map Run's page, with its children", data_map_progress=name):
        c.text(name, "strong clip", "span")
        with c.box("map-bar", "span", role="img", aria_label=str(now)):
            for part, share in now.shares:
                c.box("map-part", "span", data_tone=TONES[part]).style(f"width:{share * 100:.3f}%")
        c.text(str(now), "num", "span", data_progress_text="")
        c.text(tolerance(told), "num dim", "span", data_tolerance="")
