"""The process that runs one Lambda function: a script of its own, the standard library alone, so that it starts as quickly as Python does.

Theory of operation: messages are four bytes of length (big endian) and JSON. The first that comes in is the setup

    {"path": ".../functions/NAME.py", "folder": …, "name": NAME, "memory": MB, "clients": path of function_clients.py | null, "outside": [service]}

then each `{"event": …, "requestId": …, "deadline": seconds since the epoch, "arn": …}` is answered by `{"result": JSON text, "memory": MB}`
or `{"error": {"errorMessage", "errorType", "requestId", "stackTrace"}, "memory": MB}`; between the two, `{"ask": "endpoint"}` asks where AWS's services
are, answered by `{"endpoint": URL}` or `{"problem": text}`. What the function prints goes to the process's standard error, which is a file of
the studio's.

Concurrency model: the main thread runs the handler, one event at a time; a thread reads the messages and ends the process when the studio
is gone.
"""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

MAX_ANSWER = 6_291_556
"""Bytes of JSON that a function may answer."""


class Studio:
    """The connection to the studio: messages in (events, endpoints) and out."""

    def __init__(self, reads: BinaryIO, writes: BinaryIO) -> None:
        self._reads, self._writes = reads, writes
        self._lock = threading.Lock()
        self.events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._endpoints: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._known: str | None = None

    def listen(self) -> None:
        while True:
            head = self._reads.read(4)
            body = self._reads.read(int.from_bytes(head, "big")) if len(head) == 4 else b""
            if not body:  # the studio has ended
                os._exit(0)
            message = json.loads(body)
            (self.events if "event" in message or "path" in message else self._endpoints).put(message)

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode("utf-8")
        with self._lock:
            self._writes.write(len(body).to_bytes(4, "big") + body)
            self._writes.flush()

    def endpoint(self) -> str:
        """Where AWS's services are on this machine; asked for when the first client is made."""
        if self._known is None:
            self.send({"ask": "endpoint"})
            told = self._endpoints.get()
            if "problem" in told:
                raise RuntimeError(told["problem"])
            self._known = told["endpoint"]
        assert self._known is not None
        return self._known


