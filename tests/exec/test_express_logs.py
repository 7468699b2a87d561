"""Express executions on AWS out of their logs, against moto's server with logs as AWS writes them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from studio.asl.graph import build
from studio.errors import ServiceError
from studio.exec.aws import AwsStepFunctions
from studio.exec.exported import export, keep
from studio.exec.express_logs import described, event_of, in_order, machine_of
from studio.exec.remote import AwsRuns
from studio.exec.views.run import project
from studio.exec.views.stages import Stages
from studio.store.eventlog import EventLog

ROLE = "arn:aws:iam::123456789012:role/x"
TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "f", "Payload.$": "$"},
    "ResultPath": "$.r",
    "End": True,
}
DEFINITION = {
    "StartAt": "Each",
    "States": {"Each": {"Type": "Map", "ItemProcessor": {"StartAt": "Do", "States": {"Do": TASK}}, "End": True}},
}
BEGAN = 1_721_188_274_143
WHOLE = {"truncated": "false"}
HISTORY: list[tuple[str, int, dict[str, Any] | None]] = [
    ("ExecutionStarted", 0, {"input": '[{"n":1}]', "inputDetails": WHOLE, "roleArn": ROLE}),
    ("MapStateEntered", 0, {"name": "Each", "input": '[{"n":1}]', "inputDetails": WHOLE}),
    ("MapStateStarted", 2, {"length": "1"}),
    ("MapIterationStarted", 3, {"name": "Each", "index": "0"}),
    ("TaskStateEntered", 4, {"name": "Do", "input": '{"n":1}', "inputDetails": WHOLE}),
    (
        "TaskScheduled",
        5,
        {"resource": "invoke", "resourceType": "lambda", "region": "us-west-2", "parameters": '{"FunctionName":"f","Payload":{"n":1}}'},
    ),
    ("TaskStarted", 6, {"resource": "invoke", "resourceType": "lambda"}),
    ("TaskSucceeded", 7, {"resource": "invoke", "resourceType": "lambda", "output": '{"Payload":7}', "outputDetails": WHOLE}),
    ("TaskStateExited", 8, {"name": "Do", "output": '{"n":1,"r":{"Payload":7}}', "outputDetails": WHOLE}),
    ("MapIterationSucceeded", 9, {"name": "Each", "index": "0"}),
    ("MapStateSucceeded", 10, None),
    ("MapStateExited", 10, {"name": "Each", "output": '[{"n":1,"r":{"Payload":7}}]', "outputDetails": WHOLE}),
    ("ExecutionSucceeded", 12, {"output": '[{"n":1,"r":{"Payload":7}}]', "outputDetails": WHOLE}),
]


def entries(arn: str, history: list[tuple[str, int, dict[str, Any] | None]] = HISTORY, began: int = BEGAN) -> list[str]:
    """The log entries of an execution, as CloudWatch Logs holds them."""
    return [
        json.dumps(
            {
                "id": str(number),
                "type": kind,
                **({"details": details} if details is not None else {}),
                "previous_event_id": str(previous),
                "event_timestamp": str(began + 10 * number),
                "execution_arn": arn,
                "redrive_count": "0",
            }
        )
        for number, (kind, previous, details) in enumerate(history, 1)
    ]


def arn_of(machine: str, name: str) -> str:
    return f"arn:aws:states:us-west-2:123456789012:express:{machine}:{name}:0f1e2d3c-1111-2222-3333-444455556666"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class World:
    """An Express state machine on moto, and its log group, which the test writes as AWS would."""

    def __init__(self, endpoint: str, name: str, level: str = "ALL") -> None:
        import boto3

        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-west-2"}
        self.name, self.group = name, f"/aws/vendedlogs/states/{name}"
        self.logs = boto3.client("logs", endpoint_url=endpoint, **keys)
        self.logs.create_log_group(logGroupName=self.group)
        self.logs.create_log_stream(logGroupName=self.group, logStreamName="s")
        log_arn = f"arn:aws:logs:us-west-2:123456789012:log-group:{self.group}:*"
        place: dict[str, Any] = {"destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": log_arn}}], "includeExecutionData": True}
        sfn = boto3.client("stepfunctions", endpoint_url=endpoint, **keys)
        self.machine = sfn.create_state_machine(
            name=name, definition=json.dumps(DEFINITION), roleArn=ROLE, type="EXPRESS", loggingConfiguration={"level": level, **place}
        )["stateMachineArn"]
        self.runs = AwsRuns(AwsStepFunctions(region="us-west-2", endpoint_url=endpoint), lambda: False)

    def write(self, *messages: str) -> None:
        now = int(time.time() * 1000)
        events = [{"timestamp": now + i, "message": message} for i, message in enumerate(messages)]
        self.logs.put_log_events(logGroupName=self.group, logStreamName="s", logEvents=events)


async def test_an_express_execution_is_read_out_of_its_logs(endpoint: str, tmp_path: Any) -> None:
    world = World(endpoint, "Read")
    arn, other = arn_of("Read", "one"), arn_of("Read", "other")
    world.write("not ours", *entries(arn)[::-1], *entries(other)[:3], entries(arn)[4])
    told = await world.runs.describe_execution(executionArn=arn)
    assert (told["status"], told["name"], told["output"]) == ("SUCCEEDED", "one", '[{"n":1,"r":{"Payload":7}}]')
    events = await world.runs.wait_events(arn, 0, 5)
    assert [(event["type"], event["previousEventId"]) for event in events] == [(kind, before) for kind, before, _ in HISTORY]
    assert events[2]["mapStateStartedEventDetails"] == {"length": 1}
    assert events[0]["executionStartedEventDetails"]["inputDetails"] == {"truncated": False}
    assert await world.runs.wait_events(arn, 11, 5) == events[11:]

    machine = await world.runs.describe_state_machine_for_execution(executionArn=arn)
    root = json.loads(machine["definition"])
    view = project(root, events)
    assert {name: state.status for name, state in view.states.items()} == {"Each": "succeeded", "Do": "succeeded"}
    found = Stages(root, build(root), told).of(view, view.states["Do"].visits[0])
    assert [stage.title for stage in found.stages][-1] == "Output"
    assert found.notes == ()

    run = await export(world.runs, arn)  # type: ignore[arg-type]
    log = EventLog(tmp_path / "log.sqlite", check=False)
    assert keep(log, run)
    assert [event[0] for event in log.events(arn)] == [kind for kind, _, _ in HISTORY]
    log.close()


async def test_those_of_the_last_hours_are_listed(endpoint: str) -> None:
    world = World(endpoint, "List")
    good, bad, going = (arn_of("List", name) for name in ("good", "bad", "going"))
    failed: list[tuple[str, int, dict[str, Any] | None]] = [HISTORY[0], ("ExecutionFailed", 1, {"error": "E", "cause": "why"})]
    world.write(*entries(good), *entries(bad, failed, BEGAN + 1000), *entries(going, HISTORY[:5], BEGAN + 2000))
    rows = await world.runs.executions(world.machine)
    assert [(row["name"], row["status"], row.get("error")) for row in rows] == [
        ("going", "RUNNING", None),
        ("bad", "FAILED", "E"),
        ("good", "SUCCEEDED", None),
    ]
    assert [row["name"] for row in await world.runs.executions(world.machine, "FAILED")] == ["bad"]


async def test_what_comes_late_is_waited_for(endpoint: str) -> None:
    world = World(endpoint, "Late")
    arn = arn_of("Late", "one")
    written = entries(arn)
    world.write(*written[:4], *written[6:])
    assert len(await world.runs.express.history(arn)) == 4
    world.write(*written[4:6])
    assert len(await world.runs.express.history(arn)) == len(HISTORY)


async def test_entries_that_never_come_leave_no_gap(endpoint: str) -> None:
    world = World(endpoint, "Lost")
    arn = arn_of("Lost", "one")
    written = entries(arn)
    world.write(*written[:4], *written[6:])
    await world.runs.express.history(arn)
    events = await world.runs.express.history(arn)
    assert [event["id"] for event in events] == list(range(1, len(HISTORY) - 1))
    assert [event["previousEventId"] for event in events][4:6] == [4, 5]
    assert (await world.runs.describe_execution(executionArn=arn))["status"] == "SUCCEEDED"


async def test_what_the_logs_do_not_hold_is_said(endpoint: str) -> None:
    off, errors = World(endpoint, "Off", "OFF"), World(endpoint, "Errors", "ERROR")
    for ask in (lambda: off.runs.describe_execution(executionArn=arn_of("Off", "x")), lambda: off.runs.executions(off.machine)):
        with pytest.raises(ServiceError, match=r"the logging of Off is off: nothing is known .*level ALL") as refused:
            await ask()
        assert refused.value.code == "LoggingOff"
    with pytest.raises(ServiceError, match=r"no event of this execution: its logging level is ERROR, which leaves out") as missing:
        await errors.runs.describe_execution(executionArn=arn_of("Errors", "x"))
    assert missing.value.code == "ExecutionDoesNotExist"
    with pytest.raises(ServiceError, match="Execution"):
        await off.runs.describe_execution(executionArn="arn:aws:states:us-west-2:123456789012:execution:Off:x")


@pytest.mark.parametrize(
    "message", ["", "text", "[]", "null", '{"id":"1"}', '{"id":"x","type":"A","event_timestamp":"1","execution_arn":"a"}']
)
def test_an_entry_that_is_none_of_ours_is_left_out(message: str) -> None:
    assert event_of(message) is None


def test_order_and_gaps() -> None:
    events: list[dict[str, Any]] = [{"id": n, "previousEventId": n - 1} for n in (1, 2, 5, 6, 3)]
    assert [event["id"] for event in in_order(events, settled=False)] == [1, 2, 3]
    assert in_order([events[0], events[2], events[3], events[3]], settled=True) == [
        {"id": 1, "previousEventId": 0},
        {"id": 2, "previousEventId": 1},
        {"id": 3, "previousEventId": 2},
    ]


def test_an_execution_is_described_by_its_first_and_last_event() -> None:
    arn = arn_of("Orders", "one")
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    events = [{"id": 1, "type": "ExecutionStarted", "timestamp": moment}, {"id": 2, "type": "ExecutionTimedOut", "timestamp": moment}]
    told = described(arn, events)
    assert (told["status"], told["stateMachineArn"], "input" in told) == ("TIMED_OUT", machine_of(arn), False)
    assert machine_of(arn) == "arn:aws:states:us-west-2:123456789012:stateMachine:Orders"
