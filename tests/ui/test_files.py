"""The workflows of the workspace: renamed, duplicated, put into the trash and back, imported."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nicegui import ElementFilter, ui

from studio.asl.edits import SetValue, Transaction
from studio.errors import WorkspaceError

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
TEMPLATE = """\
Resources:
  Pay:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        StartAt: A
        States:
          A: {Type: Succeed}
"""


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(PASS) + "\n", "utf-8")


def by_attribute(user: Any, name: str, value: str) -> list[ui.element]:
    with user._client:
        return [element for element in ElementFilter(local_scope=False) if element.props.get(name) == value]


def trigger(user: Any, element: ui.element, event: str = "click") -> None:
    with user:
        for listener in list(element._event_listeners.values()):
            if listener.type.split(".")[0] == event:
                element._handle_event({"listener_id": listener.id, "args": [{}]})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about")


def shown(user: Any) -> list[str]:
    with user._client:
        return [e.props["data-workflow"] for e in ElementFilter(local_scope=False) if "data-workflow" in e.props]


def action(user: Any, path: str, name: str) -> ui.element:
    (row,) = by_attribute(user, "data-file", path)
    return next(e for e in row.descendants() if e.props.get("data-action") == name)


async def test_duplicate_delete_and_restore(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    write(tmp_path, "a.asl.json")
    (tmp_path / "a.studio.json").write_text('{"config": {"type": "EXPRESS"}}')
    user, _ = await open_studio(tmp_path)
    await user.open("/")
    trigger(user, action(user, "a.asl.json", "duplicate"))
    await until(lambda: shown(user) == ["a-2.asl.json", "a.asl.json"])
    assert (tmp_path / "a-2.studio.json").read_text() == '{"config": {"type": "EXPRESS"}}'
    trigger(user, action(user, "a.asl.json", "trash"))
    await until(lambda: shown(user) == ["a-2.asl.json"])
    trigger(user, by_attribute(user, "data-trash", "")[0])
    await user.should_see("Delete for good")
    trigger(user, by_attribute(user, "data-restore", "a.asl.json")[0])
    await until(lambda: shown(user) == ["a-2.asl.json", "a.asl.json"])
    assert names(tmp_path) == ["a-2.asl.json", "a-2.studio.json", "a.asl.json", "a.studio.json"]


async def test_rename_takes_the_open_tabs_along(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    write(tmp_path, "a.asl.json")
    user, studio = await open_studio(tmp_path)
    session = await studio.sessions.open("a.asl.json")
    await session.do(Transaction((SetValue(("Comment",), "unsaved"),), "Comment", "form"))
    arn = await session.start_run(studio.engine)
    await user.open("/")
    trigger(user, action(user, "a.asl.json", "rename"))
    await until(lambda: bool(by_attribute(user, "data-new-name", "")))
    field = next(e for e in by_attribute(user, "data-new-name", "") if isinstance(e, ui.input))
    field.set_value("sub/b")
    (form,) = [e for e in by_attribute(user, "aria-label", "Rename or move") if e.tag == "form"]
    trigger(user, form, "submit")
    await until(lambda: shown(user) == ["sub/b.asl.json"])
    assert await studio.sessions.open("sub/b.asl.json") is session
    await session.save()
    assert json.loads((tmp_path / "sub/b.asl.json").read_text())["Comment"] == "unsaved"
    assert not (tmp_path / "a.asl.json").exists()
    found = await studio.engine.search_executions(workflow="sub/b.asl.json")
    assert [run["executionArn"] for run in found["executions"]] == [arn]
    assert studio.workspace.renamed_to("a.asl.json") == "sub/b.asl.json"


async def test_unsaved_edits_are_not_thrown_away(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    write(tmp_path, "a.asl.json")
    _, studio = await open_studio(tmp_path)
    session = await studio.sessions.open("a.asl.json")
    leave = session.subscribe(lambda change: None)
    await session.do(Transaction((SetValue(("Comment",), "unsaved"),), "Comment", "form"))
    with pytest.raises(WorkspaceError, match="unsaved edits"):
        await studio.sessions.delete("a.asl.json")
    leave()
    await studio.sessions.delete("a.asl.json")
    assert not (tmp_path / "a.asl.json").exists()


async def test_a_machine_inside_a_template_stays(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    user, _ = await open_studio(tmp_path)
    await user.open("/")
    disabled = {
        name: action(user, "template.yaml#Pay", name).props.get("aria-disabled") for name in ("rename", "duplicate", "trash", "runs")
    }
    assert disabled == {"rename": "true", "duplicate": "true", "trash": "true", "runs": None}


async def test_import(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    write(tmp_path, "Pay.asl.yaml")
    user, _ = await open_studio(tmp_path)
    await user.open("/")
    (uploader,) = user.find(kind=ui.upload).elements

    async def drop(name: str, data: bytes) -> None:
        async def read() -> bytes:
            return data

        with user:
            await uploader._upload_handlers[0](SimpleNamespace(file=SimpleNamespace(name=name, read=read)))

    await drop("template.yaml", TEMPLATE.encode())
    assert (tmp_path / "Pay-2.asl.yaml").read_text() == "StartAt: A\nStates:\n  A: {Type: Succeed}\n"
    for name, data in (("x.json", b"\xff"), ("x.json", b"{"), ("x.json", b"[]")):
        before = names(tmp_path)
        await drop(name, data)
        assert names(tmp_path) == before
