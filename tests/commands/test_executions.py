"""`studio executions` and `studio import`: from the store of a workspace, over HTTP with boto3, from templates and exported runs."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from studio.cli import studio
from studio.exec.local import LocalStepFunctions
from studio.exec.performers.mock import Mocks

ROOT = Path(__file__).parents[2]
RETRIED = {
    "StartAt": "Pay",
    "States": {
        "Pay": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "q", "MessageBody": "m"},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3}],
            "End": True,
        }
    },
}
MOCKS = {
    "StateMachines": {"pay": {"TestCases": {"Happy": {"Pay": "r"}}}},
    "MockedResponses": {"r": {"0-1": {"Throw": {"Error": "Busy", "Cause": "later"}}, "2": {"Return": {"MessageId": "7"}}}},
}


def call(*args: str) -> Result:
    return CliRunner().invoke(studio, list(args), catch_exceptions=False)


def answer(*args: str) -> Any:
    done = call(*args)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace with one run, retried twice; and its ARN."""
    folder = tmp_path_factory.mktemp("ran")

    async def run() -> str:
        engine = LocalStepFunctions(folder / ".studio" / "executions.sqlite")
        await engine.start()
        arn = await engine.run_definition(
            json.dumps(RETRIED), '{"id": [1, 2]}', mocks=Mocks.load(MOCKS), workflow="pay.asl.json", skip_waits=True, name="first"
        )
        await engine.ended(arn)
        await engine.aclose()
        return arn

    return folder, asyncio.run(run())


def test_a_workspace_s_runs_are_listed_shown_and_told_event_by_event(ran: tuple[Path, str]) -> None:
    folder, arn = ran
    (row,) = answer("executions", "list", "--workspace", str(folder))["executions"]
    assert {k: row[k] for k in ("executionArn", "name", "status", "workflow")} == {
        "executionArn": arn,
        "name": "first",
        "status": "SUCCEEDED",
        "workflow": "pay.asl.json",
    }
    assert answer("executions", "list", "--status", "FAILED", "--workspace", str(folder)) == {"executions": []}
    for words, found in (("error:busy state:pay", 1), ("nowhere", 0)):
        assert len(answer("executions", "list", "--search", words, "--workspace", str(folder))["executions"]) == found
    refused = call("executions", "list", "--search", "x", "--target", "aws")
    assert (refused.exit_code, "AWS cannot search" in refused.stderr) == (2, True)
    shown = answer("executions", "show", arn, "--workspace", str(folder))
    assert (shown["output"], shown["input"], shown["startDate"]) == ('{"MessageId":"7"}', '{"id": [1, 2]}', row["startDate"])
    events = answer("executions", "events", arn, "--workspace", str(folder))["events"]
    assert [e["id"] for e in events] == list(range(1, len(events) + 1))
    failed = answer("executions", "events", arn, "--type", "TaskFailed", "--workspace", str(folder))["events"]
    assert [e["taskFailedEventDetails"]["error"] for e in failed] == ["Busy", "Busy"]
    bare = answer("executions", "events", arn, "--no-data", "--workspace", str(folder))["events"]
    assert not [e for e in bare if "input" in e.get("executionStartedEventDetails", {})]


def test_what_is_not_there_is_said(ran: tuple[Path, str], tmp_path: Path) -> None:
    folder, arn = ran
    for arguments, words in (
        (["show", arn + "x", "--workspace", str(folder)], "Does Not Exist"),
        (["show", "first", "--workspace", str(folder)], "not the ARN"),
        (["list", "--workspace", str(tmp_path)], "no runs in"),
    ):
        done = call("executions", *arguments)
        assert (done.exit_code, done.stdout, words in done.stderr) == (2, "", True), done.output


def test_an_exported_run_is_the_same_run_elsewhere(ran: tuple[Path, str], tmp_path: Path) -> None:
    folder, arn = ran
    exported = answer("executions", "show", arn, "--export", "--workspace", str(folder))
    (tmp_path / "run.json").write_text(json.dumps(exported))
    told = answer("import", str(tmp_path / "run.json"), str(tmp_path / "there"))
    assert [(row["name"], row["execution"]) for row in told] == [("pay", arn)]
    arrived = answer("executions", "show", arn, "--export", "--workspace", str(tmp_path / "there"))
    for run in (exported, arrived):
        run["execution"].pop("redriveStatusReason")
    assert arrived == exported
    there = tmp_path / "there"
    assert json.loads((there / "pay.asl.json").read_text()) == RETRIED
    assert json.loads((there / "pay.input.json").read_text()) == {"id": [1, 2]}
    replayed = call("run", str(there / "pay.asl.json"), "--skip-waits")
    assert (replayed.exit_code, replayed.stdout) == (0, '{"MessageId":"7"}\n')
    mocks = json.loads((there / "pay.mocks.json").read_text())
    assert mocks["MockedResponses"] == {
        "Pay as recorded": {"0-1": {"Throw": {"Error": "Busy", "Cause": "later"}}, "2": {"Return": {"MessageId": "7"}}}
    }
    again = call("import", str(tmp_path / "run.json"), str(there))
    assert (again.exit_code, "here already" in again.stderr) == (0, True)


