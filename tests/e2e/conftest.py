"""A real studio in a process of its own and a real Chromium, for the tests of gestures."""

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        try:
            started = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {str(error).splitlines()[0]}")
        yield started
        started.close()


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


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages of which none may log an error, fail, or fetch anything from another host."""
    contexts: list[Any] = []
    wrong: list[str] = []

    def listen(message: Any) -> None:
        if message.type == "error" and "favicon" not in message.text:
            wrong.append(message.text)

    def fetched(request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            wrong.append(f"fetched {request.url}")

    def open_(url: str, *, width: int = 1440, height: int = 900, dark: bool = False, touch: bool = False) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
            has_touch=touch,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", listen)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", fetched)
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []
