"""Each provider's request to the OpenAI API's, and the answer back in the shape Bedrock gives it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from studio.exec.performers import bedrock_converse
from studio.exec.performers.bedrock_chat import FormatError, Unsupported, said, turns
from studio.exec.performers.bedrock_formats import base_model, form_of

CLAUDE = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
PNG = "iVBORw0KGgo="
ANSWER = {
    "id": "c1",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "T"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
}
CALLS = {
    "id": "c1",
    "choices": [
        {
            "message": {
                "content": None,
                "tool_calls": [{"id": "t1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}],
            },
            "finish_reason": "tool_calls",
        }
    ],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3},
}
VECTORS = {"data": [{"index": 1, "embedding": [3.0]}, {"index": 0, "embedding": [1.0, 2.0]}], "usage": {"prompt_tokens": 4}}
PICTURES = {"data": [{"b64_json": "B"}]}


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


def image(data: str = PNG, kind: str = "image/png") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}}


@pytest.mark.parametrize(
    ("model", "body", "kind", "asked", "answer", "answered"),
    [
        (
            CLAUDE,
            {
                "anthropic_version": "bedrock-2023-05-31",
                "max_tokens": 250,
                "temperature": 0.5,
                "top_p": 0.9,
                "stop_sequences": ["END"],
                "system": "S",
                "messages": [user([{"type": "text", "text": "Q"}]), {"role": "assistant", "content": "A"}, user("R")],
            },
            "chat",
            {
                "messages": [{"role": "system", "content": "S"}, user("Q"), {"role": "assistant", "content": "A"}, user("R")],
                "max_tokens": 250,
                "temperature": 0.5,
                "top_p": 0.9,
                "stop": ["END"],
            },
            ANSWER,
            {
                "id": "msg_c1",
                "type": "message",
                "role": "assistant",
                "model": "claude-haiku-4-5-20251001",
                "content": [{"type": "text", "text": "T"}],
                "stop_reason": "end_turn",
                "stop_sequence": None,
                "usage": {"input_tokens": 7, "output_tokens": 3},
            },
        ),
        (
            "us.anthropic.claude-3-5-haiku-20241022-v1:0",
            {
                "max_tokens": 9,
                "tools": [{"name": "f", "description": "D", "input_schema": {"type": "object"}}],
                "tool_choice": {"type": "any"},
                "messages": [
                    user(
                        [
                            {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": "G"}},
                            {"type": "text", "text": "Q"},
                        ]
                    ),
                    {"role": "assistant", "content": [{"type": "tool_use", "id": "t0", "name": "f", "input": {"a": 0}}]},
                    user([{"type": "tool_result", "tool_use_id": "t0", "content": [{"type": "text", "text": "R"}]}]),
                ],
            },
            "chat",
            {
                "messages": [
                    user([image("G", "image/gif"), {"type": "text", "text": "Q"}]),
                    {
                        "role": "assistant",
                        "content": "",
                        "tool_calls": [{"id": "t0", "type": "function", "function": {"name": "f", "arguments": '{"a": 0}'}}],
                    },
                    {"role": "tool", "tool_call_id": "t0", "content": "R"},
                ],
                "max_tokens": 9,
                "tools": [{"type": "function", "function": {"name": "f", "description": "D", "parameters": {"type": "object"}}}],
                "tool_choice": "required",
            },
            CALLS,
            {
                "id": "msg_c1",
                "type": "message",
                "role": "assistant",
                "model": "claude-3-5-haiku-20241022",
                "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}],
                "stop_reason": "tool_use",
                "stop_sequence": None,
                "usage": {"input_tokens": 7, "output_tokens": 3},
            },
        ),
        (
            "anthropic.claude-v2",
            {"prompt": "\n\nHuman: Q\n\nAssistant:", "max_tokens_to_sample": 5, "stop_sequences": ["\n\nHuman:"]},
            "chat",
            {"messages": [user("Q")], "max_tokens": 5},
            ANSWER,
            {"type": "completion", "completion": "T", "stop_reason": "stop_sequence", "stop": "\n\nHuman:"},
        ),
        (
            "amazon.titan-text-express-v1",
            {"inputText": "Q", "textGenerationConfig": {"maxTokenCount": 9, "temperature": 0, "topP": 1, "stopSequences": ["|"]}},
            "chat",
            {"messages": [user("Q")], "max_tokens": 9, "temperature": 0, "top_p": 1, "stop": ["|"]},
            ANSWER,
            {"inputTextTokenCount": 7, "results": [{"tokenCount": 3, "outputText": "T", "completionReason": "FINISH"}]},
        ),
        (
            "amazon.titan-text-express-v1",
            {"inputText": "User: Q\nBot: A\nUser: R\nBot:"},
            "chat",
            {"messages": [user("Q"), {"role": "assistant", "content": "A"}, user("R")]},
            {**ANSWER, "choices": [{"message": {"content": "T"}, "finish_reason": "length"}]},
            {"inputTextTokenCount": 7, "results": [{"tokenCount": 3, "outputText": "T", "completionReason": "LENGTH"}]},
        ),
        (
            "amazon.titan-embed-text-v2:0",
            {"inputText": "Q", "dimensions": 256, "normalize": True},
            "embeddings",
            {"input": "Q", "dimensions": 256},
            {"data": [{"embedding": [1.0, 2.0]}], "usage": {"prompt_tokens": 4}},
            {"embedding": [1.0, 2.0], "inputTextTokenCount": 4},
        ),
        (
            "amazon.titan-image-generator-v2:0",
            {
                "taskType": "TEXT_IMAGE",
                "textToImageParams": {"text": "Q"},
                "imageGenerationConfig": {"numberOfImages": 2, "width": 512, "height": 256},
            },
            "images",
            {"prompt": "Q", "n": 2, "size": "512x256", "response_format": "b64_json"},
            PICTURES,
            {"images": ["B"]},
        ),
        (
            "us.amazon.nova-pro-v1:0",
            {
                "schemaVersion": "messages-v1",
                "system": [{"text": "S"}],
                "messages": [user([{"image": {"format": "png", "source": {"bytes": PNG}}}, {"text": "Q"}])],
                "inferenceConfig": {"maxTokens": 5, "topP": 0.5},
            },
            "chat",
            {
                "messages": [{"role": "system", "content": "S"}, user([image(), {"type": "text", "text": "Q"}])],
                "max_tokens": 5,
                "top_p": 0.5,
            },
            ANSWER,
            {
                "output": {"message": {"content": [{"text": "T"}], "role": "assistant"}},
                "stopReason": "end_turn",
                "usage": {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10},
            },
        ),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/meta.llama2-13b-chat-v1",
            {
                "prompt": "<s>[INST] <<SYS>>S<</SYS>> Q [/INST] A </s><s>[INST] R [/INST]",
                "max_gen_len": 9,
                "temperature": 0.5,
                "top_p": 0.9,
            },
            "chat",
            {
                "messages": [{"role": "system", "content": "S"}, user("Q"), {"role": "assistant", "content": "A"}, user("R")],
                "max_tokens": 9,
                "temperature": 0.5,
                "top_p": 0.9,
            },
            ANSWER,
            {"generation": "T", "prompt_token_count": 7, "generation_token_count": 3, "stop_reason": "stop"},
        ),
        (
            "us.meta.llama3-2-90b-instruct-v1:0",
            {"prompt": "<|image|>Q", "images": [PNG]},
            "chat",
            {"messages": [user([image(), {"type": "text", "text": "Q"}])]},
            ANSWER,
            {"generation": "T", "prompt_token_count": 7, "generation_token_count": 3, "stop_reason": "stop"},
        ),
        (
            "mistral.mistral-7b-instruct-v0:2",
            {"prompt": "<s>[INST] Q [/INST]", "max_tokens": 9, "stop": ["x"]},
            "chat",
            {"messages": [user("Q")], "max_tokens": 9, "stop": ["x"]},
            ANSWER,
            {"outputs": [{"text": "T", "stop_reason": "stop"}]},
        ),
        (
            "mistral.mistral-large-2407-v1:0",
            {"messages": [user("Q")], "max_tokens": 9},
            "chat",
            {"messages": [user("Q")], "max_tokens": 9},
            ANSWER,
            {"choices": [{"index": 0, "message": {"role": "assistant", "content": "T"}, "stop_reason": "stop"}]},
        ),
        (
            "cohere.command-text-v14",
            {"prompt": "Q", "max_tokens": 9, "temperature": 0.5, "p": 0.1},
            "chat",
            {"messages": [user("Q")], "max_tokens": 9, "temperature": 0.5, "top_p": 0.1},
            ANSWER,
            {"generations": [{"finish_reason": "COMPLETE", "id": "c1-0", "text": "T"}], "id": "c1", "prompt": "Q"},
        ),
        (
            "cohere.command-r-v1:0",
            {"message": "Q", "chat_history": [{"role": "USER", "message": "A"}, {"role": "CHATBOT", "message": "B"}], "preamble": "S"},
            "chat",
            {"messages": [{"role": "system", "content": "S"}, user("A"), {"role": "assistant", "content": "B"}, user("Q")]},
            ANSWER,
            {
                "response_id": "c1",
                "text": "T",
                "generation_id": "c1",
                "chat_history": [
                    {"role": "USER", "message": "A"},
                    {"role": "CHATBOT", "message": "B"},
                    {"role": "USER", "message": "Q"},
                    {"role": "CHATBOT", "message": "T"},
                ],
                "finish_reason": "COMPLETE",
            },
        ),
        (
            "cohere.embed-english-v3",
            {"texts": ["Q", "R"], "input_type": "search_query"},
            "embeddings",
            {"input": ["Q", "R"]},
            {**VECTORS, "id": "e1"},
            {"embeddings": [[1.0, 2.0], [3.0]], "id": "e1", "response_type": "embeddings_floats", "texts": ["Q", "R"]},
        ),
        (
            "ai21.jamba-1-5-mini-v1:0",
            {"messages": [user("Q")], "max_tokens": 9},
            "chat",
            {"messages": [user("Q")], "max_tokens": 9},
            ANSWER,
            {
                "id": "c1",
                "model": "jamba-1-5-mini-v1:0",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "T"}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
            },
        ),
        (
            "ai21.j2-ultra-v1",
            {"prompt": "Q", "maxTokens": 9, "topP": 0.5, "stopSequences": ["x"], "numResults": 1},
            "chat",
            {"messages": [user("Q")], "max_tokens": 9, "top_p": 0.5, "stop": ["x"], "n": 1},
            ANSWER,
            {
                "id": "c1",
                "prompt": {"text": "Q", "tokens": []},
                "completions": [{"data": {"text": "T", "tokens": []}, "finishReason": {"reason": "endoftext"}}],
            },
        ),
        (
            "stability.stable-diffusion-xl-v1",
            {"text_prompts": [{"text": "Q"}, {"text": "no", "weight": -1}], "cfg_scale": 10, "steps": 50, "seed": 3},
            "images",
            {"prompt": "Q", "n": 1, "size": "1024x1024", "response_format": "b64_json"},
            PICTURES,
            {"result": "success", "artifacts": [{"seed": 3, "base64": "B", "finishReason": "SUCCESS"}]},
        ),
        (
            "stability.stable-image-core-v1:1",
            {"prompt": "Q", "aspect_ratio": "16:9", "seed": 3},
            "images",
            {"prompt": "Q", "n": 1, "size": "1024x576", "response_format": "b64_json"},
            PICTURES,
            {"seeds": [3], "finish_reasons": [None], "images": ["B"]},
        ),
        (
            "us.deepseek.r1-v1:0",
            {"prompt": "Q", "max_tokens": 9},
            "chat",
            {"messages": [user("Q")], "max_tokens": 9},
            ANSWER,
            {"choices": [{"text": "T", "stop_reason": "stop"}]},
        ),
    ],
)
def test_a_providers_form(model: str, body: Any, kind: str, asked: Any, answer: Any, answered: Any) -> None:
    form = form_of(model, body)
    request = form.asked(body)
    assert (request.kind, request.body) == (kind, asked)
    assert form.answered(body, answer, model) == answered


def test_a_conversation_by_converse() -> None:
    given = {
        "ModelId": "amazon.nova-pro-v1:0",
        "System": [{"Text": "S"}],
        "Messages": [
            {
                "Role": "user",
                "Content": [
                    {"Text": "Q"},
                    {"Document": {"Format": "md", "Name": "D", "Source": {"Bytes": base64.b64encode(b"text").decode()}}},
                ],
            },
            {"Role": "assistant", "Content": [{"ToolUse": {"ToolUseId": "t0", "Name": "f", "Input": {"KeepMe": 1}}}]},
            {
                "Role": "user",
                "Content": [{"ToolResult": {"ToolUseId": "t0", "Content": [{"Json": {"A": 1}}, {"Text": "R"}]}}, {"Text": "N"}],
            },
        ],
        "InferenceConfig": {"MaxTokens": 5, "Temperature": 0.5, "TopP": 0.9, "StopSequences": ["x"]},
        "ToolConfig": {
            "Tools": [
                {"ToolSpec": {"Name": "f", "Description": "D", "InputSchema": {"Json": {"type": "object", "properties": {"KeepMe": {}}}}}}
            ],
            "ToolChoice": {"Tool": {"Name": "f"}},
        },
    }
    assert bedrock_converse.asked(bedrock_converse.lower(given)).body == {
        "messages": [
            {"role": "system", "content": "S"},
            user("Q\nDocument D:\ntext"),
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"id": "t0", "type": "function", "function": {"name": "f", "arguments": '{"KeepMe": 1}'}}],
            },
            {"role": "tool", "tool_call_id": "t0", "content": '{"A": 1}\nR'},
            user("N"),
        ],
        "max_tokens": 5,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["x"],
        "tools": [
            {
                "type": "function",
                "function": {"name": "f", "description": "D", "parameters": {"type": "object", "properties": {"KeepMe": {}}}},
            }
        ],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
    }
    assert bedrock_converse.pascal(bedrock_converse.answered(said(ANSWER), 12)) == {
        "Output": {"Message": {"Role": "assistant", "Content": [{"Text": "T"}]}},
        "StopReason": "end_turn",
        "Usage": {"InputTokens": 7, "OutputTokens": 3, "TotalTokens": 10},
        "Metrics": {"LatencyMs": 12},
    }
    assert bedrock_converse.pascal(bedrock_converse.answered(said(CALLS)))["Output"] == {
        "Message": {"Role": "assistant", "Content": [{"ToolUse": {"ToolUseId": "t1", "Name": "f", "Input": {"a": 1}}}]}
    }


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (CLAUDE, "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.titan-text-express-v1/xyz", "amazon.titan-text-express-v1"),
        ("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc", "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc"),
        ("us-gov.anthropic.claude-v2", "anthropic.claude-v2"),
    ],
)
def test_a_models_own_name(model: str, expected: str) -> None:
    assert base_model(model) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Just text", [user("Just text")]),
        (
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nQ<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n",
            [{"role": "system", "content": "S"}, user("Q")],
        ),
        ("<|begin_of_text|><|header_start|>user<|header_end|>\n\nQ<|eot|><|header_start|>assistant<|header_end|>", [user("Q")]),
        (
            "S\n\nHuman: Q\n\nAssistant: A\n\nHuman: R\n\nAssistant:",
            [{"role": "system", "content": "S"}, user("Q"), {"role": "assistant", "content": "A"}, user("R")],
        ),
    ],
)
def test_the_marks_of_a_prompt_are_its_turns(prompt: str, expected: Any) -> None:
    assert turns(prompt) == expected


@pytest.mark.parametrize(
    ("model", "body", "error", "what"),
    [
        (CLAUDE, {"max_tokens": 5}, FormatError, r"required key \[messages\] not found"),
        (CLAUDE, {"messages": [user("Q")]}, FormatError, r"required key \[max_tokens\] not found"),
        (CLAUDE, {"messages": [], "max_tokens": 5}, FormatError, "at least one message"),
        (CLAUDE, {"messages": [user([{"type": "document"}])], "max_tokens": 5}, Unsupported, "no document"),
        ("amazon.titan-text-express-v1", {"prompt": "Q"}, FormatError, r"required key \[inputText\] not found"),
        ("amazon.titan-embed-image-v1", {"inputImage": "x"}, Unsupported, "embeddings of images"),
        ("amazon.nova-canvas-v1:0", {"taskType": "INPAINTING"}, Unsupported, "not INPAINTING"),
        ("amazon.nova-canvas-v1:0", {"taskType": "TEXT_IMAGE", "textToImageParams": {}}, FormatError, "text of the image is missing"),
        ("amazon.nova-lite-v1:0", {"messages": [user([{"video": {}}])]}, Unsupported, "takes no video"),
        ("stability.stable-image-ultra-v1:0", {"prompt": "Q", "image": "x"}, Unsupported, "not of images"),
        ("cohere.command-r-v1:0", {"message": "Q", "tools": [{}]}, Unsupported, "use Converse"),
        ("cohere.rerank-v3-5:0", {"query": "Q"}, Unsupported, "no provider whose form is known"),
        ("twelvelabs.pegasus-1-2-v1:0", {"inputPrompt": "Q"}, Unsupported, "no provider whose form is known"),
    ],
)
def test_what_cannot_be_asked_says_why(model: str, body: Any, error: type[Exception], what: str) -> None:
    with pytest.raises(error, match=what):
        form_of(model, body).asked(body)


@pytest.mark.parametrize("answer", [None, {}, {"choices": []}, {"choices": [{}]}, {"error": "x"}])
def test_an_answer_that_is_none(answer: Any) -> None:
    with pytest.raises(FormatError, match="no chat completion"):
        said(answer)
