"""State machines in infrastructure code: Terraform configurations (`incoming_terraform`) and CDK stacks (`incoming_cdk`).

Nothing is executed: the files are read as text, and so are the definitions they name that are files of their own. Where those lie only the
caller knows: `beside` gives the text of one by the path the code has for it. Errors: StudioError for files without a definition that can be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from studio.errors import StudioError

Beside: TypeAlias = Callable[[str], str]
"""The text of a file by its path relative to the source file. Errors: StudioError where it may not or cannot be read."""
Found: TypeAlias = tuple[str, str, dict[str, Any], list[str]]
"""Name, the definition's text, what lies beside it (`placeholders`, `config`), notes."""
ENDINGS = (".tf", ".py", ".ts", ".js")
MAX_CHARACTERS = 2_000_000
"""Of one source file; a definition may have a million."""


def machines(name: str, text: str, beside: Beside | None = None) -> list[Found]:
    """The state machines in a source file of that name; without `beside` none that are in a file of their own."""
    from studio.exec import incoming_cdk, incoming_terraform

    if len(text) > MAX_CHARACTERS:
        raise StudioError(f"{name} is longer than {MAX_CHARACTERS:,} characters.", "Import the template that it makes.")
    ending = name.lower().rpartition(".")[2]
    reach = beside or _nowhere(name)
    found, unread = (
        incoming_terraform.machines(text, reach) if ending == "tf" else incoming_cdk.machines(text, reach, python=ending == "py")
    )
    if found:
        found[-1][3].extend(unread)
        return found
    if unread:
        raise StudioError(f"{name}: {unread[0]}")
    hint = (
        "It needs a resource aws_sfn_state_machine with its definition in it."
        if ending == "tf"
        else "What is built of constructs is written into a template by: cdk synth. Import that."
    )
    raise StudioError(f"{name} holds no definition as text.", hint)


def _nowhere(name: str) -> Beside:
    def read(path: str) -> str:
        raise StudioError(f"{path} is a file of its own.", f"Import that one, or put {name} into the workspace where it finds the file.")

    return read


def is_definition(held: Any) -> bool:
    """Whether a value is a definition."""
    members = members_of(held)
    return isinstance(members.get("States"), dict) and "StartAt" in members


def read_json(text: str) -> Any:
    """The value of a JSON text, None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def members_of(value: Any) -> dict[str, Any]:
    """An object's members; none where the value is no object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
