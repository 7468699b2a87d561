"""The engine's local extensions beyond AWS: breakpoints, pause, step, skip a wait, run from here, the state of a run after an event.

Requests and answers have the style of AWS's: `executionArn`, texts of JSON for payloads. Errors: `ServiceError` with `ExecutionDoesNotExist`,
`ExecutionNotRunning`, `ExecutionNotHeld`, `InvalidEvent`, `InvalidDefinition`, `InvalidExecutionInput`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from studio.asl.tree import Json
from studio.asl.values import to_aws_text
from studio.errors import ServiceError
from studio.exec import fork
from studio.exec.hold import Holds, held, release, skip
from studio.exec.redrive import folded
from studio.exec.reopen import Engine, Reopened, identity_of
from studio.exec.requests import check_input, new_uuid, when
from studio.exec.run import Frame, Identity, Run
from studio.exec.scheduler import Live
from studio.exec.service import Response
from studio.store.eventlog import Row

T = TypeVar("T")


class Service(Engine, Protocol):
    """What of the engine is needed here."""

    def in_engine(self, work: Callable[[], T]) -> Awaitable[T]: ...
    def check(self, definition: str) -> None: ...
    def identity(self, machine: str, name: str, kind: str) -> Identity: ...


class Debugger:
    """Serves the local extensions; each method takes AWS-like members and answers a dictionary."""

    def __init__(self, engine: Service, reopened: Reopened) -> None:
        self._engine = engine
        self._reopened = reopened

    # Holding and going on

    async def set_breakpoints(self, **request: Any) -> Response:
        """`breakpoints`: names of states the run stops before. They replace those it had."""
        names = frozenset(str(name) for name in request["breakpoints"])

        def work() -> Response:
            live = self._live(request)
            self._holds(live).breakpoints = names
            self._keep(live)
            return {"breakpoints": sorted(names)}

        return await self._engine.in_engine(work)

    async def pause_execution(self, **request: Any) -> Response:
        """Every line of work stops before its next state; tasks and waits that are under way end first."""

        def work() -> Response:
            live = self._live(request)
            holds = self._holds(live)
            holds.paused, holds.over = True, None
            self._keep(live)
            return {}

        return await self._engine.in_engine(work)

    async def continue_execution(self, **request: Any) -> Response:
        """Ends the pause and releases what is held, or only `frame`, with another `input` where that is given. Breakpoints stay."""

        def work() -> Response:
            live = self._live(request)
            holds = self._holds(live)
            everything = "frame" not in request
            released = self._release(live, request, everything=everything)
            if everything:
                holds.paused, holds.over = False, None
            self._keep(live)
            return {"released": released}

        return await self._engine.in_engine(work)

    async def step_execution(self, **request: Any) -> Response:
        """Releases one held line of work (`frame`, else the first) up to its next state; with `over`, without stopping inside a Parallel or
        Map.
        """

        def work() -> Response:
            live = self._live(request)
            _, waiting = self._held(live, request.get("frame"))
            holds = self._holds(live)
            holds.paused, holds.over = True, waiting.id if request.get("over") else None
            released = self._release(live, request, everything=False)
            self._keep(live)
            return {"released": released}

        return await self._engine.in_engine(work)

    async def skip_wait(self, **request: Any) -> Response:
        """Ends Wait states and the delays of retries now: of `frame`, else all."""

        def work() -> Response:
            skipped = 0
            for live in self._family(self._live(request)):
                live.run.now = live.clock.now()
                for frame in list(live.run.frames.values()):
                    if request.get("frame") in {None, frame.id} and skip(live.run, frame):
                        skipped += 1
                self._engine.scheduler.settle(live)
            return {"skipped": skipped}

        return await self._engine.in_engine(work)

    def _release(self, live: Live, request: dict[str, Any], *, everything: bool) -> int:
        given: list[Json] = []
        if request.get("input") is not None:
            check_input(request["input"])
            given = [json.loads(request["input"])]
        if everything:
            found = [(one, frame) for one in self._family(live) for frame in held(one.run)]
            if given and len(found) != 1:
                message = f"{len(found)} lines of work are held: say with 'frame' which one gets the input."
                raise ServiceError("ExecutionNotHeld", message)
        else:
            found = [self._held(live, request.get("frame"))]
        for one, frame in found:
            one.run.now = one.clock.now()
            release(one.run, frame, given)
            self._engine.scheduler.settle(one)
        return len(found)

    def _held(self, live: Live, frame: int | None) -> tuple[Live, Frame]:
        for one in self._family(live):
            for waiting in held(one.run):
                if frame is None or waiting.id == frame:
                    return one, waiting
        raise ServiceError("ExecutionNotHeld", "Nothing is held there: the run is under way.")

    def _family(self, live: Live) -> list[Live]:
        """An execution and the child executions of its Map Runs that run."""
        arn = live.run.identity.arn
        children = [one for one in self._engine.scheduler.live.values() if one.meta.get("parent") == arn and "index" in one.meta]
        return [live, *children]

    def _live(self, request: dict[str, Any]) -> Live:
        arn = request["executionArn"]
        live = self._engine.scheduler.live.get(arn)
        if live is None:
            row = self._row(arn)
            raise ServiceError("ExecutionNotRunning", f"The execution is {row.status}: only one that runs can be held or released.")
        return live

    def _row(self, arn: str) -> Row:
        row = self._engine.log.get(arn)
        if row is None:
            raise ServiceError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return row

    @staticmethod
    def _holds(live: Live) -> Holds:
        if live.run.holds is None:
            live.run.holds = Holds()
        return live.run.holds

    def _keep(self, live: Live) -> None:
        """Put the holds on disk: they are kept over a restart, and shared with children that run already."""
        holds = self._holds(live)
        live.meta["holds"] = holds.to_json()
        for one in self._family(live):
            one.run.holds = holds
        self._engine.log.describe(live.run.identity.arn, live.meta)

    # The state of a run

    async def describe_moment(self, **request: Any) -> Response:
        """The state of a run after the event `eventId`, or now: its status and every line of work.

        `lines`: `{frame, executionArn, state, phase, iterations: [{state, index}], input, variables, until?, attempt?, error?}`; phase is held,
        entered, running, waiting, backoff, … and `state` the one it is in, or (next, held) comes to.
        """

        def work() -> Response:
            arn, number = request["executionArn"], request.get("eventId")
            row = self._row(arn)
            live = self._engine.scheduler.live.get(arn)
            if live is not None and number is None:
                lines = [line for one in self._family(live) for line in moment(one.run)]
                holds = live.run.holds or Holds()
                return {"executionArn": arn, "status": live.run.status, **holds.to_json(), "lines": lines}
            if row.meta.get("imported"):
                raise ServiceError("ValidationException", "This run was imported: its history is here, not what the engine made of it.")
            events = self._engine.log.events(arn)
            prefix = events if number is None else up_to(events, number)
            run = folded(self._engine.machine(row.definition), identity_of(row), prefix, express=row.kind == "EXPRESS")
            return {"executionArn": arn, "status": run.status, "breakpoints": [], "paused": False, "lines": moment(run)}

        return await self._engine.in_engine(work)

    # Run from here

    async def describe_run_from(self, **request: Any) -> Response:
        """What `run_from` would do: `{state, input, eventId, reused, again, summary}`."""

        def work() -> Response:
            row = self._row(request["executionArn"])
            events = self._engine.log.events(row.arn)
            entered = _entry(request, events)
            planned = fork.plan(events, entered)
            given = (fork.beginning(events, entered)[1][4] or {}).get("input")
            return {
                "state": planned.state,
                "eventId": entered,
                "input": to_aws_text(given),
                "reused": list(planned.reused),
                "again": list(planned.again),
                "summary": str(planned),
            }

        return await self._engine.in_engine(work)

    async def run_from(self, **request: Any) -> Response:
        """A new execution that begins where an old one entered a state: at `eventId`, or where it entered `state` last.

        Optional: `input` of that state, `definition`, `name`, `breakpoints`, `paused`, and `world`, what answers its tasks, as `run_definition`
        keeps it (`WORLD`; none: that of the old run).
        Answers `{executionArn, startDate, summary}`.
        """
        given = request.get("input")
        if given is not None:
            check_input(given)

        def work() -> Response:
            engine = self._engine
            row = self._row(request["executionArn"])
            events = engine.log.events(row.arn)
            entered = _entry(request, events)
            definition = request.get("definition") or row.definition
            engine.check(definition)
            old = engine.machine(row.definition)
            reason = fork.misfit(old, engine.machine(definition), fork.beginning(events, entered)[0])
            if reason:
                raise ServiceError("InvalidDefinition", f"{reason}: begin earlier.")
            who = engine.identity(row.machine.split(":", 6)[6].partition("/")[0], request.get("name") or new_uuid(), row.kind)
            if engine.log.get(who.arn) is not None:
                raise ServiceError("ExecutionAlreadyExists", f"Execution Already Exists: '{who.arn}'")
            who.machine_arn, who.role_arn = row.machine, row.meta.get("roleArn", "")
            changes: dict[str, Any] = {}
            if request.get("breakpoints") or request.get("paused"):
                holds = Holds(frozenset(request.get("breakpoints") or ()), bool(request.get("paused")))
                changes["holds"] = holds.to_json()
            if "world" in request:
                changes |= {name: request["world"].get(name) for name in WORLD}
            if "skipWaits" in request:
                changes["skipWaits"] = bool(request["skipWaits"])
            new = self._reopened.fork(row, entered, who, definition, [] if given is None else [json.loads(given)], changes)
            return {"executionArn": new.arn, "startDate": when(new.started), "summary": str(fork.plan(events, entered))}

        return await self._engine.in_engine(work)


WORLD = ("workflow", "mocks", "mocksMachine", "case", "functions", "folder")
"""What is kept with a run about who answers its tasks."""


def _entry(request: dict[str, Any], events: list[Any]) -> int:
    if request.get("eventId") is not None:
        return int(request["eventId"])
    return fork.last_entry(events, request["state"])


def up_to(events: list[Any], number: int) -> list[Any]:
    """The log up to the public event `number`, that one included. ServiceError where there is none."""
    seen = 0
    for index, event in enumerate(events):
        seen += event[0][0] != "_"
        if seen == number:
            return events[: index + 1]
    raise ServiceError("InvalidEvent", f"The history has {seen} events; there is no event {number}.")


def moment(run: Run) -> list[dict[str, Any]]:
    """Every line of work of a run (`Debugger.describe_moment`)."""
    lines: list[dict[str, Any]] = []
    for _, frame in sorted(run.frames.items()):
        name = frame.next if frame.phase in {"next", "held"} else frame.state.name if frame.state is not None else None
        line: dict[str, Any] = {
            "frame": frame.id,
            "executionArn": run.identity.arn,
            "state": name,
            "phase": frame.phase,
            "iterations": _iterations(frame),
            "input": to_aws_text(frame.input),
            "variables": {variable: to_aws_text(value) for variable, value in frame.variables.items()},
        }
        if frame.phase in {"waiting", "backoff"}:
            line["until"] = when(frame.until)
        if frame.phase in {"running", "backoff"}:
            line["attempt"] = frame.attempt
        if frame.error is not None:
            line["error"] = frame.error.error
        lines.append(line)
    return lines


def _iterations(frame: Frame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    here = frame
    while here.parent is not None:
        state = here.parent.state
        if state is not None:
            found.append({"state": state.name, "index": here.index, "kind": here.kind})
        here = here.parent
    return found[::-1]
