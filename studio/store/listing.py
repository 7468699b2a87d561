"""What a workspace lists: the workflow files of a folder tree, found within limits."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.asl.text import Format, format_of
from studio.store import embedded
from studio.store.names import ENDINGS, name_of

MAX_WORKFLOWS = 5_000
MAX_TEMPLATES = 200
"""Templates that are read while listing, for the state machines in them."""
MAX_VISITED = 200_000
"""Folder entries looked at while listing; a workspace on `/` must not hang."""
SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A workflow in the list. `path` is relative to the root, with `/`; `modified` in seconds since 1970; `size` in bytes."""

    path: str
    name: str
    format: Format
    size: int
    modified: float


@dataclass(frozen=True, slots=True)
class Listing:
    """The workflows of a workspace; `complete` is False where there are more than the limits allow to look at."""

    entries: tuple[Entry, ...]
    complete: bool


def entry_of(found: os.stat_result, path: str) -> Entry:
    """A workflow's row, from its file's facts."""
    return Entry(path, name_of(path), format_of(embedded.parts(path)[0]), found.st_size, found.st_mtime)


def in_folder(root: Path, machines: Callable[[str], list[str]]) -> Listing:
    """The workflows below a folder by path; `machines` tells the logical ids of the state machines in a template."""
    entries: list[Entry] = []
    complete, templates = True, 0
    for visited, (found, path) in enumerate(_walk(root)):
        if len(entries) >= MAX_WORKFLOWS or visited >= MAX_VISITED:
            complete = False
            break
        if found is None:
            continue
        if path.lower().endswith(ENDINGS):
            entries.append(entry_of(found, path))
        elif templates < MAX_TEMPLATES:
            templates += 1
            entries += [entry_of(found, f"{path}#{name}") for name in machines(path)]
    return Listing(tuple(sorted(entries, key=lambda e: (e.path.lower(), e.path))), complete)


def _walk(root: Path) -> Iterator[tuple[os.stat_result | None, str]]:
    """Every entry of the folders (None) and every workflow file with its facts; folders that cannot be read are left out."""
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            inside = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError:
            continue
        for entry in inside:
            found: os.stat_result | None = None
            path = Path(entry.path).relative_to(root).as_posix()
            with contextlib.suppress(OSError):
                if not entry.name.startswith("."):
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in SKIPPED:
                            folders.append(Path(entry.path))
                    elif _is_listed(entry.name) and Path(entry.path).resolve().is_relative_to(root):
                        facts = entry.stat()
                        found = facts if stat.S_ISREG(facts.st_mode) else None
            yield found, path


def _is_listed(name: str) -> bool:
    """Whether a file's name is a workflow's, or a template's as SAM, CDK and people call them."""
    lower = name.lower()
    return lower.endswith((*ENDINGS, *embedded.ENDINGS)) or lower in embedded.NAMES
