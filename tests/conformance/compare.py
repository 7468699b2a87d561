"""The recorded cases of AWS Step Functions: played against a service in this process, compared by the rules of README.md.

`play(case, service, functions)` makes a case's calls and gives back what differs (nothing: the case passes). `service` is any
`StepFunctions`; `functions` is the folder where the case's Lambda functions are written as Python files (`write_functions`).
"""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import json
import re
import uuid
from pathlib import Path
from typing import Any

from studio.errors import ServiceError

CASES = Path(__file__).parent / "cases"
ACCOUNT = "123456789012"
REGION = "us-east-1"

ISO = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-][01]\d:?(?:[0-5]\d)?)"
)
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
TOKEN = re.compile(r"<[A-Za-z][^<>\s]*>")
TIME_WORDS = frozenset({"timestamp", "date", "datetime", "time", "start-time", "entered-time"})
SNAKE = {
    "CreateStateMachine": "create_state_machine",
    "StartExecution": "start_execution",
    "StartSyncExecution": "start_sync_execution",
    "DescribeExecution": "describe_execution",
    "GetExecutionHistory": "get_execution_history",
    "TestState": "test_state",
    "ValidateStateMachineDefinition": "validate_state_machine_definition",
}

RETURN_EVENT = "def handler(event, context):\n    return event\n"
FUNCTIONS = {
    "return the event": RETURN_EVENT,
    "raise Exception('Some exception was raised.')": 'def handler(event, context):\n    raise Exception("Some exception was raised.")\n',
    "return 257 KiB of the letter a": "def handler(event, context):\n    return 'a' * (257 * 1024)\n",
    'return the raw JSON text "HelloWorld!" (a JSON string)': "def handler(event, context):\n    return 'HelloWorld!'\n",
}
"""What the functions of the recordings did -> the same in Python."""


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def function_names(case: dict[str, Any]) -> dict[str, str]:
    """Placeholder of a function's name -> the name it gets here."""
    return {f["name"]: re.sub(r"[^A-Za-z0-9]+", "_", f["name"]).strip("_") for f in case["lambdas"]}


def write_functions(case: dict[str, Any], folder: Path) -> None:
    """The case's Lambda functions as Python files."""
    folder.mkdir(parents=True, exist_ok=True)
    names = function_names(case)
    for function in case["lambdas"]:
        (folder / f"{names[function['name']]}.py").write_text(FUNCTIONS[function["does"]], encoding="utf-8")


async def play(case: dict[str, Any], service: Any, *, strict: bool = True) -> list[str]:
    """What differs from the recording. `strict` ignores nothing; otherwise the case's `ignore_paths` are left out on both sides."""
    ignore = [] if strict else case["ignore_paths"]
    subs = {"<partition>": "aws", "<region>": REGION, "111111111111": ACCOUNT, "snf_role_arn": f"arn:aws:iam::{ACCOUNT}:role/conformance"}
    subs |= function_names(case)
    for name in function_names(case).values():
        subs["/var/task/handler.py"] = f"/var/task/{name}.py"
    arns: dict[int, str] = {}
    outputs: list[Any] = []
    found: list[str] = []
    for number, step in enumerate(case["steps"]):
        answer, problem = await _call(case, service, number, step, subs, arns, outputs)
        if problem:
            return [*found, problem]
        if step["key"]:
            recorded = case["expected"].get(step["key"])
            found += compare(step["key"], recorded, normal(answer, subs, recorded), ignore)
    if case["kind"] == "outputs":
        found += compare("cases", case["expected"]["cases"], outputs, [])
    return found


async def _call(
    case: dict[str, Any], service: Any, number: int, step: dict[str, Any], subs: dict[str, str], arns: dict[int, str], outputs: list[Any]
) -> tuple[Any, str | None]:
    """One step: the answer with the members HTTP would have added, or what went wrong."""
    op, params = step["op"], _prepared(step, subs, arns)
    if op in {"GetExecutionHistory", "DescribeExecution"}:
        await ended(service, params["executionArn"])
    try:
        answer = await getattr(service, SNAKE[op])(**params)
    except ServiceError as error:
        if not step["error"]:
            return None, f"step {number} {op}: {error.code}: {error.message}"[:300]
        return _error_answer(error, op, case["expected"].get(step["key"])), None
    if step["error"]:
        return None, f"step {number} {op}: should have been refused with {step['error']}"
    answer = {**answer, "ResponseMetadata": {"HTTPHeaders": {}, "HTTPStatusCode": 200}}
    if op == "CreateStateMachine":
        arns[number] = answer["stateMachineArn"]
        subs[f"<ArnPart_{sum(k.startswith('<ArnPart') for k in subs)}idx>"] = params["name"]
    if op in {"StartExecution", "StartSyncExecution"}:
        arns[number] = answer["executionArn"]
        subs[f"<ExecArnPart_{sum(k.startswith('<ExecArnPart') for k in subs)}idx>"] = params["name"]
        if case["kind"] == "outputs":
            await ended(service, arns[number])
            outputs.append(json.loads((await service.describe_execution(executionArn=arns[number])).get("output", "null")))
    return answer, None


