"""What a workflow's `sandbox.json` asks for is there, however many workflows ask."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.exec.driver import run_once
from studio.exec.performers import Performers, aws_sdk
from studio.exec.performers.sandbox import Sandbox

WANTED = {
    "buckets": {"seeded-texts": {"a.txt": "text", "b.json": {"any": "JSON"}, "c.csv": {"file": "data/c.csv"}}},
    "tables": {"seeded-orders": {"key": ["id", "line"], "items": [{"id": {"S": "1"}, "line": {"N": "2"}}]}},
    "topics": ["seeded-alerts"],
    "queues": ["seeded-jobs"],
    "secrets": {"seeded-key": "s3cret", "seeded-pair": {"user": "ana"}},
    "parameters": {"/seeded/limit": 7},
}


@pytest.mark.xdist_group("sandbox")
def test_two_workflows_may_ask_for_the_same(tmp_path: Path) -> None:
    sandbox = Sandbox()
    try:
        for name in ("one", "two"):
            folder = tmp_path / name
            (folder / "data").mkdir(parents=True)
            (folder / "data" / "c.csv").write_text(f"{name}\n")
            (folder / "sandbox.json").write_text(json.dumps(WANTED))
            sandbox.seed(folder)
            sandbox.seed(folder)
        s3, dynamodb, sns, sqs, secrets, ssm = (
            aws_sdk.client(service, "us-east-1", sandbox.endpoint())
            for service in ("s3", "dynamodb", "sns", "sqs", "secretsmanager", "ssm")
        )
        held = {key: s3.get_object(Bucket="seeded-texts", Key=key)["Body"].read() for key in ("a.txt", "b.json", "c.csv")}
        assert held == {"a.txt": b"text", "b.json": b'{"any": "JSON"}', "c.csv": b"two\n"}
        assert dynamodb.scan(TableName="seeded-orders")["Items"] == [{"id": {"S": "1"}, "line": {"N": "2"}}]
        assert [t["TopicArn"] for t in sns.list_topics()["Topics"]].count("arn:aws:sns:us-east-1:123456789012:seeded-alerts") == 1
        assert sqs.get_queue_url(QueueName="seeded-jobs")["QueueUrl"].endswith("/123456789012/seeded-jobs")
        told = [secrets.get_secret_value(SecretId=name)["SecretString"] for name in ("seeded-key", "seeded-pair")]
        assert told == ["s3cret", '{"user": "ana"}']
        assert ssm.get_parameter(Name="/seeded/limit")["Parameter"]["Value"] == "7"
    finally:
        sandbox.close()


@pytest.mark.xdist_group("sandbox")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "sandbox.json cannot be read"),
        ("[]", "holds an object with buckets"),
        ('{"tables": {"t": {}}}', "does not say what it should: KeyError: 'key'"),
        ('{"buckets": {"outside-files": {"a": {"file": "../secret"}}}}', "names a file outside its folder: ../secret"),
        ('{"buckets": {"missing-files": {"a": {"file": "none.csv"}}}}', "names a file that cannot be read: none.csv"),
        ('{"buckets": {"x": {}}}', "asks for what the sandbox refuses"),
    ],
)
def test_a_file_that_cannot_be_followed_says_why(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "sandbox.json").write_text(text)
    sandbox = Sandbox()
    try:
        with pytest.raises(StudioError) as refused:
            sandbox.seed(tmp_path)
        assert message in str(refused.value)
    finally:
        sandbox.close()


def run(resource: str, parameters: dict[str, object], sandbox: Sandbox) -> tuple[str | None, str | None]:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
    done = run_once({"StartAt": "A", "States": {"A": state}}, performers=Performers(aws=sandbox.endpoint), sandbox=sandbox)
    return done.error, done.cause


@pytest.mark.xdist_group("sandbox")
def test_what_the_sandbox_does_not_have_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    sandbox = Sandbox()
    try:
        error, cause = run("aws-sdk:kendra:retrieve", {"IndexId": "x" * 36, "QueryText": "q"}, sandbox)
        assert (error, "The sandbox has no kendra" in str(cause)) == ("Studio.NoMock", True)
        error, cause = run("aws-sdk:sqs:listMessageMoveTasks", {"SourceArn": "arn:aws:sqs:us-east-1:123456789012:q"}, sandbox)
        assert (error, cause) == (
            "Studio.Unsupported",
            "The sandbox has no sqs:ListMessageMoveTasks. Mock this state, or name an endpoint that has it (AWS_ENDPOINT_URL).",
        )
    finally:
        sandbox.close()
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.xdist_group("sandbox")
def test_the_children_of_a_distributed_map_call_aws_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--target aws`: the items come from S3, each child's task and the results go to AWS; moto stands in for it, by boto3's own variable."""
    (tmp_path / "sandbox.json").write_text(json.dumps({"buckets": {"real-rows": {"rows.csv": "id\n1\n2\n3\n"}}, "queues": ["real-rows"]}))
    sandbox = Sandbox()
    try:
        sandbox.seed(tmp_path)
        for name, value in (("ENDPOINT_URL", sandbox.endpoint()), ("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "y")):
            monkeypatch.setenv(f"AWS_{name}", value)
        send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
        queue = "https://sqs.us-east-1.amazonaws.com/123456789012/real-rows"
        send |= {"Parameters": {"QueueUrl": queue, "MessageBody.$": "$.id"}}
        reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}}
        rows: dict[str, object] = {
            "Type": "Map",
            "ItemReader": {**reader, "Parameters": {"Bucket": "real-rows", "Key": "rows.csv"}},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "S",
                "States": {"S": send},
            },
            "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "real-rows", "Prefix": "done"}},
            "End": True,
        }
        aws_sdk.client.cache_clear()
        done = run_once({"StartAt": "M", "States": {"M": rows}}, performers=Performers(real=True))
        assert (done.status, done.error, done.cause) == ("SUCCEEDED", None, None)
        sqs = aws_sdk.client("sqs", "us-east-1", sandbox.endpoint())
        attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        assert attributes == {"ApproximateNumberOfMessages": "3"}
    finally:
        aws_sdk.client.cache_clear()
        sandbox.close()


@pytest.mark.xdist_group("sandbox")
def test_the_example_of_the_guide(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "sandbox.md").read_text()
    (example,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "sandbox.json").write_text(example)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "c.csv").write_text("id\n1\n")
    sandbox = Sandbox()
    try:
        sandbox.seed(tmp_path)
        glue, events = (aws_sdk.client(service, "us-east-1", sandbox.endpoint()) for service in ("glue", "events"))
        assert glue.get_job(JobName="clean")["Job"]["Name"] == "clean"
        assert events.describe_connection(Name="shop")["ConnectionState"] == "AUTHORIZED"
    finally:
        sandbox.close()
