"""Succeed: the frame ends with the state's output."""

from __future__ import annotations

from studio.asl.values import Failure
from studio.exec.outcome import exited, fail_state, leave
from studio.exec.run import Frame, Run


def step(run: Run, frame: Frame) -> None:
    state = frame.state
    assert state is not None
    if state.flow.identity:
        exited(run, frame, frame.input, None, None)
        return
    env = run.env(frame)
    value = state.flow.work_input(frame.input, env)
    if isinstance(value, Failure):
        fail_state(run, frame, value)
        return
    leave(run, frame, value, env)
