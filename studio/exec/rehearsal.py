"""A workflow run on its mocks alone, in virtual time, to see with which input it comes to each state. Nothing is performed or kept."""

from __future__ import annotations

import json
from typing import Any

from studio.asl.graph import Graph, StateNode
from studio.asl.isolate import isolated
from studio.asl.tree import Json, Pointer, put
from studio.errors import ServiceError, StudioError
from studio.exec import test_state
from studio.exec.driver import run_once
from studio.exec.effects import RunTask
from studio.exec.events import Texts, to_aws
from studio.exec.machine import Scope, compile_machine
from studio.exec.performers import Performer, Performers
from studio.exec.performers.mock import Mocks, Returned
from studio.exec.views.run import RunView, project
from studio.exec.views.state_input import Source
from studio.store.eventlog import EventLog


class _OnlyMocks(Performers):
    """A world in which a task without a mock fails: a rehearsal has no effects."""

    def _find(self, effect: RunTask) -> Performer | None:
        del effect
        return None


def rehearse(definition: Json, text: str, mocks: Mocks) -> RunView | None:
    """What happens when the definition runs on `text` with the mocks' case; it may end at a task without a mock, and ends at a state that
    would start executions of its own (a Distributed Map, a nested one without a mock). None where it is no valid definition.
    """
    try:
        machine = compile_machine(definition)
        shortened = definition
        if ends := _starting_others(machine.scope, mocks):
            for pointer in ends:
                shortened = put(shortened, pointer, _END)
            machine = compile_machine(shortened)
        log = EventLog(None, check=False)
        try:
            outcome = run_once(
                shortened,
                json.loads(text),
                text=text,
                mocks=mocks,
                performers=_OnlyMocks(mocks=mocks),
                compiled=machine,
                log=log,
                skip_waits=True,
            )
            events = [event for event in log.events(outcome.arn) if event[0][0] != "_"]
        finally:
            log.close()
    except (StudioError, ValueError, RecursionError):
        return None
    texts = Texts.of(events[0]) if events else Texts()
    return project(definition, [to_aws(number, event, texts) for number, event in enumerate(events, 1)])


_END: dict[str, Json] = {"Type": "Fail", "Error": "Studio.NotRehearsed", "Cause": "A rehearsal starts no other executions."}


def _starting_others(scope: Scope, mocks: Mocks) -> list[Pointer]:
    """The states that would start executions, the outermost of those that lie in each other."""
    found: list[Pointer] = []
    for state in scope.states.values():
        nested = state.resource is not None and state.resource.nested and state.name not in mocks.states()
        if state.distributed or nested:
            found.append(state.pointer)
        else:
            for inner in state.branches:
                found += _starting_others(inner, mocks)
    return found


def after_the_state_before(graph: Graph, node: StateNode, mocks: Mocks) -> list[Source]:
    """The outputs of the mocked Tasks that lead to a state: each mock taken through its state's own ResultSelector, ResultPath and so on,
    on an empty input. A state whose expressions need more than that gives none.
    """
    found: list[Source] = []
    for transition in graph.transitions:
        if transition.scope != node.scope or transition.target != node.name or transition.kind == "catch":
            continue
        before = graph.states.get((*node.scope, transition.source))
        answer = mocks.answer(before.name, 0) if before is not None and before.type == "Task" else None
        if before is None or not isinstance(answer, Returned):
            continue
        output = _output(isolated(graph, before), before.name, answer.value)
        if output is not None:
            found.append(Source("mock", before.name, output))
    return found


def _output(definition: Json, name: str, result: Json) -> str | None:
    request: dict[str, Any] = {
        "definition": json.dumps(definition),
        "stateName": name,
        "input": "{}",
        "mock": {"result": json.dumps(result), "fieldValidationMode": "NONE"},
    }
    try:
        return test_state.answer(request, Performers(), "us-east-1", 0.0).get("output")
    except ServiceError:
        return None
