"""The history of a run as AWS writes it: one row an event, filtered by state, status, time and text; a click selects the state and
shows the event.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.exec.events import details_of
from studio.exec.views.event_list import KINDS, Filter
from studio.ui.times import exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.payload import JsonTree
from studio.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from studio.exec.views.event_list import Row
    from studio.exec.views.run import Visit
    from studio.ui.preferences import PreferenceFile
    from studio.ui.watch import RunWatch

COLUMNS = [
    {"name": "id", "label": "Id", "width": "52px", "class": "num dim"},
    {"name": "type", "label": "Type", "width": "minmax(150px, 1.2fr)"},
    {"name": "state", "label": "State", "width": "minmax(80px, 1.2fr)"},
    {"name": "detail", "label": "Detail", "width": "minmax(80px, 1.4fr)", "class": "dim", "spare": 2},
    {"name": "after", "label": "After", "width": "84px", "class": "num dim", "spare": 1},
]
MANY = 2000
"""Events from which on a list that is filtered is drawn once a second only while it grows."""


class Events:
    """The list with a search and the chosen event's whole content beside it.

    `on_state` is told the state of an event that was clicked, `on_event` its id with the visit it belongs to.
    """

    def __init__(
        self,
        watch: Callable[[], RunWatch | None],
        on_state: Callable[[str], Any],
        on_event: Callable[[int, Visit | None], Any] | None = None,
        preferences: PreferenceFile | None = None,
    ) -> None:
        self.watch, self.on_state, self.on_event, self.preferences = watch, on_state, on_event, preferences
        self.kind = preferences.look("events.kind", *KINDS) if preferences else ""
        self.only: str | None = None
        self.selected: str | None = None
        self.count = -1
        """How many events were listed, shown or filtered away."""
        self.filter = Filter()
        self.drawn = 0.0
        self.arn: str | None = None
        self.root = c.box("events", "section", data_panel="events", aria_label="Events")
        with self.root:
            with c.box("events-head"):
                self.search = (
                    ui.input(placeholder="Filter: words, type:Failed, state:charge, >1.5s, <2m")
                    .props("outlined dense clearable debounce=150 tag=div")
                    .classes("grow")
                )
                c.attributes(self.search, aria_label="Filter events")
                self.search.on_value_change(lambda: self.draw(force=True))
                c.choice(
                    {k: name for k, (name, _) in KINDS.items()}, self.kind, self._filter_kind, label="Kind of event", data_filter="kind"
                ).style("width:170px")
                self.mine = c.button("This state only", self._filter_state, icon_name="filter_alt", classes="quiet", aria_pressed="false")
                self.mine.set_visibility(False)
                self.total = c.text("", "dim small num")
            self.nothing = c.box("")
            with self.nothing:
                c.empty("list_alt", "No events yet", "Run the workflow: everything that happens is listed here, as AWS would record it.")
            with c.box("events-body") as self.body:
                self.table = Rows(
                    COLUMNS,
                    [],
                    self._choose,
                    label="Events",
                    follow=True,
                    sparse=True,
                    marks={"data-event": "id", "data-event-type": "type"},
                )
                self.detail = c.box("events-detail")
        self.detail.set_visibility(False)
        self.draw()

    def draw(self, *, force: bool = False) -> None:
        """Lists what is new; everything anew where the filter or the run is another."""
        watch = self.watch()
        rows: Sequence[Row] = watch.listed() if watch else []
        arn = watch.arn if watch else None
        chosen = Filter(self.kind, self.only, str(self.search.value or ""))
        other = arn != self.arn or chosen != self.filter or len(rows) < self.count
        if not (force or other or len(rows) != self.count):
            return
        if watch and not force and not chosen.empty and len(rows) > MANY and not watch.ended and time.monotonic() < self.drawn + 1:
            return
        self.drawn = time.monotonic()
        if arn != self.arn:
            self.detail.set_visibility(False)
        if self.table.props["follow"] != chosen.empty:  # what was filtered is read from its beginning
            self.table.props["follow"] = chosen.empty
        if other or force:
            self.table.show(rows if chosen.empty else chosen.apply(rows))
            if other and not chosen.empty:
                self.table.run_method("scroll", 0)
        elif chosen.empty:
            self.table.update()  # it has grown by itself
        else:
            self.table.append(chosen.apply(rows[self.count :]))
        self.count, self.arn, self.filter = len(rows), arn, chosen
        self.nothing.set_visibility(not rows)
        self.body.set_visibility(bool(rows))
        shown = len(self.table.rows)
        self.total.set_text(f"{shown:,} of {len(rows):,}" if shown < len(rows) else f"{len(rows):,}" if rows else "")

    def _filter_kind(self, kind: str) -> None:
        self.kind = kind
        if self.preferences:
            self.preferences.remember("events.kind", kind)
        self.draw(force=True)

    def _filter_state(self) -> None:
        self.only = None if self.only else self.selected
        c.change(self.mine, aria_pressed=str(self.only is not None).lower())
        self.draw(force=True)

    def select(self, state: str | None, event: int | None) -> None:
        """Marks an event; the filter by state follows the selection."""
        self.selected = state
        self.mine.set_visibility(state is not None or self.only is not None)
        if self.only is not None and state is not None and self.only != state:
            self.only = state
            self.draw(force=True)
        if self.table.props.get("chosen") != event:
            self.table.choose(event)

    def open(self, event: int) -> None:
        """Shows an event's whole content."""
        self.draw()
        self._choose(event, tell=False)

    def _choose(self, identity: Any, *, tell: bool = True) -> None:
        watch = self.watch()
        number = int(identity)
        event = watch.events[number - 1] if watch and 0 < number <= len(watch.events) else None
        if watch is None or event is None:
            return
        self.table.choose(identity)
        if tell and self.on_event is not None:
            self.on_event(number, watch.visit_of(number))
        elif tell and (state := watch.listed()[number - 1]["state"]):
            self.on_state(state)
        self.detail.clear()
        self.detail.set_visibility(True)
        with self.detail:
            with c.box("row"):
                c.text(f"{event['id']}  {event['type']}", "grow clip", "h3")
                c.button("Close", lambda: self.detail.set_visibility(False), icon_name="close", icon_only=True, classes="quiet")
            c.text(f"{exact(event['timestamp'])} · after event {event.get('previousEventId', 0)}", "dim small")
            JsonTree(json.dumps(_opened(details_of(event)), ensure_ascii=False, default=str), f"Event {event['id']}")


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
