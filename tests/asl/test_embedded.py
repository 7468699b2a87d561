from __future__ import annotations

import json

import pytest

from studio.asl import embedded
from studio.asl.text import parse

YAML_OBJECT = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Orders:  # the state machine
    Type: AWS::Serverless::StateMachine
    Properties:
      Type: EXPRESS
      DefinitionSubstitutions:
        TableName: !Ref Table
      Definition:
        StartAt: Store
        States:
          # keeps the order
          Store:
            Type: Task
            Resource: arn:aws:states:::dynamodb:putItem
            Parameters:
              TableName: ${TableName}

            End: true
      Role: !GetAtt Role.Arn
"""
YAML_SUB = """\
Resources:
  Orders:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub |
        {
          "StartAt": "Store",
          "States": {
            "Store": {"Type": "Task", "Resource": "${Function.Arn}", "End": true}
          }
        }
      RoleArn: !GetAtt Role.Arn
"""
JSON_STRING = json.dumps(
    {
        "Resources": {
            "Orders": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"DefinitionString": '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}'},
            }
        }
    },
    indent=2,
)
CDK_JOIN = json.dumps(
    {
        "Resources": {
            "Orders": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "DefinitionString": {
                        "Fn::Join": [
                            "",
                            ['{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"', {"Fn::GetAtt": ["Fn", "Arn"]}, '","End":true}}}'],
                        ]
                    }
                },
            }
        }
    },
    indent=1,
)


@pytest.mark.parametrize(
    ("text", "format_", "form", "kind", "placeholder"),
    [
        (YAML_OBJECT, "yaml", "object", "EXPRESS", "${TableName}"),
        (YAML_SUB, "yaml", "text", "STANDARD", "${Function.Arn}"),
        (JSON_STRING, "json", "text", "STANDARD", ""),
        (CDK_JOIN, "json", "join", "STANDARD", "${Fn.Arn}"),
    ],
)
def test_a_definition_is_taken_out_and_put_back(text: str, format_: str, form: str, kind: str, placeholder: str) -> None:
    template = parse(text, format_)
    (found,) = embedded.find(template.root)
    assert (found.name, found.form, found.kind) == ("Orders", form, kind)
    taken = embedded.extract(template, found)
    root = parse(taken.text, taken.format).root
    assert isinstance(root, dict)
    assert set(root) == {"StartAt", "States"}
    assert placeholder in taken.text
    assert embedded.implant(template, taken, taken.text) == text


@pytest.mark.parametrize(
    ("text", "format_", "old", "new"),
    [
        (YAML_OBJECT, "yaml", "End: true", "Next: Done"),
        (YAML_SUB, "yaml", '"End": true', '"Next": "Done"'),
        (CDK_JOIN, "json", '"End":true', '"Next":"Done"'),
    ],
)
def test_an_edit_changes_its_own_line_only(text: str, format_: str, old: str, new: str) -> None:
    template = parse(text, format_)
    taken = embedded.extract(template, embedded.find(template.root)[0])
    changed = embedded.implant(template, taken, taken.text.replace(old, new))
    before, after = text.splitlines(), changed.splitlines()
    assert len(before) == len(after)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    assert embedded.extract(parse(changed, format_), embedded.find(parse(changed, format_).root)[0]).text == taken.text.replace(old, new)


def test_a_definition_is_not_a_template() -> None:
    assert embedded.find({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}) == []
    assert embedded.find({"Resources": {"A": {"Type": "AWS::S3::Bucket"}, "B": None}}) == []
