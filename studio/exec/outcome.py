"""How a state ends: leaving with an output, failing with a retry, a catch or neither, and what that means to its parent."""

from __future__ import annotations

from typing import Any

from studio.asl.dataflow import Exit
from studio.asl.tree import Json
from studio.asl.values import Env, Failure, to_aws_text
from studio.exec.effects import CancelTask
from studio.exec.retry import catcher_for, delay, matches, retrier_for
from studio.exec.run import Frame, Run

MAX_PAYLOAD = 262_144
"""Bytes of UTF-8 a payload may have (256 KiB)."""


def oversized(run: Run, value: Json) -> bool:
    """Whether a payload breaks AWS's limit. A quick guess spares small payloads the measuring."""
    return run.quotas and too_large(value)


def too_large(value: Json) -> bool:
    return _small(value, 1024) < 0 and len(to_aws_text(value).encode("utf-8", "surrogatepass")) > MAX_PAYLOAD


def _small(value: Json, budget: int) -> int:
    """What is left of a budget of characters, or below zero where a value may need more."""
    if isinstance(value, str):
        return budget - len(value)
    if isinstance(value, dict):
        for key, inner in value.items():
            budget = _small(inner, budget - len(key) - 2)
            if budget < 0:
                break
        return budget
    if isinstance(value, list):
        for inner in value:
            budget = _small(inner, budget - 2)
            if budget < 0:
                break
        return budget
    return budget - 8


def leave(run: Run, frame: Frame, result: Json, env: Env, *, flow: Any = None, to: str | None = None) -> None:
    """Exit a state with its result after the stages behind the work. `to` overrides the next state (Choice)."""
    state = frame.state
    assert state is not None
    flow = flow or state.flow
    if flow.as_it_is:
        output, assigned = result, None
    else:
        ended = flow.leave(frame.input, result, env)
        if isinstance(ended, Failure):
            fail_state(run, frame, ended)
            return
        output, assigned = ended.output, ended.assigned
    if output is not frame.input and oversized(run, output):
        cause = f"The state/task '{state.name}' returned a result with a size exceeding the maximum number of bytes service limit."
        fail_state(run, frame, Failure("States.DataLimitExceeded", cause))
        return
    exited(run, frame, output, assigned, state.next if to is None else to)


def exited(run: Run, frame: Frame, output: Json, assigned: dict[str, Json] | None, following: str | None) -> None:
    state = frame.state
    assert state is not None
    details: dict[str, Any] = {"name": state.name, "output": output, "_next": following}
    if assigned:
        details["assignedVariables"] = {name: to_aws_text(value) for name, value in assigned.items()}
        details["assignedVariablesDetails"] = {"truncated": False}
        details["_assigned"] = assigned
    run.emit(frame, state.exited, details)


def retry_of(run: Run, frame: Frame, failure: Failure) -> list[float] | None:
    """`[retrier, until]` where the error is to be retried."""
    state = frame.state
    assert state is not None
    index = retrier_for(state.retriers, failure.error)
    if index is None:
        return None
    retrier = state.retriers[index]
    count = frame.retries.get(index, 0)
    if count >= retrier.max_attempts:
        return None
    chance = run.ambient.random.random() if retrier.jitter else 1.0
    return [index, run.now + delay(retrier, count, chance)]


def fail_state(run: Run, frame: Frame, failure: Failure, *, children: bool = False) -> None:
    """A failure that no event of a task tells: of an expression, a payload, a Fail state, or of `children`.

    AWS has an event for failed JSONata (`EvaluationFailed`) and none for the rest: that is noted with one of ours.
    """
    state = frame.state
    assert state is not None
    retry = retry_of(run, frame, failure) if state.retriers and catchable(failure) else None
    if _is_evaluation(frame, failure) and not children:
        # an evaluation that fails where the state is entered follows what the entering followed
        previous = frame.data.get("before", frame.previous) if frame.previous == frame.entered else frame.previous
        _tell_evaluation(run, frame, failure, retry, previous=previous)
        return
    told: dict[str, Any] = {"_error": [failure.error, failure.cause], "_retry": retry, "_children": children}
    if not children and not frame.active and frame.phase in {"children", "mapped"}:
        told["_after"] = run.count  # what fails on the way out of a Parallel or Map follows the event of its success
    run.emit(frame, "_Failed", told)


def _is_evaluation(frame: Frame, failure: Failure) -> bool:
    return frame.state is not None and frame.state.jsonata and failure.error == "States.QueryEvaluationError"


def _tell_evaluation(run: Run, frame: Frame, failure: Failure, retry: list[float] | None, *, previous: int) -> None:
    assert frame.state is not None
    details: dict[str, Any] = {"error": failure.error, "cause": failure.cause, "state": frame.state.name, "_retry": retry}
    if failure.location is not None:
        details["location"] = failure.location
    run.emit(frame, "EvaluationFailed", details, previous=previous)


