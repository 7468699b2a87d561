"""JSONPath workflows as JSONata ones, state by state.

Theory of operation: each field of the JSONPath data flow has one place in JSONata. InputPath and Parameters become Arguments (or, where
there is no work, part of Output); ResultSelector, ResultPath and OutputPath become Output; `…Path` fields become expressions. A state
with something that has no counterpart stays JSONPath, and a note says what and why: in a mixed workflow each state names its own
query language.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

from dataclasses import dataclass

from studio.asl.convert_expressions import Unconvertible, braces, expression, path, quote, rule, step, template, value
from studio.asl.jsonpath import compile_reference
from studio.asl.tree import Json, Pointer
from studio.asl.values import SyntaxProblem

INPUT, RESULT, ERROR = "$states.input", "$states.result", "$states.errorOutput"
_DROPPED = ("InputPath", "OutputPath", "Parameters", "ResultSelector", "ResultPath", "Result", "QueryLanguage")
_PATHS = {
    "SecondsPath": "Seconds",
    "TimestampPath": "Timestamp",
    "TimeoutSecondsPath": "TimeoutSeconds",
    "HeartbeatSecondsPath": "HeartbeatSeconds",
    "MaxConcurrencyPath": "MaxConcurrency",
    "ToleratedFailureCountPath": "ToleratedFailureCount",
    "ToleratedFailurePercentagePath": "ToleratedFailurePercentage",
    "ErrorPath": "Error",
    "CausePath": "Cause",
}
_FAILURES = {"States.ParameterPathFailure", "States.ResultPathMatchFailure", "States.IntrinsicFailure"}


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be converted, or behaves differently: where and why."""

    pointer: Pointer
    message: str
    converted: bool


@dataclass(frozen=True, slots=True)
class Conversion:
    """The converted workflow, what to know about it, and whether everything was converted."""

    root: Json
    notes: tuple[Note, ...]

    @property
    def complete(self) -> bool:
        return all(note.converted for note in self.notes)


def convert(root: Json) -> Conversion:
    """A whole workflow. Never raises; states that cannot be converted stay as they are, each with a note."""
    if not isinstance(root, dict) or root.get("QueryLanguage") == "JSONata":
        return Conversion(root, ())
    notes: list[Note] = []
    made = _machine(root, (), notes)
    if all(note.converted for note in notes):
        plain = _without_language(made)
        assert isinstance(plain, dict)
        first = {k: plain[k] for k in ("Comment",) if k in plain}
        made = {**first, "QueryLanguage": "JSONata", **{k: v for k, v in plain.items() if k not in {*first, "QueryLanguage"}}}
    return Conversion(made, tuple(notes))


def convert_state(state: dict[str, Json], pointer: Pointer = ()) -> Conversion:
    """One state, with its own `QueryLanguage`."""
    notes: list[Note] = []
    return Conversion(_state(state, pointer, notes), tuple(notes))


_MACHINES = ("States", "Branches", "ItemProcessor")


def _without_language(held: Json) -> Json:
    """A machine's states without their own QueryLanguage: the machine says it."""
    if isinstance(held, list):
        return [_without_language(inner) for inner in held]
    if not isinstance(held, dict):
        return held
    made = {k: _without_states(v) if k == "States" else _without_language(v) if k in _MACHINES else v for k, v in held.items()}
    return {k: v for k, v in made.items() if k != "QueryLanguage" or "Type" not in made}


def _without_states(states: Json) -> Json:
    return {name: _without_language(state) for name, state in states.items()} if isinstance(states, dict) else states


def _machine(machine: dict[str, Json], at: Pointer, notes: list[Note]) -> dict[str, Json]:
    states = machine.get("States")
    if not isinstance(states, dict):
        return machine
    made = {name: _state(s, (*at, "States", name), notes) if isinstance(s, dict) else s for name, s in states.items()}
    return {**machine, "States": made}


def _state(state: dict[str, Json], at: Pointer, notes: list[Note]) -> dict[str, Json]:
    inner = dict(state)
    branches = state.get("Branches")
    if isinstance(branches, list):
        inner["Branches"] = [_machine(b, (*at, "Branches", i), notes) if isinstance(b, dict) else b for i, b in enumerate(branches)]
    for key in ("ItemProcessor", "Iterator"):
        processor = state.get(key)
        if isinstance(processor, dict):
            inner[key] = _machine(processor, (*at, key), notes)
    if state.get("QueryLanguage") == "JSONata":
        return inner
    remarks: list[Note] = []
    try:
        made = _converted(inner, at, remarks)
    except (Unconvertible, SyntaxProblem) as reason:
        notes.append(Note(at, f"stays JSONPath: {reason}", converted=False))
        return inner
    notes.extend(remarks)
    return made


