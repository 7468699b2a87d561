"""The permissions of Bedrock's cross-Region inference profiles, and of roles that a task hands on."""

from __future__ import annotations

from typing import Any

import pytest

from studio.catalogue.iam import grants


@pytest.mark.parametrize(
    ("model", "resources"),
    [
        ("amazon.titan-text-lite-v1", ["arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-text-lite-v1"]),
        (
            "global.anthropic.claude-haiku-4-5-20251001-v1:0",
            [
                "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0",
                "arn:aws:bedrock:*::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
            ],
        ),
        (
            "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.meta.x",
            ["arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.meta.x"],
        ),
    ],
)
def test_a_profile_needs_itself_and_the_model_behind_it(model: str, resources: list[str]) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::bedrock:invokeModel", "Parameters": {"ModelId": model, "Body": {}}, "End": True}
    found = grants({"StartAt": "Ask", "States": {"Ask": task}}, region="eu-west-1", account="111122223333")
    assert [grant.resource for grant in found if grant.action == "bedrock:InvokeModel"] == resources


ROLE = "arn:aws:iam::111122223333:role/job"


@pytest.mark.parametrize(
    ("resource", "parameters", "passed"),
    [
        ("aws-sdk:glue:createJob", {"Name": "x", "Role": ROLE, "Command": {}}, [ROLE]),
        ("aws-sdk:scheduler:createSchedule", {"Name": "x", "Target": {"Arn": "a", "RoleArn": ROLE}}, [ROLE]),
        ("aws-sdk:scheduler:createSchedule", {"Name": "x", "Target": {"Arn": "a", "RoleArn.$": "$.role"}}, ["*"]),
        ("aws-sdk:ecs:runTask", {"TaskDefinition": "x"}, ["*"]),
        ("aws-sdk:ecs:runTask", {"TaskDefinition": "x", "Overrides": {"TaskRoleArn": ROLE, "ExecutionRoleArn": ROLE}}, [ROLE]),
        ("aws-sdk:ecs:runTask", {"TaskDefinition": "x", "Overrides": {"TaskRoleArn": "${JobRole}"}}, ["${JobRole}"]),
        ("sagemaker:createTrainingJob.sync", {"RoleArn": ROLE}, [ROLE]),
        ("sagemaker:createTrainingJob", {"RoleArn.$": "$.role"}, ["*"]),
        ("aws-sdk:sts:assumeRole", {"RoleArn": ROLE, "RoleSessionName": "x"}, []),
        ("aws-sdk:bedrockruntime:converse", {"ModelId": "m", "Messages": [{"Role": "user", "Content": []}]}, []),
        ("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"}, []),
    ],
)
def test_roles_that_are_handed_on(resource: str, parameters: dict[str, Any], passed: list[str]) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
    found = grants({"StartAt": "A", "States": {"A": task}}, region="eu-west-1", account="111122223333")
    assert [grant.resource for grant in found if grant.action == "iam:PassRole"] == passed
