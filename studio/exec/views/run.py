"""What happened in a run: a pure projection of its history, for the canvas, the inspector and the timeline.

Theory of operation: every event has its place in a *line* of work (the machine, a branch, an iteration) and belongs to a *visit*, one
stay in one state. AWS's history tells neither; both follow from the chain of `previousEventId`: an event belongs where the event
before it belongs, `…StateEntered` begins a visit, `MapIterationStarted` and `ParallelStateStarted` begin lines inside a visit.

Folding an event takes constant time; 25,000 events are folded in well under a second. Works on histories of AWS and of the local engine.

Shapes: those of `views.shapes`.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from studio.asl.graph import END, START, Graph, build
from studio.asl.tree import Json
from studio.exec.events import details_of
from studio.exec.views.shapes import Attempt, Path, RunView, StateRun, Status, Visit

History: TypeAlias = Iterable[dict[str, Any]]

_ORDER: tuple[Status, ...] = ("running", "retrying", "waiting", "failed", "timed-out", "stopped", "caught", "succeeded")
"""What a state shows when its visits differ: the first of these that any has."""
_ENDS = {"ExecutionSucceeded": "SUCCEEDED", "ExecutionFailed": "FAILED", "ExecutionTimedOut": "TIMED_OUT", "ExecutionAborted": "ABORTED"}
_FAMILIES = ("Task", "LambdaFunction", "Activity")
_BEGIN = frozenset(f"{f}Scheduled" for f in _FAMILIES)
_DONE = frozenset(f"{f}Succeeded" for f in _FAMILIES)
_BROKEN = frozenset(f"{f}{how}" for f in _FAMILIES for how in ("Failed", "TimedOut", "ScheduleFailed", "StartFailed", "SubmitFailed"))


@dataclass(slots=True)
class _Line:
    """A line of work: inside which visit, in which iterations, the state it was in last."""

    owner: Visit | None
    path: Path
    last: str = START


@dataclass(slots=True)
class _Tally:
    """The visits of one state, and the status of the last one on each path."""

    visits: list[Visit] = field(default_factory=list[Visit])
    latest: dict[tuple[Path, int], Visit] = field(default_factory=dict[tuple[Path, int], Visit])
    counts: Counter[str] = field(default_factory=Counter[str])


def project(root: Json, events: History, now: datetime | None = None) -> RunView:
    """The view of a whole history. `now` is not needed by the projection; durations of what is open are the reader's to compute."""
    del now
    projector = Projector(root)
    projector.feed(events)
    return projector.view


