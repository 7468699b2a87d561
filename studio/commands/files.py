"""Files named on the command line: read with limits, told apart, refused with a sentence. And an option that several commands have.

Nothing here imports pathlib before it is needed: it is a tenth of a cold start, and `studio run` mostly can do without.
"""

from __future__ import annotations

import json
import math
import os
import sys
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError, TextError, WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path

    from studio.asl.sidefile import SideFile
    from studio.asl.text import Parsed

MAX_BYTES = 8 * 1024 * 1024


def allow_http(hosts: tuple[str, ...]) -> None:
    """Allow HTTP Tasks of this process to call these hosts too: through the environment, which every part of the engine looks at."""
    if hosts:
        known = os.environ.get("ASL_STUDIO_ALLOW_HTTP", "")
        os.environ["ASL_STUDIO_ALLOW_HTTP"] = ",".join(filter(None, (known, *hosts)))


def read_text(path: str, what: str = "file") -> str:
    """A file's text; `-` is standard input. WorkspaceError where it cannot be read as text."""
    if path == "-":
        raw = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        try:
            if os.path.isdir(path):
                raise WorkspaceError(f"{path} is a folder; a {what} was expected.")
            with open(path, "rb") as file:
                raw = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise WorkspaceError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(raw) > MAX_BYTES:
        raise WorkspaceError(f"{path} is larger than 8 MB.", "A definition may have 1 MB on AWS; is this the right file?")
    if b"\0" in raw[:8192]:
        raise WorkspaceError(f"{path} is a binary file.", "A workflow is a JSON or YAML text.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WorkspaceError(f"{path} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from error


def given_text(given: str, option: str) -> tuple[str, str]:
    """The text that an option's value means, and what to call it in a message: `-` is standard input, else a file that is there, else
    JSON text. StudioError where it is neither.
    """
    if not given.strip():
        raise StudioError(f"{option} is empty.", "Give a file, JSON text, or - for standard input.")
    if given == "-" or os.path.isfile(given) or not _looks_like_json(given):  # Path.is_file() raises for a long text
        return read_text(given, f"file for {option}"), "standard input" if given == "-" else given
    return given, option


def _looks_like_json(text: str) -> bool:
    text = text.strip()
    return text[0] in '{["-' or text[0].isdigit() or text in {"true", "false", "null", "NaN"}


def json_of(text: str, where: str) -> Any:
    """The value of a JSON text. StudioError (`where` says what it is) for all that is not JSON: `NaN` and numbers beyond a double's too."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        detail = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except RecursionError:
        detail = "it is nested too deeply"
    except ValueError as error:
        detail = str(error)
    raise StudioError(f"{where} is not JSON: {detail}.", "Give a file, JSON text, or - for standard input.")


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def located(path: str, error: TextError) -> StudioError:
    return StudioError(f"{path}:{error.line}:{error.column}: {error.message}", error.hint)


def definition_of(path: str) -> tuple[Parsed, dict[str, Any]]:
    """A file's text, and the definition or template that it is. StudioError where it cannot be read as an object."""
    from studio.asl.text import format_of, parse

    text = read_text(path, "workflow")
    try:
        parsed = parse(text, format_of(path))
    except TextError as error:
        raise located(path, error) from error
    if not isinstance(parsed.root, dict):
        raise StudioError(f"{path} holds no definition: a workflow is an object.")
    return parsed, parsed.root


def beside(path: str, kind: str) -> Path | None:
    """The side file of a workflow: `NAME.input.json`, or plain `input.json` beside it. What comes from standard input has none."""
    if path == "-":
        return None
    folder, here = os.path.split(path)
    for name in (f"{stem_of(here)}.{kind}.json", f"{kind}.json"):
        if name != here and os.path.isfile(os.path.join(folder, name)):
            from pathlib import Path

            return Path(folder, name)
    return None


def input_of(path: str, case: str | None) -> Path | None:
    """The sample input of a workflow: that of a mocks' test case (`NAME.input.CASE.json`, or `input.case.json` beside `workflow.asl.json`; the
    case's letters may be small), else the workflow's own.
    """
    if case and path != "-":
        from pathlib import Path

        here = Path(path)
        case = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in case)
        wanted = {f"{stem_of(here.name)}.input.{case}.json".lower(), f"input.{case}.json".lower()}
        found = sorted(file for file in here.parent.glob("*.json") if file.name.lower() in wanted)
        if found:
            return found[-1]  # NAME.input.CASE.json, where both are there
    return beside(path, "input")


def side_file(path: str) -> SideFile:
    """What `NAME.studio.json` beside a workflow holds. Errors: WorkspaceError where it cannot be read."""
    from studio.asl.sidefile import SideFile, read

    side = beside(path, "studio")
    if side is None:
        return SideFile()
    try:
        return read(read_text(str(side)), side.name)
    except StudioError as error:
        raise WorkspaceError(str(error)) from error


def name_of(path: str) -> str:
    """What a workflow is called: its file's name; that of its folder for a template's `workflow.asl.json`."""
    name = stem_of(os.path.basename(path))
    folder = os.path.basename(os.path.dirname(os.path.realpath(path)))
    return folder if name in {"workflow", "workflow.jsonata"} and folder else name or "workflow"


def stem_of(name: str) -> str:
    """A workflow file's name without its ending."""
    for ending in (".asl.json", ".asl.yaml", ".asl.yml", ".json", ".yaml", ".yml"):
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name
