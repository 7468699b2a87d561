"""The processes of functions: started when a function is called, kept warm for the next call, ended when it overstays, crashes or its file changes.

Concurrency model: `Workers.call` blocks its thread; a worker serves one call at a time, so calls at the same time have a worker each, up to
`MOST`. A worker ends by itself when the studio does.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

MOST = 32
"""Functions that run at the same time; more wait for their turn."""
WARM = 4
"""Processes that are kept for longer than `IDLE` although nothing runs in them."""
IDLE = 10.0
"""Seconds after the last call until the others go."""
MAX_PRINTED = 2**20
"""Bytes of what one call printed that are kept: the last ones."""
_WORKER = Path(__file__).with_name("function_worker.py")


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker is for. `stamp` names the state of the files it has loaded; `memory` in MB; `variables` of the function's environment, AWS's
    of the studio's included; `outside`: services that are not sandboxed, None where boto3 is left alone.
    """

    path: Path
    stamp: tuple[tuple[str, int, int], ...]
    memory: int
    variables: tuple[tuple[str, str], ...]
    outside: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Reply:
    """How a call ended: `result` (JSON text) or `error` (as Lambda tells it), or `crash`, or in the end `overtime`."""

    result: str | None = None
    error: dict[str, Any] | None = None
    crash: str = ""
    overtime: bool = False
    printed: str = ""
    used: int = 0


class Printed:
    """What a worker prints: a file without a name, so that nothing is left of it however the studio ends."""

    def __init__(self) -> None:
        number, name = tempfile.mkstemp(prefix="asl-studio-function-", suffix=".log")
        self._name = Path(name)
        self._log = os.fdopen(number, "r+b", buffering=0)

    @contextmanager
    def writing(self) -> Generator[IO[bytes]]:
        """Its other end, for the process to be started with; from then on the file has no name, where the system can do that."""
        with self._name.open("ab") as log:
            self._unlink()
            yield log

    def take(self) -> str:
        """What was printed since the last look; the last `MAX_PRINTED` bytes of it."""
        try:
            size = self._log.seek(0, os.SEEK_END)
            self._log.seek(max(0, size - MAX_PRINTED))
            found = self._log.read().decode("utf-8", "replace")
            self._log.truncate(0)
        except (OSError, ValueError):  # closed meanwhile
            return ""
        return found if size <= MAX_PRINTED else f"… {size - MAX_PRINTED} bytes before this were left out\n{found}"

    def close(self) -> None:
        self._log.close()
        self._unlink()

    def _unlink(self) -> None:
        with suppress(OSError):  # Windows keeps the names of open files
            self._name.unlink()


