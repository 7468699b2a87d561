"""Every template deployed to a running studio as to AWS, started there through boto3: its output is what `expected.json` says."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from studio.api.endpoint import handle
from studio.asl.tree import from_text, put
from studio.commands.files import side_file
from studio.deploy.aws import Account
from studio.deploy.plan import Wanted, plan, sent
from studio.errors import StudioError
from studio.exec.clock import VirtualClock
from studio.exec.local import LocalStepFunctions
from studio.exec.performers.sandbox import Sandbox
from studio.export.settings import configured
from studio.store.workspace import Workspace

ROOT = Path(__file__).parents[2] / "templates"
TEMPLATES = sorted(path.parent for path in ROOT.glob("*/workflow.asl.json"))
ROLE = "arn:aws:iam::123456789012:role/workflows"
pytestmark = pytest.mark.xdist_group("deployed")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The studio's endpoint on the folder of templates; waits are jumped over."""
    engine = LocalStepFunctions(None, sandbox=Sandbox(), clock=VirtualClock)
    engine.worlds.workflow_of = Workspace(ROOT).of_machine

    async def api(request: Request) -> Response:
        return await handle(request, engine)

    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=[Route("/", api, methods=["POST"])]), port=0, log_level="warning", lifespan="off", ws="none")
    )

    async def serve() -> None:
        await engine.start()
        try:
            await server.serve()
        finally:
            await engine.aclose()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def client(address: str) -> Any:
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return boto3.client(
        "stepfunctions",
        endpoint_url=address,
        region_name="us-east-1",
        config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}),
        **keys,
    )  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def account(address: str) -> Account:
    return Account(region="us-east-1", endpoint_url=address)


def deployed(account: Account, file: Path, name: str) -> str:
    """The ARN of a workflow's state machine, put there by the code behind `studio deploy`."""
    side, root, text = side_file(str(file)), json.loads(file.read_text()), file.read_text()
    workflow = replace(configured(name, root, side.config), log_level="OFF")
    wanted = Wanted(workflow, account.place(ROLE), sent(text, root), ROLE, "live")
    steps = plan(wanted, account.look(wanted))
    assert [type(step).__name__ for step in steps] == ["CreateMachine", "PointAlias"]
    made = account.carry_out(steps)
    assert plan(wanted, account.look(wanted)) == []
    return made["stateMachineArn"]


def ended(client: Any, arn: str) -> dict[str, Any]:
    for _ in range(1000):
        told = client.describe_execution(executionArn=arn)
        if told["status"] != "RUNNING":
            return told
        time.sleep(0.01)
    raise AssertionError(f"{arn} did not end")


@pytest.mark.parametrize("folder", TEMPLATES, ids=lambda folder: folder.name)
def test_a_template_runs_there_as_on_aws(folder: Path, account: Account, client: Any) -> None:
    arn = deployed(account, folder / "workflow.asl.json", folder.name)
    wanted = json.loads((folder / "expected.json").read_text())["Happy"]
    request = {"stateMachineArn": f"{arn}#Happy", "name": "run-1", "input": (folder / "input.json").read_text()}
    if client.describe_state_machine(stateMachineArn=arn)["type"] == "EXPRESS":
        told = client.start_sync_execution(**request)
    else:
        told = ended(client, client.start_execution(**request)["executionArn"])
        events = client.get_execution_history(executionArn=told["executionArn"], maxResults=1000, includeExecutionData=False)["events"]
        assert (events[0]["type"], events[0]["id"]) == ("ExecutionStarted", 1)
    assert told["status"] == wanted["status"], (told.get("error"), told.get("cause"))
    output = json.loads(told["output"])
    for pointer in wanted.get("ignore", []):
        output = put(output, from_text(pointer, output), None)
    assert output == wanted["output"]


def test_without_a_case_nothing_is_mocked(client: Any) -> None:
    folder = ROOT / "getitem-with-lambda"
    definition = (folder / "workflow.asl.json").read_text()
    arn = client.create_state_machine(name=folder.name, definition=definition, roleArn=ROLE)["stateMachineArn"]
    told = ended(client, client.start_execution(stateMachineArn=arn, input=(folder / "input.json").read_text())["executionArn"])
    assert (told["status"], json.loads(told["output"])) == (
        "SUCCEEDED",
        json.loads((folder / "expected.json").read_text())["Happy"]["output"],
    )


PASS = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}}}
MOCKS = {"StateMachines": {"lone": {"TestCases": {"Seven": {"A": "seven"}}}}, "MockedResponses": {"seven": {"0": {"Return": 7}}}}


def test_mocks_that_the_environment_names(account: Account, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = client.create_state_machine(name="lone", definition=json.dumps(PASS), roleArn=ROLE)["stateMachineArn"]
    with pytest.raises(ClientError, match="There are no mocks for 'lone', so there is no test case 'Seven'") as refused:
        client.start_execution(stateMachineArn=f"{arn}#Seven")
    assert refused.value.response["Error"]["Code"] == "InvalidArn"
    (tmp_path / "mocks.json").write_text(json.dumps(MOCKS))
    monkeypatch.setenv("SFN_MOCK_CONFIG", str(tmp_path / "mocks.json"))
    told = ended(client, client.start_execution(stateMachineArn=f"{arn}#Seven")["executionArn"])
    assert (told["status"], told["output"], told["stateMachineArn"]) == ("SUCCEEDED", "7", arn)
    with pytest.raises(ClientError, match="no test case 'Eight'"):
        client.start_execution(stateMachineArn=f"{arn}#Eight")


def test_a_studio_has_no_roles_to_deploy(address: str, tmp_path: Path) -> None:
    account = Account(region="us-east-1", endpoint_url=address)
    with pytest.raises(StudioError, match="has no sts") as refused:
        account.place()
    assert "--role" in str(refused.value)
