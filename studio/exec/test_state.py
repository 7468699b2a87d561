"""TestState: one state run alone, with every stage of its input and output shown.

The stages are the engine's own (`asl.dataflow`); the state's work is its mock, or performed as in a run. Nothing is kept.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from studio.asl.dataflow import Exit, Flow
from studio.asl.tree import MISSING, Json, find, from_text
from studio.asl.values import Env, Failure, Unstarted, to_aws_text
from studio.exec.context import Identity, iso
from studio.exec.driver import ACCOUNT
from studio.exec.effects import RunTask
from studio.exec.machine import Machine, Scope
from studio.exec.outcome import catchable, too_large
from studio.exec.performers import Performers
from studio.exec.requests import new_uuid
from studio.exec.retry import catcher_for, delay, retrier_for
from studio.exec.run import Run
from studio.exec.steps.choice import NOWHERE
from studio.exec.steps.map import batched
from studio.exec.steps.task import conditions
from studio.exec.steps.wait import until
from studio.exec.test_requests import Asked, read

if TYPE_CHECKING:
    from studio.exec.performers.http_send import Exchange

Perform = Callable[[RunTask], "Json | Failure"]
"""What performs a Task that is not mocked."""
THRESHOLD = Failure("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")


@dataclass(slots=True)
class Test:
    """A test under way: what has been seen of it so far."""

    asked: Asked
    env: Env
    seen: dict[str, Any] = field(default_factory=dict[str, Any])

    def show(self, name: str, value: Json) -> None:
        self.seen[name] = self.text(value)

    def text(self, value: Json) -> str:
        """JSON in the caller's own style."""
        return json.dumps(value, ensure_ascii=False) if self.asked.spaced else to_aws_text(value)


def answer(request: dict[str, Any], world: Performers, region: str, now: float) -> dict[str, Any]:
    """TestState's response to a request; may block while a Task is performed. Errors: ServiceError."""
    asked = read(request)
    machine, name = new_uuid(), new_uuid()
    base = f"arn:aws:states:{region}:{ACCOUNT}"
    role = f"arn:aws:iam::{ACCOUNT}:role/{new_uuid()}"
    who = Identity(f"{base}:express:{machine}:{name}", name, f"{base}:stateMachine:{machine}", machine, role, now, region)

    exchanges: list[Exchange] = []
    world.watch = exchanges.append

    def perform(effect: RunTask) -> Json | Failure:
        found = world.unfit(effect) or world.at_once(effect) or world.performer(effect)(effect)
        return found if isinstance(found, Failure) else found.value

    answer = run(asked, who, now, perform)
    if asked.level == "TRACE" and exchanges:
        answer["inspectionData"] |= exchanges[-1].shown(reveal=bool(request.get("revealSecrets")))
    return answer


def run(asked: Asked, who: Identity, now: float, perform: Perform) -> dict[str, Any]:
    """The response of TestState. `perform` is asked for the result of a Task without a mock; it may block."""
    test = Test(asked, _env(asked, who, now))
    test.show("input", asked.input)
    outcome = _work(test, perform)
    if asked.quotas and not isinstance(outcome, Failure) and too_large(outcome[0].output):
        said = f"The state/task '{asked.state.name}' returned a result with a size exceeding the maximum number of bytes service limit."
        outcome = Failure("States.DataLimitExceeded", said)
    if isinstance(outcome, Failure):
        answer = _failed(test, outcome)
    else:
        ended, following = outcome
        answer: dict[str, Any] = {"output": test.text(ended.output), "status": "SUCCEEDED"}
        if following is not None:
            answer["nextState"] = following
        _variables(test, ended.assigned)
    if asked.level != "INFO":
        answer["inspectionData"] = test.seen
    return answer


def _variables(test: Test, assigned: dict[str, Json]) -> None:
    """The variables in force afterwards, where there are any."""
    if after := {**test.asked.variables, **assigned}:
        test.show("variables", after)


def _env(asked: Asked, who: Identity, now: float) -> Env:
    run = Run(Machine(Scope(asked.state.name, {asked.state.name: asked.state}, ()), {}, None, asked.state.jsonata), who, now=now)
    state: dict[str, Json] = {"Name": "StateName", "EnteredTime": iso(now)}
    if asked.state.type in {"Task", "Parallel", "Map"}:
        state["RetryCount"] = asked.retries
    # a mocked test assumes no role: AWS's context object names one of its own
    role = who.role_arn if asked.mock is not None else asked.role
    context: dict[str, Any] = {
        "Execution": {"Id": who.arn, "Input": asked.input, "Name": who.name, "RoleArn": role, "StartTime": iso(now)},
        "StateMachine": {"Id": who.machine_arn, "Name": who.machine_name},
        "State": state,
    }
    if asked.in_map:
        context["Map"] = {"Item": {"Index": 0, "Value": asked.input}}
    for section, held in (asked.context or {}).items():
        context[section] = {**context.get(section, {}), **held} if isinstance(held, dict) else held
    return Env(context, dict(asked.variables), run.ambient, asked.state.name, 0)


