"""Bedrock's models and knowledge bases on this machine: InvokeModel, Converse, Retrieve, RetrieveAndGenerate.

After a mock, a model server that is configured answers (`models_server`), its answers told in the form of the model's provider (`bedrock_formats`,
`bedrock_converse`). A knowledge base is a folder beside the workflow (`knowledge`). What neither answers is left to AWS, where a run may call it.

`bedrock:invokeModel` reads its request from `Input.S3Uri` and writes the response to `Output.S3Uri` wherever it is answered.

Errors: as Bedrock's: `Bedrock.` or `BedrockRuntime.` (the SDK integration) with `ValidationException`, `ThrottlingException`, `ModelErrorException`,
`ModelTimeoutException` …; `Studio.Unsupported` for what a local model has no words for.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import base64
import json
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.asl.tree import Json
from studio.asl.values import Failure, to_aws_text
from studio.errors import SettingsError
from studio.exec.effects import RunTask
from studio.exec.performers import aws_sdk, bedrock_converse, knowledge, models_server
from studio.exec.performers.bedrock_chat import FormatError, Unsupported, said
from studio.exec.performers.bedrock_formats import base_model, form_of
from studio.exec.performers.mock import Answer, Returned

_CODES = {
    400: "ValidationException",
    401: "AccessDeniedException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    422: "ValidationException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
    504: "ModelTimeoutException",
}
_PROMPT = (
    "You are a question answering agent. Answer the user's question using only the search results. If they do not hold the answer, say that you "
    "could not find an exact answer.\n\nHere are the search results in numbered order:\n$search_results$\n\n$output_format_instructions$"
)

Address = Callable[[], str] | None


def performer_for(effect: RunTask, folder: Path | None, aws: Address, *, real: bool) -> Callable[[RunTask], Answer] | None:
    """Who answers a Bedrock task here; None where it is left to AWS or to nobody. `folder` is the workflow's."""
    resource = effect.resource
    match f"{resource.type}:{resource.action}":
        case "bedrock:invokeModel":
            if _server_named():
                return lambda task: _invoked(task, aws, real=real)
            if real or aws_sdk.endpoint_of("bedrock-runtime", None) is not None:
                return lambda task: _through_s3(task, aws, real=real)
        case "aws-sdk:bedrockruntime:invokeModel" if _server_named():
            return lambda task: _invoked(task, aws, real=real)
        case "aws-sdk:bedrockruntime:converse" if _server_named():
            return lambda task: _conversed(task, aws, real=real)
        case "aws-sdk:bedrockagentruntime:retrieve" if not real and _knowledge(effect, folder) is not None:
            return lambda task: _retrieved(task, folder)
        case "aws-sdk:bedrockagentruntime:retrieveAndGenerate" if not real and _knowledge(effect, folder) is not None and _server_named():
            return lambda task: _generated(task, folder)
        case _:
            pass
    return None


def missing(effect: RunTask, folder: Path | None) -> str | None:
    """What to do where nothing answers a Bedrock task, beside mocking it."""
    action = effect.resource.action
    if action in {"retrieve", "retrieveAndGenerate"}:
        name = knowledge_base(effect) or "<KnowledgeBaseId>"
        told = [f"put documents (.md, .txt) into knowledge/{name}/ beside the workflow"] if _knowledge(effect, folder) is None else []
        if action == "retrieveAndGenerate" and not _server_named():
            told.append("name a model server in ASL_STUDIO_MODELS_URL")
        return f"Or {' and '.join(told)}." if told else None
    if action in {"invokeModel", "converse"}:
        return (
            "Or name a model server on this machine that speaks the OpenAI API (Ollama, llama.cpp, vLLM) in ASL_STUDIO_MODELS_URL, for example "
            "http://127.0.0.1:11434/v1; or run with --target aws to ask Amazon Bedrock itself."
        )
    return None


def _server_named() -> bool:
    return bool(os.environ.get("ASL_STUDIO_MODELS_URL", "").strip())


class _Refusal(Exception):  # noqa: N818 - becomes a Failure
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def _answered(effect: RunTask, work: Callable[[], Json]) -> Answer:
    """The result of `work`, its errors as Bedrock's."""
    optimized = effect.resource.kind != "sdk"
    prefix = "Bedrock" if optimized else "BedrockAgentRuntime" if "agent" in effect.resource.type else "BedrockRuntime"
    try:
        return Returned(work())
    except _Refusal as error:
        code, message, status = error.code, error.message, error.status
    except models_server.Refused as error:
        code, message, status = _CODES.get(error.status, "ModelErrorException"), error.message, error.status
        if status == 0:
            return Failure(f"{prefix}.SdkClientException", f"{message} (Service: {prefix}, Status Code: 0)")
    except TimeoutError:
        if effect.deadline is not None and time.time() >= effect.deadline:
            return Failure("States.Timeout", "")
        code, message, status = "ModelTimeoutException", "The model did not answer in time.", 408
    except Unsupported as error:
        return Failure("Studio.Unsupported", f"{error} Mock the state '{effect.state.name}', or run with --target aws.")
    except SettingsError as error:
        return Failure("Studio.Settings", str(error))
    except FormatError as error:
        code, message, status = "ValidationException", str(error), 400
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        code, message, status = "ValidationException", f"Malformed input request: {type(error).__name__}: {error}", 400
    request = uuid.uuid4()
    if optimized:
        detail = f"(Service: BedrockRuntime; Status Code: {status}; Error Code: {code}; Request ID: {request}; Proxy: null)"
    else:
        detail = f"(Service: {prefix}, Status Code: {status}, Request ID: {request}) (SDK Attempt Count: 1)"
    return Failure(f"{prefix}.{code}", f"{message} {detail}")


