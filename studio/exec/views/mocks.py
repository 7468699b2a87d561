"""Mocks in Step Functions Local's format out of what tasks answered: of a whole history, so that the run can be replayed here, or of one
test (`kept`).

Ordinals count a state's tasks in the order they were scheduled, as `performers.mock` does. Tasks that got no answer (stopped, still
under way) leave a gap, which fails when it is asked for rather than answering something made up.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from studio.asl.tree import Json
from studio.exec.views.run import Attempt, History, RunView, Visit, project

CASE = "Recorded"


def mocks_of(root: Json, events: History, machine: str) -> dict[str, Any] | None:
    """The mocks file of a history; None where no task of it was answered."""
    responses: dict[str, dict[str, Any]] = {}
    for name, state in project(root, events).states.items():
        tried = sorted(((a, v) for v in state.visits if v.type == "Task" for a in v.attempts), key=lambda pair: pair[0].scheduled_id)
        answers = {ordinal: answer for ordinal, pair in enumerate(tried) if (answer := _answer(*pair)) is not None}
        if answers:
            responses[name] = _ranges(answers)
    if not responses:
        return None
    named = {state: f"{state} as recorded" for state in responses}
    return {
        "StateMachines": {machine: {"TestCases": {CASE: named}}},
        "MockedResponses": {named[state]: response for state, response in responses.items()},
    }


def _answer(attempt: Attempt, visit: Visit) -> dict[str, Any] | None:
    if attempt.status == "succeeded" and visit.result is not None:
        try:
            return {"Return": json.loads(visit.result)}
        except ValueError:  # truncated in the history
            return None
    if attempt.error is None:
        return None
    return {"Throw": {"Error": attempt.error, "Cause": attempt.cause or ""}}


def answer_of(view: RunView, visit: Visit) -> tuple[dict[str, Any], int | None] | None:
    """What a stay in a Task was answered last, and which of the state's tasks that was (None: in a Map, so that it is for every time);
    None where nothing answered.
    """
    ended = [attempt for attempt in visit.attempts if attempt.status not in {"running", "waiting"}]
    answer = _answer(ended[-1], visit) if ended and visit.type == "Task" else None
    if answer is None:
        return None
    if visit.frame:
        return answer, None
    before = [a for v in view.states[visit.name].visits for a in v.attempts if a.scheduled_id < ended[-1].scheduled_id]
    return answer, len(before)


EVERY = "0-999"
"""The ordinals of an answer that is meant for every time."""


def kept(config: Json, machine: str, case: str, state: str, answer: dict[str, Any], ordinal: int | None = None) -> dict[str, Any]:
    """A mocks file in which the state's task number `ordinal` gives an answer (`{"Return": …}`, `{"Throw": …}`); None: every time.

    Other ordinals of the state keep theirs. A response that other states or cases use as well is left to them: the state gets its own.
    `config` must have been read by `Mocks.load`, or be None.
    """
    whole: dict[str, Any] = copy.deepcopy(config) if isinstance(config, dict) else {}
    responses: dict[str, Any] = whole.setdefault("MockedResponses", {})
    machines: dict[str, Any] = whole.setdefault("StateMachines", {})
    states: dict[str, Any] = machines.setdefault(machine, {}).setdefault("TestCases", {}).setdefault(case, {})
    name = states.get(state)
    before: dict[str, Any] = responses[name] if name is not None else {}
    uses = sum(used == name for each in machines.values() for one in each.get("TestCases", {}).values() for used in one.values())
    if name is None or uses > 1:
        name = f"{state} as tested" if uses < 2 else f"{state} as tested in {case}"
        while name in responses:
            name += "'"
    states[state] = name
    responses[name] = {EVERY: answer} if ordinal is None else _with(before, ordinal, answer)
    return whole


def _with(before: dict[str, Any], ordinal: int, answer: dict[str, Any]) -> dict[str, Any]:
    """The ranges of a response with one ordinal answered anew."""
    found: dict[tuple[int, int], dict[str, Any]] = {(ordinal, ordinal): answer}
    for key, held in before.items():
        low, _, high = key.partition("-")
        first, last = int(low), int(high or low)
        if first < ordinal:
            found[first, min(last, ordinal - 1)] = held
        if last > ordinal:
            found[max(first, ordinal + 1), last] = held
    return {str(low) if low == high else f"{low}-{high}": held for (low, high), held in sorted(found.items(), key=lambda pair: pair[0])}


def _ranges(answers: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """`{"0-3": …}`: neighbours that got the same answer are one entry."""
    found: list[tuple[int, int, dict[str, Any]]] = []
    for ordinal, answer in answers.items():
        if found and found[-1][1] == ordinal - 1 and found[-1][2] == answer:
            found[-1] = (found[-1][0], ordinal, answer)
        else:
            found.append((ordinal, ordinal, answer))
    return {str(low) if low == high else f"{low}-{high}": answer for low, high, answer in found}
