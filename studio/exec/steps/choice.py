"""Choice: the first rule that holds says where to go; its own Assign and Output replace the state's."""

from __future__ import annotations

from studio.asl.dataflow import Flow
from studio.asl.tree import Json
from studio.asl.values import Env, Failure
from studio.exec.outcome import exited, fail_state, leave
from studio.exec.run import Frame, Run

NOWHERE = ("States.Runtime", "Failed to transition out of the state. The state does not point to a next state.")
"""What AWS says where no rule holds and there is no Default; it never says `States.NoChoiceMatched`, the name its guide has for that."""


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
            _go(run, frame, rule.next, rule.flow, value, env)
            return
    if "Default" in state.raw:
        _go(run, frame, state.raw["Default"], None, value, env)
        return
    fail_state(run, frame, env.failure(*NOWHERE))


def _go(run: Run, frame: Frame, target: str | None, flow: Flow | None, value: Json, env: Env) -> None:
    """Leave by a rule (its `flow`) or by Default (None: the state's own Assign and Output hold)."""
    state = frame.state
    assert state is not None
    if state.jsonata:
        leave(run, frame, frame.input, env, flow=flow or state.flow, to=target)
        return
    if flow is None or not (flow.assigns or state.flow.assigns):
        leave(run, frame, value, env, to=target)
        return
    assigned = flow.assign(frame.input, value, env)
    output = assigned if isinstance(assigned, Failure) else state.flow.output_path(value, env)
    if isinstance(output, Failure):
        fail_state(run, frame, output)
    else:
        assert not isinstance(assigned, Failure)
        exited(run, frame, output, assigned, target)
