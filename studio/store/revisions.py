"""Revisions: the texts a workflow had, kept while it is edited, in one SQLite file.

Each is kept whole (compressed), so any one can be read when others are gone. A damaged file is set aside, never written over.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path

from studio.errors import WorkspaceError

SCHEMA = 1
_TABLES = """
create table revision (
    id integer primary key autoincrement,
    workflow text not null,
    at real not null,
    label text not null,
    sha text not null,
    size integer not null,
    body blob not null
);
create index revision_of on revision (workflow, id desc);
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """A kept text: `at` in seconds since 1970, `label` where a person named it, `size` in characters."""

    id: int
    workflow: str
    at: float
    label: str
    sha: str
    size: int


class Revisions:
    """The revisions in one file. May be used from several threads."""

    def __init__(self, path: Path) -> None:
        """Errors: WorkspaceError where the file cannot be opened, or was written by a newer version."""
        self.path = path
        self.notice = ""
        """What a person should know: a damaged file was set aside."""
        self._lock = threading.Lock()
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            if not path.exists() or isinstance(error, sqlite3.OperationalError):
                raise WorkspaceError(f"{path} cannot be opened: {error}.") from error
            aside = next(p for n in range(1, 10_000) if not (p := path.with_name(f"{path.name}.damaged-{n}")).exists())
            path.rename(aside)
            self.notice = f"{path.name} is damaged; it was set aside as {aside.name} and a new one was begun."
            self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None, timeout=10)
        try:
            version = int(db.execute("pragma user_version").fetchone()[0])
            if version > SCHEMA:
                raise WorkspaceError(  # noqa: TRY301
                    f"{self.path} was written by a newer version of ASL Studio.", "Update ASL Studio, or delete the file."
                )
            db.execute("pragma journal_mode = wal")
            if version == 0:
                db.executescript(f"begin; {_TABLES} pragma user_version = {SCHEMA}; commit;")
        except BaseException:
            db.close()
            raise
        return db

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def add(self, workflow: str, text: str, *, at: float, label: str = "") -> Revision | None:
        """Keep a text. None where it is the same as the last one (then a label is given to that one)."""
        data = text.encode("utf-8")
        sha = hashlib.sha256(data).hexdigest()
        with self._lock:
            last = self._row("where workflow = ? order by id desc limit 1", workflow)
            if last is not None and last.sha == sha:
                if label:
                    self._do("update revision set label = ? where id = ?", label, last.id)
                return None
            body = zlib.compress(data, 6)
            made = self._do(
                "insert into revision (workflow, at, label, sha, size, body) values (?, ?, ?, ?, ?, ?)",
                *(workflow, at, label, sha, len(text), body),
            )
            return Revision(made, workflow, at, label, sha, len(text))

    def list(self, workflow: str, limit: int = 500) -> list[Revision]:
        """The revisions of a workflow, the newest first."""
        with self._lock:
            return self._rows("where workflow = ? order by id desc limit ?", workflow, limit)

    def get(self, id: int) -> Revision:  # noqa: A002
        """WorkspaceError where there is no such revision."""
        with self._lock:
            found = self._row("where id = ?", id)
        if found is None:
            raise WorkspaceError(f"There is no revision {id}.", "It may have been removed to make room.")
        return found

    def text(self, id: int) -> str:  # noqa: A002
        """The text of a revision. WorkspaceError where it is not there, or damaged."""
        self.get(id)
        with self._lock:
            body = self._query("select body from revision where id = ?", id)
        try:
            return zlib.decompress(body[0][0]).decode("utf-8")
        except (zlib.error, IndexError, UnicodeDecodeError) as error:
            raise WorkspaceError(f"Revision {id} is damaged.") from error

    def label(self, id: int, label: str) -> None:  # noqa: A002
        """Name a revision; named ones are never pruned. An empty label takes the name away."""
        self.get(id)
        with self._lock:
            self._do("update revision set label = ? where id = ?", label, id)

    def prune(self, workflow: str, *, keep: int = 200, before: float | None = None) -> int:
        """Forget all but the newest `keep` revisions without a label, and those older than `before`. Answers how many went."""
        with self._lock:
            rows = self._rows("where workflow = ? and label = '' order by id desc limit -1", workflow)
            gone = [r.id for n, r in enumerate(rows) if n >= keep or (before is not None and r.at < before)]
            for id_ in gone:
                self._do("delete from revision where id = ?", id_)
        return len(gone)

    def rename(self, workflow: str, new: str) -> None:
        """A workflow has another path now."""
        with self._lock:
            self._do("update revision set workflow = ? where workflow = ?", new, workflow)

    def _query(self, sql: str, *values: object) -> list[tuple]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise WorkspaceError(f"{self.path} cannot be read: {error}.") from error

    def _do(self, sql: str, *values: object) -> int:
        try:
            return self._db.execute(sql, values).lastrowid or 0
        except sqlite3.Error as error:
            raise WorkspaceError(f"{self.path} cannot be written: {error}.", "Is the disk full?") from error

    def _rows(self, where: str, *values: object) -> list[Revision]:
        return [Revision(*row) for row in self._query(f"select id, workflow, at, label, sha, size from revision {where}", *values)]  # noqa: S608

    def _row(self, where: str, *values: object) -> Revision | None:
        return next(iter(self._rows(where, *values)), None)
