"""A run is what its log says: cut it anywhere, fold what is left, go on, and the history is the same."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.values import Failure
from studio.exec import decide as core
from studio.exec.driver import fold, identity
from studio.exec.effects import RunTask
from studio.exec.events import Event
from studio.exec.machine import Machine, compile_machine
from studio.exec.performers import Performers
from studio.exec.performers.mock import Mocks
from studio.exec.run import Run

INVOKE = "arn:aws:states:::lambda:invoke"


def _task(**more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f", "Payload.$": "$"}, **more}


def _machine(states: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states, **more}


RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 3, "JitterStrategy": "FULL"}]
FAIL = {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}
DEFINITIONS: dict[str, dict[str, Any]] = {
    "loop": _machine(
        {
            "Init": {"Type": "Pass", "Result": {"i": 0}, "Next": "More"},
            "More": {"Type": "Choice", "Choices": [{"Variable": "$.i", "NumericLessThan": 5, "Next": "Inc"}], "Default": "Done"},
            "Inc": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i, 1)", "id.$": "States.UUID()"}, "Next": "More"},
            "Done": {"Type": "Succeed"},
        }
    ),
    "variables": _machine(
        {
            "A": {"Type": "Pass", "Assign": {"x": "{% $random() %}", "t": "{% $now() %}"}, "Next": "B"},
            "B": {"Type": "Wait", "Seconds": 3600, "Next": "C"},
            "C": {"Type": "Pass", "Output": {"x": "{% $x %}", "t": "{% $t %}"}, "End": True},
        },
        QueryLanguage="JSONata",
    ),
    "retried task": _machine(
        {"Pay": _task(Retry=RETRY, ResultPath="$.paid", Next="Wait"), "Wait": {"Type": "Wait", "Seconds": 9, "End": True}}
    ),
    "caught task": _machine(
        {"Break": _task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}], End=True), "Sorry": {"Type": "Pass", "End": True}}
    ),
    "parallel": _machine(
        {
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    _machine({"L": {"Type": "Wait", "Seconds": 2, "Next": "L2"}, "L2": _task(End=True)}),
                    _machine({"R": _task(End=True)}),
                ],
                "End": True,
            }
        }
    ),
    "parallel that fails": _machine(
        {
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    _machine({"L": {"Type": "Wait", "Seconds": 20, "End": True}}),
                    _machine(
                        {
                            "M": {
                                "Type": "Map",
                                "ItemsPath": "$.items",
                                "ItemProcessor": _machine({"W": {"Type": "Wait", "Seconds": 9, "End": True}}),
                                "End": True,
                            }
                        }
                    ),
                    _machine({"R": {"Type": "Wait", "Seconds": 5, "Next": "F"}, "F": FAIL}),
                ],
                "Retry": [{"ErrorEquals": ["Broken"], "MaxAttempts": 1}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "After"}],
                "End": True,
            },
            "After": {"Type": "Pass", "End": True},
        }
    ),
    "map": _machine(
        {
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.items",
                "MaxConcurrency": 2,
                "ItemSelector": {"n.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"},
                "ItemProcessor": _machine(
                    {"Pay": _task(Retry=RETRY, ResultPath="$.r", Next="W"), "W": {"Type": "Wait", "Seconds": 1, "End": True}}
                ),
                "ResultPath": "$.done",
                "End": True,
            }
        }
    ),
    "map that fails": _machine(
        {
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.items",
                "MaxConcurrency": 2,
                "ItemProcessor": _machine(
                    {
                        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 3, "Next": "F"}], "Default": "W"},
                        "W": {"Type": "Wait", "Seconds": 3, "End": True},
                        "F": FAIL,
                    }
                ),
                "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
                "End": True,
            }
        }
    ),
    "bad path": _machine({"A": {"Type": "Pass", "InputPath": "$.nothing", "End": True}}),
    "timeout": _machine({"A": {"Type": "Wait", "Seconds": 60, "End": True}}, TimeoutSeconds=5),
}
MOCKS = Mocks.load(
    {
        "StateMachines": {"M": {"TestCases": {"Happy": {"Pay": "Busy", "L2": "Fine", "R": "Fine", "Break": "Broken"}}}},
        "MockedResponses": {
            "Busy": {"0-1": {"Throw": {"Error": "Busy", "Cause": "later"}}, "2-50": {"Return": {"ok": True}}},
            "Fine": {"0-50": {"Return": {"fine": [1, 2]}}},
            "Broken": {"0-50": {"Throw": {"Error": "Bad", "Cause": "luck"}}},
        },
    }
)
RACES = {"map that fails"}
"""Where one iteration fails, how far the others have come is a matter of chance."""
INPUT = {"items": [1, 2, 3, 4, 5]}


class Time:
    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now


def go_on(run: Run, time: Time, limit: int) -> list[list[Event]]:
    """Drive a run to its end; its batches."""
    world = Performers(mocks=MOCKS)
    batches: list[list[Event]] = []
    while True:
        if run.batch:
            batches.append(run.batch)
            run.batch = []
        if run.status != "RUNNING":
            return batches
        effects, run.effects = run.effects, []
        for effect in effects:
            if isinstance(effect, RunTask):
                answer = world.at_once(effect)
                assert answer is not None
                if isinstance(answer, Failure):
                    core.task_failed(run, effect.frame, effect.attempt, answer, time.now)
                else:
                    core.task_succeeded(run, effect.frame, effect.attempt, answer.value, time.now)
        if not core.busy(run) and not run.batch:
            due = core.wake_at(run)
            assert due is not None
            time.now = max(time.now, due)
        core.decide(run, time.now, limit)


def begin(machine: Machine) -> Run:
    return core.start(machine, identity("one", "M", 0.0), INPUT, None, 1_700_000_000.0)


def told(batches: list[list[Event]]) -> list[tuple[Any, ...]]:
    """Events without times and without what is ours."""
    return [
        (kind, previous, {k: v for k, v in (details or {}).items() if k[0] != "_"})
        for batch in batches
        for kind, previous, _, _, details in batch
        if kind[0] != "_"
    ]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_folding_a_log_cut_at_any_batch_and_going_on_gives_the_same_history(name: str) -> None:
    machine = compile_machine(DEFINITIONS[name])
    whole = go_on(begin(machine), Time(), 1)
    for cut in range(1, len(whole)):
        kept = whole[:cut]
        events = [event for batch in kept for event in batch]
        run = fold(machine, identity("one", "M", 0.0), events)
        rest = go_on(run, Time(events[-1][2]), 1)
        again, once = told([*kept, *rest]), told(whole)
        if name in RACES:
            assert again[-1][2] == once[-1][2]
        else:
            assert again == once or _same_but_order(again, once), cut


def _same_but_order(one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]) -> bool:
    """Branches and iterations may overtake one another after a cut: then the same things happen, with other ids."""
    return sorted(repr((k, d)) for k, _, d in one) == sorted(repr((k, d)) for k, _, d in other)


@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.parametrize("limit", [2, 3, 7, 256])
def test_the_size_of_batches_changes_nothing(name: str, limit: int) -> None:
    machine = compile_machine(DEFINITIONS[name])
    one, other = told(go_on(begin(machine), Time(), 1)), told(go_on(begin(machine), Time(), limit))
    assert [k for k, *_ in one].count("MapIterationStarted") == [k for k, *_ in other].count("MapIterationStarted")
    assert one[-1][0] == other[-1][0]
    assert one[-1][2] == other[-1][2]
