from __future__ import annotations

import pytest

from studio.catalogue.search import POPULAR, index


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("dyn put", "dynamodb:putItem"),
        ("put dyn", "dynamodb:putItem"),
        ("send email", "aws-sdk:sesv2:sendEmail"),
        ("lambda", "lambda:invoke"),
        ("llm", "bedrock:invokeModel"),
        ("s3 get object", "aws-sdk:s3:getObject"),
        ("queue", "sqs:sendMessage"),
        ("webhook", "http:invoke"),
        ("AgentCore InvokeHarness", "bedrockagentcore:invokeHarness"),
        ("emr step", "elasticmapreduce:addStep"),
        ("starttranscriptionjob", "aws-sdk:transcribe:startTranscriptionJob"),
    ],
)
def test_the_first_answer(query: str, first: str) -> None:
    assert index().search(query)[0].resource == first


def test_nothing_typed_shows_recent_then_popular() -> None:
    found = [a.resource for a in index().search("", limit=3, recent=["sqs:sendMessage"])]
    assert found == ["sqs:sendMessage", *POPULAR[:2]]


def test_every_popular_action_exists() -> None:
    known = {a.resource for a in index().actions}
    assert [r for r in POPULAR if r not in known] == []


def test_no_match_is_an_empty_list() -> None:
    assert index().search("xyzzy plugh") == []
