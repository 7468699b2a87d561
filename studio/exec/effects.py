"""What the core asks of the world: small frozen values that a driver performs after the batch they came with is on disk."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from studio.asl.tree import Json
from studio.exec.machine import Resource, State


class RunTask(NamedTuple):
    """Perform a Task. `frame` and `attempt` identify the answer, `ordinal` counts the state's tasks in this execution from 0,
    `token` is the callback token (empty unless the state waits for one), `deadline` in seconds since the epoch.
    """

    frame: int
    attempt: int
    state: State
    resource: Resource
    arguments: Json
    ordinal: int
    token: str
    deadline: float | None = None


class StartMapRun(NamedTuple):
    """Run a Distributed Map: every item, or batch of items, in an execution of its own. `limit` 0 means no limit of its own; `tolerated`
    is how many may fail, as a count and in percent (None: not given).
    """

    frame: int
    attempt: int
    state: State
    arn: str
    limit: int
    tolerated: tuple[int | None, float | None]
    round: int = 0
    """How often it was redriven."""


class CancelTask(NamedTuple):
    """Forget a task or Map Run: its frame was aborted or timed out."""

    frame: int
    attempt: int


Effect: TypeAlias = RunTask | StartMapRun | CancelTask
