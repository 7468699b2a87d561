"""The end of a run that was followed: told in a toast, in the title of a tab out of sight, and by the browser where a person asked for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.ui.times import between
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.watch import RunWatch

LONG = 10.0
"""Seconds from which on a run's end is told in the page too: whoever follows a shorter one sees it."""
MARKS = {"succeeded": "✓", "failed": "✗", "timed-out": "✗", "stopped": "■"}


class EndNotice:
    """`look` after news of the run; `bell` makes the button that asks to be told."""

    def __init__(self, watch: RunWatch, name: str) -> None:
        self.watch, self.name = watch, name
        self.going = False
        """Whether the run was seen under way: the end of one that had ended before is no news."""
        ui.on("studio-tells", self._tells)

    def bell(self) -> None:
        button = c.button(
            "Tell me when it ends", None, icon_name="notifications", icon_only=True, classes="quiet", data_tell_end="", aria_pressed="false"
        )
        button.on("click", js_handler="(event) => window.studio.askToTell(event.currentTarget)")
        ui.run_javascript("window.studio.showBell()")

    def look(self) -> None:
        view = self.watch.view
        if view.started is None or self.watch.problem:
            return
        if not self.watch.ended:
            self.going = True
        elif self.going:
            self.going = False
            status = c.execution(view.status)
            words = told(self.name, status, between(view.started, view.ended), view.error)
            ui.run_javascript(f"window.studio.tellEnd({json.dumps(MARKS.get(status, '•'))}, {json.dumps(words)})")
            if view.ended is not None and (view.ended - view.started).total_seconds() >= LONG:
                c.toast(words, seconds=8)

    @staticmethod
    def _tells(event: Any) -> None:
        if event.args.get("on"):
            c.toast("The browser tells you when a run ends whose page is open in another tab.")
        elif event.args.get("refused"):
            c.toast("The browser does not allow notifications from this page: the tab's title will say it.", seconds=6)
        else:
            c.toast("The browser no longer tells of the end of runs.")


def told(name: str, status: str, lasted: str, error: str | None) -> str:
    """`orders-7 failed after 4 m 10 s: States.Timeout`."""
    word = c.STATUS.get(status, ("", status))[1].lower()
    return f"{name} {word} after {lasted}{f': {error}' if error else ''}"
