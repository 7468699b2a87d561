"""A run: frames, rebuilt by folding the log.

Theory of operation: the machine, each Parallel branch and each Map iteration is a *frame*; frames live in one flat dictionary and know
their parent. `emit` makes an event and hands it to `evolve`, the only function that moves a frame from one phase to the next. So a run
is always what its events say: folding a stored log with `evolve` gives the same frames, and the work goes on from there.

Phases of a frame: `next` (enter the state named `next` with `input`), `entered` (do the state's work), `waiting` (timer, until `until`),
`running` (a task is out), `answered` (its result is in), `mapping` and `mapped` (the same of a Map Run), `children` (branches or
iterations are out), `backoff` (retry at `until`), `failed` (an error to be passed on), `held` (stopped before `next`), `done`.

Concurrency model: none. A run belongs to one driver; nothing here waits, reads a clock or draws a random number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappush
from typing import Any, Literal

from studio.asl.tree import Json
from studio.asl.values import Ambient, Env, Failure
from studio.exec.context import NO_CONTEXT, Identity, RunAmbient, context_of, item_of
from studio.exec.effects import Effect, RunTask
from studio.exec.events import Details, Event
from studio.exec.hold import Holds
from studio.exec.machine import Machine, Scope, State

Kind = Literal["root", "branch", "iteration"]
EXPRESS_SECONDS = 300
"""AWS's quota on the duration of an Express execution."""


class Frame:
    """One line of work. `previous` is the id of the last event of its chain; `input` what the present or next state gets."""

    __slots__ = (
        "active",
        "attempt",
        "children",
        "data",
        "deadline",
        "entered",
        "entered_at",
        "error",
        "heartbeat",
        "id",
        "index",
        "input",
        "items",
        "kind",
        "limit",
        "next",
        "outputs",
        "parent",
        "phase",
        "previous",
        "retries",
        "retry_count",
        "scope",
        "state",
        "token",
        "until",
        "variables",
    )

    def __init__(self, number: int, parent: Frame | None, kind: Kind, index: int, scope: Scope) -> None:
        self.id = number
        self.parent = parent
        self.kind: Kind = kind
        self.index = index
        self.scope = scope
        self.variables: dict[str, Json] = parent.variables if parent else {}
        self.previous = 0
        self.state: State | None = None
        self.phase = "next"
        self.next: str | None = scope.start
        self.input: Json = None
        self.entered = 0
        self.entered_at = 0.0
        self.error: Failure | None = None
        self.until = 0.0
        self.deadline: float | None = None
        self.heartbeat: float | None = None
        self.attempt = 0
        self.retries: dict[int, int] = {}
        self.retry_count = 0
        self.token = ""
        self.children: dict[int, Frame] = {}
        self.items: list[Json] = []
        self.outputs: dict[int, Json] = {}
        self.active = 0
        self.limit = 0
        self.data: dict[str, Any] = {}

    def enter(self, state: State, event: int, time: float) -> None:
        self.state, self.entered, self.entered_at, self.phase = state, event, time, "entered"
        self.error, self.attempt, self.retry_count, self.deadline, self.heartbeat = None, 0, 0, None, None
        if self.retries:
            self.retries = {}
        if self.data:
            self.data = {}


@dataclass(slots=True)
class Run:
    """The state of one execution. `batch` and `effects` collect what `decide` answers."""

    machine: Machine
    identity: Identity
    quotas: bool = True
    express: bool = False
    now: float = 0.0
    count: int = 0
    status: str = "RUNNING"
    output: Json = None
    failure: Failure | None = None
    raw_input: str | None = None
    input: Json = None
    ended: float = 0.0
    since: float = 0.0
    """When it was started, or redriven last: its timeout counts from there."""
    frames: dict[int, Frame] = field(default_factory=dict[int, Frame])
    ready: deque[Frame] = field(default_factory=deque[Frame])
    batch: list[Event] = field(default_factory=list[Event])
    effects: list[Effect] = field(default_factory=list[Effect])
    next_frame: int = 1
    ordinals: dict[str, int] = field(default_factory=dict[str, int])
    """How many tasks each state has scheduled: the ordinals of its mocked responses."""
    timers: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    """A heap of (due, frame); the frame -1 is the execution's own timeout."""
    holds: Holds | None = None
    """Where it stops on its way; None: nowhere."""
    held_since: float | None = None
    """When the clock of its timeout stopped, because a frame is held."""
    unfit: Callable[[RunTask], Failure | None] | None = None
    """Why a service's task cannot be started with its parameters; None: whatever is asked is asked."""
    ambient: Ambient = field(init=False)

    def __post_init__(self) -> None:
        self.ambient = RunAmbient(self)

    @property
    def timeout(self) -> float | None:
        """Seconds the execution may take: what its definition says; an Express execution five minutes at most."""
        own = self.machine.timeout
        if self.express and self.quotas:
            return EXPRESS_SECONDS if own is None else min(own, EXPRESS_SECONDS)
        return own

    def env(self, frame: Frame, context: dict[str, Json] | None = None) -> Env:
        """What an evaluation for the frame's state may know."""
        state = frame.state
        assert state is not None
        if context is None:
            context = context_of(self, frame) if state.reads_context else NO_CONTEXT
        return Env(context, frame.variables, self.ambient, state.name, frame.entered)

    def emit(self, frame: Frame, kind: str, details: Details | None = None, previous: int | None = None) -> None:
        """Append an event and let it take effect."""
        self.batch.append((kind, frame.previous if previous is None else previous, self.now, frame.id, details))
        _move(self, frame, kind, details, self.now)


