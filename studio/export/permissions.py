"""The statements of the role that an exported state machine runs with: its tasks', its logs', its traces'."""

from __future__ import annotations

from typing import Any

from studio.asl.tree import Json
from studio.catalogue import iam
from studio.export.workflow import LOG_ACTIONS, TRACE_ACTIONS, Workflow


def role_statements(workflow: Workflow, root: Json = None, **where: str) -> list[dict[str, Any]]:
    """IAM statements (`Effect`, `Action`, `Resource`), the definition's first; of `root` where it is to be another than the workflow's. `where`
    (`partition`, `region`, `account`) narrows the resources that are named without them.
    """
    found = [
        {key: value for key, value in statement.items() if key != "Sid"}
        for statement in iam.policy(root or workflow.root, **where)["Statement"]
        if not set(statement["Action"]) <= set(TRACE_ACTIONS)
    ]
    if workflow.log_level != "OFF":
        found.append({"Effect": "Allow", "Action": list(LOG_ACTIONS), "Resource": "*"})
    if workflow.tracing:
        found.append({"Effect": "Allow", "Action": list(TRACE_ACTIONS), "Resource": "*"})
    return found


def trust() -> dict[str, Any]:
    """Who may take the role: Step Functions."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
