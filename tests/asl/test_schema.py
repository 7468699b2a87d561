"""The published schema is a schema, and agrees with the linter about structure on real definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from studio.asl.lint import lint
from studio.asl.schema import schema
from studio.asl.text import format_of, parse

CORPUS = Path(__file__).parents[1] / "corpus"
VALIDATOR = jsonschema.Draft202012Validator(schema())


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("chunk", range(4))
def test_what_the_linter_accepts_the_schema_accepts(chunk: int) -> None:
    refused = {}
    for record in json.loads((CORPUS / "valid" / "index.json").read_text())[chunk::4]:
        path = CORPUS / "valid" / record["file"]
        root = parse(path.read_text("utf-8"), format_of(path)).root
        if any(d.severity == "error" for d in lint(root)):
            continue
        error = next(VALIDATOR.iter_errors(root), None)
        if error is not None:
            refused[record["id"]] = f"{list(error.absolute_path)}: {error.message[:200]}"
    assert refused == {}


@pytest.mark.parametrize(
    "root",
    [
        {},
        {"StartAt": "A", "States": {}},
        {"StartAt": "A", "States": {"A": {"Type": "Psas", "End": True}}},
        {"StartAt": "A", "States": {"A": {"Type": "Pass"}}},
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, "Typo": 1}}},
        {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "SecondsPath": "$.a", "End": True}}},
        {"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": []}}},
        {"StartAt": "A", "States": {"A": {"Type": "Parallel", "Branches": [{"States": {}}], "End": True}}},
    ],
)
def test_it_refuses_broken_structure(root: Any) -> None:
    assert not VALIDATOR.is_valid(root)
