"""What a run's history is projected to: the run, its states, the stays in each, the tries of each stay.

Shapes: `Visit.input` and `.output` are JSON texts as in the history; times are datetimes; `Visit.frame` names the iterations around it,
`(("Each order", 7), ("Each item", 0))`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from studio.asl.tree import Json

Status: TypeAlias = Literal["succeeded", "failed", "running", "waiting", "retrying", "caught", "timed-out", "stopped", "not-reached"]
Path: TypeAlias = tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Attempt:
    """One try of a Task, Map or Parallel; `number` counts from 1."""

    number: int
    started: datetime
    ended: datetime | None = None
    status: Status = "running"
    error: str | None = None
    cause: str | None = None
    scheduled_id: int = 0
    waits: bool = False
    """Whether it waits for somebody outside: a callback, an activity's worker."""
    redriven: bool = False
    """Whether a redrive began it: nothing was waited for before it."""


@dataclass(slots=True)
class Visit:
    """One stay in a state."""

    name: str
    type: str
    frame: Path
    entered_id: int
    started: datetime
    input: str | None
    status: Status = "running"
    exited_id: int | None = None
    ended: datetime | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    assigned: dict[str, Json] = field(default_factory=dict[str, Json])
    parameters: str | None = None
    result: str | None = None
    iterations: dict[int, Status] = field(default_factory=dict[int, Status])
    length: int | None = None
    events: list[int] = field(default_factory=list[int])
    owner: Visit | None = field(default=None, repr=False, compare=False)

    @property
    def open(self) -> bool:
        return self.ended is None


@dataclass(frozen=True, slots=True)
class StateRun:
    """A state's part in a run: its status over all lines, its visits in the order of entering, how many have which status."""

    name: str
    status: Status
    visits: tuple[Visit, ...] = ()
    counts: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class RunView:
    """A run so far. `status` is AWS's word (RUNNING, SUCCEEDED, …); `transitions_taken` holds (source, target) names."""

    status: str
    started: datetime | None
    ended: datetime | None
    input: str | None
    output: str | None
    error: str | None
    cause: str | None
    states: dict[str, StateRun]
    transitions_taken: frozenset[tuple[str, str]]
    redrives: int
    events: int