def catchable(failure: Failure) -> bool:
    return failure.error != "States.Runtime"


def pass_on(run: Run, frame: Frame) -> None:
    """A frame in phase `failed`: to a catcher, or up to its parent."""
    state, failure = frame.state, frame.error
    assert state is not None
    assert failure is not None
    before = frame.previous
    _tell_failed(run, frame)
    catcher = catcher_for(state.catchers, failure.error) if catchable(failure) else None
    if catcher is not None:
        env = run.env(frame)
        caught = state.handlers[catcher.number]
        error = failure.to_json()
        assigned = caught.assign(frame.input, error, env)
        output = assigned if isinstance(assigned, Failure) else caught.output(frame.input, error, env)
        if not isinstance(output, Failure):
            assert not isinstance(assigned, Failure)
            exited(run, frame, output, assigned, catcher.next)
            return
        if _is_evaluation(frame, output):
            _tell_evaluation(run, frame, output, None, previous=before)
        frame.error = output
        _tell_failed(run, frame)
    _fail_frame(run, frame)


def _tell_failed(run: Run, frame: Frame) -> None:
    """The event of a Parallel or Map that failed; AWS has none for `States.Runtime`."""
    state, failure = frame.state, frame.error
    if state is not None and state.type in {"Parallel", "Map"} and failure is not None and failure.error != "States.Runtime":
        run.emit(frame, f"{state.type}StateFailed", None)


def _fail_frame(run: Run, frame: Frame) -> None:
    failure, parent = frame.error, frame.parent
    assert failure is not None
    frame.phase = "over"
    if parent is None or failure.error == "States.Runtime":  # which nothing catches, so nothing around it is told of
        cancel_all(run)
        end_execution(run, failure, previous=frame.previous)
        return
    if parent.phase != "children":
        return
    owner = parent.state
    assert owner is not None
    if frame.state is not None and frame.state.type == "Task":
        run.emit(frame, "TaskStateAborted", None)
    if frame.kind == "iteration":
        run.emit(parent, "MapIterationFailed", {"name": owner.name, "index": frame.index}, previous=frame.previous)
    for sibling in list(parent.children.values()):
        if sibling is not frame:
            abort_frame(run, sibling)
    parent.previous = frame.previous
    fail_state(run, parent, failure, children=True)
    run.ready.append(parent)


def abort_frame(run: Run, frame: Frame) -> None:
    """End a frame and everything below it because something else failed."""
    for child in list(frame.children.values()):
        abort_frame(run, child)
    state = frame.state
    if state is not None and frame.phase in {"running", "backoff", "waiting", "children", "mapping"}:
        if frame.phase in {"running", "mapping"}:
            run.effects.append(CancelTask(frame.id, frame.attempt))
        if state.type in {"Task", "Wait", "Parallel", "Map"}:
            run.emit(frame, f"{state.type}StateAborted", None)
    if frame.kind == "iteration" and frame.parent is not None and frame.parent.state is not None and frame.phase != "over":
        details = {"name": frame.parent.state.name, "index": frame.index}
        run.emit(frame.parent, "MapIterationAborted", details, previous=frame.previous)
    frame.phase = "over"
    run.frames.pop(frame.id, None)


def cancel_all(run: Run) -> None:
    """Nobody waits any more for what is under way outside."""
    for frame in run.frames.values():
        if frame.phase in {"running", "mapping"}:
            run.effects.append(CancelTask(frame.id, frame.attempt))


def end_execution(run: Run, failure: Failure, previous: int) -> None:
    details = {k: v for k, v in (("error", failure.error), ("cause", failure.cause)) if v}
    run.emit(run.frames[0], "ExecutionFailed", details, previous=previous)


def finish(run: Run, frame: Frame) -> None:
    """A frame that reached its end: its output goes to its parent."""
    parent = frame.parent
    frame.phase = "over"
    if parent is None:
        run.emit(frame, "ExecutionSucceeded", {"output": frame.input})
        return
    if parent.phase != "children" or parent.state is None:
        return
    if frame.kind == "iteration":
        details = {"name": parent.state.name, "index": frame.index, "_output": frame.input}
        run.emit(parent, "MapIterationSucceeded", details, previous=frame.previous)
    else:
        parent.outputs[frame.index] = frame.input
        parent.previous = frame.previous
        parent.active -= 1
    run.ready.append(parent)
    if frame.kind == "branch" and parent.active == 0:
        from studio.exec.steps.parallel import complete

        complete(run, parent)


__all__ = [
    "Exit",
    "abort_frame",
    "cancel_all",
    "catchable",
    "end_execution",
    "exited",
    "fail_state",
    "finish",
    "leave",
    "matches",
    "oversized",
    "pass_on",
    "retry_of",
]
