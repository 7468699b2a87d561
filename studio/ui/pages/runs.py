"""`/runs`: every execution of this workspace, newest first."""

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
    {"name": "status", "label": "Status", "width": "130px", "kind": "status"},
    {"name": "name", "label": "Execution", "width": "minmax(160px, 1.2fr)", "class": "mono"},
    {"name": "workflow", "label": "Workflow", "width": "minmax(140px, 1fr)"},
    {"name": "started", "label": "Started", "width": "130px"},
    {"name": "duration", "label": "Duration", "width": "90px", "class": "num"},
]
PAGE = 1000


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


async def page(studio: Studio, workflow: str = "") -> None:
    """All runs, or those of one workflow."""
    shell = Shell(studio, "Runs")
    with shell.frame("runs"):
        with c.box("page-head"):
            with c.box("grow"):
                c.text("Runs", "", "h1")
                if workflow:
                    with c.box("row"):
                        c.text(workflow, "dim mono clip")
                        c.link("Show all", "/runs", classes="small")
            word = c.choice(
                {"": "All statuses", **{k: c.STATUS[v][1] for k, v in c.EXECUTION_STATUS.items()}},
                "",
                lambda value: show(value),  # noqa: PLW0108 - defined below
                label="Status",
            )
            word.style("width:160px")
        holder = c.box("")

    async def show(status: str = "") -> None:
        runs = [item for item in await newest(studio, PAGE) if status in {"", item["status"]} and workflow in {"", item.get("workflow")}]
        rows = [
            {
                "id": item["executionArn"],
                "status": status_cell(item["status"]),
                "name": item["name"],
                "workflow": workflow_of(item),
                "started": ago(item["startDate"]),
                "duration": between(item["startDate"], item.get("stopDate")),
                "attributes": {"data-run": item["executionArn"]},
            }
            for item in runs
        ]
        if table is None or not rows:
            draw(rows)
        else:
            table.show(rows)

    table: Rows | None = None

    def draw(rows: list[dict[str, Any]]) -> None:
        nonlocal table
        holder.clear()
        table = None
        with holder:
            if not rows:
                with c.box("card"):
                    c.empty(
                        "play_circle", "No runs", "Open a workflow and press Ctrl+Enter: every run is kept here and survives a restart."
                    )
                return
            with c.box("card").style("height:calc(100vh - 180px);overflow:hidden"):
                table = Rows(COLUMNS, rows, lambda arn: ui.navigate.to(address(arn)), label="Runs")

    await show()
    ui.timer(2.0, lambda: show(str(word.props["value"])))
