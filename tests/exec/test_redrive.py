"""Redrive: what failed is done again, what succeeded is not, and a redriven log folds to the same run."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from studio.errors import ServiceError
from studio.exec.local import LocalStepFunctions
from studio.exec.performers.mock import Mocks

LAMBDA = "arn:aws:states:::lambda:invoke"


def mocks(**responses: Any) -> Mocks:
    """State -> its answers in order; a string is an error."""
    told = {
        state: {str(i): {"Throw": {"Error": a, "Cause": "c"}} if isinstance(a, str) else {"Return": a} for i, a in enumerate(answers)}
        for state, answers in responses.items()
    }
    return Mocks.load({"StateMachines": {"Workflow": {"TestCases": {"Happy": {s: s for s in told}}}}, "MockedResponses": told})


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": LAMBDA, "Parameters": {}, **fields}


async def ran(service: LocalStepFunctions, arn: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        await service.ended(arn)
    told = await service.describe_execution(executionArn=arn)
    return {name: told[name] for name in ("status", "output", "error", "redriveCount") if name in told}


async def types(service: LocalStepFunctions, arn: str) -> list[tuple[int, int, str]]:
    return [(e["id"], e["previousEventId"], e["type"]) for e in (await service.get_execution_history(executionArn=arn))["events"]]


async def test_a_failed_task_is_done_again_with_all_its_retries(tmp_path: Path) -> None:
    definition = {
        "StartAt": "First",
        "States": {
            "First": task(ResultPath="$.first", Next="Second"),
            "Second": task(Retry=[{"ErrorEquals": ["E"], "MaxAttempts": 1, "IntervalSeconds": 1}], End=True),
        },
    }
    service = LocalStepFunctions(tmp_path / "log.sqlite")
    await service.start()
    try:
        world = mocks(First=[1, 99], Second=["E", "E", "E", {"ok": True}])
        arn = await service.run_definition(json.dumps(definition), '{"a": 1}', mocks=world, skip_waits=True)
        assert await ran(service, arn) == {"status": "FAILED", "error": "E", "redriveCount": 0}
        before = await types(service, arn)
        answer = await service.redrive_execution(executionArn=arn)
        assert set(answer) == {"redriveDate"}
        assert await ran(service, arn) == {"status": "SUCCEEDED", "output": '{"ok":true}', "redriveCount": 1}
        after = await types(service, arn)
        assert after[: len(before)] == before
        last = before[-1][0]
        assert after[len(before) :] == [
            (last + 1, last, "ExecutionRedriven"),
            (last + 2, last + 1, "TaskScheduled"),
            (last + 3, last + 2, "TaskStarted"),
            (last + 4, last + 3, "TaskFailed"),
            (last + 5, last + 4, "TaskScheduled"),
            (last + 6, last + 5, "TaskStarted"),
            (last + 7, last + 6, "TaskSucceeded"),
            (last + 8, last + 7, "TaskStateExited"),
            (last + 9, last + 8, "ExecutionSucceeded"),
        ]
        with pytest.raises(ServiceError) as refused:
            await service.redrive_execution(executionArn=arn)
        assert refused.value.code == "ExecutionNotRedrivable"
    finally:
        await service.aclose()


MAP = {
    "StartAt": "M",
    "States": {
        "M": {
            "Type": "Map",
            "MaxConcurrency": 1,
            "ItemProcessor": {"StartAt": "Do", "States": {"Do": task(Parameters={"x.$": "$"}, End=True)}},
            "End": True,
        }
    },
}
PARALLEL = {
    "StartAt": "P",
    "States": {
        "P": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Good", "States": {"Good": task(End=True)}},
                {"StartAt": "Bad", "States": {"Bad": task(Next="Then"), "Then": {"Type": "Pass", "End": True}}},
            ],
            "End": True,
        }
    },
}
RUNTIME = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "InputPath": "$.none", "End": True}},
}


@pytest.mark.parametrize(
    ("definition", "given", "world", "output"),
    [
        (MAP, "[1,2,3]", mocks(Do=[10, "E", 20, 30]), "[10,20,30]"),
        (PARALLEL, "{}", mocks(Good=[{"g": 1}], Bad=["E", {"b": 2}]), '[{"g":1},{"b":2}]'),
    ],
    ids=["map", "parallel"],
)
async def test_what_succeeded_is_not_done_again(definition: Any, given: str, world: Mocks, output: str) -> None:
    service = LocalStepFunctions(None)
    await service.start()
    try:
        arn = await service.run_definition(json.dumps(definition), given, mocks=world)
        assert (await ran(service, arn))["status"] == "FAILED"
        await service.redrive_execution(executionArn=arn)
        assert await ran(service, arn) == {"status": "SUCCEEDED", "output": output, "redriveCount": 1}
    finally:
        await service.aclose()


async def test_what_nothing_caught_in_an_iteration_is_done_again() -> None:
    """`States.Runtime` ends the execution without a word of the iteration, its siblings and the Map."""
    inner = {"Do": task(Next="Then"), "Then": {"Type": "Pass", "InputPath": "$.ok", "End": True}}
    definition = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": {"StartAt": "Do", "States": inner}, "End": True}}}
    service = LocalStepFunctions(None)
    await service.start()
    try:
        arn = await service.run_definition(json.dumps(definition), "[1,2]", mocks=mocks(Do=[{"ok": 1}, {}]))
        assert (await ran(service, arn))["status"] == "FAILED"
        events = await types(service, arn)
        assert [kind for _, _, kind in events if kind.startswith("MapIteration")] == [
            "MapIterationStarted",
            "MapIterationStarted",
            "MapIterationSucceeded",
        ]
        await service.redrive_execution(executionArn=arn)
        assert (await ran(service, arn))["status"] == "FAILED"
        again = (await types(service, arn))[len(events) :]
        assert [kind for _, _, kind in again] == ["ExecutionRedriven", "ExecutionFailed"]
    finally:
        await service.aclose()


async def test_a_state_that_cannot_succeed_fails_again() -> None:
    service = LocalStepFunctions(None)
    await service.start()
    try:
        arn = await service.run_definition(json.dumps(RUNTIME))
        for count in (0, 1, 2):
            assert await ran(service, arn) == {"status": "FAILED", "error": "States.Runtime", "redriveCount": count}
            await service.redrive_execution(executionArn=arn)
        found = [kind for _, _, kind in await types(service, arn)]
        assert found.count("PassStateEntered") == 2
    finally:
        await service.aclose()


async def test_a_stopped_execution_goes_on_and_survives_a_restart(tmp_path: Path) -> None:
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "T"}, "T": task(End=True)}}
    path = tmp_path / "log.sqlite"
    service = LocalStepFunctions(path)
    await service.start()
    arn = await service.run_definition(json.dumps(wait), mocks=mocks(T=[{"t": 1}]))
    await service.stop_execution(executionArn=arn)
    assert (await ran(service, arn))["status"] == "ABORTED"
    await service.redrive_execution(executionArn=arn)
    await service.aclose()
    service = LocalStepFunctions(path)
    await service.start()
    try:
        assert await ran(service, arn) == {"status": "SUCCEEDED", "output": '{"t":1}', "redriveCount": 1}
        ids = [number for number, _, _ in await types(service, arn)]
        assert ids == list(range(1, len(ids) + 1))
    finally:
        await service.aclose()


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
async def test_what_cannot_be_redriven(kind: str) -> None:
    service = LocalStepFunctions(None)
    await service.start()
    try:
        definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed" if kind == "STANDARD" else "Fail"}}})
        arn = await service.run_definition(definition, type=kind)
        await service.ended(arn)
        with pytest.raises(ServiceError, match="not valid in this context: express" if kind == "EXPRESS" else "SUCCEEDED"):
            await service.redrive_execution(executionArn=arn)
    finally:
        await service.aclose()


def distributed(kind: str) -> dict[str, Any]:
    """Three children; `Do` may fail, `After` tells whether it was done twice."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
        "StartAt": "Before",
        "States": {"Before": {"Type": "Pass", "Next": "Do"}, "Do": task(Parameters={"x.$": "$"}, End=True)},
    }
    return {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor, "End": True}}}


