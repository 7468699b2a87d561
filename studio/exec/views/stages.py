"""What became of a state's data in a run, stage by stage, each with its difference to the one before. Pure.

A history holds what went into a state, what its task was given and answered, and what came out. What is between is worked out from the
definition that ran, by the data flow of the engine and of TestState, with the recorded result in the place of the work. Where the
history holds a stage, the history is shown; where the two differ (an expression drew a random number, asked for the time), a note says so.

Shapes: texts are JSON texts. Nothing is made up: a stage that cannot be known is left out, and a note says why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from studio.asl.graph import Graph, StateNode
from studio.asl.tree import Json, Pointer
from studio.asl.values import Env, Failure, same
from studio.exec.context import Identity, iso
from studio.exec.machine import Machine, MachineError, Scope, State, compile_machine
from studio.exec.test_requests import Asked, Mocked
from studio.exec.test_state import run as tested
from studio.exec.views.run import RunView, Visit
from studio.exec.views.state_input import variables_at
from studio.exec.views.tested import Stage, stages

_UNKNOWN: Any = object()
_EVERY_RETRY = 10**9
"""So many attempts were made: a test of an error that was not retried again goes to the catchers."""
_WORKS = frozenset({"Task", "Map", "Parallel"})
"""The states whose result comes from outside their own data."""
_PENDING = Failure("States.Runtime", "under way")


@dataclass(frozen=True, slots=True)
class Recomputed:
    """`notes`: in sentences, what cannot be known and why."""

    stages: tuple[Stage, ...]
    notes: tuple[str, ...] = ()


class Stages:
    """Works out the stages of visits of one run. `described`: DescribeExecution's answer, with `roleArn` where the asked knows it."""

    def __init__(self, root: Json, graph: Graph, described: Mapping[str, Any]) -> None:
        self._graph, self._described = graph, described
        self._problem: str | None = None
        self._states: dict[Pointer, State] = {}
        try:
            machine = compile_machine(root)
        except MachineError as problem:
            self._problem = f"The definition cannot be read: {str(problem).rstrip('.')}. Only what the history holds is shown."
        else:
            _collect(machine.scope, self._states)
            self._machine: Machine = machine

    def of(self, view: RunView, visit: Visit) -> Recomputed:
        """The stages of a visit as far as it came."""
        if visit.input is None:
            return Recomputed((), ("The history holds no data: neither its input nor what became of it is known.",))
        node = self._node(visit)
        state = self._states.get(node.pointer) if node is not None else None
        given = _read(visit.input)
        before = variables_at(view, self._graph, visit)
        if self._problem is not None or state is None:
            why = self._problem or "The definition that ran is not known here. Only what the history holds is shown."
            return Recomputed(_recorded(visit, given, before, None), (why,))
        if given is _UNKNOWN:
            return Recomputed((), ("The input in the history is cut off: no stage can be worked out from it.",))
        answer, notes = self._answer(view, visit, state, given, before)
        return Recomputed(_recorded(visit, given, before, answer), tuple(notes))

    def result(self, view: RunView, visit: Visit) -> str | None:
        """What a Task, Map or Parallel answered, before its own fields; None where the history does not hold it."""
        node = self._node(visit)
        state = self._states.get(node.pointer) if node is not None else None
        found = self._result(view, visit, state) if state is not None and state.type in _WORKS else _UNKNOWN
        return None if found is _UNKNOWN else json.dumps(found, ensure_ascii=False)

    # -- working out ---------------------------------------------------------------------------------------------------------
    def _answer(self, view: RunView, visit: Visit, state: State, given: Json, before: dict[str, Json]) -> tuple[dict[str, Any], list[str]]:
        """TestState's response for the visit, its stages corrected by the history."""
        notes: list[str] = []
        works = state.type in _WORKS
        result = self._result(view, visit, state) if works else None
        asked = Asked(
            state=state,
            input=given,
            level="DEBUG",
            variables=before,
            mock=self._mock(visit, state, result),
            context=self._context(view, visit, state),
            retries=_EVERY_RETRY,
            quotas=False,
        )
        answer = tested(asked, self._who(view), visit.started.timestamp(), lambda _: _PENDING)
        seen: dict[str, Any] = answer["inspectionData"]
        if "ItemReader" in state.raw:
            seen.pop("afterItemSelector", None)
            notes.append("The items were read by the ItemReader: they are not in the history.")
        if visit.status in {"succeeded", "caught"} and answer["status"] == "FAILED" and result is not _UNKNOWN:
            notes.append(f"From here on the stages cannot be worked out again: {answer.get('cause') or answer.get('error')}")
        if result is _UNKNOWN and visit.status == "succeeded":
            notes.append("Its result is not in the history: what became of it before the output cannot be worked out.")
        elif visit.type in {"Map", "Parallel"} and result is not _UNKNOWN:
            seen.setdefault("result", json.dumps(result, ensure_ascii=False))
        self._check(visit, answer, seen, notes)
        return answer, notes

    @staticmethod
    def _check(visit: Visit, answer: dict[str, Any], seen: dict[str, Any], notes: list[str]) -> None:
        """What the history holds goes before what was worked out."""
        work = "afterArguments" if "afterArguments" in seen else "afterParameters" if "afterParameters" in seen else None
        if work and visit.parameters is not None and visit.type == "Task" and (recorded := _read(visit.parameters)) is not _UNKNOWN:
            if not same(_read(seen[work]), recorded):
                notes.append(f"What the task was given is as recorded; worked out again it would be another value ({_moving(work)}).")
            seen[work] = visit.parameters
        recorded = _read(visit.output) if visit.output is not None else _UNKNOWN
        if recorded is not _UNKNOWN and "output" in answer and not same(_read(answer["output"]), recorded):
            notes.append("The output is as recorded; worked out again it would be another value: the stages before it may differ too.")

    def _mock(self, visit: Visit, state: State, result: Any) -> Mocked | None:
        """What stands for the work of a Task, Map or Parallel."""
        if state.type not in _WORKS:
            return None
        if visit.error:
            return Mocked(failure=Failure(visit.error, visit.cause or ""))
        return Mocked(failure=_PENDING) if result is _UNKNOWN else Mocked(result=result)

    def _result(self, view: RunView, visit: Visit, state: State) -> Any:
        """What the work answered; `_UNKNOWN` where it has not, or the history does not hold it."""
        if visit.error:
            return _UNKNOWN
        match state.type:
            case "Task":
                return _read(visit.result) if visit.result is not None else _UNKNOWN
            case "Parallel" if visit.exited_id is not None:
                return self._of_lines(view, visit, dict(enumerate(state.branches)), len(state.branches))
            case "Map" if visit.exited_id is not None and not state.distributed:
                return self._of_lines(
                    view, visit, dict.fromkeys(visit.iterations, state.branches[0]), visit.length or len(visit.iterations)
                )
            case _:
                return _read(visit.output) if state.flow.identity and visit.output is not None else _UNKNOWN

    def _of_lines(self, view: RunView, visit: Visit, lines: Mapping[int, Scope], count: int) -> Any:
        """The outputs of the branches or iterations, in order: each that of the state its line ended with."""
        found: dict[int, Visit] = {}
        for index, scope in lines.items():
            frame = (*visit.frame, (visit.name, index)) if visit.type == "Map" else visit.frame
            for name in scope.states:
                for inner in view.states[name].visits if name in view.states else ():
                    if inner.owner is visit and inner.frame == frame and inner.exited_id is not None:
                        last = found.get(index)
                        if last is None or inner.exited_id > (last.exited_id or 0):
                            found[index] = inner
        if len(found) != count:
            return _UNKNOWN
        texts = [found[index].output for index in sorted(found)]
        values = [_read(text) if text is not None else _UNKNOWN for text in texts]
        return _UNKNOWN if any(value is _UNKNOWN for value in values) else values

    # -- the context object ---------------------------------------------------------------------------------------------------
    def _who(self, view: RunView) -> Identity:
        told = self._described
        machine = str(told.get("stateMachineArn") or "")
        started = view.started.timestamp() if view.started else 0.0
        return Identity(
            str(told.get("executionArn") or ""),
            str(told.get("name") or ""),
            machine,
            machine.split(":")[6] if machine.count(":") >= 6 else "",
            str(told.get("roleArn") or ""),
            started,
        )

    def _context(self, view: RunView, visit: Visit, state: State) -> dict[str, Json]:
        """What TestState cannot know of the context object: the execution's input, the moment, the item, the count of retries."""
        entered: dict[str, Json] = {"Name": visit.name, "EnteredTime": _time(visit.started)}
        if state.type in {"Task", "Parallel", "Map"}:
            entered["RetryCount"] = max(0, len(visit.attempts) - 1)
        found: dict[str, Json] = {
            "Execution": {"Input": None if view.input is None else _plain(_read(view.input)), "RedriveCount": view.redrives},
            "State": entered,
        }
        if state.reads_context and visit.frame and (item := self._item(view, visit)) is not None:
            found["Map"] = {"Item": item}
        return found

    def _item(self, view: RunView, visit: Visit) -> dict[str, Json] | None:
        """`Map.Item` of the innermost iteration around a visit; None where the items are not known."""
        owner: Visit | None = visit.owner
        while owner is not None and owner.name != visit.frame[-1][0]:
            owner = owner.owner
        node = self._node(owner) if owner is not None else None
        around = self._states.get(node.pointer) if node is not None else None
        if owner is None or around is None or around.items is None or "ItemReader" in around.raw or owner.input is None:
            return None
        given = _read(owner.input)
        variables = variables_at(view, self._graph, owner)
        env = Env(self._context(view, owner, around), variables, state=owner.name)  # type: ignore[arg-type]
        value = given if around.jsonata or given is _UNKNOWN else around.flow.input(given, env)
        items = _UNKNOWN if value is _UNKNOWN or isinstance(value, Failure) else around.items(value, env)
        index = visit.frame[-1][1]
        if not isinstance(items, list):
            return None
        known = cast("list[Json]", items)
        return {"Index": index, "Value": known[index]} if index < len(known) else None

    def _node(self, visit: Visit) -> StateNode | None:
        return self._graph.by_name(visit.name)


