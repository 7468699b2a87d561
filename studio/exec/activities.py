"""Activities as the service keeps them: `{name, created}` by ARN, in the store's things.

Errors: `ServiceError` with AWS's codes.
"""

from __future__ import annotations

from typing import Any

from studio.errors import ServiceError
from studio.exec.driver import ACCOUNT
from studio.exec.requests import check_name, page, when
from studio.exec.service import REGION, Response
from studio.exec.state_machines import Engine


class Activities:
    """The operations on activities."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(self, **request: Any) -> Response:
        name = request["name"]
        check_name(name)
        arn = f"arn:aws:states:{REGION.get()}:{ACCOUNT}:activity:{name}"
        log = self._engine.log

        def keep() -> dict[str, Any]:
            known = log.get_thing("activity", arn)
            if known is None:
                known = {"name": name, "created": self._engine.now()}
                log.put_thing("activity", arn, known)
            return known

        kept = await self._engine.in_engine(keep)
        return {"activityArn": arn, "creationDate": when(kept["created"])}

    async def describe(self, **request: Any) -> Response:
        arn = request["activityArn"]
        kept = await self._engine.in_engine(lambda: self._engine.log.get_thing("activity", arn))
        if kept is None:
            raise ServiceError("ActivityDoesNotExist", f"Activity does not exist: '{arn}'")
        return {"activityArn": arn, "name": kept["name"], "creationDate": when(kept["created"])}

    async def list_all(self, **request: Any) -> Response:
        kept = await self._engine.in_engine(lambda: self._engine.log.things("activity"))
        found = [{"activityArn": arn, "name": thing["name"], "creationDate": when(thing["created"])} for arn, thing in kept.items()]
        shown, token = page(found, request)
        return {"activities": shown, **token}

    async def delete(self, **request: Any) -> Response:
        await self._engine.in_engine(lambda: self._engine.log.drop_thing("activity", request["activityArn"]))
        return {}
