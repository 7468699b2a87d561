from __future__ import annotations

from typing import Any

import pytest

from studio.asl.graph import build
from studio.canvas.icons import ICONS
from studio.canvas.palette import NEW_STATES, entry


def test_the_palette_has_all_flow_states_and_the_most_used_actions() -> None:
    assert list(NEW_STATES) == [
        "flow:Choice",
        "flow:Parallel",
        "flow:Map",
        "flow:Pass",
        "flow:Wait",
        "flow:Succeed",
        "flow:Fail",
        "action:lambda:invoke",
        "action:bedrock:invokeModel",
        "action:dynamodb:getItem",
        "action:dynamodb:putItem",
        "action:sns:publish",
        "action:sqs:sendMessage",
        "action:http:invoke",
        "action:states:startExecution",
    ]


@pytest.mark.parametrize("made", NEW_STATES.values(), ids=lambda made: made.id)
def test_templates_speak_their_language(made: Any) -> None:
    path, ata = made.template("JSONPath"), made.template("JSONata")
    assert path["Type"] == ata["Type"]
    assert "Arguments" not in path
    assert not {"Parameters", "OutputPath", "ResultSelector"} & set(ata)
    assert '$"' not in str(ata)
    assert made.icon in ICONS
    assert len(build({"StartAt": "A", "States": {"A": path}}).states) >= 1


def test_lambda_keeps_the_payload_only_and_retries_what_lambda_asks_for() -> None:
    assert NEW_STATES["action:lambda:invoke"].jsonpath == {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "MyFunction", "Payload.$": "$"},
        "Retry": [
            {
                "ErrorEquals": [
                    "Lambda.ServiceException",
                    "Lambda.AWSLambdaException",
                    "Lambda.SdkClientException",
                    "Lambda.TooManyRequestsException",
                ],
                "IntervalSeconds": 1,
                "MaxAttempts": 3,
                "BackoffRate": 2,
                "JitterStrategy": "FULL",
            }
        ],
        "OutputPath": "$.Payload",
    }


def test_jsonata_forms_are_made_from_the_jsonpath_ones() -> None:
    assert NEW_STATES["action:states:startExecution"].jsonata["Arguments"] == {
        "StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:MyStateMachine",
        "Input": {
            "StatePayload": "Hello from Step Functions!",
            "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "{% $states.context.Execution.Id %}",
        },
    }


@pytest.mark.parametrize(
    ("palette_id", "resource", "label"),
    [
        ("action:aws-sdk:s3:getObject", "arn:aws:states:::aws-sdk:s3:getObject", "S3 GetObject"),
        ("action:glue:startJobRun.sync", "arn:aws:states:::glue:startJobRun.sync", "Glue StartJobRun"),
        ("action:sqs:sendMessage.waitForTaskToken", "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "SQS SendMessage"),
    ],
)
def test_any_action_has_an_entry(palette_id: str, resource: str, label: str) -> None:
    made = entry(palette_id)
    assert made is not None
    assert (made.jsonpath["Resource"], made.label) == (resource, label)


@pytest.mark.parametrize(
    "palette_id", ["", "flow:Nothing", "action:", "action:lambda", "action:aws-sdk:s3", "action:a:b c", "action:a:b:c:d"]
)
def test_what_is_no_action_has_none(palette_id: str) -> None:
    assert entry(palette_id) is None
