"""*Test*: one state run alone from the editor. Its input comes from the newest run, else the mocks, else a skeleton; a chip says which.

The definition that is tested is the state as it is on the screen, alone (`asl.isolate`), so that problems elsewhere do not matter.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from studio.asl import tree
from studio.asl.isolate import isolated
from studio.asl.sidefile import filled
from studio.errors import ServiceError, StudioError
from studio.ui.keeping import keep
from studio.ui.panels import testing_input as inputs
from studio.ui.panels import testing_mock as mocks
from studio.ui.panels import testing_result
from studio.ui.panels.consent import consent
from studio.ui.panels.testing_advice import advice, follow
from studio.ui.panels.testing_fields import TestFields
from studio.ui.session import Change
from studio.ui.test_draft import FIELDS, MOCKABLE, Draft, FieldError, refused, request, to_keep
from studio.ui.view import Look
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.graph import StateNode
    from studio.asl.tree import Json
    from studio.ui.view import EditorView

LEVELS = {"INFO": "INFO", "DEBUG": "DEBUG", "TRACE": "TRACE"}
_TO_THE_RESULT = """{
    const body = document.querySelector('[data-panel=test] .test-body'), result = body?.querySelector('.test-result');
    if (result && body.scrollHeight > body.clientHeight) body.scrollTo({ top: result.offsetTop - body.offsetTop });
}"""
"""In a narrow drawer the result lies below the fields."""
ABOUT_LEVELS = "INFO: the output. DEBUG: every stage. TRACE: of an HTTP Task also the request and the response."


class TestPanel:
    """Follows the selection; what was filled in for a state is kept while the tab is open. `enlarge` makes the drawer cover the editor."""

    __test__ = False  # no test of pytest's

    def __init__(self, view: EditorView, enlarge: Callable[[bool], object]) -> None:
        self.view = view
        self.drafts: dict[str, Draft] = {}
        self.at: str | None = None
        self.drawn: StateNode | None = None
        self.lost: StateNode | None = None
        self.level: str | None = None
        self.shown, self.busy, self.large, self._enlarge = "differences", False, False, enlarge
        self.root = c.box("testing", "section", data_panel="test", aria_label="Test", data_runs="test-again", tabindex=-1)
        view.on_look(lambda look: self.follow() if look in {Look.SELECTION, Look.PANELS} else None)
        view.on_change(lambda change: self._edited() if change is Change.DOCUMENT else None)
        view.shell.commands.bind("test-again", self.test, self.why_not)
        self._empty()

    # -- which state -------------------------------------------------------------------------------------------------
    @property
    def node(self) -> StateNode | None:
        return self.view.node(self.at) if self.at is not None else None

    @property
    def draft(self) -> Draft:
        return self.drafts.setdefault(self.at or "", Draft())

    @property
    def harmless(self) -> bool:
        """Whether a test performs nothing, so that it may be made unasked."""
        return self.node is not None and (self.node.type not in MOCKABLE or self.draft.mode != "perform")

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
        self._keep_draft(node)
        self.at = tree.to_text(node.pointer)
        known, draft = self.at in self.drafts, self.draft
        found = await inputs.sources(self.view, node)
        if self.at != tree.to_text(node.pointer):
            return  # another state was selected meanwhile
        draft.sources = found
        if not known or not draft.edited:
            draft.take(found[0])
        if not known and node.type in MOCKABLE:
            side = self.view.session.side.mocks
            answer = side.choose(case=self.view.session.side.chosen).answer(node.name, 0) if side and node.type == "Task" else None
            recorded = found[0].result
            if found[0].kind == "mocks" and recorded is not None:
                answer = None  # the rehearsal's own answer, for this very iteration
            draft.mock(answer, recorded, perform=mocks.performed(node), skeleton=mocks.result_skeleton(node))
            draft.context, draft.reader = mocks.context_skeleton(node), mocks.reader_skeleton(node)
        self._draw(node)
        if self.harmless:
            await self._test()

    def _keep_draft(self, node: StateNode) -> None:
        """A state that was renamed keeps what was filled in for it."""
        gone = self.at is not None and self.node is None  # the selection may be told of before the document is
        lost, at = self.drawn if gone else self.lost, tree.to_text(node.pointer)
        self.lost = None
        if lost is not None and lost.pointer[:-1] == node.pointer[:-1] and lost.type == node.type and at not in self.drafts:
            self.drafts[at] = self.drafts.pop(tree.to_text(lost.pointer), Draft())

    # -- the frame ---------------------------------------------------------------------------------------------------
    def _empty(self) -> None:
        with self.root:
            c.empty("science", "No state is selected", "Select a state and press T: it is run alone, with the input it had last.")

    def _draw(self, node: StateNode) -> None:
        self.drawn = node
        self.root.clear()
        with self.root:
            with c.box("events-head", data_test_state=node.name):
                c.text(node.name, "clip", "h3", title=f"{node.name} ({node.type})")
                with c.button("", None, classes="chip-button", data_source="", aria_haspopup="menu") as self.chip:
                    self._menu()
                c.box("grow")
                self.levels = c.choice(
                    LEVELS, self._level(node), self._set_level, label="Inspection level", data_level="", title=ABOUT_LEVELS
                ).style("width:92px")
                if node.type == "Task":
                    self.keep = c.button("Keep as mock", self._keep, icon_name="push_pin", data_keep_mock="", aria_label="Keep as mock")
                self.whole = c.button("Enlarge", self._switch_size, icon_name="open_in_full", icon_only=True, data_enlarge="")
                self._draw_size()
                self.go = c.button(
                    "Test", lambda: self.view.shell.act("test-again"), icon_name="science", classes="primary", data_command="test-again"
                )
                c.attributes(self.go, title="Test again  Ctrl+Enter")
            with c.box("test-body"):
                self.fields = TestFields(node, self.draft, self._typed, self._trace)
                self.result = c.box("test-result", aria_label="Result", role="region")
        self._draw_chip()
        self._draw_result()

    def _switch_size(self) -> None:
        self.large = not self.large
        self._enlarge(self.large)
        self._draw_size()

    def _draw_size(self) -> None:
        title = "Back to the drawer" if self.large else "Enlarge: the test over the whole editor"
        c.change(self.whole, aria_label=title, title=title, aria_pressed=str(self.large).lower())

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
        said = inputs.label(draft.source) + (", edited" if draft.edited else "")
        if self.chip.props.get("data-says") == said:
            return
        for child in [e for e in self.chip.default_slot.children if not isinstance(e, ui.menu)]:
            child.delete()
        with self.chip:
            c.icon(inputs.ICONS[draft.source.kind], "icon-16")
            c.text(said, "clip", "span")
            c.icon("arrow_drop_down", "icon-16")
        c.change(self.chip, aria_label=f"Input from: {said}. Choose another", title=f"{said}: where the input comes from; choose another")
        c.change(self.chip, data_says=said)

    async def _take(self, number: int) -> None:
        self.draft.take(self.draft.sources[number])
        self.fields.show("input")
        self._draw_chip()
        if self.harmless:
            await self.test()
        else:
            self._mark_stale()

    # -- the level ---------------------------------------------------------------------------------------------------
    def _level(self, node: StateNode) -> str:
        """The chosen level; until one is chosen, the one that shows all there is."""
        return self.level or ("TRACE" if mocks.calls_http(node) else "DEBUG")

    async def _set_level(self, level: str) -> None:
        self.level = level
        if self.harmless:
            await self.test()
        else:
            self._mark_stale()

    def _trace(self) -> None:
        self.level = "TRACE"
        c.change(self.levels, value="TRACE")

    # -- what is filled in -------------------------------------------------------------------------------------------
    def _typed(self) -> None:
        self._draw_chip()
        self._mark_stale()

    def _edited(self) -> None:
        if self.at is not None and self.node is None:
            self.at, self.lost = None, self.drawn
            self.root.clear()
            self._empty()
        elif self.at is not None and self.view.drawer == "test":
            self._mark_stale()

    def _mark_stale(self) -> None:
        node = self.node
        if node is None or self.draft.answer is None or self.draft.problem:
            return
        self.stale.set_visibility(self.draft.stale(self._definition(node), node.name, self._level(node)))

    def _definition(self, node: StateNode) -> Json:
        """The state alone, with the values its placeholders have here."""
        session = self.view.session
        root = filled(session.document.root, session.side.own.placeholders)
        return isolated(self.view.graph, replace(node, value=tree.get(root, node.pointer)))

    # -- testing -----------------------------------------------------------------------------------------------------
    async def test(self) -> None:
        """Tests, and shows what came of it."""
        await self._test()
        self.root.client.run_javascript(_TO_THE_RESULT)

    async def _test(self) -> None:
        """Runs the state with what is filled in; a request AWS would refuse is told in its words."""
        node, draft, session = self.node, self.draft, self.view.session
        if node is None or self.busy:
            return
        self.busy = True
        if not self.harmless:
            draft.answer, draft.problem = None, ""
            self._draw_result()
        try:
            draft.answer, draft.problem, draft.wrong = None, "", None
            draft.sent = request(draft, self._definition(node), node.name, self._level(node))
            functions = (session.workspace.root / session.path).parent / "functions"
            more = {"functions": str(functions)} if functions.is_dir() else {}
            draft.answer = await self.view.studio.engine.test_state(**draft.sent, **more)
            draft.tested = node.value
        except ServiceError as problem:
            draft.wrong, hint = refused(problem.message)
            draft.problem = f"{problem.code}: {problem.message.rstrip('.')}. {hint}".strip()
        except FieldError as problem:
            draft.problem, draft.wrong = str(problem), problem.field
        except StudioError as problem:
            draft.problem = str(problem)
        finally:
            self.busy = False
        if self.at == tree.to_text(node.pointer):
            self._draw_result()

    def _draw_result(self) -> None:
        node, draft = self.node, self.draft
        if node is None:
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
                self._draw_problem(draft)
            elif draft.answer is None:
                c.empty(
                    "science",
                    "Not tested yet",
                    "Ctrl+Enter performs the task, with its effects. A mock tests without: choose one under Mock.",
                )
            else:
                consent(self.view.studio, draft.answer.get("cause"), "test again", self.test)
                self._draw_advice(node, draft)
                tested = testing_result.Tested(draft.sent, draft.answer, draft.tested)
                self.stale = testing_result.draw(tested, self.shown, self._show)
                self._mark_stale()

    def _draw_problem(self, draft: Draft) -> None:
        """Why there is no answer, and the way to the field that is wrong."""
        with c.box("note error test-problem", role="alert", data_test_problem=""):
            c.icon("error", "icon-16")
            c.text(draft.problem, "grow wrap")
            if draft.wrong is not None:
                self._way_to(draft.wrong, f"Go to {FIELDS[draft.wrong]}")

    def _draw_advice(self, node: StateNode, draft: Draft) -> None:
        """What to do about a failure, where that is known, and the way there."""
        found = advice(node, draft, self.view.session.side.own.placeholders)
        if found is None:
            return
        with c.box("note test-problem", role="note", data_test_advice=""):
            c.icon("info", "icon-16")
            c.text(found.said, "grow wrap")
            if found.field:
                self._way_to(found.field, found.label, lambda: follow(found, node, draft))

    def _way_to(self, field: str, label: str, before: Callable[[], object] = lambda: None) -> None:
        async def go() -> None:
            before()
            self.fields.show(field)
            self.fields.focus()
            self._typed()
            if field == "mock" and self.harmless:
                await self._test()

        c.button(label, go, data_go_to=field)

    def _show(self, shown: str) -> None:
        self.shown = shown
        self._draw_result()
        self.root.client.run_javascript(f"document.querySelector('[data-panel=test] [data-stages={shown}]')?.focus()")

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
        attempt = int(self.draft.retries or 0)
        ordinal = None if node.name not in side.mocked and self._many(node) and attempt == 0 else attempt
        await keep(self.view.session, node.name, answer, ordinal, f"on attempt {attempt + 1}")

    def _many(self, node: StateNode) -> bool:
        """Whether it stands in a Map, and so may be asked many times in a run."""
        owner = self.view.graph.scopes[node.scope].owner
        while owner is not None:
            around = self.view.graph.states[owner]
            if around.type == "Map":
                return True
            owner = self.view.graph.scopes[around.scope].owner
        return False
