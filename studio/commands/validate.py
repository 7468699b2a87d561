"""`studio validate`: what is wrong with a workflow, where, and what to do."""

from __future__ import annotations

import sys
from typing import Any

import click

from studio.commands.files import read_text, side_file
from studio.errors import TextError, WorkspaceError

_RANK = {"hint": 0, "warning": 1, "error": 2}


@click.command("validate", epilog="Example: studio validate workflows/*.asl.json --format sarif > findings.sarif")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--type",
    "kind",
    type=click.Choice(["STANDARD", "EXPRESS"]),
    default=None,
    help="The type of the state machine.  [default: that of NAME.studio.json, else STANDARD]",
)
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", help="How to print the findings.")
@click.option("--min-severity", type=click.Choice(["error", "warning"]), default="error", help="What makes the command exit with 1.")
def command(files: tuple[str, ...], kind: str | None, form: str, min_severity: str) -> None:
    """Check FILEs. Exit 0: nothing of that severity; 1: something; 2: a file cannot be read."""
    found: list[dict[str, Any]] = []
    unreadable = False
    texts: dict[str, str] = {}
    for file in files:
        try:
            texts[file], diagnostics = check(file, kind=kind)
        except WorkspaceError as error:
            unreadable = True
            click.echo(f"studio: {error}", err=True)
            continue
        found.extend(diagnostics)
    match form:
        case "json":
            import json

            click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        case "sarif":
            import json

            click.echo(json.dumps(sarif(found), indent=2, ensure_ascii=False))
        case _:
            for file, text in texts.items():
                here = [d for d in found if d["file"] == file]
                if here:
                    click.echo(render_text(here, text))
            click.echo(_summary(found, len(texts)), err=True)
    if unreadable:
        sys.exit(2)
    if any(_RANK[d["severity"]] >= _RANK[min_severity] for d in found):
        sys.exit(1)


def check(file: str, text: str | None = None, *, kind: str | None = None) -> tuple[str, list[dict[str, Any]]]:
    """A file's text and its findings as contracted: file, severity, code, message, location, pointer, line, column, hint.

    Findings that the side file (NAME.studio.json) silences are left out; without `kind` the type is the one it names, else Standard. `text` is the
    file's, where it was read already. A template (CloudFormation, SAM) is checked machine by machine. WorkspaceError where the file cannot be read.
    """
    from studio.asl import embedded
    from studio.asl.diagnostics import text_diagnostic
    from studio.asl.lint import lint
    from studio.asl.text import format_of, parse
    from studio.catalogue.parameters import catalogue

    if text is None:
        text = read_text(file, "workflow")
    try:
        parsed = parse(text, format_of(file))
    except TextError as error:
        return text, [_row(file, text_diagnostic(error), error.line, error.column)]
    if not embedded.is_template(parsed.root):
        side = side_file(file)
        kind = kind or ("EXPRESS" if side.config.get("type") == "EXPRESS" else "STANDARD")
        found = lint(parsed.root, parsed=parsed, kind=kind, catalogue=catalogue(), silenced=side.keys)
        return text, [_row(file, d, *parsed.position(_start(parsed, d.pointer))) for d in found]
    rows: list[dict[str, Any]] = []
    for machine in embedded.find(parsed.root):
        at = parsed.position(parsed.span(machine.pointer).start)
        taken = embedded.extract(parsed, machine)
        try:
            inner = parse(taken.text, taken.format)
        except TextError as error:
            rows.append(_row(file, text_diagnostic(error), at[0] + error.line - 1, error.column, machine.name))
            continue
        for d in lint(inner.root, parsed=inner, kind=machine.kind, catalogue=catalogue()):
            line, column = inner.position(_start(inner, d.pointer))
            block = machine.form == "object" or "\n" in taken.text.rstrip()
            rows.append(_row(file, d, at[0] + line - 1 if block else at[0], column if block else at[1], machine.name))
    return text, rows


def _start(parsed: Any, pointer: Any) -> int:
    key = parsed.key_span(pointer)
    return (key or parsed.span(pointer)).start


def _row(file: str, diagnostic: Any, line: int, column: int, machine: str = "") -> dict[str, Any]:
    from studio.asl.tree import to_text

    row = {
        "file": file,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "rule": diagnostic.rule,
        "message": diagnostic.message,
        "location": diagnostic.location,
        "pointer": to_text(diagnostic.pointer),
        "line": line,
        "column": column,
        "hint": diagnostic.hint,
    }
    return row | {"machine": machine} if machine else row


def render_text(found: list[dict[str, Any]], text: str) -> str:
    """Findings with an excerpt and a caret:

    error[MISSING_TRANSITION_TARGET]: …
      --> order.asl.json:12:15
       |
    12 |       "Next": "Nowhere"
       |       ^
       = help: …
    """
    lines = text.splitlines()
    blocks: list[str] = []
    for d in sorted(found, key=lambda d: (d["line"], d["column"])):
        number = str(d["line"])
        pad = " " * len(number)
        source = lines[d["line"] - 1] if 0 < d["line"] <= len(lines) else ""
        cut = max(0, d["column"] - 60)
        shown = source[cut : cut + 110].replace("\t", " ")
        code = d["code"] if d.get("rule") in {None, "", d["code"]} else f"{d['code']} {d['rule']}"
        block = [
            f"{d['severity']}[{code}]: {d['message']}",
            f"{pad}--> {d['file']}:{d['line']}:{d['column']}"
            + (f"  ({d['machine']}{d['location']})" if d.get("machine") else f"  {d['location']}" if d["location"] else ""),
            f"{pad} |",
            f"{number} | {shown}",
            f"{pad} | {' ' * (d['column'] - 1 - cut)}^",
        ]
        if d["hint"]:
            block.append(f"{pad} = help: {d['hint']}")
        blocks.append("\n".join(block))
    return "\n\n".join(blocks) + "\n"


def _summary(found: list[dict[str, Any]], files: int) -> str:
    counts = {name: sum(d["severity"] == name for d in found) for name in ("error", "warning", "hint")}
    parts = [f"{n} {name}{'s' if n != 1 else ''}" for name, n in counts.items() if n]
    return f"{files} file{'s' if files != 1 else ''} checked: {', '.join(parts) or 'nothing to complain about'}."


def sarif(found: list[dict[str, Any]]) -> dict[str, Any]:
    """SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): one run, one result per finding."""
    from importlib.metadata import version

    rules = sorted({d.get("rule") or d["code"] for d in found})
    levels = {"error": "error", "warning": "warning", "hint": "note"}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "asl-studio", "version": version("asl-studio"), "rules": [{"id": rule} for rule in rules]}},
                "results": [
                    {
                        "ruleId": d.get("rule") or d["code"],
                        "level": levels[d["severity"]],
                        "message": {"text": d["message"] + (f" {d['hint']}" if d["hint"] else "")},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": d["file"].replace("\\", "/")},
                                    "region": {"startLine": d["line"], "startColumn": d["column"]},
                                },
                                "logicalLocations": [{"fullyQualifiedName": d["pointer"]}],
                            }
                        ],
                    }
                    for d in found
                ],
            }
        ],
    }
