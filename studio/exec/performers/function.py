"""Lambda functions as Python files: `functions/NAME.py` with `handler(event, context)` answers for the function NAME.

A function runs in a process of its own (`function_workers`), with Lambda's limits. `functions/NAME.json` may say, in Lambda's words,

    {"Timeout": 900, "MemorySize": 1024, "Environment": {"Variables": {"NAME": "value"}}}          seconds, MB; these are the defaults

Results and errors look as Lambda's do: `lambda:invoke` wraps the result in `Payload`; an exception fails the task with its class as the
error and `{"errorMessage", "errorType", "requestId", "stackTrace"}` as the cause.

Errors: the exception's class; `Runtime.ImportModuleError`, `Runtime.UserCodeSyntaxError`, `Runtime.HandlerNotFound`, `Runtime.MarshalError`,
`Function.ResponseSizeTooLarge` (over 6 MB); `Runtime.ExitError` (the process crashed), `Runtime.OutOfMemory`, `Sandbox.Timedout` (the function's own
limit), `States.Timeout` (the task's), `Lambda.Unknown` (an error without a type); `Studio.FunctionConfiguration`.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.errors import WorkspaceError
from studio.exec.effects import RunTask
from studio.exec.performers.mock import Answer, Returned

if TYPE_CHECKING:
    from studio.exec.performers import function_logs, function_workers

MAX_SECONDS = 900
MEMORY = 1024
NAME = re.compile(r"[A-Za-z0-9_-]{1,140}\Z")
"""What a function may be called."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A function's limits (seconds, MB) and environment variables."""

    timeout: int = MAX_SECONDS
    memory: int = MEMORY
    variables: tuple[tuple[str, str], ...] = ()


def function_name(effect: RunTask) -> str | None:
    """The function a task calls, without ARN and qualifier; None where it cannot be told."""
    if effect.resource.kind == "lambda":
        return name_in(effect.resource.arn)
    return name_in(effect.arguments.get("FunctionName")) if isinstance(effect.arguments, dict) else None


def name_in(target: Json) -> str | None:
    """A function's own name, out of its name or ARN; None where it is neither."""
    if not isinstance(target, str):
        return None
    name = target.split(":function:")[-1].split(":")[0] if ":function:" in target else target.split(":")[0]
    return name if NAME.match(name) else None


def performer_for(folder: Path, effect: RunTask, aws: Callable[[], str] | None = None) -> Callable[[RunTask], Answer] | None:
    """A performer for a task whose function has a file, else None. The function's boto3 clients call the services at `aws`, if given."""
    name = function_name(effect)
    path = folder / f"{name}.py" if name else None
    if path is None or not path.is_file():
        return None
    return lambda task: call(path.absolute(), task, aws)


def missing(folder: Path | None, effect: RunTask) -> str | None:
    """Which file to write for a task's function; None where the task calls no function that can be told."""
    name = function_name(effect)
    if name is None:
        return None
    where = f"{folder.name}/{name}.py" if folder is not None else f"functions/{name}.py"
    return f"Or create {where} beside the workflow, with a function handler(event, context): it answers for the Lambda function {name}."


def skeleton(name: str) -> str:
    """What a new `functions/NAME.py` holds."""
    return f'''"""Stands in for the Lambda function {name} when the workflow runs on this machine."""


def handler(event, context):
    print("event:", event)
    return event
'''


def create(folder: Path, name: str) -> Path:
    """Write the skeleton of a function. Errors: WorkspaceError for a name Lambda does not allow and a file that is there already."""
    if not NAME.match(name):
        raise WorkspaceError(f"'{name}' is no name of a Lambda function.", "Use letters, digits, - and _, at most 140.")
    path = folder / f"{name}.py"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(skeleton(name))
    except FileExistsError as error:
        raise WorkspaceError(f"{folder.name}/{name}.py is there already.") from error
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be written: {error.strerror or error}.") from error
    return path


def call(path: Path, effect: RunTask, aws: Callable[[], str] | None = None) -> Answer:
    """Have a function's file answer a task."""
    from studio.exec.performers.sandbox import BY_NAME_ONLY

    wrapped = effect.resource.kind != "lambda"
    how = effect.arguments.get("InvocationType") if wrapped and isinstance(effect.arguments, dict) else None
    if how not in {None, "RequestResponse"}:
        cause = f"A function's file is called and waited for; InvocationType {how} is not imitated. Mock this state, or name an emulator (AWS_ENDPOINT_URL_LAMBDA)."
        return Failure("Studio.Unsupported", cause)
    event = _event(effect) if wrapped else effect.arguments
    if isinstance(event, Failure):
        return event
    config = configuration(path)
    if isinstance(config, Failure):
        return config
    from studio.exec.performers import function_logs, function_workers  # processes: not for who only asks whether there is a function

    request = str(uuid.uuid4())
    variables = tuple(sorted((function_workers.aws_variables() | dict(config.variables)).items()))
    outside = BY_NAME_ONLY if aws is not None else None
    setup = function_workers.Setup(path, function_workers.stamp_of(path), config.memory, variables, outside)
    arn = f"arn:aws:lambda:{effect.resource.region or 'us-east-1'}:123456789012:function:{path.stem}"
    started = time.monotonic()
    reply = function_workers.WORKERS.call(
        setup, {"event": event, "requestId": request, "arn": arn}, float(config.timeout), effect.deadline, aws
    )
    done = function_logs.Invocation(request, reply.printed, time.monotonic() - started, config.memory, reply.used)
    payload = _error(reply, request, config, effect)
    if payload is not None and not reply.error:
        done = function_logs.Invocation(request, f"{reply.printed}{payload['errorMessage']}\n", done.seconds, done.memory, done.used)
    function_logs.keep(path.parent, path.stem, done)
    if payload is not None:
        return Failure("States.Timeout", "") if payload["errorType"] == "States.Timeout" else failure_of(payload, to_aws_text(payload))
    value: Json = json.loads(reply.result or "null")
    return Returned(_wrapped(value, effect, request, len((reply.result or "null").encode()), done) if wrapped else value)


