"""HTTP Tasks and Lambda emulators, against a server on this machine."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from studio.asl.tree import Json
from studio.asl.values import Failure
from studio.exec.driver import run_once
from studio.exec.performers import http_send, web
from studio.exec.performers.connections import Authorization
from studio.exec.performers.http_task import form_encoded, invoke
from studio.exec.performers.mock import Returned

CONNECTION = {"ConnectionArn": "arn:aws:events:eu-west-1:123456789012:connection/shop/1"}


def ask(url: str, connection: Authorization | None = None, allowed: tuple[str, ...] = (), **more: Any) -> Returned | Failure:
    arguments: Json = {"ApiEndpoint": url, "Method": "POST", "Authentication": CONNECTION, **more}
    return invoke(arguments, lambda _arn, _fresh: connection, allowed)


def result(found: Returned | Failure) -> Any:
    assert isinstance(found, Returned), found
    return found.value


def test_a_request_is_sent_and_its_answer_read(server: Any) -> None:
    answer = result(ask(f"{server.url}/v1?a=1", QueryParameters={"q": ["x", "y z"]}, Headers={"X-A": "b"}, RequestBody={"n": 1}))
    assert (answer["StatusCode"], answer["StatusText"], answer["ResponseBody"]) == (200, "OK", {"got": {"n": 1}})
    assert answer["Headers"]["content-type"] == ["application/json"]
    (seen,) = server.seen
    assert (seen["method"], seen["path"]) == ("POST", "/v1?a=1&q=x&q=y%20z")
    wanted = {
        "x-a": "b",
        "user-agent": "Amazon|StepFunctions|HttpInvoke|eu-west-1",
        "range": "bytes=0-262144",
        "content-type": "application/json; charset=UTF-8",
    }
    assert {name: seen["headers"].get(name) for name in wanted} == wanted


def test_what_the_connection_says_wins(server: Any) -> None:
    """The example of AWS's documentation of merging."""
    added = Authorization({"Apikey": "v", "header-param": "connection"}, {"QueryParam": "connection"}, {"BodyParam": "connection"})
    result(
        ask(
            f"{server.url}/path",
            added,
            Headers={"Request-Id": "mine", "Header-Param": "task"},
            RequestBody={"Job": "Engineer", "BodyParam": "task"},
            QueryParameters={"QueryParam": "task"},
        )
    )
    seen = server.last
    assert seen["path"] == "/path?QueryParam=connection"
    assert json.loads(seen["body"]) == {"Job": "Engineer", "BodyParam": "connection"}
    assert (seen["headers"]["apikey"], seen["headers"]["header-param"], seen["headers"]["request-id"]) == ("v", "connection", "mine")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("a=1&b=x y", "/?a=1&b=x%20y"),
        (["a=1", {"b": 2}], "/?a=1&b=2"),
        ({"ü": "ö&", "n": 1.5, "t": True}, "/?%C3%BC=%C3%B6%26&n=1.5&t=true"),
    ],
)
def test_query_parameters_are_a_string_an_array_or_an_object(server: Any, given: Json, path: str) -> None:
    result(ask(f"{server.url}/", QueryParameters=given))
    assert server.last["path"] == path


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_every_method(server: Any, method: str) -> None:
    for _ in range(2):  # the second goes over the kept connection
        assert result(ask(f"{server.url}/x", Method=method))["StatusCode"] == 200
    assert server.last["method"] == method


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_errors_have_their_status_in_their_name(server: Any, status: int) -> None:
    assert ask(f"{server.url}/?status={status}") == Failure(f"States.Http.StatusCode.{status}", '{"text": ""}')


def test_no_answer_is_a_socket_error() -> None:
    found = ask("http://127.0.0.1:1/")
    assert isinstance(found, Failure)
    assert found.error == "States.Http.Socket"


def test_an_answer_that_does_not_come_whole_in_time_is_a_socket_error(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_send, "TIMEOUT", 0.2)
    found = ask(f"{server.url}/slow")
    assert isinstance(found, Failure)
    assert (found.error, "did not answer within" in found.cause) == ("States.Http.Socket", True)


