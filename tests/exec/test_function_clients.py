"""Functions that stand in for Lambda call the sandbox where the run has one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.exec.driver import run_once
from studio.exec.performers import Performers
from studio.exec.performers.sandbox import Sandbox

CODE = """import boto3


def handler(event, context):
    s3 = boto3.{made}
    s3.create_bucket(Bucket="made-here")
    s3.put_object(Bucket="made-here", Key="a b.txt", Body=b"text")
    url = s3.generate_presigned_url("get_object", Params={{"Bucket": "made-here", "Key": "a b.txt"}}, ExpiresIn=60)
    return {{"endpoint": s3.meta.endpoint_url, "url": url.split("?")[0]}}
"""
TASK: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "keep"}, "End": True}
DEFINITION: dict[str, Any] = {"StartAt": "A", "States": {"A": {**TASK, "OutputPath": "$.Payload"}}}


@pytest.mark.xdist_group("sandbox")
@pytest.mark.parametrize("made", ['client("s3")', 'client("s3", region_name="us-east-1")', 'resource("s3").meta.client'])
def test_the_clients_of_a_function_call_the_sandbox(tmp_path: Path, made: str) -> None:
    (tmp_path / "keep.py").write_text(CODE.format(made=made))
    sandbox = Sandbox()
    try:
        outcome = run_once(DEFINITION, {}, performers=Performers(functions=tmp_path, aws=sandbox.endpoint))
        assert outcome.output == {"endpoint": sandbox.endpoint(), "url": f"{sandbox.endpoint()}/made-here/a%20b.txt"}
    finally:
        sandbox.close()


def test_a_client_made_elsewhere_is_boto3s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.exec.performers import function_clients

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with function_clients.calling(lambda: "http://127.0.0.1:1"):
        own = {"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
        made = [function_clients.boto3.client(name, **own).meta.endpoint_url for name in ("s3", "bedrock-runtime")]
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    made.append(function_clients.boto3.client("sqs", **own).meta.endpoint_url)
    assert made == ["http://127.0.0.1:9", "http://127.0.0.1:9", "https://sqs.us-east-1.amazonaws.com"]
