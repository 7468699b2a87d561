"""Where the payload of a call comes from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_pages import by_attribute, write

ARN = "arn:aws:states:::"


@pytest.mark.parametrize(
    ("resource", "language", "given", "steps"),
    [
        (
            "lambda:invoke",
            "JSONPath",
            {"FunctionName": "f", "Payload": {"x": 1}},
            [
                ("input", {"FunctionName": "f", "Payload.$": "$"}),
                ("none", {"FunctionName": "f"}),
                ("own", {"FunctionName": "f", "Payload": {"x": 1}}),
            ],
        ),
        (
            "sqs:sendMessage",
            "JSONata",
            {"QueueUrl": "q"},
            [
                ("input", {"QueueUrl": "q", "MessageBody": "{% $states.input %}"}),
                ("own", {"QueueUrl": "q", "MessageBody": {}}),
            ],
        ),
    ],
)
async def test_a_payload_comes_from_where_a_person_says(
    tmp_path: Path, open_studio: Callable[[Path], Any], resource: str, language: str, given: Any, steps: list[tuple[str, Any]]
) -> None:
    holder = "Arguments" if language == "JSONata" else "Parameters"
    task = {"Type": "Task", "Resource": ARN + resource, holder: given, "End": True}
    write(tmp_path, "a.asl.json", {"QueryLanguage": language, "StartAt": "A", "States": {"A": task}})
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json?state=A")
    session = await studio.sessions.open("a.asl.json")
    label = "Payload from" if resource.startswith("lambda") else "MessageBody from"
    for chosen, expected in steps:
        await until(lambda: by_attribute(user, "aria-label", label))
        choose(user, by_attribute(user, "aria-label", label)[0], chosen)
        await until(lambda expected=expected: session.document.root["States"]["A"][holder] == expected)
        await asyncio.sleep(0.1)  # the form is drawn anew


def choose(user: Any, select: Any, word: str) -> None:
    with user:
        (listener,) = [one for one in select._event_listeners.values() if one.type == "choose"]
        select._handle_event({"listener_id": listener.id, "args": word})


async def until(condition: Callable[[], Any]) -> None:
    for _ in range(1500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to this")


async def test_switching_the_integration_and_back_keeps_what_was_typed(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    task = {
        "Type": "Task",
        "Resource": f"{ARN}lambda:invoke",
        "Arguments": {"FunctionName": "f", "Payload": {"x": "{% $states.input.x %}"}},
        "End": True,
    }
    write(tmp_path, "a.asl.json", {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": task}})
    user, studio = await open_studio(tmp_path)
    await user.open("/w/a.asl.json?state=A")
    session = await studio.sessions.open("a.asl.json")
    root = session.document.root

    async def switch(kind: str) -> Any:
        await until(lambda: by_attribute(user, "aria-label", "Integration type"))
        before = session.document
        choose(user, by_attribute(user, "aria-label", "Integration type")[0], kind)
        await until(lambda: session.document is not before)
        await asyncio.sleep(0.1)
        return session.document.root["States"]["A"]

    as_sdk = {
        **task,
        "Resource": f"{ARN}aws-sdk:lambda:invoke",
        "Arguments": {"FunctionName": "f", "Payload": '{% $string({"x": $states.input.x}) %}'},
    }
    assert await switch("sdk") == as_sdk
    assert session.undo() == "Integrate A by AWS SDK"
    assert session.document.root is root
    session.redo()
    await asyncio.sleep(0.1)
    assert await switch("optimized") == task
