"""AWS services called through boto3: SDK integrations (`aws-sdk:s3:getObject`) and the optimized ones (`sqs:sendMessage`).

Parameters and results are spelt as Step Functions spells them: SDK integrations in the Java SDK's PascalCase, optimized ones as the API. An
optimized integration also writes objects as JSON text where the API wants text, and adds `SdkHttpMetadata`; a `.sync` one is polled until
its job has ended.

Errors: as recorded from AWS. SDK integrations: `S3.NoSuchKeyException`, cause `… (Service: S3, Status Code: 404, Request ID: …)`; optimized:
`DynamoDB.ResourceNotFoundException`, cause `… (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: …; Request ID: …; Proxy: null)`.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.catalogue import services
from studio.catalogue.naming import action_name, exception_name, pascal
from studio.catalogue.optimized import OPTIMIZED, Optimized
from studio.exec.effects import RunTask
from studio.exec.performers.mock import Returned

MAX_TEXT = 1_000_000
POLL = 0.2
"""Seconds between two looks at a job; AWS looks less often, and nothing here takes long."""
_JSON_TEXT = frozenset({("sqs", "MessageBody"), ("sns", "Message"), ("events", "Detail"), ("stepfunctions", "input")})
"""Members of optimized integrations that may be given as objects where the API wants text."""
_JAVA = {"dynamodb": "AmazonDynamoDBv2", "sqs": "AmazonSQS", "sns": "AmazonSNS", "events": "AmazonCloudWatchEvents"}
_PREFIX = {"dynamodb": "DynamoDB", "sqs": "SQS", "sns": "SNS", "events": "EventBridge", "batch": "Batch", "ecs": "ECS", "glue": "Glue"}
_DONE = frozenset({"SUCCEEDED", "COMPLETED", "COMPLETE", "STOPPED", "READY", "TERMINATED"})
_BROKEN = frozenset({"FAILED", "FAULT", "TIMED_OUT", "TIMEOUT", "ERROR", "CANCELLED", "CANCELED", "ABORTED", "TERMINATED_WITH_ERRORS"})


def endpoint_of(service: str, fallback: Callable[[], str] | None) -> str | None:
    """Where a service of botocore's is called: what the environment names, else the sandbox; None where there is neither."""
    name = service.replace("-", "_").upper()
    found = os.environ.get(f"AWS_ENDPOINT_URL_{name}") or os.environ.get("AWS_ENDPOINT_URL")
    return found or (fallback() if fallback is not None else None)


def target_of(effect: RunTask) -> tuple[str, str, Optimized | None] | None:
    """botocore's service and operation behind a task, and its optimized integration; None where it is no service's API."""
    resource = effect.resource
    if resource.kind == "sdk":
        service = services.service(resource.service)
        operation = services.operation(service, resource.action) if service is not None else None
        return (service.folder, operation, None) if service is not None and operation is not None else None
    if resource.kind != "service":
        return None
    entry = OPTIMIZED.get(f"{resource.service}:{resource.action}")
    if entry is None or not entry.token:
        return None
    service = services.service(entry.token)
    operation = services.operation(service, action_name(entry.operation)) if service is not None else None
    return (service.folder, operation, entry) if service is not None and operation is not None else None


def performer(fallback: Callable[[], str] | None, *, real: bool = False) -> Callable[[RunTask], Returned | Failure]:
    """Calls services at the environment's endpoints, else at `fallback`'s; `real`: at AWS itself."""

    def perform(effect: RunTask) -> Returned | Failure:
        found = target_of(effect)
        assert found is not None
        folder, operation, entry = found
        endpoint = None if real else endpoint_of(folder, fallback)
        return _call(client(folder, effect.resource.region, endpoint, real), folder, operation, entry, effect)

    return perform


@lru_cache(maxsize=128)
def client(folder: str, region: str, endpoint: str | None, real: bool = False) -> Any:
    """A client of a service, kept: boto3's clients may be shared by threads."""
    import boto3
    from botocore.config import Config

    keys = {} if real else {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}, parameter_validation=True)
    return boto3.client(folder, region_name=region or "us-east-1", endpoint_url=endpoint, config=config, **keys)  # pyright: ignore[reportCallIssue, reportArgumentType]