def _asked_server() -> models_server.Server:
    server = models_server.configured()
    assert server is not None
    return server


def _invoked(effect: RunTask, aws: Address, *, real: bool) -> Answer:
    """InvokeModel by the local server."""

    def work() -> Json:
        given = _given(effect)
        model = _text(given, "ModelId")
        optimized = effect.resource.kind != "sdk"
        body = _request_body(given, effect, aws, real=real) if optimized else _read(given.get("Body"))
        form = form_of(model, body)
        request = form.asked(body)
        answer = _asked_server().ask(request.kind, base_model(model), request.body, effect.deadline)
        response = form.answered(body, answer, model)
        if not optimized:
            return {"Body": to_aws_text(response), "ContentType": "application/json"}
        return _delivered(given, response, effect, aws, real=real)

    return _answered(effect, work)


def _through_s3(effect: RunTask, aws: Address, *, real: bool) -> Answer:
    """`bedrock:invokeModel` at an endpoint of Bedrock's, with the request and the response through S3 where the task asks for it."""
    from botocore.exceptions import BotoCoreError, ClientError

    given = _given(effect)
    endpoint = None if real else aws_sdk.endpoint_of("bedrock-runtime", None)
    client = aws_sdk.client("bedrock-runtime", effect.resource.region, endpoint, real)

    def work() -> Json:
        named = {
            "ModelId": "modelId",
            "GuardrailIdentifier": "guardrailIdentifier",
            "GuardrailVersion": "guardrailVersion",
            "Trace": "trace",
        }
        arguments = {name: given[key] for key, name in named.items() if key in given}
        body = to_aws_text(_request_body(given, effect, aws, real=real)).encode("utf-8")
        try:
            answer = client.invoke_model(body=body, contentType="application/json", accept="application/json", **arguments)
            response: Json = json.loads(answer["body"].read())
        except ClientError as error:
            told: Any = error.response
            code, status = told["Error"].get("Code", "Unknown"), told["ResponseMetadata"].get("HTTPStatusCode", 400)
            raise _Refusal(code, told["Error"].get("Message", code), status) from error
        except BotoCoreError as error:
            raise models_server.Refused(0, str(error)) from error
        return _delivered(given, response, effect, aws, real=real)

    return _answered(effect, work)


def _conversed(effect: RunTask, aws: Address, *, real: bool) -> Answer:
    def work() -> Json:
        given = _given(effect)
        model = _text(given, "ModelId")
        body = bedrock_converse.lower(given)
        body["messages"] = _with_objects(body.get("messages"), effect, aws, real=real)
        started = time.monotonic()
        request = bedrock_converse.asked(body)
        answer = said(_asked_server().ask(request.kind, base_model(model), request.body, effect.deadline))
        return bedrock_converse.pascal(bedrock_converse.answered(answer, int((time.monotonic() - started) * 1000)))

    return _answered(effect, work)


def knowledge_base(effect: RunTask) -> str | None:
    """The ID of the knowledge base a task asks."""
    given = effect.arguments if isinstance(effect.arguments, dict) else {}
    match given:
        case {"KnowledgeBaseId": str(name)}:
            return name
        case {"RetrieveAndGenerateConfiguration": {"KnowledgeBaseConfiguration": {"KnowledgeBaseId": str(name)}}}:
            return name
        case _:
            return None


def _knowledge(effect: RunTask, folder: Path | None) -> Path | None:
    name = knowledge_base(effect)
    return knowledge.folder_of(folder, name) if folder is not None and name is not None else None


def _retrieved(effect: RunTask, folder: Path | None) -> Answer:
    def work() -> Json:
        given = _given(effect)
        if given.get("NextToken"):
            raise _Refusal("ValidationException", "The provided nextToken is not valid.")
        documents = _knowledge(effect, folder)
        assert documents is not None
        query = given["RetrievalQuery"]["Text"]
        return {"RetrievalResults": [hit.shown() for hit in knowledge.search(documents, query, given.get("RetrievalConfiguration") or {})]}

    return _answered(effect, work)