def test_an_imported_run_is_not_moved_on(ran: tuple[Path, str], tmp_path: Path) -> None:
    folder, arn = ran
    exported = answer("executions", "show", arn, "--export", "--workspace", str(folder))
    exported["execution"] |= {"status": "FAILED", "error": "E"}
    exported["events"][-1] = {**exported["events"][-1], "type": "ExecutionFailed", "executionFailedEventDetails": {"error": "E"}}
    (tmp_path / "run.json").write_text(json.dumps(exported))
    answer("import", str(tmp_path / "run.json"), str(tmp_path))
    shown = answer("executions", "show", arn, "--workspace", str(tmp_path))
    assert (shown["redriveStatus"], "imported" in shown["redriveStatusReason"]) == ("NOT_REDRIVABLE", True)


BROKEN_RUNS: dict[str, tuple[Any, str]] = {
    "newer": ({"format": "asl-studio/run/9"}, "newer studio"),
    "empty": ({"format": "asl-studio/run/1", "execution": {}, "definition": "{}", "events": []}, "Export it anew"),
    "nameless": ({"format": "asl-studio/run/1", "execution": {"x": 1}, "definition": "{}", "events": [{"id": 1}]}, "executionArn"),
    "history": ({"events": [{"id": 1}]}, "without its definition"),
    "other": ({"a": 1}, "neither a definition"),
    "list": ([1], "neither a definition"),
}


@pytest.mark.parametrize("name", BROKEN_RUNS)
def test_what_is_no_run_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    value, words = BROKEN_RUNS[name]
    (tmp_path / "run.json").write_text(json.dumps(value))
    done = call("import", str(tmp_path / "run.json"), str(tmp_path / "to"))
    assert (done.exit_code, words in done.stderr, (tmp_path / "to").exists()) == (2, True, False), done.output


TEMPLATE = """\
Resources:
  Orders:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionSubstitutions: {Table: !Ref T}
      DefinitionString: |
        {
          "StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${Table}", "End": true}}
        }
  Paid:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: machines/paid.asl.yaml
"""


def test_a_template_gives_each_of_its_machines(tmp_path: Path) -> None:
    (tmp_path / "machines").mkdir()
    paid = "StartAt: A # kept\nStates: {A: {Type: Succeed}}\n"
    (tmp_path / "machines" / "paid.asl.yaml").write_text(paid)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    done = call("import", str(tmp_path / "template.yaml"), str(tmp_path / "to"))
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in (tmp_path / "to").iterdir()) == [
        "Orders.asl.json",
        "Orders.studio.json",
        "Paid.asl.yaml",
        "Paid.studio.json",
    ]
    assert json.loads((tmp_path / "to" / "Paid.studio.json").read_text()) == {"config": {"logging": "OFF"}}
    assert (tmp_path / "to" / "Paid.asl.yaml").read_text() == paid
    assert json.loads((tmp_path / "to" / "Orders.asl.json").read_text())["States"]["A"]["Result"] == "${Table}"
    assert "Table" in done.stderr
    again = call("import", str(tmp_path / "template.yaml"), str(tmp_path / "to"))
    assert (again.exit_code, "exists already" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("main.tf", 'resource "aws_sfn_state_machine" "m" {\n  name = "paid"\n  definition = file("%s")\n}\n'),
        ("template.yaml", "Resources: {paid: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: %s}}}"),
    ],
)
def test_a_definition_in_a_file_of_its_own_is_followed_inside_of_the_workspace(tmp_path: Path, file: str, text: str) -> None:
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    for path in ("repo/paid.asl.json", "paid.asl.json"):
        (tmp_path / path).write_text(definition)
    (tmp_path / "repo" / file).write_text(text % "paid.asl.json")
    answer("import", str(tmp_path / "repo" / file), str(tmp_path / "to"))
    assert (tmp_path / "to" / "paid.asl.json").read_text() == definition
    (tmp_path / "repo" / file).write_text(text % "../paid.asl.json")
    done = call("import", str(tmp_path / "repo" / file), str(tmp_path / "other"))
    assert (done.exit_code, "lies outside of" in done.stderr, (tmp_path / "other").exists()) == (2, True, False)


