"""The names of AWS's services and operations, kept on disk between starts: reading them out of botocore takes seconds, this file milliseconds.

Theory of operation: one small JSON file in the person's cache folder, named after botocore's version. It holds botocore's own words only,
so that no change of ours can make it wrong; a file that is missing, torn or of another version is as good as none, and a folder that
may not be written to costs time, nothing else. `python -m studio.catalogue.kept` makes it: a process of its own, because reading
439 models holds the interpreter for long stretches.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import botocore
import orjson

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Named:
    """A service in botocore's own words."""

    folder: str
    service_id: str
    title: str
    operations: tuple[str, ...]


def place() -> Path | None:
    """The file of this botocore; None where there is no place for it."""
    try:
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA", ""))
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME", "") or Path.home() / ".cache")
    except RuntimeError:  # no home
        return None
    return base / "asl-studio" / f"services-{FORMAT}-botocore-{botocore.__version__}.json" if base.is_absolute() else None


def load() -> list[Named] | None:
    """What was kept; None where nothing is that can be used."""
    where = place()
    try:
        rows = orjson.loads(where.read_bytes()) if where else None
        found = [Named(str(folder), str(sid), str(title), tuple(map(str, names))) for folder, sid, title, names in rows] if rows else []
    except (OSError, ValueError, TypeError):
        return None
    return found or None


def keep(services: list[Named]) -> None:
    """Writes the file, whole or not at all; files of other versions go."""
    where = place()
    if where is None:
        return
    data = orjson.dumps([[one.folder, one.service_id, one.title, one.operations] for one in services])
    with contextlib.suppress(OSError):
        where.parent.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=where.parent, prefix=".services-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(made).replace(where)
        except OSError:
            Path(made).unlink()
            raise
        for other in where.parent.glob("services-*-botocore-*.json"):
            if other != where:
                other.unlink()


if __name__ == "__main__":
    from studio.catalogue.services import all_services

    if hasattr(os, "nice"):
        os.nice(10)
    all_services()
