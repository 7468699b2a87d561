"""Every template on moto's server as the account: deployed, started and looked at with the code that talks to AWS; and run by moto's own engine,
another implementation of the language, as far as that can.

Theory of operation: moto's engine (`moto[stepfunctions]`) answers no Bedrock task, so that each run gets the mocks of the template's case `Happy`
through moto's own slot for mocked test cases, whose reader moto left out. Waits and backoffs are jumped over. One slip of moto's is put right
first: a path through an index (`$.content[0].text`) gives a list there, where AWS gives the value. Everything else is moto's; `OUTCOMES` says how
each template ends, so that a change of moto's or of a template's shows.
"""

from __future__ import annotations

import asyncio
import collections
import json
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto.core.config import default_user_config
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils import boto_client, json_path
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.mocking.mock_config import MockedResponseReturn, MockedResponseThrow

from studio.asl.values import Failure
from studio.commands.files import side_file
from studio.deploy.aws import Account
from studio.deploy.plan import Wanted, plan, sent
from studio.errors import ServiceError
from studio.exec.aws import AwsStepFunctions
from studio.exec.performers.mock import Mocks
from studio.exec.performers.sandbox import Sandbox
from studio.exec.remote import AwsRuns
from studio.export.settings import configured

ROOT = Path(__file__).parents[2] / "templates"
TEMPLATES = sorted(path.parent for path in ROOT.glob("*/workflow.asl.json"))
SAME = ("same output", "")
"""The output is that of `expected.json`."""
JSONATA = ("FAILED", "'NoneType' object is not callable")
"""moto evaluates no JSONata: its evaluator is missing."""
HTTP = ("refused", "MUST NOT begin with the prefix 'States.', got 'States.Http.")
"""moto knows none of the errors of HTTP Tasks."""
DOCKER = ("FAILED", "Function not found")
"""moto runs Lambda functions in Docker only."""
SYNC = ("FAILED", "Unsupported sync callback procedure")
"""moto waits for no job of this service."""
OUTCOMES = {
    "avatar-image": DOCKER,
    "call-patterns": ("FAILED", "'StateMachineArn'"),  # moto starts no other executions
    "chart-to-table": JSONATA,
    "document-classification": JSONATA,
    "fine-tune-and-merge": DOCKER,
    "getitem-with-lambda": DOCKER,
    "grant-site-permission": HTTP,
    "http-saas-call": HTTP,
    "image-follow-up-questions": JSONATA,
    "json-validation-reprompt": ("FAILED", "JSONDecodeError"),  # the cause of a function that is not there is no JSON
    "knowledge-base-ingest": JSONATA,
    "knowledge-source-sync": JSONATA,
    "meal-planner": ("FAILED", "JSONDecodeError"),
    "ml-pipeline-deploy": SYNC,
    "model-customization": SYNC,
    "parallel-bedrock-hugging-face": HTTP,
    "product-from-image": ("FAILED", ""),  # JSONata; the branches' failures overtake each other
    "property-listing": JSONATA,
    "redrive-demo": HTTP,
    "rfp-distributed-csv": ("refused", "mismatched input '\"EXPRESS\"'"),
    "rfp-distributed-json": ("refused", "ItemsPointer"),
    "rfp-distributed-objects": ("other output", "[null, null"),  # moto drops what the children give
    "rfp-rag-http-vector": HTTP,
    "rfp-rag-kendra": JSONATA,
    "rfp-rag-knowledge-base": JSONATA,
    "sagemaker-model-fan-out": JSONATA,
    "story-writer": ("FAILED", "JSONDecodeError"),
    "translation-batch": ("refused", "ItemBatcher"),
    "trip-planner": DOCKER,
    "video-title-app": HTTP,
}
"""How a template ends in moto's engine, with a part of what moto says; those that are not named end with their expected output."""

pytestmark = pytest.mark.xdist_group("deployed")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(sandbox: Sandbox) -> str:
    return sandbox.endpoint()


