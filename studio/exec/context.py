"""What a state may know of the world around it: the context object, time, chance.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.asl.tree import Json
from studio.asl.values import Ambient

if TYPE_CHECKING:
    from random import Random

    from studio.exec.run import Frame, Run

NO_CONTEXT: dict[str, Json] = {}
"""The context object of states that never read it."""


@dataclass(slots=True)
class Identity:
    """What the context object says about an execution. Times in seconds since the epoch."""

    arn: str
    name: str
    machine_arn: str
    machine_name: str
    role_arn: str
    started: float
    region: str = "us-east-1"
    account: str = "123456789012"
    redrives: int = 0
    redriven: float | None = None


class RunAmbient(Ambient):
    """Time and chance of a run: drawn from its seed and the place in its history, so that a decision taken again after a crash is the
    same decision.
    """

    __slots__ = ("_at", "_chance", "_run")

    def __init__(self, run: Run) -> None:
        self._run = run
        self._at = -1

    @property
    def now(self) -> float:
        return self._run.now

    @property
    def random(self) -> Random:  # type: ignore[override]
        run = self._run
        if self._at != run.count:
            from random import Random

            self._at = run.count
            self._chance = Random(f"{run.identity.arn}:{run.count}")  # noqa: S311 - reproducible on purpose
        return self._chance

    @property
    def uuid(self) -> Callable[[], str]:
        return self._uuid

    def _uuid(self) -> str:
        import uuid

        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


def iso(time: float) -> str:
    """`2026-11-21T10:00:00.123Z`."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def context_of(run: Run, frame: Frame) -> dict[str, Any]:
    """The context object as AWS builds it for the state a frame is in.

    Spec: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
    """
    who = run.identity
    execution: dict[str, Json] = {
        "Id": who.arn,
        "Input": run.input,
        "StartTime": iso(who.started),
        "Name": who.name,
        "RoleArn": who.role_arn,
        "RedriveCount": who.redrives,
    }
    if who.redriven is not None:
        execution["RedriveTime"] = iso(who.redriven)
    found: dict[str, Any] = {
        "Execution": execution,
        "StateMachine": {"Id": who.machine_arn, "Name": who.machine_name},
    }
    if frame.state is not None:
        state: dict[str, Json] = {"Name": frame.state.name, "EnteredTime": iso(frame.entered_at)}
        if frame.state.type in {"Task", "Parallel", "Map"}:
            state["RetryCount"] = frame.retry_count
        found["State"] = state
    item = item_of(frame)
    if item is not None:
        found["Map"] = {"Item": item}
    if frame.token:
        found["Task"] = {"Token": frame.token}
    return found


def item_of(frame: Frame) -> dict[str, Json] | None:
    """`Map.Item` of the innermost iteration a frame is in."""
    here: Frame | None = frame
    while here is not None:
        if here.kind == "iteration" and here.parent is not None:
            return {"Index": here.index, "Value": here.parent.items[here.index]}
        here = here.parent
    return None
