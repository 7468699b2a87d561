"""Redrive: an execution that ended without success goes on where it failed, in the same log.

Theory of operation: a failure runs up from the state that failed to the machine, and what runs beside it is aborted; these last events of the
log are the *fall*. Folding the log without the fall gives the run as it was before it failed: iterations and branches that succeeded
have their outputs, the others stand in the state they were in. They begin that state's work anew, with all their retries.

`ExecutionRedriven` is the first event after the fall, so a log that was redriven folds to the same run after a crash.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from __future__ import annotations

from heapq import heappush

from studio.exec.context import Identity
from studio.exec.events import ENDS, Event
from studio.exec.fork import FORKED
from studio.exec.machine import Machine
from studio.exec.run import Run, evolve
from studio.exec.steps.map import ask_map_run

REDRIVEN = "ExecutionRedriven"
DAYS = 14
"""How long after its end an execution may be redriven."""
_FALL = frozenset(
    {
        *ENDS,
        "ParallelStateFailed",
        "ParallelStateAborted",
        "MapStateFailed",
        "MapStateAborted",
        "MapIterationFailed",
        "MapIterationAborted",
        "MapRunAborted",
        "TaskStateAborted",
        "WaitStateAborted",
    }
)
_BROKEN = ("Failed", "TimedOut")


def fall_of(events: list[Event]) -> int:
    """The index at which the fall of an ended run begins: the failure itself is part of it, a stop from outside has none before it."""
    at = len(events) - 1
    while at > 0 and (events[at][0] in _FALL or (events[at][0] == "_Failed" and (events[at][4] or {}).get("_children"))):
        at -= 1
    kind, _, _, _, details = events[at]
    ended = events[-1][0]
    retried = bool((details or {}).get("_retry"))
    if ended == "ExecutionFailed" and not retried and (kind in {"_Failed", "FailStateEntered"} or kind.endswith(_BROKEN)):
        return at
    return at + 1


def rewound(machine: Machine, who: Identity, events: list[Event], *, quotas: bool = True, express: bool = False) -> Run:
    """The run before its fall, at the count of the whole log, with its unfinished states at their beginning."""
    at = fall_of(events)
    run = folded(machine, who, events[:at], quotas=quotas, express=express)
    run.count += sum(kind[0] != "_" for kind, *_ in events[at:])
    return run


def folded(machine: Machine, who: Identity, events: list[Event], *, quotas: bool = True, express: bool = False) -> Run:
    """A run rebuilt from its log, however often it was redriven."""
    last = next((i for i in range(len(events) - 1, -1, -1) if events[i][0] == REDRIVEN), None)
    if last is None:
        run, rest = Run(machine, who, quotas=quotas, express=express), events
    else:
        run, rest = rewound(machine, who, events[:last], quotas=quotas, express=express), events[last:]
    for event in rest:
        if event[0] == REDRIVEN:
            restart(run, event)
        elif event[0] == FORKED:
            restart(run, event, fork=True)
        evolve(run, event)
        if run.frames and run.count == 1:
            run.frames[0].previous = 0
    return run


def restart(run: Run, event: Event, *, fork: bool = False) -> None:
    """What `ExecutionRedriven` does to the frames: each unfinished state begins its work anew, with all its retries. A Map Run goes on, in
    a fork it begins anew too.
    """
    time = event[2]
    run.status, run.failure, run.since = "RUNNING", None, time
    run.timers.clear()
    run.ready.clear()
    if run.timeout is not None:
        heappush(run.timers, (time + run.timeout, -1))
    anew = {"running", "waiting", "backoff", "failed", "answered", *(["mapping", "mapped"] if fork else [])}
    run.held_since = None
    for frame in run.frames.values():
        if frame.phase in anew:
            frame.phase = "entered"
            frame.error, frame.deadline, frame.heartbeat = None, None, None
            frame.retries, frame.retry_count, frame.token = {}, 0, ""
            frame.data = {key: frame.data[key] for key in ("before",) if key in frame.data}
        elif frame.phase == "held":
            frame.phase = "next"
        elif frame.phase != "mapping":
            run.ready.append(frame)
            continue
        if not fork:
            frame.previous = run.count + 1
        run.ready.append(frame)


def ask_again(run: Run) -> None:
    """Have the Map Runs that were under way go on: `MapRunRedriven`."""
    for frame in run.frames.values():
        if frame.phase == "mapping":
            run.emit(frame, "MapRunRedriven", {"mapRunArn": frame.data["arn"], "redriveCount": frame.data.get("round", 0) + 1})
            ask_map_run(run, frame)


def why_not(status: str, kind: str, ended: float | None, events: int, now: float) -> str | None:
    """Why AWS would not redrive an execution; None where it would."""
    if kind == "EXPRESS":
        return "Express executions cannot be redriven"
    if status in {"RUNNING", "SUCCEEDED", "PENDING_REDRIVE"}:
        return f"Execution is {status} and cannot be redriven"
    if ended is not None and now - ended > DAYS * 86_400:
        return f"Execution has passed the redrivable period of {DAYS} days"
    if events >= 24_999:
        return "Execution event history has reached the limit of 24,999 events"
    return None


__all__ = ["REDRIVEN", "fall_of", "folded", "restart", "rewound", "why_not"]
