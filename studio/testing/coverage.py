"""Which states and transitions of the workflows the tests reached.

Theory of operation: while somebody counts (`counting`), every workflow that is loaded and every run that ends is noted. What is noted is
plain JSON, so that test processes can hand it to the one that prints the table.

A transition is one pair of states, taken the ordinary way or by a catcher: two rules of a Choice that lead to the same state count as one.
Leaving for the end is no transition of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.asl.graph import END, START, build
from studio.asl.tree import Json
from studio.testing.run import Run, Taken


@dataclass(frozen=True, slots=True)
class Covered:
    """One workflow's figures. `transitions` in document order; `unreached` and `untaken` are what no test came to."""

    path: str
    states: int
    transitions: int
    unreached: tuple[str, ...]
    untaken: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    states: tuple[str, ...]
    transitions: dict[Taken, str]
    entered: set[str] = field(default_factory=set[str])
    taken: set[Taken] = field(default_factory=set[Taken])


class Coverage:
    """What was reached so far, by workflow file."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def add(self, path: str, definition: Json) -> None:
        """Count this workflow, even if nothing runs it."""
        if path not in self._seen:
            graph = build(definition)
            transitions: dict[Taken, str] = {}
            for step in graph.transitions:
                if step.source != START and step.target != END and not step.missing:
                    key = (step.source, step.target, step.kind == "catch")
                    known = transitions.get(key)
                    transitions[key] = ", ".join(filter(None, (known, step.label)))
            self._seen[path] = _Seen(tuple(node.name for node in graph.states.values()), transitions)

    def ran(self, path: str, entered: Iterable[str], taken: Iterable[Taken]) -> None:
        seen = self._seen[path]
        seen.entered.update(entered)
        seen.taken.update(taken)

    def to_json(self) -> dict[str, Any]:
        return {
            path: {
                "states": list(seen.states),
                "transitions": [[*key, label] for key, label in seen.transitions.items()],
                "entered": sorted(seen.entered),
                "taken": sorted(map(list, seen.taken)),
            }
            for path, seen in self._seen.items()
        }

    def merge(self, told: dict[str, Any]) -> None:
        """Add what another process noted."""
        for path, held in told.items():
            seen = self._seen.setdefault(path, _Seen(tuple(held["states"]), {(s, t, c): label for s, t, c, label in held["transitions"]}))
            seen.entered.update(held["entered"])
            seen.taken.update((s, t, c) for s, t, c in held["taken"])

    def figures(self) -> list[Covered]:
        """Every workflow by path."""
        return [
            Covered(
                path,
                len(seen.states),
                len(seen.transitions),
                tuple(name for name in seen.states if name not in seen.entered),
                tuple(_told(key, label) for key, label in seen.transitions.items() if key not in seen.taken),
            )
            for path, seen in sorted(self._seen.items())
        ]


def _told(key: Taken, label: str) -> str:
    source, target, caught = key
    why = f" (catches {label})" if caught else f" ({label})" if label else ""
    return f"{source} → {target}{why}"


_COUNTING: list[Coverage] = []


@contextmanager
def counting(into: Coverage) -> Iterator[Coverage]:
    """Note every workflow that is loaded and every run that ends, while this lasts."""
    _COUNTING.append(into)
    try:
        yield into
    finally:
        _COUNTING.remove(into)


def saw(path: Path, definition: Json, run: Run | None) -> None:
    """A workflow was loaded (None) or has run."""
    for coverage in _COUNTING:
        coverage.add(str(path), definition)
        if run is not None:
            coverage.ran(str(path), run.entered, run.taken)


def percent(figures: Iterable[Covered]) -> float:
    """States and transitions together, as one figure; 100 where there is nothing to reach."""
    all_of = reached = 0
    for one in figures:
        all_of += one.states + one.transitions
        reached += one.states + one.transitions - len(one.unreached) - len(one.untaken)
    return 100.0 * reached / all_of if all_of else 100.0


def table(figures: list[Covered], here: Path) -> list[str]:
    """The lines of the report: a workflow per line, below it what no test reached. Paths below `here` are shown from there."""
    names = [_shown(one.path, here) for one in figures]
    width = max(map(len, [*names, "workflow"]))
    lines = [f"{'workflow':<{width}}  {'states':>13}  {'transitions':>13}"]
    for name, one in zip(names, figures, strict=True):
        lines.append(f"{name:<{width}}  {_part(one.states, one.unreached)}  {_part(one.transitions, one.untaken)}")
        lines += [f"    not entered: {state}" for state in one.unreached]
        lines += [f"    not taken:   {step}" for step in one.untaken]
    lines.append(f"{'TOTAL':<{width}}  {percent(figures):.0f}%")
    return lines


def _part(count: int, missing: tuple[str, ...]) -> str:
    reached = count - len(missing)
    share = f"{int(100 * reached / count)}%" if count else "100%"
    return f"{f'{reached}/{count}':>8} {share:>4}"


def _shown(path: str, here: Path) -> str:
    whole = Path(path)
    return whole.relative_to(here).as_posix() if whole.is_relative_to(here) else path
