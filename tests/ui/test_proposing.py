"""The list of proposed words as the page gets it."""

from __future__ import annotations

from studio.asl.completion import Choice, Proposals
from studio.ui.widgets.proposing import listed


def test_the_likeliest_come_first_and_places_count_as_the_browser_does() -> None:
    choices = tuple(Choice(label, "field") for label in ("TaskToken", "Token", "HasToken", "Else"))
    found = listed(Proposals(1, 4, choices), "😀tok", 4)
    assert ([one["label"] for one in found["options"]], found["from"], found["to"]) == (["Token", "TaskToken", "HasToken"], 2, 5)


def test_what_was_searched_for_is_not_sifted_again() -> None:
    arn = Choice("arn:aws:states:::sns:publish", "text", "SNS: Publish", "x" * 999)
    found = listed(Proposals(0, 7, (arn,)), "publish", 7)
    assert found["options"] == [
        {"label": arn.label, "kind": "text", "detail": "SNS: Publish", "doc": "x" * 400, "text": arn.label, "again": False}
    ]
