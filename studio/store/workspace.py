"""The workspace: a folder of workflow files and what lies beside them.

Theory of operation: every path that comes in is relative to the root, checked against leaving it (`..`, absolute paths, symbolic
links) before anything is opened. Files are read whole, as UTF-8, with their line ends and byte order mark as they are;
they are written to a temporary file in the same folder and put in place by one rename, so a crash leaves the old or the new
text, never half of one. Nothing of ours goes into a workflow file: revisions and the trash live in `.studio/`.

    NAME.asl.json, NAME.asl.yaml, NAME.asl.yml     workflows
    NAME.mocks.json, NAME.input.json               side files; beside `workflow.asl.json` also `mocks.json` and `input.json`
    .studio/revisions.sqlite, .studio/trash/       safe to delete

A state machine inside a CloudFormation or SAM template is a workflow too, as `template.yaml#LogicalId`: reading gives its definition,
writing puts the definition back and leaves the rest of the template as it is (`store.embedded`).
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import re
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from studio.asl.text import format_of
from studio.errors import WorkspaceError
from studio.store import embedded
from studio.store.files import Loaded, encoded, move_all, put_bytes, read_bytes, reason, sha_of, sha_on_disk, shown
from studio.store.listing import Entry, Listing, entry_of, in_folder
from studio.store.names import ENDINGS, READABLE, SIDE_KINDS, ending_of, input_kind, is_plain, side_of
from studio.store.revisions import Revision, Revisions

KEEP_REVISIONS = 300
"""Revisions without a name that are kept of a workflow; named ones stay."""
RENAMES = "renamed.json"
"""Old path -> new path of what was renamed here."""


class FileChangedError(WorkspaceError):
    """The file on disk is not the one that was read: somebody else wrote it since, or took it away."""


@dataclass(frozen=True, slots=True)
class Trashed:
    """Something in the trash: what it was called, where it lies now (under `.studio/trash/`), and since when (seconds since 1970)."""

    id: str
    path: str
    at: float = field(default=0.0, compare=False)


class Workspace:
    """A folder, or one file of a folder (then nothing but it and its side files is seen)."""

    def __init__(self, root: Path) -> None:
        """Errors: WorkspaceError where there is no such folder or file."""
        try:
            root = Path(root).resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise WorkspaceError(f"There is no folder or file {root}.", "Give the path of a folder that exists.") from error
        self.only: str | None = None if root.is_dir() else root.name
        self.root = root if root.is_dir() else root.parent
        self._revisions: Revisions | None = None
        self._opening = threading.Lock()

    # --- paths ------------------------------------------------------------------------------------------------------

    def resolve(self, path: str | Path) -> Path:
        """The absolute path of a file of the workspace. WorkspaceError where it leads outside or into hidden folders."""
        given, _ = embedded.parts(str(path))
        relative = PurePosixPath(given.replace("\\", "/") if os.name == "nt" else given)
        if not given.strip() or "\0" in given or relative.is_absolute() or PureWindowsPath(given).drive or ".." in relative.parts:
            raise WorkspaceError(f"“{shown(given)}” is not a path inside the workspace.")
        if any(part.startswith(".") for part in relative.parts) or not relative.parts:
            raise WorkspaceError(f"“{shown(given)}” is hidden, so it is not a file of the workspace.")
        whole = self.root.joinpath(*relative.parts)
        try:
            real = whole.resolve()
        except (OSError, RuntimeError) as error:
            raise WorkspaceError(f"“{shown(given)}” cannot be opened: {reason(error)}.") from error
        if not real.is_relative_to(self.root):
            raise WorkspaceError(f"“{shown(given)}” leads outside of the workspace.", "Symbolic links are followed only inside of it.")
        if not relative.name.lower().endswith(READABLE):
            raise WorkspaceError(f"“{shown(given)}” is not a workflow file.", "Workflow files end with .asl.json, .asl.yaml or .asl.yml.")
        if self.only is not None and str(relative) != self.only and not self._is_side_file(self.only, str(relative)):
            raise WorkspaceError(f"Only {self.only} is open.", "Open its folder to work with other files.")
        return real

    def _relative(self, path: str | Path) -> str:
        return PurePosixPath(str(path).replace("\\", "/") if os.name == "nt" else str(path)).as_posix()

    # --- listing ----------------------------------------------------------------------------------------------------

    def list(self) -> list[Entry]:
        """The workflows, by path."""
        return list(self.listing().entries)

    def listing(self) -> Listing:
        """The workflows by path, and whether those are all."""
        if self.only is not None:
            whole = self.root / self.only
            try:
                return Listing((entry_of(whole.stat(), self.only),), complete=True)
            except OSError:
                return Listing((), complete=True)
        return in_folder(self.root, self.machines)

    def neighbours(self) -> list[Entry]:
        """The workflow files in the folder of the workspace itself, also where one of them is open alone."""
        with contextlib.suppress(OSError):
            files = [file for file in sorted(self.root.iterdir()) if file.name.lower().endswith(ENDINGS) and not file.name.startswith(".")]
            return [entry_of(file.stat(), file.name) for file in files if file.is_file() and not file.is_symlink()]
        return []

    def file_at(self, path: str) -> Path | None:
        """The file at a path, of a state machine inside a template the template; None where there is none."""
        try:
            found = self.resolve(path)
        except WorkspaceError:
            return None
        return found if found.is_file() else None

    def of_machine(self, name: str) -> Path | None:
        """The workflow behind a state machine of this name: `NAME.asl.json` (or YAML) or `NAME/workflow.asl.json`, in the workspace's folder or
        in one of its folders; the first by path.
        """
        if not re.fullmatch(r"[\w.-]+", name) or name.startswith("."):
            return None
        for pattern in (*(f"{name}{ending}" for ending in ENDINGS), *(f"{name}/workflow{ending}" for ending in ENDINGS)):
            for found in (self.root / pattern, *sorted(self.root.glob(f"[!.]*/{pattern}"))):
                if found.is_file() and (self.only is None or found.name == self.only):
                    return found
        return None

    def machines(self, path: str | Path) -> list[str]:
        """The logical ids of a template's state machines; none where the file is no template, or cannot be read."""
        try:
            return embedded.machines(self.read(embedded.parts(str(path))[0]))
        except WorkspaceError:
            return []

    # --- reading ----------------------------------------------------------------------------------------------------

    def read(self, path: str | Path) -> Loaded:
        """A file's text. WorkspaceError where it is missing, larger than 8 MB, binary or not UTF-8."""
        where, name = self.resolve(path), self._relative(path)
        data, facts = read_bytes(where, name)
        if b"\0" in data[:8192]:
            raise WorkspaceError(f"{name} is a binary file.", "A workflow is text: JSON or YAML.")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise WorkspaceError(f"{name} is not UTF-8 text (line {line}).", "Save it as UTF-8 and open it again.") from error
        file, machine = embedded.parts(name)
        whole = Loaded(file, text, format_of(file), facts.st_mtime, sha_of(data))
        return embedded.taken_out(whole, machine) if machine else whole

    def beginning(self, path: str | Path, size: int = 4_000) -> str:
        """The first characters of a file that `read` refuses, for a person to look at. WorkspaceError where it is not text at all."""
        where, name = self.resolve(path), self._relative(path)
        try:
            if not where.is_file():
                raise WorkspaceError(f"There is no file {name}.")
            with where.open("rb") as file:
                data = file.read(size)
        except OSError as error:
            raise WorkspaceError(f"{name} cannot be read: {reason(error)}.") from error
        if b"\0" in data:
            raise WorkspaceError(f"{name} is a binary file.")
        return data.decode("utf-8", "replace")

    def changed(self, path: str | Path, loaded: Loaded) -> bool:
        """Whether the file is not what was read any more (also: gone). Cheap where its time and size are the same."""
        try:
            facts = self.resolve(path).stat()
        except FileNotFoundError:
            return True
        except OSError as error:
            raise WorkspaceError(f"{self._relative(path)} cannot be read: {reason(error)}.") from error
        inside = bool(embedded.parts(str(path))[1])
        if facts.st_mtime == loaded.mtime and (inside or facts.st_size == len(loaded.text.encode("utf-8", "surrogatepass"))):
            return False
        return sha_on_disk(self.resolve(path)) != loaded.sha

    def exists(self, path: str | Path) -> bool:
        """Whether there is a file at a path."""
        return self.resolve(path).is_file()

    # --- writing ----------------------------------------------------------------------------------------------------

    def write(self, path: str | Path, text: str, *, expected: str | None = None) -> Loaded:
        """Put a text in place of a file's, or make the file. `expected` is the `sha` of what was read last.

        FileChangedError where `expected` is given and the file is not that one any more; WorkspaceError where it cannot be
        written. The file's permissions stay; a symbolic link stays one.
        """
        where, name = self.resolve(path), self._relative(path)
        file, machine = embedded.parts(name)
        if machine:
            whole = self.read(file)
            written = self.write(file, embedded.put_back(whole, machine, text), expected=expected)
            return Loaded(name, text, embedded.taken_out(written, machine).format, written.mtime, written.sha)
        data = encoded(text, name)
        on_disk = sha_on_disk(where)
        if expected is not None and on_disk != expected:
            what = "was removed from disk" if on_disk is None else "was changed on disk"
            raise FileChangedError(f"{name} {what} since it was opened.", "Compare the two, then take one over or save again.")
        if on_disk != sha_of(data):
            put_bytes(where, name, data)
        return Loaded(name, text, format_of(name), where.stat().st_mtime, sha_of(data))

    def create(self, path: str | Path, text: str) -> Loaded:
        """Make a new file, with its folders. WorkspaceError where there is one already."""
        where, name = self.resolve(path), self._relative(path)
        if where.exists():
            raise WorkspaceError(f"There is already a file {name}.", "Choose another name.")
        return self.write(path, text)

    # --- files as a whole -------------------------------------------------------------------------------------------

    def rename(self, path: str | Path, new: str | Path) -> str:
        """Give a workflow another path; its side files and revisions go with it. WorkspaceError where one is there."""
        self._whole_folder("renamed", path)
        where, name, to = self.resolve(path), self._relative(path), self.resolve(new)
        if not where.is_file():
            raise WorkspaceError(f"There is no file {name}.")
        if to.exists() and not (where.exists() and to.samefile(where)):
            raise WorkspaceError(f"There is already a file {self._relative(new)}.", "Choose another name.")
        if (format_of(name), format_of(self._relative(new))) == ("yaml", "json"):  # the other way round JSON is YAML
            raise WorkspaceError(f"{name} is YAML, and stays so: give the new name its ending.", "Export converts.")
        moves = [(where, to), *self.side_moves(name, self._relative(new))]
        move_all(moves, name)
        self.renamed(name, self._relative(new))
        return self._relative(new)

    def renamed(self, name: str, new: str) -> None:
        """The revisions go with a workflow, and old links lead on: the old path is kept with the new one, in a small file of ours."""
        with contextlib.suppress(WorkspaceError):
            self.revisions.rename(name, new)
        with contextlib.suppress(WorkspaceError, OSError):
            known = {old: new if to == name else to for old, to in self._renames().items() if old != new}
            put_bytes(self.state_folder / RENAMES, RENAMES, json.dumps({**known, name: new}).encode())

    def _renames(self) -> dict[str, str]:
        try:
            held = json.loads((self.root / ".studio" / RENAMES).read_bytes())
        except (OSError, ValueError):
            return {}
        return {str(old): str(to) for old, to in held.items()} if isinstance(held, dict) else {}

    def renamed_to(self, path: str | Path) -> str | None:
        """Where a workflow is now that is no longer at a path; None where nothing is known, or it is gone from there too."""
        file, machine = embedded.parts(str(path))
        new = self._renames().get(file)
        try:
            if new is None or (self.root / file).exists() or not self.resolve(new).is_file():
                return None
        except WorkspaceError:
            return None
        return f"{new}#{machine}" if machine else new

    def duplicate(self, path: str | Path, new: str | Path | None = None) -> str:
        """Copy a workflow with its side files; without a name it becomes `NAME-2.asl.json`. Answers the copy's path."""
        self._whole_folder("duplicated", path)
        loaded = self.read(path)
        name = self._relative(path)
        to = self._relative(new) if new is not None else self._free_name(name)
        self.create(to, loaded.text)
        for of in self._workflows_of(name):
            for kind in (*SIDE_KINDS, *self._case_inputs(of)):
                _, text = self.side_file(of, kind)
                if text is not None:
                    self.write(side_of(to + of[len(name) :], kind), text)
        return to

    def delete(self, path: str | Path) -> Trashed:
        """Move a workflow and its side files to the trash."""
        if embedded.parts(str(path))[1]:
            self._whole_folder("deleted", path)
        where, name = self.resolve(path), self._relative(path)
        if not where.is_file():
            raise WorkspaceError(f"There is no file {name}.")
        trash = self.state_folder / "trash"
        number = max((int(p.name) for p in trash.glob("*") if p.name.isdigit()), default=0) + 1 if trash.is_dir() else 1
        folder = trash / str(number)
        moves = [(where, folder / name)]
        moves += [(self.root / side, folder / side) for side in self._named_side_files(name) if (self.root / side).is_file()]
        move_all(moves, name)
        return Trashed(str(number), name)

    def trash(self) -> list[Trashed]:
        """What is in the trash, the newest first."""
        trash = self.root / ".studio" / "trash"
        found: list[Trashed] = []
        for folder in sorted((p for p in trash.glob("*") if p.name.isdigit()), key=lambda p: -int(p.name)) if trash.is_dir() else ():
            files = sorted(
                (p for p in folder.rglob("*") if p.is_file()), key=lambda p: (len(p.name), p)
            )  # what belongs to it has longer names
            workflows = [p for p in files if p.name.lower().endswith(ENDINGS)] or files[:1]
            found += [Trashed(folder.name, p.relative_to(folder).as_posix(), folder.stat().st_ctime) for p in workflows[:1]]
        return found

    def restore(self, id: str) -> str:  # noqa: A002
        """Move something from the trash back to where it was. WorkspaceError where another file is there now."""
        folder = self.root / ".studio" / "trash" / id
        thing = next((t for t in self.trash() if t.id == id), None)
        if thing is None:
            raise WorkspaceError(f"There is nothing {shown(id)} in the trash.")
        files = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
        moves = [(folder / f, self.resolve(f)) for f in files]
        for _, to in moves:
            if to.exists():
                raise WorkspaceError(f"There is a file {to.relative_to(self.root).as_posix()} already.", "Rename it first.")
        move_all(moves, thing.path)
        for part in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
            part.rmdir()
        folder.rmdir()
        return thing.path

    def forget(self, id: str) -> None:  # noqa: A002
        """Remove something from the trash for good. WorkspaceError where it is not there, or cannot be removed."""
        if not any(thing.id == id for thing in self.trash()):
            raise WorkspaceError(f"There is nothing {shown(id)} in the trash.")
        try:
            shutil.rmtree(self.root / ".studio" / "trash" / id)
        except OSError as error:
            raise WorkspaceError(f"It cannot be removed: {reason(error)}.") from error

    def _whole_folder(self, what: str, path: str | Path) -> None:
        if embedded.parts(str(path))[1]:
            raise WorkspaceError(f"A state machine inside a template cannot be {what} by itself.", "Work on the template as a whole.")
        if self.only is not None:
            raise WorkspaceError(f"Only {self.only} is open, so it cannot be {what} here.", "Open its folder instead.")

    def free_name(self, name: str) -> str:
        """The path itself where no file is there, else `NAME-2.asl.json` and so on."""
        return name if not self.resolve(name).exists() else self._free_name(name)

    def _free_name(self, name: str) -> str:
        stem, ending = name[: len(name) - len(ending_of(name))], ending_of(name)
        return next(n for i in range(2, 10_000) if not (self.root / (n := f"{stem}-{i}{ending}")).exists())

    # --- side files -------------------------------------------------------------------------------------------------

    def side_path(self, path: str | Path, kind: str) -> str:
        """Where a workflow's side file is, or would be made: `kind` is "mocks", "input" …, or "input.CASE" for a test case's own input."""
        name = self._relative(path)
        own, plain = side_of(name, kind), (PurePosixPath(name).parent / f"{kind}.json").as_posix()
        if is_plain(name) and not (self.root / own).exists() and (self.root / plain).exists():
            return plain
        return own

    def side_file(self, path: str | Path, kind: str) -> tuple[str, str | None]:
        """The path of a side file and its text, None where there is no such file yet."""
        self.resolve(path)
        side = self.side_path(path, kind)
        where = self.resolve(side)
        return side, self.read(side).text if where.exists() else None

    def write_side_file(self, path: str | Path, kind: str, text: str) -> str:
        """Write a side file; answers its path."""
        self.resolve(path)
        return self.write(self.side_path(path, kind), text).path

    def case_input(self, path: str | Path, case: str) -> str | None:
        """The path of the input that belongs to one test case of the mocks (`NAME.input.CASE.json`, in letters of any size); None where it has
        none of its own.
        """
        self.resolve(path)
        name = self._relative(path)
        return next((self.side_path(name, kind) for kind in self._case_inputs(name) if kind.lower() == input_kind(case).lower()), None)

    def _case_inputs(self, name: str) -> list[str]:
        """The inputs of test cases as kinds of side files: `input.throttled`; those of `NAME.` before the plain ones of `workflow.asl.json`."""
        folder, found = (self.root / name).parent, dict[str, None]()
        stems = [PurePosixPath(side_of(name, "input")).name[: -len("input.json")], *([""] if is_plain(name) else [])]
        for stem in stems:
            files = sorted(file.name for file in folder.glob(f"{glob.escape(stem)}input.*.json"))
            found |= dict.fromkeys(file[len(stem) : -len(".json")] for file in files)
        return list(found)

    def _is_side_file(self, name: str, path: str) -> bool:
        kinds = (*SIDE_KINDS, *self._case_inputs(name))
        if path in {side for kind in kinds for side in (side_of(name, kind), f"{kind}.json")}:
            return True
        return any(
            path.startswith(side_of(of, "input")[: -len("json")]) or path in {side_of(of, kind) for kind in SIDE_KINDS}
            for of in (self._workflows_of(name) if path.endswith(".json") else ())
        )

    def _workflows_of(self, name: str) -> list[str]:
        """A file's own path, and those of the state machines where it is a template."""
        return [name] if name.lower().endswith(ENDINGS) else [name, *(f"{name}#{machine}" for machine in self.machines(name))]

    def _named_side_files(self, name: str) -> list[str]:
        return [side_of(of, kind) for of in self._workflows_of(name) for kind in (*SIDE_KINDS, *self._case_inputs(of))]

    def side_moves(self, name: str, new: str) -> list[tuple[Path, Path]]:
        """The side files of a workflow, of a template those of each state machine, and where they go with it where nothing is there yet. The file
        itself is at one of the two paths.
        """
        whole = self._workflows_of(name if (self.root / name).exists() else new)
        there = [of[len(whole[0]) :] for of in whole]
        pairs = [
            (side_of(name + of, kind), side_of(new + of, kind)) for of in there for kind in (*SIDE_KINDS, *self._case_inputs(name + of))
        ]
        return [(self.root / a, self.root / b) for a, b in pairs if (self.root / a).is_file() and not (self.root / b).exists()]

    # --- what is ours -----------------------------------------------------------------------------------------------

    @property
    def state_folder(self) -> Path:
        """`.studio/`, made on first use, kept out of git by a `.gitignore` of its own."""
        folder = self.root / ".studio"
        try:
            folder.mkdir(exist_ok=True)
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise WorkspaceError(f"{folder} cannot be written: {reason(error)}.") from error
        return folder

    @property
    def revisions(self) -> Revisions:
        """The autosaved revisions of all workflows here."""
        with self._opening:  # pages ask from several threads at once
            if self._revisions is None:
                self._revisions = Revisions(self.state_folder / "revisions.sqlite")
            return self._revisions

    def keep_revision(self, path: str | Path, text: str, label: str = "", *, at: float | None = None) -> None:
        """Keep a text as a revision, if it is another one than the last. `at` in seconds since 1970 (default: now)."""
        self.resolve(path)
        name = self._relative(path)
        if self.revisions.add(name, text, at=time.time() if at is None else at, label=label):
            self.revisions.prune(name, keep=KEEP_REVISIONS)

    def left_over(self, loaded: Loaded) -> Revision | None:
        """The text that was kept last of a file, where it is another than the file's and younger: edits that were never saved. None where there are
        none, or nothing tells.
        """
        if not (self.root / ".studio" / "revisions.sqlite").is_file():
            return None
        with contextlib.suppress(WorkspaceError):
            newest = next(iter(self.revisions.list(loaded.path, 1)), None)
            if newest is not None and newest.at > loaded.mtime and newest.sha != sha_of(loaded.text.encode("utf-8", "surrogatepass")):
                return newest
        return None

    def close(self) -> None:
        if self._revisions is not None:
            self._revisions.close()
            self._revisions = None
