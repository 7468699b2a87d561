"""What a run belongs to and what it led to, as one tree: executions around it, Map Runs, executions it started.

Who began a run is known of runs of the workspace, and on AWS of the child executions of a Map Run; what a run led to is in its history.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from studio.errors import ServiceError

Ask = Callable[..., Awaitable[dict[str, Any]]]
DEEP = 10
"""Generations that are followed upwards."""
MANY = 40
"""Things a run led to that are named."""


@dataclass(frozen=True, slots=True)
class Relative:
    """`what`: `execution`, `map-run` or `self`; `counts`: of a Map Run, its items by status. `status` is AWS's word, "" where it is not known."""

    depth: int
    what: str
    arn: str
    name: str
    status: str = ""
    counts: str = ""


async def family(ask: Ask, described: dict[str, Any], links: Iterable[tuple[str, str]]) -> tuple[Relative, ...]:
    """The tree around an execution, from the outside in. `ask(operation, **request)` answers or raises ServiceError: what is gone is named
    by its ARN. `links`: what its states led to (`views.links`).
    """
    above: list[Relative] = []
    here = described
    seen = {str(described["executionArn"])}
    while len(above) < DEEP and (arn := here.get("mapRunArn") or here.get("parent")) and str(arn) not in seen:
        seen.add(str(arn))
        relative, here = await _asked(ask, str(arn))
        above.append(relative)
        if relative.what == "map-run" and here.get("executionArn"):
            here = {"parent": here["executionArn"]}
    own = _execution(described)
    depth = len(above)
    found = [Relative(i, r.what, r.arn, r.name, r.status, r.counts) for i, r in enumerate(reversed(above))]
    found.append(Relative(depth, "self", own.arn, own.name, own.status))
    for arn in list(dict.fromkeys(arn for _, arn in links))[:MANY]:
        child, _ = await _asked(ask, arn)
        found.append(Relative(depth + 1, child.what, child.arn, child.name, child.status, child.counts))
    return tuple(found)


async def _asked(ask: Ask, arn: str) -> tuple[Relative, dict[str, Any]]:
    try:
        if ":mapRun:" in arn:
            told = await ask("describe_map_run", mapRunArn=arn)
            return _map_run(arn, told), told
        told = await ask("describe_execution", executionArn=arn)
        return _execution(told), told
    except ServiceError:
        return Relative(0, "map-run" if ":mapRun:" in arn else "execution", arn, arn.rpartition(":")[2]), {}


def _execution(told: dict[str, Any]) -> Relative:
    machine = str(told.get("workflow") or told.get("stateMachineArn", "").rpartition(":")[2])
    return Relative(0, "execution", str(told["executionArn"]), f"{machine} · {told['name']}", str(told.get("status", "")))


def _map_run(arn: str, told: dict[str, Any]) -> Relative:
    items: dict[str, Any] = told.get("itemCounts") or {}
    words = [
        f"{items[key]:,} {word}"
        for key, word in (("succeeded", "ok"), ("failed", "failed"), ("running", "running"), ("pending", "pending"))
        if items.get(key)
    ]
    return Relative(0, "map-run", arn, "Map Run", str(told.get("status", "")), " · ".join(words))