class Worker:
    """One process, and the pipes to it."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._printed = Printed()
        self._overtime = False
        self._endpoint: str | None = None
        with self._printed.writing() as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own script
                [sys.executable, "-P", "-u", "-X", "utf8", str(_WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=setup.path.parent,
                env=_environment(setup),
                start_new_session=os.name == "posix",
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._out: IO[bytes] = self._process.stdin
        self._in: IO[bytes] = self._process.stdout
        self._send(
            {
                "path": str(setup.path),
                "folder": str(setup.path.parent),
                "name": setup.path.stem,
                "memory": setup.memory,
                "clients": str(_WORKER.with_name("function_clients.py")) if setup.outside is not None else None,
                "outside": sorted(setup.outside or ()),
            }
        )

    def call(self, message: dict[str, Any], seconds: float, address: Callable[[], str] | None) -> Reply:
        """Have the function answer an event within so many seconds."""
        timer = threading.Timer(max(0.0, seconds), self._expire)
        timer.daemon = True
        timer.start()
        told: dict[str, Any] | None = None
        try:
            self._send(message)
            while (told := self._receive()) is not None and "ask" in told:
                answer = _endpoint(address)
                self._endpoint = answer.get("endpoint")
                self._send(answer)
        except (OSError, ValueError):  # the process is gone
            told = None
        finally:
            timer.cancel()
        if told is None:
            code = self._end()
            return Reply(crash=_crash(code), overtime=self._overtime, printed=self._printed.take())
        reply = Reply(told.get("result"), told.get("error"), printed=self._printed.take(), used=int(told.get("memory", 0)))
        if told.get("over"):
            self.close()
        return reply

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def serves(self, address: Callable[[], str] | None) -> bool:
        """Whether the clients it has made, if any, call this address; what the address has to prepare for a run, it does when asked."""
        return self._endpoint is None or _endpoint(address) == {"endpoint": self._endpoint}

    def close(self) -> None:
        self.kill()
        self._end()
        self._printed.close()

    def _expire(self) -> None:
        self._overtime = True
        self.kill()

    def kill(self) -> None:
        if self._process.returncode is not None:  # the number may be another process's by now
            return
        with suppress(OSError, ProcessLookupError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)  # and what it has started
            else:
                self._process.kill()

    def _end(self) -> int:
        for pipe in (self._out, self._in):
            with suppress(OSError):
                pipe.close()
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired:  # it closed its pipes and lives on
            self.kill()
            return self._process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode("utf-8")
        self._out.write(len(body).to_bytes(4, "big") + body)
        self._out.flush()

    def _receive(self) -> dict[str, Any] | None:
        head = self._in.read(4)
        if len(head) < 4:
            return None
        size = int.from_bytes(head, "big")
        body = self._in.read(size)
        return json.loads(body) if len(body) == size else None


@dataclass(slots=True)
class Workers:
    """All workers of the studio."""

    _warm: list[Worker] = field(default_factory=list[Worker])
    _busy: list[Worker] = field(default_factory=list[Worker])
    _guarded: bool = False
    _ended: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _cooling: threading.Timer | None = None
    _turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST))

    def call(self, setup: Setup, message: dict[str, Any], limit: float, deadline: float | None, address: Callable[[], str] | None) -> Reply:
        """`limit` in seconds is the function's own, from when it starts; `deadline` (seconds since the epoch) the task's."""
        self.guard()
        wait = None if deadline is None else max(0.0, deadline - time.time())
        if not self._turns.acquire(timeout=wait):
            return Reply(overtime=True)
        try:
            if self._ended:
                return Reply(crash="The studio is ending")
            worker = self._take(setup, address)
            with self._lock:
                self._busy.append(worker)
            now = time.time()
            message = {**message, "deadline": now + limit}
            seconds = limit if deadline is None else min(limit, deadline - now)
            try:
                reply = worker.call(message, seconds, address)
            except BaseException:
                worker.close()
                raise
            finally:
                with self._lock:
                    self._busy.remove(worker)
            self._give_back(worker)
            return reply
        finally:
            self._turns.release()

    def _take(self, setup: Setup, address: Callable[[], str] | None) -> Worker:
        """A warm worker, or a new one; those that have loaded what the files no longer say end here."""
        while True:
            with self._lock:
                stale = [w for w in self._warm if not w.alive or (w.setup.path == setup.path and w.setup.stamp != setup.stamp)]
                found = next((w for w in self._warm if w not in stale and w.setup == setup), None)
                self._warm = [w for w in self._warm if w is not found and w not in stale]
            for worker in stale:
                worker.close()
            if found is None:
                return Worker(setup)
            if found.serves(address):
                return found
            found.close()

    def _give_back(self, worker: Worker) -> None:
        if not worker.alive:
            worker.close()
            return
        with self._lock:
            self._warm.append(worker)
            if self._cooling is None and len(self._warm) > WARM:
                self._cooling = threading.Timer(IDLE, self.cool)
                self._cooling.daemon = True
                self._cooling.start()

    def cool(self) -> None:
        """End the workers that wait, but for the last few."""
        with self._lock:
            over, self._warm = self._warm[:-WARM], self._warm[-WARM:]
            self._cooling = None
        for worker in over:
            worker.close()

    def guard(self) -> None:
        """Have the workers end before the threads that wait for them are waited for: nothing they run keeps the studio from its end."""
        with self._lock:
            if self._guarded:
                return
            self._guarded = True
        # Thread pools register there too, to wait for their threads, when they are imported; the last one registered goes first.
        importlib.import_module("concurrent.futures.thread")
        register = getattr(threading, "_register_atexit", None)
        if register is not None:
            with suppress(RuntimeError):  # the studio is ending
                register(self.end)

    def end(self) -> None:
        """Close for good: calls that still come are answered as if their process had ended."""
        self._ended = True
        self.close()

    def close(self) -> None:
        with self._lock:
            warm, self._warm = self._warm, []
            busy = list(self._busy)
            if self._cooling is not None:
                self._cooling.cancel()
                self._cooling = None
        for worker in busy:
            worker.kill()  # whoever waits for it cleans up
        for worker in warm:
            worker.close()


def stamp_of(path: Path) -> tuple[tuple[str, int, int], ...]:
    """The state of a function's files: those of its folder, for they may be imported."""
    found: list[tuple[str, int, int]] = []
    for file in sorted(path.parent.rglob("*.py")):
        with suppress(OSError):
            stat = file.stat()
            found.append((str(file.relative_to(path.parent)), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def aws_variables() -> dict[str, str]:
    """What of the studio's environment a worker must have been started with."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


def _environment(setup: Setup) -> dict[str, str]:
    """The studio's, and what Lambda sets."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_LAMBDA_FUNCTION_NAME": setup.path.stem,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(setup.memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{setup.path.stem}",
        "LAMBDA_TASK_ROOT": str(setup.path.parent),
        **dict(setup.variables),
    }


def _endpoint(address: Callable[[], str] | None) -> dict[str, Any]:
    assert address is not None
    try:
        return {"endpoint": address()}
    except Exception as error:  # told to the function, whose client cannot be made
        return {"problem": f"The sandbox cannot be reached: {error}"}


def _crash(code: int) -> str:
    """How a process ended, in Lambda's words."""
    if code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    try:
        what = (signal.strsignal(-code) or str(-code)).lower()
    except ValueError:
        what = str(-code)
    return f"Runtime exited with error: signal: {what}"


WORKERS = Workers()
atexit.register(WORKERS.close)
