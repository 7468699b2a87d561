"""The synchronous driver: one run from its start to its end, every event on disk before an effect that depends on it.

`run_once` serves the command line and tests. It imports no event loop: tasks are answered by mocks at once, by Python functions and
other performers in threads of a pool that is made when the first such task comes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.errors import StudioError
from studio.exec import decide as core
from studio.exec import owner
from studio.exec.clock import Clock, SystemClock, VirtualClock
from studio.exec.effects import CancelTask, Effect, RunTask
from studio.exec.events import Event, Texts
from studio.exec.machine import Machine, State, compile_machine
from studio.exec.performers import Answer, Performer, Performers, ongoing
from studio.exec.redrive import folded
from studio.exec.run import Identity, Run
from studio.store.batches import dumps, loads
from studio.store.eventlog import EventLog, Row

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from queue import SimpleQueue

    from studio.exec.performers import Ongoing
    from studio.exec.performers.mock import Mocks
    from studio.exec.performers.sandbox import Sandbox

ACCOUNT = "123456789012"
LEAST, MOST = 64, 1024
"""Events of a batch. A run that asks for nothing outside may lose the last ones in a crash: it takes the same way again."""
HEAVY, LIGHT = 2_000_000, 200_000
"""Bytes of a batch after which the next one is made smaller, or may be larger: what is on its way to the disk is held in memory."""


class Outcome(NamedTuple):
    """How an execution ended: `status` SUCCEEDED, FAILED, TIMED_OUT or ABORTED; `events` is how many there were; `notice` what a person should
    know about the log.
    """

    status: str
    output: Json
    error: str | None
    cause: str | None
    arn: str
    events: int
    notice: str = ""


def identity(
    name: str, machine: str, started: float, *, express: bool = False, region: str = "us-east-1", account: str = ACCOUNT
) -> Identity:
    base = f"arn:aws:states:{region}:{account}"
    arn = f"{base}:express:{machine}:{name}:{os.urandom(16).hex()}" if express else f"{base}:execution:{machine}:{name}"
    return Identity(
        arn=arn,
        name=name,
        machine_arn=f"{base}:stateMachine:{machine}",
        machine_name=machine,
        role_arn=f"arn:aws:iam::{account}:role/StepFunctionsLocal",
        started=started,
        region=region,
        account=account,
    )


def end_of(run: Run) -> dict[str, Any] | None:
    """What the log's row says of an ended run; None while it runs."""
    if run.status == "RUNNING":
        return None
    failure = run.failure
    return {
        "status": run.status,
        "ended": run.ended,
        "output": Texts(run.input, run.raw_input)(run.output) if run.status == "SUCCEEDED" else None,
        "error": failure.error or None if failure else None,
        "cause": failure.cause or None if failure else None,
    }


def fold(machine: Machine, who: Identity, events: list[Event], *, quotas: bool = True, express: bool = False) -> Run:
    """A run rebuilt from its log, ready to go on."""
    run = folded(machine, who, events, quotas=quotas, express=express)
    core.resume(run)
    return run


