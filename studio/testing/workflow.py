"""A workflow under test: its definition and the files beside it, run in this process with virtual time.

Theory of operation: `run` calls the engine's own synchronous driver, keeps nothing on disk and jumps over every wait and backoff. Where
a workflow starts other executions (Distributed Map, `states:startExecution`) the whole engine runs, with its log in a temporary folder, so
that their histories can be looked at too.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from studio.asl.graph import build
from studio.asl.sidefile import filled
from studio.asl.text import format_of, parse
from studio.asl.tree import Json
from studio.commands.files import beside, input_of, located, name_of, read_text, side_file
from studio.errors import StudioError, TextError
from studio.exec.driver import run_once
from studio.exec.events import Event
from studio.exec.machine import Machine, MachineError, compile_machine
from studio.exec.performers.mock import Mocks
from studio.testing import coverage
from studio.testing.mocks import overlaid
from studio.testing.run import Run, finished

_BESIDE: Any = object()
"""Stands for the file beside the workflow."""
_MANY = 1_000_000
"""More executions than a test starts."""


@dataclass(frozen=True)
class Workflow:
    """A definition, ready to run. `load` makes one."""

    path: Path
    name: str
    definition: Json
    _machine: Machine = field(repr=False)
    type: Literal["STANDARD", "EXPRESS"] = "STANDARD"

    @property
    def cases(self) -> list[str]:
        """The test cases of the mocks file beside the workflow."""
        mocks = self._mocks(_BESIDE, None)
        return mocks.cases() if mocks is not None else []

    def run(
        self,
        input: Any = _BESIDE,  # noqa: A002 - the word everything else uses
        *,
        mocks: Mapping[str, Any] | str | Path | None = _BESIDE,
        case: str | None = None,
        type: Literal["STANDARD", "EXPRESS"] | None = None,  # noqa: A002
        functions: str | Path | None = None,
        quotas: Literal["aws", "none"] = "aws",
    ) -> Run:
        """Run to the end; waits and backoffs take no time.

        `input`: any JSON; without it, the test case's own (`NAME.input.CASE.json`), else `NAME.input.json`. `mocks`: answers by state (`studio.testing.mocks`), laid over those of the test
        case `case` of `NAME.mocks.json`; or another mocks file, its path or its content; None for no mocks at all. `functions`: the folder of Python functions
        that stand in for Lambda functions. `type`: STANDARD or EXPRESS; by default what `NAME.studio.json` says, else STANDARD.

        Errors: StudioError for mocks and inputs that cannot be used. A failed execution is a Run.
        """
        chosen = self._mocks(mocks, case)
        value = self._input(chosen.case if chosen is not None else None) if input is _BESIDE else _copied(input)
        folder = Path(functions) if functions is not None else self.path.parent / "functions"
        compact: list[Event] = []
        scope = self._machine.scope
        with tempfile.TemporaryDirectory(prefix="asl-test-", ignore_cleanup_errors=True) as temporary:
            many = scope.distributed() or scope.has(lambda state: state.resource is not None and state.resource.nested)
            log = Path(temporary) / "runs.sqlite" if many else None
            outcome = run_once(
                self.definition,
                value,
                mocks=chosen,
                type=type or self.type,
                skip_waits=True,
                quotas=quotas,
                machine=self.name,
                functions=folder,
                compiled=self._machine,
                progress=compact.extend,
                log_path=log,
            )
            children = _children(log, outcome.arn, compact) if log is not None else []
        run = finished(self.name, self.definition, compact, children)
        coverage.saw(self.path, self.definition, run)
        return run

    def _input(self, case: str | None) -> Json:
        side = input_of(str(self.path), case)
        return _read(side) if side is not None else {}

    def _mocks(self, given: Any, case: str | None) -> Mocks | None:
        overlay: Mapping[str, Any] = {}
        config: Any = None
        if isinstance(given, Mapping) and "StateMachines" not in given:
            overlay, given = given, _BESIDE
            known = [node.name for node in build(self.definition).states.values()]
            unknown = [name for name in overlay if name not in known]
            if unknown:
                raise StudioError(f"{self.path.name} has no state {', '.join(map(repr, unknown))} to mock.", f"It has: {', '.join(known)}.")
        if given is _BESIDE:
            side = beside(str(self.path), "mocks")
            config = _read(side) if side is not None else None
        elif given is not None:
            config = given if isinstance(given, Mapping) else _read(Path(given))
        if config is None and case is not None:
            raise StudioError(f"There is no test case '{case}': {self.path.name} has no mocks file.", "Write NAME.mocks.json beside it.")
        base = Mocks.load(config, machine=self.name, case=case) if config is not None else None
        return overlaid(base, overlay, self.name) if overlay else base


def load(path: str | Path, *, placeholders: Mapping[str, Json] | None = None) -> Workflow:
    """Read a workflow file, JSON or YAML. `placeholders`: values of `${Name}`, over those of `NAME.studio.json`.

    Errors: StudioError for a file that cannot be read or a definition that cannot be run.
    """
    file = Path(path).absolute()
    text = read_text(str(file), "workflow")
    try:
        root = parse(text, format_of(file.name)).root
    except TextError as error:
        raise located(str(path), error) from error
    side = side_file(str(file))
    definition = filled(root, {**side.placeholders, **(placeholders or {})})
    try:
        machine = compile_machine(definition)
    except MachineError as error:
        raise StudioError(f"{path} cannot be run: {error}", f"See: studio validate {path}") from error
    workflow = Workflow(file, name_of(str(file)), definition, machine, "EXPRESS" if side.config.get("type") == "EXPRESS" else "STANDARD")
    coverage.saw(file, definition, None)
    return workflow


def _children(log: Path, arn: str, started: Sequence[Event]) -> list[tuple[Run, bool]]:
    """The executions that a run started, and whether they are its Distributed Maps'; each with those that it started itself."""
    from studio.store.eventlog import EventLog, Row

    store = EventLog(log, check=False)

    def run_of(row: Row) -> Run:
        events = store.events(row.arn)
        return finished(row.machine.split(":stateMachine:")[-1], json.loads(row.definition), events, below(row.arn, events))

    def below(arn: str, events: Sequence[Event]) -> list[tuple[Run, bool]]:
        map_runs = [event[4]["mapRunArn"] for event in events if event[0] == "MapRunStarted" and event[4]]
        mapped = [row for map_run in map_runs for row in reversed(store.rows(map_run=map_run, limit=_MANY))]
        nested = list(reversed(store.begun(arn, limit=_MANY)[0]))
        return [(run_of(row), True) for row in mapped] + [(run_of(row), False) for row in nested]

    try:
        return below(arn, started)
    finally:
        store.close()


def _copied(value: Any) -> Json:
    """The input as JSON makes it, so that a test's own objects are never shared with the run."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise StudioError(f"The input is not JSON: {error}.", "Give a dict, list, str, number, bool or None.") from error


def _read(path: Path) -> Any:
    try:
        return json.loads(read_text(str(path)))
    except (ValueError, RecursionError) as error:
        raise StudioError(f"{path.name} is not JSON: {error}.") from error


__all__ = ["Workflow", "load"]