def _prepared(step: dict[str, Any], subs: dict[str, str], arns: dict[int, str]) -> dict[str, Any]:
    """A step's parameters as they are sent."""
    op = step["op"]
    params = _substituted(step["params"], subs)
    if "definition_text" in params:
        params["definition"] = params.pop("definition_text")
    elif "definition" in params:
        params["definition"] = json.dumps(params["definition"])
    match op:
        case "CreateStateMachine":
            params |= {"name": f"m{uuid.uuid4().hex[:12]}", "roleArn": subs["snf_role_arn"]}
        case "TestState":
            params.setdefault("roleArn", subs["snf_role_arn"])
        case "StartExecution" | "StartSyncExecution":
            params = {"stateMachineArn": arns[params["machine"]], "input": params["input"], "name": str(uuid.uuid4())}
        case "GetExecutionHistory":
            params = {"executionArn": arns[params["execution"]], "maxResults": 1000}
        case "DescribeExecution":
            params = {"executionArn": arns[params["execution"]]}
    return params


def _substituted(value: Any, subs: dict[str, str]) -> Any:
    text = json.dumps(value)
    for placeholder, real in subs.items():
        text = text.replace(placeholder, real)
    return json.loads(text)


def _error_answer(error: ServiceError, op: str, recorded: Any) -> dict[str, Any]:
    """An error as boto3 tells it."""
    if "exception_typename" in str(recorded):
        text = f"An error occurred ({error.code}) when calling the {op} operation: {error.message}"
        return {"exception_typename": error.code, "exception_value": text}
    return {
        "Error": {"Code": error.code, "Message": error.message},
        "ResponseMetadata": {"HTTPHeaders": {}, "HTTPStatusCode": error.status},
        "message": error.message,
    }


async def ended(service: Any, arn: str, seconds: float = 60) -> None:
    """Wait for the end of an execution."""
    for _ in range(int(seconds / 0.02)):
        if (await service.describe_execution(executionArn=arn))["status"] != "RUNNING":
            return
        await asyncio.sleep(0.02)
    raise TimeoutError(arn)


# Making an answer comparable


def normal(answer: Any, subs: dict[str, str], recorded: Any) -> Any:
    """An answer with times, ids and names replaced as in the recording."""
    value = times(one_level(copy.deepcopy(answer)))
    if isinstance(value, dict) and '"id": [0]' in json.dumps(recorded):
        without_order(value.get("events", []))
    text = json.dumps(value)
    for placeholder, real in sorted(subs.items(), key=lambda pair: -len(pair[1])):
        text = text.replace(json.dumps(real)[1:-1], placeholder)
    text = text.replace("<partition>-sdk:", "aws-sdk:").replace(
        "amazon<partition>.com", "amazonaws.com"
    )  # the partition is no part of these
    return _numbered(json.loads(ISO.sub("date", text).replace("arn:aws:", "arn:<partition>:")), {})


def _numbered(value: Any, seen: dict[str, str], key: str = "") -> Any:
    """Uuids in members whose name ends in "id", numbered by first appearance."""
    match value:
        case dict():
            return {k: _numbered(v, seen, k) for k, v in sorted(value.items())}
        case list():
            return [_numbered(v, seen) for v in value]
        case str() if key.lower().endswith("id") and UUID.match(value):
            return seen.setdefault(value, f"<uuid:{len(seen) + 1}>")
        case _:
            return value


