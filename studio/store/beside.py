"""Files that a source file names, such as the definition of a Terraform resource: read from its folder on, never outside of the workspace.

Symbolic links are followed only inside of it. The path may be relative to the source's folder, or to one above: code often names files from
where it is run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from studio.errors import WorkspaceError
from studio.store.files import read_bytes, shown
from studio.store.listing import MAX_VISITED, SKIPPED

_ROOTS = (".studio", ".git")


def root_of(folder: Path) -> Path:
    """The workspace or repository that a folder is in; the folder itself where it is in none."""
    here = folder.resolve()
    return next((f for f in (here, *here.parents) if any((f / name).exists() for name in _ROOTS)), here)


def reader(root: Path, folder: Path) -> Callable[[str], str]:
    """Reads files for a source file in `folder`. What it gives raises WorkspaceError where a file is outside of `root`, missing, or no text."""
    root, here = root.resolve(), folder.resolve()

    def read(path: str) -> str:
        name = shown(path)
        inside = False
        for base in (f for f in (here, *here.parents) if f.is_relative_to(root)):
            try:
                file = (base / path).resolve()
            except (OSError, RuntimeError, ValueError) as error:
                raise WorkspaceError(f"{name} cannot be opened.") from error
            if not file.is_relative_to(root):
                continue
            inside = True
            if file.is_file():
                return _text(file, name)
        if not inside:
            raise WorkspaceError(f"{name} lies outside of {root}.", "Only files of the workspace are followed: import that one.")
        raise WorkspaceError(f"There is no file {name} in {here} or the folders above it.")

    return read


def folder_of(root: Path, name: str, text: str) -> Path | None:
    """The folder of the workspace that holds a file of this name and text: where a file that was dropped on a page came from, if it did."""
    wanted = text.encode("utf-8")
    for file in islice(_files(root, name), 100):
        try:
            if file.stat().st_size == len(wanted) and file.read_bytes() == wanted:
                return file.parent
        except OSError:
            continue
    return None


def _files(root: Path, name: str) -> Iterator[Path]:
    visited = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in SKIPPED)
        visited += len(files) + len(folders)
        if visited > MAX_VISITED:
            return
        if name in files and not Path(folder, name).is_symlink():
            yield Path(folder, name)


def _text(file: Path, name: str) -> str:
    data, _ = read_bytes(file, name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WorkspaceError(f"{name} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from error
