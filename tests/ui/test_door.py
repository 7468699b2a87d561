"""The closed door: which requests come in, and what the others are told."""

from __future__ import annotations

from typing import Any

import pytest

from studio.errors import SettingsError
from studio.settings import Settings, settings
from studio.ui.door import Door, Redirect, Refusal

TOKEN = "correct-horse-battery"


def scope(kind: str = "http", method: str = "GET", path: str = "/", query: str = "", **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": kind, "method": method, "path": path, "query_string": query.encode(), "headers": pairs}


def door(**options: Any) -> Door:
    async def inside(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"in"})

    return Door(inside, Settings(**options))


async def knock(guard: Door, request: dict[str, Any]) -> tuple[int, str, dict[str, str]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect" if request["type"] == "websocket" else "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await guard(request, receive, send)
    if sent[0]["type"] == "websocket.close":
        return 403, "", {}
    return sent[0]["status"], sent[1]["body"].decode(), {k.decode(): v.decode() for k, v in sent[0]["headers"]}


ALLOWED = {
    "by address": scope(host="127.0.0.1:8080"),
    "by name": scope(host="localhost:8080"),
    "by IPv6 address": scope(host="[::1]:8080"),
    "any loopback address": scope(host="127.1.2.3:8080"),
    "a name below localhost": scope(host="studio.localhost:8080"),
    "botocore's host prefix": scope(method="POST", host="sync-localhost:8080"),
    "our own page": scope(kind="websocket", host="localhost:8080", origin="http://localhost:8080"),
    "our own page behind TLS": scope(host="localhost:8080", origin="https://localhost:8080"),
    "a link on another site": scope(
        host="localhost:8080", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="document"
    ),
    "the address bar": scope(host="localhost:8080", sec_fetch_site="none", sec_fetch_mode="navigate", sec_fetch_dest="document"),
    "boto3, which sends no Origin": scope(method="POST", host="127.0.0.1:8080", x_amz_target="AWSStepFunctions.ListExecutions"),
}
REFUSED = {
    "a foreign host": scope(host="evil.example"),
    "a rebound name with our port": scope(host="evil.example:8080"),
    "a name that only begins like ours": scope(host="localhost.evil.example:8080"),
    "a name that only ends like ours": scope(host="evillocalhost:8080"),
    "another port": scope(host="localhost:9999"),
    "no port": scope(host="localhost"),
    "no host": scope(),
    "an empty host": scope(host=""),
    "a host with a user": scope(host="user@localhost:8080"),
    "a LAN address": scope(host="192.168.1.5:8080"),
    "a foreign origin": scope(host="localhost:8080", origin="http://evil.example"),
    "another port's origin": scope(host="localhost:8080", origin="http://localhost:3000"),
    "an opaque origin": scope(host="localhost:8080", origin="null"),
    "a foreign origin's POST to the API": scope(method="POST", host="localhost:8080", origin="https://evil.example"),
    "a foreign origin's web socket": scope(
        kind="websocket", path="/_nicegui_ws/socket.io/", host="localhost:8080", origin="http://evil.example"
    ),
    "a script tag on another site": scope(
        host="localhost:8080", sec_fetch_site="cross-site", sec_fetch_mode="no-cors", sec_fetch_dest="script"
    ),
    "a frame on another site": scope(
        host="localhost:8080", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="iframe"
    ),
    "a form on another site": scope(
        method="POST", host="localhost:8080", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="document"
    ),
}


@pytest.mark.parametrize("request_", ALLOWED.values(), ids=ALLOWED.keys())
async def test_comes_in(request_: dict[str, Any]) -> None:
    assert door().judge(request_) is None


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED.keys())
async def test_stays_out(request_: dict[str, Any]) -> None:
    status, body, _ = await knock(door(), request_)
    assert status == 403
    assert body.endswith((".", "/.")) or request_["type"] == "websocket"


async def test_two_hosts_stay_out() -> None:
    request = scope(host="localhost:8080")
    request["headers"].append((b"host", b"evil.example"))
    assert isinstance(door().judge(request), Refusal)


