"""Fail: the frame ends with an error; Error and Cause may be constants, paths, intrinsic calls or expressions."""

from __future__ import annotations

from studio.asl.values import Failure
from studio.exec.outcome import fail_state
from studio.exec.run import Frame, Run


def step(run: Run, frame: Frame) -> None:
    state = frame.state
    assert state is not None
    env = run.env(frame)
    told = {"Error": "", "Cause": ""}
    for name in told:
        field = state.fields.get(name)
        if field is None:
            continue
        value = field(frame.input, env)
        if isinstance(value, Failure):
            fail_state(run, frame, value)
            return
        told[name] = value if isinstance(value, str) else str(value)
    frame.error, frame.phase = Failure(told["Error"], told["Cause"]), "failed"
