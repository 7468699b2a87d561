"""`aws-sdk:sfn:…`: Step Functions called from a workflow, answered by the engine that runs it.

Errors: `Sfn.<code>Exception`, with the cause as the SDK integrations tell it.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false
from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from studio.asl.tree import Json
from studio.asl.values import Failure
from studio.errors import ServiceError
from studio.exec.effects import RunTask
from studio.exec.performers.mock import Returned

Call = Callable[..., Awaitable[dict[str, Any]]]


def performer(find: Callable[[str], Call | None]) -> Callable[[RunTask], Returned | Failure]:
    """Calls the engine's own operation; `find` gives its method by the action's name in snake case."""

    def perform(effect: RunTask) -> Returned | Failure:
        from botocore import xform_name

        call = find(xform_name(effect.resource.action))
        if call is None:
            return Failure("Sfn.UnknownOperationException", f"Step Functions has no operation {effect.resource.action}.")
        given = effect.arguments if isinstance(effect.arguments, dict) else {}
        try:
            answer = asyncio.run(_answered(call, {name[:1].lower() + name[1:]: value for name, value in given.items()}))
        except ServiceError as error:
            name = error.code if error.code.endswith("Exception") else f"{error.code}Exception"
            detail = f"(Service: Sfn, Status Code: {error.status}, Request ID: {uuid.uuid4()}) (SDK Attempt Count: 1)"
            return Failure(f"Sfn.{name}", f"{error.message} {detail}")
        except (KeyError, TypeError, ValueError) as error:
            return Failure("Sfn.ValidationException", f"The parameters do not fit the operation: {error}")
        return Returned(_spelt(answer))

    return perform


async def _answered(call: Call, arguments: dict[str, Any]) -> dict[str, Any]:
    return await call(**arguments)


def _spelt(value: Any) -> Json:
    match value:
        case dict():
            return {str(k)[:1].upper() + str(k)[1:]: _spelt(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case list():
            return [_spelt(v) for v in value]  # pyright: ignore[reportUnknownVariableType]
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case _:
            return value
