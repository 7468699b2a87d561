"""The bar of a held run: which line of work is stepped and whose input is changed is chosen; the panel shows what is acted on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from nicegui import ElementFilter

from studio.exec.hold import Holds
from studio.ui.widgets.payload import JsonTree
from tests.ui.test_run_pages import by_attribute, click, until

INNER = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "Next": "Then"}, "Then": {"Type": "Pass", "End": True}}}


def each(**config: Any) -> str:
    inner = {**INNER, **({"ProcessorConfig": config} if config else {})}
    return json.dumps({"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": inner, "End": True}}})


@pytest.mark.parametrize("config", [{}, {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}])
async def test_the_line_that_is_chosen_is_stepped(tmp_path: Path, open_studio: Callable[[Path], Any], config: dict[str, str]) -> None:
    user, studio = await open_studio(tmp_path)
    arn = await studio.engine.run_definition(each(**config), "[1, 2]", holds=Holds(frozenset({"Do", "Then"})))
    await user.open(f"/runs/{quote(arn, safe='')}")
    await until(lambda: len(by_attribute(user, "data-held", "Do")) == 2)
    [first, second] = by_attribute(user, "data-held", "Do")
    assert [one.props["aria-pressed"] for one in (first, second)] == ["true", "false"]
    await user.should_see("with 1")
    with user:
        for listener in list(second._event_listeners.values()):
            second._handle_event({"listener_id": listener.id, "args": [{}]})
    await user.should_see("with 2")
    click(user, "data-command", "step")
    await until(lambda: by_attribute(user, "data-held", "Then"))
    lines = (await studio.engine.describe_moment(executionArn=arn))["lines"]
    assert sorted((line["state"], line["input"]) for line in lines if line["phase"] == "held") == [("Do", "1"), ("Then", "2")]
    [still] = by_attribute(user, "data-held", "Then")
    assert still.props["aria-pressed"] == "true"  # the same line of work goes on being the one


LOOP = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Add",
                "States": {
                    "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough?"},
                    "Enough?": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 9, "Next": "Add"}], "Default": "Do"},
                    "Do": {"Type": "Pass", "End": True},
                },
            },
            "End": True,
        }
    },
}


async def test_what_is_shown_of_a_state_is_what_is_begun_at(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    """Of several stays in a state: the panel, the events, the address and *Run from here* speak of the same."""
    user, studio = await open_studio(tmp_path)
    arn = await studio.engine.run_definition(json.dumps(LOOP), '[{"n": 7}, {"n": 6}]')
    await studio.engine.ended(arn)
    events = (await studio.engine.get_execution_history(executionArn=arn))["events"]
    entries = [(e["id"], e["stateEnteredEventDetails"]["input"]) for e in events if e["type"] == "PassStateEntered"]
    adds = [(number, text) for number, text in entries if events[number]["stateExitedEventDetails"]["name"] == "Add"]
    assert sorted(json.loads(text)["n"] for _, text in adds) == [6, 7, 7, 8, 8]

    async def begins_with() -> str:
        click(user, "data-visit-action", "run-from")
        [field] = await until(lambda: by_attribute(user, "data-json", "input"))
        return json.dumps(json.loads(str(field.value)), separators=(",", ":"))

    for chosen, text in [(None, '{"n":8}'), *adds]:
        query = f"&event={chosen}" if chosen else ""
        await user.open(f"/runs/{quote(arn, safe='')}?state=Add{query}")
        await user.should_see("Entered")
        await until(lambda: by_attribute(user, "data-payload", "input"))
        with user._client:
            [shown] = [one.props["text"] for one in ElementFilter(kind=JsonTree, local_scope=False) if one.props["label"] == "Input"]
        assert json.loads(shown) == json.loads(text)
        assert await begins_with() == text
