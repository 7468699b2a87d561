"""The closed door: no web page the user visits may read the studio or act through it.

Theory of operation: an ASGI middleware in front of pages, sockets and API alike.

* On loopback, `Host` must name this machine and our port. A page that rebinds its own name to 127.0.0.1 still sends its own
  name, so it is refused (DNS rebinding).
* `Origin`, where a browser sends one, must be the origin of `Host` itself. Web sockets and every cross-site POST carry one.
* A browser that says it is loading for another site (`Sec-Fetch-Site: cross-site`) may only navigate here, never include.
* Off loopback every request must bring the token: cookie, `Authorization: Bearer`, or as the access key of an AWS signature.
  `?token=…` in a link sets the cookie and is taken out of the address at once.
* Answers carry headers that forbid framing and any fetch to another host.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from studio.settings import Settings, is_loopback
from studio.ui import leaving

POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request may not come in: one plain sentence."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """A link with a right token: set the cookie and go to the same address without it."""

    location: str


class Door:
    """ASGI middleware; `Door(app, settings=…)`."""

    def __init__(self, app: Any, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.token = settings.token.get_secret_value() if settings.token else ""
        self.cookie = f"asl-studio-{settings.port}"
        self.cookie_value = hashlib.sha256(f"asl-studio\0{self.token}".encode()).hexdigest()  # the token itself stays out of the jar

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        verdict = self.judge(scope)
        if verdict is None and scope["type"] == "websocket":
            await self.app(scope, receive, _with_headers(send))
        elif verdict is None:
            await leaving.serve(self.app, scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before accept: the server answers 403
        elif isinstance(verdict, Redirect):
            cookie = f"{self.cookie}={self.cookie_value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"
            await _answer(send, 303, b"", [(b"location", verdict.location.encode()), (b"set-cookie", cookie.encode())])
        else:
            await _answer(send, 403, verdict.sentence.encode(), [(b"content-type", b"text/plain; charset=utf-8")])

    def judge(self, scope: dict[str, Any]) -> Refusal | Redirect | None:
        """None: come in."""
        headers: dict[str, list[str]] = {}
        for key, value in scope.get("headers", ()):
            headers.setdefault(key.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        hosts = headers.get("host", [])
        if len(hosts) != 1:
            return Refusal("This request does not say which host it wants; ASL Studio answers only requests for itself.")
        host = hosts[0].strip().lower()
        if not self._is_our_name(host):
            return Refusal(f"ASL Studio does not answer as {_printable(host)}. Open it under http://{self._home()}/.")
        for origin in headers.get("origin", []):
            if origin.strip().lower() not in {f"http://{host}", f"https://{host}"}:
                return Refusal(f"A page of {_printable(origin)} asked; only pages of the studio itself may.")
        site = headers.get("sec-fetch-site", [""])[0]
        navigates = headers.get("sec-fetch-mode", [""])[0] == "navigate" and headers.get("sec-fetch-dest", [""])[0] == "document"
        if site in {"cross-site", "same-site"} and not (navigates and scope.get("method") in {"GET", "HEAD"}):
            return Refusal("Another site asked for this; only pages of the studio itself may.")
        return self._ask_token(scope, headers) if self.token and not is_loopback(self.settings.host) else None

    def _home(self) -> str:
        return f"{self.settings.host}:{self.settings.port}"

    def _is_our_name(self, host: str) -> bool:
        match = re.fullmatch(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::(\d{1,5}))?", host)
        if not match:
            return False
        name, port = match[1], int(match[2] or 80)
        if name in self.settings.allowed_hosts or not is_loopback(self.settings.host):
            return True  # off loopback the token decides: a rebound name has no cookie
        # botocore puts "sync-" in front of the host for StartSyncExecution and TestState
        return port == self.settings.port and is_loopback(name.removeprefix("sync-"))

    def _ask_token(self, scope: dict[str, Any], headers: dict[str, list[str]]) -> Refusal | Redirect | None:
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        given = [value for key, value in query if key == "token"]
        if given and scope["type"] == "http" and scope.get("method") == "GET":
            if not any(self._right(value) for value in given):
                return Refusal("This token is not the one the studio was started with.")
            rest = urlencode([(key, value) for key, value in query if key != "token"])
            path = "/" + quote(scope.get("path", "/").lstrip("/"))
            return Redirect(path + (f"?{rest}" if rest else ""))
        if any(self._right(value) for value in self._tokens(headers)) or self.cookie_value in self._cookies(headers):
            return None
        return Refusal("This studio asks for its token: open the address with ?token=… that it printed when it was started.")

    def _cookies(self, headers: dict[str, list[str]]) -> list[str]:
        found: list[str] = []
        for line in headers.get("cookie", []):
            try:
                jar = SimpleCookie(line)
            except CookieError:
                continue
            if self.cookie in jar:
                found.append(jar[self.cookie].value)
        return found

    def _tokens(self, headers: dict[str, list[str]]) -> list[str]:
        found: list[str] = []
        for line in headers.get("authorization", []):
            if line.startswith("Bearer "):
                found.append(line.removeprefix("Bearer ").strip())
            elif match := re.match(r"AWS4-HMAC-SHA256 .*?Credential=([^/,\s]+)/", line):
                found.append(match[1])
        return found

    def _right(self, value: str) -> bool:
        return hmac.compare_digest(value.encode(), self.token.encode())


def _printable(text: str) -> str:
    return re.sub(r"[^\x21-\x7e]", "?", text)[:100]


async def _answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store"), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _with_headers(send: Any) -> Any:
    async def sending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
        await send(message)

    return sending
