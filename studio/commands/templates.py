"""`studio templates`: list them, begin from one."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from studio.errors import StudioError, WorkspaceError


@click.group("templates", invoke_without_command=True, epilog="Example: studio templates new rfp-inline-map my-workflow")
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the templates, or begin a workflow from one."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@command.command("list", epilog="Example: studio templates list")
def list_() -> None:
    """List the templates, group by group: id and title."""
    from studio.gallery import templates

    found = templates()
    width = max((len(t.id) for t in found), default=0)
    group = ""
    for template in found:
        if template.group != group:
            group = template.group
            click.echo(f"\n{group}", err=True)
        click.echo(f"{template.id:<{width}}  {template.title} ({template.type.lower()}, {template.language})")
        click.echo(f"{'':<{width}}    {template.summary}", err=True)


@command.command("new", epilog="Example: studio templates new rfp-inline-map my-workflow")
@click.argument("name")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def new(name: str, folder: Path) -> None:
    """Copy the template NAME into the folder DIR, which must not exist or be empty."""
    from studio.gallery import templates

    found = {t.id: t for t in templates()}
    if name not in found:
        import difflib

        close = difflib.get_close_matches(name, found, 1)
        raise StudioError(f"There is no template {name!r}.", f"Did you mean {close[0]!r}?" if close else "See: studio templates list")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceError(f"{folder} exists and is not an empty folder.", "Choose another one; nothing was written.")
    try:
        shutil.copytree(found[name].folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".studio", "__pycache__"))
    except OSError as error:
        raise WorkspaceError(f"{folder} cannot be written: {error.strerror}.") from error
    click.echo(f"{folder}/workflow.asl.json", err=True)
    click.echo(f"Open it with: studio {folder}", err=True)
