"""The engine's local extensions over HTTP: `POST /` with `X-Amz-Target: ASLStudio.<Operation>`, JSON in and out as AWS's operations.

    SetBreakpoints {executionArn, breakpoints: [state]}       ContinueExecution {executionArn, frame?, input?}
    PauseExecution {executionArn}                             StepExecution {executionArn, frame?, input?, over?}
    SkipWait {executionArn, frame?}                           DescribeMoment {executionArn, eventId?}
    DescribeRunFrom {executionArn, eventId? | state?}         RunFrom {executionArn, eventId? | state?, input?, definition?, name?, …}
    ListBegunExecutions {executionArn, statusFilter?, maxResults?, nextToken?}   what came out of an execution (`exec.origin`)
    GetFunctionLog {functionName, executionArn?, requestId?}  what a function on this machine printed

`exec.debugger` says what each does. Errors: `ValidationException` for a member that is missing, unknown or of another type.
"""

from __future__ import annotations

from typing import Any

from studio.api import wire
from studio.errors import ServiceError

TARGET = "ASLStudio."
_ARN = {"executionArn": str}
_LINE = {**_ARN, "frame": int}
_PLACE = {**_ARN, "eventId": int, "state": str}
OPERATIONS: dict[str, tuple[str, dict[str, type], frozenset[str]]] = {
    "SetBreakpoints": ("set_breakpoints", {**_ARN, "breakpoints": list}, frozenset({"executionArn", "breakpoints"})),
    "PauseExecution": ("pause_execution", _ARN, frozenset({"executionArn"})),
    "ContinueExecution": ("continue_execution", {**_LINE, "input": str}, frozenset({"executionArn"})),
    "StepExecution": ("step_execution", {**_LINE, "input": str, "over": bool}, frozenset({"executionArn"})),
    "SkipWait": ("skip_wait", _LINE, frozenset({"executionArn"})),
    "DescribeMoment": ("describe_moment", {**_ARN, "eventId": int}, frozenset({"executionArn"})),
    "DescribeRunFrom": ("describe_run_from", _PLACE, frozenset({"executionArn"})),
    "RunFrom": (
        "run_from",
        {**_PLACE, "input": str, "definition": str, "name": str, "breakpoints": list, "paused": bool, "skipWaits": bool},
        frozenset({"executionArn"}),
    ),
    "ListBegunExecutions": (
        "list_begun_executions",
        {**_ARN, "statusFilter": str, "maxResults": int, "nextToken": str},
        frozenset({"executionArn"}),
    ),
    "GetFunctionLog": ("get_function_log", {"functionName": str, "executionArn": str, "requestId": str}, frozenset({"functionName"})),
}


async def dispatch(service: object, operation: str, request: object) -> dict[str, Any]:
    """One local operation. ServiceError as AWS's operations."""
    known = OPERATIONS.get(operation)
    served = getattr(service, known[0], None) if known else None
    if known is None or served is None:
        raise ServiceError("UnknownOperationException", f"The operation {operation} is not one of: {', '.join(OPERATIONS)}.")
    _, members, required = known
    if not isinstance(request, dict):
        raise ServiceError("SerializationException", "Start of structure or map found where not expected.")
    given: dict[str, Any] = {str(name): value for name, value in request.items() if value is not None}
    for name in sorted(required - given.keys()):
        raise ServiceError("ValidationException", f"Value null at '{name}' failed to satisfy constraint: Member must not be null")
    if "eventId" in members and "state" in members and not {"eventId", "state"} & given.keys():
        raise ServiceError("ValidationException", "Say where to begin: eventId (of an event that enters a state) or state.")
    for name, value in given.items():
        if name not in members:
            raise ServiceError("ValidationException", f"{operation} has no member '{name}': it has {', '.join(members)}.")
        if not isinstance(value, members[name]) or (members[name] is int and isinstance(value, bool)):
            raise ServiceError("ValidationException", f"'{name}' must be of the type {members[name].__name__}.")
    return wire.answer(await served(**given)) or {}
