"""A definition compiled for running: names resolved, paths and templates turned into closures, once.

Errors: `MachineError` with a pointer where the definition cannot be run (the linter says the same with more words).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from studio.asl.dataflow import Catcher as CatcherFlow
from studio.asl.dataflow import Flow, Rule, Stage, compile_catchers, compile_choices, compile_flow
from studio.asl.flow_fields import compile_field, compile_items, compile_template
from studio.asl.tree import Json, Pointer, to_text
from studio.asl.values import SyntaxProblem
from studio.errors import StudioError

MAX_NAME = 80


class MachineError(StudioError):
    """A definition that cannot be run, and where."""

    def __init__(self, message: str, pointer: Pointer = (), hint: str = "") -> None:
        super().__init__(message, hint)
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.message} at {to_text(self.pointer) or '/'}"


class Retrier(NamedTuple):
    """Seconds and counts as in the definition, AWS's defaults filled in."""

    errors: tuple[str, ...]
    interval: float
    max_attempts: int
    backoff: float
    max_delay: float | None
    jitter: bool


class Catcher(NamedTuple):
    errors: tuple[str, ...]
    next: str
    number: int


class Resource(NamedTuple):
    """A Task's resource: `kind` is lambda, activity, service or sdk; `pattern` is "", sync, sync:2 or waitForTaskToken."""

    arn: str
    kind: str
    service: str
    action: str
    pattern: str
    region: str

    @property
    def name(self) -> str:
        """`resource` of the history: `invoke`, `sendMessage.waitForTaskToken`."""
        return f"{self.action}.{self.pattern}" if self.pattern else self.action

    @property
    def nested(self) -> bool:
        """Whether it starts another execution."""
        return self.kind == "service" and self.service == "states" and self.action == "startExecution"

    @property
    def outside(self) -> bool:
        """Whether its answer comes from outside the execution: by a worker, by a token, from another execution."""
        return self.kind == "activity" or self.pattern == "waitForTaskToken" or self.nested

    @property
    def service_name(self) -> str:
        """What AWS calls the task in its sentences about payloads that are too large."""
        return self.arn if self.kind in {"lambda", "activity"} else self.type

    @property
    def type(self) -> str:
        """`resourceType` of the history: `lambda`, `aws-sdk:s3`."""
        return f"aws-sdk:{self.service}" if self.kind == "sdk" else self.service


@dataclass(slots=True)
class State:
    """One compiled state."""

    name: str
    type: str
    pointer: Pointer
    raw: dict[str, Any]
    jsonata: bool
    next: str | None
    flow: Flow
    retriers: tuple[Retrier, ...] = ()
    catchers: tuple[Catcher, ...] = ()
    handlers: tuple[CatcherFlow, ...] = ()
    """What each catcher makes of the error, in the order of `catchers`."""
    rules: tuple[Rule, ...] = ()
    resource: Resource | None = None
    credentials: Stage | None = None
    """A Task's Credentials: `{"RoleArn": …}`."""
    branches: tuple[Scope, ...] = ()
    fields: dict[str, Stage] = field(default_factory=dict[str, Stage])
    """Fields that may be a constant, a path or an expression, by name; absent ones are not there."""
    items: Stage | None = None
    """What a Map iterates over."""
    selector: Stage | None = None
    """A Map's ItemSelector."""
    reader: Stage | None = None
    """A Distributed Map's ItemReader: its call's arguments."""
    writer: Stage | None = None
    """A Distributed Map's ResultWriter: its call's arguments; None where it writes nothing."""
    batch_input: Stage | None = None
    """A Distributed Map's ItemBatcher/BatchInput."""
    reads_context: bool = False
    """Whether anything in the state may read the context object."""
    distributed: bool = False
    entered: str = ""
    exited: str = ""


@dataclass(slots=True)
class Scope:
    start: str
    states: dict[str, State]
    pointer: Pointer

    def distributed(self) -> bool:
        """Whether a Distributed Map is anywhere in it."""
        return self.has(lambda state: state.distributed)

    def has(self, test: Callable[[State], bool]) -> bool:
        """Whether any state, at any depth, passes the test."""
        return any(test(state) or any(inner.has(test) for inner in state.branches) for state in self.states.values())


class Machine(NamedTuple):
    scope: Scope
    root: dict[str, Json]
    timeout: float | None
    jsonata: bool


_ARN = r"^arn:(?P<partition>[\w-]+):states:(?P<region>[\w-]*):(?P<account>\d*):(?P<sdk>aws-sdk:)?(?P<service>[\w-]+):(?P<action>[\w-]+)(?:\.(?P<pattern>sync:2|sync|waitForTaskToken))?$"
_LAMBDA = r"^arn:[\w-]+:lambda:([\w-]*):\d*:function:.+$"
_ACTIVITY = r"^arn:[\w-]+:states:([\w-]*):\d*:activity:(.+)$"


