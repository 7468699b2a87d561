"""Recorded AWS cases, as far as data flow alone decides them: machines of Pass, Choice, Succeed, Fail and Wait states.

`runs()` gives every such execution of tests/conformance with what AWS answered; `walk` runs its states through `dataflow` the way
the engine does, without events. Whole executions with their histories are replayed by the conformance tests.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.asl.dataflow import Exit, compile_choices, compile_flow
from studio.asl.flow_fields import compile_field
from studio.asl.values import Ambient, Env, Failure, SyntaxProblem, to_aws_text

CASES = Path(__file__).parents[1] / "conformance" / "cases"
SIMPLE = {"Pass", "Choice", "Succeed", "Fail", "Wait"}


@dataclass
class Recorded:
    name: str
    definition: dict[str, Any]
    input: Any
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    location: str | None = None
    exits: list[tuple[str, str]] = field(default_factory=list)
    """(state, output text) of every state that was left."""
    assigned: dict[str, str] = field(default_factory=dict)


def cases(*groups: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(CASES.glob("*.json")):
        if not groups or path.name.split("--")[0] in groups:
            yield path.stem, json.loads(path.read_text("utf-8"))


def runs() -> Iterator[Recorded]:
    for name, case in cases():
        yield from _runs(name, case)


def _runs(name: str, case: dict[str, Any]) -> Iterator[Recorded]:
    steps = case["steps"]
    started = [(index, step) for index, step in enumerate(steps) if step["op"] in {"StartExecution", "StartSyncExecution"}]
    outputs = case["expected"].get("cases") if case["kind"] == "outputs" else None
    for nth, (index, step) in enumerate(started):
        if step["error"] is not None:
            continue
        made = steps[step["params"]["machine"]]["params"]
        definition = made.get("definition")
        if not isinstance(definition, dict) or not _simple(definition):
            continue
        run = Recorded(f"{name}[{nth}]", definition, json.loads(step["params"].get("input") or "{}"))
        if outputs is not None:
            run.output = to_aws_text(outputs[nth])
            yield run
        elif (history := _history(case, index)) is not None and not any("*" in each for each in case["ignore_paths"]):
            _read(run, history)
            if run.output is not None or run.error is not None or run.cause is not None:
                yield run


def _simple(definition: dict[str, Any]) -> bool:
    states = definition.get("States", {}).values()
    return bool(states) and all(state.get("Type") in SIMPLE for state in states)


def _history(case: dict[str, Any], started: int) -> list[dict[str, Any]] | None:
    for step in case["steps"]:
        if step["op"] == "GetExecutionHistory" and step["params"].get("execution") == started and step["key"]:
            return case["expected"][step["key"]]["events"]
    return None


def _read(run: Recorded, events: list[dict[str, Any]]) -> None:
    for event in events:
        details: dict[str, Any] = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
        match event["type"]:
            case "ExecutionSucceeded":
                run.output = _text(details["output"])
            case "ExecutionFailed":
                run.error, run.cause = details.get("error"), details.get("cause")
            case "EvaluationFailed":
                run.location = details.get("location")
            case kind if kind.endswith("StateExited"):
                run.exits.append((details["name"], _text(details["output"])))
                run.assigned |= {key: _text(value) for key, value in details.get("assignedVariables", {}).items()}


def _text(value: Any) -> str:
    """Recorded payloads that are objects were parsed by the recorder."""
    return value if isinstance(value, str) else to_aws_text(value)


@dataclass
class Walked:
    output: str | None = None
    failure: Failure | None = None
    exits: list[tuple[str, str]] = field(default_factory=list)
    assigned: dict[str, str] = field(default_factory=dict)


CONTEXT = {
    "Execution": {
        "Id": "arn:<partition>:states:<region>:111111111111:execution:<ArnPart_0idx>:<ExecArnPart_0idx>",
        "Input": None,
        "StartTime": "date",
        "Name": "<ExecArnPart_0idx>",
        "RoleArn": "snf_role_arn",
        "RedriveCount": 0,
    },
    "StateMachine": {
        "Id": "arn:<partition>:states:<region>:111111111111:stateMachine:<ArnPart_0idx>",
        "Name": "<ArnPart_0idx>",
    },
}


def walk(definition: dict[str, Any], data: Any) -> Walked:
    """Run a machine of simple states. Waits are not waited for."""
    walked = Walked()
    variables: dict[str, Any] = {}
    ambient = Ambient(now=1_700_000_000, random=random.Random(1), uuid=lambda: "<uuid:1>")
    inherited = definition.get("QueryLanguage", "JSONPath")
    name: str | None = definition["StartAt"]
    event = 2
    execution = {**CONTEXT["Execution"], "Input": data}
    while name is not None:
        state = definition["States"][name]
        language = state.get("QueryLanguage", inherited)
        context = {"Execution": execution, "StateMachine": CONTEXT["StateMachine"], "State": {"Name": name, "EnteredTime": "date"}}
        env = Env(context, variables, ambient, name, event)
        left = _leave(state, language, data, env)
        if isinstance(left, Failure):
            walked.failure = left
            return walked
        leaving, name_next = left
        walked.exits.append((name, to_aws_text(leaving.output)))
        walked.assigned |= {key: to_aws_text(value) for key, value in leaving.assigned.items()}
        variables = {**variables, **leaving.assigned}
        data, name = leaving.output, name_next
        event += 2
    walked.output = to_aws_text(data)
    return walked


def _leave(state: dict[str, Any], language: str, raw: Any, env: Env) -> tuple[Exit, str | None] | Failure:
    flow = compile_flow(state, language)
    if state["Type"] == "Fail":
        return _fail(state, language, raw, env)
    effective = flow.work_input(raw, env)
    if isinstance(effective, Failure):
        return effective
    following = state.get("Next")
    if state["Type"] == "Choice":
        following = state.get("Default")
        for rule in compile_choices(state, language):
            matched = rule.test(effective, env)
            if isinstance(matched, Failure):
                return matched
            if matched:
                following, flow = rule.next, rule.flow
                break
        if following is None:
            return env.failure("States.NoChoiceMatched", "")
    elif state["Type"] == "Wait":
        for name in ("Seconds", "Timestamp"):
            stage = compile_field(state, name, language)
            value = stage(effective, env) if stage else None
            if isinstance(value, Failure):
                return value
    result = state["Result"] if state["Type"] == "Pass" and "Result" in state else effective
    left = flow.leave(raw, result, env)
    return left if isinstance(left, Failure) else (left, following)


def _fail(state: dict[str, Any], language: str, raw: Any, env: Env) -> Failure:
    values: list[Any] = []
    for name in ("Error", "Cause"):
        stage = compile_field(state, name, language)
        value = stage(raw, env) if stage else None
        if isinstance(value, Failure):
            return value
        values.append(value)
    return Failure(values[0], values[1])


PLACEHOLDER = re.compile(r'<[^<>]+>|"(?:date|entered-time|start-time|timestamp)"')


def refusal(function: Callable[..., object], *arguments: object) -> SyntaxProblem | None:
    """The SyntaxProblem a call raises, if it raises one."""
    try:
        function(*arguments)
    except SyntaxProblem as problem:
        return problem
    return None


def agrees(recorded: str | None, ours: str | None) -> bool:
    """Whether a text is the recorded one, placeholders in it standing for anything."""
    if recorded is None or ours is None:
        return recorded is ours
    pattern = "".join(".*" if PLACEHOLDER.fullmatch(part) else re.escape(part) for part in re.split(f"({PLACEHOLDER.pattern})", recorded))
    return recorded == ours or re.fullmatch(pattern, ours, re.DOTALL) is not None
