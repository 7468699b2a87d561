"""Which statuses a browser is told of."""

from __future__ import annotations

from typing import Any

from studio.canvas.scene import build, patch
from studio.canvas.shown import ShownStatuses

CHAIN: Any = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "End": True}},
}
RUNNING, DONE = {"status": "running"}, {"status": "succeeded"}
A, B, C = "/States/A", "/States/B", "/States/C"


def test_only_what_changed_is_told() -> None:
    shown = ShownStatuses()
    assert shown.changes({A: RUNNING}) == {A: RUNNING}
    assert shown.changes({A: RUNNING}) == {}
    assert shown.changes({A: DONE, B: RUNNING}) == {A: DONE, B: RUNNING}
    assert shown.changes({A: DONE, B: {"status": "running", "detail": "2/6"}}) == {B: {"status": "running", "detail": "2/6"}}
    assert shown.changes({A: DONE}) == {B: None}
    assert shown.changes({}) == {A: None}


def test_what_a_patch_brings_along_needs_no_telling() -> None:
    shown = ShownStatuses()
    first = build(CHAIN, statuses={"A": "succeeded", "B": "running"})
    shown.patched(patch(None, first))
    assert shown.changes({A: DONE, B: RUNNING}) == {}
    assert shown.changes({A: DONE, B: DONE, C: RUNNING}) == {B: DONE, C: RUNNING}
    edited = {**CHAIN, "States": {**CHAIN["States"], "C": {"Type": "Fail"}}}
    shown.patched(patch(first, build(edited, statuses={"A": "succeeded", "B": "running"})))
    assert shown.changes({A: DONE, B: DONE, C: RUNNING}) == {C: RUNNING}  # C was drawn anew, without its status
    alone = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    shown.patched(patch(build(edited), build(alone, statuses={"A": "succeeded"})))
    assert shown.changes({}) == {A: None}


def test_a_full_patch_begins_anew() -> None:
    shown = ShownStatuses()
    shown.changes({A: DONE, B: DONE})
    shown.patched(patch(None, build(CHAIN, statuses={"C": "failed"})))
    assert shown.changes({A: DONE}) == {A: DONE, C: None}
