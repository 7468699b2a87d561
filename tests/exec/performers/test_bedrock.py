"""Bedrock's tasks answered by a model server on this machine (a fake one) and by a folder of documents."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from studio.exec.driver import Outcome, run_once
from studio.exec.performers import Performers, aws_sdk
from studio.exec.performers.mock import Mocks
from studio.exec.performers.sandbox import Sandbox

CLAUDE = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
BODY = {"max_tokens": 5, "messages": [{"role": "user", "content": "Q"}]}
INVOKE, CONVERSE = "bedrock:invokeModel", "aws-sdk:bedrockruntime:converse"
MESSAGE = [{"Role": "user", "Content": [{"Text": "Q"}]}]


class Fake:
    """A server of the OpenAI API: `asked` holds what came, `status` and `answer` what goes."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.status, self.answer = 200, None
        self.models = ["nomic-embed-text", "llama3.2", "other"]
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, {"data": [{"id": name} for name in fake.models]})

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.asked.append((self.path, self.headers.get("Authorization", ""), request))
                self._send(fake.status, fake.answer if fake.answer is not None else answer_to(self.path, request))

            def _send(self, status: int, told: Any) -> None:
                body = told.encode() if isinstance(told, str) else json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


def answer_to(path: str, request: Any) -> Any:
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    if path.endswith("embeddings"):
        return {"data": [{"index": 0, "embedding": [0.5, 1.0]}], "usage": usage}
    if path.endswith("images/generations"):
        return {"data": [{"b64_json": "QUJD"}]}
    return {"id": "c1", "choices": [{"message": {"content": f"{request['model']} says T"}, "finish_reason": "stop"}], "usage": usage}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    made = Fake()
    monkeypatch.setenv("ASL_STUDIO_MODELS_URL", made.url)
    yield made
    made.server.shutdown()
    made.server.server_close()


def ran(resource: str, parameters: Any, performers: Performers | None = None, folder: Path | None = None, **more: Any) -> Outcome:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True, **more}
    functions = folder / "functions" if folder is not None else None
    return run_once({"StartAt": "A", "States": {"A": task}}, {}, performers=performers or Performers(functions=functions))


@pytest.mark.parametrize(
    ("resource", "parameters", "path", "model", "expected"),
    [
        (
            INVOKE,
            {"ModelId": CLAUDE, "Body": BODY},
            "/v1/chat/completions",
            "llama3.2",
            {
                "Body": {
                    "id": "msg_c1",
                    "type": "message",
                    "role": "assistant",
                    "model": "claude-haiku-4-5-20251001",
                    "content": [{"type": "text", "text": "llama3.2 says T"}],
                    "stop_reason": "end_turn",
                    "stop_sequence": None,
                    "usage": {"input_tokens": 7, "output_tokens": 3},
                },
                "ContentType": "application/json",
            },
        ),
        (
            INVOKE,
            {"ModelId": "amazon.titan-embed-text-v2:0", "Body": {"inputText": "Q"}},
            "/v1/embeddings",
            "nomic-embed-text",
            {"Body": {"embedding": [0.5, 1.0], "inputTextTokenCount": 7}, "ContentType": "application/json"},
        ),
        (
            INVOKE,
            {"ModelId": "stability.stable-diffusion-xl-v1", "Body": {"text_prompts": [{"text": "Q"}]}},
            "/v1/images/generations",
            "nomic-embed-text",
            {
                "Body": {"result": "success", "artifacts": [{"seed": 0, "base64": "QUJD", "finishReason": "SUCCESS"}]},
                "ContentType": "application/json",
            },
        ),
        (
            "aws-sdk:bedrockruntime:invokeModel",
            {"ModelId": "cohere.command-text-v14", "Body": '{"prompt": "Q"}'},
            "/v1/chat/completions",
            "llama3.2",
            {
                "Body": '{"generations":[{"finish_reason":"COMPLETE","id":"c1-0","text":"llama3.2 says T"}],"id":"c1","prompt":"Q"}',
                "ContentType": "application/json",
            },
        ),
    ],
    ids=["Claude", "embeddings", "images", "SDK"],
)
def test_a_model_server_answers(fake: Fake, resource: str, parameters: Any, path: str, model: str, expected: Any) -> None:
    outcome = ran(resource, parameters)
    assert (outcome.status, outcome.output, outcome.cause) == ("SUCCEEDED", expected, None)
    assert [(where, request["model"]) for where, _, request in fake.asked] == [(path, model)]


