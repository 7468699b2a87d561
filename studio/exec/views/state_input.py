"""The inputs a state may be tested with, out of runs it was in: input, variables in force, what its task answered.

The variables at a state's entry are those assigned before it in its own scope and in the scopes around it: AWS's rule that a state
inside a Map or Parallel reads the variables outside, and keeps its own.

Shapes: texts are JSON texts as in the history.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from studio.asl.graph import Graph, StateNode
from studio.asl.tree import Json, Pointer
from studio.exec.views.run import Path, RunView, Visit

Kind = Literal["run", "mocks", "mock", "sample", "skeleton"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an input comes from. `run`: a run's name, with `frame` (which iteration) and `status` of the visit; `mocks`: the workflow
    run on its mocks; `mock`: the mocked answer of the state before (`title`); `sample`: the sample input; `skeleton`: what the state reads.
    `variables`: name -> value; `result`: what the task answered then. `after`: in that run the state was not entered, this is the output of
    a state before it.
    """

    kind: Kind
    title: str
    input: str
    variables: dict[str, Json] = field(default_factory=dict[str, Json])
    result: str | None = None
    frame: Path = ()
    status: str = ""
    moment: datetime | None = None
    after: str = ""


def of_run(
    view: RunView, graph: Graph, name: str, title: str, limit: int = 8, result: Callable[[RunView, Visit], str | None] | None = None
) -> list[Source]:
    """A state's visits in a run, the last one first; visits without a readable input are left out. `result` tells what the work of a visit
    answered where the history does not say so in one event (a Map's, a Parallel's).
    """
    state = view.states.get(name)
    found: list[Source] = []
    for visit in reversed(state.visits if state else ()):
        if len(found) == limit:
            break
        if visit.input is not None:
            known = variables_at(view, graph, visit)
            told = visit.result if visit.result is not None or result is None else result(view, visit)
            found.append(Source("run", title, visit.input, known, told, visit.frame, visit.status, visit.started))
    return found


def after_the_states_before(view: RunView, graph: Graph, node: StateNode, title: str) -> list[Source]:
    """For a state that a run did not come to: the outputs of the states that lead to it, as they were in that run."""
    before = {t.source for t in graph.transitions if t.scope == node.scope and t.target == node.name and t.kind not in {"start", "catch"}}
    visits = [visit for name in before if name in view.states for visit in view.states[name].visits]
    found: list[Source] = []
    for visit in sorted((v for v in visits if v.status == "succeeded" and v.output is not None), key=lambda v: -(v.exited_id or 0)):
        known = variables_at(view, graph, visit) | {name: _read(value) for name, value in visit.assigned.items()}
        if all(one.after != visit.name for one in found):
            found.append(Source("run", title, visit.output or "", known, None, visit.frame, visit.status, visit.started, visit.name))
    return found


def assigned_in(view: RunView) -> dict[str, Json]:
    """Every variable that a run assigned, with its last value, whatever its scope: for where nothing better is known."""
    visits = [visit for state in view.states.values() for visit in state.visits if visit.assigned and visit.exited_id is not None]
    return {name: _read(value) for visit in sorted(visits, key=lambda v: v.exited_id or 0) for name, value in visit.assigned.items()}


def variables_at(view: RunView, graph: Graph, visit: Visit) -> dict[str, Json]:
    """The variables in force when a visit began."""
    scopes = {node.name: node.scope for node in graph.states.values()}
    assigned = sorted(
        (other for state in view.states.values() for other in state.visits if other.assigned and other.exited_id is not None),
        key=lambda other: other.exited_id or 0,
    )
    levels: list[tuple[Visit, Pointer | None]] = []
    level: Visit | None = visit
    while level is not None:
        levels.append((level, scopes.get(level.name)))
        level = level.owner
    found: dict[str, Json] = {}
    for inner, scope in reversed(levels):
        for other in assigned:
            before = (other.exited_id or 0) < inner.entered_id
            if before and other.owner is inner.owner and other.frame == inner.frame and scopes.get(other.name) == scope:
                found |= {name: _read(value) for name, value in other.assigned.items()}
    return found


def _read(value: Json) -> Json:
    """A variable's value: the history holds each as JSON text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value
