"""The world of each run: what its row says (mocks, functions, folder) turned into the performers of its tasks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from studio.errors import ServiceError, StudioError
from studio.exec.performers import Performers
from studio.store.names import machine_name, side_of

if TYPE_CHECKING:
    from studio.exec.performers.mock import Mocks
    from studio.exec.performers.sandbox import Sandbox

MOCK_CONFIG = "SFN_MOCK_CONFIG"
"""The environment variable of Step Functions Local that names a file of mocks."""


class Worlds:
    """`functions` is the folder of Python functions where a run names none, `sandbox` answers AWS services that are neither mocked nor at an
    endpoint of the environment, `service` is the engine, for `aws-sdk:sfn`.
    """

    def __init__(self, service: object, functions: Path | None, sandbox: Sandbox | None) -> None:
        self._service, self._functions, self._sandbox = service, functions, sandbox
        self.real = False
        """Whether tasks call AWS itself."""
        self.allow_http: Callable[[], Collection[str]] = frozenset
        """The hosts that HTTP Tasks may call, beside those of the environment."""
        self.workflow_of: Callable[[str], Path | None] = lambda _name: None
        """The workflow's file behind a state machine of this name, where there is one."""
        self.file_at: Callable[[str], Path | None] = lambda _path: None
        """The file at a path of the workspace, where there is one."""

    def started(self, machine: str, case: str, workflow: str = "") -> dict[str, Any]:
        """What is kept with a run that was started by its state machine's ARN: the functions, sandbox and documents of the workflow of that
        name, and with `case` (`…:stateMachine:NAME#CASE`, as Step Functions Local has it) its mocks: those of the file that
        `SFN_MOCK_CONFIG` names, else those beside the workflow. `workflow`: the path of the workflow that it was published from.

        Errors: ServiceError `InvalidArn` for a case that is not there.
        """
        file = self.file_at(workflow) if workflow else None
        if file is None:
            file, workflow = self.workflow_of(machine), ""
        found: dict[str, Any] = {}
        if file is not None:
            functions = file.parent / "functions"
            found = {"folder": str(file.parent), **({"functions": str(functions)} if functions.is_dir() else {})}
        return found | (_mocked(machine, case, file, workflow) if case else {})

    def of(self, meta: dict[str, Any]) -> Performers:
        """The world of a run, by what is kept about it."""
        mocks: Mocks | None = None
        if meta.get("mocks") is not None:
            from studio.exec.performers.mock import Mocks

            mocks = Mocks.load(meta["mocks"], machine=meta.get("mocksMachine"), case=meta.get("case"))
        folder = meta.get("functions")
        functions = Path(folder) if folder else self._functions
        return Performers(
            mocks=mocks,
            functions=functions,
            folder=Path(meta["folder"]) if meta.get("folder") else None,
            outside=True,
            aws=None if self.real else self._address(meta.get("folder")),
            real=self.real,
            own=self._operation,
            allow_http=self.allow_http,
        )

    def alone(self, functions: str | None) -> Performers:
        """The world of one state that is tested: nobody outside answers it."""
        folder = Path(functions) if functions else self._functions
        return Performers(functions=folder, aws=self._address(None), own=self._operation, allow_http=self.allow_http)

    def function_log(self, meta: dict[str, Any], name: str, request: str | None) -> str:
        """What a function of a run (or of the workspace, where `meta` is empty) printed, in all its calls or in one."""
        from studio.exec.performers import function_logs

        functions = Path(meta["functions"]) if meta.get("functions") else self._functions
        return function_logs.read(functions, name, request) if functions is not None else ""

    def close(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()

    def _address(self, folder: str | None) -> Callable[[], str] | None:
        """The sandbox's address, once what the workflow's folder asks for is there."""
        sandbox = self._sandbox
        if sandbox is None:
            return None

        def address() -> str:
            if folder:
                sandbox.seed(Path(folder))
            return sandbox.endpoint()

        return address

    def _operation(self, method: str) -> Callable[..., Any] | None:
        from studio.catalogue.services import stepfunctions_methods

        return getattr(self._service, method, None) if method in stepfunctions_methods() else None


def handed_on(meta: dict[str, Any], machine: str, workflow: str) -> dict[str, Any]:
    """What a run hands on to one that it starts: its mocks only where they speak of that state machine."""
    held: Any = meta.get("mocks")
    if held is None:
        return meta
    known = _known(held["StateMachines"], machine, workflow)
    return {**meta, "mocksMachine": known} if known is not None else {key: value for key, value in meta.items() if key != "mocks"}


def _known(machines: Collection[str], machine: str, workflow: str) -> str | None:
    """What a mocks file calls a state machine: its own name, or that of the workflow it was published from, which the studio writes there. A
    setting may make the two different.
    """
    return next((name for name in (machine, machine_name(workflow) if workflow else machine) if name in machines), None)


def _mocked(machine: str, case: str, file: Path | None, workflow: str) -> dict[str, Any]:
    """The mocks of a test case, as a run keeps them."""
    from studio.exec.performers.mock import Mocks

    config = _config(file, workflow)
    if config is None:
        raise ServiceError("InvalidArn", f"There are no mocks for '{machine}', so there is no test case '{case}'.")
    try:
        held: Any = json.loads(config.read_text("utf-8"))
        everything = Mocks.load(held)
        chosen = everything.choose(_known(everything.everything, machine, workflow) or machine, case)
    except (OSError, ValueError, StudioError) as error:
        raise ServiceError("InvalidArn", f"{config.name}: {error}") from error
    return {"mocks": chosen.config, "mocksMachine": chosen.machine, "case": case}


def _config(file: Path | None, workflow: str) -> Path | None:
    named = os.environ.get(MOCK_CONFIG)
    if named:
        return Path(named)
    if file is None:
        return None
    own = PurePosixPath(side_of(workflow or file.name, "mocks")).name
    return next((path for name in (own, "mocks.json") if (path := file.with_name(name)).is_file()), None)
