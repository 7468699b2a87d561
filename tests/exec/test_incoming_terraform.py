"""Definitions that a Terraform configuration has in files of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.errors import StudioError
from studio.exec.incoming import read

PASS: Any = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
FILES = {
    "order.asl.json": '{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "Comment": "${kept}", "End": true}}}\n',
    "flows/order.asl.yaml": "StartAt: A\nStates: {A: {Type: Pass, End: true}} # why\n",
    "order.tpl.json": """{
  "StartAt": "Put",
  "States": {
    "Put": {
      "Type": "Task", "Resource": "${ function }", "TimeoutSeconds": ${timeout}, "Retry": ${jsonencode(retry)},
      "Comment": "${stage}-${stage} ${count} $${literal} ${nobody}", "End": true
    }
  }
}
""",
    "loop.tpl.json": '{"StartAt": "A", "States": {%{ for s in names }"A": {"Type": "Succeed"}%{ endfor }}}',
    "upper.tpl.json": '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${upper(a)}", "End": true}}}',
    "broken.json": "{",
    "other.json": "[]",
}


def beside(path: str) -> str:
    if path not in FILES:
        raise StudioError(f"There is no file {path}.")
    return FILES[path]


def machine(definition: str, more: str = "") -> str:
    return f'resource "aws_sfn_state_machine" "m" {{\n  name = "orders"\n  definition = {definition}\n}}\n{more}'


@pytest.mark.parametrize(
    ("text", "definition"),
    [
        (machine('file("${path.module}/order.asl.json")'), FILES["order.asl.json"]),
        (machine('file("./order.asl.json")'), FILES["order.asl.json"]),
        (machine('file("${path.root}/${var.what}.asl.json")', 'variable "what" { default = "order" }'), FILES["order.asl.json"]),
        (machine("local.text", 'locals {\n  text = file("${local.at}")\n  at = "./order.asl.json"\n}'), FILES["order.asl.json"]),
        (machine('jsonencode(yamldecode(file("flows/order.asl.yaml")))'), json.dumps(PASS, indent=2) + "\n"),
    ],
    ids=["module", "relative", "variable", "local", "YAML"],
)
def test_a_file_is_taken_as_it_is(text: str, definition: str) -> None:
    (piece,) = read("main.tf", text, beside)
    assert (piece.name, piece.text, piece.notes) == ("orders", definition, [])
    assert piece.beside == {"studio": {"config": {"name": "orders", "logging": "OFF"}}}


TEMPLATE = machine(
    """templatefile("${path.module}/order.tpl.json", {
    function = aws_lambda_function.put.arn
    timeout  = var.timeout
    retry    = [{ ErrorEquals = ["States.ALL"] }]
    stage    = "${var.stage}-1"
    count    = 3
    unused   = "x"
  })""",
    'variable "timeout" { default = 30 }\nvariable "stage" { default = "dev" }\n',
)


def test_the_variables_of_a_template_are_placeholders() -> None:
    (piece,) = read("main.tf", TEMPLATE, beside)
    assert piece.text == FILES["order.tpl.json"].replace("${ function }", "${function}").replace("$${", "${").replace(
        "${jsonencode(retry)}", '[{"ErrorEquals": ["States.ALL"]}]'
    )
    assert piece.beside["studio"]["placeholders"] == {"timeout": 30, "stage": "dev-1", "count": "3"}
    assert piece.notes == ["placeholders to be given values: function (aws_lambda_function.put.arn), literal, nobody"]


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ('file("gone.json")', "There is no file gone.json"),
        ('file("${var.stage}.json")', "the path of its file, .*stage.*, is worked out by Terraform"),
        ('templatefile("./loop.tpl.json", {})', "holds %{ for s in names }, which only Terraform works out"),
        ('templatefile("./upper.tpl.json", { a = 1 })', r"holds \$\{upper\(a\)\}, which only Terraform works out"),
        ('file("./broken.json")', "cannot be read"),
        ('file("./other.json")', "holds no definition"),
        ('replace(file("./order.asl.json"), "a", "b")', r"replace\(…\) is worked out by Terraform"),
        ("module.flow.definition", "is module.flow.definition, which Terraform works out"),
        ('var.fast ? file("./order.asl.json") : ""', "an expression with ?"),
    ],
)
def test_what_cannot_be_followed_says_why(definition: str, says: str) -> None:
    with pytest.raises(StudioError, match=says.replace("with ?", r"with \?")):
        read("main.tf", machine(definition), beside)


def test_one_that_cannot_be_followed_leaves_the_others() -> None:
    text = machine('file("./order.asl.json")') + 'resource "aws_sfn_state_machine" "b" {\n  definition = file("gone.json")\n}\n'
    (piece,) = read("main.tf", text, beside)
    assert piece.notes == ["the definition of b is not read: There is no file gone.json."]


def test_settings_by_variables_are_resolved_or_left_out() -> None:
    settings = "type = var.kind\n  logging_configuration {\n    level = var.level\n    log_destination = var.nobody\n  }"
    text = machine(f'file("./order.asl.json")\n  {settings}', 'variable "kind" { default = "EXPRESS" }')
    (piece,) = read("main.tf", text, beside)
    assert piece.beside["studio"]["config"] == {"name": "orders", "type": "EXPRESS", "logging": "OFF"}
