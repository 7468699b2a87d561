"""State machines in Terraform and CDK code: what the studio wrote comes back, and what people write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.asl.sidefile import filled
from studio.asl.text import parse
from studio.errors import StudioError
from studio.exec.incoming import read
from studio.export.settings import configured
from studio.export.terraform import terraform

GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/shop"
ROOT: dict[str, Any] = {
    "Comment": 'Charges, then ships; "quoted", 100 %{sure}, \\ and ünïcode 🙂',
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "${Function}", "Payload.$": "$", "Other": "'''"},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
CONFIGS: list[dict[str, Any]] = [
    {"name": "Orders"},
    {"name": "Orders", "logging": "OFF", "type": "EXPRESS"},
    {
        "name": "Orders",
        "role": "arn:aws:iam::123456789012:role/Orders",
        "logging": "ALL",
        "logData": True,
        "logGroup": GROUP,
        "tracing": True,
        "kmsKey": "alias/orders",
        "kmsReuse": 60,
        "tags": {"team": "shop"},
    },
    {"name": "Orders", "logGroup": "/shop/orders"},
]


@pytest.mark.parametrize("config", CONFIGS)
def test_an_exported_configuration_of_terraform_comes_back(config: dict[str, Any]) -> None:
    (piece,) = read("main.tf", terraform(configured("orders", ROOT, config)))
    side = piece.beside["studio"]
    assert (piece.name, side) == ("Orders", {"config": config})
    wanted = filled(ROOT, {"Function": "${function}"})  # a variable of Terraform is in small letters
    assert parse(piece.text, "json").root == wanted
    assert piece.notes == ["placeholders to be given values: function"]


WRITTEN = """
# a comment with "quotes" and { braces
variable "table" {
  type    = string
  default = "orders"
}
locals { x = [for s in var.list : upper(s) if s != ""] }
data "aws_iam_policy_document" "x" { statement { actions = ["sts:AssumeRole"] } }
resource "aws_sfn_state_machine" "pay" {
  name     = "pay-${terraform.workspace}" /* worked out */
  role_arn = aws_iam_role.pay.arn
  definition = jsonencode({
    StartAt = "Put" // first
    States = {
      "Put" : {
        Type     = "Task",
        Resource = "arn:aws:states:::dynamodb:putItem"
        Parameters = {
          TableName = var.table
          Item      = { "id" = { "S.$" = "$.id" }, n = { N = "${var.count}0" } }
        }
        Retry = [{ ErrorEquals = ["States.ALL"], MaxAttempts = 2, BackoffRate = 1.5 }]
        Next  = "Call"
      }
      Call = { Type = "Task", Resource = aws_lambda_function.call[0].arn, End = true }
    }
  })
  lifecycle { ignore_changes = all }
}
resource "aws_sfn_state_machine" "other" {
  name       = "other"
  definition = templatefile("${path.module}/other.asl.json", { a = 1 })
}
"""


def test_a_configuration_as_people_write_it() -> None:
    (piece,) = read("main.tf", WRITTEN)
    assert json.loads(piece.text) == {
        "StartAt": "Put",
        "States": {
            "Put": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:putItem",
                "Parameters": {"TableName": "${table}", "Item": {"id": {"S.$": "$.id"}, "n": {"N": "${count}0"}}},
                "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "BackoffRate": 1.5}],
                "Next": "Call",
            },
            "Call": {"Type": "Task", "Resource": "${aws_lambda_function.call[0].arn}", "End": True},
        },
    }
    assert piece.name == "pay"
    assert piece.beside == {"studio": {"placeholders": {"table": "orders"}, "config": {"name": "pay", "logging": "OFF"}}}
    assert piece.notes == [
        "placeholders to be given values: aws_lambda_function.call[0].arn, count",
        "the definition of other is not read: other.asl.json is a file of its own. Import that one, or put main.tf into the workspace "
        "where it finds the file.",
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("main.tf", 'resource "aws_sqs_queue" "q" {}', "no definition as text"),
        ("main.tf", 'resource "aws_sfn_state_machine" "q" { definition = "{" }', "is not JSON"),
        ("main.tf", 'resource "aws_sfn_state_machine" "q" {', "cannot be read"),
        ("main.tf", "", "no definition as text"),
        ("stack.py", "import aws_cdk\nchain = sfn.Chain.start(a).next(b)\n", "no definition as text"),
        ("stack.py", "def f(:", "not Python"),
        ("stack.ts", "const a = {b: {}};", "no definition as text"),
    ],
)
def test_what_holds_no_definition_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(StudioError, match=message):
        read(name, text)
