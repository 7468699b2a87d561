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
    if configuration and configuration.get("level", "OFF") != "OFF" and len(configuration.get("destinations") or []) != 1:
        raise ServiceError("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination.")


def check_arn(arn: str) -> None:
    if not arn.startswith("arn:"):
        raise ServiceError("InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {arn}'")
