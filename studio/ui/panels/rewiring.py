"""Leading a transition elsewhere by typing: which way out (where a state has several), then which state it shall lead to.

On the canvas the same is a drag of the transition's tip (`canvas/frontend/src/canvas/wire.ts`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from studio.asl import tree
from studio.asl.graph import START
from studio.canvas import rewiring
from studio.canvas.faces import TYPE_ICONS
from studio.ui.commands import search
from studio.ui.widgets.pick import Entry, open_pick

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from studio.asl.graph import Transition
    from studio.canvas.rewiring import Way
    from studio.ui.view import EditorView

    Send = Callable[[dict[str, Any]], Awaitable[None]]


def _ways(view: EditorView) -> list[Way]:
    """The selected transition, or the ways out of the selected state; with nothing selected the workflow's start."""
    if view.edge and (chosen := view.transition(view.edge)) is not None:
        return [rewiring.Way(chosen.slot, rewiring.words(chosen), chosen)]
    if view.selected is not None:
        return rewiring.ways(view.graph, view.selected)
    starts = [t for t in view.graph.transitions if t.kind == "start" and t.scope == ("States",)]
    return [] if view.selection else [rewiring.Way(t.slot, rewiring.words(t), t) for t in starts]


def why_not(view: EditorView) -> str | None:
    if _ways(view):
        return None
    if view.selected is not None:
        return f"Nothing leads on from {view.selected.name}."
    return "Select one state or one transition first." if view.selection else "There is no transition yet."


def open_rewiring(view: EditorView, send: Send, done: Callable[[], Any]) -> None:
    """Asks what shall lead where; `send` hears the canvas's intent, `done` that the dialog is over."""
    ways = _ways(view)
    if len(ways) == 1:
        _ask_goal(view, ways[0].transition, send, done)
        return
    entries = {
        tree.to_text(way.slot): Entry(
            way.words[:1].upper() + way.words[1:], "alt_route", partial(_ask_goal, view, way.transition, send, done)
        )
        for way in ways
    }
    name = view.selected.name if view.selected is not None else ""
    open_pick(f"Which way out of {name}", f"Which way out of {name}?", entries, search, nothing="No way out is called so.", closed=done)


def _ask_goal(view: EditorView, transition: Transition, send: Send, done: Callable[[], Any]) -> None:
    async def lead(to: str | None) -> None:
        await send({"kind": "connect", "slot": tree.to_text(transition.slot), "to": to})
        done()

    entries: dict[str, Entry] = {}
    for goal in rewiring.goals(view.graph, transition):
        state = goal.state
        if state is None:
            entries["end"] = Entry("The end", "stop_circle", partial(lead, None), reason=goal.reason or None)
        else:
            identity = tree.to_text(state.pointer)
            label = f"{state.name} ({state.type})" if state.type else state.name
            entries[identity] = Entry(
                label, TYPE_ICONS.get(state.type, "help_outline"), partial(lead, identity), reason=goal.reason or None
            )
    source = "The start" if transition.source == START else transition.source
    asked = f"{source}, {rewiring.words(transition)}. Lead it to…"
    open_pick(asked, asked, entries, search, nothing="No state here is called so.", closed=done)
