"""A person's own patterns: workflows in the folder `patterns` of the workspace, saved from a selection, offered by the palette."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.asl import tree
from studio.asl.text import parse
from studio.canvas import clipboard
from studio.canvas.patterns import OWN, OWN_FOLDER, Pattern
from studio.errors import StudioError, TextError, WorkspaceError
from studio.store.names import name_of
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.store.workspace import Workspace
    from studio.ui.view import EditorView

MAX_PATTERNS = 200
ENDINGS = (".asl.json", ".asl.yaml", ".asl.yml")


def own_patterns(workspace: Workspace) -> dict[str, Pattern]:
    """The patterns of a workspace, by palette id; files that hold no states are left out. Reads files."""
    folder = workspace.root / OWN_FOLDER
    found: dict[str, Pattern] = {}
    if workspace.only is not None or not folder.is_dir():
        return found
    for file in sorted(folder.iterdir())[:MAX_PATTERNS]:
        path = f"{OWN_FOLDER}/{file.name}"
        if not file.name.endswith(ENDINGS):
            continue
        try:
            loaded = workspace.read(path)
            root = parse(loaded.text, loaded.format).root
        except (WorkspaceError, TextError):
            continue
        states = root.get("States") if isinstance(root, dict) else None
        if isinstance(states, dict) and states:
            comment = root.get("Comment") if isinstance(root, dict) else None
            hint = comment if isinstance(comment, str) and comment else f"{len(states)} state{'s' if len(states) != 1 else ''}"
            identity = OWN + file.name
            found[identity] = Pattern(identity, name_of(path), hint, "push_pin", root)
    return found


def file_of(name: str) -> str:
    """The path of a new pattern's file: its name without what a file's name cannot hold. ValueError where nothing is left."""
    plain = re.sub(r"\s+", " ", re.sub(r'[\\/:*?"<>|#\x00-\x1f]', " ", name)).strip(" .")
    if not plain:
        raise ValueError("A pattern needs a name, such as “Retry and notify”.")
    return f"{OWN_FOLDER}/{plain[:80]}.asl.json"


def open_saving(view: EditorView, saved: Callable[[], Any]) -> None:
    """The dialog that saves the selected states; `saved` is called once they are."""
    root = view.session.document.root
    text = clipboard.copy(root, [tree.from_text(identity, root) for identity in view.selection])
    names = [node.name for identity in view.selection if (node := view.node(identity))]
    with ui.dialog() as dialog, c.box("dialog", "form", role="dialog", aria_label="Save as pattern") as form:
        with c.box("dialog-head"):
            c.text("Save as pattern", "grow", "h1")
        with c.box("dialog-body"):
            c.text(
                f"{len(names)} state{'s' if len(names) != 1 else ''}: {', '.join(names[:6])}{' …' if len(names) > 6 else ''}", "dim wrap"
            )
            field = ui.input(value=names[0] if names else "", placeholder="Name").props("outlined dense autofocus")
            field.on("focus", js_handler="(event) => event.target.select()")
            c.attributes(field, aria_label="Name of the pattern", data_pattern_name="")
            c.text(
                f"Kept as a workflow in the folder {OWN_FOLDER} of the workspace; it can be opened and edited like any other.",
                "dim small wrap",
            )
            error = c.text("", "field-error", role="alert")
        with c.box("dialog-foot"):
            c.button("Cancel", dialog.close)
            c.button("Save", None, classes="primary").props["type"] = "submit"

    def save() -> None:
        try:
            path = file_of(str(field.value or ""))
            view.studio.workspace.create(path, text)
        except (ValueError, StudioError) as problem:
            error.set_text(str(problem))
            return
        dialog.close()
        c.toast(f"Saved as {path}; it is in the palette's patterns.", seconds=4)
        saved()

    form.on("submit.prevent", save)
    dialog.on("hide", dialog.delete)
    dialog.open()
