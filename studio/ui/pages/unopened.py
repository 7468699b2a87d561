"""What `/w/<path>` shows where there is no editor: which of a template's state machines is meant, or why a file cannot be edited."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from studio.errors import StudioError
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.errors import WorkspaceError
    from studio.ui.context import Studio
    from studio.ui.shell import Shell


def choose(shell: Shell, path: str, machines: list[str]) -> None:
    """A template holds state machines: which one."""
    with shell.frame("home"):
        with c.box("page-head"):
            c.text(path, "grow clip", "h1")
            c.link("Back to the workflows", "/")
        c.text("This template holds these state machines. Editing one changes nothing else of the template.", "dim")
        with c.box("list", "nav", aria_label="State machines"):
            for name in machines:
                with c.box("item", "a", href=f"/w/{quote(f'{path}#{name}')}", data_workflow=f"{path}#{name}"):
                    c.icon("account_tree", "dim")
                    c.text(name, "grow clip")


async def closed(studio: Studio, shell: Shell, path: str, problem: WorkspaceError) -> None:
    """A file that cannot be edited: why, what to do, and its beginning where it is text."""
    try:
        beginning = await asyncio.to_thread(studio.workspace.beginning, path)
    except StudioError:
        beginning = None
    with shell.frame("home"):
        with c.box("page-head"):
            c.text(path, "grow clip", "h1")
            c.link("Back to the workflows", "/")
        with c.box("note error", "div", role="alert", data_unreadable=""):
            c.icon("error", "icon-16")
            with c.box("grow"):
                c.text(problem.message, "wrap")
                if problem.hint:
                    c.text(problem.hint, "wrap small")
        if beginning:
            c.text("The file is as it was. This is how it begins:", "dim")
            with c.box("card").style("padding:12px;max-height:60vh;overflow:auto"):
                c.text(beginning, "wrap mono", "pre")
