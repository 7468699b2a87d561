"""Config: what the state machine is deployed with and its definition does not say, and the permissions its role needs.

Kept in the side file (`asl.sidefile`), read by every export (`export.settings`). Type also decides which rules check the definition and how
a run here goes on. The policy is worked out anew from the text on the screen whenever it is looked at.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks, ui

from studio.errors import StudioError
from studio.export.settings import LOG_LEVELS, problems
from studio.store.names import machine_name
from studio.ui.panels.exporting import described
from studio.ui.panels.published import PublishedVersions
from studio.ui.session import Change
from studio.ui.view import Look
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import complain

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.tree import Json
    from studio.catalogue.iam import Statement
    from studio.ui.view import EditorView

TYPES = {"STANDARD": "Standard", "EXPRESS": "Express"}
ABOUT = {
    "STANDARD": "Runs for up to a year, each state exactly once, its history kept; paid by transition. For what must not happen twice, and for waiting.",
    "EXPRESS": "Runs for up to five minutes, a state may run more than once, its history only in its log; paid by duration. For many short runs.",
}
LEVELS = {"OFF": "Off", "ERROR": "Errors", "FATAL": "Fatal errors", "ALL": "All events"}


class ConfigPanel:
    """Built when the mode is first shown."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        self.asked = 0
        self.document = ""
        self.shape: Any = None
        """What decides which fields there are; while it stays, the fields stay, and what is being typed into them."""
        self.updaters: list[Callable[[], None]] = []
        self.touched = ""
        """The setting that was changed here last."""
        with c.box("config-pane", "section", data_panel="config", aria_label="Config") as self.root, c.box("config-in"):
            self.note = c.text("", "note error", role="alert")
            self.body = c.box("config-body")
            with c.box("card config-card", "section", aria_label="Published versions"):
                self.published = PublishedVersions(view)
            with c.box("card config-card", "section", aria_label="Permissions"):
                self._permissions()
        view.on_change(self._changed)
        view.on_look(lambda look: self._shown() if look is Look.MODE else None)
        self._draw()
        self._shown()

    # -- values -------------------------------------------------------------------------------------------------------
    @property
    def config(self) -> dict[str, Json]:
        return self.view.session.side.own.config

    async def _put(self, member: str, value: Json, error: Any = None, control: Any = None) -> None:
        """Keeps a setting; None takes it away. What cannot be used is said beside its field, and the old one stays."""
        wrong = problems({member: value}) if value is not None else []
        if error is not None:
            complain(control, error, f"It {wrong[0].reason}" if wrong else "")
        if wrong or self.config.get(member) == value:
            return
        self.touched = member
        session = self.view.session
        try:
            await session.write_own(session.side.own.with_config(member, value))
        except StudioError as problem:
            c.toast(str(problem), seconds=6)

    def _changed(self, change: Change) -> None:
        if change is Change.SIDE_FILES:
            self._draw()
            self._shown()
        elif change is Change.DOCUMENT:
            self._shown()

    # -- the form -----------------------------------------------------------------------------------------------------
    def _draw(self) -> None:
        """The fields, made anew only where a setting is another than they show."""
        side, config = self.view.session.side, self.config
        self.note.set_text(side.own_problem or "")
        self.note.set_visibility(bool(side.own_problem))
        now = json.dumps(config, sort_keys=True)
        if now == self.document:
            return
        self.document = now
        kind = "EXPRESS" if config.get("type") == "EXPRESS" else "STANDARD"
        shape = [kind, config.get("logging"), bool(config.get("kmsKey")), config.get("tags")]
        if shape == self.shape:
            for update in self.updaters:
                update()
            return
        self.shape = shape
        self.updaters.clear()
        self.body.clear()
        if self.touched:
            ui.run_javascript(f"window.studio.focusAgain('[data-panel=config] [data-config={self.touched}]')")
        with self.body:
            with self._card("Details"):
                self._line("name", "Name", placeholder=machine_name(self.view.session.path))
                with self._frame("Type"):
                    c.choice(TYPES, kind, lambda v: self._put("type", v if v == "EXPRESS" else None), label="Type", data_config="type")
                    c.text(ABOUT[kind], "field-doc")
                self._line(
                    "role",
                    "Role",
                    placeholder="made with the policy below",
                    doc="The ARN of a role that exists. Without it, templates make one with the policy below.",
                    mono=True,
                )
            with self._card("Logging and tracing"):
                level = config.get("logging", "ERROR")
                with self._frame("Log level"):
                    c.choice(
                        {name: LEVELS[name] for name in LOG_LEVELS},
                        str(level),
                        lambda v: self._put("logging", None if v == "ERROR" else v),
                        label="Log level",
                        data_config="logging",
                    )
                    if kind == "EXPRESS" and level == "OFF":
                        c.text("An Express workflow's history is only in its log: without one, nothing tells what it did.", "note warning")
                if level != "OFF":
                    self._line(
                        "logGroup",
                        "Log group",
                        placeholder="/aws/vendedlogs/states/…",
                        doc="A name: the group is made where it is not there. An ARN: a group that exists.",
                        mono=True,
                    )
                    self._tick("logData", "Log the data of events", "Inputs and outputs are in the log, secrets among them included.")
                self._tick("tracing", "Trace with X-Ray", "")
            with self._card("Encryption"):
                self._line(
                    "kmsKey",
                    "Customer managed key",
                    placeholder="the key AWS owns",
                    doc="ARN, id or alias/NAME of a symmetric KMS key. It encrypts definition, inputs, outputs and history.",
                    mono=True,
                )
                if config.get("kmsKey"):
                    doc = "60 to 900; after so many seconds another data key is asked for."
                    self._line("kmsReuse", "Reuse of a data key, s", placeholder="300", doc=doc, read=_number)
            with self._card("Tags"):
                self._tags()

    def _card(self, title: str) -> ui.element:
        card = c.box("card config-card", "section", aria_label=title)
        with card:
            c.text(title, "", "h2")
        return card

    def _frame(self, label: str) -> ui.element:
        made = c.box("field", "label")
        with made, c.box("field-head", "span"):
            c.text(label, "field-name", "span")
        return made

    def _line(
        self,
        member: str,
        label: str,
        *,
        placeholder: str = "",
        doc: str = "",
        mono: bool = False,
        read: Callable[[str], Json] = str,
    ) -> None:
        held = self.config.get(member)
        with self._frame(label):
            field = ui.input(value="" if held is None else str(held), placeholder=placeholder).props("outlined dense tag=div")
            c.attributes(field, aria_label=label, data_config=member, spellcheck="false")
            if mono:
                field.classes("path-field")
            if doc:
                c.text(doc, "field-doc")
            error = c.text("", "field-error", role="alert")
            error.set_visibility(False)

        def update() -> None:
            nonlocal held
            if (now := self.config.get(member)) != held:
                held = now
                field.set_value("" if now is None else str(now))

        self.updaters.append(update)

        async def keep() -> None:
            text = str(field.value or "").strip()
            await self._put(member, read(text) if text else None, error, field)

        field.on("blur", keep).on("keydown.enter", keep)

    def _tick(self, member: str, label: str, doc: str) -> None:
        with c.box("field"):
            tick = c.check(label, self.config.get(member) is True, lambda on: self._put(member, True if on else None), data_config=member)
            if doc:
                c.text(doc, "field-doc")
        self.updaters.append(lambda: c.tick(tick, self.config.get(member) is True))

    def _tags(self) -> None:
        held = self.config.get("tags")
        tags = {str(k): str(v) for k, v in held.items()} if isinstance(held, dict) else {}

        async def write(changed: dict[str, str]) -> None:
            await self._put("tags", dict(changed) or None, error, self.body)

        def remove(name: str) -> Any:
            return write({k: v for k, v in tags.items() if k != name})

        for name, value in tags.items():
            with c.box("row tag-row"):
                c.text(name, "mono clip grow")
                c.text(value, "mono clip grow")
                c.button(
                    f"Remove {name}",
                    lambda _=None, name=name: remove(name),
                    icon_name="close",
                    icon_only=True,
                    classes="quiet",
                    data_untag=name,
                )
        with c.box("row tag-row", "form") as form:
            key = ui.input(placeholder="Name").props("outlined dense tag=div").classes("grow")
            value_field = ui.input(placeholder="Value").props("outlined dense tag=div").classes("grow")
            c.attributes(key, aria_label="Name of a tag", data_tag_name="")
            c.attributes(value_field, aria_label="Value of the tag", data_tag_value="")
            c.button("Add", None, data_tag_add="").props["type"] = "submit"
        error = c.text("", "field-error", role="alert")
        error.set_visibility(False)

        async def add() -> None:
            if name := str(key.value or "").strip():
                await write({**tags, name: str(value_field.value or "").strip()})

        form.on("submit.prevent", add)

    # -- permissions --------------------------------------------------------------------------------------------------
    def _permissions(self) -> None:
        with c.box("row"):
            c.text("Permissions", "grow", "h2")
            c.button("Copy policy", self._copy, icon_name="content_copy", data_copy_policy="")
            c.button("Download", self._download, icon_name="download", data_download_policy="")
        c.text(
            "What the role must be allowed, worked out from the definition on the screen, and why. A * stands where the resource is known only at run time.",
            "field-doc",
        )
        self.list = c.box("policy")

    def _shown(self) -> None:
        """Works the policy out, off the event loop, where it can be seen."""
        if self.view.mode == "config":
            self.published.show()
            self.asked += 1
            background_tasks.create(self._explain(self.asked), name="policy")

    async def _explain(self, number: int) -> None:
        from studio.export.permissions import explained

        await asyncio.sleep(0.2)  # typing goes on
        if number != self.asked:
            return
        try:
            found, problem = await asyncio.to_thread(explained, described(self.view)), ""
        except StudioError as error:
            found, problem = [], str(error)
        if number != self.asked or self.view.client.is_deleted:
            return
        with self.view.client:
            self.list.clear()
            with self.list:
                if problem:
                    c.text(problem, "note error")
                elif not found:
                    c.text("The definition calls nothing: the role needs no permission.", "dim")
                for statement in found or []:
                    self._statement(statement)

    def _statement(self, statement: Statement) -> None:
        with c.box("policy-statement", data_statement=statement.resource):
            with c.box("policy-what"):
                for action in statement.actions:
                    c.text(action, "mono")
                c.text(f"on {statement.resource}", "mono dim wrap")
            with c.box("policy-why"):
                for reason in statement.reasons:
                    c.text(reason[:1].upper() + reason[1:], "small wrap")

    async def _policy(self) -> str | None:
        from studio.export.permissions import policy

        try:
            return json.dumps(await asyncio.to_thread(policy, described(self.view)), indent=2) + "\n"
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return None

    async def _copy(self) -> None:
        if text := await self._policy():
            ui.run_javascript(f"window.studio.copy({json.dumps(text)})")
            c.toast("The policy is on the clipboard.")

    async def _download(self) -> None:
        if text := await self._policy():
            ui.download.content(text.encode(), f"{described(self.view).machine_name}.policy.json", "application/json")


def _number(text: str) -> Json:
    return int(text) if text.isdecimal() else text
