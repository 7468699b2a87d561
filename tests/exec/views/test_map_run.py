"""How far a Map Run is, in counts, shares and a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from studio.exec.views.map_run import badge, progress, tolerance

START = datetime(2026, 1, 1, tzinfo=UTC)


def told(status: str = "RUNNING", seconds: float | None = None, **items: int) -> dict[str, Any]:
    names = ("pending", "running", "succeeded", "failed", "timedOut", "aborted")
    counts = {name: items.get(name, 0) for name in names}
    end = {} if seconds is None else {"stopDate": START + timedelta(seconds=seconds)}
    return {"status": status, "startDate": START, "itemCounts": {**counts, "total": sum(counts.values())}, **end}


@pytest.mark.parametrize(
    ("answer", "now", "sentence", "shares"),
    [
        (told(), 5, "0 of 0 items done", ()),
        (
            told(pending=60, running=10, succeeded=25, failed=5),
            10,
            "30 of 100 items done, 3.0 a second, about 23 s left",
            (("succeeded", 0.25), ("failed", 0.05), ("running", 0.1)),
        ),
        (told("SUCCEEDED", 2.0, succeeded=1000), None, "1,000 of 1,000 items done, 500.0 a second", (("succeeded", 1.0),)),
        (told("FAILED", 0.0, failed=1, aborted=1), None, "2 of 2 items done", (("failed", 0.5), ("aborted", 0.5))),
    ],
)
def test_progress(answer: dict[str, Any], now: int | None, sentence: str, shares: tuple[tuple[str, float], ...]) -> None:
    found = progress(answer, None if now is None else START + timedelta(seconds=now))
    assert (str(found), found.shares) == (sentence, shares)


@pytest.mark.parametrize(
    ("answer", "badged"),
    [
        (told(pending=3), "0/3"),
        (told(pending=600, running=10, succeeded=1025, failed=5, timedOut=1), "1,031/1,641, 6 ✗"),
        (told("SUCCEEDED", 1, succeeded=1000), "1,000 ✓"),
        (told("FAILED", 1, succeeded=7, failed=2, aborted=1), "2 ✗ 7 ✓"),
    ],
)
def test_a_map_run_on_the_graph(answer: dict[str, Any], badged: str) -> None:
    assert badge(answer) == badged


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({}, "2 failed, none may"),
        ({"toleratedFailureCount": 0, "toleratedFailurePercentage": 0.0}, "2 failed, none may"),
        ({"toleratedFailureCount": 1000}, "2 failed, at most 1,000 may"),
        ({"toleratedFailureCount": 5, "toleratedFailurePercentage": 12.5}, "2 failed, at most 5 or 12.5 % may"),
    ],
)
def test_how_many_may_fail(limits: dict[str, Any], said: str) -> None:
    assert tolerance({**told(failed=1, timedOut=1, succeeded=3), **limits}) == said
