"""What a TestState request asks for, checked in AWS's words.

Spec: https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from studio.asl import graph
from studio.asl.lint import aws_refusal
from studio.asl.tree import Json
from studio.asl.values import Failure
from studio.errors import ServiceError
from studio.exec.machine import MachineError, Resource, Scope, State, compile_machine
from studio.exec.requests import check_input

if TYPE_CHECKING:
    from studio.catalogue.shapes import Shape

Level = Literal["INFO", "DEBUG", "TRACE"]
NAMELESS = "StateName"
"""What AWS calls the state of a definition that is one state alone."""
_MOCKABLE = frozenset({"Task", "Map", "Parallel"})
_POLLED = {
    "states:startExecution": "describeExecution",
    "batch:submitJob": "describeJobs",
    "glue:startJobRun": "getJobRun",
    "glue:startCrawler": "getCrawler",
    "ecs:runTask": "describeTasks",
    "codebuild:startBuild": "batchGetBuilds",
    "codebuild:startBuildBatch": "batchGetBuildBatches",
    "athena:startQueryExecution": "getQueryExecution",
    "sagemaker:createTrainingJob": "describeTrainingJob",
    "sagemaker:createTransformJob": "describeTransformJob",
    "sagemaker:createProcessingJob": "describeProcessingJob",
    "sagemaker:createLabelingJob": "describeLabelingJob",
    "sagemaker:createHyperParameterTuningJob": "describeHyperParameterTuningJob",
    "databrew:startJobRun": "describeJobRun",
    "bedrock:createModelCustomizationJob": "getModelCustomizationJob",
    "mediaconvert:createJob": "getJob",
    "elasticmapreduce:createCluster": "describeCluster",
    "elasticmapreduce:addStep": "describeStep",
    "emr-serverless:startJobRun": "getJobRun",
    "emr-containers:startJobRun": "describeJobRun",
}
"""Jobs that `.sync` polls: the call whose answer is the task's result, which a mock stands for."""
_UNCHECKED = frozenset({"http:invoke", "apigateway:invoke", "eks:call", "eks:runJob"})
_CONTEXT: dict[str, dict[str, str]] = {
    "Execution": {
        "Id": "a string",
        "Input": "",
        "Name": "a string",
        "RoleArn": "a string",
        "StartTime": "a string",
        "RedriveCount": "a number",
        "RedriveTime": "a string",
    },
    "State": {"EnteredTime": "a string", "Name": "a string", "RetryCount": "a number"},
    "StateMachine": {"Id": "a string", "Name": "a string"},
    "Task": {"Token": "a string"},
}


