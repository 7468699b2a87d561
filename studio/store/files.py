"""Single files: read whole within limits, written atomically, moved all or none. Every failure is a WorkspaceError.

`name` is what a person calls the file in messages: its path in the workspace.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from studio.asl.spans import MAX_CHARACTERS
from studio.asl.text import Format
from studio.errors import WorkspaceError

MAX_BYTES = MAX_CHARACTERS


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as it was read or written: `sha` (SHA-256 of its bytes) tells whether it changed since."""

    path: str
    text: str
    format: Format
    mtime: float
    sha: str


def read_bytes(where: Path, name: str) -> tuple[bytes, os.stat_result]:
    try:
        facts = where.stat()
        if stat.S_ISDIR(facts.st_mode):
            raise WorkspaceError(f"{name} is a folder.")
        if not stat.S_ISREG(facts.st_mode):
            raise WorkspaceError(f"{name} is not an ordinary file.")
        if facts.st_size <= MAX_BYTES:
            with where.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
                facts = os.fstat(file.fileno())
            if len(data) <= MAX_BYTES:
                return data, facts
    except FileNotFoundError as error:
        raise WorkspaceError(f"There is no file {name}.", "It may have been renamed or removed.") from error
    except OSError as error:
        raise WorkspaceError(f"{name} cannot be read: {reason(error)}.") from error
    raise WorkspaceError(
        f"{name} has {facts.st_size / 1024 / 1024:.1f} MB; the limit is {MAX_BYTES // 1024 // 1024} MB.",
        "A definition on AWS may have 1 MB.",
    )


def put_bytes(where: Path, name: str, data: bytes) -> None:
    temporary: str | None = None
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(where.stat().st_mode) if where.exists() else None
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=where.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode if mode is not None else 0o666 & ~_umask())
        Path(temporary).replace(where)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise WorkspaceError(f"{name} cannot be written: {reason(error)}.", "Nothing was changed.") from error


def sha_on_disk(where: Path) -> str | None:
    try:
        return sha_of(where.read_bytes()) if where.stat().st_size <= MAX_BYTES * 2 else ""
    except OSError:
        return None


def move_all(moves: list[tuple[Path, Path]], name: str) -> None:
    """Move files, all or none."""
    done: list[tuple[Path, Path]] = []
    try:
        for old, new in moves:
            new.parent.mkdir(parents=True, exist_ok=True)
            old.replace(new)
            done.append((old, new))
    except OSError as error:
        for old, new in reversed(done):
            with contextlib.suppress(OSError):
                new.replace(old)
        raise WorkspaceError(f"{name} cannot be moved: {reason(error)}.", "Nothing was changed.") from error


def sha_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def encoded(text: str, name: str) -> bytes:
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise WorkspaceError(f"{name} would hold half of a surrogate pair, which is not a character.") from error
    if len(data) > MAX_BYTES:
        raise WorkspaceError(f"{name} would be larger than {MAX_BYTES // 1024 // 1024} MB.")
    return data


def shown(text: str) -> str:
    return text if len(text) <= 120 and text.isprintable() else ascii(text[:100])[1:-1] + "…"


def reason(error: BaseException) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
