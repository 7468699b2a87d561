"""Exports as their readers read them: cfn-lint, an HCL parser, Python's own compiler, a JSON reader."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import hcl2
import pytest

from studio.asl.text import parse
from studio.errors import StudioError
from studio.export import FORMS
from studio.export.cdk import cdk_python, cdk_typescript
from studio.export.cloudformation import cloudformation, sam
from studio.export.image import image
from studio.export.markdown import markdown
from studio.export.mermaid import mermaid
from studio.export.terraform import terraform
from studio.export.workflow import Substituted, Workflow, placeholders, substituted

GALLERY = sorted((Path(__file__).parents[2] / "templates").glob("*/workflow.asl.json"))
CORPUS = sorted((Path(__file__).parents[1] / "corpus" / "valid").glob("*.json"))
ORDER: dict[str, Any] = {
    "Comment": 'Charges, then ships; "quoted", 100 %{sure}',
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:charge", "Payload.$": "$"},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Tell"}],
            "Next": "Keep",
        },
        "Keep": {
            "Type": "Task",
            "Resource": "arn:${AWS::Partition}:states:::dynamodb:putItem",
            "Parameters": {"TableName": "${Table}", "Item": {"id": {"S.$": "$.id"}}},
            "End": True,
        },
        "Tell": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:failures", "Message": "'''"},
            "End": True,
        },
    },
}
WORKFLOW = Workflow("order pipeline", ORDER, tracing=True, log_level="ALL", log_data=True, tags={"team": "shop"})


def yaml(text: str) -> Any:
    return parse(text, "yaml").root


def test_resources_become_placeholders_with_their_value_as_default() -> None:
    done = substituted(ORDER)
    assert (done.values, done.pseudo) == (
        {
            "Table": None,
            "ChargeFunctionName": "arn:aws:lambda:us-east-1:123456789012:function:charge",
            "TellTopicArn": "arn:aws:sns:us-east-1:123456789012:failures",
        },
        {"AWSPartition": "AWS::Partition"},
    )
    states: Any = done.root["States"]
    assert [states[name]["Resource"] for name in states] == [
        "arn:aws:states:::lambda:invoke",
        "arn:${AWSPartition}:states:::dynamodb:putItem",
        "arn:aws:states:::sns:publish",
    ]
    assert states["Charge"]["Parameters"] == {"FunctionName": "${ChargeFunctionName}", "Payload.$": "$"}


def test_what_is_no_resource_stays() -> None:
    root: dict[str, Any] = {
        "StartAt": "A",
        "States": {
            "A": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": "{% $f %}", "Payload": "a.b"},
                "QueryLanguage": "JSONata",
                "Next": "B",
            },
            "B": {"Type": "Pass", "Result": "arn:aws:sns:us-east-1:123456789012:text", "End": True},
        },
    }
    assert substituted(root) == Substituted(root, {}, {})


def test_placeholders_are_told_as_they_are_written() -> None:
    assert placeholders({"a": "${Pay.Arn} ${AWS::Region}", "b": "${Pay.Arn}"}) == ["Pay.Arn", "AWS::Region"]
    assert substituted({"a": "${Pay.Arn}"}) == Substituted({"a": "${PayArn}"}, {"PayArn": None}, {})


def test_a_sam_template_and_a_cloudformation_template_hold_the_same_machine() -> None:
    simple, plain = yaml(sam(WORKFLOW)), yaml(cloudformation(WORKFLOW))
    one, two = simple["Resources"]["OrderPipeline"]["Properties"], plain["Resources"]["OrderPipeline"]["Properties"]
    assert one["Definition"] == two["Definition"] == substituted(ORDER).root
    assert one["DefinitionSubstitutions"] == {
        "Table": {"Ref": "Table"},
        "ChargeFunctionName": {"Ref": "ChargeFunctionName"},
        "TellTopicArn": {"Ref": "TellTopicArn"},
        "AWSPartition": {"Ref": "AWS::Partition"},
    }
    assert one["Logging"] == two["LoggingConfiguration"]
    assert simple["Parameters"] == plain["Parameters"]
    role = plain["Resources"]["OrderPipelineRole"]["Properties"]
    assert one["Policies"][0]["Statement"] == role["Policies"][0]["PolicyDocument"]["Statement"]
    assert [s["Resource"] for s in one["Policies"][0]["Statement"][:1]] == [[{"Ref": "ChargeFunctionName"}]]


@pytest.mark.parametrize("write", [sam, cloudformation])
def test_templates_pass_cfn_lint(write: Any, tmp_path: Path) -> None:
    gallery = [Workflow(path.parent.name, json.loads(path.read_text())) for path in GALLERY]
    named = [WORKFLOW, *(Workflow(path.stem, root) for path, root in corpus(7)), *gallery]
    files = [tmp_path / f"{index}.yaml" for index in range(len(named))]
    for file, workflow in zip(files, named, strict=True):
        file.write_text(write(workflow), "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cfnlint", "--format", "json", *map(str, files)], capture_output=True, text=True, check=False
    )
    found = json.loads(done.stdout or "[]")
    assert [(m["Filename"], m["Rule"]["Id"], m["Message"]) for m in found if m["Level"] == "Error"] == []


def corpus(count: int) -> list[tuple[Path, dict[str, Any]]]:
    """Definitions of the corpus that carry their own resources' names (a template with its placeholders' values taken out lints no more)."""
    found: list[tuple[Path, dict[str, Any]]] = []
    for path in CORPUS[:: max(1, len(CORPUS) // 40)]:
        text = path.read_text("utf-8")
        if "${" in text or "_PLACEHOLDER" in text or "<" in text:
            continue
        root = parse(text, "json").root
        if isinstance(root, dict):
            found.append((path, root))
    return found[:count]


def test_a_cdk_stack_in_python_holds_the_definition_as_it_is() -> None:
    module = ast.parse(cdk_python(WORKFLOW))
    literal = next(n.value for n in module.body if isinstance(n, ast.Assign))
    assert json.loads(ast.literal_eval(literal)) == substituted(ORDER, extract=False).root
    calls = {node.func.attr: node for node in ast.walk(module) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in calls["StateMachine"].keywords}
    assert given["definition_substitutions"] == "{'Table': self.node.get_context('Table'), 'AWSPartition': cdk.Aws.PARTITION}"
    assert (given["state_machine_type"], given["tracing_enabled"]) == ("sfn.StateMachineType.STANDARD", "True")


def test_a_cdk_stack_in_typescript_holds_the_definition_as_it_is() -> None:
    text = cdk_typescript(WORKFLOW)
    found = re.search(r"^const definition = (\{.*?^\});", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    assert json.loads(found[1]) == substituted(ORDER, extract=False).root
    assert 'definitionSubstitutions: { "Table": this.node.getContext("Table"), "AWSPartition": cdk.Aws.PARTITION }' in text


def test_terraform_is_read_back() -> None:
    text = terraform(WORKFLOW)
    read = hcl2.loads(text)
    assert [next(iter(block)).strip('"') for block in read["resource"]] == [
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_cloudwatch_log_group",
        "aws_sfn_state_machine",
    ]
    body = text[text.index("<<-JSON\n") + 8 : text.index("\n  JSON\n")]
    back = (
        body.replace("${var.table}", "${Table}").replace("${data.aws_partition.current.partition}", "${AWSPartition}").replace("%%{", "%{")
    )
    assert json.loads(back) == substituted(ORDER, extract=False).root


def test_a_mermaid_diagram_nests_and_escapes() -> None:
    root = {
        "StartAt": 'a"b; c',
        "States": {
            'a"b; c': {"Type": "Parallel", "Branches": [scope("X"), scope("Y")], "Next": "Z"},
            "Z": {"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Next": "End it"}], "Default": "End it"},
            "End it": {"Type": "Succeed"},
        },
    }
    assert mermaid(root) == (
        "stateDiagram-v2\n"
        '  state "a#34;b#59; c" as s1 {\n'
        '    state "X" as s4\n'
        "    [*] --> s4\n"
        "    s4 --> [*]\n"
        "    --\n"
        '    state "Y" as s5\n'
        "    [*] --> s5\n"
        "    s5 --> [*]\n"
        "  }\n"
        '  state "Z" as s2\n'
        '  state "End it" as s3\n'
        "  [*] --> s1\n"
        "  s1 --> s2\n"
        "  s2 --> s3: $.a = 1\n"
        "  s2 --> s3: Default\n"
        "  s3 --> [*]\n"
    )


def scope(name: str) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}}


def test_the_documentation_names_every_state_error_and_permission() -> None:
    text = markdown(WORKFLOW)
    assert [line for line in text.splitlines() if line.startswith("| **")] == [
        "| **Charge** | Task | Lambda · Invoke | Keep | States.ALL: caught, to Tell |",
        "| **Keep** | Task | DynamoDB · PutItem | the end |  |",
        "| **Tell** | Task | SNS · Publish | the end |  |",
    ]
    assert "`lambda:InvokeFunction`" in text
    assert "- `${Table}`" in text


def test_markup_in_names_stays_text() -> None:
    root = {"StartAt": "<b>|x|</b>", "States": {"<b>|x|</b>": {"Type": "Pass", "End": True}}}
    assert "**\\<b\\>\\|x\\|\\</b\\>**" in markdown(Workflow("n", root))


def test_pictures_need_graphviz_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StudioError, match="Graphviz's `dot` is not installed"):
        image(WORKFLOW, "png")


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize(("form", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_pictures(form: Any, begins: bytes) -> None:
    assert image(WORKFLOW, form).startswith(begins)


@pytest.mark.parametrize("path", CORPUS[::15], ids=lambda path: path.stem)
def test_every_textual_form_takes_every_definition(path: Path) -> None:
    root = parse(path.read_text("utf-8"), "json").root
    if not isinstance(root, dict):
        pytest.skip("not a definition")
    for name, form in FORMS.items():
        if name not in {"png", "pdf"}:
            assert form.write(Workflow(path.stem, root))


@pytest.mark.parametrize(
    ("name", "identifier", "machine"),
    [
        ("order pipeline", "OrderPipeline", "order-pipeline"),
        ("7 steps", "Workflow7Steps", "7-steps"),
        ("ünï/x", "NX", "n-x"),
        ("//", "Workflow", "workflow"),
    ],
)
def test_names(name: str, identifier: str, machine: str) -> None:
    workflow = Workflow(name, ORDER)
    assert (workflow.identifier, workflow.machine_name) == (identifier, machine)
