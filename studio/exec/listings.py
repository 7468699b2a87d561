"""The lists of executions and Map Runs that the local engine answers. What is listed is looked up by an index of the log, a page by its key.

Concurrency model: coroutines of the caller's loop; the log is read in the engine's thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from studio.errors import ServiceError
from studio.exec.answers import only_standard, summary
from studio.exec.paging import last_of, page, token_of
from studio.exec.service import Response
from studio.store.eventlog import EventLog, Row

if TYPE_CHECKING:
    from studio.exec.children import ChildExecutions
    from studio.exec.state_machines import StateMachines

T = TypeVar("T")


class Engine(Protocol):
    """What of the engine is needed here."""

    log: EventLog
    children: ChildExecutions

    def in_engine(self, work: Callable[[], T]) -> Awaitable[T]: ...
    def row_of(self, arn: str) -> Awaitable[Row]: ...
    def describe_map_run(self, **request: Any) -> Awaitable[Response]: ...


class Listings:
    """ListExecutions, ListMapRuns, and what was begun from an execution (ours)."""

    def __init__(self, engine: Engine, machines: StateMachines) -> None:
        self._engine, self._machines = engine, machines

    async def list_executions(self, **request: Any) -> Response:
        """AWS's ListExecutions; without a state machine's ARN (ours) all executions, newest first, each with its `workflow`."""
        machine, qualified = request.get("stateMachineArn"), None
        if request.get("mapRunArn"):
            if machine:
                raise ServiceError("ValidationException", "You can specify either a mapRunArn or a stateMachineArn, but not both.")
            await self._engine.describe_map_run(mapRunArn=request["mapRunArn"])
        if machine:
            base, thing = await self._machines.find(machine)
            if thing["type"] == "EXPRESS":
                raise ServiceError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
            if base != machine:
                qualified = ("alias" if "alias" in thing else "version", machine)
            machine = base
        log = self._engine.log
        limit, after = request.get("maxResults") or (100 if machine else 1000), last_of(request)
        wanted: dict[str, Any] = {"machine": machine, "status": request.get("statusFilter"), "map_run": request.get("mapRunArn")}
        if request.get("redriveFilter"):
            wanted["redriven"] = request["redriveFilter"] == "REDRIVEN"

        def look() -> Response:
            rows = log.rows(**wanted, qualified=qualified, limit=limit + 1, after=after)
            more = {"nextToken": token_of(log.key(rows[limit - 1].arn))} if len(rows) > limit else {}
            return {"executions": [summary(row) for row in rows[:limit]], **more}

        return await self._engine.in_engine(look)

    async def list_begun_executions(self, **request: Any) -> Response:
        """Local extension: the executions that came out of another one (`exec.origin`), the last one first, without the children of its Map Runs:
        `{executionArn, statusFilter?, maxResults?, nextToken?}` -> `{executions, total, complete, nextToken?}`.

        Each is as in ListExecutions, with `begun`. The other one may be on AWS, or gone. `complete`: whether it ran here, so that all that
        its tasks started is in the list; else its history tells.
        """
        arn, log = str(request["executionArn"]), self._engine.log
        limit, after = request.get("maxResults") or 100, last_of(request)

        def look() -> Response:
            rows, total = log.begun(arn, status=request.get("statusFilter"), limit=limit + 1, after=after)
            own = log.get(arn)
            more = {"nextToken": token_of(log.key(rows[limit - 1].arn))} if len(rows) > limit else {}
            listed = [summary(row) for row in rows[:limit]]
            return {"executions": listed, "total": total, "complete": own is not None and not own.meta.get("imported"), **more}

        return await self._engine.in_engine(look)

    async def list_map_runs(self, **request: Any) -> Response:
        row = await self._engine.row_of(request["executionArn"])
        only_standard(row)
        found = await self._engine.in_engine(lambda: self._engine.children.of(row.arn))
        shown, token = page(found, request, lambda run: (0, run["mapRunArn"]))
        return {"mapRuns": shown, **token}
