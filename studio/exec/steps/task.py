"""Task: ask the world for something, wait for its answer.

The history tells a service's task (`TaskScheduled`, `TaskStarted`, …), a function named by its ARN (`LambdaFunctionScheduled`, …) and an
activity (`ActivityScheduled`, …) in their own words.

Spec: https://states-language.net/spec.html#task-state
"""

from __future__ import annotations

from typing import Any

from studio.asl.tree import Json
from studio.asl.values import Env, Failure, to_aws_text
from studio.exec import tokens
from studio.exec.effects import CancelTask, RunTask
from studio.exec.machine import Resource, State
from studio.exec.outcome import catchable, fail_state, leave, oversized, retry_of
from studio.exec.run import Frame, Run, context_of

_FAMILY = {"lambda": "LambdaFunction", "activity": "Activity"}


def _family(resource: Resource) -> str:
    return _FAMILY.get(resource.kind, "Task")


def step(run: Run, frame: Frame) -> None:
    state = frame.state
    assert state is not None
    resource = state.resource
    assert resource is not None
    waits = bool(resource.pattern)  # jobs have a token too: AWS lets it end a .sync task
    if waits:
        frame.token = tokens.make(run.ambient.uuid(), run.identity.arn, frame.id, frame.attempt + 1)
    env = run.env(frame)
    value = state.flow.work_input(frame.input, env)
    if isinstance(value, Failure):
        fail_state(run, frame, value)
        return
    more = conditions(state, frame.input, env)
    if isinstance(more, Failure):
        fail_state(run, frame, more)
        return
    if oversized(run, value):
        cause = f"The state/task '{resource.service_name}' tried to send a request with a size exceeding the maximum number of bytes service limit."
        fail_state(run, frame, Failure("States.DataLimitExceeded", cause))
        return
    if run.unfit is not None and resource.kind in {"service", "sdk"}:
        asked = RunTask(frame.id, frame.attempt + 1, state, resource, value, run.ordinals.get(state.name, 0), frame.token)
        problem = run.unfit(asked)
        if problem is not None:
            fail_state(run, frame, env.failure(problem.error, problem.cause))
            return
    details: dict[str, Any]
    token = {"_token": frame.token} if waits else {}
    match resource.kind:
        case "lambda":
            details = {"input": value, "resource": resource.arn, **more}
        case "activity":
            details = {"input": value, "resource": resource.arn, **more}
        case _:
            details = {
                "parameters": value,
                "region": resource.region or run.identity.region,
                "resource": resource.name,
                "resourceType": resource.type,
                **more,
                **token,
            }
    run.emit(frame, f"{_family(resource)}Scheduled", details)
    if resource.kind == "lambda":
        run.emit(frame, "LambdaFunctionStarted", None)
    elif resource.kind != "activity":
        run.emit(frame, "TaskStarted", {"resource": resource.name, "resourceType": resource.type})
    _ask(run, frame, resource)


def conditions(state: State, raw: Json, env: Env) -> dict[str, Any] | Failure:
    """What a task is done under, as the history tells it: its times, and the role its Credentials name, which nothing on this machine takes on."""
    found: dict[str, Any] = {}
    for name, member in (("TimeoutSeconds", "timeoutInSeconds"), ("HeartbeatSeconds", "heartbeatInSeconds")):
        if name not in state.fields:
            continue
        seconds = state.fields[name](raw, env)
        if isinstance(seconds, Failure):
            return seconds
        assert isinstance(seconds, int | float)
        found[member] = int(seconds)
    if state.credentials is None:
        return found
    data = raw if state.jsonata else state.flow.input(raw, env)
    held = data if isinstance(data, Failure) else state.credentials(data, env)
    if isinstance(held, Failure):
        return held
    arn = held.get("RoleArn") if isinstance(held, dict) else None
    if not isinstance(arn, str):
        return env.failure("States.Runtime", f"The RoleArn of the Credentials must be a string but was: {to_aws_text(arn)}")
    return {**found, "taskCredentials": {"roleArn": arn}}


def _ask(run: Run, frame: Frame, resource: Resource) -> None:
    assert frame.state is not None
    run.effects.append(
        RunTask(frame.id, frame.attempt, frame.state, resource, frame.data["arguments"], frame.data["ordinal"], frame.token, frame.deadline)
    )


def reschedule(run: Run, frame: Frame) -> None:
    """Ask again for a task in flight: its answer, if there was one, was lost with the process that waited for it."""
    from heapq import heappush

    assert frame.state is not None
    assert frame.state.resource is not None
    for due in (frame.deadline, frame.heartbeat):
        if due is not None:
            heappush(run.timers, (due, frame.id))
    if not ("submitted" in frame.data and frame.state.resource.pattern == "waitForTaskToken") and "worker" not in frame.data:
        _ask(run, frame, frame.state.resource)


def _named(resource: Resource) -> dict[str, str]:
    return {} if resource.kind in _FAMILY else {"resource": resource.name, "resourceType": resource.type}


def succeed_task(run: Run, frame: Frame, output: Json) -> None:
    state = frame.state
    assert state is not None
    assert state.resource is not None
    if oversized(run, output):
        cause = f"The state/task '{state.resource.service_name}' returned a result with a size exceeding the maximum number of bytes service limit."
        fail_task(run, frame, Failure("States.DataLimitExceeded", cause))
        return
    run.emit(frame, f"{_family(state.resource)}Succeeded", {"output": output, **_named(state.resource)})


def submitted(run: Run, frame: Frame, output: Json) -> None:
    """The request is with the service; the answer comes later, by token or when the job has ended."""
    state = frame.state
    assert state is not None
    assert state.resource is not None
    run.emit(frame, "TaskSubmitted", {"output": output, **_named(state.resource)})


def started_by(run: Run, frame: Frame, worker: str, token: str) -> None:
    """An activity's worker took the task."""
    run.emit(frame, "ActivityStarted", {"workerName": worker, "_token": token} if worker else {"_token": token, "_worker": ""})


def answer(run: Run, frame: Frame) -> None:
    """The result is in: through the stages behind the work and out."""
    leave(run, frame, frame.data["result"], run.env(frame))


def fail_task(run: Run, frame: Frame, failure: Failure, kind: str = "Failed") -> None:
    """Tell a task's failure: `kind` is Failed, TimedOut, SubmitFailed, StartFailed or ScheduleFailed."""
    state = frame.state
    assert state is not None
    assert state.resource is not None
    details: dict[str, Any] = {k: v for k, v in (("error", failure.error), ("cause", failure.cause)) if v}
    details |= _named(state.resource)
    details["_error"] = [failure.error, failure.cause]
    details["_retry"] = retry_of(run, frame, failure) if state.retriers and catchable(failure) else None
    run.emit(frame, f"{_family(state.resource)}{kind}", details)


def time_out(run: Run, frame: Frame, *, heartbeat: bool) -> None:
    run.effects.append(CancelTask(frame.id, frame.attempt))
    fail_task(run, frame, Failure("States.HeartbeatTimeout" if heartbeat else "States.Timeout", ""), "TimedOut")


__all__ = ["answer", "conditions", "context_of", "fail_task", "reschedule", "started_by", "step", "submitted", "succeed_task", "time_out"]
