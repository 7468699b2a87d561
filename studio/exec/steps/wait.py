"""Wait: until some seconds have passed or an instant has come.

Spec: https://states-language.net/spec.html#wait-state
"""

from __future__ import annotations

from studio.asl.conditions import timestamp
from studio.asl.tree import Json
from studio.asl.values import Env, Failure
from studio.exec.machine import State
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
    moment = until(state, value, env, run.now)
    if isinstance(moment, Failure):
        fail_state(run, frame, moment)
        return
    run.emit(frame, "_Waiting", {"_until": moment})


def until(state: State, value: Json, env: Env, now: float) -> float | Failure:
    """When a Wait ends that was entered with this effective input: seconds since the epoch, as `now` is."""
    if "Seconds" in state.fields:
        seconds = state.fields["Seconds"](value, env)
        if isinstance(seconds, Failure):
            return seconds
        if not isinstance(seconds, int | float):  # a placeholder that nobody gave a value
            return env.failure("States.Runtime", f"The Seconds parameter is not a number: {seconds}")
        return now + seconds
    if "Timestamp" not in state.fields:
        return env.failure("States.Runtime", "The state has none of the fields Seconds, SecondsPath, Timestamp and TimestampPath.")
    instant = state.fields["Timestamp"](value, env)
    if isinstance(instant, Failure):
        return instant
    found = timestamp(instant)
    if found is None:
        return env.failure(
            "States.Runtime", f"The Timestamp parameter is not a valid ISO-8601 extended offset date-time format string: {instant}"
        )
    return found[0] + found[1] / 1e9
