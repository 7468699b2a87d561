"""Config: settings are kept in the side file, what cannot be used is said, and the policy follows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import ElementFilter, ui

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
    for _ in range(300):
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
