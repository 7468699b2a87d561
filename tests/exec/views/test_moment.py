"""Where a run is at a moment."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from studio.asl.graph import build
from studio.exec.local import LocalStepFunctions
from studio.exec.views.moment import Moments, front

ROUND = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "Each"},
        "Each": {
            "Type": "Map",
            "MaxConcurrency": 1,
            "ItemsPath": "$",
            "ItemProcessor": {
                "StartAt": "In",
                "States": {"In": {"Type": "Wait", "Seconds": 9, "Next": "Out"}, "Out": {"Type": "Pass", "End": True}},
            },
            "Next": "Z",
        },
        "Z": {"Type": "Succeed"},
    },
}


async def test_the_state_a_run_is_in_is_the_innermost_it_entered_last() -> None:
    engine = LocalStepFunctions(None)
    await engine.start()
    arn = await engine.run_definition(json.dumps(ROUND), "[1, 2]", skip_waits=True)
    await engine.ended(arn)
    events: list[dict[str, Any]] = (await engine.get_execution_history(executionArn=arn))["events"]
    await engine.aclose()
    began = events[0]["timestamp"]
    for number, event in enumerate(events):  # each at a time of its own
        event["timestamp"] = began + timedelta(seconds=number)
    moments = Moments(ROUND, build(ROUND))
    seen = [front(moments.at(events, seconds)) for seconds in range(len(events))]
    turns = [name for index, name in enumerate(seen) if not index or seen[index - 1] != name]
    assert turns == [None, "A", "Each", "In", "Each", "Out", "Each", "In", "Each", "Out", "Each", "Z"]