def one_level(value: Any) -> Any:
    """Texts that are JSON objects, parsed."""
    if isinstance(value, dict):
        return {k: one_level(v) for k, v in value.items()}
    if isinstance(value, list):
        return [one_level(v) if isinstance(v, dict | list) else v for v in value]
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def times(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: times(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [times(v) for v in value]
    if isinstance(value, dt.datetime):
        return "timestamp" if "timestamp" in key.lower() else "datetime"
    return value


def without_order(events: list[dict[str, Any]]) -> None:
    """What the recordings did to events of Parallel states, artefacts included: order dropped, and (the list changes under the
    loop) ParallelStateSucceeded and parts of nested Parallels lost.
    """
    start, part, inside = 0, [], False
    for index, event in enumerate(events):
        kind = event.get("type")
        if kind in {"ParallelStateSucceeded", "ParallelStateAborted", "ParallelStateExited", "ParallelStateFailed"}:
            events[start:index] = sorted(part, key=_sorted_text)
            inside = False
        elif kind == "ParallelStateStarted":
            inside, part, start = True, [], index + 1
        elif inside:
            event["id"], event["previousEventId"] = [0], 0
            part.append(event)


def _sorted_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def sorted_runs(value: Any) -> Any:
    """Runs of events without order, sorted alike on both sides."""
    if isinstance(value, dict) and isinstance(value.get("events"), list):
        events: list[Any] = []
        run: list[Any] = []
        for event in [*value["events"], {}]:
            if event.get("id") == [0]:
                run.append(event)
            else:
                events += [*sorted(run, key=_sorted_text), event]
                run = []
        value["events"] = events[:-1]
    return value


def dropped(value: Any, paths: list[str]) -> Any:
    for path in paths:
        if path == "*":
            return None
        _remove(value, re.findall(r"\.\.|[^.\[\]]+|\[\d+\]", path.removeprefix("$")))
    return value


def _remove(value: Any, parts: list[str]) -> None:
    if not parts:
        return
    head, rest = parts[0], parts[1:]
    if head == "..":
        if isinstance(value, dict | list):
            _remove(value, rest)
            for inner in list(value.values() if isinstance(value, dict) else value):
                _remove(inner, parts)
    elif head.startswith("["):
        index = int(head[1:-1])
        if isinstance(value, list) and index < len(value):
            if rest:
                _remove(value[index], rest)
            else:
                value[index] = "ignored"
    elif isinstance(value, dict) and (head in value or head == "*"):
        for key in list(value) if head == "*" else [head]:
            if rest:
                _remove(value[key], rest)
            else:
                value.pop(key)
    elif isinstance(value, list) and head == "*":
        for inner in value:
            _remove(inner, rest)


# Comparing


def compare(key: str, recorded: Any, got: Any, ignore: list[str]) -> list[str]:
    recorded, got = sorted_runs(dropped(copy.deepcopy(recorded), ignore)), sorted_runs(dropped(got, ignore))
    found = difference(recorded, got, {})
    return [f"{key}: {found}"] if found else []


def difference(a: Any, b: Any, bound: dict[str, str], path: str = "$") -> str | None:
    """The first place where an answer `b` is not what was recorded, `a`."""
    if isinstance(a, str):
        return None if text_equal(a, b, bound) else f"{path}: {a[:200]!r} -> {str(b)[:200]!r}"
    if type(a) is not type(b) and not (isinstance(a, int | float) and isinstance(b, int | float)):
        return f"{path}: {str(a)[:200]!r} -> {str(b)[:200]!r}"
    if isinstance(a, dict):
        for key in sorted(set(a) | set(b)):
            if key not in a or key not in b:
                return f"{path}.{key}: {'unexpected' if key not in a else 'missing'} {str(a.get(key, b.get(key)))[:200]!r}"
            found = difference(a[key], b[key], bound, f"{path}.{key}")
            if found:
                return found
        return None
    if isinstance(a, list):
        for index, (x, y) in enumerate(zip(a, b, strict=False)):
            found = difference(x, y, bound, f"{path}[{index}]")
            if found:
                return found
        return None if len(a) == len(b) else f"{path}: {len(a)} -> {len(b)} items"
    return None if a == b else f"{path}: {a!r} -> {b!r}"


def text_equal(a: str, b: Any, bound: dict[str, str]) -> bool:
    """Placeholders in the recorded text stand for any text, the same one everywhere."""
    if a == b or a in TIME_WORDS:
        return True
    if not isinstance(b, str) or not TOKEN.search(a):
        return False
    names, pattern, at = [], "", 0
    for token in TOKEN.finditer(a):
        pattern += re.escape(a[at : token.start()]) + "(.+?)"
        names.append(token[0])
        at = token.end()
    found = re.fullmatch(pattern + re.escape(a[at:]), b, re.DOTALL)
    return bool(found) and all(bound.setdefault(name, value) == value for name, value in zip(names, found.groups(), strict=True))
