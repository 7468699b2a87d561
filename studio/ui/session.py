"""One open workflow: the document, its undo history, its problems, its state on disk. Shared by every tab that shows it.

Theory of operation: a `WorkflowSession` exists once per file while a tab (or an unsaved edit) needs it. Tabs send transactions
and are told what changed (`Change`); each draws its own picture from the same document, so they stay in step by construction.

Concurrency model: everything here runs on the event loop of the pages; only checking, writing and edits of large documents go
to threads, one edit at a time (`_turn`). Listeners are called after the change, in the order they subscribed, and must not block.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks

from studio.asl.compare import changed_lines
from studio.asl.document import Document
from studio.asl.edits import ReplaceText, Transaction, state_names
from studio.asl.sidefile import filled
from studio.asl.text import dump
from studio.asl.undo import History
from studio.errors import StudioError, WorkspaceError
from studio.exec.hold import Holds
from studio.exec.requests import why_not_named
from studio.store.workspace import FileChangedError
from studio.ui.checking import Checker
from studio.ui.merging import meet
from studio.ui.side import SideFiles

if TYPE_CHECKING:
    from studio.asl.compare import StateChange
    from studio.asl.diagnostics import Diagnostic
    from studio.asl.merge import Conflict, Take
    from studio.asl.places import Places
    from studio.asl.sidefile import SideFile
    from studio.exec.local import LocalStepFunctions
    from studio.settings import Settings
    from studio.store.revisions import Revision
    from studio.store.workspace import Loaded, Workspace
    from studio.ui.merging import Met
    from studio.ui.preferences import PreferenceFile
    from studio.ui.watch import RunWatch

LARGE = 200_000
"""Characters from which on editing and checking a document leave the event loop."""


class Change(Enum):
    DOCUMENT = auto()
    DIAGNOSTICS = auto()
    SAVED = auto()
    SIDE_FILES = auto()
    RUN = auto()


Listener = Callable[[Change], Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that was done: the text before it, the one after it, and what came from the disk."""

    before: str
    after: str
    came: tuple[StateChange, ...]


