"""`studio export`: a workflow in another form."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from studio.commands.files import located, read_text
from studio.errors import StudioError, TextError

FORMS = ("json", "yaml", "svg", "dot", "iam")


@click.command("export", epilog="Example: studio export order.asl.json --to svg -o order.svg")
@click.argument("file")
@click.option("--to", "form", type=click.Choice(FORMS), required=True, help="The form to write.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), default=None, help="Where to write; standard output without it.")
def command(file: str, form: str, output: str | None) -> None:
    """Write FILE as a definition in JSON or YAML, a picture (svg, dot), or the IAM policy its role needs."""
    from studio.asl.text import dump, format_of, parse

    text = read_text(file, "workflow")
    try:
        parsed = parse(text, format_of(file))
    except TextError as error:
        raise located(file, error) from error
    if not isinstance(parsed.root, dict):
        raise StudioError(f"{file} holds no definition: a workflow is an object.")
    match form:
        case "json" | "yaml":
            written = text if parsed.format == form else dump(parsed.root, form)
        case "svg" | "dot":
            from studio.canvas import picture, scene

            drawn = scene.build(parsed.root)
            written = picture.svg(drawn, title=Path(file).name) if form == "svg" else picture.dot(drawn, title=Path(file).name)
        case _:
            import json

            from studio.catalogue.iam import policy

            written = json.dumps(policy(parsed.root), indent=2) + "\n"
    if output is None:
        sys.stdout.write(written)
        return
    try:
        Path(output).write_text(written, "utf-8", newline="")
    except OSError as error:
        raise StudioError(f"{output} cannot be written: {error.strerror}.") from error
