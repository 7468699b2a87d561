"""What can be dragged onto the canvas: the flow states and the most used actions, each with the state a drop makes.

Ids are the ones of the page's `data-palette`: `flow:Pass`, `action:lambda:invoke`, `action:aws-sdk:s3:getObject`. Actions
beyond those listed here (the catalogue knows them all) get their state from `template`, which needs only the id.

The templates follow what AWS Workflow Studio drops: a Lambda task keeps the function's payload only and retries what Lambda
asks clients to retry (https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from studio.canvas.faces import TYPE_ICONS, service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio.asl.tree import Json

Language = Literal["JSONPath", "JSONata"]
Group = Literal["Flow", "Actions"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A palette entry; `label` is what people read and the wanted name of the new state."""

    id: str
    label: str
    icon: str
    group: Group
    hint: str
    jsonpath: dict[str, Json]
    jsonata: dict[str, Json]

    def template(self, language: Language) -> dict[str, Json]:
        """The new state. Shared with every other drop: not to be mutated, like all definition values."""
        return self.jsonata if language == "JSONata" else self.jsonpath

    @property
    def type(self) -> str:
        return str(self.jsonpath["Type"])


def _retry(errors: list[Json]) -> dict[str, Json]:
    return {"ErrorEquals": errors, "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2, "JitterStrategy": "FULL"}


_LAMBDA_RETRY = _retry(
    ["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException"]
)


def _flow(kind: str, label: str, hint: str, jsonpath: dict[str, Json], jsonata: dict[str, Json] | None = None) -> Entry:
    icon = TYPE_ICONS[kind]
    first: dict[str, Json] = {"Type": kind, **jsonpath}
    return Entry(f"flow:{kind}", label, icon, "Flow", hint, first, first if jsonata is None else {"Type": kind, **jsonata})


def _action(token: str, label: str, hint: str, arguments: dict[str, Json], **extra: Json) -> Entry:
    """A task. `arguments` in JSONPath form; `extra` are fields of both forms, but `OutputPath` of the JSONPath form only."""
    name = token.partition(":")[0]
    both: dict[str, Json] = {key: value for key, value in extra.items() if key != "OutputPath"}
    head: dict[str, Json] = {"Type": "Task", "Resource": f"arn:aws:states:::{token}"}
    jsonpath: dict[str, Json] = {**head, "Parameters": arguments, **both}
    jsonata: dict[str, Json] = {**head, "Arguments": _jsonata(arguments), **both}
    if "OutputPath" in extra:
        jsonpath["OutputPath"] = extra["OutputPath"]
        jsonata["Output"] = _expression(str(extra["OutputPath"]), "$states.result")
    return Entry(f"action:{token}", label, service(name)[1], "Actions", hint, jsonpath, jsonata)


def _expression(path: str, whole: str) -> str:
    """A simple JSONPath of a template as a JSONata expression: `$` is `whole`, `$$.` the context object."""
    if path.startswith("$$."):
        return "{% $states.context." + path.removeprefix("$$.") + " %}"
    return "{% " + whole + path[1:] + " %}"


def _jsonata(value: Json) -> Json:
    """Arguments in JSONata form: `"Name.$": "$.x"` becomes `"Name": "{% $states.input.x %}"`."""
    match value:
        case dict():
            return {
                key.removesuffix(".$"): (
                    _expression(inner, "$states.input") if key.endswith(".$") and isinstance(inner, str) else _jsonata(inner)
                )
                for key, inner in value.items()
            }
        case list():
            return [_jsonata(inner) for inner in value]
        case _:
            return value


_ENTRIES = (
    _flow(
        "Choice",
        "Choice",
        "Go one way or another, by conditions",
        {"Choices": [{"Variable": "$.value", "IsPresent": True}]},
        {"Choices": [{"Condition": "{% $exists($states.input.value) %}"}]},
    ),
    _flow("Parallel", "Parallel", "Run several branches at once", {"Branches": [{"States": {}}, {"States": {}}]}),
    _flow(
        "Map",
        "Map",
        "Run the same steps for each item",
        {"ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "States": {}}},
    ),
    _flow("Pass", "Pass", "Pass input on, or set or reshape data", {}),
    _flow("Wait", "Wait", "Wait for a time or until a moment", {"Seconds": 5}),
    _flow("Succeed", "Success", "End the workflow well", {}),
    _flow("Fail", "Fail", "End the workflow with an error", {}),
    _action(
        "lambda:invoke",
        "Lambda Invoke",
        "Call a Lambda function",
        {"FunctionName": "MyFunction", "Payload.$": "$"},
        OutputPath="$.Payload",
        Retry=[_LAMBDA_RETRY],
    ),
    _action(
        "bedrock:invokeModel",
        "Bedrock InvokeModel",
        "Ask a foundation model",
        {
            "ModelId": "anthropic.claude-3-haiku-20240307-v1:0",
            "ContentType": "application/json",
            "Accept": "application/json",
            "Body": {
                "anthropic_version": "bedrock-2023-05-31",
                "max_tokens": 512,
                "messages": [{"role": "user", "content": "Write a haiku about workflows."}],
            },
        },
    ),
    _action(
        "dynamodb:getItem",
        "DynamoDB GetItem",
        "Read an item by its key",
        {"TableName": "MyDynamoDBTable", "Key": {"Column": {"S": "MyEntry"}}},
    ),
    _action(
        "dynamodb:putItem",
        "DynamoDB PutItem",
        "Write an item",
        {"TableName": "MyDynamoDBTable", "Item": {"Column": {"S": "MyEntry"}}},
    ),
    _action(
        "sns:publish",
        "SNS Publish",
        "Send a message to a topic",
        {"TopicArn": "arn:aws:sns:us-east-1:123456789012:MyTopic", "Message.$": "$"},
    ),
    _action(
        "sqs:sendMessage",
        "SQS SendMessage",
        "Send a message to a queue",
        {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/MyQueue", "MessageBody.$": "$"},
    ),
    _action(
        "http:invoke",
        "Call HTTP endpoint",
        "Call an HTTPS API",
        {
            "ApiEndpoint": "https://example.com",
            "Method": "GET",
            "Authentication": {"ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/MyConnection"},
        },
        Retry=[_retry(["States.ALL"])],
    ),
    _action(
        "states:startExecution",
        "Step Functions StartExecution",
        "Start another workflow",
        {
            "StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:MyStateMachine",
            "Input": {
                "StatePayload": "Hello from Step Functions!",
                "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id",
            },
        },
    ),
)

NEW_STATES: Mapping[str, Entry] = {entry.id: entry for entry in _ENTRIES}

_ACTION = re.compile(r"action:([a-z0-9-]+(?::[A-Za-z0-9-]+){1,2}(?:\.(?:sync(?::2)?|waitForTaskToken))?)\Z")


def entry(palette_id: str) -> Entry | None:
    """The entry of an id: a listed one, or made from the id of any other action; None where it names neither."""
    known = NEW_STATES.get(palette_id)
    if known is not None:
        return known
    match = _ACTION.match(palette_id)
    if match is None or len(palette_id) > 200:
        return None
    token = match[1]
    parts = token.split(":")
    if parts[0] == "aws-sdk":
        parts = parts[1:]
    if len(parts) < 2:
        return None
    name, _ = service(parts[0])
    verb = parts[1].partition(".")[0]
    return _action(token, f"{name} {verb[:1].upper()}{verb[1:]}", "", {})