def _converted(state: dict[str, Json], at: Pointer, notes: list[Note]) -> dict[str, Json]:
    kind = state.get("Type")
    effective = _effective(state)
    made: dict[str, Json] = {}
    for key, held in state.items():
        match key:
            case "Type":
                made["Type"] = held
                made["QueryLanguage"] = "JSONata"
            case _ if key in _PATHS and isinstance(held, str):
                made[_PATHS[key]] = braces(value(held, effective))
            case "Parameters" if kind in {"Task", "Parallel"}:
                made["Arguments"] = template(held, effective)
            case "ItemsPath" if isinstance(held, str):
                made["Items"] = braces(path(held, effective))
            case "ItemSelector":
                made["ItemSelector"] = template(held, effective)
            case "Parameters" if kind == "Map":
                made["ItemSelector"] = template(held, effective)
            case "Iterator":
                made["ItemProcessor"] = held
            case "Choices" if isinstance(held, list):
                made["Choices"] = [_rule(r, effective) for r in held]
            case "Catch" if isinstance(held, list):
                made["Catch"] = [_catcher(c) for c in held]
            case "Assign":
                if kind in {"Task", "Parallel", "Map"} and "ResultSelector" in state:
                    raise Unconvertible("an Assign that reads what ResultSelector makes")
                made["Assign"] = template(held, _assigned(state, kind, effective))
            case "Credentials":
                made["Credentials"] = template(held, effective)
            case "ItemReader" | "ResultWriter" if isinstance(held, dict):
                made[key] = _resource(held, effective)
            case "ItemBatcher" if isinstance(held, dict):
                made[key] = _batcher(held, effective)
            case "Retry" if isinstance(held, list):
                made["Retry"] = held
                _remark(held, at, notes)
            case _ if key not in _DROPPED:
                made[key] = held
            case _:
                pass
    if kind in {"Task", "Parallel"} and "Arguments" not in made and effective != INPUT:
        made["Arguments"] = braces(effective)
    if kind == "Map" and "Items" not in made and "ItemReader" not in made and effective != INPUT:
        made["Items"] = braces(effective)
    output = _output(state, kind, effective)
    if output is not None:
        made = _before_transition(made, "Output", output)
    return made


def _assigned(state: dict[str, Json], kind: Json, effective: str) -> str:
    """What `$` means in a state's Assign: its result, which a Pass makes of Result or Parameters."""
    if kind in {"Task", "Parallel", "Map"}:
        return RESULT
    if kind == "Pass" and "Result" in state:
        return f"({quote(state['Result'])})"
    if kind == "Pass" and "Parameters" in state:
        return f"({expression(state['Parameters'], effective)})"
    return effective


def _before_transition(made: dict[str, Json], key: str, held: Json) -> dict[str, Json]:
    """Insert a field ahead of Next, End, Retry and Catch, where people look for it."""
    ends = [k for k in made if k in {"Next", "End", "Retry", "Catch", "Choices", "Default"}]
    if not ends:
        return {**made, key: held}
    at = list(made).index(ends[0])
    items = list(made.items())
    return dict([*items[:at], (key, held), *items[at:]])


def _effective(state: dict[str, Json]) -> str:
    """The effective input as an expression."""
    given = state.get("InputPath", "$")
    if given is None:
        return "{}"
    return path(str(given), INPUT)


def _output(state: dict[str, Json], kind: Json, effective: str) -> Json | None:
    """Everything behind the work as one Output; None where the default is the same."""
    result_path, output_path = state.get("ResultPath", "$"), state.get("OutputPath", "$")
    worked = kind in {"Task", "Parallel", "Map"}
    if kind == "Fail":
        return None
    if kind in {"Succeed", "Wait", "Choice"}:
        if effective == INPUT and output_path == "$":
            return None
        return _picked(effective, output_path)
    if worked:
        selector = state.get("ResultSelector")
        plain = selector is None and result_path == "$" and output_path == "$"
        if plain:
            return None
        if selector is not None and result_path == "$" and output_path == "$":
            return template(selector, RESULT)
        result = RESULT if selector is None else expression(selector, RESULT)
    elif "Result" in state:
        if result_path == "$" and output_path == "$":
            return template_constant(state["Result"])
        result = quote(state["Result"])
    elif "Parameters" in state:
        if result_path == "$" and output_path == "$":
            return template(state["Parameters"], effective)
        result = expression(state["Parameters"], effective)
    else:
        if effective == INPUT and result_path == "$" and output_path == "$":
            return None
        result = effective
    return _picked(_joined(result, result_path), output_path)


