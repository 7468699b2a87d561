"""A run of which only the history is here, gone on with: replayed, then begun at one of its states."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.errors import StudioError
from studio.exec.exported import export, keep, whole_history
from studio.exec.local import LocalStepFunctions
from studio.exec.performers.mock import Mocks
from studio.exec.replay import entered_again, place_of, replay, run_from_replay
from studio.exec.views.run import RunView, Visit, project


def task(resource: str = "lambda:invoke", **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": {"FunctionName": "f", "Payload.$": "$"}, **more}


LOOP = {
    "StartAt": "Each",
    "States": {
        "Each": {"Type": "Map", "ItemProcessor": {"StartAt": "Do", "States": {"Do": task(End=True)}}, "Next": "Rest"},
        "Rest": {"Type": "Wait", "Seconds": 3600, "Next": "Again"},
        "Again": task(Next="Enough?"),
        "Enough?": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 3, "Next": "Rest"}], "Default": "Ask"},
        "Ask": task("lambda:invoke.waitForTaskToken", End=True),
    },
}
DONE = {"StatusCode": 200}


def mocks(**answers: Any) -> Mocks:
    named = {name: f"{name} answers" for name in answers}
    config = {
        "StateMachines": {"loop": {"TestCases": {"Happy": named}}},
        "MockedResponses": {named[name]: {str(i): answer for i, answer in enumerate(given)} for name, given in answers.items()},
    }
    return Mocks.load(config)


async def imported(engine: LocalStepFunctions) -> tuple[dict[str, Any], RunView]:
    """A run that went twice through its loop, then waited until it was stopped; of which only the history is here."""
    answers = mocks(Do=[{"Return": DONE}] * 2, Again=[{"Return": {"n": n}} for n in (1, 2, 3)])
    arn = await engine.run_definition(json.dumps(LOOP), "[1, 2]", mocks=answers, workflow="loop.asl.json", skip_waits=True, name="there")
    while not any(
        event["type"] == "TaskScheduled" and "Token" in event["taskScheduledEventDetails"]["resource"]
        for event in await whole_history(engine, arn)
    ):
        pass
    await engine.stop_execution(executionArn=arn)
    await engine.ended(arn)
    run = await export(engine, arn)
    run["execution"]["executionArn"] = arn.replace("there", "here")
    assert keep(engine.log, run, workflow="loop.asl.json")
    described = await engine.describe_execution(executionArn=run["execution"]["executionArn"])
    return described, project(LOOP, await whole_history(engine, described["executionArn"]))


def nth(view: RunView, state: str, number: int) -> Visit:
    return view.states[state].visits[number]


@pytest.mark.parametrize(("state", "number", "place"), [("Each", 0, 0), ("Do", 1, 0), ("Again", 1, 1), ("Again", 2, 2), ("Ask", 0, 0)])
async def test_a_replay_comes_to_a_state_as_the_run_did(engine: LocalStepFunctions, state: str, number: int, place: int) -> None:
    described, view = await imported(engine)
    visit = nth(view, state, number)
    assert place_of(view, visit) == place
    arn = await replay(engine, engine, described, json.dumps(LOOP))
    entered = await entered_again(engine, arn, LOOP, view, visit)
    event = (await whole_history(engine, arn))[entered - 1]
    assert event["stateEnteredEventDetails"]["name"] == state
    assert json.loads(event["stateEnteredEventDetails"]["input"]) == json.loads(visit.input or "")
    await engine.stop_execution(executionArn=arn)


async def test_the_new_run_has_the_results_from_before_and_answers_of_its_own(engine: LocalStepFunctions) -> None:
    described, view = await imported(engine)
    own = mocks(Again=[{"Return": {"n": 0}}] * 3 + [{"Return": {"n": 7}}], Ask=[{"Return": {"said": "yes"}}])
    world = {"workflow": "loop.asl.json", "mocks": own.config, "mocksMachine": "loop", "case": "Happy"}
    begun = await run_from_replay(
        engine, engine, described, json.dumps(LOOP), view, nth(view, "Again", 2), world=world, input='{"n": 2}', skipWaits=True
    )
    row = await engine.ended(begun)
    made = project(LOOP, await whole_history(engine, begun))
    assert (row.status, row.output) == ("SUCCEEDED", '{"said":"yes"}')
    assert [visit.output for visit in made.states["Again"].visits] == ['{"n":1}', '{"n":2}', '{"n":0}', '{"n":7}']
    replayed = await engine.describe_execution(executionArn=str(row.meta["parent"]))
    assert (replayed["status"], replayed["error"]) == ("ABORTED", "Studio.Replayed")  # nobody answers its callback


async def test_a_replay_that_goes_another_way_is_told(engine: LocalStepFunctions) -> None:
    described, view = await imported(engine)
    other = {**LOOP, "StartAt": "Enough?"}
    with pytest.raises(StudioError, match=r"The replay did not come to Do as the run did: it ended with"):
        await run_from_replay(engine, engine, described, json.dumps(other), view, nth(view, "Do", 0))
