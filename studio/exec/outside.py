"""Tasks that are answered from outside: callbacks by their token, activities by workers, other executions by their end.

Theory of operation: everything here follows from the frames of the running executions. A token names its frame (`exec.tokens`), so open
tokens need no table; an activity's queue is rebuilt when its executions are resumed; an execution that a task started is found again by
the ARN in the task's `TaskSubmitted` event, or by its name.

Concurrency model: all methods but the futures' consumers run in the engine's thread.

Errors: `ServiceError` with AWS's codes `InvalidToken`, `TaskTimedOut`, `ActivityDoesNotExist`.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.catalogue.naming import exception_name
from studio.errors import ServiceError
from studio.exec import decide as core
from studio.exec import tokens
from studio.exec.effects import RunTask
from studio.exec.machine import Resource
from studio.exec.performers.sdk_metadata import of_start
from studio.store.eventlog import EventLog, Row

if TYPE_CHECKING:
    from studio.exec.run import Frame
    from studio.exec.scheduler import Live, Scheduler

_NAMESPACE = uuid.UUID("6f7c1f3e-0a55-5d43-9c53-2f1f1b3a2d10")


class Engine(Protocol):
    """What nested executions need of the engine."""

    log: EventLog

    def begin(self, machine_arn: str, name: str, text: str, parent: Live, state: str) -> Row: ...


class Outside:
    """The waiting tasks of all running executions."""

    def __init__(self, scheduler: Scheduler, engine: Engine) -> None:
        self._scheduler = scheduler
        self._engine = engine
        self._queues: dict[str, deque[tuple[Live, int, int]]] = {}
        self._pollers: dict[str, deque[tuple[Future[dict[str, Any]], str]]] = {}
        self._nested: dict[tuple[str, int], str] = {}
        """(execution, frame) -> the execution its `.sync` task waits for."""

    # -- tasks that come ---------------------------------------------------------------------------------------------
    def take(self, live: Live, effect: RunTask) -> bool:
        """Whether the task is one of ours; then it waits here."""
        resource = effect.resource
        if resource.kind == "activity":
            self._offer(live, effect.frame, effect.attempt, resource.arn)
        elif resource.nested:
            self._scheduler.call(lambda: self._start(live, effect))  # in a turn of its own: a resumed child may come after its parent
        elif resource.pattern == "waitForTaskToken" and not live.world.performs(effect):
            core.task_submitted(live.run, effect.frame, effect.attempt, {}, live.clock.now())
            self._scheduler.wake(live)
        else:
            return False
        return True

    def cancel(self, live: Live, frame: int) -> None:
        """The task of a frame is no longer waited for: an execution that it started is stopped with it."""
        arn = self._nested.pop((live.run.identity.arn, frame), None)
        child = self._scheduler.live.get(arn) if arn else None
        if child is not None:
            core.stop(child.run, child.clock.now())
            self._scheduler.wake(child)

    # -- tokens ------------------------------------------------------------------------------------------------------
    def _found(self, token: str) -> tuple[Live, Frame]:
        named = tokens.read(token)
        if named is None:
            raise ServiceError("InvalidToken", "Invalid Token: 'Invalid token'")
        live = self._scheduler.live.get(named.arn)
        frame = live.run.frames.get(named.frame) if live is not None else None
        if live is None or frame is None or frame.token != token or frame.phase != "running":
            raise ServiceError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        return live, frame

    def succeed(self, token: str, output: Json) -> None:
        live, frame = self._found(token)
        core.task_succeeded(live.run, frame.id, frame.attempt, output, live.clock.now())
        self.cancel(live, frame.id)
        self._scheduler.settle(live)

    def fail(self, token: str, error: str, cause: str) -> None:
        live, frame = self._found(token)
        core.task_failed(live.run, frame.id, frame.attempt, Failure(error, cause), live.clock.now())
        self.cancel(live, frame.id)
        self._scheduler.settle(live)

    def beat(self, token: str) -> None:
        live, frame = self._found(token)
        core.heartbeat(live.run, frame.id, frame.attempt, live.clock.now())
        self._scheduler.settle(live)

    def open_tasks(self) -> list[dict[str, Any]]:
        """Every task that waits for somebody outside, oldest first: a local extension for the tasks page.

        `{taskToken, executionArn, stateName, resource, input, since, kind: callback | activity, workerName?, deadline?, workflow?}`; an
        activity that no worker has taken has an empty token. Times in seconds since the epoch.
        """
        found: list[dict[str, Any]] = []
        for live in self._scheduler.live.values():
            for frame in live.run.frames.values():
                if frame.phase == "running" and frame.state is not None and frame.state.resource is not None:
                    found += self._described(live, frame, frame.state.resource)
        return sorted(found, key=lambda task: task["since"])

    def _described(self, live: Live, frame: Frame, resource: Resource) -> list[dict[str, Any]]:
        if resource.kind != "activity" and (resource.pattern != "waitForTaskToken" or "submitted" not in frame.data):
            return []
        assert frame.state is not None
        return [
            {
                "taskToken": frame.token,
                "executionArn": live.run.identity.arn,
                "stateName": frame.state.name,
                "resource": resource.arn,
                "kind": "activity" if resource.kind == "activity" else "callback",
                "input": to_aws_text(frame.data["arguments"]),
                "since": frame.entered_at,
                "deadline": min((t for t in (frame.deadline, frame.heartbeat) if t is not None), default=None),
                "workerName": frame.data.get("worker"),
                "workflow": live.meta.get("workflow"),
            }
        ]

    # -- activities --------------------------------------------------------------------------------------------------
    def _offer(self, live: Live, frame: int, attempt: int, arn: str) -> None:
        pollers = self._pollers.get(arn)
        while pollers:
            waiting, worker = pollers.popleft()
            if waiting.set_running_or_notify_cancel() and (task := self._hand_out(live, frame, attempt, worker)) is not None:
                waiting.set_result(task)
                return
        self._queues.setdefault(arn, deque()).append((live, frame, attempt))

    def poll(self, arn: str, worker: str) -> Future[dict[str, Any]]:
        """The next task of an activity, at once or when one comes. Cancel the future to wait no longer."""
        waiting: Future[dict[str, Any]] = Future()
        queue = self._queues.get(arn)
        while queue:
            live, frame, attempt = queue.popleft()
            if (task := self._hand_out(live, frame, attempt, worker)) is not None:
                waiting.set_result(task)
                return waiting
        self._pollers.setdefault(arn, deque()).append((waiting, worker))
        return waiting

    def _hand_out(self, live: Live, frame: int, attempt: int, worker: str) -> dict[str, Any] | None:
        """A task for a worker; None where it is no longer there to be done."""
        token = tokens.make(str(uuid.uuid4()), live.run.identity.arn, frame, attempt)
        if not core.activity_started(live.run, frame, attempt, worker, token, live.clock.now()):
            return None
        given = live.run.frames[frame].data["arguments"]
        self._scheduler.settle(live)
        return {"taskToken": token, "input": to_aws_text(given)}

    # -- other executions --------------------------------------------------------------------------------------------
    def _start(self, live: Live, effect: RunTask) -> None:
        """Start the execution a task asks for, or find the one it started before a crash."""
        frame = live.run.frames.get(effect.frame)
        if frame is None or frame.phase != "running" or frame.attempt != effect.attempt:
            return
        before: Any = frame.data.get("submitted")
        try:
            row = self._engine.log.get(before["ExecutionArn"]) if before else self._begun(live, effect)
        except ServiceError as error:
            self._answer(live, effect, _refused(error))
            return
        if row is None:
            self._answer(live, effect, Failure("States.TaskFailed", "The execution that the task waited for is no longer there."))
            return
        started: Json = {"ExecutionArn": row.arn, **of_start(str(uuid.uuid4()), row.arn), "StartDate": round(row.started * 1000)}
        if not effect.resource.pattern:
            self._answer(live, effect, started)
            return
        if not before:
            core.task_submitted(live.run, effect.frame, effect.attempt, started, live.clock.now())
            self._scheduler.settle(live)
        if effect.resource.pattern != "waitForTaskToken":
            self._await(live, effect, row.arn)

    def _begun(self, live: Live, effect: RunTask) -> Row:
        given = effect.arguments if isinstance(effect.arguments, dict) else {}
        name = given.get("Name")
        if name is None:  # the same name when asked again, so that a crash starts nothing twice
            task = f"{live.run.identity.arn}:{effect.frame}:{effect.state.name}:{effect.ordinal}:{effect.attempt}"
            name = str(uuid.uuid5(_NAMESPACE, task))
        value = given.get("Input")
        text = "{}" if value is None else _text(value)
        return self._engine.begin(_text(given["StateMachineArn"]), _text(name), text, live, effect.state.name)

    def _await(self, live: Live, effect: RunTask, arn: str) -> None:
        def ended(_child: Live | None = None) -> None:
            self._nested.pop((live.run.identity.arn, effect.frame), None)
            row = self._engine.log.get(arn)
            assert row is not None
            told = _told(row, parsed=effect.resource.pattern == "sync:2")
            self._answer(live, effect, told if row.status == "SUCCEEDED" else Failure("States.TaskFailed", to_aws_text(told)))

        child = self._scheduler.live.get(arn)
        if child is None:
            ended()
        else:
            self._nested[live.run.identity.arn, effect.frame] = arn
            child.ended.append(ended)

    def _answer(self, live: Live, effect: RunTask, answer: Json | Failure) -> None:
        tell: Callable[..., bool] = core.task_failed if isinstance(answer, Failure) else core.task_succeeded
        if tell(live.run, effect.frame, effect.attempt, answer, live.clock.now()):
            self._scheduler.wake(live)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else to_aws_text(value)


def _refused(error: ServiceError) -> Failure:
    """An API's refusal as a task tells it."""
    request = uuid.uuid4()
    detail = f"(Service: AWSStepFunctions; Status Code: {error.status}; Error Code: {error.code}; Request ID: {request}; Proxy: null)"
    return Failure(f"StepFunctions.{exception_name(error.code)}", f"{error.message} {detail}")


def _told(row: Row, *, parsed: bool) -> dict[str, Json]:
    """What a `.sync` task says of the execution it waited for; `parsed`: its payloads as JSON (`.sync:2`), else as text."""
    import json

    def payload(text: str) -> Json:
        return json.loads(text) if parsed else text

    told: dict[str, Json] = {"ExecutionArn": row.arn, "Input": payload(row.input), "InputDetails": {"Included": True}, "Name": row.name}
    if row.output is not None:
        told |= {"Output": payload(row.output), "OutputDetails": {"Included": True}}
    told |= {"StartDate": round(row.started * 1000), "StateMachineArn": row.machine, "Status": row.status}
    if row.ended is not None:
        told["StopDate"] = round(row.ended * 1000)
    told |= {name: text for name, text in (("Error", row.error), ("Cause", row.cause)) if text}
    return dict(sorted(told.items()))
