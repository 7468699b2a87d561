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
from studio.asl.values import Failure, to_aws_text
from studio.catalogue import services, shapes
from studio.catalogue.naming import sdk_exception_name
from studio.catalogue.requests import checked
from studio.errors import ServiceError
from studio.exec.effects import RunTask
from studio.exec.performers.mock import Returned

Call = Callable[..., Awaitable[dict[str, Any]]]


def performer(find: Callable[[str], Call | None]) -> Callable[[RunTask], Returned | Failure]:
    """Calls the engine's own operation; `find` gives its method by the action's name in snake case."""

    def perform(effect: RunTask) -> Returned | Failure:
        from botocore import xform_name

        call = find(xform_name(effect.resource.action))
        operation, model = shapes.operation("sfn", effect.resource.action), services.model("stepfunctions")
        if call is None or operation is None or model is None:
            return Failure("Sfn.UnknownOperationException", f"Step Functions has no operation {effect.resource.action}.")
        try:
            answer = asyncio.run(_answered(call, checked(model, operation.name, _own(operation.input, effect.arguments))))
        except ServiceError as error:
            detail = f"(Service: Sfn, Status Code: {error.status}, Request ID: {uuid.uuid4()}) (SDK Attempt Count: 1)"
            modelled = error.code in model["shapes"]
            return Failure(f"Sfn.{sdk_exception_name(error.code) if modelled else 'SfnException'}", f"{error.message} {detail}")
        return Returned(_spelt(operation.output, answer))

    return perform


async def _answered(call: Call, arguments: dict[str, Any]) -> dict[str, Any]:
    return await call(**arguments)


def _own(shape: shapes.Shape | None, value: Json) -> Any:
    """Parameters under the API's own names, an object as text where the API wants text."""
    kind = shape.kind if shape is not None else ""
    match value:
        case dict() if shape is not None and kind == "structure":
            names = {shape.spell(name): name for name in shape.raw["members"]}
            return {names[key]: _own(shape.members[key], inner) for key, inner in value.items() if key in names}
        case list() if shape is not None and kind == "list":
            return [_own(shape.element, inner) for inner in value]
        case _ if kind == "string" and value is not None and not isinstance(value, str):
            return to_aws_text(value)
        case float() if kind == "number" and value.is_integer():
            return int(value)
        case _:
            return value


def _spelt(shape: shapes.Shape | None, value: Any) -> Json:
    """An answer as the SDK integrations spell it: what the API's model knows of it, times as text."""
    match value:
        case dict():
            assert shape is not None  # the model has no maps in Step Functions' answers
            names = {name: shape.spell(name) for name in shape.raw.get("members", {})}
            return {names[k]: _spelt(shape.members[names[k]], v) for k, v in value.items() if k in names and v is not None}
        case list():
            return [_spelt(shape.element if shape is not None else None, v) for v in value]
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")
        case _:
            return value
