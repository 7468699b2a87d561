"""Two versions of a workflow run on the same input, every test case of its mocks: do they come to the same?"""

from __future__ import annotations

from dataclasses import dataclass

from studio.asl.tree import Json
from studio.asl.values import to_aws_text
from studio.exec.driver import Outcome, run_once
from studio.exec.machine import MachineError
from studio.exec.performers.mock import Mocks

SHOWN = 2_000
"""Characters of an outcome that is told."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What both versions came to in one case; `case` is empty where there are no mocks."""

    case: str
    same: bool
    old: str
    new: str


def prove(old: Json, new: Json, value: Json, mocks: Mocks | None) -> list[Proof]:
    """One proof per case, with virtual time and without quotas. Errors: MachineError where a version cannot be run."""
    return [_case(old, new, value, mocks, case) for case in (mocks.cases() if mocks else [""])]


def _case(old: Json, new: Json, value: Json, mocks: Mocks | None, case: str) -> Proof:
    chosen = mocks.choose(None, case) if mocks else None
    before, after = (run_once(root, value, mocks=chosen, skip_waits=True, quotas="none") for root in (old, new))
    same = (before.status, before.output, before.error) == (after.status, after.output, after.error)
    return Proof(case, same, _told(before), _told(after))


def _told(outcome: Outcome) -> str:
    text = to_aws_text(outcome.output) if outcome.status == "SUCCEEDED" else f"{outcome.error}: {outcome.cause}"
    return f"{outcome.status} {text[:SHOWN]}"


__all__ = ["MachineError", "Proof", "prove"]
