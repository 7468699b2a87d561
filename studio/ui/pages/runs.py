"""`/runs`: every execution of this workspace, newest first; searched, filtered, two of them compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from studio.errors import StudioError
from studio.ui.shell import Shell
from studio.ui.times import ago, between, exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from studio.ui.context import Studio

COLUMNS = [
    {"name": "pick", "label": "Compare", "width": "60px", "kind": "pick"},
    {"name": "status", "label": "Status", "width": "116px", "kind": "status"},
    {"name": "name", "label": "Execution", "width": "minmax(220px, 1.4fr)", "class": "mono"},
    {"name": "workflow", "label": "Workflow", "width": "minmax(150px, 1fr)"},
    {"name": "error", "label": "Error", "width": "minmax(120px, 1fr)", "class": "mono dim", "spare": 1},
    {"name": "started", "label": "Started", "width": "92px"},
    {"name": "duration", "label": "Duration", "width": "80px", "class": "num", "spare": 2},
    {"name": "redrives", "label": "Redrives", "width": "60px", "class": "num dim", "spare": 3},
]
PLAIN = [column for column in COLUMNS if column["name"] not in {"pick", "workflow", "error"}]
"""The columns of executions that all belong to one thing: a state machine, a Map Run."""
PAGE = 200
MOST = 1000


async def newest(studio: Studio, limit: int) -> list[dict[str, Any]]:
    """The newest executions, or none where the engine cannot answer."""
    try:
        return list((await studio.engine.list_executions(maxResults=limit))["executions"])
    except StudioError:
        return []


def address(arn: str) -> str:
    return f"/runs/{quote(arn, safe='')}"


def status_cell(status: str) -> dict[str, str]:
    word = c.EXECUTION_STATUS.get(status, status)
    glyph, name = c.STATUS.get(word, ("help_outline", word))
    return {"tone": word, "icon": glyph, "word": name}


def run_rows(runs: list[dict[str, Any]], title: str, lesson: str) -> None:
    """A short list of executions as links; an empty one teaches."""
    if not runs:
        with c.box("card"):
            c.empty("play_circle", title, lesson)
        return
    with c.box("list"):
        for item in runs:
            with c.box("item", "a", href=address(item["executionArn"]), data_run=item["executionArn"]):
                with c.box("").style("width:104px;flex:none"):
                    c.status_chip(c.execution(item["status"]))
                c.text(workflow_of(item), "clip").style("font-weight:500")
                c.text(item["name"], "dim small mono clip grow")
                c.text(between(item["startDate"], item.get("stopDate")), "dim num")
                c.text(ago(item["startDate"]), "dim small", title=exact(item["startDate"])).style("width:88px;text-align:right")


def workflow_of(item: dict[str, Any]) -> str:
    """The workflow's path in the workspace, or the state machine's name for a run the API started."""
    return str(item.get("workflow") or item.get("stateMachineArn", "").rpartition(":")[2] or "–")


async def page(studio: Studio, workflow: str = "", *, query: str = "", status: str = "") -> None:
    """All runs, searched and filtered; two of them may be compared."""
    shell = Shell(studio, "Runs")
    board = Board(studio, workflow, query, status if status in c.EXECUTION_STATUS else "")
    with shell.frame("runs"):
        await board.build()
    await board.refresh()
    ui.timer(2.0, board.refresh)


class Board:
    """The list of the runs: the newest `PAGE`, more when its end comes into view."""

    def __init__(self, studio: Studio, workflow: str, query: str, status: str) -> None:
        self.studio, self.workflow, self.query, self.status = studio, workflow, query, status
        if not (workflow or query or status):  # the bare address: as it was looked at last
            self.status = studio.preferences.look("runs.status", "", *c.EXECUTION_STATUS)
        self.wanted = PAGE
        self.picked: list[str] = []
        self.shown: Any = None

    async def build(self) -> None:
        with c.box("page-head"):
            c.text("Runs", "", "h1")
            c.link("On AWS", "/runs/aws", icon_name="cloud", data_go_aws="")
            self.search = ui.input(value=self.query, placeholder="Search input, output, errors, states: error:Timeout charge")
            self.search.props("outlined dense clearable debounce=200 tag=div").classes("grow")
            c.attributes(self.search, aria_label="Search the runs", data_search="runs")
            self.search.on_value_change(self._searched)
            statuses = {"": "All statuses", **{k: c.STATUS[v][1] for k, v in c.EXECUTION_STATUS.items() if k != "PENDING_REDRIVE"}}
            c.choice(statuses, self.status, self._filtered_status, label="Status", data_filter="status").style("width:140px")
            known = await self.studio.engine.list_run_workflows()
            names = [*known, *([self.workflow] if self.workflow and self.workflow not in known else [])]
            c.choice(
                {"": "All workflows", **{name: name for name in names}},
                self.workflow,
                self._filtered_workflow,
                label="Workflow",
                data_filter="workflow",
            ).style("width:220px")
        with c.box("row runs-foot"):
            self.total = c.text("", "dim small num", data_total="", role="status")
            c.box("grow")
            self.hint = c.text("Tick two runs to compare them.", "dim small")
            self.compare = c.button("Compare", self._compare, icon_name="compare_arrows", data_compare="")
        self.empty = c.box("card")
        self.card = c.box("card runs-list")
        with self.card:
            self.table = Rows(
                COLUMNS, [], lambda arn: ui.navigate.to(address(str(arn))), label="Runs", on_pick=self._pick, on_more=self._more
            )
        self._picked()

    # -- what is looked at -------------------------------------------------------------------------------------------------
    async def _searched(self) -> None:
        self.query = str(self.search.value or "")
        await self._changed()

    async def _filtered_status(self, status: str) -> None:
        self.status = status
        self.studio.preferences.remember("runs.status", status)
        await self._changed()

    async def _filtered_workflow(self, workflow: str) -> None:
        self.workflow = workflow
        await self._changed()

    async def _changed(self) -> None:
        self.wanted = PAGE
        named = {"query": self.query, "status": self.status, "workflow": self.workflow}
        parts = "&".join(f"{name}={quote(value, safe='')}" for name, value in named.items() if value)
        ui.navigate.history.replace("/runs" + (f"?{parts}" if parts else ""))
        await self.refresh()

    async def _more(self) -> None:
        self.wanted += PAGE
        await self.refresh()

    async def refresh(self) -> None:
        """Asks again; the page changes where the answer did."""
        found: list[dict[str, Any]] = []
        answer: dict[str, Any] = {}
        token: dict[str, str] = {}
        asked = (self.query, self.status, self.workflow, self.wanted)
        while len(found) < self.wanted:
            try:
                answer = await self.studio.engine.search_executions(
                    query=self.query,
                    statusFilter=self.status,
                    workflow=self.workflow,
                    maxResults=min(MOST, self.wanted - len(found)),
                    **token,
                )
            except StudioError as problem:
                self.total.set_text(str(problem))
                return
            found += answer["executions"]
            if not answer.get("nextToken"):
                break
            token = {"nextToken": answer["nextToken"]}
        if asked == (self.query, self.status, self.workflow, self.wanted):  # else a newer question is under way
            self._draw(found, answer)

    def _draw(self, found: list[dict[str, Any]], answer: dict[str, Any]) -> None:
        rows = [_row(item) for item in found]
        state = (rows, answer["total"], answer["notIndexed"])
        if state == self.shown:
            return
        self.shown = state
        filtered = bool(self.query.strip() or self.status or self.workflow)
        total = answer["total"]
        indexing = f" · {answer['notIndexed']:,} are being indexed" if answer["notIndexed"] and self.query.strip() else ""
        self.total.set_text(f"{total:,} run{'' if total == 1 else 's'}{' found' if filtered else ''}{indexing}")
        self.card.set_visibility(bool(rows))
        self.empty.set_visibility(not rows)
        if not rows:
            self.empty.clear()
            with self.empty:
                if filtered:
                    c.empty(
                        "search_off",
                        "No run fits",
                        "Words are looked for from their beginning, all of them: fewer or shorter words find more.",
                    )
                else:
                    c.empty(
                        "play_circle", "No runs", "Open a workflow and press Ctrl+Enter: every run is kept here and survives a restart."
                    )
        self.table.show(rows, more="nextToken" in answer)

    # -- comparing -----------------------------------------------------------------------------------------------------------
    def _pick(self, arn: str) -> None:
        """The two picked last are kept."""
        self.picked = [one for one in self.picked if one != arn] if arn in self.picked else [*self.picked, arn][-2:]
        self._picked()

    def _picked(self) -> None:
        self.table.props["picked"] = list(self.picked)
        two = len(self.picked) == 2
        self.hint.set_visibility(not two)
        self.compare.set_visibility(two)

    def _compare(self) -> None:
        ui.navigate.to(comparison(*self.picked))


def comparison(a: str, b: str) -> str:
    """The address of the comparison of two runs."""
    return f"/runs/compare?a={quote(a, safe='')}&b={quote(b, safe='')}"


def _row(item: dict[str, Any]) -> dict[str, Any]:
    return {**plain_row(item), "pick": item["name"], "workflow": workflow_of(item), "error": item.get("error", "")}


def plain_row(item: dict[str, Any]) -> dict[str, Any]:
    """An execution, as ListExecutions tells it, under the columns `PLAIN`."""
    return {
        "id": item["executionArn"],
        "status": status_cell(item["status"]),
        "name": item["name"],
        "started": ago(item["startDate"]),
        "duration": between(item["startDate"], item.get("stopDate")),
        "redrives": str(item.get("redriveCount") or ""),
        "attributes": {"data-run": item["executionArn"], "data-status": c.execution(item["status"])},
    }
