"""What an expression gives while it is typed: evaluated on what the state saw last (`ui.samples`).

Theory of operation: a `Sample` is what a state saw last. `value_of` evaluates one path, expression or template on it, as the engine
would; whatever goes wrong becomes a sentence. Nothing here changes anything, and an evaluation is bounded in time (`asl.jsonata`).
"""

from __future__ import annotations

import json
import random
import time
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from studio.asl.completion import Seen
from studio.asl.field_data import Saw, Stage, data_at, joined
from studio.asl.jsonata import evaluate
from studio.asl.jsonpath import compile_path
from studio.asl.templates import compile_jsonata_value, compile_payload, compile_value, expression_of
from studio.asl.tree import MISSING, Json
from studio.asl.values import Ambient, ExpressionError, SyntaxProblem

if TYPE_CHECKING:
    from studio.asl.graph import Graph, StateNode
    from studio.exec.views.run import RunView
    from studio.ui.view import EditorView

Kind = Literal["path", "expression", "payload", "template", "into"]
"""`path`: a JSONPath or intrinsic call; `expression`: `{% … %}`; `payload`, `template`: JSON with paths (`Key.$`) or expressions in it; `into`: a
ResultPath, which says where in the input the data go.
"""
SHOWN = 300
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a state saw: `title` says where that is from; `result` is MISSING where nothing was answered yet."""

    title: str
    input: Json
    result: Any = MISSING
    variables: dict[str, Json] = field(default_factory=dict[str, Json])
    context: dict[str, Json] = field(default_factory=dict[str, Json])
    error: Any = MISSING
    """`{"Error", "Cause"}` where the state failed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is shown under a field: a value, or why there is none."""

    good: bool
    text: str


def of_run(run: RunView, graph: Graph, node: StateNode, title: str) -> Sample | None:
    """What a state saw last in a run; None where the run did not come to it."""
    from studio.exec.views.state_input import variables_at

    state = run.states.get(node.name)
    for visit in reversed(state.visits if state else ()):
        if visit.input is not None and (found := _read(visit.input)) is not MISSING:
            known = variables_at(run, graph, visit)
            result = _read(visit.result) if visit.result is not None else MISSING
            error = {"Error": visit.error, "Cause": visit.cause or ""} if visit.error else MISSING
            return Sample(title, found, result, known, _context(node, _read(run.input or "{}"), found), error)
    return None


def of_the_sample_input(view: EditorView, node: StateNode) -> Sample | None:
    """The sample input, which the first state sees."""
    found = _read(view.session.side.input_text.strip() or "{}")
    return Sample("the sample input", found, MISSING, {}, _context(node, found, found)) if found is not MISSING else None


def seen_in(node: StateNode | None, sample: Sample | None) -> Seen:
    """What completion may know of the data of a state: all that a sample tells."""
    if node is None or sample is None:
        return Seen()
    execution = sample.context.get("Execution")
    given = execution.get("Input") if isinstance(execution, dict) else None
    context: dict[str, Json] = {"Execution": {"Input": given}} if given else {}
    return Seen(sample.input, sample.result, sample.variables, context, first_item(node, sample))


def first_item(node: StateNode, sample: Sample) -> Any:
    """What the first iteration of a Map state would be about; MISSING where that is not known."""
    state = node.value if isinstance(node.value, dict) else {}
    if node.type != "Map" or "ItemReader" in state:
        return MISSING
    try:
        if node.language == "JSONata":
            held = state.get("Items")
            items = (
                compile_jsonata_value(held, "")(_states(sample, "input"), sample.variables, Ambient()) if held is not None else sample.input
            )
        else:
            items = data_at("input", state, _saw(sample, Ambient()))
            if isinstance(path := state.get("ItemsPath", "$"), str):
                items = compile_path(path).read(items, sample.context, sample.variables, Ambient())
    except (SyntaxProblem, ExpressionError, RecursionError):
        return MISSING
    return items[0] if isinstance(items, list) and items else MISSING


def for_an_item(node: StateNode, sample: Sample) -> Sample | None:
    """The sample as the first iteration of a Map has it; None where its item is not known."""
    item = first_item(node, sample)
    if item is MISSING:
        return None
    context: dict[str, Json] = {**sample.context, "Map": {"Item": {"Index": 0, "Value": item}}}
    return replace(sample, context=context, title=f"{sample.title}, its first item")


def is_first(graph: Graph, node: StateNode) -> bool:
    """Whether a workflow begins with this state."""
    return any(t.kind == "start" and t.scope == ("States",) == node.scope and t.target == node.name for t in graph.transitions)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return MISSING


def _context(node: StateNode, execution_input: Any, state_input: Json) -> dict[str, Json]:
    """A context object such as a run would have."""
    arn = "arn:aws:states:us-east-1:123456789012"
    return {
        "Execution": {
            "Id": f"{arn}:execution:Preview:preview",
            "Input": {} if execution_input is MISSING else execution_input,
            "Name": "preview",
            "RoleArn": "arn:aws:iam::123456789012:role/Preview",
            "StartTime": "2025-01-01T00:00:00.000Z",
            "RedriveCount": 0,
        },
        "State": {"EnteredTime": "2025-01-01T00:00:00.000Z", "Name": node.name, "RetryCount": 0},
        "StateMachine": {"Id": f"{arn}:stateMachine:Preview", "Name": "Preview"},
        "Task": {"Token": "TOKEN"},
        "Map": {"Item": {"Index": 0, "Value": state_input}},
    }


def value_of(value: Json, kind: Kind, sample: Sample, *, stage: Stage = "input", state: dict[str, Json] | None = None) -> Told | None:
    """What a field's value gives on a sample; None where there is nothing to say: no expression in it, or its data not known yet.

    `stage` and `state` say what `$` stands for; in JSONata `$states.result` is there behind the work, `$states.errorOutput` at stage `error`.
    """
    ambient = Ambient(time.time(), random.Random(), lambda: str(uuid.uuid4()))  # noqa: S311 - a preview is no secret
    try:
        match kind:
            case "path" | "payload" | "into":
                data = data_at(stage, state or {}, _saw(sample, ambient))
                if data is MISSING:
                    return None
                if kind == "into":
                    made = joined(value, sample.input, data)
                elif kind == "path":
                    made = {} if value is None else compile_value(str(value))(data, sample.context, sample.variables, ambient)
                else:
                    made = compile_payload(value)(data, sample.context, sample.variables, ambient)
            case "expression":
                inside = expression_of(str(value).strip())
                if inside is None or _not_yet(inside, sample, stage):
                    return None
                made = evaluate(inside, _states(sample, stage), sample.variables, ambient)
            case "template":
                if "{%" not in str(value) or _not_yet(str(value), sample, stage):
                    return None
                made = compile_jsonata_value(value, "")(_states(sample, stage), sample.variables, ambient)
    except SyntaxProblem as problem:
        return Told(False, str(problem))
    except ExpressionError as problem:
        return Told(False, problem.cause.replace(" specified for the field ''", ""))
    except RecursionError:
        return Told(False, "This is nested too deeply.")
    return None if made == value else Told(True, brief(made))


def caught(sample: Sample, errors: Json) -> Sample:
    """The sample for a catcher of these errors: with the error that the state had, where it is one of them, else with an example of one."""
    names = [name for name in errors if isinstance(name, str)] if isinstance(errors, list) else []
    had = sample.error.get("Error") if isinstance(sample.error, dict) else None
    if had is not None and (had in names or "States.ALL" in names or ("States.TaskFailed" in names and had != "States.Timeout")):
        return sample
    name = next((name for name in names if name != "States.ALL"), "States.TaskFailed")
    return replace(sample, error={"Error": name, "Cause": "Why it failed"}, title=f"{sample.title}, with an example of the error")


def _saw(sample: Sample, ambient: Ambient) -> Saw:
    return Saw(sample.input, sample.result, sample.error, sample.variables, sample.context, ambient)


def _not_yet(text: str, sample: Sample, stage: Stage) -> bool:
    """Whether a template reads what nobody knows yet."""
    return stage == "result" and sample.result is MISSING and "$states.result" in text


def _states(sample: Sample, stage: Stage) -> dict[str, Json]:
    states: dict[str, Json] = {"input": sample.input, "context": sample.context}
    if stage == "result" and sample.result is not MISSING:
        states["result"] = sample.result
    if stage == "error" and sample.error is not MISSING:
        states["errorOutput"] = sample.error
    return states


def brief(value: Json) -> str:
    """A value on one line, its end left out where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"
