"""Executions on AWS as pages ask for them, against moto's server: the code that talks to AWS, without an account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from studio.errors import ServiceError
from studio.exec.aws import AwsStepFunctions
from studio.exec.remote import AwsRuns

ROLE = "arn:aws:iam::123456789012:role/x"
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


async def test_machines_and_executions_are_listed_and_followed(endpoint: str) -> None:
    service = AwsStepFunctions(region="us-east-1", endpoint_url=endpoint)
    made = await service.create_state_machine(name="Orders", definition=json.dumps(PASS), roleArn=ROLE)
    allowed = False
    runs = AwsRuns(service, lambda: allowed)
    with pytest.raises(ServiceError, match="only reads on AWS") as refused:
        await runs.start_execution(stateMachineArn=made["stateMachineArn"], input="{}")
    assert refused.value.code == "ReadOnly"
    allowed = True
    arn = (await runs.start_execution(stateMachineArn=made["stateMachineArn"], input='{"a": 1}'))["executionArn"]

    assert [one["name"] for one in await runs.machines()] == ["Orders"]
    assert [one["executionArn"] for one in await runs.executions(made["stateMachineArn"])] == [arn]
    events = await runs.wait_events(arn, 0, 5)
    assert [e["id"] for e in events] == list(range(1, len(events) + 1))
    assert len(await runs.wait_events(arn, 2, 5)) == len(events) - 2
    await runs.stop_execution(executionArn=arn)
    assert (await runs.describe_execution(executionArn=arn))["status"] in {"ABORTED", "SUCCEEDED"}
    assert not hasattr(runs, "describe_moment")


async def test_newer_events_come_from_as_many_pages_as_it_takes() -> None:
    """AWS answers the newest first, in pages."""
    history = [{"id": n, "type": "X"} for n in range(1, 351)]

    class Pages:
        async def get_execution_history(self, **request: Any) -> dict[str, Any]:
            newest = history[::-1]
            start = int(request.get("nextToken", 0))
            end = start + request["maxResults"]
            return {"events": newest[start:end], **({"nextToken": str(end)} if end < len(newest) else {})}

    runs: Any = AwsRuns(Pages(), lambda: False)  # type: ignore[arg-type]
    for after in (1, 100, 249, 250, 349):
        assert [e["id"] for e in await runs.wait_events("arn", after, 1)] == list(range(after + 1, 351))
