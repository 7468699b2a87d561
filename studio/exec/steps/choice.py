"""Choice: the first rule that holds says where to go; its own Assign and Output replace the state's."""

from __future__ import annotations

from studio.asl.values import Failure
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
    for rule in state.rules:
        held = rule.test(value, env)
        if isinstance(held, Failure):
            fail_state(run, frame, held)
            return
        if held:
            _go(run, frame, rule.next, rule.flow, value)
            return
    if "Default" in state.raw:
        _go(run, frame, state.raw["Default"], None, value)
        return
    cause = "Failed to transition out of the state. The state does not have a Choice rule that matches, and no Default."
    fail_state(run, frame, env.failure("States.NoChoiceMatched", cause))


def _go(run: Run, frame: Frame, target: str | None, flow: object, value: object) -> None:
    state = frame.state
    assert state is not None
    env = run.env(frame)
    if state.jsonata:
        leave(run, frame, frame.input, env, flow=flow or state.flow, to=target)
        return
    if flow is not None and flow.assigns:  # type: ignore[attr-defined]
        assigned = flow.assign(frame.input, value, env)  # type: ignore[attr-defined]
        if isinstance(assigned, Failure):
            fail_state(run, frame, assigned)
            return
        output = state.flow.output_path(value, env)  # type: ignore[arg-type]
        if isinstance(output, Failure):
            fail_state(run, frame, output)
            return
        from studio.exec.outcome import exited

        exited(run, frame, output, assigned, target)
        return
    leave(run, frame, value, env, flow=_without_assign(state.flow) if flow is not None else state.flow, to=target)  # type: ignore[arg-type]


def _without_assign(flow: object) -> object:
    from dataclasses import replace

    return replace(flow, assigns=False) if flow.assigns else flow  # type: ignore[attr-defined, type-var]
