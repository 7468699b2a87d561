"""Side files: what is changed at the same moment is all kept, in the order it was said."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from studio.store.workspace import Workspace
from studio.ui.side import SideFiles


@pytest.fixture
def side(tmp_path: Path) -> SideFiles:
    (tmp_path / "a.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')
    return SideFiles(Workspace(tmp_path), "a.asl.json")


async def test_two_settings_at_once_are_both_kept(side: SideFiles, tmp_path: Path) -> None:
    """A name is typed and a box ticked: leaving the field and the click arrive together."""

    async def put(member: str, value: str | bool) -> None:
        await side.write_own(side.own.with_config(member, value))

    await asyncio.gather(put("name", "Orders"), put("tracing", True), put("role", "r"))
    assert side.own.config == {"name": "Orders", "tracing": True, "role": "r"}
    assert json.loads((tmp_path / "a.studio.json").read_text())["config"] == side.own.config


async def test_what_is_said_last_is_what_the_file_holds(side: SideFiles, tmp_path: Path) -> None:
    await asyncio.gather(*(side.write_input(json.dumps({"n": n})) for n in range(20)))
    assert (json.loads((tmp_path / "a.input.json").read_text()), side.input_text) == ({"n": 19}, '{"n": 19}')


async def test_what_cannot_be_written_is_not_held(side: SideFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(side.workspace, "write_side_file", full)
    before = side.own
    with pytest.raises(OSError, match="No space"):
        await side.write_own(before.with_config("name", "Orders"))
    assert side.own is before
