"""HTTP Tasks: `arn:aws:states:::http:invoke`.

    Parameters  {"ApiEndpoint", "Method", "Authentication"?, "InvocationConfig"?, "Headers"?, "QueryParameters"?, "RequestBody"?, "Transform"?}
    Result      {"Headers": {name: [value, …]}, "ResponseBody": JSON or text, "StatusCode": 200, "StatusText": "OK"}

A connection's headers, query parameters and body members win over those of the task (`performers.connections`). Without a registered
connection the request is sent as it is to this machine only. Who may be called: `performers.http_send`.

Errors: `States.Http.StatusCode.<code>` for answers other than 2xx (the cause is the body), `States.Http.Socket` when no answer came, or none
within 60 seconds, `States.Runtime` for a request that cannot be sent and for an answer that is no text, `States.DataLimitExceeded`
for a body over 256 KiB, `Events.ConnectionResource.…` for a connection that cannot be used.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Collection
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.errors import StudioError
from studio.exec.effects import RunTask
from studio.exec.performers import http_send, web
from studio.exec.performers.connections import Authorization, Authorize, Connections, how, name_of
from studio.exec.performers.http_send import Exchange, Refused, Request, is_loopback
from studio.exec.performers.mock import Returned

MAX_BODY = 262_144
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"})
ARRAYS = frozenset({"INDICES", "REPEAT", "COMMAS", "BRACKETS", "NONE"})
FORBIDDEN_PREFIXES = ("x-forwarded-", "x-amz-", "x-amzn-")
FORBIDDEN = frozenset(
    {
        "a-im",
        "accept-charset",
        "accept-datetime",
        "accept-encoding",
        "authorization",
        "cache-control",
        "connection",
        "content-encoding",
        "content-md5",
        "date",
        "expect",
        "forwarded",
        "from",
        "host",
        "http2-settings",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "origin",
        "pragma",
        "proxy-authorization",
        "referer",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "warning",
    }
)
"""Headers a definition may not set; those of a connection may."""
_NO_TEXT = ("application/octet-stream", "image/", "video/", "audio/")

Watch = Callable[[Exchange], None]
"""Is told of a request as it was sent, and of its answer: TestState's TRACE level."""


def performer(
    authorize: Authorize | None = None,
    *,
    address: Callable[[], str] | None = None,
    real: bool = False,
    allowed: Callable[[], Collection[str]] = frozenset,
    watch: Watch | None = None,
) -> Callable[[RunTask], Returned | Failure]:
    """Performs HTTP Tasks. `address` and `real` say where EventBridge is, for connections; `allowed` gives the hosts that may be called beside
    those of the environment.
    """

    def perform(task: RunTask) -> Returned | Failure:
        hosts = frozenset(allowed()) | http_send.from_environment()
        known = authorize or Connections(lambda url: http_send.check(url, hosts, "authorization endpoint"), address, real=real).authorize
        return invoke(task.arguments, known, hosts, watch)

    return perform


def invoke(arguments: Json, authorize: Authorize, allowed: Collection[str] = (), watch: Watch | None = None) -> Returned | Failure:
    """Send the request that the parameters describe."""
    try:
        answer = _answered(arguments, authorize, allowed, watch)
    except (Refused, StudioError) as problem:
        return Failure("States.Runtime", str(problem))
    except UnicodeError as problem:
        return Failure("States.Runtime", f"The endpoint's host cannot be looked up: {problem}")
    if isinstance(answer, Failure):
        return answer
    if len(answer.body) > MAX_BODY:
        return Failure("States.DataLimitExceeded", "The HTTP response body exceeds the maximum size of 262144 bytes.")
    if not 200 <= answer.status < 300:
        return Failure(f"States.Http.StatusCode.{answer.status}", answer.body.decode("utf-8", "replace"))
    return _result(answer)


def _answered(arguments: Json, authorize: Authorize, allowed: Collection[str], watch: Watch | None) -> web.Answer | Failure:
    """The answer; a token that is refused is asked for anew, once, as EventBridge does."""
    if not isinstance(arguments, dict):
        raise Refused("The parameters of an HTTP Task must be an object.")
    arn = _connection(arguments)
    region = arn.split(":")[3] if name_of(arn) else ""
    plain = _request(arguments, Authorization(), region or "us-east-1")
    http_send.check(plain.url, allowed)
    for fresh in (False, True):
        added = authorize(arn, fresh)
        if isinstance(added, Failure):
            return added
        if added is None:
            if not is_loopback(urlsplit(plain.url).hostname or ""):
                raise Refused(
                    f"The connection '{arn}' is not registered here, so nothing was sent. {how(name_of(arn) or arn)} Or mock this state."
                )
            added = Authorization()
        request = _request(arguments, added, region or "us-east-1")
        answer: web.Answer | Failure
        try:
            answer, request = http_send.send(request, added, allowed)
        except TimeoutError:
            answer = Failure("States.Http.Socket", f"The HTTP endpoint did not answer within {http_send.TIMEOUT:.0f} seconds.")
        except (OSError, http.client.HTTPException) as problem:
            answer = Failure("States.Http.Socket", f"The HTTP endpoint could not be reached: {problem or type(problem).__name__}")
        if watch is not None:
            watch(Exchange(request, plain, answer, added.secrets))
        if isinstance(answer, Failure) or answer.status not in {401, 407} or not added.renewable:
            break
    return answer  # pyright: ignore[reportPossiblyUnboundVariable] - the loop runs at least once


