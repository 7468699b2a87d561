"""Config: settings are kept in the side file, what cannot be used is said, and the policy follows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import ElementFilter, ui

from studio.asl.edits import ReplaceText, Transaction
from studio.ui.session import Change

TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "x", "MessageBody.$": "$$.Task.Token"},
    "End": True,
}


def having(user: Any, name: str, value: str | None = None) -> list[ui.element]:
    with user._client:
        return [e for e in ElementFilter(local_scope=False) if name in e.props and value in (None, e.props[name])]


def trigger(user: Any, element: ui.element, event: str, argument: Any = None) -> None:
    with user:
        for listener in list(element._event_listeners.values()):
            if listener.type.split(".")[0] == event:
                element._handle_event({"listener_id": listener.id, "args": argument or {}})


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about")


async def test_settings(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    (tmp_path / "a.asl.json").write_text(json.dumps({"StartAt": "Ask", "States": {"Ask": TASK}}))
    side = tmp_path / "a.studio.json"
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json?view=config")
    session = await studio.sessions.open("a.asl.json")
    await until(lambda: bool(having(user, "data-statement")))

    def kept() -> Any:
        return json.loads(side.read_text())["config"] if side.exists() else None

    def field(name: str) -> Any:
        return next(e for e in having(user, "data-config", name) if isinstance(e, ui.input))

    field("name").set_value("no name")
    trigger(user, field("name"), "blur")
    await user.should_see("It has up to 80 letters")
    assert kept() is None
    field("name").set_value("Orders")
    trigger(user, field("name"), "blur")
    await until(lambda: kept() == {"name": "Orders"})
    (tick,) = having(user, "data-config", "tracing")
    trigger(user, tick, "change", True)
    await until(lambda: kept() == {"name": "Orders", "tracing": True})
    await until(lambda: len(having(user, "data-statement")) == 3)
    await user.should_see("Tracing is on")
    assert not [d for d in session.diagnostics if d.severity == "error"]
    field("logGroup").set_value("two words")
    trigger(user, field("logGroup"), "blur")
    await user.should_see("It is a log group")
    field("logGroup").set_value("/shop/orders")
    trigger(user, field("logGroup"), "blur")
    await until(lambda: kept() == {"name": "Orders", "tracing": True, "logGroup": "/shop/orders"})
    field("logGroup").set_value("")
    trigger(user, field("logGroup"), "blur")
    await until(lambda: kept() == {"name": "Orders", "tracing": True})
    (kind,) = having(user, "data-config", "type")
    trigger(user, kind, "choose", "EXPRESS")
    await until(lambda: kept() == {"name": "Orders", "tracing": True, "type": "EXPRESS"})
    await until(lambda: any(d.severity == "error" for d in session.diagnostics))  # no callbacks in an Express workflow


async def test_a_version_is_published(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    file = tmp_path / "a.asl.json"
    file.write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json?view=config")
    session = await studio.sessions.open("a.asl.json")
    await user.should_see("No version is published yet.")

    def field(name: str) -> Any:
        return next(e for e in having(user, name) if isinstance(e, ui.input))

    def versions() -> list[str]:
        return [row.props["data-version"] for row in having(user, "data-version") if "published-row" in row.classes]

    async def publish(description: str, alias: str) -> None:
        field("data-publish-description").set_value(description)
        field("data-publish-alias").set_value(alias)
        trigger(user, next(e for e in having(user, "data-publish")).parent_slot.parent, "submit")

    await publish("the first", "two words")
    await user.should_see("An alias cannot be called two words.")
    await publish("the first", "live")
    await until(lambda: versions() == ["1"])
    await session.do(Transaction((ReplaceText(file.read_text().replace("Pass", "Succeed").replace(', "End": true', "")),), "x", "code"))
    await user.should_see("since then: definition: A changed")
    await publish("the second", "")
    await until(lambda: versions() == ["2", "1"])
    assert "Succeed" in file.read_text()  # what is published is saved
    await user.should_see("since then: definition: A changed")
    (choice,) = having(user, "data-point")
    trigger(user, choice, "choose", "live")
    await user.should_see("live leads to version 2.")
    (remove,) = having(user, "data-delete-version", "2")
    trigger(user, remove, "click")
    await user.should_see("Version to be deleted must not be referenced by an alias")
    (remove,) = having(user, "data-delete-version", "1")
    trigger(user, remove, "click")
    await until(lambda: versions() == ["2"])
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:a"
    await session.do(Transaction((ReplaceText(file.read_text().replace("Succeed", "Fail")),), "x", "code"))
    assert "Succeed" in (await studio.engine.describe_state_machine(stateMachineArn=machine))["definition"]
    await session.save()
    for _ in range(1500):
        if "Fail" in (await studio.engine.describe_state_machine(stateMachineArn=machine))["definition"]:
            break
        await asyncio.sleep(0.02)
    assert "Fail" in (await studio.engine.describe_state_machine(stateMachineArn=machine))["definition"]
    assert "Succeed" in (await studio.engine.describe_state_machine(stateMachineArn=f"{machine}:2"))["definition"]


async def test_a_setting_leaves_the_other_fields_as_they_are(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    """The name is kept while somebody types into the next field already, and a box is ticked."""
    (tmp_path / "a.asl.json").write_text(json.dumps({"StartAt": "Ask", "States": {"Ask": TASK}}))
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json?view=config")
    session = await studio.sessions.open("a.asl.json")
    await until(lambda: bool(having(user, "data-config", "role")))
    (name,), (role,), (tick,) = (having(user, "data-config", member) for member in ("name", "role", "tracing"))
    name.set_value("Orders")
    trigger(user, name, "blur")
    trigger(user, tick, "change", True)
    role.set_value("half typed")
    heard = asyncio.Event()
    session.subscribe(lambda change: heard.set() if change is Change.SIDE_FILES else None)
    await until(lambda: heard.is_set() and session.side.own.config == {"name": "Orders", "tracing": True})
    await asyncio.sleep(0.1)  # the panel hears of it a moment later
    assert (having(user, "data-config", "role"), role.value, tick.props["checked"]) == ([role], "half typed", True)
    await session.write_own(session.side.own.with_config("name", "Bills").with_config("tracing", None))
    await until(lambda: (name.value, tick.props["checked"], role.value) == ("Bills", False, "half typed"))
