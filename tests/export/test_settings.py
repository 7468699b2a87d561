"""The settings beside a definition, and what the exports make of them."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import hcl2
import pytest
from click.testing import CliRunner

from studio.asl.sidefile import filled
from studio.asl.text import parse
from studio.cli import studio
from studio.deploy.plan import Place, Wanted
from studio.errors import StudioError
from studio.exec.incoming import read
from studio.export.cdk import cdk_python, cdk_typescript
from studio.export.cloudformation import cloudformation, sam
from studio.export.permissions import explained, policy
from studio.export.settings import configured, problems
from studio.export.terraform import terraform
from studio.export.workflow import LOG_ACTIONS, TRACE_ACTIONS, Workflow

ROOT: dict[str, Any] = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
            "Parameters": {"Bucket": "orders", "Key": "today.json"},
            "End": True,
        }
    },
}
ROLE = "arn:aws:iam::123456789012:role/service/Orders"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CONFIG: dict[str, Any] = {
    "name": "Orders",
    "type": "EXPRESS",
    "role": ROLE,
    "logging": "ALL",
    "logData": True,
    "tracing": True,
    "kmsKey": KEY,
    "kmsReuse": 60,
    "tags": {"team": "shop"},
}
WHOLE = configured("orders", ROOT, CONFIG)


def machine(text: str) -> dict[str, Any]:
    resources: Any = parse(text, "yaml").root["Resources"]  # type: ignore[index, call-overload]
    return {**next(r["Properties"] for name, r in resources.items() if r["Type"].endswith("StateMachine")), "resources": sorted(resources)}


def test_a_configuration_becomes_a_workflow() -> None:
    assert (
        Workflow(
            "Orders", ROOT, "EXPRESS", None, True, "ALL", True, {"team": "shop"}, role=ROLE, kms_key=KEY, kms_reuse=60, fixed_name=True
        )
        == WHOLE
    )
    assert configured("orders", ROOT, {}) == Workflow("orders", ROOT)


@pytest.mark.parametrize(
    ("config", "member"),
    [
        ({"name": "a b"}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"type": "express"}, "type"),
        ({"role": "Orders"}, "role"),
        ({"logging": "DEBUG"}, "logging"),
        ({"logData": "yes"}, "logData"),
        ({"logGroup": "two words"}, "logGroup"),
        ({"logGroup": "x" * 513}, "logGroup"),
        ({"logGroup": "orders:*"}, "logGroup"),
        ({"logGroup": "arn:aws:logs:us-east-1:12:log-group:orders"}, "logGroup"),
        ({"tracing": 1}, "tracing"),
        ({"kmsKey": "my key"}, "kmsKey"),
        ({"kmsReuse": 59}, "kmsReuse"),
        ({"kmsReuse": True}, "kmsReuse"),
        ({"tags": ["a"]}, "tags"),
        ({"tags": {"aws:x": "1"}}, "tags"),
        ({"tags": {"a": 1}}, "tags"),
        ({"tags": {f"t{n}": "" for n in range(51)}}, "tags"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_used_is_said(config: Any, member: str) -> None:
    assert [wrong.member for wrong in problems(config)] == [member]
    with pytest.raises(StudioError, match=member):
        configured("x", ROOT, config)


@pytest.mark.parametrize(
    "key", [KEY, "alias/orders", KEY.replace("key/", "alias/"), "1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-" + "0a" * 16]
)
def test_keys_that_can_be_used(key: str) -> None:
    assert problems({"kmsKey": key}) == []
    ast.parse(cdk_python(configured("x", ROOT, {"kmsKey": key})))


PLACE = Place("111122223333", "eu-west-1")
GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/shop"


@pytest.mark.parametrize("given", [GROUP, f"{GROUP}:*"])
def test_a_log_group_that_exists_is_named_as_step_functions_wants_it(given: str) -> None:
    workflow = configured("orders", ROOT, {"logGroup": given, "logging": "ALL"})
    made = machine(cloudformation(workflow))
    destination = [{"CloudWatchLogsLogGroup": {"LogGroupArn": f"{GROUP}:*"}}]
    assert made["LoggingConfiguration"] == {"Level": "ALL", "IncludeExecutionData": False, "Destinations": destination}
    assert made["resources"] == ["Orders", "OrdersRole"]
    assert machine(sam(workflow))["Logging"]["Destinations"] == destination
    text = terraform(workflow)
    assert f'    log_destination        = "{GROUP}:*"' in text
    assert "aws_cloudwatch_log_group" not in text
    hcl2.loads(text)
    assert f'logs.LogGroup.from_log_group_arn(self, "Logs", "{GROUP}:*")' in cdk_python(workflow)
    ast.parse(cdk_python(workflow))
    assert f'const logGroup = logs.LogGroup.fromLogGroupArn(this, "Logs", "{GROUP}:*");' in cdk_typescript(workflow)


def _template_group(text: str) -> Any:
    resources: Any = parse(text, "yaml").root["Resources"]  # type: ignore[index, call-overload]
    return next(r["Properties"]["LogGroupName"] for r in resources.values() if r["Type"] == "AWS::Logs::LogGroup")


def _terraform_group(text: str) -> Any:
    blocks = hcl2.loads(text)["resource"]
    found = next(b for b in blocks if next(iter(b)).strip('"') == "aws_cloudwatch_log_group")
    return next(iter(next(iter(found.values())).values()))["name"].strip('"')


def _cdk_group(text: str) -> Any:
    return re.findall(r'log_?[gG]roup_?[nN]ame\s*[=:]\s*"([^"]*)"', text)[0]


@pytest.mark.parametrize(
    ("name", "config", "group"),
    [
        ("orders", {}, "/aws/vendedlogs/states/orders-Logs"),
        ("order pipeline", {}, "/aws/vendedlogs/states/order-pipeline-Logs"),
        ("orders", {"name": "Shop"}, "/aws/vendedlogs/states/Shop-Logs"),
        ("orders", {"name": "Shop", "logGroup": "/shop/orders"}, "/shop/orders"),
        ("orders", {"logGroup": f"{GROUP}-that-exists"}, None),
        ("orders", {"logging": "OFF"}, None),
    ],
)
@pytest.mark.parametrize(
    ("form", "read_group"),
    [
        (cloudformation, _template_group),
        (sam, _template_group),
        (terraform, _terraform_group),
        (cdk_python, _cdk_group),
        (cdk_typescript, _cdk_group),
        (lambda workflow: Wanted(workflow, PLACE, "").log_group, lambda name: name),
    ],
    ids=["cloudformation", "sam", "terraform", "cdk-python", "cdk-typescript", "deploy"],
)
def test_every_export_and_a_deployment_make_the_same_log_group(
    form: Any, read_group: Any, name: str, config: dict[str, Any], group: str | None
) -> None:
    workflow = configured(name, ROOT, config)
    made = form(workflow)
    if group is None:
        assert not workflow.makes_log_group
        assert "vendedlogs/states/orders" not in str(made)
    else:
        assert read_group(made) == group


def test_a_log_group_by_name_is_made() -> None:
    workflow = configured("orders", ROOT, {"logGroup": "/shop/orders"})
    resources: Any = parse(cloudformation(workflow), "yaml").root
    assert resources["Resources"]["OrdersLogs"]["Properties"] == {"LogGroupName": "/shop/orders", "RetentionInDays": 14}
    assert '  name              = "/shop/orders"' in terraform(workflow)
    assert 'log_group_name="/shop/orders",' in cdk_python(workflow)
    assert 'logGroupName: "/shop/orders",' in cdk_typescript(workflow)
    off = configured("orders", ROOT, {"logGroup": GROUP, "logging": "OFF"})
    for text in (cloudformation(off), sam(off), terraform(off), cdk_python(off), cdk_typescript(off)):
        assert "log-group" not in text
        assert "logs" not in text.lower().replace("catalogs", "")


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"logging": "OFF"},
        {"name": "Orders", "type": "EXPRESS", "logging": "FATAL", "logGroup": "/shop/orders"},
        {k: v for k, v in CONFIG.items() if k != "type"} | {"logGroup": GROUP},
    ],
)
@pytest.mark.parametrize("form", [cloudformation, sam])
def test_a_template_that_is_imported_again_is_the_same_workflow(form: Any, config: dict[str, Any]) -> None:
    if form is sam:
        config = {k: v for k, v in config.items() if not k.startswith("kms")}
    first = configured("Orders", ROOT, config)
    (piece,) = read("template.yaml", form(first))
    side: Any = piece.beside.get("studio", {})
    assert side.get("config", {}) == config
    root: Any = filled(parse(piece.text, "yaml").root, side.get("placeholders", {}))
    assert configured("Orders", root, side.get("config", {})) == first


def test_cloudformation() -> None:
    made = machine(cloudformation(WHOLE))
    del made["Definition"], made["DefinitionSubstitutions"]
    assert made == {
        "StateMachineName": "Orders",
        "StateMachineType": "EXPRESS",
        "RoleArn": ROLE,
        "LoggingConfiguration": {
            "Level": "ALL",
            "IncludeExecutionData": True,
            "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["OrdersLogs", "Arn"]}}}],
        },
        "TracingConfiguration": {"Enabled": True},
        "EncryptionConfiguration": {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": KEY, "KmsDataKeyReusePeriodSeconds": 60},
        "Tags": [{"Key": "team", "Value": "shop"}],
        "resources": ["Orders", "OrdersLogs"],
    }


def test_sam_names_the_role_and_refuses_the_key() -> None:
    with pytest.raises(StudioError, match="customer managed key"):
        sam(WHOLE)
    made = machine(sam(configured("orders", ROOT, {k: v for k, v in CONFIG.items() if not k.startswith("kms")})))
    assert (made["Name"], made["Role"], made.get("Policies")) == ("Orders", ROLE, None)


def test_cdk() -> None:
    calls = {
        node.func.attr: {k.arg: ast.unparse(k.value) for k in node.keywords} | {"": [ast.unparse(a) for a in node.args]}
        for node in ast.walk(ast.parse(cdk_python(WHOLE)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert calls["from_role_arn"][""][-1] == repr(ROLE)
    assert calls["from_key_arn"][""][-1] == repr(KEY)
    assert calls["StateMachine"]["encryption_configuration"] == "sfn.CustomerManagedEncryptionConfiguration(key, cdk.Duration.seconds(60))"
    assert "PolicyStatement" not in calls
    script = cdk_typescript(WHOLE)
    assert f'iam.Role.fromRoleArn(this, "Role", "{ROLE}", {{ mutable: false }});' in script
    assert f'const key = kms.Key.fromKeyArn(this, "Key", "{KEY}");' in script
    assert "encryptionConfiguration: new sfn.CustomerManagedEncryptionConfiguration(key, cdk.Duration.seconds(60))," in script


def test_terraform() -> None:
    read = hcl2.loads(terraform(WHOLE))
    assert [next(iter(block)).strip('"') for block in read["resource"]] == ["aws_cloudwatch_log_group", "aws_sfn_state_machine"]
    text = terraform(WHOLE)
    assert f'  role_arn = "{ROLE}"' in text
    assert f'    kms_key_id                        = "{KEY}"' in text


def test_the_policy_says_why() -> None:
    told = [(s.resource, s.actions, s.reasons[0].partition(":")[0]) for s in explained(WHOLE)]
    assert told == [
        ("arn:aws:s3:::orders/today.json", ("s3:GetObject",), "Ask"),
        ("*", LOG_ACTIONS, "Logging is ALL"),
        ("*", TRACE_ACTIONS, "Tracing is on"),
        (KEY, ("kms:Decrypt", "kms:GenerateDataKey"), "Encryption"),
    ]
    assert policy(WHOLE)["Statement"][-1] == {
        "Sid": "S4",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": [KEY],
    }
    assert [s.actions for s in explained(configured("x", ROOT, {"logging": "OFF"}))] == [("s3:GetObject",)]


def test_an_inference_profile_asks_its_model_too() -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::bedrock:invokeModel",
        "Parameters": {"ModelId": "eu.amazon.nova-lite-v1:0"},
        "End": True,
    }
    found = explained(configured("x", {"StartAt": "A", "States": {"A": task}}, {"logging": "OFF"}))
    assert [(s.resource, s.actions) for s in found] == [
        ("arn:aws:bedrock:*:*:inference-profile/eu.amazon.nova-lite-v1:0", ("bedrock:InvokeModel",)),
        ("arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0", ("bedrock:InvokeModel",)),
    ]


def test_tracing_is_allowed_only_where_it_is_on() -> None:
    tasks = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "Next": "B"}
    queue = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl.$": "$.q", "MessageBody": ""},
        "End": True,
    }
    found = explained(configured("x", {"StartAt": "A", "States": {"A": tasks, "B": queue}}, {"logging": "OFF"}))
    assert [(s.actions, [reason.partition(":")[0] for reason in s.reasons]) for s in found] == [
        (("s3:ListAllMyBuckets",), ["A"]),
        (("sqs:SendMessage",), ["B"]),
    ]


def test_the_command_reads_them_too(tmp_path: Path) -> None:
    (tmp_path / "a.asl.json").write_text(json.dumps(ROOT))
    (tmp_path / "a.studio.json").write_text(json.dumps({"config": CONFIG}))
    run = CliRunner()
    made = machine(run.invoke(studio, ["export", str(tmp_path / "a.asl.json"), "--to", "cloudformation"]).stdout)
    assert (made["StateMachineName"], made["StateMachineType"]) == ("Orders", "EXPRESS")
    made = machine(run.invoke(studio, ["export", str(tmp_path / "a.asl.json"), "--to", "cloudformation", "--type", "STANDARD"]).stdout)
    assert made["StateMachineType"] == "STANDARD"
