"""Breakpoints, stepping, skipped waits, run from here, the state of a run after an event; and all of it after a restart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from studio.errors import ServiceError
from studio.exec.exported import export, keep
from studio.exec.hold import Holds
from studio.exec.local import LocalStepFunctions
from tests.exec.test_redrive import mocks, task

CHAIN = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Result": {"a": 1}, "Next": "B"},
        "B": {"Type": "Pass", "ResultPath": "$.b", "Result": 2, "Next": "C"},
        "C": {"Type": "Pass", "End": True},
    },
}
EACH = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Do",
                "States": {"Do": {"Type": "Pass", "Next": "Then"}, "Then": {"Type": "Pass", "End": True}},
            },
            "End": True,
        }
    },
}
WAITS = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[LocalStepFunctions]:
    made = LocalStepFunctions(tmp_path / "log.sqlite")
    await made.start()
    yield made
    await made.aclose()


async def lines(service: LocalStepFunctions, arn: str, count: int, phase: str = "held") -> list[dict[str, Any]]:
    """The lines of a run in a phase, once there are that many."""
    async with asyncio.timeout(10):
        while True:
            found = [line for line in (await service.describe_moment(executionArn=arn))["lines"] if line["phase"] == phase]
            if len(found) == count:
                return found
            await asyncio.sleep(0.01)


async def output(service: LocalStepFunctions, arn: str) -> Any:
    async with asyncio.timeout(10):
        row = await service.ended(arn)
    return json.loads(row.output) if row.output is not None else (row.status, row.error)


async def entered(service: LocalStepFunctions, arn: str) -> list[tuple[int, str]]:
    events = (await service.get_execution_history(executionArn=arn))["events"]
    return [(e["id"], e["stateEnteredEventDetails"]["name"]) for e in events if "stateEnteredEventDetails" in e]


async def test_a_breakpoint_stops_before_the_state_whose_input_can_be_edited(service: LocalStepFunctions) -> None:
    arn = await service.run_definition(json.dumps(CHAIN), holds=Holds(frozenset({"B"})))
    (line,) = await lines(service, arn, 1)
    assert (line["state"], line["input"], line["iterations"]) == ("B", '{"a":1}', [])
    assert await entered(service, arn) == [(2, "A")]
    assert await service.continue_execution(executionArn=arn, input='{"a": 9}') == {"released": 1}
    assert await output(service, arn) == {"a": 9, "b": 2}
    with pytest.raises(ServiceError, match="The execution is SUCCEEDED"):
        await service.continue_execution(executionArn=arn)


async def test_stepping_goes_from_state_to_state(service: LocalStepFunctions) -> None:
    arn = await service.run_definition(json.dumps(CHAIN), holds=Holds(paused=True))
    for state in "ABC":
        (line,) = await lines(service, arn, 1)
        assert line["state"] == state
        await service.step_execution(executionArn=arn)
    assert await output(service, arn) == {"a": 1, "b": 2}


async def test_a_step_goes_into_iterations_or_over_them(service: LocalStepFunctions) -> None:
    over = await service.run_definition(json.dumps(EACH), "[1, 2]", holds=Holds(paused=True))
    await lines(service, over, 1)
    await service.step_execution(executionArn=over, over=True)
    assert await output(service, over) == [1, 2]

    into = await service.run_definition(json.dumps(EACH), "[1, 2]", holds=Holds(paused=True))
    await lines(service, into, 1)
    await service.step_execution(executionArn=into)
    first, second = await lines(service, into, 2)
    assert [(line["state"], line["iterations"]) for line in (first, second)] == [
        ("Do", [{"state": "Each", "index": index, "kind": "iteration"}]) for index in (0, 1)
    ]
    with pytest.raises(ServiceError, match="say with 'frame'"):
        await service.continue_execution(executionArn=into, input="7")
    await service.continue_execution(executionArn=into, frame=second["frame"], input="7")
    await lines(service, into, 2)
    await service.continue_execution(executionArn=into)
    assert await output(service, into) == [1, 7]


async def test_what_is_held_is_held_after_a_restart(tmp_path: Path) -> None:
    store = tmp_path / "log.sqlite"
    first = LocalStepFunctions(store)
    await first.start()
    arn = await first.run_definition(json.dumps(EACH), "[1]", holds=Holds(frozenset({"Then"})))
    before = await lines(first, arn, 1)
    await first.aclose()

    second = LocalStepFunctions(store)
    await second.start()
    try:
        assert await lines(second, arn, 1) == before
        await second.set_breakpoints(executionArn=arn, breakpoints=[])
        await second.continue_execution(executionArn=arn)
        assert await output(second, arn) == [1]
    finally:
        await second.aclose()


async def test_the_clock_of_a_timeout_stands_still_while_a_run_is_held(service: LocalStepFunctions) -> None:
    arn = await service.run_definition(json.dumps({**CHAIN, "TimeoutSeconds": 1}), holds=Holds(frozenset({"C"})))
    await lines(service, arn, 1)
    await asyncio.sleep(1.2)
    assert (await service.describe_execution(executionArn=arn))["status"] == "RUNNING"
    await service.continue_execution(executionArn=arn)
    assert await output(service, arn) == {"a": 1, "b": 2}


async def test_a_step_that_finds_nothing_held_changes_nothing(service: LocalStepFunctions) -> None:
    arn = await service.run_definition(json.dumps(WAITS))
    await lines(service, arn, 1, "waiting")
    with pytest.raises(ServiceError, match="Nothing is held"):
        await service.step_execution(executionArn=arn)
    assert (await service.describe_moment(executionArn=arn))["paused"] is False


async def test_waits_and_delays_of_retries_are_skipped(service: LocalStepFunctions) -> None:
    arn = await service.run_definition(json.dumps(WAITS), '{"x": 1}')
    (line,) = await lines(service, arn, 1, "waiting")
    assert line["state"] == "W"
    assert await service.skip_wait(executionArn=arn, frame=line["frame"]) == {"skipped": 1}
    assert await output(service, arn) == {"x": 1}

    retried = {"StartAt": "T", "States": {"T": task(Retry=[{"ErrorEquals": ["E"], "IntervalSeconds": 3600}], End=True)}}
    arn = await service.run_definition(json.dumps(retried), mocks=mocks(T=["E", 5]))
    (line,) = await lines(service, arn, 1, "backoff")
    assert (line["attempt"], line["error"]) == (1, "E")
    assert await service.skip_wait(executionArn=arn) == {"skipped": 1}
    assert await output(service, arn) == 5


FAILS = {
    "StartAt": "First",
    "States": {
        "First": task(ResultPath="$.first", Next="Second"),
        "Second": {"Type": "Pass", "InputPath": "$.none", "End": True},
    },
}


async def test_a_run_from_here_reuses_what_was_done(service: LocalStepFunctions) -> None:
    arn = await service.run_definition(json.dumps(FAILS), '{"a": 1}', mocks=mocks(First=[7]))
    assert await output(service, arn) == ("FAILED", "States.Runtime")
    told = await service.describe_run_from(executionArn=arn, state="Second")
    assert told == {
        "state": "Second",
        "eventId": 7,
        "input": '{"a":1,"first":7}',
        "reused": ["First"],
        "again": [],
        "summary": "Reuses the results of 1 state, runs Second and everything after it.",
    }
    other = await service.run_from(executionArn=arn, state="Second", input='{"none": "some"}')
    assert await output(service, other["executionArn"]) == "some"
    history = (await service.get_execution_history(executionArn=other["executionArn"]))["events"]
    assert [e["id"] for e in history] == list(range(1, len(history) + 1))
    assert [e["type"] for e in history][5:] == ["TaskStateExited", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert (await service.describe_execution(executionArn=other["executionArn"]))["input"] == '{"a": 1}'

    fixed = {**FAILS, "States": {**FAILS["States"], "Second": {"Type": "Pass", "InputPath": "$.first", "End": True}}}
    mended = await service.run_from(executionArn=arn, eventId=7, definition=json.dumps(fixed))
    assert await output(service, mended["executionArn"]) == 7


async def test_a_run_from_an_iteration_keeps_the_others(service: LocalStepFunctions) -> None:
    arn = await service.run_definition(json.dumps(EACH), "[1, 2, 3]")
    assert await output(service, arn) == [1, 2, 3]
    events = [number for number, name in await entered(service, arn) if name == "Then"]
    told = await service.describe_run_from(executionArn=arn, eventId=events[1])
    assert told["summary"].startswith("Reuses the results of 2 states, runs Then and everything after it")
    other = await service.run_from(executionArn=arn, eventId=events[1], input="20")
    assert await output(service, other["executionArn"]) == [1, 20, 3]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"eventId": 1}, "does not enter a state"),
        ({"eventId": 99}, "does not enter a state"),
        ({"state": "Nowhere"}, "never entered the state 'Nowhere'"),
        ({"state": "C", "input": "{"}, "Invalid State Machine Execution Input"),
        (
            {"state": "C", "definition": json.dumps({"StartAt": "C", "States": {"C": {"Type": "Pass", "End": True}}})},
            "went through the state 'A'",
        ),
    ],
)
async def test_what_cannot_be_run_from_says_why(service: LocalStepFunctions, request_: dict[str, Any], message: str) -> None:
    arn = await service.run_definition(json.dumps(CHAIN))
    await output(service, arn)
    with pytest.raises(ServiceError, match=message):
        await service.run_from(executionArn=arn, **request_)


async def test_a_forked_run_goes_on_after_a_restart(tmp_path: Path) -> None:
    store = tmp_path / "log.sqlite"
    first = LocalStepFunctions(store)
    await first.start()
    arn = await first.run_definition(json.dumps(CHAIN))
    await output(first, arn)
    other = (await first.run_from(executionArn=arn, state="B", input='{"a": 5}', breakpoints=["C"]))["executionArn"]
    await lines(first, other, 1)
    await first.aclose()
    second = LocalStepFunctions(store)
    await second.start()
    try:
        await second.continue_execution(executionArn=other)
        assert await output(second, other) == {"a": 5, "b": 2}
    finally:
        await second.aclose()


async def test_the_state_of_a_run_after_an_event(service: LocalStepFunctions) -> None:
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Assign": {"x": 1}, "Output": 5, "Next": "B"}, "B": {"Type": "Pass", "End": True}},
    }
    arn = await service.run_definition(json.dumps(definition), '{"in": 1}')
    await output(service, arn)

    async def after(event: int) -> tuple[str, list[tuple[Any, ...]]]:
        told = await service.describe_moment(executionArn=arn, eventId=event)
        return told["status"], [(line["state"], line["phase"], line["input"], line["variables"]) for line in told["lines"]]

    assert [await after(n) for n in (1, 2, 3, 4, 6)] == [
        ("RUNNING", [("A", "next", '{"in":1}', {})]),
        ("RUNNING", [("A", "entered", '{"in":1}', {})]),
        ("RUNNING", [("B", "next", "5", {"x": "1"})]),
        ("RUNNING", [("B", "entered", "5", {"x": "1"})]),
        ("SUCCEEDED", [("B", "done", "5", {"x": "1"})]),
    ]
    with pytest.raises(ServiceError, match="there is no event 7"):
        await service.describe_moment(executionArn=arn, eventId=7)


async def test_nothing_but_the_history_is_known_of_an_imported_run(service: LocalStepFunctions) -> None:
    arn = await service.run_definition(json.dumps(EACH), "[1,2]")
    await output(service, arn)
    run = await export(service, arn)
    run["execution"]["executionArn"] += "-imported"
    assert keep(service.log, run, source="first.run.json")
    for asked in (service.describe_moment(executionArn=f"{arn}-imported"), service.run_from(executionArn=f"{arn}-imported", state="Each")):
        with pytest.raises(ServiceError, match="This run was imported"):
            await asked
