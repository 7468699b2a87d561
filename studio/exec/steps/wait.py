"""Wait: until some seconds have passed or an instant has come.

Spec: https://states-language.net/spec.html#wait-state
"""

from __future__ import annotations

from studio.asl.conditions import timestamp
from studio.asl.tree import Json
from studio.asl.values import Env, Failure, kind_of, to_aws_text
from studio.exec import fields
from studio.exec.outcome import fail_state, leave
from studio.exec.run import Frame, Run

MAX_SECONDS = 99_999_999


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


def _until(run: Run, frame: Frame, value: Json, env: Env) -> float | Failure:
    state = frame.state
    assert state is not None
    seconds = fields.read(state.raw, "Seconds", state.extra, value, env, jsonata=state.jsonata)
    if isinstance(seconds, Failure):
        return seconds
    if seconds is not fields.ABSENT:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds != int(seconds):
            return _wrong(state.raw, "Seconds", seconds, env, jsonata=state.jsonata)
        if not 0 <= seconds <= MAX_SECONDS:
            where = state.raw.get("SecondsPath", "Seconds")
            cause = f"The SecondsPath parameter references an out of range value: {where} == {int(seconds)}"
            return env.failure("States.Runtime", cause)
        return run.now + seconds
    instant = fields.read(state.raw, "Timestamp", state.extra, value, env, jsonata=state.jsonata)
    if isinstance(instant, Failure):
        return instant
    found = timestamp(instant)
    if found is None:
        return _wrong(state.raw, "Timestamp", instant, env, jsonata=state.jsonata)
    return found[0] + found[1] / 1e9


def _wrong(raw: dict[str, Json], name: str, value: Json, env: Env, *, jsonata: bool) -> Failure:
    if jsonata:
        expression = str(raw.get(name)).removeprefix("{%").removesuffix("%}").strip()
        if name == "Timestamp" and isinstance(value, str):
            cause = f"The Timestamp parameter is not a valid ISO-8601 extended offset date-time format string: {value}"
        else:
            kind = "number" if name == "Seconds" else "string"
            cause = (
                f"The JSONata expression '{expression}' specified for the field '{name}' returned an unexpected result type. "
                f"Expected '{kind}', but was '{kind_of(value)}' for value: {to_aws_text(value)}"
            )
        return env.failure("States.QueryEvaluationError", cause, name)
    path = raw.get(f"{name}Path", name)
    if name == "Seconds":
        return env.failure("States.Runtime", f"The SecondsPath parameter does not reference a valid integer: {path} == {to_aws_text(value)}")
    shown = value if isinstance(value, str) else to_aws_text(value)
    cause = f"The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: {path} == {shown}"
    return env.failure("States.Runtime", cause)
