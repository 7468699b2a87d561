"""What a person chose while working: kept in `.studio/preferences.json` of the workspace, safe to delete."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

Theme = Literal["auto", "light", "dark"]
Saving = Literal["manual", "always"]
CHOICES: dict[str, tuple[Any, ...]] = {
    "theme": get_args(Theme),
    "saving": get_args(Saving),
    "quotas": ("aws", "none"),
    "skip_waits": (False, True),
    "aws_access": ("read", "write"),
    "keep_days": (0, 7, 30, 90, 365),
    "keep_megabytes": (0, 200, 1000, 5000),
}

RECENT = 12
"""Palette entries that are remembered."""
MOST_HOSTS = 200
"""Hosts that HTTP Tasks may call; nobody writes down more."""
MOST_ANSWERS = 100
LONGEST_ANSWER = 20_000


@dataclass(frozen=True, slots=True)
class Preferences:
    """theme: colours of the pages · saving: `always` writes the file after every edit · quotas, skip_waits: how runs start · aws_access:
    whether pages may change something on AWS · keep_days,
    keep_megabytes: which runs are kept (0: all) · recent: palette entries used last, the newest first · http_hosts: the hosts HTTP Tasks may call ·
    looks: what tables show, by their name (`run-table.columns`): columns that are hidden, filters · answers: the output a state's task was
    given last by a person, by workflow and state.
    """

    theme: Theme = "auto"
    saving: Saving = "manual"
    quotas: Literal["aws", "none"] = "aws"
    skip_waits: bool = False
    aws_access: Literal["read", "write"] = "read"
    keep_days: Literal[0, 7, 30, 90, 365] = 90
    keep_megabytes: Literal[0, 200, 1000, 5000] = 1000
    recent: tuple[str, ...] = ()
    http_hosts: tuple[str, ...] = ()
    looks: dict[str, str] = field(default_factory=dict[str, str])
    answers: dict[str, str] = field(default_factory=dict[str, str])

    def dark(self) -> bool | None:
        """For Quasar: True, False, or None for what the system says."""
        return {"auto": None, "light": False, "dark": True}[self.theme]


class PreferenceFile:
    """The preferences of one workspace; a file that cannot be read counts as absent, values it does not know as default."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.value = Preferences()
        if path is not None:
            with contextlib.suppress(OSError, ValueError):
                stored = json.loads(path.read_text("utf-8"))
                if isinstance(stored, dict):
                    known = {one.name for one in fields(Preferences)}
                    chosen = {k: v for k, v in stored.items() if k in known and k in CHOICES and v in CHOICES[k]}
                    self.value = Preferences(
                        **chosen,
                        recent=_words(stored.get("recent")),
                        http_hosts=_words(stored.get("http_hosts"), MOST_HOSTS),
                        looks=_texts(stored.get("looks")),
                        answers=_texts(stored.get("answers"), LONGEST_ANSWER),
                    )

    def used(self, entry: str) -> None:
        """A palette entry was added: it is the most recent one."""
        recent = (entry, *(other for other in self.value.recent if other != entry))[:RECENT]
        if recent != self.value.recent:
            self.change(recent=recent)

    def look(self, name: str, *allowed: str) -> str:
        """What a table showed last; empty where that is none of what is allowed (any where nothing is given)."""
        found = self.value.looks.get(name, "")
        return found if not allowed or found in allowed else ""

    def remember(self, name: str, value: str) -> None:
        """What a table shows from now on; empty: as it comes."""
        if self.look(name) != value:
            rest = {k: v for k, v in self.value.looks.items() if k != name}
            self.change(looks={**rest, name: value} if value else rest)

    def answered(self, key: str, output: str) -> None:
        """What a task was answered; the answers given last are kept, long ones not."""
        if len(output) <= LONGEST_ANSWER and self.value.answers.get(key) != output:
            rest = {k: v for k, v in self.value.answers.items() if k != key}
            self.change(answers=dict([*rest.items(), (key, output)][-MOST_ANSWERS:]))

    def change(self, **values: Any) -> None:
        """Changes and writes; a folder that cannot be written keeps the choice for this session only."""
        self.value = replace(self.value, **values)
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.write_text(json.dumps(asdict(self.value), indent=2) + "\n", "utf-8")


def _words(stored: Any, most: int = RECENT) -> tuple[str, ...]:
    """A stored list of texts; empty where it is none."""
    return tuple(str(word)[:200] for word in stored[:most] if isinstance(word, str)) if isinstance(stored, list) else ()


def _texts(stored: Any, longest: int = 500) -> dict[str, str]:
    """Stored texts by name; those that are none, or too long, are left out."""
    found = list(stored.items())[:100] if isinstance(stored, dict) else []
    return {str(k)[:400]: v for k, v in found if isinstance(v, str) and len(v) <= longest}
