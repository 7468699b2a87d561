"""How data flow through a state: every stage of input and output processing as a function that returns its value.

Theory of operation: `compile_flow` compiles a state once. Each stage is a function `(data, …, env) -> value | Failure` that can be
called alone: the engine runs them in order, TestState shows each one's value, and the editor previews them.

    JSONPath:  raw input -> InputPath -> Parameters -> (the work) -> ResultSelector -> ResultPath(raw input) -> OutputPath
                                                                   └> Assign
    JSONata:   raw input -> Arguments -> (the work) -> Output
                                                   └> Assign

A stage whose field the state does not have returns its input as it is: nothing is copied. `Failure.cause` has AWS's prefix with
the state's name and the id of its entered event, from `Env`; `Failure.location` is the field (`Output/result`), for the
`EvaluationFailed` event of JSONata states.

Errors: `SyntaxProblem` at compilation; at run time Failures only: `States.Runtime`, `States.IntrinsicFailure`,
`States.ResultPathMatchFailure`, `States.QueryEvaluationError`.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from studio.asl.conditions import Test, compile_rule
from studio.asl.jsonpath import Evaluator, compile_path, compile_reference
from studio.asl.templates import JsonataEvaluator, compile_jsonata_value, compile_payload
from studio.asl.tree import Json
from studio.asl.values import Env, ExpressionError, Failure, SyntaxProblem

Stage: TypeAlias = Callable[[Json, Env], "Json | Failure"]
"""`(data, env) -> value | Failure`."""
Join: TypeAlias = Callable[[Json, Json, Env], "Json | Failure"]
"""`(raw input, result or error object, env) -> value | Failure`."""
Assign: TypeAlias = Callable[[Json, Json, Env], "dict[str, Json] | Failure"]
"""`(raw input, result or error object, env) -> the variables to assign`."""

RESULT: Final = "result"
ERROR: Final = "errorOutput"

_WITH_RESULT = frozenset({"Task", "Map", "Parallel"})
"""State types for which `$states.result` exists."""


def states_of(raw: Json, env: Env, member: str | None = None, value: Json = None) -> dict[str, Json]:
    """What `$states` means: `input`, `context`, and with `member` (`result` or `errorOutput`) that one too."""
    if member is None:
        return {"input": raw, "context": env.context}  # type: ignore[dict-item]
    return {"input": raw, "context": env.context, member: value}  # type: ignore[dict-item]


class Exit(NamedTuple):
    """How a state is left: its output, and the variables it assigns."""

    output: Json
    assigned: dict[str, Json]


@dataclass(slots=True, eq=False)
class Flow:
    """The stages of one state, each callable alone. JSONPath states use `input`, `parameters`, `result_selector`, `result_path` and
    `output_path`; JSONata states `arguments` and `output`; both `assign`. `work_input` and `leave` run them in order.
    """

    language: str
    input: Stage
    """InputPath: `(raw, env)`."""
    parameters: Stage
    """Parameters: `(effective input, env)`."""
    arguments: Stage
    """Arguments: `(raw, env)`."""
    result_selector: Stage
    """ResultSelector: `(result, env)`."""
    result_path: Join
    """ResultPath: `(raw, result, env)`."""
    output_path: Stage
    """OutputPath: `(after ResultPath, env)`."""
    output: Join
    """JSONata's Output: `(raw, result, env)`; without the field the result itself."""
    assign: Assign
    """Assign: `(raw, result, env)`; `{}` without the field."""
    assigns: bool
    """Whether there is an Assign."""
    as_it_is: bool
    """Whether the result is the output and nothing is assigned: no field changes it."""
    identity: bool
    """Whether input and result pass through untouched: no field changes them."""

    def work_input(self, raw: Json, env: Env) -> Json | Failure:
        """What the state's work gets: the raw input after InputPath and Parameters, or its Arguments."""
        if self.identity:
            return raw
        if self.language == "JSONata":
            return self.arguments(raw, env)
        value = self.input(raw, env)
        return value if isinstance(value, Failure) else self.parameters(value, env)

    def leave(self, raw: Json, result: Json, env: Env) -> Exit | Failure:
        """What the state leaves with: its output and the variables it assigns, after all stages behind the work."""
        if self.as_it_is:
            return Exit(result, {})
        if self.language == "JSONata":
            output = self.output(raw, result, env)
        else:
            selected = self.result_selector(result, env)
            if isinstance(selected, Failure):
                return selected
            result = selected
            output = self.result_path(raw, result, env)
            if not isinstance(output, Failure):
                output = self.output_path(output, env)
        if isinstance(output, Failure):
            return output
        assigned = self.assign(raw, result, env) if self.assigns else {}
        return assigned if isinstance(assigned, Failure) else Exit(output, assigned)


