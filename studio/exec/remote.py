"""Executions on AWS for the pages: the operations of `exec.aws`, what a page needs beside them, and nothing that changes AWS unasked.

Concurrency model: as `exec.aws`; a page that follows an execution asks for its history again every `PAUSE` seconds.

Errors: ServiceError, with AWS's codes; `ReadOnly` where the settings do not allow a change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from studio.errors import ServiceError
from studio.exec.aws import AwsStepFunctions
from studio.exec.exported import whole_history

PAUSE = 2.0
"""Seconds between two questions for new events: AWS refills few of them."""
CHANGES = frozenset({"start_execution", "start_sync_execution", "stop_execution", "redrive_execution", "update_map_run"})
"""The operations that pages offer and that change something."""
NEWEST = 100


class AwsRuns:
    """What the page of a run asks, answered by AWS. `may_change` is asked before each operation that changes something."""

    def __init__(self, service: AwsStepFunctions, may_change: Callable[[], bool]) -> None:
        self.service = service
        self._may_change = may_change

    def __getattr__(self, method: str) -> Callable[..., Awaitable[dict[str, Any]]]:
        if method in CHANGES and not self._may_change():
            return _refused
        return getattr(self.service, method)

    async def wait_events(self, arn: str, after: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109 - how long to listen, not a deadline
        """Events with an id above `after`; empty after `timeout` seconds or at the execution's end."""
        if not after:
            return await whole_history(self.service, arn)  # type: ignore[arg-type]
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            newer = await self._newer(arn, after)
            if newer or loop.time() + PAUSE > end:
                return newer
            if (await self.service.describe_execution(executionArn=arn))["status"] != "RUNNING":
                return await self._newer(arn, after)
            await asyncio.sleep(PAUSE)

    async def _newer(self, arn: str, after: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token: dict[str, Any] = {}
        while True:
            answer = await self.service.get_execution_history(executionArn=arn, maxResults=NEWEST, reverseOrder=True, **token)
            found += [event for event in answer["events"] if event["id"] > after]
            if not answer.get("nextToken") or len(answer["events"]) == 0 or answer["events"][-1]["id"] <= after:
                return found[::-1]
            token = {"nextToken": answer["nextToken"]}

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
        """A Standard state machine's newest executions."""
        wanted = {"statusFilter": status} if status else {}
        return list((await self.service.list_executions(stateMachineArn=machine, maxResults=limit, **wanted))["executions"])


async def _refused(**_request: Any) -> dict[str, Any]:
    message = "The studio only reads on AWS. Allow it to start, stop and redrive there under Settings, Executions on AWS."
    raise ServiceError("ReadOnly", message, 403)
