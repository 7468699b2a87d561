"""What completion is told about AWS's services."""

from __future__ import annotations

import pytest

from studio.catalogue.completion import completion


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("arn:aws:states:::dynamodb:putI", "arn:aws:states:::dynamodb:putItem"),
        ("sqs send", "arn:aws:states:::sqs:sendMessage"),
        ("arn:aws:states:::aws-sdk:s3:listBu", "arn:aws:states:::aws-sdk:s3:listBuckets"),
        ("arn:aws:states:::lambda:invoke.wait", "arn:aws:states:::lambda:invoke"),
        ("", "arn:aws:states:::lambda:invoke"),
    ],
)
def test_resources(typed: str, first: str) -> None:
    assert completion().resources(typed)[0][0] == first


def test_an_optimized_action_has_its_patterns() -> None:
    found = [arn for arn, _, _ in completion().resources("states startExecution")]
    assert [arn.removeprefix("arn:aws:states:::states:startExecution") for arn in found[:4]] == [
        "",
        ".sync",
        ".sync:2",
        ".waitForTaskToken",
    ]


def test_members() -> None:
    sqs = completion().members("arn:aws:states:::sqs:sendMessage.waitForTaskToken", ())
    assert {m.name for m in sqs if m.required} == {"QueueUrl", "MessageBody"}
    nested = completion().members("arn:aws:states:::aws-sdk:dynamodb:putItem", ("Item", "id"))
    assert {"S", "N", "Bool"} <= {m.name for m in nested}
    assert completion().members("arn:aws:states:::aws-sdk:nothing:doIt", ()) == []
    assert completion().members("arn:aws:lambda:us-east-1:123456789012:function:f", ()) == []
    assert "FunctionName" in {m.name for m in completion().members("arn:aws:states:::lambda:invoke", ())}


def test_values() -> None:
    assert "ALL_OLD" in completion().values("arn:aws:states:::dynamodb:putItem", ("ReturnValues",))
    assert completion().values("arn:aws:states:::dynamodb:putItem", ("TableName",)) == ()


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("arn:aws:states:::lambda:invoke", "Lambda.TooManyRequestsException"),
        ("arn:aws:states:::aws-sdk:dynamodb:putItem", "DynamoDb.ConditionalCheckFailedException"),
        ("arn:aws:states:::dynamodb:putItem", "DynamoDB.ConditionalCheckFailedException"),
    ],
)
def test_errors(resource: str, name: str) -> None:
    assert name in [error for error, _ in completion().errors(resource)]


def test_about() -> None:
    about = completion().about("arn:aws:states:::aws-sdk:sqs:sendMessage")
    assert about is not None
    assert (about[0], "message" in about[1]) == ("Amazon Simple Queue Service: SendMessage", True)
