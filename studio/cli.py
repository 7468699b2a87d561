"""The command `studio`: a group whose commands are imported when they are called, so that each starts quickly.

JSON goes to stdout, everything for people to stderr. Exit codes: 0 well, 1 the thing asked about is not well (an invalid definition,
a failed execution), 2 the command could not be carried out (a file that cannot be read, an option that makes no sense).
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

_COMMANDS: dict[str, str] = {
    "serve": "Open the studio on a folder or a workflow (what `studio PATH` does).",
    "validate": "Check workflows and say what is wrong where.",
    "run": "Run a workflow on this machine.",
    "test-state": "Test one state alone, as AWS's TestState does.",
    "export": "Write a workflow in another form.",
    "deploy": "Create or update a workflow on AWS: role, log group, version, alias.",
    "schema": "Print the JSON Schema of the States Language.",
    "templates": "List the templates, or begin a workflow from one.",
    "executions": "List executions, show one, print its history.",
    "import": "Bring a workflow or a run here: from AWS, a template, a file.",
}
_MODULES = {"import": "importing"}
"""Commands whose name no module can have."""


class Studio(click.Group):
    """Looks commands up by name and imports their module; anything that is not a command is a path to serve."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        return importlib.import_module(f"studio.commands.{_MODULES.get(cmd_name, cmd_name.replace('-', '_'))}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in _COMMANDS and args[0] not in {"--help", "--version"}):
            args = ["serve", *args]
        return super().parse_args(ctx, args)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        from studio.errors import StudioError

        try:
            return super().main(*args, **kwargs)
        except StudioError as error:
            click.echo(f"studio: {error}", err=True)
            sys.exit(2)


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"studio {version('asl-studio')}")
        ctx.exit()


@click.group(
    cls=Studio,
    context_settings={"help_option_names": ["--help"], "max_content_width": 110},
    epilog="Example: studio .          opens the workflows of this folder at http://127.0.0.1:8080",
)
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Show the version and exit.")
def studio() -> None:
    """ASL Studio: design, check, run and inspect AWS Step Functions workflows on your own machine.

    `studio [PATH]` opens the studio on a folder or one workflow file.
    """
