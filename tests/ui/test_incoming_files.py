"""What is dropped on the page of workflows and names other files: those of the workspace are followed."""

# ruff: noqa: ASYNC240 - small files of a test
from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from studio.errors import StudioError
from studio.store.workspace import Workspace
from studio.ui.panels.incoming import Incoming

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
MAIN = 'resource "aws_sfn_state_machine" "m" {\n  name = "pay"\n  definition = file("${path.module}/flows/pay.json")\n}\n'


@pytest.fixture
def incoming(tmp_path: Path) -> Any:
    made = Incoming.__new__(Incoming)  # without its button: what comes in is what is tested
    made.studio = SimpleNamespace(workspace=Workspace(tmp_path))  # type: ignore[assignment]
    return made


async def test_code_of_the_workspace_finds_its_files(incoming: Any, tmp_path: Path) -> None:
    (tmp_path / "infra" / "flows").mkdir(parents=True)
    (tmp_path / "infra" / "flows" / "pay.json").write_text(json.dumps(PASS))
    (tmp_path / "infra" / "main.tf").write_text(MAIN)
    assert await incoming.keep("main.tf", MAIN.encode()) == (["pay.asl.json"], [])
    assert json.loads((tmp_path / "pay.asl.json").read_text()) == PASS


async def test_code_from_elsewhere_says_what_is_missing(incoming: Any, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"flows/pay\.json is a file of its own\. Import that one, or put main\.tf into the workspace"):
        await incoming.keep("main.tf", MAIN.encode())
    assert list(tmp_path.glob("*.json")) == []
