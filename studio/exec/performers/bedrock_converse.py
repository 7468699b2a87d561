"""Bedrock's Converse, and InvokeModel of Amazon Nova, which has the same form: to a chat of the OpenAI API's and back. Pure.

The members here are spelt as the API spells them (`inferenceConfig`); `lower` and `pascal` go from and to Step Functions' spelling
(`InferenceConfig`). Bytes are base64 text.

Spec: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from studio.exec.performers.bedrock_chat import Asked, Body, FormatError, Said, Unsupported, call_of, chat, content, image_part, need, tool

_STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "content_filtered"}
_JSON = frozenset({"json", "input", "additionalModelRequestFields"})
"""Members that hold JSON of the user's, whose names are not the API's to spell."""
_TEXT_DOCUMENTS = frozenset({"txt", "md", "csv", "html"})


def lower(value: Any) -> Any:
    """Step Functions' spelling as the API's."""
    return _spelt(value, lambda name: name[:1].lower() + name[1:])


def pascal(value: Any) -> Any:
    """The API's spelling as Step Functions'."""
    return _spelt(value, lambda name: name[:1].upper() + name[1:])


def _spelt(value: Any, spell: Callable[[str], str]) -> Any:
    match value:
        case dict():
            return {spell(name): inner if name[:1].lower() + name[1:] in _JSON else _spelt(inner, spell) for name, inner in value.items()}
        case list():
            return [_spelt(inner, spell) for inner in value]
        case _:
            return value


def asked(body: Body) -> Asked:
    """The request of a chat. Errors: FormatError, Unsupported."""
    need(body, "messages")
    options = body.get("inferenceConfig") or {}
    tools = body.get("toolConfig") or {}
    return chat(
        [made for message in body["messages"] for made in _messages(message)],
        {
            "max_tokens": options.get("maxTokens", options.get("max_new_tokens")),
            "temperature": options.get("temperature"),
            "top_p": options.get("topP"),
            "stop": options.get("stopSequences"),
        },
        "\n".join(part["text"] for part in body.get("system") or [] if "text" in part),
        tools=[_tool(each["toolSpec"]) for each in tools.get("tools") or [] if "toolSpec" in each] or None,
        tool_choice=_choice(tools.get("toolChoice")),
    )


def _tool(spec: Body) -> Body:
    return tool(spec.get("name"), spec.get("description"), (spec.get("inputSchema") or {}).get("json"))


def _choice(choice: Body | None) -> Any:
    match choice:
        case {"any": _}:
            return "required"
        case {"tool": {"name": name}}:
            return {"type": "function", "function": {"name": name}}
        case _:
            return None


def _messages(message: Body) -> list[Body]:
    """A message as the chat's: a tool's result is a message of its own there."""
    need(message, "role", "content")
    parts: list[Body] = []
    calls: list[Body] = []
    made: list[Body] = []
    for block in message["content"]:
        match block:
            case {"text": str(text)}:
                parts.append({"type": "text", "text": text})
            case {"image": {"source": {"bytes": str(data)}, **rest}}:
                parts.append(image_part(data, f"image/{rest['format']}" if rest.get("format") else None))
            case {"document": document}:
                parts.append({"type": "text", "text": _document(document)})
            case {"toolUse": call}:
                calls.append({"id": call["toolUseId"], **call_of(call, "name", "input")})
            case {"toolResult": result}:
                told = [part["text"] if "text" in part else json.dumps(part.get("json")) for part in result.get("content") or []]
                made.append({"role": "tool", "tool_call_id": result["toolUseId"], "content": "\n".join(told)})
            case {"reasoningContent": _} | {"cachePoint": _}:
                pass
            case _:
                raise Unsupported(f"A local model takes no {' or '.join(block)} in a message: use text, images and tools.")
    if parts or calls or not made:
        made.append({"role": message["role"], "content": content(parts) if parts else "", **({"tool_calls": calls} if calls else {})})
    return made


def _document(document: Body) -> str:
    source = document.get("source") or {}
    if "text" in source:
        text = source["text"]
    elif document.get("format") in _TEXT_DOCUMENTS and "bytes" in source:
        text = base64.b64decode(source["bytes"]).decode("utf-8", "replace")
    else:
        raise Unsupported(f"A local model reads documents that are text (txt, md, csv, html), not {document.get('format')}.")
    return f"Document {document.get('name', '')}:\n{text}"


def answered(answer: Said, milliseconds: int | None = None) -> Body:
    """The answer of a chat as Converse's; without `milliseconds` as Nova's InvokeModel."""
    blocks: list[Body] = [{"text": answer.text}] if answer.text or not answer.calls else []
    blocks += [{"toolUse": {"toolUseId": c.id, "name": c.name, "input": c.input}} for c in answer.calls]
    told: Body = {
        "output": {"message": {"content": blocks, "role": "assistant"}},
        "stopReason": _STOPS.get(answer.finish, "end_turn"),
        "usage": {
            "inputTokens": answer.asked_tokens,
            "outputTokens": answer.said_tokens,
            "totalTokens": answer.asked_tokens + answer.said_tokens,
        },
    }
    return told if milliseconds is None else {**told, "metrics": {"latencyMs": milliseconds}}


__all__ = ["FormatError", "answered", "asked", "lower", "pascal"]
