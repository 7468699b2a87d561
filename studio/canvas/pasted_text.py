"""What people copy that is no definition yet: state machines of CloudFormation and SAM, addresses and ARNs of AWS's console.

Each becomes the states it means: a template's machine its own states, the ARN of a function, topic, queue, table or state machine a
task that calls it, the ARN of an integration that integration.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from studio.asl import embedded
from studio.asl.text import dump, parse
from studio.canvas.palette import Language, entry
from studio.errors import EditRefused, TextError

if TYPE_CHECKING:
    from studio.asl.text import Parsed
    from studio.asl.tree import Json

_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12})?:[^\s\"'&?#]+")
_INTEGRATION = re.compile(r"arn:[^:]*:states:::((?:aws-sdk:)?[a-z0-9-]+:[A-Za-z0-9]+(?:\.[A-Za-z]+(?::2)?)?)\Z")


def read(text: str) -> Json:
    """The definition, states or template resource of a text: JSON or YAML; members copied out of the middle of a file get the braces
    they lack. EditRefused where it is neither.
    """
    stripped = text.strip()
    tries = [stripped, textwrap.dedent(text).strip("\n")]
    if stripped.startswith('"'):
        tries.append("{" + stripped.rstrip(",") + "}")
    problem: TextError | None = None
    for candidate in tries:
        for form in ("json", "yaml"):
            try:
                parsed = parse(candidate, form)
            except TextError as error:
                problem = problem or error
                continue
            if isinstance(parsed.root, dict):
                return _machine(parsed)
    raise EditRefused(
        "The clipboard holds no states.", f"It cannot be read as JSON or YAML: {str(problem).rstrip('.')}." if problem else ""
    )


def _machine(parsed: Parsed) -> Json:
    """The value of a text; of a template, or of one resource of it, the definition of its state machine."""
    template = _template(parsed)
    if template is None:
        return parsed.root
    found = embedded.find(template.root)
    if not found:
        raise EditRefused(
            "The template holds no definition of a state machine.",
            "Its states may be in a file of their own (DefinitionUri, DefinitionS3Location): paste that file's text.",
        )
    if len(found) > 1:
        names = ", ".join(f"“{one.name}”" for one in found[:6])
        raise EditRefused(f"The template holds {len(found)} state machines: {names}.", "Copy the one that is wanted, and paste that.")
    try:
        taken = embedded.extract(template, found[0])
        return parse(taken.text, taken.format).root
    except TextError as problem:
        raise EditRefused(f"The definition of “{found[0].name}” cannot be read: {problem}") from None


def _template(parsed: Parsed) -> Parsed | None:
    """The text as a template: as it is, or one resource with or without its name put into one."""
    root = parsed.root
    if embedded.is_template(root):
        return parsed
    if not isinstance(root, dict):
        return None
    if root.get("Type") in embedded.TYPES:
        resources: dict[str, Json] = {"StateMachine": root}
    elif any(isinstance(one, dict) and one.get("Type") in embedded.TYPES for one in root.values()):
        resources = root
    else:
        return None
    return parse(dump({"Resources": resources}), "json")


def from_arn(text: str, language: Language) -> Json | None:
    """A state for the ARN, queue URL or console address that a text consists of; None where it is something else."""
    stripped = unquote(text.strip())
    if len(stripped) > 2000 or "\n" in stripped or not stripped.startswith(("arn:", "https://")):
        return None
    if stripped.startswith("https://sqs."):
        return _task("action:sqs:sendMessage", "QueueUrl", stripped, language)
    found = _ARN.search(stripped)
    if found is None:
        return None
    arn = found[0]
    if (integration := _INTEGRATION.match(arn)) and (made := entry(f"action:{integration[1]}")) is not None:
        return {made.label: made.template(language)}
    _, _, service, region, account, resource = arn.split(":", 5)
    match service:
        case "lambda" if resource.startswith("function:"):
            return _task("action:lambda:invoke", "FunctionName", arn, language)
        case "states" if resource.startswith("stateMachine:"):
            return _task("action:states:startExecution", "StateMachineArn", arn, language)
        case "states" if resource.startswith("activity:"):
            return {resource.removeprefix("activity:"): {"Type": "Task", "Resource": arn}}
        case "sns":
            return _task("action:sns:publish", "TopicArn", arn, language)
        case "sqs":
            return _task("action:sqs:sendMessage", "QueueUrl", f"https://sqs.{region}.amazonaws.com/{account}/{resource}", language)
        case "dynamodb" if resource.startswith("table/"):
            return _task("action:dynamodb:getItem", "TableName", resource.split("/")[1], language)
        case "events" if resource.startswith("event-bus/"):
            return {"EventBridge PutEvents": _events(arn, language)}
        case _:
            return None


def _task(palette: str, parameter: str, value: str, language: Language) -> Json:
    """The palette's task with one parameter set."""
    made = entry(palette)
    assert made is not None
    state = dict(made.template(language))
    name = "Arguments" if language == "JSONata" else "Parameters"
    state[name] = {**cast("dict[str, Json]", state[name]), parameter: value}
    return {made.label: state}


def _events(bus: str, language: Language) -> Json:
    detail: dict[str, Json] = {"Detail": "{% $states.input %}"} if language == "JSONata" else {"Detail.$": "$"}
    name = "Arguments" if language == "JSONata" else "Parameters"
    event: Json = {**detail, "DetailType": "MyDetailType", "EventBusName": bus, "Source": "my.source"}
    return {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", name: {"Entries": [event]}}