def test_converse_is_answered(fake: Fake) -> None:
    outcome = ran(CONVERSE, {"ModelId": "us.amazon.nova-pro-v1:0", "Messages": MESSAGE})
    found: Any = outcome.output
    assert found.pop("Metrics")["LatencyMs"] >= 0
    assert found == {
        "Output": {"Message": {"Role": "assistant", "Content": [{"Text": "llama3.2 says T"}]}},
        "StopReason": "end_turn",
        "Usage": {"InputTokens": 7, "OutputTokens": 3, "TotalTokens": 10},
    }


@pytest.mark.parametrize(
    ("names", "model"),
    [
        ({"anthropic.claude-haiku-*": "small", "*": "any"}, "small"),
        ({"meta.*": "small", "*": "any"}, "any"),
        ({"meta.*": "small"}, "llama3.2"),
    ],
)
def test_the_map_names_the_model(fake: Fake, monkeypatch: pytest.MonkeyPatch, names: dict[str, str], model: str) -> None:
    monkeypatch.setenv("ASL_STUDIO_MODELS_MAP", json.dumps(names))
    monkeypatch.setenv("ASL_STUDIO_MODELS_KEY", "secret")
    monkeypatch.setenv("ASL_STUDIO_MODELS_URL", f"{fake.url}/v1/")
    ran(INVOKE, {"ModelId": CLAUDE, "Body": BODY})
    assert [(path, key, request["model"]) for path, key, request in fake.asked] == [("/v1/chat/completions", "Bearer secret", model)]


def test_a_mock_goes_before_the_server(fake: Fake) -> None:
    mocks = Mocks.load(
        {"StateMachines": {"W": {"TestCases": {"Happy": {"A": "R"}}}}, "MockedResponses": {"R": {"0": {"Return": {"Body": 1}}}}}
    )
    assert ran(INVOKE, {"ModelId": CLAUDE, "Body": BODY}, Performers(mocks=mocks)).output == {"Body": 1}
    assert fake.asked == []


@pytest.mark.parametrize(
    ("resource", "status", "answer", "error", "what"),
    [
        (
            INVOKE,
            429,
            {"error": {"message": "slow down"}},
            "Bedrock.ThrottlingException",
            "slow down (Service: BedrockRuntime; Status Code: 429; ",
        ),
        (
            CONVERSE,
            429,
            {"error": "busy"},
            "BedrockRuntime.ThrottlingException",
            "busy (Service: BedrockRuntime, Status Code: 429, Request ID: ",
        ),
        (INVOKE, 404, {"error": {"message": "model 'x' not found"}}, "Bedrock.ResourceNotFoundException", "model 'x' not found"),
        (INVOKE, 400, {"detail": "too long"}, "Bedrock.ValidationException", "too long"),
        (INVOKE, 401, {"message": "key?"}, "Bedrock.AccessDeniedException", "key?"),
        (INVOKE, 500, {"error": {"message": "oops"}}, "Bedrock.InternalServerException", "oops"),
        (INVOKE, 502, "<html>", "Bedrock.ModelErrorException", "The model server answered no JSON: <html>"),
        (INVOKE, 200, "no", "Bedrock.ModelErrorException", "The model server answered no JSON: no"),
        (INVOKE, 200, {"a": 1}, "Bedrock.ValidationException", 'the model server\'s answer is no chat completion: {"a": 1}'),
    ],
)
def test_the_servers_errors_are_bedrocks(fake: Fake, resource: str, status: int, answer: Any, error: str, what: str) -> None:
    fake.status, fake.answer = status, answer
    outcome = ran(resource, {"ModelId": CLAUDE, "Body": BODY} if resource == INVOKE else {"ModelId": CLAUDE, "Messages": MESSAGE})
    assert (outcome.error, (outcome.cause or "")[: len(what)]) == (error, what)


