"""The event log: every execution's history in one SQLite file, appended in atomic batches.

Theory of operation: a batch of events is one row, written together with the execution's new status. Payloads that a batch and
earlier ones share are kept once, and so are large parts of them: an event refers to them by number (`{"$": n}`), and a batch's row
carries the ones that are new. Rows are JSON, so a history can be read with nothing but SQLite.

Concurrency model: one writer (the engine), any number of readers (WAL). A write is durable when `append` returns, but for the
operating system's own crash (`synchronous=NORMAL`).

Errors: a damaged file is set aside as `NAME.damaged-N`, never overwritten; a file of a newer schema is refused with a StudioError.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from studio.errors import StudioError
from studio.exec.events import Event
from studio.store.batches import Interner, count, decode, dumps, encode, loads

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 2
"""1 wrote every payload whole, and is read as well."""

_TABLES = """
CREATE TABLE IF NOT EXISTS executions (
    arn TEXT PRIMARY KEY, name TEXT NOT NULL, machine TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL,
    started REAL NOT NULL, ended REAL, events INTEGER NOT NULL DEFAULT 0, definition TEXT NOT NULL, meta TEXT NOT NULL,
    input TEXT NOT NULL, output TEXT, error TEXT, cause TEXT, map_run TEXT
);
CREATE TABLE IF NOT EXISTS batches (
    arn TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, seq INTEGER NOT NULL, payloads BLOB NOT NULL, events BLOB NOT NULL,
    PRIMARY KEY (arn, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS things (kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
"""

_PARENT = "json_extract(meta, '$.parent')"
_MAPPED = "json_extract(value, '$.executionArn')"
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS executions_top ON executions (started DESC) WHERE map_run IS NULL",
    "CREATE INDEX IF NOT EXISTS executions_top_status ON executions (status, started DESC) WHERE map_run IS NULL",
    "CREATE INDEX IF NOT EXISTS executions_open ON executions (started) WHERE status='RUNNING'",
    "CREATE INDEX IF NOT EXISTS executions_child ON executions (map_run, started DESC) WHERE map_run IS NOT NULL",
    f"CREATE INDEX IF NOT EXISTS executions_parent ON executions ({_PARENT}) WHERE map_run IS NULL AND {_PARENT} IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS executions_machine ON executions (machine, started DESC) WHERE map_run IS NULL",
    f"CREATE INDEX IF NOT EXISTS things_map_run ON things ({_MAPPED}) WHERE kind='map-run'",
    *(f"DROP INDEX IF EXISTS executions_{name}" for name in ("started", "status", "map_run")),  # of older studios: those above are narrower
)
"""What a log of an older studio gets when it is opened. Runs and the many children of Map Runs are apart: no list of the ones reads the others."""


@dataclass(slots=True)
class Row:
    """What is kept about an execution beside its events. Times in seconds since the epoch; texts are JSON texts."""

    arn: str
    name: str
    machine: str
    kind: str
    status: str
    started: float
    definition: str
    input: str
    meta: dict[str, Any] = field(default_factory=dict[str, Any])
    ended: float | None = None
    events: int = 0
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    map_run: str | None = None
    """The ARN of the Map Run a child execution belongs to."""


def _text(value: str | None) -> str | None:
    """A text as SQLite can hold it: halves of surrogate pairs, which no UTF-8 has, become `?`, as in Java."""
    return None if value is None else value.encode("utf-8", "replace").decode("utf-8")


class EventLog:
    """The log of a workspace; `path` None keeps it in memory. `notice` says what happened to a damaged file."""

    def __init__(self, path: Path | str | None = None, *, check: bool = True) -> None:
        """`check` reads the whole file once to find damage; a command that only appends leaves that to the studio."""
        self._path = None if path is None else str(path)
        self.notice = ""
        self._interners: dict[str, Interner] = {}
        if self._path is None:
            self._db = _connect(":memory:")
            return
        os.makedirs(os.path.dirname(self._path) or ".", exist_ok=True)
        try:
            self._db = _opened(self._path, check=check)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise StudioError(
                    f"The run history {os.path.basename(self._path)} is in use by another process.",
                    "Stop the other studio, or open another folder.",
                ) from error
            self._db = self._set_aside(self._path, error)

    @property
    def path(self) -> Path | None:
        from pathlib import Path

        return None if self._path is None else Path(self._path)

    def _set_aside(self, path: str, error: Exception) -> sqlite3.Connection:
        number = 1
        while os.path.exists(aside := f"{path}.damaged-{number}"):
            number += 1
        os.rename(path, aside)
        for suffix in ("-wal", "-shm"):
            if os.path.exists(path + suffix):
                os.rename(path + suffix, aside + suffix)
        self.notice = f"The run history was damaged ({error}) and was set aside as {os.path.basename(aside)}; a new one was begun."
        return _connect(path)

    def close(self) -> None:
        self._db.close()

    # Writing

    def create(self, row: Row, events: Iterable[Event]) -> None:
        """A new execution with its first events, in one transaction. sqlite3.IntegrityError where the ARN exists."""
        interner = self._interners[row.arn] = Interner()
        payloads, packed = encode(events, interner)
        with self._db:
            self._db.execute(
                "INSERT INTO executions (arn,name,machine,kind,status,started,events,definition,meta,input,map_run) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (
                    row.arn,
                    row.name,
                    row.machine,
                    row.kind,
                    row.status,
                    row.started,
                    row.events,
                    row.definition,
                    dumps(row.meta).decode(),
                    _text(row.input),
                    row.map_run,
                ),
            )
            self._db.execute("INSERT INTO batches VALUES (?,?,?,?,?,?)", (row.arn, 1, row.events, 0, payloads, packed))

    def append(self, arn: str, seq: int, first: int, last: int, events: Iterable[Event], end: dict[str, Any] | None = None) -> int:
        """The next batch, and how the execution ended if it did: `{status, ended, output, error, cause}`. One transaction. Answers how many
        bytes the batch took.
        """
        interner = self._interners.get(arn)
        if interner is None:
            interner = self._interners[arn] = Interner()
            stored = self._db.execute("SELECT payloads FROM batches WHERE arn=? ORDER BY seq", (arn,)).fetchall()
            interner.skip(sum(count(p) for (p,) in stored))
        payloads, packed = encode(events, interner)
        with self._db:
            self._db.execute("INSERT INTO batches VALUES (?,?,?,?,?,?)", (arn, first, last, seq, payloads, packed))
            if end:
                self._db.execute(
                    "UPDATE executions SET status=?, ended=?, events=?, output=?, error=?, cause=? WHERE arn=?",
                    (end["status"], end["ended"], last, *(_text(end.get(name)) for name in ("output", "error", "cause")), arn),
                )
        if end:
            self._interners.pop(arn, None)
        return len(payloads) + len(packed)

    def reopen(self, arn: str, meta: dict[str, Any]) -> None:
        """Mark an ended execution as running again (redrive)."""
        with self._db:
            self._db.execute(
                "UPDATE executions SET status='RUNNING', ended=NULL, output=NULL, error=NULL, cause=NULL, meta=? WHERE arn=?",
                (dumps(meta).decode(), arn),
            )

    def describe(self, arn: str, meta: dict[str, Any]) -> None:
        """Replace what is kept about how an execution is run."""
        with self._db:
            self._db.execute("UPDATE executions SET meta=? WHERE arn=?", (dumps(meta).decode(), arn))

    def rename_workflow(self, old: str, new: str) -> int:
        """A workflow, or the template around some, has another path now: its executions are listed under that one. Answers how many."""
        path = "json_extract(meta, '$.workflow')"
        with self._db:
            found = self._db.execute(  # status: so that the search index hears of it
                f"UPDATE executions SET status=status, meta=json_set(meta, '$.workflow', ? || substr({path}, ?)) "  # noqa: S608 - the path is ours
                f"WHERE {path}=? OR substr({path}, 1, ?)=?",
                (new, len(old) + 1, old, len(old) + 1, f"{old}#"),
            )
        return found.rowcount

    def delete(self, arns: Iterable[str]) -> None:
        with self._db:
            for arn in arns:
                self._db.execute("DELETE FROM batches WHERE arn=?", (arn,))
                self._db.execute("DELETE FROM executions WHERE arn=?", (arn,))

    def prune(self, before: float | None, most: int | None) -> int:
        """Delete ended executions with their children: all that ended before `before` (seconds), then the oldest until the file's content has at
        most `most` bytes; None: no such limit. Answers how many were deleted. What runs is never deleted, nor for its age what was imported.
        """
        ended = "SELECT arn FROM executions WHERE ended IS NOT NULL AND map_run IS NULL"
        gone = 0
        if before is not None:
            gone += self._forget(
                [arn for (arn,) in self._db.execute(f"{ended} AND ended < ? AND json_extract(meta, '$.imported') IS NULL", (before,))]
            )
        while most is not None and (used := self._used()) > most:
            count = self._db.execute(f"SELECT count(*) FROM ({ended})").fetchone()[0]  # noqa: S608 - the words are ours
            if not count:
                break
            some = max(1, int(count * (used - most) / used / 2))  # runs differ in size: half of what seems too much, then look again
            gone += self._forget([arn for (arn,) in self._db.execute(f"{ended} ORDER BY ended LIMIT ?", (some,))])
        if gone:
            self._shrink()
        return gone

    def _shrink(self) -> None:
        """Give the file's free pages back; a file from before that was possible is written anew once."""
        if self._db.execute("PRAGMA auto_vacuum").fetchone()[0]:
            self._db.executescript("PRAGMA incremental_vacuum")  # execute() would take one step, and give back one page
        else:
            self._db.executescript("PRAGMA auto_vacuum=INCREMENTAL; VACUUM")

    def _used(self) -> int:
        pages, free, size = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size"))
        return int((pages - free) * size)

    def _forget(self, arns: list[str]) -> int:
        for execution in arns:
            for arn in self.map_runs(execution):
                self.delete([row.arn for row in self.children(arn)])
                self.drop_thing("map-run", arn)
        self.delete(arns)
        return len(arns)

    # Reading

    COLUMNS = tuple(column.name for column in fields(Row))
    _COLUMNS = ",".join(COLUMNS)

    @property
    def connection(self) -> sqlite3.Connection:
        """For who reads along in the thread that writes."""
        return self._db

    @staticmethod
    def row(values: tuple[Any, ...]) -> Row:
        """An execution of the values of `COLUMNS`."""
        row = Row(*values)
        row.meta = loads(values[8])
        return row

    def get(self, arn: str) -> Row | None:
        found = self._db.execute(f"SELECT {self._COLUMNS} FROM executions WHERE arn=?", (arn,)).fetchone()  # noqa: S608 - the names are ours
        return self.row(found) if found else None

    def rows(
        self,
        *,
        machine: str | None = None,
        status: str | None = None,
        map_run: str | None = None,
        qualified: tuple[Literal["version", "alias"], str] | None = None,
        redriven: bool | None = None,
        limit: int = 100,
        after: tuple[float, str] | None = None,
    ) -> list[Row]:
        """Executions, newest first: those of a Map Run, or all that are no child of one; `qualified` names the version or alias that they
        were started from; `after` is the `key` of the one before the first, which need not be there any more.
        """
        wanted = (("machine", machine), ("status", status), ("map_run", map_run))
        where: list[tuple[str, object]] = [(f"{name}=?", value) for name, value in wanted if value is not None]
        if qualified is not None:
            where.append((f"json_extract(meta, '$.{qualified[0]}')=?", qualified[1]))
        if redriven is not None:
            where.append(("(coalesce(json_extract(meta, '$.redrives'), 0) > 0)=?", redriven))
        clause = " AND ".join([*(c for c, _ in where), *(["map_run IS NULL"] if map_run is None else [])])
        if after is not None:
            clause += " AND (started, rowid) < (?, CAST(? AS INTEGER))"
        query = f"SELECT {self._COLUMNS} FROM executions WHERE {clause} ORDER BY started DESC, rowid DESC LIMIT ?"  # noqa: S608 - the names are ours
        found = self._db.execute(query, (*(v for _, v in where), *(after or ()), limit))
        return [self.row(values) for values in found.fetchall()]

    def key(self, arn: str) -> tuple[float, str]:
        """What an execution is listed by: when it started, and its number in the order they came."""
        started, number = self._db.execute("SELECT started, rowid FROM executions WHERE arn=?", (arn,)).fetchone()
        return started, str(number)

    def open_rows(self) -> list[Row]:
        """Every execution that has not ended, oldest first, children too."""
        found = self._db.execute(f"SELECT {self._COLUMNS} FROM executions WHERE status='RUNNING' ORDER BY started, rowid")  # noqa: S608 - the names are ours
        return [self.row(values) for values in found.fetchall()]

    def children(self, map_run: str) -> list[Row]:
        """All child executions of a Map Run."""
        found = self._db.execute(f"SELECT {self._COLUMNS} FROM executions WHERE map_run=?", (map_run,))  # noqa: S608 - the names are ours
        return [self.row(values) for values in found.fetchall()]

    def begun(
        self, parent: str, *, status: str | None = None, limit: int = 100, after: tuple[float, str] | None = None
    ) -> tuple[list[Row], int]:
        """The executions that were begun from another one (started by a task of it, run from one of its states, run again), the last
        one first, and how many there are in all; no children of its Map Runs. `after`: as of `rows`.
        """
        where, values = f"map_run IS NULL AND {_PARENT} IS NOT NULL AND {_PARENT}=?", [parent]
        if status is not None:
            where += " AND +status=?"  # +: by the parent's index, whose rows are few
            values.append(status)
        total = self._db.execute(f"SELECT count(*) FROM executions WHERE {where}", values).fetchone()[0]  # noqa: S608 - the conditions are ours
        beyond = " AND rowid < CAST(? AS INTEGER)" if after is not None else ""  # a run from here says it started when the old one did
        query = f"SELECT {self._COLUMNS} FROM executions WHERE {where}{beyond} ORDER BY rowid DESC LIMIT ?"  # noqa: S608 - the conditions are ours
        found = self._db.execute(query, (*values, *([after[1]] if after is not None else []), limit))
        return [self.row(row) for row in found.fetchall()], int(total)

    def map_runs(self, execution: str) -> dict[str, Any]:
        """What is kept of the Map Runs of an execution, by their ARNs."""
        query = f"SELECT id, value FROM things WHERE kind='map-run' AND {_MAPPED}=? ORDER BY id"  # noqa: S608 - the words are ours
        return {key: loads(value) for key, value in self._db.execute(query, (execution,)).fetchall()}

    def events(self, arn: str) -> list[Event]:
        """All events of an execution, private ones included, in order."""
        found = self._db.execute("SELECT payloads, events FROM batches WHERE arn=? ORDER BY seq", (arn,)).fetchall()
        return [event for batch in decode(found) for event in batch]

    def batches(self, arn: str) -> int:
        return int(self._db.execute("SELECT count(*) FROM batches WHERE arn=?", (arn,)).fetchone()[0])

    # Things: machines, versions, aliases, activities, tags … by kind and id

    def put_thing(self, kind: str, key: str, value: Any) -> None:
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO things VALUES (?,?,?)", (kind, key, dumps(value).decode()))

    def get_thing(self, kind: str, key: str) -> Any:
        found = self._db.execute("SELECT value FROM things WHERE kind=? AND id=?", (kind, key)).fetchone()
        return loads(found[0]) if found else None

    def things(self, kind: str) -> dict[str, Any]:
        return {
            key: loads(value)
            for key, value in self._db.execute("SELECT id, value FROM things WHERE kind=? ORDER BY id", (kind,)).fetchall()
        }

    def drop_thing(self, kind: str, key: str) -> None:
        with self._db:
            self._db.execute("DELETE FROM things WHERE kind=? AND id=?", (kind, key))


def _opened(path: str, *, check: bool) -> sqlite3.Connection:
    """The file's connection. sqlite3.DatabaseError where it is damaged or not a database."""
    db = sqlite3.connect(path, check_same_thread=False, timeout=5)
    try:
        _set_up(db)
        damage = db.execute("PRAGMA quick_check(1)").fetchone()[0] if check else "ok"
        if damage != "ok":
            raise sqlite3.DatabaseError(damage)  # noqa: TRY301 - one way out, with the connection closed
    except BaseException:
        db.close()
        raise
    return db


def _connect(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False, timeout=5)
    _set_up(db)
    return db


def _set_up(db: sqlite3.Connection) -> None:
    """Make the file ours: its settings, and its tables where they are not there or older. StudioError where they are newer."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA:
        raise StudioError(
            f"The run history was written by a newer version of the studio (schema {version}, this one knows {SCHEMA}).",
            "Install the newer version, or move the file away.",
        )
    db.execute("PRAGMA page_size=8192")  # batches are large; takes effect on a new file only, as the next
    db.execute("PRAGMA auto_vacuum=INCREMENTAL")
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute("PRAGMA wal_autocheckpoint=2000")  # 16 MB: each checkpoint waits for the disk
    if version == SCHEMA and db.execute("SELECT 1 FROM sqlite_master WHERE name='things_map_run'").fetchone():  # the last of the indexes
        return
    with db:
        for statement in (*_TABLES.split(";"), *_INDEXES):
            if statement.strip():
                db.execute(statement)
        db.execute(f"PRAGMA user_version={SCHEMA}")
