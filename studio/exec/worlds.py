"""The world of each run: what its row says (mocks, functions, folder) turned into the performers of its tasks."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.exec.performers import Performers

if TYPE_CHECKING:
    from studio.exec.performers.mock import Mocks
    from studio.exec.performers.sandbox import Sandbox


class Worlds:
    """`functions` is the folder of Python functions where a run names none, `sandbox` answers AWS services that are neither mocked nor at an
    endpoint of the environment, `service` is the engine, for `aws-sdk:sfn`.
    """

    def __init__(self, service: object, functions: Path | None, sandbox: Sandbox | None) -> None:
        self._service, self._functions, self._sandbox = service, functions, sandbox
        self.allow_http: Callable[[], Collection[str]] = frozenset
        """The hosts that HTTP Tasks may call, beside those of the environment."""

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
            aws=self._address(meta.get("folder")),
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
