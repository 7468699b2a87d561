"""The world of a run that was started by its state machine's ARN: the workflow it was published from, whatever the two are called."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from studio.errors import ServiceError
from studio.exec.local import LocalStepFunctions
from studio.exec.state_machines import OF_WORKFLOW
from studio.store.workspace import Workspace

ROLE = "arn:aws:iam::123456789012:role/x"
ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:"
ASK: Any = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}}}


def mocks(**machines: int) -> str:
    cases = {name: {"TestCases": {"One": {"A": name}}} for name in machines}
    return json.dumps({"StateMachines": cases, "MockedResponses": {name: {"0": {"Return": value}} for name, value in machines.items()}})


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[LocalStepFunctions]:
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": json.dumps(ASK)}}
    (tmp_path / "shop.template.json").write_text(json.dumps({"Resources": {"Orders": machine, "Other": machine}}))
    (tmp_path / "shop.template.Orders.mocks.json").write_text(mocks(Other=0, Orders=1))
    (tmp_path / "pay.asl.json").write_text(json.dumps(ASK))
    (tmp_path / "pay.mocks.json").write_text(mocks(other=0, pay=2))
    workspace = Workspace(tmp_path)
    service = LocalStepFunctions(None)
    service.worlds.workflow_of, service.worlds.file_at = workspace.of_machine, workspace.file_at
    await service.start()
    yield service
    await service.aclose()


async def output(service: LocalStepFunctions, arn: str) -> Any:
    started = await service.start_execution(stateMachineArn=arn)
    await service.ended(started["executionArn"])
    return json.loads((await service.describe_execution(executionArn=started["executionArn"]))["output"])


async def made(service: LocalStepFunctions, name: str, workflow: str, definition: Any = ASK) -> str:
    tags = [{"key": OF_WORKFLOW, "value": workflow}]
    answer = await service.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE, tags=tags)
    return answer["stateMachineArn"]


@pytest.mark.parametrize("name", ["Orders", "Shop"])
async def test_a_machine_of_a_template_has_its_own_mocks_whatever_it_is_called(service: LocalStepFunctions, name: str) -> None:
    assert await output(service, f"{await made(service, name, 'shop.template.json#Orders')}#One") == 1


@pytest.mark.parametrize("name", ["pay", "Till"])
async def test_a_workflow_has_its_own_mocks_whatever_it_is_called(service: LocalStepFunctions, name: str) -> None:
    assert await output(service, f"{await made(service, name, 'pay.asl.json')}#One") == 2


async def test_what_starts_it_hands_on_its_mocks(service: LocalStepFunctions, tmp_path: Path) -> None:
    await made(service, "Till", "pay.asl.json")
    call = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}
    outer = {"StartAt": "B", "States": {"B": {**call, "Parameters": {"StateMachineArn": f"{ARN}Till"}}}}
    (tmp_path / "outer.asl.json").write_text(json.dumps(outer))
    (tmp_path / "outer.mocks.json").write_text(
        json.dumps(
            {
                "StateMachines": {"outer": {"TestCases": {"One": {}}}, "pay": {"TestCases": {"One": {"A": "a"}}}},
                "MockedResponses": {"a": {"0": {"Return": 3}}},
            }
        )
    )
    assert (await output(service, f"{await made(service, 'outer', 'outer.asl.json', outer)}#One"))["Output"] == 3


async def test_a_case_that_is_not_there_names_the_file(service: LocalStepFunctions) -> None:
    arn = await made(service, "Shop", "shop.template.json#Orders")
    with pytest.raises(ServiceError, match=r"shop\.template\.Orders\.mocks\.json: .* no test case 'Two' for 'Orders'"):
        await service.start_execution(stateMachineArn=f"{arn}#Two")


async def test_a_machine_follows_its_workflow_to_another_path(service: LocalStepFunctions, tmp_path: Path) -> None:
    till, shop = await made(service, "Till", "pay.asl.json"), await made(service, "Shop", "shop.template.json#Orders")
    for old, new in (("pay.asl.json", "desk/pay2.asl.json"), ("shop.template.json", "all.template.json")):
        Workspace(tmp_path).rename(old, new)
        await service.rename_workflow(old, new)
    tags = [(await service.list_tags_for_resource(resourceArn=arn))["tags"] for arn in (till, shop)]
    assert tags == [[{"key": OF_WORKFLOW, "value": value}] for value in ("desk/pay2.asl.json", "all.template.json#Orders")]
    assert await output(service, f"{shop}#One") == 1
