"""Map: one frame per item, at most `MaxConcurrency` at once (40 where there is no limit, as on AWS), outputs in the items' order.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
"""

from __future__ import annotations

from typing import Any

from studio.asl.dataflow import states_of
from studio.asl.templates import compile_value
from studio.asl.tree import Json
from studio.asl.values import Env, ExpressionError, Failure, to_aws_text
from studio.exec import fields
from studio.exec.outcome import fail_state, leave
from studio.exec.run import Frame, Run, context_of

MAX_AT_ONCE = 40


def step(run: Run, frame: Frame) -> None:
    state = frame.state
    assert state is not None
    env = run.env(frame)
    value = state.flow.input(frame.input, env)
    if isinstance(value, Failure):
        fail_state(run, frame, value)
        return
    items = _items(frame, value, env)
    limit = _count(frame, "MaxConcurrency", value, env)
    for found in (items, limit):
        if isinstance(found, Failure):
            fail_state(run, frame, found)
            return
    assert isinstance(items, list)
    run.emit(frame, "MapStateStarted", {"length": len(items), "_items": items, "_limit": limit, "_input": value})


def _items(frame: Frame, value: Json, env: Env) -> list[Json] | Failure:
    state = frame.state
    assert state is not None
    if state.jsonata:
        found = fields.read(state.raw, "Items", state.extra, value, env, jsonata=True)
        if isinstance(found, Failure):
            return found
        if found is fields.ABSENT:
            if isinstance(value, list):
                return value
            cause = f"Map state input must be an array but was: {to_aws_text(value)}"
            return env.failure("States.QueryEvaluationError", cause, "-")
        if isinstance(found, list):
            return found
        from studio.asl.jsonata import wrong_type

        expression = str(state.raw["Items"]).removeprefix("{%").removesuffix("%}").strip()
        problem = wrong_type(expression, "Items", "array", found)
        return env.failure(problem.error, problem.cause, "Items")
    path = state.raw.get("ItemsPath")
    if path is None:
        items: Json = value
    else:
        read = state.extra.get("ItemsPath") or state.extra.setdefault("ItemsPath", compile_value(path))
        try:
            items = read(value, env.context, env.variables, env.ambient)
        except ExpressionError as problem:
            return env.failure(problem.error, problem.cause)
    if not isinstance(items, list):
        what = f"Reference path \"{path or '$'}\" must point to array."
        return env.failure("States.Runtime", what)
    return items


def _count(frame: Frame, name: str, value: Json, env: Env) -> int | Failure:
    state = frame.state
    assert state is not None
    found = fields.read(state.raw, name, state.extra, value, env, jsonata=state.jsonata)
    if found is fields.ABSENT:
        return 0
    if isinstance(found, Failure):
        return found
    if isinstance(found, bool) or not isinstance(found, int | float) or found != int(found) or found < 0:
        if state.jsonata:
            from studio.asl.jsonata import wrong_type

            expression = str(state.raw[name]).removeprefix("{%").removesuffix("%}").strip()
            problem = wrong_type(expression, name, "number", found)
            return env.failure(problem.error, problem.cause, name)
        path = state.raw.get(f"{name}Path", name)
        return env.failure("States.Runtime", f"Expected non-negative integer for '{path}' but got '{to_aws_text(found)}' instead.")
    return int(found)


def continue_map(run: Run, frame: Frame) -> None:
    """Start what may start; leave when all iterations have ended."""
    total = len(frame.items)
    at_once = min(frame.limit or MAX_AT_ONCE, MAX_AT_ONCE)
    follow = frame.data.pop("follow", None)
    while frame.active < at_once and frame.data["started"] < total:
        index = frame.data["started"]
        given = _item(run, frame, index)
        if isinstance(given, Failure):
            fail_state(run, frame, given)
            return
        state = frame.state
        assert state is not None
        previous = frame.previous if follow is None else follow
        if follow is None and index:
            previous = frame.data.get("base", frame.previous)
        elif follow is None:
            frame.data["base"] = frame.previous
        run.emit(frame, "MapIterationStarted", {"name": state.name, "index": index, "_input": given}, previous=previous)
    if frame.active == 0 and frame.data["started"] >= total:
        outputs = [frame.outputs[i] for i in range(total)]
        run.emit(frame, "MapStateSucceeded", None)
        leave(run, frame, outputs, run.env(frame))


def _item(run: Run, frame: Frame, index: int) -> Json | Failure:
    """The input of an iteration: its item, or what the ItemSelector makes of it."""
    state = frame.state
    assert state is not None
    item = frame.items[index]
    if state.selector is None:
        return item
    context: dict[str, Any] = {**context_of(run, frame), "Map": {"Item": {"Index": index, "Value": item}}}
    env = run.env(frame, context)
    try:
        if state.jsonata:
            return state.selector(states_of(frame.input, env), env.variables, env.ambient)
        return state.selector(frame.data["arguments"], context, env.variables, env.ambient)
    except ExpressionError as problem:
        return env.failure(problem.error, problem.cause, problem.where)
