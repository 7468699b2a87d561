from __future__ import annotations

from typing import Any

from studio.exec.performers.mock import Mocks
from studio.exec.proof import Proof, prove


def one(**fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": "Pass", **fields, "End": True}}}


TASK = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {}, "End": True}}}
MOCKS = Mocks.load(
    {
        "StateMachines": {"w": {"TestCases": {"Good": {"T": "yes"}, "Bad": {"T": "no"}}}},
        "MockedResponses": {"yes": {"0": {"Return": 1}}, "no": {"0": {"Throw": {"Error": "E", "Cause": "c"}}}},
    }
)


def test_versions_that_come_to_the_same_and_that_do_not() -> None:
    old, new = one(Result={"a": 1}), one(QueryLanguage="JSONata", Output={"a": "{% 1 %}"})
    assert prove(old, new, {}, None) == [Proof("", True, 'SUCCEEDED {"a":1}', 'SUCCEEDED {"a":1}')]
    assert prove(old, one(Result=2), {}, None) == [Proof("", False, 'SUCCEEDED {"a":1}', "SUCCEEDED 2")]


def test_every_case_of_the_mocks_is_run() -> None:
    assert prove(TASK, TASK, {}, MOCKS) == [
        Proof("Good", True, "SUCCEEDED 1", "SUCCEEDED 1"),
        Proof("Bad", True, "FAILED E: c", "FAILED E: c"),
    ]
