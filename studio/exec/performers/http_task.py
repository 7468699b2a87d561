"""HTTP Tasks: `arn:aws:states:::http:invoke`.

    Parameters  {"ApiEndpoint", "Method", "Authentication"?, "InvocationConfig"?, "Headers"?, "QueryParameters"?, "RequestBody"?, "Transform"?}
    Result      {"Headers": {name: [value, …]}, "ResponseBody": JSON or text, "StatusCode": 200, "StatusText": "OK"}

A connection's credentials are added by `authorize(connection ARN)`: headers and query parameters. Without a registered connection the
request is sent as it is to this machine only; to any other host it fails, as AWS would.

Errors: `States.Http.StatusCode.<code>` for answers other than 2xx (the cause is the body), `States.Http.Socket` when no answer came,
`States.Timeout` after 60 seconds, `States.Runtime` for a request that cannot be sent, `States.DataLimitExceeded` for a body over 256 KiB.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

from __future__ import annotations

import http.client
import ipaddress
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.exec.effects import RunTask
from studio.exec.performers import web
from studio.exec.performers.mock import Returned

TIMEOUT = 60.0
MAX_BODY = 262_144
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"})
FORBIDDEN_PREFIXES = ("x-forwarded", "x-amz", "x-amzn")
FORBIDDEN = frozenset(
    (
        "authorization",
        "connection",
        "content-md5",
        "date",
        "expect",
        "host",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "www-authenticate",
    )
)
"""Headers a definition may not set; those of a connection may."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a connection adds to a request."""

    headers: dict[str, str] = field(default_factory=dict[str, str])
    query: dict[str, str] = field(default_factory=dict[str, str])
    body: dict[str, Json] = field(default_factory=dict[str, Json])


Authorize = Callable[[str], Authorization | None]
"""The credentials of a connection by its ARN; None where there is no such connection."""


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """A request that is not sent; the message is the cause."""


def performer(authorize: Authorize | None = None, region: str = "us-east-1") -> Callable[[RunTask], Returned | Failure]:
    def perform(task: RunTask) -> Returned | Failure:
        return invoke(task.arguments, authorize or (lambda _arn: None), region)

    return perform


def invoke(arguments: Json, authorize: Authorize, region: str = "us-east-1") -> Returned | Failure:
    """Send the request that the parameters describe."""
    try:
        method, url, headers, body = _request(arguments, authorize, region)
    except _Refused as problem:
        return Failure("States.Runtime", str(problem))
    try:
        answer = web.request(method, url, headers=headers, body=body, timeout=TIMEOUT)
    except TimeoutError:
        return Failure("States.Timeout", f"The HTTP endpoint did not answer within {TIMEOUT:.0f} seconds.")
    except (OSError, http.client.HTTPException) as problem:
        return Failure("States.Http.Socket", f"The HTTP endpoint could not be reached: {problem or type(problem).__name__}")
    if len(answer.body) > MAX_BODY:
        return Failure("States.DataLimitExceeded", "The HTTP response body exceeds the maximum size of 262144 bytes.")
    if not 200 <= answer.status < 300:
        return Failure(f"States.Http.StatusCode.{answer.status}", answer.body.decode("utf-8", "replace"))
    return Returned(_result(answer))


def _result(answer: web.Answer) -> Json:
    headers: dict[str, Json] = {}
    for name, value in answer.headers:
        listed = headers.setdefault(name.lower(), [])
        assert isinstance(listed, list)
        listed.append(value)
    text = answer.body.decode("utf-8", "replace")
    content: Json = text
    if text:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            content = text
    return {"Headers": headers, "ResponseBody": content, "StatusCode": answer.status, "StatusText": answer.reason}


