"""Every AWS service and operation that botocore knows, offline.

Theory of operation: botocore ships each service's model as (compressed) JSON. Reading all of them takes seconds, so the whole list is
read once per botocore and kept on disk (`catalogue.kept`); one service's model alone takes some milliseconds.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import botocore
import orjson

from studio.catalogue import kept
from studio.catalogue.naming import action_name, error_prefix, service_token

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

DATA = Path(botocore.__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Service:
    """One service: `token` as in `aws-sdk:token:action`, `folder` as boto3 calls it, `title` for people."""

    token: str
    folder: str
    service_id: str
    title: str
    error_prefix: str
    operations: tuple[str, ...]
    """Operation names in PascalCase, sorted."""

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(map(action_name, self.operations))


@lru_cache(maxsize=64)
def model(folder: str) -> dict[str, Any] | None:
    """botocore's raw service model (`metadata`, `operations`, `shapes`) of the newest version, or None."""
    versions = sorted(p for p in (DATA / folder).glob("*/service-2.json*"))
    if not versions:
        return None
    raw = versions[-1].read_bytes()
    return orjson.loads(gzip.decompress(raw) if versions[-1].suffix == ".gz" else raw)


def _named(folder: str, raw: dict[str, Any]) -> kept.Named:
    meta = raw["metadata"]
    return kept.Named(folder, meta["serviceId"], meta.get("serviceFullName", meta["serviceId"]), tuple(sorted(raw["operations"])))


def _service(named: kept.Named) -> Service:
    return Service(
        token=service_token(named.service_id),
        folder=named.folder,
        service_id=named.service_id,
        title=named.title,
        error_prefix=error_prefix(named.service_id),
        operations=named.operations,
    )


@lru_cache(maxsize=1)
def all_services() -> dict[str, Service]:
    """Every service by token, in the order of tokens. Some milliseconds, or seconds where nothing is kept on disk yet."""
    named = kept.load()
    if named is None:
        # __wrapped__: the models themselves (some 200 MB as Python objects) are not kept
        models = ((path.name, model.__wrapped__(path.name)) for path in sorted(DATA.iterdir()) if path.is_dir())
        named = [_named(folder, raw) for folder, raw in models if raw]
        kept.keep(named)
    found: dict[str, Service] = {}
    for one in named:
        service = _service(one)
        found.setdefault(service.token, service)
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _folders() -> dict[str, str]:
    """Folders by their name without dashes, which is mostly the token: `bedrockruntime` -> `bedrock-runtime`."""
    return {path.name.replace("-", ""): path.name for path in DATA.iterdir() if path.is_dir()}


@lru_cache(maxsize=256)
def service(token: str) -> Service | None:
    """The service of a token, or None. Tries the folder of that name before it reads them all."""
    token = token.lower()
    folder = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs"}.get(token) or _folders().get(token, token)
    raw = model(folder) if (DATA / folder).is_dir() else None
    if raw and service_token(raw["metadata"]["serviceId"]) == token:
        return _service(_named(folder, raw))
    return all_services().get(token)


def operation(found: Service, action: str) -> str | None:
    """The operation an action names (`putItem` -> `PutItem`), or None."""
    name = action[:1].upper() + action[1:]
    return name if name in found.operations else None


@lru_cache(maxsize=1)
def stepfunctions_methods() -> dict[str, str]:
    """Method -> operation of the Step Functions API: `test_state` -> `TestState`."""
    return {_WORD_START.sub("_", name).lower(): name for name in (model("stepfunctions") or {"operations": {}})["operations"]}
