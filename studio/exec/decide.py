"""Deciding what happens next: the pure core of the engine.

Theory of operation: `decide` moves every frame that can move and collects the events this makes and the effects they ask for; facts
from outside come in through `task_succeeded`, `task_failed`, `stop`. It never waits: a frame that waits for a timer, a task
or its children stays where it is, and `wake_at` says when to look again.

Errors inside a workflow are `Failure` values. An exception out of this module is a bug of ours.
"""

from __future__ import annotations

from heapq import heappop, heappush

from studio.asl.tree import Json
from studio.asl.values import Failure
from studio.exec.machine import Machine
from studio.exec.outcome import cancel_all, end_execution, finish, pass_on
from studio.exec.run import Frame, Identity, Run
from studio.exec.steps import STEPS
from studio.exec.steps.map import ask_map_run, continue_map, leave_map_run
from studio.exec.steps.map import map_run_ended as end_map_run
from studio.exec.steps.task import answer, fail_task, reschedule, started_by, submitted, time_out

MAX_EVENTS = 25_000
BATCH = 256


def start(
    machine: Machine, identity: Identity, value: Json, text: str | None, now: float, *, quotas: bool = True, express: bool = False
) -> Run:
    """A new run with its first event in the batch."""
    run = Run(machine, identity, quotas=quotas, express=express, now=now)
    event = ("ExecutionStarted", 0, now, 0, {"input": value, "_text": text, "roleArn": identity.role_arn})
    run.batch.append(event)
    from studio.exec.run import evolve

    evolve(run, event)
    run.frames[0].previous = 0  # AWS's first state follows event 0, not ExecutionStarted
    return run


def resume(run: Run) -> None:
    """Make a folded run ready to go on: every frame gets its turn, tasks in flight are asked for again."""
    run.ready.clear()
    run.timers.clear()
    run.effects.clear()
    for frame in run.frames.values():
        if frame.phase in {"waiting", "backoff"}:
            heappush(run.timers, (frame.until, frame.id))
        elif frame.phase == "running":
            reschedule(run, frame)
        elif frame.phase == "mapping":
            ask_map_run(run, frame)
        else:
            run.ready.append(frame)
    if run.timeout is not None:
        heappush(run.timers, (run.since + run.timeout, -1))


def decide(run: Run, now: float, limit: int = BATCH) -> None:
    """Move what can move, until nothing can or the batch holds `limit` events."""
    run.now = now
    _timers(run, now)
    ready, batch = run.ready, run.batch
    limited = run.quotas and not run.express
    if limited:
        limit = min(limit, len(batch) + max(1, MAX_EVENTS - 1 - run.count))
    while ready and run.status == "RUNNING" and len(batch) < limit:
        _advance(run, ready.popleft(), limit)
    if limited and run.count >= MAX_EVENTS - 1 and run.status == "RUNNING":
        cause = f"The execution reached the maximum number of history events ({MAX_EVENTS})."
        end_execution(run, Failure("States.Runtime", cause), previous=run.count)


def wake_at(run: Run) -> float | None:
    """When the next timer is due; None when only facts from outside can move the run."""
    return run.timers[0][0] if run.timers else None


def busy(run: Run) -> bool:
    """Whether `decide` would do something right now."""
    return bool(run.ready) and run.status == "RUNNING"


def _advance(run: Run, frame: Frame, limit: int) -> None:
    batch = run.batch
    while run.status == "RUNNING":
        match frame.phase:
            case "next":
                assert frame.next is not None
                if run.holds is not None and run.holds.stops(frame):
                    run.emit(frame, "_Held", {"name": frame.next})
                    return
                state = frame.scope.states[frame.next]
                run.emit(frame, state.entered, {"name": state.name, "input": frame.input})
            case "entered":
                assert frame.state is not None
                STEPS[frame.state.type](run, frame)
            case "answered":
                answer(run, frame)
            case "mapped":
                leave_map_run(run, frame)
            case "failed":
                pass_on(run, frame)
            case "done":
                finish(run, frame)
                return
            case "children":
                if frame.state is not None and frame.state.type == "Map":
                    continue_map(run, frame)
                if frame.phase == "children":
                    return
            case _:
                return
        if len(batch) >= limit:
            run.ready.appendleft(frame)
            return


