"""What somebody types is kept, whatever else changes before the document has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nicegui import ElementFilter, ui

from studio.ui.widgets.form import Form
from studio.ui.widgets.live_line import LiveLine

STATE = {"Type": "Pass", "InputPath": "$.a", "Parameters": {"a": 1}, "ResultPath": "$.b", "End": True}


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about")


def having(user: Any, name: str, value: str) -> list[ui.element]:
    with user._client:
        return [element for element in ElementFilter(local_scope=False) if element.props.get(name) == value]


async def fields(user: Any) -> None:
    """Opens the tab of the fields that the tests type in."""
    await until(lambda: having(user, "data-tab", "state-input") != [])
    (tab,) = having(user, "data-tab", "state-input")
    with user:
        for listener in list(tab._event_listeners.values()):
            tab._handle_event({"listener_id": listener.id, "args": {}})
    await until(lambda: control(user, "/InputPath") is not None)


def control(user: Any, field: str) -> Any:
    """The control of a field of the inspector; None while it is not there."""
    frames = having(user, "data-field", field)
    return next((e for frame in frames for e in frame.descendants() if isinstance(e, ui.input | ui.textarea)), None)


@pytest.mark.parametrize("late", ["/InputPath", "/Parameters"])
async def test_a_change_of_one_field_takes_nothing_from_another(
    late: str, tmp_path: Path, open_studio: Callable[[Path], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two fields are typed one after the other; the value of the second is shown later than the document changes for the first."""
    (tmp_path / "a.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": STATE}}))
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json?state=A")
    session = await studio.sessions.open("a.asl.json")
    await fields(user)
    first, second = ("/Parameters", "/InputPath") if late == "/InputPath" else ("/InputPath", "/Parameters")
    typed = {"/InputPath": "$.other", "/Parameters": '{"a": 2}'}
    shown, count = asyncio.Event(), 0

    async def told(_line: LiveLine) -> None:
        nonlocal count
        count += 1
        if count == 2:
            await shown.wait()

    monkeypatch.setattr(LiveLine, "told", told)
    state = lambda: session.document.root["States"]["A"]  # noqa: E731
    with user:
        control(user, first).set_value(typed[first])
        control(user, second).set_value(typed[second])
    await until(lambda: state()[first[1:]] != STATE[first[1:]])
    await asyncio.sleep(0.1)
    shown.set()
    await until(lambda: state() == {**STATE, "InputPath": "$.other", "Parameters": {"a": 2}})
    assert control(user, second).value == typed[second]


@pytest.mark.parametrize(("command", "expected"), [("save", "$.other"), ("undo", "$.a")])
async def test_a_command_is_meant_for_what_was_typed_before_it(
    command: str, expected: str, tmp_path: Path, open_studio: Callable[[Path], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """*Save* or *Undo* right behind the last key, while the value of what was typed is still worked out."""
    file = tmp_path / "a.asl.json"
    file.write_text(json.dumps({"StartAt": "A", "States": {"A": STATE}}))
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json?state=A")
    session = await studio.sessions.open("a.asl.json")
    await fields(user)
    shown = asyncio.Event()

    async def told(_line: LiveLine) -> None:
        await shown.wait()

    monkeypatch.setattr(LiveLine, "told", told)
    pressed = [listener for listener in user._client.layout._event_listeners.values() if listener.type == "studioCommand"]
    with user:
        control(user, "/InputPath").set_value("$.other")
        for listener in pressed:
            user._client.layout._handle_event({"listener_id": listener.id, "args": {"id": command}})
    await asyncio.sleep(0.1)
    shown.set()
    await until(lambda: session.history.redo_label is not None if command == "undo" else session.saved_at is not None)
    assert session.document.root["States"]["A"]["InputPath"] == expected
    assert (json.loads(file.read_text())["States"]["A"]["InputPath"], session.unsaved) == (expected, False)


async def test_a_change_in_the_moment_of_typing_takes_nothing(
    tmp_path: Path, open_studio: Callable[[Path], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was typed is known to the page, and the forms are drawn with another change before it is put into the document."""
    forms: list[Form] = []
    begin = Form.__init__
    monkeypatch.setattr(Form, "__init__", lambda form, *about: (begin(form, *about), forms.append(form))[0])
    (tmp_path / "a.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": STATE}}))
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json?state=A")
    session = await studio.sessions.open("a.asl.json")
    await until(lambda: having(user, "data-tab", "state-input") != [])  # the state's form, no longer the workflow's
    with user:
        control(user, "/Comment").set_value("why")
        for form in forms:
            form.refresh()
    await until(lambda: "Comment" in session.document.root["States"]["A"])
    await asyncio.sleep(0.1)
    assert session.document.root["States"]["A"] == {**STATE, "Comment": "why"}
    assert control(user, "/Comment").value == "why"
