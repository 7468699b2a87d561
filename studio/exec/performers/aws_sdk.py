"""AWS services called through boto3: SDK integrations (`aws-sdk:s3:getObject`) and the optimized ones (`sqs:sendMessage`).

Parameters and results are spelt as Step Functions spells them: SDK integrations in the Java SDK's PascalCase, optimized ones as the API. An
optimized integration also writes objects as JSON text where the API wants text, and adds `SdkHttpMetadata`; a `.sync` one is a job
(`job_task`).

Errors: as recorded from AWS. SDK integrations: `S3.NoSuchKeyException`, cause `… (Service: S3, Status Code: 404, Request ID: …)`; optimized:
`DynamoDB.ResourceNotFoundException`, cause `… (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: …; Request ID: …; Proxy: null)`.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import base64
import os
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.catalogue import services
from studio.catalogue.naming import action_name, error_prefix, exception_name, pascal, sdk_exception_name
from studio.catalogue.optimized import OPTIMIZED, Optimized
from studio.exec.effects import RunTask
from studio.exec.performers import emr
from studio.exec.performers.mock import Returned
from studio.exec.performers.sdk_metadata import metadata

MAX_TEXT = 1_000_000
_JSON_TEXT = frozenset({("sqs", "MessageBody"), ("sns", "Message"), ("events", "Detail"), ("stepfunctions", "input")})
"""Members of optimized integrations that may be given as objects where the API wants text."""
_LIMIT = re.compile(r"Invalid (length|range) for parameter ([^,]+), value: .*, valid min (?:length|value): (\S+)\Z")
_HEAD = {"HeadObject": "NoSuchKey", "HeadBucket": "NoSuchBucket"}
"""What S3 has no body to tell in."""
_JAVA = {"dynamodb": "AmazonDynamoDBv2", "sqs": "AmazonSQS", "sns": "AmazonSNS", "events": "AmazonCloudWatchEvents"}
_PREFIX = {"dynamodb": "DynamoDB", "sqs": "SQS", "sns": "SNS", "events": "EventBridge", "batch": "Batch", "ecs": "ECS", "glue": "Glue"}


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
    if entry is not None and entry.resource in emr.ADAPTED:
        return "emr", emr.ADAPTED[entry.resource].operation, entry
    if entry is None or not entry.token:
        return None
    service = services.service(entry.token)
    operation = services.operation(service, action_name(entry.operation)) if service is not None else None
    return (service.folder, operation, entry) if service is not None and operation is not None else None


def performer(effect: RunTask, fallback: Callable[[], str] | None, *, real: bool = False) -> Callable[[RunTask], Returned | Failure]:
    """Calls the service of a task at the environment's endpoint, else at `fallback`'s; `real`: at AWS itself."""
    found = target_of(effect)
    assert found is not None
    service = Service(*found, effect.resource.region, None if real else fallback, real=real)
    if effect.resource.pattern.startswith("sync"):
        from studio.exec.performers.job_task import JobTask
        from studio.exec.performers.jobs import JOBS

        job = JOBS.get(f"{effect.resource.service}:{effect.resource.action}")
        return JobTask(service, job, real=real) if job is not None else service.not_waited_for
    return service.perform


@lru_cache(maxsize=128)
def client(folder: str, region: str, endpoint: str | None, real: bool = False) -> Any:
    """A client of a service, kept: boto3's clients may be shared by threads."""
    import boto3
    from botocore.config import Config

    keys = {} if real else {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    config = Config(s3={"addressing_style": "auto" if real else "path"}, retries={"max_attempts": 0}, parameter_validation=True)
    return boto3.client(folder, region_name=region or "us-east-1", endpoint_url=endpoint, config=config, **keys)  # pyright: ignore[reportCallIssue, reportArgumentType]


class Service:
    """The API behind a task: `request` and `shown` turn what Step Functions writes into what botocore takes, and back. The client is made when
    it is first needed.
    """

    def __init__(
        self, folder: str, operation: str, entry: Optimized | None, region: str, fallback: Callable[[], str] | None, *, real: bool
    ) -> None:
        self.folder, self.operation, self.entry = folder, operation, entry
        self._region, self._fallback, self._real = region, fallback, real
        self._adapted = emr.ADAPTED.get(entry.resource) if entry is not None else None
        self._spell = _own if entry is not None else pascal

    @property
    def client(self) -> Any:
        endpoint = None if self._real else endpoint_of(self.folder, self._fallback)
        return client(self.folder, self._region, endpoint, self._real)

    def _shape(self, operation: str) -> Any:
        return self.client.meta.service_model.operation_model(operation)

    def perform(self, effect: RunTask) -> Returned | Failure:
        """Request and response, for tasks that wait for nothing else."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            result = self.shown(self.call(self.request(effect.arguments)))
        except ClientError as error:
            return self.refused(error)
        except (BotoCoreError, ResponseParserError) as error:
            return self.unreachable(error)
        if self.entry is not None and self.folder == "events" and result.get("FailedEntryCount"):
            return Failure("EventBridge.FailedEntry", to_aws_text(result))
        return Returned(result)

    def not_waited_for(self, effect: RunTask) -> Failure:
        return Failure(
            "Studio.Unsupported", f"{effect.resource.arn} cannot be waited for here. Mock this state, or deploy it and run it on AWS."
        )

    def request(self, arguments: Json) -> dict[str, Any]:
        given = arguments if isinstance(arguments, dict) else {}
        if self._adapted is not None:
            given = self._adapted.request(given)
        return _request(self._shape(self.operation).input_shape, given, self._spell, self.folder if self.entry is not None else "")

    def call(self, given: dict[str, Any]) -> Any:
        return self.ask(self.operation, given)

    def ask(self, operation: str, given: dict[str, Any]) -> Any:
        from botocore import xform_name

        return getattr(self.client, xform_name(operation))(**given)

    def shown(self, answer: Any) -> dict[str, Json]:
        """An answer as the task's result; that of an optimized integration says how the call went, too."""
        result = self.described(self.operation, answer)
        assert isinstance(result, dict)
        if self._adapted is not None:
            result = self._adapted.response(result)
        return result | _metadata(answer) if self.entry is not None else result

    def described(self, operation: str, told: Any, *, whole: Any = None) -> Json:
        """An answer, or (`whole` is given) a part of one, spelt as Step Functions spells it."""
        shape = self._shape(operation).output_shape
        if whole is not None and told is not whole:
            found = _shape_of(shape, whole, told)
            if found is None and isinstance(told, dict):  # put together out of parts
                return {self._spell(key): self.described(operation, part, whole=whole) for key, part in told.items()}
            shape = found
        return _response(shape, told, self._spell, numbers=self.entry is not None)

    def restored(self, shown: Json) -> Any:
        """botocore's answer again, out of what `shown` made of it."""
        given = shown if isinstance(shown, dict) else {}
        if self._adapted is not None:
            given = self._adapted.answer(given)
        return _request(self._shape(self.operation).output_shape, given, self._spell, "")

    def refused(self, error: Any) -> Failure:
        if (
            "<!doctype html>" in str(error.response.get("Error", {}).get("Message", "")).lower()
        ):  # no API answers so, but moto's server does
            cause = f"The sandbox has no {self.folder}:{error.operation_name}. Mock this state, or name an endpoint that has it (AWS_ENDPOINT_URL)."
            return Failure("Studio.Unsupported", cause)
        return _refused(error, self.client, self.folder, self.entry)

    def unreachable(self, error: Exception) -> Failure:
        from botocore.exceptions import ClientError, ParamValidationError
        from botocore.parsers import ResponseParserError

        if isinstance(error, ResponseParserError):
            cause = f"The answer of {self.folder}:{self.operation} cannot be read. Mock this state, or name another endpoint (AWS_ENDPOINT_URL)."
            return Failure("Studio.Unsupported", cause)
        if isinstance(error, ParamValidationError) and (broken := _constraints(str(error))):  # what AWS's services find themselves
            found = {"Error": {"Code": "ValidationException", "Message": broken}, "ResponseMetadata": {"RequestId": str(uuid.uuid4())}}
            return self.refused(ClientError(found, self.operation))  # pyright: ignore[reportArgumentType]
        prefix = _prefix(self.client, self.folder, self.entry)
        return Failure(f"{prefix}.SdkClientException", f"{error} (Service: {prefix}, Status Code: 0)")


def _constraints(report: str) -> str:
    """botocore's report of lengths and ranges as the services tell it; empty where there is more to it."""
    found = [_LIMIT.match(line) for line in report.splitlines()[1:]]
    told = [
        f"Value at '{action_name(match[2].rpartition('.')[2])}' failed to satisfy constraint: "
        + (
            f"Member must have length greater than or equal to {match[3]}"
            if match[1] == "length"
            else f"Member must have value greater than or equal to {match[3]}"
        )
        for match in found
        if match is not None
    ]
    if not told or len(told) < len(found):
        return ""
    return f"{len(told)} validation error{'s' if len(told) > 1 else ''} detected: {'; '.join(told)}"


def _shape_of(shape: Any, whole: Any, part: Any) -> Any:
    """The shape of a part of an answer, found by going down to it; None where it was put together from pieces."""
    if whole is part:
        return shape
    inner: list[tuple[Any, Any]] = []
    if isinstance(whole, dict):
        inner = [(shape.members[key], value) for key, value in whole.items() if shape.type_name == "structure" and key in shape.members]
    elif isinstance(whole, list) and shape.type_name == "list":
        inner = [(shape.member, value) for value in whole]
    return next((found for member, value in inner if (found := _shape_of(member, value, part)) is not None), None)


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
        case "integer" | "long" if isinstance(given, float) and given.is_integer():
            return int(given)
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


def _response(shape: Any, answer: Any, spell: Callable[[str], str], *, numbers: bool = False) -> Json:
    """A result as Step Functions shows it: spelt its way, bytes as text, times as text (of optimized integrations as milliseconds)."""
    match answer:
        case dict():
            members = getattr(shape, "members", None)
            value = getattr(shape, "value", None)
            found: dict[str, Json] = {}
            for key, inner in answer.items():
                if key == "ResponseMetadata":
                    continue
                if members is not None:
                    found[spell(key)] = _response(members.get(key), inner, spell, numbers=numbers)
                else:
                    found[key] = _response(value, inner, spell, numbers=numbers)
            return found
        case list() | tuple():
            return [_response(getattr(shape, "member", None), item, spell, numbers=numbers) for item in answer]
        case datetime() if numbers:
            return round(answer.timestamp() * 1000)
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
    headers = {str(name): str(value) for name, value in meta.get("HTTPHeaders", {}).items()}
    return metadata(headers, meta.get("HTTPStatusCode", 200), meta.get("RequestId", ""))


def _prefix(client: Any, folder: str, entry: Optimized | None) -> str:
    own = error_prefix(client.meta.service_model.service_id)
    return own if entry is None else _PREFIX.get(folder) or entry.error_prefix or own


def _refused(error: Any, client: Any, folder: str, entry: Optimized | None) -> Failure:
    """A service's refusal as a task tells it."""
    found, meta = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code = str(found.get("Code", "Unknown"))
    named = found.get("QueryErrorCode") or (_HEAD.get(error.operation_name) if code == "404" else None) or code.rpartition(".")[2]
    message, status, request = found.get("Message") or code, meta.get("HTTPStatusCode", 400), meta.get("RequestId", "")
    prefix = _prefix(client, folder, entry)
    modelled = {
        name: shape.name
        for shape in client.meta.service_model.error_shapes
        for name in (shape.name, exception_name(shape.name), str(shape.metadata.get("error", {}).get("code")).rpartition(".")[2])
    }
    if entry is None:  # what the model does not name is the SDK's one exception of the service
        name = sdk_exception_name(modelled[named]) if named in modelled else f"{prefix}Exception"
        extended = f", Extended Request ID: {meta.get('HostId') or request}" if folder == "s3" else ""
        return Failure(
            f"{prefix}.{name}",
            f"{message} (Service: {prefix}, Status Code: {status}, Request ID: {request}{extended}){'' if extended else ' (SDK Attempt Count: 1)'}",
        )
    name = exception_name(modelled[named]) if named in modelled else f"{_JAVA.get(folder, prefix).removesuffix('v2')}Exception"
    detail = f"(Service: {_JAVA.get(folder, prefix)}; Status Code: {status}; Error Code: {code}; Request ID: {request}; Proxy: null)"
    return Failure(f"{prefix}.{name}", f"{message} {detail}")


__all__ = ["endpoint_of", "performer", "target_of"]
