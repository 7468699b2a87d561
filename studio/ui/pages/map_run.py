"""`/runs/<ARN of a Map Run>`: a Distributed Map's children: how far it is, how fast, what failed; its limits, to be changed while it runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from studio.errors import ServiceError
from studio.exec.views.map_run import Progress, progress, tolerance
from studio.ui.pages.runs import PLAIN, address, plain_row
from studio.ui.panels.map_runs import TONES
from studio.ui.shell import Shell
from studio.ui.times import between, exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from studio.ui.context import Studio

SHOWN = 500
"""Children listed at most; the status filter leads to the others."""
WORDS = {
    "succeeded": "succeeded",
    "failed": "failed",
    "timedOut": "timed out",
    "aborted": "stopped",
    "running": "running",
    "pending": "pending",
}
LIMITS = {
    "maxConcurrency": ("Children at once", "0: as many as there are"),
    "toleratedFailureCount": ("Tolerated failures", "Items that may fail"),
    "toleratedFailurePercentage": ("Tolerated failures in percent", "0 to 100"),
}


async def page(studio: Studio, arn: str, status: str = "") -> None:
    """Of the workspace or, where it does not know the Map Run, of AWS."""
    shell = Shell(studio, "Map Run")
    try:
        engine, told = await studio.ask("describe_map_run", mapRunArn=arn)
    except ServiceError as problem:
        shell.tell_missing("Map Run", f"{problem} It may belong to another workspace, or have been removed.", "All runs", "/runs")
        return
    board = MapRunBoard(engine, arn, told, status if status in c.EXECUTION_STATUS else "")
    with shell.frame("runs"):
        board.build()
    await board.refresh()
    ui.timer(1.0, board.refresh)


class MapRunBoard:
    """Draws anew what changed, once a second while the Map Run is under way."""

    def __init__(self, engine: Any, arn: str, told: dict[str, Any], status: str) -> None:
        self.engine, self.arn, self.told, self.status = engine, arn, told, status
        self.shown: Any = None
        self.ended = False

    def build(self) -> None:
        label = self.arn.split(":mapRun:")[-1].split(":")[0]
        with c.box("page-head"):
            c.text(f"Map Run of {label.rpartition('/')[0]}", "grow clip", "h1", title=self.arn)
            c.link("Its execution", address(self.told["executionArn"]), icon_name="account_tree", data_parent="")
        self.head = c.box("row", role="status", data_map_run="")
        self.bar = c.box("map-bar", "div", role="img", data_progress="")
        self.counts = c.box("row small")
        with c.box("card").style("padding:12px 16px"), c.box("row map-limits"):
            self.fields = {name: self._limit(name, title, hint) for name, (title, hint) in LIMITS.items()}
            c.box("grow")
            self.apply = c.button("Change", self._change, data_change_limits="")
        with c.box("row"):
            statuses = {"": "All children", **{k: c.STATUS[v][1] for k, v in c.EXECUTION_STATUS.items() if k != "PENDING_REDRIVE"}}
            c.choice(statuses, self.status, self._filter, label="Status", data_filter="status").style("width:160px")
        with c.box("card runs-list"):
            self.table = Rows(PLAIN, [], lambda arn: ui.navigate.to(address(str(arn))), label="Child executions")

    def _limit(self, name: str, title: str, hint: str) -> Any:
        with c.box("field", "label").style("width:190px"):
            c.text(title, "field-name", "span")
            field = ui.input(value=str(self.told.get(name, 0)), placeholder=hint).props("outlined dense")
            c.attributes(field, aria_label=title, data_limit=name, inputmode="numeric")
        return field

    async def _filter(self, status: str) -> None:
        self.status, self.shown = status, None
        ui.navigate.history.replace(address(self.arn) + (f"?status={quote(status)}" if status else ""))
        self.ended = False
        await self.refresh()

    async def _change(self) -> None:
        """UpdateMapRun with the limits that are others now."""
        changed: dict[str, Any] = {}
        for name, field in self.fields.items():
            try:
                value = float(str(field.value)) if name.endswith("Percentage") else int(str(field.value))
            except ValueError:
                c.toast(f"{LIMITS[name][0]}: {field.value!r} is not a number.")
                return
            if value != self.told.get(name):
                changed[name] = value
        if not changed:
            c.toast("Nothing was changed.")
            return
        try:
            await self.engine.update_map_run(mapRunArn=self.arn, **changed)
        except ServiceError as problem:
            c.toast(problem.message, seconds=6)
            return
        c.toast("Changed: " + ", ".join(LIMITS[name][0].lower() for name in changed))
        await self.refresh()

    async def refresh(self) -> None:
        if self.ended:
            return
        wanted = {"statusFilter": self.status} if self.status else {}
        try:
            self.told = await self.engine.describe_map_run(mapRunArn=self.arn)
            children = (await self.engine.list_executions(mapRunArn=self.arn, maxResults=SHOWN, **wanted))["executions"]
        except ServiceError as problem:
            self.head.clear()
            with self.head:
                c.text(str(problem), "note error")
            return
        self.ended = self.told["status"] != "RUNNING"
        state = (self.told["itemCounts"], self.told["status"], [(one["executionArn"], one["status"]) for one in children])
        if state == self.shown and self.ended:
            return
        self.shown = state
        self._draw(progress(self.told, datetime.now(UTC)))
        self.table.show([_row(child) for child in children])
        c.change(self.apply, disabled=self.ended or None)

    def _draw(self, now: Progress) -> None:
        self.head.clear()
        with self.head:
            c.status_chip(c.execution(self.told["status"]))
            c.text(str(now), "grow num", data_progress_text="")
            c.text(tolerance(self.told), "dim num", data_tolerance="")
            if self.told.get("redriveCount"):
                c.text(f"redriven {self.told['redriveCount']} ×", "dim small")
            c.text(between(self.told["startDate"], self.told.get("stopDate")), "num", title=exact(self.told["startDate"]))
        self.bar.clear()
        c.change(self.bar, aria_label=str(now))
        with self.bar:
            for name, share in now.shares:
                c.box("map-part", "span", data_tone=TONES[name]).style(f"width:{share * 100:.3f}%")
        self.counts.clear()
        with self.counts:
            for name, count in now.counts.items():
                c.text(f"{count:,} {WORDS[name]}", "dim num", data_count=name)


def _row(child: dict[str, Any]) -> dict[str, Any]:
    """A child under the columns `PLAIN`, with which item (or batch of items) it is where that is known: of runs of the workspace."""
    row, index = plain_row(child), (child.get("begun") or {}).get("index")
    return row if index is None else {**row, "name": f"#{index}  {row['name']}"}
