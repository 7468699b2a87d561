"""Every template in the sandbox: whatever needs no model, nobody outside and no service that moto lacks really happens, through boto3.

A task that waits for a person is really sent, to its topic, queue or function; the person here answers with what the mock says.
"""

from __future__ import annotations

import asyncio
import json
import runpy
import shutil
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from studio.asl.graph import build
from studio.asl.tree import from_text, put
from studio.asl.values import Failure, to_aws_text
from studio.commands.files import input_of, side_file
from studio.exec.clock import VirtualClock
from studio.exec.local import LocalStepFunctions
from studio.exec.performers.mock import Mocks
from studio.exec.performers.sandbox import Sandbox

ROOT = Path(__file__).parents[1] / "templates"
TEMPLATES = sorted(path.parent for path in ROOT.glob("*/workflow.asl.json"))
MODELS = ("bedrock:invokeModel", "aws-sdk:bedrockruntime:", "aws-sdk:sagemakerruntime:")
OUTSIDE = ("http:invoke",)
LACKING = {
    "aws-sdk:bedrockagent:startIngestionJob": "moto has no ingestion",
    "aws-sdk:bedrockagent:getIngestionJob": "moto has no ingestion",
    "aws-sdk:bedrockagentruntime:retrieve": "its case Local asks the documents of the folder",
    "aws-sdk:kendra:retrieve": "moto has no Kendra",
    "aws-sdk:qbusiness:startDataSourceSyncJob": "moto has no Amazon Q",
    "aws-sdk:qbusiness:listDataSourceSyncJobs": "moto has no Amazon Q",
    "aws-sdk:qbusiness:chatSync": "moto has no Amazon Q",
    "aws-sdk:textract:detectDocumentText": "moto reads no text",
    "bedrock:createModelCustomizationJob.sync": "moto trains no model",
}
BY_HAND = {
    "endpoint-deploy-infer-cleanup": "moto knows the instance types of years ago",
    "fine-tune-and-merge": "moto trains no model, so there is nothing to merge and compare",
    "popular-repo-bedrock-agent": "its functions ask an agent of Bedrock",
    "popular-repo-code-agent": "its functions ask a model",
    "redrive-demo": "its function fails until it is mended",
    "sagemaker-model-fan-out": "nobody writes the answers of asynchronous endpoints",
}
"""Templates whose mocks all stay, with the reason."""
KEPT = {
    "knowledge-base-ingest": {"Chunk Documents": "moto starts no Fargate task in a network that is not there"},
    "transcription-wait-loop": {"Read Transcript": "nobody transcribes", "Get Transcription Job": "nobody transcribes"},
    "video-title-app": {"Get Transcription Job": "nobody transcribes"},
}
"""Further mocks that stay."""
PEOPLE = {
    "credit-limit-approval": ("AutoApproved", "Declined", "ReviewerFails"),
    "document-classification": ("UnknownClass",),
    "human-approval-loop": ("RejectedOnce", "InvalidAnswer"),
    "ml-pipeline-deploy": ("ProdApproved", "ProdRefused"),
    "movie-pitch": ("PassThenGreenlight",),
    "property-listing": ("Edited", "Rejected"),
}
"""Cases in which a person answers otherwise."""
NAMED_BY_MOTO = {"ml-pipeline-deploy": ["/build"]}
"""Parts of the output that are other than the mocks say."""

pytestmark = pytest.mark.xdist_group("in the sandbox")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


@pytest.fixture
async def engine(sandbox: Sandbox) -> AsyncIterator[LocalStepFunctions]:
    sandbox.close = lambda: None  # type: ignore[method-assign] - it outlives the engine
    request = urllib.request.Request(f"{sandbox.endpoint()}/moto-api/reset", method="POST")
    await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=10).close())
    sandbox._seeded.clear()
    service = LocalStepFunctions(None, sandbox=sandbox, clock=VirtualClock)
    await service.start()
    yield service
    await service.aclose()


def resources(folder: Path) -> dict[str, str]:
    graph = build(json.loads((folder / "workflow.asl.json").read_text()))
    return {node.name: str(node.value.get("Resource", "")).removeprefix("arn:aws:states:::") for node in graph.states.values()}


def mocked(folder: Path, name: str) -> tuple[Mocks, Mocks, list[str]]:
    """The mocks of a case that stay, those of the person who answers, and the states that really happen."""
    config: Any = json.loads((folder / "mocks.json").read_text())
    case: dict[str, str] = config["StateMachines"][folder.name]["TestCases"][name]
    found = resources(folder)
    kept = {
        state: answer
        for state, answer in case.items()
        if folder.name in BY_HAND
        or state in KEPT.get(folder.name, {})
        or found[state] in LACKING
        or found[state].startswith((*MODELS, *OUTSIDE))
    }
    config["StateMachines"][folder.name]["TestCases"] = {"Happy": kept, "Person": case}
    mocks = Mocks.load(config, machine=folder.name, case="Happy")
    return mocks, mocks.choose(folder.name, "Person"), [name for name, resource in found.items() if resource and name not in kept]


