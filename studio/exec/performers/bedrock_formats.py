"""The bodies of Bedrock's InvokeModel, provider by provider, to requests of the OpenAI API's and back. Pure.

A `Form` has two functions: `asked(body)` makes the request of a local server, `answered(body, answer, model)` the provider's response out of the
server's. `form_of` finds it by the model's ID or ARN and, where a provider has several, by the body.

Errors: `FormatError` for a body that Bedrock would refuse, `Unsupported` for a model or a feature nothing here can stand in for.

Spec: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studio.exec.performers import bedrock_converse
from studio.exec.performers.bedrock_chat import (
    Asked,
    Body,
    FormatError,
    Said,
    Unsupported,
    call_of,
    chat,
    content,
    image_part,
    need,
    said,
    tool,
    turns,
)

_REGIONS = re.compile(r"^(us|eu|apac|global|us-gov|jp|au|ca|sa|me|af)\.")
_PROVIDERS = ("amazon", "anthropic", "ai21", "cohere", "deepseek", "meta", "mistral", "openai", "qwen", "stability")


@dataclass(frozen=True, slots=True)
class Form:
    """A provider's form of request and response."""

    asked: Callable[[Body], Asked]
    answered: Callable[[Body, Any, str], Body]


def base_model(model: str) -> str:
    """A model's ID without what says where it runs: `us.`, an ARN around it. An ARN that names no model stays as it is."""
    parts = model.split(":", 5)[-1].split("/") if model.startswith("arn:") else [model]
    found = next((part for part in parts if _REGIONS.sub("", part).split(".")[0] in _PROVIDERS), model)
    return _REGIONS.sub("", found)


def form_of(model: str, body: Body) -> Form:
    """The form of a model's InvokeModel. Errors: Unsupported for a model of no known provider."""
    name = base_model(model)
    match name.split(".")[0]:
        case "anthropic":
            return _CLAUDE_TEXT if "messages" not in body and "prompt" in body else _CLAUDE
        case "amazon" if "embed" in name:
            return _TITAN_EMBEDDINGS
        case "amazon" if "image" in name or "canvas" in name:
            return _AMAZON_IMAGES
        case "amazon" if "titan" in name:
            return _TITAN
        case "amazon" if "nova" in name:
            return _NOVA
        case "meta":
            return _LLAMA
        case "mistral":
            return _MISTRAL_CHAT if "messages" in body else _MISTRAL
        case "cohere" if "embed" in name:
            return _COHERE_EMBEDDINGS
        case "cohere" if "message" in body:
            return _COHERE_CHAT
        case "cohere" if "rerank" not in name:
            return _COHERE
        case "ai21":
            return _JURASSIC if "prompt" in body else _OPENAI
        case "stability":
            return _SDXL if "text_prompts" in body else _STABLE_IMAGE
        case "openai" | "qwen":
            return _OPENAI
        case "deepseek":
            return _OPENAI if "messages" in body else _DEEPSEEK
        case _:
            raise Unsupported(f"The model {model} is of no provider whose form is known here. Mock the state, or use Converse.")


# Anthropic


def _claude_asked(body: Body) -> Asked:
    need(body, "messages", "max_tokens")
    system = body.get("system") or ""
    choice = body.get("tool_choice") or {}
    chosen = {"any": "required", "tool": {"type": "function", "function": {"name": choice.get("name")}}, "none": "none"}
    return chat(
        [made for message in body["messages"] for made in _claude_messages(message)],
        _options(body, stop="stop_sequences"),
        system if isinstance(system, str) else "\n".join(part["text"] for part in system),
        tools=[tool(t.get("name"), t.get("description"), t.get("input_schema")) for t in body.get("tools") or []] or None,
        tool_choice=chosen.get(choice.get("type", "")),
    )


