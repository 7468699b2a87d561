"""Foundation models of Amazon Bedrock: who makes them, and the request body each maker's models want in InvokeModel.

The list is a selection that needs no network; any other model id can be typed, and its maker is read off its beginning.
Spec: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.asl.tree import Json

PROMPT = "Write a haiku about workflows."
_REGION = re.compile(r"^(?:us|us-gov|eu|apac|au|jp|ca|sa|global)\.")
_ARN = re.compile(r"^arn:[^:]*:bedrock:[^:]*:[^:]*:(?:foundation-model|inference-profile)/")


@dataclass(frozen=True, slots=True)
class Family:
    """Models that take the same body: `prefix` is how their ids begin, `models` those to offer (retired ones are not), `answer` where
    InvokeModel's result holds what they say.
    """

    maker: str
    prefix: str
    models: tuple[str, ...]
    body: dict[str, Json]
    answer: str


def _message(content: Json) -> list[Json]:
    return [{"role": "user", "content": content}]


FAMILIES: tuple[Family, ...] = (
    Family(
        "Anthropic",
        "anthropic.",
        (
            "global.anthropic.claude-haiku-4-5-20251001-v1:0",
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "us.anthropic.claude-opus-4-1-20250805-v1:0",
            "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
            "anthropic.claude-3-haiku-20240307-v1:0",
        ),
        {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 512, "messages": _message([{"type": "text", "text": PROMPT}])},
        "Body.content[0].text",
    ),
    Family(
        "Amazon Nova",
        "amazon.nova-",
        ("amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0", "us.amazon.nova-premier-v1:0"),
        {"schemaVersion": "messages-v1", "messages": _message([{"text": PROMPT}]), "inferenceConfig": {"maxTokens": 512}},
        "Body.output.message.content[0].text",
    ),
    Family(
        "Amazon Nova Canvas and Titan Image",
        "amazon.nova-canvas",
        ("amazon.nova-canvas-v1:0", "amazon.titan-image-generator-v2:0"),
        {
            "taskType": "TEXT_IMAGE",
            "textToImageParams": {"text": "A workflow as a river delta"},
            "imageGenerationConfig": {"numberOfImages": 1, "height": 1024, "width": 1024},
        },
        "Body.images[0]",
    ),
    Family(
        "Amazon Titan Text",
        "amazon.titan-text",
        (),
        {"inputText": PROMPT, "textGenerationConfig": {"maxTokenCount": 512, "temperature": 0.5, "topP": 0.9}},
        "Body.results[0].outputText",
    ),
    Family(
        "Amazon Titan Embeddings",
        "amazon.titan-embed",
        ("amazon.titan-embed-text-v2:0", "amazon.titan-embed-text-v1"),
        {"inputText": "Text to embed"},
        "Body.embedding",
    ),
    Family(
        "Meta",
        "meta.",
        ("us.meta.llama4-maverick-17b-instruct-v1:0", "us.meta.llama3-3-70b-instruct-v1:0", "meta.llama3-8b-instruct-v1:0"),
        {"prompt": PROMPT, "max_gen_len": 512, "temperature": 0.5, "top_p": 0.9},
        "Body.generation",
    ),
    Family(
        "Mistral AI",
        "mistral.",
        ("mistral.mistral-large-2402-v1:0", "mistral.mixtral-8x7b-instruct-v0:1", "mistral.mistral-7b-instruct-v0:2"),
        {"prompt": f"<s>[INST] {PROMPT} [/INST]", "max_tokens": 512, "temperature": 0.5},
        "Body.outputs[0].text",
    ),
    Family(
        "Cohere Command",
        "cohere.command",
        ("cohere.command-r-plus-v1:0", "cohere.command-r-v1:0"),
        {"message": PROMPT, "max_tokens": 512, "temperature": 0.5},
        "Body.text",
    ),
    Family(
        "Cohere Command Text",
        "cohere.command-text",
        (),
        {"prompt": PROMPT, "max_tokens": 512, "temperature": 0.5},
        "Body.generations[0].text",
    ),
    Family(
        "Cohere Embed",
        "cohere.embed",
        ("cohere.embed-multilingual-v3", "cohere.embed-english-v3"),
        {"texts": ["Text to embed"], "input_type": "search_document"},
        "Body.embeddings",
    ),
    Family(
        "AI21 Labs",
        "ai21.",
        ("ai21.jamba-1-5-large-v1:0", "ai21.jamba-1-5-mini-v1:0"),
        {"messages": _message(PROMPT), "max_tokens": 512, "temperature": 0.5},
        "Body.choices[0].message.content",
    ),
    Family(
        "DeepSeek",
        "deepseek.",
        ("us.deepseek.r1-v1:0",),
        {"prompt": PROMPT, "max_tokens": 512, "temperature": 0.5},
        "Body.choices[0].text",
    ),
    Family(
        "OpenAI",
        "openai.",
        ("openai.gpt-oss-120b-1:0", "openai.gpt-oss-20b-1:0"),
        {"messages": _message(PROMPT), "max_completion_tokens": 512},
        "Body.choices[0].message.content",
    ),
    Family(
        "Stability AI",
        "stability.",
        ("stability.sd3-5-large-v1:0", "stability.stable-image-core-v1:1", "stability.stable-image-ultra-v1:1"),
        {"prompt": "A workflow as a river delta", "mode": "text-to-image", "aspect_ratio": "1:1", "output_format": "jpeg"},
        "Body.images[0]",
    ),
)


def family(model: str) -> Family | None:
    """The family of a model id, inference profile or ARN of one; None where its beginning tells nothing."""
    plain = _REGION.sub("", _ARN.sub("", model.strip()))
    exact = next((f for f in FAMILIES if any(_REGION.sub("", m) == plain for m in f.models)), None)
    fits = [f for f in FAMILIES if plain.startswith(f.prefix)]
    return exact or max(fits, key=lambda f: len(f.prefix), default=None)