async def answered(engine: LocalStepFunctions, person: Mocks, asked: dict[str, int]) -> None:
    for task in await engine.list_open_tasks():
        state = task["stateName"]
        if state not in person.states():  # the execution that was started answers by itself
            continue
        asked[state] = asked.get(state, -1) + 1
        answer = person.answer(state, asked[state])
        if isinstance(answer, Failure):
            await engine.send_task_failure(taskToken=task["taskToken"], error=answer.error, cause=answer.cause)
        else:
            await engine.send_task_success(taskToken=task["taskToken"], output=to_aws_text(answer.value))


@pytest.mark.parametrize(
    ("folder", "case"),
    [pytest.param(folder, case, id=f"{folder.name}-{case}") for folder in TEMPLATES for case in ("Happy", *PEOPLE.get(folder.name, ()))],
)
async def test_a_template_in_the_sandbox(folder: Path, case: str, engine: LocalStepFunctions) -> None:
    mocks, person, really = mocked(folder, case)
    wanted = json.loads((folder / "expected.json").read_text())[case]
    given = input_of(str(folder / "workflow.asl.json"), case)
    assert given is not None
    arn = await engine.run_definition(
        (folder / "workflow.asl.json").read_text(),
        given.read_text(),
        name="run-1",
        type=str(side_file(str(folder / "workflow.asl.json")).config.get("type", "STANDARD")),
        mocks=mocks,
        workflow=f"{folder.name}/workflow.asl.json",
        functions=folder / "functions",
        folder=folder,
        skip_waits=True,
    )
    asked: dict[str, int] = {}
    ended = asyncio.ensure_future(engine.ended(arn))
    async with asyncio.timeout(30):
        while not (await asyncio.wait([ended], timeout=0.02))[0]:
            await answered(engine, person, asked)
    row = ended.result()
    assert (row.status, row.error, row.cause) == (wanted["status"], wanted.get("error"), wanted.get("cause"))
    if row.status == "FAILED":
        return
    output = json.loads(row.output or "null")
    for pointer in [*wanted.get("ignore", []), *NAMED_BY_MOTO.get(folder.name, [])]:
        output = put(output, from_text(pointer, output), None)
        wanted["output"] = put(wanted["output"], from_text(pointer, wanted["output"]), None)
    assert output == wanted["output"], really


@pytest.fixture
def invoices(tmp_path: Path) -> Iterator[Path]:
    """The template `http-saas-call` with its service on a free port."""
    folder = tmp_path / "http-saas-call"
    shutil.copytree(ROOT / "http-saas-call", folder)
    service = runpy.run_path(str(folder / "server.py"))["Service"]
    service.log_request = lambda *_: None
    server = ThreadingHTTPServer(("127.0.0.1", 0), service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("sandbox.json", "input.local.json"):
        (folder / name).write_text((folder / name).read_text().replace("8099", str(server.server_port)))
    yield folder
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("changed", "ends"),
    [
        ({"auth": "api-key"}, {"id": "inv_1", "status": 201}),
        ({"auth": "basic"}, {"id": "inv_1", "status": 201}),
        ({"auth": "oauth"}, {"id": "inv_1", "status": 201}),
        ({"customer": "Broke"}, {"next_step": "ask for another card"}),
    ],
)
async def test_invoices_are_really_made(invoices: Path, engine: LocalStepFunctions, changed: dict[str, str], ends: Any) -> None:
    given = json.loads((invoices / "input.local.json").read_text()) | changed
    definition = (invoices / "workflow.asl.json").read_text()
    row = await engine.ended(await engine.run_definition(definition, json.dumps(given), folder=invoices))
    assert (row.status, json.loads(row.output or "null"), row.cause) == ("SUCCEEDED", ends, None)
    history = json.dumps(await engine.in_engine(lambda: engine.log.events(row.arn)))
    assert [secret for secret in ("demo-key", "demo-password", "demo-secret", "demo-token") if secret in history] == []


async def test_wrong_credentials_are_refused(invoices: Path, engine: LocalStepFunctions) -> None:
    (invoices / "sandbox.json").write_text((invoices / "sandbox.json").read_text().replace("demo-key", "another"))
    definition = (invoices / "workflow.asl.json").read_text()
    arn = await engine.run_definition(definition, (invoices / "input.local.json").read_text(), folder=invoices)
    row = await engine.ended(arn)
    assert (row.status, row.error) == ("FAILED", "CredentialsRefused")
