from __future__ import annotations

import json
from typing import Any

import pytest
from canvas_definitions import FILES, load

from studio.asl import graph as asl_graph
from studio.asl.document import Document
from studio.canvas.clipboard import copy
from studio.canvas.intents import to_transaction
from studio.errors import EditRefused

CHAIN: Any = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "Seconds": 1, "Next": "C"}, "C": {"Type": "Pass", "End": True}},
}


def pasted(root: Any, text: str, **where: Any) -> tuple[str, Any]:
    before = Document.open(json.dumps(root))
    transaction = to_transaction({"kind": "command", "command": "paste", "text": text, **where}, before)
    assert transaction is not None
    return transaction.label, before.apply(transaction).root


def test_a_copy_is_a_definition_of_its_own() -> None:
    text = copy(CHAIN, [("States", "A"), ("States", "B")])
    assert json.loads(text) == {
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "Seconds": 1, "End": True}},
    }


def test_pasting_what_was_copied_gives_new_names_and_splices() -> None:
    label, after = pasted(CHAIN, copy(CHAIN, [("States", "A"), ("States", "B")]), target={"edge": "/States/B/Next"})
    assert label == "paste 2 states"
    assert after["States"]["B"]["Next"] == "A (2)"
    assert after["States"]["A (2)"] == {"Type": "Pass", "Next": "B (2)"}
    assert after["States"]["B (2)"] == {"Type": "Wait", "Seconds": 1, "Next": "C"}


@pytest.mark.parametrize(
    "text",
    [
        '{"Type": "Wait", "Seconds": 9}',
        '{"Wait": {"Type": "Wait", "Seconds": 9, "Next": "Elsewhere"}}',
        '"Wait": {"Type": "Wait", "Seconds": 9, "End": true},',
        "Type: Wait\nSeconds: 9\n",
        "StartAt: Wait\nStates:\n  Wait:\n    Type: Wait\n    Seconds: 9\n    End: true\n",
    ],
)
def test_a_state_in_many_shapes(text: str) -> None:
    label, after = pasted(CHAIN, text, ids=["/States/A"])
    assert label == "paste *Wait*"
    assert after["States"]["A"]["Next"] == "Wait"
    assert after["States"]["Wait"] == {"Type": "Wait", "Seconds": 9, "Next": "B"}


def test_loops_and_choices_keep_their_ways() -> None:
    loop = {
        "StartAt": "Try",
        "States": {
            "Try": {"Type": "Pass", "Next": "Done?"},
            "Done?": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Try"}], "Default": "Out"},
            "Out": {"Type": "Pass", "End": True},
        },
    }
    _, after = pasted(CHAIN, json.dumps(loop), target={"edge": "/States/C/Next"})
    states = after["States"]
    assert states["C"]["Next"] == "Try"
    assert states["Done?"] == loop["States"]["Done?"]
    assert states["Out"] == {"Type": "Pass", "End": True}


