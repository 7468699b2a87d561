"""Histories are told as they come, and read in pages in either order."""

from __future__ import annotations

import json
from typing import Any

from studio.exec.local import LocalStepFunctions


def waiting(seconds: int) -> str:
    return json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}}})


async def test_events_are_told_as_they_come(service: LocalStepFunctions) -> None:
    arn = await service.run_definition(waiting(1), "{}")
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["type"] != "ExecutionSucceeded":
        seen += await service.wait_events(arn, len(seen), 5)
    assert [e["id"] for e in seen] == [1, 2, 3, 4]
    assert await service.wait_events(arn, 4, 0.1) == []


async def test_a_history_is_read_in_pages_from_either_end(service: LocalStepFunctions) -> None:
    arn = await service.run_definition(waiting(0), "{}")
    await service.ended(arn)
    for reverse, expected in ((False, [1, 2, 3, 4]), (True, [4, 3, 2, 1])):
        seen: list[int] = []
        token: dict[str, Any] = {}
        while len(seen) < 9:
            answer = await service.get_execution_history(executionArn=arn, maxResults=3, reverseOrder=reverse, **token)
            seen += [event["id"] for event in answer["events"]]
            if "nextToken" not in answer:
                break
            token = {"nextToken": answer["nextToken"]}
        assert seen == expected
