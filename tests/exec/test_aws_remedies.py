"""A refusal of AWS is told with what to do about it; AWS's code and message stay as they are."""

from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber

from studio.errors import ServiceError
from studio.exec.aws import AwsStepFunctions
from studio.exec.aws_remedies import passes, remedy

DENIED = (
    "User: arn:aws:sts::123456789012:assumed-role/Dev/ada is not authorized to perform: states:ListExecutions on resource: arn:aws:states:x"
)


@pytest.mark.parametrize(
    ("code", "message", "profile", "told"),
    [
        ("ExpiredTokenException", "", "dev", "The session of the profile dev is over: sign in again (aws sso login --profile dev, or"),
        ("UnauthorizedSSOTokenError", "", None, "The session of the default profile is over: sign in again (aws sso login, or"),
        ("UnrecognizedClientException", "", None, "AWS does not take the credentials of the default profile"),
        ("AccessDeniedException", DENIED, "dev", "The role or user of the profile dev lacks the permission states:ListExecutions"),
        ("AccessDeniedException", "no", None, "The role or user of the default profile lacks the permission for it"),
        ("ThrottlingException", "Rate exceeded", None, "AWS limits how often it may be asked"),
        ("NoCredentialsError", "", None, "Sign in with the AWS CLI"),
        ("ProfileNotFound", "", "x", "Choose one that is there"),
        ("NoRegionError", "", None, "Choose one with --region"),
        ("EndpointConnectionError", "", None, "Look whether this machine is online"),
        ("ExecutionDoesNotExist", "", None, ""),
    ],
)
def test_what_to_do(code: str, message: str, profile: str | None, told: str) -> None:
    found = remedy(code, message, profile)
    assert found.startswith(told)
    assert bool(found) is bool(told)


def test_what_may_be_asked_again() -> None:
    codes = ["ThrottlingException", "EndpointConnectionError", "InternalServerError", "AccessDeniedException", "ExecutionDoesNotExist"]
    assert [passes(code) for code in codes] == [True, True, True, False, False]


def refusing(code: str, message: str, operation: str = "list_state_machines") -> AwsStepFunctions:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-east-1"}
    client = boto3.client("stepfunctions", **keys)
    stub = Stubber(client)
    stub.add_client_error(operation, code, message, 400)
    stub.activate()
    service = AwsStepFunctions()
    service._client = client
    return service


async def test_an_answer_of_aws_keeps_its_code_and_message() -> None:
    with pytest.raises(ServiceError) as refused:
        await refusing("AccessDeniedException", DENIED).list_state_machines()
    error = refused.value
    assert (error.code, error.message, error.status) == ("AccessDeniedException", DENIED, 400)
    assert error.hint == remedy("AccessDeniedException", DENIED, None)
