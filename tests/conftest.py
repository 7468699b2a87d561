"""For all tests: a busy machine makes none fail, and a delivery is not refused for an example that nobody has seen before."""

from __future__ import annotations

import os

from hypothesis import settings

# As Hypothesis's own profile for continuous integration: there always the same examples, new ones wherever a person can look at them.
settings.register_profile("asl-studio", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("asl-studio")
