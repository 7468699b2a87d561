"""Who leaves before the answer: a browser that goes to another page while this one's files are still under way.

Theory of operation: a file's answer that sees its reader go stops where it is, after its head and before its body; the socket library, asked
by somebody who has gone already, fails or says nothing. Those around it that wait for a whole answer (compression holds the head back until
there is a body) would then call the request failed, with a traceback in the log. So an answer that was left is brought to its end here: nobody
reads it.
"""

from __future__ import annotations

import asyncio
from typing import Any

import anyio

LEFT = 499
"""The status of an answer to somebody who has left; no browser ever sees it."""
SOCKETS = "/_nicegui_ws/"
PATIENCE = 1.0
"""Seconds in which an answer that is broken off may end its sentence."""


async def serve(app: Any, scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Calls an ASGI application for one HTTP request so that there is a whole answer even if the reader leaves."""
    left = started = ended = False
    heard: list[dict[str, Any]] = []

    async def hear() -> dict[str, Any]:
        nonlocal left
        message: dict[str, Any] = heard.pop() if heard else await receive()
        left = left or message["type"] == "http.disconnect"
        return message

    async def tell(message: dict[str, Any]) -> None:
        nonlocal started, ended
        saying = asyncio.ensure_future(send(message))
        try:
            await asyncio.shield(saying)
        finally:
            if not saying.done():  # broken off, as a file's answer is: said or not said, but not for ever where nobody listens
                with anyio.move_on_after(PATIENCE, shield=True):
                    await asyncio.wait([saying])
                saying.cancel()
            if saying.done() and not saying.cancelled() and saying.exception() is None:
                started = started or message["type"] == "http.response.start"
                ended = ended or message["type"] == "http.response.pathsend"
                ended = ended or (message["type"] == "http.response.body" and not message.get("more_body", False))

    if scope["path"].startswith(SOCKETS):  # it takes who has left for a request without a method
        heard.append(await hear())
    if not left:
        await app(scope, hear, tell)
    if left and not started:
        await send({"type": "http.response.start", "status": LEFT, "headers": [(b"content-length", b"0")]})
    if left and not ended:
        await send({"type": "http.response.body", "body": b""})


__all__ = ["LEFT", "serve"]
