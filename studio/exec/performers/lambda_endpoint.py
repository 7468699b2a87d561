"""Lambda functions at an endpoint: `AWS_ENDPOINT_URL_LAMBDA`, or else `AWS_ENDPOINT_URL`, called as Lambda's Invoke is.

No signature of an account is made: an emulator reads the request as it comes. Calls to real AWS are another performer's.

Errors: as AWS reports them: a function's error is its `errorType` with the whole answer as the cause, Lambda's own errors are
`Lambda.<code>`, an endpoint that does not answer is `Lambda.SdkClientException`.
"""

from __future__ import annotations

import http.client
import json
import os
from urllib.parse import quote

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.exec.effects import RunTask
from studio.exec.performers import sdk_metadata, web
from studio.exec.performers.function import failure_of
from studio.exec.performers.mock import Returned

TIMEOUT = 900.0


def endpoint() -> str | None:
    return os.environ.get("AWS_ENDPOINT_URL_LAMBDA") or os.environ.get("AWS_ENDPOINT_URL") or None


def perform(task: RunTask) -> Returned | Failure:
    """Invoke the function a task names, by ARN or through `lambda:invoke`."""
    base = endpoint()
    assert base is not None
    wrapped = task.resource.kind != "lambda"
    target: Json = task.resource.arn
    event: Json = task.arguments
    headers = {"Content-Type": "application/json", "Authorization": _SIGNED}
    if wrapped:
        given = task.arguments if isinstance(task.arguments, dict) else {}
        target, event = given.get("FunctionName"), given.get("Payload")
        if given.get("InvocationType"):
            headers["X-Amz-Invocation-Type"] = str(given["InvocationType"])
        if given.get("LogType"):
            headers["X-Amz-Log-Type"] = str(given["LogType"])
        event = {} if event is None else event
    if not isinstance(target, str) or not target:
        return Failure("Lambda.ValidationException", "FunctionName is required.")
    body = event if wrapped and isinstance(event, str) else to_aws_text(event)
    url = f"{base.rstrip('/')}/2015-03-31/functions/{quote(target, safe='')}/invocations"
    try:
        answer = web.request("POST", url, headers=headers, body=body.encode(), timeout=TIMEOUT)
    except TimeoutError:
        return Failure("States.Timeout", "")
    except (OSError, http.client.HTTPException) as problem:
        return Failure("Lambda.SdkClientException", f"The endpoint {base} could not be reached: {problem or type(problem).__name__}")
    return _answer(answer, wrapped=wrapped)


_SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=none"
"""Emulators that serve all services at one address tell the service by the credential's scope."""


def _answer(answer: web.Answer, *, wrapped: bool) -> Returned | Failure:
    text = answer.body.decode("utf-8", "replace")
    try:
        value: Json = json.loads(text) if text else None
    except (ValueError, RecursionError):
        value = text
    if answer.status >= 300:
        code = (
            answer.header("x-amzn-errortype").split(":")[0]
            or (str(value.get("__type", "")) if isinstance(value, dict) else "")
            or "Unknown"
        )
        message = value.get("message") or value.get("Message") or text if isinstance(value, dict) else text
        return Failure(f"Lambda.{code}", f"{message} (Service: Lambda, Status Code: {answer.status})")
    if answer.header("x-amz-function-error"):
        return failure_of(value, text)
    if not wrapped:
        return Returned(value)
    found: dict[str, Json] = {"ExecutedVersion": answer.header("x-amz-executed-version") or "$LATEST", "Payload": value}
    if answer.header("x-amz-log-result"):
        found["LogResult"] = answer.header("x-amz-log-result")
    headers = dict(answer.headers)
    return Returned(
        {**found, **sdk_metadata.metadata(headers, answer.status, answer.header("x-amzn-requestid")), "StatusCode": answer.status}
    )
