"""The files beside a workflow: its sample input and its mocked answers, edited as JSON text and written when they are valid."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nicegui import ui

from studio.canvas.code_element import CodeEditor
from studio.errors import StudioError
from studio.exec.requests import why_not_named
from studio.ui.session import Change
from studio.ui.side import skeleton
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import read_json

if TYPE_CHECKING:
    from studio.ui.view import EditorView


class InputEditor:
    """The sample input, and the button that runs with it."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        with c.box("side-file", "section", data_panel="input", aria_label="Sample input"):
            with c.box("events-head"):
                self.cases = c.box("")
                self.note = c.text("", "dim small grow clip")
                self.own = c.button(
                    "Own input for this case", self._give_own, icon_name="call_split", icon_only=True, classes="quiet", data_own_input=""
                )
                self.name = ui.input(placeholder="Name of the run").props("outlined dense debounce=150 tag=div").classes("run-name")
                c.attributes(self.name, aria_label="Name of the next run", data_run_name="", spellcheck="false")
                self.name.on_value_change(self._named)
                view.shell.command_button("run", classes="", label="Run with this input")
            with c.box("code-host"):
                self.editor = CodeEditor(view.session.side.input_text, language="json", on_change=self._typed, label="Sample input")
        self._draw_cases()
        self._say()
        view.on_change(lambda change: self._refresh() if change is Change.SIDE_FILES else None)

    def _draw_cases(self) -> None:
        self.cases.clear()
        with self.cases:
            _case_choice(self.view, self._say)

    def _refresh(self) -> None:
        self._draw_cases()
        self.editor.set_text(self.view.session.side.input_text)
        if str(self.name.value or "").strip() != self.view.session.run_name:
            self.name.set_value(self.view.session.run_name)
        self._say()

    def _named(self, event: Any) -> None:
        """The name is for the next run only; what AWS would refuse is said at once."""
        name = self.view.session.run_name = str(event.value or "").strip()
        reason = why_not_named(name) if name else ""
        self.name.classes(add="invalid") if reason else self.name.classes(remove="invalid")
        self._say(reason)

    def _say(self, problem: str = "") -> None:
        side = self.view.session.side
        whose = f"the input of the case {side.chosen}" if side.own_input else "any JSON value"
        self.note.set_text(problem or f"Kept in {side.input_name}; {whose}.")
        self.own.set_visibility(len(side.cases) > 1 and not side.own_input)
        self.note.classes(replace="small field-error side-problem" if problem else "dim small grow clip")

    async def _give_own(self) -> None:
        try:
            await self.view.session.side.give_own_input()
        except StudioError as problem:
            self._say(str(problem))
            return
        self._say()

    async def _typed(self, text: str) -> None:
        try:
            read_json(text)
            await self.view.session.side.write_input(text)
        except (ValueError, StudioError) as problem:
            self._say(str(problem))
            return
        self._say()


def _case_choice(view: EditorView, problem: Callable[[str], None]) -> None:
    """Which test case of the mocks runs; nothing where there is none."""
    side = view.session.side
    if not (names := side.cases):
        return

    async def choose(case: str) -> None:
        try:
            await view.session.choose_case(case)
        except StudioError as refused:
            problem(str(refused))

    c.choice({name: f"Case {name}" for name in names}, side.chosen or names[0], choose, label="Test case", data_case="").style(
        "width:160px"
    )


class MocksEditor:
    """The answers of mocked tasks, in the format of AWS Step Functions Local, and which case runs."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        with c.box("side-file", "section", data_panel="mocks", aria_label="Mocks"):
            with c.box("events-head"):
                c.text("Mocks", "", "h3")
                self.cases = c.box("")
                self.note = c.text("", "dim small grow clip")
                self.begin = c.button("Write a skeleton", self._begin, icon_name="push_pin", data_skeleton="")
            with c.box("code-host"):
                self.editor = CodeEditor(view.session.side.mocks_text, language="json", on_change=self._typed, label="Mocks")
        self._refresh(write=False)
        view.on_change(lambda change: self._refresh(write=True) if change is Change.SIDE_FILES else None)

    def _refresh(self, *, write: bool) -> None:
        side = self.view.session.side
        if write:
            self.editor.set_text(side.mocks_text)
        self.cases.clear()
        with self.cases:
            _case_choice(self.view, self._say)
        self._say(side.mocks_problem or "")

    def _say(self, problem: str) -> None:
        side = self.view.session.side
        count = len(side.mocked)
        self.begin.set_visibility(not side.mocks_text.strip())
        if not side.mocks_text.strip():
            self.note.set_text("No task is mocked yet: a Task without a mock fails and says so.")
            return
        self.note.set_text(problem or f"Kept in {side.mocks_name}; {count} state{'s' if count != 1 else ''} mocked in this case.")
        self.note.classes(replace="small field-error side-problem" if problem else "dim small grow clip")

    async def _begin(self) -> None:
        """One case with every Task of the workflow, to be filled in."""
        await self._typed(skeleton(self.view.graph, self.view.session.path))

    async def _typed(self, text: str) -> None:
        try:
            await self.view.session.write_mocks(text)
        except (ValueError, StudioError) as problem:
            self._say(str(problem))