def test_names_inside_containers_become_free_too() -> None:
    inner = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    _, after = pasted(CHAIN, json.dumps({"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}))
    processor = after["States"]["M"]["ItemProcessor"]
    assert processor == {"StartAt": "A (2)", "States": {"A (2)": {"Type": "Pass", "End": True}}}


def test_a_definition_into_an_empty_workflow_is_that_definition() -> None:
    _, after = pasted({}, json.dumps(CHAIN))
    assert after == CHAIN


@pytest.mark.parametrize("text", ["", "hello", "[1, 2]", '{"a": 1}', "{", '{"States": {}}', '{"Type": 7}', '"just a string"'])
def test_what_holds_no_states_is_refused(text: str) -> None:
    with pytest.raises(EditRefused):
        pasted(CHAIN, text)


def test_ends_are_not_pasted_into_the_middle() -> None:
    with pytest.raises(EditRefused, match="cut off"):
        pasted(CHAIN, '{"Type": "Fail"}', target={"edge": "/States/A/Next"})


@pytest.mark.parametrize("path", FILES[::8], ids=lambda path: path.stem)
def test_all_states_of_a_definition_can_be_copied_and_pasted_into_an_empty_one(path: Any) -> None:
    root = load(path)
    graph = asl_graph.build(root)
    top = graph.scopes[("States",)]
    if not top.states:
        return
    _, after = pasted({}, copy(root, list(top.states)))
    again = asl_graph.build(after)
    assert {p[-1] for p in again.states} == {p[-1] for p in graph.states}
    ways = {(t.slot, t.target) for t in graph.transitions if t.kind == "next" and not t.missing}
    assert ways <= {(t.slot, t.target) for t in again.transitions}


MACHINE: Any = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
RESOURCE: Any = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": json.dumps(MACHINE), "RoleArn": "r"}}
SAM = """
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: P
        States:
          P:
            Type: Pass
            End: true
"""
SUB = """
Resources:
  Role: {Type: AWS::IAM::Role}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub |
        {"StartAt": "P", "States": {"P": {"Type": "Pass", "Comment": "${Name}", "End": true}}}
"""


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"Resources": {"M": RESOURCE}}),
        json.dumps({"M": RESOURCE}),
        json.dumps(RESOURCE),
        f'"M": {json.dumps(RESOURCE)},',
        SAM,
        f"Resources:{SAM}",
        SUB,
    ],
    ids=["template", "named resource", "resource", "members", "indented YAML", "YAML template", "Fn::Sub"],
)
def test_the_state_machine_of_a_template(text: str) -> None:
    label, after = pasted(CHAIN, text, ids=["/States/A"])
    assert label == "paste *P*"
    assert (after["States"]["A"]["Next"], after["States"]["P"]["Next"]) == ("P", "B")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (json.dumps({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}), "no definition of a state machine"),
        (json.dumps({"Resources": {"M": RESOURCE, "N": RESOURCE}}), "2 state machines: “M”, “N”"),
        (json.dumps({"Type": RESOURCE["Type"], "Properties": {"DefinitionString": "{"}}), "cannot be read"),
        (json.dumps({"Type": RESOURCE["Type"], "Properties": {"DefinitionS3Location": {}}}), "no definition of a state machine"),
    ],
)
def test_a_template_that_cannot_be_pasted_says_why(text: str, says: str) -> None:
    with pytest.raises(EditRefused, match=says):
        pasted(CHAIN, text)


FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:Charge"
STATE_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:Sub"


@pytest.mark.parametrize(
    ("text", "name", "parameter", "value"),
    [
        (FUNCTION, "Lambda Invoke", "FunctionName", FUNCTION),
        (f" {FUNCTION}\n", "Lambda Invoke", "FunctionName", FUNCTION),
        (STATE_MACHINE, "Step Functions StartExecution", "StateMachineArn", STATE_MACHINE),
        (
            f"https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/statemachines/view/{STATE_MACHINE.replace(':', '%3A')}",
            "Step Functions StartExecution",
            "StateMachineArn",
            STATE_MACHINE,
        ),
        ("arn:aws:sns:us-east-1:123456789012:News", "SNS Publish", "TopicArn", "arn:aws:sns:us-east-1:123456789012:News"),
        ("arn:aws:sqs:us-east-1:123456789012:Jobs", "SQS SendMessage", "QueueUrl", "https://sqs.us-east-1.amazonaws.com/123456789012/Jobs"),
        (
            "https://sqs.us-east-1.amazonaws.com/123456789012/Jobs",
            "SQS SendMessage",
            "QueueUrl",
            "https://sqs.us-east-1.amazonaws.com/123456789012/Jobs",
        ),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/Orders/index/x", "DynamoDB GetItem", "TableName", "Orders"),
    ],
)
@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_an_arn_becomes_the_task_that_calls_it(language: str, text: str, name: str, parameter: str, value: str) -> None:
    _, after = pasted({**CHAIN, "QueryLanguage": language}, text, ids=["/States/C"])
    assert after["States"][name]["Arguments" if language == "JSONata" else "Parameters"][parameter] == value


def test_an_activity_and_an_integration_by_their_arns() -> None:
    activity = "arn:aws:states:us-east-1:123456789012:activity:Review"
    assert pasted(CHAIN, activity)[1]["States"]["Review"] == {"Type": "Task", "Resource": activity, "End": True}
    _, after = pasted(CHAIN, "arn:aws:states:::aws-sdk:s3:getObject")
    assert after["States"]["S3 GetObject"]["Resource"] == "arn:aws:states:::aws-sdk:s3:getObject"


@pytest.mark.parametrize("text", ["arn:aws:s3:::bucket", "arn:nonsense", "https://example.com/arn", "https://example.com"])
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(EditRefused):
        pasted(CHAIN, text)


