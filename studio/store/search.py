"""A full-text index over executions: found by words of their input, output, errors, name, workflow and the states they came to.

Theory of operation: the index lives in the event log's own file, beside it and apart from it: whoever writes executions pays for one small
row in `stale` (triggers see to it, for every process), and `refresh` reads what is stale, a few at a time, when there is time for it. An
index that is missing or damaged is built anew; nothing else depends on it.

Concurrency model: its own connection, for one thread at a time; a transaction holds few executions, so that the engine never waits long.

Words are prefixes, all must occur; `error:Timeout` looks in one field alone. Order: as executions were begun, newest first.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import orjson

from studio.errors import StudioError
from studio.store.eventlog import EventLog, Row

FIELDS = ("name", "workflow", "input", "output", "error", "state", "status")
CHUNK = 100
"""Executions indexed in one transaction."""
VERSION = 1
_ALIASES = {"states": "state", "cause": "error", "execution": "name"}
_ENTERED = re.compile(rb'\["\w+StateEntered",\d+,[\d.e+]+,\d+,\{"name":("(?:[^"\\]|\\.)*")')
_ERRORS = re.compile(rb'"error":("(?:[^"\\]|\\.)*")(?:,"cause":("(?:[^"\\]|\\.)*"))?')
_TABLES = """
CREATE TABLE IF NOT EXISTS stale (arn TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS found (id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE);
CREATE TRIGGER IF NOT EXISTS executions_new AFTER INSERT ON executions WHEN NEW.map_run IS NULL
    BEGIN INSERT OR IGNORE INTO stale VALUES (NEW.arn); END;
CREATE TRIGGER IF NOT EXISTS executions_changed AFTER UPDATE OF status, ended ON executions WHEN NEW.map_run IS NULL
    BEGIN INSERT OR IGNORE INTO stale VALUES (NEW.arn); END;
CREATE TRIGGER IF NOT EXISTS executions_gone AFTER DELETE ON executions WHEN OLD.map_run IS NULL
    BEGIN INSERT OR IGNORE INTO stale VALUES (OLD.arn); END;
CREATE INDEX IF NOT EXISTS executions_workflow ON executions (json_extract(meta, '$.workflow'), started DESC) WHERE map_run IS NULL;
"""


Key: TypeAlias = tuple[float, str]
"""What a search is ordered by: the number in the index and `_WORDS`, or, without words, when an execution started and its row's number."""
_WORDS = "words"
_LONG = ("definition", "input", "output", "cause")
_SHORT = ",".join("''" if name in _LONG else f"e.{name}" for name in EventLog.COLUMNS)
"""The columns of an execution without its long texts."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found: `rows` have no definition, input, output and cause; `total`: how many there are on all pages; `last`: the key
    that the next page comes after, None where this is the last.
    """

    rows: list[Row] = field(default_factory=list[Row])
    total: int = 0
    last: Key | None = None


class RunIndex:
    """The index of one event log: a file, or (for a log in memory) the log's own connection.

    Errors: StudioError where SQLite was built without full-text search.
    """

    def __init__(self, path: Path | None, log: EventLog) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, timeout=5) if path is not None else log.connection
        self._own = path is not None
        self.closed = False
        self._open()

    def _open(self) -> None:
        try:
            known = self._db.execute("SELECT value FROM things WHERE kind='search' AND id='version'").fetchone()
            self._db.executescript(_TABLES)
            self._db.execute(
                f"CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5({', '.join(FIELDS)}, "
                "tokenize=\"unicode61 tokenchars '_'\", prefix='2 3')"
            )
        except sqlite3.OperationalError as error:
            raise StudioError(f"The runs cannot be searched: {error}.", "This needs an SQLite with FTS5, as Python's own has.") from error
        if known is None or known[0] != str(VERSION):
            with self._db:
                self._db.execute("DELETE FROM words")
                self._db.execute("DELETE FROM found")
                self._db.execute("INSERT OR IGNORE INTO stale SELECT arn FROM executions WHERE map_run IS NULL")
                self._db.execute("INSERT OR REPLACE INTO things VALUES ('search', 'version', ?)", (str(VERSION),))

    def close(self) -> None:
        with self._lock:
            self.closed = True
            if self._own:
                self._db.close()

    # Writing

    def refresh(self, chunks: int = 1) -> int:
        """Index up to so many chunks of what is stale, oldest first; answers how many executions are left."""
        with self._lock:
            if self.closed:
                return 0
            for _ in range(chunks):
                arns = [
                    arn
                    for (arn,) in self._db.execute(
                        "SELECT s.arn FROM stale s LEFT JOIN executions e ON e.arn = s.arn ORDER BY e.rowid LIMIT ?", (CHUNK,)
                    )
                ]
                if not arns:
                    return 0
                with self._db:
                    for arn in arns:
                        self._index(arn)
            return int(self._db.execute("SELECT count(*) FROM stale").fetchone()[0])

    def _index(self, arn: str) -> None:
        db = self._db
        db.execute("DELETE FROM stale WHERE arn=?", (arn,))
        known = db.execute("SELECT id FROM found WHERE arn=?", (arn,)).fetchone()
        row = db.execute("SELECT name,machine,status,meta,input,output,error,cause FROM executions WHERE arn=?", (arn,)).fetchone()
        if known is not None:
            db.execute("DELETE FROM words WHERE rowid=?", known)
        if row is None:
            if known is not None:
                db.execute("DELETE FROM found WHERE id=?", known)
            return
        name, machine, status, meta, given, output, error, cause = row
        states, errors = self._told(arn)
        number = known[0] if known else db.execute("INSERT INTO found (arn) VALUES (?)", (arn,)).lastrowid
        workflow = orjson.loads(meta).get("workflow") or machine.rpartition(":")[2]
        words = (name, workflow, given, output or "", " ".join([error or "", cause or "", *errors]), " ".join(states), status)
        db.execute(f"INSERT INTO words (rowid, {', '.join(FIELDS)}) VALUES (?,?,?,?,?,?,?,?)", (number, *words))  # noqa: S608 - the names are ours

    def _told(self, arn: str) -> tuple[list[str], list[str]]:
        """The states an execution came to and the errors on its way, out of the stored text: much faster than reading it as events."""
        states: dict[bytes, None] = {}
        errors: dict[bytes, None] = {}
        for (events,) in self._db.execute("SELECT events FROM batches WHERE arn=? ORDER BY seq", (arn,)):
            states |= dict.fromkeys(_ENTERED.findall(events))
            if b'"error":' in events:
                errors |= dict.fromkeys(text for pair in _ERRORS.findall(events) for text in pair if text)
        return [orjson.loads(text) for text in states], [orjson.loads(text) for text in errors]

    # Reading

    def find(
        self, text: str = "", *, status: str | None = None, workflow: str | None = None, limit: int = 200, after: Key | None = None
    ) -> Found:
        """A page of the executions that have all words of `text`, newest first. `after`: the page before's `last`, so that a page far down
        takes no longer than the first, and what arrives between two pages repeats and skips nothing. ValueError where that is no such key.
        """
        with self._lock:
            wanted = match(text, status, workflow)
            if text.strip() and not wanted:
                return Found()
            return self._matching(wanted, limit, after) if text.strip() else self._listed(status, workflow, limit, after)

    def _matching(self, wanted: str, limit: int, after: Key | None) -> Found:
        """With words: by the number of an execution in the index, which it keeps."""
        if after is not None and after[1] != _WORDS:
            raise ValueError(after)
        total = self._db.execute("SELECT count(*) FROM words WHERE words MATCH ?", (wanted,)).fetchone()[0]
        beyond = "AND rowid < ?" if after is not None else ""
        found = self._db.execute(
            f"SELECT {_SHORT}, w.id FROM (SELECT rowid AS id FROM words WHERE words MATCH ? {beyond} ORDER BY rowid DESC LIMIT ?) w "  # noqa: S608 - the names are ours
            "JOIN found f ON f.id = w.id JOIN executions e ON e.arn = f.arn ORDER BY w.id DESC",
            (wanted, *([int(after[0])] if after is not None else []), limit + 1),
        ).fetchall()
        last = (float(found[limit - 1][-1]), _WORDS) if len(found) > limit else None
        return Found([EventLog.row(values[:-1]) for values in found[:limit]], int(total), last)

    def _listed(self, status: str | None, workflow: str | None, limit: int, after: Key | None) -> Found:
        """Without words: straight from the executions, by when they started."""
        if after is not None and not after[1].isdecimal():
            raise ValueError(after)
        conditions = ["map_run IS NULL"]
        values: list[str] = []
        if status is not None:
            conditions.append("status=?")
            values.append(status)
        if workflow is not None:
            conditions.append("json_extract(meta, '$.workflow')=?")
            values.append(workflow)
        where = " AND ".join(conditions)
        total = self._db.execute(f"SELECT count(*) FROM executions WHERE {where}", values).fetchone()[0]  # noqa: S608 - the conditions are ours
        beyond = " AND (started, rowid) < (?, CAST(? AS INTEGER))" if after is not None else ""
        found = self._db.execute(
            f"SELECT {_SHORT}, e.rowid FROM executions e WHERE {where}{beyond} ORDER BY started DESC, e.rowid DESC LIMIT ?",  # noqa: S608 - the conditions are ours
            (*values, *(after or ()), limit + 1),
        ).fetchall()
        rows = [EventLog.row(values[:-1]) for values in found[:limit]]
        return Found(rows, int(total), (rows[-1].started, str(found[limit - 1][-1])) if len(found) > limit else None)

    def workflows(self) -> list[str]:
        """The workflows that have runs, by name."""
        with self._lock:
            path = "json_extract(meta, '$.workflow')"
            query = f"SELECT DISTINCT {path} FROM executions WHERE map_run IS NULL AND {path} IS NOT NULL ORDER BY 1"  # noqa: S608 - the names are ours
            return [str(name) for (name,) in self._db.execute(query)]


def match(text: str, status: str | None = None, workflow: str | None = None) -> str:
    """FTS5's expression of a search; empty where the text has no word in it."""
    parts: list[str] = []
    for piece in re.findall(r'(?:\w+:)?"[^"]*"|\S+', text):
        field, colon, rest = piece.partition(":")
        field = _ALIASES.get(field.lower(), field.lower())
        named = bool(colon) and field in FIELDS and bool(rest)
        words = re.findall(r"\w+", rest if named else piece)
        if words:
            # the words of one piece (an id with hyphens, a quoted sentence) follow each other
            phrase = f'"{" ".join(words)}"' + ("" if piece.endswith('"') else " *")
            parts.append(f"{field} : {phrase}" if named else phrase)
    if not parts:
        return ""
    if status is not None:
        parts.append(f'status : "{status}"')
    if workflow is not None:
        words = " ".join(re.findall(r"\w+", workflow))
        parts.append(f'workflow : ^ "{words}"')
    return " AND ".join(parts)
