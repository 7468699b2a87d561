"""Chats between Bedrock's forms and the OpenAI API's, which local model servers speak: what every provider's form has in common. Pure.

A chat request is `{"messages": [{"role", "content"}], "max_tokens"?, "temperature"?, "top_p"?, "stop"?, "tools"?, "tool_choice"?}`; content is text or
parts `{"type": "text", "text"}`, `{"type": "image_url", "image_url": {"url": "data:image/png;base64,…"}}`. `Said` is what came back.

Errors: `FormatError` for a request that Bedrock would refuse; `Unsupported` for one that it takes and nothing here can answer.
"""

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Body = dict[str, Any]


class FormatError(ValueError):
    """A request that Bedrock refuses with `ValidationException`."""


class Unsupported(ValueError):  # noqa: N818 - becomes `Studio.Unsupported`
    """A request for what local model servers have no words for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a local server takes it, without the model's name. `kind` says where it goes."""

    kind: Literal["chat", "embeddings", "images"]
    body: Body


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    input: Any


@dataclass(frozen=True, slots=True)
class Said:
    """An answer to a chat. `finish`: stop, length, tool_calls or content_filter; tokens are counts."""

    text: str
    finish: str
    calls: tuple[ToolCall, ...]
    asked_tokens: int
    said_tokens: int


def said(answer: Any) -> Said:
    """What a server's `chat/completions` answered. Errors: FormatError where it is no such answer."""
    try:
        choice, usage = answer["choices"][0], answer.get("usage") or {}
        message = choice["message"]
        text = message.get("content") or ""
        calls = tuple(
            ToolCall(str(call.get("id") or f"call_{number}"), call["function"]["name"], _arguments(call["function"].get("arguments")))
            for number, call in enumerate(message.get("tool_calls") or [])
        )
        finish = "tool_calls" if calls else choice.get("finish_reason") or "stop"
        return Said(str(text), str(finish), calls, int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise FormatError(f"the model server's answer is no chat completion: {json.dumps(answer)[:300]}") from error


def _arguments(given: Any) -> Any:
    if not isinstance(given, str):
        return given or {}
    try:
        return json.loads(given or "{}")
    except ValueError:
        return {"arguments": given}  # what the model wrote, though it is no JSON


def chat(messages: list[Body], options: Mapping[str, Any], system: str = "", **more: Any) -> Asked:
    """A chat request; options that are None are left out."""
    if not messages:
        raise FormatError("A conversation must have at least one message.")
    told = [{"role": "system", "content": system}] if system else []
    return Asked("chat", {"messages": told + messages, **{k: v for k, v in {**options, **more}.items() if v is not None}})


def image_part(data: str, kind: str | None = None) -> Body:
    """An image (base64) as a part of a message; its type is told by its first bytes where the request does not name it."""
    known = {"/9j/": "image/jpeg", "iVBOR": "image/png", "R0lGOD": "image/gif", "UklGR": "image/webp"}
    kind = kind or next((name for start, name in known.items() if data.startswith(start)), "image/png")
    return {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}}


def content(parts: list[Body]) -> Any:
    """Parts as a message's content: plain text where all are text, for not every model takes parts."""
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts


def call_of(call: Body, name: str, given: str) -> Body:
    """A tool call of the assistant's in a request; `name` and `given` are the members that hold them."""
    return {"type": "function", "function": {"name": call[name], "arguments": json.dumps(call.get(given) or {})}}


def tool(name: Any, description: Any, schema: Any) -> Body:
    function = {"name": name, "description": description, "parameters": schema or {"type": "object", "properties": {}}}
    return {"type": "function", "function": {key: value for key, value in function.items() if value is not None}}


def need(body: Body, *names: str) -> None:
    """Errors: FormatError, in Bedrock's words, for a member that is missing."""
    for name in names:
        if name not in body:
            raise FormatError(f"Malformed input request: #: required key [{name}] not found, please reformat your input and try again.")


_LLAMA3 = re.compile(
    r"<\|start_header_id\|>(\w+)<\|end_header_id\|>\s*(.*?)(?:<\|eot_id\|>|<\|end_of_text\|>|(?=<\|start_header_id\|>)|$)", re.DOTALL
)
_LLAMA4 = re.compile(r"<\|header_start\|>(\w+)<\|header_end\|>\s*(.*?)(?:<\|eot\|>|(?=<\|header_start\|>)|$)", re.DOTALL)
_INST = re.compile(r"\[INST\](.*?)\[/INST\](.*?)(?=<s>|\[INST\]|$)", re.DOTALL)
_SYS = re.compile(r"<<SYS>>(.*?)<</SYS>>", re.DOTALL)
_HUMAN = re.compile(r"\n\n(Human|Assistant):(.*?)(?=\n\nHuman:|\n\nAssistant:|$)", re.DOTALL)


def turns(prompt: str) -> list[Body]:
    """A prompt with a chat template's marks (Llama 2 to 4, Mistral, Claude's `Human:`) as messages; any other is one message of the user's."""
    found: list[Body] = []
    for form in (_LLAMA3, _LLAMA4):
        found = found or [{"role": role, "content": text.strip()} for role, text in form.findall(prompt)]
    for asked, answered in _INST.findall(prompt) if not found else ():
        system = _SYS.search(asked)
        found += [{"role": "system", "content": system[1].strip()}] if system else []
        found += [
            {"role": "user", "content": _SYS.sub("", asked).strip()},
            {"role": "assistant", "content": answered.replace("</s>", "").strip()},
        ]
    if not found and "\n\nHuman:" in prompt:
        before = prompt[: prompt.index("\n\nHuman:")].strip()
        found = [{"role": "system", "content": before}] if before else []
        found += [{"role": "user" if who == "Human" else "assistant", "content": text.strip()} for who, text in _HUMAN.findall(prompt)]
    found = [turn for turn in found if turn["content"]]
    return found if any(turn["role"] == "user" for turn in found) else [{"role": "user", "content": prompt}]
