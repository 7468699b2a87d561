"""The tree around a run."""

from __future__ import annotations

from typing import Any

from studio.errors import ServiceError
from studio.exec.family import DEEP, MANY, PAGES, Family, Led, Relative, family, led_to
from studio.exec.views.links import Link

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


NOBODY: dict[str, Any] = {"executions": [], "total": 0, "complete": False}


async def ask(operation: str, **request: Any) -> dict[str, Any]:
    if operation == "list_begun_executions":
        return NOBODY
    [arn] = request.values()
    if operation != ("describe_map_run" if ":mapRun:" in arn else "describe_execution") or arn not in WORLD:
        raise ServiceError("ExecutionDoesNotExist", "It is not there.")
    return WORLD[arn]


def me(**more: Any) -> dict[str, Any]:
    return {"executionArn": f"{P}:execution:Me:me", "stateMachineArn": f"{P}:stateMachine:Me", "name": "me", "status": "SUCCEEDED", **more}


async def test_from_the_outside_in() -> None:
    links = [
        Link("Execution it started", f"{P}:execution:Child:c", "Call"),
        Link("Execution it started", f"{P}:execution:Child:c", "Call"),
        Link("", f"{P}:execution:Gone:g", ""),
    ]
    assert await family(ask, me(mapRunArn=f"{P}:mapRun:Top/Each:m", workflow="me.asl.json"), links) == Family(
        (
            Relative(0, "execution", f"{P}:execution:Top:t", "Top · t", "RUNNING"),
            Relative(1, "map-run", f"{P}:mapRun:Top/Each:m", "Map Run", "RUNNING", "1,200 ok · 3 failed", "of Each"),
            Relative(2, "self", f"{P}:execution:Me:me", "me.asl.json · me", "SUCCEEDED"),
            Relative(3, "execution", f"{P}:execution:Child:c", "Child · c", "FAILED", how="started by Call"),
            Relative(3, "execution", f"{P}:execution:Gone:g", "g", how="started by it"),
        )
    )


async def test_a_run_alone_and_one_whose_origin_is_gone() -> None:
    assert await family(ask, me(), ()) == Family((Relative(0, "self", f"{P}:execution:Me:me", "Me · me", "SUCCEEDED"),))
    assert [one.name for one in (await family(ask, me(parent=f"{P}:execution:Gone:g"), ())).relatives] == ["g", "Me · me"]


async def test_on_aws_the_input_names_who_started_it() -> None:
    told = me(input=f'{{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "{P}:execution:Top:t"}}')
    assert [(one.name, one.how) for one in (await family(ask, told, ())).relatives] == [("Top · t", ""), ("Me · me", "started by it")]


async def test_a_long_line_of_ancestors_says_that_it_goes_on() -> None:
    async def endless(operation: str, **request: Any) -> dict[str, Any]:
        if operation == "list_begun_executions":
            return NOBODY
        number = int(request["executionArn"].rpartition(":")[2])
        return me(executionArn=request["executionArn"], parent=f"{P}:execution:Me:{number + 1}")

    found = await family(endless, me(parent=f"{P}:execution:Me:1"), ())
    assert (len(found.relatives), found.beyond) == (DEEP + 1, f"{P}:execution:Me:{DEEP + 1}")


async def test_a_circle_ends() -> None:
    assert [one.arn[-1] for one in (await family(ask, me(parent=f"{P}:execution:Child:c"), ())).relatives] == ["c", "e"]


def world(answers: dict[str, Any]) -> tuple[Any, list[str]]:
    """`ask` that answers by operation (a list: one page after the other), and what was asked."""
    asked: list[str] = []

    async def answer(operation: str, **request: Any) -> dict[str, Any]:
        asked.append(operation + "".join(f" {request[name]}" for name in ("statusFilter", "nextToken") if name in request))
        if operation == "describe_execution" or operation not in answers:
            return await ask(operation, **request)
        found = answers[operation]
        return found[request.get("statusFilter", "")] if operation.startswith("list_") else found.pop(0)

    return answer, asked


