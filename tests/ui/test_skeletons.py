from __future__ import annotations

from typing import Any

import pytest

from studio.asl.edits import InsertState, Transaction
from studio.ui.skeletons import required, with_parameters


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("aws-sdk:s3:getObject", {"Bucket": "MyData", "Key": "MyData"}),
        ("aws-sdk:dynamodb:query", {"TableName": "MyData"}),
        ("dynamodb:putItem", {"TableName": "MyData", "Item": {}}),
        ("aws-sdk:s3:listBuckets", {}),
        ("aws-sdk:nothing:atAll", {}),
        ("http:invoke", {}),
    ],
)
def test_what_an_action_requires(action: str, parameters: dict[str, Any]) -> None:
    assert required(action) == parameters


def test_a_new_task_gets_its_parameters_and_others_stay() -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "Parameters": {}}
    own = {**task, "Parameters": {"Bucket": "b"}}
    edits = tuple(InsertState(("States",), str(i), state) for i, state in enumerate((task, own, {"Type": "Pass"})))
    done = with_parameters(Transaction(edits, "add", "canvas"))
    states = [edit.state for edit in done.edits if isinstance(edit, InsertState)]
    assert states == [{**task, "Parameters": {"Bucket": "MyData", "Key": "MyData"}}, own, {"Type": "Pass"}]
