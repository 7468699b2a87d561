"""The engine's thread: every running execution of a process, moved on batch by batch.

Concurrency model: one thread owns all runs and the log's writing; it takes orders from a queue (`call`), performs blocking tasks in a
pool whose answers come back through the same queue, and sleeps until the next timer. So runs need no locks, and the pages'
event loop never waits for a run. A run gets one batch at a time: a long one does not starve the others.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from dataclasses import dataclass, field
from heapq import heappop, heappush
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from studio.asl.tree import Json
from studio.asl.values import Failure
from studio.exec import decide as core
from studio.exec.clock import Clock
from studio.exec.driver import Writer
from studio.exec.effects import CancelTask, RunTask, StartMapRun
from studio.exec.events import Event
from studio.exec.items import Reader
from studio.exec.map_run import Children, Ended, MapRun
from studio.exec.origin import CALLER, Origin
from studio.exec.outcome import end_execution
from studio.exec.outside import Outside
from studio.exec.performers import Ongoing, Performer, Performers, ongoing
from studio.exec.run import Run
from studio.exec.steps.map import map_run_inputs, writer_arguments

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Live:
    """A running execution: its run, its place in the log, its world; `events` are all its public events so far."""

    run: Run
    writer: Writer
    world: Performers
    clock: Clock
    events: list[Event] = field(default_factory=list[Event])
    watchers: list[Future[None]] = field(default_factory=list[Future[None]])
    ended: list[Callable[[Live], object]] = field(default_factory=list[Callable[["Live"], object]])
    queued: bool = False
    meta: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the execution's row says of how it is run (mocks, quotas, …)."""

    def __post_init__(self) -> None:
        self.run.unfit = self.world.unfit

    def child(self, run: Run, writer: Writer) -> Live:
        """A child execution in the same world, on the same clock."""
        live = Live(run, writer, self.world, self.clock)
        live.events.extend(run.batch)
        return live


