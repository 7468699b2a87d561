"""Where a run stops on its way: breakpoints, a pause, single steps. Pure.

Theory of operation: a run stops before it enters a state. `_Held` in the log says that a frame waits there, `_Released` that it may go
on, perhaps with another input; so a run that is held is held after a restart too. Both are ours: AWS's history never shows them. While
a frame is held the clock of the execution's own timeout stands still.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.asl.tree import Json

if TYPE_CHECKING:
    from studio.exec.run import Frame, Run


@dataclass(slots=True)
class Holds:
    """`breakpoints` are names of states; `paused`: every frame stops at its next state, but for what runs inside the frame `over`.

    The child executions of a Distributed Map share the holds of their parent.
    """

    breakpoints: frozenset[str] = frozenset()
    paused: bool = False
    over: int | None = None

    @staticmethod
    def of(kept: dict[str, Any] | None) -> Holds | None:
        """What `to_json` made; None where nothing was asked for."""
        return Holds(frozenset(kept.get("breakpoints", ())), bool(kept.get("paused"))) if kept else None

    def to_json(self) -> dict[str, Any]:
        return {"breakpoints": sorted(self.breakpoints), "paused": self.paused}

    def stops(self, frame: Frame) -> bool:
        """Whether a frame that is about to enter `frame.next` stops there."""
        if frame.data.get("released"):
            return False
        if frame.next in self.breakpoints:
            return True
        if not self.paused:
            return False
        above = frame.parent
        while above is not None:
            if above.id == self.over:
                return False
            above = above.parent
        return True


def held(run: Run) -> list[Frame]:
    """The frames that wait to be released, in the order of their numbers."""
    return [frame for _, frame in sorted(run.frames.items()) if frame.phase == "held"]


def release(run: Run, frame: Frame, given: list[Json]) -> None:
    """Let a held frame go on, with `given[0]` as its input where there is one."""
    run.emit(frame, "_Released", {"_input": given[0]} if given else {})
    run.ready.append(frame)


def skip(run: Run, frame: Frame) -> bool:
    """End a Wait or a retry's delay now. False where the frame does neither."""
    if frame.phase not in {"waiting", "backoff"}:
        return False
    run.emit(frame, "_Skipped", None)
    return True
