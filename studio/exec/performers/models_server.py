"""A model server on this machine that speaks the OpenAI API: Ollama, llama.cpp, vLLM, LM Studio …

The environment says where and what (`studio.settings` has the same names):

    ASL_STUDIO_MODELS_URL   http://127.0.0.1:11434/v1
    ASL_STUDIO_MODELS_MAP   {"anthropic.claude-*": "qwen3:8b", "amazon.titan-embed-*": "nomic-embed-text", "*": "llama3.2"}
    ASL_STUDIO_MODELS_KEY   the key the server wants, if it wants one

A name of the map is a model's ID without Region or ARN, or a pattern with `*`; the first that fits counts. Where none does, the server is asked what
it has: its first model answers, for embeddings the first with `embed` in its name.

Errors: `Refused` with an HTTP status (0: no answer came) and what the server said; SettingsError for a map that is none.
"""

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import fnmatch
import http.client
import json
import os
import time
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from studio.errors import SettingsError
from studio.exec.performers import web

TIMEOUT = 600.0
"""Seconds an answer may take where the task sets no limit: models on this machine are slow."""
_PATHS = {"chat": "chat/completions", "embeddings": "embeddings", "images": "images/generations"}


class Refused(Exception):  # noqa: N818 - the server's answer, told on as Bedrock's
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class Server:
    """Where the models are. `names`: the server's names by patterns of Bedrock's."""

    url: str
    names: tuple[tuple[str, str], ...] = ()
    key: str = ""

    def ask(self, kind: str, model: str, body: dict[str, Any], deadline: float | None = None) -> Any:
        """Have a model answer. `deadline` in seconds since the epoch. Errors: Refused; TimeoutError."""
        return self._call("POST", _PATHS[kind], {"model": self._name(model, kind), **body}, deadline)

    def _name(self, model: str, kind: str) -> str:
        for pattern, name in self.names:
            if fnmatch.fnmatchcase(model, pattern):
                return name
        listed = self._call("GET", "models", None, time.time() + 10)
        try:
            known = [str(each["id"]) for each in listed["data"]]
        except (KeyError, TypeError) as error:
            raise Refused(404, f"{self.url} does not list its models; name one in ASL_STUDIO_MODELS_MAP.") from error
        fitting = [name for name in known if kind == "images" or ("embed" in name.lower()) == (kind == "embeddings")]
        if not fitting:
            raise Refused(
                404, f"{self.url} has no model for {kind} ({', '.join(known) or 'none at all'}); name one in ASL_STUDIO_MODELS_MAP."
            )
        return fitting[0]

    def _call(self, method: str, path: str, body: dict[str, Any] | None, deadline: float | None) -> Any:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        sent = json.dumps(body).encode("utf-8") if body is not None else None
        seconds = TIMEOUT if deadline is None else max(0.001, deadline - time.time())
        try:
            answer = web.request(method, f"{self.url}/{path}", headers=headers, body=sent, timeout=seconds)
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException) as problem:
            raise Refused(0, f"The model server {self.url} cannot be reached: {problem or type(problem).__name__}") from problem
        text = answer.body.decode("utf-8", "replace")
        try:
            told: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Refused(answer.status if answer.status >= 300 else 502, f"The model server answered no JSON: {text[:300]}") from error
        if answer.status >= 300:
            raise Refused(answer.status, _message(told))
        return told


def configured() -> Server | None:
    """The server the environment names; None where it names none. Errors: SettingsError."""
    given = os.environ.get("ASL_STUDIO_MODELS_URL", "").strip().rstrip("/")
    if not given:
        return None
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise SettingsError(f"ASL_STUDIO_MODELS_URL is no address: {given}.", "For example http://127.0.0.1:11434/v1")
    return Server(
        given if parts.path else f"{given}/v1",
        _names(os.environ.get("ASL_STUDIO_MODELS_MAP", "")),
        os.environ.get("ASL_STUDIO_MODELS_KEY", ""),
    )


def _names(text: str) -> tuple[tuple[str, str], ...]:
    try:
        held: Any = json.loads(text or "{}")
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict) or not all(isinstance(name, str) for name in cast("dict[str, Any]", held).values()):
        raise SettingsError('ASL_STUDIO_MODELS_MAP is no JSON object of names: {"anthropic.claude-*": "llama3.2"}.')
    return tuple(cast("dict[str, str]", held).items())


def _message(told: Any) -> str:
    """What a server says is wrong, in the forms servers have for it."""
    match told:
        case {"error": {"message": str(message)}} | {"error": str(message)} | {"message": str(message)} | {"detail": str(message)}:
            return message
        case _:
            return json.dumps(told)[:500]