@dataclass(slots=True, eq=False)
class Rule:
    """A Choice rule: `test(data, env)`, where it leads, and the flow (Output, Assign) of a match."""

    test: Callable[[Json, Env], bool | Failure]
    next: str | None
    flow: Flow


class Catcher(NamedTuple):
    """A catcher: the error names it takes, where it leads, and what becomes of `{"Error", "Cause"}`."""

    errors: tuple[str, ...]
    next: str | None
    output: Join
    assign: Assign


_BEHIND = ("ResultSelector", "ResultPath", "OutputPath", "Assign")
"""The fields behind the work of a JSONPath state."""


def compile_flow(state: dict[str, Json], language: str = "JSONPath", *, within: str = "") -> Flow:
    """Compile the stages of a state. `within` prefixes field names in causes (`Choices[0]/`). Raises SyntaxProblem."""
    if language == "JSONata":
        return _jsonata_flow(state, within, RESULT if state.get("Type") in _WITH_RESULT else None)
    return Flow(
        language="JSONPath",
        input=_path_stage(state, "InputPath"),
        parameters=_template_stage(state, "Parameters"),
        arguments=_same,
        result_selector=_template_stage(state, "ResultSelector"),
        result_path=_result_path(state),
        output_path=_path_stage(state, "OutputPath"),
        output=_second,
        assign=_assign_jsonpath(state),
        assigns=bool(state.get("Assign")),
        as_it_is=not any(name in state for name in _BEHIND),
        identity=not any(name in state for name in ("InputPath", "Parameters", *_BEHIND)),
    )


def _jsonata_flow(state: dict[str, Json], within: str, member: str | None) -> Flow:
    return Flow(
        language="JSONata",
        input=_same,
        parameters=_same,
        arguments=_jsonata_stage(state, "Arguments", within),
        result_selector=_same,
        result_path=_second,
        output_path=_same,
        output=_jsonata_output(state, within, member),
        assign=_assign_jsonata(state, within, member),
        assigns=bool(state.get("Assign")),
        as_it_is=not any(name in state for name in ("Output", "Assign")),
        identity=not any(name in state for name in ("Arguments", "Output", "Assign")),
    )


def compile_choices(state: dict[str, Json], language: str = "JSONPath") -> tuple[Rule, ...]:
    """The rules of a Choice state. Raises SyntaxProblem."""
    choices = state.get("Choices")
    if not isinstance(choices, list):
        return ()
    return tuple(_choice(rule, language, index) for index, rule in enumerate(choices))


def _choice(rule: Json, language: str, index: int) -> Rule:
    if not isinstance(rule, dict):
        raise SyntaxProblem(f"Choices[{index}] must be an object", 0)
    test = compile_rule(rule, language, f"Choices[{index}]/Condition")
    target = rule.get("Next")
    flow = compile_flow(rule, language, within=f"Choices[{index}]/")
    return Rule(_test(test, language), target if isinstance(target, str) else None, flow)


def _test(test: Test, language: str) -> Callable[[Json, Env], bool | Failure]:
    jsonata = language == "JSONata"

    def decide(data: Json, env: Env) -> bool | Failure:
        try:
            return test(states_of(data, env) if jsonata else data, env.context, env.variables, env.ambient)
        except ExpressionError as problem:
            return _failure(env, problem)

    return decide


def compile_catchers(state: dict[str, Json], language: str = "JSONPath") -> tuple[Catcher, ...]:
    """The catchers of a state. Raises SyntaxProblem."""
    catchers = state.get("Catch")
    if not isinstance(catchers, list):
        return ()
    return tuple(_catcher(catcher, language, index) for index, catcher in enumerate(catchers))


