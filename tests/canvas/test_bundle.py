"""The committed browser bundle is what its sources build."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

CANVAS = Path(__file__).parents[2] / "studio" / "canvas"
NPM = shutil.which("npm")


def node_is_recent() -> bool:
    node = shutil.which("node")
    if node is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip().lstrip("v")
    return version.split(".")[0].isdigit() and int(version.split(".")[0]) >= 18


@pytest.mark.xdist_group("bundle")
@pytest.mark.skipif(NPM is None or not node_is_recent(), reason="Node.js 18 or newer with npm is not installed")
def test_the_bundle_is_what_the_sources_build(tmp_path: Path) -> None:
    assert NPM is not None
    sources = tmp_path / "frontend"
    shutil.copytree(CANVAS / "frontend", sources, ignore=shutil.ignore_patterns("node_modules"))
    installed = subprocess.run(
        [NPM, "ci", "--no-audit", "--no-fund"], cwd=sources, capture_output=True, text=True, check=False, timeout=240
    )
    if installed.returncode:
        pytest.skip(f"the build tools cannot be installed here: {installed.stderr[-300:]}")
    subprocess.run([NPM, "run", "check"], cwd=sources, capture_output=True, text=True, check=True, timeout=240)
    subprocess.run([NPM, "run", "build"], cwd=sources, capture_output=True, text=True, check=True, timeout=240)
    for name in ("canvas/index.js", "code/index.js"):
        assert (tmp_path / "dist" / name).read_bytes() == (CANVAS / "dist" / name).read_bytes(), f"run make frontend: {name} is stale"


def test_the_bundle_loads_nothing_from_elsewhere() -> None:
    for name in ("canvas/index.js", "code/index.js"):
        text = (CANVAS / "dist" / name).read_text("utf-8")
        assert 'import"' not in text
        assert ' from"http' not in text
        assert "fetch(" not in text
