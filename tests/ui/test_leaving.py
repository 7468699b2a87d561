"""Who leaves before the answer leaves no failure behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from studio.api.endpoint import handle
from studio.ui import leaving
from studio.ui.leaving import LEFT, serve

HEAD = {"type": "http.response.start", "status": 200, "headers": []}
ASKED, GONE = {"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}


def says(*messages: dict[str, Any], hears: int = 1) -> Any:
    async def app(_scope: Any, receive: Any, send: Any) -> None:
        for _ in range(hears):
            await receive()
        for message in messages:
            await send(message)

    return app


async def answer(app: Any, *heard: dict[str, Any], path: str = "/") -> list[tuple[Any, ...]]:
    """What an application says, as (status,) and (body, more)."""
    left, told = list(heard), list[tuple[Any, ...]]()

    async def receive() -> dict[str, Any]:
        return left.pop(0)

    async def send(message: dict[str, Any]) -> None:
        head = message["type"] == "http.response.start"
        told.append((message["status"],) if head else (message.get("body"), message.get("more_body", False)))

    await serve(app, {"type": "http", "path": path, "method": "GET", "headers": []}, receive, send)
    return told


def body(text: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text, "more_body": more}


@pytest.mark.parametrize(
    ("app", "heard", "path", "told"),
    [
        (says(HEAD, body(b"all")), [ASKED], "/", [(200,), (b"all", False)]),
        (says(HEAD, body(b"half", more=True), hears=2), [ASKED, GONE], "/", [(200,), (b"half", True), (b"", False)]),
        (says(HEAD, hears=2), [ASKED, GONE], "/", [(200,), (b"", False)]),
        (says(hears=2), [ASKED, GONE], "/", [(LEFT,), (b"", False)]),
        (says(HEAD, body(b"all"), hears=2), [ASKED, GONE], "/", [(200,), (b"all", False)]),
        (says(HEAD, body(b"all")), [ASKED], "/_nicegui_ws/socket.io/", [(200,), (b"all", False)]),
        (says(hears=9), [GONE], "/_nicegui_ws/socket.io/", [(LEFT,), (b"", False)]),
    ],
    ids=[
        "stays",
        "left in the midst",
        "left after the head",
        "left before the head",
        "left after all",
        "a socket",
        "a socket left at once",
    ],
)
async def test_there_is_a_whole_answer(app: Any, heard: list[dict[str, Any]], path: str, told: list[tuple[Any, ...]]) -> None:
    assert await answer(app, *heard, path=path) == told


async def test_what_is_wrong_is_still_raised() -> None:
    async def wrong(_scope: Any, receive: Any, _send: Any) -> None:
        await receive()
        raise KeyError("x")

    with pytest.raises(KeyError):
        await answer(wrong, ASKED)


async def test_an_answer_that_nobody_takes_ends_when_the_request_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the studio stops: those around the request have gone, and what they would take stays untaken."""
    monkeypatch.setattr(leaving, "PATIENCE", 0.01)
    speaking = anyio.Event()

    async def send(_message: Any) -> None:
        speaking.set()
        await anyio.sleep_forever()

    async def receive() -> dict[str, Any]:
        return ASKED

    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(serve, says(HEAD, body(b"all")), {"type": "http", "path": "/", "method": "GET", "headers": []}, receive, send)
            await speaking.wait()
            group.cancel_scope.cancel()


async def test_a_file_left_halfway_is_no_failed_request(tmp_path: Path) -> None:
    """As it is in the studio: the file inside, compression around it, NiceGUI's middleware around that."""
    large = tmp_path / "large.js"
    large.write_bytes(b"x" * 200_000)

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        await serve(FileResponse(large), scope, receive, send)

    async def pass_on(request: Request, call_next: Any) -> Response:
        return await call_next(request)  # type: ignore[no-any-return]

    stack = BaseHTTPMiddleware(GZipMiddleware(inside), dispatch=pass_on)
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return GONE

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "path": "/large.js", "method": "GET", "headers": [(b"accept-encoding", b"gzip")], "extensions": {}}
    await stack(scope, receive, send)
    assert statuses == [200]


async def test_a_call_of_the_api_that_is_left_is_no_failure_of_it(caplog: pytest.LogCaptureFixture) -> None:
    async def receive() -> dict[str, Any]:
        return GONE

    headers = [(b"x-amz-target", b"AWSStepFunctions.ListStateMachines")]
    answered = await handle(Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive), None)  # type: ignore[arg-type]
    assert (answered.status_code, caplog.records) == (499, [])