@pytest.mark.parametrize(
    ("resource", "parameters", "error", "what"),
    [
        (INVOKE, {"ModelId": CLAUDE, "Body": {"max_tokens": 5}}, "Bedrock.ValidationException", "required key [messages] not found"),
        (
            INVOKE,
            {"ModelId": CLAUDE, "Body": {"max_tokens": 5, "messages": 7}},
            "Bedrock.ValidationException",
            "Malformed input request: TypeError",
        ),
        (INVOKE, {"ModelId": CLAUDE, "Body": [1]}, "Bedrock.ValidationException", "expected type: JSONObject"),
        (INVOKE, {"Body": BODY}, "Bedrock.ValidationException", "'ModelId' is required"),
        (INVOKE, {"ModelId": "who.knows", "Body": BODY}, "Studio.Unsupported", "no provider whose form is known here"),
        (INVOKE, {"ModelId": CLAUDE, "Input": {"S3Uri": "s3://b/k"}, "Body": BODY}, "Bedrock.ValidationException", "not both"),
        (
            INVOKE,
            {"ModelId": CLAUDE, "Input": {"S3Uri": "s3://b/k"}},
            "Studio.Unsupported",
            "there is no S3 here: run with --target sandbox",
        ),
        (CONVERSE, {"ModelId": CLAUDE, "Messages": []}, "BedrockRuntime.ValidationException", "at least one message"),
        (
            CONVERSE,
            {"ModelId": CLAUDE, "Messages": [{"Role": "user", "Content": [{"Video": {}}]}]},
            "Studio.Unsupported",
            "Mock the state 'A'",
        ),
    ],
)
def test_a_request_that_is_refused(fake: Fake, resource: str, parameters: Any, error: str, what: str) -> None:
    outcome = ran(resource, parameters)
    assert (outcome.error, what in (outcome.cause or "")) == (error, True), outcome.cause
    assert fake.asked == []


@pytest.mark.parametrize(
    ("url", "names", "error", "what"),
    [
        ("ftp://x", "", "Studio.Settings", "ASL_STUDIO_MODELS_URL is no address: ftp://x"),
        ("http://127.0.0.1:1", "[", "Studio.Settings", "ASL_STUDIO_MODELS_MAP is no JSON object"),
        ("http://127.0.0.1:1", '{"*": "x"}', "Bedrock.SdkClientException", "The model server http://127.0.0.1:1/v1 cannot be reached"),
    ],
)
def test_a_server_that_is_none(monkeypatch: pytest.MonkeyPatch, url: str, names: str, error: str, what: str) -> None:
    monkeypatch.setenv("ASL_STUDIO_MODELS_URL", url)
    monkeypatch.setenv("ASL_STUDIO_MODELS_MAP", names)
    outcome = ran(INVOKE, {"ModelId": CLAUDE, "Body": BODY})
    assert (outcome.error, (outcome.cause or "")[: len(what)]) == (error, what)


def test_a_server_without_a_fitting_model(fake: Fake) -> None:
    fake.models = ["nomic-embed-text"]
    outcome = ran(INVOKE, {"ModelId": CLAUDE, "Body": BODY})
    assert outcome.error == "Bedrock.ResourceNotFoundException"
    assert "has no model for chat (nomic-embed-text); name one in ASL_STUDIO_MODELS_MAP" in (outcome.cause or "")


@pytest.mark.parametrize(
    ("resource", "parameters", "what"),
    [
        (INVOKE, {"ModelId": CLAUDE, "Body": BODY}, "Or name a model server on this machine"),
        (CONVERSE, {"ModelId": CLAUDE, "Messages": MESSAGE}, "or run with --target aws"),
        (
            "aws-sdk:bedrockagentruntime:retrieve",
            {"KnowledgeBaseId": "KB1", "RetrievalQuery": {"Text": "Q"}},
            "Or put documents (.md, .txt) into knowledge/KB1/",
        ),
    ],
)
def test_nobody_answers(tmp_path: Path, resource: str, parameters: Any, what: str) -> None:
    outcome = ran(resource, parameters, folder=tmp_path)
    assert (outcome.error, what in (outcome.cause or "")) == ("Studio.NoMock", True), outcome.cause


