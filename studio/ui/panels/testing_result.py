"""What a test came to: a sentence, and the stages side by side, each with what changed against the one it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.asl.difference import count
from studio.exec.views.tested import Stage, numbers, stages, verdict
from studio.ui.widgets import controls as c
from studio.ui.widgets.difference import Difference
from studio.ui.widgets.failure import failure
from studio.ui.widgets.payload import JsonTree, copy_json

if TYPE_CHECKING:
    from collections.abc import Callable

TONES = {"SUCCEEDED": "succeeded", "FAILED": "failed", "CAUGHT_ERROR": "caught", "RETRIABLE": "retrying"}
WORDS = {"CAUGHT_ERROR": "Caught error", "RETRIABLE": "Retriable"}


def draw(answer: dict[str, Any], given: str, variables: Any, *, whole: bool, choose: Callable[[bool], Any], stale: bool) -> None:
    """`given` and `variables` are what was sent; `whole`: values instead of differences, switched by `choose`."""
    status = str(answer.get("status", ""))
    found = stages(answer, given, variables)
    with c.box("test-verdict", role="status", data_test_status=status):
        c.status_chip(TONES.get(status, status), WORDS.get(status))
        c.text(verdict(answer), "grow clip")
        if stale:
            c.text("Edited since", "chip", title="The state was edited after this test.")
        for name, value in numbers(answer).items():
            c.text(f"{name} {value:g}", "chip mono")
        if len(found) > 1:
            with c.box("segments", role="group", aria_label="Stages show"):
                for label, held in (("Differences", False), ("Values", True)):
                    c.button(
                        label, lambda _=None, held=held: choose(held), aria_pressed=str(held == whole).lower(), data_stages=label.lower()
                    )
    if answer.get("error") or answer.get("cause"):
        with c.box("test-error"):
            failure(answer.get("error", ""), answer.get("cause"), caught=status == "CAUGHT_ERROR")
    with c.box("stages", "div", role="group", aria_label="Stages of the test"):
        for stage in found:
            stage_card(stage, whole=whole)


def stage_card(stage: Stage, *, whole: bool) -> None:
    """One stage: what changed against the one it came from, or its value."""
    short = not whole and stage.against is not None and not stage.changed and stage.name != "variables"
    with c.box(f"stage-card {'unchanged' if short else ''}", "section", data_stage=stage.name, aria_label=stage.title):
        with c.box("stage-head"):
            c.text(stage.title, "grow clip", "h3", title=f"{stage.title} ({stage.name})")
            if stage.against and stage.lines is not None:
                came, went = count(stage.lines)
                if stage.changed:
                    c.text(f"+{came} −{went}", "count num", "span", title=f"Against {stage.against}: {came} lines added, {went} removed")
            if not short:
                c.button("Copy as JSON", lambda: copy_json(stage.text), icon_name="content_copy", icon_only=True, classes="quiet")
        with c.box("stage-value", tabindex=0, role="group", aria_label=f"Value: {stage.title}"):
            if short:
                c.text(f"The same as {stage.against}.", "dim small")
            elif whole or stage.lines is None or not stage.changed:
                JsonTree(stage.text, stage.title)
            else:
                c.text(f"Against {stage.against}", "dim small")
                Difference(stage.lines, f"Changes against {stage.against}")
