"""What `$` stands for in a field of a JSONPath state, worked out from what the state saw: the stages of `asl.dataflow`, one at a time.

    InputPath                  raw        the state's input as it came
    Parameters, ItemsPath …    input      the same after InputPath
    ResultSelector             result     what the work answered
    Assign, ResultPath         selected   the same after ResultSelector; of a state without work its effective input, of a Pass its Result
    OutputPath                 joined     the input with that put into it by ResultPath
    Catch                      error      {"Error", "Cause"}

MISSING where the stage is not known: nothing was answered yet. Errors: SyntaxProblem, ExpressionError of the stages before the field.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from studio.asl.jsonpath import compile_path, compile_reference
from studio.asl.templates import compile_payload
from studio.asl.tree import MISSING, Json
from studio.asl.values import NOWHERE, Ambient

Stage = Literal["raw", "input", "result", "selected", "joined", "error"]
WORKS = frozenset({"Task", "Parallel", "Map"})
"""States that do work which answers with a result."""


@dataclass(frozen=True, slots=True)
class Saw:
    """What a state saw; MISSING what is not known. `ambient` is for templates that draw numbers or make UUIDs."""

    input: Any = MISSING
    result: Any = MISSING
    error: Any = MISSING
    variables: dict[str, Json] = field(default_factory=dict[str, Json])
    context: dict[str, Json] = field(default_factory=dict[str, Json])
    ambient: Ambient = NOWHERE


def data_at(stage: Stage, state: dict[str, Json], saw: Saw) -> Any:
    """The value of `$` at a stage of a state."""
    match stage:
        case "raw":
            return saw.input
        case "input":
            return _after_path(state.get("InputPath", "$"), saw.input, saw)
        case "result":
            return saw.result
        case "selected":
            return _selected(state, saw)
        case "joined":
            return joined(state.get("ResultPath", "$"), saw.input, data_at("selected", state, saw))
        case "error":
            return saw.error


def joined(path: Json, raw: Any, result: Any) -> Any:
    """The input with a result (or an error) in it where a ResultPath says."""
    if raw is MISSING or result is MISSING:
        return MISSING
    if path is None:
        return raw
    return result if path == "$" else compile_reference(str(path)).write(raw, result)


def _selected(state: dict[str, Json], saw: Saw) -> Any:
    kind = state.get("Type")
    if kind in WORKS:
        if saw.result is MISSING or "ResultSelector" not in state:
            return saw.result
        return compile_payload(state["ResultSelector"])(saw.result, saw.context, saw.variables, saw.ambient)
    if kind == "Pass" and "Result" in state:
        return state["Result"]
    data = data_at("input", state, saw)
    if kind != "Pass" or "Parameters" not in state or data is MISSING:
        return data
    return compile_payload(state["Parameters"])(data, saw.context, saw.variables, saw.ambient)


def _after_path(path: Json, data: Any, saw: Saw) -> Any:
    if data is MISSING or path == "$":
        return data
    return {} if path is None else compile_path(str(path)).read(data, saw.context, saw.variables, saw.ambient)
