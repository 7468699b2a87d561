"""The side files of an open workflow, beside it in the workspace: sample input, mocks, and what else belongs to it (`asl.sidefile`).

`NAME.input.json` (for a test case `NAME.input.CASE.json`, where there is one), `NAME.mocks.json` and `NAME.studio.json`; where they are absent, `input.json` and so on of the same folder (as templates have them).
Text that is no JSON is kept as a draft in the page and not written, so that a run never reads half a file.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from studio.asl.sidefile import SideFile, read
from studio.errors import StudioError
from studio.store.names import input_kind, machine_name

if TYPE_CHECKING:
    from studio.asl.graph import Graph
    from studio.exec.performers.mock import Mocks
    from studio.store.workspace import Workspace


class SideFiles:
    """What is beside `path`. `input_text` and `mocks_text` are what is shown; `mocks` is what runs, None where there is none."""

    def __init__(self, workspace: Workspace, path: str) -> None:
        self.workspace, self.path = workspace, path
        self.input_text = "{}\n"
        self.mocks_text = ""
        self.input_name, self.mocks_name = "", ""
        self.own_input = False
        """Whether the chosen test case has an input of its own."""
        self.mocks: Mocks | None = None
        self.mocks_problem: str | None = None
        self.case: str | None = None
        self.own = SideFile()
        self.own_problem: str | None = None
        self._turn = asyncio.Lock()
        """One after the other, in the order they were asked for: what the file holds in the end is what was said last."""

    async def load(self) -> None:
        """Reads both; what cannot be read is told where it is shown, never an error of the page."""
        await asyncio.to_thread(self._load)

    def _load(self) -> None:
        self.mocks_name, text = self.workspace.side_file(self.path, "mocks")
        self.mocks_text = text if text is not None else ""
        self._read_mocks(self.mocks_text)
        self._read_input()
        name, text = self.workspace.side_file(self.path, "studio")
        self.own, self.own_problem = SideFile(), None
        try:
            self.own = read(text or "", name)
        except StudioError as problem:
            self.own_problem = str(problem)

    def _read_input(self) -> None:
        """The chosen case's own input, else the workflow's."""
        own = self.workspace.case_input(self.path, self.chosen) if self.chosen else None
        self.own_input = own is not None
        if own is not None:
            self.input_name, self.input_text = own, self.workspace.read(own).text
            return
        self.input_name, text = self.workspace.side_file(self.path, "input")
        self.input_text = text if text is not None else "{}\n"

    def _read_mocks(self, text: str) -> None:
        from studio.exec.performers.mock import Mocks

        self.mocks, self.mocks_problem = None, None
        if not text.strip():
            return
        try:
            self.mocks = Mocks.load(json.loads(text), machine=machine_name(self.path))
        except (ValueError, StudioError) as problem:
            self.mocks_problem = f"{self.mocks_name}: {problem}"

    async def choose(self, case: str) -> None:
        """Let another test case run, with its own input where it has one. Errors: WorkspaceError."""
        self.case = case
        await asyncio.to_thread(self._read_input)

    async def write_input(self, text: str) -> None:
        """Errors: ValueError for text that is no JSON; WorkspaceError."""
        json.loads(text)
        self.input_text = text
        async with self._turn:
            if self.own_input:
                await asyncio.to_thread(self.workspace.write, self.input_name, text)
                return
            self.input_name = await asyncio.to_thread(self.workspace.write_side_file, self.path, "input", text) or self.input_name

    async def give_own_input(self) -> None:
        """From now on the chosen case has an input of its own, that begins as what is shown. Errors: WorkspaceError."""
        assert self.chosen is not None
        made = await asyncio.to_thread(self.workspace.write_side_file, self.path, input_kind(self.chosen), self.input_text)
        self.input_name, self.own_input = made or self.input_name, True

    async def write_mocks(self, text: str) -> None:
        """Errors: ValueError for text that is no JSON or no mocks; WorkspaceError."""
        self.mocks_text = text
        self._read_mocks(text)
        if self.mocks_problem:
            raise ValueError(self.mocks_problem)
        async with self._turn:
            self.mocks_name = await asyncio.to_thread(self.workspace.write_side_file, self.path, "mocks", text) or self.mocks_name

    async def write_own(self, content: SideFile) -> None:
        """`own` is the new content at once: what is changed next begins with it. Where it cannot be written, it is as before.

        Errors: StudioError where the file on disk cannot be read: it is not written over; OSError.
        """
        if self.own_problem:
            raise StudioError(self.own_problem, "Correct the file, or delete it.")
        before, self.own = self.own, content
        try:
            async with self._turn:
                await asyncio.to_thread(self.workspace.write_side_file, self.path, "studio", content.dump() or "{}\n")
        except BaseException:
            if self.own is content:
                self.own = before
            raise

    @property
    def cases(self) -> list[str]:
        """The test cases of the mocks, in the file's order."""
        return self.mocks.cases() if self.mocks else []

    @property
    def chosen(self) -> str | None:
        """The case that runs: the one chosen, else the one the mocks themselves begin with."""
        if self.mocks is None:
            return None
        return self.case if self.case in self.mocks.cases() else self.mocks.case or None

    @property
    def mocked(self) -> frozenset[str]:
        """The states that are mocked in the case that runs."""
        return frozenset(self.mocks.choose(case=self.chosen).states()) if self.mocks else frozenset()


def skeleton(graph: Graph, path: str) -> str:
    """Mocks to begin with: one case in which every Task answers an empty object."""
    name = machine_name(path)
    tasks = [node.name for node in graph.states.values() if node.type == "Task"]
    mocks = {
        "StateMachines": {name: {"TestCases": {"Happy": {task: f"{task} answers" for task in tasks}}}},
        "MockedResponses": {f"{task} answers": {"0": {"Return": {}}} for task in tasks},
    }
    return json.dumps(mocks, indent=2, ensure_ascii=False) + "\n"
