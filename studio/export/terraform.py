"""A Terraform configuration of a workflow: state machine, role with its policy, log group.

The definition stands in it as JSON (a heredoc); each placeholder becomes a variable.

Specs: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sfn_state_machine,
https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import json
import re
from typing import Any

from studio.asl.text import dump
from studio.asl.tree import Json
from studio.export.permissions import role_statements, trust
from studio.export.workflow import PLACEHOLDER, Workflow, substituted

_PSEUDO = {
    "AWS::Partition": "data.aws_partition.current.partition",
    "AWS::Region": "data.aws_region.current.region",
    "AWS::AccountId": "data.aws_caller_identity.current.account_id",
}
"""CloudFormation's pseudo parameters as Terraform has them."""


def terraform(workflow: Workflow) -> str:
    """A configuration in HCL."""
    label = _label(workflow.identifier)
    filled = substituted(workflow.root, extract=False)
    names = {name: f"var.{_label(name)}" for name in filled.values} | {
        key: _PSEUDO[name] for key, name in filled.pseudo.items() if name in _PSEUDO
    }
    blocks = [
        'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}',
        *(
            f'variable "{_label(name)}" {{\n  type        = string\n  description = {_text(f"Fills the placeholder {name} of the definition")}\n}}'
            for name in filled.values
        ),
        *(f'data "{source.split(".")[1]}" "current" {{}}' for name, source in _PSEUDO.items() if name in filled.pseudo.values()),
        *(
            (
                f'resource "aws_iam_role" "{label}" {{\n  name               = {_text(f"{workflow.machine_name[:58]}-role")}\n'
                f"  assume_role_policy = jsonencode({_value(trust(), 1)})\n}}",
            )
            if not workflow.role
            else ()
        ),
    ]
    statements = role_statements(workflow, filled.root) if not workflow.role else []
    if statements:
        document = {"Version": "2012-10-17", "Statement": statements}
        blocks.append(
            f'resource "aws_iam_role_policy" "{label}" {{\n  name   = "workflow"\n  role   = aws_iam_role.{label}.id\n'
            f"  policy = jsonencode({_value(document, 1, names)})\n}}"
        )
    machine = [
        f'resource "aws_sfn_state_machine" "{label}" {{',
        f"  name     = {_text(workflow.machine_name)}",
        f"  role_arn = {_text(workflow.role) if workflow.role else f'aws_iam_role.{label}.arn'}",
        f'  type     = "{workflow.type}"',
    ]
    if workflow.log_level != "OFF":
        destination = f'"{workflow.log_group_arn}"'
        if workflow.makes_log_group:
            destination = f'"${{aws_cloudwatch_log_group.{label}.arn}}:*"'
            blocks.append(
                f'resource "aws_cloudwatch_log_group" "{label}" {{\n'
                f"  name              = {_text(workflow.log_group_name)}\n  retention_in_days = 14\n}}"
            )
        machine += [
            "  logging_configuration {",
            f'    level                  = "{workflow.log_level}"',
            f"    include_execution_data = {str(workflow.log_data).lower()}",
            f"    log_destination        = {destination}",
            "  }",
        ]
    if workflow.tracing:
        machine += ["  tracing_configuration {", "    enabled = true", "  }"]
    if workflow.kms_key:
        machine += [
            "  encryption_configuration {",
            '    type                              = "CUSTOMER_MANAGED_KMS_KEY"',
            f"    kms_key_id                        = {_text(workflow.kms_key)}",
            f"    kms_data_key_reuse_period_seconds = {workflow.kms_reuse}",
            "  }",
        ]
    if workflow.tags:
        machine.append(f"  tags = {_value(dict(workflow.tags), 1)}")
    machine += [f"  definition = <<-JSON\n{_heredoc(filled.root, names)}  JSON", "}"]
    blocks += ["\n".join(machine), f'output "state_machine_arn" {{\n  value = aws_sfn_state_machine.{label}.arn\n}}']
    return "\n\n".join(blocks) + "\n"


def _label(name: str) -> str:
    """`OrderPipeline` becomes `order_pipeline`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _text(value: str, names: dict[str, str] | None = None) -> str:
    written = _escaped(json.dumps(value, ensure_ascii=False))
    return _filled(written, names or {})


def _filled(text: str, names: dict[str, str]) -> str:
    """Placeholders (escaped already) as references to variables."""
    return re.sub(rf"\${PLACEHOLDER.pattern}", lambda m: f"${{{names[m[1]]}}}" if m[1] in names else m[0], text)


def _heredoc(root: Json, names: dict[str, str]) -> str:
    text = _filled(_escaped(dump(root, "json")), names)
    return "".join(f"    {line}\n" for line in text.splitlines())


def _value(value: Any, depth: int, names: dict[str, str] | None = None) -> str:
    """A JSON value as an HCL expression."""
    pad, end = "  " * (depth + 1), "  " * depth
    match value:
        case dict():
            lines = [f"{pad}{json.dumps(key)} = {_value(held, depth + 1, names)}" for key, held in value.items()]
            return "{\n" + "\n".join(lines) + f"\n{end}}}" if lines else "{}"
        case list():
            lines = [f"{pad}{_value(held, depth + 1, names)}," for held in value]
            return "[\n" + "\n".join(lines) + f"\n{end}]" if lines else "[]"
        case str():
            return _text(value, names)
        case _:
            return json.dumps(value)