class Projector:
    """Folds a history, some events at a time."""

    def __init__(self, root: Json, graph: Graph | None = None) -> None:
        known = graph or build(root)
        self._definition: dict[str, dict[str, Json]] = {
            node.name: node.value if isinstance(node.value, dict) else {} for node in known.states.values()
        }
        self._at: dict[int, tuple[_Line, Visit | None]] = {}
        self._open: dict[str, dict[int, Visit]] = {}
        self._tallies: dict[str, _Tally] = {}
        self._shown: dict[str, StateRun] = {name: StateRun(name, "not-reached") for name in self._definition}
        self._dirty: set[str] = set()
        self._taken: set[tuple[str, str]] = set()
        self._root = _Line(None, ())
        self._redriven: tuple[int, list[Visit]] = (0, [])
        """The last redrive's event, and the visits that go on after it and have not yet been heard of."""
        self._status, self._redrives, self._events = "RUNNING", 0, 0
        self._started: datetime | None = None
        self._ended: datetime | None = None
        self._input: str | None = None
        self._output: str | None = None
        self._error: str | None = None
        self._cause: str | None = None
        self._view: RunView | None = None

    @property
    def view(self) -> RunView:
        if self._view is None:
            for name in self._dirty:
                self._shown[name] = self._state(name)
            self._dirty.clear()
            self._view = RunView(
                self._status,
                self._started,
                self._ended,
                self._input,
                self._output,
                self._error,
                self._cause,
                dict(self._shown),
                frozenset(self._taken),
                self._redrives,
                self._events,
            )
        return self._view

    def visit_of(self, number: int) -> Visit | None:
        """The visit an event belongs to, of the start of a branch or an iteration that around it; those of the execution have none."""
        where = self._at.get(number)
        return (where[1] or where[0].owner) if where else None

    def feed(self, events: History) -> set[str]:
        """Fold more events; answers the names of states that changed."""
        before = set(self._dirty)
        self._dirty.clear()
        for event in events:
            self._fold(event)
        changed = set(self._dirty)
        self._dirty |= before
        self._view = None
        return changed

    def _state(self, name: str) -> StateRun:
        tally = self._tallies.get(name)
        if tally is None:
            return StateRun(name, "not-reached")
        present: list[Status] = [s for s in _ORDER if tally.counts[s] > 0]
        status: Status = present[0] if present else "not-reached"
        return StateRun(name, status, tuple(tally.visits), {k: v for k, v in tally.counts.items() if v})

    # Folding

    def _fold(self, event: dict[str, Any]) -> None:
        kind: str = event["type"]
        number, previous, time = event["id"], event.get("previousEventId", 0), event["timestamp"]
        self._events = max(self._events, number)
        details = details_of(event)
        match _family(kind):
            case "Entered":
                self._entered(kind.removesuffix("StateEntered"), number, previous, time, details)
            case "Exited":
                self._exited(number, previous, time, details)
            case "Iteration":
                self._iteration(kind, number, previous, time, details)
            case "Execution":
                self._execution(kind, number, previous, time, details)
            case "Evaluation":
                visit = self._open_visit(details.get("state", ""), previous)
                self._at[number] = (self._line(visit, previous), visit)
                if visit:
                    self._fail(visit, time, details)
            case "Work":
                self._work(kind, number, previous, time, details)
        where = self._at.get(number)
        if where is not None and where[1] is not None:
            where[1].events.append(number)

    def _where(self, previous: int) -> tuple[_Line, Visit | None]:
        return self._at.get(previous) or (self._root, None)

    def _line(self, visit: Visit | None, previous: int) -> _Line:
        return self._at[visit.entered_id][0] if visit else self._where(previous)[0]

    def _climb(self, previous: int, wanted: Callable[[Visit], bool]) -> Visit | None:
        """The nearest visit around an event that fits."""
        line, visit = self._where(previous)
        if visit is not None and wanted(visit):
            return visit
        owner = line.owner if visit is None else visit.owner
        while owner is not None and not wanted(owner):
            owner = owner.owner
        return owner

    def _open_visit(self, name: str, previous: int) -> Visit | None:
        visit = self._where(previous)[1]
        if visit is not None and visit.name == name and visit.ended is None:
            return visit
        found = self._climb(previous, lambda v: v.name == name and v.open)
        if found is None:
            open_ones = list(self._open.get(name, {}).values())
            path = self._where(previous)[0].path
            found = next((v for v in reversed(open_ones) if v.frame == path), open_ones[-1] if open_ones else None)
        return found

    def _entered(self, kind: str, number: int, previous: int, time: datetime, details: dict[str, Any]) -> None:
        line, _ = self._where(previous)
        if isinstance(line, _Branching):  # the first state of a branch
            line = _Line(line.owner, line.path)
        name = details.get("name", "")
        visit = Visit(name, kind, line.path, number, time, details.get("input"), owner=line.owner)
        self._at[number] = (line, visit)
        self._taken.add((line.last, name))
        line.last = name
        tally = self._tallies.get(name)
        if tally is None:
            tally = self._tallies[name] = _Tally()
        tally.visits.append(visit)
        key = (line.path, id(line))
        replaced = tally.latest.get(key)
        if replaced is not None:
            tally.counts[replaced.status] -= 1
        tally.latest[key] = visit
        tally.counts["running"] += 1
        self._dirty.add(name)
        self._open.setdefault(name, {})[number] = visit
        if kind == "Wait":
            self._set(visit, "waiting")
        elif kind == "Fail":
            raw = self._definition.get(name, {})
            error, cause = raw.get("Error"), raw.get("Cause")
            visit.error = error if isinstance(error, str) and not error.startswith("{%") else None
            visit.cause = cause if isinstance(cause, str) and not cause.startswith("{%") else None
            self._close(visit, "failed", time)

    def _exited(self, number: int, previous: int, time: datetime, details: dict[str, Any]) -> None:
        name = details.get("name", "")
        visit = self._open_visit(name, previous)
        line = self._line(visit, previous)
        self._at[number] = (line, visit)
        if visit is None:
            return
        visit.exited_id, visit.output = number, details.get("output")
        assigned = details.get("assignedVariables")
        if isinstance(assigned, dict):
            visit.assigned = assigned
        caught = visit.error is not None
        if not caught and visit.attempts and visit.attempts[-1].status == "running":
            visit.attempts[-1].status, visit.attempts[-1].ended = "succeeded", time
        self._close(visit, "caught" if caught else "succeeded", time)
        raw = self._definition.get(name, {})
        if not caught and (raw.get("End") is True or visit.type == "Succeed"):
            self._taken.add((name, END))

    def _execution(self, kind: str, number: int, previous: int, time: datetime, details: dict[str, Any]) -> None:
        self._at[number] = (self._root, None)
        if kind == "ExecutionStarted":
            self._started, self._input = time, details.get("input")
            return
        if kind == "ExecutionRedriven":
            self._status, self._ended, self._error, self._cause, self._output = "RUNNING", None, None, None, None
            self._redrives = int(details.get("redriveCount", self._redrives + 1))
            self._redriven = (number, self._reopen(number, time))
            return
        if kind not in _ENDS:
            return  # of a type that is not known here: it ends nothing
        self._status, self._ended = _ENDS[kind], time
        self._output = details.get("output")
        self._error, self._cause = details.get("error"), details.get("cause")
        rest: Status = "timed-out" if kind == "ExecutionTimedOut" else "stopped"
        for visits in self._open.values():
            for visit in visits.values():
                visit.iterations |= {index: rest for index, status in visit.iterations.items() if status == "running"}
        if kind == "ExecutionFailed":
            visit = self._where(previous)[1]
            while visit is not None:
                if visit.error is None:
                    visit.error, visit.cause = self._error, self._cause
                if visit.open:
                    self._close(visit, "failed", time)
                if visit.owner is not None and visit.frame and visit.frame[-1][0] == visit.owner.name:
                    visit.owner.iterations[visit.frame[-1][1]] = "failed"
                visit = visit.owner
        for visits in list(self._open.values()):
            for visit in list(visits.values()):
                if visit.open:
                    self._close(visit, "failed" if visit.error and kind == "ExecutionFailed" else rest, time)
        self._open.clear()

    def _reopen(self, number: int, time: datetime) -> list[Visit]:
        """A redrive goes on with every visit that was under way when the run fell; answers the innermost ones, whose work begins anew."""
        every = (visit for tally in self._tallies.values() for visit in tally.visits)
        going = [v for v in every if v.exited_id is None and v.type not in {"Fail", "Succeed"} and _under_way(v)]
        going.sort(key=lambda visit: visit.entered_id)
        for visit in going:
            visit.ended = visit.error = visit.cause = None
            self._open.setdefault(visit.name, {})[visit.entered_id] = visit
            self._set(visit, "waiting" if visit.type == "Wait" else "running")
            self._dirty.add(visit.name)
            if visit.owner is not None and visit.frame and visit.frame[-1][0] == visit.owner.name:
                visit.owner.iterations[visit.frame[-1][1]] = "running"
        inner = [visit for visit in going if not any(other.owner is visit for other in going)]
        for visit in going:
            if visit.attempts and visit not in inner:
                visit.attempts.append(Attempt(len(visit.attempts) + 1, time, scheduled_id=number, redriven=True))
        return inner

    def _resumed(self, kind: str, details: dict[str, Any]) -> Visit | None:
        """Which of the visits that a redrive goes on with an event after it belongs to: by its family, then by what it was given."""
        waiting = self._redriven[1]
        family = "Map" if kind.startswith("Map") else "Parallel" if kind.startswith("Parallel") else "Task"
        fitting = [visit for visit in waiting if visit.type == family]
        given = details.get("parameters", details.get("input"))
        found = next((visit for visit in fitting if visit.parameters == given), fitting[0] if fitting else None)
        if found is not None:
            waiting.remove(found)
        return found

    def _iteration(self, kind: str, number: int, previous: int, time: datetime, details: dict[str, Any]) -> None:
        name, index = details.get("name", ""), details.get("index", 0)
        visit = self._climb(previous, lambda v: v.name == name) or self._open_visit(name, previous)
        if visit is None:
            self._at[number] = self._where(previous)
            return
        if kind == "MapIterationStarted":
            self._at[number] = (_Line(visit, (*visit.frame, (name, index))), None)
            visit.iterations[index] = "running"
        else:
            self._at[number] = (self._at[visit.entered_id][0], visit)
            ends: dict[str, Status] = {
                "MapIterationSucceeded": "succeeded",
                "MapIterationFailed": "failed",
                "MapIterationAborted": "stopped",
            }
            visit.iterations[index] = ends.get(kind, "stopped")
            if kind != "MapIterationSucceeded":
                self._end_line(visit, index, time, failed=kind == "MapIterationFailed")
        self._dirty.add(name)

    def _end_line(self, owner: Visit, index: int, time: datetime, *, failed: bool) -> None:
        """What is open in an iteration that has ended without finishing."""
        path = (*owner.frame, (owner.name, index))
        for visits in list(self._open.values()):
            for visit in list(visits.values()):
                if visit.open and visit.frame[: len(path)] == path:
                    self._close(visit, "failed" if failed and visit.error else "stopped", time)

    def _work(self, kind: str, number: int, previous: int, time: datetime, details: dict[str, Any]) -> None:
        container = next((t for t in ("Map", "Parallel") if kind.startswith(f"{t}State")), None)
        visit = self._climb(previous, lambda v: v.type == container and v.open) if container else self._where(previous)[1]
        redriven = visit is None and previous == self._redriven[0]
        if redriven:
            visit = self._resumed(kind, details)
        line = self._line(visit, previous)
        self._at[number] = (line, visit)
        if visit is None:
            return
        if kind in _BEGIN or kind in {"MapStateStarted", "ParallelStateStarted"}:
            if visit.attempts and visit.attempts[-1].ended is None:
                visit.attempts[-1].ended, visit.attempts[-1].status = time, "stopped"  # begun anew: a redrive, a fork
            waits = kind == "ActivityScheduled" or str(details.get("resource", "")).endswith(".waitForTaskToken")
            visit.attempts.append(Attempt(len(visit.attempts) + 1, time, scheduled_id=number, waits=waits, redriven=redriven))
            visit.error = visit.cause = None
            visit.parameters = details.get("parameters", details.get("input", visit.parameters))
            self._set(visit, "waiting" if waits else "running")
            if kind == "MapStateStarted":
                visit.length, visit.iterations = details.get("length"), {}
            if kind == "ParallelStateStarted":
                self._at[number] = (_Branching(visit, visit.frame), None)
        elif kind in _DONE:
            visit.result = details.get("output", visit.result)
            if visit.attempts:
                visit.attempts[-1].status, visit.attempts[-1].ended = "succeeded", time
            self._set(visit, "running")
        elif kind in _BROKEN:
            if kind.endswith("TimedOut"):
                details = {"error": "States.Timeout", **details}
            self._fail(visit, time, details, "timed-out" if kind.endswith("TimedOut") else "failed")
        elif kind in {"MapStateFailed", "ParallelStateFailed"}:
            inner = self._where(previous)[1]
            self._fail(visit, time, {"error": inner.error if inner else None, "cause": inner.cause if inner else None})
            self._settle(visit, time)
        elif kind.endswith("StateAborted"):
            self._close(visit, "failed" if visit.error else "stopped", time)

    def _settle(self, visit: Visit, time: datetime) -> None:
        """A container failed: what is open inside it has ended."""
        for visits in list(self._open.values()):
            for inner in list(visits.values()):
                owner = inner.owner
                while owner is not None and owner is not visit:
                    owner = owner.owner
                if owner is visit and inner.open:
                    self._close(inner, "failed" if inner.error else "stopped", time)

    def _fail(self, visit: Visit, time: datetime, details: dict[str, Any], status: Status = "failed") -> None:
        visit.error = details.get("error") or "States.Unknown"
        visit.cause = details.get("cause")
        if visit.attempts and visit.attempts[-1].ended is None:
            last = visit.attempts[-1]
            last.ended, last.status, last.error, last.cause = time, status, visit.error, visit.cause
        self._set(visit, "retrying" if self._definition.get(visit.name, {}).get("Retry") else status)

    def _set(self, visit: Visit, status: Status) -> None:
        if visit.status == status:
            return
        tally = self._tallies[visit.name]
        line = self._at[visit.entered_id][0]
        if tally.latest.get((line.path, id(line))) is visit:
            tally.counts[visit.status] -= 1
            tally.counts[status] += 1
        visit.status = status
        self._dirty.add(visit.name)

    def _close(self, visit: Visit, status: Status, time: datetime) -> None:
        self._set(visit, status)
        visit.ended = time
        self._dirty.add(visit.name)
        if visit.attempts and visit.attempts[-1].ended is None:
            visit.attempts[-1].ended = time
            visit.attempts[-1].status = "failed" if status in {"failed", "caught"} else status
        self._open.get(visit.name, {}).pop(visit.entered_id, None)


_Family: TypeAlias = Literal["Entered", "Exited", "Iteration", "Execution", "Evaluation", "Work"]


@functools.cache
def _family(kind: str) -> _Family:
    """Which part of a run an event of this type tells of."""
    if kind.endswith("StateEntered"):
        return "Entered"
    if kind.endswith("StateExited"):
        return "Exited"
    if kind.startswith("MapIteration"):
        return "Iteration"
    if kind.startswith("Execution"):
        return "Execution"
    return "Evaluation" if kind == "EvaluationFailed" else "Work"


def _under_way(visit: Visit) -> bool:
    """Whether a visit, and every visit around it, belongs to what was going on last: no exit, no later attempt of what is around it."""
    owner = visit.owner
    while owner is not None:
        if owner.exited_id is not None or (owner.attempts and visit.entered_id < owner.attempts[-1].scheduled_id):
            return False
        visit, owner = owner, owner.owner
    return True


class _Branching(_Line):
    """Marks the start of a Parallel: every first state after it begins a line of its own."""

    __slots__ = ()


__all__ = ["Attempt", "History", "Path", "Projector", "RunView", "StateRun", "Status", "Visit", "project"]
