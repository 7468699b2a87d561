"""State machines, their versions and tags, and the executions of each: AWS's rules, also for callers who come at the same time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from studio.errors import ServiceError
from studio.exec.local import LocalStepFunctions

ROLE = "arn:aws:iam::123456789012:role/x"
ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:m"


def machine(result: int = 1) -> str:
    return json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": result, "End": True}}})


@pytest.fixture
async def service(service: LocalStepFunctions) -> LocalStepFunctions:
    await service.create_state_machine(name="m", definition=machine(), roleArn=ROLE)
    return service


async def versions(service: LocalStepFunctions) -> list[str]:
    found = await service.list_state_machine_versions(stateMachineArn=ARN)
    return [v["stateMachineVersionArn"].removeprefix(f"{ARN}:") for v in found["stateMachineVersions"]]


async def test_a_machine_created_again_is_the_same_whatever_its_role_and_tags(service: LocalStepFunctions) -> None:
    again = await service.create_state_machine(name="m", definition=machine(), roleArn=f"{ROLE}2", tags=[{"key": "a", "value": "b"}])
    assert again["stateMachineArn"] == ARN
    assert (await service.describe_state_machine(stateMachineArn=ARN))["roleArn"] == ROLE
    assert await service.list_tags_for_resource(resourceArn=ARN) == {"tags": []}


@pytest.mark.parametrize(
    "more", [{"type": "EXPRESS"}, {"definition": machine(2)}, {"tracingConfiguration": {"enabled": True}}, {"publish": True}]
)
async def test_a_machine_of_the_name_of_another_is_refused(service: LocalStepFunctions, more: dict[str, Any]) -> None:
    with pytest.raises(ServiceError) as refused:
        await service.create_state_machine(**{"name": "m", "definition": machine(), "roleArn": ROLE, **more})
    assert refused.value.code == "StateMachineAlreadyExists"


async def test_of_two_machines_created_at_the_same_time_one_is_refused(service: LocalStepFunctions) -> None:
    both = [service.create_state_machine(name="n", definition=machine(i), roleArn=ROLE) for i in range(2)]
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert [type(answer) for answer in answers] == [dict, ServiceError]


async def test_a_revision_has_one_version_whatever_its_description(service: LocalStepFunctions) -> None:
    both = [service.publish_state_machine_version(stateMachineArn=ARN, description=text) for text in ("a", "b")]
    assert [answer["stateMachineVersionArn"] for answer in await asyncio.gather(*both)] == [f"{ARN}:1", f"{ARN}:1"]
    assert await versions(service) == ["1"]


async def test_the_number_of_a_deleted_version_is_not_given_again(service: LocalStepFunctions) -> None:
    for result in (1, 2, 3):
        await service.update_state_machine(stateMachineArn=ARN, definition=machine(result), publish=True)
    for number in (3, 1):
        await service.delete_state_machine_version(stateMachineVersionArn=f"{ARN}:{number}")
    updated = await service.update_state_machine(stateMachineArn=ARN, definition=machine(4), publish=True)
    assert (updated["stateMachineVersionArn"], await versions(service)) == (f"{ARN}:4", ["4", "2"])


@pytest.mark.parametrize("operation", ["update_state_machine", "publish_state_machine_version"])
async def test_a_version_never_changes(service: LocalStepFunctions, operation: str) -> None:
    await service.publish_state_machine_version(stateMachineArn=ARN)
    with pytest.raises(ServiceError) as refused:
        await getattr(service, operation)(stateMachineArn=f"{ARN}:1", roleArn=f"{ROLE}2")
    assert refused.value.code == "StateMachineDoesNotExist"


async def test_tags_put_at_the_same_time_are_all_kept(service: LocalStepFunctions) -> None:
    tags = [{"key": str(i), "value": "x"} for i in range(5)]
    await asyncio.gather(*(service.tag_resource(resourceArn=ARN, tags=[tag]) for tag in tags))
    assert (await service.list_tags_for_resource(resourceArn=ARN))["tags"] == tags


async def test_executions_of_a_version_of_an_alias_and_those_redriven(service: LocalStepFunctions) -> None:
    await service.publish_state_machine_version(stateMachineArn=ARN)
    routes = [{"stateMachineVersionArn": f"{ARN}:1", "weight": 100}]
    await service.create_state_machine_alias(name="live", routingConfiguration=routes)
    for target in (ARN, f"{ARN}:1", f"{ARN}:live"):
        started = await service.start_execution(stateMachineArn=target, name=target.rpartition(":")[2])
        await asyncio.wait_for(service.ended(started["executionArn"]), 30)

    async def names(**wanted: str) -> set[str]:
        return {item["name"] for item in (await service.list_executions(**wanted))["executions"]}

    assert await names(stateMachineArn=ARN) == {"m", "1", "live"}
    assert await names(stateMachineArn=f"{ARN}:1") == {"1", "live"}
    assert await names(stateMachineArn=f"{ARN}:live") == {"live"}
    assert await names(stateMachineArn=ARN, redriveFilter="REDRIVEN") == set()
    assert await names(stateMachineArn=ARN, redriveFilter="NOT_REDRIVEN") == {"m", "1", "live"}


@pytest.mark.parametrize("token", ["abc", "-5", "1.5", "9" * 40])
async def test_a_token_that_is_none(service: LocalStepFunctions, token: str) -> None:
    with pytest.raises(ServiceError) as refused:
        await service.list_executions(stateMachineArn=ARN, nextToken=token)
    assert (refused.value.code, refused.value.message) == ("InvalidToken", "Invalid Token: 'Invalid token'")


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("start_execution", "stateMachineArn"),
        ("describe_state_machine", "stateMachineArn"),
        ("describe_execution", "executionArn"),
        ("get_execution_history", "executionArn"),
    ],
)
async def test_what_is_no_arn(service: LocalStepFunctions, operation: str, member: str) -> None:
    with pytest.raises(ServiceError) as refused:
        await getattr(service, operation)(**{member: "nonsense"})
    assert (refused.value.code, refused.value.message) == ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: nonsense'")


STATES = "arn:aws:states:us-east-1:123456789012"


@pytest.mark.parametrize(
    ("operation", "given", "code", "message"),
    [
        ("describe_state_machine", {"stateMachineArn": f"{STATES}:execution:m:e"}, "InvalidArn", "Resource type not valid in this context: execution"),
        ("delete_state_machine", {"stateMachineArn": "x"}, "InvalidArn", "Invalid ARN prefix: x"),
        ("list_state_machine_versions", {"stateMachineArn": f"{STATES}:stateMachine:no"}, "InvalidArn", f"{STATES}:stateMachine:no"),
        ("describe_execution", {"executionArn": ARN}, "InvalidArn", "Resource type not valid in this context: stateMachine"),
        ("describe_activity", {"activityArn": ARN}, "InvalidArn", "Resource type not valid in this context: stateMachine"),
        ("delete_activity", {"activityArn": "x"}, "InvalidArn", "Invalid ARN prefix: x"),
        ("describe_map_run", {"mapRunArn": ARN}, "InvalidArn", "Resource type not valid in this context: stateMachine"),
        ("describe_state_machine_alias", {"stateMachineAliasArn": "x"}, "InvalidArn", "Invalid ARN prefix: x"),
        ("list_tags_for_resource", {"resourceArn": f"{STATES}:execution:m:e"}, "InvalidArn", "Resource type not valid in this context: execution"),
    ],
)  # fmt: skip
async def test_an_arn_of_something_else(
    service: LocalStepFunctions, operation: str, given: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        await getattr(service, operation)(**given)
    assert (refused.value.code, refused.value.message) == (code, f"Invalid Arn: '{message}'")


VERSION = f"{ARN}:1"
NO_KEY = "Value null at 'tags.2.member.key' failed to satisfy constraint: Member must not be null"


@pytest.mark.parametrize(
    ("operation", "given", "code", "message"),
    [
        (
            "create_state_machine",
            {"name": "n", "definition": machine(), "roleArn": ROLE, "versionDescription": "x"},
            "ValidationException",
            "Version description can only be set when publish is true",
        ),
        (
            "create_state_machine",
            {"name": "n", "definition": machine(), "roleArn": ROLE, "tags": [{"key": str(i), "value": ""} for i in range(51)]},
            "TooManyTags",
            "Number of tags cannot exceed 50",
        ),
        (
            "create_state_machine",
            {"name": "n", "definition": machine(), "roleArn": ROLE, "loggingConfiguration": {"level": "OFF", "destinations": [{}, {}]}},
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ),
        *(
            (operation, given, "InvalidArn", f"Invalid Role Arn: '{given['roleArn']}'")
            for operation, given in [
                ("create_state_machine", {"name": "n", "definition": machine(), "roleArn": "x"}),
                ("create_state_machine", {"name": "n", "definition": machine(), "roleArn": ROLE.replace("role/", "user/")}),
                ("update_state_machine", {"stateMachineArn": ARN, "roleArn": "arn:aws:iam::123:role/x"}),
            ]
        ),
        *(
            (operation, {**given, "tags": [{"key": "a"}, {"value": "x"}]}, "ValidationException", f"1 validation error detected: {NO_KEY}")
            for operation, given in [
                ("create_state_machine", {"name": "n", "definition": machine(), "roleArn": ROLE}),
                ("create_activity", {"name": "n"}),
                ("tag_resource", {"resourceArn": ARN}),
            ]
        ),
        (
            "update_state_machine",
            {"stateMachineArn": ARN, "roleArn": ROLE, "versionDescription": "x"},
            "ValidationException",
            "Version description can only be set when publish is true",
        ),
        (
            "update_state_machine",
            {"stateMachineArn": ARN},
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
        ),
        (
            "create_state_machine_alias",
            {"name": "a", "routingConfiguration": [{"stateMachineVersionArn": VERSION, "weight": 50}]},
            "ValidationException",
            "Sum of routing configuration weights must equal 100. Received: [50]",
        ),
        (
            "create_state_machine_alias",
            {"name": "a", "routingConfiguration": [{"stateMachineVersionArn": VERSION, "weight": 50}] * 2},
            "ValidationException",
            f"Routing configuration must contain distinct state machine version ARNs. Received: [{VERSION}, {VERSION}]",
        ),
        (
            "create_state_machine_alias",
            {"name": "a", "routingConfiguration": [{"stateMachineVersionArn": ARN, "weight": 100}]},
            "ValidationException",
            f"Routing configuration must contain state machine version ARNs. Received: [{ARN}]",
        ),
        (
            "describe_activity",
            {"activityArn": f"{STATES}:activity:no"},
            "ActivityDoesNotExist",
            f"Activity Does Not Exist: '{STATES}:activity:no'",
        ),
    ],
)
async def test_what_is_refused(service: LocalStepFunctions, operation: str, given: dict[str, Any], code: str, message: str) -> None:
    await service.publish_state_machine_version(stateMachineArn=ARN)
    with pytest.raises(ServiceError) as refused:
        await getattr(service, operation)(**given)
    assert (refused.value.code, refused.value.message) == (code, message)


async def test_an_express_execution_is_not_asked_for(service: LocalStepFunctions) -> None:
    made = await service.create_state_machine(name="x", definition=machine(), roleArn=ROLE, type="EXPRESS")
    arn = (await service.start_execution(stateMachineArn=made["stateMachineArn"], input="{}"))["executionArn"]
    for operation in (
        service.describe_execution,
        service.describe_state_machine_for_execution,
        service.get_execution_history,
        service.list_map_runs,
        service.stop_execution,
        service.redrive_execution,
    ):
        with pytest.raises(ServiceError) as refused:
            await operation(executionArn=arn)
        assert (refused.value.code, refused.value.message) == (
            "InvalidArn",
            "Invalid Arn: 'Resource type not valid in this context: express'",
        )


async def test_an_express_execution_of_a_map_run_is_described(service: LocalStepFunctions) -> None:
    express = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    inner = {"ProcessorConfig": express, "StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    each = {"Type": "Map", "Label": "Each", "ItemsPath": "$", "ItemProcessor": inner, "End": True}
    made = await service.create_state_machine(name="e", definition=json.dumps({"StartAt": "M", "States": {"M": each}}), roleArn=ROLE)
    arn = (await service.start_execution(stateMachineArn=made["stateMachineArn"], input="[1]"))["executionArn"]
    await service.ended(arn)
    (map_run,) = (await service.list_map_runs(executionArn=arn))["mapRuns"]
    (child,) = (await service.list_executions(mapRunArn=map_run["mapRunArn"]))["executions"]
    for operation in (service.describe_execution, service.describe_state_machine_for_execution):
        assert (await operation(executionArn=child["executionArn"]))["mapRunArn"] == map_run["mapRunArn"]


async def test_an_update_that_changes_nothing_makes_no_revision(service: LocalStepFunctions) -> None:
    same = json.dumps(json.loads(machine()), indent=2)
    first = await service.update_state_machine(stateMachineArn=ARN, definition=same, roleArn=ROLE, publish=True)
    again = await service.update_state_machine(stateMachineArn=ARN, roleArn=ROLE, publish=True)
    other = await service.update_state_machine(stateMachineArn=ARN, definition=machine(2), publish=True)
    assert [set(answer) for answer in (first, again, other)] == [
        {"updateDate", "stateMachineVersionArn"},
        {"updateDate", "stateMachineVersionArn"},
        {"updateDate", "stateMachineVersionArn", "revisionId"},
    ]
    assert [answer["stateMachineVersionArn"] for answer in (first, again, other)] == [f"{ARN}:1", f"{ARN}:1", f"{ARN}:2"]


async def test_an_activity_keeps_the_tags_it_was_made_with(service: LocalStepFunctions) -> None:
    tags = [{"key": "team", "value": "a"}]
    made = await service.create_activity(name="act", tags=tags)
    assert await service.list_tags_for_resource(resourceArn=made["activityArn"]) == {"tags": tags}


async def test_a_machine_tells_the_variables_its_states_read(service: LocalStepFunctions) -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 1, "y": {"z": 2}}, "Next": "B"},
        "B": {"Type": "Pass", "Parameters": {"v.$": "$y.z", "w.$": "States.Format('{}', $x)"}, "Next": "C"},
        "C": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $x + $states.input.n %}", "End": True},
    }
    made = await service.create_state_machine(name="v", definition=json.dumps({"StartAt": "A", "States": states}), roleArn=ROLE)
    told = await service.describe_state_machine(stateMachineArn=made["stateMachineArn"])
    assert told["variableReferences"] == {"B": ["x", "y"], "C": ["x"]}
    assert "variableReferences" not in await service.describe_state_machine(stateMachineArn=ARN)


async def test_the_metadata_of_a_machine_is_without_its_definition(service: LocalStepFunctions) -> None:
    told = await service.describe_state_machine(stateMachineArn=ARN, includedData="METADATA_ONLY")
    assert (told["definition"], told["name"]) == ("{}", "m")


async def test_the_executions_of_an_express_machine_are_not_listed(service: LocalStepFunctions) -> None:
    made = await service.create_state_machine(name="e", definition=machine(), roleArn=ROLE, type="EXPRESS")
    with pytest.raises(ServiceError) as refused:
        await service.list_executions(stateMachineArn=made["stateMachineArn"])
    assert refused.value.code == "StateMachineTypeNotSupported"
