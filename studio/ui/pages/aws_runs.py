"""`/runs/aws`: executions on AWS: by state machine, or one by its ARN or the address of AWS's console.

Nothing is asked of AWS before this page is opened; what it says when it cannot be asked is told as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import background_tasks, ui

from studio.errors import ServiceError
from studio.exec.arns import arn_in
from studio.ui.pages.runs import PLAIN, address, plain_row
from studio.ui.shell import Shell
from studio.ui.widgets import controls as c
from studio.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from studio.ui.context import Studio


async def page(studio: Studio, machine: str = "", status: str = "") -> None:
    """The state machines of the profile and Region, and one's executions."""
    shell = Shell(studio, "Runs on AWS")
    board = AwsBoard(studio, machine, status if status in c.EXECUTION_STATUS else "")
    with shell.frame("runs"):
        board.build()
    background_tasks.create(board.load(), name="executions on AWS")


class AwsBoard:
    """The page; `load` asks AWS, so it comes after the page is there."""

    def __init__(self, studio: Studio, machine: str, status: str) -> None:
        self.studio, self.machine, self.status = studio, machine, status
        self.client = ui.context.client

    def build(self) -> None:
        chosen = self.studio.settings
        with c.box("page-head"):
            c.text("Runs on AWS", "", "h1")
            self.find = (
                ui.input(placeholder="Open by ARN, or by the address of AWS's console").props("outlined dense tag=div").classes("grow")
            )
            c.attributes(self.find, aria_label="ARN or address", data_open_arn="")
            self.find.on("keydown.enter", self._open)
            c.button("Open", self._open, icon_name="open_in_new", data_open="")
            c.link("Local runs", "/runs", icon_name="computer")
        where = [
            f"profile {chosen.profile}" if chosen.profile else "the default profile",
            f"Region {chosen.region}" if chosen.region else "",
        ]
        at = f"at {chosen.endpoint_url}" if chosen.endpoint_url else "on AWS"
        c.text(f"{at[:1].upper()}{at[1:]}, with {', '.join(part for part in where if part)}.", "dim small", data_where="")
        self.bar = c.box("row")
        self.body = c.box("rows", aria_live="polite", data_aws_body="")
        with self.body:
            c.text("Asking AWS…", "dim")

    async def load(self) -> None:
        machines: list[dict[str, Any]] = []
        try:
            machines = await self.studio.aws.machines()
            standard = [one for one in machines if one.get("type") != "EXPRESS"]
            self.machine = self.machine or next((str(one["stateMachineArn"]) for one in standard or machines), "")
            runs = await self.studio.aws.executions(self.machine, self.status) if self.machine else []
        except ServiceError as error:
            problem = error
            self._draw(lambda: self._problem(problem, machines))
            return
        self._draw(lambda: self._list(machines, runs))

    def _draw(self, draw: Any) -> None:
        if self.client.is_deleted:
            return
        with self.client:
            self.bar.clear()
            self.body.clear()
            with self.body:
                draw()

    def _problem(self, problem: ServiceError, machines: list[dict[str, Any]]) -> None:
        if machines:
            self._choices(machines)
        if problem.code == "LoggingOff":
            with c.box("card"):
                c.empty("speaker_notes_off", "No log", problem.message)
            return
        with c.box("note error", "div", role="alert", data_aws_problem=problem.code):
            with c.box("grow"):
                c.text(problem.hint or problem.message, "wrap")
                if problem.hint:
                    c.text(f"{problem.code}: {problem.message}", "small wrap")
            c.button("Ask again", lambda: self._go(self.machine, self.status), icon_name="refresh", data_ask_again="")
        c.text("Choose where to ask with the options --profile, --region and --endpoint-url of the command studio.", "dim small")

    def _list(self, machines: list[dict[str, Any]], runs: list[dict[str, Any]]) -> None:
        if not machines:
            with c.box("card"):
                c.empty("cloud_off", "No state machines", "There is none in this account and Region, or the profile may not list them.")
            return
        self._choices(machines)
        if not runs:
            express = any(one["stateMachineArn"] == self.machine and one.get("type") == "EXPRESS" for one in machines)
            lesson = (
                "The log of this Express state machine has none of the last three hours. An older one opens by its ARN."
                if express
                else "AWS lists the Standard executions of the last 90 days."
            )
            with c.box("card"):
                c.empty("cloud_queue", "No executions", lesson)
            return
        with c.box("card runs-list"):
            Rows(PLAIN, [plain_row(run) for run in runs], lambda arn: ui.navigate.to(address(str(arn))), label="Executions on AWS")

    def _choices(self, machines: list[dict[str, Any]]) -> None:
        """Which state machine, which status."""
        with self.bar:
            names = {
                str(one["stateMachineArn"]): f"{one['name']}{' (Express)' if one.get('type') == 'EXPRESS' else ''}" for one in machines
            }
            c.choice(names, self.machine, lambda arn: self._go(arn, self.status), label="State machine", data_machine="").style(
                "width:320px"
            )
            statuses = {"": "All statuses", **{k: c.STATUS[v][1] for k, v in c.EXECUTION_STATUS.items()}}
            c.choice(statuses, self.status, lambda s: self._go(self.machine, s), label="Status", data_filter="status").style("width:140px")

    def _go(self, machine: str, status: str) -> None:
        ui.navigate.to(f"/runs/aws?machine={quote(machine, safe='')}&status={quote(status)}")

    def _open(self) -> None:
        arn = arn_in(str(self.find.value or ""))
        if arn is None:
            c.toast("There is no ARN of an execution or state machine in that.")
        elif ":stateMachine:" in arn:
            self._go(arn, "")
        else:
            ui.navigate.to(address(arn))
