"""Safe corrections of findings: each is a label and the edits that make it, one undoable step.

Safe means: it cannot change what a right definition does. What needs a decision (which state to connect, which of two fields to keep)
is left to people, and the finding's hint says so.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable

from studio.asl.diagnostics import Fix
from studio.asl.edits import Edit, RemoveValue, SetValue
from studio.asl.fields import FIELDS, TYPES
from studio.asl.tree import Json, Pointer, get

LAMBDA_ERRORS = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
HOUR = 3600
MAX_GUESSED = 2_000
"""States among which a misspelt one is looked for."""

Make = Callable[[Json, Pointer], Fix | None]


def fix_for(rule: str, root: Json, pointer: Pointer) -> Fix | None:
    """The correction of what `rule` found at `pointer`; None where none is safe."""
    make = _FIXES.get(rule)
    return make(root, pointer) if make is not None else None


def _unknown_field(root: Json, at: Pointer) -> Fix | None:
    """A field that is nearly one of the state's: a slip of the keyboard."""
    holder = get(root, at[:-1])
    kind = holder.get("Type") if isinstance(holder, dict) else None
    if len(at) < 2 or not isinstance(holder, dict) or kind not in TYPES or not isinstance(at[-1], str):
        return None
    close = difflib.get_close_matches(at[-1], [name for name in FIELDS[kind] if name not in holder], 1, 0.75)
    if not close:
        return None
    edits: tuple[Edit, ...] = (RemoveValue(at), SetValue((*at[:-1], close[0]), holder[at[-1]]))
    return Fix(f"Rename {at[-1]} to {close[0]}", edits)


def _target(root: Json, at: Pointer) -> Fix | None:
    """A target that is nearly a state of the scope."""
    name = get(root, at)
    place = next((i for i in range(len(at) - 1, 0, -1) if at[i - 1] == "States"), None)
    scope = at[:place] if place is not None else (*at[:-1], "States")
    if not isinstance(name, str):
        return None
    states = get(root, scope)
    close = difflib.get_close_matches(name, list(states)[:MAX_GUESSED], 1, 0.75) if isinstance(states, dict) else []
    return Fix(f"Connect to {close[0]}", (SetValue(at, close[0]),)) if close else None


def _end(root: Json, at: Pointer) -> Fix | None:
    del root
    return Fix("End the workflow here", (SetValue((*at, "End"), True),))


def _remove(root: Json, at: Pointer) -> Fix | None:
    del root
    return Fix(f"Remove {at[-1]}", (RemoveValue(at),))


def _retry(errors: tuple[str, ...], interval: int, attempts: int) -> Make:
    def make(root: Json, at: Pointer) -> Fix | None:
        before = get(root, (*at, "Retry"))
        retrier: Json = {"ErrorEquals": list(errors), "IntervalSeconds": interval, "MaxAttempts": attempts, "BackoffRate": 2}
        if before is not None and not isinstance(before, list):
            return None
        return Fix("Add a Retrier", (SetValue((*at, "Retry"), [retrier, *(before or [])]),))

    return make


def _timeout(root: Json, at: Pointer) -> Fix | None:
    del root
    return Fix("Set TimeoutSeconds to an hour", (SetValue((*at, "TimeoutSeconds"), HOUR),))


def _trim(root: Json, at: Pointer) -> Fix | None:
    text = get(root, at)
    return Fix("Remove the blanks", (SetValue(at, text.strip()),)) if isinstance(text, str) else None


def _alone_and_last(root: Json, at: Pointer) -> Fix | None:
    """States.ALL takes what the others name anyway: it stands alone, in a member of its own at the end."""
    members = get(root, at[:-2])
    index = at[-2]
    if not isinstance(members, list) or not isinstance(index, int):
        return None
    member = members[index]
    assert isinstance(member, dict)
    rest = [held for i, held in enumerate(members) if i != index]
    return Fix("Let States.ALL stand alone at the end", (SetValue(at[:-2], [*rest, {**member, "ErrorEquals": ["States.ALL"]}]),))


def _result_path(root: Json, at: Pointer) -> Fix | None:
    del root
    return Fix("Keep the input: put the error at $.error", (SetValue((*at, "ResultPath"), "$.error"),))


_FIXES: dict[str, Make] = {
    "ASL102": _unknown_field,
    "ASL116": _remove,
    "ASL201": _target,
    "ASL202": _end,
    "ASL206": _alone_and_last,
    "ASL207": _remove,
    "ASL208": _remove,
    "ASL309": _trim,
    "ASL503": _remove,
    "ASL701": _retry(LAMBDA_ERRORS, 2, 6),
    "ASL702": _timeout,
    "ASL705": _retry(("ThrottlingException", "Bedrock.ThrottlingException"), 5, 3),
    "ASL707": _result_path,
}
