"""What a state machine is deployed with and its definition does not say: the `config` of `NAME.studio.json`.

    {"name": "OrderPipeline", "type": "EXPRESS", "role": "arn:aws:iam::123456789012:role/Orders", "logging": "ERROR", "logData": true,
     "logGroup": "/aws/vendedlogs/states/orders", "tracing": true, "kmsKey": "alias/orders", "kmsReuse": 300, "tags": {"team": "shop"}}

Every member may be left out. `logGroup` is a name (the group is made where it is not there) or the ARN of a group that exists. Spec: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from studio.asl.tree import Json
from studio.errors import StudioError
from studio.export.workflow import Workflow

LOG_LEVELS = ("OFF", "ERROR", "FATAL", "ALL")
MAX_TAGS = 50
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]{1,512}")
_KEY = re.compile(
    r"arn:[\w-]+:kms:[\w-]+:\d{12}:(key|alias)/[\w/-]+|alias/[\w/-]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}"
)
_LOG_GROUP = re.compile(r"(arn:[\w-]+:logs:[\w-]+:\d{12}:log-group:)?[\w./#-]{1,512}(?(1)(:\*)?)")
_TAG = re.compile(r"[\w .:/=+@-]*")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A member that cannot be used: its name, and why, for a person."""

    member: str
    reason: str


def problems(config: dict[str, Json]) -> list[Wrong]:
    """What is wrong with a configuration, by member."""
    found = [Wrong(member, reason) for member, check in _CHECKS.items() if member in config and (reason := check(config[member]))]
    return found + [Wrong(member, "is no setting of a state machine.") for member in config if member not in _CHECKS]


def configured(name: str, root: dict[str, Json], config: dict[str, Json], text: str | None = None) -> Workflow:
    """The workflow with its settings. Errors: StudioError where one of them cannot be used."""
    for wrong in problems(config):
        raise StudioError(f"The setting {wrong.member} {wrong.reason}", "Correct it under Config, or in NAME.studio.json.")
    level, tags = config.get("logging", "ERROR"), cast("dict[str, str]", config.get("tags", {}))
    return Workflow(
        str(config.get("name") or name),
        root,
        "EXPRESS" if config.get("type") == "EXPRESS" else "STANDARD",
        text,
        tracing=config.get("tracing") is True,
        log_level=level,  # type: ignore[arg-type] - checked
        log_data=config.get("logData") is True,
        log_group=str(config.get("logGroup", "")),
        tags=tags,
        role=str(config.get("role", "")),
        kms_key=str(config.get("kmsKey", "")),
        kms_reuse=cast("int", config.get("kmsReuse", 300)),
        fixed_name=bool(config.get("name")),
    )


def _name(value: Json) -> str:
    return "" if isinstance(value, str) and _NAME.fullmatch(value) else "has up to 80 letters, digits, - and _."


def _type(value: Json) -> str:
    return "" if value in ("STANDARD", "EXPRESS") else "is STANDARD or EXPRESS."


def _role(value: Json) -> str:
    fits = isinstance(value, str) and _ROLE.fullmatch(value)
    return "" if fits else "is the ARN of a role, for example arn:aws:iam::123456789012:role/Orders."


def _level(value: Json) -> str:
    return "" if value in LOG_LEVELS else f"is one of {', '.join(LOG_LEVELS)}."


def _group(value: Json) -> str:
    if isinstance(value, str) and _LOG_GROUP.fullmatch(value):
        return ""
    return (
        "is a log group: its name of up to 512 letters, digits and _ - / . #, or its ARN, for example "
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/orders."
    )


def _switch(value: Json) -> str:
    return "" if isinstance(value, bool) else "is true or false."


def _key(value: Json) -> str:
    return "" if isinstance(value, str) and _KEY.fullmatch(value) else "is a KMS key: its ARN, its id, or alias/NAME."


def _reuse(value: Json) -> str:
    fits = isinstance(value, int) and not isinstance(value, bool) and 60 <= value <= 900
    return "" if fits else "is a number of seconds from 60 to 900."


def _tags(value: Json) -> str:
    if not isinstance(value, dict):
        return "is an object of names and values."
    if len(value) > MAX_TAGS:
        return f"holds more than {MAX_TAGS}."
    for key, held in value.items():
        if not isinstance(held, str) or len(held) > 256 or not _TAG.fullmatch(held):
            return f"gives {key!r} a value that is none: up to 256 letters, digits, spaces and _ . : / = + - @."
        if not 0 < len(key) <= 128 or not _TAG.fullmatch(key) or key.lower().startswith("aws:"):
            return f"has the name {key!r}: up to 128 letters, digits, spaces and _ . : / = + - @, not beginning with aws:."
    return ""


_CHECKS = {
    "name": _name,
    "type": _type,
    "role": _role,
    "logging": _level,
    "logData": _switch,
    "logGroup": _group,
    "tracing": _switch,
    "kmsKey": _key,
    "kmsReuse": _reuse,
    "tags": _tags,
}