@pytest.fixture(scope="module")
def runs(address: str) -> AwsRuns:
    """What the pages ask about executions on AWS."""
    return AwsRuns(AwsStepFunctions(region="us-east-1", endpoint_url=address), lambda: True)


@pytest.fixture(scope="module")
def account(address: str) -> Account:
    return Account(region="us-east-1", endpoint_url=address)


def wanted_of(folder: Path, account: Account) -> Wanted:
    file = folder / "workflow.asl.json"
    text, root, side = file.read_text(), json.loads(file.read_text()), side_file(str(file))
    return Wanted(configured(folder.name, root, side.config), account.place(), sent(text, root), None, "live")


@pytest.mark.parametrize("folder", TEMPLATES, ids=lambda folder: folder.name)
async def test_a_template_is_deployed_started_and_looked_at(folder: Path, account: Account, runs: AwsRuns) -> None:
    wanted = wanted_of(folder, account)
    steps = plan(wanted, account.look(wanted))
    assert [type(step).__name__ for step in steps] == ["CreateLogGroup", "PutRole", "CreateMachine", "PointAlias"]
    made = account.carry_out(steps)
    assert plan(wanted, account.look(wanted)) == []

    machine = await runs.describe_state_machine(stateMachineArn=made["stateMachineArn"])
    assert (machine["name"], machine["type"]) == (folder.name, wanted.workflow.type)
    assert machine["definition"] == (folder / "workflow.asl.json").read_text()
    assert folder.name in [one["name"] for one in await runs.machines()]
    given = (folder / "input.json").read_text()
    arn = (await runs.start_execution(stateMachineArn=made["stateMachineArn"], name="run-1", input=given))["executionArn"]
    listed = [] if wanted.workflow.type == "EXPRESS" else [arn]  # those of Express are read out of logs, which moto does not write
    assert [one["executionArn"] for one in await runs.executions(made["stateMachineArn"])] == listed
    assert json.loads((await runs.describe_execution(executionArn=arn))["input"]) == json.loads(given)


class Case:
    """A test case of `mocks.json` in the place of moto's own."""

    def __init__(self, mocks: Mocks) -> None:
        self.mocks, self.state_mocked_responses = mocks, mocks.states()
        self.lock, self.asked = threading.Lock(), collections.Counter[str]()

    def answer(self, state: str, item: int | None, attempt: int) -> MockedResponseReturn | MockedResponseThrow:
        """By the iteration of the Map around the state, since moto begins iterations in no order; elsewhere by the calls so far."""
        with self.lock:
            ordinal = item + attempt if item is not None else self.asked[state]
            self.asked[state] += 1
        found = self.mocks.answer(state, ordinal)
        assert found is not None
        if isinstance(found, Failure):
            return MockedResponseThrow(0, 0, found.error, found.cause)
        return MockedResponseReturn(0, 0, found.value)


