"""The dialog that deploys the workflow to AWS: where, then the plan, then doing it step by step.

Concurrency model: AWS is asked in worker threads; the dialog says what is going on meanwhile. A field that changes puts the plan away: what is
carried out is exactly what was shown.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from nicegui import ui

from studio.asl.sidefile import filled
from studio.errors import StudioError
from studio.ui.panels.exporting import described
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.deploy.aws import Account
    from studio.deploy.plan import Step, Wanted
    from studio.ui.view import EditorView


Phase: TypeAlias = Literal["asking", "planning", "planned", "doing", "done"]


def why_not(view: EditorView) -> str | None:
    """Why the workflow cannot be deployed as it is; None where it can."""
    session = view.session
    if not session.document.valid:
        return "The text has a problem; correct it first."
    errors = sum(found.severity == "error" for found in session.diagnostics)
    return f"The workflow has {errors} error{'s' if errors != 1 else ''}; correct them first." if errors else None


async def open_deploy(view: EditorView) -> None:
    from studio.deploy.aws import profiles

    Deploying(view, await asyncio.to_thread(profiles))


class Deploying:
    """One opened dialog. `planned`: what the page shows and *Deploy* would do; `phase`: what the dialog is at; `round` counts the fields' changes, so
    that a plan that comes late is not shown.
    """

    def __init__(self, view: EditorView, profiles: list[str]) -> None:
        self.view = view
        self.planned: tuple[Account, Wanted, list[Step]] | None = None
        self.phase: Phase = "asking"
        self.round = 0
        started = view.studio.settings
        workflow = described(view)
        with ui.dialog() as self.dialog, c.box("dialog wide", role="dialog", aria_label="Deploy to AWS", data_panel="deploy"):
            with c.box("dialog-head"):
                c.text("Deploy to AWS", "grow", "h1")
                c.button("Close", self.dialog.close, icon_name="close", icon_only=True, classes="quiet")
            with c.box("dialog-body"):
                with c.box("").style("display:grid; grid-template-columns:1fr 1fr; gap:12px"):
                    self.profile = started.profile or ("default" if "default" in profiles else next(iter(profiles), ""))
                    known = {name: name for name in [*([self.profile] if self.profile else []), *profiles]}
                    with _labelled("Profile", "Of the AWS configuration of this machine."):
                        c.choice(
                            {"": "None: the environment's credentials", **known},
                            self.profile,
                            self._choose,
                            label="Profile",
                        )
                    self.region = self._input("Region", started.region or "", "the profile's", "region")
                    self.name = self._input("Name", workflow.machine_name, "", "name")
                    self.alias = self._input(
                        "Alias", "", "none", "alias", "Leads to the version that this deployment publishes, e.g. live."
                    )
                if started.endpoint_url:
                    c.text(f"To {started.endpoint_url}, as the studio was started.", "dim small")
                self.shown = c.box("", data_plan="").style("display:flex; flex-direction:column; gap:8px")
            with c.box("dialog-foot"):
                self.cancel = c.button("Cancel", self.dialog.close)
                self.close = c.button("Done", self.dialog.close, classes="primary")
                self.look = c.button("Show the plan", self._plan, classes="primary", data_deploy="plan")
                self.go = c.button("Deploy", self._carry_out, icon_name="cloud_upload", classes="primary", data_deploy="go")
        self._begin()
        self.dialog.on("hide", self.dialog.delete)
        self.dialog.open()

    def _input(self, label: str, value: str, placeholder: str, name: str, doc: str = "") -> Any:
        with _labelled(label, doc):
            field = ui.input(value=value, placeholder=placeholder, on_change=self._put_away).props("outlined dense tag=div")
            return c.attributes(field, spellcheck="false", aria_label=label, data_deploy_field=name)

    def _choose(self, profile: str) -> None:
        self.profile = profile
        self._put_away()

    def _put_away(self) -> None:
        """What is shown no longer fits what the fields say."""
        self.round += 1
        if self.phase not in {"asking", "doing"}:
            self._begin()

    def _begin(self) -> None:
        self.planned = None
        self.shown.clear()
        with self.shown:
            c.text("The plan is shown first; nothing is changed before you agree.", "dim small")
        self._enter("asking")

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.look.set_visibility(phase == "asking")
        self.go.set_visibility(phase == "planned")
        self.close.set_visibility(phase == "done")
        self.cancel.set_visibility(phase not in {"doing", "done"})

    def _busy(self, words: str) -> None:
        self.shown.clear()
        with self.shown, c.box("note", role="status"):
            c.icon("hourglass_top", "icon-16")
            c.text(words)

    async def _plan(self) -> None:
        self._enter("planning")
        began = self.round
        self._busy("Looking at what the account has …")
        asked = {"profile": self.profile or None, "region": str(self.region.value or "").strip() or None}
        alias = str(self.alias.value or "").strip() or None
        try:
            account, wanted, steps = await asyncio.to_thread(_planned, self.view, asked, str(self.name.value or ""), alias)
        except StudioError as problem:
            if began == self.round:
                self._failed(problem)
            return
        if began == self.round:
            self.planned = (account, wanted, steps)
            self._show(wanted, steps)
            self._enter("planned" if steps else "asking")

    def _show(self, wanted: Wanted, steps: list[Step]) -> None:
        from studio.deploy.plan import notes, told

        self.shown.clear()
        with self.shown:
            c.text(f"Account {wanted.place.account}, {wanted.place.region}", "", "h2")
            if not steps:
                with c.box("note", role="status"):
                    c.icon("check_circle", "icon-16")
                    c.text(f"No change: the state machine {wanted.workflow.machine_name} is there as it is.")
            for step in steps:
                sign, what, details = told(step)
                with c.box("note", data_step=what):
                    c.icon("add" if sign == "+" else "edit", "icon-16")
                    with c.box("grow"):
                        c.text(f"{'Create' if sign == '+' else 'Change'}: {what}", "wrap").style("font-weight:500; color:var(--text)")
                        for detail in details:
                            c.text(detail, "wrap")
            for note in notes(wanted, self._functions(wanted)):
                with c.box("note warning"):
                    c.icon("warning", "icon-16")
                    c.text(note, "grow wrap")

    def _functions(self, wanted: Wanted) -> list[str]:
        from studio.deploy.plan import local_functions

        folder = self.view.studio.workspace.root / PurePosixPath(self.view.session.path).parent / "functions"
        return local_functions(wanted, [file.stem for file in folder.glob("*.py")] if folder.is_dir() else [])

    async def _carry_out(self) -> None:
        if self.planned is None:
            return
        account, wanted, steps = self.planned
        self.planned = None
        self._enter("doing")
        self._busy(f"Deploying: {len(steps)} step{'s' if len(steps) != 1 else ''} …")
        try:
            made = await asyncio.to_thread(account.carry_out, steps)
        except StudioError as problem:
            self._failed(problem, "What was done before this stays; the next plan goes on from there.")
            return
        self._enter("done")
        self.shown.clear()
        with self.shown:
            with c.box("note", role="status", data_deployed=""):
                c.icon("check_circle", "icon-16")
                c.text(f"{wanted.workflow.machine_name} is deployed.")
            with c.box("kv", "dl"):
                titles = {"stateMachineArn": "State machine", "stateMachineVersionArn": "Version", "stateMachineAliasArn": "Alias"}
                for key, arn in ({"stateMachineArn": wanted.machine_arn} | made).items():
                    c.text(titles[key], "", "dt")
                    with c.box("", "dd").style("display:flex; gap:4px; align-items:center"):
                        c.text(arn, "mono small", "span")
                        copy = partial(ui.clipboard.write, arn)
                        c.button(f"Copy the {titles[key].lower()}'s ARN", copy, icon_name="content_copy", icon_only=True, classes="quiet")

    def _failed(self, problem: StudioError, more: str = "") -> None:
        self.shown.clear()
        with self.shown, c.box("note error", role="alert"):
            c.icon("error", "icon-16")
            with c.box("grow"):
                c.text(problem.message, "wrap")
                if problem.hint or more:
                    c.text(f"{problem.hint} {more}".strip(), "wrap")
        self._enter("asking")


def _labelled(label: str, doc: str) -> Any:
    """A field with its name above it and a sentence below the name."""
    frame = c.box("field")
    with frame, c.box("field-head"):
        c.text(label, "field-name", "span", title=doc or None)
    return frame


def _planned(view: EditorView, asked: dict[str, Any], name: str, alias: str | None) -> tuple[Account, Wanted, list[Step]]:
    """Asks the account; in a worker thread."""
    from dataclasses import replace

    from studio.deploy.aws import Account
    from studio.deploy.plan import Wanted, plan, sent

    session = view.session
    workflow = described(view)
    root = filled(session.document.root, session.side.own.placeholders)
    if not isinstance(root, dict):
        raise StudioError("There is nothing to deploy: a workflow is an object.")
    workflow = replace(workflow, name=name.strip() or workflow.name, root=root)
    account = Account(endpoint_url=view.studio.settings.endpoint_url, **asked)
    role = workflow.role or None
    wanted = Wanted(workflow, account.place(role), sent(session.document.text, root), role, alias)
    return account, wanted, plan(wanted, account.look(wanted))
