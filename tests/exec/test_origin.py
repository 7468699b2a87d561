"""How an execution came out of another: what is kept, and how it is told."""

from __future__ import annotations

from typing import Any

import pytest

from studio.exec.origin import Origin, starter, words

ARN = "arn:aws:states:us-east-1:123456789012:execution:M:e"


@pytest.mark.parametrize(
    ("origin", "kept", "told"),
    [
        (Origin(ARN, "started", "Call"), {"how": "started", "state": "Call"}, "started by Call"),
        (Origin(ARN, "started"), {"how": "started"}, "started by it"),
        (Origin(ARN, "iteration", index=0), {"how": "iteration", "index": 0}, "iteration 0"),
        (Origin(ARN, "from", "Pay"), {"how": "from", "state": "Pay"}, "run from Pay"),
        (
            Origin(ARN, "from", "Pay", changed=("input", "definition")),
            {"how": "from", "state": "Pay", "changed": ["input", "definition"]},
            "run from Pay, another input and another definition",
        ),
        (Origin(ARN, "again"), {"how": "again"}, "run again"),
        (Origin(ARN, "again", changed=("input",)), {"how": "again", "changed": ["input"]}, "run again, another input"),
        (Origin(ARN, "replay"), {"how": "replay"}, "replay"),
    ],
)
def test_what_is_kept_and_told(origin: Origin, kept: dict[str, Any], told: str) -> None:
    assert origin.meta() == {"parent": ARN, "begun": kept}
    assert words(kept) == told


def test_nothing_is_told_of_what_an_older_studio_kept() -> None:
    assert words(None) == words({}) == words({"how": "by magic"}) == ""


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        (f'{{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "{ARN}", "a": 1}}', ARN),
        ('{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": 7}', None),
        ('{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "somebody"}', None),
        ('["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"]', None),
        ('{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID', None),
        ("{}", None),
    ],
)
def test_whom_an_input_names(text: str, arn: str | None) -> None:
    assert starter(text) == arn
