"""What the documents say is there, is there; and what is there, they say."""

from __future__ import annotations

import re
from pathlib import Path

from studio.cli import _COMMANDS
from studio.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_every_command_is_in_the_readme() -> None:
    assert [c for c in _COMMANDS if c != "serve" and f"studio {c}" not in README] == []


def test_every_folder_is_in_the_architecture() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
    folders = [p.name for p in (ROOT / "studio").iterdir() if p.is_dir() and p.name not in {"__pycache__", "_templates"}]
    assert [f for f in folders if f"studio/{f}" not in text] == []


def test_links_in_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_setting_has_a_sentence() -> None:
    assert [n for n, f in Settings.model_fields.items() if not (f.description or "").strip()] == []


def test_nothing_speaks_of_this_machine_or_of_registries() -> None:
    hosts = ["pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js"]
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if (
            not path.is_file()
            or {".git", ".venv", "node_modules", "corpus", "cases", "__pycache__"} & set(parts)
            or path.suffix in {".png", ".pyc", ".sqlite"}
        ):
            continue
        if parts[0].startswith(".") and parts[0] != ".ci":
            continue
        text = path.read_text("utf-8", "ignore")
        assert not [h for h in hosts if h in text], path
