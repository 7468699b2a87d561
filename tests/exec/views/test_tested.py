"""The stages of TestState's answer, each beside what it came from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from histories import CASES

from studio.asl.difference import count
from studio.exec.local import LocalStepFunctions
from studio.exec.views.tested import Stage, numbers, stages, verdict

TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "InputPath": "$.order",
    "Parameters": {"FunctionName": "pay", "Payload.$": "$"},
    "ResultSelector": {"paid.$": "$.Payload.ok"},
    "ResultPath": "$.payment",
    "OutputPath": "$.payment",
    "End": True,
}


async def answer_of(definition: Any, **request: Any) -> dict[str, Any]:
    service = LocalStepFunctions(None)
    await service.start(resume=False)
    try:
        return await service.test_state(definition=json.dumps(definition), inspectionLevel="TRACE", **request)
    finally:
        await service.aclose()


def told(stage: Stage) -> tuple[str, str | None, tuple[int, int] | None]:
    return stage.title, stage.against, None if stage.lines is None else count(stage.lines)


async def test_a_jsonpath_task() -> None:
    given = '{"order":{"id":7},"who":"me"}'
    answer = await answer_of(TASK, input=given, mock={"result": '{"StatusCode":200,"Payload":{"ok":true}}'}, variables='{"a":1}')
    assert [told(stage) for stage in stages(answer, given, {})] == [
        ("Input", None, None),
        ("After InputPath", "Input", (1, 4)),
        ("After Parameters", "After InputPath", (4, 1)),
        ("Raw result", None, None),
        ("After ResultSelector", "Raw result", (1, 4)),
        ("After ResultPath", "Input", (3, 0)),
        ("Output", "Input", (1, 4)),
        ("Variables", "Variables before", (3, 1)),
    ]
    assert verdict(answer) == "Ends here."


async def test_a_jsonata_task_whose_result_replaces_the_input() -> None:
    state = {
        "QueryLanguage": "JSONata",
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "pay", "Payload": "{% $states.input %}"},
        "Assign": {"paid": "{% $states.result.Payload.ok %}"},
        "Next": "B",
    }
    answer = await answer_of(state, input='{"id":7}', mock={"result": '{"Payload":{"ok":true}}'}, variables='{"a":1}')
    found = stages(answer, '{"id":7}', {"a": 1})
    assert [told(stage) for stage in found] == [
        ("Input", None, None),
        ("Arguments", "Input", (4, 1)),
        ("Raw result", None, None),
        ("Output", "Raw result", (0, 0)),
        ("Variables", "Variables before", (1, 0)),
    ]
    assert [stage.changed for stage in found] == [True, True, True, False, True]
    assert verdict(answer) == "Goes on to B."


@pytest.mark.parametrize(
    ("state", "retries", "said", "bare"),
    [
        (
            {"Retry": [{"ErrorEquals": ["X"]}, {"ErrorEquals": ["F", "E"], "IntervalSeconds": 2, "BackoffRate": 3}]},
            2,
            "Retrier 2 (F, E) tries again after 18 s, retry 3 of 3.",
            "Retrier 2 tries again after 18 s.",
        ),
        (
            {"Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 5, "IntervalSeconds": 4, "JitterStrategy": "FULL"}]},
            0,
            "Retrier 1 (E) tries again after up to 4 s, retry 1 of 5.",
            "Retrier 1 tries again after 4 s.",
        ),
        (
            {"Retry": [{"ErrorEquals": ["E"]}]},
            3,
            "Retrier 1 has no attempt left, and no catcher takes the error.",
            "Retrier 1 has no attempt left, and no catcher takes the error.",
        ),
        (
            {"Retry": [{"ErrorEquals": ["E"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]},
            3,
            "Retrier 1 has no attempt left: catcher 1 (States.ALL) goes on to B.",
            "Retrier 1 has no attempt left: catcher 1 goes on to B.",
        ),
        (
            {"Catch": [{"ErrorEquals": ["X"], "Next": "A"}, {"ErrorEquals": ["E"], "Next": "B"}]},
            0,
            "Catcher 2 (E) goes on to B.",
            "Catcher 2 goes on to B.",
        ),
        ({}, 0, "No retrier and no catcher takes the error.", "No retrier and no catcher takes the error."),
    ],
)
async def test_what_becomes_of_an_error(state: dict[str, Any], retries: int, said: str, bare: str) -> None:
    answer = await answer_of(
        {**TASK, **state},
        input='{"order":1}',
        mock={"errorOutput": {"error": "E", "cause": "c"}},
        stateConfiguration={"retrierRetryCount": retries},
    )
    assert (verdict(answer, {**TASK, **state}, retries), verdict(answer)) == (said, bare)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"Type": "Fail", "Error": "E"}, "Fails, as the state is meant to."),
        ({"Type": "Fail", "ErrorPath": "$.no"}, "Fails: a state of this type has no retriers and no catchers."),
        ({"Type": "Wait", "SecondsPath": "$.no", "End": True}, "Fails: a state of this type has no retriers and no catchers."),
        (
            {**TASK, "InputPath": "$.no", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]},
            "No retrier and no catcher names States.Runtime, and States.ALL does not include it.",
        ),
    ],
)
async def test_a_failure_that_nothing_could_take_says_so(state: dict[str, Any], said: str) -> None:
    mock = {"mock": {"result": "{}"}} if state["Type"] == "Task" else {}
    assert verdict(await answer_of(state, input='{"order":1}', **mock), state) == said


def test_a_large_value_that_stayed_is_the_same_and_one_that_was_replaced_is_no_difference() -> None:
    large = json.dumps({"rows": list(range(5_000))})
    answer = {"inspectionData": {"afterInputPath": large, "afterItemsPath": "[1, 2]"}, "output": large}
    found = stages(answer, large)
    assert [(one.changed, one.lines is None, one.related) for one in found] == [
        (True, True, False),
        (False, True, False),
        (True, True, False),
        (False, True, False),
    ]
    part = stages({"inspectionData": {"afterInputPath": '{"a":{"b":1}}', "afterParameters": '["x"]'}}, '{"a":{"b":1},"c":2}')
    assert [one.related for one in part] == [False, True, False]  # nothing before; one line went; every line is another


NOT_A_VALUE = {"maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage", "errorDetails"}


def recorded() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("test_state--*.json")):
        stack: list[Any] = [json.loads(path.read_text("utf-8"))]
        while stack:
            one = stack.pop()
            if isinstance(one, dict) and isinstance(one.get("inspectionData"), dict) and "status" in one:
                found.append(pytest.param(one, id=f"{path.stem}-{len(found)}"))
            elif isinstance(one, dict | list):
                stack.extend(one.values() if isinstance(one, dict) else one)
    return found


@pytest.mark.parametrize("answer", recorded())
def test_every_recorded_answer_is_shown_whole(answer: dict[str, Any]) -> None:
    """The recordings hold AWS's JSON texts opened; here they are closed again."""
    seen = {name: value if name in NOT_A_VALUE else json.dumps(value) for name, value in answer["inspectionData"].items()}
    closed = {**answer, "inspectionData": seen, **({"output": json.dumps(answer["output"])} if "output" in answer else {})}
    shown = {stage.name: stage.text for stage in stages(closed, seen["input"])}
    values = {name: text for name, text in seen.items() if name not in NOT_A_VALUE}
    assert shown == values | ({"output": closed["output"]} if "output" in answer else {})
    assert set(numbers(answer).values()) == {value for name, value in seen.items() if name in NOT_A_VALUE - {"errorDetails"}}
    assert verdict(answer).endswith(".")