async def children(service: LocalStepFunctions, arn: str) -> tuple[list[tuple[str, int]], dict[str, Any]]:
    (found,) = (await service.list_map_runs(executionArn=arn))["mapRuns"]
    told = await service.describe_map_run(mapRunArn=found["mapRunArn"])
    assert told["startDate"] <= told["stopDate"]
    rows = (await service.list_executions(mapRunArn=found["mapRunArn"]))["executions"]
    counts = {name: told["itemCounts"][name] for name in ("succeeded", "failed", "aborted", "pendingRedrive", "total")}
    return sorted((row["status"], row["redriveCount"]) for row in rows), {"status": told["status"], "round": told["redriveCount"], **counts}


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("STANDARD", [("SUCCEEDED", 0), ("SUCCEEDED", 0), ("SUCCEEDED", 1)]),
        ("EXPRESS", [("FAILED", 0), ("SUCCEEDED", 0), ("SUCCEEDED", 0), ("SUCCEEDED", 0)]),
    ],
)
async def test_a_map_run_goes_on_with_the_children_that_did_not_succeed(kind: str, after: list[tuple[str, int]], tmp_path: Path) -> None:
    service = LocalStepFunctions(tmp_path / "log.sqlite")
    await service.start()
    try:
        arn = await service.run_definition(json.dumps(distributed(kind)), "[1,2,3]", mocks=mocks(Do=[10, "E", 20, 30]))
        assert (await ran(service, arn))["error"] == "States.ExceedToleratedFailureThreshold"
        counts = {"status": "FAILED", "round": 0, "succeeded": 1, "failed": 1, "aborted": 1, "pendingRedrive": 0, "total": 3}
        assert await children(service, arn) == ([("FAILED", 0), ("SUCCEEDED", 0)], counts)
        before = await types(service, arn)
        await service.redrive_execution(executionArn=arn)
        assert await ran(service, arn) == {"status": "SUCCEEDED", "output": "[10,20,30]", "redriveCount": 1}
        last = before[-1][0]
        assert (await types(service, arn))[len(before) :] == [
            (last + 1, last, "ExecutionRedriven"),
            (last + 2, last + 1, "MapRunRedriven"),
            (last + 3, last + 2, "MapRunSucceeded"),
            (last + 4, last + 3, "MapStateSucceeded"),
            (last + 5, last + 3, "MapStateExited"),
            (last + 6, last + 5, "ExecutionSucceeded"),
        ]
        counts = {"status": "SUCCEEDED", "round": 1, "succeeded": 3, "failed": 0, "aborted": 0, "pendingRedrive": 0, "total": 3}
        assert await children(service, arn) == (after, counts)
    finally:
        await service.aclose()