def test_a_definition_is_copied_as_it_is(tmp_path: Path) -> None:
    text = '{\n  // why\n  "StartAt": "A",\n  "States": {"A": {"Type": "Succeed"}}\n}\n'
    (tmp_path / "a.asl.json").write_text(text)
    answer("import", str(tmp_path / "a.asl.json"), str(tmp_path / "to"))
    assert (tmp_path / "to" / "a.asl.json").read_text() == text


# Over HTTP, as on AWS


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, ran: tuple[Path, str]) -> Iterator[str]:
    """A studio in a process of its own that plays AWS; its address."""
    folder = tmp_path_factory.mktemp("aws")
    shutil.copytree(ran[0], folder / "w")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "studio", str(folder / "w"), "--port", str(port), "--no-browser"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**{k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}, "PYTHONPATH": str(ROOT)},
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1).read()
            break
        except OSError:
            time.sleep(0.05)
    yield address
    server.terminate()
    server.wait(10)


def test_the_same_over_http(aws: str, ran: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    import boto3

    client: Any = boto3.client("stepfunctions", endpoint_url=aws, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    logs = {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:eu-west-1:123456789012:log-group:far:*"}}
    machine = client.create_state_machine(
        name="far",
        definition=definition,
        roleArn="arn:aws:iam::123456789012:role/x",
        loggingConfiguration={"level": "ALL", "includeExecutionData": True, "destinations": [logs]},
        tags=[{"key": "team", "value": "shop"}],
    )["stateMachineArn"]
    arn = client.start_execution(stateMachineArn=machine, input='{"far":true}')["executionArn"]
    for _ in range(200):
        if client.describe_execution(executionArn=arn)["status"] != "RUNNING":
            break
    listed = answer("executions", "list", "--target", "aws", "--endpoint-url", aws, "--region", "eu-west-1")["executions"]
    assert [(row["executionArn"], row["status"]) for row in listed] == [(arn, "SUCCEEDED")]
    console = f"https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/{arn}"
    assert answer("executions", "show", console, "--endpoint-url", aws)["output"] == '{"far":true}'
    assert len(answer("executions", "events", arn, "--endpoint-url", aws)["events"]) == 4
    told = answer("import", console, str(tmp_path / "run"), "--endpoint-url", aws)
    assert [(row["name"], row["execution"]) for row in told] == [("far", arn)]
    assert answer("executions", "show", arn, "--workspace", str(tmp_path / "run"))["output"] == '{"far":true}'
    encoded = f"https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/statemachines/view/{machine.replace(':', '%3A')}"
    answer("import", encoded, str(tmp_path / "machine"), "--endpoint-url", aws)
    assert json.loads((tmp_path / "machine" / "far.asl.json").read_text()) == json.loads(definition)
    assert json.loads((tmp_path / "machine" / "far.studio.json").read_text())["config"] == {
        "name": "far",
        "role": "arn:aws:iam::123456789012:role/x",
        "logging": "ALL",
        "logData": True,
        "logGroup": "arn:aws:logs:eu-west-1:123456789012:log-group:far",
        "tags": {"team": "shop"},
    }


REFUSALS: dict[str, tuple[Callable[[str], list[str]], str]] = {
    "no such machine": (lambda url: ["arn:aws:states:eu-west-1:123456789012:stateMachine:none", "--endpoint-url", url], "Does Not Exist"),
    "an address without an ARN": (lambda _: ["https://console.aws.amazon.com/states/home"], "names no state machine"),
    "a Map Run": (lambda _: ["arn:aws:states:eu-west-1:123456789012:mapRun:a/b:c"], "Map Run"),
    "nobody there": (
        lambda _: ["arn:aws:states:eu-west-1:123456789012:stateMachine:x", "--endpoint-url", "http://127.0.0.1:9"],
        "--endpoint-url",
    ),
    "no address": (lambda _: ["arn:aws:states:eu-west-1:123456789012:stateMachine:x", "--endpoint-url", "nowhere"], "endpoint"),
    "no file": (lambda _: ["nothing.json"], "cannot be read"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_imported_is_said(aws: str, tmp_path: Path, name: str) -> None:
    arguments, words = REFUSALS[name]
    done = call("import", *arguments(aws)[:1], str(tmp_path / "to"), *arguments(aws)[1:])
    assert (done.exit_code, words in done.stderr, (tmp_path / "to").exists()) == (2, True, False), done.output
