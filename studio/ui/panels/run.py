"""What a run did to the selected state: status, times, input, output, error, attempts; for a Map, iteration by iteration.

The same panel serves the editor's inspector and the page of a run: both give it a `RunSource`.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from nicegui import ui

from studio.exec.views.links import calls_of, links_of
from studio.exec.views.looked_at import looked_at
from studio.ui.panels.function_log import log_buttons
from studio.ui.times import between, clock, exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.failure import failure, in_words
from studio.ui.widgets.payload import payload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from nicegui.element import Element
    from nicegui.elements.mixins.text_element import TextElement

    from studio.exec.views.looked_at import Level
    from studio.exec.views.run import Visit
    from studio.ui.watch import RunWatch

SHOWN = 60
PICKED = 120
"""Iterations offered as buttons; more are reached by number."""


class RunSource(Protocol):
    """Where the panel looks: the run, the state that is selected, and which iteration of each Map is shown."""

    @property
    def watch(self) -> RunWatch | None: ...
    @property
    def state_name(self) -> str | None: ...
    @property
    def frame(self) -> dict[str, int]: ...
    @property
    def event(self) -> int | None:
        """The event that is looked at; the visit it belongs to is shown where its state is."""
        ...

    def show_visit(self, visit: Visit) -> None: ...
    def set_frame(self, state: str, index: int | None) -> None: ...
    def go(self, state: str) -> None: ...


@dataclass(slots=True)
class _Row:
    """A state in the table of the whole run."""

    root: Element
    chip: Element
    count: TextElement
    time: TextElement
    status: str = ""


class RunPanel:
    """Draws anew when what it shows changed; `draw` is cheap where nothing did."""

    def __init__(
        self, source: RunSource, remedy: Callable[[str | None], None] | None = None, actions: Callable[[Visit], None] | None = None
    ) -> None:
        """`remedy` draws what can be done about the cause of a failure, `actions` what with a stay in a state; where the page does not say it
        elsewhere.
        """
        self.source, self.remedy, self.actions = source, remedy or (lambda _: None), actions or (lambda _: None)
        self.shown: Any = object()  # unlike any key: the first drawing shows that there is no run
        self.ticking: list[tuple[TextElement, datetime]] = []
        self.rows: dict[str, _Row] = {}
        self.levels: tuple[float, Element, Sequence[Level]] | None = None
        """When the pickers of the iterations were drawn, where, and with what."""
        self.root = c.box("", "section", data_panel="run", aria_label="Run")
        self.draw()

    def draw(self) -> None:
        """Shows the selected state's run, or the run as a whole. What changes many times a second in a running run (the rows of the
        whole, the iterations) is changed in place, so that what is read stays where it is.
        """
        watch, name = self.source.watch, self.source.state_name
        key = self._key(watch, name)
        if key == self.shown:
            if watch is not None and name is None:
                self._grow(watch)
            elif watch is not None and name is not None:
                self._draw_levels(watch, name)
            return
        self.shown = key
        self.ticking.clear()
        self.levels = None
        self.root.clear()
        with self.root:
            if watch is None:
                c.empty("play_circle", "No run yet", "Press Ctrl+Enter to run the workflow on the screen with its sample input.")
            elif watch.problem:
                c.text(watch.problem, "note error q-ma-md")
            elif name is None:
                self._whole(watch)
            else:
                self._state(watch, name)

    def _chosen(self, watch: RunWatch) -> Visit | None:
        """The visit of the event that is looked at."""
        return watch.visit_of(self.source.event) if self.source.event else None

    def tick(self) -> None:
        """Once a second: durations of what is under way."""
        self.draw()
        for label, started in self.ticking:
            label.set_text(between(started, None))

    def _since(self, label: TextElement, started: datetime | None, ended: datetime | None) -> None:
        if started is not None and ended is None:
            self.ticking.append((label, started))

    def _key(self, watch: RunWatch | None, name: str | None) -> Any:
        """Changes whenever what is shown does. Visits grow in place, so it counts what happened to them."""
        if watch is None:
            return None
        view = watch.view
        if name is None:
            reached = sum(bool(run.visits) for run in view.states.values())
            return (watch.arn, view.status, view.started, reached, view.error, watch.problem)
        state = view.states.get(name)
        if state is None or not state.visits:
            return (watch.arn, view.status, name, watch.problem)
        seen = looked_at(view, name, self.source.frame)
        v = seen.visit(self._chosen(watch))
        shown = (v.entered_id, v.status, v.ended, len(v.attempts), v.attempts[-1].status if v.attempts else "") if v else None
        return (
            watch.arn,
            view.status,
            name,
            watch.problem,
            tuple(level[0] for level in seen.levels),
            len(seen.visits),
            shown,
            frozenset(self.source.frame.items()),
        )

    # -- the whole run -----------------------------------------------------------------------------------------------
    def _whole(self, watch: RunWatch) -> None:
        view = watch.view
        with c.box("form"):
            with c.box("row"):
                c.status_chip(c.execution(view.status))
                self._since(c.text(between(view.started, view.ended), "num dim", title=exact(view.started)), view.started, view.ended)
                c.box("grow")
                c.text("Select a state for its input and output.", "dim small")
            if view.error:
                failure(view.error, view.cause, stopped=view.status == "ABORTED")
                self.remedy(view.cause)
                if (failing := watch.failing()) is not None:
                    with c.box("row"):
                        c.button(
                            f"Go to {failing[0]}",
                            lambda: self.source.go(failing[0]),
                            icon_name="my_location",
                            data_go_to_failure=failing[0],
                        )
            self._table(watch)
            if view.input is not None:
                payload("Input", None, name="input", text=view.input)
            if view.output is not None:
                payload("Output", None, name="output", text=view.output)

    def _table(self, watch: RunWatch) -> None:
        """Every state the run came to, with its status and time; a click selects it."""
        self.rows.clear()
        reached = [state for state in watch.view.states.values() if state.visits]
        if not reached:
            return
        reached.sort(key=lambda state: state.visits[0].entered_id)
        with c.box("list", "div", data_states="", aria_label="States of this run", role="group"):
            for state in reached[:SHOWN]:
                row = c.box("item state-row", "button", type="button", data_row=state.name)
                row.on("click", lambda _=None, name=state.name: self.source.go(name))
                with row:
                    chip = c.box("")
                    c.text(state.name, "grow clip")
                    self.rows[state.name] = _Row(row, chip, c.text("", "dim num"), c.text("", "dim num"))
            if len(reached) > SHOWN:
                c.text(f"{len(reached) - SHOWN} more states: select them on the canvas.", "dim small q-pa-sm")
        self._grow(watch)

    def _grow(self, watch: RunWatch) -> None:
        """The rows of the states as they are now, changed in place: a running run changes them many times a second."""
        self.ticking = [entry for entry in self.ticking if entry[0] not in {row.time for row in self.rows.values()}]
        for name, row in self.rows.items():
            state = watch.view.states[name]
            if row.status != state.status:
                row.status = state.status
                c.change(row.root, data_status=state.status)
                row.chip.clear()
                with row.chip:
                    c.status_chip(state.status)
            visits = list(state.visits)
            times = f"×{len(visits)}" if len(visits) > 1 else ""
            going = state.status in {"running", "waiting", "retrying"}
            first = min((visit.started for visit in visits), default=None)
            last = None if going else max((visit.ended for visit in visits if visit.ended), default=None)
            for label, text in ((row.count, times), (row.time, between(first, last))):
                if label.text != text:
                    label.set_text(text)
            self._since(row.time, first, last)

    # -- one state ---------------------------------------------------------------------------------------------------
    def _state(self, watch: RunWatch, name: str) -> None:
        state = watch.view.states.get(name)
        with c.box("form"):
            if state is None or not state.visits:
                if around := watch.in_children.get(name):
                    self._in_children(watch, name, around)
                    return
                with c.box("row"):
                    c.text(name, "grow clip", "h2")
                    c.status_chip("not-reached")
                c.text("This run did not come to this state." if watch.ended else "This run has not come to this state yet.", "dim")
                return
            seen = looked_at(watch.view, name, self.source.frame)
            self.levels = (0.0, c.box("rows"), [])
            self._draw_levels(watch, name)
            visit = seen.visit(self._chosen(watch))
            if visit is None:
                with c.box("row"):
                    c.text(name, "grow clip", "h2")
                    c.status_chip("not-reached")
                c.text(
                    f"This iteration {'did not come' if watch.ended else 'has not come'} to this state{'.' if watch.ended else ' yet.'}",
                    "dim",
                )
                return
            with c.box("row"):
                c.text(name, "grow clip", "h2")
                c.status_chip(visit.status)
            if len(seen.visits) > 1:
                self._visits(seen.visits, visit)
            self._visit(visit)

    def _in_children(self, watch: RunWatch, name: str, around: str) -> None:
        """A state inside a Distributed Map: its work is in the histories of the child executions."""
        c.text(name, "clip", "h2")
        c.text(f"Every item of {around} is an execution of its own: what this state did is on the pages of those.", "dim wrap")
        for visit in watch.view.states[around].visits[-1:]:
            for what, arn, _ in links_of(visit, watch.events):
                c.link(f"{what}: all child executions", f"/runs/{quote(arn, safe='')}", icon_name="open_in_new", data_leads_to=arn)

    def _draw_levels(self, watch: RunWatch, name: str) -> None:
        """The pickers of the iterations; at most once a second while the run goes on, for there may be many."""
        state = watch.view.states.get(name)
        if self.levels is None or state is None or not state.visits:
            return
        drawn, box, before = self.levels
        now = time.monotonic()
        if not watch.ended and now < drawn + 1:
            return
        levels = looked_at(watch.view, name, self.source.frame).levels
        self.levels = (now, box, levels)
        if drawn and levels == before:
            return
        box.clear()
        box.set_visibility(bool(levels))
        with box:
            for level, by_index, index in levels:
                self._picker(level, by_index, index, own=level == name)

    def _picker(self, level: str, by_index: dict[int, str], chosen: int | None, *, own: bool = False) -> None:
        """The iterations of a Map as a strip of numbered buttons, those that failed first."""
        failed = sum(status in {"failed", "timed-out"} for status in by_index.values())
        done = sum(status == "succeeded" for status in by_index.values())
        with c.box("rows", data_iterations=level):
            with c.box("row"):
                c.text(f"Iterations of {level}" if not own else "Iterations", "grow clip", "h3")
                words = [f"{failed} failed"] * bool(failed) + [f"{done} of {len(by_index)} succeeded"]
                c.text(" · ".join(words), "dim small num")
            order = sorted(by_index, key=lambda index: (by_index[index] not in {"failed", "timed-out"}, index))
            with c.box("density", role="group", aria_label=f"Iterations of {level}"):
                for index in order[:PICKED]:
                    status = by_index[index]
                    word = c.STATUS.get(status, ("", status))[1]
                    made = c.box(
                        "",
                        "button",
                        type="button",
                        data_iteration=str(index),
                        data_tone=status,
                        data_status=status,
                        aria_pressed=str(index == chosen).lower(),
                    )
                    c.attributes(made, aria_label=f"Iteration {index}, {word}", title=f"Iteration {index}: {word}")
                    made.on("click", lambda _=None, index=index: self.source.set_frame(level, index))
                    with made:
                        c.text(str(index), "", "span")
            if len(order) > PICKED:
                with c.box("row"):
                    c.text(f"{len(order) - PICKED} more; go to iteration", "dim small")
                    _number("Iteration", chosen or 0, min(by_index), max(by_index), lambda index: self.source.set_frame(level, index))

    def _visits(self, visits: Sequence[Visit], shown: Visit) -> None:
        """Where a loop came to the state several times: which of them is shown."""
        number = next(i for i, visit in enumerate(visits) if visit is shown)

        def choose(value: str | int) -> None:
            self.source.show_visit(visits[int(value)])
            self.draw()

        with c.box("row"):
            c.text(f"Entered {len(visits):,} times; shown is", "dim small")
            if len(visits) > PICKED:
                _number("Visit", number + 1, 1, len(visits), lambda chosen: choose(chosen - 1))
                return
            c.choice(
                {str(i): f"{i + 1} of {len(visits)}" for i in range(len(visits))}, str(number), choose, label="Visit", data_visit=""
            ).style("width:120px")

    def _visit(self, visit: Visit) -> None:
        with c.box("kv", "dl"):
            for label, value, title in (
                ("Started", clock(visit.started), exact(visit.started)),
                ("Duration", between(visit.started, visit.ended), exact(visit.ended)),
                ("Attempts", str(max(1, len(visit.attempts))), None),
            ):
                c.text(label, "", "dt")
                shown = c.text(value, "num", "dd", title=title, data_fact=label.lower())
                if label == "Duration":
                    self._since(shown, visit.started, visit.ended)
        self.actions(visit)
        watch = self.source.watch
        if visit.open and visit.attempts and visit.attempts[-1].waits:
            c.text("Waits for somebody outside: a callback with its token, or an activity's worker.", "dim wrap")
            to = f"/tasks?run={quote(watch.arn if watch else '', safe='')}&state={quote(visit.name, safe='')}"
            c.link("Answer it", to, icon_name="how_to_reg", data_answer_task=visit.name)
        for what, arn, _ in links_of(visit, watch.events) if watch is not None else ():
            c.link(what, f"/runs/{quote(arn, safe='')}", icon_name="open_in_new", data_leads_to=arn)
        if watch is not None and (calls := calls_of(visit, watch.events)):
            log_buttons(watch.engine, watch.arn, calls)
        if visit.error:
            failure(visit.error, visit.cause, caught=visit.status == "caught")
            self.remedy(visit.cause)
        if visit.input is not None:
            payload("Input", None, name="input", text=visit.input)
        if visit.output is not None:
            payload("Output", None, name="output", text=visit.output)
        if visit.assigned:
            payload("Variables set", variables(visit.assigned), name="variables")
        if len(visit.attempts) > 1 or any(attempt.error for attempt in visit.attempts):
            with c.box("group", "div", data_attempts=str(len(visit.attempts))):
                c.text("Attempts", "group-head")
                with c.box("group-body").style("gap:0"):
                    for attempt in visit.attempts:
                        _attempt(attempt)


def _number(label: str, value: int, least: int, most: int, choose: Callable[[int], Any]) -> None:
    """Which of many: they are not sent to the browser as options."""
    field = (
        ui.number(value=value, min=least, max=most, step=1, format="%d").props("outlined dense debounce=400 tag=div").style("width:110px")
    )
    c.attributes(field, aria_label=f"{label}, {least:,} to {most:,}", data_number=label.lower())
    field.on_value_change(lambda event: choose(int(event.value)) if event.value is not None and least <= event.value <= most else None)


def _attempt(attempt: Any) -> None:
    with c.box("attempt"):
        c.text(f"{attempt.number}", "num dim")
        c.status_chip(attempt.status)
        with c.box("grow"):
            if attempt.error:
                c.text(attempt.error, "mono clip")
            if attempt.cause:
                c.text(in_words(attempt.cause), "dim small wrap")
        c.text(between(attempt.started, attempt.ended), "num dim")


def variables(assigned: dict[str, Any]) -> dict[str, Any]:
    """The variables a state set; the history holds each as JSON text."""
    found: dict[str, Any] = {}
    for name, value in assigned.items():
        try:
            found[name] = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            found[name] = value
    return found
