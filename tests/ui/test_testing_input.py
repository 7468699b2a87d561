"""The inputs that a state may be tested with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from test_pages import write
from test_samples import View

from studio.ui.panels.testing_input import label, sources

SEND: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Arguments": {"MessageBody": "{% $v %}"},
    "End": True,
}
CHAIN: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Double",
    "States": {
        "Double": {"Type": "Pass", "Output": "{% {'m': $states.input.n} %}", "Assign": {"v": "{% $states.input.n * 2 %}"}, "Next": "Send"},
        "Send": SEND,
    },
}


async def test_without_mocks_a_state_has_what_the_states_before_it_make(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    write(tmp_path, "a.asl.json", CHAIN)
    (tmp_path / "a.input.json").write_text('{"n": 21}')
    _, studio = await open_studio(tmp_path)
    view: Any = View(studio, await studio.sessions.open("a.asl.json"))
    found = await sources(view, view.node("Send"))
    assert [(label(one), json.loads(one.input), one.variables) for one in found] == [
        ("Sample input, after the states before", {"m": 21}, {"v": 42}),
        ("Skeleton of what the state reads", {}, {"v": 42}),
        ("Sample input", {"n": 21}, {"v": 42}),
    ]
    assert [label(one) for one in await sources(view, view.node("Double"))] == ["Sample input", "Skeleton of what the state reads"]


BOTH: dict[str, Any] = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "L", "States": {"L": {"Type": "Pass", "Result": 1, "End": True}}},
                {"StartAt": "R", "States": {"R": {"Type": "Pass", "Result": 2, "End": True}}},
            ],
            "ResultSelector": {"sum.$": "States.MathAdd($[0], $[1])"},
            "Next": "Done",
        },
        "Done": {"Type": "Choice", "Choices": [{"Variable": "$.sum", "NumericEquals": 3, "Next": "Three"}], "Default": "Other"},
        "Three": {"Type": "Succeed"},
        "Other": {"Type": "Fail"},
    },
}


async def test_a_parallel_has_what_its_branches_gave_and_a_state_that_was_not_taken_the_output_before_it(
    tmp_path: Path, open_studio: Callable[[Path], Any]
) -> None:
    write(tmp_path, "a.asl.json", BOTH)
    _, studio = await open_studio(tmp_path)
    view: Any = View(studio, await studio.sessions.open("a.asl.json"))
    await studio.engine.ended(await studio.engine.run_definition(json.dumps(BOTH), "{}", workflow="a.asl.json"))
    found = await sources(view, view.node("Both"))
    assert [(one.kind, one.result) for one in found] == [("run", "[1, 2]"), ("sample", None)]
    taken = await sources(view, view.node("Other"))
    assert (taken[0].kind, taken[0].after, json.loads(taken[0].input)) == ("run", "Done", {"sum": 3})
    assert label(taken[0]).endswith(", output of Done")
