"""An HTTP server on this machine whose answers a test chooses by the path."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from studio.exec.performers import connections, web

USER, PASSWORD, KEY, CLIENT, CLIENT_SECRET = "ana", "pässword:1", "key-123", "client-1", "hush"


@dataclass
class Server:
    """What was asked, in order. `tokens`: how many OAuth tokens were given out; only the last is valid."""

    url: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)
    tokens: int = 0
    body_credentials: bool = True
    """Whether the token endpoint takes the client's credentials from the body; else from the Basic header."""

    @property
    def last(self) -> dict[str, Any]:
        return self.seen[-1]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def _answer(self) -> None:
        store: Server = self.server.store
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = {k.lower(): v for k, v in self.headers.items()}
        store.seen.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
        match parts.path:
            case "/basic":
                wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
                self._json(200 if headers.get("authorization") == wanted else 401, {"signed": headers.get("authorization")})
            case "/key":
                self._json(200 if headers.get("x-api-key") == KEY else 403, {"key": headers.get("x-api-key")})
            case "/oauth":
                self._json(200 if headers.get("authorization") == f"Bearer token-{store.tokens}" else 401, {})
            case "/token":
                self._token(store, headers, dict(parse_qsl(body)) | query)
            case "/redirect" | "/loop":
                self.send_response(int(query.get("status", "302")))
                self.send_header("Location", query.get("to", "/loop"))
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "/raw":
                self._send(200, base64.b64decode(query["body"]), query.get("type", "text/plain"))
            case "/slow":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                for _ in range(100):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.05)
            case _:
                self._json(
                    int(query.get("status", "200")), {"got": json.loads(body)} if body.startswith(("{", '"', "[")) else {"text": body}
                )

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = _answer  # noqa: N815

    def _token(self, store: Server, headers: dict[str, str], given: dict[str, str]) -> None:
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        in_body = (given.get("client_id"), given.get("client_secret")) == (CLIENT, CLIENT_SECRET) and store.body_credentials
        in_header = headers.get("authorization") == basic and not store.body_credentials
        if given.get("grant_type") != "client_credentials" or not (in_body or in_header):
            self._json(401, {"error": "invalid_client"})
            return
        store.tokens += 1
        self._json(200, {"access_token": f"token-{store.tokens}", "token_type": "bearer", "expires_in": 3600})

    def _json(self, status: int, value: Any) -> None:
        self._send(status, json.dumps(value).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if "invocations" in self.path and "bad" in self.path:
            self.send_header("X-Amz-Function-Error", "Unhandled")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


def serving(store: Server, context: Any = None) -> Iterator[Server]:
    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    server.store = store  # type: ignore[attr-defined]
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    web._KEPT.open.clear()
    connections._TOKENS.clear()
    store.url = f"{'http' if context is None else 'https'}://127.0.0.1:{server.server_address[1]}"
    yield store
    for connection in web._KEPT.open.values():
        connection.close()
    web._KEPT.open.clear()
    server.shutdown()
    thread.join()
    server.server_close()
