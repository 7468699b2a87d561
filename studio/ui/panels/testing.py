"""*Test*: one state run alone from the editor. Its input comes from the newest run, else the mocks, else a skeleton; a chip says which.

The definition that is tested is the state as it is on the screen, alone (`asl.isolate`), so that problems elsewhere do not matter.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from studio.asl import tree
from studio.asl.isolate import isolated
from studio.asl.sidefile import filled
from studio.canvas.code_element import CodeEditor
from studio.errors import ServiceError, StudioError
from studio.exec.views.mocks import kept
from studio.store.names import machine_name
from studio.ui.panels import testing_input as inputs
from studio.ui.panels import testing_result
from studio.ui.panels.consent import consent
from studio.ui.session import Change
from studio.ui.test_draft import MOCKABLE, NUMBERS, Draft, request, to_keep
from studio.ui.view import Look
from studio.ui.widgets import controls as c
from studio.ui.widgets.form import pretty

if TYPE_CHECKING:
    from studio.asl.graph import StateNode
    from studio.ui.view import EditorView

LEVELS = {"DEBUG": "DEBUG", "TRACE": "TRACE", "INFO": "INFO"}
FIELDS = {"input": "Input", "mock": "Mock", "variables": "Variables", "context": "Context"}
MODES = {"perform": "No mock: perform the task", "result": "Mocked result", "error": "Mocked error"}
VALIDATION = {"STRICT": "Strict: required fields too", "PRESENT": "Present: the fields that are there", "NONE": "None"}


class TestPanel:
    """Follows the selection; what was filled in for a state is kept while the tab is open."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        self.drafts: dict[str, Draft] = {}
        self.at: str | None = None
        self.field, self.level, self.whole, self.busy = "input", "DEBUG", False, False
        self.root = c.box("testing", "section", data_panel="test", aria_label="Test", data_runs="test-again")
        view.on_look(lambda look: self.follow() if look in {Look.SELECTION, Look.PANELS} else None)
        view.on_change(lambda change: self._draw_result() if change is Change.DOCUMENT else None)
        view.shell.commands.bind("test-again", self.test, self.why_not)
        self._empty()

    # -- which state -------------------------------------------------------------------------------------------------
    @property
    def node(self) -> StateNode | None:
        return self.view.node(self.at) if self.at is not None else None

    @property
    def draft(self) -> Draft:
        return self.drafts.setdefault(self.at or "", Draft())

    def why_not(self) -> str | None:
        if self.node is None:
            return "Select one state to test it."
        return "The test is under way." if self.busy else None

    async def follow(self) -> None:
        """Shows the selected state, where the panel is open."""
        selected = self.view.selected
        if self.view.drawer == "test" and selected is not None and tree.to_text(selected.pointer) != self.at:
            await self.open()

    async def open(self) -> None:
        """Fills everything in for the selected state; one that nothing is performed for is tested at once."""
        node = self.view.selected
        if node is None:
            return
        self.at = tree.to_text(node.pointer)
        known, draft = self.at in self.drafts, self.draft
        found = await inputs.sources(self.view, node)
        if self.at != tree.to_text(node.pointer):
            return  # another state was selected meanwhile
        draft.sources = found
        if not known or not draft.edited:
            draft.take(found[0])
        if not known and node.type in MOCKABLE:
            mocks = self.view.session.side.mocks
            answer = mocks.choose(case=self.view.session.side.chosen).answer(node.name, 0) if mocks and node.type == "Task" else None
            recorded = found[0].result if node.type == "Task" else None
            if found[0].kind == "mocks" and recorded is not None:
                answer = None  # the rehearsal's own answer, for this very iteration
            draft.mock(answer, recorded, perform=inputs.performed(node), skeleton=inputs.result_skeleton(node))
        self.field = "input"
        self._draw(node)
        if node.type not in MOCKABLE or draft.mode != "perform":
            await self.test()

    # -- the frame ---------------------------------------------------------------------------------------------------
    def _empty(self) -> None:
        with self.root:
            c.empty("science", "No state is selected", "Select a state and press T: it is run alone, with the input it had last.")

    def _draw(self, node: StateNode) -> None:
        self.root.clear()
        with self.root:
            with c.box("events-head", data_test_state=node.name):
                c.text(node.name, "clip", "h3", title=f"{node.name} ({node.type})")
                with c.button("", None, classes="chip-button", data_source="", aria_haspopup="menu") as self.chip:
                    self._menu()
                c.box("grow")
                c.choice(LEVELS, self.level, self._set_level, label="Inspection level", data_level="").style("width:92px")
                if node.type == "Task":
                    self.keep = c.button("Keep as mock", self._keep, icon_name="push_pin", data_keep_mock="", aria_label="Keep as mock")
                self.go = c.button(
                    "Test", lambda: self.view.shell.act("test-again"), icon_name="science", classes="primary", data_command="test-again"
                )
                c.attributes(self.go, title="Test again  Ctrl+Enter")
            with c.box("test-body"):
                with c.box("test-fields"):
                    names = FIELDS if node.type in MOCKABLE else {k: v for k, v in FIELDS.items() if k in {"input", "variables"}}
                    self.tabs = c.tabs(names, self.field, self._choose_field, label="What the state is tested with")
                    self.fields = c.box("test-field", role="tabpanel", aria_label="Field")
                self.result = c.box("test-result", aria_label="Result", role="region")
        self._draw_chip()
        self._draw_field()
        self._draw_result()

    def _menu(self) -> None:
        with ui.menu().props("auto-close"), c.box("", role="menu", aria_label="Inputs"):
            for number, source in enumerate(self.draft.sources):
                with c.box("menu-item", "button", type="button", role="menuitem", data_input=source.kind).on(
                    "click", partial(self._take, number)
                ):
                    c.icon(inputs.ICONS[source.kind])
                    c.text(inputs.label(source), "", "span")

    def _draw_chip(self) -> None:
        draft = self.draft
        if draft.source is None:
            return
        for child in [e for e in self.chip.default_slot.children if not isinstance(e, ui.menu)]:
            child.delete()
        said = inputs.label(draft.source) + (", edited" if draft.edited else "")
        with self.chip:
            c.icon(inputs.ICONS[draft.source.kind], "icon-16")
            c.text(said, "clip", "span")
            c.icon("arrow_drop_down", "icon-16")
        c.change(self.chip, aria_label=f"Input from: {said}. Choose another", title="Where the input comes from; choose another")

    async def _take(self, number: int) -> None:
        self.draft.take(self.draft.sources[number])
        self.field = "input"
        c.mark(self.tabs, self.field)
        self._draw_chip()
        self._draw_field()
        node = self.node
        if node is not None and (node.type not in MOCKABLE or self.draft.mode != "perform"):
            await self.test()

    def _set_level(self, level: str) -> None:
        self.level = level

    # -- what is filled in -------------------------------------------------------------------------------------------
    def _choose_field(self, name: str) -> None:
        self.field = name
        c.mark(self.tabs, name)
        self._draw_field()

    def _draw_field(self) -> None:
        self.fields.clear()
        node, draft = self.node, self.draft
        if node is None:
            return
        with self.fields:
            match self.field:
                case "input":
                    self._code("input", "Input")
                case "variables":
                    c.text("Workflow variables in force, an object. None: none is set.", "dim small test-doc")
                    self._code("variables", "Variables")
                case "context":
                    c.text("Parts of the context object, only with a mock: Execution, State, StateMachine, Task.", "dim small test-doc")
                    self._code("context", "Context")
                case _:
                    self._mock(node, draft)

    def _code(self, name: str, label: str) -> None:
        def typed(text: str) -> None:
            setattr(self.draft, name, text)
            if name in {"input", "variables"}:
                self._draw_chip()

        with c.box("code-host"):
            CodeEditor(getattr(self.draft, name), language="json", on_change=typed, label=label)  # pyright: ignore[reportArgumentType]

    def _mock(self, node: StateNode, draft: Draft) -> None:
        modes = MODES if inputs.performed(node) else {k: v for k, v in MODES.items() if k != "perform"}

        def choose(mode: str) -> None:
            draft.mode = mode
            if mode == "result" and not draft.result.strip():
                draft.result = pretty(inputs.result_skeleton(node))
            self._draw_field()

        with c.box("test-options"):
            c.choice(modes, draft.mode, choose, label="Mock", data_mock_mode="")
            self._options(node, draft)
        if draft.mode == "result":
            self._code("result", "Mocked result")
        elif draft.mode == "error":
            with c.box("test-options"):
                self._line("error", "Error name", "Lambda.TooManyRequestsException")
                self._line("cause", "Cause", "Rate exceeded")

    def _options(self, node: StateNode, draft: Draft) -> None:
        raw = node.value if isinstance(node.value, dict) else {}
        if draft.mode == "result" and node.type == "Task":

            def choose(value: str) -> None:
                draft.validation = value

            c.choice(VALIDATION, draft.validation, choose, label="Check the result against the API", data_validation="")
        if "Retry" in raw:
            self._line("retries", NUMBERS["retries"], "0")
        if node.type == "Map" and draft.mode != "perform":
            self._line("failed", NUMBERS["failed"], "0")
            if "ItemReader" in raw:
                self._line("reader", "Items read", '[{"key": "value"}]')

    def _line(self, name: str, label: str, placeholder: str) -> None:
        field = ui.input(value=getattr(self.draft, name), placeholder=placeholder).props("outlined dense debounce=0 tag=div")
        c.attributes(field, aria_label=label, data_test_field=name)
        with c.box("test-line"):
            c.text(label, "dim small")
            field.move()
        field.on_value_change(lambda event: setattr(self.draft, name, str(event.value or "")))

    # -- testing -----------------------------------------------------------------------------------------------------
    async def test(self) -> None:
        """Runs the state with what is filled in; a request AWS would refuse is told in its words."""
        node, draft, session = self.node, self.draft, self.view.session
        if node is None or self.busy:
            return
        draft.answer, draft.problem, self.busy = None, "", True
        self._draw_result()
        try:
            root = filled(session.document.root, session.side.own.placeholders)
            value = tree.get(root, node.pointer)
            draft.sent = request(draft, isolated(self.view.graph, replace(node, value=value)), node.name, self.level)
            functions = (session.workspace.root / session.path).parent / "functions"
            more = {"functions": str(functions)} if functions.is_dir() else {}
            draft.answer = await self.view.studio.engine.test_state(**draft.sent, **more)
            draft.tested = node.value
        except ServiceError as problem:
            draft.problem = f"{problem.code}: {problem.message}"
        except (StudioError, ValueError) as problem:
            draft.problem = str(problem)
        finally:
            self.busy = False
        if self.at == tree.to_text(node.pointer):
            self._draw_result()

    def _draw_result(self) -> None:
        node, draft = self.node, self.draft
        if node is None:
            if self.at is not None:
                self.at = None
                self.root.clear()
                self._empty()
            return
        why = self._why_not_keep()
        if node.type == "Task":
            c.change(self.keep, aria_disabled=str(why is not None).lower(), title=why or "The next runs on mocks get this answer")
        c.change(self.go, aria_disabled=str(self.busy).lower())
        self.result.clear()
        with self.result:
            if self.busy:
                c.empty("hourglass_top", "Testing…", "The state's task is being performed.")
            elif draft.problem:
                with c.box("note error test-problem", role="alert", data_test_problem=""):
                    c.icon("error", "icon-16")
                    c.text(draft.problem, "grow wrap")
            elif draft.answer is None:
                c.empty("science", "Not tested yet", "Ctrl+Enter performs the task; choose a mock to test without effects.")
            else:
                variables = json.loads(draft.sent["variables"]) if "variables" in draft.sent else {}
                consent(self.view.studio, draft.answer.get("cause"), "test again", self.test)
                testing_result.draw(
                    draft.answer,
                    draft.sent["input"],
                    variables,
                    whole=self.whole,
                    choose=self._show_values,
                    stale=draft.tested is not node.value and draft.tested != node.value,
                )

    def _show_values(self, whole: bool) -> None:
        self.whole = whole
        self._draw_result()

    # -- keeping -----------------------------------------------------------------------------------------------------
    def _why_not_keep(self) -> str | None:
        if self.view.session.side.mocks_problem:
            return "The mocks file has a problem; correct it first."
        return (
            None if to_keep(self.draft) is not None else "Test the state first, at DEBUG or TRACE: there is no answer of its task to keep."
        )

    async def _keep(self) -> None:
        """Writes the answer into the case that runs: for this attempt, or for every time where a Map asks many times."""
        node, answer, side = self.node, to_keep(self.draft), self.view.session.side
        if (why := self._why_not_keep()) or node is None or answer is None:
            c.toast(why or "Select one state first.")
            return
        machine = side.mocks.machine if side.mocks and side.mocks.machine else machine_name(self.view.session.path)
        case = side.chosen or "Happy"
        attempt = int(self.draft.retries or 0)
        ordinal = None if node.name not in side.mocked and self._many(node) and attempt == 0 else attempt
        content = kept(side.mocks.config if side.mocks else None, machine, case, node.name, answer, ordinal)
        try:
            await self.view.session.write_mocks(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        except (ValueError, StudioError) as problem:
            c.toast(f"Not kept. {problem}", seconds=8)
            return
        when = "every time" if ordinal is None else f"on attempt {attempt + 1}"
        c.toast(f"Kept in {side.machine_name}, case {case}: {node.name} gives this {when}.", seconds=4)

    def _many(self, node: StateNode) -> bool:
        """Whether it stands in a Map, and so may be asked many times in a run."""
        owner = self.view.graph.scopes[node.scope].owner
        while owner is not None:
            around = self.view.graph.states[owner]
            if around.type == "Map":
                return True
            owner = self.view.graph.scopes[around.scope].owner
        return False
