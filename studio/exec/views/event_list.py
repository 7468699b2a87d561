"""The history of a run as rows to be read, filtered by words, type, state, kind and time. Pure.

A filter's words must all be found, in any order; some have a meaning of their own:

    charge busy              in the id, type, state or detail
    type:TaskFailed          the type has this
    state:charge             the state has this; `state:"Each order"` with blanks
    >1.5s  <2m               that long or more, less, after the start of the run (ms, s, m, h)

Shapes: a row is `{"id", "type", "state", "detail", "after", "class"?}`; `after` is text (`+1.250 s`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast, overload

from studio.exec.events import details_of
from studio.exec.views.run import Visit

Row: TypeAlias = dict[str, Any]

BAD = ("Failed", "TimedOut", "Aborted")
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("All events", ("",)),
    "bad": ("Problems", BAD),
    "states": ("States entered and left", ("StateEntered", "StateExited")),
    "started": ("Begun", ("Started", "Scheduled", "Submitted", "Redriven")),
    "succeeded": ("Succeeded", ("Succeeded",)),
}
"""What a filter by kind shows: the endings of the event types."""
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_TIME = re.compile(r"([<>])(\d+(?:\.\d+)?)(ms|s|m|h)?")
_WORD = re.compile(r'(?:(type|state):)?(?:"([^"]*)"?|(\S+))', re.IGNORECASE)


def after(first: datetime, moment: datetime) -> str:
    return f"+{(moment - first).total_seconds():.3f} s"


def row_of(event: dict[str, Any], first: datetime, visit_of: Callable[[int], Visit | None]) -> Row:
    """The row of an event of a history that began at `first`; `visit_of`: event id -> the visit it belongs to."""
    inner = details_of(event)
    visit = visit_of(event["id"])
    row: Row = {
        "id": event["id"],
        "type": event["type"],
        "state": visit.name if visit is not None else str(inner.get("name") or ""),
        "detail": _detail(inner),
        "after": after(first, event["timestamp"]),
    }
    if event["type"].endswith(BAD):
        row["class"] = "bad"
    return row


class Listed(Sequence[Row]):
    """The rows of a history that grows, each made when it is first asked for: of 25,000 events a page shows forty."""

    def __init__(self, events: Sequence[dict[str, Any]], visit_of: Callable[[int], Visit | None]) -> None:
        self._events, self._visit_of = events, visit_of
        self._made: dict[int, Row] = {}

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [self._row(one) for one in range(*at.indices(len(self._events)))]
        return self._row(range(len(self._events))[at])

    def _row(self, at: int) -> Row:
        made = self._made.get(at)
        if made is None:
            made = self._made[at] = row_of(self._events[at], self._events[0]["timestamp"], self._visit_of)
        return made


def _detail(value: dict[str, Any]) -> str:
    for key in ("error", "name", "resource", "index", "length"):
        if key in value and value[key] is not None:
            rest = value.get("cause", "") if key == "error" else value.get("index", "") if key == "name" and "index" in value else ""
            return f"{value[key]} {rest}".strip()[:200]
    text = value.get("output") or value.get("input") or ""
    return str(text)[:120]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are shown: of a kind, of one state, with every word of a search."""

    kind: str = ""
    state: str | None = None
    words: str = ""

    @property
    def empty(self) -> bool:
        return not self.kind and self.state is None and not self.words.strip()

    def apply(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that fit, in their order."""
        if self.empty:
            return list(rows)
        endings = KINDS[self.kind][1]
        anywhere, types, states, least, most = _read(self.words)
        found: list[Row] = []
        for row in rows:
            if not row["type"].endswith(endings) or (self.state is not None and row["state"] != self.state):
                continue
            if types and not all(word in row["type"].lower() for word in types):
                continue
            if states and not all(word in row["state"].lower() for word in states):
                continue
            if (least is not None or most is not None) and not _between(row["after"], least, most):
                continue
            if anywhere:
                text = f"{row['id']} {row['type']} {row['state']} {row['detail']} {row['after']}".lower()
                if not all(word in text for word in anywhere):
                    continue
            found.append(row)
        return found


def _between(told: str, least: float | None, most: float | None) -> bool:
    seconds = float(told[1:-2])
    return (least is None or seconds >= least) and (most is None or seconds < most)


def _read(words: str) -> tuple[list[str], list[str], list[str], float | None, float | None]:
    """Words for anywhere, for the type, for the state, and the times between."""
    anywhere: list[str] = []
    types: list[str] = []
    states: list[str] = []
    least: float | None = None
    most: float | None = None
    for field, quoted, plain in cast("list[tuple[str, str, str]]", _WORD.findall(words)):
        word = (quoted or plain).lower()
        time = _TIME.fullmatch(word) if not field and not quoted else None
        if time is not None:
            seconds = float(time[2]) * _UNITS[time[3] or "s"]
            if time[1] == ">":
                least = seconds if least is None else max(least, seconds)
            else:
                most = seconds if most is None else min(most, seconds)
        elif word:
            {"type": types, "state": states}.get(field.lower(), anywhere).append(word)
    return anywhere, types, states, least, most
