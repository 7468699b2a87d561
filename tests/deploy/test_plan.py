"""The plan of a deployment: what differs is done, what is right is left alone, what cannot be is said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from studio.deploy.plan import (
    CreateLogGroup,
    CreateMachine,
    Found,
    Place,
    PointAlias,
    PutRole,
    Role,
    TagMachine,
    UpdateMachine,
    Wanted,
    notes,
    plan,
    told,
)
from studio.errors import StudioError
from studio.export.permissions import trust
from studio.export.workflow import Workflow

PLACE = Place("111122223333", "eu-west-1")
ROOT: dict[str, Any] = {
    "StartAt": "Pay",
    "States": {
        "Pay": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "pay", "Payload.$": "$"},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
WANTED = Wanted(Workflow("order", ROOT, tags={"team": "shop"}), PLACE, json.dumps(ROOT))
ARN = "arn:aws:states:eu-west-1:111122223333:stateMachine:order"


def machine(wanted: Wanted = WANTED, **other: Any) -> dict[str, Any]:
    return {"stateMachineArn": ARN, "name": "order", "status": "ACTIVE", "type": wanted.workflow.type, **wanted.request, **other}


THERE = Found(machine(), {"team": "shop"}, Role(trust(), WANTED.policy, ours=True), log_group=True)
ROUTE = [{"stateMachineVersionArn": f"{ARN}:3", "weight": 100}]


def test_into_an_empty_account() -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": ["arn:aws:lambda:eu-west-1:111122223333:function:pay"]},
            {"Effect": "Allow", "Action": WANTED.policy["Statement"][1]["Action"], "Resource": "*"},
        ],
    }
    request = {
        "definition": json.dumps(ROOT),
        "roleArn": "arn:aws:iam::111122223333:role/StepFunctions-order-role",
        "loggingConfiguration": {
            "level": "ERROR",
            "includeExecutionData": False,
            "destinations": [
                {
                    "cloudWatchLogsLogGroup": {
                        "logGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vendedlogs/states/order-Logs:*"
                    }
                }
            ],
        },
        "tracingConfiguration": {"enabled": False},
    }
    assert plan(replace(WANTED, alias="live"), Found()) == [
        CreateLogGroup("/aws/vendedlogs/states/order-Logs"),
        PutRole("StepFunctions-order-role", True, trust(), policy),
        CreateMachine("order", "STANDARD", request, {"team": "shop"}),
        PointAlias(ARN, "live", new=True),
    ]
    assert policy["Statement"][1]["Action"][0] == "logs:CreateLogDelivery"


def changed(*path: str, to: Any) -> Wanted:
    root = json.loads(json.dumps(ROOT))
    at = root["States"]
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = to
    return of(root)


def of(root: dict[str, Any]) -> Wanted:
    return replace(WANTED, workflow=replace(WANTED.workflow, root=root), text=json.dumps(root))


UPDATES: dict[str, tuple[Wanted, Found, list[Any]]] = {
    "nothing": (WANTED, THERE, []),
    "other white space is no change": (replace(WANTED, text=json.dumps(ROOT, indent=4)), THERE, []),
    "a state changed and one came": (
        of({**ROOT, "States": {**ROOT["States"], "Done": {"Type": "Pass", "Next": "End"}, "End": {"Type": "Succeed"}}}),
        THERE,
        ["definition: End added, Done changed"],
    ),
    "the comment changed": (
        of({**ROOT, "Comment": "x"}),
        THERE,
        ["definition: changed outside its states"],
    ),
    "logging": (
        WANTED,
        replace(THERE, machine=machine(loggingConfiguration={"level": "ALL", "includeExecutionData": True, "destinations": []})),
        ["logging ALL → ERROR"],
    ),
    "another log group": (
        replace(WANTED, workflow=replace(WANTED.workflow, log_group="arn:aws:logs:eu-west-1:111122223333:log-group:mine")),
        THERE,
        [
            "logging ERROR to arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vendedlogs/states/order-Logs:* → "
            "ERROR to arn:aws:logs:eu-west-1:111122223333:log-group:mine:*"
        ],
    ),
    "no logging": (
        replace(WANTED, workflow=replace(WANTED.workflow, log_level="OFF"), role="arn:aws:iam::111122223333:role/Mine"),
        replace(THERE, role=None),
        ["role arn:aws:iam::111122223333:role/StepFunctions-order-role → arn:aws:iam::111122223333:role/Mine", "logging ERROR → OFF"],
    ),
    "tracing": (
        replace(WANTED, workflow=replace(WANTED.workflow, tracing=True), role=WANTED.role_arn),
        THERE,
        ["tracing off → on"],
    ),
}


@pytest.mark.parametrize("case", UPDATES)
def test_updates(case: str) -> None:
    wanted, found, changes = UPDATES[case]
    steps = plan(wanted, found)
    assert [list(step.changes) for step in steps if isinstance(step, UpdateMachine)] == ([changes] if changes else [])
    assert all(isinstance(step, UpdateMachine) for step in steps)


def test_a_customer_managed_key() -> None:
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/orders", "kmsDataKeyReusePeriodSeconds": 60}
    wanted = replace(WANTED, workflow=replace(WANTED.workflow, kms_key="alias/orders", kms_reuse=60))
    there = replace(THERE, role=Role(trust(), wanted.policy, ours=True))
    (step,) = plan(wanted, there)
    assert isinstance(step, UpdateMachine)
    assert step.request["encryptionConfiguration"] == key
    assert "encryption the key AWS owns → alias/orders, kept for 60 s" in " ".join(told(step)[2])
    assert plan(wanted, replace(there, machine=machine(wanted))) == []
    assert plan(WANTED, replace(THERE, machine=machine(encryptionConfiguration=key))) == []


def test_logging_that_is_off_is_off_however_it_is_told() -> None:
    wanted = replace(WANTED, workflow=replace(WANTED.workflow, log_level="OFF"))
    found = replace(THERE, role=Role(trust(), wanted.policy, ours=True))
    for told_as in ({"level": "OFF"}, {"level": "OFF", "includeExecutionData": True}, None):
        assert plan(wanted, replace(found, machine=machine(wanted, loggingConfiguration=told_as))) == []


@pytest.mark.parametrize(
    ("role", "changes"),
    [
        (Role(trust(), WANTED.policy, ours=True), None),
        (Role(trust(), {"Version": "2012-10-17", "Statement": list(reversed(WANTED.policy["Statement"]))}, ours=True), ("policy",)),
        (Role(trust(), None, ours=True), ("policy",)),
        (Role({}, WANTED.policy, ours=True), ("trust",)),
        (
            Role(
                trust(),
                {
                    **WANTED.policy,
                    "Statement": [{**WANTED.policy["Statement"][0], "Action": "lambda:InvokeFunction"}, WANTED.policy["Statement"][1]],
                },
                ours=True,
            ),
            None,
        ),
    ],
)
def test_the_role_follows_the_definition(role: Role, changes: tuple[str, ...] | None) -> None:
    wanted = [PutRole("StepFunctions-order-role", False, trust(), WANTED.policy, changes)] if changes else []
    assert plan(WANTED, replace(THERE, role=role)) == wanted


@pytest.mark.parametrize(
    ("found", "steps"),
    [
        (replace(THERE, alias=ROUTE, version=machine()), []),
        (THERE, [UpdateMachine(ARN, WANTED.request, ()), PointAlias(ARN, "live", new=True)]),
        (
            replace(THERE, alias=ROUTE, version=machine(definition="{}")),
            [UpdateMachine(ARN, WANTED.request, ()), PointAlias(ARN, "live", new=False)],
        ),
        (
            replace(THERE, alias=[{**ROUTE[0], "weight": 90}, {**ROUTE[0], "weight": 10}], version=machine()),
            [UpdateMachine(ARN, WANTED.request, ()), PointAlias(ARN, "live", new=False)],
        ),
    ],
)
def test_the_alias_leads_to_what_is_deployed(found: Found, steps: list[Any]) -> None:
    assert plan(replace(WANTED, alias="live"), found) == steps


def test_tags_are_added_and_never_taken_away() -> None:
    assert plan(WANTED, replace(THERE, tags={"team": "old", "other": "x"})) == [TagMachine(ARN, {"team": "shop"})]


@pytest.mark.parametrize(
    ("wanted", "found", "says"),
    [
        (changed("Pay", "Resource", to="${Pay}"), Found(), r"placeholders without a value: \$\{Pay\}"),
        (WANTED, replace(THERE, machine=machine(type="EXPRESS")), "is EXPRESS, and a state machine's type cannot be changed"),
        (WANTED, replace(THERE, machine=machine(status="DELETING")), "is being deleted"),
        (WANTED, replace(THERE, role=Role(trust(), None, ours=False)), "was not made by a deployment"),
        (changed("Pay", "Parameters", "FunctionName", to="f" * 11_000), Found(), "may have 10,240"),
    ],
)
def test_what_cannot_be_deployed_is_said(wanted: Wanted, found: Found, says: str) -> None:
    with pytest.raises(StudioError, match=says):
        plan(wanted, found)


def test_the_plan_is_told_in_words() -> None:
    steps = plan(replace(WANTED, alias="live"), Found())
    assert [told(step)[:2] for step in steps] == [
        ("+", "log group /aws/vendedlogs/states/order-Logs"),
        ("+", "role StepFunctions-order-role"),
        ("+", "state machine order"),
        ("+", "alias live"),
    ]
    assert told(steps[1])[2][0] == "lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111122223333:function:pay"
    assert told(UpdateMachine(ARN, {}, ("definition: Pay changed",))) == (
        "~",
        "state machine order",
        ("definition: Pay changed", "a version of it is published"),
    )
    assert told(TagMachine(ARN, {"a": "b"})) == ("~", "tags a=b", ())
    assert told(PutRole("R", False, None, None, ("trust", "policy"))) == ("~", "role R: trust, policy", ())


def test_notes() -> None:
    elsewhere = changed("Pay", "Parameters", to={"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:f"})
    assert notes(elsewhere, ["pay"]) == [
        "The definition names resources of another account (123456789012); this one is 111122223333.",
        "The definition names resources of another Region (us-east-1); this one is eu-west-1.",
        "functions/pay.py is not deployed: the Lambda function pay must be there.",
    ]
    assert notes(WANTED) == []


def test_long_names_fit_a_role() -> None:
    long = replace(WANTED, workflow=replace(WANTED.workflow, name="n" * 80))
    assert (len(long.role_name), long.role_name[-6:]) == (64, "n-role")
