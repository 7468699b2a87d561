"""The page of a Map Run: progress, children, limits; and one that nobody knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nicegui import ElementFilter

from studio.canvas.element import Canvas
from studio.exec.origin import Origin
from studio.ui.widgets import controls as c
from studio.ui.widgets.rows import Rows
from tests.ui.test_run_pages import by_attribute, click, of_kind, until

PROCESSOR = {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "StartAt": "Odd?",
    "States": {
        "Odd?": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "No"}], "Default": "Yes"},
        "No": {"Type": "Fail", "Error": "Even"},
        "Yes": {"Type": "Succeed"},
    },
}
ROWS = {"StartAt": "M", "States": {"M": {"Type": "Map", "ToleratedFailureCount": 1, "ItemProcessor": PROCESSOR, "End": True}}}


async def test_what_became_of_the_children(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await studio.engine.run_definition(json.dumps(ROWS), "[1, 2, 3]", workflow="rows.asl.json")
    await studio.engine.ended(arn)
    (run,) = (await studio.engine.list_map_runs(executionArn=arn))["mapRuns"]
    await user.open(f"/runs/{quote(run['mapRunArn'], safe='')}")
    await user.should_see("3 of 3 items done")
    assert [(one.props["data-count"], one.text) for name in ("succeeded", "failed") for one in by_attribute(user, "data-count", name)] == [
        ("succeeded", "2 succeeded"),
        ("failed", "1 failed"),
    ]
    children = of_kind(user, Rows, "Child executions").rows
    assert sorted(row["status"]["word"] for row in children) == ["Failed", "Succeeded", "Succeeded"]
    assert sorted(row["name"].partition("  ")[0] for row in children) == ["#0", "#1", "#2"]
    [limit] = by_attribute(user, "data-limit", "toleratedFailureCount")
    assert limit.value == "1"
    [change] = by_attribute(user, "data-change-limits", "")
    assert change.props["disabled"] is True


async def test_a_map_run_that_nobody_knows(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, _ = await open_studio(tmp_path)
    await user.open(f"/runs/{quote('arn:aws:states:us-east-1:123456789012:mapRun:M/x:y', safe='')}")
    await user.should_see("Resource not found")


async def test_how_far_a_map_run_is_stands_on_the_page_of_its_execution(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    yes = {"Type": "Wait", "Seconds": 3600, "End": True}
    waits = {**PROCESSOR, "States": {**PROCESSOR["States"], "Yes": yes}}  # type: ignore[dict-item]
    rows = {"StartAt": "M", "States": {"M": {"Type": "Map", "ToleratedFailureCount": 1, "ItemProcessor": waits, "End": True}}}
    arn = await studio.engine.run_definition(json.dumps(rows), "[1, 2, 3, 5]", workflow="rows.asl.json")
    await user.open(f"/runs/{quote(arn, safe='')}")
    [line] = await until(lambda: by_attribute(user, "data-map-progress", "M"))
    assert line.props["href"].startswith("/runs/arn%3Aaws%3Astates%3Aus-east-1%3A123456789012%3AmapRun%3A")
    assert [one.text for one in by_attribute(user, "data-tolerance", "")] == ["1 failed, at most 1 may"]
    [told] = [one.text for one in by_attribute(user, "data-progress-text", "")]
    assert told.startswith("1 of 4 items done")
    with user._client:
        (canvas,) = ElementFilter(kind=Canvas, local_scope=False)
    seen: list[Any] = []
    canvas.set_statuses = seen.append  # type: ignore[method-assign]
    await studio.engine.stop_execution(executionArn=arn)
    await until(lambda: not by_attribute(user, "data-map-progress", "M"))
    await until(lambda: seen and seen[-1]["/States/M"] == {"status": "stopped", "detail": "1 ✗ 0 ✓"})


async def test_generations_are_unfolded_one_at_a_time(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await studio.engine.run_definition(json.dumps(ROWS), "[1, 2, 3]", workflow="rows.asl.json")
    await studio.engine.ended(arn)
    await user.open(f"/runs/{quote(arn, safe='')}")
    await user.should_see("Succeeded: 1 state")
    click(user, "data-tab", "summary")

    def rows() -> list[tuple[str, str]]:
        found = [
            (kind, one.props["aria-level"]) for kind in ("self", "map-run", "execution") for one in by_attribute(user, "data-family", kind)
        ]
        return [(kind, str(level)) for kind, level in found]

    await until(lambda: rows() == [("self", "1"), ("map-run", "2")])
    (run,) = (await studio.engine.list_map_runs(executionArn=arn))["mapRuns"]
    click(user, "data-unfold", run["mapRunArn"])
    await until(lambda: rows() == [("self", "1"), ("map-run", "2"), *[("execution", "3")] * 3])
    [failed, *_] = (await studio.engine.list_executions(mapRunArn=run["mapRunArn"], statusFilter="FAILED"))["executions"]
    click(user, "data-unfold", failed["executionArn"])
    await user.should_see("Nothing further.")


async def test_a_run_that_was_run_again_names_it_and_how(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await studio.engine.run_definition(json.dumps(ROWS), "[1]", workflow="rows.asl.json", name="first")
    await studio.engine.ended(arn)
    again = await studio.engine.run_definition(
        json.dumps(ROWS), "[2]", workflow="rows.asl.json", name="second", origin=Origin(arn, "again", changed=("input",))
    )
    await studio.engine.ended(again)

    async def tree(of: str) -> list[str]:
        await user.open(f"/runs/{quote(of, safe='')}")
        await user.should_see("1 state")
        click(user, "data-tab", "summary")
        await until(lambda: by_attribute(user, "data-family", "self"))
        with user._client:
            return [one.text for one in ElementFilter(kind=c.TextElement, local_scope=False) if "kin-how" in one.classes]

    assert await tree(arn) == ["of M", "run again, another input"]
    assert await tree(again) == ["run again, another input", "of M"]
