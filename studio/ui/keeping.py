"""*Keep as mock*: an answer of a task goes into the mocks that lie beside a workflow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.exec.views.mocks import kept
from studio.store.names import machine_name
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from studio.ui.session import WorkflowSession


async def keep(session: WorkflowSession, state: str, answer: dict[str, Any], ordinal: int | None, time: str) -> None:
    """Writes what `state` answered into the test case that runs, and tells it: of the call `ordinal` (from 0; None: of each), called `time` for people."""
    side = session.side
    machine = side.mocks.machine if side.mocks and side.mocks.machine else machine_name(session.path)
    case = side.chosen or "Happy"
    content = kept(side.mocks.config if side.mocks else None, machine, case, state, answer, ordinal)
    try:
        await session.write_mocks(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    except (ValueError, StudioError) as problem:
        c.toast(f"Not kept. {problem}", seconds=8)
        return
    when = "every time" if ordinal is None else time
    c.toast(f"Kept in {side.mocks_name}, case {case}: {state} {'fails so' if 'Throw' in answer else 'gives this'} {when}.", seconds=4)