async def test_a_map_run_is_redriven_over_a_restart_and_again(tmp_path: Path) -> None:
    """The mocked answers are counted on over restarts, or the children would get those of others."""
    path = tmp_path / "log.sqlite"
    world = mocks(Do=[10, "E", "E", 20, 30])
    service = LocalStepFunctions(path)
    await service.start()
    arn = await service.run_definition(json.dumps(distributed("STANDARD")), "[1,2,3]", mocks=world)
    await service.ended(arn)
    await service.aclose()
    for count, status in ((1, "FAILED"), (2, "SUCCEEDED")):
        service = LocalStepFunctions(path)
        await service.start()
        try:
            await service.redrive_execution(executionArn=arn)
            told = await ran(service, arn)
            assert (told["status"], told["redriveCount"]) == (status, count)
        finally:
            await service.aclose()
    assert told["output"] == "[10,20,30]"


async def test_what_a_redrive_says_of_itself() -> None:
    """A client's token redrives once; children are their Map Run's to redrive, and are listed by it alone."""
    service = LocalStepFunctions(None)
    await service.start()
    try:
        arn = await service.run_definition(json.dumps(distributed("STANDARD")), "[1,2,3]", mocks=mocks(Do=[10, "E", "E", 20, 30]))
        await service.ended(arn)
        (found,) = (await service.list_map_runs(executionArn=arn))["mapRuns"]
        failed, _done = (await service.list_executions(mapRunArn=found["mapRunArn"]))["executions"]
        assert failed["mapRunArn"] == found["mapRunArn"]
        assert (await service.describe_execution(executionArn=failed["executionArn"]))["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
        with pytest.raises(ServiceError, match="REDRIVABLE_BY_MAP_RUN"):
            await service.redrive_execution(executionArn=failed["executionArn"])
        with pytest.raises(ServiceError, match="but not both"):
            await service.list_executions(mapRunArn=found["mapRunArn"], stateMachineArn=failed["stateMachineArn"])
        with pytest.raises(ServiceError, match="Resource not found"):
            await service.list_executions(mapRunArn=f"{found['mapRunArn']}x")
        first = await service.redrive_execution(executionArn=arn, clientToken="t")
        assert await service.redrive_execution(executionArn=arn, clientToken="t") == first
        assert (await ran(service, arn))["redriveCount"] == 1
        assert await service.redrive_execution(executionArn=arn, clientToken="u") != first
    finally:
        await service.aclose()
