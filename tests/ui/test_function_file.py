"""Under a task that calls a function: the file that answers for it, or the button that creates it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nicegui import ElementFilter, ui

from studio.asl.document import Document
from studio.ui.panels.function_file import called
from studio.ui.widgets.form import Form

INVOKE = "arn:aws:states:::lambda:invoke"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:pay:live"


class View:
    def __init__(self, state: Any) -> None:
        self.session = self
        self.document = Document.open(json.dumps({"StartAt": "A", "States": {"A": state}}))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Resource": INVOKE, "Parameters": {"FunctionName": "pay"}}, "pay"),
        ({"Resource": f"{INVOKE}.waitForTaskToken", "Arguments": {"FunctionName": ARN}}, "pay"),
        ({"Resource": ARN}, "pay"),
        ({"Resource": INVOKE, "Parameters": {"FunctionName.$": "$.name"}}, None),
        ({"Resource": INVOKE, "Arguments": {"FunctionName": "{% $name %}"}}, None),
        ({"Resource": INVOKE, "Parameters": {"FunctionName": "${Pay}"}}, None),
        ({"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"FunctionName": "pay"}}, None),
        ({"Resource": 7}, None),
        ({}, None),
    ],
)
def test_the_function_that_is_called(state: Any, expected: str | None) -> None:
    assert called(Form(View(state), ("States", "A"))) == expected  # type: ignore[arg-type]


def marked(user: Any, name: str) -> list[ui.element]:
    with user._client:
        return [element for element in ElementFilter(local_scope=False) if name in element.props]


async def test_the_file_is_created_from_the_form(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    task = {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "pay", "Payload.$": "$"}, "End": True}
    (tmp_path / "a.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": task}}))
    user, _ = await open_studio(tmp_path)
    await user.open("/w/a.asl.json?state=A")
    await user.should_see("No file answers for this function; without a mock the task fails.")
    await user.should_see("Create functions/pay.py")
    (button,) = marked(user, "data-create-function")
    with user:
        for listener in list(button._event_listeners.values()):
            button._handle_event({"listener_id": listener.id, "args": [{}]})
    await user.should_see("functions/pay.py answers for this function.")
    assert "def handler(event, context):" in (tmp_path / "functions" / "pay.py").read_text()
    assert not button.visible
