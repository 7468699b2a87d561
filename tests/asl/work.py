"""How much an action does, counted: for tests that it does not do too much, on a busy machine too."""

from __future__ import annotations

import cProfile
from collections.abc import Callable


def calls(action: Callable[[], object]) -> int:
    """How many functions an action calls, Python's own included."""
    profile = cProfile.Profile()
    profile.runcall(action)
    return sum(entry.callcount for entry in profile.getstats())
