"""The page of the tasks that wait: a form that is open stays as it is, a link opens the task it names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.ui.test_run_pages import by_attribute, click, until

ASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "End": True}
CALLBACK = json.dumps(
    {"StartAt": "Ask", "States": {"Ask": {**ASK, "Parameters": {"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}}}}
)


async def waiting(studio: Any, name: str) -> str:
    """A run that waits for an answer."""
    arn = await studio.engine.run_definition(CALLBACK, name=name)
    before = 0
    while not any(task["executionArn"] == arn for task in await studio.engine.list_open_tasks()):
        before += len(await studio.engine.wait_events(arn, before, 1))
    return str(arn)


def shown(user: Any) -> list[str]:
    with user._client:
        return [one.props["data-execution"].rpartition(":")[2] for one in by_attribute(user, "data-task", "Ask")]


async def test_what_is_typed_outlives_what_comes_and_goes(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    (tmp_path / "functions").mkdir()
    user, studio = await open_studio(tmp_path)
    first, second = await waiting(studio, "first"), await waiting(studio, "second")
    await user.open(f"/tasks?run={quote(second, safe='')}&state=Ask")
    await until(lambda: shown(user) == ["first", "second"])
    [other, mine] = by_attribute(user, "data-answer", "Ask")
    assert [other.props["aria-expanded"], mine.props["aria-expanded"]] == ["false", "true"]
    [_, output] = by_attribute(user, "data-output", "")
    output.set_value('{"half": ')
    await waiting(studio, "third")
    await studio.engine.stop_execution(executionArn=first)
    await until(lambda: shown(user) == ["second", "third"])
    [still, _] = by_attribute(user, "data-output", "")
    assert (still, still.value) == (output, '{"half": ')
    assert by_attribute(user, "data-answer", "Ask")[0].props["aria-expanded"] == "true"


async def test_a_run_leads_to_the_very_task(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await waiting(studio, "only")
    await user.open(f"/runs/{quote(arn, safe='')}?state=Ask")
    [link] = await until(lambda: by_attribute(user, "data-answer-task", "Ask"))
    await user.open(str(link.props["href"]))
    [button] = await until(lambda: by_attribute(user, "data-answer", "Ask"))
    assert button.props["aria-expanded"] == "true"
    click(user, "data-answer", "Ask")
    assert button.props["aria-expanded"] == "false"