def _call(client: Any, folder: str, operation: str, entry: Optimized | None, effect: RunTask) -> Returned | Failure:
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError

    shape = client.meta.service_model.operation_model(operation)
    spell = _own if entry is not None else pascal
    given = effect.arguments if isinstance(effect.arguments, dict) else {}
    arguments = _request(shape.input_shape, given, spell, folder if entry is not None else "")
    try:
        answer = getattr(client, xform_name(operation))(**arguments)
        if entry is not None and effect.resource.pattern.startswith("sync") and entry.poll:
            return _polled(client, entry, answer, shape, spell, effect)
    except ClientError as error:
        return _refused(error, client, folder, entry)
    except BotoCoreError as error:
        prefix = _prefix(client, folder, entry)
        return Failure(f"{prefix}.SdkClientException", f"{error} (Service: {prefix}, Status Code: 0)")
    result = _response(shape.output_shape, answer, spell)
    assert isinstance(result, dict)
    if entry is not None:
        if folder == "events" and result.get("FailedEntryCount"):
            return Failure("EventBridge.FailedEntry", to_aws_text(result))
        result |= _metadata(answer)
    return Returned(result)


def _own(name: str) -> str:
    return name[:1].upper() + name[1:]


def _request(shape: Any, given: Json, spell: Callable[[str], str], optimized: str) -> Any:
    """A parameter as botocore takes it: members by their own names, text for blobs, JSON text where an object stands for text."""
    if shape is None:
        return {}
    match shape.type_name:
        case "structure" if isinstance(given, dict):
            names = {spell(name): name for name in shape.members}
            return {
                names.get(key, key): _request(shape.members.get(names.get(key, key)), value, spell, optimized)
                if names.get(key, key) in shape.members
                else value
                for key, value in _texted(given, optimized).items()
                if value is not None
            }
        case "list" if isinstance(given, list):
            return [_request(shape.member, item, spell, optimized) for item in given]
        case "map" if isinstance(given, dict):
            return {key: _request(shape.value, value, spell, optimized) for key, value in given.items()}
        case "blob":
            return (given if isinstance(given, str) else to_aws_text(given)).encode("utf-8")
        case "string" if isinstance(given, int | float) and not isinstance(given, bool):
            return to_aws_text(given)
        case _:
            return given


def _texted(given: Mapping[str, Json], optimized: str) -> dict[str, Json]:
    """Objects as JSON text where the API wants text."""
    return {
        key: to_aws_text(value) if (optimized, key) in _JSON_TEXT and not isinstance(value, str) and value is not None else value
        for key, value in given.items()
    }


def _response(shape: Any, answer: Any, spell: Callable[[str], str]) -> Json:
    """A result as Step Functions shows it: spelt its way, times as text, bytes as text."""
    match answer:
        case dict():
            members = getattr(shape, "members", None)
            value = getattr(shape, "value", None)
            found: dict[str, Json] = {}
            for key, inner in answer.items():
                if key == "ResponseMetadata":
                    continue
                if members is not None:
                    found[spell(key)] = _response(members.get(key), inner, spell)
                else:
                    found[key] = _response(value, inner, spell)
            return found
        case list() | tuple():
            return [_response(getattr(shape, "member", None), item, spell) for item in answer]
        case datetime():
            return answer.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")
        case bytes() | bytearray():
            return _text(bytes(answer))
        case _ if hasattr(answer, "read"):
            return _text(answer.read(MAX_TEXT))
        case _:
            return answer


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(data).decode("ascii")


def _metadata(answer: Mapping[str, Any]) -> dict[str, Json]:
    meta = answer.get("ResponseMetadata", {})
    headers: dict[str, str] = {str(k): str(v) for k, v in meta.get("HTTPHeaders", {}).items()}
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {key: [value] for key, value in headers.items()},
            "HttpHeaders": dict(headers),
            "HttpStatusCode": meta.get("HTTPStatusCode", 200),
        },
        "SdkResponseMetadata": {"RequestId": meta.get("RequestId", "")},
    }


def _prefix(client: Any, folder: str, entry: Optimized | None) -> str:
    if entry is None:
        return pascal(client.meta.service_model.service_id)
    return _PREFIX.get(folder) or entry.error_prefix or pascal(client.meta.service_model.service_id)


