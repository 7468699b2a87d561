"""What another execution has to do with one: how one execution came out of another. Kept with it, told in the tree of both.

Shape, in what is kept about an execution and in DescribeExecution's answer (ours): `"parent": ARN, "begun": {"how", "state"?, "index"?,
"changed"?}`; `how`: `started` (a task of the parent's `state` started it), `iteration` (of a Map Run of the parent: the one of `index`),
`from` (run from here, at `state`), `again` (run again), `replay`. `changed`: what is otherwise than it was, of `input` and `definition`.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

How: TypeAlias = Literal["started", "iteration", "from", "again", "replay"]
STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
"""The member of an input by which AWS knows who started an execution. Spec: concepts-nested-workflows"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Of an execution: the one it came out of, and how."""

    parent: str
    how: How
    state: str = ""
    index: int | None = None
    changed: tuple[str, ...] = ()

    def meta(self) -> dict[str, Any]:
        """As it is kept with an execution."""
        told: dict[str, Any] = {"how": self.how}
        if self.state:
            told["state"] = self.state
        if self.index is not None:
            told["index"] = self.index
        if self.changed:
            told["changed"] = list(self.changed)
        return {"parent": self.parent, "begun": told}


CALLER: ContextVar[Origin | None] = ContextVar("caller", default=None)
"""The execution, and its state, whose task calls the engine's operations."""


def starter(text: str) -> str | None:
    """The ARN of the execution that an input (a JSON text) names as the one that started it; None where it names none."""
    if STARTED_BY not in text:
        return None
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    named: Any = cast("dict[str, Any]", value).get(STARTED_BY) if isinstance(value, dict) else None
    return named if isinstance(named, str) and ":states:" in named else None


def words(begun: dict[str, Any] | None) -> str:
    """How an execution came out of the one above it, for people; empty where that is not known."""
    told = begun or {}
    state, changed = str(told.get("state") or ""), " and ".join(f"another {name}" for name in told.get("changed", ()))
    match told.get("how"):
        case "started":
            return f"started by {state}" if state else "started by it"
        case "iteration":
            return f"iteration {told.get('index')}"
        case "from":
            said = f"run from {state}" if state else "run from here"
        case "again":
            said = "run again"
        case "replay":
            return "replay"
        case _:
            return ""
    return f"{said}, {changed}" if changed else said
