"""What a test can see of a run: iterations, branches, children, mocks laid over those of a file, and what cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.errors import StudioError
from studio.testing import Workflow, answers, fails, load
from studio.testing.coverage import Coverage, counting, percent

TEMPLATES = Path(__file__).parents[2] / "templates"
TASK: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True}
ORDERS = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Each",
                    "States": {
                        "Each": {
                            "Type": "Map",
                            "ItemProcessor": {"StartAt": "Price", "States": {"Price": TASK}},
                            "MaxConcurrency": 1,
                            "End": True,
                        }
                    },
                },
                {"StartAt": "Note", "States": {"Note": {"Type": "Pass", "Assign": {"seen": "$$.State.Name"}, "End": True}}},
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


@pytest.fixture
def workflow(tmp_path: Path) -> Any:
    def write(definition: Any, name: str = "orders", **sides: Any) -> Workflow:
        (tmp_path / f"{name}.asl.json").write_text(json.dumps(definition))
        for kind, content in sides.items():
            (tmp_path / f"{name}.{kind}.json").write_text(json.dumps(content))
        return load(tmp_path / f"{name}.asl.json")

    return write


def test_iterations_and_branches(workflow: Any) -> None:
    run = workflow(ORDERS).run([10, 20], mocks={"Price": answers("ten", "twenty")})
    assert (run.status, run.output) == ("SUCCEEDED", [["ten", "twenty"], [10, 20]])
    assert run.path == ["Both", "Done"]
    assert sorted(run.entered) == sorted(["Both", "Each", "Note", "Price", "Price", "Done"])
    assert [(p.input, p.output, p.iteration) for p in run.states("Price")] == [(10, "ten", (("Each", 0),)), (20, "twenty", (("Each", 1),))]
    assert run.state("Price", -1).input == 20
    assert run.state("Note").assigned == {"seen": "$$.State.Name"}


def test_the_output_of_a_run_that_failed_and_states_not_entered_fail_the_test(workflow: Any) -> None:
    run = workflow({"StartAt": "A", "States": {"A": TASK}}).run(1, mocks={"A": fails("Oh", "no")})
    assert (run.status, run.error, run.cause) == ("FAILED", "Oh", "no")
    assert str(run) == "orders: FAILED Oh: no\n  A: failed: Oh"
    for ask, says in [
        (lambda: run.output, "has no output"),
        (lambda: run.state("B"), "was not entered. The workflow has no state of that name"),
        (lambda: run.state("A", 1), "there is no number 1"),
    ]:
        with pytest.raises(AssertionError, match=says):
            ask()


MOCKS = {
    "StateMachines": {"orders": {"TestCases": {"Happy": {"A": "a", "B": "b"}, "Bad": {"A": "bad", "B": "b"}}}},
    "MockedResponses": {"a": {"0": {"Return": "a"}}, "b": {"0": {"Return": "b"}}, "bad": {"0": {"Throw": {"Error": "Bad", "Cause": ""}}}},
}
TWO = {
    "StartAt": "A",
    "States": {
        "A": {**{k: v for k, v in TASK.items() if k != "End"}, "ResultPath": "$.a", "Next": "B"},
        "B": {**TASK, "ResultPath": "$.b"},
    },
}


@pytest.mark.parametrize(
    ("how", "ends"),
    [
        ({}, {"n": 1, "a": "a", "b": "b"}),
        ({"case": "Bad"}, "Bad"),
        ({"mocks": {"B": ["mine"]}}, {"n": 1, "a": "a", "b": ["mine"]}),
        ({"case": "Bad", "mocks": {"A": None}}, {"n": 1, "a": None, "b": "b"}),
        ({"mocks": MOCKS, "case": "Bad"}, "Bad"),
        ({"mocks": None}, "Studio.NoMock"),
        ({"mocks": {"A": answers()}}, "Studio.NoMock"),
    ],
)
def test_mocks_come_from_the_file_the_test_or_both(workflow: Any, how: dict[str, Any], ends: Any) -> None:
    run = workflow(TWO, input={"n": 1}, mocks=MOCKS).run(**how)
    assert (run.output if run.status == "SUCCEEDED" else run.error) == ends


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"mocks": {"C": 1}}, "has no state 'C' to mock. It has: A, B."),
        ({"mocks": {"A": {1, 2}}}, "The mock of the state 'A' is not JSON"),
        ({"mocks": {"A": answers(answers(1))}}, "answers"),
        ({"input": {1, 2}}, "The input is not JSON"),
        ({"case": "Nope"}, "no mocks file"),
        ({"mocks": "nowhere.json"}, "nowhere.json cannot be read"),
    ],
)
def test_what_cannot_be_used_is_said(workflow: Any, how: dict[str, Any], says: str) -> None:
    with pytest.raises(StudioError, match=says):
        workflow(TWO).run(**how)


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", r"w.asl.json:1:\d"), ('{"StartAt": "A"}', "cannot be run"), (None, "cannot be read")],
)
def test_a_file_that_is_no_workflow_is_refused(tmp_path: Path, text: str | None, says: str) -> None:
    if text is not None:
        (tmp_path / "w.asl.json").write_text(text)
    with pytest.raises(StudioError, match=says):
        load(tmp_path / "w.asl.json")


def test_placeholders_and_functions(tmp_path: Path) -> None:
    (tmp_path / "w.asl.yaml").write_text(
        "StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: arn:aws:states:::lambda:invoke\n"
        "    Parameters: {FunctionName: '${Name}', Payload.$: $}\n    OutputPath: $.Payload\n    End: true\n"
    )
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "double.py").write_text("def handler(event, context):\n    return event * 2\n")
    assert load(tmp_path / "w.asl.yaml", placeholders={"Name": "double"}).run(21).output == 42


def test_children_of_a_distributed_map_count_as_its_states(workflow: Any) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Price",
        "States": {"Price": {**TASK, "Catch": [{"ErrorEquals": ["Odd"], "Next": "Free"}]}, "Free": {"Type": "Pass", "End": True}},
    }
    flow = workflow({"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": processor, "End": True}}})
    with counting(Coverage()) as seen:
        run = flow.run([1, 2], mocks={"Price": "priced"})
        (figures,) = seen.figures()
        assert (run.output, run.path, run.entered) == (["priced"] * 2, ["Each"], ["Each", "Price", "Price"])
        assert [child.status for child in run.children] == ["SUCCEEDED"] * 2
        assert (figures.states, figures.unreached, figures.untaken) == (3, ("Free",), ("Price → Free (catches Odd)",))
        flow.run([1], mocks={"Price": fails("Odd")})
    assert percent(seen.figures()) == 100


def test_a_nested_workflow_is_a_child(workflow: Any) -> None:
    workflow({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 42, "End": True}}}, "inner")
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:inner"
    task = {**TASK, "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": arn, "Input": {}}}
    run = workflow({"StartAt": "Call", "States": {"Call": {**task, "OutputPath": "$.Output"}}}).run()
    assert (run.output, [(child.workflow, child.path) for child in run.children]) == (42, [("inner", ["P"])])


def test_a_catcher_and_next_to_the_same_state_are_two_transitions(workflow: Any) -> None:
    flow = workflow(ORDERS)
    with counting(Coverage()) as seen:
        flow.run([1], mocks={"Price": 1})
        assert [one.untaken for one in seen.figures()] == [("Both → Done (catches States.ALL)",)]
        flow.run([1], mocks={"Price": fails("X")})
        assert [one.untaken for one in seen.figures()] == [()]
    other = Coverage()
    other.merge(json.loads(json.dumps(seen.to_json())))
    assert other.figures() == seen.figures()


@pytest.mark.parametrize(
    ("template", "case", "status"),
    [("conditional-book", "NotABook", "FAILED"), ("conditional-book", "Happy", "SUCCEEDED"), ("rfp-inline-map", "Happy", "SUCCEEDED")],
)
def test_what_lies_beside_a_workflow_is_used(template: str, case: str, status: str) -> None:
    workflow = load(TEMPLATES / template / "workflow.asl.json")
    run = workflow.run(case=case)
    wanted = json.loads((TEMPLATES / template / "expected.json").read_text())[case]
    assert (run.status, run.output if status == "SUCCEEDED" else run.error) == (status, wanted.get("output", wanted.get("error")))
    assert workflow.type == ("EXPRESS" if template == "rfp-inline-map" else "STANDARD")
