"""Paths, intrinsic functions, payload templates and JSONata of one state: whether they can be compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio.asl.diagnostics import Said
from studio.asl.rules.finding import Finding, placeholder, substituted
from studio.asl.tree import Json, Pointer, walk
from studio.asl.values import SyntaxProblem

_NAME = re.compile(r"^[^\W\d][\w]*$")
_ILLEGAL_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*(\\[^'{}\\])")
_CODED = re.compile(r"^[A-Z]\d{4}: ")
MAX_EXPRESSION = 100_000

_PATHS = (
    "InputPath",
    "OutputPath",
    "ItemsPath",
    "SecondsPath",
    "TimestampPath",
    "MaxConcurrencyPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
)
_REFERENCES = frozenset(_PATHS) - {"InputPath", "OutputPath", "ItemsPath"}
_OF_MAP = frozenset({"MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"})
_PATH, REFERENCE = "Value must be a valid JSONPath.", "Value is not a Reference Path"
_INTRINSIC_PATHS = ("ErrorPath", "CausePath")
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign")


def check(value: dict[str, Json], language: str, kind: str) -> Iterator[Finding]:
    yield from _variables(value, language)
    if language == "JSONata":
        yield from _jsonata(value)
        return
    for name in (*_PATHS, *_INTRINSIC_PATHS):
        text = value.get(name)
        if isinstance(text, str) and not placeholder(text):
            problem = _problem(text, intrinsic=name in _INTRINSIC_PATHS)
            if problem:
                rule = "ASL307" if text.startswith("$") else "ASL305"
                said = None if text.startswith("$") else Said(_PATH if name in {"InputPath", "OutputPath"} else REFERENCE, (name,))
                yield Finding(rule, (name,), f"The value for the field '{name}' must be a valid JSONPath: {problem}", said=said)
            elif name in _REFERENCES and (why := not_a_reference(text, context=name not in _OF_MAP)):
                message = f"The value for the field '{name}' must be a valid reference path: {why}"
                yield Finding("ASL305", (name,), message, said=Said(REFERENCE, (name,)))
    handlers = value.get("Catch")
    yield from _result_path(value, ())
    for i, catcher in enumerate(handlers if isinstance(handlers, list) else []):
        if isinstance(catcher, dict):
            yield from _result_path(catcher, ("Catch", i))
    for name in _TEMPLATES:
        template = value.get(name)
        if isinstance(template, dict | list) and (name != "Parameters" or kind in {"Task", "Map", "Parallel", "Pass"}):
            yield from _template(template, name)


def _variables(value: dict[str, Json], language: str) -> Iterator[Finding]:
    """The names a state, its rules and its catchers assign."""
    for at, assigned in assignments(value):
        for key in assigned:
            name = key.removesuffix(".$") if language == "JSONPath" else key
            if not _NAME.match(name) or len(name) > 80 or name == "states":
                hint = "Letters, digits and _, not more than 80; states is reserved."
                yield Finding("ASL401", (*at, key), f"'{name}' cannot be a variable's name.", hint)


def assignments(value: dict[str, Json]) -> Iterator[tuple[Pointer, dict[str, Json]]]:
    """The `Assign` objects of a state, its rules and its catchers, each with where it stands."""
    assigned = value.get("Assign")
    if isinstance(assigned, dict):
        yield ("Assign",), assigned
    for field in ("Choices", "Catch"):
        members = value.get(field)
        for i, member in enumerate(members if isinstance(members, list) else []):
            inner = member.get("Assign") if isinstance(member, dict) else None
            if isinstance(inner, dict):
                yield (field, i, "Assign"), inner


def _problem(text: str, *, intrinsic: bool) -> str:
    """What keeps a path or an intrinsic call from being compiled; empty where nothing does."""
    from studio.asl import jsonpath
    from studio.asl.templates import compile_value

    try:
        if intrinsic:
            compile_value(text.rstrip())
        else:
            jsonpath.compile_path(text.rstrip())
    except SyntaxProblem as problem:
        return problem.message
    illegal = _ILLEGAL_ESCAPE.search(text) if text.startswith("States.") else None
    return f"The escape sequence {illegal[1]} is not one of \\' \\{{ \\}} \\\\" if illegal else ""


def not_a_reference(text: str, *, context: bool) -> str:
    """Why a path is no reference path; empty where it is one. `context`: it may lead into the context object."""
    from studio.asl import jsonpath

    try:
        root = jsonpath.compile_reference(text.rstrip()).root
    except SyntaxProblem as problem:
        return problem.message
    return "" if context or root != "$$" else "it cannot lead into the context object"


def _result_path(holder: dict[str, Json], at: Pointer) -> Iterator[Finding]:
    from studio.asl import jsonpath

    text = holder.get("ResultPath")
    if not isinstance(text, str) or placeholder(text):
        return
    try:
        root = jsonpath.compile_reference(text).root
        problem = "" if root in {"$", "$$"} else "it must begin with $, not with a variable"
    except SyntaxProblem as error:
        problem = error.message
    if problem:
        message = f"The value for the field 'ResultPath' must be a valid reference path: {problem}"
        yield Finding("ASL305", (*at, "ResultPath"), message, said=Said(REFERENCE, (*at, "ResultPath")))


def _template(template: Json, name: str) -> Iterator[Finding]:
    from studio.asl.intrinsic_calls import parse_call, problems_of

    for at, held in walk(template):
        if not isinstance(held, dict):
            continue
        for key, inner in held.items():
            if not key.endswith(".$"):
                continue
            if key[:-2] in held:
                yield Finding("ASL306", (name, *at, key), f"The keys '{key}' and '{key[:-2]}' are in conflict.", "Keep one of them.")
            if placeholder(inner) or (isinstance(inner, dict) and substituted(inner)):
                continue
            problem = _problem(inner, intrinsic=True) if isinstance(inner, str) else "It is not a string."
            if problem:
                doubtful = isinstance(inner, str) and (inner.startswith("$") or "[?(" in inner)
                yield Finding(
                    "ASL307" if doubtful else "ASL305",
                    (name, *at, key),
                    f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call",
                    problem,
                    location=(name, *at),
                )
            elif isinstance(inner, str) and inner.startswith("States."):
                for wrong in problems_of(parse_call(inner.rstrip())):
                    yield Finding("ASL315", (name, *at, key), f"{wrong.message}.")


def _jsonata(value: dict[str, Json]) -> Iterator[Finding]:
    from studio.asl.jsonata import compile_expression

    skipped = {"Branches", "ItemProcessor", "Iterator", "Comment", "Type", "Resource", "Next", "Default", "QueryLanguage"}
    for name, held in value.items():
        if name in skipped or not isinstance(held, str | dict | list):
            continue
        for at, text in walk(held):
            if not isinstance(text, str) or (at and at[-1] in {"Next", "Comment", "ErrorEquals"}):
                if isinstance(text, dict):
                    for key in text:
                        if key.endswith(".$"):
                            yield Finding(
                                "ASL308", (name, *at, key), f"The key '{key}' stays as it is: keys that end in .$ belong to JSONPath."
                            )
                continue
            opens, closes = text.startswith("{%"), text.endswith("%}")
            loose = text.strip()
            if not opens and not closes and loose.startswith("{%") and loose.endswith("%}"):
                yield Finding(
                    "ASL309",
                    (name, *at),
                    "The blanks around it make this plain text, not an expression.",
                    "Write it as {% … %} with nothing around it.",
                )
            elif opens != closes or (loose != text and loose.startswith("{%") and loose.endswith("%}")):
                yield Finding(
                    "ASL303",
                    (name, *at),
                    "A JSONata expression begins with {% and ends with %}.",
                    "Write it as {% … %} with nothing around it.",
                )
            elif opens and closes and len(text) >= 4 and not placeholder(text) and len(text) < MAX_EXPRESSION:
                try:
                    compile_expression(text[2:-2].strip(), name)
                except SyntaxProblem as problem:
                    said = Said(_CODED.sub("", problem.message), (name, *at), "INVALID_JSONATA_EXPRESSION")
                    yield Finding("ASL304", (name, *at), f"The JSONata expression cannot be compiled: {problem.message}", said=said)
