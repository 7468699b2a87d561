"""JSONPath to JSONata in the editor: what changes, what stays and why, and whether both versions come to the same."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from nicegui import ui

from studio.asl import tree
from studio.asl.convert import Conversion, convert, convert_state
from studio.asl.edits import Edit, RemoveValue, SetValue, Transaction
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.asl.tree import Json
    from studio.ui.view import EditorView

SHOWN = 100


async def open_converter(view: EditorView) -> None:
    """Converts the selected state, or the workflow where none is selected; nothing is changed before *Convert* is pressed."""
    node = view.selected
    old = view.session.document.root
    done = _converted(view, old)
    what = f"the state {node.name}" if node is not None else "the workflow"
    edits = edits_between(old, done.root)
    with ui.dialog() as dialog, c.box("dialog", role="dialog", aria_label="Convert to JSONata", data_panel="convert"):
        with c.box("dialog-head"):
            c.text("Convert to JSONata", "grow", "h1")
            c.button("Close", dialog.close, icon_name="close", icon_only=True, classes="quiet")
        with c.box("dialog-body"):
            if not edits:
                c.text(f"There is nothing to convert in {what}.", "wrap")
            else:
                count = len({edit.pointer[:2] for edit in edits if len(edit.pointer) > 1})
                c.text(
                    f"Converting {what} changes {count} state{'s' if count != 1 else ''}. It is one step, which undo takes back.", "wrap"
                )
            for note in done.notes[:SHOWN]:
                with c.box(f"note {'' if note.converted else 'warning'}"):
                    c.icon("info" if note.converted else "warning", "icon-16")
                    with c.box("grow"):
                        c.text(tree.to_text(note.pointer) or "/", "mono small clip")
                        c.text(note.message, "wrap")
            proof = c.box("rows")
        with c.box("dialog-foot"):
            c.button("Cancel", dialog.close)
            apply = c.button("Convert", None, classes="primary", data_convert="")
            apply.set_visibility(bool(edits))

    async def do() -> None:
        dialog.close()
        await view.do(Transaction(tuple(edits), f"Convert {what} to JSONata", "form"))

    apply.on("click", do)
    dialog.on("hide", dialog.delete)
    dialog.open()
    if edits:
        with proof:
            c.text("Running both versions on the sample input …", "dim small")
        found = await asyncio.to_thread(_proved, view, old, done.root)
        proof.clear()
        with proof:
            for good, line in found or []:
                with c.box("note" if good else "note warning"):
                    c.icon("check_circle" if good else "warning", "icon-16")
                    c.text(line, "grow wrap")


def _converted(view: EditorView, root: Json) -> Conversion:
    node = view.selected
    if node is None or not isinstance(node.value, dict):
        return convert(root)
    one = convert_state(node.value, node.pointer)
    return Conversion(tree.put(root, node.pointer, one.root), one.notes)


def edits_between(old: Json, new: Json) -> list[SetValue | RemoveValue]:
    """Edits that make one definition of another: the top fields that differ, and below `States` the states that do."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return []
    found: list[SetValue | RemoveValue] = [RemoveValue((key,)) for key in old if key not in new]
    for key, value in new.items():
        before = old.get(key)
        if key == "States" and isinstance(before, dict) and isinstance(value, dict):
            found += [SetValue((key, name), state) for name, state in value.items() if before.get(name) != state]
        elif before != value:
            found.append(SetValue((key,), value))
    return found


def _proved(view: EditorView, old: Json, new: Json) -> list[tuple[bool, str]]:
    from studio.exec.proof import MachineError, prove

    side = view.session.side
    try:
        value = json.loads(side.input_text or "{}")
        proofs = prove(old, new, value, side.mocks)
    except (ValueError, MachineError) as error:
        return [(False, f"Not proved: {error}")]
    return [
        (p.same, f"{f'Case {p.case}' if p.case else 'The sample input'}: both versions give the same ({p.old.partition(' ')[0]}).")
        if p.same
        else (False, f"{f'Case {p.case}' if p.case else 'The sample input'} differs. JSONPath: {p.old[:300]} JSONata: {p.new[:300]}")
        for p in proofs
    ]


__all__ = ["Edit", "edits_between", "open_converter"]
