"""The history of a run as AWS writes it: one row an event, filtered by state; a click selects the state and shows the event."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.ui.times import exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.payload import JsonTree
from studio.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.ui.watch import RunWatch

COLUMNS = [
    {"name": "id", "label": "Id", "width": "52px", "class": "num dim"},
    {"name": "type", "label": "Type", "width": "minmax(150px, 1.2fr)"},
    {"name": "state", "label": "State", "width": "minmax(0, 1.2fr)"},
    {"name": "detail", "label": "Detail", "width": "minmax(0, 1.4fr)", "class": "dim"},
    {"name": "after", "label": "After", "width": "84px", "class": "num dim"},
]
MANY = 2000
BAD = ("Failed", "TimedOut", "Aborted")


def details(event: dict[str, Any]) -> dict[str, Any]:
    """The one member of an event that holds its details; empty for a type without any."""
    return next((value for key, value in event.items() if key.endswith("EventDetails") and isinstance(value, dict)), {})


def event_rows(events: list[dict[str, Any]], states: dict[int, str]) -> list[dict[str, Any]]:
    """The rows of a history; `states`: event id -> state it belongs to."""
    if not events:
        return []
    first = events[0]["timestamp"]
    return [
        {
            "id": event["id"],
            "type": event["type"],
            "state": states.get(event["id"], ""),
            "detail": _detail(details(event)),
            "after": after(first, event["timestamp"]),
            "class": "bad" if event["type"].endswith(BAD) else "",
            "attributes": {"data-event": str(event["id"]), "data-event-type": event["type"]},
        }
        for event in events
    ]


def after(first: datetime, moment: datetime) -> str:
    return f"+{(moment - first).total_seconds():.3f} s"


def _detail(value: dict[str, Any]) -> str:
    for key in ("error", "name", "resource", "index", "length"):
        if key in value and value[key] is not None:
            rest = value.get("cause", "") if key == "error" else value.get("index", "") if key == "name" and "index" in value else ""
            return f"{value[key]} {rest}".strip()[:200]
    text = value.get("output") or value.get("input") or ""
    return str(text)[:120]


def state_of_events(watch: RunWatch) -> dict[int, str]:
    """Which state each event belongs to: that of the visit the projection put it into, else the one its details name."""
    found = {number: state.name for state in watch.view.states.values() for visit in state.visits for number in visit.events}
    for event in watch.events:
        if event["id"] not in found and (name := details(event).get("name")):
            found[event["id"]] = str(name)
    return found


class Events:
    """The list with a search and the chosen event's whole content beside it."""

    def __init__(self, watch: Callable[[], RunWatch | None], on_state: Callable[[str], Any]) -> None:
        self.watch, self.on_state = watch, on_state
        self.states: dict[int, str] = {}
        self.count = -1
        self.drawn = 0.0
        self.arn: str | None = None
        self.root = c.box("events", "section", data_panel="events", aria_label="Events")
        with self.root:
            with c.box("events-head"):
                self.search = (
                    ui.input(placeholder="Filter by type, state or detail")
                    .props("outlined dense clearable debounce=150 tag=div")
                    .classes("grow")
                )
                c.attributes(self.search, aria_label="Filter events")
                self.search.on_value_change(lambda: self.draw(force=True))
                self.total = c.text("", "dim small num")
            self.nothing = c.box("")
            with self.nothing:
                c.empty("list_alt", "No events yet", "Run the workflow: everything that happens is listed here, as AWS would record it.")
            with c.box("events-body") as self.body:
                self.table = Rows(COLUMNS, [], self._choose, label="Events", follow=True)
                self.detail = c.box("events-detail")
        self.detail.set_visibility(False)
        self.draw()

    def draw(self, *, force: bool = False) -> None:
        watch = self.watch()
        events = watch.events if watch else []
        arn = watch.arn if watch else None
        if not force and len(events) == self.count and arn == self.arn:
            return
        if watch and not force and len(events) > MANY and not watch.ended and time.monotonic() < self.drawn + 1:
            return  # a long list goes to the browser once a second while it grows
        self.drawn = time.monotonic()
        if arn != self.arn:
            self.detail.set_visibility(False)
        self.count, self.arn = len(events), arn
        self.states = state_of_events(watch) if watch else {}
        words = str(self.search.value or "").lower().split()
        rows = event_rows(events, self.states)
        shown = [row for row in rows if all(word in f"{row['id']} {row['type']} {row['state']} {row['detail']}".lower() for word in words)]
        self.nothing.set_visibility(not events)
        self.body.set_visibility(bool(events))
        self.total.set_text(f"{len(shown):,} of {len(rows):,}" if words else f"{len(rows):,}" if rows else "")
        self.table.show(shown)

    def _choose(self, identity: Any) -> None:
        watch = self.watch()
        event = next((e for e in watch.events if e["id"] == identity), None) if watch else None
        if event is None:
            return
        self.table.choose(identity)
        if state := self.states.get(int(identity)):
            self.on_state(state)
        self.detail.clear()
        self.detail.set_visibility(True)
        with self.detail:
            with c.box("row"):
                c.text(f"{event['id']}  {event['type']}", "grow clip", "h3")
                c.button("Close", lambda: self.detail.set_visibility(False), icon_name="close", icon_only=True, classes="quiet")
            c.text(f"{exact(event['timestamp'])} · after event {event.get('previousEventId', 0)}", "dim small")
            JsonTree(json.dumps(_opened(details(event)), ensure_ascii=False, default=str), f"Event {event['id']}")


def _opened(value: dict[str, Any]) -> dict[str, Any]:
    """The details with the JSON texts inside them opened, so that they can be read."""
    opened: dict[str, Any] = {}
    for key, item in value.items():
        opened[key] = item
        if key in {"input", "output", "parameters"} and isinstance(item, str):
            try:
                opened[key] = json.loads(item)
            except ValueError:
                continue
    return opened