@dataclass(frozen=True, slots=True)
class Mocked:
    """A mock: a result, or an error."""

    result: Json = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked request. `in_map`: the state stands inside a Map; `spaced`: the caller writes JSON with a blank after commas and colons;
    `quotas`: whether AWS's limit of payloads holds.
    """

    state: State
    input: Json
    level: Level = "INFO"
    role: str | None = None
    variables: dict[str, Json] = field(default_factory=dict[str, Json])
    mock: Mocked | None = None
    context: dict[str, Json] | None = None
    retries: int = 0
    failed_iterations: int | None = None
    reader_data: Json = None
    in_map: bool = False
    spaced: bool = False
    quotas: bool = True


def read(request: dict[str, Any]) -> Asked:
    """The request, checked. Errors: ServiceError `ValidationException`, `InvalidDefinition`, `InvalidExecutionInput`."""
    given: dict[str, Any] = request.get("mock") or {}
    if "result" in given and "errorOutput" in given:
        raise _invalid("A test mock should have only one of the following fields: [result, errorOutput].")
    if given and request.get("revealSecrets"):
        raise _invalid("TestState does not support RevealSecrets when a mock is specified.")
    state, in_map = _state(request)
    if given and state.type not in _MOCKABLE:
        raise _invalid(f"State type '{state.type}' is not supported when a mock is specified")
    _runnable(state, given, request)
    configuration: dict[str, Any] = request.get("stateConfiguration") or {}
    failed = configuration.get("mapIterationFailureCount")
    if failed is not None and not given:
        raise _invalid("TestState does not support MapIterationFailureCount when a mock is not specified.")
    text = request.get("input", "{}")
    check_input(text)
    reader = configuration.get("mapItemReaderData")
    return Asked(
        state=state,
        input=json.loads(text),
        level=request.get("inspectionLevel", "INFO"),
        role=request.get("roleArn"),
        variables=_object(request.get("variables"), "variables"),
        mock=_mock(state, given) if given else None,
        context=_context(request.get("context"), state, mocked=bool(given)),
        retries=int(configuration.get("retrierRetryCount") or 0),
        failed_iterations=failed,
        reader_data=_reader_data(reader, state) if reader is not None else None,
        in_map=in_map,
        spaced=any(_is_spaced(t) for t in (text, given.get("result"), reader) if t),
    )


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


def _is_spaced(text: str) -> bool:
    return ", " in text and json.dumps(json.loads(text), ensure_ascii=False) == text


def _state(request: dict[str, Any]) -> tuple[State, bool]:
    """The compiled state to test, and whether it stands inside a Map."""
    text, name = request["definition"], request.get("stateName")
    try:
        root: Any = json.loads(text)
    except (ValueError, RecursionError):
        root = None
    if not isinstance(root, dict):
        raise ServiceError("InvalidDefinition", aws_refusal(text) or "Invalid State Machine Definition")
    definition = cast("dict[str, Any]", root)
    if name is None:
        if "States" in definition:
            raise _invalid("StateName must be specified when the definition is a state machine")
        return _alone(NAMELESS, definition, "JSONPath"), False
    built = graph.build(definition)
    node = built.by_name(name)
    if node is None or not isinstance(node.value, dict):
        raise _invalid("State not found in definition")
    if refusal := aws_refusal(text):
        raise ServiceError("InvalidDefinition", refusal)
    owners = [
        built.states[scope.owner] for scope in built.scopes.values() if scope.owner and node.pointer[: len(scope.pointer)] == scope.pointer
    ]
    return _alone(name, cast("dict[str, Any]", node.value), node.language), any(owner.type == "Map" for owner in owners)


def _alone(name: str, raw: dict[str, Any], language: str) -> State:
    """One state compiled with whatever its transitions lead to put in as ends."""
    targets = {t for t in _targets(raw) if isinstance(t, str)}
    ends = {target: {"Type": "Succeed"} for target in targets if target != name}
    definition = {"QueryLanguage": language, "StartAt": name, "States": {name: raw, **ends}}
    refusal = aws_refusal(json.dumps(definition))
    if refusal is not None:
        raise ServiceError("InvalidDefinition", refusal)
    definition["States"] = {name: _hollow(raw), **ends}
    try:
        scope: Scope = compile_machine(cast("Json", definition)).scope
    except MachineError as error:
        raise ServiceError("InvalidDefinition", f"Invalid State Machine Definition: '{error}'") from error
    return scope.states[name]


def _hollow(raw: dict[str, Any]) -> dict[str, Any]:
    """A Map or Parallel without what runs inside it, which a test never runs."""
    inner = {"StartAt": "Inside", "States": {"Inside": {"Type": "Pass", "End": True}}}
    hollow = dict(raw)
    for key in ("ItemProcessor", "Iterator"):
        processor: Any = raw.get(key)
        if isinstance(processor, dict):
            hollow[key] = {**inner, **({"ProcessorConfig": processor["ProcessorConfig"]} if "ProcessorConfig" in processor else {})}
    branches: Any = raw.get("Branches")
    if isinstance(branches, list):
        hollow["Branches"] = [inner for _ in cast("list[Any]", branches)]
    return hollow


def _targets(raw: dict[str, Any]) -> list[Any]:
    found: list[Any] = [raw.get("Next"), raw.get("Default")]
    for key in ("Choices", "Catch"):
        members = cast("list[Any]", raw[key]) if isinstance(raw.get(key), list) else []
        found += [cast("dict[str, Any]", member).get("Next") for member in members if isinstance(member, dict)]
    return found


def _runnable(state: State, mock: dict[str, Any], request: dict[str, Any]) -> None:
    """Without a mock: what TestState can perform."""
    if mock:
        return
    if state.type in {"Map", "Parallel"}:
        supported = "[Task, Wait, Pass, Succeed, Fail, Choice]"
        raise ServiceError(
            "InvalidDefinition", f"TestState API does not support Map or Parallel states. Supported state types include: {supported}"
        )
    if state.resource is not None:
        if state.resource.kind == "activity":
            raise ServiceError("InvalidDefinition", "TestState API does not support Activity tasks when a mock is not specified")
        if state.resource.pattern:
            raise ServiceError(
                "InvalidDefinition",
                f"TestState API does not support the '.{state.resource.pattern}' service integration pattern when a mock is not specified",
            )
        if not request.get("roleArn"):
            raise _invalid("RoleArn must be specified when testing a Task state")


def _mock(state: State, given: dict[str, Any]) -> Mocked:
    error: dict[str, Any] | None = given.get("errorOutput")
    if error is not None:
        return Mocked(failure=Failure(error.get("error") or "", error.get("cause") or ""))
    text = given.get("result")
    if text is None:
        raise _invalid("A test mock must have one of the following fields: [result, errorOutput].")
    try:
        result: Json = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise _invalid("Mocked result must be valid JSON") from problem
    if state.type == "Map":
        written = "ResultWriter" in state.raw and "Resource" in (state.raw["ResultWriter"] or {})
        if written and not isinstance(result, dict):
            raise _invalid("Mocked result must be a JSON object.")
        if not written and not isinstance(result, list):
            raise _invalid("Mocked result must be an array.")
    elif state.type == "Parallel":
        if not isinstance(result, list):
            raise _invalid("Mocked result must be an array.")
        if len(result) != len(state.branches):
            raise _invalid("Mocked result must contain the same number of items as number of Parallel branches.")
    else:
        _check_shape(state, result, given.get("fieldValidationMode", "STRICT"))
    return Mocked(result)


def _check_shape(state: State, result: Json, mode: Literal["STRICT", "PRESENT", "NONE"]) -> None:
    """A mocked result against what the service's API answers."""
    from studio.catalogue.check import mismatches

    resource = state.resource
    assert resource is not None
    shape = result_shape(resource)
    if shape is None:
        return
    key = f"{resource.service}:{resource.action}"
    value = result
    if key == "lambda:invoke" and isinstance(result, dict):
        value = {name: held for name, held in result.items() if name != "Payload"}  # any JSON: Step Functions reads it
    if key == "bedrock:invokeModel" and isinstance(result, dict):
        value = {name: held for name, held in result.items() if name != "Body"}
        mode = "PRESENT" if mode == "STRICT" and "Body" in result else mode
    wrong = next(mismatches(shape, value, mode=mode), None)
    if wrong is not None:
        raise _invalid(f"Mock result schema validation error: {wrong.message}")


