"""The small parts every page is made of. All text given here is data: it reaches the page as text or as an attribute value.

Concurrency model: like all of NiceGUI, to be called in the page's own context on the event loop.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from studio.canvas.icons import ICONS

STATUS: dict[str, tuple[str, str]] = {
    "succeeded": ("check_circle", "Succeeded"),
    "failed": ("cancel", "Failed"),
    "running": ("autorenew", "Running"),
    "waiting": ("hourglass_top", "Waiting"),
    "retrying": ("replay", "Retrying"),
    "caught": ("shield", "Caught"),
    "timed-out": ("timer_off", "Timed out"),
    "stopped": ("stop_circle", "Stopped"),
    "not-reached": ("radio_button_unchecked", "Not reached"),
}
"""Status word of the page -> (icon, word for people). The stroke, tint and text colours are theme.css's, by `data-tone`."""

EXECUTION_STATUS = {
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timed-out",
    "ABORTED": "stopped",
    "PENDING_REDRIVE": "waiting",
}


def execution(status: str | None) -> str:
    """The status word of an execution's status (`SUCCEEDED`), a word we don't know as it is."""
    return EXECUTION_STATUS.get(status or "RUNNING", str(status).lower())


def attributes(element: Any, **values: Any) -> Any:
    """Sets attributes by value (never through a string that would be parsed); `data_panel` becomes `data-panel`. None: left out."""
    for name, value in values.items():
        if value is not None:
            element.props[name.rstrip("_").replace("_", "-")] = value
    return element


def change(element: Any, **values: Any) -> None:
    """Sets attributes, telling the browser only of those that are others now."""
    for name, value in values.items():
        attribute = name.rstrip("_").replace("_", "-")
        if element.props.get(attribute) != value:
            element.props[attribute] = value


def box(classes: str = "", tag: str = "div", /, **values: Any) -> ui.element:
    return attributes(ui.element(tag).classes(classes), **values)


def text(value: object, classes: str = "", tag: str = "div", /, **values: Any) -> TextElement:
    return attributes(TextElement(tag=tag, text=str(value)).classes(classes), **values)


def icon(name: str, classes: str = "") -> ui.element:
    """A Material icon out of the bundled font; drawn by CSS, so that it is no part of the text around it."""
    return box(f"icon {classes}", "i", data_icon=name, aria_hidden="true")


def glyph(name: str, classes: str = "") -> ui.element:
    """The icon of a state, as the canvas draws it: our own line icon where there is one, else the font's."""
    path = ICONS.get(name)
    if path is None:
        return icon(name, classes)
    made = box(f"line-icon {classes}", "svg", viewBox="0 0 24 24", aria_hidden="true")
    with made:
        box("", "path", d=path)
    return made


def button(
    label: str,
    on_click: Callable[..., Any] | None,
    *,
    icon_name: str | None = None,
    classes: str = "",
    title: str | None = None,
    icon_only: bool = False,
    **values: Any,
) -> ui.element:
    """A native button: label and icon, or the icon with the label as accessible name."""
    made = box(f"btn {'icon-only ' if icon_only else ''}{classes}", "button", type="button", **values)
    if icon_only:
        attributes(made, aria_label=label, title=title or label)
    elif title:
        attributes(made, title=title)
    with made:
        if icon_name:
            icon(icon_name)
        if not icon_only:
            text(label, "clip", "span")
    if on_click is not None:
        made.on("click", on_click)
    return made


def link(label: str, target: str, *, icon_name: str | None = None, classes: str = "btn", **values: Any) -> ui.element:
    """A plain link; `target` must be an address of ours (built with `quote`), never something a file said."""
    made = box(classes, "a", href=target, **values)
    with made:
        if icon_name:
            icon(icon_name)
        text(label, "clip", "span")
    return made


def status_chip(word: str, label: str | None = None) -> ui.element:
    """A status with icon and word; a word we don't know is shown as it is, with a question mark."""
    glyph, name = STATUS.get(word, ("help_outline", word))
    made = box("status", "span", data_tone=word)
    with made:
        icon(glyph)
        text(label or name, "", "span")
    return made


def empty(icon_name: str, title: str, lesson: str) -> ui.element:
    """An empty state that teaches one thing."""
    made = box("empty")
    with made:
        icon(icon_name)
        text(title, "title")
        text(lesson)
    return made


class Select(ui.element, component="select.js"):
    """A native select; `options` is a list of [value, label]."""


def choice(
    options: dict[str, str], value: str, on_change: Callable[[str], Any], *, label: str, classes: str = "", **values: Any
) -> ui.element:
    """A native select of value -> label; calls `on_change` with the chosen value. A value not among the options is shown as it is."""
    made = attributes(
        Select().classes(f"select {classes}"), aria_label=label, value=value, options=[[k, name] for k, name in options.items()], **values
    )

    def changed(event: Any) -> Any:
        made.props["value"] = str(event.args)
        return on_change(str(event.args))

    made.on("choose", changed)
    return made


def check(label: str, value: bool, on_change: Callable[[bool], Any], **values: Any) -> ui.element:
    """A checkbox with its label."""
    with box("check", "label") as made:
        tick = box("", "input", type="checkbox", checked=value, **values)
        text(label, "", "span")

    def changed(event: Any) -> Any:
        tick.props["checked"] = bool(event.args)
        return on_change(bool(event.args))

    tick.on("change", changed, js_handler="(event) => emit(event.target.checked)")
    return made


def tick(made: ui.element, value: bool) -> None:
    """Lets a `check` show another value."""
    next(iter(made)).props["checked"] = value


def tabs(
    names: dict[str, str], chosen: str, on_choose: Callable[[str], Any], *, label: str, classes: str = "tabs"
) -> dict[str, ui.element]:
    """A row of tabs; answers the buttons by id so that counts can be put in. `mark` keeps them in step."""
    made: dict[str, ui.element] = {}
    with box(classes, role="tablist", aria_label=label):
        for key, name in names.items():
            made[key] = button(
                name, lambda _=None, key=key: on_choose(key), role="tab", aria_selected=str(key == chosen).lower(), data_tab=key
            )
    return made


def mark(buttons: dict[str, ui.element], chosen: str | None, attribute: str = "aria-selected") -> None:
    for key, made in buttons.items():
        change(made, **{attribute.replace("-", "_"): str(key == chosen).lower()})


def toast(message: str, *, seconds: float = 2.5) -> None:
    """A sentence at the foot of the page; text, never markup."""
    ui.notify(message, position="bottom", timeout=int(seconds * 1000), html=False, group=False)


def seconds(value: float | None) -> str:
    """A duration as people read it: `842 ms`, `3.2 s`, `4 m 10 s`, `2 h 5 m`."""
    if value is None:
        return "–"
    if value < 0.9995:
        return f"{max(0, round(value * 1000))} ms"
    if value < 59.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} m {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} m" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def size(count: int) -> str:
    """Bytes as people read them."""
    if count < 1000:
        return f"{count} B"
    return (
        f"{count / 1024:.1f} KB"
        if count < 100 * 1024
        else (f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB")
    )


def plain(label: str) -> str:
    """The name of an edit without the stars around names: `add *Wait*` -> `add Wait`."""
    return re.sub(r"\*(.+?)\*", r"\1", label)