def extract_json(path: str, data: Any) -> Any:
    """`moto.…json_path.extract_json`, whose names it sees, without the slip."""
    matches = parse(path).find(data)  # type: ignore[name-defined]  # noqa: F821
    if not matches:
        if _contains_slice_or_wildcard_array(path):  # type: ignore[name-defined]  # noqa: F821
            return []
        raise NoSuchJsonPathError(json_path=path, data=data)  # type: ignore[name-defined]  # noqa: F821
    many = any(sign in path for sign in ("*", ":", "..", "?"))
    return [match.value for match in matches] if many else matches[0].value


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, address: str) -> dict[str, Case]:
    """moto's engine instead of its list of executions; answers where the mocks of a state machine go, by its name."""
    cases: dict[str, Case] = {}
    log = logging.getLogger("moto.stepfunctions")
    monkeypatch.setattr(log, "propagate", False)
    monkeypatch.setattr(log, "level", logging.CRITICAL)  # it writes whole definitions, at every step
    log.manager._clear_cache()  # type: ignore[attr-defined]
    begin, inside = ExecutionWorker.__init__, Environment.as_inner_frame_of.__func__  # type: ignore[attr-defined]

    def mocked(self: Any, *args: Any, **more: Any) -> None:
        begin(self, *args, **more)
        self._mock_test_case = cases.get(self._evaluation_details.state_machine_details.name)

    def item_of(env: Any) -> int | None:
        context = env.states.context_object.context_object_data
        return context["Map"]["Item"]["Index"] if "Map" in context else getattr(env, "item", None)

    def inner(cls: Any, env: Any, *args: Any, **more: Any) -> Any:
        frame = inside(cls, env, *args, **more)
        frame.item = item_of(env)  # moto's inner frames forget the iteration
        return frame

    def answer(self: Any) -> Any:
        retries = self.states.context_object.context_object_data["State"]["RetryCount"]
        return self.mock_test_case.answer(self.next_state_name, item_of(self), retries)

    class Jump:
        def __getattr__(self, name: str) -> Any:
            return getattr(time, name)

        def sleep(self, _seconds: float) -> None: ...

    monkeypatch.setitem(default_user_config["stepfunctions"], "execute_state_machine", True)
    monkeypatch.setattr(ExecutionWorker, "__init__", mocked)
    monkeypatch.setattr(Environment, "as_inner_frame_of", classmethod(inner))
    monkeypatch.setattr(Environment, "get_current_mocked_response", answer)
    monkeypatch.setattr(WaitFunction, "_wait_interval", lambda self, env, wait_seconds: None)
    monkeypatch.setattr(retrier_decl, "time", Jump())
    monkeypatch.setattr(boto_client, "moto_server_port", lambda: address.rpartition(":")[2])
    monkeypatch.setattr(json_path.extract_json, "__code__", extract_json.__code__)
    Preprocessor._query_language_per_scope.clear()  # what a definition that was refused leaves behind
    return cases


async def run(folder: Path, account: Account, runs: AwsRuns) -> tuple[str, Any]:
    """How the template ends in moto's engine: its status and its output, or what moto says."""
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends  # noqa: F401 - before the first definition is parsed

    wanted = wanted_of(folder, account)
    workflow = replace(wanted.workflow, type="STANDARD", log_level="OFF")  # moto gives no output of an Express execution
    wanted = replace(wanted, workflow=workflow, role="arn:aws:iam::123456789012:role/workflows", alias=None)
    try:
        made = account.carry_out(plan(wanted, account.look(wanted)))
    except ServiceError as refused:
        return "refused", str(refused)
    given = (folder / "input.json").read_text()
    arn = (await runs.start_execution(stateMachineArn=made["stateMachineArn"], name="run-1", input=given))["executionArn"]
    async with asyncio.timeout(20):
        while (told := await runs.describe_execution(executionArn=arn))["status"] == "RUNNING":  # noqa: ASYNC110 - moto tells nobody
            await asyncio.sleep(0.02)
    events = await runs.wait_events(arn, 0, 5)
    assert (events[0]["type"], f"Execution{told['status'].capitalize()}" in {e["type"] for e in events}) == ("ExecutionStarted", True)
    if told["status"] != "SUCCEEDED":
        return told["status"], f"{told.get('error')}: {told.get('cause')}"
    try:
        return "SUCCEEDED", json.loads(told["output"])
    except ValueError:
        return "SUCCEEDED", told["output"]  # moto puts no quotation marks around a text


@pytest.mark.parametrize("folder", TEMPLATES, ids=lambda folder: folder.name)
async def test_a_template_in_motos_engine(folder: Path, account: Account, runs: AwsRuns, engine: dict[str, Case], sandbox: Sandbox) -> None:
    sandbox.seed(folder)
    engine[folder.name] = Case(Mocks.load(json.loads((folder / "mocks.json").read_text()), machine=folder.name, case="Happy"))
    status, output = await run(folder, account, runs)
    if status == "SUCCEEDED":
        same = output == json.loads((folder / "expected.json").read_text())["Happy"]["output"]
        status, output = "same output" if same else "other output", json.dumps(output)
    expected, says = OUTCOMES.get(folder.name, SAME)
    assert (status, says in output) == (expected, True), output
