"""What the Lambda functions of a state printed, attempt by attempt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.errors import StudioError
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.exec.views.links import Call

SHOWN = 6
"""Calls with a button; a state that was tried more often shows its last ones."""


def log_buttons(engine: Any, arn: str, calls: list[Call]) -> None:
    """A button for the log of each call. `engine` answers `get_function_log`: that of the workspace, or of AWS."""
    with c.box("row wrap"):
        for call in calls[-SHOWN:]:
            label = f"Log of attempt {call.attempt}" if len(calls) > 1 else f"Log of {call.function}"
            c.button(label, partial(_show, engine, arn, call), icon_name="terminal", classes="quiet", data_log=str(call.attempt))


async def _show(engine: Any, arn: str, call: Call) -> None:
    request = {"functionName": call.function, "executionArn": arn, **({"requestId": call.request} if call.request else {})}
    problem, text = "", ""
    try:
        text = str((await engine.get_function_log(**request))["log"])
        if not text and call.request is not None:  # its log says another request, as that of a function's own error does
            text = str((await engine.get_function_log(**{k: v for k, v in request.items() if k != "requestId"}))["log"])
            problem = "The log does not name this request: these are the function's last lines." if text else ""
    except StudioError as refused:
        problem = str(refused)
    with ui.dialog() as dialog, c.box("dialog wide", role="dialog", aria_label=f"Log of {call.function}"):
        with c.box("dialog-head"):
            c.text(f"Log of {call.function}", "grow clip", "h1")
        with c.box("dialog-body"):
            if call.request is None and text:
                c.text("The history does not say which request this was: these are the function's last lines.", "dim")
            if problem:
                c.text(problem, "note wrap", role="note")
            if text:
                c.text(text[-100_000:], "log-text mono", "pre", data_log_text="")
            elif not problem:
                c.text("There is no log: the function did not run (its task was mocked), or printed before logs were kept.", "dim")
        with c.box("dialog-foot"):
            c.button("Close", dialog.close, classes="primary")
    dialog.on("hide", dialog.delete)
    dialog.open()
