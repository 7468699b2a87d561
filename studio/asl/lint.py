"""The linter: every rule over a definition, incrementally, and AWS's own answers to ValidateStateMachineDefinition.

Theory of operation: what concerns one state alone depends only on its value, so it is kept per value: after an edit, structural sharing
leaves all other states the same objects and only the changed one is looked at again. What concerns transitions is computed anew.

Never raises; ends on any JSON.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Protocol

from studio.asl import java
from studio.asl.diagnostics import Diagnostic, Said, location_of, text_diagnostic
from studio.asl.fields import INNER, TOP
from studio.asl.graph import Graph, StateNode, build
from studio.asl.rules import RULES, SCHEMA, budgets, flow, shapes, states, variables
from studio.asl.rules.finding import Finding, placeholder, substituted
from studio.asl.rules.fixes import fix_for
from studio.asl.rules.held import check_value
from studio.asl.text import Parsed
from studio.asl.tree import Json, Pointer, get

MAX_FINDINGS = 2_000
MAX_DEFINITION = 1_048_576

_ORDER = {"error": 0, "warning": 1, "hint": 2}


class Catalogue(Protocol):
    """What the linter asks about AWS's services; implemented over botocore elsewhere."""

    def problems(self, resource: str, parameters: Json) -> list[tuple[Pointer, str, str]]:
        """Pointer inside the parameters, message, hint."""
        ...


class Linter:
    """Keeps what it found per state between checks."""

    def __init__(self, kind: str = "STANDARD", catalogue: Catalogue | None = None) -> None:
        self.kind = kind
        self.catalogue = catalogue
        self._known: dict[tuple[int, str, str], tuple[Json, list[Finding]]] = {}

    def check(self, root: Json, *, parsed: Parsed | None = None, silenced: Collection[tuple[str, str]] = ()) -> list[Diagnostic]:
        """All findings, errors first within their place. `silenced` holds (state name, rule id).

        What lies outside every state has the name "". Errors cannot be silenced: AWS would still refuse the definition.
        """
        found: list[tuple[Finding, Pointer]] = []
        if not isinstance(root, dict):
            return [
                _diagnostic(
                    Finding("ASL109", (), "Definition must be a valid JSON object", "A workflow is an object with StartAt and States."), ()
                )
            ]
        graph = build(root)
        found.extend((finding, ()) for finding in _machines(root, graph))
        whole = "JSONata" if root.get("QueryLanguage") == "JSONata" else "JSONPath"
        fresh: dict[tuple[int, str, str], tuple[Json, list[Finding]]] = {}
        for node in graph.states.values():
            found.extend((finding, node.pointer) for finding in self._state(node, whole, fresh))
        self._known = fresh
        found.extend((finding, ()) for finding in flow.check(root, graph))
        found.extend((finding, ()) for finding in budgets.check(graph, express=self.kind == "EXPRESS"))
        found.extend((finding, ()) for finding in shapes.check(graph))
        found.extend((finding, ()) for finding in variables.check(graph))
        if parsed is not None and len(parsed.text.encode("utf-8")) > MAX_DEFINITION:
            found.append((Finding("ASL118", (), "The definition is larger than 1 MB.", "Move parts into workflows of their own."), ()))
        diagnostics = [_diagnostic(finding, base, root) for finding, base in found[:MAX_FINDINGS]]
        if parsed is not None:
            diagnostics.extend(_duplicates(parsed))
        if silenced:
            diagnostics = [d for d in diagnostics if d.severity == "error" or (state_name(d.pointer), d.rule) not in silenced]
        position = {pointer: n for n, pointer in enumerate(graph.states)}
        return sorted(diagnostics, key=lambda d: (_place(d.pointer, position), _ORDER[d.severity]))

    def _state(self, node: StateNode, whole: str, fresh: dict[tuple[int, str, str], tuple[Json, list[Finding]]]) -> list[Finding]:
        if not isinstance(node.value, dict):
            return [] if substituted(node.value) else [Finding("ASL109", (), "A state is an object.", "Give it a Type.")]
        key = (id(node.value), node.language, whole)
        known = self._known.get(key)
        if known is None or known[0] is not node.value:
            found = list(states.check(node.value, node.language, whole=whole, express=self.kind == "EXPRESS"))
            if self.catalogue is not None and node.type == "Task":
                found.extend(self._parameters(node.value))
            known = (node.value, found)
        fresh[key] = known
        return known[1]

    def _parameters(self, value: dict[str, Json]) -> list[Finding]:
        assert self.catalogue is not None
        resource = value.get("Resource")
        name = "Arguments" if "Arguments" in value else "Parameters"
        if not isinstance(resource, str):
            return []
        return [
            Finding("ASL603", (name, *at) if at else ("Resource",), message, hint)
            for at, message, hint in self.catalogue.problems(resource, value.get(name, {}))
        ]


