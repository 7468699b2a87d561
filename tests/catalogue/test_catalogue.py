from __future__ import annotations

import pytest

from studio.catalogue import check, naming, services, shapes
from studio.catalogue.optimized import OPTIMIZED


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DBInstanceIdentifier", "DbInstanceIdentifier"),
        ("modelId", "ModelId"),
        ("ETag", "ETag"),
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("TableName", "TableName"),
        ("s3Uri", "S3Uri"),
    ],
)
def test_members_are_spelt_as_the_java_sdk_does(name: str, expected: str) -> None:
    assert naming.pascal(name) == expected


@pytest.mark.parametrize(
    ("token", "folder", "prefix"),
    [
        ("dynamodb", "dynamodb", "DynamoDb"),
        ("sfn", "stepfunctions", "Sfn"),
        ("s3", "s3", "S3"),
        ("bedrockruntime", "bedrock-runtime", "BedrockRuntime"),
        ("cloudwatchlogs", "logs", "CloudWatchLogs"),
        ("lambda", "lambda", "Lambda"),
    ],
)
def test_service_tokens(token: str, folder: str, prefix: str) -> None:
    found = services.service(token)
    assert found is not None
    assert (found.folder, found.error_prefix) == (folder, prefix)


def test_the_whole_of_aws_is_there() -> None:
    found = services.all_services()
    assert len(found) > 400
    assert sum(len(s.operations) for s in found.values()) > 19_000


def test_unknown_services_and_actions_are_none() -> None:
    assert services.service("dynamoddb") is None
    assert shapes.operation("dynamodb", "putIten") is None


@pytest.mark.parametrize("resource", [r for r, o in OPTIMIZED.items() if o.token])
def test_optimized_parameters_are_parameters_of_the_api(resource: str) -> None:
    entry = OPTIMIZED[resource]
    found = shapes.operation(entry.token, entry.operation, optimized=True)
    assert found is not None
    assert found.input is not None
    assert (entry.parameters | entry.required) - set(found.input.members) == set()
    if entry.poll:
        assert shapes.operation(*entry.poll.split(":")) is not None


@pytest.mark.parametrize(
    ("value", "mode", "expected"),
    [
        ({}, "STRICT", ["Required field 'ExecutionArn' is missing", "Required field 'StartDate' is missing"]),
        ({}, "PRESENT", []),
        ({"ExecutionArn": 1}, "PRESENT", ["Field 'ExecutionArn' must be a string"]),
        ({"StartDate": True}, "PRESENT", ["Field 'StartDate' must be a string"]),
        ({"ExecutionArn": "a", "StartDate": "b", "Other": 1}, "STRICT", []),
        ({"ExecutionArn": 1}, "NONE", []),
    ],
)
def test_mocked_results_are_held_against_the_shape(value: object, mode: check.Mode, expected: list[str]) -> None:
    found = shapes.operation("sfn", "startExecution", optimized=True)
    assert found is not None
    assert found.output is not None
    assert [m.message for m in check.mismatches(found.output, value, mode=mode)] == expected


def test_recursive_shapes_have_a_finite_skeleton() -> None:
    found = shapes.operation("dynamodb", "putItem")
    assert found is not None
    assert shapes.skeleton(found.input) == {"TableName": "MyData", "Item": {}}
