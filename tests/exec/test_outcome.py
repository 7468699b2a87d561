"""How failures run up through branches and iterations, and how an execution ends: the events, and what each of them follows.

The shapes were read off AWS (us-east-1) by others: github.com/floci-io/floci, issues 2734, 2868 and 2965, pull request 3167.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.exec.local import LocalStepFunctions

PASS: dict[str, Any] = {"Type": "Pass", "End": True}
WAIT: dict[str, Any] = {"Type": "Wait", "Seconds": 3600, "End": True}
FAIL: dict[str, Any] = {"Type": "Fail", "Error": "MyError", "Cause": "my cause"}
NO_MACHINE: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::states:startExecution",
    "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:nobody"},
    "End": True,
}
RUNTIME: dict[str, Any] = {"Type": "Pass", "Parameters": {"m.$": "$.nope"}, "End": True}
NOT_FOUND = "The JSONPath '$.nope' specified for the field 'm.$' could not be found in the input"
UNDEFINED = "The JSONata expression '$states.input.nope' specified for the field '{}' returned nothing (undefined)."
ALL = [{"ErrorEquals": ["States.ALL"], "Next": "Z"}]


def one(state: dict[str, Any], name: str = "A", **more: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: state}, **more}


def parallel(*branches: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A Parallel `P` whose branches have one state each, called A, B, …"""
    scopes = [one(state, "AB"[index]) for index, state in enumerate(branches)]
    states = {"P": {"Type": "Parallel", "Branches": scopes, "End": True, **more}, **({"Z": PASS} if "Catch" in more else {})}
    return {"StartAt": "P", "States": states}


def mapped(inner: dict[str, Any], **more: Any) -> dict[str, Any]:
    states = {"M": {"Type": "Map", "ItemProcessor": one(inner), "End": True, **more}, **({"Z": PASS} if "Catch" in more else {})}
    return {"StartAt": "M", "States": states}


async def history(definition: dict[str, Any], given: str = "{}", *, stop: int = 0, **more: Any) -> list[dict[str, Any]]:
    """The history of a run; `stop` stops it after so many events."""
    service = LocalStepFunctions(None)
    await service.start()
    try:
        arn = await service.run_definition(json.dumps(definition), given, **more)
        seen: list[dict[str, Any]] = []
        while len(seen) < stop:
            seen += await service.wait_events(arn, len(seen), 5)
        if stop:
            await service.stop_execution(executionArn=arn)
        await service.ended(arn)
        return (await service.get_execution_history(executionArn=arn))["events"]
    finally:
        await service.aclose()


def chain(events: list[dict[str, Any]]) -> str:
    """`Type<previous Type<previous …` without what every run has first."""
    return " ".join(f"{event['type']}<{event['previousEventId']}" for event in events[1:])


@pytest.mark.parametrize(
    ("definition", "given", "told"),
    [
        (
            parallel(RUNTIME, Catch=ALL),
            '{"x":"a"}',
            "ParallelStateEntered<0 ParallelStateStarted<2 PassStateEntered<3 ExecutionFailed<4",
        ),
        (
            parallel(WAIT, RUNTIME),
            '{"x":"a"}',
            "ParallelStateEntered<0 ParallelStateStarted<2 WaitStateEntered<3 PassStateEntered<3 ExecutionFailed<5",
        ),
        (
            parallel({**NO_MACHINE, "Parameters": {"m.$": "$.nope"}}),
            "{}",
            "ParallelStateEntered<0 ParallelStateStarted<2 TaskStateEntered<3 ExecutionFailed<4",
        ),
        (
            mapped(RUNTIME, MaxConcurrency=1),
            "[1, 2]",
            "MapStateEntered<0 MapStateStarted<2 MapIterationStarted<3 PassStateEntered<4 ExecutionFailed<5",
        ),
        (
            mapped(PASS, ItemSelector={"m.$": "$.nope"}),
            "[1, 2]",
            "MapStateEntered<0 MapStateStarted<2 ExecutionFailed<3",
        ),
    ],
)
async def test_what_nothing_catches_ends_the_execution_where_it_is(definition: dict[str, Any], given: str, told: str) -> None:
    events = await history(definition, given)
    assert chain(events) == told
    failed = events[-1]["executionFailedEventDetails"]
    entered = events[-1]["previousEventId"] if "Entered" in events[-2]["type"] else 2
    assert failed["error"] == "States.Runtime"
    assert f"(entered at the event id #{entered}). {NOT_FOUND}" in failed["cause"]


@pytest.mark.parametrize(
    ("definition", "given", "told"),
    [
        (
            parallel(NO_MACHINE, Catch=ALL),
            "{}",
            "ParallelStateEntered<0 ParallelStateStarted<2 TaskStateEntered<3 TaskScheduled<4 TaskStarted<5 TaskFailed<6 TaskStateAborted<7 "
            "ParallelStateFailed<7 ParallelStateExited<9 PassStateEntered<10 PassStateExited<11 ExecutionSucceeded<12",
        ),
        (
            mapped(NO_MACHINE, Catch=ALL),
            "[1]",
            "MapStateEntered<0 MapStateStarted<2 MapIterationStarted<3 TaskStateEntered<4 TaskScheduled<5 TaskStarted<6 TaskFailed<7 "
            "TaskStateAborted<8 MapIterationFailed<8 MapStateFailed<8 MapStateExited<11 PassStateEntered<12 PassStateExited<13 "
            "ExecutionSucceeded<14",
        ),
        (
            parallel({**NO_MACHINE, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "A2"}]}),
            "{}",
            "ParallelStateEntered<0 ParallelStateStarted<2 TaskStateEntered<3 TaskScheduled<4 TaskStarted<5 TaskFailed<6 TaskStateExited<7 "
            "PassStateEntered<8 PassStateExited<9 ParallelStateSucceeded<10 ParallelStateExited<10 ExecutionSucceeded<12",
        ),
        (
            one(NO_MACHINE),
            "{}",
            "TaskStateEntered<0 TaskScheduled<2 TaskStarted<3 TaskFailed<4 ExecutionFailed<5",
        ),
    ],
)
async def test_a_task_that_ends_its_branch_is_told_as_aborted(definition: dict[str, Any], given: str, told: str) -> None:
    if "A2" in json.dumps(definition):
        definition["States"]["P"]["Branches"][0]["States"]["A2"] = PASS
    assert chain(await history(definition, given)) == told


