"""Structure of one state: its fields, what they hold, which exclude each other; its expressions; its resource.

Everything here depends only on the state itself, its query language and the workflow's type, so results are kept per state value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from studio.asl import conditions
from studio.asl.diagnostics import Said
from studio.asl.fields import BOTH, CATCHER, EXCLUSIVE, FIELDS, RETRIER, TYPES, Field
from studio.asl.graph import TERMINAL
from studio.asl.rules import expressions, integrations, meaning
from studio.asl.rules.finding import Finding, placeholder, substituted
from studio.asl.rules.held import check_value, other_language, wrong_kind
from studio.asl.tree import Json, Pointer
from studio.asl.values import SyntaxProblem

_RESOURCE = re.compile(r"^arn:[^:\s]*:[^:\s]*:[^:\s]*:[^:\s]*:\S+$")
_LAMBDA = re.compile(r"^arn:[\w-]+:lambda:[^:]*:[^:]*:function:([^:]+)(?::(.*))?$")
_QUALIFIER = re.compile(r"^(\$LATEST|[\w-]+)$")
_LABEL = re.compile(r"^[^\x00-\x20\x7f-\x9f?*<>{}\[\]:;,\\|^~$#%&`\"]{1,40}$")


def check(value: dict[str, Json], language: str, *, whole: str, express: bool) -> Iterator[Finding]:
    """Everything wrong with one state. `whole` is the query language of the machine around it."""
    kind = value.get("Type")
    if kind is None:
        yield Finding("ASL101", (), "These fields are required: [Type]", "A state's Type says what it does: " + ", ".join(TYPES) + ".")
        return
    if placeholder(kind):
        return
    if not isinstance(kind, str) or kind not in TYPES:
        close = difflib.get_close_matches(str(kind), TYPES, 1)
        yield Finding(
            "ASL103", ("Type",), f"Unknown Type: {kind!r}", f"Did you mean {close[0]}?" if close else f"It is one of {', '.join(TYPES)}."
        )
        return
    if whole == "JSONata" and value.get("QueryLanguage") == "JSONPath":
        yield Finding(
            "ASL302",
            (),
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            "Remove it, or make the whole workflow JSONPath.",
        )
        return
    known = FIELDS[kind]
    yield from _fields(value, known, language, kind)
    for group in EXCLUSIVE.get(kind, ()):
        there = [name for name in group if name in value and not (name == "End" and value[name] is not True)]
        if len(there) > 1:
            said = Said(f"There should only be one of the following fields: [{', '.join(there)}]")
            only = f"Only one of these fields may be there: {', '.join(there)}"
            yield Finding("ASL111", (there[1],), only, "Remove all but one.", said=said)
    if kind in TERMINAL:
        for name in ("Next", "End"):
            if name in value:
                said = Said(f"Field '{name}' is not supported")
                yield Finding("ASL207", (name,), f"A {kind} state ends its workflow: it has no {name}.", f"Remove {name}.", said=said)
    elif kind != "Choice" and "Next" not in value and value.get("End") is not True and not placeholder(value.get("End")):
        yield Finding("ASL202", (), "The state has neither Next nor End.", "Connect it to another state, or let it end.")
    match kind:
        case "Task":
            yield from _task(value, language, express=express)
        case "Choice":
            yield from _choice(value, language)
        case "Wait":
            yield from _wait(value, language)
        case "Map":
            yield from _map(value)
        case "Parallel":
            branches = value.get("Branches")
            for i, branch in enumerate(branches if isinstance(branches, list) else []):
                if not isinstance(branch, dict) and not substituted(branch):
                    yield Finding("ASL109", ("Branches", i), "A branch is an object with StartAt and States.")
        case _:
            pass
    yield from _handlers(value, language)
    yield from expressions.check(value, language, kind)
    yield from meaning.check(value, language, kind)
    yield from integrations.check(value, language, kind)


def _fields(value: dict[str, Json], known: dict[str, Field], language: str, what: str, at: Pointer = ()) -> Iterator[Finding]:
    missing = [f.name for f in known.values() if f.required and f.name not in value and language in f.languages]
    if missing:
        yield Finding("ASL101", at, f"These fields are required: [{', '.join(missing)}]")
    for name, held in value.items():
        field = known.get(name)
        if field is None or (language not in field.languages and field.languages != BOTH):
            if field is not None:
                other = field.languages[0]
                yield Finding(
                    "ASL301",
                    (*at, name),
                    f"The field '{name}' is not supported by {language}; it belongs to {other}.",
                    "Convert the state, or remove the field.",
                    said=other_language(name, language, other, at),
                )
                continue
            if name.startswith("//") or name == "Comment":
                continue
            close = difflib.get_close_matches(name, [f.name for f in known.values() if language in f.languages], 1, 0.75)
            yield Finding(
                "ASL102",
                (*at, name),
                f"Field '{name}' is not supported",
                f"Did you mean {close[0]}?" if close else f"A {what} has no such field.",
                said=Said(f"Field '{name}' is not supported", at),
            )
            continue
        yield from check_value(field, held, language, (*at, name))


def _task(value: dict[str, Json], language: str, *, express: bool) -> Iterator[Finding]:
    resource = value.get("Resource")
    if isinstance(resource, str) and resource:
        if not placeholder(resource) and not _RESOURCE.match(resource):
            if "${" in resource:
                yield Finding(
                    "ASL601", ("Resource",), f"The resource '{resource}' holds a placeholder that is not closed.", "Write ${Name}."
                )
            else:
                said = Said("Value is not a valid resource ARN", ("Resource",))
                known = "For example arn:aws:states:::lambda:invoke."
                yield Finding("ASL604", ("Resource",), f"The resource '{resource}' is not an ARN.", known, said=said)
        elif (found := _LAMBDA.match(resource)) and found[2] is not None and not _QUALIFIER.match(found[2]) and not placeholder(resource):
            yield Finding("ASL601", ("Resource",), f"'{found[2]}' is neither a version nor an alias of the function.")
        if express:
            if re.search(r":activity:[^:]+$", resource):
                yield Finding("ASL602", ("Resource",), "Express state machine does not support Activity ARN")
            elif re.search(r"\.sync(:2)?$", resource):
                yield Finding("ASL602", ("Resource",), "Express state machine does not support '.sync' service integration")
            elif resource.endswith(".waitForTaskToken"):
                yield Finding("ASL602", ("Resource",), "Express state machine does not support '.waitForTaskToken' service integration ")
        waits = resource.endswith(".waitForTaskToken") or ":activity:" in resource
        if waits and not any(k in value for k in ("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath")):
            yield Finding("ASL702", (), "A task that waits for an answer has no timeout.", "Set TimeoutSeconds or HeartbeatSeconds.")
        if (resource.endswith(":lambda:invoke") or ":lambda:" in resource) and "Retry" not in value and not placeholder(resource):
            yield Finding(
                "ASL701",
                (),
                "The Lambda task does not retry Lambda's transient errors.",
                "Add a retrier for Lambda.ServiceException, Lambda.AWSLambdaException, Lambda.SdkClientException and Lambda.TooManyRequestsException.",
            )
    credentials = value.get("Credentials")
    if isinstance(credentials, dict) and not substituted(credentials):
        role = credentials.get("RoleArn", credentials.get("RoleArn.$"))
        if role is None:
            yield Finding(
                "ASL113", ("Credentials",), "The field 'RoleArn' is required but was missing", "Name the role the task runs with."
            )
        elif not isinstance(role, str) and not substituted(role):
            yield Finding("ASL104", ("Credentials", "RoleArn"), "The field 'RoleArn' must be a string.")
    timeout, heartbeat = value.get("TimeoutSeconds"), value.get("HeartbeatSeconds")
    if isinstance(timeout, int | float) and isinstance(heartbeat, int | float) and heartbeat >= timeout:
        yield Finding("ASL106", ("HeartbeatSeconds",), "HeartbeatSeconds must be smaller than TimeoutSeconds.")
    del language


def _choice(value: dict[str, Json], language: str) -> Iterator[Finding]:
    rules = value.get("Choices")
    for i, rule in enumerate(rules if isinstance(rules, list) else []):
        at: Pointer = ("Choices", i)
        if not isinstance(rule, dict):
            if not substituted(rule):
                yield Finding("ASL109", at, "A Choice rule is an object.")
            continue
        if "Next" not in rule:
            required = "These fields are required: [Next]"
            yield Finding("ASL205", at, required, "Connect the rule to a state.", said=Said(required, at))
        yield from _rule(rule, language, at, top=True)
    tests = (
        [{k: v for k, v in rule.items() if k not in _NOT_TESTED} if isinstance(rule, dict) else None for rule in rules or []]
        if isinstance(rules, list)
        else []
    )
    for i, test in enumerate(tests):
        if test and test in tests[:i]:
            yield Finding(
                "ASL503",
                ("Choices", i),
                f"Rule {tests.index(test) + 1} tests the same: this one is never chosen.",
                "Remove it, or correct its test.",
            )
    if isinstance(rules, list) and rules and "Default" not in value:
        yield Finding("ASL502", (), "The Choice has no Default.", "Say where to go when no rule holds.")


_NOT_TESTED = frozenset({"Next", "Assign", "Output", "Comment"})
_COMBINED = ("And", "Or", "Not")
_OPERATORS = frozenset(conditions.OPERATORS)


def _rule(rule: dict[str, Json], language: str, at: Pointer, *, top: bool, depth: int = 0) -> Iterator[Finding]:
    if depth > 50:
        yield Finding("ASL501", at, "The rule is nested more than 50 levels deep.")
        return
    if not top and "Next" in rule:
        yield Finding("ASL205", (*at, "Next"), "A nested rule has no Next.", "Only the outermost rule says where to go.")
    if language == "JSONata":
        if "Condition" not in rule:
            yield Finding("ASL501", at, "These fields are required: [Condition]")
        for name in rule:
            if name not in {"Condition", "Next", "Assign", "Output", "Comment"}:
                foreign = name in _OPERATORS or name in {*_COMBINED, "Variable"}
                said = other_language(name, "JSONata", "JSONPath", at) if foreign else Said(f"Field '{name}' is not supported", at)
                yield Finding("ASL301" if foreign else "ASL102", (*at, name), f"Field '{name}' is not supported", said=said)
        return
    found = [name for name in rule if name in _OPERATORS or name in _COMBINED]
    if "Condition" in rule:
        said = other_language("Condition", "JSONPath", "JSONata", at)
        yield Finding("ASL301", (*at, "Condition"), "The field 'Condition' is not supported by JSONPath; it belongs to JSONata.", said=said)
        return
    if len(found) != 1:
        what = "no comparison" if not found else f"{len(found)} comparisons: {', '.join(found)}"
        yield Finding("ASL501", at, f"A rule has exactly one comparison; this one has {what}.")
    for name in rule:
        if name not in _OPERATORS and name not in {*_COMBINED, "Variable", "Next", "Comment", "Assign"}:
            close = difflib.get_close_matches(name, sorted(_OPERATORS), 1)
            hint = f"Did you mean {close[0]}?" if close else ""
            message = f"Field '{name}' is not supported"
            yield Finding("ASL102", (*at, name), message, hint, said=Said(message, at))
    for name in found:
        inner = rule[name]
        if name in {"And", "Or"}:
            if not isinstance(inner, list):
                yield Finding("ASL104", (*at, name), f"The field '{name}' must be an array.")
            elif not inner:
                yield Finding("ASL105", (*at, name), "Value cannot be empty")
            for i, nested in enumerate(inner if isinstance(inner, list) else []):
                if isinstance(nested, dict):
                    yield from _rule(nested, language, (*at, name, i), top=False, depth=depth + 1)
        elif name == "Not":
            if isinstance(inner, dict):
                yield from _rule(inner, language, (*at, name), top=False, depth=depth + 1)
        elif "Variable" not in rule:
            yield Finding("ASL501", at, "These fields are required: [Variable]")
        elif len(found) == 1 and not substituted(inner) and not placeholder(rule.get("Variable")):
            wrong = _operand(name, inner)
            if wrong:
                yield Finding("ASL501", (*at, name), wrong, said=_operand_said(name, inner, (*at, name)))
                continue
            try:
                conditions.compile_rule({"Variable": rule["Variable"], name: inner})
            except SyntaxProblem as problem:
                where = "Variable" if "path" in problem.message.lower() or "Variable" in problem.message else name
                yield Finding("ASL501", (*at, where), problem.message)


def _operand(name: str, operand: Json) -> str:
    """Why an operand does not fit its operator; empty where it does."""
    match conditions.OPERATORS[name].operand:
        case "string" if not isinstance(operand, str):
            return f"{name} compares with a string."
        case "number" if isinstance(operand, bool) or not isinstance(operand, int | float):
            return f"{name} compares with a number."
        case "boolean" if not isinstance(operand, bool):
            return f"{name} compares with true or false."
        case "timestamp" if conditions.timestamp(operand) is None:
            return f"{name} compares with a timestamp such as 2030-01-31T12:00:00Z."
        case "path" if not isinstance(operand, str) or not operand.startswith("$"):
            return f"{name} compares with the value at a path."
        case _:
            return ""


def _operand_said(name: str, operand: Json, at: Pointer) -> Said:
    """AWS's sentence for an operand that does not fit."""
    match conditions.OPERATORS[name].operand:
        case "timestamp" if isinstance(operand, str):
            return Said("String does not match RFC3339 timestamp", at)
        case "path" if isinstance(operand, str):
            return Said("Value is not a Reference Path", at)
        case kind:
            return wrong_kind(kind, at)