class Scheduler:
    """Runs executions until it is stopped. `add` and `call` may be used from any thread."""

    def __init__(self, *, workers: int = 64) -> None:
        self.live: dict[str, Live] = {}
        self._inbox: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._ready: deque[Live] = deque()
        self._timers: list[tuple[float, int, Live]] = []
        self._map_runs: dict[tuple[str, int], MapRun] = {}
        self._jobs: dict[tuple[str, int], Ongoing] = {}
        """What goes on outside until it is cancelled: the jobs of `.sync` tasks, by execution and frame."""
        self.outside: Outside | None = None
        """Who keeps the tasks that are answered from outside."""
        self.children: Children | None = None
        """Who starts and keeps the child executions of Map Runs."""
        self._tick = itertools.count()
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="studio-task")
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="studio-engine", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread; runs that are open stay in the log and go on at the next start."""
        thread = self._thread
        if thread is not None:
            self._inbox.put(None)
            thread.join(timeout=10)
            self._thread = None
        self._pool.shutdown(wait=False, cancel_futures=True)

    def call(self, work: Callable[[], T]) -> Future[T]:
        """Have the engine's thread do something between two batches."""
        answer: Future[Any] = Future()

        def order() -> None:
            if answer.set_running_or_notify_cancel():
                try:
                    answer.set_result(work())
                except BaseException as error:  # handed to whoever asked
                    answer.set_exception(error)

        self._inbox.put(order)
        return answer

    def add(self, live: Live) -> None:
        """Take over a run (in the engine's thread)."""
        self.live[live.run.identity.arn] = live
        self.wake(live)

    def wake(self, live: Live) -> None:
        if not live.queued:
            live.queued = True
            self._ready.append(live)

    def _loop(self) -> None:
        while True:
            try:
                order = self._inbox.get(timeout=self._patience())
                while True:
                    if order is None:
                        self._leave()
                        return
                    _safely(order)
                    order = self._inbox.get_nowait()
            except Empty:
                pass
            self._due()
            for _ in range(len(self._ready)):
                live = self._ready.popleft()
                live.queued = False
                try:
                    self._step(live)
                except BaseException:  # a bug of ours in one run, a panic of a library included, must not end the others
                    _log.exception("The execution %s stopped because of a bug in the engine", live.run.identity.arn)
                    self._give_up(live)

    def _patience(self) -> float | None:
        if self._ready:
            return 0
        while self._timers:
            due, _, live = self._timers[0]
            if live.run.status != "RUNNING":
                heappop(self._timers)
                continue
            return min(max(0.0, due - live.clock.now()), 3600.0)
        return None

    def _due(self) -> None:
        while self._timers and self._timers[0][0] <= self._timers[0][2].clock.now():
            _, _, live = heappop(self._timers)
            self.wake(live)

    def _step(self, live: Live) -> None:
        run = live.run
        if run.status == "RUNNING":
            core.decide(run, live.clock.now())
        effects, run.effects = run.effects, []
        slow: list[RunTask] = []
        for effect in effects:
            if isinstance(effect, RunTask):
                answer = live.world.at_once(effect)
                if answer is None:
                    slow.append(effect)
                elif isinstance(answer, Failure):
                    core.task_failed(run, effect.frame, effect.attempt, answer, live.clock.now())
                else:
                    core.task_succeeded(run, effect.frame, effect.attempt, answer.value, live.clock.now())
        self._flush(live)
        for effect in slow:
            if self.outside is None or not self.outside.take(live, effect):
                self._begin(live, effect)
        for effect in effects:
            if isinstance(effect, CancelTask) and (job := self._jobs.pop((run.identity.arn, effect.frame), None)) is not None:
                job.cancel()
            match effect:
                case CancelTask(frame=frame) if self.outside is not None:
                    self.outside.cancel(live, frame)
                    if (live.run.identity.arn, frame) in self._map_runs:
                        self._map_runs.pop((live.run.identity.arn, frame)).abort()
                case StartMapRun():
                    self._start_map_run(live, effect)
                case _:
                    pass
        if run.status != "RUNNING":
            self._end(live)
        elif core.busy(run) or run.effects:
            self.wake(live)
        else:
            due = core.wake_at(run)
            if due is not None and live.clock.skips and not slow and not _running(run):
                live.clock.wait(due)
                self.wake(live)
            elif due is not None:
                heappush(self._timers, (due, next(self._tick), live))

    def settle(self, live: Live) -> None:
        """Put what a run was just told on disk, before whoever told it hears so; then let it go on."""
        self._flush(live)
        self.wake(live)

    def _flush(self, live: Live) -> None:
        written = live.writer.flush()
        if written:
            live.events.extend(e for e in written if e[0][0] != "_")
            watchers, live.watchers = live.watchers, []
            for watcher in watchers:
                tell(watcher, None)

    def _begin(self, live: Live, effect: RunTask) -> None:
        """Have a task performed: in the pool, a job that is waited for in a thread of its own."""
        job = ongoing(live.world.performer(effect)) if effect.resource.pattern.startswith("sync") else None
        if job is None:
            self._pool.submit(self._perform, live, effect)
            return
        job.before = live.run.frames[effect.frame].data.get("submitted")

        def submitted(answer: Json) -> None:
            if core.task_submitted(live.run, effect.frame, effect.attempt, answer, live.clock.now()):
                self.settle(live)

        job.told = lambda answer: self._inbox.put(lambda: submitted(answer))
        self._jobs[live.run.identity.arn, effect.frame] = job
        threading.Thread(target=self._perform, args=(live, effect, job), name="studio-job", daemon=True).start()

    def _perform(self, live: Live, effect: RunTask, performer: Performer | None = None) -> None:
        asks = CALLER.set(Origin(live.run.identity.arn, "started", effect.state.name))
        try:
            found: Any = (performer or live.world.performer(effect))(effect)
        except Exception as error:  # a performer's bug fails its task, not the engine
            _log.exception("A task could not be performed: %s", effect.resource.arn)
            found = Failure("Studio.PerformerFailed", f"{type(error).__name__}: {error}")
        finally:
            CALLER.reset(asks)

        def answer() -> None:
            now = live.clock.now()
            if performer is not None and self._jobs.get((live.run.identity.arn, effect.frame)) is performer:
                del self._jobs[live.run.identity.arn, effect.frame]
            if isinstance(found, Failure):
                taken = core.task_failed(live.run, effect.frame, effect.attempt, found, now)
            elif effect.resource.pattern == "waitForTaskToken":
                taken = core.task_submitted(live.run, effect.frame, effect.attempt, found.value, now)
            else:
                taken = core.task_succeeded(live.run, effect.frame, effect.attempt, found.value, now)
            if taken:
                self.wake(live)

        self._inbox.put(answer)

    # Map Runs

    def _start_map_run(self, live: Live, effect: StartMapRun) -> None:
        assert self.children is not None
        run = live.run
        frame = run.frames[effect.frame]

        def over(outcome: Json | Failure) -> None:
            self._map_runs.pop((run.identity.arn, effect.frame), None)
            if core.map_run_ended(run, effect.frame, effect.attempt, outcome, live.clock.now()):
                self.wake(live)

        def done(outcome: list[Json] | Failure) -> None:
            arguments = writer_arguments(run, frame)
            if isinstance(outcome, Failure) or arguments is None:
                over(outcome)
            elif isinstance(arguments, Failure):
                over(arguments)
            else:
                assert self.children is not None
                rows = self.children.rows(effect.arn)
                self._work(lambda: live.world.write_results(effect, arguments, rows, run.identity.region), over)

        if "reader" in frame.data and not frame.data.get("read"):
            reader = Reader(**frame.data["reader"])

            def taken(items: list[Json] | Failure) -> None:
                if isinstance(items, Failure):
                    over(items)
                elif frame.phase == "mapping" and frame.attempt == effect.attempt:
                    frame.items, frame.data["read"] = items, True
                    self._start_map_run(live, effect)

            self._work(lambda: live.world.read_items(reader, run.identity.region), taken)
            return
        inputs = map_run_inputs(run, frame)
        if isinstance(inputs, Failure):
            done(inputs)
            return
        now = live.clock.now()
        map_run = MapRun(effect, run, inputs, self.children, done, self.children.begun(effect.arn) or now, redriven=now)
        self._map_runs[run.identity.arn, effect.frame] = map_run
        map_run.begin()

    def _work(self, work: Callable[[], T], then: Callable[[T | Failure], None]) -> None:
        """Something that blocks, in the pool; what comes of it goes on in the engine's thread."""

        def perform() -> None:
            found: T | Failure
            try:
                found = work()
            except Exception as error:  # whatever it was, the run must hear of it
                _log.exception("The storage of a Map could not be reached")
                found = Failure("Studio.PerformerFailed", f"{type(error).__name__}: {error}")
            self._inbox.put(lambda: then(found))

        self._pool.submit(perform)

    def child_ended(self, arn: str, index: int, ended: Ended) -> None:
        """A child execution of the Map Run `arn` has ended."""
        for map_run in list(self._map_runs.values()):
            if map_run.arn == arn:
                map_run.child_ended(index, ended)

    def map_run(self, arn: str) -> MapRun | None:
        """A Map Run that is under way."""
        return next((m for m in self._map_runs.values() if m.arn == arn), None)

    def _end(self, live: Live) -> None:
        arn = live.run.identity.arn
        self.live.pop(arn, None)
        for key in [key for key in self._jobs if key[0] == arn]:
            self._jobs.pop(key).cancel()
        callbacks, live.ended = live.ended, []
        for callback in callbacks:
            _safely(lambda callback=callback: callback(live))

    def _give_up(self, live: Live) -> None:
        """End a run that the engine cannot move on: what was decided since its last batch is forgotten, the log says how it ended."""
        run = live.run
        run.batch, run.effects = [], []
        run.count = live.writer.written
        cause = "The engine failed to go on with this execution: a bug of the studio; its log says more."
        try:
            end_execution(run, Failure("Studio.EngineFailed", cause), previous=run.count)
            self._flush(live)
        except BaseException:
            _log.exception("The end of the execution %s could not be written", run.identity.arn)
        self._end(live)
        for watcher in live.watchers:
            tell(watcher, None)

    def _leave(self) -> None:
        for live in list(self.live.values()):
            if live.run.status != "RUNNING":  # it was stopped, and its turn has not come: the log must hear of it
                _safely(lambda live=live: self._step(live))
            for watcher in live.watchers:
                if not watcher.done():
                    watcher.cancel()


def tell(waiting: Future[T], answer: T) -> bool:
    """Answer who waits in another thread. False where nobody waits any more: a caller's request was cancelled."""
    try:
        waiting.set_result(answer)
    except InvalidStateError:
        return False
    return True


def _safely(work: Callable[[], object]) -> None:
    """One order of many: its failure, a bug of ours, must not end the thread that moves all runs."""
    try:
        work()
    except BaseException:
        _log.exception("The engine could not carry out an order")


def _running(run: Run) -> bool:
    return any(frame.phase in {"running", "mapping", "held"} for frame in run.frames.values())
