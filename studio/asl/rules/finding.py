"""What a rule finds, and the values that a template fills in before AWS sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.asl.diagnostics import Said
from studio.asl.tree import Json, Pointer

_PLACEHOLDER = re.compile(r"\$\{[^}]+\}")


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding below a state: rule id, pointer inside the state, message, hint. `code` replaces the rule's where AWS says another."""

    rule: str
    at: Pointer
    message: str
    hint: str = ""
    location: Pointer | None = None
    said: Said | None = None
    """AWS's own words, its place a pointer inside the state too."""


def placeholder(value: Json) -> bool:
    """Whether a value holds a substitution that is filled in before AWS sees it."""
    return isinstance(value, str) and bool(_PLACEHOLDER.search(value))


def substituted(value: Json) -> bool:
    """Whether a value is filled in by CloudFormation: a placeholder or an intrinsic function's object."""
    if placeholder(value):
        return True
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))
