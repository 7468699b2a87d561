"""EventBridge connections: what an HTTP Task's `ConnectionArn` adds to its request.

A connection is described as CreateConnection takes it:

    {"AuthorizationType": "API_KEY", "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "x-api-key", "ApiKeyValue": "…"}}}
    {"AuthParameters": {"BasicAuthParameters": {"Username": "…", "Password": "…"}}}
    {"AuthParameters": {"OAuthParameters": {"ClientParameters": {"ClientID": "…", "ClientSecret": "…"},
                                            "AuthorizationEndpoint": "https://…/token", "HttpMethod": "POST"}}}

`InvocationHttpParameters` beside them adds headers, query parameters and body members.

Theory of operation: the connection named NAME (`arn:aws:events:REGION:ACCOUNT:connection/NAME/UUID`) is looked for in the environment variable
`ASL_STUDIO_CONNECTION_NAME` (upper case, `_` for what is neither letter nor digit), in the operating system's keyring (service `asl-studio`,
user NAME, where the package `keyring` is installed), then in EventBridge: the sandbox's, an endpoint's, or AWS's. Its secrets go into the
request and nowhere else: not into files, logs or histories.

Concurrency model: any thread; tokens of OAuth connections are kept for as long as they hold.

Errors: Failure `Events.ConnectionResource.…` as AWS names them; StudioError for a description that cannot be used.

Spec: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import base64
import functools
import json
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from studio.asl.tree import Json
from studio.asl.values import Failure
from studio.errors import StudioError
from studio.exec.performers import web

SERVICE = "asl-studio"
"""What the studio is called in the operating system's keyring."""
PREFIX = "ASL_STUDIO_CONNECTION_"
ERROR = "Events.ConnectionResource."
EARLY = 60.0
"""Seconds before its end that a token counts as used up."""
_ARN = re.compile(r"arn:[\w-]+:events:([\w-]*):\d*:connection/([.\w-]+)(?:/.*)?")
_READY = frozenset({"AUTHORIZED", "ACTIVE"})


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a connection adds to a request. `secrets` are the texts that nobody should see."""

    headers: dict[str, str] = field(default_factory=dict[str, str])
    query: dict[str, str] = field(default_factory=dict[str, str])
    body: dict[str, Json] = field(default_factory=dict[str, Json])
    secrets: frozenset[str] = frozenset()
    renewable: bool = False
    """Whether a token that is refused can be asked for anew."""


Authorize = Callable[[str, bool], Authorization | Failure | None]
"""The credentials of a connection by its ARN, fresh ones where the second argument says so; None where there is no such connection."""


def name_of(arn: str) -> str | None:
    """The connection's name; None where the text is no connection's ARN."""
    found = _ARN.fullmatch(arn)
    return found[2] if found else None


def variable(name: str) -> str:
    """The environment variable that describes a connection: `my-api` -> `ASL_STUDIO_CONNECTION_MY_API`."""
    return PREFIX + re.sub(r"[^A-Z0-9]", "_", name.upper())


class Connections:
    """The connections of one run. `address` gives EventBridge's endpoint where AWS's own is not meant (the sandbox's), `real` says that it is;
    `check` refuses a host that may not be called (by raising).
    """

    def __init__(self, check: Callable[[str], None], address: Callable[[], str] | None = None, *, real: bool = False) -> None:
        self._check, self._address, self._real = check, address, real

    def authorize(self, arn: str, fresh: bool) -> Authorization | Failure | None:
        name = name_of(arn)
        if name is None:
            return Failure(f"{ERROR}ResourceNotFound", f"'{arn}' is not the ARN of a connection.")
        described = _from_environment(name) or _from_keyring(name) or self._from_eventbridge(arn, name)
        if described is None or isinstance(described, Failure):
            return described
        return authorization(name, described, self._check, fresh=fresh)

    def _from_eventbridge(self, arn: str, name: str) -> dict[str, Any] | Failure | None:
        if not self._real and self._address is None and not any(variable.startswith("AWS_ENDPOINT_URL") for variable in os.environ):
            return None  # before anything of AWS is imported
        from studio.exec.performers.aws_sdk import client, endpoint_of

        region = arn.split(":")[3]
        endpoints = {service: None if self._real else endpoint_of(service, self._address) for service in ("events", "secretsmanager")}
        if not self._real and None in endpoints.values():
            return None
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = client("events", region, endpoints["events"], self._real).describe_connection(Name=name)
            if found["ConnectionState"] not in _READY:
                return Failure(f"{ERROR}InvalidConnectionState", f"The connection '{name}' is {found['ConnectionState']}.")
            secrets = client("secretsmanager", region, endpoints["secretsmanager"], self._real)
            secret: Any = json.loads(secrets.get_secret_value(SecretId=found["SecretArn"])["SecretString"])
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code == "ResourceNotFoundException":
                return Failure(f"{ERROR}ResourceNotFound", f"There is no connection '{name}' in EventBridge. {how(name)}")
            return Failure(f"{ERROR}{'AccessDenied' if 'AccessDenied' in code else 'InternalError'}", str(error))
        except (BotoCoreError, ValueError, KeyError) as error:
            return Failure(f"{ERROR}InternalError", f"The connection '{name}' could not be read: {error}")
        return {**found, "AuthParameters": _with_secrets(found.get("AuthParameters", {}), secret)}


def how(name: str) -> str:
    """How to describe a connection to a local run."""
    return (
        f"Describe it in the environment variable {variable(name)} or in the operating system's keyring (service '{SERVICE}', user '{name}'), as "
        'CreateConnection takes it: {"AuthParameters": {"BasicAuthParameters": {"Username": …, "Password": …}}}.'
    )


def _from_environment(name: str) -> dict[str, Any] | None:
    held = os.environ.get(variable(name))
    return _read(held, f"The environment variable {variable(name)}") if held else None


@functools.cache
def _keyring() -> Any:
    """The package `keyring` or None; a missing one is looked for once, not at every request."""
    try:
        import keyring  # pyright: ignore[reportMissingImports] - an extra
    except ImportError:
        return None
    return keyring


def _from_keyring(name: str) -> dict[str, Any] | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        held: str | None = keyring.get_password(SERVICE, name)
    except Exception:  # a keyring that is locked or not there: its library's errors have no common kind that can be named without it
        return None
    return _read(held, f"The keyring's entry '{name}'") if held else None


def _read(text: str, where: str) -> dict[str, Any]:
    """A description as JSON. The text is a secret: no message quotes it."""
    try:
        held: Any = json.loads(text)
    except ValueError:
        held = None
    parameters = held.get("AuthParameters") if isinstance(held, dict) else None
    if not isinstance(parameters, dict):
        raise StudioError(
            f'{where} does not describe a connection: it must be JSON, {{"AuthParameters": {{…}}}}.', "As CreateConnection takes it."
        )
    return cast("dict[str, Any]", held)


def _with_secrets(known: Any, secret: Any) -> dict[str, Any]:
    """The parameters that DescribeConnection tells, and those that only the secret has."""
    flat: dict[str, Any] = {}

    def gather(value: Any) -> None:
        for key, inner in value.items() if isinstance(value, dict) else ():
            flat.setdefault(key.replace("_", "").lower(), inner)
            gather(inner)

    gather(secret)
    made = json.loads(json.dumps(known))
    for section, names in (
        ("BasicAuthParameters", ("Username", "Password")),
        ("ApiKeyAuthParameters", ("ApiKeyName", "ApiKeyValue")),
    ):
        if section in made:
            made[section] |= {name: flat[name.lower()] for name in names if name.lower() in flat}
    if "OAuthParameters" in made:
        client = made["OAuthParameters"].setdefault("ClientParameters", {})
        client |= {name: flat[name.lower()] for name in ("ClientID", "ClientSecret") if name.lower() in flat}
    for owner, section in ((made, "InvocationHttpParameters"), (made.get("OAuthParameters", {}), "OAuthHttpParameters")):
        held = flat.get(section.lower())
        if isinstance(held, dict):
            owner[section] = _pascal(held)
    return made


def _pascal(value: Any) -> Any:
    """`header_parameters` -> `HeaderParameters`, all through."""
    match value:
        case dict():
            return {"".join(w[:1].upper() + w[1:] for w in key.split("_")): _pascal(inner) for key, inner in value.items()}
        case list():
            return [_pascal(inner) for inner in value]
        case _:
            return value


def authorization(name: str, described: dict[str, Any], check: Callable[[str], None], *, fresh: bool = False) -> Authorization | Failure:
    """What a described connection adds. An OAuth one asks for its token first, unless one is kept and still holds."""
    parameters: dict[str, Any] = described["AuthParameters"]
    headers, query, body = _http(parameters.get("InvocationHttpParameters"))
    secrets = set(_hidden(parameters))
    renewable = False
    try:
        if basic := parameters.get("BasicAuthParameters"):
            credentials = _basic(basic["Username"], basic["Password"])
            headers["Authorization"] = credentials
            secrets |= {basic["Password"], credentials.partition(" ")[2]}
        elif key := parameters.get("ApiKeyAuthParameters"):
            headers[key["ApiKeyName"]] = key["ApiKeyValue"]
            secrets.add(key["ApiKeyValue"])
        elif oauth := parameters.get("OAuthParameters"):
            token = _token(name, oauth, check, fresh=fresh)
            if isinstance(token, Failure):
                return token
            headers["Authorization"] = token
            secrets |= {oauth["ClientParameters"]["ClientSecret"], token.partition(" ")[2]}
            renewable = True
    except (KeyError, TypeError) as error:
        raise StudioError(f"The connection '{name}' does not say {error}.", "Describe it as CreateConnection takes it.") from error
    return Authorization(headers, query, dict(body), frozenset(s for s in secrets if s), renewable)


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _http(given: Any) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Headers, query parameters and body members: lists of `{"Key", "Value", "IsValueSecret"}`."""
    held = given if isinstance(given, dict) else {}
    headers, query, body = (
        {str(one["Key"]): str(one.get("Value", "")) for one in held.get(kind) or []}
        for kind in ("HeaderParameters", "QueryStringParameters", "BodyParameters")
    )
    return headers, query, body


def _hidden(parameters: dict[str, Any]) -> list[str]:
    """The values that are marked as secret."""
    held = parameters.get("InvocationHttpParameters") or {}
    return [str(one.get("Value", "")) for kind in held.values() for one in kind or [] if one.get("IsValueSecret")]


# OAuth client credentials (RFC 6749, 4.4)

_TOKENS: dict[tuple[str, str, str], tuple[str, float]] = {}
"""Tokens by connection, endpoint and client, with the moment (`time.monotonic`) they end."""
_LOCK = threading.Lock()


def _token(name: str, oauth: dict[str, Any], check: Callable[[str], None], *, fresh: bool) -> str | Failure:
    client = oauth["ClientParameters"]
    key = (name, oauth["AuthorizationEndpoint"], client["ClientID"] + ":" + client["ClientSecret"])
    with _LOCK:
        kept = _TOKENS.get(key)
    if kept is not None and not fresh and kept[1] > time.monotonic():
        return kept[0]
    check(oauth["AuthorizationEndpoint"])
    try:
        answer = _ask(oauth, in_body=True)
        if answer.status in {400, 401} and b"invalid_client" in answer.body:  # some servers know the client by its Basic header only
            answer = _ask(oauth, in_body=False)
    except (OSError, HTTPException) as problem:
        return _unauthorized(name, f"its authorization endpoint did not answer: {problem or type(problem).__name__}")
    try:
        told: Any = json.loads(answer.body)
        token, kind = str(told["access_token"]), str(told.get("token_type") or "Bearer")
        seconds = float(told.get("expires_in") or 0)
    except (ValueError, KeyError, TypeError):
        return _unauthorized(name, f"its authorization endpoint answered {answer.status} {answer.reason} and no access_token")
    if not 200 <= answer.status < 300:
        return _unauthorized(name, f"its authorization endpoint answered {answer.status} {answer.reason}")
    found = f"{'Bearer' if kind.lower() == 'bearer' else kind} {token}"
    with _LOCK:
        _TOKENS[key] = (found, time.monotonic() + seconds - EARLY)
    return found


def _unauthorized(name: str, why: str) -> Failure:
    return Failure(f"{ERROR}InvalidConnectionState", f"The connection '{name}' is not authorized: {why}.")


def _ask(oauth: dict[str, Any], *, in_body: bool) -> web.Answer:
    client = oauth["ClientParameters"]
    headers, query, body = _http(oauth.get("OAuthHttpParameters"))
    fields = {"grant_type": "client_credentials", **body}
    if in_body:
        fields |= {"client_id": client["ClientID"], "client_secret": client["ClientSecret"]}
    else:
        headers["Authorization"] = _basic(client["ClientID"], client["ClientSecret"])
    method = str(oauth.get("HttpMethod") or "POST")
    parts = urlsplit(str(oauth["AuthorizationEndpoint"]))
    if method == "GET":
        query |= fields
    url = parts._replace(query="&".join(filter(None, (parts.query, urlencode(query)))), fragment="").geturl()
    if method == "GET":
        return web.request(method, url, headers=headers)
    kind = next((value for key, value in headers.items() if key.lower() == "content-type"), None)
    if kind is None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    content = json.dumps(fields) if kind is not None and "json" in kind else urlencode(fields)
    return web.request(method, url, headers={"Accept": "application/json"} | headers, body=content.encode())
