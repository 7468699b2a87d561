"""Lambda functions as Python files: `functions/NAME.py` with `handler(event, context)` answers for the function NAME.

Results and errors look as Lambda's do: `lambda:invoke` wraps the result in `Payload`, an exception fails the task with its class as the
error and `{"errorMessage", "errorType", "stackTrace"}` as the cause.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import threading
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.exec.effects import RunTask
from studio.exec.performers.mock import Answer, Returned

_NAME = re.compile(r"^[A-Za-z0-9_-]{1,140}$")


def function_name(effect: RunTask) -> str | None:
    """The function a task calls, without ARN and qualifier; None where it cannot be told."""
    target: Json = effect.resource.arn if effect.resource.kind == "lambda" else None
    if target is None and isinstance(effect.arguments, dict):
        target = effect.arguments.get("FunctionName")
    if not isinstance(target, str):
        return None
    name = target.split(":function:")[-1].split(":")[0] if ":function:" in target else target.split(":")[0]
    return name if _NAME.match(name) else None


def performer_for(folder: Path, effect: RunTask, aws: Callable[[], str] | None = None) -> Callable[[RunTask], Answer] | None:
    """A performer for a task whose function has a file, else None. The function's boto3 clients call the services at `aws`, if given."""
    name = function_name(effect)
    path = folder / f"{name}.py" if name else None
    if path is None or not path.is_file():
        return None

    def perform(task: RunTask) -> Answer:
        if aws is None:
            return call(path, task)
        from studio.exec.performers.function_clients import calling

        with calling(aws):
            return call(path, task)

    return perform


def call(path: Path, effect: RunTask) -> Answer:
    wrapped = effect.resource.kind != "lambda"
    event: Json = effect.arguments
    if wrapped:
        event = effect.arguments.get("Payload") if isinstance(effect.arguments, dict) else None
        if isinstance(event, str):  # a text is sent as it is: Lambda reads it as JSON
            try:
                event = json.loads(event)
            except ValueError as error:
                return Failure(
                    "Lambda.InvalidRequestContentException",
                    f"Could not parse request body into json: {error} (Service: Lambda, Status Code: 400)",
                )
        event = {} if event is None else event
    try:
        module = _load(path)
        result = module.handler(json.loads(json.dumps(event)), _Context(path.stem))
        value: Json = json.loads(json.dumps(result))
    except Exception as error:  # whatever the function raises is its answer
        return Failure(type(error).__name__, _cause(error, path))
    if not wrapped:
        return Returned(value)
    answer: dict[str, Json] = {"ExecutedVersion": "$LATEST", "Payload": value, "StatusCode": 200}
    if isinstance(effect.arguments, dict) and effect.arguments.get("LogType") == "Tail":
        answer = {"ExecutedVersion": "$LATEST", "LogResult": _log_tail(), **answer}
    return Returned(answer)


def _log_tail() -> str:
    import base64

    number = uuid.uuid4()
    return base64.b64encode(f"START RequestId: {number} Version: $LATEST\nEND RequestId: {number}\n".encode()).decode()


class _Context:
    """The parts of Lambda's context object that functions use."""

    def __init__(self, name: str) -> None:
        self.function_name = name
        self.function_version = "$LATEST"
        self.aws_request_id = str(uuid.uuid4())
        self.memory_limit_in_mb = 128
        self.invoked_function_arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


_loaded: dict[Path, tuple[float, ModuleType]] = {}
_loading = threading.Lock()
"""One function at a time: what may be imported is the process's."""


def _load(path: Path) -> ModuleType:
    """The function's module; read again when a file of its folder has changed. As on Lambda, it may import other files of the folder."""
    stamp = max(file.stat().st_mtime for file in path.parent.glob("*.py"))
    known = _loaded.get(path)
    if known is not None and known[0] == stamp:
        return known[1]
    spec = importlib.util.spec_from_file_location(f"asl_studio_function_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    folder = str(path.parent)
    with _loading:
        written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        sys.path.insert(0, folder)
        try:
            spec.loader.exec_module(module)
        finally:
            sys.path.remove(folder)
            sys.dont_write_bytecode = written
            for name, other in list(sys.modules.items()):  # another folder may have a file of the same name
                if str(getattr(other, "__file__", None) or "").startswith(folder + os.sep):
                    del sys.modules[name]
    if not callable(getattr(module, "handler", None)):
        raise TypeError(f"{path.name} has no function handler(event, context)")
    _loaded[path] = (stamp, module)
    return module


def _cause(error: Exception, path: Path) -> str:
    trace: list[Json] = [
        f'  File "/var/task/{path.name}", line {f.lineno}, in {f.name}\n    {f.line}\n'
        for f in traceback.extract_tb(error.__traceback__)
        if f.filename == str(path)
    ]
    told: dict[str, Json] = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": str(uuid.uuid4()),
        "stackTrace": trace,
    }
    return to_aws_text(told)
