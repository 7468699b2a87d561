"""`/tasks`: what people and workers are waited for: callbacks with their token, activities; answered in a form, as whoever holds the
token would.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.errors import StudioError
from studio.ui.pages.runs import address
from studio.ui.shell import Shell
from studio.ui.times import ago, exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.payload import payload

if TYPE_CHECKING:
    from studio.ui.context import Studio


async def page(studio: Studio, *, task: str = "") -> None:
    """`task`: the token of the task to open."""
    shell = Shell(studio, "Tasks")
    with shell.frame("tasks"):
        with c.box("page-head"), c.box("grow"):
            c.text("Tasks", "", "h1")
            c.text("What running executions wait for: a callback by its token, or a worker of an activity.", "dim")
        holder = c.box("")
    board = Board(studio, holder, task)
    await board.draw()
    ui.timer(1.0, board.draw)


class Board:
    """The list; a task's form is kept while it is open, so that nobody's typing is lost to a refresh."""

    def __init__(self, studio: Studio, holder: ui.element, chosen: str) -> None:
        self.studio, self.holder, self.chosen = studio, holder, chosen
        self.shown: list[str] | None = None

    async def draw(self) -> None:
        tasks = await self.studio.engine.list_open_tasks()
        key = [f"{task['executionArn']} {task['stateName']} {task['taskToken']} {task['workerName']}" for task in tasks]
        if key == self.shown:
            return
        self.shown = key
        self.holder.clear()
        with self.holder:
            if not tasks:
                with c.box("card"):
                    c.empty(
                        "pending_actions",
                        "Nothing is waiting",
                        "A Task that ends in .waitForTaskToken, or an activity, appears here while its execution waits for the answer.",
                    )
            with c.box("list"):
                for task in tasks:
                    self._row(task)

    def _row(self, task: dict[str, Any]) -> None:
        since = datetime.fromtimestamp(task["since"], UTC)
        opened = bool(task["taskToken"]) and task["taskToken"] == self.chosen
        with c.box("item", "div", data_task=task["stateName"], data_execution=task["executionArn"]):
            c.status_chip("waiting", "Callback" if task["kind"] == "callback" else "Activity")
            with c.box("grow clip"):
                c.text(task["stateName"], "", "span").style("font-weight:500")
                c.text(f"  {task['workflow'] or task['executionArn'].rpartition(':')[2]}", "dim small", "span")
            if task["deadline"] is not None:
                until = datetime.fromtimestamp(task["deadline"], UTC)
                c.text(f"until {until.astimezone():%H:%M}", "dim small num", title=f"Times out {exact(until)}")
            c.text(ago(since), "dim small", title=exact(since))
            c.link("Run", address(task["executionArn"]), classes="btn quiet")
            toggle = c.button("Answer…", None, icon_name="reply", data_answer=task["stateName"])
        form = c.box("task-form")
        form.set_visibility(opened)
        with form:
            self._form(task)
        toggle.on("click", lambda: form.set_visibility(not form.visible))

    def _form(self, task: dict[str, Any]) -> None:
        payload("Input", None, name="input", text=task["input"])
        if not task["taskToken"]:
            c.text("No worker has taken this activity's task yet: it gets its token with GetActivityTask.", "dim")
            return
        with c.box("field"):
            c.text("Task token", "field-name")
            with c.box("row"):
                c.text(task["taskToken"], "mono small clip grow", data_token="")
                c.button("Copy", partial(self._copy, task["taskToken"]), icon_name="content_copy", icon_only=True, classes="quiet")
        key = f"{task['workflow'] or task['resource']} {task['stateName']}"
        before = self.studio.preferences.value.answers.get(key)
        with c.box("field"):
            c.text("Output", "field-name")
            output = ui.textarea(value=before or "{}").props("outlined dense autogrow").classes("mono")
            c.attributes(output, aria_label="Output, JSON", data_output="")
            if before:
                c.text("As this task was answered last.", "dim small", data_remembered="")
            problem = c.text("", "field-error", role="alert")
        with c.box("row"):
            error = ui.input(placeholder="Error name").props("outlined dense")
            c.attributes(error, aria_label="Error name", data_error="")
            cause = ui.input(placeholder="Cause").props("outlined dense").classes("grow")
            c.attributes(cause, aria_label="Cause", data_cause="")

        async def succeed() -> None:
            text = str(output.value or "").strip() or "{}"
            try:
                json.loads(text)
            except (ValueError, RecursionError) as wrong:
                problem.set_text(f"This is not JSON: {wrong}")
                return
            if await self._send("send_task_success", taskToken=task["taskToken"], output=text):
                self.studio.preferences.answered(key, text)

        async def fail() -> None:
            await self._send(
                "send_task_failure", taskToken=task["taskToken"], error=str(error.value or "Rejected"), cause=str(cause.value or "")
            )

        with c.box("row"):
            c.button("Complete", succeed, icon_name="check", classes="primary", data_complete="")
            c.button("Fail", fail, icon_name="close", data_fail="")
            c.button(
                "Heartbeat", partial(self._send, "send_task_heartbeat", taskToken=task["taskToken"]), icon_name="favorite", classes="quiet"
            )
            c.link("Link to this task", f"/tasks?task={task['taskToken']}", classes="btn quiet")

    async def _send(self, operation: str, **arguments: str) -> bool:
        """Whether it was taken; what was wrong is told."""
        said = {"send_task_success": "Completed", "send_task_failure": "Failed, as you said", "send_task_heartbeat": "Heartbeat sent"}
        try:
            await getattr(self.studio.engine, operation)(**arguments)
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return False
        c.toast(said[operation])
        await self.draw()
        return True

    @staticmethod
    def _copy(token: str) -> None:
        ui.run_javascript(f"window.studio.copy({json.dumps(token)})")
        c.toast("Token copied")
