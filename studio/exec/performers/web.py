"""HTTP requests of tasks: one kept-alive connection per thread and host, over the standard library (quick to import, no event loop).

Errors: `OSError` and `http.client.HTTPException` where no answer came; `TimeoutError` (an `OSError`) where it had not come whole in time.
"""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MAX_BODY = 6_291_556
"""Bytes of an answer that are read: Lambda's limit, far above that of a payload."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. `headers` in the order they came, names as they were sent."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


class _Open(dict[tuple[str, str], http.client.HTTPConnection]):
    """A thread's connections, closed when the thread ends."""

    def __del__(self) -> None:
        for connection in self.values():
            connection.close()


class _Connections(threading.local):
    def __init__(self) -> None:
        self.open = _Open()


_KEPT = _Connections()


def request(method: str, url: str, *, headers: dict[str, str], body: bytes | None = None, timeout: float = 60.0) -> Answer:
    """Send one request; a kept connection that the server has closed meanwhile is opened anew, once."""
    parts = urlsplit(url)
    key = (parts.scheme, parts.netloc)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = _KEPT.open.pop(key, None)
    if kept is not None:
        try:
            return _exchange(key, kept, method, target, headers, body, timeout)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, http.client.CannotSendRequest):
            kept.close()
    return _exchange(key, _connect(parts.scheme, parts.netloc, timeout), method, target, headers, body, timeout)


def _connect(scheme: str, netloc: str, timeout: float) -> http.client.HTTPConnection:
    host = netloc.rpartition("@")[2]
    if scheme == "https":
        return http.client.HTTPSConnection(host, timeout=timeout)
    return http.client.HTTPConnection(host, timeout=timeout)


def _exchange(
    key: tuple[str, str],
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    headers: dict[str, str],
    body: bytes | None,
    timeout: float,
) -> Answer:
    limit = time.monotonic() + timeout
    connection.timeout = timeout
    if connection.sock is not None:
        connection.sock.settimeout(timeout)
    try:
        connection.request(method, target, body=body, headers=headers)
        socket = connection.sock
        response = connection.getresponse()
        content = _read(response, socket, limit)
        found = Answer(response.status, response.reason, tuple(response.getheaders()), content)
        whole = response.isclosed() and not response.will_close
    except BaseException:
        connection.close()
        raise
    if whole:
        _KEPT.open[key] = connection
    else:
        connection.close()
    return found


def _read(response: http.client.HTTPResponse, socket: Any, limit: float) -> bytes:
    """The body, with the time that is left for the whole of it rather than for each part."""
    parts: list[bytes] = []
    room = MAX_BODY + 1
    while room > 0 and not response.isclosed():
        left = limit - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        socket.settimeout(left)
        part = response.read1(min(room, 65536))
        if not part:
            response.read()  # notes the end, so that the connection can be kept
            break
        parts.append(part)
        room -= len(part)
    return b"".join(parts)
