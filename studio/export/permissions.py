"""The statements of the role that an exported state machine runs with: its tasks', its logs', its traces', its key's."""

from __future__ import annotations

from typing import Any

from studio.asl.tree import Json
from studio.catalogue import iam
from studio.catalogue.iam import Statement
from studio.export.workflow import LOG_ACTIONS, TRACE_ACTIONS, Workflow


def explained(workflow: Workflow, root: Json = None, **where: str) -> list[Statement]:
    """The statements with a reason each, the definition's first; of `root` where it is to be another than the workflow's. `where` (`partition`,
    `region`, `account`) narrows the resources that are named without them.
    """
    found = iam.statements(root or workflow.root, tracing=False, **where)  # type: ignore[arg-type] - its other members are these three
    if workflow.log_level != "OFF":
        found.append(Statement("*", LOG_ACTIONS, (f"Logging is {workflow.log_level}: delivers the log to CloudWatch Logs",)))
    if workflow.tracing:
        found.append(Statement("*", TRACE_ACTIONS, ("Tracing is on: sends traces to X-Ray",)))
    if workflow.kms_key:
        found.append(Statement(_key_arn(workflow.kms_key), ("kms:Decrypt", "kms:GenerateDataKey"), (_why_key(workflow.kms_key),)))
    return found


def role_statements(workflow: Workflow, root: Json = None, **where: str) -> list[dict[str, Any]]:
    """The same as IAM has them (`Effect`, `Action`, `Resource`): those with equal actions in one."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for statement in explained(workflow, root, **where):
        grouped.setdefault(statement.actions, []).append(statement.resource)
    return [
        {
            "Effect": "Allow",
            "Action": list(actions),
            "Resource": "*" if "*" in resources else sorted(resources),
        }
        for actions, resources in grouped.items()
    ]


def policy(workflow: Workflow) -> dict[str, Any]:
    """The whole policy document of the role."""
    found = role_statements(workflow)
    return {"Version": "2012-10-17", "Statement": [{"Sid": f"S{i}", **statement} for i, statement in enumerate(found, 1)]}


def _key_arn(key: str) -> str:
    """What a policy names a key by: its ARN. An alias is none, so it stands for every key, to be narrowed."""
    if key.startswith("arn:") and ":alias/" not in key:
        return key
    return "arn:aws:kms:*:*:key/*" if "alias/" in key else f"arn:aws:kms:*:*:key/{key}"


def _why_key(key: str) -> str:
    why = "Encryption: the definition, inputs, outputs and history are encrypted with this key"
    return f"{why}; a policy cannot name an alias, so put the key's ARN here" if "alias/" in key else why


def trust() -> dict[str, Any]:
    """Who may take the role: Step Functions."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