def test_states_of_the_other_query_language_are_adapted() -> None:
    jsonata = {"Type": "Pass", "Output": "{% $states.input.x %}"}
    inner = {"StartAt": "I", "States": {"I": {"Type": "Wait", "Seconds": "{% 1 %}", "End": True}}}
    several = {"O": {**jsonata, "Next": "M"}, "M": {"Type": "Map", "Items": "{% [1] %}", "ItemProcessor": inner, "End": True}}
    _, after = pasted(CHAIN, json.dumps(several), target={"edge": "/States/C/Next"})
    assert after["States"]["O"] == {**jsonata, "QueryLanguage": "JSONata", "Next": "M"}
    assert after["States"]["M"]["ItemProcessor"]["States"]["I"]["QueryLanguage"] == "JSONata"
    path = {"Type": "Pass", "Parameters": {"a.$": "$.b"}, "End": True}
    _, after = pasted({**CHAIN, "QueryLanguage": "JSONata"}, json.dumps(path), target={"edge": "/States/C/Next"})
    assert after["States"]["Pass"] == {"Type": "Pass", "Output": {"a": "{% $states.input.b %}"}, "End": True}


def test_a_state_that_names_its_language_says_nothing_of_the_others() -> None:
    """A JSONPath definition with one JSONata state in it."""
    states = {
        "O": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 %}", "Next": "P"},
        "P": {"Type": "Pass", "Parameters": {"a.$": "$.b"}, "End": True},
    }
    _, after = pasted(CHAIN, json.dumps({"StartAt": "O", "States": states}), target={"edge": "/States/C/Next"})
    assert {name: after["States"][name] for name in states} == states


TWO = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "Q"}, "Q": {"Type": "Pass", "End": True}}})


def chain(root: Any) -> list[str]:
    """The names from the start along Next."""
    names = [root["StartAt"]]
    while (following := root["States"][names[-1]].get("Next")) is not None:
        names.append(following)
    return names


@pytest.mark.parametrize(
    ("place", "at", "names", "label"),
    [
        ("before", "B", ["A", "P", "Q", "B", "C"], "paste 2 states"),
        ("before", "A", ["P", "Q", "A", "B", "C"], "paste 2 states"),
        ("after", "B", ["A", "B", "P", "Q", "C"], "paste 2 states"),
        ("after", "C", ["A", "B", "C", "P", "Q"], "paste 2 states"),
        ("replace", "B", ["A", "P", "Q", "C"], "paste 2 states in place of *B*"),
        ("replace", "A", ["P", "Q", "B", "C"], "paste 2 states in place of *A*"),
        ("replace", "C", ["A", "B", "P", "Q"], "paste 2 states in place of *C*"),
    ],
)
def test_states_are_pasted_before_after_or_in_place_of_one(place: str, at: str, names: list[str], label: str) -> None:
    said, after = pasted(CHAIN, TWO, ids=[f"/States/{at}"], place=place)
    assert (said, chain(after), set(after["States"])) == (label, names, set(names))


def test_all_ways_into_a_state_lead_to_what_is_pasted_before_it_but_its_own_loop() -> None:
    root = {
        "StartAt": "Ask",
        "States": {
            "Ask": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Work"}], "Default": "Work"},
            "Work": {"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["E"], "Next": "Work"}], "End": True},
        },
    }
    _, after = pasted(root, '{"Type": "Wait", "Seconds": 1}', ids=["/States/Work"], place="before")
    ask, work = after["States"]["Ask"], after["States"]["Work"]
    assert (ask["Choices"][0]["Next"], ask["Default"], after["States"]["Wait"]["Next"]) == ("Wait", "Wait", "Work")
    assert work["Catch"][0]["Next"] == "Work"


@pytest.mark.parametrize(
    ("root", "where", "says"),
    [
        (CHAIN, {"ids": ["/States/A", "/States/B"], "place": "before"}, "the one state"),
        (CHAIN, {"ids": [], "place": "after"}, "the one state"),
        (CHAIN, {"ids": ["/States/A"], "place": "beside"}, "before, after or in place"),
        ({**CHAIN, "StartAt": "B"}, {"ids": ["/States/A"], "place": "before"}, "Nothing leads to “A”"),
    ],
)
def test_a_place_where_nothing_can_be_pasted_says_why(root: Any, where: Any, says: str) -> None:
    with pytest.raises(EditRefused, match=says):
        pasted(root, TWO, **where)
