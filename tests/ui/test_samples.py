"""What a state saw: from the run on the canvas, a kept run, a rehearsal, the sample input."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from test_pages import finished, write

from studio.asl.edits import SetValue, Transaction
from studio.asl.tree import MISSING
from studio.ui.live import Sample
from studio.ui.samples import Samples

CHAIN = {
    "QueryLanguage": "JSONata",
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Output": {"n": "{% $states.input.n + 1 %}"}, "Assign": {"v": "{% $states.input.n %}"}, "Next": "B"},
        "B": {"Type": "Pass", "Next": "Call"},
        "Call": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "After"},
        "After": {"Type": "Succeed"},
    },
}


class View:
    """What samples need of an editor."""

    def __init__(self, studio: Any, session: Any) -> None:
        from studio.asl.graph import build

        self.studio, self.session = studio, session
        self.graph = build(session.document.root)

    def node(self, name: str) -> Any:
        node = self.graph.by_name(name)
        assert node is not None
        return node


def told(sample: Sample | None) -> Any:
    return (sample.title, sample.input, sample.variables) if sample is not None else None


async def test_where_the_data_of_a_state_comes_from(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    write(tmp_path, "a.asl.json", CHAIN)
    (tmp_path / "a.input.json").write_text('{"n": 1}')
    _, studio = await open_studio(tmp_path)
    session = await studio.sessions.open("a.asl.json")
    view = View(studio, session)
    samples = Samples(view)  # type: ignore[arg-type]
    assert told(await samples.of(view.node("A"))) == ("the sample input", {"n": 1}, {})
    assert told(await samples.of(view.node("B"))) == ("a rehearsal on the sample input", {"n": 2}, {"v": 1})
    assert await samples.of(view.node("After")) is None  # no mock for the task before it
    assert await samples.of(None) is None

    await session.do(Transaction((SetValue(("States", "A", "Output"), {"m": "{% $states.input.n %}"}),), "Output", "form"))
    samples._next = 0.0
    heard = asyncio.Event()
    samples.renewed = heard.set
    assert told(await samples.of(view.node("B"))) == (
        "a rehearsal on the sample input",
        {"n": 2},
        {"v": 1},
    )  # nobody waits for the newer one
    await asyncio.wait_for(heard.wait(), 5)
    assert told(await samples.of(view.node("B"))) == ("a rehearsal on the sample input", {"m": 1}, {"v": 1})

    started = await studio.engine.run_definition(json.dumps(CHAIN), '{"n": 41}', workflow="a.asl.json")
    await finished(studio, started)
    assert told(await samples.of(view.node("B"))) == ("a rehearsal on the sample input", {"m": 1}, {"v": 1})  # not asked again yet
    samples._asked = float("-inf")
    assert told(await samples.of(view.node("B"))) == ("the last run", {"n": 42}, {"v": 41})
    seen = await samples.seen(view.node("B"))
    assert (seen.input, seen.variables, seen.context) == ({"n": 42}, {"v": 41}, {"Execution": {"Input": {"n": 41}}})


async def test_the_first_state_has_the_answer_of_its_mock(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    call = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
    write(tmp_path, "a.asl.json", {"StartAt": "Call", "States": {"Call": call}})
    (tmp_path / "a.input.json").write_text('{"n": 1}')
    mocks = {"StateMachines": {"a": {"TestCases": {"H": {"Call": "sent"}}}}, "MockedResponses": {"sent": {"0": {"Return": {"id": 7}}}}}
    (tmp_path / "a.mocks.json").write_text(json.dumps(mocks))
    _, studio = await open_studio(tmp_path)
    view = View(studio, await studio.sessions.open("a.asl.json"))
    found = await Samples(view).of(view.node("Call"))  # type: ignore[arg-type]
    assert found is not None
    assert (found.title, found.input, found.result) == ("the sample input", {"n": 1}, {"id": 7})


async def test_what_is_behind_the_work_is_told_by_a_run_that_came_there(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    call = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
    write(tmp_path, "a.asl.json", {"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "Call"}, "Call": call}})
    answers = {"sent": {"0": {"Return": {"id": 7}}}, "lost": {"0": {"Throw": {"Error": "Sqs.Lost", "Cause": "gone"}}}}
    mocks = {"StateMachines": {"a": {"TestCases": {"H": {"Call": "sent"}, "L": {"Call": "lost"}}}}, "MockedResponses": answers}
    (tmp_path / "a.mocks.json").write_text(json.dumps(mocks))
    _, studio = await open_studio(tmp_path)
    session = await studio.sessions.open("a.asl.json")
    for case in ("H", "L"):
        await session.choose_case(case)
        await finished(studio, await session.start_run(studio.engine))
    view = View(studio, session)
    samples = Samples(view)  # type: ignore[arg-type]
    last = await samples.of(view.node("Call"))
    assert last is not None
    assert (last.result, last.error) == (MISSING, {"Error": "Sqs.Lost", "Cause": "gone"})
    answered = await samples.of(view.node("Call"), lambda sample: sample.result is not MISSING)
    assert answered is not None
    assert (answered.title, answered.result) == ("the last run", {"id": 7})
    assert await samples.of(view.node("Call"), lambda sample: sample.input == "never") == last
