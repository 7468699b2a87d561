"""Lists in pages, while they change: nothing is repeated and nothing is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.errors import ServiceError
from studio.exec.local import LocalStepFunctions
from studio.exec.paging import last_of, page, token_of

DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}})
ROLE = "arn:aws:iam::123456789012:role/any"


async def names(operation: Any, member: str, between: Any, name: str = "name", **request: Any) -> list[Any]:
    """All entries by pages of two; `between` is done after the first page."""
    found, token = [], {}
    while True:
        answer = await operation(**request, maxResults=2, **token)
        found += [entry[name] for entry in answer[member]]
        if "nextToken" not in answer:
            return found
        token = {"nextToken": answer["nextToken"]}
        if between is not None:
            await between()
            between = None


async def test_executions_that_come_and_go_between_two_pages(service: LocalStepFunctions) -> None:
    async def run(name: str) -> str:
        arn = await service.run_definition(DEFINITION, "{}", name=name)
        await service.ended(arn)
        return arn

    arns = {name: await run(name) for name in ("1", "2", "3", "4", "5", "6")}

    async def change() -> None:
        await run("7")
        # the last one that was shown, and one that was not, grew old
        await service.in_engine(lambda: service.log._forget([arns["5"], arns["3"]]))

    assert await names(service.list_executions, "executions", change) == ["6", "5", "4", "2", "1"]
    assert await names(service.list_executions, "executions", None) == ["7", "6", "4", "2", "1"]


async def test_executions_of_the_same_moment(service: LocalStepFunctions) -> None:
    for name in "12345":
        await service.ended(await service.run_definition(DEFINITION, "{}", name=name))
    await service.in_engine(lambda: service.log.connection.execute("UPDATE executions SET started=1.5"))
    assert await names(service.list_executions, "executions", None) == ["5", "4", "3", "2", "1"]


async def test_machines_that_come_and_go_between_two_pages(service: LocalStepFunctions) -> None:
    async def create(name: str) -> str:
        return (await service.create_state_machine(name=name, definition=DEFINITION, roleArn=ROLE))["stateMachineArn"]

    arns = {name: await create(name) for name in "bcdef"}

    async def change() -> None:
        await create("a")
        await service.delete_state_machine(stateMachineArn=arns["c"])
        await service.delete_state_machine(stateMachineArn=arns["e"])

    assert await names(service.list_state_machines, "stateMachines", change) == ["b", "c", "d", "f"]


async def test_versions_are_listed_from_the_newest(service: LocalStepFunctions) -> None:
    arn = (await service.create_state_machine(name="m", definition=DEFINITION, roleArn=ROLE))["stateMachineArn"]
    for comment in range(10):
        definition = json.dumps({**json.loads(DEFINITION), "Comment": str(comment)})
        await service.update_state_machine(stateMachineArn=arn, definition=definition, publish=True)
    found = await names(service.list_state_machine_versions, "stateMachineVersions", None, "stateMachineVersionArn", stateMachineArn=arn)
    assert found == [f"{arn}:{number}" for number in range(10, 0, -1)]


async def test_a_history_backwards_while_it_grows(service: LocalStepFunctions) -> None:
    waiting = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "Next": "B"}, "B": {"Type": "Succeed"}}}
    arn = await service.run_definition(json.dumps(waiting), "{}")
    while len(await service.wait_events(arn, 0, 5)) < 2:
        pass

    async def stop() -> None:
        await service.stop_execution(executionArn=arn)

    history = {"executionArn": arn, "reverseOrder": True}
    first = await service.get_execution_history(**history, maxResults=1)
    await stop()
    rest = await service.get_execution_history(**history, nextToken=first["nextToken"])
    assert [event["id"] for answer in (first, rest) for event in answer["events"]] == [2, 1]


def test_a_page_and_its_token() -> None:
    first, token = page("dabc", {"maxResults": 2}, lambda letter: (0, letter))
    assert (first, page("dac", {**token}, lambda letter: (0, letter))) == (["a", "b"], (["c", "d"], {}))


@pytest.mark.parametrize("token", ["0", "abc", "é", token_of((1.5, "a"))[:-1], "WzFd", "WyIxIiwgMl0=", "bnVsbA==", "W1tbW1s="])
def test_a_token_that_is_none(token: str) -> None:
    with pytest.raises(ServiceError) as refused:
        last_of({"nextToken": token})
    assert (refused.value.code, refused.value.message) == ("InvalidToken", "Invalid Token: 'Invalid token'")