# evolve: what each event does to its frame


def evolve(run: Run, event: Event) -> None:
    """Let one event take effect. Total over the events `decide` makes."""
    kind, _, time, number, details = event
    _move(run, run.frames.get(number), kind, details, time)


def _move(run: Run, frame: Frame | None, kind: str, details: Details | None, time: float) -> None:
    effect, shown, followed = _KINDS[kind]
    if shown:
        run.count += 1
    if effect is not None:
        effect(run, frame, details or {}, time)
    if followed and frame is not None:
        frame.previous = run.count


_ASIDE = frozenset({"MapStateSucceeded", "ParallelStateSucceeded", "TaskStateAborted", "MapIterationAborted", "ExecutionSucceeded"})
"""Events that the next one of their frame does not follow: AWS's chains pass them by."""


def _started(run: Run, _frame: Frame | None, details: Details, time: float) -> None:
    root = Frame(0, None, "root", 0, run.machine.scope)
    root.input = run.input = details["input"]
    timeout = run.timeout
    if timeout is not None:
        heappush(run.timers, (time + timeout, -1))
    run.raw_input = details.get("_text")
    run.identity.started = run.since = time
    run.frames[0] = root
    run.ready.append(root)


def _entered(run: Run, frame: Any, details: Details, time: float) -> None:
    state = frame.scope.states[details["name"]]
    frame.input = details["input"]
    before = frame.previous
    frame.enter(state, run.count, time)
    if state.jsonata:
        frame.data["before"] = before


def _exited(run: Run, frame: Any, details: Details, _time: float) -> None:
    frame.input = details["output"]
    assigned = details.get("_assigned")
    if assigned:
        frame.variables = {**frame.variables, **assigned}
    frame.error = None
    frame.token = ""
    if frame.children:
        for child in frame.children.values():
            run.frames.pop(child.id, None)
        frame.children = {}
    frame.items, frame.outputs = [], {}
    if "_fail" in details:
        frame.error, frame.phase = Failure(*details["_fail"]), "failed"
        return
    frame.next = details.get("_next")
    frame.phase = "next" if frame.next is not None else "done"


def _waiting(run: Run, frame: Any, details: Details, _time: float) -> None:
    frame.until, frame.phase = details["_until"], "waiting"
    heappush(run.timers, (frame.until, frame.id))


def _scheduled(run: Run, frame: Any, details: Details, time: float) -> None:
    frame.phase = "running"
    frame.attempt += 1
    frame.token = details.get("_token", "")
    name = frame.state.name
    frame.data["ordinal"] = run.ordinals.get(name, 0)
    run.ordinals[name] = frame.data["ordinal"] + 1
    frame.data["arguments"] = details.get("_arguments", details.get("parameters", details.get("input")))
    timeout, heartbeat = details.get("timeoutInSeconds"), details.get("heartbeatInSeconds")
    frame.data["interval"] = heartbeat
    frame.deadline = None if timeout is None else time + timeout
    frame.heartbeat = None if heartbeat is None else time + heartbeat
    for due in (frame.deadline, frame.heartbeat):
        if due is not None:
            heappush(run.timers, (due, frame.id))


def _submitted(_run: Run, frame: Any, details: Details, _time: float) -> None:
    frame.data["submitted"] = details.get("output")


