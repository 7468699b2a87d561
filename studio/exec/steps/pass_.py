"""Pass: its input, its Result or its Parameters go on.

Spec: https://states-language.net/spec.html#pass-state
"""

from __future__ import annotations

from studio.asl.values import Failure
from studio.exec.outcome import exited, fail_state, leave
from studio.exec.run import Frame, Run


def step(run: Run, frame: Frame) -> None:
    state = frame.state
    assert state is not None
    raw = state.raw
    if state.flow.identity and "Result" not in raw:
        exited(run, frame, frame.input, None, state.next)
        return
    env = run.env(frame)
    if not state.jsonata and "Result" in raw:
        leave(run, frame, raw["Result"], env)
        return
    value = state.flow.work_input(frame.input, env)
    if isinstance(value, Failure):
        fail_state(run, frame, value)
        return
    leave(run, frame, value, env)
