from __future__ import annotations

from typing import Any

import pytest

from studio.asl.lint import lint
from studio.catalogue.parameters import catalogue

ARN = "arn:aws:states:::"


@pytest.mark.parametrize(
    ("resource", "parameters", "expected"),
    [
        ("lambda:invoke", {"FunctionName": "f", "Payload.$": "$"}, []),
        ("lambda:invoke", {"Functionname": "f"}, [("Functionname",), ()]),
        ("lambda:invok", {}, [()]),
        ("lamda:invoke", {}, [()]),
        ("dynamodb:query", {}, [()]),
        ("aws-sdk:dynamodb:query", {"TableName": "t"}, []),
        ("aws-sdk:dynamodb:query", {"tableName": "t"}, [("tableName",)]),
        ("aws-sdk:dynamodb:putItem", {"Item": {"id": {"S": "1"}}}, [()]),
        ("aws-sdk:dynamodb:putItem", {"Item": {"id": {"X": "1"}}, "TableName.$": "$.t"}, [("Item", "id", "X")]),
        ("aws-sdk:dynamodbb:putItem", {}, [()]),
        ("aws-sdk:s3:getObject.sync", {"Bucket": "b", "Key": "k"}, [()]),
        ("aws-sdk:ec2:runInstances", {"MinCount": "one", "MaxCount": 1}, [("MinCount",)]),
        ("sqs:sendMessage.sync", {}, [()]),
        ("sqs:sendMessage.waitForTaskToken", {"QueueUrl": "q", "MessageBody": {"a": 1}}, [()]),
        ("http:invoke", {"Anything": 1}, []),
        ("aws-sdk:s3:putObject", "{% $states.input %}", []),
    ],
)
def test_problems_are_found_where_they_are(resource: str, parameters: Any, expected: list[Any]) -> None:
    assert [at for at, _, _ in catalogue().problems(ARN + resource, parameters)] == expected


def test_the_linter_shows_them_as_warnings_in_their_place() -> None:
    root = {
        "StartAt": "Put",
        "States": {
            "Put": {"Type": "Task", "Resource": f"{ARN}aws-sdk:dynamodb:putItem", "Parameters": {"TableNme": "t", "Item": {}}, "End": True}
        },
    }
    found = [(d.rule, d.severity, d.location, d.hint) for d in lint(root, catalogue=catalogue()) if d.rule == "ASL603"]
    assert found == [
        ("ASL603", "warning", "/States/Put/Resource", ""),
        ("ASL603", "warning", "/States/Put/Parameters/TableNme", "Did you mean TableName?"),
    ]
