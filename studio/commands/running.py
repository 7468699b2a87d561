"""Running a workflow from its start to its end on this machine: what `studio run` does with options that are read already.

Nothing here, nor in what a run without effects imports, imports click or pathlib: a cold start counts in milliseconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from os import path
from typing import Any

from studio.commands.files import allow_http, beside, given_text, input_of, json_of, located, read_text, side_file, stem_of
from studio.errors import ServiceError, StudioError, TextError

MOST_BYTES = 1_000_000_000
"""What the user's own log may hold: runs of files that belong to no workspace."""


def run(
    file: str,
    given: str | None = None,
    mocks: str | None = None,
    case: str | None = None,
    target: str = "mocks",
    kind: str | None = None,
    skip_waits: bool = False,
    history: str | None = None,
    hosts: tuple[str, ...] = (),
    name: str | None = None,
    quotas: str = "aws",
) -> None:
    """Run a workflow and print its output as one line of JSON. The options are those of `studio run` (its help describes each).

    Errors: StudioError where the command cannot be carried out; SystemExit 1 where the execution failed, 2 where the definition is
    invalid.
    """
    from studio.exec.machine import MachineError, compile_machine

    allow_http(hosts)
    if file == "-" and given == "-":
        raise StudioError("The workflow and the input cannot both come from standard input.", "Give one of them as a file.")
    if name is not None:
        _check_name(name)
    source = read_text(file, "workflow")
    definition = _filled(file, source, _definition(file, source))
    chosen = _mocks(file, mocks, case)
    value, text = _input(file, given, chosen.case if chosen is not None else None)
    try:
        machine = compile_machine(definition)
    except MachineError as error:
        _explain(file, source, error)
        sys.exit(2)
    from studio.exec.driver import run_once

    events: list[Any] = []
    sandbox, world = _world(file, target, chosen)
    log_path = _log_path(file)
    outcome = run_once(
        definition,
        value,
        text=text,
        mocks=chosen,
        type=kind or _type_of(file),
        skip_waits=skip_waits,
        quotas=quotas,
        name=name,
        log_path=log_path,
        machine=_title(file),
        functions=path.join(path.dirname(file), "functions"),
        performers=world,
        sandbox=sandbox if target == "sandbox" else None,
        compiled=machine,
        progress=_progress(events, keep=history is not None),
    )
    if sandbox is not None:
        sandbox.close()
    if outcome.notice:
        sys.stderr.write(f"note: {outcome.notice}\n")
    _trim(log_path)
    if history is not None:
        _write_history(history, events)
    if outcome.status == "SUCCEEDED":
        from studio.asl.values import to_aws_text

        sys.stdout.write(to_aws_text(outcome.output) + "\n")
        return
    error = {"TIMED_OUT": "States.Timeout"}.get(outcome.status, outcome.error or "")
    sys.stderr.write(json.dumps({"error": outcome.error or error, "cause": outcome.cause or ""}, ensure_ascii=False) + "\n")
    sys.exit(1)


def _type_of(file: str) -> str:
    """The type that the side file names, else Standard."""
    if beside(file, "studio") is None:
        return "STANDARD"
    return "EXPRESS" if side_file(file).config.get("type") == "EXPRESS" else "STANDARD"


def _world(file: str, target: str, mocks: Any) -> tuple[Any, Any]:
    """The sandbox and the performers of a run whose target is not the mocks alone."""
    if target == "mocks":
        return None, None
    from pathlib import Path

    from studio.exec.performers import Performers
    from studio.exec.performers.sandbox import Sandbox

    folder = Path(file).absolute().parent
    sandbox = Sandbox()

    def address() -> str:
        sandbox.seed(folder)
        return sandbox.endpoint()

    aws = address if target == "sandbox" else None
    return sandbox, Performers(mocks=mocks, functions=folder / "functions", aws=aws, real=target == "aws")


def _log_path(file: str) -> str | None:
    """Where the run is kept: with the runs of the workspace the file is in, else in the user's own state folder; None (memory only)
    where neither can be written.
    """
    state = os.environ.get("XDG_STATE_HOME") or path.join(path.expanduser("~"), ".local", "state")
    for folder in (_workspace(file), path.join(state, "asl-studio")):
        if folder is None:
            continue
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return path.join(folder, "executions.sqlite")
    return None


def _workspace(file: str) -> str | None:
    """The `.studio` of the nearest folder above the file that has one."""
    here = path.abspath(file)
    while (above := path.dirname(here)) != here:
        here = above
        if path.isdir(found := path.join(here, ".studio")):
            return found
    return None


