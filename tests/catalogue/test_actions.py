"""What a Task calls, and the models that can be picked."""

from __future__ import annotations

import pytest

from studio.asl.lint import lint
from studio.catalogue.actions import Call, call_of, is_function, needed, parameters
from studio.catalogue.models import FAMILIES, family
from studio.catalogue.parameters import catalogue

ARN = "arn:aws:states:::"


@pytest.mark.parametrize(
    ("resource", "call"),
    [
        (f"{ARN}lambda:invoke", Call(ARN, False, "lambda", "invoke", "RR")),
        (f"{ARN}lambda:invoke.waitForTaskToken", Call(ARN, False, "lambda", "invoke", "T")),
        (f"{ARN}states:startExecution.sync:2", Call(ARN, False, "states", "startExecution", "S2")),
        (f"{ARN}aws-sdk:s3:getObject", Call(ARN, True, "s3", "getObject", "RR")),
        ("arn:aws-us-gov:states:::ecs:runTask.sync", Call("arn:aws-us-gov:states:::", False, "ecs", "runTask", "S")),
    ],
)
def test_a_resource_is_taken_apart_and_put_together(resource: str, call: Call) -> None:
    assert call_of(resource) == call
    assert call.resource == resource


@pytest.mark.parametrize(
    "resource",
    [
        "",
        "lambda:invoke",
        "arn:aws:states:us-east-1:123456789012:activity:Work",
        "arn:aws:lambda:us-east-1:123456789012:function:f",
        "${Function}",
        f"{ARN}lambda:invoke.sync:3",
    ],
)
def test_what_is_no_action_of_a_service(resource: str) -> None:
    assert call_of(resource) is None
    assert is_function(resource) == resource.startswith("arn:aws:lambda:")


@pytest.mark.parametrize(
    ("name", "patterns", "sibling"),
    [
        ("lambda:invoke", ("RR", "T"), "aws-sdk:lambda:invoke"),
        ("glue:startJobRun", ("RR", "S"), "aws-sdk:glue:startJobRun"),
        ("aws-sdk:dynamodb:putItem", ("RR", "T"), "dynamodb:putItem"),
        ("aws-sdk:s3:getObject", ("RR", "T"), None),
        ("http:invoke", ("RR",), None),
    ],
)
def test_the_ways_to_call_an_action(name: str, patterns: tuple[str, ...], sibling: str | None) -> None:
    call = call_of(ARN + name)
    assert call is not None
    assert call.patterns == patterns
    assert (call.sibling.name if call.sibling else None) == sibling


def test_a_pattern_that_is_not_offered_is_shown_while_it_is_there() -> None:
    call = call_of(f"{ARN}lambda:invoke.sync")
    assert call is not None
    assert call.patterns == ("RR", "T", "S")


@pytest.mark.parametrize(
    ("name", "first", "required"),
    [
        ("lambda:invoke", "FunctionName", {"FunctionName"}),
        ("dynamodb:putItem", "TableName", {"TableName", "Item"}),
        ("aws-sdk:s3:getObject", "Bucket", {"Bucket", "Key"}),
        ("aws-sdk:bedrockruntime:converse", "ModelId", {"ModelId"}),
        ("http:invoke", "ApiEndpoint", {"ApiEndpoint", "Method"}),
        ("aws-sdk:nothing:atAll", None, set()),
    ],
)
def test_parameters_required_ones_first(name: str, first: str | None, required: set[str]) -> None:
    assert next(iter(parameters(name)), None) == first
    assert needed(name) == required


def test_an_optimized_integration_offers_what_it_takes_only() -> None:
    assert set(parameters("sqs:sendMessage")) == {
        "QueueUrl",
        "MessageBody",
        "DelaySeconds",
        "MessageAttributes",
        "MessageDeduplicationId",
        "MessageGroupId",
    }


@pytest.mark.parametrize(
    ("model", "maker"),
    [
        ("anthropic.claude-v2", "Anthropic"),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", "Anthropic"),
        ("arn:aws:bedrock:us-east-1::foundation-model/meta.llama2-13b-chat-v1", "Meta"),
        ("cohere.command-text-v14", "Cohere Command Text"),
        ("cohere.command-r-v1:0", "Cohere Command"),
        ("amazon.titan-image-generator-v2:0", "Amazon Nova Canvas and Titan Image"),
        ("amazon.nova-canvas-v1:0", "Amazon Nova Canvas and Titan Image"),
        ("us.amazon.nova-pro-v1:0", "Amazon Nova"),
        ("my-own-model", None),
        ("${ModelId}", None),
        ("", None),
    ],
)
def test_the_maker_of_a_model(model: str, maker: str | None) -> None:
    found = family(model)
    assert (found.maker if found else None) == maker


def test_every_model_finds_its_own_family_and_body() -> None:
    for one in FAMILIES:
        for model in one.models:
            assert family(model) is one
            assert family(model).body == one.body


def test_no_model_is_offered_that_the_linter_calls_retired() -> None:
    models = [model for one in FAMILIES for model in one.models]
    states = {
        model: {
            "Type": "Task",
            "Resource": f"{ARN}bedrock:invokeModel",
            "Parameters": {"ModelId": model, "Body": family(model).body},
            "End": True,
        }
        for model in models
    }
    found = lint({"StartAt": models[0], "States": states}, catalogue=catalogue())
    assert [(d.rule, d.location) for d in found if d.rule.startswith("ASL6")] == []