def result_shape(resource: Resource) -> Shape | None:
    """The shape of what a task answers; None where it may be any JSON, or nobody knows."""
    from studio.catalogue.optimized import OPTIMIZED
    from studio.catalogue.shapes import operation

    key = f"{resource.service}:{resource.action}"
    if resource.kind in {"lambda", "activity"} or resource.pattern == "waitForTaskToken" or key in _UNCHECKED:
        return None
    optimized = resource.kind == "service"
    token, action = resource.service, resource.action
    if optimized:
        entry = OPTIMIZED.get(key)
        if entry is None or not entry.token:
            return None
        token, action = entry.token, entry.operation
    if resource.pattern.startswith("sync"):
        if key not in _POLLED:
            return None
        action = _POLLED[key]
    found = operation(token, action, optimized=optimized)
    return found.output if found is not None else None


def _context(text: str | None, state: State, *, mocked: bool) -> dict[str, Json] | None:
    if text is None:
        return None
    if not mocked:
        raise _invalid("TestState does not support Context when a mock is not specified.")
    context = _object(text, "context")
    begin = "Invalid Context object provided: "
    for section, held in context.items():
        if section == "Map":
            raise _invalid(f"{begin}'Map' field is not supported when mocking a Context object")
        if section not in _CONTEXT:
            raise _invalid(f"{begin}Field '{section}' is not allowed")
        if not isinstance(held, dict):
            raise _invalid(f"{begin}{section} must be an object")
        for name, value in held.items():
            kind = _CONTEXT[section].get(name)
            if kind is None:
                raise _invalid(f"{begin}Field '{name}' is not allowed")
            fits = isinstance(value, str) if kind == "a string" else isinstance(value, int | float) if kind else True
            if not fits:
                raise _invalid(f"{begin}{section}.{name} must be {kind}")
    pattern = state.resource.pattern if state.resource is not None else ""
    if "Task" in context and not pattern:
        raise _invalid(
            f"{begin}Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern"
        )
    return context


def _object(text: str | None, name: str) -> dict[str, Json]:
    if text is None:
        return {}
    try:
        held: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid(f"The {name} must be valid JSON: {_read_as_aws(text, error)}") from error
    if not isinstance(held, dict):
        raise _invalid(f"The {name} must be a JSON object")
    return cast("dict[str, Json]", held)


def _read_as_aws(text: str, error: Exception) -> str:
    """Why a text is no JSON, in Jackson's words."""
    from studio.asl.java import jackson_error

    return jackson_error(text, error).partition("\n")[0] if isinstance(error, json.JSONDecodeError) else "it is nested too deeply"


def _reader_data(text: str, state: State) -> Json:
    """What an ItemReader has read: an array, or whatever its ItemsPointer leads into."""
    try:
        held: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid(f"MapItemReaderData must be valid JSON: {_read_as_aws(text, error)}") from error
    reader: dict[str, Any] = state.raw.get("ItemReader") or {}
    pointed = "ItemsPointer" in (reader.get("ReaderConfig") or {})
    if not pointed and not isinstance(held, list):
        raise _invalid("MapItemReaderData must be a JSON array")
    return cast("Json", held)
