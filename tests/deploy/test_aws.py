"""Deploying for real, to moto's server as the account: created, unchanged the second time, updated, started."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result

from studio.cli import studio
from studio.deploy.aws import Account
from studio.deploy.plan import CreateMachine
from studio.errors import ServiceError, StudioError
from studio.exec.performers.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
SESSION = functools.cache(boto3.Session)
ORDER: dict[str, Any] = {
    "StartAt": "Pay",
    "States": {
        "Pay": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "pay", "Payload.$": "$"},
            "End": True,
        }
    },
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    sandbox = Sandbox()
    yield sandbox.endpoint()
    sandbox.close()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(boto3, "Session", SESSION)  # reads each service's model once, not in every deployment


def client(service: str, endpoint: str) -> Any:
    return boto3.client(service, endpoint_url=endpoint, region_name="eu-west-1")  # type: ignore[call-overload]


def deploy(file: Path, endpoint: str, *more: str) -> Result:
    return CliRunner().invoke(
        studio, ["deploy", str(file), "--endpoint-url", endpoint, "--region", "eu-west-1", *more], catch_exceptions=False
    )


def answer(done: Result) -> Any:
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def write(path: Path, definition: Any) -> Path:
    path.write_text(json.dumps(definition, indent=2))
    return path


def test_a_workflow_is_deployed_left_alone_updated_and_started(tmp_path: Path, endpoint: str) -> None:
    file = write(tmp_path / "order.asl.json", ORDER)
    (tmp_path / "order.studio.json").write_text(json.dumps({"config": {"tracing": True, "tags": {"team": "shop"}}}))
    arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:order"
    states, iam = client("stepfunctions", endpoint), client("iam", endpoint)

    first = deploy(file, endpoint, "--alias", "live", "--yes")
    assert answer(first) == {
        "stateMachineArn": arn,
        "stateMachineAliasArn": f"{arn}:live",
        "stateMachineVersionArn": f"{arn}:1",
        "changed": True,
        "steps": [
            "+ log group /aws/vendedlogs/states/order-Logs",
            "+ role StepFunctions-order-role",
            "+ state machine order",
            "+ alias live",
        ],
    }
    assert "lambda:InvokeFunction on arn:aws:lambda:eu-west-1:123456789012:function:pay" in first.stderr
    machine = states.describe_state_machine(stateMachineArn=arn)
    assert (machine["definition"], machine["type"], machine["tracingConfiguration"]) == (file.read_text(), "STANDARD", {"enabled": True})
    assert machine["roleArn"] == iam.get_role(RoleName="StepFunctions-order-role")["Role"]["Arn"]
    assert machine["loggingConfiguration"]["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"].endswith("/states/order-Logs:*")
    (group,) = client("logs", endpoint).describe_log_groups(logGroupNamePrefix="/aws/vendedlogs/states/order-Logs")["logGroups"]
    assert group["retentionInDays"] == 14
    assert states.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "team", "value": "shop"}]
    assert routes(states, arn) == [f"{arn}:1"]

    again = deploy(file, endpoint, "--alias", "live", "--yes")
    assert answer(again) == {"stateMachineArn": arn, "stateMachineAliasArn": f"{arn}:live", "changed": False, "steps": []}
    assert "No change" in again.stderr

    changed = {
        **ORDER,
        "States": {"Pay": {**ORDER["States"]["Pay"], "Next": "Tell"}, "Tell": topic("arn:aws:sns:eu-west-1:123456789012:t")},
    }
    del changed["States"]["Pay"]["End"]
    write(file, changed)
    planned = deploy(file, endpoint, "--alias", "live", "--plan")
    assert (answer(planned)["changed"], states.describe_state_machine(stateMachineArn=arn)["definition"]) == (False, machine["definition"])
    updated = answer(deploy(file, endpoint, "--alias", "live", "--yes"))
    assert updated["steps"] == ["~ role StepFunctions-order-role: policy", "~ state machine order", "~ alias live"]
    assert (updated["stateMachineVersionArn"], routes(states, arn)) == (f"{arn}:2", [f"{arn}:2"])
    policy = iam.get_role_policy(RoleName="StepFunctions-order-role", PolicyName="Workflow")["PolicyDocument"]
    assert ["sns:Publish"] in [statement["Action"] for statement in policy["Statement"]]
    assert answer(deploy(file, endpoint, "--alias", "live", "--yes"))["changed"] is False

    started = states.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    assert states.describe_execution(executionArn=started)["stateMachineArn"] == arn


def topic(arn: str) -> Any:
    return {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": arn, "Message.$": "$"}, "End": True}


def routes(states: Any, arn: str) -> list[str]:
    found = states.describe_state_machine_alias(stateMachineAliasArn=f"{arn}:live")["routingConfiguration"]
    return [route["stateMachineVersionArn"] for route in found]


def test_another_alias_only_publishes_a_version(tmp_path: Path, endpoint: str) -> None:
    file = write(tmp_path / "aliased.asl.json", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    answer(deploy(file, endpoint, "--yes", "--logging", "OFF"))
    assert answer(deploy(file, endpoint, "--yes", "--logging", "OFF", "--alias", "test"))["steps"] == [
        "~ state machine aliased",
        "+ alias test",
    ]
    assert answer(deploy(file, endpoint, "--yes", "--logging", "OFF", "--alias", "test"))["changed"] is False


def test_express_yaml_placeholders_and_a_role_of_ones_own(tmp_path: Path, endpoint: str) -> None:
    file = tmp_path / "pay.asl.yaml"
    file.write_text("StartAt: A\nStates:\n  # kept here\n  A:\n    Type: Wait\n    Seconds: ${Delay}\n    End: true\n")
    refused = deploy(file, endpoint, "--yes")
    assert (refused.exit_code, "${Delay}" in refused.stderr) == (2, True)
    role = "arn:aws:iam::123456789012:role/mine"
    made = answer(deploy(file, endpoint, "--yes", "--type", "EXPRESS", "--role", role, "--name", "My pay", "--set", "Delay=3"))
    assert made["steps"] == ["+ log group /aws/vendedlogs/states/My-pay-Logs", "+ state machine My-pay"]
    machine = client("stepfunctions", endpoint).describe_state_machine(stateMachineArn=made["stateMachineArn"])
    assert (machine["type"], machine["roleArn"], json.loads(machine["definition"])["States"]["A"]["Seconds"]) == ("EXPRESS", role, 3)
    other = deploy(file, endpoint, "--yes", "--role", role, "--name", "My pay", "--set", "Delay=3")
    assert (other.exit_code, "type cannot be changed" in other.stderr) == (2, True)


def test_a_role_that_is_not_ours_is_left_alone(tmp_path: Path, endpoint: str) -> None:
    client("iam", endpoint).create_role(RoleName="StepFunctions-taken-role", AssumeRolePolicyDocument="{}")
    done = deploy(write(tmp_path / "taken.asl.json", ORDER), endpoint, "--yes")
    assert (done.exit_code, "was not made by a deployment" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("definition", "more", "says"),
    [
        ({"StartAt": "Nowhere", "States": {}}, ("--yes",), "so it is not deployed"),
        (ORDER, (), "Say --yes"),
        (
            {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": ORDER}}}},
            ("--yes",),
            "is a template",
        ),
        (ORDER, ("--yes", "--role", "nonsense"), "is not the ARN of a role"),
        (ORDER, ("--yes", "--set", "x"), "write NAME=VALUE"),
    ],
)
def test_what_is_not_carried_out(tmp_path: Path, endpoint: str, definition: Any, more: tuple[str, ...], says: str) -> None:
    done = deploy(write(tmp_path / "never.asl.json", definition), endpoint, *more)
    assert (done.exit_code, says in done.stderr) == (2, True), done.stderr
    machines = client("stepfunctions", endpoint).list_state_machines()["stateMachines"]
    assert "never" not in [machine["name"] for machine in machines]


def test_a_person_is_asked(tmp_path: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.commands import deploy as module

    monkeypatch.setattr(module, "_agreed", lambda: False)
    done = deploy(write(tmp_path / "asked.asl.json", ORDER), endpoint)
    assert (done.exit_code, "Nothing was changed" in done.stderr) == (1, True)


def test_an_account_that_does_not_answer(tmp_path: Path) -> None:
    done = deploy(write(tmp_path / "order.asl.json", ORDER), "http://127.0.0.1:1", "--yes")
    assert (done.exit_code, "AWS could not be asked" in done.stderr) == (2, True)


def test_without_a_region_nothing_is_guessed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(StudioError, match="specify a region"):
        Account().place()


def test_a_new_role_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    account = Account(sleep=slept.append)
    tries = iter([ServiceError("AccessDeniedException", "is not authorized to assume the provided role")] * 2)

    def ask(service: str, operation: str, **request: Any) -> Any:
        if operation == "create_state_machine" and (refusal := next(tries, None)):
            raise refusal
        return {"stateMachineArn": "a", "stateMachineVersionArn": "a:1"}

    monkeypatch.setattr(account, "_ask", ask)
    step = CreateMachine("m", "STANDARD", {}, {})
    assert account._machine("create_state_machine", {"name": "m"}, patient=True) == {
        "stateMachineArn": "a",
        "stateMachineVersionArn": "a:1",
    }
    assert slept == [1, 2]
    tries = iter([ServiceError("AccessDeniedException", "no")])
    with pytest.raises(ServiceError):
        account.carry_out([step])


@pytest.mark.parametrize("template", ["rfp-distributed-csv", "meal-planner"])
def test_templates_can_be_deployed(endpoint: str, template: str) -> None:
    file = ROOT / "templates" / template / "workflow.asl.json"
    arn = answer(deploy(file, endpoint, "--yes"))["stateMachineArn"]
    assert arn.endswith(f":{template}")
    assert answer(deploy(file, endpoint, "--yes"))["changed"] is False
