"""What a test is filled in with: the input, the items a reader reads, the mock, variables, context. Tabs, and the field of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from studio.canvas.code_element import CodeEditor
from studio.ui.panels import testing_mock as mocks
from studio.ui.test_draft import FIELDS, MOCKABLE, NUMBERS, Draft
from studio.ui.widgets import controls as c

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.asl.graph import StateNode

MODES = {"perform": "None: perform the task", "result": "A result", "error": "An error"}
VALIDATION = {"STRICT": "STRICT: required fields too", "PRESENT": "PRESENT: the fields that are there", "NONE": "NONE: nothing"}
DOCS = {
    "reader": "What the ItemReader reads: an array, or what its ItemsPointer leads into. Empty: the input stands for it.",
    "variables": 'Workflow variables in force, an object: {"rate": 19}. Empty: none is set.',
    "context": "Parts of the context object, with a mock only: Execution, State, StateMachine, and Task where the state waits.",
}
_ERRORS = "test-errors"


class TestFields:
    """One state's. `changed` is called behind every change, `traced` where the level must be TRACE now."""

    __test__ = False  # no test of pytest's

    def __init__(self, node: StateNode, draft: Draft, changed: Callable[[], object], traced: Callable[[], object]) -> None:
        self.node, self.draft, self.at = node, draft, "input"
        self._changed, self._traced = changed, traced
        names = {name: title for name, title in FIELDS.items() if self._has(name)}
        with c.box("test-fields"):
            self.tabs = c.tabs(names, self.at, self.show, label="What the state is tested with")
            self._dots = {name: c.box("test-given", "span", aria_label="given", role="img") for name in names}
            for name, dot in self._dots.items():
                dot.move(self.tabs[name])
            self.body = c.box("test-field", role="tabpanel", aria_label="Field")
        self.show(self.at)

    def _has(self, name: str) -> bool:
        match name:
            case "input" | "variables":
                return True
            case "reader":
                return mocks.reads_items(self.node)
            case _:
                return self.node.type in MOCKABLE

    def show(self, name: str) -> None:
        """Draws a field anew."""
        self.at = name
        c.mark(self.tabs, name)
        self._mark()
        self.body.clear()
        with self.body:
            if name == "mock":
                self._mock()
            else:
                if name in DOCS:
                    c.text(DOCS[name], "dim small test-doc")
                self._code(name)

    def focus(self) -> None:
        """The keyboard goes to the tab that is shown."""
        self.body.client.run_javascript(f"document.querySelector('[data-panel=test] [data-tab=\"{self.at}\"]')?.focus()")

    def _mark(self) -> None:
        """A dot on the tabs that something was given on, beside the input."""
        draft = self.draft
        given = {"reader": draft.reader, "variables": draft.variables, "context": draft.context, "mock": draft.mode != "perform"}
        for name, dot in self._dots.items():
            dot.set_visibility(bool(given.get(name)))

    def _set(self, name: str, value: object) -> None:
        setattr(self.draft, name, value)
        self._mark()
        self._changed()

    def _code(self, name: str, label: str | None = None) -> None:
        with c.box("code-host", data_tab_leaves=""):
            CodeEditor(
                getattr(self.draft, name),
                language="json",
                on_change=lambda text: self._set(name, text),  # pyright: ignore[reportArgumentType]
                label=label or FIELDS[name],
            )

    # -- the mock ----------------------------------------------------------------------------------------------------
    def _mock(self) -> None:
        """The choice stays where it is, with the keyboard on it: what it leads to is drawn anew below."""
        modes = MODES if mocks.performed(self.node) else {key: word for key, word in MODES.items() if key != "perform"}
        if self.node.type != "Task":
            c.text(f"What runs inside a {self.node.type} is not tested: a mock stands for all of it.", "dim small test-doc")
        with c.box("test-options"), _labelled("Mock"):
            c.choice(modes, self.draft.mode, self._choose, label="Mock", data_mock_mode="")
        self.below = c.box("test-below")
        self._draw_below()

    def _choose(self, mode: str) -> None:
        if mode == "result" and not self.draft.result.strip():
            self.draft.result = mocks.result_text(self.node, self.draft)
        self._set("mode", mode)
        self._draw_below()

    def _draw_below(self) -> None:
        node, draft = self.node, self.draft
        self.below.clear()
        with self.below:
            with c.box("test-options"):
                if draft.mode == "perform":
                    self._performed()
                elif draft.mode == "error":
                    self._errors()
                elif node.type == "Task":
                    self._checks()
                if "Retry" in (node.value if isinstance(node.value, dict) else {}):
                    self._line("retries", NUMBERS["retries"], "0")
                if node.type == "Map" and draft.mode != "perform":
                    self._line("failed", NUMBERS["failed"], "0")
            if draft.mode == "result":
                self._code("result", "Mocked result")

    def _performed(self) -> None:
        c.text("The task is performed as in a run, with its effects.", "dim small")
        if mocks.calls_http(self.node):

            def reveal(wanted: bool) -> None:
                if wanted and not self.draft.reveal:
                    self._traced()
                self._set("reveal", wanted)  # said again by every Ctrl+Enter on the box

            c.check("Reveal secrets", self.draft.reveal, reveal, data_reveal="")
            c.text("At TRACE the request is shown with what its connection adds: keys, tokens, passwords.", "dim small")

    def _checks(self) -> None:
        if not mocks.checked(self.node):
            c.text("Not checked: what this task answers may be any JSON.", "dim small")
            return
        with _labelled("Check against the API"):
            c.choice(
                VALIDATION,
                self.draft.validation,
                lambda mode: self._set("validation", mode),
                label="Check against the API",
                data_validation="",
            )

    def _errors(self) -> None:
        self._line("error", "Error name", "States.Timeout", listed=_ERRORS)
        with c.box("", "datalist", id=_ERRORS):
            for name in mocks.errors(self.node):
                c.box("", "option", value=name)
        self._line("cause", "Cause", "Why it failed")

    def _line(self, name: str, label: str, placeholder: str, listed: str | None = None) -> None:
        with _labelled(label):
            field = ui.input(value=getattr(self.draft, name), placeholder=placeholder).props("outlined dense debounce=0 tag=div")
            c.attributes(field, aria_label=label, data_test_field=name, list=listed)
        field.on_value_change(lambda event: self._set(name, str(event.value or "")))


def _labelled(label: str) -> ui.element:
    made = c.box("test-line")
    with made:
        c.text(label, "dim small", aria_hidden="true")
    return made