@pytest.mark.parametrize(
    ("body", "kind", "answer"),
    [
        (b"plain", "text/plain", "plain"),
        (b"", "text/plain", ""),
        ("ünï".encode(), "text/html", "ünï"),
        (b'{"a": [1]}', "application/json", {"a": [1]}),
        (b"\xff\xfe", "text/plain", "States.Runtime"),
        (b"x", "image/png", "States.Runtime"),
        (b"x", "application/octet-stream", "States.Runtime"),
        (b"x" * 262_145, "text/plain", "States.DataLimitExceeded"),
    ],
)
def test_answers(server: Any, body: bytes, kind: str, answer: Json) -> None:
    if len(body) > 1000:
        found = ask(f"{server.url}/echo", RequestBody="x" * 262_145, Headers={"Content-Type": "text/plain"})
    else:
        found = ask(f"{server.url}/raw", QueryParameters={"body": base64.b64encode(body).decode(), "type": kind})
    assert (found.error if isinstance(found, Failure) else result(found)["ResponseBody"]) == answer


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"Method": "BREW"}, "'Method'"),
        ({"ApiEndpoint": "ftp://x/"}, "must begin with https://"),
        ({"ApiEndpoint": "https://"}, "must begin with https://"),
        ({"ApiEndpoint": "https://a:b/"}, "is not a URL"),
        ({"ApiEndpoint": "http://example.com/"}, "must begin with https://"),
        (
            {"ApiEndpoint": "https://example.com/", "allowed": ("example.com",)},
            "is not registered here, so nothing was sent. Describe it in",
        ),
        ({"ApiEndpoint": "https://example.com/"}, "Calls to example.com are not allowed"),
        ({"Authentication": {}}, "is required"),
        ({"Headers": {"Host": "x"}}, "'Host' is not allowed"),
        ({"Headers": {"X-Amz-Date": "x"}}, "'X-Amz-Date' is not allowed"),
        ({"Headers": {"X": "a\r\nb"}}, "line break"),
        ({"Headers": {"X": "€"}}, "a character that a header cannot have"),
        ({"QueryParameters": 1}, "must be an object, an array or a string"),
        ({"RequestBody": 1, "Transform": {"RequestBodyEncoding": "URL_ENCODED"}}, "must be an object"),
        ({"RequestBody": {}, "Transform": {"RequestBodyEncoding": "BASE64"}}, "must be NONE or URL_ENCODED"),
        (
            {"RequestBody": {}, "Transform": {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": "X"}}},
            "ArrayFormat",
        ),
        ({"RequestBody": "text", "connection": Authorization(body={"a": "b"})}, "the connection adds members"),
    ],
)
def test_what_cannot_be_sent_is_refused(more: dict[str, Any], says: str) -> None:
    found = ask(**{"url": "http://127.0.0.1:1/", **more})
    assert isinstance(found, Failure)
    assert found.error == "States.Runtime"
    assert says in found.cause


@pytest.mark.parametrize(
    ("host", "allowed", "may"),
    [
        ("api.example.com", "api.example.com", True),
        ("API.example.com", "Api.Example.com", True),
        ("api.example.com", "*.example.com", True),
        ("example.com", "*.example.com", False),
        ("badexample.com", "*.example.com", False),
        ("api.example.com.evil.org", "api.example.com", False),
        ("anything.org", "*", True),
        ("127.0.0.1", "", True),
        ("[::1]", "", True),
        ("localhost", "", True),
        ("localhost.evil.org", "", False),
        ("10.0.0.1", "", False),
    ],
)
def test_hosts_that_may_be_called(host: str, allowed: str, may: bool) -> None:
    if may:
        http_send.check(f"https://{host}/x", allowed.split())
    else:
        with pytest.raises(http_send.Refused, match=f"--allow-http {host}"):
            http_send.check(f"https://{host}/x", allowed.split())


def test_the_environment_allows_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASL_STUDIO_ALLOW_HTTP", "a.example.com, B.example.com")
    assert http_send.from_environment() == {"a.example.com", "b.example.com"}


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, "GET", ""), (302, "GET", ""), (303, "GET", ""), (307, "POST", '{"n":1}'), (308, "POST", '{"n":1}')],
)
def test_redirects_are_followed(server: Any, status: int, method: str, body: str) -> None:
    added = Authorization({"X-Key": "k"})
    answer = result(ask(f"{server.url}/redirect", added, QueryParameters={"status": status, "to": "/there?x=1"}, RequestBody={"n": 1}))
    assert answer["StatusCode"] == 200
    assert (server.last["method"], server.last["path"], server.last["body"]) == (method, "/there?x=1", body)
    assert server.last["headers"]["x-key"] == "k"


