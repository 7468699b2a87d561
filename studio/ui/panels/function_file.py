"""Under a task that calls a Lambda function: the file that answers for it in local runs, or a button that creates it."""

from __future__ import annotations

import asyncio
from typing import Any

from studio.asl.tree import MISSING
from studio.catalogue.actions import is_function
from studio.errors import StudioError
from studio.exec.performers import function
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import Form


def function_file(form: Form) -> None:
    """The line; hidden where the task calls no function whose name is written down."""
    folder = (form.view.session.workspace.root / form.view.session.path).parent / "functions"
    with c.box("field", "div", data_function_file="") as line:
        with c.box("field-head"):
            c.text("In local runs", "field-name", "span")
        told = c.text("", "dim small wrap")
        made = c.box("btn", "button", type="button", data_create_function="")
        with made:
            c.icon("add")
            label = c.text("", "clip", "span")

    async def create() -> None:
        name = called(form)
        if name is None:
            return
        try:
            await asyncio.to_thread(function.create, folder, name)
            c.toast(f"Created functions/{name}.py")
        except StudioError as problem:
            c.toast(str(problem))
        refresh()

    def refresh() -> None:
        name = called(form)
        line.set_visibility(name is not None)
        if name is None:
            return
        there = (folder / f"{name}.py").is_file()
        told.set_text(
            f"functions/{name}.py answers for this function."
            if there
            else "No file answers for this function; without a mock the task fails."
        )
        made.set_visibility(not there)
        if not there:
            label.set_text(f"Create functions/{name}.py")

    made.on("click", create)
    form.updaters.append(refresh)
    refresh()


def called(form: Form) -> str | None:
    """The function the task calls, where its name is written down and not an expression."""
    resource: Any = form.value(("Resource",))
    if not isinstance(resource, str):
        return None
    if is_function(resource):
        return function.name_in(resource)
    if not resource.startswith("arn:aws:states:::lambda:invoke"):
        return None
    for member in ("Parameters", "Arguments"):
        target = form.value((member, "FunctionName"))
        if target is not MISSING:
            return function.name_in(target)
    return None
