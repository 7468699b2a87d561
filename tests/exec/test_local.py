"""The local service: what is started, stopped, timed out, limited, listed, watched and found again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from studio.errors import ServiceError
from studio.exec.local import LocalStepFunctions
from studio.exec.performers.mock import Mocks


def machine(states: dict[str, Any], **more: Any) -> str:
    return json.dumps({"StartAt": next(iter(states)), "States": states, **more})


def waiting(seconds: int = 3600) -> str:
    return machine({"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}})


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[LocalStepFunctions]:
    service = LocalStepFunctions(tmp_path / "executions.sqlite")
    await service.start()
    yield service
    await service.aclose()


async def run(service: LocalStepFunctions, definition: str, given: Any = None, **more: Any) -> dict[str, Any]:
    arn = await service.run_definition(definition, json.dumps({} if given is None else given, ensure_ascii=False), **more)
    await asyncio.wait_for(service.ended(arn), 30)
    return {
        **await service.describe_execution(executionArn=arn),
        "events": (await service.get_execution_history(executionArn=arn))["events"],
    }


async def test_a_stop_ends_what_runs_below(service: LocalStepFunctions) -> None:
    inner = json.loads(waiting())
    arn = await service.run_definition(machine({"Both": {"Type": "Parallel", "Branches": [inner, inner], "End": True}}), "{}")
    seen: list[dict[str, Any]] = []
    while len(seen) < 5:
        seen += await service.wait_events(arn, len(seen), 5)
    await service.stop_execution(executionArn=arn, error="Enough", cause="tired")
    await service.ended(arn)
    described = await service.describe_execution(executionArn=arn)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "Enough", "tired")
    events = (await service.get_execution_history(executionArn=arn))["events"]
    assert [e["type"] for e in events[5:]] == ["ExecutionAborted"]
    assert events[-1]["executionAbortedEventDetails"] == {"error": "Enough", "cause": "tired"}


async def test_an_execution_times_out(service: LocalStepFunctions) -> None:
    ended = await run(service, machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}, TimeoutSeconds=1), skip_waits=True)
    assert ended["status"] == "TIMED_OUT"
    assert ended["events"][-1]["type"] == "ExecutionTimedOut"


@pytest.mark.parametrize(
    ("kind", "quotas", "ended"), [("EXPRESS", "aws", "TIMED_OUT"), ("EXPRESS", "none", "SUCCEEDED"), ("STANDARD", "aws", "SUCCEEDED")]
)
@pytest.mark.parametrize("more", [{}, {"TimeoutSeconds": 3600}])
async def test_an_express_execution_takes_five_minutes_at_most(
    service: LocalStepFunctions, kind: str, quotas: str, ended: str, more: dict[str, Any]
) -> None:
    definition = machine({"Wait": {"Type": "Wait", "Seconds": 301, "End": True}}, **more)
    arn = await service.run_definition(definition, "{}", type=kind, quotas=quotas, skip_waits=True)
    row = await service.ended(arn)
    assert (row.status, ((row.ended or 0) - row.started) // 60) == (ended, 5)


@pytest.mark.parametrize("quotas", ["aws", "none"])
async def test_a_history_has_25000_events_at_most(service: LocalStepFunctions, quotas: str) -> None:
    definition = machine(
        {
            "More": {"Type": "Choice", "Choices": [{"Variable": "$.i", "NumericLessThan": 6300, "Next": "Inc"}], "Default": "Done"},
            "Inc": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i, 1)"}, "Next": "More"},
            "Done": {"Type": "Succeed"},
        }
    )
    arn = await service.run_definition(definition, '{"i": 0}', quotas=quotas)
    await service.ended(arn)
    described = await service.describe_execution(executionArn=arn)
    (last,) = (await service.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1))["events"]
    if quotas == "aws":
        assert described["status"] == "FAILED"
        assert last["id"] == 25_000
        assert last["executionFailedEventDetails"] == {
            "error": "States.Runtime",
            "cause": "The execution reached the maximum number of history events (25000).",
        }
    else:
        assert described["status"] == "SUCCEEDED"
        assert last["id"] > 25_000


async def test_payloads_have_256_kib_at_most(service: LocalStepFunctions) -> None:
    doubled = {"a.$": "States.Format('{}{}', $.a, $.a)"}
    definition = machine(
        {"Double": {"Type": "Pass", "Parameters": doubled, "Next": "Again"}, "Again": {"Type": "Pass", "Parameters": doubled, "End": True}}
    )
    given = {"a": "ä" * 50_000}
    assert (await run(service, definition, given, quotas="none"))["status"] == "SUCCEEDED"
    ended = await run(service, definition, given)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.DataLimitExceeded")


async def test_a_task_without_a_mock_says_how_to_add_one(service: LocalStepFunctions) -> None:
    definition = machine({"Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {}, "End": True}})
    ended = await run(service, definition)
    assert ended["error"] == "Studio.NoMock"
    assert "Send" in ended["cause"]
    assert "mocks" in ended["cause"]


async def test_waits_can_be_skipped(service: LocalStepFunctions) -> None:
    ended = await run(service, waiting(7 * 24 * 3600), skip_waits=True)
    assert ended["status"] == "SUCCEEDED"
    assert (ended["stopDate"] - ended["startDate"]).days == 7


async def test_a_list_tells_the_workflow_and_the_newest_first(service: LocalStepFunctions) -> None:
    for name in ("one", "two", "three"):
        await run(service, machine({"A": {"Type": "Succeed"}}), name=name, workflow=f"{name}.asl.json")
    listed = (await service.list_executions())["executions"]
    assert [row["name"] for row in listed] == ["three", "two", "one"]
    assert listed[0]["workflow"] == "three.asl.json"
    first = await service.list_executions(maxResults=2)
    assert [row["name"] for row in first["executions"]] == ["three", "two"]
    rest = await service.list_executions(maxResults=2, nextToken=first["nextToken"])
    assert [row["name"] for row in rest["executions"]] == ["one"]


async def test_an_ended_run_is_there_after_a_restart(service: LocalStepFunctions, tmp_path: Path) -> None:
    before = await run(service, machine({"A": {"Type": "Pass", "End": True}}), {"n": 1.0})
    again = LocalStepFunctions(tmp_path / "executions.sqlite")
    await again.start()
    after = await again.describe_execution(executionArn=before["executionArn"])
    events = (await again.get_execution_history(executionArn=before["executionArn"]))["events"]
    await again.aclose()
    assert {**after, "events": events} == before


async def test_what_begins_while_the_studio_starts_is_not_resumed_too(tmp_path: Path) -> None:
    service = LocalStepFunctions(tmp_path / "executions.sqlite")
    await service.start(resume=False)
    soon = (datetime.now(UTC) + timedelta(seconds=0.3)).isoformat().replace("+00:00", "Z")
    begun = await service.run_definition(machine({"Wait": {"Type": "Wait", "Timestamp": soon, "End": True}}), "{}")
    await service.start()  # looks for what was open when the studio ended last
    await service.ended(begun)
    kept = [kind for kind, *_ in service.log.events(begun) if kind[0] != "_"]
    assert kept == ["ExecutionStarted", "WaitStateEntered", "WaitStateExited", "ExecutionSucceeded"]
    await service.aclose()


async def test_a_damaged_store_is_set_aside_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / "executions.sqlite"
    path.write_bytes(b"SQLite format 3\0" + b"garbage" * 999)
    service = LocalStepFunctions(path)
    await service.start()
    ended = await run(service, machine({"A": {"Type": "Succeed"}}))
    await service.aclose()
    assert ended["status"] == "SUCCEEDED"
    assert "executions.sqlite.damaged-1" in service.notice
    assert (tmp_path / "executions.sqlite.damaged-1").read_bytes().endswith(b"garbage")


async def test_what_another_process_runs_is_left_to_it(service: LocalStepFunctions, tmp_path: Path) -> None:
    arn = await service.run_definition(waiting(), "{}")
    row = service.log.get(arn)
    assert row is not None
    await service.in_engine(lambda: service.log.describe(arn, {**row.meta, "owner": "1"}))
    other = LocalStepFunctions(tmp_path / "executions.sqlite")
    await other.start()
    try:
        assert await other.in_engine(lambda: arn in other.scheduler.live) == (not _is_running(1))
    finally:
        await other.aclose()


def _is_running(pid: int) -> bool:
    from studio.exec import owner

    return owner.is_alive(str(pid))


CHILDREN = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "Label": "Jobs",
            "ItemBatcher": {"MaxItemsPerBatch": 2},
            "ToleratedFailurePercentagePath": "$.tolerated",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Pay",
                "States": {
                    "Pay": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "Parameters": {"FunctionName": "pay"},
                        "End": True,
                    }
                },
            },
            "End": True,
        }
    },
}
PAY = {
    "StateMachines": {"M": {"TestCases": {"Happy": {"Pay": "Pay"}}}},
    "MockedResponses": {"Pay": {"0": {"Return": 0}, "1": {"Throw": {"Error": "Busy"}}, "2-9": {"Return": 2}}},
}


@pytest.mark.parametrize(("tolerated", "status"), [(34, "SUCCEEDED"), (10, "FAILED")])
async def test_a_distributed_map_runs_child_executions(service: LocalStepFunctions, tolerated: int, status: str) -> None:
    given = {"items": [1, 2, 3, 4, 5], "tolerated": tolerated}
    ended = await run(service, json.dumps(CHILDREN), given, mocks=Mocks.load(PAY))
    assert ended["status"] == status
    (map_run,) = (await service.list_map_runs(executionArn=ended["executionArn"]))["mapRuns"]
    described = await service.describe_map_run(mapRunArn=map_run["mapRunArn"])
    assert described["status"] == status
    children = (await service.list_executions(mapRunArn=map_run["mapRunArn"]))["executions"]
    assert len(children) == 3
    if status == "SUCCEEDED":
        assert json.loads(ended["output"]) == [0, 2]
        assert described["executionCounts"]["failed"] == 1
        assert described["itemCounts"]["total"] == 5
    else:
        assert ended["error"] == "States.ExceedToleratedFailureThreshold"
    history = (await service.get_execution_history(executionArn=children[0]["executionArn"]))["events"]
    assert history[0]["type"] == "ExecutionStarted"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda s: s.describe_execution(executionArn="arn:aws:states:us-east-1:123456789012:execution:M:none"), "ExecutionDoesNotExist"),
        (
            lambda s: s.start_execution(stateMachineArn="arn:aws:states:us-east-1:123456789012:stateMachine:none"),
            "StateMachineDoesNotExist",
        ),
        (lambda s: s.run_definition("{}", "{}"), "InvalidDefinition"),
        (lambda s: s.run_definition("{", "{}"), "InvalidDefinition"),
        (lambda s: s.run_definition(waiting(), "{"), "InvalidExecutionInput"),
        (lambda s: s.run_definition(waiting(), "{}", name="a b"), "InvalidName"),
    ],
)
async def test_what_cannot_be_done_is_refused(service: LocalStepFunctions, call: Any, code: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await call(service)
    assert caught.value.code == code


async def test_who_waits_for_an_end_may_give_up(service: LocalStepFunctions) -> None:
    """A cancelled request (a closed page, a client that went away) ends nobody's run, and not the thread of them all."""
    arn = await service.run_definition(waiting(), "{}")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(service.ended(arn), 0.01)
    await service.stop_execution(executionArn=arn)
    await asyncio.wait_for(service.ended(arn), 30)
    assert (await service.describe_execution(executionArn=arn))["status"] == "ABORTED"
    assert (await run(service, machine({"A": {"Type": "Pass", "End": True}})))["status"] == "SUCCEEDED"


