"""The local engine behind the StepFunctions protocol: state machines, executions and their histories on this machine.

Theory of operation: requests are checked and answered here; running is the scheduler's. Whatever must survive is in the event log before
it is answered. `start()` folds every execution that was open when the process ended and goes on with it.

Concurrency model: methods are coroutines of the caller's loop; each hands its work to the engine's thread and awaits the answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from studio.asl.text import tree_of
from studio.errors import ServiceError, StudioError
from studio.exec import decide as core
from studio.exec import owner
from studio.exec.activities import Activities, WaitingTasks
from studio.exec.answers import described, not_redrivable, only_standard
from studio.exec.children import ChildExecutions
from studio.exec.clock import Clock, SystemClock, VirtualClock
from studio.exec.debugger import Debugger
from studio.exec.driver import ACCOUNT, Writer
from studio.exec.events import ENDS
from studio.exec.histories import Histories
from studio.exec.hold import Holds
from studio.exec.listings import Listings
from studio.exec.machine import Machine, compile_machine
from studio.exec.origin import CALLER, Origin, starter
from studio.exec.outside import Outside
from studio.exec.reopen import Reopened
from studio.exec.requests import check_arn, check_input, check_name, new_uuid, when
from studio.exec.run import Identity
from studio.exec.scheduler import Live, Scheduler, tell
from studio.exec.searching import Searching
from studio.exec.service import REGION, Response
from studio.exec.state_machines import StateMachines, qualifiers, variable_references
from studio.exec.versions import Versions
from studio.exec.worlds import Worlds, handed_on
from studio.store.eventlog import EventLog, Row

if TYPE_CHECKING:
    from studio.exec.performers.mock import Mocks
    from studio.exec.performers.sandbox import Sandbox

T = TypeVar("T")

TOKEN_SECONDS = 900
"""How long RedriveExecution knows a client's token."""


def _began(text: str) -> dict[str, Any]:
    """What an execution that the API starts with an input comes out of: the task that calls the API, or whom the input names."""
    caller = CALLER.get()
    named = None if caller else starter(text)
    origin = caller or (Origin(named, "started") if named else None)
    return origin.meta() if origin else {}