def test_another_host_does_not_get_the_connections_headers(server: Any, second: Any) -> None:
    added = Authorization({"X-Key": "k"})
    result(ask(f"{server.url}/redirect", added, QueryParameters={"status": 307, "to": f"{second.url}/there"}, RequestBody={"n": 1}))
    assert second.last["path"] == "/there"
    assert "x-key" not in second.last["headers"]
    found = ask(
        f"{server.url}/redirect",
        Authorization(body={"secret": "s"}),
        QueryParameters={"status": 307, "to": f"{second.url}/b"},
        RequestBody={},
    )
    assert isinstance(found, Failure)
    assert ("members of the connection" in found.cause, len(second.seen)) == (True, 1)


def test_a_redirect_leads_only_where_requests_may_go(server: Any) -> None:
    found = ask(f"{server.url}/redirect", QueryParameters={"to": "https://example.com/"})
    assert isinstance(found, Failure)
    assert "Calls to example.com are not allowed" in found.cause


def test_nobody_outside_redirects_to_this_machine(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "request", lambda *_, **__: web.Answer(302, "Found", (("Location", f"{server.url}/secret"),), b""))
    found = ask("https://api.example.com/", Authorization(), allowed=("api.example.com",))
    assert isinstance(found, Failure)
    assert ("redirects to this machine" in found.cause, server.seen) == (True, [])


def test_a_host_that_no_name_server_can_have_is_refused() -> None:
    found = ask(f"https://{'x' * 70}.example.com/", Authorization(), allowed=("*",))
    assert isinstance(found, Failure)
    assert found.error == "States.Runtime"


def test_redirects_end(server: Any) -> None:
    assert ask(f"{server.url}/loop") == Failure("States.Http.StatusCode.302", "")
    assert len(server.seen) == 11


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        ("INDICES", "c=Ana%20%26%20Co&i%5B0%5D=a&i%5B1%5D=b&o%5Bk%5D=1"),
        ("BRACKETS", "c=Ana%20%26%20Co&i%5B%5D=a&i%5B%5D=b&o%5Bk%5D=1"),
        ("COMMAS", "c=Ana%20%26%20Co&i=a%2Cb&o%5Bk%5D=1"),
        ("REPEAT", "c=Ana%20%26%20Co&i=a&i=b&o%5Bk%5D=1"),
    ],
)
def test_bodies_are_url_encoded(server: Any, arrays: str, text: str) -> None:
    body: Json = {"c": "Ana & Co", "i": ["a", "b"], "o": {"k": 1}}
    transform = {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": arrays}}
    result(ask(f"{server.url}/", RequestBody=body, Transform=transform))
    assert (server.last["body"], server.last["headers"]["content-type"]) == (text, "application/x-www-form-urlencoded")
    assert form_encoded(body, arrays) == text


def test_a_lambda_emulator_is_called_at_its_endpoint(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
    definition = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:fine", "Next": "B"},
            "B": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "bad", "Payload.$": "$"},
                "End": True,
            },
        },
    }
    outcome = run_once(definition, {"n": 1})
    assert (outcome.status, outcome.error) == ("FAILED", "Lambda.Unknown")
    assert [s["path"] for s in server.seen] == [
        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Afine/invocations",
        "/2015-03-31/functions/bad/invocations",
    ]
    assert json.loads(server.seen[1]["body"]) == {"got": {"n": 1}}


def self_signed(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + plain)
    return file


def test_a_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose certificate nobody vouches for hears nothing of the request; one that is trusted is answered."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    file = self_signed(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"https://127.0.0.1:{server.server_port}/x"
        refused = ask(url)
        assert isinstance(refused, Failure)
        assert (refused.error, "certificate verify failed" in (refused.cause or ""), seen) == ("States.Http.Socket", True, [])
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert (result(ask(url))["StatusCode"], seen) == (204, ["/x"])
    finally:
        server.shutdown()
        server.server_close()
