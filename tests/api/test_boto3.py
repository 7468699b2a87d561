"""boto3 and the AWS CLI against a running studio, in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).parents[2]
ROLE = "arn:aws:iam::123456789012:role/x"
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
AWS = Path(sys.prefix) / "cli" / "bin" / "aws"
"""In an environment of its own: it needs older libraries than we do."""
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("workspace")
    server = subprocess.Popen(
        [sys.executable, "-m", "studio", str(folder), "--port", str(port), "--no-browser"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**{k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}, "PYTHONPATH": str(ROOT)},
    )
    found = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{found}/healthz", timeout=1).read()
            break
        except OSError:
            time.sleep(0.05)
    yield found
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="module")
def client(address: str) -> Any:
    return boto3.client(
        "stepfunctions",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="y",
        config=Config(inject_host_prefix=False),
    )


def made(client: Any, name: str, definition: Any = None, **more: Any) -> str:
    return client.create_state_machine(name=name, definition=json.dumps(definition or PASS), roleArn=ROLE, **more)["stateMachineArn"]


def ended(client: Any, arn: str) -> dict[str, Any]:
    for _ in range(1500):
        told = client.describe_execution(executionArn=arn)
        if told["status"] != "RUNNING":
            return told
        time.sleep(0.02)
    raise AssertionError("the execution did not end")


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_an_execution_from_its_start_to_its_history(client: Any) -> None:
    machine = made(client, "whole")
    arn = client.start_execution(stateMachineArn=machine, name="one", input='{"a": 1}')["executionArn"]
    assert ended(client, arn)["output"] == '{"a": 1}'
    pages = client.get_paginator("get_execution_history").paginate(executionArn=arn, PaginationConfig={"PageSize": 2})
    assert [event["type"] for page in pages for event in page["events"]] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert [e["name"] for e in client.list_executions(stateMachineArn=machine)["executions"]] == ["one"]
    assert refused(client.start_execution, stateMachineArn=machine, name="one", input="{}") == "ExecutionAlreadyExists"


def test_a_synchronous_express_execution(client: Any) -> None:
    machine = made(client, "express", type="EXPRESS")
    assert client.start_sync_execution(stateMachineArn=machine, input="[1]")["output"] == "[1]"


def test_one_state_is_tested(client: Any) -> None:
    answer = client.test_state(definition=json.dumps({"Type": "Pass", "Result": 7, "End": True}), inspectionLevel="DEBUG")
    assert (answer["status"], answer["output"], answer["inspectionData"]["result"]) == ("SUCCEEDED", "7", "7")


def test_a_worker_does_an_activity(client: Any) -> None:
    activity = client.create_activity(name="work")["activityArn"]
    machine = made(client, "worked", {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}})

    def work() -> None:
        task = client.get_activity_task(activityArn=activity, workerName="bee")
        client.send_task_heartbeat(taskToken=task["taskToken"])
        client.send_task_success(taskToken=task["taskToken"], output=json.dumps({"got": json.loads(task["input"])}))

    worker = threading.Thread(target=work)
    worker.start()
    arn = client.start_execution(stateMachineArn=machine, input="5")["executionArn"]
    worker.join(10)
    assert ended(client, arn)["output"] == '{"got":5}'
    assert [a["name"] for a in client.list_activities()["activities"]] == ["work"]
    client.delete_activity(activityArn=activity)
    assert refused(client.describe_activity, activityArn=activity) == "ActivityDoesNotExist"


def test_versions_and_aliases_lead_to_definitions(client: Any) -> None:
    machine = made(client, "versioned", publish=True)
    first = f"{machine}:1"
    new = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "new", "End": True}}}
    second = client.update_state_machine(stateMachineArn=machine, definition=json.dumps(new), publish=True)["stateMachineVersionArn"]
    assert [v["stateMachineVersionArn"] for v in client.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"]] == [
        second,
        first,
    ]
    assert client.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"] == second
    alias = client.create_state_machine_alias(name="live", routingConfiguration=[{"stateMachineVersionArn": first, "weight": 100}])[
        "stateMachineAliasArn"
    ]
    outputs = []
    for target in (machine, first, second, alias):
        told = ended(client, client.start_execution(stateMachineArn=target, input='"old"')["executionArn"])
        outputs.append((told["output"], told.get("stateMachineVersionArn"), told.get("stateMachineAliasArn")))
    assert outputs == [('"new"', None, None), ('"old"', first, None), ('"new"', second, None), ('"old"', first, alias)]
    assert refused(client.delete_state_machine_version, stateMachineVersionArn=first) == "ConflictException"
    client.update_state_machine_alias(
        stateMachineAliasArn=alias, routingConfiguration=[{"stateMachineVersionArn": second, "weight": 100}], description="now"
    )
    described = client.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert (described["routingConfiguration"], described["description"]) == ([{"stateMachineVersionArn": second, "weight": 100}], "now")
    client.delete_state_machine_version(stateMachineVersionArn=first)
    assert refused(client.start_execution, stateMachineArn=first) == "StateMachineDoesNotExist"
    assert [a["stateMachineAliasArn"] for a in client.list_state_machine_aliases(stateMachineArn=machine)["stateMachineAliases"]] == [alias]
    client.delete_state_machine_alias(stateMachineAliasArn=alias)
    assert (
        refused(client.create_state_machine_alias, name="x", routingConfiguration=[{"stateMachineVersionArn": second, "weight": 50}])
        == "ValidationException"
    )


def test_tags(client: Any) -> None:
    machine = made(client, "tagged", tags=[{"key": "a", "value": "1"}])
    client.tag_resource(resourceArn=machine, tags=[{"key": "b", "value": "2"}])
    client.untag_resource(resourceArn=machine, tagKeys=["a"])
    assert client.list_tags_for_resource(resourceArn=machine)["tags"] == [{"key": "b", "value": "2"}]
    assert refused(client.list_tags_for_resource, resourceArn=f"{machine}x") == "ResourceNotFound"


def test_a_failed_execution_is_redriven(client: Any) -> None:
    machine = made(client, "failing", {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}})
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    assert ended(client, arn)["redriveStatus"] == "REDRIVABLE"
    client.redrive_execution(executionArn=arn)
    assert ended(client, arn)["redriveCount"] == 1


def test_every_operation_of_the_model_is_served(client: Any) -> None:
    from studio.api import wire
    from studio.exec.local import LocalStepFunctions

    service = LocalStepFunctions(None)
    assert [o for o, method in wire.operations().items() if not hasattr(service, method)] == []


@pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not installed: make setup-test does")
def test_the_aws_cli(address: str) -> None:
    def aws(*arguments: str) -> Any:
        done = subprocess.run(
            [str(AWS), "--endpoint-url", address, "stepfunctions", *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **KEYS},
        )
        return json.loads(done.stdout) if done.stdout.strip() else None

    machine = aws("create-state-machine", "--name", "cli", "--definition", json.dumps(PASS), "--role-arn", ROLE)["stateMachineArn"]
    arn = aws("start-execution", "--state-machine-arn", machine, "--input", '{"a": 1}')["executionArn"]
    for _ in range(20):
        told = aws("describe-execution", "--execution-arn", arn)
        if told["status"] != "RUNNING":
            break
    assert (told["status"], told["output"]) == ("SUCCEEDED", '{"a": 1}')
    assert len(aws("get-execution-history", "--execution-arn", arn)["events"]) == 4


def extended(address: str, operation: str, **request: Any) -> tuple[int, dict[str, Any]]:
    """One of the engine's local extensions, over HTTP."""
    asked = urllib.request.Request(address, json.dumps(request).encode(), {"X-Amz-Target": f"ASLStudio.{operation}"})
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_local_extensions_are_served_too(address: str, client: Any) -> None:
    waits = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "Next": "P"}, "P": {"Type": "Pass", "End": True}}}
    arn = client.start_execution(stateMachineArn=made(client, "Waits", waits), input='{"n": 1}')["executionArn"]
    assert extended(address, "SetBreakpoints", executionArn=arn, breakpoints=["P"]) == (200, {"breakpoints": ["P"]})
    assert extended(address, "SkipWait", executionArn=arn) == (200, {"skipped": 1})
    while not (held := [line for line in extended(address, "DescribeMoment", executionArn=arn)[1]["lines"] if line["phase"] == "held"]):
        time.sleep(0.01)
    assert [line["state"] for line in held] == ["P"]
    assert extended(address, "ContinueExecution", executionArn=arn, input="5") == (200, {"released": 1})
    assert ended(client, arn)["output"] == "5"
    status, told = extended(address, "RunFrom", executionArn=arn, state="P", input="6")
    assert (status, told["summary"]) == (200, "Reuses the results of 1 state, runs P and everything after it.")
    assert ended(client, told["executionArn"])["output"] == "6"
    status, begun = extended(address, "ListBegunExecutions", executionArn=arn)
    [one] = begun["executions"]
    assert (status, one["executionArn"], one["begun"]) == (200, told["executionArn"], {"how": "from", "state": "P", "changed": ["input"]})
    assert (begun["total"], begun["complete"]) == (1, True)


@pytest.mark.parametrize(
    ("operation", "request_", "kind"),
    [
        ("Nothing", {}, "UnknownOperationException"),
        ("SkipWait", {}, "ValidationException"),
        ("SkipWait", {"executionArn": "x", "frame": True}, "ValidationException"),
        ("SkipWait", {"executionArn": "x", "more": 1}, "ValidationException"),
        ("RunFrom", {"executionArn": "x"}, "ValidationException"),
        ("SkipWait", {"executionArn": "x"}, "ExecutionDoesNotExist"),
        ("ListBegunExecutions", {"executionArn": "x", "nextToken": "x"}, "InvalidToken"),
        ("GetFunctionLog", {}, "ValidationException"),
        ("GetFunctionLog", {"functionName": "../x"}, "ValidationException"),
        ("GetFunctionLog", {"functionName": "x", "executionArn": "x"}, "InvalidArn"),
    ],
)
def test_a_wrong_request_of_an_extension_says_why(address: str, operation: str, request_: dict[str, Any], kind: str) -> None:
    status, told = extended(address, operation, **request_)
    assert (status, told["__type"]) == (400, kind)