def _result(answer: web.Answer) -> Returned | Failure:
    kind = answer.header("content-type").partition(";")[0].strip().lower()
    if answer.body and kind.startswith(_NO_TEXT):
        return Failure("States.Runtime", f"The HTTP response has the content type '{kind}', which HTTP Tasks do not support.")
    headers: dict[str, Json] = {}
    for name, value in answer.headers:
        listed = headers.setdefault(name.lower(), [])
        assert isinstance(listed, list)
        listed.append(value)
    try:
        text = answer.body.decode("utf-8")
    except UnicodeDecodeError:
        return Failure("States.Runtime", "The HTTP response cannot be read as text.")
    content: Json = text
    if text:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            content = text
    return Returned({"Headers": headers, "ResponseBody": content, "StatusCode": answer.status, "StatusText": answer.reason})


def _connection(arguments: dict[str, Json]) -> str:
    for key in ("InvocationConfig", "Authentication"):
        config = arguments.get(key)
        if isinstance(config, dict) and isinstance(config.get("ConnectionArn"), str):
            return str(config["ConnectionArn"])
    raise Refused("One of the fields 'InvocationConfig.ConnectionArn' and 'Authentication.ConnectionArn' is required.")


def _request(arguments: dict[str, Json], added: Authorization, region: str) -> Request:
    """The request of the parameters, with what a connection adds: of equal keys the connection's wins."""
    endpoint, method = arguments.get("ApiEndpoint"), arguments.get("Method")
    if not isinstance(endpoint, str) or not endpoint:
        raise Refused("The field 'ApiEndpoint' is required and must be a string.")
    if not isinstance(method, str) or method not in METHODS:
        raise Refused(f"The field 'Method' must be one of {', '.join(sorted(METHODS))}.")
    headers = _headers(arguments.get("Headers"))
    body = _body(arguments, headers, added)
    theirs = {name.lower() for name in added.headers} | {"user-agent", "range"}
    headers = {name: value for name, value in headers.items() if name.lower() not in theirs}
    headers |= added.headers | {"User-Agent": f"Amazon|StepFunctions|HttpInvoke|{region}", "Range": "bytes=0-262144"}
    query = [(name, value) for name, value in _query(arguments.get("QueryParameters")) if name not in added.query]
    query += list(added.query.items())
    parts = urlsplit(endpoint)
    url = parts._replace(query="&".join(filter(None, (parts.query, urlencode(query, quote_via=quote)))), fragment="").geturl()
    return Request(method, _ascii(url), headers, body)


def _ascii(url: str) -> str:
    """An address as it goes over the wire: what is not ASCII, and blanks, percent-encoded."""
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def _headers(given: Json) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Refused("The field 'Headers' must be an object.")
    found: dict[str, str] = {}
    for name, value in given.items():
        if name.lower() in FORBIDDEN or name.lower().startswith(FORBIDDEN_PREFIXES):
            raise Refused(f"The header '{name}' is not allowed in an HTTP Task.")
        text = ",".join(map(_text, value)) if isinstance(value, list) else _text(value)
        if set("\r\n") & set(name + text):
            raise Refused(f"The header '{name}' contains a line break.")
        try:
            (name + text).encode("latin-1")
        except UnicodeEncodeError as error:
            raise Refused(f"The header '{name}' contains a character that a header cannot have.") from error
        found[name] = text
    return found


def _text(value: Json) -> str:
    return value if isinstance(value, str) else to_aws_text(value)


def _query(given: Json) -> list[tuple[str, str]]:
    """Query parameters out of an object, a query string, or an array of both."""
    match given:
        case None:
            return []
        case str():
            return parse_qsl(given.removeprefix("?"), keep_blank_values=True)
        case list():
            return [pair for one in given for pair in _query(one)]
        case dict():
            return [(name, _text(item)) for name, value in given.items() for item in (value if isinstance(value, list) else [value])]
        case _:
            raise Refused("The field 'QueryParameters' must be an object, an array or a string.")


def _body(arguments: dict[str, Json], headers: dict[str, str], added: Authorization) -> bytes | None:
    content: Json = arguments.get("RequestBody")
    if added.body:
        if content is not None and not isinstance(content, dict):
            raise Refused("The field 'RequestBody' must be an object, because the connection adds members to the body.")
        content = {**(content or {}), **added.body}
    if content is None:
        return None
    kinds = [name for name in (*headers, *added.headers) if name.lower() == "content-type"]
    transform = arguments.get("Transform")
    encoding = transform.get("RequestBodyEncoding", "NONE") if isinstance(transform, dict) else "NONE"
    if encoding == "URL_ENCODED":
        assert isinstance(transform, dict)
        options = transform.get("RequestEncodingOptions")
        arrays = options.get("ArrayFormat", "INDICES") if isinstance(options, dict) else "INDICES"
        if arrays not in ARRAYS:
            raise Refused(f"The field 'Transform.RequestEncodingOptions.ArrayFormat' must be one of {', '.join(sorted(ARRAYS))}.")
        if not isinstance(content, dict):
            raise Refused("A body to be URL-encoded must be an object.")
        if not kinds:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return form_encoded(content, str(arrays)).encode()
    if encoding != "NONE":
        raise Refused("The field 'Transform.RequestBodyEncoding' must be NONE or URL_ENCODED.")
    if not kinds:
        headers["Content-Type"] = "application/json; charset=UTF-8"
    return _text(content).encode()


def form_encoded(content: dict[str, Json], arrays: str = "INDICES") -> str:
    """`application/x-www-form-urlencoded`, percent-encoded throughout; arrays as `a[0]=1&a[1]=2` (INDICES), `a[]=1&a[]=2` (BRACKETS),
    `a=1,2` (COMMAS) or `a=1&a=2` (REPEAT, NONE), objects as `a[key]=1`.
    """
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
                add({"INDICES": f"{name}[{index}]", "BRACKETS": f"{name}[]"}.get(arrays, name), inner)
        else:
            pairs.append((name, _text(value)))

    for key, value in content.items():
        add(key, value)
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
