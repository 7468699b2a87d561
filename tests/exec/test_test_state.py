"""TestState beyond what AWS's recordings show: retries, Maps, refusals. The recorded cases are in `test_conformance`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.errors import ServiceError
from studio.exec.driver import run_once
from studio.exec.local import LocalStepFunctions

ROLE = "arn:aws:iam::123456789012:role/x"
TASK = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "q", "MessageBody": "b"}, "End": True}
PASS = {"Type": "Pass", "End": True}
MAP = {"Type": "Map", "ItemsPath": "$.all", "ItemProcessor": {"StartAt": "I", "States": {"I": PASS}}, "End": True}


async def answer_of(definition: Any, **request: Any) -> dict[str, Any]:
    service = LocalStepFunctions(None)
    await service.start(resume=False)
    try:
        return await service.test_state(definition=json.dumps(definition), **request)
    finally:
        await service.aclose()


@pytest.mark.parametrize(
    ("spent", "status", "details"),
    [
        (0, "RETRIABLE", {"retryIndex": 0, "retryBackoffIntervalSeconds": 1}),
        (4, "RETRIABLE", {"retryIndex": 0, "retryBackoffIntervalSeconds": 16}),
        (5, "FAILED", {"retryIndex": 0}),
    ],
)
async def test_retries_that_were_made_already(spent: int, status: str, details: dict[str, int]) -> None:
    state = {**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 5}]}
    answer = await answer_of(
        state, mock={"errorOutput": {"error": "E", "cause": "c"}}, stateConfiguration={"retrierRetryCount": spent}, inspectionLevel="DEBUG"
    )
    assert (answer["status"], answer["error"], answer["inspectionData"]["errorDetails"]) == (status, "E", details)


async def test_an_output_that_is_too_large_fails_as_in_a_run() -> None:
    state = {**PASS, "Parameters": {"a.$": "$.x", "b.$": "$.x"}}
    answer = await answer_of(state, input=json.dumps({"x": "y" * 140_000}))
    cause = "The state/task 'StateName' returned a result with a size exceeding the maximum number of bytes service limit."
    assert answer == {"status": "FAILED", "error": "States.DataLimitExceeded", "cause": cause}


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ({"Type": "Wait", "SecondsPath": "$.s", "End": True}, ""),
        (
            {"Type": "Wait", "TimestampPath": "$.t", "End": True},
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == soon",
        ),
        ({"Type": "Wait", "Seconds": "${Delay}", "End": True}, "The Seconds parameter is not a number: ${Delay}"),
        (
            {"Type": "Wait", "Timestamp": "${When}", "End": True},
            "The Timestamp parameter is not a valid ISO-8601 extended offset date-time format string: ${When}",
        ),
    ],
)
async def test_a_wait_needs_a_moment_as_in_a_run(state: dict[str, Any], cause: str) -> None:
    """And the run fails in the same words, whatever stands in the place of the number."""
    answer = await answer_of(state, input='{"s": 1, "t": "soon"}')
    ran = run_once({"StartAt": "W", "States": {"W": state}}, {"s": 1, "t": "soon"}, skip_waits=True)
    assert (answer.get("error"), ran.error) == (("States.Runtime", "States.Runtime") if cause else (None, None))
    assert (answer.get("cause") or "").endswith(cause)
    assert (ran.cause or "").endswith(cause)


async def test_what_a_map_would_iterate_over() -> None:
    state = {**MAP, "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"}, "MaxConcurrency": 2}
    answer = await answer_of(state, input='{"all":["a","b"]}', mock={"result": "[1,2]"}, inspectionLevel="DEBUG")
    assert answer == {
        "output": "[1,2]",
        "status": "SUCCEEDED",
        "inspectionData": {
            "input": '{"all":["a","b"]}',
            "afterInputPath": '{"all":["a","b"]}',
            "afterItemsPath": '["a","b"]',
            "afterItemSelector": '[{"v":"a","i":0},{"v":"b","i":1}]',
            "maxConcurrency": 2,
            "afterResultSelector": "[1,2]",
            "afterResultPath": "[1,2]",
        },
    }


async def test_a_state_inside_a_map_has_an_item() -> None:
    inner = {"Type": "Pass", "Parameters": {"item.$": "$$.Map.Item.Value", "x.$": "$x"}, "End": True}
    machine = {"StartAt": "M", "States": {"M": {**MAP, "ItemProcessor": {"StartAt": "I", "States": {"I": inner}}}}}
    answer = await answer_of(machine, stateName="I", input='{"a":1}', variables='{"x":7}')
    assert answer == {"output": '{"item":{"a":1},"x":7}', "status": "SUCCEEDED"}


async def test_variables_that_are_assigned_are_shown() -> None:
    answer = await answer_of({**PASS, "Assign": {"y.$": "$.a"}}, input='{"a":1}', variables='{"x":7}', inspectionLevel="TRACE")
    assert answer["inspectionData"]["variables"] == '{"x":7,"y":1}'


REFUSED: list[tuple[Any, dict[str, Any], str, str]] = [
    (TASK, {}, "ValidationException", "RoleArn must be specified when testing a Task state"),
    ({**TASK, "Resource": f"{TASK['Resource']}.waitForTaskToken"}, {"roleArn": ROLE}, "InvalidDefinition", "waitForTaskToken"),
    (TASK, {"mock": {"result": "{"}}, "ValidationException", "Mocked result must be valid JSON"),
    (TASK, {"mock": {"result": "{}"}, "revealSecrets": True}, "ValidationException", "RevealSecrets"),
    (TASK, {"roleArn": ROLE, "context": "{}"}, "ValidationException", "Context when a mock is not specified"),
    (TASK, {"mock": {"result": '{"MessageId":"m"}'}, "context": '{"Task":{"Token":"t"}}'}, "ValidationException", "contains 'Task' when"),
    (MAP, {"mock": {"result": "{}"}}, "ValidationException", "Mocked result must be an array."),
    (
        MAP,
        {"mock": {"result": "[]"}, "input": '{"all":[1]}', "stateConfiguration": {"mapIterationFailureCount": 2}},
        "ValidationException",
        "Map iteration failure count must be less than or equal to the number of Map iterations",
    ),
    (PASS, {"stateConfiguration": {"mapIterationFailureCount": 1}}, "ValidationException", "MapIterationFailureCount when a mock is not"),
    ({"Type": "Pass"}, {}, "InvalidDefinition", "Invalid State Machine Definition"),
    ([], {}, "InvalidDefinition", "must be a valid JSON object"),
    ({"StartAt": "A", "States": {"A": PASS}}, {}, "ValidationException", "StateName must be specified"),
    (PASS, {"input": "{"}, "InvalidExecutionInput", "Invalid State Machine Execution Input"),
    (PASS, {"variables": "[]"}, "ValidationException", "variables must be a JSON object"),
]


@pytest.mark.parametrize(("definition", "request_", "code", "message"), REFUSED)
async def test_refusals(definition: Any, request_: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ServiceError, match=message.replace("(", r"\(")) as refused:
        await answer_of(definition, **request_)
    assert refused.value.code == code


DISTRIBUTED = {**MAP, "ItemProcessor": {**MAP["ItemProcessor"], "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}}  # type: ignore[dict-item]
READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}


@pytest.mark.parametrize(
    ("state", "request_", "shown"),
    [
        (
            DISTRIBUTED | {"ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"x.$": "$.x"}}},
            {"input": '{"all":[1,2,3],"x":9}'},
            {"afterItemsPath": "[1,2,3]", "afterItemBatcher": '[{"BatchInput":{"x":9},"Items":[1,2]},{"BatchInput":{"x":9},"Items":[3]}]'},
        ),
        (
            DISTRIBUTED | {"ItemReader": {**READER, "ReaderConfig": {"InputType": "JSON", "ItemsPointer": "/a/b"}}},
            {"stateConfiguration": {"mapItemReaderData": '{"a":{"b":[1,2]}}'}},
            {"afterItemsPointer": "[1,2]"},
        ),
    ],
)
async def test_the_stages_of_a_distributed_map(state: dict[str, Any], request_: dict[str, Any], shown: dict[str, Any]) -> None:
    answer = await answer_of(state, mock={"result": "[]"}, inspectionLevel="DEBUG", **request_)
    stages = {k: v for k, v in answer["inspectionData"].items() if k.startswith("afterItem")}
    assert (answer["status"], stages) == ("SUCCEEDED", shown)


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ({"TimeoutSecondsPath": "$.t"}, "The TimeoutSecondsPath parameter references a negative value: $.t == -1"),
        (
            {"Credentials": {"RoleArn.$": "$.r"}},
            "The JSONPath '$.r' specified for the field 'RoleArn.$' could not be found in the input '{\"t\":-1}'",
        ),
    ],
)
async def test_what_a_task_is_done_under_is_looked_at(more: dict[str, Any], cause: str) -> None:
    answer = await answer_of(TASK | more, input='{"t":-1}', mock={"result": '{"MessageId":"m","MD5OfMessageBody":"x"}'})
    where = "An error occurred while executing the state 'StateName' (entered at the event id #0). "
    assert answer == {"error": "States.Runtime", "cause": where + cause, "status": "FAILED"}


@pytest.mark.parametrize(
    ("definition", "request_", "code", "message"),
    [
        (
            "x",
            {},
            "InvalidDefinition",
            "Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: Unrecognized token 'x': was expecting (JSON String, Number, Array, "
            "Object or token 'null', 'true' or 'false')\n at [Source: (String)\"x\"; line: 1, column: 2]'",
        ),
        (
            json.dumps(PASS),
            {"variables": "{"},
            "ValidationException",
            "The variables must be valid JSON: Unexpected end-of-input: expected close marker for Object (start marker at [Source: REDACTED "
            "(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1])",
        ),
    ],
)
async def test_texts_that_are_no_json(definition: str, request_: dict[str, Any], code: str, message: str) -> None:
    service = LocalStepFunctions(None)
    await service.start(resume=False)
    with pytest.raises(ServiceError) as refused:
        await service.test_state(definition=definition, **request_)
    await service.aclose()
    assert (refused.value.code, refused.value.message) == (code, message)