async def test_refusal_does_not_repeat_markup() -> None:
    _, body, headers = await knock(door(), scope(host="<script>alert(1)</script>"))
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["x-content-type-options"] == "nosniff"
    assert "\n" not in body


async def test_answers_forbid_framing_and_foreign_fetches() -> None:
    status, body, headers = await knock(door(), scope(host="localhost:8080"))
    assert (status, body) == (200, "in")
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]


class TestBeyondLoopback:
    """Listening where others can reach: the token decides, whatever the name."""

    def guard(self) -> Door:
        return door(host="0.0.0.0", token=TOKEN)

    async def test_without_token(self) -> None:
        status, body, _ = await knock(self.guard(), scope(host="studio.lan:8080"))
        assert (status, "token" in body) == (403, True)

    async def test_loopback_name_needs_it_too(self) -> None:
        assert isinstance(self.guard().judge(scope(host="localhost:8080")), Refusal)

    async def test_link_sets_the_cookie_and_hides_the_token(self) -> None:
        status, _, headers = await knock(
            self.guard(), scope(host="studio.lan:8080", path="/w/a b.asl.json", query=f"view=code&token={TOKEN}")
        )
        assert (status, headers["location"]) == (303, "/w/a%20b.asl.json?view=code")
        assert TOKEN not in headers["set-cookie"]
        assert "HttpOnly; SameSite=Lax" in headers["set-cookie"]
        cookie = headers["set-cookie"].split(";")[0]
        assert self.guard().judge(scope(host="studio.lan:8080", cookie=cookie)) is None
        assert self.guard().judge(scope(kind="websocket", host="studio.lan:8080", cookie=cookie, origin="http://studio.lan:8080")) is None

    @pytest.mark.parametrize("path", ["//evil.example/", "/\r\nX: y", "/\\evil.example"])
    async def test_redirect_stays_here(self, path: str) -> None:
        verdict = self.guard().judge(scope(host="studio.lan:8080", path=path, query=f"token={TOKEN}"))
        assert isinstance(verdict, Redirect)
        assert verdict.location.startswith("/")
        assert not verdict.location.startswith(("//", "/\\"))
        assert "\n" not in verdict.location

    async def test_wrong_token(self) -> None:
        assert isinstance(self.guard().judge(scope(host="studio.lan:8080", query="token=wrong")), Refusal)
        assert isinstance(self.guard().judge(scope(host="studio.lan:8080", authorization="Bearer wrong")), Refusal)
        assert isinstance(self.guard().judge(scope(host="studio.lan:8080", cookie="asl-studio-8080=wrong")), Refusal)

    async def test_clients_without_cookies(self) -> None:
        signature = f"AWS4-HMAC-SHA256 Credential={TOKEN}/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0"
        assert self.guard().judge(scope(method="POST", host="studio.lan:8080", authorization=f"Bearer {TOKEN}")) is None
        assert self.guard().judge(scope(method="POST", host="studio.lan:8080", authorization=signature)) is None

    async def test_foreign_origin_with_cookie(self) -> None:
        guard = self.guard()
        request = scope(host="studio.lan:8080", cookie=f"{guard.cookie}={guard.cookie_value}", origin="http://evil.example")
        assert isinstance(guard.judge(request), Refusal)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "studio.lan"])
def test_listening_elsewhere_demands_a_token(host: str) -> None:
    with pytest.raises(SettingsError, match="no token is set"):
        settings(host=host)
    assert settings(host=host, token=TOKEN).host == host


@pytest.mark.parametrize(
    ("options", "word"),
    [({"port": 0}, "port"), ({"port": 70000}, "port"), ({"host": "0.0.0.0", "token": "short"}, "too short"), ({"colour": "red"}, "colour")],
)
def test_settings_that_cannot_be_used(options: dict[str, Any], word: str) -> None:
    with pytest.raises(SettingsError, match=word):
        settings(**options)
