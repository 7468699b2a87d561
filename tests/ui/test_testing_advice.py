"""What is advised about a test that failed."""

from __future__ import annotations

from typing import Any

import pytest

from studio.asl.graph import StateNode, build
from studio.ui.panels.testing_advice import Advice, advice, follow, with_variables
from studio.ui.test_draft import Draft

SEND = {
    "QueryLanguage": "JSONata",
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Arguments": {"QueueUrl": "${Queue}", "MessageBody": "{% $a & $b %}"},
    "Output": "{% $states.result.MessageId %}",
    "End": True,
}


def node(state: Any) -> StateNode:
    found = build({"StartAt": "S", "States": {"S": state}}).by_name("S")
    assert found is not None
    return found


def failed(error: str, **sent: Any) -> Draft:
    return Draft(answer={"status": "FAILED", "error": error}, sent=sent)


GIVE = Advice("The state reads $a, $b: a test has only the variables it is given.", "variables", "Give them", ("a", "b"))
MOCK = Advice("Nothing here performs this task. A mocked result tests the rest of the state.", "mock", "Mock a result")
FILL = Advice("${Queue} has no value here. With no state selected, the inspector gives placeholders theirs.")


@pytest.mark.parametrize(
    ("draft", "values", "expected"),
    [
        (Draft(), (), None),
        (Draft(answer={"status": "SUCCEEDED"}), (), None),
        (failed("States.QueryEvaluationError"), (), GIVE),
        (failed("States.QueryEvaluationError", variables='{"a": 1, "b": 2}'), ("Queue",), None),
        (failed("SQS.QueueDoesNotExist", variables="{}"), (), FILL),
        (failed("Studio.NoMock"), (), MOCK),
    ],
)
def test_what_nobody_gave_is_told(draft: Draft, values: tuple[str, ...], expected: Advice | None) -> None:
    assert advice(node(SEND), draft, values) == expected


def test_advice_is_followed_by_filling_it_in() -> None:
    draft = Draft(variables='{"b": 2}')
    follow(GIVE, node(SEND), draft)
    assert draft.variables == '{\n  "b": 2,\n  "a": null\n}'
    follow(MOCK, node(SEND), draft)
    assert (draft.mode, '"MessageId": "MyData"' in draft.result) == ("result", True)
    assert with_variables("[1]", ["a"]) == "[1]"
    assert with_variables("{", ["a"]) == "{"
