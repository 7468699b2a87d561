"""What no task starts with, and how a service's refusal is called: the SDK for Java's names, as AWS reports them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from studio.catalogue.naming import error_prefix, sdk_exception_name
from studio.catalogue.optimized import OPTIMIZED
from studio.exec.local import LocalStepFunctions
from studio.exec.performers import aws_sdk

SFN = "arn:aws:states:us-east-1:123456789012:"


async def ended(resource: str, parameters: Any, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    """A run of one task: its end, and the events before it."""
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True, **fields}
    service = LocalStepFunctions(None)
    await service.start()
    try:
        arn = await service.run_definition(json.dumps({"StartAt": "T", "States": {"T": state}}))
        await service.ended(arn)
        events = (await service.get_execution_history(executionArn=arn))["events"]
        return await service.describe_execution(executionArn=arn), [event["type"] for event in events]
    finally:
        await service.aclose()


@pytest.mark.parametrize(
    ("resource", "parameters", "reasons"),
    [
        ("states:startExecution", {}, "The field 'StateMachineArn' is required but was missing"),
        ("states:startExecution.sync:2", {"StateMachineArn": None}, "The field 'StateMachineArn' is required but was missing"),
        ("states:startExecution", {"StateMachineArn": "a", "Foo": 1}, 'The field "Foo" is not supported by Step Functions'),
        ("aws-sdk:sfn:describeExecution", {}, "The field 'ExecutionArn' is required but was missing"),
        (
            "aws-sdk:sfn:describeExecution",
            {"executionArn": "a", "ExecutionArn": "a"},
            'The field "executionArn" is not supported by Step Functions',
        ),
        ("aws-sdk:sfn:listExecutions", {"MaxResults": "x"}, "The value for the field 'MaxResults' must be a NUMBER"),
        ("aws-sdk:sfn:listExecutions", {"MaxResults": 1.5}, "The value for the field 'MaxResults' must be an INTEGER"),
        (
            "aws-sdk:sfn:tagResource",
            {"Tags": [{"Key": "k", "Vaule": "v"}]},
            "The field 'ResourceArn' is required but was missing, The field \"Vaule\" is not supported by Step Functions",
        ),
    ],
)
async def test_a_task_that_cannot_be_started(resource: str, parameters: Any, reasons: str) -> None:
    end, events = await ended(resource, parameters, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "T"}])
    given = json.dumps(parameters, separators=(",", ":"))
    prefix = "An error occurred while executing the state 'T' (entered at the event id #2). "
    assert (end["error"], end["cause"]) == (
        "States.Runtime",
        f"{prefix}The Parameters '{given}' could not be used to start the Task: [{reasons}]",
    )
    assert events == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


@pytest.mark.parametrize(
    ("resource", "parameters", "error", "cause"),
    [
        (
            "states:startExecution",
            {"StateMachineArn": 5},
            "StepFunctions.InvalidArnException",
            "Invalid Arn: 'Invalid ARN prefix: 5' (Service: AWS",
        ),
        (
            "aws-sdk:sfn:listExecutions",
            {"MaxResults": 5000},
            "Sfn.ValidationException",
            "1 validation error detected: Value '5000' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 1000 (Service: Sfn, Status Code: 400, Request ID: ",
        ),
        (
            "aws-sdk:sfn:sendTaskSuccess",
            {"TaskToken": "t", "Output": {"a": 1}},
            "Sfn.InvalidTokenException",
            "Invalid Token: 'Invalid token' (S",
        ),
    ],
)
async def test_what_step_functions_itself_refuses(resource: str, parameters: Any, error: str, cause: str) -> None:
    end, _events = await ended(resource, parameters)
    assert (end["error"], end["cause"][: len(cause)]) == (error, cause)


async def test_a_tested_task_that_cannot_be_started() -> None:
    service = LocalStepFunctions(None)
    await service.start()
    try:
        state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:describeExecution", "Parameters": {}, "End": True}
        told = await service.test_state(definition=json.dumps(state), roleArn="arn:aws:iam::123456789012:role/r")
        assert (told["status"], told["error"]) == ("FAILED", "States.Runtime")
        assert told["cause"].startswith(
            "An error occurred while executing the state 'StateName' (entered at the event id #0). The Parameters '{}'"
        )
    finally:
        await service.aclose()


async def test_step_functions_shows_what_its_model_knows() -> None:
    end, _events = await ended("aws-sdk:sfn:listExecutions", {"MaxResults": 1.0})
    (run,) = json.loads(end["output"])["Executions"]
    assert set(run) == {"ExecutionArn", "StateMachineArn", "Name", "Status", "StartDate", "RedriveCount"}


async def test_tags_reach_step_functions() -> None:
    end, _events = await ended("aws-sdk:sfn:createActivity", {"Name": "tagged", "Tags": [{"Key": "k", "Value": "v"}]})
    assert json.loads(end["output"])["ActivityArn"] == f"{SFN}activity:tagged"


@pytest.mark.parametrize(
    ("service", "optimized", "error", "expected"),
    [  # the SDK's names: measured by others on AWS with TestState
        ("dynamodb", "", {"Code": "ValidationException"}, "DynamoDb.DynamoDbException"),
        ("dynamodb", "", {"Code": "ConditionalCheckFailedException"}, "DynamoDb.ConditionalCheckFailedException"),
        ("dynamodb", "dynamodb:putItem", {"Code": "ValidationException"}, "DynamoDB.AmazonDynamoDBException"),
        ("ec2", "", {"Code": "InvalidInstanceID.NotFound"}, "Ec2.Ec2Exception"),
        ("s3", "", {"Code": "InvalidBucketName"}, "S3.S3Exception"),
        ("s3", "", {"Code": "404"}, "S3.NoSuchKeyException"),
        ("rds", "", {"Code": "DBInstanceNotFound"}, "Rds.DbInstanceNotFoundException"),
        (
            "sqs",
            "",
            {"Code": "AWS.SimpleQueueService.NonExistentQueue", "QueryErrorCode": "QueueDoesNotExist"},
            "Sqs.QueueDoesNotExistException",
        ),
        (
            "sqs",
            "sqs:sendMessage",
            {"Code": "AWS.SimpleQueueService.NonExistentQueue", "QueryErrorCode": "QueueDoesNotExist"},
            "SQS.QueueDoesNotExistException",
        ),
        ("lambda", "", {"Code": "EC2AccessDeniedException"}, "Lambda.Ec2AccessDeniedException"),
        ("health", "", {"Code": "InvalidPaginationToken"}, "Health.InvalidPaginationTokenException"),
    ],
)
def test_the_name_of_a_refusal(service: str, optimized: str, error: dict[str, str], expected: str) -> None:
    asked = aws_sdk.Service(service, "HeadObject", OPTIMIZED.get(optimized), "us-east-1", lambda: "http://127.0.0.1:9", real=False)
    assert asked.refused(ClientError({"Error": error}, "HeadObject")).error == expected  # pyright: ignore[reportArgumentType]


def test_a_limit_is_told_as_the_services_tell_it() -> None:
    asked = aws_sdk.Service("dynamodb", "PutItem", OPTIMIZED["dynamodb:putItem"], "us-east-1", lambda: "http://127.0.0.1:9", real=False)
    failure = asked.unreachable(ParamValidationError(report="Invalid length for parameter TableName, value: 0, valid min length: 1"))
    told = (
        "1 validation error detected: Value at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1"
    )
    assert (failure.error, failure.cause[: len(told)]) == ("DynamoDB.AmazonDynamoDBException", told)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("DynamoDB", "DynamoDb"), ("Database Migration Service", "DatabaseMigration"), ("AWSHealth", "Health"), ("Amazon Q", "Q")],
)
def test_the_prefix_of_a_service(name: str, expected: str) -> None:
    assert error_prefix(name) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("QueueDoesNotExist", "QueueDoesNotExistException"),
        ("DBInstanceNotFoundFault", "DbInstanceNotFoundException"),
        ("KMSInvalidStateException", "KmsInvalidStateException"),
    ],
)
def test_the_name_of_an_error(code: str, expected: str) -> None:
    assert sdk_exception_name(code) == expected
