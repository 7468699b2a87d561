"""Patterns: several states at once, as people build them again and again. Each is a definition of its own, pasted where it is dropped.

Theory of operation: the files beside this module hold `{"label", "hint", "icon", "fragment"}`, the fragment in JSONPath; what a JSONata
workflow gets is its conversion (`asl.convert`), so that the two can never differ. A person's own patterns are plain workflows in the
folder `patterns` of the workspace: the page reads them and hands their fragments to `intents`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from studio.asl.tree import Json

PREFIX = "pattern:"
OWN = "pattern:own/"
OWN_FOLDER = "patterns"
_FOLDER = Path(__file__).parent / "patterns"
_ORDER = (
    "poll-a-job",
    "human-approval",
    "scatter-gather",
    "saga",
    "retry-dead-letter-queue",
    "s3-distributed-map",
    "csv-distributed-map",
    "prompt-chain",
    "rag",
    "reprompt-json",
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern: `id` is its `data-palette`, `fragment` a definition (`StartAt`, `States`). Not to be mutated."""

    id: str
    label: str
    hint: str
    icon: str
    fragment: Json


@cache
def patterns() -> Mapping[str, Pattern]:
    """The patterns that come with the studio, by id, in the order of the palette."""
    found: dict[str, Pattern] = {}
    for name in _ORDER:
        held: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
        identity = PREFIX + name
        found[identity] = Pattern(identity, held["label"], held["hint"], held["icon"], held["fragment"])
    return found
