"""How a form shows the fields of a state: their section, control and hint. Which fields there are says `studio.asl.fields`.

Sections are the tabs of AWS Workflow Studio's inspector. `X` and `XPath` are one field that is given as a value or by a path.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from studio.asl.fields import FIELDS

Section = Literal["configuration", "input", "output", "arguments", "variables", "errors"]
Kind = Literal[
    "text",
    "long",
    "code",
    "path",
    "number",
    "json",
    "words",
    "next",
    "default",
    "choices",
    "retry",
    "catch",
    "branches",
    "wait",
    "role",
    "reader",
    "batcher",
    "writer",
]
TITLES: dict[Section, str] = {
    "configuration": "Configuration",
    "input": "Input",
    "output": "Output",
    "arguments": "Arguments & Output",
    "variables": "Variables",
    "errors": "Error handling",
}


@dataclass(frozen=True, slots=True)
class Spec:
    """One field of a form."""

    name: str
    title: str
    section: Section
    kind: Kind
    doc: str = ""
    placeholder: str = ""
    words: tuple[str, ...] = ()
    twin: str = ""
    """The field that gives the same by a path: `SecondsPath`."""
    expression: bool = False
    """Whether a JSONata expression may stand there."""


@dataclass(frozen=True, slots=True)
class _Look:
    section: Section
    kind: Kind
    placeholder: str = ""
    title: str = ""
    words: tuple[str, ...] = ()


LOOKS: dict[str, _Look] = {
    # in the order of the form
    "Resource": _Look("configuration", "code", "arn:aws:states:::lambda:invoke"),
    "Choices": _Look("configuration", "choices"),
    "Default": _Look("configuration", "default", title="Otherwise go to (Default)"),
    "Seconds": _Look("configuration", "wait", "10"),
    "Error": _Look("configuration", "text", "OrderRejected"),
    "Cause": _Look("configuration", "long", "What happened, for people"),
    "Branches": _Look("configuration", "branches"),
    "ItemReader": _Look("configuration", "reader", title="Item source"),
    "Items": _Look("configuration", "json", "{% $states.input.items %}"),
    "ItemsPath": _Look("configuration", "path", "$", title="Path to the items (ItemsPath)"),
    "ItemSelector": _Look("configuration", "json", '{"item.$": "$$.Map.Item.Value"}', title="Modify items (ItemSelector)"),
    "ItemBatcher": _Look("configuration", "batcher", title="Item batching"),
    "MaxConcurrency": _Look("configuration", "number", "0 (as many as there are)"),
    "ToleratedFailurePercentage": _Look("configuration", "number", "0"),
    "ToleratedFailureCount": _Look("configuration", "number", "0"),
    "ResultWriter": _Look("configuration", "writer", title="Results"),
    "Label": _Look("configuration", "text", title="Label of the Map Run"),
    "InputPath": _Look("input", "path", "$", title="Filter input with InputPath"),
    "Parameters": _Look("input", "json", "{}", title="Transform input with Parameters"),
    "Arguments": _Look("arguments", "json", "{}"),
    "Result": _Look("output", "json", "{}"),
    "ResultSelector": _Look("output", "json", "{}", title="Transform result with ResultSelector"),
    "ResultPath": _Look("output", "path", "$  (null discards the result)", title="Add the result to the input with ResultPath"),
    "OutputPath": _Look("output", "path", "$", title="Filter output with OutputPath"),
    "Output": _Look("arguments", "json", "{% $states.result %}"),
    "Assign": _Look("variables", "json", '{"name": "{% $states.result.name %}"}'),
    "Retry": _Look("errors", "retry"),
    "Catch": _Look("errors", "catch"),
    "TimeoutSeconds": _Look("errors", "number", "none"),
    "HeartbeatSeconds": _Look("errors", "number", "none"),
    "Credentials": _Look("configuration", "role", title="IAM role for cross-account access"),
    "Next": _Look("configuration", "next"),
    "Comment": _Look("configuration", "long", "What this state is for"),
    "QueryLanguage": _Look("configuration", "words", "As the workflow", words=("JSONPath", "JSONata"), title="Query language"),
}
FORM_ORDER = {name: position for position, name in enumerate(LOOKS)}
SHOWN_ELSEWHERE = {"Type", "End", "ItemProcessor", "Iterator", "Timestamp", "SecondsPath", "TimestampPath"}
_TWINS = frozenset(
    {
        "Seconds",
        "Timestamp",
        "Error",
        "Cause",
        "MaxConcurrency",
        "ToleratedFailurePercentage",
        "ToleratedFailureCount",
        "TimeoutSeconds",
        "HeartbeatSeconds",
    }
)
"""Fields that a JSONPath state may give by a path instead: `Seconds` by `SecondsPath`."""
DISTRIBUTED = frozenset({"ItemReader", "ItemBatcher", "ResultWriter", "ToleratedFailurePercentage", "ToleratedFailureCount", "Label"})
"""Fields of a Map that only a distributed one has."""


@cache
def specs(kind: str, language: str) -> tuple[Spec, ...]:
    """The fields of a state type in a query language, in the order of the form; of an unknown type those all states share."""
    found: list[Spec] = []
    docs = allowed(kind, language)
    for name, doc in docs.items():
        if name in SHOWN_ELSEWHERE or (name, kind) == ("Parameters", "Task") or name.removesuffix("Path") in _TWINS - {name}:
            continue
        look = LOOKS.get(name, _Look("configuration", "json"))
        section: Section = "arguments" if language == "JSONata" and look.section in {"input", "output"} else look.section
        twin = f"{name}Path" if name in _TWINS and language == "JSONPath" else ""
        expression = language == "JSONata" and FIELDS[kind][name].expression
        placeholder = _placeholder(name, kind, language) or look.placeholder
        found.append(Spec(name, look.title or name, section, look.kind, doc, placeholder, look.words, twin, expression))
    return tuple(sorted(found, key=lambda spec: FORM_ORDER.get(spec.name, len(FORM_ORDER))))


def _placeholder(name: str, kind: str, language: str) -> str:
    """What an empty field shows where that is not the same in every state."""
    match name, language:
        case "ItemSelector", "JSONata":
            return '{"item": "{% $states.context.Map.Item.Value %}"}'
        case "Output", _ if kind not in {"Task", "Parallel", "Map"}:  # these have no result
            return "{% $states.input %}"
        case _:
            return ""


@cache
def sections(kind: str, language: str) -> tuple[Section, ...]:
    """The sections of a state's form, in the order of their tabs."""
    used = {spec.section for spec in specs(kind, language)} | {"configuration"}
    return tuple(section for section in TITLES if section in used)


@cache
def section_of(kind: str, language: str, field: str) -> Section:
    """The section that shows a field, given by any of its names."""
    for spec in specs(kind, language):
        if field in {spec.name, spec.twin} and field:
            return "configuration" if field == "Arguments" and kind == "Task" else spec.section
    return "configuration"


def allowed(kind: str, language: str) -> dict[str, str]:
    """Field name -> sentence, out of the table of the language."""
    return {name: field.doc for name, field in FIELDS[kind].items() if language in field.languages}
