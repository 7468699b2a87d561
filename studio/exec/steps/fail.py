"""Fail: the frame ends with an error; Error and Cause may be constants, paths, intrinsic calls or expressions."""

from __future__ import annotations

from studio.asl.values import Failure
from studio.exec import fields
from studio.exec.outcome import fail_state
from studio.exec.run import Frame, Run


def step(run: Run, frame: Frame) -> None:
    state = frame.state
    assert state is not None
    env = run.env(frame)
    found: list[str] = []
    for name in ("Error", "Cause"):
        value = fields.read(state.raw, name, state.extra, frame.input, env, jsonata=state.jsonata)
        if isinstance(value, Failure):
            fail_state(run, frame, value)
            return
        if value is not fields.ABSENT and not isinstance(value, str):
            fail_state(run, frame, _not_text(run, frame, name, value))
            return
        found.append("" if value is fields.ABSENT else value)
    frame.error, frame.phase = Failure(found[0], found[1]), "failed"


def _not_text(run: Run, frame: Frame, name: str, value: object) -> Failure:
    state = frame.state
    assert state is not None
    env = run.env(frame)
    if state.jsonata:
        from studio.asl.jsonata import wrong_type

        expression = str(state.raw[name]).removeprefix("{%").removesuffix("%}").strip()
        problem = wrong_type(expression, name, "string", value)  # type: ignore[arg-type]
        return env.failure(problem.error, problem.cause, name)
    return env.failure("States.Runtime", f"The {name}Path parameter does not reference a string: {state.raw.get(name + 'Path')}")
