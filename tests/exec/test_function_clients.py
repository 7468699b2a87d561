"""Functions that stand in for Lambda call the sandbox where the run has one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.exec.driver import run_once
from studio.exec.performers import Performers

TASK: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "keep"}, "End": True}
DEFINITION: dict[str, Any] = {"StartAt": "A", "States": {"A": {**TASK, "OutputPath": "$.Payload"}}}
CODE = """import boto3
{before}

def handler(event, context):
    client = {made}
    url = client.generate_presigned_url("get_object", Params={{"Bucket": "b", "Key": "a b.txt"}}, ExpiresIn=60) if {s3} else ""
    return [client.meta.endpoint_url, client.meta.region_name, url.split("?")[0]]
"""
HERE = "http://127.0.0.1:1"
URL = f"{HERE}/b/a%20b.txt"


@pytest.mark.parametrize(
    ("before", "made", "expected"),
    [
        ("", 'boto3.client("s3")', [HERE, "us-east-1", URL]),
        ("", 'boto3.client("s3", region_name="eu-west-1")', [HERE, "eu-west-1", URL]),
        ("", 'boto3.resource("s3").meta.client', [HERE, "us-east-1", URL]),
        ("", 'boto3.session.Session(region_name="us-east-1").client("sqs")', ["https://sqs.us-east-1.amazonaws.com", "us-east-1", ""]),
        ("", 'boto3.Session().client("sqs")', [HERE, "us-east-1", ""]),
        ('made = boto3.client("sqs")  # as the module is loaded', "made", [HERE, "us-east-1", ""]),
        (
            "",
            'boto3.client("bedrock-runtime", region_name="us-east-1")',
            ["https://bedrock-runtime.us-east-1.amazonaws.com", "us-east-1", ""],
        ),
        (
            "",
            'boto3.client("s3", endpoint_url="http://127.0.0.1:3")',
            ["http://127.0.0.1:3", "us-east-1", "http://127.0.0.1:3/b/a%20b.txt"],
        ),
    ],
)
def test_the_clients_of_a_function_call_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, made: str, expected: list[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    (tmp_path / "keep.py").write_text(CODE.format(before=before, made=made, s3='"s3" in ' + repr(made)))
    outcome = run_once(DEFINITION, {}, performers=Performers(functions=tmp_path, aws=lambda: HERE))
    assert (outcome.status, outcome.output) == ("SUCCEEDED", expected)


def test_the_environments_endpoint_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    (tmp_path / "keep.py").write_text(CODE.format(before="", made='boto3.client("sqs")', s3="False"))
    outcome = run_once(DEFINITION, {}, performers=Performers(functions=tmp_path, aws=lambda: HERE))
    assert outcome.output == ["http://127.0.0.1:9", "us-east-1", ""]


def test_a_sandbox_that_does_not_start_is_told_to_the_function(tmp_path: Path) -> None:
    def broken() -> str:
        raise RuntimeError("no moto")

    (tmp_path / "keep.py").write_text(CODE.format(before="", made='boto3.client("sqs")', s3="False"))
    outcome = run_once(DEFINITION, {}, performers=Performers(functions=tmp_path, aws=broken))
    assert (outcome.error, "The sandbox cannot be reached: no moto" in (outcome.cause or "")) == ("RuntimeError", True)
