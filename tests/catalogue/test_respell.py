"""A call by the other integration."""

from __future__ import annotations

from typing import Any

import pytest

from studio.catalogue.actions import Call, call_of
from studio.catalogue.respell import Switched, jsonata, switched

ARN = "arn:aws:states:::"


def call(name: str) -> Call:
    found = call_of(ARN + name)
    assert found is not None
    return found


def both_ways(name: str, state: dict[str, Any], language: str = "JSONPath") -> tuple[Switched, Switched]:
    """There, and back again from what that gave."""
    one = call(name)
    assert one.sibling is not None
    there = switched({"Resource": one.resource, **state}, one, one.sibling, language)
    middle = {"Resource": one.resource, **state, **there.fields}
    back_from = call_of(str(middle["Resource"]))
    assert back_from is not None
    assert back_from.sibling is not None
    return there, switched(middle, back_from, back_from.sibling, language)


CASES: list[tuple[str, str, str, dict[str, Any], dict[str, Any], list[str]]] = [
    (
        "errors by their other prefix",
        "dynamodb:putItem",
        "JSONPath",
        {
            "Parameters": {"TableName": "t", "Item": {"id": {"S.$": "$.id"}}},
            "Retry": [{"ErrorEquals": ["DynamoDB.ConditionalCheckFailedException", "States.Timeout"], "MaxAttempts": 2}],
        },
        {
            "Resource": f"{ARN}aws-sdk:dynamodb:putItem",
            "Retry": [{"ErrorEquals": ["DynamoDb.ConditionalCheckFailedException", "States.Timeout"], "MaxAttempts": 2}],
        },
        [],
    ),
    (
        "a payload as text",
        "lambda:invoke",
        "JSONPath",
        {"Parameters": {"FunctionName": "f", "Payload": {"x": [1]}}},
        {"Resource": f"{ARN}aws-sdk:lambda:invoke", "Parameters": {"FunctionName": "f", "Payload": '{"x": [1]}'}},
        ["The result's Payload is text now"],
    ),
    (
        "a payload by a path",
        "lambda:invoke",
        "JSONPath",
        {"Parameters": {"FunctionName": "f", "Payload.$": "$.order"}},
        {"Resource": f"{ARN}aws-sdk:lambda:invoke", "Parameters": {"FunctionName": "f", "Payload.$": "States.JsonToString($.order)"}},
        ["The result's Payload is text now"],
    ),
    (
        "a payload with expressions",
        "lambda:invoke.waitForTaskToken",
        "JSONata",
        {"Arguments": {"FunctionName": "f", "Payload": "{% $states.input %}"}},
        {
            "Resource": f"{ARN}aws-sdk:lambda:invoke.waitForTaskToken",
            "Arguments": {"FunctionName": "f", "Payload": "{% $string($states.input) %}"},
        },
        ["The result's Payload is text now"],
    ),
    (
        "nested members",
        "ecs:runTask",
        "JSONPath",
        {
            "Parameters": {
                "TaskDefinition": "t",
                "NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED", "Subnets.$": "$.s"}},
            }
        },
        {"Resource": f"{ARN}aws-sdk:ecs:runTask"},
        [],
    ),
]


@pytest.mark.parametrize(("name", "language", "state", "fields", "notes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_there_and_back(name: str, language: str, state: dict[str, Any], fields: dict[str, Any], notes: list[str]) -> None:
    there, back = both_ways(name, state, language)
    assert there.fields == fields
    assert [note for note, begin in zip(there.notes, notes, strict=True) if not note.startswith(begin)] == []
    original = {"Resource": ARN + name, **state}
    assert back.fields == {key: original[key] for key in fields}


def test_members_are_respelt_at_any_depth() -> None:
    one, other = call("glue:startJobRun"), call("aws-sdk:glue:startJobRun")
    assert one.operation is not None
    assert other.operation is not None
    before = {"JobName": "j", "NotificationProperty": {"NotifyDelayAfter": 3}, "Arguments": {"--k.$": "$.v"}}
    assert switched({"Parameters": before}, one, other, "JSONPath").fields == {"Resource": other.resource}


@pytest.mark.parametrize("name", ["emr-containers:startJobRun", "glue:startJobRun", "sagemaker:createTrainingJob", "codebuild:startBuild"])
def test_every_member_that_one_spells_otherwise_goes_there_and_back(name: str) -> None:
    found = call(name)
    assert found.operation is not None
    assert found.operation.input is not None
    assert found.sibling is not None
    parameters = dict.fromkeys(found.operation.input.members, "{% 1 %}")
    there = switched({"Arguments": parameters}, found, found.sibling, "JSONata")
    assert found.sibling.operation is not None
    assert found.sibling.operation.input is not None
    given = there.fields.get("Arguments", parameters)
    assert list(given) == list(found.sibling.operation.input.members)  # type: ignore[arg-type]
    back = switched({"Arguments": given, "Resource": "x"}, found.sibling, found, "JSONata")
    assert back.fields.get("Arguments", given) == parameters


def test_what_cannot_be_said_there_stays_and_is_told() -> None:
    one = call("sqs:sendMessage")
    state = {"Parameters": {"QueueUrl": "q", "MessageBody": {"a.$": "$.a"}, "Oops": 1}}
    assert one.sibling is not None
    found = switched(state, one, one.sibling, "JSONPath")
    assert found.fields == {"Resource": f"{ARN}aws-sdk:sqs:sendMessage"}
    assert [note.split(",")[0].split(":")[0] for note in found.notes] == ["MessageBody holds paths", "The other integration has no Oops"]


def test_a_job_is_not_waited_for() -> None:
    one = call("glue:startJobRun.sync")
    assert one.sibling is not None
    found = switched({}, one, one.sibling, "JSONPath")
    assert found.fields == {"Resource": f"{ARN}aws-sdk:glue:startJobRun"}
    assert found.notes[0].startswith("AWS SDK integrations do not wait")


def test_a_template_as_one_expression() -> None:
    assert jsonata({"a": "{% $x %}", "b": ["{% 1 + 2 %}", "t", None]}) == '{"a": $x, "b": [(1 + 2), "t", null]}'


def test_an_operation_that_only_the_optimized_integration_names_has_no_other() -> None:
    found = call("elasticmapreduce:createCluster")  # AWS's own is RunJobFlow, with other parameters
    assert (found.operation, found.sibling) == (None, None)