def _claude_messages(message: Body) -> list[Body]:
    need(message, "role", "content")
    if isinstance(message["content"], str):
        return [{"role": message["role"], "content": message["content"]}]
    parts: list[Body] = []
    calls: list[Body] = []
    made: list[Body] = []
    for block in message["content"]:
        match block:
            case {"type": "text", "text": str(text)}:
                parts.append({"type": "text", "text": text})
            case {"type": "image", "source": {"type": "base64", "data": str(data), **rest}}:
                parts.append(image_part(data, rest.get("media_type")))
            case {"type": "tool_use", "id": call_id, **call}:
                calls.append({"id": call_id, **call_of(call, "name", "input")})
            case {"type": "tool_result", "tool_use_id": call_id, **rest}:
                told: Any = rest.get("content") or ""
                text = told if isinstance(told, str) else "\n".join(part.get("text", "") for part in told)
                made.append({"role": "tool", "tool_call_id": call_id, "content": text})
            case {"type": "thinking" | "redacted_thinking"}:
                pass
            case _:
                raise Unsupported(f"A local model takes no {block.get('type')} in a message: use text, images and tools.")
    if parts or calls or not made:
        made.append({"role": message["role"], "content": content(parts) if parts else "", **({"tool_calls": calls} if calls else {})})
    return made