def _collect(scope: Scope, into: dict[Pointer, State]) -> None:
    for state in scope.states.values():
        into[state.pointer] = state
        for inner in state.branches:
            _collect(inner, into)


def _recorded(visit: Visit, given: Any, before: dict[str, Json], answer: dict[str, Any] | None) -> tuple[Stage, ...]:
    """The stages, those the history holds as it holds them."""
    assert visit.input is not None
    seen: dict[str, Any] = dict(answer["inspectionData"]) if answer is not None else {}
    if answer is None and given is not _UNKNOWN:
        if visit.parameters is not None and visit.type == "Task":
            seen["afterParameters"] = visit.parameters
        if visit.result is not None:
            seen["result"] = visit.result
    seen.pop("input", None)
    seen.pop("variables", None)
    shown: dict[str, Any] = {"inspectionData": seen}
    if visit.output is not None:
        shown["output"] = visit.output
    if visit.assigned:
        after = {**before, **{name: _plain(_read(value)) if isinstance(value, str) else value for name, value in visit.assigned.items()}}
        seen["variables"] = json.dumps(after, ensure_ascii=False)
    return stages(shown, visit.input, before)


def _moving(work: str) -> str:
    return "a token, a time or a random number is in its Arguments" if work == "afterArguments" else "a token, a time or a random number"


def _read(text: str) -> Any:
    """The value of a text of the history; `_UNKNOWN` where it was cut off."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _UNKNOWN


def _plain(value: Any) -> Json:
    return None if value is _UNKNOWN else value


def _time(moment: datetime) -> str:
    return iso(moment.timestamp())