@pytest.mark.parametrize(
    ("definition", "given", "told"),
    [
        (
            parallel(PASS, ResultSelector={"m.$": "$.nope"}),
            "{}",
            "ParallelStateEntered<0 ParallelStateStarted<2 PassStateEntered<3 PassStateExited<4 ParallelStateSucceeded<5 ExecutionFailed<6",
        ),
        (
            mapped(PASS, ResultSelector={"m.$": "$.nope"}),
            "[]",
            "MapStateEntered<0 MapStateStarted<2 MapStateSucceeded<3 ExecutionFailed<4",
        ),
    ],
)
async def test_what_fails_after_the_work_follows_its_success(definition: dict[str, Any], given: str, told: str) -> None:
    assert chain(await history(definition, given)) == told


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        (
            parallel(FAIL, QueryLanguage="JSONata", Catch=[{**ALL[0], "Output": {"v": "{% $states.input.nope %}"}}]),
            "ParallelStateEntered<0 ParallelStateStarted<2 FailStateEntered<3 ParallelStateFailed<4 EvaluationFailed<4 ParallelStateFailed<6 "
            "ExecutionFailed<7",
        ),
        (
            {
                "StartAt": "A",
                "States": {
                    "A": {
                        **{key: value for key, value in NO_MACHINE.items() if key != "Parameters"},
                        "QueryLanguage": "JSONata",
                        "Arguments": NO_MACHINE["Parameters"],
                        "Catch": [{**ALL[0], "Assign": {"v": "{% $states.input.nope %}"}}],
                    },
                    "Z": PASS,
                },
            },
            "TaskStateEntered<0 TaskScheduled<2 TaskStarted<3 TaskFailed<4 EvaluationFailed<5 ExecutionFailed<6",
        ),
    ],
)
async def test_a_catcher_that_fails_fails_the_state_again(definition: dict[str, Any], told: str) -> None:
    events = await history(definition)
    assert chain(events) == told
    details = next(event["evaluationFailedEventDetails"] for event in events if event["type"] == "EvaluationFailed")
    name, location = ("P", "Catch[0]/Output/v") if "P" in definition["States"] else ("A", "Catch[0]/Assign/v")
    cause = f"An error occurred while executing the state '{name}' (entered at the event id #2). {UNDEFINED.format(location)}"
    assert details == {"error": "States.QueryEvaluationError", "cause": cause, "location": location, "state": name}
    assert events[-1]["executionFailedEventDetails"] == {"error": "States.QueryEvaluationError", "cause": cause}


@pytest.mark.parametrize(
    ("definition", "given", "told"),
    [
        (one(WAIT), "{}", "WaitStateEntered<0 ExecutionAborted<0"),
        (
            parallel(WAIT, WAIT),
            "{}",
            "ParallelStateEntered<0 ParallelStateStarted<2 WaitStateEntered<3 WaitStateEntered<3 ExecutionAborted<0",
        ),
        (
            mapped(WAIT),
            "[1]",
            "MapStateEntered<0 MapStateStarted<2 MapIterationStarted<3 WaitStateEntered<4 ExecutionAborted<0",
        ),
    ],
)
async def test_a_stop_is_told_alone(definition: dict[str, Any], given: str, told: str) -> None:
    events = await history(definition, given, stop=told.count("<"))
    assert (chain(events), events[-1]["executionAbortedEventDetails"]) == (told, {})


async def test_a_timeout_is_told_alone() -> None:
    events = await history(one(WAIT, TimeoutSeconds=1), skip_waits=True)
    assert chain(events) == "WaitStateEntered<0 ExecutionTimedOut<0"
    assert events[-1]["executionTimedOutEventDetails"] == {"error": "States.Timeout"}


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Choice", "Choices": [{"Variable": "$.x", "StringEquals": "never", "Next": "Z"}]},
        {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Condition": "{% false %}", "Next": "Z"}]},
    ],
)
async def test_a_choice_that_leads_nowhere(state: dict[str, Any]) -> None:
    definition = {"StartAt": "C", "States": {"C": state, "Z": PASS}}
    cause = (
        "An error occurred while executing the state 'C' (entered at the event id #{}). "
        "Failed to transition out of the state. The state does not point to a next state."
    )
    events = await history(definition, '{"x": "a"}')
    assert chain(events) == "ChoiceStateEntered<0 ExecutionFailed<2"
    assert events[-1]["executionFailedEventDetails"] == {"error": "States.Runtime", "cause": cause.format(2)}
    service = LocalStepFunctions(None)
    tested = await service.test_state(definition=json.dumps(definition), stateName="C", input='{"x": "a"}')
    assert tested == {"status": "FAILED", "error": "States.Runtime", "cause": cause.format(0)}