def lint(
    root: Json,
    *,
    parsed: Parsed | None = None,
    kind: str = "STANDARD",
    catalogue: Catalogue | None = None,
    silenced: Collection[tuple[str, str]] = (),
) -> list[Diagnostic]:
    """Every finding of a definition, in document order."""
    return Linter(kind, catalogue).check(root, parsed=parsed, silenced=silenced)


def _place(pointer: Pointer, position: dict[Pointer, int]) -> tuple[int, int]:
    for length in range(len(pointer), 0, -1):
        if pointer[:length] in position:
            return position[pointer[:length]] + 1, len(pointer)
    return 0, len(pointer)


def state_name(pointer: Pointer) -> str:
    """The name of the innermost state a pointer lies in; empty where it lies in none."""
    return next((str(pointer[i + 1]) for i in range(len(pointer) - 2, -1, -1) if pointer[i] == "States"), "")


def _diagnostic(finding: Finding, base: Pointer, root: Json = None) -> Diagnostic:
    rule = RULES[finding.rule]
    pointer = (*base, *finding.at)
    place = pointer if finding.location is None else (*base, *finding.location)
    fix = fix_for(rule.id, root, pointer)
    said = finding.said or Said("", pointer[len(base) :] if finding.location is None else finding.location)
    if said.at is not None:
        said = said._replace(at=(*base, *said.at))
    return Diagnostic(rule.shown, rule.severity, finding.message, pointer, location_of(place), rule.id, finding.hint, fix, said)


def _duplicates(parsed: Parsed) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for pointer, _ in parsed.duplicates:
        name = str(pointer[-1]) if pointer else ""
        state = len(pointer) > 1 and pointer[-2] == "States"
        rule = RULES["ASL108" if state else "ASL115"]
        found.append(
            Diagnostic(
                rule.shown,
                rule.severity,
                f"'{name}' stands twice in the same object.",
                pointer,
                location_of(pointer),
                rule.id,
                "The last one counts; remove or rename one.",
            )
        )
    return found


def _machines(root: dict[str, Json], graph: Graph) -> list[Finding]:
    """The fields of the machine, its branches and processors."""
    found: list[Finding] = []
    for scope in graph.scopes.values():
        at = scope.pointer[:-1]
        value = get(root, at)
        if not isinstance(value, dict) or substituted(value):
            continue
        top = not at
        required = [name for name in ("States", "StartAt") if name not in value]
        if required:
            found.append(Finding("ASL101", at, f"These fields are required: [{', '.join(required)}]"))
        known = TOP if top else INNER
        for name, held in value.items():
            field = known.get(name)
            if field is None:
                if not name.startswith("//"):
                    message = f"Field '{name}' is not supported"
                    found.append(Finding("ASL102", (*at, name), message, said=Said(message, at)))
            elif name == "QueryLanguage" and at and at[-1] in {"ItemProcessor", "Iterator"}:
                message = "Field 'QueryLanguage' is not supported"
                hint = "Its states have the language of the whole workflow; each may say JSONata itself."
                found.append(Finding("ASL102", (*at, name), message, hint, said=Said(message, at)))
            elif name == "StartAt" and isinstance(held, str):
                continue
            else:
                found.extend(check_value(field, held, "JSONata" if name == "TimeoutSeconds" else "JSONPath", (*at, name)))
        version = value.get("Version")
        if top and isinstance(version, str) and version != "1.0" and not placeholder(version):
            found.append(Finding("ASL104", ("Version",), "The field 'Version' must be \"1.0\"."))
    return found


