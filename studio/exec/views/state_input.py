"""The inputs a state may be tested with, out of runs it was in: input, variables in force, what its task answered.

The variables at a state's entry are those assigned before it in its own scope and in the scopes around it: AWS's rule that a state
inside a Map or Parallel reads the variables outside, and keeps its own.

Shapes: texts are JSON texts as in the history.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from studio.asl.expression_references import reads_of, template_reads
from studio.asl.graph import Graph, StateNode
from studio.asl.tree import Json, Pointer
from studio.exec.views.run import Path, RunView, Visit

Kind = Literal["run", "mocks", "mock", "sample", "skeleton"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an input comes from. `run`: a run's name, with `frame` (which iteration) and `status` of the visit; `mocks`: the workflow
    run on its mocks; `mock`: the mocked answer of the state before (`title`); `sample`: the sample input; `skeleton`: what the state reads.
    `variables`: name -> value; `result`: what the task answered then.
    """

    kind: Kind
    title: str
    input: str
    variables: dict[str, Json] = field(default_factory=dict[str, Json])
    result: str | None = None
    frame: Path = ()
    status: str = ""
    moment: datetime | None = None


def of_run(view: RunView, graph: Graph, name: str, title: str, limit: int = 8) -> list[Source]:
    """A state's visits in a run, the last one first; visits without a readable input are left out."""
    state = view.states.get(name)
    found: list[Source] = []
    for visit in reversed(state.visits if state else ()):
        if len(found) == limit:
            break
        if visit.input is not None:
            known = variables_at(view, graph, visit)
            found.append(Source("run", title, visit.input, known, visit.result, visit.frame, visit.status, visit.started))
    return found


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


def skeleton(node: StateNode) -> Json:
    """An input with every path that the state's own expressions read; `null` is to be filled in."""
    own = {k: v for k, v in node.value.items() if k not in _NOT_OF_THE_INPUT} if isinstance(node.value, dict) else {}
    read = set(template_reads(own, node.language).input)
    if node.language == "JSONPath":
        base = _steps(own.pop("InputPath", None))
        read = {(*base, *path) for path in read | _reference_paths(own)} | {base}
    made: Json = None
    for path in sorted(read, key=lambda path: (len(path), [str(part) for part in path])):
        made = _with(made, path)
    return {} if made is None else made


_NOT_OF_THE_INPUT = frozenset({"ItemProcessor", "Iterator", "Branches", "Comment", "ResultSelector", "ResultPath", "OutputPath", "Catch"})


def _reference_paths(own: dict[str, Json]) -> set[tuple[str | int, ...]]:
    """What a JSONPath state reads by fields that hold a path: `Variable`, `ItemsPath`, `SecondsPath`, `StringEqualsPath`."""
    found: set[tuple[str | int, ...]] = set()
    stack: list[tuple[str, Json]] = list(own.items())
    while stack:
        key, value = stack.pop()
        if isinstance(value, dict):
            stack.extend(value.items())
        elif isinstance(value, list):
            stack.extend(("", item) for item in value)
        elif key == "Variable" or key.endswith("Path"):
            found.add(_steps(value))
    return found


def _steps(path: Json) -> tuple[str | int, ...]:
    """The members a path leads through; none where it is no path of the input."""
    return next(iter(reads_of(path).input), ()) if isinstance(path, str) else ()


def _with(value: Json, path: tuple[str | int, ...]) -> Json:
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        items = value if isinstance(value, list) else []
        items = [*items, *([None] * (abs(head) + 1 - len(items)))] if len(items) <= abs(head) <= 9 else items
        return [_with(item, rest) if i == head else item for i, item in enumerate(items)]
    members = value if isinstance(value, dict) else {}
    return {**members, head: _with(members.get(head), rest)}
