"""`/`: the workflows of the workspace, the newest runs, and the ways to begin."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from nicegui import ui

from studio.asl.text import dump, format_of
from studio.gallery import templates
from studio.ui import gallery
from studio.ui.pages.runs import newest, run_rows
from studio.ui.panels.files import Files, file_name, open_name
from studio.ui.panels.incoming import Incoming
from studio.ui.shell import Shell
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.context import Studio

BLANK = {"Comment": "A workflow made with ASL Studio", "StartAt": "", "States": {}}
LANGUAGES = {"JSONata": "JSONata: expressions, as new workflows have on AWS", "JSONPath": "JSONPath: paths and intrinsic functions"}


async def page(studio: Studio) -> None:
    """Builds the page. A folder that cannot be read is told in its place; the rest of the page works."""
    shell = Shell(studio, "Workflows")
    shell.commands.bind("new-workflow", lambda: new_workflow(studio))
    files = Files(studio)
    await files.read()
    shell.extra = lambda: [
        (f"w:{e.path}", e.path, "account_tree", lambda e=e: ui.navigate.to(f"/w/{quote(e.path)}")) for e in files.entries
    ]
    runs = await newest(studio, 6)
    with shell.frame("home"):
        with c.box("page-head"):
            with c.box("grow"):
                c.text("Workflows", "", "h1")
                c.text(str(studio.workspace.root), "dim small mono clip")
            files.build_trash()
            if studio.workspace.only is None:
                Incoming(studio, files.refresh)
            shell.command_button("new-workflow", classes="primary")
        with c.box("rows", "section"):
            files.build()
        with c.box("", "section"):
            with c.box("section-head"):
                c.text("Recent runs", "grow", "h2")
                if runs:
                    c.link("All runs", "/runs", classes="small")
            run_rows(runs, "No runs yet", "Open a workflow and press Ctrl+Enter to run it with its sample input.")
        await _templates(studio)


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
    chosen = ["JSONata"]

    async def create(typed: str) -> None:
        path = file_name(typed)
        await asyncio.to_thread(studio.workspace.create, path, blank(path, chosen[0]))
        ui.navigate.to(f"/w/{quote(path)}")

    def language() -> None:
        with c.box("field", "div"):
            c.text("Query language", "field-name field-head")
            select = c.choice(LANGUAGES, chosen[0], lambda word: chosen.__setitem__(0, word), label="Query language")
            c.attributes(select, data_new_language="")

    doc = "In this workspace; folders with /. The ending .asl.json or .asl.yaml chooses the format."
    open_name("New workflow", "Create", "workflow.asl.json", doc, create, more=language)


def blank(path: str, language: str) -> str:
    """An empty workflow in the format of its file."""
    root = {"Comment": BLANK["Comment"], **({"QueryLanguage": language} if language != "JSONPath" else {}), **BLANK}
    return dump(root, format_of(path))