def resource_of(arn: str, pointer: Pointer = ()) -> Resource:
    """What a `Resource` names. MachineError where it is none of Step Functions' forms."""
    if found := re.match(_LAMBDA, arn):
        return Resource(arn, "lambda", "lambda", arn, "", found[1])
    if found := re.match(_ACTIVITY, arn):
        return Resource(arn, "activity", "activity", found[2], "", found[1])
    if found := re.match(_ARN, arn):
        kind = "sdk" if found["sdk"] else "service"
        return Resource(arn, kind, found["service"], found["action"], found["pattern"] or "", found["region"] or "us-east-1")
    raise MachineError(f"The resource '{arn}' is neither an integration, nor a function, nor an activity", pointer)


def compile_machine(root: Json) -> Machine:
    """Compile a whole definition. MachineError where it cannot be run."""
    if not isinstance(root, dict):
        raise MachineError("A definition is an object")
    jsonata = root.get("QueryLanguage") == "JSONata"
    timeout = root.get("TimeoutSeconds")
    return Machine(
        scope=_scope(root, (), jsonata=jsonata),
        root=root,
        timeout=float(timeout) if isinstance(timeout, int | float) else None,
        jsonata=jsonata,
    )


def _dictionary(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None  # type: ignore[return-value]


def _scope(value: Any, pointer: Pointer, *, jsonata: bool) -> Scope:
    machine = _dictionary(value)
    states = _dictionary(machine.get("States")) if machine is not None else None
    if machine is None or not states:
        raise MachineError("These fields are required: [States, StartAt]", pointer)
    start = machine.get("StartAt")
    if not isinstance(start, str) or start not in states:
        raise MachineError(f"StartAt names a state that does not exist: {start!r}", (*pointer, "StartAt"))
    jsonata = machine.get("QueryLanguage", "JSONata" if jsonata else "JSONPath") == "JSONata"
    compiled = {name: _state(name, raw, (*pointer, "States", name), states, jsonata=jsonata) for name, raw in states.items()}
    return Scope(start, compiled, pointer)


def _target(name: Any, states: dict[str, Any], pointer: Pointer) -> str:
    if not isinstance(name, str) or name not in states:
        raise MachineError(f"A transition leads to a state that does not exist: {name!r}", pointer)
    return name


def _state(name: str, value: Any, pointer: Pointer, states: dict[str, Any], *, jsonata: bool) -> State:
    raw = _dictionary(value)
    kind = raw.get("Type") if raw is not None else value
    if raw is None or not isinstance(kind, str) or kind not in STEPS:
        raise MachineError(f"The state '{name}' has no known Type: {kind!r}", (*pointer, "Type"))
    own = raw.get("QueryLanguage", "JSONata" if jsonata else "JSONPath") == "JSONata"
    try:
        flow = compile_flow(raw, "JSONata" if own else "JSONPath")
        following = None
        if kind not in {"Choice", "Succeed", "Fail"} and raw.get("End") is not True:
            following = _target(raw.get("Next"), states, (*pointer, "Next"))
        state = State(name, kind, pointer, raw, own, following, flow, entered=f"{kind}StateEntered", exited=f"{kind}StateExited")
        state.retriers = tuple(map(_retrier, raw.get("Retry") or ()))
        state.catchers = tuple(
            Catcher(tuple(c["ErrorEquals"]), _target(c.get("Next"), states, (*pointer, "Catch", i, "Next")), i)
            for i, c in enumerate(raw.get("Catch") or ())
        )
        state.handlers = compile_catchers(raw, flow.language)
        for field_name in _FIELDS.get(kind, ()):
            stage = compile_field(raw, field_name, flow.language)
            if stage is not None:
                state.fields[field_name] = stage
        state.reads_context = _reads_context(raw)
        STEPS[kind](state, raw, pointer, states, jsonata)
    except SyntaxProblem as problem:
        raise MachineError(f"{problem.message}", pointer) from problem
    except (KeyError, TypeError, ValueError) as problem:
        raise MachineError(f"The state '{name}' is malformed: {problem}", pointer) from problem
    return state


_FIELDS = {
    "Wait": ("Seconds", "Timestamp"),
    "Task": ("TimeoutSeconds", "HeartbeatSeconds"),
    "Fail": ("Error", "Cause"),
    "Map": ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"),
}
_NESTED = frozenset({"Branches", "ItemProcessor", "Iterator"})
_CONTEXT = r"\$\$|\$states(?!\s*\.\s*(?:input|result|errorOutput)\b)"


def _reads_context(raw: dict[str, Any]) -> bool:
    """Whether a text of the state (not of states inside it) names the context object, `$$` or `$states.context`."""
    stack: list[Any] = [value for key, value in raw.items() if key not in _NESTED]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if re.search(_CONTEXT, value):
                return True
        elif isinstance(value, dict):
            stack.extend(value.values())  # type: ignore[arg-type]
        elif isinstance(value, list):
            stack.extend(value)  # type: ignore[arg-type]
    return False


def _retrier(raw: dict[str, Any]) -> Retrier:
    delay = raw.get("MaxDelaySeconds")
    return Retrier(
        errors=tuple(raw["ErrorEquals"]),
        interval=float(raw.get("IntervalSeconds", 1)),
        max_attempts=int(raw.get("MaxAttempts", 3)),
        backoff=float(raw.get("BackoffRate", 2.0)),
        max_delay=None if delay is None else float(delay),
        jitter=raw.get("JitterStrategy") == "FULL",
    )


def _plain(state: State, raw: dict[str, Any], pointer: Pointer, states: dict[str, Any], jsonata: bool) -> None:
    del state, raw, pointer, states, jsonata


def _choice(state: State, raw: dict[str, Any], pointer: Pointer, states: dict[str, Any], jsonata: bool) -> None:
    del jsonata
    for i, rule in enumerate(raw["Choices"]):
        _target(rule.get("Next"), states, (*pointer, "Choices", i, "Next"))
    if "Default" in raw:
        _target(raw["Default"], states, (*pointer, "Default"))
    state.rules = compile_choices(raw, state.flow.language)


def _task(state: State, raw: dict[str, Any], pointer: Pointer, states: dict[str, Any], jsonata: bool) -> None:
    del states, jsonata
    state.resource = resource_of(raw["Resource"], (*pointer, "Resource"))
    if "Credentials" in raw:
        state.credentials = compile_template(raw["Credentials"], "Credentials", state.flow.language)


def _parallel(state: State, raw: dict[str, Any], pointer: Pointer, states: dict[str, Any], jsonata: bool) -> None:
    del states
    state.branches = tuple(_scope(b, (*pointer, "Branches", i), jsonata=jsonata) for i, b in enumerate(raw["Branches"]))


def _map(state: State, raw: dict[str, Any], pointer: Pointer, states: dict[str, Any], jsonata: bool) -> None:
    del states
    key = "ItemProcessor" if "ItemProcessor" in raw else "Iterator"
    processor = raw[key]
    state.branches = (_scope(processor, (*pointer, key), jsonata=jsonata),)
    if "ItemSelector" in raw or "Parameters" in raw:
        state.selector = compile_template(raw.get("ItemSelector", raw.get("Parameters")), "ItemSelector", state.flow.language)
    state.items = compile_items(raw, state.flow.language)
    batcher = _dictionary(raw.get("ItemBatcher"))
    if batcher is not None:
        for field_name in ("MaxItemsPerBatch", "MaxInputBytesPerBatch"):
            stage = compile_field(batcher, field_name, state.flow.language, within="ItemBatcher/")
            if stage is not None:
                state.fields[field_name] = stage
        if "BatchInput" in batcher:
            state.batch_input = compile_template(batcher["BatchInput"], "ItemBatcher/BatchInput", state.flow.language)
    for section in ("ItemReader", "ResultWriter"):
        held = _dictionary(raw.get(section))
        if held is None or "Resource" not in held:
            continue
        given = held.get("Arguments", held.get("Parameters", {}))
        stage = compile_template(given, f"{section}/Arguments", state.flow.language)
        if section == "ItemReader":
            state.reader = stage
            config = _dictionary(held.get("ReaderConfig")) or {}
            most = compile_field(config, "MaxItems", state.flow.language, within="ItemReader/ReaderConfig/")
            if most is not None:
                state.fields["MaxItems"] = most
        else:
            state.writer = stage
    if not state.jsonata and "Parameters" in raw:  # a Map's Parameters are its ItemSelector's older name
        state.flow = compile_flow({k: v for k, v in raw.items() if k != "Parameters"}, "JSONPath")
    config = _dictionary(processor.get("ProcessorConfig"))
    state.distributed = config is not None and config.get("Mode") == "DISTRIBUTED"


STEPS: dict[str, Callable[[State, dict[str, Any], Pointer, dict[str, Any], bool], None]] = {
    "Pass": _plain,
    "Wait": _plain,
    "Succeed": _plain,
    "Fail": _plain,
    "Choice": _choice,
    "Task": _task,
    "Parallel": _parallel,
    "Map": _map,
}
