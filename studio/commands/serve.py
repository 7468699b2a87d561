"""`studio serve`, and `studio PATH`."""

from __future__ import annotations

from pathlib import Path

import click

from studio.commands.options import http_option


@click.command(
    "serve",
    epilog="Example: studio serve workflows --port 9000 --no-browser",
)
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--host", default=None, help="Address to listen on; anything but this machine's own needs --token.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port to listen on.  [default: 8080]")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--token", default=None, help="Secret that callers must know; needed with --host other than loopback.")
@click.option("--profile", default=None, help="AWS profile for executions on AWS.")
@click.option("--region", default=None, help="AWS Region for executions on AWS.")
@click.option("--endpoint-url", default=None, help="Where AWS is, if not at AWS (a Step Functions endpoint).")
@http_option
def command(
    path: Path,
    host: str | None,
    port: int | None,
    no_browser: bool,
    token: str | None,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
    hosts: tuple[str, ...],
) -> None:
    """Open the studio on PATH: a folder of workflows (default: this one) or one .asl.json or .asl.yaml file."""
    from studio.app import run
    from studio.commands.files import allow_http

    options = {"host": host, "port": port, "token": token, "profile": profile, "region": region, "endpoint_url": endpoint_url}
    given = {name: value for name, value in options.items() if value is not None}
    if hosts:
        allow_http(hosts)
    if no_browser:
        given["browser"] = False
    run(path, **given)
