"""The composition root: the only module that knows every other one.

`create_app` opens a workspace and puts pages, API and the closed door on NiceGUI's application; `run` serves it. A page's code is
imported when it is first asked for, so that the server answers soon after its start.

    python -m studio.app [PATH] [--port 8080]        the same as `studio PATH`
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from nicegui import app, background_tasks, ui
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from studio.errors import SettingsError, WorkspaceError
from studio.exec.aws import AwsStepFunctions
from studio.exec.local import LocalStepFunctions
from studio.exec.performers.sandbox import Sandbox
from studio.exec.remote import AwsRuns
from studio.settings import Settings, is_loopback, settings
from studio.store.workspace import Workspace
from studio.ui import theme
from studio.ui.context import Studio
from studio.ui.door import Door
from studio.ui.preferences import PreferenceFile
from studio.ui.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def open_studio(path: Path, chosen: Settings) -> Studio:
    """The studio of a folder, or of one workflow file. Errors: WorkspaceError.

    In a folder that may not be written to, executions and preferences last as long as the studio runs.
    """
    workspace = Workspace(path)
    try:
        state = workspace.state_folder
    except WorkspaceError:
        state = None
    preferences = PreferenceFile(state / "preferences.json" if state else None)
    engine = LocalStepFunctions(state / "executions.sqlite" if state else None, functions=workspace.root / "functions", sandbox=Sandbox())
    engine.worlds.allow_http = lambda: (*preferences.value.http_hosts, *chosen.allow_http)
    engine.worlds.workflow_of, engine.worlds.file_at = workspace.of_machine, workspace.file_at
    sessions = Sessions(workspace, chosen, preferences)
    sessions.moved = engine.rename_workflow
    service = AwsStepFunctions(profile=chosen.profile, region=chosen.region, endpoint_url=chosen.endpoint_url)
    aws = AwsRuns(service, lambda: preferences.value.aws_access == "write")
    return Studio(workspace, engine, chosen, preferences, sessions, aws)


def create_app(path: Path, chosen: Settings) -> Studio:
    """Opens the workspace and configures NiceGUI's application: door, theme, pages, API, life of the engine."""
    studio = open_studio(path, chosen)
    app.add_middleware(Door, settings=chosen)
    theme.install()
    app.on_startup(studio.engine.start)
    app.on_startup(lambda: background_tasks.create(_housekeeping(studio), name="housekeeping"))
    app.on_startup(lambda: background_tasks.create(studio.engine.searching.keep_up(), name="index of the runs"))
    app.on_shutdown(studio.engine.aclose)
    app.on_shutdown(studio.workspace.close)
    _pages(studio)
    _routes(studio)
    return studio


async def _housekeeping(studio: Studio) -> None:
    """Once an hour: the runs that the settings do not want to be kept go."""
    while True:
        wanted = studio.preferences.value
        await studio.engine.forget_executions(keep_days=wanted.keep_days or None, keep_megabytes=wanted.keep_megabytes or None)
        await asyncio.sleep(3600)


async def _warm() -> None:
    """Makes the search over all of AWS ready while the person looks at the first page.

    What botocore knows is read in another process where it is not kept on disk yet: it would hold up the pages for seconds.
    """
    if not await asyncio.to_thread(_names_kept):
        reading = await asyncio.create_subprocess_exec(sys.executable, "-m", "studio.catalogue.kept", stderr=asyncio.subprocess.DEVNULL)
        try:
            await reading.wait()
        finally:
            if reading.returncode is None:
                reading.kill()
    await asyncio.to_thread(_index)


def _names_kept() -> bool:
    from studio.catalogue import kept

    return not kept.places() or kept.load() is not None  # no place to keep them: the thread reads them


def _index() -> None:
    from studio.catalogue.search import index

    index()


