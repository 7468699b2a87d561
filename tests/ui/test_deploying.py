"""The dialog that deploys: the plan first, then exactly that; against moto as the account."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from nicegui import ElementFilter, ui

from studio.exec.performers.sandbox import Sandbox

TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "${Function}"}, "End": True}


def write(folder: Path, definition: Any, **sides: Any) -> None:
    (folder / "shop.asl.json").write_text(json.dumps(definition, indent=2))
    for kind, content in sides.items():
        (folder / f"shop.{kind}.json").write_text(json.dumps(content))


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    sandbox = Sandbox()
    monkeypatch.setenv("ASL_STUDIO_ENDPOINT_URL", sandbox.endpoint())
    monkeypatch.setenv("ASL_STUDIO_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    yield sandbox.endpoint()
    sandbox.close()


def found(user: Any, name: str, value: str | None = None) -> list[ui.element]:
    with user._client:
        return [e for e in ElementFilter(local_scope=False) if name in e.props and value in {None, e.props[name]}]


def press(user: Any, name: str, value: str) -> None:
    (element,) = found(user, name, value)
    with user:
        for listener in list(element._event_listeners.values()):
            if listener.type.split(".")[0] == "click":
                element._handle_event({"listener_id": listener.id, "args": [{}]})


async def until(condition: Callable[[], Any]) -> None:
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come")


async def dialog(user: Any) -> None:
    await user.open("/w/shop.asl.json")
    await until(lambda: found(user, "data-command", "deploy"))
    press(user, "data-command", "deploy")
    await until(lambda: found(user, "data-panel", "deploy"))


async def test_the_plan_is_shown_and_carried_out(tmp_path: Path, open_studio: Callable[[Path], Any], endpoint: str) -> None:
    write(
        tmp_path,
        {"StartAt": "Pay", "States": {"Pay": {**TASK, "Retry": [{"ErrorEquals": ["States.ALL"]}]}}},
        studio={"placeholders": {"Function": "pay"}},
    )
    user, _ = await open_studio(tmp_path)
    await dialog(user)
    states = boto3.client("stepfunctions", endpoint_url=endpoint, region_name="eu-west-1")

    def machines() -> list[Any]:
        """Moto's state is one for the process, whatever the server."""
        return [machine for machine in states.list_state_machines()["stateMachines"] if machine["name"] == "shop"]

    (alias,) = found(user, "data-deploy-field", "alias")
    alias.set_value("live")
    press(user, "data-deploy", "plan")
    await until(lambda: found(user, "data-step"))
    assert [e.props["data-step"] for e in found(user, "data-step")] == [
        "log group /aws/vendedlogs/states/shop-Logs",
        "role StepFunctions-shop-role",
        "state machine shop",
        "alias live",
    ]
    assert machines() == []

    alias.set_value("prod")  # what is shown no longer fits: it goes
    await until(lambda: not found(user, "data-step"))
    press(user, "data-deploy", "plan")
    await until(lambda: found(user, "data-step", "alias prod"))
    press(user, "data-deploy", "go")
    await until(lambda: found(user, "data-deployed"))
    await user.should_see("arn:aws:states:eu-west-1:123456789012:stateMachine:shop:prod")
    (machine,) = machines()
    definition = json.loads(states.describe_state_machine(stateMachineArn=machine["stateMachineArn"])["definition"])
    assert definition["States"]["Pay"]["Parameters"]["FunctionName"] == "pay"


async def test_what_cannot_be_deployed_is_said(tmp_path: Path, open_studio: Callable[[Path], Any], endpoint: str) -> None:
    write(tmp_path, {"StartAt": "Pay", "States": {"Pay": TASK}})
    user, studio = await open_studio(tmp_path)
    await dialog(user)
    press(user, "data-deploy", "plan")
    await user.should_see("The definition has placeholders without a value: ${Function}.")
    assert studio.settings.endpoint_url == endpoint
