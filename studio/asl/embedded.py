"""State machines inside CloudFormation and SAM templates, CDK's output included: taken out for editing, put back in place.

Theory of operation: a template is a text in which each state machine has a *stretch*. `extract` gives the definition's own text
(dedented, unescaped or joined); `implant` puts an edited one back. What was not edited is not touched: implanting the extracted
text gives the very same template, and one edited line of the definition changes one line of the template.

Forms of a definition (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html):

    Definition: {...}                         object
    DefinitionString: "{...}"                 string, or a YAML block scalar
    DefinitionString: {"Fn::Sub": "{...}"}    also `!Sub |` and the form with a map of values
    DefinitionString: {"Fn::Join": ["", [...]]}   CDK; each reference becomes `${Name}`, `${Name.Attribute}` or `${ref:N}`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from studio.asl.text import Format, Parsed, parse, render
from studio.asl.tree import Json, Pointer, get, put
from studio.errors import TextError

TYPES = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")


@dataclass(frozen=True, slots=True)
class Embedded:
    """One state machine of a template: its logical id, where its definition stands, in which form."""

    name: str
    pointer: Pointer
    form: Literal["object", "text", "join"]
    kind: Literal["STANDARD", "EXPRESS"]
    substitutions: tuple[str, ...] = ()
    """Names that `DefinitionSubstitutions` or `Fn::Sub`'s own map give values to."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A definition taken out of a template: its text, its format, and what is needed to put it back."""

    text: str
    format: Format
    embedded: Embedded
    indent: str = ""
    references: tuple[tuple[str, Json], ...] = ()


def is_template(root: Json) -> bool:
    """Whether a tree is a template rather than a definition."""
    return isinstance(root, dict) and isinstance(root.get("Resources"), dict) and "States" not in root


def find(root: Json) -> list[Embedded]:
    """The state machines of a template that carry their definition with them, in document order."""
    return list(_find(root)) if is_template(root) else []


def _find(root: Json) -> Iterator[Embedded]:
    resources = get(root, ("Resources",))
    assert isinstance(resources, dict)
    for name, resource in resources.items():
        properties = get(resource, ("Properties",))
        if get(resource, ("Type",)) not in TYPES or not isinstance(properties, dict):
            continue
        at: Pointer = ("Resources", name, "Properties")
        kind = get(properties, ("StateMachineType",)) or get(properties, ("Type",))
        express: Literal["STANDARD", "EXPRESS"] = "EXPRESS" if kind == "EXPRESS" else "STANDARD"
        given = properties.get("DefinitionSubstitutions")
        names = tuple(given) if isinstance(given, dict) else ()
        match properties:  # pyright: ignore[reportMatchNotExhaustive]
            case {"DefinitionString": str()}:
                yield Embedded(name, (*at, "DefinitionString"), "text", express, names)
            case {"DefinitionString": {"Fn::Sub": str()}}:
                yield Embedded(name, (*at, "DefinitionString", "Fn::Sub"), "text", express, names)
            case {"DefinitionString": {"Fn::Sub": [str(), *rest]}}:
                own = rest[0] if rest and isinstance(rest[0], dict) else {}
                yield Embedded(name, (*at, "DefinitionString", "Fn::Sub", 0), "text", express, (*names, *own))
            case {"DefinitionString": {"Fn::Join": [str(), list()]}}:
                yield Embedded(name, (*at, "DefinitionString", "Fn::Join"), "join", express, names)
            case {"Definition": {"Fn::Sub": str()}}:
                yield Embedded(name, (*at, "Definition", "Fn::Sub"), "text", express, names)
            case {"Definition": dict()}:
                yield Embedded(name, (*at, "Definition"), "object", express, names)


def extract(template: Parsed, embedded: Embedded) -> Extract:
    """The definition's own text. TextError where the template's definition is not text of a definition."""
    value = get(template.root, embedded.pointer)
    match embedded.form:
        case "object":
            inner, indent = _dedent(template, embedded.pointer)
            return Extract(inner, template.format, embedded, indent)
        case "text":
            assert isinstance(value, str)
            block = _block(template, embedded.pointer)
            if block:
                start, end, indent = block
                body = "".join(line.removeprefix(indent) for line in template.text[start:end].splitlines(keepends=True))
                return Extract(body, _format(body), embedded, indent)
            return Extract(value, _format(value), embedded)
        case "join":
            text, references = _joined(value)
            return Extract(text, _format(text), embedded, references=references)


