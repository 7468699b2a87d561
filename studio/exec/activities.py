"""Activities as the service keeps them (`{name, created}` by ARN, in the store's things), and what their workers and others who hold a
task's token ask.

Errors: `ServiceError` with AWS's codes.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from studio.errors import ServiceError
from studio.exec import tokens
from studio.exec.driver import ACCOUNT
from studio.exec.outside import Outside
from studio.exec.paging import page
from studio.exec.requests import MAX_INPUT, check_arn, check_name, when
from studio.exec.service import REGION, Response
from studio.exec.state_machines import Engine, tags_of

LONG_POLL = 60.0
"""Seconds GetActivityTask waits for a task."""


class Activities:
    """The operations on activities."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(self, **request: Any) -> Response:
        name = request["name"]
        check_name(name)
        tags = tags_of(request.get("tags"))
        arn = f"arn:aws:states:{REGION.get()}:{ACCOUNT}:activity:{name}"
        log = self._engine.log

        def keep() -> dict[str, Any]:
            known = log.get_thing("activity", arn)
            if known is None:
                known = {"name": name, "created": self._engine.now()}
                log.put_thing("activity", arn, known)
                if tags:
                    log.put_thing("tags", arn, tags)
            return known

        kept = await self._engine.in_engine(keep)
        return {"activityArn": arn, "creationDate": when(kept["created"])}

    async def describe(self, **request: Any) -> Response:
        arn = request["activityArn"]
        kept = await self._engine.in_engine(lambda: self._engine.log.get_thing("activity", arn))
        if kept is None:
            check_arn(arn, "activity")
            raise ServiceError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")
        return {"activityArn": arn, "name": kept["name"], "creationDate": when(kept["created"])}

    async def list_all(self, **request: Any) -> Response:
        kept = await self._engine.in_engine(lambda: self._engine.log.things("activity"))
        found: list[dict[str, Any]] = [
            {"activityArn": arn, "name": thing["name"], "creationDate": when(thing["created"])} for arn, thing in kept.items()
        ]
        shown, token = page(found, request, lambda activity: (0, activity["activityArn"]))
        return {"activities": shown, **token}

    async def delete(self, **request: Any) -> Response:
        arn = request["activityArn"]
        check_arn(arn, "activity")

        def drop() -> None:
            self._engine.log.drop_thing("activity", arn)
            self._engine.log.drop_thing("tags", arn)

        await self._engine.in_engine(drop)
        return {}


class WaitingTasks:
    """The operations on tasks that are answered from outside."""

    def __init__(self, engine: Engine, outside: Outside) -> None:
        self._engine, self._outside = engine, outside

    async def get_activity_task(self, **request: Any) -> Response:
        """The next task of an activity, as soon as there is one; empty after a minute without."""
        arn = request["activityArn"]
        await Activities(self._engine).describe(activityArn=arn)
        waiting = await self._engine.in_engine(lambda: self._outside.poll(arn, request.get("workerName") or ""))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(waiting), LONG_POLL)
        except TimeoutError:
            return {}

    async def send_task_success(self, **request: Any) -> Response:
        text = request["output"]
        if tokens.read(request["taskToken"]) is None:
            raise ServiceError("InvalidToken", "Invalid Token: 'Invalid token'")
        try:
            output = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ServiceError("InvalidOutput", "Invalid Output: 'The output is not valid JSON'") from error
        if len(text.encode("utf-8", "surrogatepass")) > MAX_INPUT:
            raise ServiceError("InvalidOutput", "Invalid Output: 'Output exceeds the maximum size of 262144 bytes.'")
        await self._engine.in_engine(lambda: self._outside.succeed(request["taskToken"], output))
        return {}

    async def send_task_failure(self, **request: Any) -> Response:
        error, cause = request.get("error") or "", request.get("cause") or ""
        await self._engine.in_engine(lambda: self._outside.fail(request["taskToken"], error, cause))
        return {}

    async def send_task_heartbeat(self, **request: Any) -> Response:
        await self._engine.in_engine(lambda: self._outside.beat(request["taskToken"]))
        return {}
