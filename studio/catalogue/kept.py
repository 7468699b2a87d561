"""The names of AWS's services and operations, kept on disk between starts: reading them out of botocore takes seconds, this file milliseconds.

Theory of operation: one small JSON file beside the installation, named after botocore's version. It holds botocore's own words only,
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


def places() -> list[Path]:
    """Where the file of this botocore may be: in the virtual environment that botocore is in, else in the person's cache folder."""
    name = f"services-{FORMAT}-botocore-{botocore.__version__}.json"
    found = [Path(sys.prefix) / "var" / "asl-studio"] if sys.prefix != sys.base_prefix else []
    with contextlib.suppress(RuntimeError):  # no home
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA", ""))
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME", "") or Path.home() / ".cache")
        if base.is_absolute():
            found.append(base / "asl-studio")
    return [folder / name for folder in found]


def load() -> list[Named] | None:
    """What was kept; None where nothing is that can be used."""
    for where in places():
        try:
            rows = orjson.loads(where.read_bytes())
            found = [Named(str(folder), str(sid), str(title), tuple(map(str, names))) for folder, sid, title, names in rows]
        except (OSError, ValueError, TypeError):
            continue
        if found:
            return found
    return None


def keep(services: list[Named]) -> None:
    """Writes the file at the first place that takes it, whole or not at all; files of other versions go."""
    data = orjson.dumps([[one.folder, one.service_id, one.title, one.operations] for one in services])
    for where in places():
        with contextlib.suppress(OSError):
            _write(where, data)
            return


def _write(where: Path, data: bytes) -> None:
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