def _claude_answered(body: Body, answer: Any, model: str) -> Body:
    del body
    got = said(answer)
    blocks: list[Body] = [{"type": "text", "text": got.text}] if got.text or not got.calls else []
    blocks += [{"type": "tool_use", "id": call.id, "name": call.name, "input": call.input} for call in got.calls]
    return {
        "id": f"msg_{_id(answer)}",
        "type": "message",
        "role": "assistant",
        "model": re.sub(r"-v\d+(:\d+)?$", "", base_model(model).split(".", 1)[-1]),
        "content": blocks,
        "stop_reason": {"length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}.get(got.finish, "end_turn"),
        "stop_sequence": None,
        "usage": {"input_tokens": got.asked_tokens, "output_tokens": got.said_tokens},
    }


def _claude_text_asked(body: Body) -> Asked:
    need(body, "prompt", "max_tokens_to_sample")
    stops = [stop for stop in body.get("stop_sequences") or [] if stop != "\n\nHuman:"]
    return chat(turns(body["prompt"]), _options(body, most="max_tokens_to_sample") | {"stop": stops or None})


def _claude_text_answered(_body: Body, answer: Any, _model: str) -> Body:
    got = said(answer)
    over = got.finish == "length"
    return {
        "type": "completion",
        "completion": got.text,
        "stop_reason": "max_tokens" if over else "stop_sequence",
        "stop": None if over else "\n\nHuman:",
    }


# Amazon


def _titan_asked(body: Body) -> Asked:
    need(body, "inputText")
    options = body.get("textGenerationConfig") or {}
    return chat(_titan_turns(body["inputText"]), _options(options, most="maxTokenCount", top="topP", stop="stopSequences"))


def _titan_turns(text: str) -> list[Body]:
    """Lines of `User: …` and `Bot: …`, as Titan's conversations are written, or one message."""
    if not re.match(r"\s*User:", text):
        return [{"role": "user", "content": text}]
    found = re.findall(r"(User|Bot):\s*(.*?)\s*(?=\n\s*(?:User|Bot):|$)", text, re.DOTALL)
    return [{"role": "user" if who == "User" else "assistant", "content": said_so} for who, said_so in found if said_so]


def _titan_answered(_body: Body, answer: Any, _model: str) -> Body:
    got = said(answer)
    reason = {"length": "LENGTH", "content_filter": "CONTENT_FILTERED"}.get(got.finish, "FINISH")
    return {
        "inputTextTokenCount": got.asked_tokens,
        "results": [{"tokenCount": got.said_tokens, "outputText": got.text, "completionReason": reason}],
    }


def _titan_embeddings_asked(body: Body) -> Asked:
    if "inputImage" in body:
        raise Unsupported("A local model makes no embeddings of images.")
    need(body, "inputText")
    if body.get("embeddingTypes") not in (None, ["float"]):
        raise Unsupported("A local model makes embeddings of floats alone.")
    sized = {"dimensions": body["dimensions"]} if body.get("dimensions") else {}
    return Asked("embeddings", {"input": body["inputText"], **sized})


def _titan_embeddings_answered(body: Body, answer: Any, _model: str) -> Body:
    (vector,) = _vectors(answer, 1)
    told: Body = {"embedding": vector, "inputTextTokenCount": int((answer.get("usage") or {}).get("prompt_tokens") or 0)}
    return {**told, "embeddingsByType": {"float": vector}} if "embeddingTypes" in body else told


def _amazon_images_asked(body: Body) -> Asked:
    need(body, "taskType")
    if body["taskType"] != "TEXT_IMAGE":
        raise Unsupported(f"A local model answers the taskType TEXT_IMAGE alone, not {body['taskType']}.")
    need(body, "textToImageParams")
    config = body.get("imageGenerationConfig") or {}
    return _image(
        body["textToImageParams"].get("text"), config.get("numberOfImages", 1), config.get("width", 1024), config.get("height", 1024)
    )


def _amazon_images_answered(_body: Body, answer: Any, _model: str) -> Body:
    return {"images": _pictures(answer)}


def _nova_answered(_body: Body, answer: Any, _model: str) -> Body:
    return bedrock_converse.answered(said(answer))


# Meta, Mistral, DeepSeek


def _llama_asked(body: Body) -> Asked:
    need(body, "prompt")
    messages = turns(body["prompt"])
    if body.get("images"):
        last = max(i for i, m in enumerate(messages) if m["role"] == "user")
        text = messages[last]["content"].replace("<|image|>", "").strip()
        parts = [*(image_part(data) for data in body["images"]), {"type": "text", "text": text}]
        messages = [{**m, "content": parts} if i == last else m for i, m in enumerate(messages)]
    return chat(messages, _options(body, most="max_gen_len"))


def _llama_answered(_body: Body, answer: Any, _model: str) -> Body:
    got = said(answer)
    return {
        "generation": got.text,
        "prompt_token_count": got.asked_tokens,
        "generation_token_count": got.said_tokens,
        "stop_reason": "length" if got.finish == "length" else "stop",
    }


def _prompt_asked(body: Body) -> Asked:
    need(body, "prompt")
    return chat(turns(body["prompt"]), _options(body, stop="stop"))


def _mistral_answered(_body: Body, answer: Any, _model: str) -> Body:
    got = said(answer)
    return {"outputs": [{"text": got.text, "stop_reason": "length" if got.finish == "length" else "stop"}]}


def _mistral_chat_answered(_body: Body, answer: Any, _model: str) -> Body:
    said(answer)
    choices = [
        {"index": number, "message": _message(choice["message"]), "stop_reason": choice.get("finish_reason") or "stop"}
        for number, choice in enumerate(answer["choices"])
    ]
    return {"choices": choices}


def _deepseek_answered(_body: Body, answer: Any, _model: str) -> Body:
    got = said(answer)
    return {"choices": [{"text": got.text, "stop_reason": "length" if got.finish == "length" else "stop"}]}


# Cohere


def _cohere_asked(body: Body) -> Asked:
    need(body, "prompt")
    return chat(
        [{"role": "user", "content": body["prompt"]}], _options(body, top="p", stop="stop_sequences"), n=body.get("num_generations")
    )


def _cohere_answered(body: Body, answer: Any, _model: str) -> Body:
    said(answer)
    generations = [
        {
            "finish_reason": "MAX_TOKENS" if choice.get("finish_reason") == "length" else "COMPLETE",
            "id": f"{_id(answer)}-{number}",
            "text": choice["message"].get("content") or "",
        }
        for number, choice in enumerate(answer["choices"])
    ]
    return {"generations": generations, "id": _id(answer), "prompt": body["prompt"]}


def _cohere_chat_asked(body: Body) -> Asked:
    if body.get("tools"):
        raise Unsupported("Cohere's tools have no counterpart at a local model server: use Converse.")
    roles = {"USER": "user", "CHATBOT": "assistant", "SYSTEM": "system"}
    history = [{"role": roles.get(turn.get("role"), "user"), "content": turn.get("message", "")} for turn in body.get("chat_history") or []]
    documents = "\n\n".join("\n".join(f"{name}: {text}" for name, text in document.items()) for document in body.get("documents") or [])
    system = "\n\n".join(part for part in (body.get("preamble"), documents and f"Answer out of these documents:\n\n{documents}") if part)
    return chat([*history, {"role": "user", "content": body["message"]}], _options(body, top="p", stop="stop_sequences"), system)


def _cohere_chat_answered(body: Body, answer: Any, _model: str) -> Body:
    got = said(answer)
    asked, told = {"role": "USER", "message": body["message"]}, {"role": "CHATBOT", "message": got.text}
    return {
        "response_id": _id(answer),
        "text": got.text,
        "generation_id": _id(answer),
        "chat_history": [*(body.get("chat_history") or []), asked, told],
        "finish_reason": "MAX_TOKENS" if got.finish == "length" else "COMPLETE",
    }


def _cohere_embeddings_asked(body: Body) -> Asked:
    need(body, "texts")
    types = body.get("embedding_types") or ["float"]
    if types != ["float"]:
        raise Unsupported(f"A local model makes embeddings of floats, not of {', '.join(types)}.")
    return Asked("embeddings", {"input": body["texts"]})


def _cohere_embeddings_answered(body: Body, answer: Any, _model: str) -> Body:
    vectors = _vectors(answer, len(body["texts"]))
    by_type = "embedding_types" in body
    return {
        "embeddings": {"float": vectors} if by_type else vectors,
        "id": _id(answer),
        "response_type": "embeddings_by_type" if by_type else "embeddings_floats",
        "texts": body["texts"],
    }


# AI21, and who speaks the OpenAI API's language


def _jurassic_asked(body: Body) -> Asked:
    return chat(turns(body["prompt"]), _options(body, most="maxTokens", top="topP", stop="stopSequences"), n=body.get("numResults"))


def _jurassic_answered(body: Body, answer: Any, _model: str) -> Body:
    said(answer)
    completions = [
        {
            "data": {"text": choice["message"].get("content") or "", "tokens": []},
            "finishReason": {"reason": "length" if choice.get("finish_reason") == "length" else "endoftext"},
        }
        for choice in answer["choices"]
    ]
    return {"id": _id(answer), "prompt": {"text": body["prompt"], "tokens": []}, "completions": completions}


def _openai_asked(body: Body) -> Asked:
    need(body, "messages")
    return Asked("chat", {key: value for key, value in body.items() if key != "model"})


def _openai_answered(_body: Body, answer: Any, model: str) -> Body:
    got = said(answer)
    choices = [
        {"index": number, "message": _message(choice["message"]), "finish_reason": choice.get("finish_reason") or "stop"}
        for number, choice in enumerate(answer["choices"])
    ]
    usage = {"prompt_tokens": got.asked_tokens, "completion_tokens": got.said_tokens, "total_tokens": got.asked_tokens + got.said_tokens}
    return {"id": _id(answer), "model": base_model(model).split(".", 1)[-1], "choices": choices, "usage": usage}


# Stability AI


def _sdxl_asked(body: Body) -> Asked:
    wanted = [prompt["text"] for prompt in body["text_prompts"] if prompt.get("weight", 1) > 0]
    return _image(", ".join(wanted), body.get("samples", 1), body.get("width", 1024), body.get("height", 1024))


def _sdxl_answered(body: Body, answer: Any, _model: str) -> Body:
    artifacts = [{"seed": body.get("seed", 0), "base64": picture, "finishReason": "SUCCESS"} for picture in _pictures(answer)]
    return {"result": "success", "artifacts": artifacts}


def _stable_image_asked(body: Body) -> Asked:
    need(body, "prompt")
    if "image" in body:
        raise Unsupported("A local model makes images of text, not of images.")
    wide, high = (int(part) for part in body.get("aspect_ratio", "1:1").split(":"))
    return _image(body["prompt"], 1, 1024 if wide >= high else 1024 * wide // high, 1024 if high >= wide else 1024 * high // wide)


def _stable_image_answered(body: Body, answer: Any, _model: str) -> Body:
    pictures = _pictures(answer)
    return {"seeds": [body.get("seed", 0)] * len(pictures), "finish_reasons": [None] * len(pictures), "images": pictures}


# What several have


def _options(body: Body, *, most: str = "max_tokens", top: str = "top_p", stop: str = "") -> Body:
    """The OpenAI API's options, out of the members in which a provider has them."""
    stops = body.get(stop) or None if stop else None
    return {"max_tokens": body.get(most), "temperature": body.get("temperature"), "top_p": body.get(top), "stop": stops}


def _image(prompt: Any, count: int, width: int, height: int) -> Asked:
    if not isinstance(prompt, str) or not prompt:
        raise FormatError("Malformed input request: the text of the image is missing, please reformat your input and try again.")
    return Asked("images", {"prompt": prompt, "n": count, "size": f"{width}x{height}", "response_format": "b64_json"})


def _pictures(answer: Any) -> list[str]:
    try:
        return [each["b64_json"] for each in answer["data"]]
    except (KeyError, TypeError) as error:
        raise FormatError(f"the model server's answer has no images in base64: {json.dumps(answer)[:300]}") from error


def _vectors(answer: Any, count: int) -> list[list[float]]:
    try:
        found = [each["embedding"] for each in sorted(answer["data"], key=lambda each: each.get("index", 0))]
    except (KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"the model server's answer has no embeddings: {json.dumps(answer)[:300]}") from error
    if len(found) != count:
        raise FormatError(f"the model server answered {len(found)} embeddings for {count} texts.")
    return found


def _message(message: Body) -> Body:
    kept = {"role": "assistant", "content": message.get("content")}
    return {**kept, "tool_calls": message["tool_calls"]} if message.get("tool_calls") else kept


def _id(answer: Any) -> str:
    """An answer's own ID, or one made out of it."""
    given = answer.get("id") if isinstance(answer, dict) else None
    return str(given or hashlib.sha256(json.dumps(answer, sort_keys=True).encode()).hexdigest()[:24])


_CLAUDE = Form(_claude_asked, _claude_answered)
_CLAUDE_TEXT = Form(_claude_text_asked, _claude_text_answered)
_TITAN = Form(_titan_asked, _titan_answered)
_TITAN_EMBEDDINGS = Form(_titan_embeddings_asked, _titan_embeddings_answered)
_AMAZON_IMAGES = Form(_amazon_images_asked, _amazon_images_answered)
_NOVA = Form(bedrock_converse.asked, _nova_answered)
_LLAMA = Form(_llama_asked, _llama_answered)
_MISTRAL = Form(_prompt_asked, _mistral_answered)
_MISTRAL_CHAT = Form(_openai_asked, _mistral_chat_answered)
_DEEPSEEK = Form(_prompt_asked, _deepseek_answered)
_COHERE = Form(_cohere_asked, _cohere_answered)
_COHERE_CHAT = Form(_cohere_chat_asked, _cohere_chat_answered)
_COHERE_EMBEDDINGS = Form(_cohere_embeddings_asked, _cohere_embeddings_answered)
_JURASSIC = Form(_jurassic_asked, _jurassic_answered)
_OPENAI = Form(_openai_asked, _openai_answered)
_SDXL = Form(_sdxl_asked, _sdxl_answered)
_STABLE_IMAGE = Form(_stable_image_asked, _stable_image_answered)

__all__ = ["Form", "FormatError", "Said", "Unsupported", "base_model", "form_of"]
