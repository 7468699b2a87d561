"""What a dropped file holds."""

from __future__ import annotations

import json

import pytest

from studio.errors import StudioError, TextError
from studio.exec.incoming import Piece, read

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
TEXT = json.dumps(PASS, indent=2)
TEMPLATE = """\
Resources:
  Orders:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineType: EXPRESS
      DefinitionSubstitutions:
        Table: !Ref Orders
      Definition:
        StartAt: A
        States:
          A: {Type: Pass, End: true}
  Elsewhere:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: machines/elsewhere.asl.json
"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("order flow.asl.json", TEXT, [Piece("order flow", TEXT)]),
        ("a/b/pay.json", "\ufeff" + TEXT, [Piece("pay", "\ufeff" + TEXT)]),
        ("pay.yml", "StartAt: A\nStates: {}\n", [Piece("pay", "StartAt: A\nStates: {}\n", yaml=True)]),
        ("pay.txt", TEXT, [Piece("pay.txt", TEXT)]),
        (
            "template.yaml",
            TEMPLATE,
            [
                Piece(
                    "Orders",
                    "StartAt: A\nStates:\n  A: {Type: Pass, End: true}\n",
                    yaml=True,
                    beside={"studio": {"config": {"type": "EXPRESS", "logging": "OFF"}}},
                    notes=[
                        "placeholders to be given values: Table",
                        "the definition of Elsewhere is a file of its own; import that one too",
                    ],
                )
            ],
        ),
    ],
)
def test_what_a_file_holds(name: str, text: str, expected: list[Piece]) -> None:
    assert read(name, text) == expected


@pytest.mark.parametrize(("name", "file"), [("order flow", "order-flow.asl.json"), ("../x", "x.asl.json"), ("…", "workflow.asl.json")])
def test_a_name_becomes_a_file(name: str, file: str) -> None:
    assert Piece(name, "{}").file == file


@pytest.mark.parametrize(
    ("name", "text", "error", "message"),
    [
        ("a.json", "[1, 2]", StudioError, "neither a definition, nor a template"),
        ("a.json", '{"events": []}', StudioError, "history without its definition"),
        ("a.json", '{"StartAt": ', TextError, "end of text"),
        ("t.yaml", "Resources: {Q: {Type: AWS::SQS::Queue}}", StudioError, "no state machine"),
        ("run.json", '{"format": "asl-studio/run/9", "events": []}', StudioError, "this studio reads"),
        ("run.json", '{"format": "asl-studio/run/1", ', StudioError, "is not JSON"),
    ],
)
def test_what_is_no_workflow_is_refused(name: str, text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read(name, text)
