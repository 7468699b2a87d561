"""What files of a workspace are called: workflows, and the files that belong to them. Pure: names, never the disk."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from studio.store import embedded

ENDINGS = (".asl.json", ".asl.yaml", ".asl.yml")
"""What a workflow file's name ends with."""
READABLE = (".json", ".yaml", ".yml")
"""Files that may be opened by name: templates and definitions with other endings, and side files."""
SIDE_KINDS = ("mocks", "input", "studio")
"""The files that belong to a workflow and lie beside it: `NAME.mocks.json` and so on."""


def name_of(path: str) -> str:
    """A workflow's name: its file name without the ending; the logical id of one inside a template."""
    whole, machine = embedded.parts(path)
    if machine:
        return machine
    file = PurePosixPath(whole).name
    return file[: len(file) - len(ending_of(file))]


def machine_name(path: str) -> str:
    """What a workflow's state machine is called where no setting says it, and in a mocks file: its name; `workflow.asl.json` is called as its
    folder.
    """
    name, folder = name_of(path), PurePosixPath(path).parent.name
    return folder if name == "workflow" and folder and not embedded.parts(path)[1] else name


def input_kind(case: str) -> str:
    """The kind of side file that a test case's own input is: `input.CASE`."""
    return f"input.{re.sub(r'[^A-Za-z0-9_-]', '-', case)}"


def ending_of(path: str) -> str:
    """What is no part of a file's name as a workflow; empty where nothing is."""
    lower = path.lower()
    return next((path[-len(e) :] for e in (*ENDINGS, *READABLE) if lower.endswith(e)), "")


def side_of(path: str, kind: str) -> str:
    """Where a workflow's side file of a kind is, or would be made, relative to the root."""
    path, machine = embedded.parts(path)
    if machine:
        return f"{path[: len(path) - len(ending_of(path))]}.{machine}.{kind}.json"
    return f"{path[: len(path) - len(ending_of(path))]}.{kind}.json"


def is_plain(path: str) -> bool:
    """Whether a workflow is `workflow.asl.json`, whose side files may be called `mocks.json` and so on."""
    return name_of(path) == "workflow"
