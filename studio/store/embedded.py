"""Workflows inside templates, as files of the workspace: `template.yaml#LogicalId`."""

from __future__ import annotations

from studio.asl.embedded import TYPES, Embedded, extract, find, implant
from studio.asl.text import Parsed, parse
from studio.errors import TextError, WorkspaceError
from studio.store.files import Loaded

ENDINGS = (".template.json", ".template.yaml", ".template.yml")
NAMES = frozenset({"template.json", "template.yaml", "template.yml", "sam.yaml", "sam.yml"})


def parts(path: str) -> tuple[str, str]:
    """The file and the logical id; empty where the path names a file alone. A `#` in a file's own name is part of it."""
    file, _, machine = path.rpartition("#")
    return (file, machine) if machine and file.lower().endswith((".json", ".yaml", ".yml")) and "/" not in machine else (path, "")


def machines(template: Loaded) -> list[str]:
    """The logical ids of the state machines in a template."""
    if not any(name in template.text for name in TYPES):
        return []
    try:
        return [one.name for one in find(parse(template.text, template.format).root)]
    except TextError:
        return []


def taken_out(template: Loaded, machine: str) -> Loaded:
    """The definition of one state machine; its `sha` is the template's. Errors: WorkspaceError."""
    parsed, one = _found(template, machine)
    try:
        taken = extract(parsed, one)
    except TextError as error:
        raise WorkspaceError(f"The definition of {machine} in {template.path} cannot be taken out: {error}.") from error
    return Loaded(f"{template.path}#{machine}", taken.text, taken.format, template.mtime, template.sha)


def put_back(template: Loaded, machine: str, text: str) -> str:
    """The template's text with the definition of one state machine replaced. Errors: WorkspaceError; then nothing is to be written."""
    parsed, one = _found(template, machine)
    try:
        return implant(parsed, extract(parsed, one), text)
    except TextError as error:
        raise WorkspaceError(
            f"The definition cannot be put back into {template.path}: {error}.", "Correct the text first; the file is as it was."
        ) from error


def _found(template: Loaded, machine: str) -> tuple[Parsed, Embedded]:
    try:
        parsed = parse(template.text, template.format)
    except TextError as error:
        raise WorkspaceError(f"{template.path} cannot be read: line {error.line}: {error.message}", error.hint) from error
    one = next((one for one in find(parsed.root) if one.name == machine), None)
    if one is None:
        raise WorkspaceError(
            f"{template.path} has no state machine {machine} with its definition in it.", "It may have been renamed or removed."
        )
    return parsed, one
