"""What can be done with a run: correct its workflow, test the failing state, run from a state, redrive, run again, export.

Each says in a sentence what will happen before it does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from studio.asl.graph import build
from studio.asl.text import tree_of
from studio.errors import ServiceError, StudioError
from studio.exec.exported import export
from studio.exec.origin import Origin
from studio.exec.performers.mock import Returned
from studio.exec.replay import replay, run_from_replay
from studio.exec.requests import why_not_named
from studio.exec.views.compare import changed_states
from studio.exec.views.looked_at import where
from studio.exec.views.mocks import answer_of
from studio.exec.views.stages import Stages
from studio.exec.views.state_input import variables_at
from studio.ui.keeping import keep
from studio.ui.panels.consent import consent
from studio.ui.test_draft import MOCKABLE, ROLE
from studio.ui.widgets import controls as c
from studio.ui.widgets.payload import JsonTree

if TYPE_CHECKING:
    from pathlib import Path

    from studio.asl.graph import Graph
    from studio.exec.views.run import RunView, Visit
    from studio.ui.context import Studio
    from studio.ui.session import WorkflowSession


STAGES = {
    "afterInputPath": "After InputPath",
    "afterParameters": "After Parameters",
    "afterArguments": "After Arguments",
    "result": "Result",
    "afterResultSelector": "After ResultSelector",
    "afterResultPath": "After ResultPath",
    "output": "Output",
    "variables": "Variables",
}
"""TestState's names of the stages -> those of the fields."""