async def test_half_a_character_ends_no_run(service: LocalStepFunctions) -> None:
    """JSON may write half of a surrogate pair, which UTF-8 cannot hold: in an output, in an error."""
    half = '{"h":"\\uD800"}'
    arn = await service.run_definition(machine({"A": {"Type": "Pass", "End": True}}), half)
    assert ((await service.ended(arn)).output, json.loads(half)["h"]) == (half, "\ud800")
    states = {"A": {"Type": "Fail", "ErrorPath": "$.h", "CausePath": "$.h"}}
    arn = await service.run_definition(machine(states), half)
    row = await service.ended(arn)
    assert (row.status, row.error, row.cause) == ("FAILED", "?", "?")


async def test_a_backoff_beyond_all_numbers_is_the_longest_there_is(service: LocalStepFunctions) -> None:
    """10 to the power of 309 is more than a double holds."""
    retrier = {"ErrorEquals": ["States.ALL"], "BackoffRate": 10, "MaxAttempts": 320, "MaxDelaySeconds": 2}
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {}, "Retry": [retrier], "End": True}
    arn = await service.run_definition(machine({"A": task}), "{}", skip_waits=True)
    row = await service.ended(arn)
    assert (row.error, row.events) == ("Studio.NoMock", 3 + 3 * 321)
