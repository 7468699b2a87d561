"""The settings of state machines in templates and in AWS's answers."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.embedded_settings import of_described, of_template, placeholders
from studio.asl.text import parse

ROLE = "arn:aws:iam::123456789012:role/Orders"
GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/orders"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
WHOLE = {
    "name": "Orders",
    "type": "EXPRESS",
    "role": ROLE,
    "logging": "ALL",
    "logData": True,
    "logGroup": GROUP,
    "tracing": True,
    "kmsKey": KEY,
    "kmsReuse": 60,
    "tags": {"team": "shop"},
}
LOGS = {"Level": "ALL", "IncludeExecutionData": True, "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": f"{GROUP}:*"}}]}
PLAIN = {
    "StateMachineName": "Orders",
    "StateMachineType": "EXPRESS",
    "RoleArn": ROLE,
    "LoggingConfiguration": LOGS,
    "TracingConfiguration": {"Enabled": True},
    "EncryptionConfiguration": {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": KEY, "KmsDataKeyReusePeriodSeconds": 60},
    "Tags": [{"Key": "team", "Value": "shop"}],
}
SERVERLESS = {
    "Name": "Orders",
    "Type": "EXPRESS",
    "Role": ROLE,
    "Logging": LOGS,
    "Tracing": {"Enabled": True},
    "Tags": {"team": "shop"},
}


def _logged(arn: Any) -> dict[str, Any]:
    return {"LoggingConfiguration": {"Level": "ERROR", "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn}}]}}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, {"logging": "OFF"}),
        (PLAIN, WHOLE),
        (SERVERLESS, {key: value for key, value in WHOLE.items() if not key.startswith("kms")}),
        (_logged({"Fn::GetAtt": ["Group", "Arn"]}), {"logGroup": "/orders/log"}),
        (_logged({"Fn::GetAtt": "Group.Arn"}), {"logGroup": "/orders/log"}),
        (_logged({"Fn::GetAtt": ["Named", "Arn"]}), {}),
        (_logged({"Fn::ImportValue": "group"}), {}),
        (_logged({"Fn::GetAtt": ["Usual", "Arn"]}), {}),
        ({**_logged({"Fn::GetAtt": ["Usual", "Arn"]}), "Name": "N"}, {"name": "N", "logGroup": "/aws/vendedlogs/states/M-Logs"}),
        (_logged({"Ref": "GroupArn"}), {"logGroup": GROUP}),
        (
            {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "Tags": [{"Key": "a", "Value": {"Ref": "Stage"}}]},
            {"logging": "OFF", "tags": {"a": "dev"}},
        ),
        ({"LoggingConfiguration": {"Level": "OFF", "IncludeExecutionData": True}}, {"logging": "OFF"}),
        ({"Tags": "none", "LoggingConfiguration": []}, {"logging": "OFF"}),
    ],
)
def test_a_template(properties: dict[str, Any], expected: Any) -> None:
    root: Any = {
        "Parameters": {"GroupArn": {"Type": "String", "Default": f"{GROUP}:*"}, "Stage": {"Type": "String", "Default": "dev"}},
        "Resources": {
            "M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties},
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/orders/log"}},
            "Usual": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/vendedlogs/states/M-Logs"}},
            "Named": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Fn::Sub": "${AWS::StackName}"}}},
        },
    }
    assert of_template(root, "M") == expected


def test_short_forms_of_yaml() -> None:
    text = (
        "Resources:\n  M:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n      RoleArn: !GetAtt Role.Arn\n      LoggingConfiguration:\n"
        "        Level: FATAL\n        Destinations:\n          - CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Group.Arn}\n"
        "  Group:\n    Type: AWS::Logs::LogGroup\n    Properties: {LogGroupName: /orders/log}\n"
    )
    assert of_template(parse(text, "yaml").root, "M") == {"logging": "FATAL", "logGroup": "/orders/log"}


def test_values_of_placeholders() -> None:
    given = {"Table": {"Ref": "Table"}, "Stage": "dev", "Open": {"Ref": "Open"}, "Made": {"Fn::GetAtt": ["Queue", "Arn"]}}
    root: Any = {
        "Parameters": {"Table": {"Type": "String", "Default": "orders"}, "Open": {"Type": "String"}},
        "Resources": {"M": {"Properties": {"DefinitionSubstitutions": given}}},
    }
    assert placeholders(root, "M") == {"Table": "orders", "Stage": "dev"}


def test_an_answer_of_aws() -> None:
    described = {
        "name": "Orders",
        "type": "EXPRESS",
        "roleArn": ROLE,
        "loggingConfiguration": {
            "level": "ALL",
            "includeExecutionData": True,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{GROUP}:*"}}],
        },
        "tracingConfiguration": {"enabled": True},
        "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": KEY, "kmsDataKeyReusePeriodSeconds": 60},
    }
    assert of_described(described, {"team": "shop"}) == WHOLE
    bare = {"name": "A", "type": "STANDARD", "roleArn": ROLE, "loggingConfiguration": {"level": "OFF", "includeExecutionData": False}}
    assert of_described(bare, {}) == {"name": "A", "role": ROLE, "logging": "OFF"}
