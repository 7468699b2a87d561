"""What to do about a test that failed for want of something that nobody gave: variables, a placeholder's value, something that performs the task."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.asl.sidefile import placeholders
from studio.exec.views.input_skeleton import variables_read
from studio.ui.panels.testing_mock import result_text
from studio.ui.widgets.form import pretty

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.ui.test_draft import Draft


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence, and the way on: the field, what the button says, the variables that are given there."""

    said: str
    field: str = ""
    label: str = ""
    variables: tuple[str, ...] = ()


def advice(node: StateNode, draft: Draft, values: Collection[str]) -> Advice | None:
    """For the draft's last test, if it failed. `values`: the placeholders that have one."""
    answer = draft.answer or {}
    error = answer.get("error", "")
    if answer.get("status") in {None, "SUCCEEDED"}:
        return None
    given = json.loads(draft.sent.get("variables", "{}"))
    missing = tuple(sorted(variables_read(node) - given.keys()))
    if missing and error in {"States.QueryEvaluationError", "States.Runtime"}:
        names = ", ".join(f"${name}" for name in missing)
        said = f"The state reads {names}: a test has only the variables it is given."
        return Advice(said, "variables", "Give it" if len(missing) == 1 else "Give them", missing)
    if error in {"Studio.NoMock", "Studio.Unsupported"} and draft.mode == "perform":
        return Advice("Nothing here performs this task. A mocked result tests the rest of the state.", "mock", "Mock a result")
    if unfilled := [name for name in placeholders(node.value) if name not in values]:
        names = ", ".join(f"${{{name}}}" for name in unfilled)
        return Advice(f"{names} has no value here. With no state selected, the inspector gives placeholders theirs.")
    return None


def follow(advice: Advice, node: StateNode, draft: Draft) -> None:
    """Fills in what was advised."""
    if advice.field == "variables":
        draft.variables = with_variables(draft.variables, advice.variables)
    elif advice.field == "mock":
        draft.mode = "result"
        draft.result = draft.result.strip() or result_text(node, draft)


def with_variables(text: str, names: Collection[str]) -> str:
    """The variables with those that are missing put in, to be filled in. A text that is no object is left as it is."""
    try:
        held = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return text
    return pretty(held | {name: None for name in names if name not in held}) if isinstance(held, dict) else text
