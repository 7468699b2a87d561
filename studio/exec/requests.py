"""What requests are checked for, in AWS's words, and what answers share: names, inputs, times.

Errors: `ServiceError` with AWS's codes.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from studio.asl import java
from studio.asl.tree import Json
from studio.errors import ServiceError

MAX_INPUT = 262_144
"""Bytes of UTF-8 an execution's input may have."""
_NAME = re.compile(r"[^\x00-\x20\x7f-\x9f?*<>{}\[\]\"#%\\^|~`$&,;:/]{1,80}")


def when(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def new_uuid() -> str:
    import uuid

    return str(uuid.uuid4())


def check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ServiceError("InvalidName", f"Invalid Name: '{name}'")


def why_not_named(name: str) -> str:
    """The reason why an execution cannot have a name, for people; empty where it can. Spec: API_StartExecution"""
    if _NAME.fullmatch(name):
        return ""
    if len(name) > 80:
        return f"An execution's name has at most 80 characters; this one has {len(name)}."
    wrong = dict.fromkeys(c for c in name if not _NAME.fullmatch(c))
    shown = ["a blank" if c == " " else c if c.isprintable() else f"the control character U+{ord(c):04X}" for c in wrong]
    return f"An execution's name cannot have {', '.join(shown)} in it." if shown else "An execution's name has at least one character."


def check_input(text: str, *, quotas: bool = True) -> None:
    """AWS's messages are Jackson's; ServiceError `InvalidExecutionInput`."""
    problem = None
    if quotas and len(text.encode("utf-8", "surrogatepass")) > MAX_INPUT:
        raise ServiceError(
            "InvalidExecutionInput", "Invalid State Machine Execution Input: 'Input exceeds the maximum size of 262144 bytes.'"
        )
    if not text.strip():
        problem = "Invalid execution input."
    try:
        json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        problem = problem or java.jackson(text, error, f'(String)"{text[:500]}"')[0]
    except ValueError as error:
        problem = f"Unrecognized token '{error}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
    except RecursionError:
        problem = "Input is nested too deeply"
    if problem:
        raise ServiceError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{problem}'")


def _no_constant(name: str) -> Json:
    raise ValueError(name)


def check_logging(configuration: dict[str, Any] | None) -> None:
    configuration = configuration or {}
    places = len(configuration.get("destinations") or [])
    if places > 1 or (not places and configuration.get("level", "OFF") != "OFF"):
        raise ServiceError("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination.")


_ARN = re.compile(r"arn:[\w-]+:states:[a-z0-9-]+:[0-9]{12}:(?P<kind>[A-Za-z]+):\S+")
_ROLE = re.compile(r"arn:[\w-]+:iam::[0-9]{12}:role/.+")


def check_role(arn: str) -> None:
    if not _ROLE.fullmatch(arn):
        raise ServiceError("InvalidArn", f"Invalid Role Arn: '{arn}'")


def check_arn(arn: str, *kinds: str) -> None:
    """ServiceError `InvalidArn` where a text is no ARN of Step Functions, or one of another kind of resource (`stateMachine`, `execution` …)."""
    found = _ARN.fullmatch(arn)
    if found is not None and found["kind"] in kinds:
        return
    if not arn.startswith("arn:"):
        problem = f"Invalid ARN prefix: {arn}"
    elif found is not None:
        problem = f"Resource type not valid in this context: {found['kind']}"
    else:
        problem = f"Invalid ARN: {arn}"
    raise ServiceError("InvalidArn", f"Invalid Arn: '{problem}'")
