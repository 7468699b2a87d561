"""An error as a person reads it: its name, its cause in words, a function's stack trace; and the cause as it came."""

from __future__ import annotations

import json
from typing import Any, cast

from studio.ui.widgets import controls as c


def in_words(cause: str | None) -> str:
    """A cause in words: of a function's error, which is JSON, its message."""
    return _told(cause)[0]


def failure(error: str, cause: str | None, *, caught: bool = False, stopped: bool = False) -> None:
    """An error with its name and cause; amber with a shield where it was caught, grey where somebody stopped the run with it."""
    message, trace = _told(cause)
    with c.box(f"failure {'caught' if caught else 'stopped' if stopped else ''}", role="group", aria_label="Error", data_error=error):
        with c.box("row"):
            c.icon("shield" if caught else "stop_circle" if stopped else "cancel", "icon-16")
            c.text(error, "name")
        if message:
            c.text(message, "cause")
        if trace:
            c.text(trace, "trace", "pre")
        if cause and message != cause:
            with c.box("", "details"):
                c.text("The cause as it came", "small", "summary").style("cursor:pointer")
                c.text(cause, "cause mono")


def _told(cause: str | None) -> tuple[str, str]:
    """Message and stack trace of a function's error; any other cause is its own message."""
    try:
        told: Any = json.loads(cause or "")
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return cause or "", ""
    found = cast("dict[str, Any]", told)
    message, trace = found.get("errorMessage"), found.get("stackTrace")
    if not isinstance(message, str) or not message:
        return cause or "", ""
    lines = cast("list[Any]", trace) if isinstance(trace, list) else []
    return message, "\n".join(line.strip("\n") for line in lines if isinstance(line, str))
