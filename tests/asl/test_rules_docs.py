"""The committed pages of docs/rules are what the rules say."""

from __future__ import annotations

from pathlib import Path

from studio.asl.rules.docs import pages

FOLDER = Path(__file__).parents[2] / "docs" / "rules"


def test_the_pages_are_current() -> None:
    assert {p.name: p.read_text("utf-8") for p in FOLDER.glob("*.md")} == pages(), "run: python -m studio.asl.rules.docs"
