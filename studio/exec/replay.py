"""A run of which only the history is here (it is on AWS, or was imported), run again on this machine: its tasks answer as they did then.

Theory of operation: the recorded answers are the replay's mocks, waits are skipped. A replay is a run like any other, so what an imported run
cannot, it can: begin at any state. Its order may differ where branches or iterations run side by side; a stay in a state is therefore found
again by its iterations and its place among the stays in them, not by its event.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from studio.asl.text import tree_of
from studio.errors import StudioError
from studio.exec.exported import export
from studio.exec.incoming import of_run
from studio.exec.origin import Origin
from studio.exec.performers.mock import Mocks
from studio.exec.views.run import Projector

if TYPE_CHECKING:
    from studio.asl.tree import Json
    from studio.exec.local import LocalStepFunctions
    from studio.exec.views.run import RunView, Visit

PATIENCE = 20.0
"""Seconds in which a replay must go on."""


async def replay(engine: LocalStepFunctions, source: Any, described: dict[str, Any], ran: str) -> str:
    """Starts the replay of an execution that `source` has, `ran` its definition; answers its ARN. Errors: StudioError."""
    arn = described["executionArn"]
    piece = of_run(await export(source, arn))
    mocks = Mocks.load(piece.beside["mocks"], machine=piece.name) if "mocks" in piece.beside else None
    text = described.get("input") or "{}"
    return await engine.run_definition(ran, text, mocks=mocks, workflow=piece.name, skip_waits=True, origin=Origin(arn, "replay"))


def place_of(view: RunView, visit: Visit) -> int:
    """The how-manieth stay in its state it is, in its iterations; from 0."""
    return [one.entered_id for one in _beside(view, visit)].index(visit.entered_id)


async def entered_again(engine: LocalStepFunctions, arn: str, root: Json, view: RunView, visit: Visit) -> int:
    """The event by which a replay enters a state as `visit` of the `view` of the run did, as soon as it has. StudioError where it does not."""
    place = place_of(view, visit)
    projector, seen = Projector(root), 0
    while True:
        new = await engine.wait_events(arn, seen, PATIENCE)
        seen += len(new)
        projector.feed(new)
        again = _beside(projector.view, visit)
        if len(again) > place:
            return again[place].entered_id
        if not new:
            told = projector.view
            how = f"it ended with {told.error}: {told.cause}" if told.error else "it ended elsewhere" if told.ended else "it does not go on"
            raise StudioError(f"The replay did not come to {visit.name} as the run did: {how}.", "Open the replay in the list of runs.")


def _beside(view: RunView, visit: Visit) -> list[Visit]:
    state = view.states.get(visit.name)
    return [one for one in state.visits if one.frame == visit.frame] if state else []


async def run_from_replay(
    engine: LocalStepFunctions, source: Any, described: dict[str, Any], ran: str, view: RunView, visit: Visit, **how: Any
) -> str:
    """Replays a run and begins a new one where the replay entered a state as the run did; `how`: as of `run_from`. Answers the new run's ARN.
    A replay that has not ended by then (it would wait for what nobody answers any more) is stopped.
    """
    replayed = await replay(engine, source, described, ran)
    entered = await entered_again(engine, replayed, tree_of(ran), view, visit)
    begun = await engine.run_from(executionArn=replayed, eventId=entered, **how)
    try:
        await asyncio.wait_for(engine.ended(replayed), 1)
    except TimeoutError:
        await engine.stop_execution(
            executionArn=replayed, error="Studio.Replayed", cause="The replay has come as far as it was wanted for."
        )
    return str(begun["executionArn"])
