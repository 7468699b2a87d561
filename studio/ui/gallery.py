"""How a template is shown, and how it becomes a workflow of the workspace."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from nicegui import ui

from studio.errors import StudioError, WorkspaceError
from studio.gallery import Template, templates
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


@lru_cache(maxsize=256)
def picture(name: str, theme: Literal["light", "dark"]) -> str | None:
    """A template's canvas as SVG; None where there is no such template."""
    from studio.asl.text import parse
    from studio.canvas import scene
    from studio.canvas.picture import svg

    found = next((template for template in templates() if template.id == name), None)
    if found is None:
        return None
    text = (found.folder / "workflow.asl.json").read_text("utf-8")
    return svg(scene.build(parse(text, "json").root), theme=theme, title=found.title)


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
        with c.box("preview"):
            for theme in ("light", "dark"):
                c.box(f"on-{theme}", "img", src=f"/templates/{quote(template.id)}.svg?theme={theme}", alt="", loading="lazy")
        c.text(template.title, "title")
        c.text(template.summary, "dim small")
        with c.box("foot"):
            with c.box("chips"):
                for tag in (template.language, *template.tags[:3]):
                    c.text(tag, "chip")
            c.button("Use", chosen, title=f"Copy {template.title} into the workspace and open it", data_use=template.id)
