"""Parallel: every branch is a frame; all must succeed, the first failure ends the others."""

from __future__ import annotations

from studio.asl.values import Failure
from studio.exec.outcome import fail_state, leave
from studio.exec.run import Frame, Run


def step(run: Run, frame: Frame) -> None:
    state = frame.state
    assert state is not None
    value = state.flow.work_input(frame.input, run.env(frame))
    if isinstance(value, Failure):
        fail_state(run, frame, value)
        return
    run.emit(frame, "ParallelStateStarted", {"_input": value})


def complete(run: Run, frame: Frame) -> None:
    """The last branch has ended."""
    outputs = [frame.outputs[i] for i in range(len(frame.outputs))]
    run.emit(frame, "ParallelStateSucceeded", None)
    leave(run, frame, outputs, run.env(frame))
