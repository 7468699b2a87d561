"""Requests as the model wants them: what is none is said, in AWS's words, before the engine sees it."""

from __future__ import annotations

from typing import Any

import pytest

from studio.api.wire import check_request
from studio.errors import ServiceError

ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:m"


@pytest.mark.parametrize(
    ("operation", "request_", "code", "message"),
    [
        (
            "ListExecutions",
            {"maxResults": 5.5},
            "SerializationException",
            "Unexpected token where a whole number was expected at 'maxResults'",
        ),
        (
            "ListExecutions",
            {"maxResults": True},
            "SerializationException",
            "Unexpected token where a whole number was expected at 'maxResults'",
        ),
        (
            "ListExecutions",
            {"maxResults": "5"},
            "SerializationException",
            "Unexpected token where a whole number was expected at 'maxResults'",
        ),
        (
            "UpdateMapRun",
            {"mapRunArn": ARN, "toleratedFailurePercentage": "5"},
            "SerializationException",
            "Unexpected token where a number was expected at 'toleratedFailurePercentage'",
        ),
        (
            "ListExecutions",
            {"statusFilter": "DONE"},
            "ValidationException",
            "1 validation error detected: Value 'DONE' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: "
            "[RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE]",
        ),
    ],
)
def test_a_wrong_request(operation: str, request_: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ServiceError) as refused:
        check_request(operation, request_)
    assert (refused.value.code, refused.value.message) == (code, message)


def test_a_percentage_may_have_a_fraction() -> None:
    request = {"mapRunArn": ARN, "toleratedFailurePercentage": 12.5, "maxConcurrency": 3}
    assert check_request("UpdateMapRun", request) == request
