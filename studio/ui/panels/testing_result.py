"""What a test came to: a sentence, and the stages side by side, each with what changed against the one it came from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.asl.difference import count
from studio.exec.views.tested import Stage, numbers, stages, verdict
from studio.ui.widgets import controls as c
from studio.ui.widgets.difference import Difference
from studio.ui.widgets.failure import failure
from studio.ui.widgets.payload import JsonTree, copy_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui import ui

    from studio.asl.tree import Json

TONES = {"SUCCEEDED": "succeeded", "FAILED": "failed", "CAUGHT_ERROR": "caught", "RETRIABLE": "retrying"}
WORDS = {"CAUGHT_ERROR": "Caught error", "RETRIABLE": "Retriable"}
SHOWN = {"differences": "Differences", "values": "Values", "response": "Response"}


@dataclass(frozen=True, slots=True)
class Tested:
    """A test that was made: what was sent, TestState's response, the state as it was."""

    sent: dict[str, Any]
    answer: dict[str, Any]
    state: Json

    @property
    def variables(self) -> Json:
        return json.loads(self.sent["variables"]) if "variables" in self.sent else {}

    @property
    def stages(self) -> tuple[Stage, ...]:
        """With what stood for the work of a Map or Parallel, which TestState does not repeat in its response."""
        seen = self.answer.get("inspectionData", {})
        mocked = self.sent.get("mock", {}).get("result")
        raw = self.state if isinstance(self.state, dict) else {}
        worked = self.answer.get("status") == "SUCCEEDED" or "afterResultSelector" in seen
        if mocked is not None and seen and worked and raw.get("Type") in {"Map", "Parallel"}:
            return stages({**self.answer, "inspectionData": {**seen, "result": mocked}}, self.sent["input"], self.variables)
        return stages(self.answer, self.sent["input"], self.variables)

    @property
    def retries(self) -> int:
        return int(self.sent.get("stateConfiguration", {}).get("retrierRetryCount", 0))


def draw(tested: Tested, shown: str, choose: Callable[[str], Any]) -> ui.element:
    """`shown`: one of `SHOWN`, switched by `choose`. Answers the mark of a test that is no longer what is filled in."""
    answer = tested.answer
    status = str(answer.get("status", ""))
    with c.box("test-verdict", role="status", data_test_status=status):
        c.status_chip(TONES.get(status, status), WORDS.get(status))
        c.text(verdict(answer, tested.state, tested.retries), "sentence")
        stale = c.text(
            "Edited since", "chip", title="The state or what it is tested with was edited after this test. Ctrl+Enter tests again."
        )
        for name, value in numbers(answer).items():
            c.text(f"{name} {value:g}", "chip mono")
        with c.box("segments", role="group", aria_label="Shown"):
            for key, label in SHOWN.items():
                c.button(label, lambda _=None, key=key: choose(key), aria_pressed=str(key == shown).lower(), data_stages=key)
    if shown == "response":
        _response(tested)
        return stale
    if answer.get("error") or answer.get("cause"):
        with c.box("test-error", tabindex=0, role="group", aria_label="Error"):
            failure(answer.get("error", ""), answer.get("cause"), caught=status == "CAUGHT_ERROR")
    with c.box("stages", "div", role="group", aria_label="Stages of the test"):
        whole = shown == "values"
        for pile in piled(tested.stages, whole=whole):
            with c.box("stage-pile" if pile[0].name != "output" and is_short(pile[0], whole=whole) else "stage-single"):
                for stage in pile:
                    stage_card(stage, whole=whole, always=stage.name == "output")
    return stale


def piled(found: tuple[Stage, ...], *, whole: bool) -> list[list[Stage]]:
    """Stages that only say that nothing changed stand below each other, so that the others have room. The output always has its own."""
    piles: list[list[Stage]] = []
    for stage in found:
        short = stage.name != "output" and is_short(stage, whole=whole)
        if short and piles and is_short(piles[-1][-1], whole=whole):
            piles[-1].append(stage)
        else:
            piles.append([stage])
    return piles


def is_short(stage: Stage, *, whole: bool) -> bool:
    """Whether it is enough to say that it is the stage before it."""
    return not whole and stage.against is not None and not stage.changed and stage.name != "variables"


def _response(tested: Tested) -> None:
    """The response as TestState gives it, to compare and to copy; and the request that it answers."""
    text = json.dumps(tested.answer, ensure_ascii=False)
    with c.box("test-response"):
        with c.box("row"):
            c.button("Copy response", lambda: copy_json(text), icon_name="content_copy", data_copy="response")
            c.button(
                "Copy request",
                lambda: copy_json(json.dumps(tested.sent, ensure_ascii=False)),
                icon_name="content_copy",
                data_copy="request",
                title="For aws stepfunctions test-state --cli-input-json",
            )
        with c.box("stage-value", tabindex=0, role="group", aria_label="Response"):
            JsonTree(text, "Response")


def stage_card(stage: Stage, *, whole: bool, always: bool = False) -> None:
    """One stage: what changed against the one it came from, or its value. `always`: the value also where nothing changed."""
    short = is_short(stage, whole=whole) and not always
    differs = not whole and stage.changed and stage.related
    with c.box(f"stage-card {'unchanged' if short else ''}", "section", data_stage=stage.name, aria_label=stage.title):
        with c.box("stage-head"):
            c.text(stage.title, "grow clip", "h3", title=f"{stage.title} ({stage.name})")
            if differs and stage.lines is not None:
                came, went = count(stage.lines)
                c.text(f"+{came} −{went}", "count num", "span", title=f"Against {stage.against}: {came} lines added, {went} removed")
            if not short:
                c.button("Copy as JSON", lambda: copy_json(stage.text), icon_name="content_copy", icon_only=True, classes="quiet")
        with c.box("stage-value", tabindex=None if short else 0, role="group", aria_label=f"Value: {stage.title}"):
            if short or (always and not whole and stage.against and not stage.changed):
                c.text(f"The same as {stage.against}.", "dim small")
            if differs and stage.lines is not None:
                c.text(f"Against {stage.against}", "dim small")
                Difference(stage.lines, f"Changes against {stage.against}")
            elif not short:
                JsonTree(stage.text, stage.title)
