"""What every page is given: the workspace, the engine, the settings, the open files. Made by `studio.app`, the composition root."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio.errors import ServiceError
from studio.exec.driver import ACCOUNT
from studio.ui.watch import Watches

if TYPE_CHECKING:
    from studio.exec.family import Ask
    from studio.exec.local import LocalStepFunctions
    from studio.exec.remote import AwsRuns
    from studio.settings import Settings
    from studio.store.workspace import Workspace
    from studio.ui.preferences import PreferenceFile
    from studio.ui.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Studio:
    """One running studio."""

    workspace: Workspace
    engine: LocalStepFunctions
    settings: Settings
    preferences: PreferenceFile
    sessions: Sessions
    aws: AwsRuns
    watches: Watches = field(default_factory=Watches)

    async def rename(self, path: str, new: str) -> None:
        """Moves a workflow: open tabs, side files, revisions and past runs go with it. Errors: WorkspaceError; then nothing is moved."""
        await self.sessions.rename(path, new)
        await self.engine.rename_workflow(path, new)

    def asking(self, page: Any) -> Ask:
        """Who answers what the tree of a run asks, `page` being who has the run: what was begun here this engine alone knows; an execution of
        this studio (its account is no real one) is asked for here, any other where the run is, and both where it may be elsewhere.
        """

        async def ask(operation: str, **request: Any) -> dict[str, Any]:
            if operation == "list_begun_executions":
                return await self.engine.list_begun_executions(**request)
            own = any(f":{ACCOUNT}:" in str(value) for value in request.values())
            other = self.aws if page is self.engine else self.engine
            first, second = (page, other) if not own else (self.engine, self.aws if self.settings.endpoint_url else page)
            try:
                return dict(await getattr(first, operation)(**request))
            except ServiceError:
                if second is first:
                    raise
            return dict(await getattr(second, operation)(**request))

        return ask

    async def ask(self, operation: str, **request: Any) -> tuple[Any, dict[str, Any]]:
        """Who answers a question, the workspace's engine or, where that does not know the thing, AWS; and the answer.

        Errors: ServiceError, the workspace's, with what AWS said.
        """
        try:
            return self.engine, await getattr(self.engine, operation)(**request)
        except ServiceError as problem:
            try:
                return self.aws, await getattr(self.aws, operation)(**request)
            except ServiceError as beyond:
                told = f"{problem.message.rstrip('.')}. On AWS: {beyond.message.rstrip('.')}."
                raise ServiceError(problem.code, told, hint=beyond.hint) from beyond
