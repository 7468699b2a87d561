"""How a form shows the fields of a state: their group, control and hint. Which fields there are says `studio.asl.fields`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from studio.asl.fields import FIELDS

Group = Literal["configuration", "input", "output", "variables", "errors", "more"]
Kind = Literal["text", "long", "code", "path", "number", "json", "words", "next", "default", "choices", "retry", "catch", "branches"]


@dataclass(frozen=True, slots=True)
class Spec:
    """One field of a form."""

    name: str
    title: str
    group: Group
    kind: Kind
    doc: str = ""
    placeholder: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    group: Group
    kind: Kind
    placeholder: str = ""
    title: str = ""
    words: tuple[str, ...] = ()


LOOKS: dict[str, _Look] = {
    # in the order of the form
    "Resource": _Look("configuration", "code", "arn:aws:states:::lambda:invoke"),
    "Choices": _Look("configuration", "choices"),
    "Default": _Look("configuration", "default", title="Otherwise go to (Default)"),
    "Seconds": _Look("configuration", "number", "10"),
    "SecondsPath": _Look("configuration", "path", "$.delay"),
    "Timestamp": _Look("configuration", "text", "2030-01-01T00:00:00Z"),
    "TimestampPath": _Look("configuration", "path", "$.due"),
    "Error": _Look("configuration", "text", "OrderRejected"),
    "ErrorPath": _Look("configuration", "path", "$.error"),
    "Cause": _Look("configuration", "long", "What happened, for people"),
    "CausePath": _Look("configuration", "path", "$.cause"),
    "Branches": _Look("configuration", "branches"),
    "Items": _Look("configuration", "json", "{% $states.input.items %}"),
    "ItemsPath": _Look("configuration", "path", "$", title="Path to the items (ItemsPath)"),
    "MaxConcurrency": _Look("configuration", "number", "0 (as many as there are)"),
    "MaxConcurrencyPath": _Look("more", "path", "$.limit"),
    "ItemSelector": _Look("configuration", "json", '{"item.$": "$$.Map.Item.Value"}', title="Modify items (ItemSelector)"),
    "Parameters": _Look("input", "json", "{}"),
    "Arguments": _Look("configuration", "json", "{}"),
    "Next": _Look("configuration", "next"),
    "Comment": _Look("configuration", "long", "What this state is for"),
    "InputPath": _Look("input", "path", "$"),
    "Result": _Look("output", "json", "{}"),
    "ResultSelector": _Look("output", "json", "{}"),
    "ResultPath": _Look("output", "path", "$  (null discards the result)"),
    "OutputPath": _Look("output", "path", "$"),
    "Output": _Look("output", "json", "{% $states.result %}"),
    "Assign": _Look("variables", "json", '{"name": "{% $states.result.name %}"}'),
    "Retry": _Look("errors", "retry"),
    "Catch": _Look("errors", "catch"),
    "TimeoutSeconds": _Look("errors", "number", "none"),
    "TimeoutSecondsPath": _Look("more", "path", "$.timeout"),
    "HeartbeatSeconds": _Look("errors", "number", "none"),
    "HeartbeatSecondsPath": _Look("more", "path", "$.heartbeat"),
    "ItemReader": _Look("more", "json", "{}"),
    "ItemBatcher": _Look("more", "json", "{}"),
    "ResultWriter": _Look("more", "json", "{}"),
    "ToleratedFailurePercentage": _Look("more", "number", "0"),
    "ToleratedFailurePercentagePath": _Look("more", "path"),
    "ToleratedFailureCount": _Look("more", "number", "0"),
    "ToleratedFailureCountPath": _Look("more", "path"),
    "Label": _Look("more", "text"),
    "Credentials": _Look("more", "json", '{"RoleArn": "arn:aws:iam::123456789012:role/NAME"}'),
    "QueryLanguage": _Look("more", "words", "As the workflow", words=("JSONPath", "JSONata")),
}
FORM_ORDER = {name: position for position, name in enumerate(LOOKS)}
SHOWN_ELSEWHERE = {"Type", "End", "ItemProcessor", "Iterator"}


@cache
def specs(kind: str, language: str) -> tuple[Spec, ...]:
    """The fields of a state type in a query language, in the order of the form; of an unknown type those all states share."""
    found: list[Spec] = []
    for name, doc in allowed(kind, language).items():
        if name in SHOWN_ELSEWHERE:
            continue
        look = LOOKS.get(name, _Look("more", "json"))
        group: Group = "configuration" if name == "Parameters" and kind == "Task" else look.group
        found.append(Spec(name, look.title or name, group, look.kind, doc, look.placeholder, look.words))
    return tuple(sorted(found, key=lambda spec: FORM_ORDER.get(spec.name, len(FORM_ORDER))))


def allowed(kind: str, language: str) -> dict[str, str]:
    """Field name -> sentence, out of the table of the language."""
    return {name: field.doc for name, field in FIELDS[kind].items() if language in field.languages}