# AWS's own answers


def aws_validate(definition: str, kind: str = "STANDARD", severity: str = "ERROR", max_results: int = 100) -> dict[str, Any]:
    """ValidateStateMachineDefinition: `{"result": "OK"|"FAIL", "diagnostics": […], "truncated": bool}`.

    Spec: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
    """
    found = _aws_diagnostics(definition, kind)
    if severity == "ERROR":
        found = [d for d in found if d["severity"] == "ERROR"]
    failed = any(d["severity"] == "ERROR" for d in found)
    limit = max_results or 100
    return {"result": "FAIL" if failed else "OK", "diagnostics": found[:limit], "truncated": len(found) > limit}


def aws_refusal(definition: str, kind: str = "STANDARD") -> str | None:
    """Why CreateStateMachine would refuse a definition, in AWS's words; None where it would not."""
    refused = [d for d in _aws_diagnostics(definition, kind) if d["severity"] == "ERROR"]
    if not refused:
        return None
    return f"Invalid State Machine Definition: '{', '.join(map(_sentence, refused))}'"


def _sentence(said: dict[str, str]) -> str:
    """A diagnostic inside the message of an error; one without a place is at null."""
    if said["code"] == "INVALID_JSON_DESCRIPTION" or said["message"] == _NO_OBJECT:
        return f"{said['code']}: {said['message']}"
    return f"{said['code']}: {said['message']} at {said.get('location', 'null')}"


_NO_OBJECT = "Definition must be a valid JSON object"


def _aws_diagnostics(definition: str, kind: str) -> list[dict[str, str]]:
    if not definition.strip():
        return [{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": _NO_OBJECT}]
    try:
        root: Json = json.loads(definition)
    except RecursionError:
        return [{"severity": "ERROR", "code": "INVALID_JSON_DESCRIPTION", "message": "The definition is nested too deeply"}]
    except ValueError as error:
        return [_not_json(definition, error)]
    if not isinstance(root, dict):
        return [{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": _NO_OBJECT}]
    rows: list[dict[str, str]] = []
    for found in lint(root, kind=kind):
        if found.severity in {"error", "warning"} and (row := _row(found)) not in rows:
            rows.append(row)
    if any(row["severity"] == "ERROR" and row["code"] not in _ORDER_OF_AWS for row in rows):
        rows = [row for row in rows if row["code"] not in _ORDER_OF_AWS]
    return sorted(rows, key=lambda row: (row["severity"] != "ERROR", _ORDER_OF_AWS.get(row["code"], 0)))


_ORDER_OF_AWS = {"MISSING_TRANSITION_TARGET": 1, "MISSING_END_STATE": 2}
"""What AWS looks at once each state is in order by itself, and tells in this order."""


def _row(found: Diagnostic) -> dict[str, str]:
    """A finding as AWS tells it: what AWS refuses is an error, though we only warn of it."""
    said = found.said
    refused = found.severity == "error" or bool(said.message)
    code = said.code or (SCHEMA if refused and found.severity != "error" else found.code)
    row = {"severity": "ERROR" if refused else found.severity.upper(), "code": code, "message": said.message or found.message}
    return row if said.at is None else row | {"location": _place_of(said.at)}


def _place_of(pointer: Pointer) -> str:
    """AWS's form of a place: `/States/Pay/Catch[0]/Next`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f"/{part}" for part in pointer) or "/"


def _not_json(definition: str, error: ValueError) -> dict[str, str]:
    """Jackson's words and place for a text that is not JSON."""
    source = f'(String)"{definition[:500]}"'
    if isinstance(error, json.JSONDecodeError):
        message, where = java.jackson(definition, error, source)
    else:
        message, where = str(error), f"[Source: {source}; line: 1, column: 1]"
    return {"severity": "ERROR", "code": "INVALID_JSON_DESCRIPTION", "message": f"{message}\n at {where}", "location": where}


__all__ = ["MAX_DEFINITION", "Linter", "aws_refusal", "aws_validate", "lint", "state_name", "text_diagnostic"]
