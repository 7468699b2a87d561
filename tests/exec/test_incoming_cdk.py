"""State machines in CDK stacks: what the code says outright is read, the rest is told."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.text import parse
from studio.errors import StudioError
from studio.exec.incoming import read
from studio.export.cdk import cdk_python, cdk_typescript
from studio.export.settings import configured

GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/shop"
ROLE = "arn:aws:iam::123456789012:role/Orders"
ROOT: Any = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Comment": "ünï 🙂 'quoted' \\ `x`", "Result": "${Table}", "End": True}}}
FILE = '{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "Result": "${Table}", "End": true}}}\n'
FILES = {"order.asl.json": FILE, "flows/order.asl.json": FILE, "../flows/order.asl.json": FILE}


def beside(path: str) -> str:
    if path not in FILES:
        raise StudioError(f"There is no file {path}.")
    return FILES[path]


@pytest.mark.parametrize(("form", "file"), [(cdk_python, "stack.py"), (cdk_typescript, "stack.ts")])
@pytest.mark.parametrize(
    "config",
    [
        {"name": "Orders"},
        {"name": "Orders", "type": "EXPRESS", "logging": "OFF"},
        {
            "name": "Orders",
            "role": ROLE,
            "logging": "ALL",
            "logData": True,
            "logGroup": GROUP,
            "tracing": True,
            "kmsKey": "alias/orders",
            "kmsReuse": 60,
            "tags": {"team": "shop", "stage": "dev"},
        },
        {
            "name": "Orders",
            "logGroup": "/shop/orders",
            "kmsKey": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        },
    ],
)
def test_an_exported_stack_comes_back(form: Any, file: str, config: dict[str, Any]) -> None:
    (piece,) = read(file, form(configured("orders", ROOT, config)))
    assert (piece.name, parse(piece.text, "json").root, piece.beside) == ("Orders", ROOT, {"studio": {"config": config}})
    made = [] if "role" in config else ["not read from the code: role; `cdk synth` has the rest"]
    assert piece.notes == ["placeholders to be given values: Table", *made]


PYTHON = """
import json, os
from pathlib import Path
from aws_cdk import Duration, aws_stepfunctions as sfn

HERE = os.path.dirname(__file__)
TEXT = "x"

class Stack(cdk.Stack):
    def __init__(self, scope, id, **kwargs):
        table = dynamodb.Table(self, "Table")
        with open(os.path.join(HERE, "flows", "order.asl.json")) as file:
            text = file.read()
        self.machine = sfn.StateMachine(
            self, "Orders",
            definition_body=%s,
            definition_substitutions={"Table": "orders"%s},
            timeout=Duration.minutes(5),
            %s
        )
