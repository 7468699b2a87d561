"""Executions on AWS for the pages: the operations of `exec.aws`, what a page needs beside them, and nothing that changes AWS unasked.
Express executions, of which Step Functions knows nothing, are answered out of their logs (`exec.express_logs`).

Concurrency model: as `exec.aws`; a page that follows an execution asks for its history again every `PAUSE` seconds.

Errors: ServiceError, with AWS's codes; `ReadOnly` where the settings do not allow a change.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from studio.errors import ServiceError
from studio.exec.aws import AwsStepFunctions
from studio.exec.exported import whole_history
from studio.exec.express_logs import PAGES, ExpressLogs, Logs

PAUSE = 2.0
"""Seconds between two questions for new events: AWS refills few of them."""
CHANGES = frozenset({"start_execution", "start_sync_execution", "stop_execution", "redrive_execution", "update_map_run"})
"""The operations that pages offer and that change something."""
NEWEST = 100


_NOT_OF_EXPRESS = frozenset({"InvalidArn", "ExecutionDoesNotExist", "ResourceNotFound", "StateMachineTypeNotSupported"})
"""What AWS answers where an Express execution is asked for; one of a Map Run it does know."""


class AwsRuns:
    """What the page of a run asks, answered by AWS. `may_change` is asked before each operation that changes something."""

    def __init__(
        self,
        service: AwsStepFunctions,
        may_change: Callable[[], bool],
        *,
        logs: Logs | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.service = service
        self._may_change, self._logs, self._now = may_change, logs, now
        self._express: ExpressLogs | None = None

    @property
    def express(self) -> ExpressLogs:
        if self._express is None:
            self._express = ExpressLogs(self.service.describe_state_machine, self._logs or self.service.logs(), self._now)
        return self._express

    def __getattr__(self, method: str) -> Callable[..., Awaitable[dict[str, Any]]]:
        if method in CHANGES and not self._may_change():
            return _refused
        return getattr(self.service, method)

    async def describe_execution(self, **request: Any) -> dict[str, Any]:
        arn = str(request.get("executionArn", ""))
        return await self._or_of_logs(arn, self.service.describe_execution(**request), self.express.describe)

    async def describe_state_machine_for_execution(self, **request: Any) -> dict[str, Any]:
        """Of an Express execution the state machine as it is now: the one it had may have been another."""
        arn = str(request.get("executionArn", ""))
        return await self._or_of_logs(arn, self.service.describe_state_machine_for_execution(**request), self.express.machine)

    async def get_execution_history(self, **request: Any) -> dict[str, Any]:
        """Of an Express execution all at once, whatever the page that is asked for."""

        async def out_of_logs(arn: str) -> dict[str, Any]:
            events = await self.express.history(arn)
            return {"events": events[::-1] if request.get("reverseOrder") else events}

        return await self._or_of_logs(str(request.get("executionArn", "")), self.service.get_execution_history(**request), out_of_logs)

    @staticmethod
    async def _or_of_logs(arn: str, asked: Awaitable[dict[str, Any]], logged: Callable[[str], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        try:
            return await asked
        except ServiceError as error:
            if ":express:" not in arn or error.code not in _NOT_OF_EXPRESS:
                raise
        return await logged(arn)

    async def wait_events(self, arn: str, after: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109 - how long to listen, not a deadline
        """Events with an id above `after`; empty after `timeout` seconds or at the execution's end."""
        if not after:
            return await whole_history(self, arn)  # type: ignore[arg-type]
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            newer = await self._newer(arn, after)
            if newer or loop.time() + PAUSE > end:
                return newer
            if (await self.describe_execution(executionArn=arn))["status"] != "RUNNING":
                return await self._newer(arn, after)
            await asyncio.sleep(PAUSE)

    async def _newer(self, arn: str, after: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token: dict[str, Any] = {}
        while True:
            answer = await self.get_execution_history(executionArn=arn, maxResults=NEWEST, reverseOrder=True, **token)
            found += [event for event in answer["events"] if event["id"] > after]
            if not answer.get("nextToken") or len(answer["events"]) == 0 or answer["events"][-1]["id"] <= after:
                return found[::-1]
            token = {"nextToken": answer["nextToken"]}

    async def get_function_log(self, **request: Any) -> dict[str, Any]:
        """What a Lambda function printed, out of its log group: `functionName`, and a `requestId` (without one the newest lines of a day)."""
        wanted = request.get("requestId")
        logs = self._logs or self.service.logs()
        found: list[str] = []
        token: dict[str, Any] = {}
        for _ in range(PAGES):
            answer = await logs.filter_log_events(
                logGroupName=f"/aws/lambda/{request['functionName']}",
                **({"filterPattern": f'"{wanted}"'} if wanted else {"startTime": int((self._now() - 86400) * 1000)}),
                **token,
            )
            found += [str(entry["message"]) for entry in answer["events"] if not wanted or wanted in entry["message"]]
            if not answer.get("nextToken"):
                break
            token = {"nextToken": answer["nextToken"]}
        return {"log": "".join(line if line.endswith("\n") else f"{line}\n" for line in found[-2000:])}

    async def machines(self) -> list[dict[str, Any]]:
        """The state machines of the account and Region, by name."""
        found: list[dict[str, Any]] = []
        token: dict[str, Any] = {}
        while True:
            answer = await self.service.list_state_machines(maxResults=1000, **token)
            found += answer["stateMachines"]
            if not answer.get("nextToken"):
                return sorted(found, key=lambda machine: str(machine["name"]).lower())
            token = {"nextToken": answer["nextToken"]}

    async def executions(self, machine: str, status: str = "", limit: int = 200) -> list[dict[str, Any]]:
        """A state machine's newest executions: of an Express one those of the last hours, out of its logs.

        Errors: ServiceError `LoggingOff` for an Express one that writes no log.
        """
        if (await self.service.describe_state_machine(stateMachineArn=machine)).get("type") == "EXPRESS":
            return await self.express.executions(machine, status, limit)
        wanted = {"statusFilter": status} if status else {}
        found: list[dict[str, Any]] = []
        token: dict[str, Any] = {}
        while len(found) < limit:
            answer = await self.service.list_executions(
                stateMachineArn=machine, maxResults=min(1000, limit - len(found)), **wanted, **token
            )
            found += answer["executions"]
            if not answer.get("nextToken"):
                break
            token = {"nextToken": answer["nextToken"]}
        return found


async def _refused(**_request: Any) -> dict[str, Any]:
    message = "The studio only reads on AWS. Allow it to start, stop and redrive there under Settings, Executions on AWS."
    raise ServiceError("ReadOnly", message, 403)
