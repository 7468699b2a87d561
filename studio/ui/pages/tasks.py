"""`/tasks`: what running executions wait for: callbacks with their token, and activities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.errors import StudioError
from studio.ui.pages.runs import address, newest
from studio.ui.shell import Shell
from studio.ui.times import ago, exact
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.context import Studio


async def page(studio: Studio) -> None:
    shell = Shell(studio, "Tasks")
    with shell.frame("tasks"):
        with c.box("page-head"), c.box("grow"):
            c.text("Tasks", "", "h1")
            c.text("Executions that are under way, and what they wait for.", "dim")
        holder = c.box("")

    shown: list[str] | None = None

    async def draw() -> None:
        nonlocal shown
        runs = [item for item in await newest(studio, 200) if item["status"] == "RUNNING"]
        key = [item["executionArn"] for item in runs]
        if key == shown:
            return
        shown = key
        holder.clear()
        with holder:
            if not runs:
                with c.box("card"):
                    c.empty(
                        "pending_actions",
                        "Nothing is waiting",
                        "A task that waits for a callback, an activity or a timer appears here while its execution runs.",
                    )
                return
            with c.box("list"):
                for item in runs:
                    await _row(studio, item)

    await draw()
    ui.timer(2.0, draw)


async def _row(studio: Studio, item: dict[str, Any]) -> None:
    try:
        newest_events = (await studio.engine.get_execution_history(executionArn=item["executionArn"], reverseOrder=True, maxResults=1))[
            "events"
        ]
    except StudioError:
        newest_events = []
    with c.box("item", "a", href=address(item["executionArn"]), data_run=item["executionArn"]):
        c.status_chip("running")
        c.text(item.get("workflow") or item["name"], "clip grow").style("font-weight:500")
        c.text(newest_events[0]["type"] if newest_events else "", "dim small mono")
        c.text(ago(item["startDate"]), "dim small", title=exact(item["startDate"]))
