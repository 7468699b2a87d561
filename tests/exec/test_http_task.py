"""HTTP Tasks and Lambda emulators, against a server on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from studio.asl.tree import Json
from studio.asl.values import Failure
from studio.exec.driver import run_once
from studio.exec.performers import web
from studio.exec.performers.http_task import Authorization, form_encoded, invoke
from studio.exec.performers.mock import Returned

CONNECTION = {"ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/shop/1"}


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[dict[str, Any]]] = []

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        Server.seen.append({"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body})
        status = int(self.path.split("status=")[1][:3]) if "status=" in self.path else 200
        answer = json.dumps({"got": json.loads(body)} if body.startswith(("{", '"', "[")) else {"text": body}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        if "invocations" in self.path and "bad" in self.path:
            self.send_header("X-Amz-Function-Error", "Unhandled")
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Server.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    web._KEPT.open.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    for connection in web._KEPT.open.values():
        connection.close()
    server.shutdown()
    thread.join()
    server.server_close()


def ask(url: str, connection: Authorization | None = None, **more: Any) -> Returned | Failure:
    arguments: Json = {"ApiEndpoint": url, "Method": "POST", "Authentication": CONNECTION, **more}
    return invoke(arguments, lambda _arn: connection)


def test_a_request_is_sent_and_its_answer_read(url: str) -> None:
    found = ask(
        f"{url}/v1?a=1",
        Authorization({"X-Key": "secret"}, {"k": "v"}),
        QueryParameters={"q": ["x", "y z"]},
        Headers={"X-A": "b"},
        RequestBody={"n": 1},
    )
    assert isinstance(found, Returned)
    answer: Any = found.value
    assert (answer["StatusCode"], answer["StatusText"], answer["ResponseBody"]) == (200, "OK", {"got": {"n": 1}})
    assert answer["Headers"]["content-type"] == ["application/json"]
    (seen,) = Server.seen
    assert (seen["method"], seen["path"]) == ("POST", "/v1?a=1&q=x&q=y+z&k=v")
    assert seen["headers"]["X-Key"] == "secret"
    assert seen["headers"]["User-Agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1"
    assert seen["headers"]["Range"] == "bytes=0-262144"


def test_errors_have_their_status_in_their_name(url: str) -> None:
    assert ask(f"{url}/?status=429") == Failure("States.Http.StatusCode.429", '{"text": ""}')


def test_no_answer_is_a_socket_error() -> None:
    found = ask("http://127.0.0.1:1/")
    assert isinstance(found, Failure)
    assert found.error == "States.Http.Socket"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"Method": "BREW"}, "'Method'"),
        ({"ApiEndpoint": "ftp://x/"}, "must begin with https://"),
        ({"ApiEndpoint": "http://example.com/"}, "must begin with https://"),
        ({"ApiEndpoint": "https://example.com/"}, "is not registered here"),
        ({"Authentication": {}}, "is required"),
        ({"Headers": {"Host": "x"}}, "'Host' is not allowed"),
        ({"Headers": {"X": "a\r\nb"}}, "line break"),
    ],
)
def test_what_cannot_be_sent_is_refused(more: dict[str, Any], says: str) -> None:
    found = ask("http://127.0.0.1:1/", **more)
    assert isinstance(found, Failure)
    assert found.error == "States.Runtime"
    assert says in found.cause


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        ("INDICES", "c=Ana%20%26%20Co&i[0]=a&i[1]=b&o[k]=1"),
        ("BRACKETS", "c=Ana%20%26%20Co&i[]=a&i[]=b&o[k]=1"),
        ("COMMAS", "c=Ana%20%26%20Co&i=a%2Cb&o[k]=1"),
        ("REPEAT", "c=Ana%20%26%20Co&i=a&i=b&o[k]=1"),
    ],
)
def test_bodies_are_url_encoded(arrays: str, text: str) -> None:
    assert form_encoded({"c": "Ana & Co", "i": ["a", "b"], "o": {"k": 1}}, arrays) == text


def test_a_lambda_emulator_is_called_at_its_endpoint(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
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
    assert [s["path"] for s in Server.seen] == [
        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Afine/invocations",
        "/2015-03-31/functions/bad/invocations",
    ]
    assert json.loads(Server.seen[1]["body"]) == {"got": {"n": 1}}