class LocalStepFunctions:
    """The engine of a workspace. `store_path` None keeps everything in memory; `functions` is the folder of Python functions; `sandbox`
    answers AWS services that are neither mocked nor at an endpoint of the environment; `check` is the event log's.
    """

    def __init__(
        self,
        store_path: Path | None = None,
        *,
        functions: Path | None = None,
        clock: Callable[[], Clock] = SystemClock,
        sandbox: Sandbox | None = None,
        check: bool = True,
    ) -> None:
        import jsonatapy  # noqa: F401  # pyright: ignore[reportUnusedImport] - must be imported by a thread that stays: the library crashes once that one has ended

        self.log = EventLog(store_path, check=check)
        self.worlds = Worlds(self, functions, sandbox)
        self.clock = clock
        self._compiled: dict[str, Machine] = {}
        self.scheduler = Scheduler()
        self.children = self.scheduler.children = ChildExecutions(self.log, self.scheduler)
        self._reopened = self.children.reopened = Reopened(self)
        self._machines = StateMachines(self)
        self._outside = self.scheduler.outside = Outside(self.scheduler, self)
        histories = Histories(self)
        self.get_execution_history, self.wait_events = histories.get_execution_history, histories.wait_events
        listings = Listings(self, self._machines)
        self.list_executions, self.list_map_runs = listings.list_executions, listings.list_map_runs
        self.list_begun_executions = listings.list_begun_executions
        machines, activities, waiting = self._machines, Activities(self), WaitingTasks(self, self._outside)
        self.create_state_machine, self.update_state_machine = machines.create, machines.update
        self.delete_state_machine, self.describe_state_machine = machines.delete, machines.describe
        self.list_state_machines = machines.list_all
        self.searching = Searching(self)
        self.search_executions, self.list_run_workflows = self.searching.search_executions, self.searching.list_run_workflows
        debugger = Debugger(self, self._reopened)
        self.set_breakpoints, self.pause_execution = debugger.set_breakpoints, debugger.pause_execution
        self.continue_execution, self.step_execution = debugger.continue_execution, debugger.step_execution
        self.skip_wait, self.describe_moment = debugger.skip_wait, debugger.describe_moment
        self.run_from, self.describe_run_from = debugger.run_from, debugger.describe_run_from
        versions = Versions(self, machines)
        self.publish_state_machine_version = versions.publish_state_machine_version
        self.delete_state_machine_version = versions.delete_state_machine_version
        self.list_state_machine_versions = versions.list_state_machine_versions
        self.create_state_machine_alias = versions.create_state_machine_alias
        self.describe_state_machine_alias = versions.describe_state_machine_alias
        self.update_state_machine_alias = versions.update_state_machine_alias
        self.delete_state_machine_alias = versions.delete_state_machine_alias
        self.list_state_machine_aliases = versions.list_state_machine_aliases
        self.tag_resource, self.untag_resource = versions.tag_resource, versions.untag_resource
        self.list_tags_for_resource = versions.list_tags_for_resource
        self.create_activity, self.describe_activity = activities.create, activities.describe
        self.list_activities, self.delete_activity = activities.list_all, activities.delete
        self.get_activity_task = waiting.get_activity_task
        self.send_task_success, self.send_task_failure = waiting.send_task_success, waiting.send_task_failure
        self.send_task_heartbeat = waiting.send_task_heartbeat

    @property
    def notice(self) -> str:
        """What a person should know about the store: empty, or that a damaged file was set aside."""
        return self.log.notice

    async def start(self, *, resume: bool = True) -> None:
        """Start the engine's thread and go on with every execution that is open in the log and no other process moves on."""
        self.scheduler.start()
        if resume:
            await self.in_engine(self._reopened.resume_all)

    async def aclose(self) -> None:
        """Stop running. Open executions stay open in the log."""
        await self.searching.aclose()
        await asyncio.to_thread(self.scheduler.stop)
        await asyncio.to_thread(self.worlds.close)
        self.log.close()

    async def in_engine(self, work: Callable[[], T]) -> T:
        """Do something in the engine's thread, between two batches of runs."""
        return await asyncio.wrap_future(self.scheduler.call(work))

    def now(self) -> float:
        return self.clock().now()

    # Running

    def machine(self, definition: str) -> Machine:
        found = self._compiled.get(definition)
        if found is None:
            if len(self._compiled) > 256:
                self._compiled.clear()
            found = self._compiled[definition] = compile_machine(tree_of(definition))
        return found

    def check(self, definition: str) -> None:
        """ServiceError `InvalidDefinition` where a definition cannot be run."""
        try:
            self.machine(definition)
        except (StudioError, ValueError, RecursionError) as error:
            raise ServiceError("InvalidDefinition", f"Invalid State Machine Definition: '{error}'") from error

    def begin(self, machine_arn: str, name: str, text: str, parent: Live, state: str) -> Row:
        """Start the execution that the task `state` of `parent` asks for; the one of that name and input, where it runs already."""
        arn, thing = self._machines.look_up(machine_arn, parent.meta.get("folder"))
        check_input(text)
        who = self.identity(thing["name"], name, thing["type"])
        who.machine_arn, who.role_arn = arn, thing["roleArn"]
        known = self.log.get(who.arn)
        if known is None:
            shared = {
                key: parent.meta[key] for key in ("skipWaits", "quotas", "functions", "folder", "mocks", "case") if key in parent.meta
            }
            shared = handed_on(shared, thing["name"], self._machines.published_from(arn))
            meta = {**shared, "roleArn": who.role_arn, **Origin(parent.run.identity.arn, "started", state).meta()}
            self._launch(who, thing["definition"], text, thing["type"], meta)
        elif known.input != text or known.meta.get("parent") != parent.run.identity.arn:
            raise ServiceError("ExecutionAlreadyExists", f"Execution Already Exists: '{who.arn}'")
        found = self.log.get(who.arn)
        assert found is not None
        return found

    def _launch(self, who: Identity, definition: str, text: str, kind: str, meta: dict[str, Any]) -> Live:
        meta["owner"] = owner.me()
        clock: Clock = VirtualClock() if meta.get("skipWaits") else self.clock()
        now = clock.now()
        who.started = now
        machine = self.machine(definition)
        world = self.worlds.of(meta)
        run = core.start(machine, who, json.loads(text), text, now, quotas=meta.get("quotas", "aws") == "aws", express=kind == "EXPRESS")
        live = Live(run, Writer(self.log, run), world, clock)
        live.meta = meta
        run.holds = Holds.of(meta.get("holds"))
        live.events.extend(run.batch)
        live.writer.create(Row(who.arn, who.name, who.machine_arn, kind, "RUNNING", now, definition, text, meta))
        self.scheduler.add(live)
        return live

    async def run_definition(
        self,
        definition: str,
        input: str = "{}",  # noqa: A002 - AWS's word
        *,
        name: str | None = None,
        type: str = "STANDARD",  # noqa: A002 - AWS's word
        mocks: Mocks | None = None,
        case: str | None = None,
        workflow: str | None = None,
        functions: Path | None = None,
        folder: Path | None = None,
        skip_waits: bool = False,
        quotas: str = "aws",
        origin: Origin | None = None,
        holds: Holds | None = None,
    ) -> str:
        """Run a definition's very text; answers the execution's ARN. `workflow` (a path in the workspace) is kept with the run, `folder` is
        where its `sandbox.json` lies, `origin` what it came out of, `holds` where it stops on its way.

        Errors: ServiceError `InvalidDefinition`, `InvalidExecutionInput`, `InvalidName`, `ExecutionAlreadyExists`; MockError.
        """
        check_input(input, quotas=quotas == "aws")
        title = re.sub(r"\.asl\.(json|ya?ml)$", "", (workflow or "Workflow").replace("\\", "/").rsplit("/", 1)[-1])
        if title == "workflow" and workflow and "/" in workflow:
            title = workflow.rsplit("/", 2)[-2]
        machine = re.sub(r"[^A-Za-z0-9_.-]", "-", title)[:80] or "Workflow"
        self.check(definition)
        meta: dict[str, Any] = {"workflow": workflow, "skipWaits": skip_waits, "quotas": quotas, **(origin.meta() if origin else {})}
        if mocks is not None:
            meta["mocks"] = mocks.config
            meta["mocksMachine"] = machine
            meta["case"] = case or mocks.case
            mocks.choose(machine, case)
        if holds is not None:
            meta["holds"] = holds.to_json()
        if functions is not None:
            meta["functions"] = str(functions)
        if folder is not None:
            meta["folder"] = str(folder)
        who = self.identity(machine, name or os.urandom(16).hex(), type)
        meta["roleArn"] = who.role_arn

        def launch() -> None:
            if name is not None and self.log.get(who.arn) is not None:
                raise ServiceError("ExecutionAlreadyExists", f"Execution Already Exists: '{who.arn}'")
            self._launch(who, definition, input, type, meta)

        await self.in_engine(launch)
        return who.arn

    def identity(self, machine: str, name: str, kind: str) -> Identity:
        check_name(name)
        region = REGION.get()
        base = f"arn:aws:states:{region}:{ACCOUNT}"
        arn = f"{base}:execution:{machine}:{name}" if kind == "STANDARD" else f"{base}:express:{machine}:{name}:{new_uuid()}"
        role = f"arn:aws:iam::{ACCOUNT}:role/StepFunctionsLocal"
        return Identity(arn, name, f"{base}:stateMachine:{machine}", machine, role, 0.0, region, ACCOUNT)

    # Executions

    async def start_execution(self, **request: Any) -> Response:
        target, _, case = str(request["stateMachineArn"]).partition("#")
        arn, thing = await self._machines.find(target)
        text = request.get("input", "{}")
        check_input(text)
        who = self.identity(thing["name"], request.get("name") or new_uuid(), thing["type"])
        who.machine_arn, who.role_arn = arn, thing["roleArn"]
        definition, kind = thing["definition"], thing["type"]
        world = await asyncio.to_thread(self.worlds.started, thing["name"], case, await self._machines.workflow(arn))

        meta = {"roleArn": who.role_arn, **_began(text), **qualifiers(thing), **world}

        def launch() -> Response:
            known = self.log.get(who.arn)
            if known is not None:
                if known.status == "RUNNING" and known.input == text:
                    return {"executionArn": known.arn, "startDate": when(known.started)}
                raise ServiceError("ExecutionAlreadyExists", f"Execution Already Exists: '{who.arn}'")
            self._launch(who, definition, text, kind, meta)
            return {"executionArn": who.arn, "startDate": when(who.started)}

        return await self.in_engine(launch)

    async def start_sync_execution(self, **request: Any) -> Response:
        target, _, case = str(request["stateMachineArn"]).partition("#")
        arn, thing = await self._machines.find(target)
        if thing["type"] != "EXPRESS":
            raise ServiceError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
        text = request.get("input", "{}")
        check_input(text)
        who = self.identity(thing["name"], request.get("name") or new_uuid(), "EXPRESS")
        who.machine_arn, who.role_arn = arn, thing["roleArn"]
        ended: Future[Live] = Future()
        world = await asyncio.to_thread(self.worlds.started, thing["name"], case, await self._machines.workflow(arn))

        meta = {"roleArn": who.role_arn, **_began(text), **qualifiers(thing), **world}

        def launch() -> None:
            live = self._launch(who, thing["definition"], text, "EXPRESS", meta)
            live.ended.append(lambda live: tell(ended, live))

        await self.in_engine(launch)
        run = (await asyncio.wrap_future(ended)).run
        row = await self.row_of(who.arn)
        spent = max(1, -(-int((run.ended - who.started) * 1000) // 100)) * 100
        answer: Response = {
            "executionArn": who.arn,
            "stateMachineArn": arn,
            "name": who.name,
            "startDate": when(who.started),
            "stopDate": when(run.ended),
            "status": run.status,
            "input": text,
            "inputDetails": {"included": True},
            "outputDetails": {"included": True},
            "billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": spent},
        }
        return answer | {k: v for k, v in (("output", row.output), ("error", row.error), ("cause", row.cause)) if v is not None}

    async def stop_execution(self, **request: Any) -> Response:
        arn = request["executionArn"]
        only_standard(await self.row_of(arn))

        def stop() -> float:
            live = self.scheduler.live.get(arn)
            if live is not None:
                core.stop(live.run, live.clock.now(), request.get("error"), request.get("cause"))
                self.scheduler.wake(live)
            return self.now()

        return {"stopDate": when(await self.in_engine(stop))}

    async def redrive_execution(self, **request: Any) -> Response:
        """RedriveExecution: the same execution goes on with what failed."""
        row = await self.row_of(request["executionArn"])
        only_standard(row)
        token, now = request.get("clientToken"), self.now()
        for used, at in row.meta.get("redriveTokens", []):  # idempotent: the last ten, a quarter of an hour long
            if used == token and now - at < TOKEN_SECONDS:
                return {"redriveDate": when(at)}
        if row.map_run:
            raise ServiceError("ExecutionNotRedrivable", "Execution is not redrivable: Execution is REDRIVABLE_BY_MAP_RUN")
        reason = not_redrivable(row, now)
        if reason is not None:
            raise ServiceError("ExecutionNotRedrivable", f"Execution is not redrivable: {reason}")
        return {"redriveDate": when(await self.in_engine(lambda: self._reopened.redrive(row, token)))}

    async def row_of(self, arn: str) -> Row:
        row = await self.in_engine(lambda: self.log.get(arn))
        if row is None:
            check_arn(arn, "execution", "express")
            raise ServiceError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return row

    async def ended(self, arn: str) -> Row:
        """The row of an execution, once it has ended."""
        over: Future[Any] = Future()

        def watch() -> None:
            live = self.scheduler.live.get(arn)
            if live is None:
                over.set_result(None)
            else:
                live.ended.append(lambda _live: tell(over, None))

        await self.in_engine(watch)
        await asyncio.wrap_future(over)
        return await self.row_of(arn)

    async def describe_execution(self, **request: Any) -> Response:
        row = await self.row_of(request["executionArn"])
        only_standard(row, children=True)
        return described(row, self.now())

    async def describe_state_machine_for_execution(self, **request: Any) -> Response:
        row = await self.row_of(request["executionArn"])
        only_standard(row, children=True)
        return {
            "stateMachineArn": row.machine,
            "name": row.machine.split(":")[6],
            "definition": row.definition,
            "roleArn": row.meta.get("roleArn", ""),
            "updateDate": when(row.started),
            **variable_references(row.definition),
            **({"mapRunArn": row.map_run, "label": row.machine.rpartition("/")[2]} if row.map_run else {}),
            **await self._machines.settings(row.machine),
        }

    async def validate_state_machine_definition(self, **request: Any) -> Response:
        from studio.asl.lint import aws_validate

        return await asyncio.to_thread(
            aws_validate,
            request["definition"],
            request.get("type", "STANDARD"),
            request.get("severity", "ERROR"),
            request.get("maxResults") or 100,
        )

    async def test_state(self, **request: Any) -> Response:
        """TestState; a Task without a mock is performed as in a run. The local extension `functions` names their folder."""
        from studio.exec import test_state

        return await asyncio.to_thread(test_state.answer, request, self.worlds.alone(request.get("functions")), REGION.get(), self.now())

    async def get_function_log(self, **request: Any) -> Response:
        """What a function on this machine printed (local extension): `functionName`, and an `executionArn` whose workflow it is of, a `requestId`."""
        from studio.exec.performers.function import NAME

        name = request["functionName"]
        if not NAME.match(name):
            raise ServiceError("ValidationException", f"'{name}' is no name of a Lambda function.")
        meta = (await self.row_of(request["executionArn"])).meta if request.get("executionArn") else {}
        return {"log": await asyncio.to_thread(self.worlds.function_log, meta, name, request.get("requestId"))}

    # Tasks that wait for somebody outside

    async def list_open_tasks(self) -> list[dict[str, Any]]:
        """Local extension: the tasks that wait for a callback or a worker (`Outside.open_tasks`)."""
        return await self.in_engine(self._outside.open_tasks)

    # Map Runs

    async def describe_map_run(self, **request: Any) -> Response:
        return await self.in_engine(lambda: self.children.describe(request["mapRunArn"]))

    async def update_map_run(self, **request: Any) -> Response:
        new = (request.get("maxConcurrency"), request.get("toleratedFailureCount"), request.get("toleratedFailurePercentage"))
        await self.in_engine(lambda: self.children.update(request["mapRunArn"], *new))
        return {}

    # Local extensions

    async def forget_executions(self, *, keep_days: float | None, keep_megabytes: float | None) -> int:
        """Delete what the settings do not want to be kept; answers how many executions went."""
        before = None if keep_days is None else self.now() - keep_days * 86_400
        most = None if keep_megabytes is None else int(keep_megabytes * 1_000_000)
        return await self.in_engine(lambda: self.log.prune(before, most))

    async def rename_workflow(self, old: str, new: str) -> int:
        """A workflow of the workspace has another path; its executions, the running ones too, and its state machines know that one from now on."""

        def rename() -> int:
            for live in self.scheduler.live.values():
                path = str(live.meta.get("workflow") or "")
                if path == old or path.startswith(f"{old}#"):
                    live.meta["workflow"] = new + path[len(old) :]
            self._machines.renamed(old, new)
            return self.log.rename_workflow(old, new)

        return await self.in_engine(rename)


__all__ = ["ENDS", "LocalStepFunctions"]