def _activity_started(_run: Run, frame: Any, details: Details, _time: float) -> None:
    frame.token = details["_token"]
    frame.data["worker"] = details.get("workerName", "")


def _heartbeat(run: Run, frame: Any, _details: Details, time: float) -> None:
    interval = frame.data.get("interval")
    if interval is not None:
        frame.heartbeat = time + interval
        heappush(run.timers, (frame.heartbeat, frame.id))


def _task_succeeded(_run: Run, frame: Any, details: Details, _time: float) -> None:
    frame.data["result"] = details["_result"] if "_result" in details else details.get("output")
    frame.phase, frame.deadline, frame.heartbeat = "answered", None, None


def _failed(run: Run, frame: Any, details: Details, _time: float) -> None:
    """An error in hand: `_error` and what becomes of it: a retry at `_until`, or else `failed`."""
    if frame is None:
        return
    error, cause = details.get("_error") or (details.get("error", ""), details.get("cause", ""))
    frame.error = Failure(error or "", cause or "")
    frame.deadline = frame.heartbeat = None
    retry = details.get("_retry")
    if retry is None:
        frame.phase = "failed"
    else:
        _back_off(run, frame, retry)


def _back_off(run: Run, frame: Any, retry: list[float]) -> None:
    index = int(retry[0])
    frame.retries[index] = frame.retries.get(index, 0) + 1
    frame.retry_count += 1
    frame.until, frame.phase = retry[1], "backoff"
    heappush(run.timers, (frame.until, frame.id))


def _children(run: Run, frame: Any, details: Details, _time: float) -> None:
    frame.phase = "children"
    frame.outputs, frame.active = {}, 0
    for child in frame.children.values():
        run.frames.pop(child.id, None)
    frame.children = {}
    frame.attempt += 1
    frame.data = {"arguments": details.get("_input")}
    if frame.state.type == "Parallel":
        for index, scope in enumerate(frame.state.branches):
            _child(run, frame, "branch", index, scope, details.get("_input"))
        run.ready.extend(_below(frame))
    else:
        frame.items = details["_items"]
        if "_reader" in details:
            frame.data["reader"] = details["_reader"]
        frame.limit = details.get("_limit") or 0
        frame.data["started"] = 0
        frame.data["base"] = run.count


def _below(frame: Frame) -> list[Frame]:
    return list(frame.children.values())


def _map_run_started(_run: Run, frame: Any, details: Details, _time: float) -> None:
    frame.phase = "mapping"
    frame.data["arn"], frame.data["tolerated"] = details["mapRunArn"], details["_tolerated"]


def _map_run_redriven(_run: Run, frame: Any, details: Details, _time: float) -> None:
    frame.data["round"] = details["redriveCount"]


def _map_run_succeeded(_run: Run, frame: Any, details: Details, _time: float) -> None:
    frame.phase, frame.data["result"] = "mapped", details["_output"]


def _child(run: Run, frame: Frame, kind: Kind, index: int, scope: Scope, given: Json) -> Frame:
    child = Frame(run.next_frame, frame, kind, index, scope)
    run.next_frame += 1
    child.input = given
    child.previous = run.count
    frame.children[index] = child
    frame.active += 1
    run.frames[child.id] = child
    return child


def _iteration_started(run: Run, frame: Any, details: Details, _time: float) -> None:
    index = details["index"]
    frame.data["started"] = index + 1
    child = _child(run, frame, "iteration", index, frame.state.branches[0], details["_input"])
    run.ready.append(child)


def _iteration_ended(run: Run, frame: Any, details: Details, _time: float) -> None:
    child = frame.children.pop(details["index"], None)
    frame.active -= 1
    if child is not None:
        run.frames.pop(child.id, None)
        frame.data["follow"] = child.previous
    if "_output" in details:
        frame.outputs[details["index"]] = details["_output"]


def _ended(run: Run, _frame: Any, details: Details, time: float) -> None:
    run.ended = time
    run.ready.clear()
    run.output = details.get("output")


def _succeeded(run: Run, frame: Any, details: Details, time: float) -> None:
    run.status = "SUCCEEDED"
    _ended(run, frame, details, time)


def _execution_failed(run: Run, frame: Any, details: Details, time: float) -> None:
    run.status = "FAILED"
    run.failure = Failure(details.get("error") or "", details.get("cause") or "")
    _ended(run, frame, details, time)


def _timed_out(run: Run, frame: Any, details: Details, time: float) -> None:
    run.status, run.failure = "TIMED_OUT", None  # the event alone names States.Timeout, not the execution
    _ended(run, frame, details, time)