def _timers(run: Run, now: float) -> None:
    timers = run.timers
    while timers and timers[0][0] <= now and run.status == "RUNNING":
        due, number = heappop(timers)
        if number == -1:
            if run.held_since is not None or due < run.since + (run.timeout or 0):
                continue  # its clock stands still, or stood: another timer is set when it goes on
            _execution_timed_out(run)
            return
        frame = run.frames.get(number)
        if frame is None:
            continue
        match frame.phase:
            case "waiting" if frame.until <= now:
                frame.phase = "elapsed"
                STEPS["Wait"](run, frame)
                run.ready.append(frame)
            case "backoff" if frame.until <= now:
                frame.phase = "entered"
                run.ready.append(frame)
            case "running" if due in (frame.deadline, frame.heartbeat):
                time_out(run, frame, heartbeat=due == frame.heartbeat and due != frame.deadline)
                run.ready.append(frame)
            case _:
                pass


def _execution_timed_out(run: Run) -> None:
    cancel_all(run)
    run.emit(run.frames[0], "ExecutionTimedOut", {"error": "States.Timeout"}, previous=0)


# Facts from outside


def task_succeeded(run: Run, number: int, attempt: int, output: Json, now: float) -> bool:
    """A task's answer. False where nobody waits for it any more."""
    frame = run.frames.get(number)
    if frame is None or frame.phase != "running" or frame.attempt != attempt or run.status != "RUNNING":
        return False
    run.now = now
    from studio.exec.steps.task import succeed_task

    succeed_task(run, frame, output)
    run.ready.append(frame)
    return True


def task_failed(run: Run, number: int, attempt: int, failure: Failure, now: float, kind: str = "Failed") -> bool:
    """A task's failure. False where nobody waits for it any more."""
    frame = run.frames.get(number)
    if frame is None or frame.phase != "running" or frame.attempt != attempt or run.status != "RUNNING":
        return False
    run.now = now
    fail_task(run, frame, failure, kind)
    run.ready.append(frame)
    return True


def task_submitted(run: Run, number: int, attempt: int, output: Json, now: float) -> bool:
    """A task's request is with the service, and its token out. False where nobody waits for it any more."""
    frame = _waiting(run, number, attempt)
    if frame is None:
        return False
    run.now = now
    submitted(run, frame, output)
    return True


def activity_started(run: Run, number: int, attempt: int, worker: str, token: str, now: float) -> bool:
    """A worker took an activity's task. False where it is not there to be taken any more."""
    frame = _waiting(run, number, attempt)
    if frame is None or "worker" in frame.data:
        return False
    run.now = now
    started_by(run, frame, worker, token)
    return True


def heartbeat(run: Run, number: int, attempt: int, now: float) -> bool:
    """A sign of life of whoever works on a task. False where nobody waits for it any more."""
    frame = _waiting(run, number, attempt)
    if frame is None:
        return False
    run.now = now
    run.emit(frame, "_Heartbeat", None)
    return True


def _waiting(run: Run, number: int, attempt: int) -> Frame | None:
    frame = run.frames.get(number)
    return frame if frame is not None and frame.phase == "running" and frame.attempt == attempt and run.status == "RUNNING" else None


def map_run_ended(run: Run, number: int, attempt: int, outputs: Json | Failure, now: float) -> bool:
    """How a Map Run ended. False where nobody waits for it any more."""
    frame = run.frames.get(number)
    if frame is None or frame.phase != "mapping" or frame.attempt != attempt or run.status != "RUNNING":
        return False
    run.now = now
    end_map_run(run, frame, outputs)
    run.ready.append(frame)
    return True


def stop(run: Run, now: float, error: str | None = None, cause: str | None = None) -> None:
    """StopExecution: everything in flight is aborted."""
    if run.status != "RUNNING":
        return
    run.now = now
    cancel_all(run)
    details = {k: v for k, v in (("error", error), ("cause", cause)) if v is not None}
    run.emit(run.frames[0], "ExecutionAborted", details, previous=0)
