"""A history as mocks: the answers its tasks got, in Step Functions Local's format, so that the run can be replayed here.

Ordinals count a state's tasks in the order they were scheduled, as `performers.mock` does. Tasks that got no answer (stopped, still
under way) leave a gap, which fails when it is asked for rather than answering something made up.
"""

from __future__ import annotations

import json
from typing import Any

from studio.asl.tree import Json
from studio.exec.views.run import Attempt, History, Visit, project

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


def _ranges(answers: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """`{"0-3": …}`: neighbours that got the same answer are one entry."""
    found: list[tuple[int, int, dict[str, Any]]] = []
    for ordinal, answer in answers.items():
        if found and found[-1][1] == ordinal - 1 and found[-1][2] == answer:
            found[-1] = (found[-1][0], ordinal, answer)
        else:
            found.append((ordinal, ordinal, answer))
    return {str(low) if low == high else f"{low}-{high}": answer for low, high, answer in found}
