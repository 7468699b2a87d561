"""Tree to text: fresh, or as the smallest change of an old text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from studio.asl.tree import Json

if TYPE_CHECKING:
    from studio.asl.text import Format, Parsed


def render(parsed: Parsed, root: Json) -> str:
    return dump(root, parsed.format, 2)


def dump(root: Json, format: Format, indent: int) -> str:  # noqa: A002
    return json.dumps(root, indent=indent, ensure_ascii=False) + "\n"