Outcome = tuple[Exit, str | None] | Failure


def _work(test: Test, perform: Perform) -> Outcome:
    state = test.asked.state
    match state.type:
        case "Pass":
            return _pass(test)
        case "Succeed" | "Wait":
            return _through(test)
        case "Choice":
            return _choice(test)
        case "Fail":
            return _fail(test)
        case "Task":
            return _task(test, perform)
        case "Parallel":
            return _parallel(test)
        case _:
            return _map(test)


def _effective(test: Test) -> Json | Failure:
    """The input after InputPath, shown (a JSONata state has none)."""
    value = test.asked.state.flow.input(test.asked.input, test.env)
    if not isinstance(value, Failure) and not test.asked.state.jsonata:
        test.show("afterInputPath", value)
    return value


def _leave(test: Test, result: Json, *, selected: bool = True) -> Outcome:
    """Through the stages behind the work, each shown. `selected`: the type has a result to select from."""
    state, env, raw = test.asked.state, test.env, test.asked.input
    flow: Flow = state.flow
    if state.jsonata:
        left = flow.leave(raw, result, env)
        return left if isinstance(left, Failure) else (left, state.next)
    if selected:
        chosen = flow.result_selector(result, env)
        if isinstance(chosen, Failure):
            return chosen
        result = chosen
        test.show("afterResultSelector", result)
    joined = flow.result_path(raw, result, env) if selected else result
    if isinstance(joined, Failure):
        return joined
    if selected:
        test.show("afterResultPath", joined)
    output = flow.output_path(joined, env)
    if isinstance(output, Failure):
        return output
    assigned = flow.assign(raw, result, env) if flow.assigns else {}
    return assigned if isinstance(assigned, Failure) else (Exit(output, assigned), state.next)


def _pass(test: Test) -> Outcome:
    state = test.asked.state
    if not state.jsonata and "Result" in state.raw:
        test.show("result", state.raw["Result"])
        return _leave(test, state.raw["Result"])
    value = _effective(test)
    if isinstance(value, Failure):
        return value
    if not state.jsonata:
        value = state.flow.parameters(value, test.env)
        if isinstance(value, Failure):
            return value
        test.show("afterParameters", value)
    return _leave(test, value)


def _through(test: Test) -> Outcome:
    value = _effective(test)
    if isinstance(value, Failure):
        return value
    if test.asked.state.type == "Wait":
        moment = until(test.asked.state, value, test.env, 0.0)
        if isinstance(moment, Failure):
            return moment
    return _leave(test, value, selected=False)


def _choice(test: Test) -> Outcome:
    state, env = test.asked.state, test.env
    value = _effective(test)
    if isinstance(value, Failure):
        return value
    flow, target = state.flow, state.raw.get("Default")
    for rule in state.rules:
        held = rule.test(value, env)
        if isinstance(held, Failure):
            return held
        if held:
            flow, target = rule.flow, rule.next
            break
    else:
        if target is None:
            return env.failure(*NOWHERE)
    if state.jsonata:
        left = flow.leave(test.asked.input, test.asked.input, env)
        return left if isinstance(left, Failure) else (left, target)
    output = state.flow.output_path(value, env)
    assigned = flow.assign(test.asked.input, value, env) if flow.assigns else {}
    if isinstance(output, Failure):
        return output
    return assigned if isinstance(assigned, Failure) else (Exit(output, assigned), target)


def _fail(test: Test) -> Outcome:
    value = _effective(test)
    if isinstance(value, Failure):
        return value
    told = {"Error": "", "Cause": ""}
    for name in told:
        stage = test.asked.state.fields.get(name)
        held = stage(test.asked.input, test.env) if stage is not None else ""
        if isinstance(held, Failure):
            return held
        told[name] = held if isinstance(held, str) else str(held)
    return Failure(told["Error"], told["Cause"])


def _task(test: Test, perform: Perform) -> Outcome:
    state, asked = test.asked.state, test.asked
    value = _effective(test)
    if isinstance(value, Failure):
        return value
    stage = state.flow.arguments if state.jsonata else state.flow.parameters
    arguments = stage(asked.input if state.jsonata else value, test.env)
    if isinstance(arguments, Failure):
        return arguments
    test.show("afterArguments" if state.jsonata else "afterParameters", arguments)
    under = conditions(state, asked.input, test.env)
    if isinstance(under, Failure):
        return under
    assert state.resource is not None
    if asked.mock is None:
        result = perform(RunTask(0, 1, state, state.resource, arguments, 0, ""))
        if isinstance(result, Unstarted):
            return test.env.failure(result.error, result.cause)
    else:
        result = asked.mock.failure or asked.mock.result
    if isinstance(result, Failure):
        return result
    test.show("result", result)
    return _leave(test, result)


def _parallel(test: Test) -> Outcome:
    asked = test.asked
    assert asked.mock is not None
    arguments = asked.state.flow.work_input(asked.input, test.env)
    if isinstance(arguments, Failure):
        return arguments
    return asked.mock.failure or _leave(test, asked.mock.result)


