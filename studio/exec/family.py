"""What a run belongs to and what it led to, as one tree: executions around it, Map Runs, executions it started, and what those led to.

Who began a run is known of runs of the workspace, and on AWS of the child executions of a Map Run; what a run led to is in its history. Further
generations are asked for one at a time, when somebody wants to see them (`led_to`): a tree may have 10,000 leaves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from studio.errors import ServiceError
from studio.exec.views.links import links_in

Ask = Callable[..., Awaitable[dict[str, Any]]]
DEEP = 10
"""Generations that are followed upwards."""
MANY = 40
"""Things a run or a Map Run led to that are named."""
PAGES = 5
"""Pages of a history, of 1,000 events each, that are looked through for what an execution led to."""


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


@dataclass(frozen=True, slots=True)
class Led:
    """What an execution or a Map Run led to, at depth 0; `more`: how many there are beside, None where that is not known."""

    found: tuple[Relative, ...] = ()
    more: int | None = 0


async def led_to(ask: Ask, arn: str) -> Led:
    """The next generation: of a Map Run its child executions, the failed first; of an execution its Map Runs and what it started.
    ServiceError where it is gone.
    """
    return await _children(ask, arn) if ":mapRun:" in arn else await _begun(ask, arn)


async def _children(ask: Ask, arn: str) -> Led:
    told = await ask("describe_map_run", mapRunArn=arn)
    found: dict[str, Relative] = {}
    for wanted in ({"statusFilter": "FAILED"}, {}):
        if len(found) < MANY:
            listed = await ask("list_executions", mapRunArn=arn, maxResults=MANY, **wanted)
            found |= {one["executionArn"]: _child(one) for one in listed["executions"] if one["executionArn"] not in found}
    shown = tuple(found.values())[:MANY]
    total = told.get("executionCounts", {}).get("total", len(shown))
    return Led(shown, max(0, total - len(shown)))


def _child(told: dict[str, Any]) -> Relative:
    """By its own name only: all of a Map Run are of one state machine."""
    return Relative(0, "execution", str(told["executionArn"]), str(told["name"]), str(told["status"]))


async def _begun(ask: Ask, arn: str) -> Led:
    events: list[dict[str, Any]] = []
    token: dict[str, Any] = {}
    for _ in range(PAGES):
        answer = await ask("get_execution_history", executionArn=arn, maxResults=1000, **token)
        events += answer["events"]
        token = {"nextToken": answer["nextToken"]} if answer.get("nextToken") else {}
        if not token:
            break
    arns = [one for _, one in links_in(events)]
    found = [(await _asked(ask, one))[0] for one in arns[:MANY]]
    return Led(tuple(found), None if token else len(arns) - len(found))


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