def _refused(error: Any, client: Any, folder: str, entry: Optimized | None) -> Failure:
    """A service's refusal as a task tells it."""
    found, meta = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code = str(found.get("Code", "Unknown")).rpartition(".")[2]
    message, status, request = found.get("Message") or code, meta.get("HTTPStatusCode", 400), meta.get("RequestId", "")
    prefix = _prefix(client, folder, entry)
    if entry is None:
        extended = f", Extended Request ID: {meta.get('HostId') or request}" if folder == "s3" else ""
        return Failure(
            f"{prefix}.{exception_name(code)}",
            f"{message} (Service: {prefix}, Status Code: {status}, Request ID: {request}{extended}){'' if extended else ' (SDK Attempt Count: 1)'}",
        )
    modelled = {shape.name for shape in client.meta.service_model.error_shapes} | {
        shape.metadata.get("error", {}).get("code") for shape in client.meta.service_model.error_shapes
    }
    name = (
        exception_name(code)
        if code in modelled or exception_name(code) in modelled
        else f"{_JAVA.get(folder, prefix).removesuffix('v2')}Exception"
    )
    detail = f"(Service: {_JAVA.get(folder, prefix)}; Status Code: {status}; Error Code: {code}; Request ID: {request}; Proxy: null)"
    return Failure(f"{prefix}.{name}", f"{message} {detail}")


def _polled(
    client: Any, entry: Optimized, started: Mapping[str, Any], shape: Any, spell: Callable[[str], str], effect: RunTask
) -> Returned | Failure:
    """A job looked at until it has ended: its description is the result, or the cause of `States.TaskFailed`."""
    from botocore import xform_name

    operation = entry.poll[:1].upper() + entry.poll[1:]
    model = client.meta.service_model.operation_model(operation)
    given = effect.arguments if isinstance(effect.arguments, dict) else {}
    asked = _question(model.input_shape, {**given, **{spell(k): v for k, v in started.items() if k != "ResponseMetadata"}}, started, shape)
    while effect.deadline is None or time.time() < effect.deadline:
        told = _response(model.output_shape, getattr(client, xform_name(operation))(**asked), spell)
        state = _state(told)
        if state in _BROKEN:
            return Failure("States.TaskFailed", to_aws_text(_one(told)))
        if state in _DONE or state is None:
            return Returned(_one(told))
        time.sleep(POLL)
    return Failure("States.Timeout", "")


def _question(shape: Any, known: Mapping[str, Any], started: Mapping[str, Any], start_shape: Any) -> dict[str, Any]:
    """The parameters of the poll, out of those of the start and its answer: `jobId` answers `jobs`, `JobRunId` answers `RunId`."""
    del start_shape
    lower = {key.lower(): value for key, value in known.items()}
    asked: dict[str, Any] = {}
    for name, member in shape.members.items():
        bare = name.lower()
        single = bare.removesuffix("s")
        candidates = (bare, f"job{bare}", bare.replace("runid", "jobrunid"), single, f"{single}id", f"{single}arn", f"{single}name")
        value = next((lower[c] for c in candidates if c in lower), None)
        if value is None and bare == "tasks":
            value = [task["taskArn"] for task in started.get("tasks", [])]
        if value is not None and not (member.type_name == "list" and not shape.required_members and bare not in {"jobs", "tasks", "ids"}):
            asked[name] = [value] if member.type_name == "list" and not isinstance(value, list) else value
    return asked


def _one(told: Json) -> Json:
    """What a description tells: the single job of a list."""
    if isinstance(told, dict):
        rest = {key: value for key, value in told.items() if key not in {"Failures", "NextToken"}}
        inner = next(iter(rest.values()), None) if len(rest) == 1 else None
        if isinstance(inner, list) and len(inner) == 1:
            return inner[0]
        if isinstance(inner, dict):
            return inner
    return told


def _state(told: Json) -> str | None:
    """The word that says how a job stands: the first status member, outermost first."""
    pending: list[Json] = [told]
    while pending:
        here = pending.pop(0)
        if isinstance(here, dict):
            for key, value in here.items():
                if key.lower().endswith(("status", "state")) and isinstance(value, str):
                    return value.upper()
            pending.extend(here.values())
        elif isinstance(here, list):
            pending.extend(here)
    return None


__all__ = ["endpoint_of", "performer", "target_of"]