def template_constant(held: Json) -> Json:
    """A constant as a JSONata value: a text that looks like an expression is quoted."""
    return template(held, INPUT) if not _has_paths(held) else braces(quote(held))


def _has_paths(held: Json) -> bool:
    if isinstance(held, dict):
        return any(k.endswith(".$") or _has_paths(v) for k, v in held.items())
    return isinstance(held, list) and any(map(_has_paths, held))


def _joined(result: str, result_path: Json) -> str:
    if result_path is None:
        return INPUT
    if result_path == "$":
        return result
    reference = compile_reference(str(result_path))
    names: list[str] = []
    for part in reference.steps:
        if not isinstance(part, str):
            raise Unconvertible("a ResultPath with an index")
        names.append(part)
    return _merged(INPUT, names, result)


def _merged(base: str, names: list[str], result: str) -> str:
    """`$merge([base, {"a": $merge([base.a, {"b": result}])}])`."""
    head, rest = names[0], names[1:]
    inner = result if not rest else _merged(f"{base}.{step(head)}", rest, result)
    return f"$merge([{base}, {{{quote(head)}: {inner}}}])"


def _picked(text: str, output_path: Json) -> Json:
    if output_path is None:
        return {}
    given = str(output_path)
    if given == "$":
        return braces(text)
    if given.startswith("$$"):
        return braces(path(given, INPUT))
    simple = text.startswith("$states.") and "(" not in text
    return braces(path(given, text if simple else f"({text})"))


def _rule(held: Json, effective: str) -> Json:
    if not isinstance(held, dict):
        return held
    made: dict[str, Json] = {"Condition": braces(rule(held, effective))}
    for key in ("Comment", "Next"):
        if key in held:
            made[key] = held[key]
    if "Assign" in held:
        made["Assign"] = template(held["Assign"], effective)
    return made


def _catcher(held: Json) -> Json:
    if not isinstance(held, dict):
        return held
    made = {k: v for k, v in held.items() if k not in {"ResultPath", "Assign"}}
    result_path = held.get("ResultPath", "$")
    if result_path != "$":
        made = _before_transition(made, "Output", braces(_joined(ERROR, result_path)))
    if "Assign" in held:
        made = _before_transition(made, "Assign", template(held["Assign"], ERROR))
    errors = made.get("ErrorEquals")
    if isinstance(errors, list) and _FAILURES.intersection(e for e in errors if isinstance(e, str)):
        made["ErrorEquals"] = [*errors, "States.QueryEvaluationError"]
    return made


def _remark(retriers: list[Json], at: Pointer, notes: list[Note]) -> None:
    for i, retrier in enumerate(retriers):
        errors = retrier.get("ErrorEquals") if isinstance(retrier, dict) else None
        if isinstance(errors, list) and _FAILURES.intersection(e for e in errors if isinstance(e, str)):
            notes.append(
                Note(
                    (*at, "Retry", i),
                    "JSONata's failures are named States.QueryEvaluationError; add it where it should be retried",
                    converted=True,
                )
            )


def _resource(held: dict[str, Json], effective: str) -> Json:
    made: dict[str, Json] = {}
    for key, inner in held.items():
        if key == "Parameters":
            made["Arguments"] = template(inner, effective)
        elif key == "ReaderConfig" and isinstance(inner, dict):
            made[key] = _suffixed(inner, {"MaxItemsPath": "MaxItems"}, effective)
        else:
            made[key] = inner
    return made


def _batcher(held: dict[str, Json], effective: str) -> Json:
    made = _suffixed(held, {"MaxItemsPerBatchPath": "MaxItemsPerBatch", "MaxInputBytesPerBatchPath": "MaxInputBytesPerBatch"}, effective)
    if "BatchInput" in made:
        made["BatchInput"] = template(made["BatchInput"], effective)
    return made


def _suffixed(held: dict[str, Json], names: dict[str, str], effective: str) -> dict[str, Json]:
    return {names.get(k, k): braces(path(v, effective)) if k in names and isinstance(v, str) else v for k, v in held.items()}
