"""Map: one frame per item, at most `MaxConcurrency` at once (40 where there is no limit, as on AWS), outputs in the items' order.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
"""

from __future__ import annotations

from studio.asl.tree import Json
from studio.asl.values import Failure
from studio.exec.outcome import fail_state, leave
from studio.exec.run import Frame, Run, context_of

MAX_AT_ONCE = 40


def step(run: Run, frame: Frame) -> None:
    state = frame.state
    assert state is not None
    assert state.items is not None
    env = run.env(frame)
    value = state.flow.input(frame.input, env)
    if isinstance(value, Failure):
        fail_state(run, frame, value)
        return
    items = state.items(value, env)
    if isinstance(items, Failure):
        fail_state(run, frame, items)
        return
    assert isinstance(items, list)
    limit: Json = 0
    if "MaxConcurrency" in state.fields:
        limit = state.fields["MaxConcurrency"](value, env)
        if isinstance(limit, Failure):
            fail_state(run, frame, limit)
            return
    assert isinstance(limit, int | float)
    run.emit(frame, "MapStateStarted", {"length": len(items), "_items": items, "_limit": int(limit), "_input": value})


def continue_map(run: Run, frame: Frame) -> None:
    """Start what may start; leave when all iterations have ended."""
    total = len(frame.items)
    at_once = min(frame.limit or MAX_AT_ONCE, MAX_AT_ONCE)
    follow = frame.data.get("follow", frame.data["base"])  # the iteration that made room, or the Map's start
    while frame.active < at_once and frame.data["started"] < total:
        index = frame.data["started"]
        given = _item(run, frame, index)
        if isinstance(given, Failure):
            fail_state(run, frame, given)
            return
        state = frame.state
        assert state is not None
        run.emit(frame, "MapIterationStarted", {"name": state.name, "index": index, "_input": given}, previous=follow)
    if frame.active == 0 and frame.data["started"] >= total:
        outputs = [frame.outputs[i] for i in range(total)]
        run.emit(frame, "MapStateSucceeded", None)
        leave(run, frame, outputs, run.env(frame))


def _item(run: Run, frame: Frame, index: int) -> Json | Failure:
    """The input of an iteration: its item, or what the ItemSelector makes of it."""
    state = frame.state
    assert state is not None
    if state.selector is None:
        return frame.items[index]
    item: Json = {"Index": index, "Value": frame.items[index]}
    env = run.env(frame, {**context_of(run, frame), "Map": {"Item": item}})
    return state.selector(frame.input if state.jsonata else frame.data["arguments"], env)
