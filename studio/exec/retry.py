"""Which errors a Retrier or Catcher matches, and how long a backoff lasts.

`States.ALL` matches everything but `States.DataLimitExceeded` and `States.Runtime`; `States.TaskFailed` everything but
`States.Timeout` (AWS's recordings and the developer guide, "Handling errors in Step Functions workflows").
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from studio.exec.machine import Catcher, Retrier

UNCAUGHT_BY_ALL = frozenset({"States.DataLimitExceeded", "States.Runtime"})


def matches(names: Sequence[str], error: str) -> bool:
    """Whether `ErrorEquals` names this error."""
    for name in names:
        if name == error:
            return True
        if name == "States.ALL" and error not in UNCAUGHT_BY_ALL:
            return True
        if name == "States.TaskFailed" and error not in UNCAUGHT_BY_ALL and error not in {"States.Timeout", "States.HeartbeatTimeout"}:
            return True
        if name == "States.Timeout" and error == "States.HeartbeatTimeout":
            return True
    return False


def retrier_for(retriers: Sequence[Retrier], error: str) -> int | None:
    """The index of the first retrier that names the error; whether it has attempts left is another question."""
    return next((i for i, r in enumerate(retriers) if matches(r.errors, error)), None)


def catcher_for(catchers: Sequence[Catcher], error: str) -> Catcher | None:
    return next((c for c in catchers if matches(c.errors, error)), None)


def delay(retrier: Retrier, count: int, chance: float) -> float:
    """Seconds before the next attempt when `count` retries were made; `chance` in [0, 1) decides a FULL jitter."""
    try:
        seconds = retrier.interval * retrier.backoff**count
    except OverflowError:
        seconds = math.inf
    if retrier.max_delay is not None:
        seconds = min(seconds, retrier.max_delay)
    seconds = min(seconds, 99_999_999.0)
    return seconds * chance if retrier.jitter else seconds