def _request(arguments: Json, authorize: Authorize, region: str) -> tuple[str, str, dict[str, str], bytes | None]:
    if not isinstance(arguments, dict):
        raise _Refused("The parameters of an HTTP Task must be an object.")
    endpoint, method = arguments.get("ApiEndpoint"), arguments.get("Method")
    if not isinstance(endpoint, str) or not endpoint:
        raise _Refused("The field 'ApiEndpoint' is required and must be a string.")
    if not isinstance(method, str) or method not in METHODS:
        raise _Refused(f"The field 'Method' must be one of {', '.join(sorted(METHODS))}.")
    parts = urlsplit(endpoint)
    local = is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise _Refused(f"The endpoint '{endpoint}' must begin with https:// (http:// is allowed to this machine only).")
    credentials = _credentials(arguments, authorize, local=local)
    headers = {"User-Agent": f"Amazon|StepFunctions|HttpInvoke|{region}", "Range": "bytes=0-262144"} | _headers(arguments.get("Headers"))
    body = _body(arguments, headers, credentials)
    headers |= credentials.headers
    query = _query(arguments.get("QueryParameters")) + list(credentials.query.items())
    url = parts._replace(query="&".join(filter(None, (parts.query, urlencode(query)))), fragment="").geturl()
    return method, url, headers, body


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _credentials(arguments: dict[str, Json], authorize: Authorize, *, local: bool) -> Authorization:
    for key in ("Authentication", "InvocationConfig"):
        config = arguments.get(key)
        if isinstance(config, dict) and isinstance(config.get("ConnectionArn"), str):
            arn = str(config["ConnectionArn"])
            found = authorize(arn)
            if found is not None:
                return found
            if local:
                return Authorization()
            raise _Refused(f"The connection '{arn}' is not registered here: add it to the workspace's connections, or mock this state.")
    raise _Refused("One of the fields 'Authentication.ConnectionArn' and 'InvocationConfig.ConnectionArn' is required.")


def _headers(given: Json) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise _Refused("The field 'Headers' must be an object.")
    found: dict[str, str] = {}
    for name, value in given.items():
        if name.lower() in FORBIDDEN or name.lower().startswith(FORBIDDEN_PREFIXES):
            raise _Refused(f"The header '{name}' is not allowed in an HTTP Task.")
        text = ",".join(map(_text, value)) if isinstance(value, list) else _text(value)
        if "\r" in text or "\n" in text or "\r" in name or "\n" in name:
            raise _Refused(f"The header '{name}' contains a line break.")
        found[name] = text
    return found


def _text(value: Json) -> str:
    return value if isinstance(value, str) else to_aws_text(value)


def _query(given: Json) -> list[tuple[str, str]]:
    if given is None:
        return []
    if not isinstance(given, dict):
        raise _Refused("The field 'QueryParameters' must be an object.")
    return [(name, _text(item)) for name, value in given.items() for item in (value if isinstance(value, list) else [value])]


def _body(arguments: dict[str, Json], headers: dict[str, str], credentials: Authorization) -> bytes | None:
    content: Json = arguments.get("RequestBody")
    if credentials.body:
        content = {**(content if isinstance(content, dict) else {}), **credentials.body}
    if content is None:
        return None
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    transform = arguments.get("Transform")
    if isinstance(transform, dict) and transform.get("RequestBodyEncoding") == "URL_ENCODED":
        options = transform.get("RequestEncodingOptions")
        arrays = options.get("ArrayFormat", "INDICES") if isinstance(options, dict) else "INDICES"
        if not isinstance(content, dict):
            raise _Refused("A body to be URL-encoded must be an object.")
        if kind is None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return form_encoded(content, str(arrays)).encode()
    if kind is None:
        headers["Content-Type"] = "application/json"
    return _text(content).encode()


def form_encoded(content: dict[str, Json], arrays: str = "INDICES") -> str:
    """`application/x-www-form-urlencoded`; arrays as `a[0]=`, `a[]=` (BRACKETS), `a=1,2` (COMMAS), `a=1&a=2` (REPEAT)."""
    pairs: list[tuple[str, str]] = []

    def add(name: str, value: Json) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                add(f"{name}[{key}]", inner)
        elif isinstance(value, list):
            if arrays == "COMMAS":
                pairs.append((name, ",".join(map(_text, value))))
                return
            for index, inner in enumerate(value):
                add({"BRACKETS": f"{name}[]", "REPEAT": name}.get(arrays, f"{name}[{index}]") if arrays != "NONE" else name, inner)
        else:
            pairs.append((name, _text(value)))

    for key, value in content.items():
        add(key, value)
    return "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in pairs)
