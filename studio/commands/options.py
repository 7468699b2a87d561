"""Options that several commands have."""

from __future__ import annotations

import click

http_option = click.option(
    "--allow-http",
    "hosts",
    multiple=True,
    metavar="HOST",
    help="A host that HTTP Tasks may call, e.g. api.example.com; may be given several times.",
)
