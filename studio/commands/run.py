"""`studio run`: a workflow from its start to its end, on this machine."""

from __future__ import annotations

from typing import Any

import click

from studio.commands.options import http_option
from studio.commands.running import run


@click.command("run", epilog="Example: studio run order.asl.json --input '{\"id\": 7}' --mocks order.mocks.json --skip-waits")
@click.argument("file")
@click.option(
    "--input",
    "given",
    default=None,
    help="The input: a file, JSON text, or - for standard input.  [default: NAME.input.CASE.json, NAME.input.json, else {}]",
)
@click.option("--mocks", default=None, help="Mocked task results, as in Step Functions Local's configuration.  [default: NAME.mocks.json]")
@click.option("--case", default=None, help="The test case of the mocks.  [default: Happy, else the first]")
@click.option(
    "--target",
    type=click.Choice(["mocks", "sandbox", "aws"]),
    default="mocks",
    help="What answers a task that is not mocked: nothing, AWS services on this machine, or AWS.",
)
@click.option(
    "--type",
    "kind",
    type=click.Choice(["STANDARD", "EXPRESS"]),
    default=None,
    help="The workflow's type.  [default: that of NAME.studio.json, else STANDARD]",
)
@click.option("--skip-waits", is_flag=True, help="Jump over waits and backoffs; timestamps stay correct.")
@click.option("--history", type=click.Path(dir_okay=False), default=None, help="Write the history there, one event per line.")
@http_option
@click.option("--name", default=None, help="The execution's name.")
@click.option(
    "--quotas", type=click.Choice(["aws", "none"]), default="aws", help="Keep AWS's limits (25,000 events, 256 KiB) or lift them."
)
def command(**options: Any) -> None:
    """Run FILE and print its output as one line of JSON.

    A failed execution prints {"error", "cause"} on stderr and exits with 1; an invalid definition, input or option with 2.
    """
    run(**options)
