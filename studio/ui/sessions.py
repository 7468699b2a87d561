"""The open workflow files of a studio, each with its one session; what happens to files as wholes: opened, renamed, moved, deleted.

Concurrency model: on the event loop of the pages; one file is opened, renamed or deleted at a time (`_lock`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from studio.asl.document import Document
from studio.asl.undo import History
from studio.errors import WorkspaceError
from studio.store.moved import find, take_along
from studio.ui.session import Change, WorkflowSession

if TYPE_CHECKING:
    from studio.settings import Settings
    from studio.store.workspace import Workspace
    from studio.ui.preferences import PreferenceFile


class Sessions:
    """The open files by path."""

    def __init__(self, workspace: Workspace, settings: Settings, preferences: PreferenceFile) -> None:
        self.workspace, self.settings, self.preferences = workspace, settings, preferences
        self.moved: Callable[[str, str], Awaitable[Any]] | None = None
        """What else follows a workflow's new path; set by the composition root."""
        self._open: dict[str, WorkflowSession] = {}
        self._lock = asyncio.Lock()

    async def open(self, path: str) -> WorkflowSession:
        """The session of a file. Errors: WorkspaceError where it cannot be read (not text, too large, outside, gone)."""
        async with self._lock:
            session = self._open.get(path)
            if session is not None and (session.watched or session.unsaved):
                return session
            loaded = await asyncio.to_thread(self.workspace.read, path)
            assert loaded is not None
            if session is not None and session.loaded.text == loaded.text:
                session.loaded = loaded
                return session
            run_before = session.run if session is not None else None
            document = await asyncio.to_thread(Document.open, loaded.text, loaded.format)
            session = WorkflowSession(path, loaded, document, self.workspace, self.settings, self.preferences)
            session.run = run_before
            await session.side.load()
            session.left = await asyncio.to_thread(self.workspace.left_over, loaded)
            session.history = History.start(replace(document, places=session.side.own.layout))
            session.look_around = partial(self._look_around, session)
            self._open[path] = session
            return session

    def peek(self, path: str) -> WorkflowSession | None:
        return self._open.get(path)

    async def rename(self, path: str, new: str) -> None:
        """Moves a file; the tabs that show it go on with its new path, their unsaved edits included. Errors: WorkspaceError."""
        async with self._lock:
            await asyncio.to_thread(self.workspace.rename, path, new)
            inside = [open_ for open_ in self._open if open_ == path or open_.startswith(f"{path}#")]
            for old in inside:
                self._open[new + old[len(path) :]] = session = self._open.pop(old)
                await session.moved(new + old[len(path) :])

    async def _look_around(self, session: WorkflowSession) -> None:
        """Follows a file that another program moved where that is certain; else what may be it is offered."""
        taken = {path for path, other in self._open.items() if other.watched or other.unsaved}
        found = await asyncio.to_thread(find, self.workspace, session.loaded, session.seen, taken)
        if found is not None and found.sure:
            await self.follow(session, found.path)
        elif (found.path if found else None) != session.elsewhere:
            session.elsewhere = found.path if found else None
            session.tell(Change.SAVED)

    async def follow(self, session: WorkflowSession, new: str) -> None:
        """The tabs of a file that another program moved go on with its new path; what belongs to it comes along. Errors: WorkspaceError."""
        old = session.path
        async with self._lock:
            sides = await asyncio.to_thread(take_along, self.workspace, old, new)
            self._open[new] = self._open.pop(old)
            session.followed = (old, *(sides or ()))
            await session.moved(new)
        if self.moved is not None:
            await self.moved(old, new)

    async def delete(self, path: str) -> None:
        """Moves a file to the trash. Errors: WorkspaceError, also where a tab has unsaved edits of it."""
        async with self._lock:
            session = self._open.get(path)
            if session is not None and session.watched and session.unsaved:
                raise WorkspaceError(f"{path} has unsaved edits in an open tab.", "Save or undo them, or close the tab first.")
            await asyncio.to_thread(self.workspace.delete, path)
            self._open.pop(path, None)
