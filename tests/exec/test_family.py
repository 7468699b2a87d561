"""The tree around a run."""

from __future__ import annotations

from typing import Any

from studio.errors import ServiceError
from studio.exec.family import Relative, family

P = "arn:aws:states:us-east-1:123456789012"
WORLD: dict[str, dict[str, Any]] = {
    f"{P}:execution:Top:t": {
        "executionArn": f"{P}:execution:Top:t",
        "stateMachineArn": f"{P}:stateMachine:Top",
        "name": "t",
        "status": "RUNNING",
    },
    f"{P}:mapRun:Top/Each:m": {
        "executionArn": f"{P}:execution:Top:t",
        "status": "RUNNING",
        "itemCounts": {"succeeded": 1200, "failed": 3, "total": 1300},
    },
    f"{P}:execution:Child:c": {
        "executionArn": f"{P}:execution:Child:c",
        "stateMachineArn": f"{P}:stateMachine:Child",
        "name": "c",
        "status": "FAILED",
        "parent": f"{P}:execution:Me:me",
    },
}


async def ask(operation: str, **request: Any) -> dict[str, Any]:
    [arn] = request.values()
    if operation != ("describe_map_run" if ":mapRun:" in arn else "describe_execution") or arn not in WORLD:
        raise ServiceError("ExecutionDoesNotExist", "It is not there.")
    return WORLD[arn]


def me(**more: Any) -> dict[str, Any]:
    return {"executionArn": f"{P}:execution:Me:me", "stateMachineArn": f"{P}:stateMachine:Me", "name": "me", "status": "SUCCEEDED", **more}


async def test_from_the_outside_in() -> None:
    links = [
        ("Execution it started", f"{P}:execution:Child:c"),
        ("Execution it started", f"{P}:execution:Child:c"),
        ("", f"{P}:execution:Gone:g"),
    ]
    assert await family(ask, me(mapRunArn=f"{P}:mapRun:Top/Each:m", workflow="me.asl.json"), links) == (
        Relative(0, "execution", f"{P}:execution:Top:t", "Top · t", "RUNNING"),
        Relative(1, "map-run", f"{P}:mapRun:Top/Each:m", "Map Run", "RUNNING", "1,200 ok · 3 failed"),
        Relative(2, "self", f"{P}:execution:Me:me", "me.asl.json · me", "SUCCEEDED"),
        Relative(3, "execution", f"{P}:execution:Child:c", "Child · c", "FAILED"),
        Relative(3, "execution", f"{P}:execution:Gone:g", "g"),
    )


async def test_a_run_alone_and_one_whose_origin_is_gone() -> None:
    assert await family(ask, me(), ()) == (Relative(0, "self", f"{P}:execution:Me:me", "Me · me", "SUCCEEDED"),)
    assert [one.name for one in await family(ask, me(parent=f"{P}:execution:Gone:g"), ())] == ["g", "Me · me"]


async def test_a_circle_ends() -> None:
    assert [one.arn[-1] for one in await family(ask, me(parent=f"{P}:execution:Child:c"), ())] == ["c", "e"]
