"""What a state may be tested with: the inputs of its runs, of a rehearsal on the mocks, of the mock before it, the sample, a skeleton."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.asl.graph import Graph
from studio.asl.sidefile import filled
from studio.asl.tree import Json
from studio.errors import StudioError
from studio.exec.performers.mock import Mocks
from studio.exec.rehearsal import after_the_state_before, rehearse
from studio.exec.views import input_skeleton, state_input
from studio.exec.views.run import RunView, project
from studio.exec.views.stages import Stages
from studio.exec.views.state_input import Source
from studio.ui.times import clock
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.ui.view import EditorView

RUNS, ENTERED, VISITS = 10, 3, 4
"""Runs of the workflow that are looked through, how many in which the state was entered are offered, and visits of the state of each."""
ICONS = {"run": "history", "mocks": "push_pin", "mock": "push_pin", "sample": "data_object", "skeleton": "schema"}


async def sources(view: EditorView, node: StateNode) -> list[Source]:
    """Every input at hand, the newest first: runs, then the mocks, then what the state reads, then the sample input."""
    session, graph, side = view.session, view.graph, view.session.side
    definition = filled(session.document.root, side.own.placeholders)
    runs, newest = await _runs(view, node.name)
    known = state_input.assigned_in(newest[1]) if newest else {}
    found: list[Source] = []
    for arn, run in runs:
        found += await asyncio.to_thread(_of_run, run, graph, node, arn, definition)
        known = state_input.assigned_in(run) | known
    if newest and not found:
        found += state_input.after_the_states_before(newest[1], graph, node, newest[0])
    sample = Source("sample", "Sample input", side.input_text.strip() or "{}")
    first = (
        any(t.target == node.name and t.kind == "start" and t.scope == ("States",) for t in graph.transitions) and len(node.pointer) == 2
    )
    written = first and sample.input != "{}"
    if written:
        found.append(sample)
    mocks = side.mocks.choose(case=side.chosen) if side.mocks is not None else Mocks({})
    if (rehearsed := await asyncio.to_thread(rehearse, definition, sample.input, mocks)) is not None:
        title = mocks.case if side.mocks is not None else ""
        known = state_input.assigned_in(rehearsed) | known
        if not first:
            told = await asyncio.to_thread(_of_run, rehearsed, graph, node, title, definition)
            found += map(_of_mocks, told or state_input.after_the_states_before(rehearsed, graph, node, title))
    if side.mocks is not None:
        found += await asyncio.to_thread(after_the_state_before, graph, node, mocks)
    reads = input_skeleton.variables_read(node)
    if (made := input_skeleton.skeleton(node)) != {} or reads:
        found.append(Source("skeleton", "Skeleton", json.dumps(made, ensure_ascii=False), dict.fromkeys(sorted(reads))))
    return [_with_variables(one, known, reads) for one in (found if written else [*found, sample])]


def _of_run(view: RunView, graph: Graph, node: StateNode, title: str, definition: Json) -> list[Source]:
    """The visits of a state in a run, with what its work answered."""
    result = Stages(definition, graph, {}).result if node.type in {"Map", "Parallel"} else None
    return state_input.of_run(view, graph, node.name, title, VISITS, result)


def _with_variables(source: Source, known: dict[str, Json], reads: frozenset[str]) -> Source:
    """With a value for the variables that the state reads, for inputs that come from no run: the one they had last, where they had one."""
    if source.kind not in {"skeleton", "sample", "mock"}:
        return source
    return replace(source, variables=source.variables | {name: known[name] for name in sorted(reads & known.keys())})


def _of_mocks(one: Source) -> Source:
    return replace(one, kind="mocks", moment=None)


async def _runs(view: EditorView, name: str) -> tuple[list[tuple[str, RunView]], tuple[str, RunView] | None]:
    """The newest runs of this workflow in which the state was entered: that on the canvas first, then out of the engine's store. And the
    newest run of all.
    """
    session, engine = view.session, view.studio.engine
    read: list[tuple[str, RunView]] = [] if session.run is None else [(session.run.arn, session.run.view)]
    try:
        listed = (await engine.list_executions(maxResults=200))["executions"]
        for item in [i for i in listed if i.get("workflow") == session.path][:RUNS]:
            arn = str(item["executionArn"])
            if sum(_entered(run, name) for _, run in read) < ENTERED and all(arn != known for known, _ in read):
                events = await engine.wait_events(arn, 0, 0.0)
                read.append((arn, await asyncio.to_thread(project, session.document.root, events)))
    except StudioError:
        pass  # what cannot be read offers nothing
    read.sort(key=lambda pair: pair[1].started.timestamp() if pair[1].started else 0, reverse=True)
    return [pair for pair in read if _entered(pair[1], name)], read[0] if read else None


def _entered(run: RunView, name: str) -> bool:
    return name in run.states and bool(run.states[name].visits)


def label(source: Source) -> str:
    """`Run 14:02:07, Each 3, failed`."""
    where = "".join(f", {state} {index}" for state, index in source.frame)
    if source.after:
        where += f", output of {source.after}"
    match source.kind:
        case "run":
            word = c.STATUS.get(source.status, ("", source.status))[1].lower()
            return f"Run {clock(source.moment)}{where}" + ("" if source.after else f", {word}")
        case "mocks":
            if source.title:
                return f"Mocks, case {source.title}{where}"
            return f"Sample input{where}" if source.after else f"Sample input, after the states before{where}"
        case "mock":
            return f"Mock of {source.title}"
        case "skeleton":
            return "Skeleton of what the state reads"
        case _:
            return "Sample input"
