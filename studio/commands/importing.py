"""`studio import`: a workflow or a run from elsewhere becomes files of a workspace.

    an ARN or an address of AWS's console    the state machine's definition and settings; of an execution the run too
    a definition (JSON, YAML)                copied as it is
    a CloudFormation or SAM template         each state machine in it, its `DefinitionUri` followed
    Terraform, CDK source                    each state machine whose definition is text, in it or in a file that it names
    an exported run                          its definition, its input, its tasks' answers as mocks, and the run itself

Nothing that exists is overwritten.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio.commands.files import located, name_of, read_text
from studio.commands.where import Where, aws_options, service, store_of
from studio.errors import ServiceError, StudioError, TextError, WorkspaceError
from studio.exec.arns import arn_in

if TYPE_CHECKING:
    from studio.exec.incoming import Piece

MAX_RUN = 512 * 1024 * 1024
"""Bytes of an exported run that are read."""


@click.command("import", epilog="Example: studio import template.yaml workflows")
@click.argument("source", metavar="ARN|URL|FILE")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@aws_options
def command(source: str, folder: Path, profile: str | None, region: str | None, endpoint_url: str | None) -> None:
    """Write the workflows that SOURCE has into the folder DIR; print what was written as JSON."""
    arn = None if Path(source).is_file() else arn_in(source)
    if arn is not None:
        pieces = [asyncio.run(_fetched(Where(Path(), "aws", profile, region, endpoint_url), arn))]
    elif re.match(r"https?://", source):
        raise StudioError("This address names no state machine and no execution.", "Open one in the console, copy the address from there.")
    else:
        pieces = _read(source)
    written = _write(pieces, folder, source)
    sys.stdout.write(json.dumps(written, indent=2, ensure_ascii=False) + "\n")


# -- from AWS ------------------------------------------------------------------------------------------------------------


async def _fetched(where: Where, arn: str) -> Piece:
    from studio.asl import embedded_settings
    from studio.exec.exported import export
    from studio.exec.incoming import Piece, of_run, pretty

    kind = arn.split(":")[5]
    if kind == "mapRun":
        raise StudioError("This is a Map Run.", "Import the execution it belongs to.")
    async with service(where, arn) as found:
        try:
            if kind != "stateMachine":
                return of_run(await export(found, arn))
            described = await found.describe_state_machine(stateMachineArn=arn)
        except ServiceError as error:
            raise StudioError(f"{arn}: {error}", "Check --profile, --region and --endpoint-url." if error.status >= 500 else "") from error
        tags = await _tags(found, arn)
    piece = Piece(described["name"], pretty(described["definition"]))
    if config := embedded_settings.of_described(described, tags):
        piece.beside["studio"] = {"config": config}
    return piece


async def _tags(found: Any, arn: str) -> dict[str, str]:
    """The tags of a state machine; none, and a note, where they may not be read."""
    base = ":".join(arn.split(":")[:7])  # a version or an alias has none of its own
    try:
        listed = await found.list_tags_for_resource(resourceArn=base)
    except ServiceError as error:
        click.echo(f"note: the tags were not read: {error}", err=True)
        return {}
    return {tag["key"]: tag.get("value", "") for tag in listed["tags"]}


# -- from a file ---------------------------------------------------------------------------------------------------------


def _read(source: str) -> list[Piece]:
    from studio.asl.embedded import is_template
    from studio.asl.text import format_of, parse
    from studio.exec import incoming, incoming_code
    from studio.store.beside import reader, root_of

    path = Path(source)
    if path.suffix.lower() == ".json" and (run := _exported(path)) is not None:
        return [incoming.of_run(run)]
    text = read_text(source, "workflow, template or exported run")
    if path.suffix.lower() in incoming_code.ENDINGS:
        return incoming.read(path.name, text, reader(root_of(path.parent), path.parent))
    try:
        parsed = parse(text, format_of(source))
    except TextError as error:
        raise located(source, error) from error
    if not is_template(parsed.root):
        return incoming.of_definition(source, name_of(source), parsed)
    pieces = [*incoming.of_template(source, parsed), *_referred(source, parsed.root)]
    if not pieces:
        raise StudioError(f"{source} has no state machine with its definition in it or beside it.")
    return pieces


def _exported(path: Path) -> dict[str, Any] | None:
    """The exported run in a file, which may be much larger than a definition; None where the file is something else."""
    from studio.exec.exported import check, is_exported

    try:
        with path.open("rb") as file:
            if b'"asl-studio/run/' not in file.read(200):
                return None
            file.seek(0)
            raw = file.read(MAX_RUN + 1)
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(raw) > MAX_RUN:
        raise WorkspaceError(f"{path} is larger than {MAX_RUN >> 20} MB.")
    try:
        run = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise StudioError(f"{path} is not JSON: {error}.", "Export the run anew.") from error
    if not is_exported(run):
        return None
    check(run)
    return run


def _referred(source: str, root: Any) -> list[Piece]:
    """State machines whose definition is a file of its own (SAM's `DefinitionUri`, `DefinitionS3Location` with a path)."""
    from studio.exec.incoming import of_referred, referred
    from studio.store.beside import reader, root_of

    beside = reader(root_of(Path(source).parent), Path(source).parent)
    pieces: list[Piece] = []
    for name, uri in referred(root):
        if not isinstance(uri, str) or uri.startswith("s3://"):
            click.echo(f"note: the definition of {name} is in S3: {json.dumps(uri)}. Download it and import the file.", err=True)
            continue
        pieces.append(of_referred(name, root, beside(uri), yaml=uri.endswith((".yaml", ".yml"))))
    return pieces


# -- to the workspace ----------------------------------------------------------------------------------------------------


def _write(pieces: list[Piece], folder: Path, source: str) -> list[dict[str, Any]]:
    """Writes all or nothing: names are checked before the first file is made."""
    files: dict[Path, str] = {}
    plans: list[tuple[Piece, Path, list[Path]]] = []
    for piece in pieces:
        main, stem = folder / piece.file, piece.stem
        beside = {
            folder / f"{stem}.{kind}.json": json.dumps(value, indent=2, ensure_ascii=False) + "\n" for kind, value in piece.beside.items()
        }
        same = main.exists() and piece.run is not None and _same(main, piece.text)
        plans.append((piece, main, [] if same else [main, *beside]))
        if not same:
            files |= {main: piece.text, **beside}
    taken = next((path for path in files if path.exists()), None)
    if taken is not None:
        raise WorkspaceError(f"{taken} exists already.", "Nothing was written: choose another folder, or move the file away.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, "utf-8", newline="")
    except OSError as error:
        raise WorkspaceError(f"{folder} cannot be written: {error.strerror or error}.") from error
    return [_told(piece, main, made, folder, source) for piece, main, made in plans]


def _same(path: Path, text: str) -> bool:
    """Whether a workflow that is here already is the one that is to come (further runs of it may join it)."""
    try:
        return bool(json.loads(path.read_text("utf-8")) == json.loads(text))
    except (OSError, ValueError):
        return False


def _told(piece: Piece, main: Path, made: list[Path], folder: Path, source: str) -> dict[str, Any]:
    told: dict[str, Any] = {"name": piece.name, "file": str(main), "written": [str(path) for path in made]}
    for path in made:
        click.echo(f"wrote {path}", err=True)
    if piece.run is not None:
        arn = piece.run["execution"]["executionArn"]
        fresh = _kept(piece.run, main, folder, source)
        told["execution"] = arn
        click.echo(f"{'the run is in the list of runs' if fresh else 'the run was here already'}: {arn}", err=True)
    for note in piece.notes:
        click.echo(f"note: {main.name}: {note}", err=True)
    return told


def _kept(run: dict[str, Any], main: Path, folder: Path, source: str) -> bool:
    from studio.exec.exported import keep
    from studio.store.eventlog import EventLog

    path = store_of(folder) or folder.resolve() / ".studio" / "executions.sqlite"
    log = EventLog(path, check=False)
    try:
        return keep(log, run, workflow=main.resolve().relative_to(path.parent.parent).as_posix(), source=source)
    finally:
        log.close()
