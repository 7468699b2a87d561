"""A real studio in a process of its own and a real Chromium, for the tests of gestures.

One Chromium, and one studio for the tests that only look at workflows, serve all tests that follow each other: each test has a folder of its own
in that studio (`studio`), and the page it opens first is the one the last test left, with its cache. Tests of what a workspace as a whole has,
its runs, its start and its end, start a studio of their own (`serve`).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="the tests of gestures need playwright")

REPOSITORY = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-default-apps",
    "--mute-audio",
    "--force-color-profile=srgb",
]
CANDIDATES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium")


def chromium() -> str | None:
    """The Chromium to drive: the system's, or None for playwright's own."""
    named = os.environ.get("ASL_STUDIO_CHROMIUM")
    return named or next((path for path in CANDIDATES if Path(path).is_file()), None) or shutil.which("chromium")


@dataclass
class Server:
    """A running studio. `stop` ends it gently, `kill` as a power cut would."""

    process: subprocess.Popen[bytes]
    url: str
    workspace: Path
    log: Path

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(workspace: Path, log: Path, port: int | None = None, **environment: str) -> Server:
    """Starts a studio on a workspace and waits until it answers."""
    chosen = port or free_port()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}  # NiceGUI behaves otherwise under pytest
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "studio.app", str(workspace), "--port", str(chosen)],
            cwd=REPOSITORY,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**plain, "NICEGUI_STORAGE_PATH": str(log.parent / "nicegui"), **environment},
        )
    server = Server(process, f"http://127.0.0.1:{chosen}", workspace, log)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=1) as answer:
                if answer.status == 200:
                    return server
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.05)
    server.kill()
    pytest.fail(f"the studio did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts studios that end with the test; the log must hold no traceback then."""
    started: list[Server] = []

    def start(workspace: Path, **options: Any) -> Server:
        server = start_server(workspace, tmp_path / f"server-{len(started)}.log", **options)
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
        text = server.log.read_text("utf-8", "replace")
        assert "Traceback" not in text, text[-4000:]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


class Shared:
    """What the tests of one process share: playwright with a Chromium, a studio, and the page it was looked at with last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tests = 0
        self._driver: Any = None
        self._browser: Any = None
        self._server: Server | None = None
        self._page: Any = None
        self.wrong: list[str] = []

    @property
    def browser(self) -> Any:
        if self._browser is None:
            self._driver = playwright.sync_playwright().start()
            try:
                self._browser = self._driver.chromium.launch(executable_path=chromium(), args=FLAGS)
            except playwright.Error as error:
                self.close()
                pytest.skip(f"no Chromium: {str(error).splitlines()[0]}")
        return self._browser

    @property
    def server(self) -> Server:
        if self._server is None or self._server.process.poll() is not None:
            workspace = self.folder / "workspace"
            workspace.mkdir(exist_ok=True)
            self._server = start_server(workspace, self.folder / "server.log")
        return self._server

    def is_of_studio(self, url: str) -> bool:
        return self._server is not None and url.startswith(f"{self._server.url}/")

    def page(self) -> Any:
        """The page of the shared studio: made once, so that what it has loaded is there for the next test."""
        if self._page is None:
            self._page = self.new_page()
        return self._page

    def keeps(self, page: Any) -> bool:
        """Whether a page is the one that the next test gets."""
        return page is self._page

    def new_page(self, *, touch: bool = False) -> Any:
        """A page, in a context of its own, that tells what goes wrong in it."""
        page = self.browser.new_context(accept_downloads=True, has_touch=touch).new_page()
        page.set_default_timeout(30_000)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", self._fetched)
        return page

    def _listen(self, message: Any) -> None:
        if message.type == "error" and "favicon" not in message.text:
            self.wrong.append(message.text)

    def _fetched(self, request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:")):
            self.wrong.append(f"fetched {request.url}")

    def close(self) -> None:
        if self._browser is not None:
            self._browser.close()
        if self._driver is not None:
            self._driver.stop()
        if self._server is not None:
            self._server.stop()
        self._driver = self._browser = self._server = self._page = None


SHARED = pytest.StashKey[Shared]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In continuous integration a test with a browser may fail once: the summary names it, and it is to be looked into."""
    for item in items:
        if os.environ.get("CI") and item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shared:
    stash = request.config.stash
    if SHARED not in stash:
        stash[SHARED] = Shared(tmp_path_factory.mktemp("shared"))
    return stash[SHARED]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Ends what is shared behind the last of these tests: playwright's event loop would be in the way of other tests."""
    if (nextitem is None or nextitem.path.parent != item.path.parent) and (shared := item.config.stash.get(SHARED, None)) is not None:
        shared.close()


@dataclass
class Studio:
    """A folder of the shared studio's workspace, for one test."""

    folder: Path
    url: str

    def at(self, file: str) -> str:
        """The address of a workflow of the folder; `file` may have a query behind it."""
        return f"{self.url}/w/{self.folder.name}/{file}"


@pytest.fixture
def studio(shared: Shared) -> Iterator[Studio]:
    """The shared studio, in which the test has a folder; its log must hold no traceback of the test."""
    server = shared.server
    shared.tests += 1
    folder = server.workspace / f"test-{shared.tests}"
    folder.mkdir()
    before = server.log.stat().st_size
    yield Studio(folder, server.url)
    text = server.log.read_bytes()[before:].decode("utf-8", "replace")
    assert "Traceback" not in text, text[-4000:]


@pytest.fixture
def open_page(shared: Shared) -> Iterator[Callable[..., Any]]:
    """Opens pages of which none may log an error, fail, or fetch anything from another host."""
    opened: list[Any] = []
    shared.wrong.clear()

    def open_(url: str, *, width: int = 1440, height: int = 900, dark: bool = False, touch: bool = False) -> Any:
        reused = not touch and shared.is_of_studio(url) and shared.page() not in opened
        page = shared.page() if reused else shared.new_page(touch=touch)
        opened.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="null")
        page.goto(url)
        return page

    yield open_
    for page in opened:
        if shared.keeps(page):
            page.goto("about:blank")
        else:
            page.context.close()
    assert shared.wrong == []
