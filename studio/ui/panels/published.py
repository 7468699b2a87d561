"""Published versions: the workflow as a state machine of the studio, text by text under a number, with the aliases that lead there.

Part of Config. What is done here is Step Functions' own (`ui.publishing`): the ARNs can be started with the AWS CLI or an SDK against this studio.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks, ui

from studio.asl.sidefile import filled
from studio.errors import StudioError
from studio.ui import publishing
from studio.ui.panels.exporting import described
from studio.ui.times import ago, exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import complain

if TYPE_CHECKING:
    from studio.deploy.plan import Wanted
    from studio.ui.publishing import Published, Version
    from studio.ui.view import EditorView

PAUSE = 0.2
"""Seconds without a change before the list is read anew."""


def machine_of(view: EditorView) -> Wanted:
    """The state machine that the workflow on the screen is to be. Errors: StudioError where a setting cannot be used."""
    session = view.session
    root = filled(session.document.root, session.side.own.placeholders)
    if not isinstance(root, dict):
        raise StudioError("There is nothing to publish: a workflow is an object.")
    return publishing.wanted(described(view), session.document.text, root)


async def follow_save(view: EditorView) -> None:
    """After a save: the state machine, where there is one of this workflow, gets the text. What is refused is said."""
    try:
        await publishing.follow(view.studio.engine, machine_of(view), view.session.path)
    except StudioError as problem:
        with view.client:
            c.toast(f"The file is saved; the published state machine keeps the definition it had. {problem}", seconds=8)


class PublishedVersions:
    """The card. `show` reads the list anew, a moment after the last of several calls."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        self.asked = 0
        c.text("Published versions", "", "h2")
        c.text(
            "Publishing saves the workflow, makes it a state machine of this studio, and keeps its text under a number. "
            "What starts a version or an alias goes on with that text, whatever is edited.",
            "field-doc",
        )
        with c.box("row publish-row", "form") as form:
            self.description = self._input("Description", "What is new in it", "publish_description", "grow")
            self.alias = self._input("Alias", "Alias, e.g. live", "publish_alias", "")
            c.button("Publish", None, icon_name="publish", data_publish="").props["type"] = "submit"
        self.error = c.text("", "field-error", role="alert")
        self.error.set_visibility(False)
        form.on("submit.prevent", self._publish)
        self.list = c.box("published", "div", data_published="")

    def _input(self, label: str, placeholder: str, name: str, classes: str) -> Any:
        made = ui.input(placeholder=placeholder).props("outlined dense tag=div").classes(classes)
        return c.attributes(made, aria_label=label, spellcheck="false", **{f"data_{name}": ""})

    def focus(self) -> None:
        ui.run_javascript("document.querySelector('[data-publish-description]')?.focus()")

    def show(self) -> None:
        self.asked += 1
        background_tasks.create(self._read(self.asked), name="published versions")

    async def _read(self, number: int) -> None:
        await asyncio.sleep(PAUSE)
        if number != self.asked:
            return
        found: Published | None = None
        problem = ""
        try:
            found = await publishing.look(self.view.studio.engine, machine_of(self.view))
        except StudioError as error:
            problem = str(error)
        if number != self.asked or self.view.client.is_deleted:
            return
        with self.view.client:
            self.list.clear()
            with self.list:
                if found is None:
                    c.text(problem, "note error")
                elif not found.versions:
                    c.text("No version is published yet.", "dim")
                else:
                    for version in found.versions:
                        self._row(version, found.aliases)

    def _row(self, version: Version, aliases: list[str]) -> None:
        same = "the text on the screen" if not version.changes else "since then: " + "; ".join(version.changes)
        with c.box("published-row", data_version=str(version.number)):
            c.text(str(version.number), "published-number num")
            with c.box("grow"):
                with c.box("row"):
                    c.text(version.description or "No description", "clip" + ("" if version.description else " dim"))
                    for name, weight in version.aliases:
                        c.text(name if weight == 100 else f"{name} {weight} %", "chip", "span", data_alias=name)
                c.text(f"{ago(version.at)} · {same}", "dim small wrap", title=exact(version.at))
            others = [name for name in aliases if (name, 100) not in version.aliases]
            if others:
                leads = {"": "Alias here…", **{name: f"{name} leads here" for name in others}}
                c.choice(leads, "", partial(self._point, version), label=f"Let an alias lead to version {version.number}", data_point="")
            c.button(
                f"Copy the ARN of version {version.number}",
                partial(self._copy, version.arn),
                icon_name="content_copy",
                icon_only=True,
                classes="quiet",
            )
            c.button(
                f"Delete version {version.number}",
                partial(self._delete, version),
                icon_name="delete",
                icon_only=True,
                classes="quiet",
                data_delete_version=str(version.number),
            )

    # -- doing --------------------------------------------------------------------------------------------------------
    async def _publish(self) -> None:
        alias = str(self.alias.value or "").strip()
        complain(self.alias, self.error, "")
        try:
            version, new = await self._saved_and_published(str(self.description.value or "").strip(), alias)
        except StudioError as problem:
            wrong = self.alias if alias and not publishing.ALIAS.fullmatch(alias) else self.list
            complain(wrong, self.error, f"Not published. {problem}")
            return
        number = version.rpartition(":")[2]
        self.description.set_value("")
        c.toast(f"Version {number} is published." if new else f"Nothing has changed since version {number}: it stays the newest.")
        self.show()

    async def _saved_and_published(self, description: str, alias: str) -> tuple[str, bool]:
        """The version's ARN and whether it is new; what is published is in the file too."""
        session = self.view.session
        if not session.document.valid:
            raise StudioError("The text has a problem; correct it first.")
        machine = machine_of(self.view)
        if session.unsaved:
            await session.save()
        if session.unsaved:
            raise StudioError("The file had changed on disk; its changes were merged in. Look at them, then publish.")
        return await publishing.publish(self.view.studio.engine, machine, session.path, description, alias)

    async def _point(self, version: Version, alias: str) -> None:
        if alias:
            await self._do(publishing.point(self.view.studio.engine, version, alias), f"{alias} leads to version {version.number}.")

    async def _delete(self, version: Version) -> None:
        request = self.view.studio.engine.delete_state_machine_version(stateMachineVersionArn=version.arn)
        await self._do(request, f"Version {version.number} is deleted; its number is not given again.")

    async def _do(self, request: Any, done: str) -> None:
        try:
            await request
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return
        c.toast(done)
        self.show()

    def _copy(self, arn: str) -> None:
        ui.clipboard.write(arn)
        c.toast("The version's ARN is on the clipboard.")
