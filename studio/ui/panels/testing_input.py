"""What a state may be tested with: the inputs of its runs, of a rehearsal on the mocks, of the mock before it, the sample, a skeleton."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from studio.asl.sidefile import filled
from studio.asl.tree import Json
from studio.catalogue.shapes import Shape, skeleton
from studio.errors import StudioError
from studio.exec.machine import Resource, resource_of
from studio.exec.performers.mock import Mocks
from studio.exec.rehearsal import after_the_state_before, rehearse
from studio.exec.test_requests import result_shape
from studio.exec.views import input_skeleton, state_input
from studio.exec.views.run import RunView, project
from studio.exec.views.state_input import Source
from studio.ui.times import clock
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.ui.view import EditorView

RUNS, VISITS = 10, 4
"""Runs of the workflow that are looked through, and visits of the state offered of each."""
MEMBERS = 12
ICONS = {"run": "history", "mocks": "push_pin", "mock": "push_pin", "sample": "data_object", "skeleton": "schema"}


async def sources(view: EditorView, node: StateNode) -> list[Source]:
    """Every input at hand, the newest first: runs, then the mocks, then what the state reads, then the sample input."""
    session, graph, side = view.session, view.graph, view.session.side
    found: list[Source] = []
    for arn, run in await _runs(view, node.name):
        found += state_input.of_run(run, graph, node.name, arn, VISITS)
    sample = Source("sample", "Sample input", side.input_text.strip() or "{}")
    first = (
        any(t.target == node.name and t.kind == "start" and t.scope == ("States",) for t in graph.transitions) and len(node.pointer) == 2
    )
    if first:
        found.append(sample)
    mocks = side.mocks.choose(case=side.chosen) if side.mocks is not None else Mocks({})
    definition = filled(session.document.root, side.own.placeholders)
    if not first and (rehearsed := await asyncio.to_thread(rehearse, definition, sample.input, mocks)) is not None:
        title = mocks.case if side.mocks is not None else ""
        found += [_of_mocks(one) for one in state_input.of_run(rehearsed, graph, node.name, title, VISITS)]
    if side.mocks is not None:
        found += await asyncio.to_thread(after_the_state_before, graph, node, mocks)
    if (made := input_skeleton.skeleton(node)) != {}:
        found.append(Source("skeleton", "Skeleton", json.dumps(made, ensure_ascii=False)))
    return found if first else [*found, sample]


def _of_mocks(one: Source) -> Source:
    return Source("mocks", one.title, one.input, one.variables, one.result, one.frame, one.status)


async def _runs(view: EditorView, name: str) -> list[tuple[str, RunView]]:
    """The newest runs of this workflow in which the state was entered: that on the canvas first, then out of the engine's store."""
    session, engine = view.session, view.studio.engine
    found: list[tuple[str, RunView]] = []
    if session.run is not None and session.run.view.states.get(name) and session.run.view.states[name].visits:
        found.append((session.run.arn, session.run.view))
    try:
        listed = (await engine.list_executions(maxResults=200))["executions"]
        for item in [i for i in listed if i.get("workflow") == session.path][:RUNS]:
            arn = str(item["executionArn"])
            if len(found) >= 3 or any(arn == known for known, _ in found):
                continue
            events = await engine.wait_events(arn, 0, 0.0)
            run = await asyncio.to_thread(project, session.document.root, events)
            if run.states.get(name) and run.states[name].visits:
                found.append((arn, run))
    except StudioError:
        pass  # what cannot be read offers nothing
    return sorted(found, key=lambda pair: pair[1].started.timestamp() if pair[1].started else 0, reverse=True)


def label(source: Source) -> str:
    """`Run 14:02:07, Each 3, failed`."""
    where = "".join(f", {state} {index}" for state, index in source.frame)
    match source.kind:
        case "run":
            word = c.STATUS.get(source.status, ("", source.status))[1].lower()
            return f"Run {clock(source.moment)}{where}, {word}"
        case "mocks":
            return f"Mocks, case {source.title}{where}" if source.title else f"Sample input, after the states before{where}"
        case "mock":
            return f"Mock of {source.title}"
        case "skeleton":
            return "Skeleton of what the state reads"
        case _:
            return "Sample input"


def resource(node: StateNode) -> Resource | None:
    """What a Task calls; None for other states and where it is no resource yet."""
    named = node.value.get("Resource") if isinstance(node.value, dict) and node.type == "Task" else None
    try:
        return resource_of(named) if isinstance(named, str) else None
    except StudioError:
        return None


def performed(node: StateNode) -> bool:
    """Whether TestState performs the state's work where it has no mock: a Task that answers by itself."""
    found = resource(node)
    return node.type == "Task" and found is not None and not found.pattern and found.kind != "activity"


def result_skeleton(node: StateNode) -> Json:
    """A result to begin a mock with: what the service's API answers, an array for a Map, one item a branch for a Parallel."""
    if node.type == "Parallel":
        return [{} for _ in node.children]
    if node.type == "Map":
        return []
    found = resource(node)
    if found is None:
        return {}
    shape = result_shape(found)
    return {"Payload": {}} if shape is not None and f"{found.service}:{found.action}" == "lambda:invoke" else _answer(shape, 2)


def _answer(shape: Shape | None, depth: int) -> Any:
    """A value of a shape with the first of its members: the shapes of answers require none."""
    if shape is None or shape.kind != "structure":
        return skeleton(shape)
    if not depth:
        return {}
    return {name: _answer(member, depth - 1) for name, member in list(shape.members.items())[:MEMBERS]}
