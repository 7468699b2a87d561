"""`studio schema`: the JSON Schema of the States Language."""

from __future__ import annotations

import json

import click


@click.command("schema", epilog="Example: studio schema > asl.schema.json")
def command() -> None:
    """Print the JSON Schema of the Amazon States Language, for editors and other tools."""
    from studio.asl.schema import schema

    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
