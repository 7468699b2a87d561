"""A run that is elsewhere: another studio stands for AWS; its runs are listed, looked at and replayed here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gestures as hand
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DEFINITION = {
    "StartAt": "Charge",
    "States": {
        "Charge": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "charge"}, "Next": "Check"},
        "Check": {"Type": "Pass", "InputPath": "$.Payload.paid", "End": True},
    },
}


def test_a_run_on_aws_is_looked_at_and_replayed(
    workspace: Path, tmp_path: Path, serve: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    import boto3

    (workspace / "functions").mkdir()
    (workspace / "functions" / "charge.py").write_text("def handler(event, context):\n    return {'paid': 7}\n", "utf-8")
    there = serve(workspace)
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-east-1"}
    sfn = boto3.client("stepfunctions", endpoint_url=there.url, **keys)
    machine = sfn.create_state_machine(name="Orders", definition=json.dumps(DEFINITION), roleArn="arn:aws:iam::123456789012:role/x")
    arn = sfn.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")["executionArn"]

    here = tmp_path / "here"
    here.mkdir()
    page = open_page(serve(here, ASL_STUDIO_ENDPOINT_URL=there.url).url + "/runs")
    page.locator("[data-go-aws]").click()
    page.wait_for_selector(f'[data-run="{arn}"][data-status="succeeded"]').click()
    page.wait_for_selector('[data-state="Check"][data-status="succeeded"]')
    hand.command(page, "replay")
    page.wait_for_url("**/runs/arn*")
    page.wait_for_function("arn => !decodeURIComponent(location.pathname).endsWith(arn)", arg=arn)
    page.wait_for_selector('[data-state="Check"][data-status="succeeded"]')
    page.locator('[data-state="Check"]').click()
    assert "7" in page.locator('[data-panel="run"]').inner_text()

    # each is in the tree of the other, though they are in two places
    page.locator('[data-tab="summary"]').click()
    page.locator('[data-family="execution"] [data-tone="succeeded"]').wait_for()
    assert page.locator('[data-family="self"] .kin-how').inner_text() == "replay"
    page.locator('[data-family="execution"] .kin-link').click()
    page.wait_for_function("arn => decodeURIComponent(location.pathname).endsWith(arn)", arg=arn)
    page.locator('[data-tab="summary"]').click()
    page.locator('[data-family="execution"] .kin-how', has_text="replay").wait_for()

    # nobody answers there any more
    there.stop()
    page.goto(page.url.partition("/runs/")[0] + "/runs/aws")
    page.locator('[data-aws-problem="EndpointConnectionError"]', has_text="Look whether this machine is online").wait_for(timeout=30_000)
