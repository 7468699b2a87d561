"""Map: one frame per item, at most `MaxConcurrency` at once (40 where there is no limit, as on AWS), outputs in the items' order.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.asl.tree import Json
from studio.asl.values import Env, Failure, to_aws_text
from studio.exec.effects import StartMapRun
from studio.exec.events import Details
from studio.exec.machine import State
from studio.exec.outcome import MAX_PAYLOAD, catchable, fail_state, leave, retry_of
from studio.exec.run import Frame, Run, context_of

if TYPE_CHECKING:
    from studio.exec.items import Reader

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
    reader = _reader(state, value, env) if state.reader is not None else None
    items = [] if reader is not None else state.items(value, env)
    for problem in (reader, items):
        if isinstance(problem, Failure):
            fail_state(run, frame, problem)
            return
    assert isinstance(items, list)
    assert not isinstance(reader, Failure)
    limit = state.fields["MaxConcurrency"](value, env) if "MaxConcurrency" in state.fields else 0
    if isinstance(limit, Failure):
        fail_state(run, frame, limit)
        return
    assert isinstance(limit, int | float)
    started: Details = {"length": len(items), "_items": items, "_limit": int(limit), "_input": value}
    if reader is not None:
        started["_reader"] = reader.to_json()
    run.emit(frame, "MapStateStarted", started)
    if state.distributed:
        _start_map_run(run, frame, value, env)


def _reader(state: State, value: Json, env: Env) -> Reader | Failure:
    """The ItemReader with its values filled in."""
    assert state.reader is not None
    from studio.exec.items import Reader

    arguments = state.reader(value, env)
    most = state.fields["MaxItems"](value, env) if "MaxItems" in state.fields else 0
    for problem in (arguments, most):
        if isinstance(problem, Failure):
            return problem
    section = state.raw["ItemReader"]
    action = str(section["Resource"]).rpartition(":")[2]
    assert isinstance(most, int | float)
    return Reader(action, arguments if isinstance(arguments, dict) else {}, section.get("ReaderConfig") or {}, int(most), state.jsonata)


def writer_arguments(run: Run, frame: Frame) -> dict[str, Json] | Failure | None:
    """The ResultWriter's arguments; None where the Map writes nothing."""
    state = frame.state
    assert state is not None
    if state.writer is None:
        return None
    made = state.writer(frame.input if state.jsonata else frame.data["arguments"], run.env(frame))
    return made if isinstance(made, Failure | dict) else {}


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


# Distributed


def _start_map_run(run: Run, frame: Frame, value: Json, env: Env) -> None:
    state = frame.state
    assert state is not None
    tolerated: list[float | None] = []
    for name in ("ToleratedFailureCount", "ToleratedFailurePercentage"):
        found = state.fields[name](value, env) if name in state.fields else None
        if isinstance(found, Failure):
            fail_state(run, frame, found)
            return
        assert found is None or isinstance(found, int | float)
        tolerated.append(found)
    label = state.raw.get("Label") or run.ambient.uuid()
    arn = f"arn:aws:states:{run.identity.region}:{run.identity.account}:mapRun:{run.identity.machine_name}/{label}:{run.ambient.uuid()}"
    run.emit(frame, "MapRunStarted", {"mapRunArn": arn, "_tolerated": tolerated})
    ask_map_run(run, frame)


def ask_map_run(run: Run, frame: Frame) -> None:
    """Have the Map Run performed; after a crash, gone on with."""
    state = frame.state
    assert state is not None
    count, percentage = frame.data["tolerated"]
    tolerated = (None if count is None else int(count), percentage)
    run.effects.append(StartMapRun(frame.id, frame.attempt, state, frame.data["arn"], frame.limit, tolerated, frame.data.get("round", 0)))


def map_run_inputs(run: Run, frame: Frame) -> list[Json] | Failure:
    """What each child execution gets: an item after its ItemSelector, or a batch of them."""
    state = frame.state
    assert state is not None
    inputs: list[Json] = []
    for index in range(len(frame.items)):
        given = _item(run, frame, index)
        if isinstance(given, Failure):
            return given
        inputs.append(given)
    return batched(state, frame.input if state.jsonata else frame.data["arguments"], run.env(frame), inputs)


def batched(state: State, given: Json, env: Env, items: list[Json]) -> list[Json] | Failure:
    """ItemBatcher: `{"BatchInput": …, "Items": […]}`, as many items in each as its limits allow; the items themselves where the Map has none.
    `given` is what the batcher's expressions read.
    """
    if not isinstance(state.raw.get("ItemBatcher"), dict):
        return items
    limits: dict[str, float] = {}
    for name in ("MaxItemsPerBatch", "MaxInputBytesPerBatch"):
        found = state.fields[name](given, env) if name in state.fields else None
        if isinstance(found, Failure):
            return found
        if isinstance(found, int | float) and found:  # 0 is no limit
            limits[name] = found
    head: dict[str, Json] = {}
    if state.batch_input is not None:
        shared = state.batch_input(given, env)
        if isinstance(shared, Failure):
            return shared
        head = {"BatchInput": shared}
    most, room = limits.get("MaxItemsPerBatch", math.inf), limits.get("MaxInputBytesPerBatch", MAX_PAYLOAD)
    overhead = _size({**head, "Items": []})
    batches: list[Json] = []
    batch: list[Json] = []
    used = overhead
    for item in items:
        size = _size(item) + (1 if batch else 0)
        if batch and (len(batch) >= most or used + size > room):
            batches.append({**head, "Items": batch})
            batch, used, size = [], overhead, _size(item)
        batch.append(item)
        used += size
    if batch:
        batches.append({**head, "Items": batch})
    return batches


def _size(value: Json) -> int:
    """Bytes of a payload."""
    return len(to_aws_text(value).encode("utf-8", "surrogatepass"))


def map_run_ended(run: Run, frame: Frame, outputs: Json | Failure) -> None:
    if isinstance(outputs, Failure):
        state = frame.state
        assert state is not None
        retry = retry_of(run, frame, outputs) if state.retriers and catchable(outputs) else None
        error = [outputs.error, outputs.cause]
        run.emit(frame, "MapRunFailed", {"error": outputs.error, "cause": outputs.cause, "_error": error, "_retry": retry})
        return
    run.emit(frame, "MapRunSucceeded", {"_output": outputs})


def leave_map_run(run: Run, frame: Frame) -> None:
    run.emit(frame, "MapStateSucceeded", None)
    leave(run, frame, frame.data["result"], run.env(frame))
