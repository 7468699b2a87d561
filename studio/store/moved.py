"""Workflow files that another program renamed or moved: where they are now, and what belongs to them taken along.

Theory of operation: a rename keeps a file's bytes and its time of change, and makes its status younger than the moment the file was last seen at its
old path. Where all three hold, `find` is sure. A file with the same bytes alone may be a copy: a person is asked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.asl.text import format_of
from studio.errors import WorkspaceError
from studio.store import embedded
from studio.store.files import move_all, sha_on_disk

if TYPE_CHECKING:
    from studio.store.files import Loaded
    from studio.store.workspace import Workspace

CLOCK = 2.0
"""Seconds by which the clock of a file system may be behind ours."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a file is now, as a path of the workspace."""

    path: str
    sure: bool


def find(workspace: Workspace, loaded: Loaded, seen: float, taken: Collection[str] = ()) -> Moved | None:
    """Where the file that was read as `loaded` went. `seen`: when it was at its old path last, in seconds since 1970; `taken`: paths that are
    other workflows. None where nothing tells, or more than one file might be it. Of a file that is open alone only its folder is looked into.
    """
    if embedded.parts(loaded.path)[1]:
        return None
    size = len(loaded.text.encode("utf-8", "surrogatepass"))
    same: list[Moved] = []
    for entry in workspace.neighbours() if workspace.only is not None else workspace.listing().entries:
        if entry.path == loaded.path or entry.path in taken or "#" in entry.path or entry.size != size:
            continue
        if format_of(entry.path) != loaded.format:
            continue
        with contextlib.suppress(OSError, WorkspaceError):
            where = workspace.root / entry.path
            if sha_on_disk(where) == loaded.sha:
                facts = where.stat()
                same.append(Moved(entry.path, facts.st_mtime == loaded.mtime and facts.st_ctime >= seen - CLOCK))
    sure = [one for one in same if one.sure]
    if len(sure) == 1:
        return sure[0]
    return same[0] if len(same) == 1 and not sure else None


def take_along(workspace: Workspace, path: str, new: str) -> list[str]:
    """After a workflow was moved: its side files that stayed behind, its revisions and old links follow. Answers the side files' new paths.
    Errors: WorkspaceError; then the side files are where they were.
    """
    moves = workspace.side_moves(path, new)
    move_all(moves, path)
    if workspace.only == path:
        workspace.only = new
    workspace.renamed(path, new)
    return [to.relative_to(workspace.root).as_posix() for _, to in moves]
