"""A workflow published as a state machine of the studio: its versions, its aliases, what saving does to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from studio.asl.text import dump
from studio.errors import ServiceError, StudioError
from studio.exec.local import LocalStepFunctions
from studio.exec.state_machines import OF_WORKFLOW
from studio.export.settings import configured
from studio.ui.publishing import follow, look, point, publish, wanted

ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:orders"


def root(result: int) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": result, "End": True}}}


def machine(result: int = 1, **config: Any) -> Any:
    held = root(result)
    return wanted(configured("orders", held, config), dump(held), held)


@pytest.fixture
async def engine() -> AsyncIterator[LocalStepFunctions]:
    made = LocalStepFunctions()
    await made.start()
    yield made
    await made.aclose()


async def told(engine: LocalStepFunctions, wanted: Any) -> list[tuple[int, str, dict[str, int], tuple[str, ...]]]:
    return [(v.number, v.description, dict(v.aliases), v.changes) for v in (await look(engine, wanted)).versions]


async def test_versions_with_their_descriptions_and_aliases(engine: LocalStepFunctions) -> None:
    assert await told(engine, machine()) == []
    assert await publish(engine, machine(1), "orders.asl.json", "the first", "live") == (f"{ARN}:1", True)
    assert await publish(engine, machine(1), "orders.asl.json", "again") == (f"{ARN}:1", False)
    assert await publish(engine, machine(2), "orders.asl.json", "the second") == (f"{ARN}:2", True)
    assert await told(engine, machine(2)) == [(2, "the second", {}, ()), (1, "the first", {"live": 100}, ("definition: A changed",))]
    assert await publish(engine, machine(2), "orders.asl.json", "", "live") == (f"{ARN}:2", False)
    assert await told(engine, machine(2, tracing=True)) == [
        (2, "the second", {"live": 100}, ("tracing off → on",)),
        (1, "the first", {}, ("definition: A changed", "tracing off → on")),
    ]
    found = await look(engine, machine(2))
    await point(engine, found.versions[-1], "live")
    started = await engine.start_execution(stateMachineArn=f"{ARN}:live", input="{}")
    row = await engine.ended(started["executionArn"])
    assert (row.output, row.meta["version"], row.meta["alias"]) == ("1", f"{ARN}:1", f"{ARN}:live")


async def test_what_is_told_to_the_service(engine: LocalStepFunctions) -> None:
    await publish(engine, machine(1, logging="ALL", logGroup="/shop/log", logData=True, tags={"team": "shop"}), "a/orders.asl.json")
    described = await engine.describe_state_machine(stateMachineArn=ARN)
    assert (described["definition"], described["loggingConfiguration"]) == (
        dump(root(1)),
        {
            "level": "ALL",
            "includeExecutionData": True,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:/shop/log:*"}}],
        },
    )
    tags = (await engine.list_tags_for_resource(resourceArn=ARN))["tags"]
    assert {t["key"]: t["value"] for t in tags} == {"team": "shop", OF_WORKFLOW: "a/orders.asl.json"}


async def test_saving_brings_only_its_own_state_machine_up_to_date(engine: LocalStepFunctions) -> None:
    assert await follow(engine, machine(1), "orders.asl.json") is False
    await publish(engine, machine(1), "orders.asl.json")
    assert await follow(engine, machine(1), "orders.asl.json") is False
    assert await follow(engine, machine(5), "other/orders.asl.json") is False
    assert await follow(engine, machine(5, type="EXPRESS"), "orders.asl.json") is False
    assert await follow(engine, machine(2), "orders.asl.json") is True
    described = await engine.describe_state_machine(stateMachineArn=ARN)
    assert json.loads(described["definition"]) == root(2)
    assert [v[0] for v in await told(engine, machine(2))] == [1]


async def test_what_cannot_be_published_is_said(engine: LocalStepFunctions) -> None:
    with pytest.raises(StudioError, match="257 characters"):
        await publish(engine, machine(), "orders.asl.json", "x" * 257)
    for alias in ("12", "two words", "x" * 81):
        with pytest.raises(StudioError, match="alias"):
            await publish(engine, machine(), "orders.asl.json", "", alias)
    broken: dict[str, Any] = {"StartAt": "B", "States": {}}
    with pytest.raises(ServiceError, match="Invalid State Machine Definition"):
        await publish(engine, wanted(configured("orders", broken, {}), dump(broken), broken), "orders.asl.json")
    assert await told(engine, machine()) == []
    await publish(engine, machine(), "orders.asl.json")
    with pytest.raises(StudioError, match="type cannot be changed"):
        await publish(engine, machine(type="EXPRESS"), "orders.asl.json")


async def test_a_published_machine_runs_with_its_own_workflow_s_functions(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    """Though it is called otherwise than its file, and another folder has a file of that name."""
    call = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}}}
    call["States"]["A"]["Parameters"] = {"FunctionName": "which"}  # type: ignore[index]
    for folder in ("one", "two"):
        (tmp_path / folder / "functions").mkdir(parents=True)
        (tmp_path / folder / "functions" / "which.py").write_text(f"def handler(event, context):\n    return '{folder}'\n")
        (tmp_path / folder / "orders.asl.json").write_text(json.dumps(call))
    _, studio = await open_studio(tmp_path)
    engine = studio.engine
    for name, config in (("orders", {}), ("Shop", {"name": "Shop"})):
        version, _new = await publish(engine, wanted(configured("orders", call, config), dump(call), call), "two/orders.asl.json")
        assert f":{name}:" in version
        row = await engine.ended((await engine.start_execution(stateMachineArn=version, input="{}"))["executionArn"])
        assert json.loads(row.output)["Payload"] == "two"
