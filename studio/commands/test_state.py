"""`studio test-state`: one state alone, every stage shown, as AWS's TestState answers."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click

from studio.commands.files import allow_http, beside, given_text, json_of, located, read_text, side_file
from studio.commands.options import http_option
from studio.errors import ServiceError, StudioError, TextError

ROLE = "arn:aws:iam::123456789012:role/StepFunctionsLocal"


@click.command(
    "test-state",
    epilog='Example: studio test-state order.asl.json --state Pay --input \'{"id": 7}\' --inspection-level DEBUG --mock \'{"result": {"ok": true}}\'',
)
@click.argument("file")
@click.option("--state", required=True, help="The state to test, wherever it stands in the definition.")
@click.option(
    "--input",
    "given",
    default=None,
    help="The state's input: a file, JSON text, or - for standard input.  [default: NAME.input.json, else {}]",
)
@click.option("--inspection-level", type=click.Choice(["INFO", "DEBUG", "TRACE"]), default="INFO", help="How much is shown.")
@click.option("--reveal-secrets", is_flag=True, help="With TRACE: show what an HTTP Task's connection adds to the request.")
@click.option(
    "--mock", default=None, help='A file or JSON text: {"result": …} or {"errorOutput": {"error", "cause"}}, "fieldValidationMode".'
)
@click.option("--variables", default=None, help="Workflow variables: a file or JSON text, an object.")
@click.option("--context", default=None, help="The context object: a file or JSON text; only with a mock.")
@http_option
@click.option("--retries", type=click.IntRange(0), default=None, help="Retries that were made already.")
def command(
    file: str,
    state: str,
    given: str | None,
    inspection_level: str,
    reveal_secrets: bool,
    mock: str | None,
    variables: str | None,
    context: str | None,
    hosts: tuple[str, ...],
    retries: int | None,
) -> None:
    """Test one state of FILE and print exactly the response of TestState as JSON.

    Exit 0: the test was made (its status may be FAILED); 2: it could not be (an unknown state, an invalid mock).
    """
    if [file, given, mock, variables, context].count("-") > 1:
        raise StudioError("Only one thing can come from standard input.", "Give the others as files.")
    allow_http(hosts)
    request: dict[str, Any] = {
        "definition": _definition(file),
        "stateName": state,
        "inspectionLevel": inspection_level,
        "roleArn": ROLE,
        "input": _input(file, given),
    }
    if reveal_secrets:
        request["revealSecrets"] = True
    if mock is not None:
        request["mock"] = _mock(_json_text(mock, "--mock"))
    for name, value in (("variables", variables), ("context", context)):
        if value is not None:
            request[name] = _json_text(value, f"--{name}")
    if retries is not None:
        request["stateConfiguration"] = {"retrierRetryCount": retries}
    functions = Path(file).absolute().parent / "functions"
    if functions.is_dir():
        request["functions"] = str(functions)
    try:
        answer = asyncio.run(_test(request))
    except ServiceError as error:
        raise StudioError(f"{error.code}: {error.message}") from error
    sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")


async def _test(request: dict[str, Any]) -> dict[str, Any]:
    from studio.exec.local import LocalStepFunctions

    service = LocalStepFunctions(None)
    await service.start(resume=False)
    try:
        return await service.test_state(**request)
    finally:
        await service.aclose()


def _definition(file: str) -> str:
    """The definition as JSON text, its placeholders filled in."""
    from studio.asl.sidefile import filled
    from studio.asl.text import dump, format_of, parse

    text = read_text(file, "workflow")
    try:
        root = parse(text, format_of(file)).root
    except TextError as error:
        raise located(file, error) from error
    return dump(filled(root, side_file(file).placeholders))


def _input(file: str, given: str | None) -> str:
    if given is not None:
        return _json_text(given, "--input")
    side = beside(file, "input")
    return read_text(str(side)) if side is not None else "{}"


def _json_text(given: str, option: str) -> str:
    """JSON text, or the content of the file that is named."""
    text, where = given_text(given, option)
    json_of(text, where)
    return text


def _mock(text: str) -> dict[str, Any]:
    """A mock as the API takes it: `result` may be written as JSON itself."""
    held: Any = json.loads(text)
    if not isinstance(held, dict) or not set(held) & {"result", "errorOutput"}:
        raise StudioError('--mock holds neither "result" nor "errorOutput".', 'For example {"result": {"ok": true}}.')
    result = held.get("result")
    return (
        held
        if "result" not in held or isinstance(result, str)
        else {**held, "result": json.dumps(result, ensure_ascii=False, separators=(",", ":"))}
    )
