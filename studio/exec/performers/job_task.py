"""A `.sync` task under way: the job is started, looked at until it has ended (`jobs` says how), and stopped where nobody waits for it any more.

Theory of operation: calling a JobTask blocks until there is an answer. `told` hears what the start answered, which becomes the task's
`TaskSubmitted` event; after a crash `before` is that answer, and the job that runs already is waited for instead of starting another one.
Between two looks pass `FIRST` seconds in the sandbox; at AWS more each time, up to `SLOWEST`.

Concurrency model: called in a thread of its own; `cancel` comes from any other one. A cancelled task answers nothing that anybody reads.

Errors: the service's own for the start; `States.TaskFailed` with the job's description as the cause; the service's for a look that is refused.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.exec.effects import RunTask
from studio.exec.performers.jobs import Job, verdict
from studio.exec.performers.mock import Returned

FIRST = 0.2
SLOWEST = 30.0
GROWTH = 1.5


class JobTask:
    """`service` calls the API behind the integration (`aws_sdk.Service`)."""

    def __init__(self, service: Any, job: Job, *, real: bool) -> None:
        self._service, self._job, self._real = service, job, real
        self._stopped = threading.Event()
        self.told: Callable[[Json], None] = lambda _answer: None
        self.before: Json = None

    def __call__(self, effect: RunTask) -> Returned | Failure:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        given = self._job.managed(self._service.request(effect.arguments))
        try:
            started = self._service.restored(self.before) if self.before else self._service.call(given)
            if not self.before:
                self.told(self._service.shown(started))
            if self._service.folder == "ecs" and not started.get("tasks"):
                return Failure("AmazonECS.Unknown", to_aws_text(self._service.described(self._service.operation, started)))
            return self._waited(given, started)
        except ClientError as error:
            return self._service.refused(error)
        except (BotoCoreError, ResponseParserError) as error:
            return self._service.unreachable(error)

    def _waited(self, given: dict[str, Any], started: Any) -> Returned | Failure:
        from botocore.exceptions import ClientError

        asked = {name: value for name, value in self._job.ask(given, started).items() if value is not None}
        pause, last = (2.0 if self._real else FIRST), {}
        while not self._stopped.is_set():
            try:
                last = self._service.ask(self._job.poll, asked)
            except ClientError as error:
                if self._job.gone and error.response.get("Error", {}).get("Code") == self._job.gone:
                    return Returned(self._service.described(self._job.poll, self._job.result(last), whole=last))
                raise
            found = verdict(self._job, last)
            if found.ended is not None:
                told = self._service.described(self._job.poll, found.job, whole=last)
                return Returned(told) if found.ended else Failure("States.TaskFailed", to_aws_text(told))
            if self._stopped.wait(pause):
                break
            pause = min(pause * GROWTH, SLOWEST) if self._real else pause
        self._stop(given, started)
        return Failure("States.Runtime", "The task was given up.")

    def cancel(self) -> None:
        """Nobody waits for the job any more: have it stopped, as well as its service can."""
        self._stopped.set()

    def _stop(self, given: dict[str, Any], started: Any) -> None:
        if self._job.stop is not None:
            operation, parameters = self._job.stop
            with suppress(Exception):  # best effort, as AWS says of its own
                self._service.ask(operation, parameters(given, started))


__all__ = ["JobTask"]