@dataclass(slots=True)
class RunActions:
    """The actions on one execution. `definition` is the text that ran, `graph` its graph, `engine` who has the run: the workspace or AWS."""

    studio: Studio
    arn: str
    described: dict[str, Any]
    definition: str
    graph: Graph
    engine: Any

    @property
    def remote(self) -> bool:
        return self.engine is self.studio.aws

    @property
    def only_history(self) -> bool:
        """Whether nothing but its history is known of the run: it is on AWS, or was imported. It can be replayed, not gone on with."""
        return self.remote or bool(self.described.get("imported"))

    @property
    def workflow(self) -> str | None:
        """The file of the workspace the run came from; None where it is not there."""
        path = self.described.get("workflow")
        try:
            return path if path and self.studio.workspace.resolve(path).is_file() else None
        except StudioError:
            return None

    @property
    def redrivable(self) -> bool:
        return self.described.get("redriveStatus") == "REDRIVABLE"

    def buttons(self, state: str, visit: Visit, view: RunView) -> None:
        """For a failing state of the run `view`, where it failed."""
        workflow = self.workflow
        if not self.remote:
            consent(self.studio, visit.cause, "run again", self._same_again)
        if workflow:
            c.link("Fix in editor", f"/w/{quote(workflow)}?state={quote(state, safe='')}", icon_name="edit", data_action="fix")
        c.button("Test with this input", lambda: self.test(state, visit, view), icon_name="science", data_action="test")
        if self.only_history:
            title = "A new local run with what the tasks answered then"
            c.button("Replay here", self.replay, icon_name="replay_circle_filled", data_action="replay", title=title)
        title = "Replays the run on this machine, then runs from this state" if self.only_history else None
        c.button("Run from here", lambda: self.run_from(state, visit, view), icon_name="fast_forward", data_action="run-from", title=title)
        if self.redrivable:
            c.button(
                "Redrive", self.redrive, icon_name="replay", data_action="redrive", title="Go on where it failed, in the same execution"
            )

    def of_visit(self, visit: Visit, view: RunView) -> None:
        """For any stay in a state of the run `view`."""
        with c.box("row wrap"):
            run_from = lambda: self.run_from(visit.name, visit, view)  # noqa: E731
            c.button("Run from here", run_from, data_visit_action="run-from")
            test = lambda: self.test(visit.name, visit, view)  # noqa: E731
            c.button("Test", test, title="Test the state alone with this input", data_visit_action="test")
            if self.workflow and (found := answer_of(view, visit)) is not None:
                title = "The workflow's mocks give this answer from now on"
                keep = lambda: self.keep(visit.name, *found)  # noqa: E731
                c.button("Keep as mock", keep, title=title, data_visit_action="keep")

    async def keep(self, state: str, answer: dict[str, Any], ordinal: int | None) -> None:
        """Writes what a task answered into the mocks of the workflow in the workspace."""
        session = await self._session()
        if session is None or session.side.mocks_problem:
            why = session.side.mocks_problem if session else None
            c.toast(why or "The workflow is not in the workspace any more.", seconds=8)
            return
        await keep(session, state, answer, ordinal, f"on its task {(ordinal or 0) + 1}")

    async def changed_since(self) -> list[str]:
        """The states that are otherwise in the editor now than they were when this ran; none where the workflow is not here."""
        session = await self._session()
        if session is None or not session.document.valid:
            return []
        return changed_states(self.graph, build(tree_of(session.definition_to_run())))

    # -- redrive, export -------------------------------------------------------------------------------------------------
    async def redrive(self) -> None:
        try:
            await self.engine.redrive_execution(executionArn=self.arn)
        except ServiceError as problem:
            c.toast(str(problem), seconds=6)
            return
        ui.navigate.reload()

    async def export(self) -> None:
        run = await export(self.engine, self.arn)
        ui.download.content(json.dumps(run, indent=2, ensure_ascii=False), f"{self.described['name']}.run.json")

    # -- replay ------------------------------------------------------------------------------------------------------------
    async def replay(self) -> None:
        """A local run of the same definition and input whose tasks answer as they did in this one."""
        try:
            begun = await replay(self.studio.engine, self.engine, self.described, self.definition)
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return
        ui.navigate.to(f"/runs/{quote(begun, safe='')}")

    async def _replay_and_run_from(self, state: str, visit: Visit, view: RunView) -> None:
        """As `run_from`, of a run of which only the history is here."""
        answers = {"here": "Performed as in any run here", "recorded": "Answered as they were then"}
        chosen: list[Any] = []

        def ask() -> None:
            with c.box("field"):
                c.text("Tasks from there on", "field-name")
                value = "here" if self.workflow else "recorded"
                chosen.append(c.choice(answers, value, lambda _: None, label="Tasks from there on", data_answers=""))

        async def start(text: str, definition: str, name: str) -> str:
            how: dict[str, Any] = {} if _same(text, visit.input or "{}") else {"input": text}
            if name:
                how["name"] = name
            if chosen[0].props["value"] == "here":
                how["world"] = await self._world()
            how["definition"] = definition
            return await run_from_replay(self.studio.engine, self.engine, self.described, self.definition, view, visit, **how)

        summary = (
            f"Only the history of this run is here. It is first replayed on this machine: its tasks answer as they did then, waits are skipped, "
            f"nothing else is called. Then a new run begins where the replay comes to {state}, with the results of the states before it."
        )
        await self._begin(f"Replay, then run from {state}{where(visit)}", summary, visit.input or "{}", start, ask)

    async def _world(self) -> dict[str, Any]:
        """Who answers the tasks of a run of the workflow as it is in the workspace."""
        folder, functions = self._folders()
        session = await self._session()
        mocks = session.side.mocks if session is not None else None
        mocked = (
            {"mocks": mocks.config, "mocksMachine": mocks.machine, "case": session.side.chosen or mocks.case} if session and mocks else {}
        )
        return {
            "workflow": self.workflow,
            "folder": str(folder) if folder else None,
            "functions": str(functions) if functions else None,
            **mocked,
        }

    def _folders(self) -> tuple[Path | None, Path | None]:
        """The workflow's folder, and that of its functions; None where there is none."""
        folder = (self.studio.workspace.root / self.workflow).parent if self.workflow else None
        return folder, folder / "functions" if folder is not None and (folder / "functions").is_dir() else None

    # -- test --------------------------------------------------------------------------------------------------------------
    async def test(self, state: str, visit: Visit, view: RunView) -> None:
        """TestState of one state with the input and the variables it had, to be edited: on its mock, else on what its work answered then. Where
        neither is known, a Task is performed, once that is asked for.
        """
        mock, by = await self._mock(state), "answered by its mock"
        if mock is None and (mock := self._answered(visit, view)) is not None:
            by = "answered as in this run"
        variables = variables_at(view, self.graph, visit)
        with _dialog(f"Test {state}") as (dialog, body, foot):
            with body:
                work = (
                    "with its mock, else with what it answered in this run"
                    if mock or visit.type not in MOCKABLE
                    else "performed as in a run"
                )
                c.text(f"Runs this state alone, {work}. Nothing is kept, the run is not changed.", "dim")
                given = _json_field("Input", visit.input or "{}")
                answer = c.box("rows", data_test_answer="")
            with foot:
                c.button("Close", dialog.close, classes="quiet")
                go = c.button("Test", None, icon_name="science", classes="primary", data_test="")

        async def run() -> None:
            text = _read(given)
            if text is None:
                return
            request: dict[str, Any] = {
                "definition": self.definition,
                "stateName": state,
                "input": text,
                "inspectionLevel": "DEBUG",
                "roleArn": ROLE,
            }
            more = {**({"mock": mock} if mock else {}), **({"variables": json.dumps(variables)} if variables else {})}
            try:
                told = await self.studio.engine.test_state(**request, **more)
            except ServiceError as problem:
                told = {"status": problem.code, "cause": problem.message}
            answer.clear()
            with answer:
                _test_answer(told, by if mock else "")

        go.on("click", run)
        if mock is not None or visit.type not in MOCKABLE:
            await run()

    def _answered(self, visit: Visit, view: RunView) -> dict[str, Any] | None:
        """What the state's work answered in this run, as a mock of TestState; None where there was none, or the history does not hold it."""
        if visit.type not in MOCKABLE:
            return None
        if (found := answer_of(view, visit)) is not None:
            told = found[0]
            if "Throw" in told:
                return {"errorOutput": {"error": told["Throw"]["Error"], "cause": told["Throw"].get("Cause", "")}}
            return {"result": json.dumps(told["Return"], ensure_ascii=False), "fieldValidationMode": "NONE"}
        if visit.error:
            return {"errorOutput": {"error": visit.error, "cause": visit.cause or ""}}
        result = Stages(tree_of(self.definition), self.graph, self.described).result(view, visit)
        return None if result is None else {"result": result, "fieldValidationMode": "NONE"}

    async def _mock(self, state: str) -> dict[str, Any] | None:
        """What the mock of the workflow answers first; None where the state is not mocked, so that it is performed."""
        session = await self._session()
        if session is None or session.side.mocks is None:
            return None
        found = session.side.mocks.choose(case=session.side.chosen).answer(state, 0)
        match found:
            case None:
                return None
            case Returned(value):
                return {"result": json.dumps(value, ensure_ascii=False)}
            case _:
                return {"errorOutput": {"error": found.error, "cause": found.cause or ""}}

    # -- run from here, run again --------------------------------------------------------------------------------------------
    async def run_from(self, state: str, visit: Visit, view: RunView) -> None:
        """A new run that begins where this one (`view`) entered a state."""
        if self.only_history:
            await self._replay_and_run_from(state, visit, view)
            return
        try:
            plan = await self.studio.engine.describe_run_from(executionArn=self.arn, eventId=visit.entered_id)
        except ServiceError as problem:
            c.toast(str(problem), seconds=6)
            return

        async def start(text: str, definition: str, name: str) -> str:
            changed = {} if _same(text, plan["input"]) else {"input": text}
            if name:
                changed["name"] = name
            begun = await self.studio.engine.run_from(executionArn=self.arn, eventId=visit.entered_id, definition=definition, **changed)
            return str(begun["executionArn"])

        await self._begin(f"Run from {state}{where(visit)}", plan["summary"], plan["input"], start)

    async def again(self) -> None:
        """A new run from the start, with the same input or another."""
        await self._begin("Run again", "A new run of the whole workflow, from its start.", self.described.get("input") or "{}", self._start)

    async def _same_again(self) -> None:
        """A new run of the same definition with the same input, at once."""
        try:
            arn = await self._start(self.described.get("input") or "{}", self.definition, "")
        except StudioError as problem:
            c.toast(str(problem), seconds=6)
            return
        ui.navigate.to(f"/runs/{quote(arn, safe='')}")

    async def _start(self, text: str, definition: str, name: str) -> str:
        session = await self._session()
        mocks = session.side.mocks if session is not None else None
        folder, functions = self._folders()
        same = (_same(text, self.described.get("input") or "{}"), definition == self.definition)
        changed = tuple(name for name, kept in zip(("input", "definition"), same, strict=True) if not kept)
        return await self.studio.engine.run_definition(
            definition,
            text,
            name=name or None,
            type="EXPRESS" if ":express:" in self.arn else "STANDARD",
            mocks=mocks,
            case=session.side.chosen if session is not None and mocks is not None else None,
            workflow=self.workflow,
            folder=folder,
            functions=functions,
            skip_waits=self.studio.preferences.value.skip_waits,
            quotas=self.studio.preferences.value.quotas,
            origin=Origin(self.arn, "again", changed=changed),
        )

    async def _session(self) -> WorkflowSession | None:
        if self.workflow is None:
            return None
        try:
            return await self.studio.sessions.open(self.workflow)
        except StudioError:
            return None

    async def _begin(self, title: str, summary: str, input_text: str, start: Any, more: Callable[[], None] = lambda: None) -> None:
        """The dialog of a new run: which definition, which data; `more` draws what else is asked."""
        session = await self._session()
        current = session.definition_to_run() if session is not None and session.document.valid else None
        with _dialog(title) as (dialog, body, foot):
            with body:
                c.text(summary, "wrap", data_plan="")
                options = {"this": "The definition that ran", **({"now": "The definition as it is in the editor"} if current else {})}
                with c.box("field"):
                    c.text("Definition", "field-name")
                    which = c.choice(options, "now" if current else "this", lambda _: None, label="Definition", data_definition="")
                more()
                given = _json_field("Input", input_text)
                with c.box("field"):
                    c.text("Name", "field-name")
                    called = ui.input(placeholder="made for it").props("outlined dense tag=div")
                    c.attributes(called, aria_label="Name of the new run", data_run_name="", spellcheck="false")
                problem = c.text("", "field-error", role="alert")
            with foot:
                c.button("Cancel", dialog.close, classes="quiet")
                go = c.button("Run", None, icon_name="play_arrow", classes="primary", data_begin="")

        async def begin() -> None:
            text = _read(given)
            if text is None:
                return
            name = str(called.value or "").strip()
            if reason := why_not_named(name or "x"):
                problem.set_text(reason)
                return
            chosen = current if which.props["value"] == "now" and current else self.definition
            c.change(go, disabled=True)
            try:
                arn = await start(text, chosen, name)
            except StudioError as refused:
                problem.set_text(str(refused))
                return
            finally:
                c.change(go, disabled=None)
            dialog.close()
            ui.navigate.to(f"/runs/{quote(arn, safe='')}")

        go.on("click", begin)