def _trim(log_path: str | None) -> None:
    """Forget the oldest runs once the user's own log has grown too large. Those of a workspace are its studio's to forget."""
    if (
        log_path is None
        or path.basename(path.dirname(log_path)) == ".studio"
        or not path.exists(log_path)
        or path.getsize(log_path) <= MOST_BYTES
    ):
        return
    import sqlite3

    from studio.store.eventlog import EventLog

    with contextlib.suppress(sqlite3.Error, StudioError):  # another run holds it: the next one trims, and this one's result is told
        log = EventLog(log_path, check=False)
        try:
            log.prune(None, MOST_BYTES * 4 // 5)
        finally:
            log.close()


def _check_name(name: str) -> None:
    from studio.exec.requests import check_name

    try:
        check_name(name)
    except ServiceError as error:
        raise StudioError(
            f"{error.message}.", "A name has 1 to 80 characters, no blanks and none of " + r'? * < > { } [ ] " # % \ ^ | ~ ` $ & , ; : /'
        ) from error


def _definition(file: str, source: str) -> Any:
    if file.endswith((".yaml", ".yml")):
        from studio.asl.text import parse

        try:
            return parse(source, "yaml").root
        except TextError as error:
            raise located(file, error) from error
    import orjson

    try:
        return orjson.loads(source)
    except orjson.JSONDecodeError:  # comments, placeholders, or a real mistake: the tolerant reader knows
        from studio.asl.text import parse

        try:
            return parse(source, "json").root
        except TextError as error:
            raise located(file, error) from error


def _filled(file: str, source: str, definition: Any) -> Any:
    """The definition with its placeholders' values; says which have none."""
    if "${" not in source:
        return definition
    from studio.asl.sidefile import filled, placeholders
    from studio.asl.tree import to_text

    values = side_file(file).placeholders
    for name, places in placeholders(definition).items():
        if name not in values:
            sys.stderr.write(
                f"note: ${{{name}}} at {to_text(places[0])} has no value and stays as it is; "
                f"give it one in {stem_of(path.basename(file))}.studio.json: {json.dumps({'placeholders': {name: '…'}}, ensure_ascii=False)}\n"
            )
    return filled(definition, values)


def _input(file: str, given: str | None, case: str | None) -> tuple[Any, str]:
    if given is not None:
        text, where = given_text(given, "--input")
    else:
        side = input_of(file, case)
        if side is None:
            return {}, "{}"
        text, where = read_text(str(side)), side.name
        sys.stderr.write(f"input: {side.name}\n")
    return json_of(text, where), text.strip()


def _mocks(file: str, given: str | None, case: str | None) -> Any:
    chosen = given
    if chosen is None:
        side = beside(file, "mocks")
        if side is None:
            if case is not None:
                raise StudioError("--case names a test case of the mocks, and there are none.", "Give them with --mocks.")
            return None
        chosen = str(side)
        sys.stderr.write(f"mocks: {side.name}\n")
    from studio.exec.performers.mock import Mocks

    config = json_of(read_text(chosen, "mocks file"), chosen)
    return Mocks.load(config, machine=_title(file), case=case)


def _title(file: str) -> str:
    folder, here = path.split(path.abspath(file))
    name = here.split(".asl.")[0].removesuffix(".json").removesuffix(".yaml").removesuffix(".yml")
    return path.basename(folder) if name == "workflow" else name


def _explain(file: str, source: str, error: Any) -> None:
    """An invalid definition: the linter says it with line and column; where it knows nothing, the engine's own words."""
    from studio.commands.validate import check, render_text

    found = [d for d in check(file, source)[1] if d["severity"] == "error"]
    if found:
        sys.stderr.write(render_text(found, source) + "\n")
    else:
        sys.stderr.write(f"{file}: {error}\n")


def _progress(events: list[Any], *, keep: bool) -> Any:
    """Collects the history where it is wanted, and shows states to a person who watches."""
    watching = sys.stderr.isatty()
    if not keep and not watching:
        return None

    def tell(batch: list[Any]) -> None:
        if keep:
            events.extend(e for e in batch if not e[0].startswith("_"))
        if watching:
            for kind, _, _, _, details in batch:
                if kind.endswith("StateEntered"):
                    sys.stderr.write(f"  {details['name']}\n")

    return tell


def _write_history(target: str, events: list[Any]) -> None:
    from studio.exec.events import Texts, to_aws

    if not events:
        return
    texts = Texts.of(events[0])
    try:
        with open(target, "w", encoding="utf-8") as file:
            for number, event in enumerate(events, 1):
                shown = to_aws(number, event, texts)
                shown["timestamp"] = shown["timestamp"].isoformat(timespec="milliseconds")
                file.write(json.dumps(shown, ensure_ascii=False) + "\n")
    except OSError as error:
        raise StudioError(f"The history cannot be written to {target}: {error.strerror}.") from error
