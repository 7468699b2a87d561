"""`/tasks`: what people and workers are waited for: callbacks with their token, activities; answered in a form, as whoever holds the
token would.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.errors import StudioError
from studio.ui.pages.runs import address
from studio.ui.shell import Shell
from studio.ui.times import ago, clock, exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.payload import payload

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.elements.mixins.text_element import TextElement

    from studio.ui.context import Studio


async def page(studio: Studio, *, task: str = "", run: str = "", state: str = "") -> None:
    """`task`: the token of the task to open; or `run` and `state`: the execution and state that wait for it."""
    shell = Shell(studio, "Tasks")
    with shell.frame("tasks"):
        with c.box("page-head"), c.box("grow"):
            c.text("Tasks", "", "h1")
            c.text("What running executions wait for: a callback by its token, or a worker of an activity.", "dim")
        holder = c.box("")
    board = Board(studio, holder, lambda one: one["taskToken"] == task if task else (one["executionArn"], one["stateName"]) == (run, state))
    await board.draw()
    ui.timer(1.0, board.draw)


@dataclass(slots=True)
class _Row:
    """A task on the page: its row, its form, and the words that change with the time."""

    root: ui.element
    since: datetime
    told: TextElement


class Board:
    """The list. A row stays as it is while its task waits, whatever else comes and goes: nobody's typing is lost. `opened` says of a task
    whether its form is open at first.
    """

    def __init__(self, studio: Studio, holder: ui.element, opened: Callable[[dict[str, Any]], bool]) -> None:
        self.studio, self.opened = studio, opened
        self.rows: dict[str, _Row] = {}
        with holder:
            self.nothing = c.box("card")
            with self.nothing:
                c.empty(
                    "pending_actions",
                    "Nothing is waiting",
                    "A Task that ends in .waitForTaskToken, or an activity, appears here while its execution waits for the answer.",
                )
            self.list = c.box("list")

    async def draw(self) -> None:
        tasks = {_key(task): task for task in await self.studio.engine.list_open_tasks()}
        for key in self.rows.keys() - tasks.keys():
            self.rows.pop(key).root.delete()
        for key, task in tasks.items():
            if (row := self.rows.get(key)) is None:
                with self.list, c.box("") as root:
                    self.rows[key] = self._row(root, task)
            elif row.told.text != (now := ago(row.since)):
                row.told.set_text(now)
        self.nothing.set_visibility(not tasks)
        self.list.set_visibility(bool(tasks))

    def _row(self, root: ui.element, task: dict[str, Any]) -> _Row:
        since = datetime.fromtimestamp(task["since"], UTC)
        with c.box("item", "div", data_task=task["stateName"], data_execution=task["executionArn"]):
            c.status_chip("waiting", "Callback" if task["kind"] == "callback" else "Activity")
            with c.box("grow clip"):
                c.text(task["stateName"], "", "span").style("font-weight:500")
                c.text(f"  {task['workflow'] or task['executionArn'].rpartition(':')[2]}", "dim small", "span")
            if task["deadline"] is not None:
                until = datetime.fromtimestamp(task["deadline"], UTC)
                c.text(f"until {clock(until)}", "dim small num", title=f"Times out {exact(until)}")
            told = c.text(ago(since), "dim small", title=exact(since))
            c.link("Run", address(task["executionArn"]), classes="btn quiet")
            toggle = c.button("Answer…", None, icon_name="reply", data_answer=task["stateName"])
        form = c.box("task-form")
        with form:
            output = self._form(task)

        def show(visible: bool) -> None:
            form.set_visibility(visible)
            c.attributes(toggle, aria_expanded=str(visible).lower())
            if visible and output is not None:
                output.run_method("focus")

        show(self.opened(task))
        toggle.on("click", lambda: show(not form.visible))
        return _Row(root, since, told)

    def _form(self, task: dict[str, Any]) -> ui.textarea | None:
        """Answers the field of the output; None where the task cannot be answered yet."""
        payload("Input", None, name="input", text=task["input"])
        if not task["taskToken"]:
            c.text("No worker has taken this activity's task yet: it gets its token with GetActivityTask.", "dim")
            return None
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
            c.button("Complete", succeed, icon_name="check", classes="primary", title="Ctrl+Enter", data_complete="")
            c.button("Fail", fail, icon_name="close", data_fail="")
            c.button(
                "Heartbeat", partial(self._send, "send_task_heartbeat", taskToken=task["taskToken"]), icon_name="favorite", classes="quiet"
            )
            c.link("Link to this task", f"/tasks?task={task['taskToken']}", classes="btn quiet")
        for key_down in ("keydown.ctrl.enter", "keydown.meta.enter"):
            output.on(key_down, succeed)
        return output

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


def _key(task: dict[str, Any]) -> str:
    return f"{task['executionArn']} {task['stateName']} {task['since']} {task['taskToken']} {task['workerName']}"