def implant(template: Parsed, taken: Extract, text: str) -> str:
    """The template with the definition's text replaced. TextError where the text cannot stand there (an object form needs text
    that reads as an object).
    """
    if text == taken.text:
        return template.text
    pointer = taken.embedded.pointer
    match taken.embedded.form:
        case "object":
            root = parse(text, template.format).root
            if not isinstance(root, dict):
                raise TextError("the definition of a template must stay an object")
            span = template.span(pointer)
            body = _indented(text.rstrip("\n"), taken.indent)
            tail = "\n" if template.format == "yaml" and template.text[span.start : span.end].endswith("\n") else ""
            return template.text[: span.start] + body + tail + template.text[span.end :]
        case "text":
            block = _block(template, pointer)
            if block and "\n" in text.rstrip("\n"):
                start, end, indent = block
                body = text.rstrip("\n") + ("\n" if template.text[start:end].endswith("\n") else "")
                return template.text[:start] + indent + _indented(body, indent) + template.text[end:]
            return render(template, put(template.root, pointer, text))
        case "join":
            return render(template, put(template.root, pointer, _split(text, taken.references)))


def _format(text: str) -> Format:
    return "json" if text.lstrip().startswith(("{", "[")) else "yaml"


def _dedent(template: Parsed, pointer: Pointer) -> tuple[str, str]:
    """The stretch of a value without the indentation its following lines share, and that indentation."""
    span = template.span(pointer)
    stretch = template.text[span.start : span.end]
    following = [line for line in stretch.splitlines()[1:] if line.strip()]
    depths = [len(line) - len(line.lstrip(" ")) for line in following]
    indent = " " * min(depths, default=0)
    if template.format == "yaml":
        column = span.start - (template.text.rfind("\n", 0, span.start) + 1)
        before = template.text[span.start - column : span.start]
        indent = before if not before.strip() else indent
    lines = stretch.splitlines(keepends=True)
    return "".join([*lines[:1], *(line.removeprefix(indent) for line in lines[1:])]), indent


def _indented(text: str, indent: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:1], *(indent + line if line.strip() else line for line in lines[1:])])


def _block(template: Parsed, pointer: Pointer) -> tuple[int, int, str] | None:
    """A literal block scalar's body: start and end offsets and its indentation. None for other scalars."""
    if template.format != "yaml":
        return None
    span = template.span(pointer)
    stretch = template.text[span.start : span.end]
    header = re.match(r"(?:![\w:]+[ \t]+)?\|[-+]?[ \t]*(?:#[^\n]*)?\r?\n", stretch)
    if not header:
        return None
    body = stretch[header.end() :]
    first = next((line for line in body.splitlines() if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" "))]
    return (span.start + header.end(), span.end, indent) if indent else None


def _joined(value: Json) -> tuple[str, tuple[tuple[str, Json], ...]]:
    """The text of an `Fn::Join` (separator and pieces), each reference in it as a placeholder."""
    assert isinstance(value, list)
    separator, pieces = value[0], value[1]
    assert isinstance(separator, str)
    assert isinstance(pieces, list)
    references: dict[str, Json] = {}
    texts: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece)
            continue
        token = _token(piece, len(references))
        while token in references and references[token] != piece:
            token = f"${{ref:{len(references)}}}"
        references[token] = piece
        texts.append(token)
    return separator.join(texts), tuple(references.items())


def _token(piece: Json, number: int) -> str:
    match piece:
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"${{{name}.{attribute}}}"
        case _:
            return f"${{ref:{number}}}"


def _split(text: str, references: tuple[tuple[str, Json], ...]) -> Json:
    """The pieces of an `Fn::Join` with an empty separator: text, reference, text …"""
    known = dict(references)
    if not known:
        return ["", [text]]
    pattern = "|".join(re.escape(token) for token in sorted(known, key=len, reverse=True))
    return ["", [known.get(part, part) for part in re.split(f"({pattern})", text) if part]]