class Writer:
    """Appends a run's batches to the log. `room` is how many events the next batch should have, for what the last one weighed."""

    __slots__ = ("_log", "_run", "_seq", "_written", "room")

    def __init__(self, log: EventLog, run: Run, *, seq: int = 0, written: int = 0) -> None:
        self._log, self._run, self._seq, self._written = log, run, seq, written
        self.room = LEAST

    def create(self, row: Row) -> None:
        row.events = self._run.count
        self._log.create(row, self._run.batch)
        self._done()

    def flush(self) -> list[Event]:
        """Put the batch on disk; gives back what was written."""
        run = self._run
        batch = run.batch
        if batch:
            size = self._log.append(run.identity.arn, self._seq, self._written + 1, run.count, batch, end_of(run))
            if size < LIGHT:
                self.room = min(MOST, self.room * 2)
            elif size > HEAVY:
                self.room = max(LEAST, self.room // 2)
            run.batch = []
            self._done()
        return batch

    @property
    def written(self) -> int:
        """The id of the last event on disk."""
        return self._written

    def _done(self) -> None:
        self._run.batch = []
        self._seq += 1
        self._written = self._run.count


def run_once(
    definition: Json,
    input: Json = None,  # noqa: A002 - the word the command line uses
    *,
    text: str | None = None,
    mocks: Mocks | None = None,
    type: str = "STANDARD",  # noqa: A002
    skip_waits: bool = False,
    quotas: str = "aws",
    name: str | None = None,
    machine: str = "Workflow",
    log_path: Path | str | None = None,
    functions: Path | str | None = None,
    performers: Performers | None = None,
    progress: Callable[[list[Event]], None] | None = None,
    compiled: Machine | None = None,
    log: EventLog | None = None,
    sandbox: Sandbox | None = None,
) -> Outcome:
    """Run a definition to its end. `text` is the input as the caller wrote it, `functions` the folder of Python functions.

    `sandbox` serves the S3 of Distributed Maps.

    Errors: MachineError where the definition cannot be run. A failed execution is an Outcome, not an error.
    """
    prepared = compiled or compile_machine(definition)
    starts = prepared.scope.has(lambda state: _starts_another(state, mocks))
    if prepared.scope.distributed() or starts:
        real = performers is not None and performers.real
        if real and starts:
            raise StudioError(
                "This workflow starts executions of other state machines, and a local run cannot wait for those on AWS.",
                "Mock these states, run it with --target sandbox, or deploy it and start it on AWS.",
            )
        return _run_in_engine(
            definition, input, text, mocks, type, skip_waits, quotas, name, machine, log_path, functions, progress, sandbox, real=real
        )
    clock: Clock = VirtualClock() if skip_waits else SystemClock()
    express = type == "EXPRESS"
    now = clock.now()
    who = identity(name or os.urandom(16).hex(), machine, now, express=express)
    run = core.start(prepared, who, input, text, now, quotas=quotas == "aws", express=express)
    store = log or EventLog(log_path, check=False)
    writer = Writer(store, run)
    row = Row(
        who.arn,
        who.name,
        who.machine_arn,
        type,
        "RUNNING",
        now,
        dumps(definition).decode(),
        text if text is not None else to_aws_text(input),
    )
    if log_path is not None:
        row.meta = {"owner": owner.me(), "roleArn": who.role_arn, "quotas": quotas, "skipWaits": skip_waits}
        row.meta |= {"mocks": mocks.config, "mocksMachine": mocks.machine, "case": mocks.case} if mocks else {}
        row.meta |= {"functions": str(functions)} if functions else {}
    begun = run.batch
    writer.create(row)
    if progress:
        progress(begun)
    world = performers or Performers(mocks=mocks, functions=functions)
    run.unfit = world.unfit
    pool: list[Any] = []
    jobs: dict[int, Ongoing] = {}
    try:
        _drive(run, writer, clock, world, pool, jobs, progress)
    except KeyboardInterrupt:  # a run whose person has stopped it is over: left open, the next studio would go on with it
        core.stop(run, clock.now(), cause="Interrupted")
        writer.flush()
        raise
    finally:
        for waiting in pool:
            waiting.shutdown(wait=False, cancel_futures=True)
        for job in jobs.values():
            job.cancel()
        if log is None:
            store.close()
    failure = run.failure
    return Outcome(
        run.status,
        run.output,
        failure.error if failure else None,
        failure.cause if failure else None,
        who.arn,
        run.count,
        store.notice,
    )


def _starts_another(state: State, mocks: Mocks | None) -> bool:
    """Whether a state really starts another execution."""
    nested = state.resource is not None and state.resource.nested
    return nested and (mocks is None or state.name not in mocks.states())


def _run_in_engine(
    definition: Json,
    value: Json,
    text: str | None,
    mocks: Mocks | None,
    kind: str,
    skip_waits: bool,
    quotas: str,
    name: str | None,
    machine: str,
    log_path: Path | str | None,
    functions: Path | str | None,
    progress: Callable[[list[Event]], None] | None,
    sandbox: Sandbox | None,
    *,
    real: bool,
) -> Outcome:
    """`run_once` where other executions are needed: by the engine that the studio uses, in this process."""
    import asyncio
    from pathlib import Path

    from studio.exec.local import LocalStepFunctions

    async def run() -> Outcome:
        beside = Path(functions) if functions is not None else None
        service = LocalStepFunctions(Path(log_path) if log_path is not None else None, functions=beside, sandbox=sandbox)
        service.worlds.real = real
        await service.start(resume=False)
        try:
            given = text if text is not None else to_aws_text(value)
            arn = await service.run_definition(
                dumps(definition).decode(),
                given,
                name=name,
                type=kind,
                mocks=mocks,
                workflow=machine,
                folder=beside.parent if beside is not None else None,
                skip_waits=skip_waits,
                quotas=quotas,
            )
            try:
                row = await service.ended(arn)
            except asyncio.CancelledError:  # Ctrl-C
                await service.stop_execution(executionArn=arn, cause="Interrupted")
                await service.ended(arn)
                raise
            events = await service.in_engine(lambda: service.log.events(arn))
        finally:
            await service.aclose()
        if progress:
            progress(events)
        output = None if row.output is None else loads(row.output)
        return Outcome(row.status, output, row.error, row.cause, arn, row.events, service.notice)

    return asyncio.run(run())


def _drive(
    run: Run,
    writer: Writer,
    clock: Clock,
    world: Performers,
    pool: list[Any],
    jobs: dict[int, Ongoing],
    progress: Callable[[list[Event]], None] | None,
) -> None:
    """`jobs` takes what goes on outside until it is cancelled, by frame."""
    answers: Any = None
    outstanding = 0
    while True:
        core.decide(run, clock.now(), writer.room)
        effects, run.effects = run.effects, []
        slow: list[tuple[RunTask, Performer]] = []
        for effect in effects:
            outstanding += _perform(run, effect, clock, world, slow)
            if isinstance(effect, CancelTask) and effect.frame in jobs:
                jobs.pop(effect.frame).cancel()
        if slow or not core.busy(run) or len(run.batch) >= writer.room:
            written = writer.flush()
            if progress and written:
                progress(written)
        if slow:
            answers = answers or _answers(pool)
            for effect, performer in slow:
                outstanding += 1
                if (job := ongoing(performer)) is not None:
                    jobs[effect.frame] = job
                    job.told = _telling(answers, effect)
                _submit(pool[0], answers, performer, effect)
        if run.status != "RUNNING":
            return
        if core.busy(run) or run.effects:
            continue
        due = core.wake_at(run)
        if outstanding:
            outstanding -= _collect(run, answers, clock, due)
        elif due is not None:
            clock.wait(due)
        else:
            raise AssertionError("a run that is not over waits for nothing: a bug of the engine")


def _perform(run: Run, effect: Effect, clock: Clock, world: Performers, slow: list[tuple[RunTask, Performer]]) -> int:
    if not isinstance(effect, RunTask):
        return 0
    answer = world.at_once(effect)
    if answer is None:
        slow.append((effect, world.performer(effect)))
    elif isinstance(answer, Failure):
        core.task_failed(run, effect.frame, effect.attempt, answer, clock.now())
    else:
        core.task_succeeded(run, effect.frame, effect.attempt, answer.value, clock.now())
    return 0


class _Submitted(NamedTuple):
    """A job has begun; its answer comes later."""

    output: Json


def _telling(answers: Any, effect: RunTask) -> Callable[[Json], None]:
    return lambda output: answers.put((effect, _Submitted(output)))


def _answers(pool: list[Any]) -> SimpleQueue[tuple[RunTask, Answer]]:
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    pool.append(ThreadPoolExecutor(max_workers=64, thread_name_prefix="task"))
    found: SimpleQueue[tuple[RunTask, Answer]] = SimpleQueue()
    return found


def _submit(pool: Any, answers: Any, performer: Performer, effect: RunTask) -> None:
    def work() -> None:
        try:
            found = performer(effect)
        except Exception as error:  # a performer's bug must not hang the run
            found = Failure("Studio.PerformerFailed", f"{type(error).__name__}: {error}")
        answers.put((effect, found))

    pool.submit(work)


def _collect(run: Run, answers: Any, clock: Clock, due: float | None) -> int:
    """Wait for an answer or the next timer; takes all answers that are there."""
    from queue import Empty

    timeout = None if due is None else max(0.0, due - clock.now())
    taken = 0
    try:
        effect, found = answers.get(timeout=timeout)
        while True:
            taken += not isinstance(found, _Submitted)
            if isinstance(found, _Submitted):
                core.task_submitted(run, effect.frame, effect.attempt, found.output, clock.now())
            elif isinstance(found, Failure):
                core.task_failed(run, effect.frame, effect.attempt, found, clock.now())
            else:
                core.task_succeeded(run, effect.frame, effect.attempt, found.value, clock.now())
            effect, found = answers.get_nowait()
    except Empty:
        return taken
