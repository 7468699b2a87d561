"""What a person chose while working: kept in `.studio/preferences.json` of the workspace, safe to delete."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

Theme = Literal["auto", "light", "dark"]
Saving = Literal["manual", "always"]
CHOICES: dict[str, tuple[Any, ...]] = {
    "theme": get_args(Theme),
    "saving": get_args(Saving),
    "quotas": ("aws", "none"),
    "skip_waits": (False, True),
    "keep_days": (0, 7, 30, 90, 365),
    "keep_megabytes": (0, 200, 1000, 5000),
}


@dataclass(frozen=True, slots=True)
class Preferences:
    """theme: colours of the pages · saving: `always` writes the file after every edit · quotas, skip_waits: how runs start · keep_days,
    keep_megabytes: which runs are kept (0: all).
    """

    theme: Theme = "auto"
    saving: Saving = "manual"
    quotas: Literal["aws", "none"] = "aws"
    skip_waits: bool = False
    keep_days: Literal[0, 7, 30, 90, 365] = 90
    keep_megabytes: Literal[0, 200, 1000, 5000] = 1000

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
                    known = {field.name for field in fields(Preferences)}
                    self.value = Preferences(**{k: v for k, v in stored.items() if k in known and v in CHOICES[k]})

    def change(self, **values: Any) -> None:
        """Changes and writes; a folder that cannot be written keeps the choice for this session only."""
        self.value = replace(self.value, **values)
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.write_text(json.dumps(asdict(self.value), indent=2) + "\n", "utf-8")
