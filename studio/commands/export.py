"""`studio export`: a workflow in another form."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal

import click

from studio.commands.files import definition_of, name_of, side_file
from studio.errors import StudioError

FORMS = (
    "json", "yaml", "cloudformation", "sam", "cdk-python", "cdk-typescript", "terraform",
    "svg", "png", "pdf", "mermaid", "dot", "markdown", "iam", "jsonata",
)  # fmt: skip
"""The forms of `studio.export.FORMS`, named here so that `--help` imports nothing; and `jsonata`."""


@click.command("export", epilog="Example: studio export order.asl.json --to svg -o order.svg")
@click.argument("file")
@click.option("--to", "form", type=click.Choice(FORMS), required=True, help="The form to write.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), default=None, help="Where to write; standard output without it.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(["STANDARD", "EXPRESS"]),
    default=None,
    help="The state machine's type in a template.  [default: NAME.studio.json's, else STANDARD]",
)
def command(file: str, form: str, output: str | None, kind: Literal["STANDARD", "EXPRESS"] | None) -> None:
    """Write FILE in another form: as a definition, a template that deploys it, a picture, a document, or converted to JSONata.

    Templates take name, type, role, logging, tracing, encryption and tags from NAME.studio.json where there is one. The conversion
    is proved on the sample input (NAME.input.json) and the mocks (NAME.mocks.json) where there are any.
    """
    parsed, root = definition_of(file)
    written: str | bytes
    if form == "jsonata":
        written = _jsonata(file, root)
    elif form == parsed.format:
        written = parsed.text
    else:
        from studio.export import FORMS as TABLE
        from studio.export.settings import configured

        config = {**side_file(file).config, **({"type": kind} if kind else {})}
        written = TABLE[form].write(configured(name_of(file), root, config))
    raw = written if isinstance(written, bytes) else written.encode("utf-8")
    if output is None:
        sys.stdout.buffer.write(raw)
        return
    try:
        Path(output).write_bytes(raw)
    except OSError as error:
        raise StudioError(f"{output} cannot be written: {error.strerror}.") from error


def _jsonata(file: str, root: dict[str, Any]) -> str:
    """The workflow in JSONata. What stays JSONPath, and what the proof shows, is told on stderr."""
    from studio.asl.convert import convert
    from studio.asl.text import dump
    from studio.asl.tree import to_text

    done = convert(root)
    for note in done.notes:
        click.echo(f"{to_text(note.pointer)}: {note.message}", err=True)
    if done.root == root:
        click.echo("Nothing was converted.", err=True)
    else:
        for line in _proof(file, root, done.root):
            click.echo(line, err=True)
    return dump(done.root)


def _proof(file: str, old: Any, new: Any) -> list[str]:
    """Both versions run on the sample input, every test case of the mocks: what differs."""
    import json

    from studio.commands.files import beside
    from studio.exec.performers.mock import Mocks
    from studio.exec.proof import MachineError, prove

    sample, side = beside(file, "input"), beside(file, "mocks")
    if sample is None:
        return [f"Not proved: there is no sample input. Write {name_of(file)}.input.json to have both versions run."]
    mocks = Mocks.load(json.loads(side.read_text("utf-8"))) if side else None
    try:
        proofs = prove(old, new, json.loads(sample.read_text("utf-8")), mocks)
    except MachineError as error:
        return [f"Not proved: {error}"]
    told: list[str] = []
    for proof in proofs:
        what = f"case {proof.case}" if proof.case else sample.name
        if proof.same:
            told.append(f"Proved on {what}: both versions give the same ({proof.old.partition(' ')[0]}).")
        else:
            told.append(f"DIFFERENT on {what}:\n  JSONPath: {proof.old}\n  JSONata:  {proof.new}")
    return told