def _wait(value: dict[str, Json], language: str) -> Iterator[Finding]:
    if not any(name in value for name in ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")):
        yield Finding("ASL101", (), "These fields are required: [Seconds, SecondsPath, Timestamp, TimestampPath] (one of them)")
    stamp = value.get("Timestamp")
    if (
        isinstance(stamp, str)
        and not placeholder(stamp)
        and not (language == "JSONata" and stamp.startswith("{%"))
        and conditions.timestamp(stamp) is None
    ):
        yield Finding("ASL110", ("Timestamp",), "String does not match RFC3339 timestamp", "Write it as 2030-01-31T12:00:00Z.")


def _map(value: dict[str, Json]) -> Iterator[Finding]:
    key = "ItemProcessor" if "ItemProcessor" in value else "Iterator"
    processor = value.get(key)
    if processor is None:
        yield Finding("ASL101", (), "These fields are required: [ItemProcessor]")
        return
    if not isinstance(processor, dict) or substituted(processor):
        return
    config = processor.get("ProcessorConfig")
    mode = config.get("Mode", "INLINE") if isinstance(config, dict) else "INLINE"
    if isinstance(config, dict):
        if mode not in ("INLINE", "DISTRIBUTED") and not placeholder(mode):
            yield Finding("ASL112", (key, "ProcessorConfig", "Mode"), "Mode is INLINE or DISTRIBUTED.")
        execution = config.get("ExecutionType")
        if mode == "DISTRIBUTED" and execution is None:
            yield Finding("ASL112", (key, "ProcessorConfig"), "These fields are required: [ExecutionType]", "STANDARD or EXPRESS.")
        if execution is not None and execution not in ("STANDARD", "EXPRESS") and not placeholder(execution):
            yield Finding("ASL112", (key, "ProcessorConfig", "ExecutionType"), "ExecutionType is STANDARD or EXPRESS.")
        if mode == "INLINE" and execution is not None:
            yield Finding("ASL112", (key, "ProcessorConfig", "ExecutionType"), "Only a Distributed Map has an ExecutionType.")
    if mode == "INLINE" and key == "ItemProcessor":
        for name in ("ItemReader", "ItemBatcher", "ResultWriter", "Label"):
            if name in value:
                yield Finding(
                    "ASL116",
                    (name,),
                    f"The field '{name}' is supported only when the Map is distributed.",
                    "Set ProcessorConfig.Mode to DISTRIBUTED.",
                )
    label = value.get("Label")
    if isinstance(label, str) and label and not placeholder(label) and not _LABEL.match(label):
        yield Finding(
            "ASL114", ("Label",), 'A Label has at most 40 characters, no blanks and none of ? * < > { } [ ] : ; , \\ | ^ ~ $ # % & ` "'
        )


def _handlers(value: dict[str, Json], language: str) -> Iterator[Finding]:
    for name, table in (("Retry", RETRIER), ("Catch", CATCHER)):
        handlers = value.get(name)
        if not isinstance(handlers, list):
            continue
        for i, handler in enumerate(handlers):
            at: Pointer = (name, i)
            if not isinstance(handler, dict):
                if not substituted(handler):
                    yield Finding("ASL109", at, f"A member of {name} is an object.")
                continue
            yield from _fields(handler, table, language, name.lower(), at)
            errors = handler.get("ErrorEquals")
            if not isinstance(errors, list):
                continue
            for j, error in enumerate(errors):
                if not isinstance(error, str):
                    yield Finding("ASL104", (*at, "ErrorEquals", j), "An error's name must be a string.")
            if "States.ALL" in errors and (len(errors) > 1 or i < len(handlers) - 1):
                yield Finding(
                    "ASL206",
                    (*at, "ErrorEquals"),
                    "States.ALL must stand alone, in the last member.",
                    "Move it into a member of its own at the end.",
                )
