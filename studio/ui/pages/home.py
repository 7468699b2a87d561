"""`/`: the workflows of the workspace, the newest runs, and the ways to begin."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from studio.errors import StudioError
from studio.gallery import templates
from studio.ui import gallery
from studio.ui.pages.runs import newest, run_rows
from studio.ui.shell import Shell
from studio.ui.times import ago
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.context import Studio

BLANK = """{
  "Comment": "A workflow made with ASL Studio",
  "StartAt": "",
  "States": {}
}
"""


async def page(studio: Studio) -> None:
    """Builds the page. A folder that cannot be read is told in its place; the rest of the page works."""
    shell = Shell(studio, "Workflows")
    shell.commands.bind("new-workflow", lambda: new_workflow(studio))
    entries, problem = await _entries(studio)
    shell.extra = lambda: [(f"w:{e.path}", e.path, "account_tree", lambda e=e: ui.navigate.to(f"/w/{quote(e.path)}")) for e in entries]
    runs = await newest(studio, 6)
    with shell.frame("home"):
        with c.box("page-head"):
            with c.box("grow"):
                c.text("Workflows", "", "h1")
                c.text(str(studio.workspace.root), "dim small mono clip")
            shell.command_button("new-workflow", classes="primary")
        if problem:
            c.text(problem, "note error")
        _workflows(entries)
        with c.box("", "section"):
            with c.box("section-head"):
                c.text("Recent runs", "grow", "h2")
                if runs:
                    c.link("All runs", "/runs", classes="small")
            run_rows(runs, "No runs yet", "Open a workflow and press Ctrl+Enter to run it with its sample input.")
        await _templates(studio)


async def _entries(studio: Studio) -> tuple[list[Any], str]:
    try:
        return list(await asyncio.to_thread(studio.workspace.list) or []), ""
    except StudioError as error:
        return [], str(error)


def _workflows(entries: list[Any]) -> None:
    if not entries:
        with c.box("card"):
            c.empty("account_tree", "No workflows in this folder yet", "Begin with New workflow, or take one of the templates below.")
        return
    with c.box("list", "nav", aria_label="Workflows"):
        for entry in entries:
            with c.box("item", "a", href=f"/w/{quote(entry.path)}", data_workflow=entry.path):
                c.icon("account_tree", "dim")
                folder, _, name = entry.path.rpartition("/")
                with c.box("grow clip"):
                    c.text(f"{folder}/" if folder else "", "dim", "span")
                    c.text(name, "", "span").style("font-weight:500")
                c.text(c.size(entry.size), "dim small num")
                c.text(ago(datetime.fromtimestamp(entry.modified, UTC)), "dim small").style("width:96px;text-align:right")


FIRST = ("hello-bedrock", "human-approval-loop", "rfp-inline-map")
"""Templates to begin with."""


async def _templates(studio: Studio) -> None:
    found = await asyncio.to_thread(templates) or []
    found = [template for template in found if not template.folder.resolve().is_relative_to(studio.workspace.root)]
    if not found:
        return  # none, or the workspace is the folder of the templates itself
    with c.box("", "section"):
        with c.box("section-head"):
            c.text("Start from a template", "grow", "h2")
            c.link("All templates", "/templates", classes="small")
        with c.box("cards"):
            for template in sorted(found, key=lambda template: template.id not in FIRST)[:3]:
                gallery.tile(studio, template)


def new_workflow(studio: Studio) -> None:
    """Asks for a name and makes a blank workflow of it."""
    with ui.dialog() as dialog, c.box("dialog", "form", role="dialog", aria_label="New workflow") as form:
        with c.box("dialog-head"):
            c.text("New workflow", "grow", "h1")
        with c.box("dialog-body"):
            with c.box("field", "label"):
                c.text("File name", "field-name field-head")
                name = ui.input(value="workflow.asl.json").props("outlined dense autofocus tag=div").classes("path-field")
                c.attributes(name, data_new_name="")
            c.text("In this workspace; folders with /. The ending .asl.json or .asl.yaml chooses the format.", "field-doc")
            error = c.text("", "field-error", role="alert")
        with c.box("dialog-foot"):
            c.button("Cancel", dialog.close)
            c.button("Create", None, classes="primary", data_create="").props["type"] = "submit"

    async def create() -> None:
        path = file_name(str(name.value or ""))
        if not path:
            error.set_text("Type a name for the file.")
            return
        try:
            await asyncio.to_thread(studio.workspace.create, path, blank(path))
        except StudioError as problem:
            error.set_text(str(problem))
            return
        dialog.close()
        ui.navigate.to(f"/w/{quote(path)}")

    form.on("submit.prevent", create)
    dialog.on("hide", dialog.delete)
    dialog.open()


def file_name(typed: str) -> str:
    """The path a person means: trimmed, `/` between folders, with `.asl.json` where it names no format."""
    path = re.sub(r"[\\/]+", "/", typed.strip()).strip("/")
    if path and not re.search(r"\.asl\.(json|ya?ml)$", path):
        path = re.sub(r"\.(json|ya?ml)$", r".asl.\1", path) if re.search(r"\.(json|ya?ml)$", path) else f"{path}.asl.json"
    return path


def blank(path: str) -> str:
    return 'Comment: A workflow made with ASL Studio\nStartAt: ""\nStates: {}\n' if path.endswith(("yaml", "yml")) else BLANK
