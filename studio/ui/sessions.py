"""The open workflows by path: each file has one `WorkflowSession`, whichever tabs show it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.asl.document import Document
from studio.asl.undo import History
from studio.errors import WorkspaceError
from studio.ui.session import WorkflowSession

if TYPE_CHECKING:
    from studio.settings import Settings
    from studio.store.workspace import Workspace
    from studio.ui.preferences import PreferenceFile


class Sessions:
    """The open files by path."""

    def __init__(self, workspace: Workspace, settings: Settings, preferences: PreferenceFile) -> None:
        self.workspace, self.settings, self.preferences = workspace, settings, preferences
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
            session.history = History.start(replace(document, places=session.side.own.layout))
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

    async def delete(self, path: str) -> None:
        """Moves a file to the trash. Errors: WorkspaceError, also where a tab has unsaved edits of it."""
        async with self._lock:
            session = self._open.get(path)
            if session is not None and session.watched and session.unsaved:
                raise WorkspaceError(f"{path} has unsaved edits in an open tab.", "Save or undo them, or close the tab first.")
            await asyncio.to_thread(self.workspace.delete, path)
            self._open.pop(path, None)
