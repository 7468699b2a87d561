"""The gallery: groups in their order, search and tags, the description of a template, and using it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import ElementFilter, ui

from studio.gallery import GROUPS


def having(user: Any, name: str, value: str | None = None) -> list[ui.element]:
    with user._client:
        found = [element for element in ElementFilter(local_scope=False) if name in element.props]
    return found if value is None else [element for element in found if element.props[name] == value]


def press(user: Any, element: ui.element) -> None:
    with user:
        for listener in list(element._event_listeners.values()):
            element._handle_event({"listener_id": listener.id, "args": [{}]})


async def test_groups_search_and_tags(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, _ = await open_studio(tmp_path)
    await user.open("/templates")
    await user.should_see("Start here")
    assert [group.props["data-group"] for group in having(user, "data-group")] == [group.title for group in GROUPS]
    assert [tile.props["data-template"] for tile in having(user, "data-template")] == [name for group in GROUPS for name in group.ids]
    press(user, having(user, "data-tag", "rfp")[0])
    assert [group.props["data-group"] for group in having(user, "data-group")] == ["Requests for proposals and retrieval"]
    with user._client:
        (search,) = list(ElementFilter(kind=ui.input, local_scope=False))
    search.value = "kendra"
    await asyncio.sleep(0)
    assert [tile.props["data-template"] for tile in having(user, "data-template")] == ["rfp-rag-kendra"]


async def test_a_template_is_looked_at_and_used(tmp_path: Path, open_studio: Callable[[Path], Any]) -> None:
    user, _ = await open_studio(tmp_path)
    await user.open("/templates")
    await user.should_see("Start here")
    press(user, having(user, "data-about", "conditional-book")[0])
    await user.should_see("Use this template")
    with user._client:
        (readme,) = list(ElementFilter(kind=ui.markdown, local_scope=False))
    assert readme.content.startswith("**What it shows.**")
    press(user, having(user, "data-use-this", "conditional-book")[0])
    for _ in range(1500):
        if (tmp_path / "conditional-book" / "README.md").exists():
            break
        await asyncio.sleep(0.02)
    names = {path.name for path in (tmp_path / "conditional-book").iterdir()}
    assert {"workflow.asl.json", "mocks.json", "input.json", "input.notabook.json", "expected.json"} <= names