def child(number: int, status: str) -> dict[str, Any]:
    arn = f"{P}:execution:Each:{number}"
    return {"executionArn": arn, "stateMachineArn": f"{P}:stateMachine:Each", "name": str(number), "status": status}


async def test_the_children_of_a_map_run_failed_first_and_bounded() -> None:
    answers = {
        "describe_map_run": [{"status": "FAILED", "itemCounts": {}, "executionCounts": {"total": 1000}}],
        "list_executions": {
            "FAILED": {"executions": [child(7, "FAILED")]},
            "": {"executions": [child(i, "FAILED" if i == 7 else "SUCCEEDED") for i in range(MANY)]},
        },
    }
    ask_world, asked = world(answers)
    led = await led_to(ask_world, f"{P}:mapRun:Top/Each:m")
    assert [one.arn.rpartition(":")[2] for one in led.found[:4]] == ["7", "0", "1", "2"]
    assert (len(led.found), led.more) == (MANY, 1000 - MANY)
    assert led.found[0] == Relative(0, "execution", f"{P}:execution:Each:7", "7", "FAILED")
    assert asked == ["describe_map_run", "list_executions FAILED", "list_executions"]


async def test_what_an_execution_led_to_is_in_its_history() -> None:
    submitted = {"resourceType": "states", "output": f'{{"ExecutionArn": "{P}:execution:Child:c"}}'}
    pages = [
        {"events": [{"id": 1, "type": "ExecutionStarted"}], "nextToken": "2"},
        {"events": [{"id": 2, "type": "TaskSubmitted", "taskSubmittedEventDetails": submitted}]},
    ]
    ask_world, asked = world({"get_execution_history": pages})
    led = await led_to(ask_world, f"{P}:execution:Top:t")
    assert led == Led((Relative(0, "execution", f"{P}:execution:Child:c", "Child · c", "FAILED", how="started by it"),), 0)
    assert asked == ["list_begun_executions", "get_execution_history", "get_execution_history 2", "describe_execution"]
    endless = world({"get_execution_history": [{"events": [], "nextToken": "x"}] * PAGES})[0]
    assert await led_to(endless, f"{P}:execution:Top:t") == Led((), None)


async def test_of_many_that_were_begun_the_failed_are_named_first() -> None:
    rows = [{**child(i, "FAILED" if i == 7 else "SUCCEEDED"), "begun": {"how": "again"}} for i in range(MANY)]
    begun = {"total": 1000, "complete": True}
    map_runs = {"mapRuns": [{"mapRunArn": f"{P}:mapRun:Top/Each:m"}]}
    answers = {"list_begun_executions": {"FAILED": {"executions": [rows[7]], **begun}, "": {"executions": rows, **begun}}}
    ask_world, asked = world({**answers, "list_map_runs": {"": map_runs}, "describe_map_run": [WORLD[f"{P}:mapRun:Top/Each:m"]]})
    led = await led_to(ask_world, f"{P}:execution:Top:t")
    assert [(one.what, one.name, one.how) for one in led.found[:3]] == [
        ("map-run", "Map Run", "of Each"),
        ("execution", "Each · 7", "run again"),
        ("execution", "Each · 0", "run again"),
    ]
    assert (len(led.found), led.more) == (MANY, 1001 - MANY)
    assert asked == [
        "list_begun_executions",
        "list_begun_executions FAILED",
        "list_begun_executions",
        "list_map_runs",
        "describe_map_run",
    ]


async def test_an_express_execution_is_not_asked_for_map_runs() -> None:
    begun = {"executions": [child(1, "SUCCEEDED")], "total": 1, "complete": True}
    ask_world, asked = world({"list_begun_executions": {"": begun}})
    led = await led_to(ask_world, f"{P}:express:Top:t:u")
    assert ([one.name for one in led.found], led.more) == (["Each · 1"], 0)
    assert asked == ["list_begun_executions"]