def _pages(studio: Studio) -> None:
    """Each address with its page. The names of the parameters are those of the address."""

    @ui.page("/", response_timeout=15)
    async def home() -> None:
        from studio.ui.pages import home

        await home.page(studio)

    @ui.page("/w/{path:path}", response_timeout=15)
    async def editor(path: str, view: str = "", state: str = "", run: str = "") -> None:
        from studio.ui.pages import editor

        await editor.page(studio, path, view=view, state=state, run=run)

    @ui.page("/runs", response_timeout=15)
    async def runs(workflow: str = "", query: str = "", status: str = "") -> None:
        from studio.ui.pages import runs

        await runs.page(studio, workflow, query=query, status=status)

    @ui.page("/runs/compare", response_timeout=15)
    async def compare_page(a: str = "", b: str = "", state: str = "") -> None:
        from studio.ui.pages import compare

        await compare.page(studio, a, b, state=state)

    @ui.page("/runs/aws", response_timeout=15)
    async def aws_runs(machine: str = "", status: str = "") -> None:
        from studio.ui.pages import aws_runs

        await aws_runs.page(studio, machine, status)

    @ui.page("/runs/{arn:path}", response_timeout=15)
    async def run_page(arn: str, state: str = "", view: str = "", event: str = "", at: str = "", status: str = "") -> None:
        if ":mapRun:" in arn:
            from studio.ui.pages import map_run

            await map_run.page(studio, arn, status)
            return
        from studio.ui.pages import run as run_

        await run_.page(studio, arn, state=state, view=view, event=event, at=at)

    @ui.page("/templates", response_timeout=15)
    async def templates() -> None:
        from studio.ui.pages import templates

        await templates.page(studio)

    @ui.page("/tasks", response_timeout=15)
    async def tasks(task: str = "", run: str = "", state: str = "") -> None:
        from studio.ui.pages import tasks

        await tasks.page(studio, task=task, run=run, state=state)

    @ui.page("/settings", response_timeout=15)
    async def settings_page() -> None:
        from studio.ui.pages import settings as settings_

        await settings_.page(studio)


def _routes(studio: Studio) -> None:
    @app.get("/healthz")
    async def healthz() -> Response:
        return JSONResponse({"status": "ok"})

    @app.get("/templates/{name}.svg")
    def template_picture(name: str, theme: Literal["light", "dark"] = "light", *, thumbnail: bool = False) -> Response:
        from studio.ui.gallery import picture

        drawn = picture(name, theme, thumbnail=thumbnail)
        if drawn is None:
            return JSONResponse({"error": f"There is no template {name}."}, 404)
        return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=600"})

    @app.post("/")
    async def api(request: Request) -> Response:
        from studio.api.endpoint import handle

        return await handle(request, studio.engine)


def run(path: Path, *, on_ready: Callable[[str], Awaitable[None] | None] | None = None, **options: Any) -> None:
    """Serves the studio until it is stopped. `options` are settings by name. Errors: SettingsError, WorkspaceError."""
    chosen = settings(**options)
    _check_port(chosen.host, chosen.port)
    studio = create_app(path, chosen)
    home = f"/w/{quote(studio.workspace.only)}" if studio.workspace.only else "/"
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    address = f"http://{host}:{chosen.port}{home}"
    if not is_loopback(chosen.host) and chosen.token:
        address += f"?token={quote(chosen.token.get_secret_value())}"

    def announce() -> Any:
        if on_ready is not None:
            return on_ready(address)
        sys.stderr.write(f"ASL Studio: {address}\n")
        return None

    app.on_startup(announce)
    app.on_startup(lambda: background_tasks.create(_warm(), name="catalogue"))
    app.on_startup(gc.freeze)  # what is loaded now stays: no search for cycles goes through it again
    serve(chosen, home)


def serve(chosen: Settings, home: str = "/") -> None:
    """`ui.run` with our options: no reloading, no framework of styles, nothing from another host."""
    ui.run(
        host=chosen.host,
        port=chosen.port,
        title="ASL Studio",
        favicon=theme.MARK,
        dark=None,
        language="en-US",
        reload=False,
        show=home if (_person_with_browser() if chosen.browser is None else chosen.browser) else False,
        tailwind=False,
        show_welcome_message=False,
        binding_refresh_interval=None,
        reconnect_timeout=15.0,
        ws_per_message_deflate=False,  # on loopback compressing costs more than it saves: a drop must be seen within 100 ms
    )


def _person_with_browser() -> bool:
    return sys.stderr.isatty() and (
        sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    )


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise SettingsError(
                f"The studio cannot listen on {host}:{port}: {error.strerror or error}.",
                "Choose another port with --port, or stop what uses this one.",
            ) from error


if __name__ == "__main__":
    import argparse

    from studio.errors import StudioError

    parser = argparse.ArgumentParser(prog="python -m studio.app")
    parser.add_argument("path", nargs="?", type=Path, default=Path())
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--token")
    given = parser.parse_args()
    try:
        run(given.path, host=given.host, port=given.port, token=given.token)
    except StudioError as error:
        sys.exit(str(error))
