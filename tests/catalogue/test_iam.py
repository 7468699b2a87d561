"""The permissions of Bedrock's cross-Region inference profiles."""

from __future__ import annotations

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
