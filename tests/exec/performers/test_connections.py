"""Connections of each kind, from the environment, the keyring and EventBridge; TLS; TestState's TRACE level; where secrets must not be."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from http_server import CLIENT, CLIENT_SECRET, KEY, PASSWORD, USER, Server, serving

from studio.asl.values import Failure
from studio.errors import StudioError
from studio.exec.driver import run_once
from studio.exec.local import LocalStepFunctions
from studio.exec.performers import Performers, connections, http_send, http_task, web
from studio.exec.performers.mock import Returned
from studio.exec.performers.sandbox import Sandbox

ARN = "arn:aws:events:us-east-1:123456789012:connection/my-api/00000000-0000-0000-0000-000000000000"
VARIABLE = "ASL_STUDIO_CONNECTION_MY_API"


def kinds(url: str) -> dict[str, dict[str, Any]]:
    """A connection of each kind, as CreateConnection takes it, by the path that wants it."""
    client = {"ClientID": CLIENT, "ClientSecret": CLIENT_SECRET}
    return {
        "basic": {"AuthorizationType": "BASIC", "AuthParameters": {"BasicAuthParameters": {"Username": USER, "Password": PASSWORD}}},
        "key": {
            "AuthorizationType": "API_KEY",
            "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "X-Api-Key", "ApiKeyValue": KEY}},
        },
        "oauth": {
            "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
            "AuthParameters": {
                "OAuthParameters": {"ClientParameters": client, "AuthorizationEndpoint": f"{url}/token", "HttpMethod": "POST"}
            },
        },
    }


def task(url: str) -> Any:
    parameters = {"ApiEndpoint": url, "Method": "GET", "InvocationConfig": {"ConnectionArn": ARN}}
    return {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": parameters, "End": True}


def machine(url: str) -> Any:
    return {"StartAt": "Call", "States": {"Call": task(url)}}


@pytest.mark.parametrize("kind", ["basic", "key", "oauth"])
def test_each_kind_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv(VARIABLE, json.dumps(kinds(server.url)[kind]))
    outcome = run_once(machine(f"{server.url}/{kind}"))
    assert (outcome.status, outcome.cause) == ("SUCCEEDED", None)
    assert run_once(machine(f"{server.url}/{'key' if kind != 'key' else 'basic'}")).status == "FAILED"


@pytest.mark.parametrize("kind", ["basic", "key", "oauth"])
def test_each_kind_from_the_sandboxs_eventbridge(server: Server, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    described = kinds(server.url)[kind]
    described["AuthParameters"]["InvocationHttpParameters"] = {
        "QueryStringParameters": [{"Key": "plan", "Value": "x", "IsValueSecret": True}],
    }
    (tmp_path / "sandbox.json").write_text(json.dumps({"connections": {f"my-api-{kind}": described}}))
    sandbox.seed(tmp_path)
    definition = json.loads(json.dumps(machine(f"{server.url}/{kind}")).replace("my-api", f"my-api-{kind}"))
    outcome = run_once(definition, performers=Performers(aws=sandbox.endpoint))
    assert (outcome.status, outcome.cause) == ("SUCCEEDED", None)
    assert server.last["path"] == f"/{kind}?plan=x"


def test_a_connection_that_eventbridge_does_not_have(server: Server, sandbox: Sandbox) -> None:
    outcome = run_once(machine(server.url), performers=Performers(aws=sandbox.endpoint))
    assert outcome.error == "Events.ConnectionResource.ResourceNotFound"
    assert VARIABLE in (outcome.cause or "")
    assert server.seen == []


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox()
    yield box
    box.close()


def test_the_keyring_is_asked_where_there_is_one(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("asl-studio", "my-api"): json.dumps(kinds(server.url)["key"])}
    monkeypatch.setattr(connections, "_keyring", lambda: SimpleNamespace(get_password=lambda service, user: kept.get((service, user))))
    assert run_once(machine(f"{server.url}/key")).status == "SUCCEEDED"


def test_a_keyring_that_cannot_be_opened_counts_as_none(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: str) -> str:
        raise RuntimeError("locked")

    monkeypatch.setattr(connections, "_keyring", lambda: SimpleNamespace(get_password=locked))
    assert run_once(machine(f"{server.url}/key")).error == "States.Http.StatusCode.403"


# OAuth


def test_a_token_is_kept_and_asked_for_anew_when_it_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, json.dumps(kinds(server.url)["oauth"]))
    for _ in range(3):
        assert run_once(machine(f"{server.url}/oauth")).status == "SUCCEEDED"
    assert [seen["path"] for seen in server.seen] == ["/token", "/oauth", "/oauth", "/oauth"]
    server.tokens += 1  # the token that is kept is no longer valid
    assert run_once(machine(f"{server.url}/oauth")).status == "SUCCEEDED"
    assert [seen["path"] for seen in server.seen[4:]] == ["/oauth", "/token", "/oauth"]


def test_a_server_that_wants_the_client_in_the_header(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.body_credentials = False
    monkeypatch.setenv(VARIABLE, json.dumps(kinds(server.url)["oauth"]))
    assert run_once(machine(f"{server.url}/oauth")).status == "SUCCEEDED"


def test_get_tokens_carry_everything_in_the_query(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    described = kinds(server.url)["oauth"]
    described["AuthParameters"]["OAuthParameters"] |= {
        "HttpMethod": "GET",
        "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all"}], "HeaderParameters": [{"Key": "X-T", "Value": "1"}]},
    }
    monkeypatch.setenv(VARIABLE, json.dumps(described))
    assert run_once(machine(f"{server.url}/oauth")).status == "SUCCEEDED"
    assert server.seen[0]["path"] == "/token?grant_type=client_credentials&scope=all&client_id=client-1&client_secret=hush"
    assert server.seen[0]["headers"]["x-t"] == "1"


@pytest.mark.parametrize(
    ("endpoint", "error", "says"),
    [
        ("{url}/basic", "Events.ConnectionResource.InvalidConnectionState", "answered 401 Unauthorized and no access_token"),
        ("http://127.0.0.1:1/token", "Events.ConnectionResource.InvalidConnectionState", "did not answer"),
        ("https://login.example.com/token", "States.Runtime", "Calls to login.example.com are not allowed"),
    ],
)
def test_tokens_that_cannot_be_had(server: Server, monkeypatch: pytest.MonkeyPatch, endpoint: str, error: str, says: str) -> None:
    described = kinds(server.url)["oauth"]
    described["AuthParameters"]["OAuthParameters"]["AuthorizationEndpoint"] = endpoint.format(url=server.url)
    monkeypatch.setenv(VARIABLE, json.dumps(described))
    outcome = run_once(machine(f"{server.url}/oauth"))
    assert outcome.error == error
    assert says in (outcome.cause or "")
    assert CLIENT_SECRET not in (outcome.cause or "")


@pytest.mark.parametrize(
    "text",
    ["not JSON s3cret", '"s3cret"', '{"AuthParameters": "s3cret"}', '{"AuthParameters": {"BasicAuthParameters": {"Username": "s3cret"}}}'],
)
def test_a_description_that_cannot_be_used_is_refused_without_being_quoted(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(VARIABLE, text)
    outcome = run_once(machine("http://127.0.0.1:1/"))
    assert outcome.error == "States.Runtime"
    assert "CreateConnection" in (outcome.cause or "")
    assert "s3cret" not in (outcome.cause or "")


def test_names_and_variables() -> None:
    assert (connections.name_of(ARN), connections.name_of("arn:aws:sqs:us-east-1:1:q")) == ("my-api", None)
    assert connections.variable("My.api-2") == "ASL_STUDIO_CONNECTION_MY_API_2"


# Secrets


@pytest.mark.parametrize("kind", ["basic", "key", "oauth"])
def test_secrets_are_in_no_history_and_no_file(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    monkeypatch.setenv(VARIABLE, json.dumps(kinds(server.url)[kind]))
    for path in ("/", "/?status=500"):  # answers that do not repeat what they were sent: an answer is data
        run_once(machine(f"{server.url}{path}"), log_path=tmp_path / "runs.sqlite")
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"http:invoke" in written
    sent = [
        seen["headers"].get("authorization") or seen["headers"].get("x-api-key", "") for seen in server.seen if seen["path"] != "/token"
    ]
    secrets = {PASSWORD, CLIENT_SECRET, KEY, *(text.rpartition(" ")[2] for text in sent)}
    assert len(sent) == 2
    assert [s for s in secrets if not s or s.encode() in written] == []


def test_state(url: str, level: str, *, reveal: bool, **world: Any) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        engine = LocalStepFunctions(None)
        await engine.start(resume=False)
        try:
            return await engine.test_state(
                definition=json.dumps({**task(url), **world}),
                roleArn="arn:aws:iam::123456789012:role/R",
                input="{}",
                inspectionLevel=level,
                revealSecrets=reveal,
            )
        finally:
            await engine.aclose()

    return asyncio.run(ask())


test_state.__test__ = False  # type: ignore[attr-defined]


def test_trace_shows_the_request_without_secrets_unless_they_are_asked_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, json.dumps(kinds(server.url)["key"]))
    url = f"{server.url}/key"
    hidden, shown = (test_state(url, "TRACE", reveal=reveal)["inspectionData"] for reveal in (False, True))
    agent = "User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144"
    assert hidden["request"] == {"protocol": "http", "method": "GET", "url": url, "headers": f"[{agent}]"}
    assert shown["request"] == {"protocol": "http", "method": "GET", "url": url, "headers": f"[X-Api-Key: {KEY}, {agent}]"}
    assert {k: v for k, v in hidden["response"].items() if k != "headers"} == {
        "protocol": "http",
        "statusCode": "200",
        "statusMessage": "OK",
        "body": '{"key": "***"}',
    }
    assert "content-type: application/json" in hidden["response"]["headers"]
    assert shown["response"]["body"] == json.dumps({"key": KEY})
    assert not {"request", "response"} & set(test_state(url, "DEBUG", reveal=False)["inspectionData"])


def test_trace_of_a_call_that_fails(server: Server) -> None:
    answer = test_state(f"{server.url}/?status=503", "TRACE", reveal=False)
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Http.StatusCode.503")
    assert answer["inspectionData"]["response"]["statusCode"] == "503"
    nobody = test_state("http://127.0.0.1:1/", "TRACE", reveal=False)
    assert (nobody["error"], nobody["inspectionData"]["request"]["url"], "response" in nobody["inspectionData"]) == (
        "States.Http.Socket",
        "http://127.0.0.1:1/",
        False,
    )


# Consent and TLS


def test_the_engine_refuses_hosts_that_are_not_allowed_and_no_catcher_hides_it() -> None:
    definition = machine("https://api.example.com/v1")
    definition["States"]["Call"] |= {
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
    }
    definition["States"]["Caught"] = {"Type": "Succeed"}
    outcome = run_once(definition)
    assert (outcome.status, outcome.error) == ("FAILED", "States.Runtime")
    assert "--allow-http api.example.com" in (outcome.cause or "")


def test_the_command_allows_a_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.cli import studio

    asked: list[str] = []

    def request(method: str, url: str, **_: Any) -> web.Answer:
        asked.append(f"{method} {url}")
        return web.Answer(200, "OK", (), b'{"fine": true}')

    monkeypatch.setattr(web, "request", request)
    monkeypatch.setenv(VARIABLE, json.dumps(kinds("https://x")["key"]))
    monkeypatch.setenv(http_send.VARIABLE, "")
    file = tmp_path / "call.asl.json"
    file.write_text(json.dumps(machine("https://api.example.com/v1")))
    refused = CliRunner().invoke(studio, ["run", str(file)])
    assert (refused.exit_code, asked) == (1, [])
    allowed = CliRunner().invoke(studio, ["run", str(file), "--allow-http", "api.example.com"])
    assert (allowed.exit_code, asked) == (0, ["GET https://api.example.com/v1"])
    tested = CliRunner().invoke(studio, ["test-state", str(file), "--state", "Call", "--allow-http", "*.example.com"])
    assert json.loads(tested.stdout)["status"] == "SUCCEEDED"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that signs itself, for this machine, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.mark.parametrize("trusted", [False, True])
def test_certificates_are_checked(certificate: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    for server in serving(Server(), context):
        found = http_task.invoke(
            {"ApiEndpoint": f"{server.url}/x", "Method": "GET", "Authentication": {"ConnectionArn": ARN}}, lambda _a, _f: None
        )
        if trusted:
            assert isinstance(found, Returned)
        else:
            assert isinstance(found, Failure)
            assert (found.error, "certificate verify failed" in found.cause, server.seen) == ("States.Http.Socket", True, [])


def test_a_description_without_parameters_says_so() -> None:
    with pytest.raises(StudioError, match="does not say 'Password'"):
        connections.authorization("x", {"AuthParameters": {"BasicAuthParameters": {"Username": "u"}}}, lambda _url: None)
