"""What came out of an execution: every way one leads to another is in the list of the one and told of the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.errors import ServiceError
from studio.exec.exported import export, keep
from studio.exec.family import Relative, family, led_to
from studio.exec.local import LocalStepFunctions
from studio.exec.origin import STARTED_BY, Origin
from studio.exec.paging import token_of
from studio.exec.replay import replay
from studio.exec.views.links import links_in

ROLE = "arn:aws:iam::123456789012:role/x"
CHILD = json.dumps({"StartAt": "C", "States": {"C": {"Type": "Pass", "End": True}}})
ITEMS = {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "StartAt": "P",
    "States": {"P": {"Type": "Pass", "End": True}},
}


def calling(machine: str, resource: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Parameters": {"StateMachineArn": machine, **more},
        "ResultPath": None,
    }


async def parent_of_all(engine: LocalStepFunctions) -> str:
    """A run that started executions in each way a task can, and a Map Run."""
    machine = (await engine.create_state_machine(name="child", definition=CHILD, roleArn=ROLE))["stateMachineArn"]
    states = {
        "Nested": {**calling(machine, "states:startExecution.sync:2", Name="nested"), "Next": "Sdk"},
        "Sdk": {**calling(machine, "aws-sdk:sfn:startExecution", Name="sdk", Input={}), "Next": "Each"},
        "Each": {"Type": "Map", "Label": "Rows", "ItemsPath": "$.rows", "ItemProcessor": ITEMS, "End": True},
    }
    arn = await engine.run_definition(json.dumps({"StartAt": "Nested", "States": states}), '{"rows": [1, 2]}', name="top")
    assert (await engine.ended(arn)).status == "SUCCEEDED"
    return arn


async def everything(engine: LocalStepFunctions) -> str:
    """The same, and all that a person can begin from it."""
    arn = await parent_of_all(engine)
    from_here = await engine.run_from(executionArn=arn, state="Each", input='{"rows": []}', name="from-here")
    await engine.ended(from_here["executionArn"])
    again = await engine.run_definition(CHILD, name="again", origin=Origin(arn, "again"))
    await engine.ended(again)
    machine = (await engine.list_state_machines())["stateMachines"][0]["stateMachineArn"]
    named = await engine.start_execution(stateMachineArn=machine, name="named", input=json.dumps({STARTED_BY: arn}))
    await engine.ended(named["executionArn"])
    return arn


async def test_all_that_came_out_of_a_run_is_listed_with_how(engine: LocalStepFunctions) -> None:
    arn = await everything(engine)
    answer = await engine.list_begun_executions(executionArn=arn)
    assert [(one["name"], one["begun"]) for one in answer.pop("executions")] == [
        ("named", {"how": "started"}),
        ("again", {"how": "again"}),
        ("from-here", {"how": "from", "state": "Each", "changed": ["input"]}),
        ("sdk", {"how": "started", "state": "Sdk"}),
        ("nested", {"how": "started", "state": "Nested"}),
    ]
    assert answer == {"total": 5, "complete": True}
    for name in ("again", "from-here"):
        told = await engine.describe_execution(executionArn=arn.rpartition(":")[0] + f":{name}")
        assert told["parent"] == arn


async def test_a_page_goes_on_behind_the_last_though_newer_ones_came(engine: LocalStepFunctions) -> None:
    arn = await everything(engine)
    seen: list[str] = []
    token: dict[str, Any] = {}
    for number in range(9):
        answer = await engine.list_begun_executions(executionArn=arn, maxResults=2, **token)
        seen += [one["name"] for one in answer["executions"]]
        if "nextToken" not in answer:
            break
        token = {"nextToken": answer["nextToken"]}
        await engine.ended(await engine.run_definition(CHILD, name=f"late-{number}", origin=Origin(arn, "again")))
    assert seen == ["named", "again", "from-here", "sdk", "nested"]


async def test_the_tree_of_a_run_names_all_of_it(engine: LocalStepFunctions) -> None:
    arn = await everything(engine)

    async def ask(operation: str, **request: Any) -> dict[str, Any]:
        return await getattr(engine, operation)(**request)

    def told(relatives: tuple[Relative, ...]) -> list[tuple[int, str, str, str]]:
        return [(one.depth, one.what, one.name.rpartition(" ")[2], one.how) for one in relatives]

    described = await engine.describe_execution(executionArn=arn)
    links = links_in((await engine.get_execution_history(executionArn=arn))["events"])
    below = [
        ("execution", "nested", "started by Nested"),
        ("execution", "sdk", "started by Sdk"),
        ("execution", "from-here", "run from Each, another input"),
        ("execution", "again", "run again"),
        ("execution", "named", "started by it"),
    ]
    tree = await family(ask, described, links)
    assert told(tree.relatives) == [(0, "self", "top", ""), (1, "map-run", "Run", "of Each"), *[(1, *one) for one in below]]
    assert (tree.more, tree.beyond) == (0, "")
    led = await led_to(ask, arn)  # out of the log alone
    assert told(led.found) == [(0, "map-run", "Run", "of Rows"), *[(0, *one) for one in below]]

    (map_run,) = (await engine.list_map_runs(executionArn=arn))["mapRuns"]
    items = (await led_to(ask, map_run["mapRunArn"])).found
    assert sorted(one.how for one in items) == ["iteration 0", "iteration 1"]
    item = await engine.describe_execution(executionArn=items[0].arn)
    assert told((await family(ask, item, ())).relatives) == [
        (0, "execution", "top", ""),
        (1, "map-run", "Run", "of Rows"),
        (2, "self", items[0].name, items[0].how),
    ]
    for name, how in (("nested", "started by Nested"), ("sdk", "started by Sdk"), ("named", "started by it")):
        child = next(one.arn for one in led.found if one.arn.endswith(f":{name}"))
        up = await family(ask, await engine.describe_execution(executionArn=child), ())
        assert told(up.relatives) == [(0, "execution", "top", ""), (1, "self", name, how)]


async def test_the_replay_of_an_imported_run_belongs_to_it(engine: LocalStepFunctions) -> None:
    arn = await parent_of_all(engine)
    run = await export(engine, arn)
    run["execution"]["executionArn"] = there = arn.replace("123456789012", "999999999999")
    assert keep(engine.log, run)
    described = await engine.describe_execution(executionArn=there)
    begun = await replay(engine, engine, described, run["definition"])
    await engine.ended(begun)
    answer = await engine.list_begun_executions(executionArn=there)
    assert ([(one["executionArn"], one["begun"]) for one in answer["executions"]], answer["complete"]) == (
        [(begun, {"how": "replay"})],
        False,
    )

    async def ask(operation: str, **request: Any) -> dict[str, Any]:
        return await getattr(engine, operation)(**request)

    led = await led_to(ask, there)
    assert [(one.name.rpartition(" ")[2], one.how) for one in led.found[:2]] == [("nested", "started by Nested"), ("sdk", "started by Sdk")]
    assert [(one.arn, one.how) for one in led.found[3:]] == [(begun, "replay")]


async def test_an_imported_run_keeps_what_it_came_out_of(engine: LocalStepFunctions) -> None:
    first = await engine.run_definition(CHILD, name="first")
    await engine.ended(first)
    again = await engine.run_definition(CHILD, name="again", origin=Origin(first, "again"))
    await engine.ended(again)
    run = await export(engine, again)
    other = LocalStepFunctions(None)
    await other.start()
    assert keep(other.log, run)
    told = await other.describe_execution(executionArn=again)
    assert (told["parent"], told["begun"]) == (first, {"how": "again"})
    await other.aclose()


async def test_a_search_goes_on_behind_the_last_page_while_runs_arrive(engine: LocalStepFunctions) -> None:
    for number in range(7):
        await engine.ended(await engine.run_definition(CHILD, name=f"order-{number}"))
    for query in ("", "order"):
        seen: list[str] = []
        token: dict[str, Any] = {}
        for page in range(9):
            answer = await engine.search_executions(query=query, maxResults=3, **token)
            seen += [one["name"] for one in answer["executions"] if "late" not in one["name"]]
            if "nextToken" not in answer:
                break
            token = {"nextToken": answer["nextToken"]}
            await engine.ended(await engine.run_definition(CHILD, name=f"order-late-{query}-{page}"))
        assert seen == [f"order-{number}" for number in reversed(range(7))]
    for wrong in ("7", token_of((1.0, "7"))):
        with pytest.raises(ServiceError) as refused:
            await engine.search_executions(query="order", nextToken=wrong)
        assert refused.value.code == "InvalidToken"
