"""The file on disk and the unsaved edits here, as one text: what `asl.merge` says, for the texts of a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.asl.merge import merge, merged_text
from studio.asl.text import parse
from studio.errors import EditRefused, TextError

if TYPE_CHECKING:
    from studio.asl.compare import StateChange
    from studio.asl.merge import Conflict, Take
    from studio.asl.text import Format


@dataclass(frozen=True, slots=True)
class Met:
    """Two texts that met: the text of both, what came from the disk, and what both changed otherwise (there the text has the chosen side)."""

    text: str
    came: tuple[StateChange, ...]
    conflicts: tuple[Conflict, ...]


def meet(base: str, mine: str, disk: str, format: Format, take: Take | None = None) -> Met | None:  # noqa: A002
    """Merges the text here and the one on disk, which both come from `base`; None where one of them cannot be read. For a thread."""
    try:
        found = merge(parse(base, format).root, parse(mine, format).root, parse(disk, format).root, take)
        return Met(merged_text(base, mine, disk, found.root, format), found.came, found.conflicts)
    except (TextError, EditRefused, RecursionError):
        return None
