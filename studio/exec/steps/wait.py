"""Wait: until some seconds have passed or an instant has come.

Spec: https://states-language.net/spec.html#wait-state
"""

from __future__ import annotations

from studio.asl.conditions import timestamp
from studio.asl.values import Env, Failure
from studio.exec.outcome import fail_state, leave
from studio.exec.run import Frame, Run


def step(run: Run, frame: Frame) -> None:
    state = frame.state
    assert state is not None
    env = run.env(frame)
    value = state.flow.input(frame.input, env)
    if isinstance(value, Failure):
        fail_state(run, frame, value)
        return
    if frame.phase == "elapsed":
        leave(run, frame, value, env)
        return
    until = _until(run, frame, value, env)
    if isinstance(until, Failure):
        fail_state(run, frame, until)
        return
    run.emit(frame, "_Waiting", {"_until": until})


def _until(run: Run, frame: Frame, value: object, env: Env) -> float | Failure:
    """Seconds since the epoch."""
    state = frame.state
    assert state is not None
    if "Seconds" in state.fields:
        seconds = state.fields["Seconds"](value, env)  # type: ignore[arg-type]
        if isinstance(seconds, Failure):
            return seconds
        assert isinstance(seconds, int | float)
        return run.now + seconds
    if "Timestamp" not in state.fields:
        return env.failure("States.Runtime", "The state has none of the fields Seconds, SecondsPath, Timestamp and TimestampPath.")
    instant = state.fields["Timestamp"](value, env)  # type: ignore[arg-type]
    if isinstance(instant, Failure):
        return instant
    found = timestamp(instant)
    if found is None:
        return env.failure(
            "States.Runtime", f"The Timestamp parameter is not a valid ISO-8601 extended offset date-time format string: {instant}"
        )
    return found[0] + found[1] / 1e9
