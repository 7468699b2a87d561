"""Callbacks, activities and nested executions: answered from outside, found again after a restart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from studio.errors import ServiceError
from studio.exec import tokens
from studio.exec.local import LocalStepFunctions

ROLE = "arn:aws:iam::123456789012:role/x"
TOKEN = tokens.make("x", "arn:aws:states:us-east-1:123456789012:execution:m:gone", 0, 1)
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work"


@asynccontextmanager
async def engine(path: Path | None = None) -> AsyncIterator[LocalStepFunctions]:
    service = LocalStepFunctions(path)
    await service.start()
    try:
        yield service
    finally:
        await service.aclose()


def one(**fields: Any) -> str:
    return json.dumps({"StartAt": "T", "States": {"T": {"Type": "Task", "End": True, **fields}}})


CALLBACK = one(
    Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    Parameters={"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token", "order.$": "$.id"}},
)
WORK = one(Resource=ACTIVITY)


async def open_task(service: LocalStepFunctions, arn: str) -> dict[str, Any]:
    for _ in range(3000):
        found = [task for task in await service.list_open_tasks() if task["executionArn"] == arn]
        if found:
            return found[0]
        await asyncio.sleep(0.01)
    raise AssertionError("no task is open")


async def outcome(service: LocalStepFunctions, arn: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        await service.ended(arn)
    told = await service.describe_execution(executionArn=arn)
    return {name: told[name] for name in ("status", "output", "error", "cause") if name in told}


async def types(service: LocalStepFunctions, arn: str) -> list[str]:
    return [event["type"] for event in (await service.get_execution_history(executionArn=arn))["events"]]


async def test_a_callback_is_answered_by_its_token() -> None:
    async with engine() as service:
        arn = await service.run_definition(CALLBACK, '{"id": 7}')
        task = await open_task(service, arn)
        assert json.loads(task["input"])["MessageBody"] == {"token": task["taskToken"], "order": 7}
        assert (task["kind"], task["stateName"]) == ("callback", "T")
        await service.send_task_success(taskToken=task["taskToken"], output='{"ok": true}')
        assert await outcome(service, arn) == {"status": "SUCCEEDED", "output": '{"ok":true}'}
        assert await types(service, arn) == [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskSubmitted",
            "TaskSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded",
        ]
        assert await service.list_open_tasks() == []
        with pytest.raises(ServiceError) as late:
            await service.send_task_success(taskToken=task["taskToken"], output="{}")
        assert (late.value.code, late.value.message) == ("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


async def test_a_callback_can_fail_and_be_retried_with_a_new_token() -> None:
    state = json.loads(CALLBACK)
    state["States"]["T"]["Retry"] = [{"ErrorEquals": ["No"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    async with engine() as service:
        arn = await service.run_definition(json.dumps(state), '{"id": 7}', skip_waits=True)
        first = await open_task(service, arn)
        await service.send_task_failure(taskToken=first["taskToken"], error="No", cause="not today")
        second = await open_task(service, arn)
        assert first["taskToken"] != second["taskToken"]
        await service.send_task_failure(taskToken=second["taskToken"], error="No", cause="never")
        assert await outcome(service, arn) == {"status": "FAILED", "error": "No", "cause": "never"}


@pytest.mark.parametrize(
    ("call", "arguments", "code"),
    [
        ("send_task_success", {"taskToken": "nonsense", "output": "{}"}, "InvalidToken"),
        ("send_task_heartbeat", {"taskToken": "x" * 5000}, "InvalidToken"),
        ("send_task_success", {"taskToken": TOKEN, "output": "{"}, "InvalidOutput"),
        ("send_task_success", {"taskToken": TOKEN, "output": json.dumps("a" * 300_000)}, "InvalidOutput"),
        ("get_activity_task", {"activityArn": ACTIVITY}, "ActivityDoesNotExist"),
        ("describe_activity", {"activityArn": ACTIVITY}, "ActivityDoesNotExist"),
    ],
)
async def test_refusals(call: str, arguments: dict[str, Any], code: str) -> None:
    async with engine() as service:
        with pytest.raises(ServiceError) as refused:
            await getattr(service, call)(**arguments)
    assert refused.value.code == code


async def test_without_a_heartbeat_a_task_times_out_and_with_one_it_does_not() -> None:
    definition = json.loads(CALLBACK)
    definition["States"]["T"]["HeartbeatSeconds"] = 1
    async with engine() as service:
        silent = await service.run_definition(json.dumps(definition), '{"id": 1}')
        alive = await service.run_definition(json.dumps(definition), '{"id": 2}')
        task = await open_task(service, alive)
        for _ in range(5):
            await service.send_task_heartbeat(taskToken=task["taskToken"])
            await asyncio.sleep(0.3)
        await service.send_task_success(taskToken=task["taskToken"], output="1")
        assert await outcome(service, alive) == {"status": "SUCCEEDED", "output": "1"}
        assert (await outcome(service, silent))["status"] == "FAILED"
        assert "TaskTimedOut" in await types(service, silent)


async def test_a_token_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with engine(path) as service:
        arn = await service.run_definition(CALLBACK, '{"id": 7}')
        task = await open_task(service, arn)
        for _ in range(3000):
            if "TaskSubmitted" in await types(service, arn):
                break
            await asyncio.sleep(0.01)
    async with engine(path) as service:
        assert (await open_task(service, arn))["taskToken"] == task["taskToken"]
        await service.send_task_success(taskToken=task["taskToken"], output="2")
        assert await outcome(service, arn) == {"status": "SUCCEEDED", "output": "2"}
        assert (await types(service, arn)).count("TaskSubmitted") == 1


async def test_an_activity_is_done_by_a_worker() -> None:
    async with engine() as service:
        made = await service.create_activity(name="work")
        assert made["activityArn"] == ACTIVITY
        arn = await service.run_definition(WORK, '{"id": 7}')
        task = await service.get_activity_task(activityArn=ACTIVITY, workerName="bee")
        assert task["input"] == '{"id":7}'
        await service.send_task_success(taskToken=task["taskToken"], output='"done"')
        assert await outcome(service, arn) == {"status": "SUCCEEDED", "output": '"done"'}
        events = (await service.get_execution_history(executionArn=arn))["events"]
        assert [e["type"] for e in events][2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
        assert events[3]["activityStartedEventDetails"] == {"workerName": "bee"}


async def test_a_worker_that_waits_gets_the_next_task() -> None:
    async with engine() as service:
        await service.create_activity(name="work")
        worker = asyncio.create_task(service.get_activity_task(activityArn=ACTIVITY))
        await asyncio.sleep(0.05)
        arn = await service.run_definition(WORK, "[1]")
        task = await asyncio.wait_for(worker, 5)
        assert task["input"] == "[1]"
        await service.send_task_failure(taskToken=task["taskToken"], error="E", cause="c")
        assert await outcome(service, arn) == {"status": "FAILED", "error": "E", "cause": "c"}


async def test_an_activity_task_is_offered_again_after_a_restart_unless_a_worker_has_it(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with engine(path) as service:
        await service.create_activity(name="work")
        taken = await service.run_definition(WORK, "1")
        task = await service.get_activity_task(activityArn=ACTIVITY)
        waiting = await service.run_definition(WORK, "2")
        await open_task(service, waiting)
    async with engine(path) as service:
        again = await service.get_activity_task(activityArn=ACTIVITY)
        assert again["input"] == "2"
        await service.send_task_success(taskToken=task["taskToken"], output="10")
        await service.send_task_success(taskToken=again["taskToken"], output="20")
        assert [await outcome(service, arn) for arn in (taken, waiting)] == [
            {"status": "SUCCEEDED", "output": "10"},
            {"status": "SUCCEEDED", "output": "20"},
        ]


async def child(service: LocalStepFunctions, state: dict[str, Any], name: str = "child") -> str:
    definition = json.dumps({"StartAt": "C", "States": {"C": state}})
    return (await service.create_state_machine(name=name, definition=definition, roleArn=ROLE))["stateMachineArn"]


def start(machine: str, pattern: str = "", **parameters: Any) -> str:
    return one(Resource=f"arn:aws:states:::states:startExecution{pattern}", Parameters={"StateMachineArn": machine, **parameters})


@pytest.mark.parametrize(("pattern", "output"), [(".sync", '{"a":1}'), (".sync:2", {"a": 1})])
async def test_a_nested_execution_is_waited_for(pattern: str, output: Any) -> None:
    async with engine() as service:
        machine = await child(service, {"Type": "Pass", "End": True})
        arn = await service.run_definition(start(machine, pattern, Input={"a": 1}, Name="one"), "{}")
        answer = json.loads((await outcome(service, arn))["output"])
        times = {name: answer.pop(name) for name in ("StartDate", "StopDate")}
        assert all(isinstance(time, int) for time in times.values())
        assert answer == {
            "ExecutionArn": machine.replace("stateMachine", "execution") + ":one",
            "Input": output,
            "InputDetails": {"Included": True},
            "Name": "one",
            "Output": output,
            "OutputDetails": {"Included": True},
            "StateMachineArn": machine,
            "Status": "SUCCEEDED",
        }


async def test_a_nested_execution_that_fails_fails_its_task() -> None:
    async with engine() as service:
        machine = await child(service, {"Type": "Fail", "Error": "E", "Cause": "c"})
        told = await outcome(service, await service.run_definition(start(machine, ".sync"), "{}"))
        assert (told["status"], told["error"], json.loads(told["cause"])["Error"]) == ("FAILED", "States.TaskFailed", "E")


async def test_a_nested_execution_that_nobody_waits_for() -> None:
    async with engine() as service:
        machine = await child(service, {"Type": "Wait", "Seconds": 600, "End": True})
        told = await outcome(service, await service.run_definition(start(machine, Name="slow"), "{}"))
        answer = json.loads(told["output"])
        assert (await service.describe_execution(executionArn=answer["ExecutionArn"]))["status"] == "RUNNING"
        request, date = answer["SdkResponseMetadata"]["RequestId"], answer["SdkHttpMetadata"]["HttpHeaders"]["Date"]
        length = answer["SdkHttpMetadata"]["HttpHeaders"]["Content-Length"]
        assert isinstance(answer.pop("StartDate"), int)
        kind = "application/x-amz-json-1.0"
        assert answer == {  # as recorded
            "ExecutionArn": machine.replace("stateMachine", "execution") + ":slow",
            "SdkHttpMetadata": {
                "AllHttpHeaders": {
                    "x-amzn-RequestId": [request],
                    "connection": ["keep-alive"],
                    "Content-Length": [length],
                    "Date": [date],
                    "Content-Type": [kind],
                },
                "HttpHeaders": {
                    "connection": "keep-alive",
                    "Content-Length": length,
                    "Content-Type": kind,
                    "Date": date,
                    "x-amzn-RequestId": request,
                },
                "HttpStatusCode": 200,
            },
            "SdkResponseMetadata": {"RequestId": request},
        }


async def test_stopping_a_parent_stops_the_execution_it_waits_for() -> None:
    async with engine() as service:
        machine = await child(service, {"Type": "Wait", "Seconds": 600, "End": True})
        arn = await service.run_definition(start(machine, ".sync", Name="slow"), "{}")
        started = machine.replace("stateMachine", "execution") + ":slow"
        for _ in range(3000):
            if "TaskSubmitted" in await types(service, arn):
                break
            await asyncio.sleep(0.01)
        await service.stop_execution(executionArn=arn)
        assert (await outcome(service, started))["status"] == "ABORTED"


async def test_each_task_starts_an_execution_of_its_own() -> None:
    async with engine() as service:
        machine = await child(service, {"Type": "Pass", "End": True})
        task = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": machine}}
        states = {"A": {**task, "ResultPath": "$.a", "Next": "B"}, "B": {**task, "ResultPath": "$.b", "End": True}}
        told = await outcome(service, await service.run_definition(json.dumps({"StartAt": "A", "States": states}), "{}"))
        started = json.loads(told["output"])
        assert started["a"]["ExecutionArn"] != started["b"]["ExecutionArn"]


async def test_a_workflow_of_the_same_folder_is_a_state_machine_too(tmp_path: Path) -> None:
    (tmp_path / "other.asl.json").write_text('{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 7, "End": true}}}')
    (tmp_path / "bad.asl.json").write_text("{}")
    arns = [f"arn:aws:states:us-east-1:123456789012:stateMachine:{name}" for name in ("other", "bad", "../other", "none")]
    async with engine() as service:
        runs = [await service.run_definition(start(arn, ".sync:2"), "{}", folder=tmp_path) for arn in arns]
        told = [await outcome(service, arn) for arn in runs]
    assert json.loads(told[0]["output"])["Output"] == 7
    assert [one.get("error") for one in told[1:]] == [
        "StepFunctions.InvalidDefinitionException",
        "StepFunctions.StateMachineDoesNotExistException",
        "StepFunctions.StateMachineDoesNotExistException",
    ]


async def test_a_state_machine_that_does_not_exist() -> None:
    async with engine() as service:
        missing = "arn:aws:states:us-east-1:123456789012:stateMachine:none"
        told = await outcome(service, await service.run_definition(start(missing, ".sync:2"), "{}"))
        assert told["error"] == "StepFunctions.StateMachineDoesNotExistException"
        assert told["cause"].startswith(f"State Machine Does Not Exist: '{missing}' (Service: AWSStepFunctions; Status Code: 400;")


async def test_a_parent_waits_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with engine(path) as service:
        machine = await child(service, {"Type": "Wait", "Seconds": 1, "End": True})
        arn = await service.run_definition(start(machine, ".sync:2"), "{}")
        for _ in range(3000):
            if "TaskSubmitted" in await types(service, arn):
                break
            await asyncio.sleep(0.01)
    async with engine(path) as service:
        told = await outcome(service, arn)
        assert (told["status"], json.loads(told["output"])["Status"]) == ("SUCCEEDED", "SUCCEEDED")
        found = (await service.list_executions(stateMachineArn=machine))["executions"]
        assert len(found) == 1
