"""What a run belongs to and what came out of it, as one tree: the executions around it, Map Runs, executions it started, runs that were
begun from it (from one of its states, again, as its replay), and what those led to.

Of a run of the workspace the log knows all that came out of it, by an index; of one on AWS (or imported) its history tells what its tasks
started. Further generations are asked for one at a time, when somebody wants to see them (`led_to`): a tree may have 10,000 leaves.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studio.errors import ServiceError
from studio.exec.origin import starter, words
from studio.exec.views.links import Link, links_in

Ask = Callable[..., Awaitable[dict[str, Any]]]
"""`ask(operation, **request)`: answers, or raises ServiceError."""
DEEP = 10
"""Generations that are followed upwards."""
MANY = 40
"""Things a run or a Map Run led to that are named."""
_MADE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
"""A label that the definition does not give."""
PAGES = 5
"""Pages of a history, of 1,000 events each, that are looked through for what an execution led to."""


@dataclass(frozen=True, slots=True)
class Relative:
    """`what`: `execution`, `map-run` or `self`; `counts`: of a Map Run, its items by status. `status` is AWS's word, "" where it is not
    known. `how`: how it came out of the one above it, for people.
    """

    depth: int
    what: str
    arn: str
    name: str
    status: str = ""
    counts: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Led:
    """What an execution or a Map Run led to, at depth 0; `more`: how many there are beside, None where that is not known."""

    found: tuple[Relative, ...] = ()
    more: int | None = 0


@dataclass(frozen=True, slots=True)
class Family:
    """The tree around an execution, from the outside in; `more` as of `Led`, `beyond`: the ARN of one above the first that is named."""

    relatives: tuple[Relative, ...]
    more: int | None = 0
    beyond: str = ""


async def family(ask: Ask, described: dict[str, Any], links: Sequence[Link]) -> Family:
    """The tree around an execution. What is gone is named by its ARN. `links`: what its states led to (`views.links`)."""
    above: list[Relative] = []
    here = described
    own = replace(_execution(described), what="self")
    seen = {own.arn}
    what = "execution"
    while (arn := _above(what, here)) and arn not in seen and len(above) < DEEP:
        seen.add(arn)
        relative, here = await _asked(ask, arn)
        what = relative.what
        above.append(relative)
    beyond = arn if arn and arn not in seen else ""
    depth = len(above)
    led = await _begun(ask, own.arn, links)
    found = [replace(r, depth=i) for i, r in enumerate(reversed(above))]
    found += [replace(own, depth=depth), *(replace(one, depth=depth + 1) for one in led.found)]
    return Family(tuple(found), led.more, beyond)


def _above(what: str, told: dict[str, Any]) -> str:
    """Whom an execution or a Map Run, as it is described, came out of; empty where that is not known."""
    if what == "map-run":
        return str(told.get("executionArn") or "")
    return str(told.get("mapRunArn") or told.get("parent") or starter(str(told.get("input") or "")) or "")


async def led_to(ask: Ask, arn: str) -> Led:
    """The next generation: of a Map Run its child executions, of an execution its Map Runs, what it started, and what was begun from it;
    where there are many, the failed first. ServiceError where it is gone.
    """
    return await _children(ask, arn) if ":mapRun:" in arn else await _begun(ask, arn, None)


async def _children(ask: Ask, arn: str) -> Led:
    told = await ask("describe_map_run", mapRunArn=arn)
    listed = await _listed(ask, "list_executions", mapRunArn=arn)
    shown = tuple(map(_child, listed))
    total = told.get("executionCounts", {}).get("total", len(shown))
    return Led(shown, max(0, total - len(shown)))


async def _listed(ask: Ask, operation: str, **request: Any) -> list[dict[str, Any]]:
    """Of a list of executions the first, those that failed before the others."""
    found: dict[str, dict[str, Any]] = {}
    for wanted in ({"statusFilter": "FAILED"}, {}):
        if len(found) < MANY:
            answer = await ask(operation, maxResults=MANY, **request, **wanted)
            found |= {one["executionArn"]: one for one in answer["executions"] if one["executionArn"] not in found}
    return list(found.values())[:MANY]


def _child(told: dict[str, Any]) -> Relative:
    """By its own name only: all of a Map Run are of one state machine."""
    return Relative(0, "execution", str(told["executionArn"]), str(told["name"]), str(told["status"]), how=words(told.get("begun")))


async def _begun(ask: Ask, arn: str, links: Sequence[Link] | None) -> Led:
    """What came out of an execution: what its history tells, then what the log knows, in the order it came. `links`: those of its history,
    None where that is yet to be read.
    """
    answer = await ask("list_begun_executions", executionArn=arn, maxResults=MANY)
    begun, total = answer["executions"][::-1], int(answer["total"])
    many = total > len(begun)
    if many:
        begun = await _listed(ask, "list_begun_executions", executionArn=arn)
    cut = False
    if links is None:
        links, cut = await (_of_map_runs(ask, arn) if answer["complete"] else _read(ask, arn))
    known = {str(one["executionArn"]) for one in begun}
    told = [link for link in {one.arn: one for one in links}.values() if link.arn not in known]
    if answer["complete"] and many:  # what its tasks started is in the total
        told = [link for link in told if ":mapRun:" in link.arn]
    named = [await _linked(ask, link) for link in told[:MANY]]
    named = [*named, *(replace(_execution(one), how=words(one.get("begun"))) for one in begun)][:MANY]
    return Led(tuple(named), None if cut else len(told) + total - len(named))


async def _of_map_runs(ask: Ask, arn: str) -> tuple[list[Link], bool]:
    if ":express:" in arn:  # has none, and AWS refuses the question
        return [], False
    listed = await ask("list_map_runs", executionArn=arn, maxResults=MANY)
    return [Link("Map Run", str(one["mapRunArn"]), "") for one in listed["mapRuns"]], "nextToken" in listed


async def _read(ask: Ask, arn: str) -> tuple[list[Link], bool]:
    """What the history of an execution says it led to; and whether there is more of it than is looked through."""
    events: list[dict[str, Any]] = []
    token: dict[str, Any] = {}
    for _ in range(PAGES):
        answer = await ask("get_execution_history", executionArn=arn, maxResults=1000, **token)
        events += answer["events"]
        token = {"nextToken": answer["nextToken"]} if answer.get("nextToken") else {}
        if not token:
            break
    return links_in(events), bool(token)


async def _linked(ask: Ask, link: Link) -> Relative:
    told, _ = await _asked(ask, link.arn)
    if told.what == "map-run":
        return replace(told, how=f"of {link.state}" if link.state else told.how)
    return replace(told, how=words({"how": "started", "state": link.state}))


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
    how = words(told.get("begun")) if told.get("begun") or told.get("parent") else ""
    if not how and not told.get("mapRunArn") and starter(str(told.get("input") or "")):
        how = words({"how": "started"})
    return Relative(0, "execution", str(told["executionArn"]), f"{machine} · {told['name']}", str(told.get("status", "")), how=how)


def _map_run(arn: str, told: dict[str, Any]) -> Relative:
    items: dict[str, Any] = told.get("itemCounts") or {}
    said = [
        f"{items[key]:,} {word}"
        for key, word in (("succeeded", "ok"), ("failed", "failed"), ("running", "running"), ("pending", "pending"))
        if items.get(key)
    ]
    label = arn.split(":mapRun:")[1].partition("/")[2].partition(":")[0]
    how = f"of {label}" if label and not _MADE.fullmatch(label) else ""
    return Relative(0, "map-run", arn, "Map Run", str(told.get("status", "")), " · ".join(said), how)


__all__ = ["Ask", "Family", "Led", "Relative", "family", "led_to"]
