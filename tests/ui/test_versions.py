"""Versions: a text is named, compared with what is on the screen, and brought back as an edit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import ElementFilter, ui

from studio.asl.edits import SetValue, Transaction

FIRST = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}, indent=2) + "\n"


def with_attribute(user: Any, name: str) -> list[ui.element]:
    with user._client:
        return [element for element in ElementFilter(local_scope=False) if name in element.props]


def trigger(user: Any, element: ui.element, event: str) -> None:
    with user:
        for listener in list(element._event_listeners.values()):
            if listener.type.split(".")[0] == event:
                element._handle_event({"listener_id": listener.id, "args": [{}]})


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about")


async def test_name_compare_and_bring_back(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    (tmp_path / "a.asl.json").write_text(FIRST)
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json")
    session = await studio.sessions.open("a.asl.json")
    await asyncio.to_thread(studio.workspace.keep_revision, "a.asl.json", FIRST, "first")
    await session.do(Transaction((SetValue(("States", "B", "Comment"), "done"),), "Comment", "form"))
    (item,) = [
        e for e in with_attribute(user, "data-command") if e.props["data-command"] == "versions" and e.props.get("role") == "menuitem"
    ]
    trigger(user, item, "click")
    await until(lambda: any(e.props["data-version"] for e in with_attribute(user, "data-version")))
    rows = with_attribute(user, "data-version")
    first = next(r for r in await asyncio.to_thread(studio.workspace.revisions.list, "a.asl.json") if r.label == "first")
    trigger(user, next(r for r in rows if r.props["data-version"] == str(first.id)), "click")
    await until(lambda: bool(with_attribute(user, "data-change")))
    told = [(e.props["data-change"], e.props["data-changed-state"]) for e in with_attribute(user, "data-change")]
    assert told == [("changed", "B")]
    (diff,) = with_attribute(user, "lines")
    assert [line[3].strip() for line in diff.props["lines"] if line[0] in "+-"] == [
        '"Type": "Succeed"',
        '"Type": "Succeed",',
        '"Comment": "done"',
    ]
    (back,) = with_attribute(user, "data-restore-version")
    trigger(user, back, "click")
    await until(lambda: session.document.text == FIRST)
    assert session.undo() == "Bring back version first"
    assert session.document.root["States"]["B"]["Comment"] == "done"
    kept = [studio.workspace.revisions.text(r.id) for r in await asyncio.to_thread(studio.workspace.revisions.list, "a.asl.json")]
    assert session.document.text in kept