"""
SCRIPT = """
import * as sfn from 'aws-cdk-lib/aws-stepfunctions'; // it's a comment
export class Stack extends cdk.Stack {
  private readonly machine: sfn.StateMachine;
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    const handler = () => { return /["']/.test('x') ? 1 : 2 };
    const body = JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'flows', 'order.asl.json'), 'utf8'));
    this.machine = new sfn.StateMachine(this, 'Orders', {
      definitionBody: %s,
      definitionSubstitutions: { Table: 'orders'%s },
      timeout: cdk.Duration.minutes(5),
      %s
    });
  }
}
"""


@pytest.mark.parametrize(
    ("file", "text", "body"),
    [
        ("stack.py", PYTHON, 'sfn.DefinitionBody.from_file("order.asl.json")'),
        ("stack.py", PYTHON, 'sfn.DefinitionBody.from_file(path="flows/order.asl.json")'),
        ("stack.py", PYTHON, 'sfn.DefinitionBody.from_file(os.path.join(HERE, "..", "flows", "order.asl.json"))'),
        ("stack.py", PYTHON, 'sfn.DefinitionBody.from_file(str(Path(__file__).parent / "flows" / "order.asl.json"))'),
        ("stack.py", PYTHON, 'sfn.DefinitionBody.from_string(Path("order.asl.json").read_text())'),
        ("stack.py", PYTHON, "sfn.DefinitionBody.from_string(text)"),
        ("stack.py", PYTHON, 'sfn.DefinitionBody.from_string(open("order.asl.json").read())'),
        ("stack.ts", SCRIPT, "sfn.DefinitionBody.fromFile('order.asl.json')"),
        ("stack.ts", SCRIPT, "sfn.DefinitionBody.fromFile(path.join(__dirname, '../flows/order.asl.json'))"),
        ("stack.ts", SCRIPT, "sfn.DefinitionBody.fromFile(`${__dirname}/flows/order.asl.json`)"),
        ("stack.ts", SCRIPT, "sfn.DefinitionBody.fromString(fs.readFileSync('order.asl.json', 'utf8'))"),
        ("stack.ts", SCRIPT, "sfn.DefinitionBody.fromString(readFileSync('order.asl.json').toString())"),
        ("stack.ts", SCRIPT, "sfn.DefinitionBody.fromString(JSON.stringify(body))"),
    ],
)
def test_a_definition_in_a_file_of_its_own_is_followed(file: str, text: str, body: str) -> None:
    (piece,) = read(file, text % (body, "", ""), beside)
    assert (piece.name, parse(piece.text, "json").root) == ("Orders", parse(FILE, "json").root)
    assert piece.text == FILE or "stringify" in body
    assert piece.beside == {"studio": {"placeholders": {"Table": "orders"}, "config": {"logging": "OFF"}}}
    assert piece.notes == ["timeout left out, as CDK itself does for a definition that is text"]


@pytest.mark.parametrize(
    ("file", "text", "body", "more", "last"),
    [
        (
            "stack.py",
            PYTHON,
            'sfn.DefinitionBody.from_string(json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": fn.function_arn, "End": True}}}))',
            ', "Other": table.table_name',
            "role=role, logs=sfn.LogOptions(destination=group, level=sfn.LogLevel.ALL), tracing_enabled=True",
        ),
        (
            "stack.ts",
            SCRIPT,
            "sfn.DefinitionBody.fromString(JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Task', Resource: fn.function_arn, End: true } } }))",
            ", Other: table.tableName",
            "role, logs: { destination: group, level: sfn.LogLevel.ALL }, tracingEnabled: true, ...props",
        ),
    ],
)
def test_what_the_code_works_out_is_told(file: str, text: str, body: str, more: str, last: str) -> None:
    (piece,) = read(file, text % (body, more, last), beside)
    assert parse(piece.text, "json").root == {
        "StartAt": "A",
        "States": {"A": {"Type": "Task", "Resource": "${fn.function_arn}", "End": True}},
    }
    assert piece.beside == {"studio": {"config": {"logging": "ALL", "tracing": True}}}
    spread = "..., " if file == "stack.ts" else ""
    assert piece.notes == [
        "placeholders to be given values: fn.function_arn",
        f"not read from the code: {spread}logs.destination, role; `cdk synth` has the rest",
        "timeout left out, as CDK itself does for a definition that is text",
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('sfn.DefinitionBody.from_file("gone.json")', "There is no file gone.json"),
        ('sfn.DefinitionBody.from_file(f"{TEXT}.json")', "the path of its file is worked out by the code"),
        ("sfn.DefinitionBody.from_string(TEXT)", "its text is no definition"),
        ("sfn.DefinitionBody.from_string(made())", "its text is put together by the code"),
        ("sfn.DefinitionBody.from_chainable(chain)", "it is built of constructs; `cdk synth`"),
    ],
)
def test_what_cannot_be_read_says_why(body: str, says: str) -> None:
    with pytest.raises(StudioError, match=says):
        read("stack.py", PYTHON % (body, "", ""), beside)


def test_the_others_of_a_stack_are_told() -> None:
    text = PYTHON % ('sfn.DefinitionBody.from_file("order.asl.json")', "", "") + '\nsfn.StateMachine(app, "B", definition_body=built)\n'
    (piece,) = read("stack.py", text, beside)
    assert piece.notes[-1].startswith("the definition of B is not read: it is built of constructs")