class Context:
    """Lambda's context object."""

    def __init__(self, setup: dict[str, Any], event: dict[str, Any]) -> None:
        self.function_name: str = setup["name"]
        self.function_version = "$LATEST"
        self.invoked_function_arn: str = event["arn"]
        self.memory_limit_in_mb = str(setup["memory"])
        self.aws_request_id: str = event["requestId"]
        self.log_group_name = f"/aws/lambda/{setup['name']}"
        self.log_stream_name = "local"
        self.identity = None
        self.client_context = None
        self._deadline: float = event["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))


class Refused(Exception):  # noqa: N818 - Lambda's own word for it follows in `error_type`
    """What Lambda's runtime says of a function that cannot be loaded or whose answer cannot be sent."""

    def __init__(self, error_type: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.error_type, self.trace = error_type, trace or []


def limit_memory(megabytes: int) -> None:
    """What the function may ask for beyond what the interpreter has at its start; nothing where the system knows no such limit."""
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123 - pathlib would be loaded for this alone
            start = int(pages.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        start = 512 * 2**20
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = start + megabytes * 2**20
    try:
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    except (OSError, ValueError):  # systems that know the limit's name only
        return


def memory_used() -> int:
    """Megabytes at the most so far."""
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (2**20 if sys.platform == "darwin" else 2**10)


def load(setup: dict[str, Any]) -> Callable[[Any, Context], Any]:
    """The function's `handler`. It may import the other files of its folder; a function named as a library of Python's hides it from none."""
    name = setup["name"]
    sys.path.append(setup["folder"])
    spec = importlib.util.spec_from_file_location(f"asl_studio_function_{name}", setup["path"])
    if spec is None or spec.loader is None:
        raise Refused("Runtime.ImportModuleError", f"Unable to import module '{name}': {setup['path']} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        line = f'  File "{shown(str(error.filename), setup)}" Line {error.lineno}\n    {error.text or ""}'
        raise Refused("Runtime.UserCodeSyntaxError", f"Syntax error in module '{name}': {error}", [line]) from error
    except ImportError as error:
        raise Refused("Runtime.ImportModuleError", f"Unable to import module '{name}': {error}") from error
    handler = getattr(module, "handler", None)
    if not callable(handler):
        raise Refused("Runtime.HandlerNotFound", f"Handler 'handler' missing on module '{name}'")
    return handler


def answer(handler: Callable[[Any, Context], Any], event: Any, context: Context) -> str:
    """The handler's answer as JSON text."""
    result = handler(event, context)
    try:
        text = json.dumps(result, ensure_ascii=False, allow_nan=False, default=number)
        size = len(text.encode("utf-8"))
    except (TypeError, ValueError, RecursionError) as error:
        raise Refused("Runtime.MarshalError", f"Unable to marshal response: {error}") from error
    if size > MAX_ANSWER:
        raise Refused(
            "Function.ResponseSizeTooLarge",
            f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({MAX_ANSWER} bytes).",
        )
    return text


def number(value: Any) -> int | float:
    """DynamoDB's numbers as JSON's, as Lambda's runtime does it. Errors: TypeError for anything else."""
    if type(value).__name__ == "Decimal":
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def told(error: BaseException, setup: dict[str, Any], request: str) -> dict[str, Any]:
    """An exception as Lambda's runtime for Python tells it; printed too, as there."""
    if isinstance(error, Refused):
        found = {"errorMessage": str(error), "errorType": error.error_type, "requestId": request, "stackTrace": error.trace}
        if error.error_type == "Function.ResponseSizeTooLarge":
            found = {"errorMessage": found["errorMessage"], "errorType": found["errorType"]}
    else:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__ and not f.filename.startswith("<frozen")]
        trace = [f'  File "{shown(f.filename, setup)}", line {f.lineno}, in {f.name}\n    {f.line}\n' for f in frames]
        found = {"errorMessage": str(error), "errorType": type(error).__name__, "requestId": request, "stackTrace": trace}
    lines = "".join(str(line) for line in found.get("stackTrace", []))
    trace_text = f"Traceback (most recent call last):\n{lines}" if lines else ""
    sys.stdout.write(f"[ERROR] {found['errorType']}: {found['errorMessage']}\n{trace_text}\n")
    return found


def shown(file: str, setup: dict[str, Any]) -> str:
    """A file of the function's folder where Lambda has it."""
    folder = setup["folder"].rstrip(os.sep) + os.sep
    return f"/var/task/{file[len(folder) :].replace(os.sep, '/')}" if file.startswith(folder) else file


class Boto3:
    """Finds `boto3` when the function imports it, so that the clients it makes call the studio's services."""

    def __init__(self, studio: Studio, setup: dict[str, Any]) -> None:
        self._studio, self._setup = studio, setup

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "boto3":
            return None
        from importlib.machinery import PathFinder

        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module: Any) -> None:
                run(module)
                clients = importlib.util.spec_from_file_location("asl_studio_function_clients", self._setup["clients"])
                assert clients is not None
                assert clients.loader is not None
                made = importlib.util.module_from_spec(clients)
                clients.loader.exec_module(made)
                made.install(self._studio.endpoint, frozenset(self._setup["outside"]))

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def log_as_lambda() -> None:
    """The root logger, as Lambda's runtime sets it up: to the log, warnings and worse."""
    import logging

    handler = logging.StreamHandler(sys.stdout)
    form = logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(message)s", "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler.setFormatter(form)
    logging.getLogger().addHandler(handler)


def main() -> None:
    writes = os.fdopen(os.dup(1), "wb")
    reads = os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)  # what the function prints, and what it calls prints
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    studio = Studio(reads, writes)
    threading.Thread(target=studio.listen, daemon=True).start()
    setup = studio.events.get()
    if setup["clients"] is not None:
        sys.meta_path.insert(0, Boto3(studio, setup))  # type: ignore[arg-type]
    log_as_lambda()
    limit_memory(setup["memory"])
    handler: Callable[[Any, Context], Any] | None = None
    while True:
        event = studio.events.get()
        request = event["requestId"]
        try:
            if handler is None:
                handler = load(setup)
            reply: dict[str, Any] = {"result": answer(handler, event["event"], Context(setup, event))}
        except SystemExit as end:
            sys.stdout.flush()
            os._exit(end.code if isinstance(end.code, int) else int(end.code is not None))
        except MemoryError:  # Lambda ends a function that wants more than it has
            handler = None
            message = f"RequestId: {request} Error: Runtime exited with error: signal: killed"
            reply = {"error": {"errorType": "Runtime.OutOfMemory", "errorMessage": message}, "over": True}
        except BaseException as error:  # whatever the function raises is its answer
            reply = {"error": told(error, setup, request)}
        sys.stdout.flush()
        sys.stderr.flush()
        studio.send({**reply, "memory": memory_used()})


if __name__ == "__main__":
    main()
