"""The Step Functions API over HTTP: `POST /` with `X-Amz-Target: AWSStepFunctions.<Operation>`.

Any object that implements `exec.service.StepFunctions` can be published. Signatures are accepted unread (the door is closed
elsewhere: only this machine may ask); the credential scope says which Region's ARNs the caller expects.
"""

from __future__ import annotations

import logging
import re
import uuid
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from studio.api import extensions, wire
from studio.errors import ServiceError
from studio.exec.service import REGION

if TYPE_CHECKING:
    from starlette.requests import Request

    from studio.exec.service import StepFunctions

TARGET = "AWSStepFunctions."
CONTENT_TYPE = "application/x-amz-json-1.0"
MAX_REQUEST = 2_000_000
"""Bytes; AWS refuses requests over 1 MB of payload, the JSON around it included here."""

_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/([a-z0-9-]+)/")
_log = logging.getLogger(__name__)


def region_of(authorization: str) -> str:
    """The Region of a signature's credential scope; `us-east-1` without one."""
    found = _SCOPE.search(authorization)
    return found.group(1) if found else "us-east-1"


async def dispatch(service: StepFunctions, operation: str, request: object) -> dict[str, Any]:
    """One operation: checked by the model, served, answered. ServiceError for whatever AWS would answer as an error."""
    method = wire.operations().get(operation)
    if method is None:
        raise ServiceError("UnknownOperationException", f"The operation {operation} is not one of AWS Step Functions.")
    arguments = wire.check_request(operation, request)
    served = getattr(service, method, None)
    if served is None:
        raise ServiceError("UnsupportedOperationException", f"{operation} is not available here.", 501)
    return wire.answer(await served(**arguments)) or {}


def _response(status: int, body: dict[str, Any], kind: str = "") -> Response:
    headers = {"x-amzn-RequestId": str(uuid.uuid4()), "Cache-Control": "no-store"}
    if kind:
        headers["x-amzn-ErrorType"] = kind
    return Response(orjson.dumps(body), status, headers, CONTENT_TYPE)


async def _body(request: Request) -> object:
    too_large = ServiceError("RequestEntityTooLarge", "Request size exceeded 1 MB.", 413)
    if int(request.headers.get("content-length") or 0) > MAX_REQUEST:
        raise too_large
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_REQUEST:
            raise too_large
    try:
        return orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise ServiceError("SerializationException", f"The request is not JSON: {error}") from error


async def handle(request: Request, service: StepFunctions) -> Response:
    """The answer to one HTTP request; never raises."""
    target = request.headers.get("x-amz-target", "")
    serve = extensions.dispatch if target.startswith(extensions.TARGET) else dispatch
    if not target.startswith((TARGET, extensions.TARGET)):
        return _response(404, {"__type": "UnknownOperationException", "message": f"The header X-Amz-Target must begin with {TARGET}"})
    try:
        body = await _body(request)
        token = REGION.set(region_of(request.headers.get("authorization", "")))
        try:
            return _response(200, await serve(service, target.partition(".")[2], body))
        finally:
            REGION.reset(token)
    except ClientDisconnect:
        return Response(status_code=499)  # who asked has left before the end of the question: nobody reads it
    except ServiceError as error:
        return _response(error.status, {"__type": error.code, "message": error.message}, error.code)
    except Exception:  # the caller gets an answer whatever happened; the log keeps the trace
        _log.exception("An operation of the Step Functions API failed: %s", target)
        return _response(500, {"__type": "InternalFailure", "message": "The studio failed to answer; its log says why."}, "InternalFailure")