@contextmanager
def _dialog(title: str) -> Iterator[tuple[ui.dialog, ui.element, ui.element]]:
    """A dialog with its body and foot, opened once they are filled, gone once it is closed."""
    with ui.dialog() as dialog, c.box("dialog wide", role="dialog", aria_label=title):
        with c.box("dialog-head"):
            c.text(title, "grow clip", "h1")
        body, foot = c.box("dialog-body"), c.box("dialog-foot")
    dialog.on("hide", dialog.delete)
    yield dialog, body, foot
    dialog.open()


def _json_field(label: str, text: str) -> Any:
    """A text area with JSON in it, laid out to be read; what is wrong with it is shown under it."""
    try:
        shown = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        shown = text
    with c.box("field json-field"):
        c.text(label, "field-name")
        field = ui.textarea(value=shown).props("outlined dense autogrow").classes("mono")
        c.attributes(field, aria_label=label, data_json=label.lower())
        field.said = c.text("", "field-error", role="alert")  # type: ignore[attr-defined]
    return field


def _read(field: Any) -> str | None:
    """The JSON text of a field; None where it is none, which the field then says."""
    text = str(field.value or "").strip()
    try:
        json.loads(text)
    except (ValueError, RecursionError) as wrong:
        field.said.set_text(f"This is not JSON: {wrong}")
        return None
    field.said.set_text("")
    return text


def _same(text: str, other: str) -> bool:
    return bool(json.loads(text) == json.loads(other))


def _test_answer(told: dict[str, Any], by: str) -> None:
    status = {"SUCCEEDED": "succeeded", "FAILED": "failed", "RETRIABLE": "retrying", "CAUGHT_ERROR": "caught"}.get(told["status"], "failed")
    with c.box("row"):
        c.status_chip(status, None if told["status"] in {"SUCCEEDED", "FAILED", "RETRIABLE", "CAUGHT_ERROR"} else told["status"])
        if told.get("nextState"):
            c.text(f"next: {told['nextState']}", "dim")
        if by:
            c.text(by, "dim small")
    if told.get("error") or told.get("cause"):
        with c.box("failure", role="group", aria_label="Error"):
            c.text(told.get("error") or told["status"], "name")
            c.text(told.get("cause") or "", "cause")
    seen: dict[str, Any] = told.get("inspectionData", {})
    for name, text in {**seen, **({"output": told["output"]} if told.get("output") is not None else {})}.items():
        if isinstance(text, str) and name != "input":
            label = STAGES.get(name, name)
            c.text(label, "", "h3")
            JsonTree(text, label)


__all__ = ["RunActions"]
