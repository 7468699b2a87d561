"""`/templates`: the gallery, with search and tags."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from nicegui import ui

from studio.gallery import GROUPS, Template
from studio.gallery import templates as all_templates
from studio.ui import gallery
from studio.ui.shell import Shell
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.context import Studio


async def page(studio: Studio) -> None:
    shell = Shell(studio, "Templates")
    found = await asyncio.to_thread(all_templates) or []
    tags = [tag for tag, _ in Counter(tag for template in found for tag in template.tags).most_common(12)]
    chosen: set[str] = set()
    with shell.frame("templates"):
        with c.box("page-head"):
            with c.box("grow"):
                c.text("Templates", "", "h1")
                c.text("Complete workflows with sample input and mocked answers: use one and press Run.", "dim")
            search = ui.input(placeholder="Search").props("outlined dense clearable").style("width:220px")
            c.attributes(search, aria_label="Search templates")
        with c.box("tags"):
            for tag in tags:
                _tag(tag, chosen, lambda: draw())  # noqa: PLW0108 - defined below
        grid = c.box("gallery-groups")

    def draw() -> None:
        words = str(search.value or "").lower().split()
        grid.clear()
        with grid:
            shown = [
                t
                for t in found
                if chosen <= set(t.tags) and all(w in f"{t.id} {t.title} {t.summary} {' '.join(t.tags)}".lower() for w in words)
            ]
            for title in dict.fromkeys(template.group for template in shown):
                _group(studio, title, [template for template in shown if template.group == title])
            if not shown:
                c.empty(
                    "dashboard_customize",
                    "No template fits",
                    "Clear the search to see all of them." if found else "This installation has no templates folder.",
                )

    search.on_value_change(draw)
    draw()


def _group(studio: Studio, title: str, shown: list[Template]) -> None:
    """A heading and its cards."""
    summary = next((group.summary for group in GROUPS if group.title == title), "")
    with c.box("gallery-group", "section", aria_label=title, data_group=title):
        with c.box("gallery-head"):
            c.text(title, "", "h2")
            c.text(summary, "dim small grow")
            c.text(f"{len(shown)} template{'s' if len(shown) != 1 else ''}", "dim small num")
        with c.box("cards"):
            for template in shown:
                gallery.tile(studio, template)


def _tag(tag: str, chosen: set[str], changed: object) -> None:
    def toggle() -> None:
        chosen.symmetric_difference_update({tag})
        made.props["aria-pressed"] = str(tag in chosen).lower()
        if callable(changed):
            changed()

    made = c.button(tag, toggle, classes="tag", aria_pressed="false", data_tag=tag)
