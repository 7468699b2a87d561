"""The templates: where they are, and what their READMEs say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent
FOLDERS = (PACKAGE / "_templates", PACKAGE.parent / "templates")
"""Inside an installed package, or beside it in a clone."""


@dataclass(frozen=True, slots=True)
class Template:
    """One folder of `templates/`; what its README's front matter says."""

    id: str
    folder: Path
    title: str
    summary: str
    tags: tuple[str, ...]
    type: str
    language: str


def templates() -> list[Template]:
    """All templates by title; a folder without a definition is none."""
    found: list[Template] = []
    for root in FOLDERS:
        if root.is_dir():
            found += [_read(folder) for folder in sorted(root.iterdir()) if (folder / "workflow.asl.json").is_file()]
            break
    return sorted(found, key=lambda template: template.title.lower())


def _read(folder: Path) -> Template:
    readme = folder / "README.md"
    front: dict[str, str] = {}
    body = readme.read_text("utf-8", "replace") if readme.is_file() else ""
    if match := re.match(r"---\n(.*?)\n---\n", body, re.DOTALL):
        front = {key.strip(): value.strip().strip("\"'") for key, _, value in (line.partition(":") for line in match[1].splitlines())}
    tags = tuple(tag.strip(" \"'") for tag in front.get("tags", "").strip("[]").split(",") if tag.strip(" \"'"))
    title = front.get("title") or folder.name.replace("-", " ").capitalize()
    return Template(
        folder.name, folder, title, front.get("summary", ""), tags, front.get("type", "STANDARD"), front.get("language", "JSONPath")
    )
