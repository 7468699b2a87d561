"""How a template is shown, and how it becomes a workflow of the workspace."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from nicegui import ui

from studio.errors import StudioError, WorkspaceError
from studio.gallery import Template
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.context import Studio


def use(studio: Studio, template: Template) -> str:
    """Copies a template into the workspace as a folder of its own; answers the workflow's path. Errors: WorkspaceError.

    A template that lies in the workspace already is opened where it is.
    """
    if template.folder.resolve().is_relative_to(studio.workspace.root):
        return (template.folder.resolve().relative_to(studio.workspace.root) / "workflow.asl.json").as_posix()
    taken = {entry.path.split("/", 1)[0] for entry in studio.workspace.list()}
    name = template.id
    for number in range(2, 1000):
        if name not in taken and not (studio.workspace.root / name).exists():
            break
        name = f"{template.id}-{number}"
    for source in sorted(template.folder.rglob("*")):
        if source.is_file() and "__pycache__" not in source.parts:
            target = studio.workspace.root / name / source.relative_to(template.folder)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
            except OSError as error:
                raise WorkspaceError(
                    f"{target.name} cannot be written: {error.strerror}.", "Check that the workspace folder may be written to."
                ) from error
    return f"{name}/workflow.asl.json"


def tile(studio: Studio, template: Template) -> None:
    """A card: what the template shows, and its button."""

    async def chosen() -> None:
        try:
            path = await asyncio.to_thread(use, studio, template)
        except StudioError as error:
            c.toast(str(error), seconds=6)
            return
        ui.navigate.to(f"/w/{quote(path or '')}")

    with c.box("card tile", "article", data_template=template.id):
        c.text(template.title, "title")
        c.text(template.summary, "dim small")
        with c.box("foot"):
            for tag in (template.language, *template.tags[:3]):
                c.text(tag, "chip")
            c.box("grow")
            c.button("Use", chosen, title=f"Copy {template.title} into the workspace and open it", data_use=template.id)
