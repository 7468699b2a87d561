"""A host that HTTP Tasks may not call yet is allowed where the refusal is seen: on the run's page, and in a test of the state."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nicegui import ElementFilter, ui

CALL = {
    "Type": "Task",
    "Resource": "arn:aws:states:::http:invoke",
    "Parameters": {
        "ApiEndpoint": "https://api.example.invalid/orders",
        "Method": "GET",
        "Authentication": {"ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/none/11111111-2222-3333-4444-555555555555"},
    },
    "End": True,
}
DEFINITION = json.dumps({"StartAt": "Call", "States": {"Call": CALL}})


def allow(user: Any) -> list[ui.element]:
    with user._client:
        return [element for element in ElementFilter(local_scope=False) if element.props.get("data-action") == "allow"]


async def shown(user: Any) -> ui.element:
    for _ in range(1500):
        if found := allow(user):
            return found[0]
        await asyncio.sleep(0.02)
    raise AssertionError("no button to allow the host")


async def commands(user: Any, name: str) -> list[ui.element]:
    for _ in range(1500):
        with user._client:
            found = [element for element in ElementFilter(local_scope=False) if element.props.get("data-command") == name]
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"no command {name}")


def press(user: Any, button: ui.element) -> None:
    with user:
        for listener in list(button._event_listeners.values()):
            button._handle_event({"listener_id": listener.id, "args": [{}]})


async def test_on_the_page_of_the_run(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    (tmp_path / "call.asl.json").write_text(DEFINITION)
    user, studio = await open_studio(tmp_path)
    arn = await studio.engine.run_definition(DEFINITION, '{"a": 1}', workflow="call.asl.json")
    first = await studio.engine.ended(arn)
    assert "Calls to api.example.invalid are not allowed" in first.cause
    await user.open(f"/runs/{quote(arn, safe='')}")
    button = await shown(user)
    assert button.props["data-host"] == "api.example.invalid"
    press(user, button)
    for _ in range(1500):
        listed = await studio.engine.in_engine(lambda: studio.engine.log.rows(limit=10))
        if len(listed) > 1 and all(row.ended for row in listed):
            break
        await asyncio.sleep(0.02)
    assert studio.preferences.value.http_hosts == ("api.example.invalid",)
    (again,) = [row for row in listed if row.arn != arn]
    assert (again.input, "There is no connection 'none' in EventBridge" in again.cause) == ('{"a": 1}', True)
    await user.open(f"/runs/{quote(again.arn, safe='')}")
    await user.should_see("There is no connection")
    assert allow(user) == []


async def test_in_a_test_of_the_state(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    (tmp_path / "call.asl.json").write_text(DEFINITION)
    user, studio = await open_studio(tmp_path)
    await user.open("/w/call.asl.json?state=Call")
    press(user, (await commands(user, "test-state"))[0])
    press(user, (await commands(user, "test-again"))[0])
    press(user, await shown(user))
    await user.should_see("There is no connection")
    assert (studio.preferences.value.http_hosts, allow(user)) == (("api.example.invalid",), [])


async def test_in_the_editor_beside_the_run(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    (tmp_path / "call.asl.json").write_text(DEFINITION)
    user, studio = await open_studio(tmp_path)
    await user.open("/w/call.asl.json")
    press(user, (await commands(user, "run"))[0])
    press(user, await shown(user))
    await user.should_see("There is no connection")
    assert (studio.preferences.value.http_hosts, allow(user)) == (("api.example.invalid",), [])
    assert len(await studio.engine.in_engine(lambda: studio.engine.log.rows(limit=10))) == 2
