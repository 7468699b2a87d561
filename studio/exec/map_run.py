"""Map Runs: the child executions of a Distributed Map, started as far as its concurrency allows, counted as they end.

Theory of operation: every child is an execution of its own with its own history. A Map Run is rebuilt after a crash from its children's
rows: those that ended are counted, those that are open go on by themselves and are watched, the rest is started.

Concurrency model: lives in the engine's thread, between two batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from studio.asl.tree import Json
from studio.asl.values import Failure
from studio.exec.effects import StartMapRun
from studio.exec.run import Run
from studio.store.eventlog import Row

MAX_AT_ONCE = 10_000
"""Child executions at a time (AWS's quota)."""
STARTED_AT_ONCE = 1_000
"""Child executions begun in one go, so that other runs get their turn."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its output, or None where it did not succeed. `again`: it failed before the Map Run was redriven last."""

    status: str
    output: Json
    again: bool = False


class Children(Protocol):
    """Who knows how to start children and what became of those of an earlier process."""

    def known(self, parent: Run, effect: StartMapRun) -> dict[int, Ended | None]:
        """The children of a Map Run by index; None for one that still runs."""
        ...

    def redrive(self, parent: Run, effect: StartMapRun, index: int, given: Json) -> None:
        """Have a child that did not succeed go on (Standard), or begin anew (Express)."""
        ...

    def start(self, parent: Run, effect: StartMapRun, index: int, given: Json) -> None: ...

    def stop(self, arn: str) -> None:
        """Abort all children that run."""
        ...

    def rows(self, arn: str) -> list[Row]:
        """The rows of all children, in the items' order."""
        ...

    def begun(self, arn: str) -> float | None:
        """When a Map Run was started first; None for a new one."""
        ...

    def keep(self, record: MapRun) -> None:
        """Write down what DescribeMapRun tells."""
        ...


@dataclass(slots=True)
class MapRun:
    """A Map Run under way. `done` is called once, with the outputs in the items' order or the failure."""

    effect: StartMapRun
    parent: Run
    inputs: list[Json]
    children: Children
    done: Callable[[list[Json] | Failure], None]
    started: float
    status: str = "RUNNING"
    stopped: float | None = None
    redriven: float | None = None
    next: int = 0
    again: list[int] = field(default_factory=list[int])
    """The children to be redriven, in the items' order."""
    running: set[int] = field(default_factory=set[int])
    ended: dict[int, Ended] = field(default_factory=dict[int, Ended])
    failures: int = 0

    @property
    def arn(self) -> str:
        return self.effect.arn

    def begin(self) -> None:
        for index, ended in sorted(self.children.known(self.parent, self.effect).items()):
            self.next = max(self.next, index + 1)
            if ended is None:
                self.running.add(index)
            elif ended.again:
                self.again.append(index)
            else:
                self._count(index, ended)
        self.children.keep(self)
        self.go_on()

    def go_on(self) -> None:
        """Start what may start, end when all have ended or too many have failed."""
        if self.status != "RUNNING":
            return
        if self._too_many():
            self._end("FAILED", Failure("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"))
            return
        limit = min(self.effect.limit or MAX_AT_ONCE, MAX_AT_ONCE)
        begun = 0
        while len(self.running) < limit and self.again and begun < STARTED_AT_ONCE:
            index, begun = self.again.pop(0), begun + 1
            self.running.add(index)
            self.children.redrive(self.parent, self.effect, index, self.inputs[index])
        while len(self.running) < limit and self.next < len(self.inputs) and begun < STARTED_AT_ONCE:
            index, self.next, begun = self.next, self.next + 1, begun + 1
            self.running.add(index)
            self.children.start(self.parent, self.effect, index, self.inputs[index])
        if not self.running and not self.again and self.next >= len(self.inputs):
            outputs = [e.output for _, e in sorted(self.ended.items()) if e.status == "SUCCEEDED"]
            self._end("SUCCEEDED", outputs)

    def child_ended(self, index: int, ended: Ended) -> None:
        if index in self.running:
            self.running.discard(index)
            self._count(index, ended)
            self.go_on()

    def update(self, limit: int | None, count: int | None, percentage: float | None) -> None:
        """Change the limits while it runs (UpdateMapRun); None leaves one as it is."""
        tolerated = (self.effect.tolerated[0] if count is None else count, self.effect.tolerated[1] if percentage is None else percentage)
        self.effect = self.effect._replace(limit=self.effect.limit if limit is None else limit, tolerated=tolerated)
        self.children.keep(self)
        self.go_on()

    def abort(self) -> None:
        if self.status == "RUNNING":
            self.status = "ABORTED"
            self.children.stop(self.arn)
            self.children.keep(self)

    def _count(self, index: int, ended: Ended) -> None:
        self.ended[index] = ended
        self.failures += ended.status != "SUCCEEDED"

    def _too_many(self) -> bool:
        count, percentage = self.effect.tolerated
        if count is None and percentage is None:
            return self.failures > 0
        by_count = count is not None and self.failures > count
        return by_count or (percentage is not None and self.failures * 100 > percentage * len(self.inputs))

    def _end(self, status: str, outcome: list[Json] | Failure) -> None:
        self.status = status
        if self.running:
            self.children.stop(self.arn)
        self.children.keep(self)
        self.done(outcome)

    def counts(self) -> dict[str, int]:
        """`itemCounts` and `executionCounts` of DescribeMapRun."""
        by: dict[str, int] = {"SUCCEEDED": 0, "FAILED": 0, "TIMED_OUT": 0, "ABORTED": 0}
        for ended in self.ended.values():
            by[ended.status] = by.get(ended.status, 0) + 1
        aborted = by["ABORTED"] + (0 if self.status == "RUNNING" else len(self.inputs) - len(self.ended))
        return {
            "pending": len(self.inputs) - self.next if self.status == "RUNNING" else 0,
            "running": len(self.running) if self.status == "RUNNING" else 0,
            "succeeded": by["SUCCEEDED"],
            "failed": by["FAILED"],
            "timedOut": by["TIMED_OUT"],
            "aborted": aborted,
            "total": len(self.inputs),
            "resultsWritten": 0,
            "failuresNotRedrivable": 0,
            "pendingRedrive": len(self.again) if self.status == "RUNNING" else 0,
        }


def items_of(batch: Json) -> int:
    """How many items a child's input stands for: those of a batch, else one."""
    items = batch.get("Items") if isinstance(batch, dict) else None
    return len(items) if isinstance(items, list) else 1


__all__: list[Any] = ["Children", "Ended", "MapRun", "items_of"]
