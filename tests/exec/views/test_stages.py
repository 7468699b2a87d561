"""The stages of a state's data in a run, worked out from the definition that ran and what the history holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from histories import dated, history, recorded

from studio.asl.graph import build
from studio.exec.exported import whole_history
from studio.exec.local import LocalStepFunctions
from studio.exec.performers.mock import Mocks
from studio.exec.views.run import RunView, project
from studio.exec.views.stages import Recomputed, Stages

LAMBDA = "arn:aws:states:::lambda:invoke"
INNER = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Parameters": {"at.$": "$$.Map.Item.Value", "v.$": "$.v"}, "End": True}}}
ORDERS = {
    "StartAt": "Wrap",
    "States": {
        "Wrap": {"Type": "Pass", "Parameters": {"order.$": "$", "run.$": "$$.Execution.Name"}, "Next": "Pay"},
        "Pay": {
            "Type": "Task",
            "Resource": LAMBDA,
            "InputPath": "$.order",
            "Parameters": {"FunctionName": "pay", "Payload.$": "$"},
            "ResultSelector": {"items.$": "$.Payload"},
            "ResultPath": "$.paid",
            "OutputPath": "$.paid",
            "Assign": {"first.$": "$.items[0]"},
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {"v.$": "$$.Map.Item.Value", "first.$": "$first"},
            "ResultSelector": {"all.$": "$"},
            "ItemProcessor": INNER,
            "End": True,
        },
    },
}
SPOKEN = {
    "QueryLanguage": "JSONata",
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "L", "States": {"L": {"Type": "Pass", "Output": {"left": "{% $states.input.n + 1 %}"}, "End": True}}},
                {"StartAt": "R", "States": {"R": {"Type": "Pass", "Output": {"right": True}, "End": True}}},
            ],
            "Output": "{% $merge($states.result) %}",
            "Assign": {"n": "{% $states.input.n %}"},
            "Next": "Try",
        },
        "Try": {
            "Type": "Task",
            "Resource": LAMBDA,
            "Arguments": {"FunctionName": "try", "Payload": "{% $n %}"},
            "Catch": [{"ErrorEquals": ["Busy"], "Output": {"why": "{% $states.errorOutput.Cause %}"}, "Next": "Draw"}],
            "End": True,
        },
        "Draw": {"Type": "Pass", "Output": "{% $random() %}", "End": True},
    },
}


def mocks(**answers: Any) -> Mocks:
    named = {state: f"{state} answers" for state in answers}
    responses = {f"{state} answers": {"0": answer} for state, answer in answers.items()}
    return Mocks.load({"StateMachines": {"m": {"TestCases": {"Happy": named}}}, "MockedResponses": responses})


async def run(definition: Any, given: str, mocked: Mocks) -> Callable[[str], list[Recomputed]]:
    engine = LocalStepFunctions(None)
    await engine.start(resume=False)
    try:
        arn = await engine.run_definition(json.dumps(definition), given, mocks=mocked, name="seven")
        await engine.ended(arn)
        described = await engine.describe_execution(executionArn=arn)
        view: RunView = project(definition, await whole_history(engine, arn))
    finally:
        await engine.aclose()
    found = Stages(definition, build(definition), described)
    return lambda state: [found.of(view, visit) for visit in view.states[state].visits]


def told(found: Recomputed) -> list[tuple[str, Any, str | None]]:
    return [(stage.title, json.loads(stage.text), stage.against) for stage in found.stages]


async def test_jsonpath_stages() -> None:
    of = await run(ORDERS, '{"a":1}', mocks(Pay={"Return": {"Payload": [5, 6]}}))
    [wrap], [pay], [each], inner = of("Wrap"), of("Pay"), of("Each"), of("I")
    wrapped = {"order": {"a": 1}, "run": "seven"}
    assert told(wrap) == [
        ("Input", {"a": 1}, None),
        ("After InputPath", {"a": 1}, "Input"),
        ("After Parameters", wrapped, "After InputPath"),
        ("After ResultSelector", wrapped, "After Parameters"),
        ("After ResultPath", wrapped, "After ResultSelector"),
        ("Output", wrapped, "After ResultPath"),
    ]
    assert told(pay) == [
        ("Input", wrapped, None),
        ("After InputPath", {"a": 1}, "Input"),
        ("After Parameters", {"FunctionName": "pay", "Payload": {"a": 1}}, "After InputPath"),
        ("Raw result", {"Payload": [5, 6]}, None),
        ("After ResultSelector", {"items": [5, 6]}, "Raw result"),
        ("After ResultPath", {**wrapped, "paid": {"items": [5, 6]}}, "Input"),
        ("Output", {"items": [5, 6]}, "Input"),
        ("Variables", {"first": 5}, "Variables before"),
    ]
    assert [(title, value) for title, value, _ in told(each)] == [
        ("Input", {"items": [5, 6]}),
        ("After InputPath", {"items": [5, 6]}),
        ("After ItemsPath", [5, 6]),
        ("After ItemSelector", [{"v": 5, "first": 5}, {"v": 6, "first": 5}]),
        ("Raw result", [{"at": 5, "v": 5}, {"at": 6, "v": 6}]),
        ("After ResultSelector", {"all": [{"at": 5, "v": 5}, {"at": 6, "v": 6}]}),
        ("After ResultPath", {"all": [{"at": 5, "v": 5}, {"at": 6, "v": 6}]}),
        ("Output", {"all": [{"at": 5, "v": 5}, {"at": 6, "v": 6}]}),
    ]
    assert [json.loads(one.stages[-1].text) for one in inner] == [{"at": 5, "v": 5}, {"at": 6, "v": 6}]
    assert [one.notes for one in (wrap, pay, each, *inner)] == [()] * 5


async def test_jsonata_stages() -> None:
    of = await run(SPOKEN, '{"n":1}', mocks(Try={"Throw": {"Error": "Busy", "Cause": "full"}}))
    [both], [tried], [draw] = of("Both"), of("Try"), of("Draw")
    assert told(both) == [
        ("Input", {"n": 1}, None),
        ("Raw result", [{"left": 2}, {"right": True}], None),
        ("Output", {"left": 2, "right": True}, "Input"),
        ("Variables", {"n": 1}, "Variables before"),
    ]
    assert told(tried) == [
        ("Input", {"left": 2, "right": True}, None),
        ("Arguments", {"FunctionName": "try", "Payload": 1}, "Input"),
        ("Output", {"why": "full"}, "Arguments"),
    ]
    assert (both.notes, tried.notes) == ((), ())
    assert [note[:26] for note in draw.notes] == ["The output is as recorded;"]


TASK = {
    "StartAt": "T",
    "States": {"T": {"Type": "Task", "Resource": LAMBDA, "Parameters": {"a.$": "$.a"}, "ResultPath": "$.r", "End": True}},
}
BEGUN = (("ExecutionStarted", 0, {"input": '{"a":1}'}), ("TaskStateEntered", 0, {"name": "T", "input": '{"a":1}'}))
TOKEN = ("TaskScheduled", 2, {"parameters": '{"a":"a token"}', "resource": "invoke", "resourceType": "lambda"})


@pytest.mark.parametrize(
    ("definition", "events", "titles", "notes"),
    [
        pytest.param(TASK, BEGUN, ["Input", "After InputPath", "After Parameters"], [], id="under way"),
        pytest.param(
            TASK,
            (*BEGUN, TOKEN),
            ["Input", "After InputPath", "After Parameters"],
            ["What the task was given is as recorded; worked out again it would be another value (a token, a time or a random number)."],
            id="recorded goes first",
        ),
        pytest.param(
            {},
            (*BEGUN, TOKEN, ("TaskSucceeded", 3, {"output": '"r"'}), ("TaskStateExited", 4, {"name": "T", "output": '{"r":"r"}'})),
            ["Input", "After Parameters", "Raw result", "Output"],
            ["The definition cannot be read: These fields are required: [States, StartAt] at /. Only what the history holds is shown."],
            id="no definition",
        ),
        pytest.param(
            {"StartAt": "Else", "States": {"Else": {"Type": "Succeed"}}},
            BEGUN,
            ["Input"],
            ["The definition that ran is not known here. Only what the history holds is shown."],
            id="another definition",
        ),
        pytest.param(
            TASK,
            (BEGUN[0], ("TaskStateEntered", 0, {"name": "T"})),
            [],
            ["The history holds no data: neither its input nor what became of it is known."],
            id="without data",
        ),
        pytest.param(
            TASK,
            (BEGUN[0], ("TaskStateEntered", 0, {"name": "T", "input": '{"a":[1,2,'})),
            [],
            ["The input in the history is cut off: no stage can be worked out from it."],
            id="cut off",
        ),
        pytest.param(
            TASK,
            (*BEGUN, TOKEN, ("TaskSucceeded", 3, {}), ("TaskStateExited", 4, {"name": "T", "output": '{"a":1,"r":9}'})),
            ["Input", "After InputPath", "After Parameters", "Output"],
            [
                "Its result is not in the history: what became of it before the output cannot be worked out.",
                "What the task was given is as recorded; worked out again it would be another value (a token, a time or a random number).",
            ],
            id="result not recorded",
        ),
    ],
)
def test_what_cannot_be_known_is_said(definition: Any, events: Any, titles: list[str], notes: list[str]) -> None:
    view = project(definition, history(*events))
    [visit] = view.states["T"].visits
    found = Stages(definition, build(definition), {}).of(view, visit)
    assert ([stage.title for stage in found.stages], list(found.notes)) == (titles, notes)


def spelled(value: Any) -> Any:
    """A recording with names in the place of what was cut out of it."""
    text = json.dumps(value).replace("<partition>", "aws").replace("<region>", "us-east-1")
    return json.loads(re.sub(r"<([\w:]+)>", r"\1", text))


def with_texts(event: dict[str, Any]) -> dict[str, Any]:
    """A recorded event with its payloads as the texts they were."""
    made = dict(event)
    for key, value in event.items():
        if key.endswith("EventDetails") and isinstance(value, dict):
            made[key] = {
                name: json.dumps(inner) if name in {"input", "output", "parameters", "cause"} and not isinstance(inner, str) else inner
                for name, inner in value.items()
            }
    return made


@pytest.mark.parametrize(("definition", "events"), recorded())
def test_awss_recorded_outputs_are_worked_out_again(definition: Any, events: Any) -> None:
    """Where the recording holds the real values: the context object's are cut out of it, and causes are opened."""
    definition = spelled(definition)
    view = project(definition, [with_texts(event) for event in dated(spelled(events))])
    found = Stages(definition, build(definition), {})
    for name, state in view.states.items():
        own = json.dumps(next((node.value for node in build(definition).states.values() if node.name == name), None))
        cut_out = "$$" in own or "states.context" in own or "TimestampValue" in own or "States.Hash" in own or "States.UUID" in own
        for visit in state.visits:
            one = found.of(view, visit)
            differing = [note for note in one.notes if "another value" in note or "cannot be worked out again" in note]
            assert cut_out or visit.error or not differing, (name, differing)
            if visit.output is not None:
                assert [json.loads(stage.text) for stage in one.stages if stage.name == "output"] == [json.loads(visit.output)]