def failure_of(payload: Json, text: str) -> Failure:
    """A function's error as Step Functions tells it; `text` is the payload as it came."""
    name = payload.get("errorType") if isinstance(payload, dict) else None
    if isinstance(name, str) and name:
        return Failure(name, text)
    return Failure(
        "Lambda.Unknown", f"The cause could not be determined because Lambda did not return an error type. Returned payload: {text}"
    )


def configuration(path: Path) -> Configuration | Failure:
    """What `NAME.json` beside a function's file says."""
    file = path.with_suffix(".json")
    if not file.is_file():
        return Configuration()
    try:
        held: Any = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        return Failure("Studio.FunctionConfiguration", f"{file.name} cannot be read: {error}.")
    problem = f'{file.name} holds an object with Timeout (1 to {MAX_SECONDS} seconds), MemorySize (128 to 10240 MB) and Environment {{"Variables": …}}'
    match held:
        case {**rest} if rest.keys() <= {"Timeout", "MemorySize", "Environment"}:
            given = cast("dict[str, Any]", rest)
        case _:
            return Failure("Studio.FunctionConfiguration", f"{problem}, and nothing else.")
    timeout, memory = given.get("Timeout", MAX_SECONDS), given.get("MemorySize", MEMORY)
    environment: Any = given.get("Environment", {})
    variables: Any = cast("dict[str, Any]", environment).get("Variables", {}) if isinstance(environment, dict) else None
    if not _whole(timeout, 1, MAX_SECONDS) or not _whole(memory, 128, 10240):
        return Failure("Studio.FunctionConfiguration", f"{problem}: a number is out of its range.")
    if not isinstance(variables, dict) or not all(isinstance(v, str) for v in cast("dict[str, Any]", variables).values()):
        return Failure("Studio.FunctionConfiguration", f"{problem}: variables are texts by name.")
    return Configuration(timeout, memory, tuple(sorted(cast("dict[str, str]", variables).items())))


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _event(effect: RunTask) -> Json | Failure:
    """The event of `lambda:invoke`: its Payload, an empty object where there is none."""
    event: Json = effect.arguments.get("Payload") if isinstance(effect.arguments, dict) else None
    if isinstance(event, str):  # a text is sent as it is: Lambda reads it as JSON
        from studio.asl.java import request_error

        if (problem := request_error(event)) is not None:
            detail = (
                f"Service: AWSLambda; Status Code: 400; Error Code: InvalidRequestContentException; Request ID: {uuid.uuid4()}; Proxy: null"
            )
            return Failure("Lambda.InvalidRequestContentException", f"Could not parse request body into json: {problem} ({detail})")
        event = json.loads(event)
    return {} if event is None else event


def _error(reply: function_workers.Reply, request: str, config: Configuration, effect: RunTask) -> dict[str, Json] | None:
    """The error of a call, as Lambda's payload; None where there is a result. The task's own timeout has the type `States.Timeout`."""
    if reply.overtime:
        if effect.deadline is not None and time.time() >= effect.deadline:
            return {"errorType": "States.Timeout", "errorMessage": "The task's time was over before the function had answered."}
        return {
            "errorType": "Sandbox.Timedout",
            "errorMessage": f"RequestId: {request} Error: Task timed out after {config.timeout}.00 seconds",
        }
    if reply.crash:
        return {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request} Error: {reply.crash}"}
    return reply.error


def _wrapped(value: Json, effect: RunTask, request: str, size: int, done: function_logs.Invocation) -> Json:
    """A result as `lambda:invoke` answers it."""
    from studio.exec.performers import sdk_metadata

    answer: dict[str, Json] = {"ExecutedVersion": "$LATEST"}
    if isinstance(effect.arguments, dict) and effect.arguments.get("LogType") == "Tail":
        answer["LogResult"] = done.tail()
    return {**answer, "Payload": value, **sdk_metadata.of_function(request, size), "StatusCode": 200}


__all__ = ["call", "configuration", "create", "failure_of", "function_name", "missing", "performer_for", "skeleton"]