def _generated(effect: RunTask, folder: Path | None) -> Answer:
    """RetrieveAndGenerate: the passages found, and what the local server makes of them."""

    def work() -> Json:
        given = _given(effect)
        config: Any = given["RetrieveAndGenerateConfiguration"]["KnowledgeBaseConfiguration"]  # type: ignore[index, call-overload]
        documents = _knowledge(effect, folder)
        assert documents is not None
        query: Any = given["Input"]["Text"]  # type: ignore[index, call-overload]
        hits = knowledge.search(documents, query, config.get("RetrievalConfiguration") or {})
        generation = config.get("GenerationConfiguration") or {}
        template = (generation.get("PromptTemplate") or {}).get("TextPromptTemplate") or _PROMPT
        results = "\n\n".join(f"[{number}] {hit.text}" for number, hit in enumerate(hits, 1))
        prompt = template.replace("$search_results$", results).replace("$output_format_instructions$", "").replace("$query$", query)
        options = bedrock_converse.lower((generation.get("InferenceConfig") or {}).get("TextInferenceConfig") or {})
        messages = [{"role": "user", "content": [{"text": query}]}]
        request = bedrock_converse.asked({"system": [{"text": prompt.strip()}], "messages": messages, "inferenceConfig": options})
        model = base_model(str(config["ModelArn"]))
        text = said(_asked_server().ask(request.kind, model, request.body, effect.deadline)).text
        references: list[Json] = [{k: v for k, v in hit.shown().items() if k != "Score"} for hit in hits]
        part: Json = {"TextResponsePart": {"Span": {"End": max(0, len(text) - 1), "Start": 0}, "Text": text}}
        citations: list[Json] = [{"GeneratedResponsePart": part, "RetrievedReferences": references}]
        return {"Citations": citations, "Output": {"Text": text}, "SessionId": given.get("SessionId") or str(uuid.uuid4())}

    return _answered(effect, work)


# Requests and responses


def _given(effect: RunTask) -> dict[str, Any]:
    return dict(effect.arguments) if isinstance(effect.arguments, dict) else {}


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise _Refusal("ValidationException", f"The field '{name}' is required but was missing.")
    return value


def _read(body: Any) -> dict[str, Any]:
    """A body given as JSON or as its text."""
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError as error:
            raise FormatError(f"Malformed input request: the body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise FormatError(
            "Malformed input request: expected type: JSONObject, found: something else, please reformat your input and try again."
        )
    return body


def _request_body(given: dict[str, Any], effect: RunTask, aws: Address, *, real: bool) -> dict[str, Any]:
    source = (given.get("Input") or {}).get("S3Uri")
    if source and "Body" in given:
        raise _Refusal("ValidationException", "Specify either Body or Input, not both.")
    return _read(_fetched(source, effect, aws, real=real).decode("utf-8")) if source else _read(given.get("Body"))


def _delivered(given: dict[str, Any], response: Json, effect: RunTask, aws: Address, *, real: bool) -> Json:
    """The result of `bedrock:invokeModel`: the response, or where in S3 it now is."""
    target = (given.get("Output") or {}).get("S3Uri")
    if not target:
        return {"Body": response, "ContentType": "application/json"}
    bucket, key = _place(target)
    text = to_aws_text(response).encode("utf-8")
    _s3(lambda client: client.put_object(Bucket=bucket, Key=key, Body=text, ContentType="application/json"), effect, aws, real=real)
    return {"Body": {"S3Uri": target}, "ContentType": "application/json"}


def _with_objects(value: Any, effect: RunTask, aws: Address, *, real: bool) -> Any:
    """A conversation with the objects it names in S3 read into it."""
    match value:
        case {"s3Location": {"uri": str(uri)}}:
            return {"bytes": base64.b64encode(_fetched(uri, effect, aws, real=real)).decode("ascii")}
        case dict():
            return {name: _with_objects(inner, effect, aws, real=real) for name, inner in value.items()}
        case list():
            return [_with_objects(inner, effect, aws, real=real) for inner in value]
        case _:
            return value


def _place(uri: Any) -> tuple[str, str]:
    if not isinstance(uri, str) or not uri.startswith("s3://") or "/" not in uri[5:]:
        raise _Refusal("ValidationException", f"'{uri}' is no address of an S3 object: s3://bucket/key.")
    bucket, _, key = uri[5:].partition("/")
    return bucket, key


def _fetched(uri: Any, effect: RunTask, aws: Address, *, real: bool) -> bytes:
    bucket, key = _place(uri)
    return _s3(lambda client: client.get_object(Bucket=bucket, Key=key)["Body"].read(), effect, aws, real=real)


def _s3(work: Callable[[Any], Any], effect: RunTask, aws: Address, *, real: bool) -> Any:
    """Something done with S3: AWS's, the environment's or the sandbox's."""
    from botocore.exceptions import BotoCoreError, ClientError

    endpoint = None if real else aws_sdk.endpoint_of("s3", aws)
    if endpoint is None and not real:
        raise Unsupported("The task goes through S3, and there is no S3 here: run with --target sandbox, or set AWS_ENDPOINT_URL_S3.")
    try:
        return work(aws_sdk.client("s3", effect.resource.region, endpoint, real))
    except ClientError as error:
        told: Any = error.response
        status = told.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        code = "AccessDeniedException" if status == 403 else "ValidationException"
        raise _Refusal(code, f"S3: {told['Error'].get('Message', error)}", status) from error
    except BotoCoreError as error:
        raise models_server.Refused(0, str(error)) from error