def test_real_bedrock_is_asked_where_the_target_is_aws_and_no_server_is_configured(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """At an endpoint, as at AWS: the request goes out as Bedrock's own."""
    monkeypatch.delenv("ASL_STUDIO_MODELS_URL")
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", fake.url)
    fake.answer = {"generation": "T"}
    outcome = ran(INVOKE, {"ModelId": "meta.llama2-13b-chat-v1", "Body": {"prompt": "Q"}})
    assert outcome.output == {"Body": {"generation": "T"}, "ContentType": "application/json"}
    assert [(path, request) for path, _, request in fake.asked] == [("/model/meta.llama2-13b-chat-v1/invoke", {"prompt": "Q"})]


@pytest.mark.xdist_group("sandbox")
def test_large_payloads_go_through_s3(fake: Fake) -> None:
    sandbox = Sandbox()
    try:
        s3 = aws_sdk.client("s3", "us-east-1", sandbox.endpoint())
        s3.create_bucket(Bucket="example-models")
        s3.put_object(Bucket="example-models", Key="in.json", Body=json.dumps({"prompt": "x" * 300_000}))
        s3.put_object(Bucket="example-models", Key="a.png", Body=b"ABC")
        world = Performers(aws=sandbox.endpoint)
        where = {"Input": {"S3Uri": "s3://example-models/in.json"}, "Output": {"S3Uri": "s3://example-models/out/a.json"}}
        outcome = ran(INVOKE, {"ModelId": "meta.llama2-13b-chat-v1", **where}, world)
        assert outcome.output == {"Body": {"S3Uri": "s3://example-models/out/a.json"}, "ContentType": "application/json"}
        kept = json.loads(s3.get_object(Bucket="example-models", Key="out/a.json")["Body"].read())
        assert kept == {"generation": "llama3.2 says T", "prompt_token_count": 7, "generation_token_count": 3, "stop_reason": "stop"}
        assert len(fake.asked[0][2]["messages"][0]["content"]) == 300_000

        image = {"Image": {"Format": "png", "Source": {"S3Location": {"Uri": "s3://example-models/a.png"}}}}
        ran(CONVERSE, {"ModelId": CLAUDE, "Messages": [{"Role": "user", "Content": [image]}]}, world)
        assert fake.asked[1][2]["messages"][0]["content"] == [{"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}]

        gone = ran(INVOKE, {"ModelId": CLAUDE, "Input": {"S3Uri": "s3://example-models/no.json"}}, world)
        assert (gone.error, (gone.cause or "")[:40]) == ("Bedrock.ValidationException", "S3: The specified key does not exist. (S")
    finally:
        sandbox.close()


def test_a_knowledge_base_beside_the_workflow(tmp_path: Path, fake: Fake) -> None:
    documents = tmp_path / "knowledge" / "KB1"
    documents.mkdir(parents=True)
    (documents / "team.md").write_text("Twelve engineers work here.")
    asked = {"KnowledgeBaseId": "KB1", "RetrievalQuery": {"Text": "How many engineers?"}}
    found: Any = ran("aws-sdk:bedrockagentruntime:retrieve", asked, folder=tmp_path).output
    score = found["RetrievalResults"][0].pop("Score")
    passage = {
        "Content": {"Text": "Twelve engineers work here.", "Type": "TEXT"},
        "Location": {"S3Location": {"Uri": "s3://knowledge/KB1/team.md"}, "Type": "S3"},
        "Metadata": {"x-amz-bedrock-kb-source-uri": "s3://knowledge/KB1/team.md"},
    }
    assert (found, 0 < score < 1) == ({"RetrievalResults": [passage]}, True)

    outcome = ran(
        "aws-sdk:bedrockagentruntime:retrieveAndGenerate",
        {
            "Input": {"Text": "How many engineers?"},
            "RetrieveAndGenerateConfiguration": {
                "Type": "KNOWLEDGE_BASE",
                "KnowledgeBaseConfiguration": {
                    "KnowledgeBaseId": "KB1",
                    "ModelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{CLAUDE}",
                    "GenerationConfiguration": {
                        "PromptTemplate": {"TextPromptTemplate": "Use this:\n$search_results$"},
                        "InferenceConfig": {"TextInferenceConfig": {"MaxTokens": 9}},
                    },
                },
            },
        },
        folder=tmp_path,
    )
    told: Any = outcome.output
    assert re.fullmatch(r"[0-9a-f-]{36}", told.pop("SessionId"))
    text = {"Span": {"End": 14, "Start": 0}, "Text": "llama3.2 says T"}
    cited = [{"GeneratedResponsePart": {"TextResponsePart": text}, "RetrievedReferences": [passage]}]
    assert told == {"Citations": cited, "Output": {"Text": "llama3.2 says T"}}
    assert fake.asked[0][2] == {
        "model": "llama3.2",
        "messages": [
            {"role": "system", "content": "Use this:\n[1] Twelve engineers work here."},
            {"role": "user", "content": "How many engineers?"},
        ],
        "max_tokens": 9,
    }
