"""How a template is shown, and how it becomes a workflow of the workspace."""

from __future__ import annotations

import asyncio
import re
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


THUMBNAIL = (320, 136)
"""Pixels of a card's picture."""
SMALLEST = 0.3
"""A workflow that would be drawn smaller than this is shown from its start only, so that its shape can be seen."""


@lru_cache(maxsize=512)
def picture(name: str, theme: Literal["light", "dark"], *, thumbnail: bool = False) -> str | None:
    """A template's canvas as SVG; None where there is no such template. `thumbnail`: for a card."""
    from studio.asl.text import parse
    from studio.canvas import scene
    from studio.canvas.picture import PALETTES, svg

    found = next((template for template in templates() if template.id == name), None)
    if found is None:
        return None
    text = (found.folder / "workflow.asl.json").read_text("utf-8")
    built = scene.build(parse(text, "json").root)
    drawn = svg(built, theme=theme, title=found.title)
    if not thumbnail:
        return drawn
    start = next((node.x + node.w / 2 for node in built.nodes.values() if node.kind == "start"), built.width / 2)
    return _thumbnail(drawn, built.width, built.height, start, PALETTES[theme].page)


def _thumbnail(drawn: str, width: float, height: float, start: float, page: str) -> str:
    """A picture cut to a card: all of it where that can be seen, else what is around its start (at `start` from the left), fading out."""
    wide, high = THUMBNAIL
    scale = max(SMALLEST, min(1.0, wide / width, high / height))
    across, down = wide / scale, high / scale
    left = (width - across) / 2 if width <= across else min(max(0.0, start - across / 2), width - across)
    top = min(0.0, (height - down) / 2)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="{left:.1f} {top:.1f} {across:.1f} {down:.1f}"'
    cut = re.sub(r'<svg xmlns="[^"]*" width="[^"]*" height="[^"]*" viewBox="[^"]*"', head, drawn, count=1)
    if height <= down:
        return cut
    fade = (
        f'<defs><linearGradient id="fade" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{page}" stop-opacity="0"/>'
        f'<stop offset="1" stop-color="{page}"/></linearGradient></defs>'
        f'<rect x="{left:.1f}" y="{down * 0.7:.1f}" width="{across:.1f}" height="{down * 0.3:.1f}" fill="url(#fade)"/>'
    )
    return cut.replace("</svg>", f"{fade}</svg>")


def tile(studio: Studio, template: Template) -> None:
    """A card: what the template shows, and its buttons; its picture opens the whole description."""

    async def chosen() -> None:
        await _open(studio, template)

    with c.box("card tile", "article", data_template=template.id):
        with c.box("preview", "button", type="button", aria_label=f"About {template.title}", data_about=template.id).on(
            "click", lambda: about(studio, template)
        ):
            _pictures(template, "thumbnail=1&")
        c.text(template.title, "title", "h3")
        c.text(template.summary, "dim small")
        with c.box("foot"):
            with c.box("chips"):
                for tag in (template.language, *template.tags[:3]):
                    c.text(tag, "chip")
            c.button("Use", chosen, title=f"Copy {template.title} into the workspace and open it", data_use=template.id)


def about(studio: Studio, template: Template) -> None:
    """The dialog with the whole picture and the README."""

    async def chosen() -> None:
        await _open(studio, template)

    with ui.dialog() as dialog, c.box("dialog about", role="dialog", aria_label=template.title):
        with c.box("dialog-head"):
            c.text(template.title, "grow clip", "h1")
            for word in (template.type.capitalize(), template.language):
                c.text(word, "chip")
        with c.box("dialog-body", tabindex="0"):
            with c.box("whole"):
                _pictures(template)
            ui.markdown(template.about).classes("readme")
        with c.box("dialog-foot"):
            c.button("Close", dialog.close, classes="quiet")
            c.button("Use this template", chosen, icon_name="add", classes="primary", data_use_this=template.id)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _pictures(template: Template, more: str = "") -> None:
    for theme in ("light", "dark"):
        c.box(f"on-{theme}", "img", src=f"/templates/{quote(template.id)}.svg?{more}theme={theme}", alt="", loading="lazy")


async def _open(studio: Studio, template: Template) -> None:
    try:
        path = await asyncio.to_thread(use, studio, template)
    except StudioError as error:
        c.toast(str(error), seconds=6)
        return
    ui.navigate.to(f"/w/{quote(path or '')}")
