"""A studio in this process, with NiceGUI's simulated user: no browser, no port."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from nicegui import Client, core, ui
from nicegui.functions.download import download
from nicegui.functions.navigate import Navigate
from nicegui.functions.notify import notify
from nicegui.testing import User
from nicegui.testing.general import nicegui_reset_globals, prepare_simulation

from studio.app import create_app, serve
from studio.settings import Settings
from studio.ui.context import Studio

HOST = "localhost:8080"


@pytest.fixture(scope="module", autouse=True)
def thawed() -> Iterator[None]:
    """What the tests of a module froze is looked through once, after the last one."""
    yield
    gc.unfreeze()


class PatientUser(User):
    """Looks again for half a minute where NiceGUI's own gives up after less than half a second: a busy machine is no defect."""

    async def should_see(self, *what: Any, retries: int = 300, **how: Any) -> None:
        await super().should_see(*what, retries=retries, **how)

    async def should_not_see(self, *what: Any, retries: int = 600, **how: Any) -> None:
        await super().should_not_see(*what, retries=retries, **how)


@asynccontextmanager
async def simulated(path: Path) -> AsyncIterator[tuple[User, Studio]]:
    """A studio on `path` and a user of it. Requests name the studio's own host, as the door demands."""
    gc.freeze()  # NiceGUI looks for cycles several times a test: not through all that the tests before have loaded
    with nicegui_reset_globals():
        os.environ["NICEGUI_USER_SIMULATION"] = "true"
        try:
            prepare_simulation()
            chosen = Settings(lint_delay=0, autosave_delay=0.1, disk_poll=0.1)
            studio = create_app(path, chosen)
            serve(chosen)
            client = httpx.AsyncClient(transport=httpx.ASGITransport(core.app), base_url=f"http://{HOST}")
            async with core.app.router.lifespan_context(core.app), client:
                yield PatientUser(client), studio
        finally:
            os.environ.pop("NICEGUI_USER_SIMULATION", None)
            ui.navigate = Navigate()
            ui.notify = notify
            ui.download = download
            Client.page_routes.clear()  # else our own modules would be taken out of sys.modules


@pytest.fixture
async def open_studio() -> AsyncIterator[Callable[[Path], Any]]:
    """`user, studio = await open_studio(folder)`"""
    async with AsyncExitStack() as stack:

        async def enter(path: Path) -> tuple[User, Studio]:
            return await stack.enter_async_context(simulated(path))

        yield enter
