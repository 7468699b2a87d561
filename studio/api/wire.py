"""AWS JSON 1.0 on the wire: requests checked and answers written by botocore's own `stepfunctions` model.

A request is a JSON object whose members the model names; an answer is JSON with timestamps as seconds since the epoch.
Messages of `ValidationException` are AWS's: `1 validation error detected: Value '…' at 'name' failed to satisfy constraint: …`.

Spec: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from studio.catalogue import services
from studio.catalogue.requests import checked


@lru_cache(maxsize=1)
def _model() -> dict[str, Any]:
    found = services.model("stepfunctions")
    assert found is not None
    return found


@lru_cache(maxsize=1)
def operations() -> dict[str, str]:
    """Operation -> name of the method that serves it: `TestState` -> `test_state`."""
    return {operation: method for method, operation in services.stepfunctions_methods().items()}


def check_request(operation: str, request: object) -> dict[str, Any]:
    """The request's known members (`catalogue.requests`)."""
    return checked(_model(), operation, request)


def answer(value: Any) -> Any:
    """A response as JSON: datetimes become seconds since the epoch (milliseconds kept), absent members stay away."""
    match value:
        case dict():
            return {k: answer(v) for k, v in value.items() if k != "ResponseMetadata" and v is not None}
        case list() | tuple():
            return [answer(v) for v in value]
        case datetime():
            return round(value.timestamp(), 3)
        case _:
            return value
