"""Executions that go on: after a restart, redriven, or as a new run from a state of an old one.

Theory of operation: all three fold a log and put a run back to work. A restart folds the whole log; a redrive folds it without its fall
and writes `ExecutionRedriven`; *run from here* copies the events before a state was entered into the log of a new execution.

Concurrency model: everything here happens in the engine's thread, between two batches.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from studio.asl.values import to_aws_text
from studio.errors import ServiceError, StudioError
from studio.exec import owner, redrive
from studio.exec.clock import Clock, VirtualClock
from studio.exec.driver import Writer, fold
from studio.exec.events import Event
from studio.exec.fork import FORKED, beginning, shifted
from studio.exec.hold import Holds
from studio.exec.origin import Origin
from studio.exec.run import Identity, Run, evolve
from studio.exec.scheduler import Live, Scheduler
from studio.store.eventlog import EventLog, Row

if TYPE_CHECKING:
    from studio.exec.children import ChildExecutions
    from studio.exec.machine import Machine
    from studio.exec.worlds import Worlds

_log = logging.getLogger(__name__)


class Engine(Protocol):
    """What of the engine is needed here."""

    log: EventLog
    scheduler: Scheduler
    children: ChildExecutions
    worlds: Worlds
    clock: Callable[[], Clock]

    def machine(self, definition: str) -> Machine: ...


class Reopened:
    """Puts executions of the log back to work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # After a restart

    def resume_all(self) -> None:
        """Every execution that is open in the log and that no other process moves on."""
        log = self._engine.log
        for row in log.open_rows():
            held = row.meta.get("owner")
            if row.arn in self._engine.scheduler.live:  # begun since the start: a run must not be moved on twice
                continue
            if held != owner.me() and owner.is_alive(held):
                continue
            row.meta["owner"] = owner.me()
            log.describe(row.arn, row.meta)
            try:
                self._resume(row)
            except (StudioError, ValueError, KeyError) as error:
                _log.exception("The execution %s cannot go on", row.arn)
                cause = f"The run could not go on after a restart: {error}"
                end = {"status": "FAILED", "ended": row.started, "error": "Studio.ResumeFailed", "cause": cause}
                log.append(row.arn, log.batches(row.arn), row.events + 1, row.events, [], end)

    def _resume(self, row: Row) -> None:
        events = self._engine.log.events(row.arn)
        run = fold(self._machine(row), identity_of(row), events, quotas=_limited(row), express=row.kind == "EXPRESS")
        live = self._live(run, row, events, written=run.count)
        if row.map_run:
            parent = self._engine.scheduler.live.get(row.meta.get("parent", ""))
            if parent is not None:
                run.holds = parent.run.holds
            self._engine.children.watch(live, row.map_run, row.meta["index"])
        self._engine.scheduler.add(live)

    def _machine(self, row: Row) -> Machine:
        return self._engine.machine(row.definition)

    def _live(self, run: Run, row: Row, events: list[Event], *, written: int) -> Live:
        engine = self._engine
        clock: Clock = VirtualClock() if row.meta.get("skipWaits") else engine.clock()
        live = Live(run, Writer(engine.log, run, seq=engine.log.batches(row.arn), written=written), engine.worlds.of(row.meta), clock)
        live.meta = row.meta
        live.events.extend(e for e in events if e[0][0] != "_")
        run.holds = Holds.of(row.meta.get("holds"))
        return live

    # RedriveExecution

    def redrive(self, row: Row, token: str | None = None) -> float:
        """The same execution goes on with what failed; answers when (seconds). `token`: the client's, kept with the execution."""
        events = self._engine.log.events(row.arn)
        row.meta = {**row.meta, "redrives": row.meta.get("redrives", 0) + 1, "owner": owner.me()}
        clock: Clock = VirtualClock() if row.meta.get("skipWaits") else self._engine.clock()
        now = row.meta["redriven"] = clock.now()
        if token is not None:
            row.meta["redriveTokens"] = [*row.meta.get("redriveTokens", [])[-9:], [token, now]]
        run = redrive.rewound(self._machine(row), identity_of(row), events, quotas=_limited(row))
        event: Event = (redrive.REDRIVEN, run.count, now, 0, {"redriveCount": row.meta["redrives"]})
        redrive.restart(run, event)
        run.now = now
        run.batch.append(event)
        evolve(run, event)
        redrive.ask_again(run)
        self._engine.log.reopen(row.arn, row.meta)
        live = self._live(run, row, events, written=row.events)
        live.clock = clock
        if row.map_run:
            self._engine.children.watch(live, row.map_run, row.meta["index"])
        self._engine.scheduler.add(live)
        self._engine.scheduler.settle(live)
        return now

    # Run from here

    def fork(self, row: Row, entered: int, who: Identity, definition: str, given: Any, changes: dict[str, Any]) -> Row:
        """A new execution `who` that begins where `row` entered a state (the id of that event), with the results it had by then.

        `given` is what that state gets instead of its own input, as a one-element list (empty: its own). Errors: ServiceError.
        """
        engine = self._engine
        if row.meta.get("imported"):
            message = "This run was imported: run its workflow with the same input, and its mocks, to have one that can be begun anywhere."
            raise ServiceError("ValidationException", message)
        prefix, target = beginning(engine.log.events(row.arn), entered)
        meta = {key: value for key, value in row.meta.items() if key not in {"redrives", "redriven", "index", "holds"}}
        changed = (*(("input",) if given else ()), *(("definition",) if definition != row.definition else ()))
        begun = Origin(row.arn, "from", (target[4] or {})["name"], changed=changed).meta()
        meta |= {"owner": owner.me(), "from": entered, **begun, **changes}
        clock: Clock = VirtualClock() if meta.get("skipWaits") else engine.clock()
        now = clock.now()
        copied = shifted(prefix, now)
        who.started = copied[0][2]
        machine = engine.machine(definition)
        try:
            run = redrive.folded(machine, who, copied, quotas=meta.get("quotas", "aws") == "aws", express=row.kind == "EXPRESS")
        except KeyError as error:
            message = f"The run went through the state {error}, which the definition does not have any more: begin earlier."
            raise ServiceError("InvalidDefinition", message) from error
        frame = run.frames.get(target[3])
        name = (target[4] or {})["name"]
        if frame is None or frame.phase != "next" or name not in frame.scope.states:
            raise ServiceError("InvalidDefinition", f"In this definition the run does not come to the state '{name}' there: begin earlier.")
        event: Event = (FORKED, 0, now, target[3], {"_state": name, **({"_input": given[0]} if given else {})})
        run.now = now
        redrive.restart(run, event, fork=True)
        evolve(run, event)
        run.batch = [*copied, event]
        started = copied[0][4] or {}
        new = Row(
            who.arn,
            who.name,
            who.machine_arn,
            row.kind,
            "RUNNING",
            who.started,
            definition,
            started.get("_text") or to_aws_text(started.get("input")),
            meta,
        )
        live = Live(run, Writer(engine.log, run), engine.worlds.of(meta), clock)
        live.meta = meta
        live.events.extend(e for e in run.batch if e[0][0] != "_")
        run.holds = Holds.of(meta.get("holds"))
        live.writer.create(new)
        engine.scheduler.add(live)
        return new


def identity_of(row: Row) -> Identity:
    """Who an execution of the log is."""
    parts = row.arn.split(":")
    return Identity(
        arn=row.arn,
        name=row.name,
        machine_arn=row.machine,
        machine_name=row.machine.split(":", 6)[6],
        role_arn=row.meta.get("roleArn", ""),
        started=row.started,
        region=parts[3],
        account=parts[4],
        redrives=row.meta.get("redrives", 0),
        redriven=row.meta.get("redriven"),
    )


def _limited(row: Row) -> bool:
    return row.meta.get("quotas", "aws") == "aws"


__all__ = ["Reopened", "identity_of"]