def _catcher(catcher: Json, language: str, index: int) -> Catcher:
    if not isinstance(catcher, dict):
        raise SyntaxProblem(f"Catch[{index}] must be an object", 0)
    errors, target = catcher.get("ErrorEquals"), catcher.get("Next")
    within = f"Catch[{index}]/"
    jsonata = language == "JSONata"
    return Catcher(
        tuple(name for name in errors if isinstance(name, str)) if isinstance(errors, list) else (),
        target if isinstance(target, str) else None,
        _jsonata_output(catcher, within, ERROR) if jsonata else _result_path(catcher),
        _assign_jsonata(catcher, within, ERROR) if jsonata else _assign_jsonpath(catcher),
    )


# Stages


def _same(data: Json, _env: Env) -> Json:
    return data


def _second(_raw: Json, result: Json, _env: Env) -> Json:
    return result


def _first(raw: Json, _result: Json, _env: Env) -> Json:
    return raw


def _nothing(_raw: Json, _result: Json, _env: Env) -> dict[str, Json]:
    return {}


def _failure(env: Env, problem: ExpressionError) -> Failure:
    return Failure(problem.error, env.prefix() + problem.cause, problem.where)


def stage_of(read: Evaluator) -> Stage:
    """An evaluator as a stage: its ExpressionError becomes a Failure with AWS's prefix."""

    def stage(data: Json, env: Env) -> Json | Failure:
        try:
            return read(data, env.context, env.variables, env.ambient)
        except ExpressionError as problem:
            return _failure(env, problem)

    return stage


def _path_stage(state: dict[str, Json], field: str) -> Stage:
    """InputPath and OutputPath: a path, or null, which stands for `{}`."""
    text = state.get(field, "$")
    if text == "$":
        return _same
    if text is None:
        return lambda _data, _env: {}
    if not isinstance(text, str):
        raise SyntaxProblem(f"'{field}' must be a path or null", 0)
    return stage_of(compile_path(text).read)


def _template_stage(state: dict[str, Json], field: str) -> Stage:
    return stage_of(compile_payload(state[field])) if field in state else _same


def _result_path(state: dict[str, Json]) -> Join:
    text = state.get("ResultPath", "$")
    if text == "$":
        return _second
    if text is None:
        return _first
    if not isinstance(text, str):
        raise SyntaxProblem("'ResultPath' must be a reference path or null", 0)
    reference = compile_reference(text)
    if reference.root != "$":
        raise SyntaxProblem(f"'ResultPath' must begin with '$.': '{text}'", 0)
    write = reference.write

    def stage(raw: Json, result: Json, env: Env) -> Json | Failure:
        try:
            return write(raw, result)
        except ExpressionError as problem:
            return _failure(env, problem)

    return stage


def _assign_jsonpath(state: dict[str, Json]) -> Assign:
    template = state.get("Assign")
    if not template:
        return _nothing
    if not isinstance(template, dict):
        raise SyntaxProblem("'Assign' must be an object", 0)
    build = compile_payload(template)

    def stage(_raw: Json, result: Json, env: Env) -> dict[str, Json] | Failure:
        try:
            return build(result, env.context, env.variables, env.ambient)  # type: ignore[return-value]
        except ExpressionError as problem:
            return _failure(env, problem)

    return stage


def _jsonata_stage(state: dict[str, Json], field: str, within: str) -> Stage:
    if field not in state:
        return _same
    build = compile_jsonata_value(state[field], within + field)

    def stage(raw: Json, env: Env) -> Json | Failure:
        try:
            return build(states_of(raw, env), env.variables, env.ambient)
        except ExpressionError as problem:
            return _failure(env, problem)

    return stage


def _jsonata_output(state: dict[str, Json], within: str, member: str | None) -> Join:
    if "Output" not in state:
        return _second
    return _jsonata_join(compile_jsonata_value(state["Output"], within + "Output"), member)


def _jsonata_join(build: JsonataEvaluator, member: str | None) -> Join:
    def stage(raw: Json, result: Json, env: Env) -> Json | Failure:
        try:
            return build(states_of(raw, env, member, result), env.variables, env.ambient)
        except ExpressionError as problem:
            return _failure(env, problem)

    return stage


def _assign_jsonata(state: dict[str, Json], within: str, member: str | None) -> Assign:
    template = state.get("Assign")
    if not template:
        return _nothing
    if not isinstance(template, dict):
        raise SyntaxProblem("'Assign' must be an object", 0)
    return _jsonata_join(compile_jsonata_value(template, within + "Assign"), member)  # type: ignore[return-value]
