"""Findings: what is wrong with a definition, where, why it matters, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from studio.asl.edits import Edit
from studio.asl.tree import Pointer, to_text
from studio.errors import TextError

Severity: TypeAlias = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class Fix:
    """A safe correction: its label, and the edits that make it."""

    label: str
    edits: tuple[Edit, ...]


class Said(NamedTuple):
    """AWS's own words for a finding, where it has others than ours: its sentence, its code, and the place it names (None: no place at all)."""

    message: str
    at: Pointer | None = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `code` is AWS's where AWS has one (`SCHEMA_VALIDATION_FAILED`, `MISSING_TRANSITION_TARGET`, `INVALID_JSON_DESCRIPTION`), else ours;
    `rule` is always our stable id (`ASL201`). `location` is AWS's form of the place (`/States/Pay/Next`).
    """

    code: str
    severity: Severity
    message: str
    pointer: Pointer
    location: str = ""
    rule: str = ""
    hint: str = ""
    fix: Fix | None = field(default=None, compare=False)
    said: Said = field(default=Said(""), compare=False)
    """What AWS says, its place a pointer from the root; an empty sentence is ours."""


def location_of(pointer: Pointer) -> str:
    """AWS's form of a place: a pointer whose root is `/`."""
    return to_text(pointer) or "/"


def text_diagnostic(error: TextError) -> Diagnostic:
    """The finding for a text that cannot be read."""
    return Diagnostic(
        code="INVALID_JSON_DESCRIPTION",
        severity="error",
        message=error.message,
        pointer=(),
        location=f"[line: {error.line}, column: {error.column}]",
        rule="text",
        hint=error.hint,
    )