class WorkflowSession:
    """An open file. `do`, `undo`, `redo`, `jump` change the document; `save` writes it."""

    def __init__(
        self, path: str, loaded: Loaded, document: Document, workspace: Workspace, settings: Settings, preferences: PreferenceFile
    ) -> None:
        self.path = path
        self.workspace = workspace
        self.settings = settings
        self.preferences = preferences
        self.loaded = loaded
        self._opened: Loaded | None = loaded
        self.history = History.start(document)
        self.diagnostics: list[Diagnostic] = []
        self.checked_revision = -1
        self.saved_at: float | None = None
        self.disk_text: str | None = None
        """What the file holds now, where somebody else changed it under our unsaved edits."""
        self.disk_seen: str | None = None
        """The SHA-256 of what another program wrote and a person chose to write over."""
        self.gone = False
        """Whether the file was taken away while it is open here; saving makes it again."""
        self.elsewhere: str | None = None
        """While the file is gone: another one with the same text, which may be it."""
        self.followed: tuple[str, ...] = ()
        """After the file was moved by another program: its old path, and the side files that came along."""
        self.look_around: Callable[[], Awaitable[None]] | None = None
        """Looks where the file went; set by `Sessions`."""
        self.seen = time.time()
        """When the file was at its path last, in seconds since 1970."""
        self.conflicts: tuple[Conflict, ...] = ()
        """What the file and the edits here changed otherwise, while `disk_text` waits for a person."""
        self.merged: Merged | None = None
        """What was merged with the file on disk last; None once a person has seen it."""
        self.left: Revision | None = None
        """Edits that were not saved when the studio ended last, as long as nobody said what becomes of them."""
        self.edits_since_save = 0
        self.run: RunWatch | None = None
        self.run_name = ""
        """What the next run started here is called; empty: a name is made for it."""
        self.breakpoints: set[str] = set()
        """Names of states a run started here stops before; kept while the studio runs."""
        self.side = SideFiles(workspace, path)
        self._file_names = state_names(document.root)
        """The states of the definition on disk: their places are kept while unsaved edits rename or remove them."""
        self._places_task: asyncio.Task[None] | None = None
        self._listeners: list[Listener] = []
        self._turn = asyncio.Lock()
        self._lint_task: asyncio.Task[None] | None = None
        self._autosave_task: asyncio.Task[None] | None = None
        self._disk_task: asyncio.Task[None] | None = None
        self._checker = Checker()

    # -- who looks ---------------------------------------------------------------------------------------------------
    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        if self._disk_task is None:
            self._disk_task = background_tasks.create(self._watch_disk(), name=f"watch {self.path}")
            self._schedule_lint(0)

        def leave() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)
            if not self._listeners and self._disk_task is not None:
                self._disk_task.cancel()
                self._disk_task = None

        return leave

    @property
    def watched(self) -> bool:
        return bool(self._listeners)

    def tell(self, change: Change) -> None:
        for listener in list(self._listeners):
            listener(change)

    # -- the document ------------------------------------------------------------------------------------------------
    @property
    def document(self) -> Document:
        return self.history.present

    @property
    def unsaved(self) -> bool:
        return self.document.text != self.loaded.text

    async def do(self, transaction: Transaction) -> bool:
        """Applies a transaction; False where it changes nothing. Errors: EditRefused, and the document is as it was."""
        async with self._turn:
            before = self.document
            if len(before.text) > LARGE or any(isinstance(e, ReplaceText) and len(e.text) > LARGE for e in transaction.edits):
                after = await asyncio.to_thread(before.apply, transaction)
            else:
                after = before.apply(transaction)
            if after is before or after is None:
                return False
            self.history = self.history.do(after, transaction.label, transaction.coalesce)
            self.edits_since_save += after.text != before.text
        self._changed()
        return True

    def undo(self) -> str | None:
        """The name of the step that was undone, or None."""
        label = self.history.undo_label
        return self._go(self.history.undo(), label)

    def redo(self) -> str | None:
        label = self.history.redo_label
        return self._go(self.history.redo(), label)

    def jump(self, position: int) -> None:
        self._go(self.history.jump(position), "")

    def _go(self, history: History, label: str | None) -> str | None:
        if history is self.history:
            return None
        self.edits_since_save += history.present.text != self.document.text
        self.history = history
        self._changed()
        return label

    def _changed(self) -> None:
        if not self.unsaved:
            self.edits_since_save = 0
        self.tell(Change.DOCUMENT)
        self._schedule_lint(self.settings.lint_delay)
        self._schedule_autosave()
        self._keep_places()

    # -- problems ----------------------------------------------------------------------------------------------------
    def _schedule_lint(self, delay: float) -> None:
        if self._lint_task is not None:
            self._lint_task.cancel()
        self._lint_task = background_tasks.create(self._lint(delay), name=f"check {self.path}")

    async def _lint(self, delay: float) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(delay)
            document = self.document
            own = self.side.own
            found = await asyncio.to_thread(self._checker.check, document, own.config.get("type"), own.keys)
            if document is self.document:
                self.diagnostics, self.checked_revision = found, document.revision
                self.tell(Change.DIAGNOSTICS)

    # -- side files, layout, runs ------------------------------------------------------------------------------------
    def toggle_breakpoint(self, state: str) -> bool:
        """A run stops before the state from now on, or no longer; answers which."""
        self.breakpoints ^= {state}
        self.tell(Change.SIDE_FILES)
        return state in self.breakpoints

    async def choose_case(self, case: str) -> None:
        """Let another test case of the mocks run. Errors: WorkspaceError, where its input cannot be read; then the case is chosen all the same."""
        try:
            await self.side.choose(case)
        finally:
            self.tell(Change.SIDE_FILES)

    async def write_mocks(self, text: str) -> None:
        """Errors: ValueError, WorkspaceError; then the mocks that run are the old ones."""
        await self.side.write_mocks(text)
        self.tell(Change.SIDE_FILES)

    async def write_own(self, content: SideFile) -> None:
        """What the side file holds from now on: silenced findings, placeholders' values, settings. Errors: StudioError."""
        await self.side.write_own(content)
        self.tell(Change.SIDE_FILES)
        self._schedule_lint(0)

    def _places_to_keep(self) -> Places:
        """The places of the states that are here, and of those that are in the file still."""
        shown = self.document.places
        if not shown and not self.side.own.layout:
            return {}
        here = state_names(self.document.root)
        gone = {name: place for name, place in self.side.own.layout.items() if name in self._file_names and name not in here}
        return gone | {name: place for name, place in shown.items() if name in here}

    def _keep_places(self) -> None:
        """Writes where states were put into the side file, at once: there is nothing to save about them."""
        if self._places_task is None and self._places_to_keep() != self.side.own.layout and not self.side.own_problem:
            self._places_task = background_tasks.create(self._write_places(), name=f"places of {self.path}")

    async def _write_places(self) -> None:
        with contextlib.suppress(StudioError, OSError):
            while (places := self._places_to_keep()) != self.side.own.layout:
                await self.side.write_own(replace(self.side.own, layout=places))
        self._places_task = None

    async def start_run(self, engine: LocalStepFunctions, *, stepping: bool = False) -> str:
        """Starts the text on the screen with the sample input; answers the execution's ARN. Errors: StudioError."""
        if self.side.mocks_problem:
            raise StudioError(self.side.mocks_problem, "Correct the mocks, or empty them.")
        chosen = self.preferences.value
        functions = (self.workspace.root / self.path).parent / "functions"
        if self.side.own_problem:
            raise StudioError(self.side.own_problem, "Correct the file, or delete it.")
        names = frozenset(self.breakpoints) & state_names(self.document.root)
        if reason := why_not_named(self.run_name or "x"):
            raise StudioError(reason, "Correct it beside the input, or leave it empty: then a name is made.")
        arn = await engine.run_definition(
            self.definition_to_run(),
            self.side.input_text.strip() or "{}",
            name=self.run_name or None,
            type="EXPRESS" if self.side.own.config.get("type") == "EXPRESS" else "STANDARD",
            mocks=self.side.mocks,
            case=self.side.chosen,
            workflow=self.path,
            functions=functions if functions.is_dir() else None,
            folder=functions.parent,
            skip_waits=chosen.skip_waits,
            quotas=chosen.quotas,
            holds=Holds(names, stepping) if names or stepping else None,
        )
        if self.run_name:  # a name is given once
            self.run_name = ""
            self.tell(Change.SIDE_FILES)
        return arn

    def definition_to_run(self) -> str:
        """The text on the screen as JSON, with the values the side file gives its placeholders."""
        root = filled(self.document.root, self.side.own.placeholders)
        return self.document.text if self.document.format == "json" and root is self.document.root else dump(root)

    def document_bytes(self) -> bytes:
        """The text as it would be in the file, byte for byte."""
        return self.document.text.encode("utf-8")

    # -- the file ----------------------------------------------------------------------------------------------------
    async def save(self) -> str:
        """Writes the text; answers the sentence that says what was written. Errors: WorkspaceError; nothing is lost.

        A file that somebody else changed is not written over unless a person saw that and chose so (`keep_mine`).
        """
        text, before = self.document.text, self.loaded.text
        if text == before and self.disk_seen is None and not self.gone:
            return "Nothing to save: the file holds this text already."
        try:
            self.loaded = await asyncio.to_thread(self.workspace.write, self.path, text, expected=self.disk_seen or self.loaded.sha)
        except FileChangedError:
            try:
                await self._meet(await asyncio.to_thread(self.workspace.read, self.path))
            except WorkspaceError:
                self.loaded = await asyncio.to_thread(self.workspace.write, self.path, text)  # removed: saving makes it again
            else:
                if self.disk_text is not None:
                    self.tell(Change.SAVED)
                    raise
                return "Not saved yet: the file had changed on disk. Its changes were merged in; look, and save again."
        self.saved_at, self.edits_since_save, self.disk_text, self.disk_seen = time.time(), 0, None, None
        self.conflicts, self.merged, self.gone, self.left = (), None, False, None
        await self._keep_revision(text)
        self._file_names = state_names(self.document.root)
        self._keep_places()
        self.tell(Change.SAVED)
        count = changed_lines(before, text)
        return f"Saved: {count} line{'s' if count != 1 else ''} changed"

    async def moved(self, path: str) -> None:
        """The file has another path now."""
        self.path, self.loaded, self.gone, self.elsewhere = path, replace(self.loaded, path=path), False, None
        self.side.path = path
        await self.side.load()
        self.tell(Change.SAVED)
        self.tell(Change.SIDE_FILES)

    async def _meet(self, on_disk: Loaded) -> None:
        """What somebody else wrote is merged with the edits here; where both changed the same, or one cannot be read, a person is asked."""
        document = None
        found: Met | None = None
        while document is not self.document:  # edited meanwhile: once more
            document = self.document
            found = await asyncio.to_thread(meet, self.loaded.text, document.text, on_disk.text, on_disk.format)
        if found is None or found.conflicts:
            self.disk_text, self.conflicts = on_disk.text, found.conflicts if found else ()
            self.tell(Change.SAVED)
        else:
            await self._merge(on_disk, found)

    async def resolve(self, take: Take) -> bool:
        """Merges with a side chosen for each conflict; False where it cannot be done any more."""
        on_disk, document = await asyncio.to_thread(self.workspace.read, self.path), self.document
        found = await asyncio.to_thread(meet, self.loaded.text, document.text, on_disk.text, on_disk.format, take)
        if found is None or document is not self.document:
            return False
        await self._merge(on_disk, found)
        return True

    async def _merge(self, on_disk: Loaded, found: Met) -> None:
        """One undoable step; both texts stay findable among the versions."""
        before, self.loaded = self.document.text, on_disk
        self.disk_text, self.disk_seen, self.conflicts = None, None, ()
        await self.do(Transaction((ReplaceText(found.text),), "Merge with the file on disk", "file"))
        self.merged = Merged(before, found.text, found.came)
        self.tell(Change.SAVED)
        for text in (before, on_disk.text):
            await self._keep_revision(text)

    def seen_merge(self) -> None:
        """A person has seen what was merged."""
        self.merged = None
        self.tell(Change.SAVED)

    async def bring_back(self) -> None:
        """The edits that were not saved when the studio ended last are on the screen again, as one undoable step. Errors: WorkspaceError."""
        if self.left is not None:
            text = await asyncio.to_thread(self.workspace.revisions.text, self.left.id)
            self.left = None
            await self.do(Transaction((ReplaceText(text),), "Bring back what was not saved", "file"))
            self.tell(Change.SAVED)
            await self._keep_revision(text)

    async def leave_out(self) -> None:
        """They stay among the versions, and are not offered again."""
        self.left = None
        self.tell(Change.SAVED)
        await self._keep_revision(self.document.text)

    def seen_move(self) -> None:
        """A person has seen where the file went."""
        self.followed = ()
        self.tell(Change.SAVED)

    async def take_disk(self) -> None:
        """Takes over what somebody else wrote, as one undoable step."""
        if self.disk_text is not None:
            loaded = await asyncio.to_thread(self.workspace.read, self.path)
            await self._keep_revision(self.document.text)
            self.loaded, self.disk_text, self.conflicts = loaded, None, ()
            await self.do(Transaction((ReplaceText(loaded.text),), "Take over the file on disk", "file"))
            self.tell(Change.SAVED)

    def keep_mine(self) -> None:
        """Goes on with the text here; the next save writes over the file on disk."""
        if self.disk_text is not None:
            self.disk_seen = hashlib.sha256(self.disk_text.encode("utf-8")).hexdigest()
            background_tasks.create(self._keep_revision(self.disk_text), name=f"keep {self.path}")
        self.disk_text, self.conflicts = None, ()
        self.tell(Change.SAVED)

    async def revert(self) -> None:
        """Back to what the file holds, as one undoable step."""
        self.loaded = await asyncio.to_thread(self.workspace.read, self.path)
        self.disk_text = None
        await self.do(Transaction((ReplaceText(self.loaded.text),), "Revert to the file", "file"))
        self.edits_since_save = 0
        self.tell(Change.SAVED)

    def _schedule_autosave(self) -> None:
        if self._autosave_task is not None:
            self._autosave_task.cancel()
        self._autosave_task = background_tasks.create(self._autosave(), name=f"keep {self.path}")

    async def _autosave(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(self.settings.autosave_delay)
            if not self.unsaved:
                if self._opened is None and self.left is None:  # undone: what was kept before is no edit that waits
                    await self._keep_revision(self.document.text)
                return
            if self.preferences.value.saving == "always" and self.document.valid and self.disk_text is None:
                with contextlib.suppress(StudioError):
                    await self.save()
            else:
                await self._keep_revision(self.document.text)

    async def _keep_revision(self, text: str) -> None:
        """Keeps a text; ahead of the first one the text as it was opened, so that there is a way back to it."""
        opened, self._opened = self._opened, None
        with contextlib.suppress(StudioError, OSError):
            if opened is not None and opened.text != text:
                await asyncio.to_thread(self.workspace.keep_revision, self.path, opened.text, at=opened.mtime)
            await asyncio.to_thread(self.workspace.keep_revision, self.path, text)

    async def _watch_disk(self) -> None:
        """Looks whether the file changed under us: taken over at once where nothing is unsaved, else merged."""
        while True:
            await asyncio.sleep(self.settings.disk_poll)
            with contextlib.suppress(WorkspaceError):
                changed = await asyncio.to_thread(self.workspace.changed, self.path, self.loaded)
                gone = changed and not await asyncio.to_thread(self.workspace.exists, self.path)
                if gone != self.gone:
                    self.gone, self.elsewhere = gone, None
                    self.tell(Change.SAVED)
                if gone and self.look_around is not None:
                    await self.look_around()
                    continue
                self.seen = time.time()
                if changed and not gone:
                    await self._changed_on_disk(await asyncio.to_thread(self.workspace.read, self.path))

    async def _changed_on_disk(self, on_disk: Loaded) -> None:
        if on_disk.text == self.loaded.text:
            self.loaded = on_disk
        elif not self.unsaved:
            before, self.loaded = self.document.text, on_disk
            await self.do(Transaction((ReplaceText(on_disk.text),), "Changed on disk", "file"))
            self.tell(Change.SAVED)
            await self._keep_revision(before)
        elif on_disk.text != self.disk_text and on_disk.sha != self.disk_seen:
            await self._meet(on_disk)
