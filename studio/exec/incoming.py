"""What a file from elsewhere holds: the workflows that are to become files of a workspace. Reads texts, writes nothing.

    a definition (JSON, YAML)           one piece, its text as it is
    a CloudFormation or SAM template    a piece for each state machine in it, its settings and the values of its placeholders beside it
    Terraform, CDK source               a piece for each state machine that carries its definition as text (`incoming_code`)
    an exported run                     its definition, its input, its tasks' answers as mocks, and the run itself

Errors: StudioError for a text that is none of these, TextError (line, column) for one that cannot be read.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from studio.asl import embedded, embedded_settings
from studio.asl.text import Parsed, dump, format_of, parse, tree_of
from studio.asl.tree import Json, get
from studio.errors import StudioError, TextError
from studio.exec import incoming_code
from studio.exec.exported import check, is_exported
from studio.exec.views.mocks import mocks_of


@dataclass(slots=True)
class Piece:
    """What is to be written for one workflow: its name, its text, what lies beside it (by ending), the run."""

    name: str
    text: str
    yaml: bool = False
    beside: dict[str, Any] = field(default_factory=dict[str, Any])
    run: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list[str])

    @property
    def stem(self) -> str:
        """The name as a file's name."""
        return re.sub(r"[^\w.-]+", "-", self.name).strip(".-") or "workflow"

    @property
    def file(self) -> str:
        return f"{self.stem}.asl.{'yaml' if self.yaml else 'json'}"


def read(name: str, text: str, beside: incoming_code.Beside | None = None) -> list[Piece]:
    """The workflows in a file of that name; `beside` reads the files that its code names."""
    if text.lstrip("\ufeff \t\r\n").startswith("{") and '"asl-studio/run/' in text[:400]:
        try:
            run: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise StudioError(f"{name} is not JSON: {error}.", "Export the run anew.") from error
        if is_exported(run):
            check(run)
            return [of_run(run)]
    if name.lower().endswith(incoming_code.ENDINGS):
        return [
            Piece(*found[:2], beside={"studio": found[2]} if found[2] else {}, notes=found[3])
            for found in incoming_code.machines(name, text, beside)
        ]
    parsed = parse(text, "json" if text.lstrip("\ufeff \t\r\n").startswith("{") else format_of(name))
    if not embedded.is_template(parsed.root):
        return of_definition(name, _stem(name), parsed)
    pieces = of_template(name, parsed)
    elsewhere = [machine for machine, _ in referred(parsed.root)]
    if not pieces:
        hint = f"The definition of {', '.join(elsewhere)} is a file of its own: import that one." if elsewhere else ""
        raise StudioError(f"{name} has no state machine with its definition in it.", hint)
    if elsewhere:
        pieces[-1].notes.append(f"the definition of {', '.join(elsewhere)} is a file of its own; import that one too")
    return pieces


def of_definition(source: str, name: str, parsed: Parsed) -> list[Piece]:
    """The definition that a file is; `source` is what people call the file."""
    root = parsed.root
    if isinstance(root, dict) and "States" in root:
        return [Piece(name, parsed.text, yaml=parsed.format == "yaml")]
    if isinstance(root, dict) and isinstance(root.get("events"), list):
        raise StudioError(
            f"{source} is a history without its definition.", "Get the whole run: studio executions show ARN --export > run.json"
        )
    raise StudioError(f"{source} is neither a definition, nor a template with state machines, nor an exported run.")


def of_template(source: str, parsed: Parsed) -> list[Piece]:
    """A piece for each state machine that carries its definition."""
    pieces: list[Piece] = []
    for one in embedded.find(parsed.root):
        try:
            taken = embedded.extract(parsed, one)
        except TextError as error:
            raise StudioError(f"{source}: the definition of {one.name} cannot be taken out: {error}.") from error
        piece = Piece(one.name, taken.text.rstrip("\n") + "\n", yaml=taken.format == "yaml")
        _settle(piece, parsed.root, one.substitutions)
        pieces.append(piece)
    return pieces


def _settle(piece: Piece, root: Json, substitutions: tuple[str, ...]) -> None:
    """Puts what the template says about the piece's state machine beside it."""
    values = embedded_settings.placeholders(root, piece.name)
    side = {"placeholders": values, "config": embedded_settings.of_template(root, piece.name)}
    if side := {key: value for key, value in side.items() if value}:
        piece.beside["studio"] = side
    if wanting := [name for name in substitutions if name not in values]:
        piece.notes.append(f"placeholders to be given values: {', '.join(wanting)}")


def of_referred(name: str, root: Json, text: str, *, yaml: bool) -> Piece:
    """The piece of a state machine whose definition is a file of its own (`referred`), of that text."""
    piece = Piece(name, text, yaml=yaml)
    given = get(root, ("Resources", name, "Properties", "DefinitionSubstitutions"))
    _settle(piece, root, tuple(given) if isinstance(given, dict) else ())
    return piece


def referred(root: Json) -> list[tuple[str, Json]]:
    """State machines of a template whose definition is a file of its own (SAM's `DefinitionUri`, `DefinitionS3Location`): name and where."""
    found: list[tuple[str, Json]] = []
    resources = root.get("Resources") if isinstance(root, dict) else None
    for name, resource in (resources if isinstance(resources, dict) else {}).items():
        properties = resource.get("Properties") if isinstance(resource, dict) and resource.get("Type") in embedded.TYPES else None
        uri = (properties.get("DefinitionUri") or properties.get("DefinitionS3Location")) if isinstance(properties, dict) else None
        if uri is not None:
            found.append((name, uri))
    return found


def of_run(run: dict[str, Any]) -> Piece:
    """The workflow of an exported run, with its input and its tasks' answers beside it."""
    execution = cast("dict[str, Any]", run["execution"])
    name = execution["stateMachineArn"].split(":")[6].partition("/")[0]
    piece = Piece(name, pretty(run["definition"]), run=run)
    try:
        piece.beside["input"] = json.loads(execution.get("input") or "{}")
        mocks = mocks_of(tree_of(run["definition"]), _dated(run["events"]), name)
    except ValueError as error:
        raise StudioError(f"The exported run cannot be read: {error}.", "Export it anew.") from error
    if mocks is not None:
        piece.beside["mocks"] = mocks
    return piece


def pretty(definition: str) -> str:
    """A definition as people read it: AWS keeps the text it was given, which tools write in one line."""
    if "\n" in definition.strip():
        return definition if definition.endswith("\n") else definition + "\n"
    try:
        return dump(parse(definition, "json").root, "json")
    except TextError:
        return definition


def _dated(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**event, "timestamp": datetime.fromisoformat(event["timestamp"])} for event in events]


def _stem(name: str) -> str:
    file = re.split(r"[\\/]", name)[-1]
    return re.sub(r"(\.asl)?\.(json|ya?ml)$", "", file, flags=re.IGNORECASE) or "workflow"