def _aborted(run: Run, frame: Any, details: Details, time: float) -> None:
    run.status = "ABORTED"
    run.failure = Failure(details.get("error") or "", details.get("cause") or "")
    _ended(run, frame, details, time)


def _noted(run: Run, frame: Any, details: Details, time: float) -> None:
    """A failure without an event of AWS's: as a task's, and that of a Parallel or Map ends what runs below it."""
    if details.get("_children"):
        for child in list(frame.children.values()):
            _drop(run, child)
        frame.children = {}
    frame.previous = details.get("_after", frame.previous)
    _failed(run, frame, details, time)


def _held(run: Run, frame: Any, _details: Details, time: float) -> None:
    frame.phase, frame.until = "held", time
    if run.held_since is None:
        run.held_since = time


def _released(run: Run, frame: Any, details: Details, time: float) -> None:
    frame.phase, frame.data = "next", {"released": True}
    if "_input" in details:
        frame.input = details["_input"]
    if run.held_since is not None and not any(f.phase == "held" for f in run.frames.values()):
        run.since += time - run.held_since
        run.held_since = None
        if run.timeout is not None:
            heappush(run.timers, (run.since + run.timeout, -1))


def _forked(_run: Run, frame: Any, details: Details, _time: float) -> None:
    if "_input" in details:
        frame.input = details["_input"]


def _skipped(run: Run, frame: Any, _details: Details, time: float) -> None:
    frame.until = time
    heappush(run.timers, (time, frame.id))


def _drop(run: Run, frame: Frame) -> None:
    for child in frame.children.values():
        _drop(run, child)
    frame.phase = "over"
    run.frames.pop(frame.id, None)


_EVOLVE: dict[str, Any] = {
    "ExecutionStarted": _started,
    "ExecutionSucceeded": _succeeded,
    "ExecutionFailed": _execution_failed,
    "ExecutionTimedOut": _timed_out,
    "ExecutionAborted": _aborted,
    "TaskScheduled": _scheduled,
    "LambdaFunctionScheduled": _scheduled,
    "ActivityScheduled": _scheduled,
    "TaskSubmitted": _submitted,
    "ActivityStarted": _activity_started,
    "_Heartbeat": _heartbeat,
    "TaskSucceeded": _task_succeeded,
    "LambdaFunctionSucceeded": _task_succeeded,
    "ActivitySucceeded": _task_succeeded,
    "TaskFailed": _failed,
    "TaskTimedOut": _failed,
    "TaskStartFailed": _failed,
    "TaskSubmitFailed": _failed,
    "LambdaFunctionFailed": _failed,
    "LambdaFunctionTimedOut": _failed,
    "LambdaFunctionScheduleFailed": _failed,
    "LambdaFunctionStartFailed": _failed,
    "ActivityFailed": _failed,
    "ActivityTimedOut": _failed,
    "ActivityScheduleFailed": _failed,
    "EvaluationFailed": _failed,
    "MapStateStarted": _children,
    "ParallelStateStarted": _children,
    "MapIterationStarted": _iteration_started,
    "MapRunStarted": _map_run_started,
    "MapRunRedriven": _map_run_redriven,
    "MapRunSucceeded": _map_run_succeeded,
    "MapRunFailed": _failed,
    "MapIterationSucceeded": _iteration_ended,
    "MapIterationFailed": _iteration_ended,
    "MapIterationAborted": _iteration_ended,
    **{f"{kind}StateEntered": _entered for kind in ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")},
    **{f"{kind}StateExited": _exited for kind in ("Pass", "Task", "Choice", "Wait", "Succeed", "Parallel", "Map")},
    "_Waiting": _waiting,
    "_Failed": _noted,
    "_Held": _held,
    "_Released": _released,
    "_Forked": _forked,
    "_Skipped": _skipped,
}
"""By event type; types without an entry change nothing. Types that begin with `_` are ours: kept in the log, never shown."""


class _Kinds(dict[str, tuple[Any, bool, bool]]):
    """By event type: what it does, whether AWS shows it (and counts it), and whether the next event of its frame follows it."""

    def __missing__(self, kind: str) -> tuple[Any, bool, bool]:
        shown = kind[0] != "_"
        known = self[kind] = (_EVOLVE.get(kind), shown, shown and kind not in _ASIDE)
        return known


_KINDS = _Kinds()

__all__ = ["Env", "Frame", "Identity", "Run", "context_of", "evolve", "item_of"]
