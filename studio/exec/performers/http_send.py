"""Sending an HTTP Task's request: who may be called, redirects, what was seen of it.

*Consent*: this machine may always be called; any other host only over HTTPS, and only where the person has allowed it for the workspace (the
settings page, `--allow-http HOST`, or the environment variable `ASL_STUDIO_ALLOW_HTTP`: hosts with commas between them). `*.example.com` allows
the hosts below a domain, `*` every host. A redirect leads only where the first request could have gone, and from outside never to this machine.

*Redirects*: at most 10. To another scheme, host or port what the connection added is left behind; a request whose body has members of the
connection is not sent there at all. AWS does not document redirects; these are the rules of the Fetch standard, which HTTP clients share.

Errors: `Refused` where a request is not sent; `OSError` and `http.client.HTTPException` where no answer came.
"""

from __future__ import annotations

import ipaddress
import os
import re
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from studio.asl.values import Failure
from studio.exec.performers import web
from studio.exec.performers.connections import Authorization

TIMEOUT = 60.0
MAX_REDIRECTS = 10
VARIABLE = "ASL_STUDIO_ALLOW_HTTP"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HIDDEN = "***"
_REFUSED = re.compile(r"Calls to (\S+) are not allowed from this workspace, so nothing was sent\.")


class Refused(Exception):  # noqa: N818 - becomes the failure of a task, never seen as an exception
    """A request that is not sent; the message is the cause."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request without what the connection adds. `query` is encoded already."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it was sent and its answer (a Failure where none came). `plain` is the request without what the connection added."""

    sent: Request
    plain: Request
    answer: web.Answer | Failure
    secrets: frozenset[str]

    def shown(self, *, reveal: bool) -> dict[str, dict[str, str]]:
        """`request` and `response` as TestState's TRACE level tells them: all texts, headers as `[name: value, …]`. Without `reveal` what the
        connection added is left out, and where an answer repeats a secret it is hidden.
        """

        def hidden(text: str) -> str:
            for secret in sorted(self.secrets, key=len, reverse=True) if not reveal else ():
                text = text.replace(secret, _HIDDEN)
            return text

        request = self.sent if reveal else self.plain
        found = {
            "request": {
                "protocol": urlsplit(request.url).scheme,
                "method": request.method,
                "url": hidden(request.url),
                "headers": _listed(request.headers.items()),
                **({"body": hidden(request.body.decode("utf-8", "replace"))} if request.body is not None else {}),
            }
        }
        if not isinstance(self.answer, Failure):
            found["response"] = {
                "protocol": urlsplit(request.url).scheme,
                "statusCode": str(self.answer.status),
                "statusMessage": self.answer.reason,
                "headers": hidden(_listed((name.lower(), value) for name, value in self.answer.headers)),
                "body": hidden(self.answer.body.decode("utf-8", "replace")),
            }
        return found


def _listed(headers: Collection[tuple[str, str]] | object) -> str:
    return f"[{', '.join(f'{name}: {value}' for name, value in headers)}]"  # type: ignore[attr-defined]


def from_environment() -> frozenset[str]:
    """The hosts that the environment allows."""
    return frozenset(host.strip().lower() for host in os.environ.get(VARIABLE, "").replace(",", " ").split())


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check(url: str, allowed: Collection[str], what: str = "endpoint") -> None:
    """Refuse an address that may not be called."""
    parts = urlsplit(url)
    try:
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise Refused(f"The {what} '{url}' is not a URL: {error}.") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise Refused(f"The {what} '{url}' must begin with https:// (http:// is allowed to this machine only).")
    if is_loopback(host):
        return
    if parts.scheme != "https":
        raise Refused(f"The {what} '{url}' must begin with https:// (http:// is allowed to this machine only).")
    if not any(one in {host, "*"} or (one.startswith("*.") and host.endswith(one[1:])) for one in map(str.lower, allowed)):
        raise Refused(
            f"Calls to {host} are not allowed from this workspace, so nothing was sent. Allow them once in the settings (HTTP Tasks), with the "
            f"option --allow-http {host}, or with the environment variable {VARIABLE}={host}; or mock this state."
        )


def refused_host(cause: str) -> str | None:
    """The host that a person may allow, where a task was refused for it; None for any other cause."""
    found = _REFUSED.search(cause)
    return found[1] if found else None


def send(request: Request, added: Authorization, allowed: Collection[str]) -> tuple[web.Answer, Request]:
    """The answer after all redirects, and the request it answers. `request` has what `added` added."""
    limit = time.monotonic() + TIMEOUT
    for _ in range(MAX_REDIRECTS + 1):
        left = limit - time.monotonic()
        if left <= 0:
            raise TimeoutError
        answer = web.request(request.method, request.url, headers=request.headers, body=request.body, timeout=left)
        location = answer.header("location")
        if answer.status not in _REDIRECTS or not location:
            break
        inside = is_loopback(urlsplit(request.url).hostname or "")
        request = _redirected(request, added, answer.status, urljoin(request.url, location))
        check(request.url, allowed, "redirect to")
        if not inside and is_loopback(urlsplit(request.url).hostname or ""):
            raise Refused(f"The endpoint redirects to this machine ({request.url}), which nobody outside may do.")
    return answer, request  # pyright: ignore[reportPossiblyUnboundVariable] - the loop runs at least once


def _redirected(request: Request, added: Authorization, status: int, url: str) -> Request:
    if status == 303 or (status in {301, 302} and request.method == "POST"):
        kept = {k: v for k, v in request.headers.items() if k.lower() not in {"content-type", "content-length"}}
        request = replace(request, method="HEAD" if request.method == "HEAD" else "GET", headers=kept, body=None)
    here, there = urlsplit(request.url), urlsplit(url)
    if (here.scheme, here.netloc) == (there.scheme, there.netloc):
        return replace(request, url=url)
    if added.body and request.body is not None:
        raise Refused(
            f"The endpoint redirects to {there.netloc}, and the request's body holds members of the connection: it is not sent there."
        )
    mine = {name.lower() for name in added.headers}
    return replace(request, url=url, headers={k: v for k, v in request.headers.items() if k.lower() not in mine})
