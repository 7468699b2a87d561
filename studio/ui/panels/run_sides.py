"""The smaller tabs of a run's inspector: the events of a state, its definition, the run's summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.exec.events import details_of
from studio.exec.views.event_list import after
from studio.ui.panels.testing_result import stage_card
from studio.ui.times import exact
from studio.ui.widgets import controls as c
from studio.ui.widgets.failure import failure
from studio.ui.widgets.payload import payload

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui import ui

    from studio.asl.graph import Graph
    from studio.asl.tree import Json
    from studio.exec.views.run import Visit
    from studio.exec.views.stages import Recomputed
    from studio.ui.watch import RunWatch

SHOWN = 200
"""Events of one visit that are listed here; the list of events has all."""


def events_of(
    body: ui.element, watch: RunWatch, state: str | None, visit: Visit | None, choose: Callable[[int, Visit | None], Any]
) -> None:
    """The events of the visit that is looked at."""
    body.clear()
    with body, c.box("form"):
        if state is None or visit is None:
            c.text("Select a state that the run came to: its events are listed here.", "dim")
            return
        c.text(state, "clip", "h2")
        first = watch.events[0]["timestamp"]
        with c.box("list", role="group", aria_label=f"Events of {state}"):
            for number in visit.events[:SHOWN]:
                event = watch.events[number - 1]
                row = c.box("item state-row", "button", type="button", data_state_event=str(number))
                row.on("click", lambda _=None, number=number: choose(number, visit))
                with row:
                    c.text(number, "dim num")
                    c.text(event["type"], "grow clip", title=str(details_of(event).get("error") or ""))
                    c.text(after(first, event["timestamp"]), "dim num")
        if len(visit.events) > SHOWN:
            c.text(f"{len(visit.events) - SHOWN:,} more: filter the events by this state.", "dim small")


def stages_of(body: ui.element, state: str | None, found: Recomputed | None, *, whole: bool, choose: Callable[[bool], Any]) -> None:
    """The way of the data through the visit that is looked at. `whole`: values instead of differences, switched by `choose`."""
    body.clear()
    with body, c.box("form"):
        if state is None or found is None:
            c.text("Select a state that the run came to: its data are shown here stage by stage.", "dim")
            return
        with c.box("row"):
            c.text(state, "grow clip", "h2")
            with c.box("segments", role="group", aria_label="Stages show"):
                for label, held in (("Differences", False), ("Values", True)):
                    c.button(
                        label, lambda _=None, held=held: choose(held), aria_pressed=str(held == whole).lower(), data_stages=label.lower()
                    )
        for note in found.notes:
            c.text(note, "note wrap", role="note", data_stage_note="")
        with c.box("stage-list", "div", role="group", aria_label=f"Stages of {state}"):
            for stage in found.stages:
                stage_card(stage, whole=whole)


def definition_of(body: ui.element, graph: Graph, state: str | None, root: Json) -> None:
    """The definition that ran: the selected state's, else the whole."""
    body.clear()
    node = graph.by_name(state) if state else None
    with body, c.box("form"):
        if node is not None:
            payload(node.name, node.value, name="state-definition")
        payload("Definition that ran", root, name="definition")


def summary(body: ui.element, watch: RunWatch, described: dict[str, Any], root: Json) -> ui.element:
    """The execution as DescribeExecution tells of it; answers the place of its family (`panels.family`)."""
    view = watch.view
    body.clear()
    with body, c.box("form"):
        with c.box("kv", "dl"):
            for label, value in {
                "Execution": described["executionArn"],
                "Workflow": described.get("workflow") or described["stateMachineArn"],
                "Started": exact(view.started),
                "Ended": exact(view.ended) or "–",
                "Redrives": str(max(view.redrives, described.get("redriveCount", 0))),
            }.items():
                c.text(label, "", "dt")
                c.text(value, "mono", "dd")
        kin = c.box("rows")
        kin.set_visibility(False)
        if note := described.get("note"):
            c.text(str(note), "note wrap", role="note")
        if view.error:
            failure(view.error, view.cause, stopped=view.status == "ABORTED")
        if view.input is not None:
            payload("Input", None, name="run-input", text=view.input)
        if view.output is not None:
            payload("Output", None, name="run-output", text=view.output)
        payload("Definition that ran", root, name="definition")
    return kin
