"""What each type of state does once it is entered: one module per type, `step(run, frame)`."""

from __future__ import annotations

from collections.abc import Callable

from studio.exec.run import Frame, Run
from studio.exec.steps import choice, fail, map, parallel, pass_, succeed, task, wait  # noqa: A004 - named after the state

Step = Callable[[Run, Frame], None]

STEPS: dict[str, Step] = {
    "Pass": pass_.step,
    "Task": task.step,
    "Choice": choice.step,
    "Wait": wait.step,
    "Succeed": succeed.step,
    "Fail": fail.step,
    "Parallel": parallel.step,
    "Map": map.step,
}
