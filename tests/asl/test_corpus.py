"""Real definitions are accepted, invalid ones refused: the verdict over the whole corpus, contested labels listed with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.asl.lint import aws_refusal, aws_validate, lint
from studio.asl.text import format_of, parse
from studio.errors import TextError

CORPUS = Path(__file__).parents[1] / "corpus"
CASES = Path(__file__).parents[1] / "conformance" / "cases"

# Labelled valid, and refused by us: why AWS would refuse them too.
CONTESTED_VALID = {
    "asl-validator--valid-map-with-item-batcher-jsonata--2fa0b3b1": "a JSONPath state in a JSONata machine: AWS's recorded answer is a refusal",
    "asl-validator--valid-task-credentials--d1820a17": "Credentials without RoleArn: AWS's recorded answer is a refusal",
    "statelint--task-with-credentials--b5b64b20": "Credentials without RoleArn: AWS's recorded answer is a refusal",
    "floe--everything--33305cfa": "Credentials without RoleArn; docker:// resources of another engine",
    "floe--set-credential--645d3df6": "Credentials without RoleArn; docker:// resources of another engine",
    "localstack--context-object-output-path--46a17217": "a template with %PLACEHOLDER% that its test fills in first",
    "localstack--context-object-result-selector--5d91e502": "a template with %PLACEHOLDER% that its test fills in first",
    "localstack--template--044e9c27": "a template with %PLACEHOLDER% that its test fills in first",
    "localstack--task-lambda-invoke-catch-tbd--4a5f7367": "ErrorEquals is empty until its test fills it in",
    "localstack--task-service-lambda-invoke-catch-tbd--fc9ea57c": "ErrorEquals is empty until its test fills it in",
    "localstack--task-retry-reference-exception--e2f5f641": "a path as IntervalSeconds: its own test expects an exception",
    "statelint--has-dupes--279a5b02": "the same name twice: names are unique in the whole definition",
    "statelint--no-terminal--e808ca48": "no terminal state: statelint's own test expects the complaint",
    "step--bad-unknown-state--012c86c7": "StartAt does not exist: its own test expects a refusal",
    "step--basic-choice--b6bdebef": "Next leads to a state that does not exist",
    "step--step-deployer--4bcddf13": "a fragment: Next leads to a state that does not exist",
    "step--taskfn--72a11e4e": "another tool's Type TaskFn",
    "step-functions-agent--supervisor-agent-flow-template--c8f110ab": "a template whose rules are generated: a rule without Condition and Next",
    "step-functions-agent--web-search-agent--1086ba30": "States.Default is no intrinsic function",
}
# Labelled invalid, and accepted by us.
CONTESTED_INVALID = {
    "asl-validator--invalid-json-surround-syntax-extra-space--29ab421f": "blanks inside {% … %} are JSONata's own and AWS evaluates them",
}


def index(folder: str) -> list[dict[str, Any]]:
    return json.loads((CORPUS / folder / "index.json").read_text())


def contested(identity: str, known: dict[str, str]) -> bool:
    return any(identity.startswith(key.rsplit("--", 1)[0]) for key in known)


def errors(record: dict[str, Any], folder: str) -> list[str] | None:
    path = CORPUS / folder / record["file"]
    try:
        parsed = parse(path.read_text("utf-8"), format_of(path))
    except TextError:
        return None
    kind = "EXPRESS" if "express" in record["id"] else "STANDARD"
    return [f"{d.rule} {d.location} {d.message}" for d in lint(parsed.root, parsed=parsed, kind=kind) if d.severity == "error"]


@pytest.mark.parametrize("chunk", range(8))
def test_real_definitions_are_accepted(chunk: int) -> None:
    refused = {r["id"]: errors(r, "valid") for r in index("valid")[chunk::8] if not contested(r["id"], CONTESTED_VALID)}
    assert {i: e for i, e in refused.items() if e != []} == {}


def test_invalid_definitions_are_refused() -> None:
    accepted = [r["id"] for r in index("invalid") if errors(r, "invalid") == []]
    assert [i for i in accepted if not contested(i, CONTESTED_INVALID)] == []


@pytest.mark.parametrize("record", [r for r in index("invalid") if r["evidence"] == "aws-recorded"], ids=lambda r: r["id"])
def test_what_aws_recorded_is_what_we_say(record: dict[str, Any]) -> None:
    text = (CORPUS / "invalid" / record["file"]).read_text("utf-8")
    recorded = next(v for v in record.values() if isinstance(v, dict) and "message" in v)
    answer = aws_validate(text, "EXPRESS" if "express" in record["id"] else "STANDARD")
    first = answer["diagnostics"][0]
    assert answer["result"] == "FAIL"
    assert (first["code"], first["message"].split("\n")[0], first.get("location")) == (
        recorded["code"],
        recorded["message"],
        recorded["location"],
    )


def recorded_checks() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*.json")):
        case = json.loads(path.read_text())
        if case["kind"] in {"validate", "refusal"}:
            found.extend(pytest.param(step, case, id=path.stem) for step in case["steps"] if step["key"])
    return found


@pytest.mark.parametrize(("step", "case"), recorded_checks())
def test_recorded_answers(step: dict[str, Any], case: dict[str, Any]) -> None:
    params = step["params"]
    text = params.get("definition_text") or json.dumps(params["definition"]).replace("<partition>", "aws").replace("<region>", "us-east-1")
    wanted = case["expected"][step["key"]]
    if step["op"] == "ValidateStateMachineDefinition":
        assert aws_validate(text, params.get("type", "STANDARD")) == {k: v for k, v in wanted.items() if k != "ResponseMetadata"}
    elif step["error"] == "InvalidDefinition":
        said = aws_refusal(text, params.get("type", "STANDARD"))
        recorded = wanted.get("message") or wanted["exception_value"].split("operation: ", 1)[1]
        assert said == recorded
    else:
        assert aws_refusal(text, params.get("type", "STANDARD")) is None
