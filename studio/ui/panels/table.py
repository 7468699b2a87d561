"""The states of a run as a table: type, status, resource, when, how long, where in the run; filtered by status and text."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.exec.views.table import StateRow, table
from studio.ui.panels.timeline import MANY
from studio.ui.widgets import controls as c
from studio.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from studio.asl.graph import Graph
    from studio.ui.preferences import PreferenceFile
    from studio.ui.watch import RunWatch

COLUMNS = [
    {"name": "name", "label": "Name", "width": "minmax(140px, 1.4fr)", "class": "pre"},
    {"name": "type", "label": "Type", "width": "72px", "class": "dim", "spare": 3},
    {"name": "status", "label": "Status", "width": "112px", "kind": "status"},
    {"name": "resource", "label": "Resource", "width": "minmax(80px, 1.2fr)", "class": "mono dim", "spare": 5},
    {"name": "started", "label": "Started after", "width": "88px", "class": "num", "spare": 2},
    {"name": "duration", "label": "Duration", "width": "84px", "class": "num"},
    {"name": "times", "label": "Entered", "width": "60px", "class": "num dim", "spare": 6},
    {"name": "retries", "label": "Retries", "width": "56px", "class": "num dim", "spare": 4},
    {"name": "spans", "label": "Timeline", "width": "minmax(80px, 1fr)", "kind": "spans", "spare": 1},
]
ALWAYS = {"name", "status"}


class TablePanel:
    """`choose(state)` tells the page which row was clicked. Hidden columns and the status that is filtered by are kept with the preferences."""

    def __init__(
        self, watch: RunWatch, graph: Graph, frame: dict[str, int], choose: Callable[[str], Any], preferences: PreferenceFile
    ) -> None:
        self.watch, self.graph, self.frame, self.preferences = watch, graph, frame, preferences
        self.key: Any = None
        self.drawn = 0.0
        statuses = {"": "All statuses", "reached": "Reached", **{k: name for k, (_, name) in c.STATUS.items()}}
        self.status = preferences.look("run-table.status", *statuses)
        self.hidden = set(preferences.look("run-table.columns").split()) - ALWAYS
        with c.box("events", "section", data_panel="table", aria_label="States of this run"):
            with c.box("events-head"):
                self.search = ui.input(placeholder="Filter by name, type or resource").props(
                    "outlined dense clearable debounce=150 tag=div"
                )
                self.search.classes("grow")
                c.attributes(self.search, aria_label="Filter states")
                self.search.on_value_change(lambda: self.draw(force=True))
                c.choice(statuses, self.status, self._filter, label="Status", data_filter="status").style("width:140px")
                self.total = c.text("", "dim small num")
                c.box("grow")
                self._columns()
            with c.box("events-body"):
                self.rows = Rows(self._shown(), [], choose, label="States")

    def _columns(self) -> None:
        button = c.button("Columns", None, icon_name="view_column", classes="quiet", data_columns="")
        with button, ui.menu().props("no-parent-event=false"):
            for column in COLUMNS:
                if column["name"] not in ALWAYS:
                    with c.box("menu-item"):
                        c.check(column["label"], column["name"] not in self.hidden, lambda on, name=column["name"]: self._column(name, on))
            c.text("A narrow table leaves some out.", "dim small q-pa-sm")

    def _column(self, name: str, on: bool) -> None:
        self.hidden = self.hidden - {name} if on else self.hidden | {name}
        self.preferences.remember("run-table.columns", " ".join(sorted(self.hidden)))
        self.rows.props["columns"] = self._shown()

    def _shown(self) -> list[dict[str, Any]]:
        return [column for column in COLUMNS if column["name"] not in self.hidden]

    def _filter(self, status: str) -> None:
        self.status = status
        self.preferences.remember("run-table.status", status)
        self.draw(force=True)

    def draw(self, *, force: bool = False) -> None:
        watch = self.watch
        key = (len(watch.events), watch.view.status, tuple(sorted(self.frame.items())))
        if not force and (key == self.key or (len(watch.events) > MANY and not watch.ended and time.monotonic() < self.drawn + 1)):
            return
        self.key, self.drawn = key, time.monotonic()
        began = watch.view.started
        until = (datetime.now(UTC) - began).total_seconds() if began and not watch.ended else None
        found = table(watch.view, self.graph, self.frame, until)
        words = str(self.search.value or "").lower().split()
        shown = [
            row
            for row in found
            if self.status in {"", row.status, "reached" if row.visits else ""}
            and all(word in f"{row.name} {row.type} {row.resource} {row.error or ''}".lower() for word in words)
        ]
        self.total.set_text(f"{len(shown)} of {len(found)}" if len(shown) < len(found) else f"{len(found)} states")
        self.rows.show([_row(row, inside=row.name in watch.in_children) for row in shown])

    def select(self, state: str | None) -> None:
        if self.rows.props.get("chosen") != state:
            self.rows.choose(state)


def _row(row: StateRow, *, inside: bool = False) -> dict[str, Any]:
    """`inside`: its work is done in the child executions of a Map Run, which the run's own history does not tell of."""
    icon, word = ("account_tree", "In child runs") if inside else c.STATUS.get(row.status, ("help_outline", row.status))
    return {
        "id": row.name,
        "name": "   " * row.depth + row.name,
        "type": row.type,
        "status": {"tone": row.status, "icon": icon, "word": word},
        "resource": row.resource,
        "started": "" if row.started is None else f"+{c.seconds(row.started)}",
        "duration": "" if row.seconds is None else c.seconds(row.seconds),
        "times": str(row.visits or ""),
        "retries": str(row.retries or ""),
        "spans": [list(span) for span in row.spans],
        "attributes": {"data-row": row.name, "data-status": row.status},
    }
