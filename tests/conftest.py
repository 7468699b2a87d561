"""For all tests: a busy machine makes none fail."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("asl-studio", deadline=None)
settings.load_profile("asl-studio")