def _map(test: Test) -> Outcome:
    state, asked, env = test.asked.state, test.asked, test.env
    assert asked.mock is not None
    value = _effective(test)
    if isinstance(value, Failure):
        return value
    items = _items(test, value)
    if isinstance(items, Failure):
        return items
    limits: dict[str, float] = {}
    for name in ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"):
        held = state.fields[name](value, env) if name in state.fields else None
        if isinstance(held, Failure):
            return held
        if isinstance(held, int | float):
            limits[name] = held
    test.seen["maxConcurrency"] = int(limits.get("MaxConcurrency", 0))
    if "ToleratedFailureCount" in limits:
        test.seen["toleratedFailureCount"] = int(limits["ToleratedFailureCount"])
    if "ToleratedFailurePercentage" in limits:
        test.seen["toleratedFailurePercentage"] = float(limits["ToleratedFailurePercentage"])
    if asked.mock.failure is not None:
        return asked.mock.failure
    failed = asked.failed_iterations or 0
    if failed > len(items):
        from studio.errors import ServiceError

        raise ServiceError("ValidationException", "Map iteration failure count must be less than or equal to the number of Map iterations")
    too_many = failed > limits.get("ToleratedFailureCount", failed)
    too_much = bool(items) and 100 * failed / len(items) > limits.get("ToleratedFailurePercentage", 100)
    return THRESHOLD if too_many or too_much else _leave(test, asked.mock.result)


def _read(test: Test, data: Json) -> Json | Failure:
    """What an ItemReader reads of its data: what the ItemsPointer leads to, shown."""
    reader: dict[str, Any] = test.asked.state.raw.get("ItemReader") or {}
    config: dict[str, Any] = reader.get("ReaderConfig") or {}
    pointer = config.get("ItemsPointer")
    if not isinstance(pointer, str) or not pointer:
        return data
    found = find(data, from_text(pointer, data))
    if found is MISSING:
        return Failure("States.ItemReaderFailed", f"The ItemsPointer {pointer} leads nowhere in the object.")
    test.show("afterItemsPointer", cast("Json", found))
    return cast("Json", found)


def _items(test: Test, value: Json) -> list[Json] | Failure:
    """The items, after ItemSelector and ItemBatcher, each stage shown."""
    state, asked, env = test.asked.state, test.asked, test.env
    if asked.reader_data is not None or "ItemReader" in state.raw:
        items: Json | Failure = _read(test, asked.reader_data if asked.reader_data is not None else value)
    else:
        assert state.items is not None
        items = state.items(value, env)
    if isinstance(items, Failure):
        return items
    if not isinstance(items, list):
        items = [items]
    if not state.jsonata and "ItemReader" not in state.raw:
        test.show("afterItemsPath", items)
    if state.selector is not None:
        chosen: list[Json] = []
        for index, item in enumerate(items):
            context: dict[str, Any] = {**env.context, "Map": {"Item": {"Index": index, "Value": item}}}
            made = state.selector(asked.input if state.jsonata else value, Env(context, env.variables, env.ambient, env.state, env.entered))
            if isinstance(made, Failure):
                return made
            chosen.append(made)
        test.show("afterItemSelector", chosen)
        items = chosen
    if "ItemBatcher" not in state.raw:
        return items
    batches = batched(state, asked.input if state.jsonata else value, env, items)
    if not isinstance(batches, Failure):
        test.show("afterItemBatcher", batches)
    return batches


def _failed(test: Test, failure: Failure) -> dict[str, Any]:
    """A failure: to be retried, caught, or the end."""
    state, asked = test.asked.state, test.asked
    answer: dict[str, Any] = {k: v for k, v in (("error", failure.error), ("cause", failure.cause)) if v}
    details: dict[str, Any] = {}
    index = retrier_for(state.retriers, failure.error) if catchable(failure) else None
    if index is not None:
        details["retryIndex"] = index
        retrier = state.retriers[index]
        if asked.retries < retrier.max_attempts:
            details["retryBackoffIntervalSeconds"] = int(delay(retrier, asked.retries, 1.0))
            test.seen["errorDetails"] = details
            _variables(test, {})
            return {**answer, "status": "RETRIABLE"}
    catcher = catcher_for(state.catchers, failure.error) if catchable(failure) else None
    if catcher is not None:
        caught = state.handlers[catcher.number]
        assigned = caught.assign(asked.input, failure.to_json(), test.env)
        output = assigned if isinstance(assigned, Failure) else caught.output(asked.input, failure.to_json(), test.env)
        if not isinstance(output, Failure):
            assert not isinstance(assigned, Failure)
            test.seen["errorDetails"] = {**details, "catchIndex": catcher.number}
            _variables(test, assigned)
            return {**answer, "output": test.text(output), "nextState": catcher.next, "status": "CAUGHT_ERROR"}
        answer = {"error": output.error, "cause": output.cause}
    if details:
        test.seen["errorDetails"] = details
    _variables(test, {})
    return {**answer, "status": "FAILED"}
